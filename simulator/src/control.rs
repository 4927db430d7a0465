//! The control API: what the library can do (but for holding answers back), over HTTP, for tests in other languages
//! and for people with curl. A wrong request gets a sentence that says what is wrong.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::call::Call;
use crate::env::{InstagramLogin, env_social, github_token, grant};
use crate::fault::{Scope, faults};
use crate::state::{Recorded, Shared};
use crate::upstream::UPSTREAMS;
use crate::world::{Creator, PLATFORMS};

/// A refusal: status and sentence.
type Refusal = (u16, String);

/// Answers one request to the control listener.
pub fn answer(shared: &Shared, call: &Call) -> Answer {
    let path = call.segments();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let answer = match (call.method.as_str(), path.as_slice()) {
        ("GET", ["env-social", creator]) => env(shared, call, creator),
        ("GET", ["grant", creator, platform]) => {
            known_creator(shared, creator).map(|_| plain_text(grant(shared, creator, platform)))
        }
        (_, path) => json_answer(shared, call, path).map(|value| Answer::json(200, value)),
    };
    answer.unwrap_or_else(|(status, why)| Answer::json(status, json!({ "error": why })))
}

fn json_answer(shared: &Shared, call: &Call, path: &[&str]) -> Result<Value, Refusal> {
    match (call.method.as_str(), path) {
        ("GET", ["origins"]) => Ok(json!(shared.origins.get())),
        ("GET", ["faults"]) => Ok(json!(faults())),
        ("POST", ["fault"]) => set_fault(shared, body(call)?),
        ("POST", ["clear"]) => {
            shared.clear();
            Ok(done())
        }
        ("GET", ["now"]) => Ok(json!({ "now": shared.now() })),
        ("POST", ["now"]) => set_now(shared, &body(call)?),
        ("POST", ["latency"]) => set_latency(shared, &body(call)?),
        ("POST", ["replay"]) => add_replay(shared, body(call)?),
        ("GET", ["requests"]) => Ok(json!(shared.requests())),
        ("GET", ["ledger"]) => Ok(json!(shared.books().copy(shared.now()))),
        ("GET", ["billed"]) => Ok(json!({ "reads": shared.billed_reads() })),
        ("GET", ["secrets"]) => Ok(json!(shared.vault().secrets())),
        ("GET", ["secret-contents"]) => Ok(json!(shared.vault().contents())),
        ("POST", ["revoke"]) => revoke(shared, &body(call)?),
        ("GET", ["github-token", creator]) => {
            known_creator(shared, creator)?;
            Ok(json!({ "token": github_token(shared, creator) }))
        }
        ("GET", ["apps", creator, platform]) => app(shared, creator, platform),
        ("GET", ["creators"]) => Ok(json!(shared.creators())),
        ("POST", ["creators"]) => add_creator(shared, body(call)?),
        ("GET", ["truth", creator, platform]) => truth(shared, creator, platform),
        _ => Err((404, format!("there is no {} {}", call.method, call.path))),
    }
}

fn done() -> Value {
    json!({ "ok": true })
}

fn body<T: DeserializeOwned>(call: &Call) -> Result<T, Refusal> {
    serde_json::from_slice(&call.body).map_err(|why| (400, format!("the body is not what is expected: {why}")))
}

fn known_upstream(name: &str) -> Result<(), Refusal> {
    if name.is_empty() || UPSTREAMS.contains(&name) {
        Ok(())
    } else {
        Err((422, format!("there is no upstream named {name:?}")))
    }
}

