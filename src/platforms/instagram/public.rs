//! Instagram without a token: the site's own profile data, then the description in the profile page. Both are mostly
//! closed to programs; a closed door is a status, and it is not tried again for a day.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value as Json;

use super::INSTAGRAM_WEB;
use crate::domain::engagement;
use crate::domain::failure::FailureKind;
use crate::domain::metric::{Origin, Provenance};
use crate::domain::reading::{Post, PublicProfile, Reading, Reported};
use crate::outbound::{Access, Answer, Call, Outbound};
use crate::platforms::fields::{at, clean, count, flag, id, optional_count, required_text, text, web_address};
use crate::platforms::page::{Shown, html, meta, settled, shown_count, unescaped, web_id};
use crate::platforms::{Connected, FetchError};

const PAUSE: Duration = Duration::from_hours(24);
/// The id under which Instagram's own site asks for profiles.
const SITE_APP_ID: &str = "936619743392459";
/// Ids of professional accounts, as the Graph API knows them, begin like this.
const GRAPH_ID_START: &str = "1784";

/// What Instagram shows to anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicAccount {
    /// The id to pin; a page may lack it.
    pub id: Option<String>,
    /// Followers.
    pub followers: Shown,
    /// Accounts it follows.
    pub following: Option<Shown>,
    /// Posts.
    pub posts: Option<Shown>,
    /// The blue badge.
    pub verified: Option<bool>,
    /// Name, picture and text.
    pub profile: PublicProfile,
    /// The newest posts, where shown.
    pub recent: Vec<Post>,
}

pub(super) async fn fetch(http: &Outbound, account: &Connected) -> Result<Reading, FetchError> {
    // No document: it is what the site itself asks.
    let call = Call::get(INSTAGRAM_WEB, "/api/v1/users/web_profile_info/").query("username", account.handle.as_str());
    let answer = http.send(&call.header("x-ig-app-id", SITE_APP_ID)).await?;
    let by_data = if answer.status == 429 { return Err(closed(&answer)) } else { opened(&answer) }
        .and_then(|answer| parse_web_profile(&answer.json()?));
    let found = match by_data {
        Err(error) if may_be_on_the_page(error.kind) => {
            let call = Call::get(INSTAGRAM_WEB, format!("/{}/", Call::segment(&account.handle)));
            let answer = http.send(&call.header("accept-language", "en")).await?;
            opened(&answer).and_then(|answer| parse_page(&html(answer)?))
        }
        found => found,
    };
    reading(account, found.map_err(paused)?)
}

const fn may_be_on_the_page(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Blocked | FailureKind::LoginWall | FailureKind::NotJson | FailureKind::Schema)
}

fn opened(answer: &Answer) -> Result<&Answer, FetchError> {
    match answer.status {
        200..=299 => Ok(answer),
        401 | 403 | 429 | 300..=399 => Err(closed(answer)),
        _ => Err(answer.status_error(Access::Public)),
    }
}

fn closed(answer: &Answer) -> FetchError {
    let error = answer.status_error(Access::Public);
    let kind = if error.kind == FailureKind::LoginWall { error.kind } else { FailureKind::Blocked };
    paused(FetchError { kind, ..error })
}

fn paused(error: FetchError) -> FetchError {
    let shut = matches!(error.kind, FailureKind::Blocked | FailureKind::LoginWall);
    if shut { error.wait(Some(PAUSE)) } else { error }
}

/// Reads the site's profile data, in the shape of `web_profile_info` or of `users/{id}/info`.
///
/// # Errors
/// `login_wall` or `blocked` when it asks to sign in or for a check, `not_found` without a user, else `schema`.
pub fn parse_web_profile(json: &Json) -> Result<PublicAccount, FetchError> {
    if text(json, "/message").is_some_and(|message| message.contains("checkpoint") || message.contains("challenge")) {
        return Err(FetchError::new(FailureKind::Blocked).because("Instagram wants a check in a browser"));
    }
    if flag(json, "/require_login") == Some(true) || text(json, "/status").as_deref() == Some("fail") {
        return Err(FailureKind::LoginWall.into());
    }
    let user = json.pointer("/data/user").or_else(|| json.pointer("/user"));
    match user {
        Some(Json::Null) => Err(FailureKind::NotFound.into()),
        Some(user) if at(user, "/edge_followed_by").is_some() => from_site(user),
        Some(user) => from_app(user),
        None => Err(FetchError::new(FailureKind::Schema).because("/data/user is missing")),
    }
}

