//! The channel page: counts written for people, in three layouts.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::Value as Json;

use super::{YOUTUBE_WEB, is_channel_id, path_of, profile_url, subscribers};
use crate::domain::failure::FailureKind;
use crate::domain::metric::{Origin, Provenance};
use crate::domain::reading::{PublicProfile, Reading, Reported};
use crate::outbound::{Call, Outbound};
use crate::platforms::fields::{at, clean, required_text, text, web_address};
use crate::platforms::page::{Shown, asks_to_sign_in, assigned, html, settled, shown_count};
use crate::platforms::{Connected, FetchError};

/// Words for subscribers; we ask for English, but the page may decide otherwise.
const SUBSCRIBERS: [&str; 7] = ["subscriber", "abonnent", "abonné", "suscriptor", "iscritt", "inscrito", "subskryb"];
/// Words for videos.
const VIDEOS: [&str; 4] = ["video", "vídeo", "vidéo", "wideo"];
/// How deep the page is searched for its "about" part.
const MAX_DEPTH: usize = 48;

/// What a channel page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageChannel {
    /// The channel's id.
    pub id: String,
    /// Its handle, without `@`.
    pub handle: Option<String>,
    /// Subscribers; `None` when the page shows a channel without them.
    pub subscribers: Option<Shown>,
    /// Videos.
    pub videos: Option<Shown>,
    /// Views of all videos; only some layouts tell.
    pub views: Option<Shown>,
    /// Name, picture and text.
    pub profile: PublicProfile,
}

pub(super) async fn fetch(http: &Outbound, account: &Connected, channel: Option<&str>) -> Result<Reading, FetchError> {
    // <https://www.youtube.com/@YouTube>: a page for people, without a document of its own.
    let call = Call::get(YOUTUBE_WEB, path_of(channel.unwrap_or(&account.handle)));
    let call = call.header("accept-language", "en").header("cookie", "SOCS=CAI; CONSENT=YES+1");
    let found = parse_channel_page(&html(&http.send(&call).await?)?)?;
    if channel.is_some_and(|asked| asked != found.id) {
        return Err(FetchError::new(FailureKind::AccountMismatch).because("another channel id answered"));
    }
    let asked_by_id = is_channel_id(&account.handle);
    let account_id = settled(account, &found.id, found.handle.as_deref().filter(|_| !asked_by_id))?;
    reading(account, account_id, found)
}

fn reading(account: &Connected, account_id: String, found: PageChannel) -> Result<Reading, FetchError> {
    let hidden = || FetchError::new(FailureKind::Private).because("the channel shows no subscriber count");
    let shown = found.subscribers.ok_or_else(hidden)?;
    let count =
        |shown: Shown| if shown.shortened { Reported::rounded(shown.value) } else { Reported::exact(shown.value) };
    let mut numbers = BTreeMap::from([("subscribers", subscribers(shown.value))]);
    numbers.extend(found.videos.map(|n| ("videos", count(n))));
    numbers.extend(found.views.map(|n| ("views", count(n))));
    let username = found.handle.unwrap_or_else(|| account.handle.clone());
    Ok(Reading::of(
        account_id,
        PublicProfile { url: Some(profile_url(&username)), username, ..found.profile },
        Origin {
            source: "YouTube channel page".to_owned(),
            provenance: Provenance::PublicPage,
            api_version: None,
            api_version_answered: None,
        },
        numbers,
    ))
}

/// Reads a channel page.
///
/// # Errors
/// `login_wall` for the consent page, `blocked` for a challenge, `not_found` for a removed channel, else `schema`.
pub fn parse_channel_page(html: &str) -> Result<PageChannel, FetchError> {
    if let Some(data) = assigned(html, "ytInitialData")? {
        return parse_browse(&data);
    }
    let (kind, detail) = if html.contains("consent.youtube.com") || html.contains("consent.google.com") {
        (FailureKind::LoginWall, "YouTube asks for consent to cookies")
    } else if html.contains("/recaptcha/") || html.contains("unusual traffic") {
        (FailureKind::Blocked, "YouTube asks for a captcha")
    } else if asks_to_sign_in(html) {
        (FailureKind::LoginWall, "YouTube asks to sign in")
    } else {
        (FailureKind::Schema, "the page holds no data")
    };
    Err(FetchError::new(kind).because(detail))
}

