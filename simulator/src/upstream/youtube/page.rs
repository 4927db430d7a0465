//! What www.youtube.com shows without a login: the channel page in the layouts that are in
//! the wild, the consent page in front of it, and the feed of newest videos.

use serde_json::{Value, json};

use super::{route, short};
use crate::answer::{Answer, Shape};
use crate::call::Call;
use crate::state::Shared;
use crate::world::{Account, Post, posts};

const BEFORE: &str = "<!DOCTYPE html><html lang=\"en\"><head><title>YouTube</title></head><body>\
    <script nonce=\"x\">var ytInitialData = ";
const AFTER: &str = ";</script></body></html>";
const CONSENT: &str = "<!DOCTYPE html><html lang=\"de\"><head><title>Bevor Sie zu YouTube weitergehen</title></head>\
    <body><form action=\"https://consent.youtube.com/save\" method=\"POST\"><button>Alle ablehnen</button>\
    <button>Alle akzeptieren</button></form></body></html>";

const HIDDEN: Shape = Shape {
    count: "",
    id: "/metadata/channelMetadataRenderer/externalId",
    name: "/metadata/channelMetadataRenderer/title",
    list: "/header/pageHeaderRenderer/content/pageHeaderViewModel/metadata/contentMetadataViewModel/metadataRows",
};
const TWO_ROWS: Shape = Shape {
    count: "/header/pageHeaderRenderer/content/pageHeaderViewModel/metadata/contentMetadataViewModel/metadataRows/1/metadataParts/0/text/content",
    ..HIDDEN
};
const ONE_ROW: Shape = Shape {
    count: "/header/pageHeaderRenderer/content/pageHeaderViewModel/metadata/contentMetadataViewModel/metadataRows/0/metadataParts/0/text/content",
    ..HIDDEN
};
const TABBED: Shape = Shape { count: "/header/c4TabbedHeaderRenderer/subscriberCountText/simpleText", ..HIDDEN };

/// `www.youtube.com`
pub fn answer(shared: &Shared, call: &Call) -> Answer {
    let path = call.segments();
    match route!(call, path) {
        ("GET", ["feeds", "videos.xml"]) => feed(shared, call),
        ("GET", ["channel", id]) => channel(call, shared, shared.by_id("youtube", id)),
        ("GET", [handle]) if handle.starts_with('@') => {
            channel(call, shared, shared.by_handle("youtube", handle.trim_start_matches('@')))
        }
        _ => Answer::html(404, "<html><head><title>404 Not Found</title></head><body></body></html>"),
    }
}

/// The consent page comes to visitors without the cookie or the parameters that skip it.
fn channel(call: &Call, shared: &Shared, account: Option<Account>) -> Answer {
    let cookie = call.header("cookie").is_some_and(|cookie| cookie.contains("SOCS=") || cookie.contains("CONSENT=YES"));
    let agreed = cookie || call.arg("ucbcb").is_some();
    if !agreed || call.shows("youtube/consent-page") {
        return Answer::html(200, CONSENT);
    }
    let Some(account) = account else {
        return Answer::html(404, "<html><head><title>404 Not Found</title></head><body></body></html>");
    };
    if call.shows("youtube/terminated-channel") {
        return terminated();
    }
    let (header, shape) = header(call, &account);
    let data = json!({
        "header": header,
        "metadata": {"channelMetadataRenderer": {
            "title": account.creator.name, "description": account.creator.bio, "externalId": account.id(),
            "vanityChannelUrl": format!("http://www.youtube.com/@{}", account.handle),
            "avatar": {"thumbnails": [{"url": shared.avatar(&account, call.now), "width": 900, "height": 900}]},
        }},
    });
    Answer::page(BEFORE, data, AFTER).shaped(shape)
}

/// The header in one of three layouts, and where its count is.
fn header(call: &Call, account: &Account) -> (Value, &'static Shape) {
    let truth = account.truth(call.now);
    let subscribers = format!("{} subscribers", short(truth.followers));
    let (handle, videos) = (format!("@{}", truth.handle), format!("{} videos", truth.posts));
    match call.fault().name {
        "youtube/layout-tabbed-header" => (
            json!({"c4TabbedHeaderRenderer": {
                "channelId": truth.account_id, "title": truth.name,
                "subscriberCountText": {"simpleText": subscribers}, "videosCountText": {"runs": [{"text": videos}]},
            }}),
            &TABBED,
        ),
        "youtube/layout-one-row" => (page_header(&truth.name, &[&[&subscribers, &videos]]), &ONE_ROW),
        "youtube/hidden-subscribers" => (page_header(&truth.name, &[&[&handle], &[&videos]]), &HIDDEN),
        _ => (page_header(&truth.name, &[&[&handle], &[&subscribers, &videos]]), &TWO_ROWS),
    }
}

fn page_header(title: &str, rows: &[&[&str]]) -> Value {
    let part = |text: &&str| json!({"text": {"content": text}, "accessibilityLabel": text});
    let rows: Vec<Value> =
        rows.iter().map(|row| json!({"metadataParts": row.iter().map(part).collect::<Vec<_>>()})).collect();
    json!({"pageHeaderRenderer": {"pageTitle": title, "content": {"pageHeaderViewModel": {
        "title": {"dynamicTextViewModel": {"text": {"content": title}}},
        "metadata": {"contentMetadataViewModel": {"metadataRows": rows, "delimiter": "•"}},
    }}}})
}

fn terminated() -> Answer {
    let text = "This account has been terminated due to multiple or severe violations of YouTube's policy.";
    let data = json!({"alerts": [{"alertRenderer": {"type": "ERROR", "text": {"simpleText": text}}}]});
    Answer::page(BEFORE, data, AFTER)
}

/// The fifteen newest videos as a feed.
fn feed(shared: &Shared, call: &Call) -> Answer {
    let id = call.arg("channel_id").unwrap_or_default();
    let Some(account) = shared.by_id("youtube", id) else {
        return Answer::html(404, "<html><head><title>Error 404 (Not Found)!!1</title></head></html>");
    };
    let entries: String = posts(&account, call.now, 0, 15).iter().map(|post| entry(&account, post)).collect();
    let title = xml(&account.creator.name);
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns:yt=\"http://www.youtube.com/xml/schemas/2015\" \
         xmlns:media=\"http://search.yahoo.com/mrss/\" xmlns=\"http://www.w3.org/2005/Atom\">\n \
         <yt:channelId>{}</yt:channelId>\n <title>{title}</title>\n{entries}</feed>\n",
        &id[2..]
    );
    Answer::raw(200, "text/xml; charset=UTF-8", text)
}

fn entry(account: &Account, post: &Post) -> String {
    format!(
        " <entry>\n  <id>yt:video:{id}</id>\n  <yt:videoId>{id}</yt:videoId>\n  <title>{title}</title>\n  \
         <published>{at}</published>\n  <media:group><media:community>\n   \
         <media:starRating count=\"{likes}\" average=\"5.00\" min=\"1\" max=\"5\"/>\n   \
         <media:statistics views=\"{views}\"/>\n  </media:community></media:group>\n </entry>\n",
        id = post.code(account),
        title = xml(&post.text),
        at = post.at.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        likes = post.likes,
        views = post.views,
    )
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
