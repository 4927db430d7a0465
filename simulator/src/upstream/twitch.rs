//! Twitch: app tokens from id.twitch.tv and the Helix reads.
//! <https://dev.twitch.tv/docs/api/reference/>

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::oauth::{Dialog, consent};
use super::route;
use crate::answer::{Answer, Shape};
use crate::call::Call;
use crate::ledger::{Order, Token, TokenKind};
use crate::state::Shared;
use crate::world::Account;

const DIALOG: Dialog = Dialog { platform: "twitch", app: "twitch", client: "client_id", tail: "" };
const APP_TOKEN_SECS: i64 = 5_011_271;
const USERS: Shape = Shape { count: "", id: "/data/0/id", name: "/data/0/display_name", list: "/data" };
const FOLLOWERS: Shape = Shape { count: "/total", id: "", name: "", list: "/data" };
const STREAMS: Shape =
    Shape { count: "/data/0/viewer_count", id: "/data/0/user_id", name: "/data/0/user_name", list: "/data" };

/// `id.twitch.tv`
pub fn auth(shared: &Shared, call: &Call) -> Answer {
    let path = call.segments();
    match route!(call, path) {
        ("GET", ["oauth2", "authorize"]) => consent(shared, call, &DIALOG),
        ("POST", ["oauth2", "token"]) => token(shared, call),
        ("GET", ["oauth2", "validate"]) => validate(shared, call),
        ("POST", ["oauth2", "revoke"]) => revoke(shared, call),
        _ => short_refusal(404, "not found"),
    }
}

/// Client credentials; the parameters may be in the body or in the query.
fn token(shared: &Shared, call: &Call) -> Answer {
    let form = call.form();
    let get = |name: &str| form.get(name).or_else(|| call.arg(name)).unwrap_or_default();
    let Some(app) = shared.app_by_id("twitch", get("client_id")) else {
        return short_refusal(400, "invalid client");
    };
    if app.secret != get("client_secret") || call.shows("twitch/invalid-secret") {
        return short_refusal(403, "invalid client secret");
    }
    if get("grant_type") != "client_credentials" {
        return short_refusal(400, "invalid grant type");
    }
    let mut books = shared.books();
    let value = books.issue(
        call.now,
        Order {
            length: 30,
            life: Some(SignedDuration::from_secs(APP_TOKEN_SECS)),
            ..Order::new(TokenKind::App, "twitch", &app.owner)
        },
    );
    if let Some(token) = books.find(&value, call.now) {
        books.exchanged(call.now, "client_credentials", &token, &[&value]);
    }
    Answer::json(200, json!({"access_token": value, "expires_in": APP_TOKEN_SECS, "token_type": "bearer"}))
}

fn validate(shared: &Shared, call: &Call) -> Answer {
    let value = call.authorization("OAuth").or_else(|| call.bearer()).unwrap_or_default();
    let Some(token) = shared.books().valid("twitch", value, call.now) else {
        return short_refusal(401, "invalid access token");
    };
    let left = token.expires_at.map_or(0, |end| end.duration_since(call.now).as_secs());
    let client = shared.app(&token.account, "twitch").id;
    Answer::json(200, json!({"client_id": client, "scopes": null, "expires_in": left}))
}

fn revoke(shared: &Shared, call: &Call) -> Answer {
    let form = call.form();
    if shared.books().revoke(form.get("token").unwrap_or_default()) {
        Answer::empty(200)
    } else {
        short_refusal(400, "Invalid token")
    }
}

/// The sign-in host has no `error` key.
fn short_refusal(status: u16, message: &str) -> Answer {
    Answer::json(status, json!({"status": status, "message": message}))
}

/// `api.twitch.tv`
pub fn helix(shared: &Shared, call: &Call) -> Answer {
    let answer = authorised(shared, call).map(|_| read(shared, call));
    answer.unwrap_or_else(|refusal| refusal)
}

fn read(shared: &Shared, call: &Call) -> Answer {
    let path = call.segments();
    let answer = match route!(call, path) {
        ("GET", ["helix", "users"]) => users(shared, call),
        ("GET", ["helix", "channels", "followers"]) => followers(shared, call),
        ("GET", ["helix", "streams"]) => streams(shared, call),
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
    let token = token.ok_or_else(|| refused(401, "Unauthorized", "Invalid OAuth token"))?;
    if shared.app(&token.account, "twitch").id == client {
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
                "type": "", "broadcaster_type": "affiliate", "description": account.creator.bio,
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