/// Reads the data of a channel page.
///
/// # Errors
/// `not_found` for an alert without a channel; `schema` when no known layout shows any count.
pub fn parse_browse(data: &Json) -> Result<PageChannel, FetchError> {
    let Some(metadata) = at(data, "/metadata/channelMetadataRenderer") else {
        let alerts = at(data, "/alerts").and_then(Json::as_array);
        return Err(if alerts.is_some_and(|alerts| !alerts.is_empty()) {
            FetchError::new(FailureKind::NotFound).because("the channel was removed or does not exist")
        } else {
            FetchError::new(FailureKind::Schema).because("channelMetadataRenderer is missing")
        });
    };
    let id = required_text(metadata, "/externalId")?;
    let (texts, all_read) = header_texts(data);
    let about = about(data, &id);
    let named = |words: &[&str], field: &str| {
        let in_header = texts.iter().find(|text| mentions(text, words)).cloned();
        in_header.or_else(|| plain_text(about?.get(field)?)).and_then(|text| shown_count(&text))
    };
    let (subscribers, videos) = (named(&SUBSCRIBERS, "subscriberCountText"), named(&VIDEOS, "videoCountText"));
    let spoken = texts.iter().any(|text| mentions(text, &SUBSCRIBERS) || mentions(text, &VIDEOS));
    let unread = texts.iter().any(|text| mentions(text, &SUBSCRIBERS) && has_digit(text)) || !all_read;
    if (subscribers.is_none() && unread) || (subscribers.is_none() && !spoken && about.is_none()) {
        return Err(FetchError::new(FailureKind::Schema).because("no count could be read from the header"));
    }
    Ok(PageChannel {
        handle: handle(metadata),
        subscribers,
        videos,
        views: about.and_then(|about| plain_text(about.get("viewCountText")?)).and_then(|text| shown_count(&text)),
        profile: PublicProfile {
            username: String::new(),
            name: text(metadata, "/title"),
            avatar: web_address(metadata, "/avatar/thumbnails/0/url"),
            bio: text(metadata, "/description"),
            url: None,
        },
        id,
    })
}

/// The handle in the channel's own address.
fn handle(metadata: &Json) -> Option<String> {
    let address = text(metadata, "/vanityChannelUrl").or_else(|| text(metadata, "/ownerUrls/0"))?;
    let (_, name) = address.rsplit_once("/@")?;
    clean(&percent_decode_str(name).decode_utf8_lossy())
}

/// The texts of the header, in the layout of today (rows that shift) or the one before (fields with names), and
/// whether each of them could be read.
fn header_texts(data: &Json) -> (Vec<String>, bool) {
    let rows = "/header/pageHeaderRenderer/content/pageHeaderViewModel/metadata/contentMetadataViewModel/metadataRows";
    let rows = at(data, rows).and_then(Json::as_array).into_iter().flatten();
    let parts = rows.filter_map(|row| at(row, "/metadataParts")?.as_array()).flatten();
    let named = ["subscriberCountText", "videosCountText"];
    let older = at(data, "/header").and_then(Json::as_object).into_iter().flat_map(|header| header.values());
    let fields = older.flat_map(|header| named.into_iter().filter_map(|name| header.get(name)));
    let found: Vec<Option<String>> = parts.filter_map(|part| part.get("text")).chain(fields).map(plain_text).collect();
    let all_read = found.iter().all(Option::is_some);
    (found.into_iter().flatten().filter(|text| !text.starts_with('@')).collect(), all_read)
}

/// The "about" part of the page, when it is about this channel: other channels stand in the page as well.
fn about<'a>(data: &'a Json, id: &str) -> Option<&'a Json> {
    let own = |model: &Json| model.get("channelId").and_then(Json::as_str).is_none_or(|channel| channel == id);
    ["aboutChannelViewModel", "channelAboutFullMetadataRenderer"]
        .into_iter()
        .find_map(|key| find(data, key, MAX_DEPTH))
        .filter(|model| own(model))
}

fn find<'a>(json: &'a Json, key: &str, depth: usize) -> Option<&'a Json> {
    let next = depth.checked_sub(1)?;
    match json {
        Json::Object(map) => map.get(key).or_else(|| map.values().find_map(|value| find(value, key, next))),
        Json::Array(items) => items.iter().find_map(|value| find(value, key, next)),
        _ => None,
    }
}

