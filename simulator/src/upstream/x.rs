//! X: user look-ups, each of which is billed. <https://docs.x.com/x-api/users>

use serde_json::{Map, Value, json};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::route;
use crate::answer::{Answer, Shape};
use crate::call::Call;
use crate::ledger::{Order, TokenKind};
use crate::state::Shared;
use crate::world::Account;

const ONE: Shape =
    Shape { count: "/data/public_metrics/followers_count", id: "/data/id", name: "/data/name", list: "" };
const MANY: Shape =
    Shape { count: "/data/0/public_metrics/followers_count", id: "/data/0/id", name: "/data/0/name", list: "/data" };

/// `api.x.com`
pub fn answer(shared: &Shared, call: &Call) -> Answer {
    let path = call.segments();
    if let ("POST", ["oauth2", "token"]) = route!(call, path) {
        return token(shared, call);
    }
    if let Some(refusal) = canned(call) {
        return refusal;
    }
    let value = call.bearer().unwrap_or_default();
    if shared.books().valid("x", value, call.now).is_none() {
        return problem(401, "Unauthorized", "about:blank", "Unauthorized");
    }
    let answer = match route!(call, path) {
        ("GET", ["2", "users", "by", "username", name]) => by_username(shared, call, name),
        ("GET", ["2", "users", "by"]) => by_usernames(shared, call),
        ("GET", ["2", "users", id]) => by_id(shared, call, id),
        _ => problem(404, "Not Found", "about:blank", "Not Found"),
    };
    limits(answer, call, 299, 900)
}

fn limits(answer: Answer, call: &Call, left: i64, reset_secs: i64) -> Answer {
    answer
        .with("x-rate-limit-limit", "300")
        .with("x-rate-limit-remaining", left.to_string())
        .with("x-rate-limit-reset", (call.now.as_second() + reset_secs).to_string())
}

fn problem(status: u16, title: &str, kind: &str, detail: &str) -> Answer {
    Answer::json(status, json!({"title": title, "type": kind, "status": status, "detail": detail}))
        .with("content-type", "application/problem+json")
}

fn canned(call: &Call) -> Option<Answer> {
    let kind = |suffix: &str| format!("https://api.twitter.com/2/problems/{suffix}");
    Some(match call.fault().name.strip_prefix("x/")? {
        "402-credits" => problem(
            402,
            "CreditsDepleted",
            &kind("credits"),
            "Your enrolled account [1] does not have any credits to fulfill this request.",
        ),
        "403-spending-limit" => problem(
            403,
            "SpendCapReached",
            &kind("usage-capped"),
            "Your enrolled account [1] has reached its spending limit.",
        ),
        "403-client-forbidden" => {
            problem(403, "Client Forbidden", &kind("client-forbidden"), "Appropriate Level of API Access")
        }
        "429-problem" => {
            limits(problem(429, "Too Many Requests", &kind("rate-limit-exceeded"), "Too Many Requests"), call, 0, 90)
        }
        "429-code-88" => {
            let body = json!({"errors": [{"code": 88, "message": "Rate limit exceeded"}]});
            limits(Answer::json(429, body), call, 0, 90)
        }
        "429-plain" => limits(Answer::raw(429, "text/plain", "Rate limit exceeded\n"), call, 0, 90),
        "200-errors-only" => Answer::json(200, json!({"errors": [not_found("username", "marabikes")]})),
        "suspended" => Answer::json(
            200,
            json!({"errors": [{
                "value": "marabikes", "detail": "User has been suspended: [marabikes].", "title": "Forbidden",
                "resource_type": "user", "parameter": "username", "resource_id": "marabikes",
                "type": "https://api.twitter.com/2/problems/resource-unavailable",
            }]}),
        ),
        _ => return None,
    })
}

/// App tokens never end; asking again gives the same one.
fn token(shared: &Shared, call: &Call) -> Answer {
    let app = call.authorization("Basic").and_then(|basic| {
        let pair = String::from_utf8(STANDARD.decode(basic).ok()?).ok()?;
        let (id, secret) = pair.split_once(':')?;
        shared.app_by_id("x", id).filter(|app| app.secret == secret)
    });
    let Some(app) = app else {
        return Answer::json(
            403,
            json!({"errors": [{"code": 99, "message": "Unable to verify your credentials", "label": "authenticity_token_error"}]}),
        );
    };
    let mut books = shared.books();
    let standing = books.standing(TokenKind::App, "x", &app.owner, None, call.now);
    let value = standing.map_or_else(|| books.issue(call.now, order(&app.owner)), |token| token.value);
    Answer::json(200, json!({"token_type": "bearer", "access_token": value}))
}

