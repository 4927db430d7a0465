//! The Data API: channels, uploads, videos. Counts are strings.
//! <https://developers.google.com/youtube/v3/docs/channels/list>

use serde_json::{Value, json};

use super::{detailed, refused, route, three_figures, window};
use crate::answer::{Answer, Shape};
use crate::call::Call;
use crate::ledger::{TokenKind, TokenState};
use crate::state::Shared;
use crate::world::{Account, Post, posts};

const CHANNEL: Shape = Shape {
    count: "/items/0/statistics/subscriberCount",
    id: "/items/0/id",
    name: "/items/0/snippet/title",
    list: "/items",
};
const VIDEOS: Shape = Shape { count: "/items/0/statistics/viewCount", id: "/items/0/id", name: "", list: "/items" };
const UPLOADS: Shape = Shape { count: "", id: "/items/0/contentDetails/videoId", name: "", list: "/items" };

/// `www.googleapis.com`
pub fn answer(shared: &Shared, call: &Call) -> Answer {
    if let Some(refusal) = canned(call) {
        return refusal;
    }
    let caller = match caller(shared, call) {
        Ok(caller) => caller,
        Err(refusal) => return refusal,
    };
    let path = call.segments();
    let Some(part) = call.arg("part") else {
        return refused(400, "Required parameter: part", "youtube.part", "missingRequiredParameter");
    };
    match route!(call, path) {
        ("GET", ["youtube", "v3", "channels"]) => channels(shared, call, part, caller),
        ("GET", ["youtube", "v3", "playlistItems"]) => uploads(shared, call, part),
        ("GET", ["youtube", "v3", "videos"]) => videos(shared, call, part),
        _ => refused(404, "Not Found", "global", "notFound"),
    }
}

fn canned(call: &Call) -> Option<Answer> {
    Some(match call.fault().name.strip_prefix("youtube/")? {
        "quota-exceeded" => refused(
            403,
            "The request cannot be completed because you have exceeded your <a href=\"/youtube/v3/getting-started#quota\">quota</a>.",
            "youtube.quota",
            "quotaExceeded",
        ),
        "key-invalid" => invalid_key(),
        "key-invalid-old" => refused(400, "Bad Request", "usageLimits", "keyInvalid"),
        "rate-limit" => detailed(
            429,
            "Quota exceeded for quota metric 'Queries'",
            "RESOURCE_EXHAUSTED",
            "RATE_LIMIT_EXCEEDED",
            "youtube.googleapis.com",
        ),
        _ => return None,
    })
}

fn invalid_key() -> Answer {
    let message = "API key not valid. Please pass a valid API key.";
    detailed(400, message, "INVALID_ARGUMENT", "API_KEY_INVALID", "googleapis.com")
}

/// Whose grant it is; nobody's with a key.
fn caller(shared: &Shared, call: &Call) -> Result<Option<Account>, Answer> {
    if let Some(token) = call.bearer() {
        let Some(token) = shared.books().valid("youtube", token, call.now) else {
            return Err(refused(401, "Invalid Credentials", "global", "authError"));
        };
        if !token.scopes.iter().any(|scope| scope.contains("auth/youtube")) {
            let message = "Request had insufficient authentication scopes.";
            return Err(refused(403, message, "global", "insufficientPermissions"));
        }
        return Ok(shared.holder(&token));
    }
    let key = call.arg("key").or_else(|| call.header("x-goog-api-key"));
    let Some(key) = key else {
        let message = "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.";
        return Err(refused(403, message, "global", "forbidden"));
    };
    let known = shared.books().find(key, call.now);
    known
        .filter(|key| key.kind == TokenKind::ApiKey && key.platform == "youtube" && key.state == TokenState::Valid)
        .map(|_| None)
        .ok_or_else(invalid_key)
}

fn channels(shared: &Shared, call: &Call, part: &str, caller: Option<Account>) -> Answer {
    let by_handle = |handle: &str| shared.by_handle("youtube", handle.trim_start_matches('@'));
    let found: Vec<Account> = if call.arg("mine") == Some("true") {
        caller.into_iter().collect()
    } else if let Some(ids) = call.arg("id") {
        ids.split(',').filter_map(|id| shared.by_id("youtube", id)).collect()
    } else if let Some(handle) = call.arg("forHandle").or_else(|| call.arg("forUsername")) {
        by_handle(handle).into_iter().collect()
    } else {
        let message = "No filter selected. Expected one of: forHandle, id, mine, forUsername";
        return refused(400, message, "youtube.parameter", "missingRequiredParameter");
    };
    let none = call.shows("youtube/no-items");
    let items: Vec<Value> =
        found.iter().filter(|_| !none).map(|account| channel(shared, call, part, account)).collect();
    let mut reply = json!({
        "kind": "youtube#channelListResponse", "etag": etag(call),
        "pageInfo": {"totalResults": items.len(), "resultsPerPage": 5},
    });
    if !items.is_empty() {
        reply["items"] = json!(items);
    }
    Answer::json(200, reply).shaped(&CHANNEL)
}

fn channel(shared: &Shared, call: &Call, part: &str, account: &Account) -> Value {
    let mut channel = json!({"kind": "youtube#channel", "etag": etag(call), "id": account.id()});
    for part in part.split(',') {
        match part.trim() {
            "snippet" => channel["snippet"] = snippet(shared, call, account),
            "statistics" => channel["statistics"] = statistics(call, account),
            "contentDetails" => {
                let uploads = uploads_id(account);
                channel["contentDetails"] = json!({"relatedPlaylists": {"likes": "", "uploads": uploads}});
            }
            _ => {}
        }
    }
    channel
}

