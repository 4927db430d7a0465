//! Instagram through Meta's two Graph hosts: routes, versions, tokens, usage headers.
//! <https://developers.facebook.com/docs/instagram-platform>

mod error;
mod fields;
mod insights;
mod inspect;
mod metrics;
mod node;
mod pages;
mod token;
mod web;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;

pub use token::{code_exchange, scopes};
pub use web::answer as web;

use super::route;
use crate::answer::{Answer, Shape};
use crate::call::Call;
use crate::ledger::{Token, TokenKind, TokenState};
use crate::state::Shared;
use crate::world::Account;

/// Which of the two logins a token comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    Facebook,
    Instagram,
}

/// Lifetime of what Meta calls a long-lived token, in seconds.
const LONG_SECS: i64 = 5_183_944;

/// `graph.facebook.com`
pub fn facebook(shared: &Shared, call: &Call) -> Answer {
    with_headers(call, respond(shared, call, Login::Facebook))
}

/// `graph.instagram.com`
pub fn instagram(shared: &Shared, call: &Call) -> Answer {
    with_headers(call, respond(shared, call, Login::Instagram))
}

fn respond(shared: &Shared, call: &Call, login: Login) -> Answer {
    if let Some(refusal) = error::canned(call).or_else(|| exhausted(call)) {
        return refusal;
    }
    let path = unversioned(call);
    match (login, route!(call, path)) {
        (Login::Facebook, ("GET", ["oauth", "access_token"])) => token::facebook_exchange(shared, call),
        (Login::Facebook, ("GET", ["debug_token"])) => inspect::debug(shared, call),
        (Login::Instagram, ("GET", ["access_token"])) => token::instagram_exchange(shared, call),
        (Login::Instagram, ("GET", ["refresh_access_token"])) => token::instagram_refresh(shared, call),
        (_, ("GET", rest)) => match authorised(shared, call, login) {
            Ok(token) => read(shared, call, login, &token, rest),
            Err(refusal) => refusal,
        },
        (_, ("DELETE", ["me", "permissions"])) => match authorised(shared, call, login) {
            Ok(token) => {
                shared.books().revoke(&token.value);
                Answer::json(200, json!({ "success": true }))
            }
            Err(refusal) => refusal,
        },
        _ => error::bad_parameter("Unsupported method"),
    }
}

fn read(shared: &Shared, call: &Call, login: Login, token: &Token, path: &[&str]) -> Answer {
    let Some(account) = shared.holder(token) else {
        return error::no_object("me");
    };
    let own = account.id();
    match (login, path) {
        (Login::Facebook, ["me"]) => me(token, &account),
        (Login::Facebook, ["me", "permissions"]) => pages::permissions(token),
        (Login::Facebook, ["me", "accounts"]) => pages::accounts(shared, call, token, &account),
        (Login::Facebook, ["me", "businesses"]) => Answer::json(200, json!({ "data": [] })),
        (Login::Instagram, ["me"]) => node::user(shared, call, &account, login),
        (_, [id]) if *id == own => node::user(shared, call, &account, login),
        (_, ["me", "media"]) if login == Login::Instagram => node::media(shared, call, &account),
        (_, [id, "media"]) if *id == own => node::media(shared, call, &account),
        (_, [id, "insights"]) if *id == own || (login == Login::Instagram && *id == "me") => {
            insights::answer(call, token, &account)
        }
        (Login::Facebook, [id]) if pages::page_ids(&account).iter().any(|page| page == id) => {
            pages::page(call, &account, id)
        }
        (_, [id, ..]) => error::no_object(id),
        (_, []) => error::no_object("/"),
    }
}

fn me(token: &Token, account: &Account) -> Answer {
    let (id, name) = match &token.subject {
        Some(page) => (page.clone(), account.creator.name.clone()),
        None => (account.other_id("facebook-user"), account.creator.name.clone()),
    };
    Answer::json(200, json!({ "id": id, "name": name })).shaped(&Shape { id: "/id", name: "/name", ..Shape::NONE })
}

/// The token of the request, when it is alive, of the right login and may still read.
fn authorised(shared: &Shared, call: &Call, login: Login) -> Result<Token, Answer> {
    let Some(value) = call.arg("access_token").or_else(|| call.bearer()) else {
        return Err(error::error(
            400,
            2_500,
            None,
            "An active access token must be used to query information about the current user.",
        ));
    };
    let token = alive(shared, value, call.now, login)?;
    let over = data_access_ends(&token) <= call.now;
    if login == Login::Facebook && (over || call.shows("meta/data-access-expired")) {
        Err(error::no_permission())
    } else {
        Ok(token)
    }
}