fn known_creator(shared: &Shared, key: &str) -> Result<Creator, Refusal> {
    shared.creator(key).ok_or_else(|| (404, format!("there is no creator with the key {key:?}")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultOrder {
    #[serde(default)]
    upstream: String,
    fault: String,
    #[serde(default)]
    path_contains: Option<String>,
    #[serde(default)]
    times: Option<u32>,
}

fn set_fault(shared: &Shared, order: FaultOrder) -> Result<Value, Refusal> {
    known_upstream(&order.upstream)?;
    let scope = Scope { path_contains: order.path_contains, times: order.times };
    let set = shared.rules().set(&order.upstream, &order.fault, scope);
    set.map_err(|why| (422, format!("{why}; GET /faults lists them")))?;
    Ok(done())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NowOrder {
    now: Option<Timestamp>,
    advance_secs: Option<i64>,
}

fn set_now(shared: &Shared, order: &NowOrder) -> Result<Value, Refusal> {
    match (order.now, order.advance_secs) {
        (Some(now), None) => shared.set_now(now),
        (None, Some(secs)) => shared.advance(SignedDuration::from_secs(secs)),
        _ => {
            return Err((422, "give either now, in RFC 3339, or advance_secs".to_owned()));
        }
    }
    Ok(json!({ "now": shared.now() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LatencyOrder {
    #[serde(default)]
    upstream: String,
    millis: u64,
}

fn set_latency(shared: &Shared, order: &LatencyOrder) -> Result<Value, Refusal> {
    known_upstream(&order.upstream)?;
    shared.set_latency(&order.upstream, Duration::from_millis(order.millis));
    Ok(done())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplayOrder {
    upstream: String,
    #[serde(default)]
    path_contains: String,
    #[serde(default = "ok")]
    status: u16,
    content_type: String,
    /// Text; what is not text is given to the library.
    body: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
}

fn ok() -> u16 {
    200
}

fn add_replay(shared: &Shared, order: ReplayOrder) -> Result<Value, Refusal> {
    known_upstream(&order.upstream)?;
    let ReplayOrder { upstream, path_contains, status, content_type, body, headers } = order;
    let answer = Recorded { status, content_type, body: body.into_bytes(), headers };
    shared.add_replay(&upstream, &path_contains, answer);
    Ok(done())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevokeOrder {
    token: String,
}

fn revoke(shared: &Shared, order: &RevokeOrder) -> Result<Value, Refusal> {
    if shared.books().revoke(&order.token) { Ok(done()) } else { Err((404, "that token was never issued".to_owned())) }
}

/// The app a creator registered; `facebook` and `google` are platforms of their own here.
fn app(shared: &Shared, creator: &str, platform: &str) -> Result<Value, Refusal> {
    if !["facebook", "instagram", "tiktok", "google", "twitch", "x"].contains(&platform) {
        return Err((422, format!("{platform:?} has no apps")));
    }
    let app = shared.app(&known_creator(shared, creator)?.key, platform);
    Ok(json!({"id": app.id, "secret": app.secret}))
}

fn add_creator(shared: &Shared, creator: Creator) -> Result<Value, Refusal> {
    if creator.key.is_empty() {
        return Err((422, "the key must not be empty".to_owned()));
    }
    let platforms = creator.handles.keys().chain(creator.start.keys());
    for platform in platforms {
        known_platform(platform)?;
    }
    shared.add_creator(creator);
    Ok(done())
}

fn known_platform(platform: &str) -> Result<(), Refusal> {
    if PLATFORMS.contains(&platform) {
        Ok(())
    } else {
        Err((422, format!("there is no platform {platform:?}; known are {}", PLATFORMS.join(", "))))
    }
}

fn truth(shared: &Shared, creator: &str, platform: &str) -> Result<Value, Refusal> {
    known_platform(platform)?;
    let creator = known_creator(shared, creator)?;
    if creator.handles.contains_key(platform) {
        Ok(json!(shared.truth(&creator.key, platform)))
    } else {
        Err((404, format!("{} has no account on {platform}", creator.name)))
    }
}

fn env(shared: &Shared, call: &Call, creator: &str) -> Result<Answer, Refusal> {
    known_creator(shared, creator)?;
    let login = match call.arg("login") {
        None | Some("facebook") => InstagramLogin::Facebook,
        Some("instagram") => InstagramLogin::Instagram,
        Some(other) => {
            return Err((422, format!("login is facebook or instagram, not {other:?}")));
        }
    };
    Ok(plain_text(env_social(shared, creator, login)))
}

fn plain_text(text: String) -> Answer {
    Answer::raw(200, "text/plain; charset=utf-8", text)
}