/// A text in any of the shapes the page writes one.
fn plain_text(json: &Json) -> Option<String> {
    let runs = || {
        let runs = at(json, "/runs")?.as_array()?;
        Some(runs.iter().take(16).filter_map(|run| run.get("text")?.as_str()).collect::<String>())
    };
    let whole = json.as_str().or_else(|| json.get("simpleText")?.as_str()).or_else(|| json.get("content")?.as_str());
    whole.map(str::to_owned).or_else(runs).and_then(|text| clean(&text))
}

fn mentions(text: &str, words: &[&str]) -> bool {
    let text = text.to_lowercase();
    words.iter().any(|word| text.contains(word))
}

fn has_digit(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn page(header: &Json) -> Json {
        let metadata = json!({ "channelMetadataRenderer": { "externalId": "UC1", "title": "Mara Bikes",
            "vanityChannelUrl": "http://www.youtube.com/@MaraBikes" } });
        json!({ "header": header, "metadata": metadata })
    }

    fn rows(texts: &[&str]) -> Json {
        let parts: Vec<Json> = texts.iter().map(|text| json!({ "text": { "content": text } })).collect();
        page(
            &json!({ "pageHeaderRenderer": { "content": { "pageHeaderViewModel": { "metadata": { "contentMetadataViewModel": {
            "metadataRows": [{ "metadataParts": [{ "text": { "content": "@3videos" } }] }, {}, { "metadataParts": parts }] } } } } } }),
        )
    }

    #[test]
    fn counts_are_found_in_each_of_the_layouts() {
        let today = parse_browse(&rows(&["48.2K subscribers", "212 videos"])).unwrap();
        assert_eq!(today.subscribers, Some(Shown { value: 48_200, shortened: true }));
        assert_eq!(today.videos, Some(Shown { value: 212, shortened: false }));
        assert_eq!(today.handle.as_deref(), Some("MaraBikes"));
        let older = page(
            &json!({ "c4TabbedHeaderRenderer": { "subscriberCountText": { "simpleText": "48,2\u{a0}K suscriptores" },
            "videosCountText": { "runs": [{ "text": "212" }, { "text": " vídeos" }] } } }),
        );
        assert_eq!(parse_browse(&older).unwrap().subscribers, today.subscribers);
        assert_eq!(parse_browse(&older).unwrap().videos, today.videos);
        let mut about = page(&json!({}));
        about["onResponseReceivedEndpoints"] = json!([{ "x": { "aboutChannelViewModel": { "channelId": "UC1",
            "subscriberCountText": "48.2K subscribers", "viewCountText": "8,123,456 views" } } }]);
        let found = parse_browse(&about).unwrap();
        assert_eq!((found.subscribers, found.views.map(|views| views.value)), (today.subscribers, Some(8_123_456)));
    }

    #[test]
    fn hidden_removed_and_changed_are_told_apart() {
        assert_eq!(parse_browse(&rows(&["212 videos"])).unwrap().subscribers, None);
        let kind = |data: &Json| parse_browse(data).unwrap_err().kind;
        assert_eq!(kind(&rows(&["something else"])), FailureKind::Schema);
        assert_eq!(kind(&rows(&["4.6912 subscribers"])), FailureKind::Schema);
        assert_eq!(kind(&rows(&["-5 subscribers", "212 videos"])), FailureKind::Schema);
        assert_eq!(kind(&rows(&["", "212 videos"])), FailureKind::Schema);
        assert_eq!(kind(&json!({ "alerts": [{}] })), FailureKind::NotFound);
        assert_eq!(kind(&json!({})), FailureKind::Schema);
        let page = |html: &str| parse_channel_page(html).unwrap_err().kind;
        assert_eq!(page("<form action=\"https://consent.youtube.com/s\">"), FailureKind::LoginWall);
        assert_eq!(page("<html></html>"), FailureKind::Schema);
    }

    #[test]
    fn the_about_part_of_another_channel_is_not_taken() {
        let mut data = page(&json!({}));
        data["x"] = json!({ "aboutChannelViewModel": { "channelId": "UC2", "subscriberCountText": "9M subscribers" } });
        assert_eq!(parse_browse(&data).unwrap_err().kind, FailureKind::Schema);
    }
}