/// How an app token is issued.
pub fn order(owner: &str) -> Order<'_> {
    Order { prefix: "AAAAAAAAAAAAAAAAAAAAA", length: 90, ..Order::new(TokenKind::App, "x", owner) }
}

fn by_username(shared: &Shared, call: &Call, name: &str) -> Answer {
    if !well_formed(name) {
        let detail = "One or more parameters to your request was invalid.";
        return problem(400, "Invalid Request", "https://api.twitter.com/2/problems/invalid-request", detail);
    }
    one(shared, call, shared.by_handle("x", name), "username", name)
}

fn by_id(shared: &Shared, call: &Call, id: &str) -> Answer {
    one(shared, call, shared.by_id("x", id), "id", id)
}

fn one(shared: &Shared, call: &Call, account: Option<Account>, parameter: &str, value: &str) -> Answer {
    let Some(account) = account else {
        return Answer::json(200, json!({"errors": [not_found(parameter, value)]}));
    };
    let mut reply = json!({"data": user(shared, call, &account)});
    if call.shows("x/200-data-and-errors") {
        reply["errors"] = json!([not_found("pinned_tweet_id", "1")]);
    }
    Answer::json(200, reply).shaped(&ONE)
}

fn by_usernames(shared: &Shared, call: &Call) -> Answer {
    let names: Vec<&str> = call.arg("usernames").unwrap_or_default().split(',').collect();
    if names.len() > 100 || !names.iter().all(|name| well_formed(name)) {
        let detail = "One or more parameters to your request was invalid.";
        return problem(400, "Invalid Request", "https://api.twitter.com/2/problems/invalid-request", detail);
    }
    let (mut data, mut errors) = (Vec::new(), Vec::new());
    for name in names {
        match shared.by_handle("x", name) {
            Some(account) => data.push(user(shared, call, &account)),
            None => errors.push(not_found("usernames", name)),
        }
    }
    let mut reply = Map::new();
    if !data.is_empty() {
        reply.insert("data".into(), json!(data));
    }
    if !errors.is_empty() {
        reply.insert("errors".into(), json!(errors));
    }
    Answer::json(200, Value::Object(reply)).shaped(&MANY)
}

fn well_formed(name: &str) -> bool {
    (1..=15).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn not_found(parameter: &str, value: &str) -> Value {
    json!({
        "value": value, "detail": format!("Could not find user with {parameter}: [{value}]."),
        "title": "Not Found Error", "resource_type": "user", "parameter": parameter, "resource_id": value,
        "type": "https://api.twitter.com/2/problems/resource-not-found",
    })
}

/// The user object with the fields that were asked for; each delivered user is billed.
fn user(shared: &Shared, call: &Call, account: &Account) -> Value {
    let truth = account.truth(call.now);
    shared.bill(call.now, &truth.account_id);
    let mut user = json!({"id": truth.account_id, "name": truth.name, "username": truth.handle});
    for field in call.arg("user.fields").unwrap_or_default().split(',') {
        match field {
            "created_at" => user[field] = json!("2013-12-14T04:35:55.000Z"),
            "description" => user[field] = json!(account.creator.bio),
            "location" => user[field] = json!(account.creator.location),
            "profile_image_url" => user[field] = json!(shared.avatar(account, call.now)),
            "protected" => user[field] = json!(false),
            "verified" => user[field] = json!(truth.verified),
            "verified_type" => user[field] = json!(if truth.verified { "blue" } else { "none" }),
            "public_metrics" if !call.shows("x/no-metrics") => user[field] = metrics(call, account),
            _ => {}
        }
    }
    user
}

fn metrics(call: &Call, account: &Account) -> Value {
    let truth = account.truth(call.now);
    let posts = if call.shows("x/post-count-name") { "post_count" } else { "tweet_count" };
    let mut metrics = json!({
        "followers_count": truth.followers, "following_count": truth.following, posts: truth.posts,
        "listed_count": truth.listed, "like_count": truth.likes, "media_count": truth.posts / 7,
    });
    if call.shows("x/null-counts") {
        metrics["like_count"] = Value::Null;
        metrics["media_count"] = Value::Null;
    }
    metrics
}
