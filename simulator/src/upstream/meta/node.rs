//! The Instagram account as a Graph object: its fields, its media, business discovery.
//! <https://developers.facebook.com/docs/instagram-platform/reference/instagram-media>

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Login;
use super::error::{bad_parameter, no_such_user};
use super::fields::{Field, parse};
use crate::answer::{Answer, Shape, encoded};
use crate::call::Call;
use crate::state::Shared;
use crate::upstream::window;
use crate::world::{Account, Post, posts};

const SHAPE: Shape = Shape { count: "/followers_count", id: "/id", name: "/name", list: "" };
/// With Instagram Login the account's id goes by another name.
const SIGNED_IN: Shape = Shape { id: "/user_id", ..SHAPE };
const DISCOVERED: Shape = Shape {
    count: "/business_discovery/followers_count",
    id: "/business_discovery/id",
    name: "/business_discovery/name",
    list: "/business_discovery/media/data",
};
const MEDIA: Shape = Shape { count: "/data/0/like_count", id: "/data/0/id", name: "", list: "/data" };

/// The account's own node, or `me` with Instagram Login.
pub fn user(shared: &Shared, call: &Call, account: &Account, login: Login) -> Answer {
    let Some(fields) = parse(call.arg("fields").unwrap_or("id")) else {
        return bad_parameter("Syntax error in fields");
    };
    let mut node = Map::new();
    for field in &fields {
        let value = match field.name.as_str() {
            "business_discovery" if login == Login::Facebook => discover(shared, call, field),
            "media" => Ok(Some(nested_media(shared, call, account, field))),
            name => plain(shared, call, account, name, login),
        };
        match value {
            Ok(Some(value)) => node.insert(field.name.clone(), value),
            Ok(None) => None,
            Err(refusal) => return refusal,
        };
    }
    if login == Login::Facebook {
        node.entry("id").or_insert_with(|| json!(account.id()));
    }
    let shape = if node.contains_key("business_discovery") {
        &DISCOVERED
    } else if node.contains_key("user_id") {
        &SIGNED_IN
    } else {
        &SHAPE
    };
    Answer::json(200, Value::Object(node)).shaped(shape)
}

/// One field of the account; `None` when it is empty and therefore left out.
fn plain(shared: &Shared, call: &Call, account: &Account, name: &str, login: Login) -> Result<Option<Value>, Answer> {
    let truth = account.truth(call.now);
    let optional = !call.shows("meta/missing-optional-fields");
    let text = |text: &str| (optional && !text.is_empty()).then(|| json!(text));
    Ok(match (name, login) {
        ("id", Login::Facebook) | ("user_id", Login::Instagram) => Some(json!(account.id())),
        ("id", Login::Instagram) => Some(json!(account.other_id("app-scoped"))),
        ("username", _) => Some(json!(account.handle)),
        ("name", _) => text(&account.creator.name),
        ("biography", _) => text(&account.creator.bio),
        ("website", _) => text(&account.creator.website),
        ("profile_picture_url", _) => text(&shared.avatar(account, call.now)),
        ("followers_count", _) => Some(json!(truth.followers)),
        ("follows_count", _) => Some(json!(truth.following)),
        ("media_count", _) => Some(json!(truth.posts)),
        ("account_type", Login::Instagram) => Some(json!("MEDIA_CREATOR")),
        ("has_profile_pic" | "is_published", Login::Facebook) => Some(json!(true)),
        ("legacy_instagram_user_id", Login::Facebook) => Some(json!(account.other_id("legacy"))),
        _ => {
            return Err(bad_parameter(&format!("Tried accessing nonexisting field ({name}) on node type (IGUser)")));
        }
    })
}

/// Another professional account, seen through one's own.
/// <https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/business_discovery>
fn discover(shared: &Shared, call: &Call, field: &Field) -> Result<Option<Value>, Answer> {
    let username = field.modifier("username").unwrap_or_default();
    let other = shared.by_handle("instagram", username).ok_or_else(|| no_such_user(username))?;
    let mut found = Map::new();
    for field in &field.nested {
        let value = match field.name.as_str() {
            "media" => Some(nested_media(shared, call, &other, field)),
            name => plain(shared, call, &other, name, Login::Facebook)?,
        };
        if let Some(value) = value {
            found.insert(field.name.clone(), value);
        }
    }
    found.entry("id").or_insert_with(|| json!(other.id()));
    Ok(Some(Value::Object(found)))
}

fn nested_media(shared: &Shared, call: &Call, account: &Account, field: &Field) -> Value {
    let limit = field.modifier("limit").and_then(|limit| limit.parse().ok()).unwrap_or(25);
    let fields: Vec<String> = field.nested.iter().map(|field| field.name.clone()).collect();
    let list: Vec<Value> = posts(account, call.now, 0, limit)
        .iter()
        .filter_map(|post| medium(shared, account, post, &fields, call).ok())
        .collect();
    json!({ "data": list })
}

