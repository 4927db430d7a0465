//! TikTok's Display API: the profile and the videos of the token's own account.
//! <https://developers.tiktok.com/doc/tiktok-api-v2-get-user-info>

use serde_json::{Map, Value, json};

use super::error;
use crate::answer::{Answer, Shape};
use crate::call::Call;
use crate::ledger::{Token, TokenKind};
use crate::state::Shared;
use crate::world::{Account, Post, posts};

const USER: Shape =
    Shape { count: "/data/user/follower_count", id: "/data/user/open_id", name: "/data/user/display_name", list: "" };
const VIDEOS: Shape = Shape {
    count: "/data/videos/0/view_count",
    id: "/data/videos/0/id",
    name: "/data/videos/0/title",
    list: "/data/videos",
};

/// `GET /v2/user/info/`
pub fn user_info(shared: &Shared, call: &Call) -> Answer {
    let (token, account) = match authorised(shared, call, "user.info.basic") {
        Ok(found) => found,
        Err(refusal) => return refusal,
    };
    let fields = match fields(call) {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    let mut user = Map::new();
    for name in fields {
        let Some((scope, value)) = user_field(shared, call, &account, name) else {
            return refused(call, 400, "invalid_params", &format!("Invalid field: {name}"));
        };
        if !token.scopes.iter().any(|granted| granted == scope) {
            return missing_scope(call, scope);
        }
        user.insert(name.to_owned(), value);
    }
    Answer::json(200, json!({"data": {"user": user}, "error": error(call, "ok", "")})).shaped(&USER)
}

/// A field of the profile with the scope it needs.
fn user_field(shared: &Shared, call: &Call, account: &Account, name: &str) -> Option<(&'static str, Value)> {
    let truth = account.truth(call.now);
    let handle = &truth.handle;
    Some(match name {
        "open_id" => ("user.info.basic", json!(truth.account_id)),
        "union_id" => ("user.info.basic", json!(account.other_id("union"))),
        "avatar_url" | "avatar_url_100" | "avatar_large_url" => {
            ("user.info.basic", json!(shared.avatar(account, call.now)))
        }
        "display_name" => ("user.info.basic", json!(truth.name)),
        "bio_description" => ("user.info.profile", json!(account.creator.bio)),
        "profile_deep_link" | "profile_web_link" => {
            ("user.info.profile", json!(format!("https://www.tiktok.com/@{handle}")))
        }
        "is_verified" => ("user.info.profile", json!(truth.verified)),
        "username" => ("user.info.profile", json!(handle)),
        "follower_count" => ("user.info.stats", json!(truth.followers)),
        "following_count" => ("user.info.stats", json!(truth.following)),
        "likes_count" => ("user.info.stats", json!(truth.likes)),
        "video_count" => ("user.info.stats", json!(truth.posts)),
        _ => return None,
    })
}

/// `POST /v2/video/list/`: newest first, the cursor is a time in milliseconds.
pub fn video_list(shared: &Shared, call: &Call) -> Answer {
    let (_, account) = match authorised(shared, call, "video.list") {
        Ok(found) => found,
        Err(refusal) => return refusal,
    };
    let body = call.json();
    let most = body["max_count"].as_u64().unwrap_or(10);
    if most > 20 {
        return refused(call, 400, "invalid_params", "max_count must not be more than 20");
    }
    let limit = usize::try_from(most.max(1)).unwrap_or(10);
    let cursor = body["cursor"].as_i64().filter(|cursor| *cursor > 0);
    let repeats = call.shows("schema/cursor-loop") || call.shows("schema/page-duplicated");
    let all = posts(&account, call.now, 0, usize::MAX);
    let older: Vec<&Post> =
        all.iter().filter(|post| repeats || cursor.is_none_or(|cursor| post.at.as_millisecond() < cursor)).collect();
    let page = &older[..limit.min(older.len())];
    let next = page.last().map_or(0, |post| post.at.as_millisecond());
    let more = match call.fault().name {
        "schema/page-duplicated" => cursor.is_none(),
        _ => older.len() > page.len(),
    };
    videos(call, shared, &account, page, json!({ "cursor": next, "has_more": more }))
}

/// `POST /v2/video/query/`: at most twenty videos by id.
pub fn video_query(shared: &Shared, call: &Call) -> Answer {
    let (_, account) = match authorised(shared, call, "video.list") {
        Ok(found) => found,
        Err(refusal) => return refusal,
    };
    let body = call.json();
    let ids: Vec<&str> = body["filters"]["video_ids"]
        .as_array()
        .map(|ids| ids.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    if ids.is_empty() || ids.len() > 20 {
        return refused(call, 400, "invalid_params", "video_ids must have 1 to 20 entries");
    }
    let all = posts(&account, call.now, 0, usize::MAX);
    let found: Vec<&Post> = all.iter().filter(|post| ids.contains(&post.video_id(&account).as_str())).collect();
    videos(call, shared, &account, &found, json!({}))
}

fn videos(call: &Call, shared: &Shared, account: &Account, page: &[&Post], mut data: Value) -> Answer {
    let fields = match fields(call) {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    let mut list = Vec::new();
    for post in page {
        let mut video = Map::new();
        for name in &fields {
            let Some(value) = video_field(shared, call, account, post, name) else {
                return refused(call, 400, "invalid_params", &format!("Invalid field: {name}"));
            };
            video.insert((*name).to_owned(), value);
        }
        list.push(Value::Object(video));
    }
    data["videos"] = Value::Array(list);
    Answer::json(200, json!({ "data": data, "error": error(call, "ok", "") })).shaped(&VIDEOS)
}

fn video_field(shared: &Shared, call: &Call, account: &Account, post: &Post, name: &str) -> Option<Value> {
    let id = post.video_id(account);
    Some(match name {
        "share_url" | "embed_link" => json!(format!("https://www.tiktok.com/@{}/video/{id}", account.handle)),
        "id" => json!(id),
        "create_time" => json!(post.at.as_second()),
        "title" | "video_description" => json!(post.text),
        "duration" => json!(post.length_secs),
        "view_count" => json!(post.views),
        "like_count" => json!(post.likes),
        "comment_count" => json!(post.comments),
        "share_count" => json!(post.shares),
        "cover_image_url" => json!(shared.avatar(account, call.now)),
        "height" => json!(1024),
        "width" => json!(576),
        _ => return None,
    })
}

fn fields(call: &Call) -> Result<Vec<&str>, Answer> {
    call.arg("fields")
        .map(|fields| fields.split(',').map(str::trim).collect())
        .ok_or_else(|| refused(call, 400, "invalid_params", "The parameter fields is required"))
}

fn authorised(shared: &Shared, call: &Call, scope: &str) -> Result<(Token, Account), Answer> {
    if let Some(refusal) = canned(call) {
        return Err(refusal);
    }
    let value = call.bearer().unwrap_or_default();
    let token = shared.books().valid("tiktok", value, call.now).filter(|token| token.kind == TokenKind::Access);
    let invalid = || {
        let why = "The access token is invalid or not found in the request.";
        refused(call, 401, "access_token_invalid", why)
    };
    let token = token.ok_or_else(invalid)?;
    let account = shared.holder(&token).ok_or_else(invalid)?;
    if token.scopes.iter().any(|granted| granted == scope) { Ok((token, account)) } else { Err(not_authorized(call)) }
}

fn canned(call: &Call) -> Option<Answer> {
    Some(match call.fault().name.strip_prefix("tiktok/")? {
        "scope-not-authorized" => not_authorized(call),
        "scope-permission-missed" => missing_scope(call, "user.info.stats"),
        "access-token-invalid" => {
            refused(call, 401, "access_token_invalid", "The access token is invalid or not found in the request.")
        }
        "rate-limit" => {
            refused(call, 429, "rate_limit_exceeded", "The API rate limit was exceeded. Please try again later.")
        }
        "internal-error" => refused(call, 500, "internal_error", "Internal error, please try again later."),
        "active-user-cap" => {
            refused(call, 403, "reached_active_user_cap", "The daily quota of active users is reached.")
        }
        "error-in-200" => refused(call, 200, "internal_error", "Internal error, please try again later."),
        _ => return None,
    })
}

fn not_authorized(call: &Call) -> Answer {
    let why = "The user did not authorize the scope required for completing this request.";
    Answer::json(401, json!({"error": error(call, "scope_not_authorized", why)}))
}

fn missing_scope(call: &Call, scope: &str) -> Answer {
    let why = format!("Required scope permission is missing: {scope}.");
    refused(call, 401, "scope_permission_missed", &why)
}

fn refused(call: &Call, status: u16, code: &str, message: &str) -> Answer {
    Answer::json(status, json!({ "data": {}, "error": error(call, code, message) }))
}