fn alive(shared: &Shared, value: &str, now: Timestamp, login: Login) -> Result<Token, Answer> {
    let prefix = match login {
        Login::Facebook => "EAA",
        Login::Instagram => "IG",
    };
    let token = shared
        .books()
        .find(value, now)
        .filter(|token| token.platform == "instagram" && token.value.starts_with(prefix))
        .filter(|token| matches!(token.kind, TokenKind::Access | TokenKind::Page))
        .ok_or_else(error::unparsable_token)?;
    match token.state {
        TokenState::Valid => Ok(token),
        TokenState::Expired => Err(error::expired(token.expires_at.unwrap_or(now), now)),
        TokenState::Superseded | TokenState::Revoked => Err(error::invalidated()),
    }
}

/// Ninety days after the person agreed; no exchange moves it.
fn data_access_ends(token: &Token) -> Timestamp {
    token.authorised_at + jiff::SignedDuration::from_hours(90 * 24)
}

/// The decoded path without its version.
fn unversioned(call: &Call) -> Vec<String> {
    let mut path = call.segments();
    if path.first().is_some_and(|first| version(first).is_some()) {
        path.remove(0);
    }
    path
}

/// Versions and the last day they answer under their own name.
/// <https://developers.facebook.com/docs/graph-api/changelog/versions>
const VERSIONS: [(i64, [i16; 3]); 9] = [
    (18, [2026, 1, 26]),
    (19, [2026, 5, 21]),
    (20, [2026, 9, 24]),
    (21, [2027, 1, 21]),
    (22, [2027, 5, 20]),
    (23, [2027, 10, 8]),
    (24, [2028, 2, 18]),
    (25, [2028, 7, 29]),
    (26, [9999, 1, 1]),
];

fn version(segment: &str) -> Option<i64> {
    segment.strip_prefix('v')?.strip_suffix(".0")?.parse().ok()
}

/// The version that answers: the asked one, or the oldest that is still usable.
fn served(call: &Call) -> i64 {
    if call.shows("meta/version-changed") {
        return 26;
    }
    let asked = call.segments().first().and_then(|first| version(first)).unwrap_or(0);
    VERSIONS
        .iter()
        .filter(|(_, until)| ends(*until) > call.now)
        .map(|(number, _)| *number)
        .find(|number| *number >= asked)
        .unwrap_or(26)
}

fn ends([year, month, day]: [i16; 3]) -> Timestamp {
    let (month, day) = (i8::try_from(month).unwrap_or(1), i8::try_from(day).unwrap_or(1));
    Date::new(year, month, day)
        .ok()
        .and_then(|date| date.to_zoned(TimeZone::UTC).ok())
        .map_or(Timestamp::MAX, |start| start.timestamp())
}

fn with_headers(call: &Call, answer: Answer) -> Answer {
    let answer = answer.with("facebook-api-version", format!("v{}.0", served(call)));
    let percent = usage(call);
    match percent {
        Some(percent) => error::throttled(answer.with("x-app-usage", error::app_usage(percent)), percent, 0),
        None => answer,
    }
}

/// How full the rate limit is: it climbs by ten per cent with each request.
fn usage(call: &Call) -> Option<i64> {
    let climbing = call.fault().name.starts_with("meta/usage-climbing");
    let percent = i64::from(call.fault().before + 1) * 10;
    (climbing && percent < 100).then_some(percent)
}

/// The refusal at the end of the climb.
fn exhausted(call: &Call) -> Option<Answer> {
    if call.fault().before < 9 {
        return None;
    }
    match call.fault().name {
        "meta/usage-climbing-code-4" => {
            let refusal = error::error(400, 4, None, "(#4) Application request limit reached");
            Some(refusal.with("x-app-usage", error::app_usage(100)))
        }
        "meta/usage-climbing-80002" => {
            let message =
                "(#80002) There have been too many calls to this Instagram account. Wait a bit and try again.";
            Some(error::throttled(error::error(400, 80_002, None, message), 100, 19))
        }
        _ => None,
    }
}