/// The `media` edge, newest first.
pub fn media(shared: &Shared, call: &Call, account: &Account) -> Answer {
    let fields = call.arg("fields").unwrap_or("id");
    let Some(fields) = parse(fields) else {
        return bad_parameter("Syntax error in fields");
    };
    let fields: Vec<String> = fields.into_iter().map(|field| field.name).collect();
    let limit = call.arg("limit").and_then(|limit| limit.parse().ok()).unwrap_or(25).clamp(1, 100);
    let from = call.arg("after").and_then(position).unwrap_or(0);
    let total = usize::try_from(account.truth(call.now).posts).unwrap_or(0);
    let page = window(call, total, from, limit);
    let list: Result<Vec<Value>, Answer> = posts(account, call.now, page.skip, limit)
        .iter()
        .map(|post| medium(shared, account, post, &fields, call))
        .collect();
    match list {
        Ok(list) => {
            let paging = paging(shared, call, from, page.next);
            Answer::json(200, json!({ "data": list, "paging": paging })).shaped(&MEDIA)
        }
        Err(refusal) => refusal,
    }
}

fn medium(shared: &Shared, account: &Account, post: &Post, fields: &[String], call: &Call) -> Result<Value, Answer> {
    let mut node = Map::new();
    for name in fields {
        let Some(value) = medium_field(shared, account, post, name, call)? else {
            continue;
        };
        node.insert(name.clone(), value);
    }
    node.entry("id").or_insert_with(|| json!(post.numeric_id(account)));
    Ok(Value::Object(node))
}

fn medium_field(
    shared: &Shared,
    account: &Account,
    post: &Post,
    name: &str,
    call: &Call,
) -> Result<Option<Value>, Answer> {
    let (kind, product) = kind(post);
    let facebook = call.upstream == "FACEBOOK_GRAPH";
    Ok(Some(match name {
        "id" => json!(post.numeric_id(account)),
        "caption" => json!(post.text),
        "media_type" => json!(kind),
        "media_product_type" => json!(product),
        "permalink" => json!(permalink(account, post)),
        "timestamp" => json!(graph_time(post.at)),
        "thumbnail_url" | "media_url" => json!(shared.avatar(account, call.now)),
        "username" => json!(account.handle),
        "shortcode" => json!(post.code(account)),
        "like_count" if call.shows("meta/likes-hidden") => return Ok(None),
        "like_count" => json!(post.likes),
        "comments_count" => json!(post.comments),
        "view_count" | "total_views_count" if facebook => json!(post.views),
        "total_like_count" if facebook => json!(post.likes),
        "total_comments_count" if facebook => json!(post.comments),
        "saved_count" if facebook => json!(post.saves),
        "shares_count" if facebook => json!(post.shares),
        "reposts_count" if facebook => json!(post.shares / 4),
        _ => {
            return Err(bad_parameter(&format!("Tried accessing nonexisting field ({name}) on node type (IGMedia)")));
        }
    }))
}

fn kind(post: &Post) -> (&'static str, &'static str) {
    match post.index % 3 {
        0 => ("IMAGE", "FEED"),
        1 => ("VIDEO", "REELS"),
        _ => ("CAROUSEL_ALBUM", "FEED"),
    }
}

fn permalink(account: &Account, post: &Post) -> String {
    let part = if kind(post).0 == "VIDEO" { "reel" } else { "p" };
    format!("https://www.instagram.com/{part}/{}/", post.code(account))
}

/// `2026-11-20T18:04:11+0000`
pub fn graph_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string()
}

/// Cursors and the address of the next page, which carries the token along as Meta's does.
pub fn paging(shared: &Shared, call: &Call, from: usize, next: Option<usize>) -> Value {
    let mut paging = json!({"cursors": {"before": cursor(from), "after": cursor(next.unwrap_or(from))}});
    if let Some(next) = next {
        let kept = call.query.0.iter().filter(|(name, _)| name != "after");
        let mut query: Vec<String> = kept.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        query.push(format!("after={}", encoded(&cursor(next))));
        let origin = shared.origin(call.upstream);
        paging["next"] = json!(format!("{origin}{}?{}", call.path, query.join("&")));
    }
    paging
}

fn cursor(position: usize) -> String {
    format!("QVFIUm{position:04}ZD")
}

/// The position a cursor stands for.
pub fn position(cursor: &str) -> Option<usize> {
    cursor.strip_prefix("QVFIUm")?.strip_suffix("ZD")?.parse().ok()
}
