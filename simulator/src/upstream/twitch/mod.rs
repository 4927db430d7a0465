//! Twitch: the Helix reads. <https://dev.twitch.tv/docs/api/reference/>

mod oauth;

use serde_json::{Value, json};

pub use oauth::{SCOPES, auth, order};

use super::route;
use crate::answer::{Answer, Shape};
use crate::call::Call;
use crate::ledger::{Token, TokenKind};
use crate::state::Shared;
use crate::world::Account;

const USERS: Shape = Shape { count: "", id: "/data/0/id", name: "/data/0/display_name", list: "/data" };
const FOLLOWERS: Shape = Shape { count: "/total", id: "", name: "", list: "/data" };
const SUBSCRIBERS: Shape = Shape { count: "/total", id: "", name: "", list: "/data" };
const STREAMS: Shape =
    Shape { count: "/data/0/viewer_count", id: "/data/0/user_id", name: "/data/0/user_name", list: "/data" };

/// `api.twitch.tv`
pub fn helix(shared: &Shared, call: &Call) -> Answer {
    let answer = authorised(shared, call).map(|token| read(shared, call, &token));
    answer.unwrap_or_else(|refusal| refusal)
}

fn read(shared: &Shared, call: &Call, token: &Token) -> Answer {
    let path = call.segments();
    let answer = match route!(call, path) {
        ("GET", ["helix", "users"]) => users(shared, call),
        ("GET", ["helix", "channels", "followers"]) => followers(shared, call),
        ("GET", ["helix", "streams"]) => streams(shared, call),
        ("GET", ["helix", "subscriptions"]) => subscriptions(shared, call, token),
        ("GET", ["helix", "users", "follows"]) => {
            refused(410, "Gone", "This API is not available. For details, see the documentation.")
        }
        _ => refused(404, "Not Found", ""),
    };
    limits(answer, call, 799)
}

fn limits(answer: Answer, call: &Call, left: i64) -> Answer {
    answer
        .with("ratelimit-limit", "800")
        .with("ratelimit-remaining", left.to_string())
        .with("ratelimit-reset", (call.now.as_second() + 30).to_string())
}

fn authorised(shared: &Shared, call: &Call) -> Result<Token, Answer> {
    if call.shows("twitch/429-reset") {
        let refusal = refused(429, "Too Many Requests", "You have exceeded your rate limit");
        return Err(limits(refusal, call, 0));
    }
    let value = call.bearer().unwrap_or_default();
    if call.shows("twitch/401-then-new-token") && call.fault().before == 0 {
        shared.books().revoke(value);
    }
    let Some(client) = call.header("client-id") else {
        return Err(refused(401, "Unauthorized", "Client ID is missing"));
    };
    let token = shared.books().valid("twitch", value, call.now);
    let token = token.filter(|token| matches!(token.kind, TokenKind::App | TokenKind::Access));
    let token = token.ok_or_else(|| refused(401, "Unauthorized", "Invalid OAuth token"))?;
    if shared.app(token.app(), "twitch").id == client {
        Ok(token)
    } else {
        Err(refused(401, "Unauthorized", "Client ID and OAuth token do not match"))
    }
}

/// The accounts a request names, by id or by login.
fn named(shared: &Shared, call: &Call, id: &str, login: &str) -> Vec<Account> {
    if call.shows("twitch/unknown-login") {
        return Vec::new();
    }
    let pairs = call.query.0.iter();
    pairs
        .filter_map(|(name, value)| match name.as_str() {
            name if name == id => shared.by_id("twitch", value),
            name if name == login => shared.by_handle("twitch", value),
            _ => None,
        })
        .collect()
}

fn users(shared: &Shared, call: &Call) -> Answer {
    if call.arg("id").is_none() && call.arg("login").is_none() {
        return refused(400, "Bad Request", "Must provide an ID, Login or OAuth Token");
    }
    let data: Vec<Value> = named(shared, call, "id", "login")
        .iter()
        .map(|account| {
            json!({
                "id": account.id(), "login": account.handle.to_lowercase(), "display_name": account.handle,
                "type": "", "broadcaster_type": if call.shows("twitch/no-affiliate") { "" } else { "affiliate" }, "description": account.creator.bio,
                "profile_image_url": shared.avatar(account, call.now), "offline_image_url": "",
                "view_count": 0, "created_at": "2018-05-01T09:00:00Z",
            })
        })
        .collect();
    Answer::json(200, json!({ "data": data })).shaped(&USERS)
}

/// Only the total: names need a moderator's own token.
fn followers(shared: &Shared, call: &Call) -> Answer {
    let Some(id) = call.arg("broadcaster_id") else {
        return refused(400, "Bad Request", "The parameter \"broadcaster_id\" was missing");
    };
    let total = shared.by_id("twitch", id).map_or(0, |account| account.followers(call.now));
    Answer::json(200, json!({"total": total, "data": [], "pagination": {}})).shaped(&FOLLOWERS)
}

/// The subscribers of the token's own channel, counted without their names.
fn subscriptions(shared: &Shared, call: &Call, token: &Token) -> Answer {
    let Some(id) = call.arg("broadcaster_id") else {
        return refused(400, "Bad Request", "The parameter \"broadcaster_id\" was missing");
    };
    if !token.scopes.iter().any(|scope| scope == SCOPES[1]) {
        return refused(401, "Unauthorized", &format!("Missing scope: {}", SCOPES[1]));
    }
    let own = shared.holder(token).filter(|account| token.kind == TokenKind::Access && account.id() == id);
    let Some(account) = own else {
        return refused(401, "Unauthorized", "The ID in broadcaster_id must match the user ID found in the token.");
    };
    if call.shows("twitch/no-affiliate") {
        return refused(400, "Bad Request", &format!("{} does not have a subscription program", account.handle));
    }
    let total = account.truth(call.now).subscribers;
    Answer::json(200, json!({"data": [], "pagination": {}, "total": total, "points": total})).shaped(&SUBSCRIBERS)
}

fn streams(shared: &Shared, call: &Call) -> Answer {
    let data: Vec<Value> =
        named(shared, call, "user_id", "user_login").iter().filter_map(|account| stream(call, account)).collect();
    Answer::json(200, json!({ "data": data, "pagination": {} })).shaped(&STREAMS)
}

fn stream(call: &Call, account: &Account) -> Option<Value> {
    let truth = account.truth(call.now);
    let (live, viewers) = match call.fault().name {
        "twitch/live" => (true, truth.viewers.max(truth.followers / 130)),
        "twitch/offline" => (false, 0),
        _ => (truth.live, truth.viewers),
    };
    let today = call.now.strftime("%Y-%m-%dT18:00:00Z").to_string();
    live.then(|| {
        json!({
            "id": account.other_id("stream"), "user_id": account.id(), "user_login": account.handle.to_lowercase(),
            "user_name": account.handle, "game_id": "509658", "game_name": "Just Chatting", "type": "live",
            "title": account.creator.location, "tags": [account.creator.language], "viewer_count": viewers,
            "started_at": today, "language": account.creator.language, "tag_ids": [], "is_mature": false,
            "thumbnail_url": "https://static.example/live-{width}x{height}.jpg",
        })
    })
}

fn refused(status: u16, error: &str, message: &str) -> Answer {
    Answer::json(status, json!({"error": error, "status": status, "message": message}))
}