fn from_site(user: &Json) -> Result<PublicAccount, FetchError> {
    let graph_id = id(user, "/fbid").ok().filter(|id| id.starts_with(GRAPH_ID_START));
    let nodes = at(user, "/edge_owner_to_timeline_media/edges").and_then(Json::as_array);
    Ok(PublicAccount {
        id: Some(graph_id.map_or_else(|| id(user, "/id").map(|id| web_id(&id)), Ok)?),
        followers: exact(count(user, "/edge_followed_by/count")?),
        following: optional_count(user, "/edge_follow/count").map(exact),
        posts: optional_count(user, "/edge_owner_to_timeline_media/count").map(exact),
        verified: flag(user, "/is_verified"),
        profile: profile(user, "/profile_pic_url_hd")?,
        recent: nodes.into_iter().flatten().take(50).filter_map(|edge| post(at(edge, "/node")?)).collect(),
    })
}

fn from_app(user: &Json) -> Result<PublicAccount, FetchError> {
    Ok(PublicAccount {
        id: Some(web_id(&id(user, "/pk")?)),
        followers: exact(count(user, "/follower_count")?),
        following: optional_count(user, "/following_count").map(exact),
        posts: optional_count(user, "/media_count").map(exact),
        verified: flag(user, "/is_verified"),
        profile: profile(user, "/profile_pic_url")?,
        recent: Vec::new(),
    })
}

fn profile(user: &Json, picture: &str) -> Result<PublicProfile, FetchError> {
    let username = required_text(user, "/username")?;
    Ok(PublicProfile {
        url: Some(super::profile_url(&username)),
        username,
        name: text(user, "/full_name"),
        avatar: web_address(user, picture),
        bio: text(user, "/biography"),
    })
}

fn post(node: &Json) -> Option<Post> {
    let likes =
        optional_count(node, "/edge_liked_by/count").or_else(|| optional_count(node, "/edge_media_preview_like/count"));
    let taken = at(node, "/taken_at_timestamp").and_then(Json::as_i64);
    Some(Post {
        id: id(node, "/id").ok()?,
        url: text(node, "/shortcode").map(|code| format!("https://www.instagram.com/p/{}/", Call::segment(&code))),
        published_at: taken.and_then(|seconds| Timestamp::from_second(seconds).ok()),
        views: optional_count(node, "/video_view_count"),
        likes,
        comments: optional_count(node, "/edge_media_to_comment/count"),
        shares: None,
    })
}

/// Reads a profile page: `2,362 Followers, 136 Following, 224 Posts - See …` in its description.
///
/// # Errors
/// `not_found` when the page says so; `login_wall` when it holds no counts.
pub fn parse_page(html: &str) -> Result<PublicAccount, FetchError> {
    let wall = || FetchError::new(FailureKind::LoginWall).because("the page holds no counts");
    let title = meta(html, "og:title").or_else(|| title(html)).unwrap_or_default();
    if title.contains("isn't available") || title.contains("Page Not Found") {
        return Err(FailureKind::NotFound.into());
    }
    let described = meta(html, "og:description").or_else(|| meta(html, "description")).ok_or_else(wall)?;
    let before = |word: &str| shown_count(described.split_once(word)?.0.rsplit(", ").next()?);
    let username = meta(html, "og:url").and_then(|url| super::normalise(&url).ok()).ok_or_else(wall)?;
    let page_id = html.split_once("profilePage_").map(|(_, rest)| rest);
    let digits = page_id.map(|rest| rest.chars().take_while(char::is_ascii_digit).take(20).collect::<String>());
    let name = title.split_once(" (@").and_then(|(name, _)| clean(name));
    let picture = serde_json::json!({ "url": meta(html, "og:image") });
    Ok(PublicAccount {
        id: digits.filter(|digits| !digits.is_empty()).map(|digits| web_id(&digits)),
        followers: before(" Follower").ok_or_else(wall)?,
        following: before(" Following"),
        posts: before(" Post"),
        verified: None,
        profile: PublicProfile {
            url: Some(super::profile_url(&username)),
            username,
            name,
            avatar: web_address(&picture, "/url"),
            bio: None,
        },
        recent: Vec::new(),
    })
}