fn snippet(shared: &Shared, call: &Call, account: &Account) -> Value {
    let picture = shared.avatar(account, call.now);
    let size = |side: i64| json!({"url": picture, "width": side, "height": side});
    json!({
        "title": account.creator.name, "description": account.creator.bio,
        "customUrl": format!("@{}", account.handle), "publishedAt": "2017-03-04T10:00:00Z",
        "thumbnails": {"default": size(88), "medium": size(240), "high": size(800)},
        "localized": {"title": account.creator.name, "description": account.creator.bio},
        "country": account.creator.country,
    })
}

/// Three significant figures, rounded down; a hidden count is left out.
fn statistics(call: &Call, account: &Account) -> Value {
    let truth = account.truth(call.now);
    let mut statistics = json!({
        "viewCount": truth.views.to_string(), "hiddenSubscriberCount": false,
        "videoCount": truth.posts.to_string(),
    });
    match call.fault().name {
        "youtube/hidden-subscribers" => statistics["hiddenSubscriberCount"] = json!(true),
        "youtube/hidden-subscribers-zero" => {
            statistics["hiddenSubscriberCount"] = json!(true);
            statistics["subscriberCount"] = json!("0");
        }
        _ => statistics["subscriberCount"] = json!(three_figures(truth.followers).to_string()),
    }
    statistics
}

fn uploads_id(account: &Account) -> String {
    format!("UU{}", &account.id()[2..])
}

/// <https://developers.google.com/youtube/v3/docs/playlistItems/list>
fn uploads(shared: &Shared, call: &Call, part: &str) -> Answer {
    let list = call.arg("playlistId").unwrap_or_default();
    let Some(account) = shared.accounts("youtube").into_iter().find(|account| uploads_id(account) == list) else {
        let message = "The playlist identified with the request's <code>playlistId</code> parameter cannot be found.";
        return refused(404, message, "youtube.playlistItem", "playlistNotFound");
    };
    let limit = call.arg("maxResults").and_then(|most| most.parse().ok()).unwrap_or(5).clamp(1, 50);
    let from = call.arg("pageToken").and_then(position).unwrap_or(0);
    let total = usize::try_from(account.truth(call.now).posts).unwrap_or(0);
    let page = window(call, total, from, limit);
    let items: Vec<Value> =
        posts(&account, call.now, page.skip, limit).iter().map(|post| upload(call, part, &account, post)).collect();
    let mut reply = json!({
        "kind": "youtube#playlistItemListResponse", "etag": etag(call), "items": items,
        "pageInfo": {"totalResults": total, "resultsPerPage": limit},
    });
    if let Some(next) = page.next {
        reply["nextPageToken"] = json!(format!("EAAaB1BU{next:05}"));
    }
    Answer::json(200, reply).shaped(&UPLOADS)
}

fn position(token: &str) -> Option<usize> {
    token.strip_prefix("EAAaB1BU")?.parse().ok()
}

fn upload(call: &Call, part: &str, account: &Account, post: &Post) -> Value {
    let mut item = json!({"kind": "youtube#playlistItem", "etag": etag(call), "id": post.numeric_id(account)});
    let (id, at) = (post.code(account), post.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    if part.contains("contentDetails") {
        item["contentDetails"] = json!({"videoId": id, "videoPublishedAt": at});
    }
    if part.contains("snippet") {
        item["snippet"] =
            json!({"title": post.text, "publishedAt": at, "resourceId": {"kind": "youtube#video", "videoId": id}});
    }
    item
}

/// <https://developers.google.com/youtube/v3/docs/videos/list>
fn videos(shared: &Shared, call: &Call, part: &str) -> Answer {
    let ids: Vec<&str> = call.arg("id").unwrap_or_default().split(',').collect();
    if ids.len() > 50 {
        return refused(
            400,
            "The request specifies an invalid filter parameter.",
            "youtube.parameter",
            "invalidFilters",
        );
    }
    let mut items = Vec::new();
    for account in shared.accounts("youtube") {
        let all = posts(&account, call.now, 0, usize::MAX);
        let found = all.iter().filter(|post| ids.contains(&post.code(&account).as_str()));
        items.extend(found.map(|post| video(call, part, &account, post)));
    }
    let total = items.len();
    let page_info = json!({"totalResults": total, "resultsPerPage": total});
    let reply = json!({"kind": "youtube#videoListResponse", "etag": etag(call), "items": items, "pageInfo": page_info});
    Answer::json(200, reply).shaped(&VIDEOS)
}

fn video(call: &Call, part: &str, account: &Account, post: &Post) -> Value {
    let mut video = json!({"kind": "youtube#video", "etag": etag(call), "id": post.code(account)});
    if part.contains("statistics") {
        video["statistics"] = json!({"viewCount": post.views.to_string(), "favoriteCount": "0", "commentCount": post.comments.to_string()});
        if !call.shows("youtube/likes-hidden") {
            video["statistics"]["likeCount"] = json!(post.likes.to_string());
        }
    }
    if part.contains("snippet") {
        let at = post.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        video["snippet"] = json!({"title": post.text, "publishedAt": at, "channelId": account.id()});
    }
    if part.contains("contentDetails") {
        video["contentDetails"] = json!({"duration": format!("PT{}S", post.length_secs)});
    }
    video
}

fn etag(call: &Call) -> String {
    let dice = crate::random::Dice::new(0).text(&call.path).number(call.now.as_second());
    dice.letters(crate::random::BASE62, 27)
}
