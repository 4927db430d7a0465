//! X: reads of users and posts, each of which is billed. <https://docs.x.com/x-api/users>

mod oauth;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

pub use oauth::{SCOPES, order, user_order};

use super::route;
use crate::answer::{Answer, Shape};
use crate::call::Call;
use crate::ledger::{Token, TokenKind};
use crate::state::Shared;
use crate::world::{Account, posts};

const ONE: Shape =
    Shape { count: "/data/public_metrics/followers_count", id: "/data/id", name: "/data/name", list: "" };
const POSTS: Shape =
    Shape { count: "/data/0/public_metrics/like_count", id: "/data/0/id", name: "/data/0/text", list: "/data" };
const MANY: Shape =
    Shape { count: "/data/0/public_metrics/followers_count", id: "/data/0/id", name: "/data/0/name", list: "/data" };

/// `api.x.com`, and the consent page of x.com.
pub fn answer(shared: &Shared, call: &Call) -> Answer {
    let path = call.segments();
    if let Some(answer) = oauth::answer(shared, call) {
        return answer;
    }
    if let Some(refusal) = canned(call) {
        return refusal;
    }
    let value = call.bearer().unwrap_or_default();
    let token = shared.books().valid("x", value, call.now);
    let Some(token) = token.filter(|token| matches!(token.kind, TokenKind::App | TokenKind::Access)) else {
        return problem(401, "Unauthorized", "about:blank", "Unauthorized");
    };
    let lacks = |scope: &str| token.kind == TokenKind::Access && !token.scopes.iter().any(|granted| granted == scope);
    let answer = match route!(call, path) {
        ("GET", ["2", "users", ..]) if lacks("users.read") || lacks("tweet.read") => forbidden(),
        ("GET", ["2", "tweets", ..]) if lacks("users.read") || lacks("tweet.read") => forbidden(),
        ("GET", ["2", "users", "by", "username", name]) => by_username(shared, call, name),
        ("GET", ["2", "users", "by"]) => by_usernames(shared, call),
        ("GET", ["2", "users", "me"]) => me(shared, call, &token),
        ("GET", ["2", "users", id]) => by_id(shared, call, id),
        ("GET", ["2", "users", id, "tweets"]) => posts_of(shared, call, &token, id),
        // Nobody asks for a post that there is.
        ("GET", ["2", "tweets", id]) => {
            let mut missing = not_found("id", id);
            missing["resource_type"] = json!("tweet");
            Answer::json(200, json!({ "errors": [missing] }))
        }
        _ => problem(404, "Not Found", "about:blank", "Not Found"),
    };
    limits(answer, call, 299, 900)
}

fn forbidden() -> Answer {
    problem(403, "Forbidden", "about:blank", "Forbidden")
}

/// The user whose token it is; an app's token is nobody's.
fn me(shared: &Shared, call: &Call, token: &Token) -> Answer {
    let own = shared.holder(token).filter(|_| token.kind == TokenKind::Access);
    let Some(account) = own else {
        let detail = "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.";
        let kind = "https://api.twitter.com/2/problems/unsupported-authentication";
        return problem(403, "Unsupported Authentication", kind, detail);
    };
    one(shared, call, Some(account), "id", "me")
}

/// The newest posts, without the private counts unless their owner asks.
fn posts_of(shared: &Shared, call: &Call, token: &Token, id: &str) -> Answer {
    let Some(account) = shared.by_id("x", id) else {
        return Answer::json(200, json!({"errors": [not_found("id", id)]}));
    };
    let most = call.arg("max_results").unwrap_or("10").parse().unwrap_or(0);
    if !(5..=100).contains(&most) {
        let detail = "The `max_results` query parameter value is not between 5 and 100";
        return problem(400, "Invalid Request", "https://api.twitter.com/2/problems/invalid-request", detail);
    }
    let since: Option<Timestamp> = call.arg("start_time").and_then(|at| at.parse().ok());
    let owns = token.kind == TokenKind::Access && token.account == account.creator.key;
    let fields: Vec<&str> = call.arg("tweet.fields").unwrap_or_default().split(',').collect();
    let data: Vec<Value> = posts(&account, call.now, 0, most)
        .iter()
        .filter(|post| since.is_none_or(|since| post.at >= since))
        .map(|post| {
            let id = post.numeric_id(&account);
            shared.bill(call.now, &id);
            let mut shown = json!({"id": id, "text": post.text, "edit_history_tweet_ids": [id]});
            if fields.contains(&"created_at") {
                shown["created_at"] = json!(post.at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string());
            }
            if fields.contains(&"public_metrics") {
                shown["public_metrics"] = json!({
                    "retweet_count": post.shares, "reply_count": post.comments, "like_count": post.likes,
                    "quote_count": post.shares / 4, "bookmark_count": post.saves, "impression_count": post.views,
                });
            }
            if owns && fields.contains(&"non_public_metrics") {
                shown["non_public_metrics"] = json!({
                    "impression_count": post.views, "user_profile_clicks": post.likes / 9,
                });
            }
            shown
        })
        .collect();
    if data.is_empty() {
        return Answer::json(200, json!({"meta": {"result_count": 0}}));
    }
    let meta = json!({"result_count": data.len(), "newest_id": data[0]["id"]});
    Answer::json(200, json!({ "data": data, "meta": meta })).shaped(&POSTS)
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