fn title(html: &str) -> Option<String> {
    let (text, _) = html.split_once("<title>")?.1.split_once("</title>")?;
    clean(&unescaped(text).replace('’', "'"))
}

const fn exact(value: i64) -> Shown {
    Shown { value, shortened: false }
}

fn reading(account: &Connected, found: PublicAccount) -> Result<Reading, FetchError> {
    let Some(id) = found.id.or_else(|| account.pinned_id.clone()) else {
        return Err(FetchError::new(FailureKind::Schema).because("the page names no account id"));
    };
    let account_id = settled(account, &id, Some(&found.profile.username))?;
    let reported =
        |shown: Shown| if shown.shortened { Reported::rounded(shown.value) } else { Reported::exact(shown.value) };
    let mut numbers = BTreeMap::from([("followers", reported(found.followers))]);
    numbers.extend(found.following.map(|n| ("following", reported(n))));
    numbers.extend(found.posts.map(|n| ("posts", reported(n))));
    numbers.extend(found.verified.map(|yes| ("verified", Reported::flag(yes))));
    let rate = engagement::by_followers(&found.recent, found.followers.value, account.now);
    let precision = numbers["followers"].precision;
    numbers.extend(rate.map(|rate| ("engagement_rate", Reported { precision, ..rate })));
    Ok(Reading {
        posts: found.recent,
        ..Reading::of(
            account_id,
            found.profile,
            Origin {
                source: "Instagram profile page".to_owned(),
                provenance: Provenance::PublicPage,
                api_version: None,
                api_version_answered: None,
            },
            numbers,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kind(json: &Json) -> FailureKind {
        parse_web_profile(json).unwrap_err().kind
    }

    #[test]
    fn a_closed_door_is_never_a_zero() {
        assert_eq!(
            kind(&json!({ "message": "Please wait", "require_login": true, "status": "fail" })),
            FailureKind::LoginWall
        );
        assert_eq!(kind(&json!({ "message": "checkpoint_required", "status": "fail" })), FailureKind::Blocked);
        assert_eq!(kind(&json!({ "data": { "user": null }, "status": "ok" })), FailureKind::NotFound);
        assert_eq!(kind(&json!({ "data": {} })), FailureKind::Schema);
        assert_eq!(parse_page("<title>Instagram</title>").unwrap_err().kind, FailureKind::LoginWall);
        let gone = "<title>Profile isn&#x2019;t available</title>";
        assert_eq!(parse_page(gone).unwrap_err().kind, FailureKind::NotFound);
    }

    #[test]
    fn the_professional_id_is_pinned_where_the_site_tells_it() {
        let user = |fbid: Json| {
            json!({ "data": { "user": { "id": "5112", "fbid": fbid, "username": "mara",
            "edge_followed_by": { "count": 7 },
            "edge_owner_to_timeline_media": { "edges": [{ "node": { "id": "9", "edge_liked_by": { "count": -1 } } }] } } } })
        };
        let found = parse_web_profile(&user(json!("17841400000000001"))).unwrap();
        assert_eq!(found.id.as_deref(), Some("17841400000000001"));
        assert_eq!(found.recent[0].likes, None);
        assert_eq!(parse_web_profile(&user(Json::Null)).unwrap().id.as_deref(), Some("web-5112"));
    }
}
