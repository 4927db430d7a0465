//! The platforms, one module each: requests in, answers out, as their documentation has it.
//! A module knows its own platform's contract and nothing of any client.

mod avatars;
mod bluesky;
mod discord;
mod fxtwitter;
pub mod github;
mod mastodon;
mod meta;
mod oauth;
mod tiktok;
mod twitch;
mod x;
mod youtube;

use serde_json::json;

pub use meta::{Login, scopes as meta_scopes};
pub use oauth::App;
pub use tiktok::SCOPES as TIKTOK_SCOPES;
pub use twitch::{SCOPES as TWITCH_SCOPES, order as twitch_order};
pub use x::{SCOPES as X_SCOPES, order as x_order, user_order as x_user_order};

use crate::answer::Answer;
use crate::call::Call;
use crate::state::Shared;

/// Every upstream with a listener of its own, in the order of their ports.
pub const UPSTREAMS: [&str; 20] = [
    "FACEBOOK_GRAPH",
    "FACEBOOK_WEB",
    "INSTAGRAM_GRAPH",
    "INSTAGRAM_API",
    "INSTAGRAM_WEB",
    "TIKTOK_API",
    "TIKTOK_WEB",
    "YOUTUBE_API",
    "YOUTUBE_ANALYTICS",
    "YOUTUBE_WEB",
    "GOOGLE_OAUTH",
    "TWITCH_API",
    "TWITCH_AUTH",
    "X_API",
    "DISCORD_API",
    "BLUESKY_API",
    "MASTODON",
    "GITHUB_API",
    "FXTWITTER",
    "AVATARS",
];

/// The platform's answer, faults of its own included.
pub fn answer(shared: &Shared, call: &Call) -> Answer {
    match call.upstream {
        "FACEBOOK_GRAPH" => meta::facebook(shared, call),
        "FACEBOOK_WEB" | "INSTAGRAM_WEB" => meta::web(shared, call),
        "INSTAGRAM_GRAPH" => meta::instagram(shared, call),
        "INSTAGRAM_API" => meta::code_exchange(shared, call),
        "TIKTOK_API" => tiktok::api(shared, call),
        "TIKTOK_WEB" => tiktok::web(shared, call),
        "YOUTUBE_API" => youtube::data(shared, call),
        "YOUTUBE_ANALYTICS" => youtube::analytics(shared, call),
        "YOUTUBE_WEB" => youtube::web(shared, call),
        "GOOGLE_OAUTH" => youtube::oauth(shared, call),
        "TWITCH_API" => twitch::helix(shared, call),
        "TWITCH_AUTH" => twitch::auth(shared, call),
        "X_API" => x::answer(shared, call),
        "DISCORD_API" => discord::answer(shared, call),
        "BLUESKY_API" => bluesky::answer(shared, call),
        "MASTODON" => mastodon::answer(shared, call),
        "GITHUB_API" => github::answer(shared, call),
        "FXTWITTER" => fxtwitter::answer(shared, call),
        "AVATARS" => avatars::answer(shared, call),
        _ => Answer::json(404, json!({ "message": "Not Found" })),
    }
}

/// Method and path parts, ready to be matched on.
macro_rules! route {
    ($call:expr, $segments:ident) => {
        ($call.method.as_str(), $segments.iter().map(String::as_str).collect::<Vec<_>>().as_slice())
    };
}
use route;

/// A page of a list that is addressed by the number of entries before it.
struct Window {
    /// Entries to leave out.
    skip: usize,
    /// Where the next page starts; `None` at the end.
    next: Option<usize>,
}

/// The page from `from` on. Two schema faults live here, because a list that repeats itself
/// is made by the side that cuts it.
fn window(call: &Call, total: usize, from: usize, limit: usize) -> Window {
    if call.shows("schema/cursor-loop") {
        return Window { skip: from, next: Some(from) };
    }
    let next = Some(from + limit).filter(|next| *next < total);
    let skip = if call.shows("schema/page-duplicated") { 0 } else { from };
    Window { skip, next }
}

/// Rounds down to three significant figures, as YouTube and TikTok do.
fn three_figures(count: i64) -> i64 {
    let mut unit = 1;
    while count / unit >= 1_000 {
        unit *= 10;
    }
    count / unit * unit
}

/// `48.2K`: three significant figures at most, cut off.
fn short(count: i64) -> String {
    let count = three_figures(count);
    let (unit, letter) = match count {
        1_000_000_000.. => (1_000_000_000, "B"),
        1_000_000.. => (1_000_000, "M"),
        1_000.. => (1_000, "K"),
        _ => return count.to_string(),
    };
    let (whole, rest) = (count / unit, count % unit * 100 / unit);
    let text = format!("{whole}.{rest:02}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text}{letter}")
}
