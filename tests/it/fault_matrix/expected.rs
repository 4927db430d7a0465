//! What each fault must end in. A fault is judged by its name; a way may know better.

use mediakit::domain::failure::FailureKind as K;
use mediakit::domain::failure::FailureKind;

use crate::harness::Owner;

/// A way to a platform's numbers.
#[derive(Debug)]
pub struct Way {
    pub name: &'static str,
    pub platform: &'static str,
    /// The host that misbehaves.
    pub upstream: &'static str,
    pub owner: Owner,
    /// The group of faults only this platform knows.
    pub group: &'static str,
    /// Paths whose failure costs a part and not the audience.
    pub optional: &'static [&'static str],
}

const fn way(
    name: &'static str,
    platform: &'static str,
    upstream: &'static str,
    owner: Owner,
    group: &'static str,
    optional: &'static [&'static str],
) -> Way {
    Way { name, platform, upstream, owner, group, optional }
}

pub static WAYS: &[Way] = &[
    way(
        "instagram by Facebook Login",
        "instagram",
        "FACEBOOK_GRAPH",
        Owner::Everything,
        "meta",
        &["/insights", "/media"],
    ),
    way(
        "instagram by Instagram Login",
        "instagram",
        "INSTAGRAM_GRAPH",
        Owner::Little,
        "meta",
        &["/insights", "/media"],
    ),
    way("tiktok by API", "tiktok", "TIKTOK_API", Owner::Everything, "tiktok", &["/video/list"]),
    way("tiktok by embed page", "tiktok", "TIKTOK_WEB", Owner::Little, "tiktok", &[]),
    way("youtube by API", "youtube", "YOUTUBE_API", Owner::Everything, "youtube", &[]),
    way("youtube by page", "youtube", "YOUTUBE_WEB", Owner::Little, "youtube", &["/feeds/"]),
    way("twitch", "twitch", "TWITCH_API", Owner::Everything, "twitch", &[]),
    way("twitch sign-in", "twitch", "TWITCH_AUTH", Owner::Everything, "", &[]),
    way("x", "x", "X_API", Owner::Everything, "x", &[]),
    way("discord", "discord", "DISCORD_API", Owner::Everything, "discord", &[]),
    way("bluesky", "bluesky", "BLUESKY_API", Owner::Everything, "bluesky", &[]),
    way("mastodon", "mastodon", "MASTODON", Owner::Everything, "mastodon", &[]),
];

/// How a cell must end.
#[derive(Clone, Copy, Debug)]
pub enum Ends {
    /// New numbers: the fault harms nothing that is needed.
    Saved,
    /// New numbers, or the jump guard holds them back.
    SavedOrHeld,
    /// The old numbers stay, for one of these reasons.
    Kept(&'static [FailureKind]),
}

/// What must become of `fault` on `way`; `None` where it means nothing there.
pub fn expected(way: &Way, fault: &str, path: Option<&str>) -> Option<Ends> {
    let (group, name) = fault.split_once('/')?;
    if path.is_some() {
        // The part is lost, the audience is not.
        return ["transport", "body", "status"].contains(&group).then_some(Ends::Saved);
    }
    let known_better = KNOWN_BETTER.iter().find(|(of, what, _)| way.name == *of && fault == *what);
    if let Some((_, _, ends)) = known_better {
        return Some(*ends);
    }
    match group {
        "transport" => Some(transport(name)),
        "body" => Some(body(name)),
        // A sign-in answers with a token: no count, no account, no name.
        "schema" if way.group.is_empty() => None,
        "schema" => Some(schema(name)),
        "status" => Some(status(name)),
        _ if group == way.group => MEANING.iter().find(|(what, _)| *what == fault).map(|(_, ends)| *ends),
        _ => None,
    }
}

fn transport(name: &str) -> Ends {
    Ends::Kept(match name {
        "no-headers" | "slow-headers" | "body-stalls" | "slow-body" => &[K::Timeout],
        "endless-chunks" | "headers-64k" => &[K::TooLarge],
        // Half a body with a length that agrees with it: what is left is not JSON.
        "short-content-length" => &[K::NotJson],
        "reset-after-accept" | "reset-before-answer" | "reset-mid-body" | "long-content-length" => &[K::Protocol],
        _ => &[],
    })
}

fn body(name: &str) -> Ends {
    Ends::Kept(match name {
        "gzip" | "brotli" | "bom" | "duplicate-keys" => return Ends::Saved,
        "gzip-bomb" | "brotli-bomb" | "json-10mb" | "json-deep" => &[K::TooLarge],
        "malformed" | "truncated" | "empty-200" | "no-content-204" | "trailing-garbage" => &[K::NotJson],
        "login-wall" | "login-wall-as-json" => &[K::LoginWall],
        "error-in-200" => &[K::Schema],
        _ => &[],
    })
}

fn schema(name: &str) -> Ends {
    Ends::Kept(match name {
        "count-other-type" | "list-duplicated" | "page-duplicated" | "cursor-loop" | "list-empty" => {
            return Ends::Saved;
        }
        "name-emoji" | "name-rtl-override" | "name-nul" | "name-1mb" => return Ends::Saved,
        // Right in form, far from the last number: the jump guard decides.
        "count-above-2-53" | "count-exponent" => return Ends::SavedOrHeld,
        "name-lone-surrogate" => &[K::NotJson],
        "id-other-account" => &[K::AccountMismatch],
        "array-at-root" => &[K::Schema],
        _ if name.starts_with("count-") => &[K::Schema],
        _ => &[],
    })
}

fn status(name: &str) -> Ends {
    Ends::Kept(match name {
        "success-after-two-503" => return Ends::Saved,
        "redirect-login" => &[K::LoginWall],
        "redirect-loop" | "redirect-internal" | "redirect-other-host" => &[K::RedirectRefused],
        "400" => &[K::Schema],
        // Without credentials of ours a refusal is a block; with them it is about the credentials.
        "401" => &[K::AuthRevoked, K::Blocked],
        "402" => &[K::Quota],
        "403" => &[K::Permission, K::Blocked],
        "404" | "410" => &[K::NotFound],
        "451" => &[K::Blocked],
        "408" | "500" | "502" | "503" | "504" | "520" => &[K::Upstream],
        _ if name.starts_with("429") => &[K::RateLimited],
        _ => &[],
    })
}

/// What each platform's own answers mean.
#[rustfmt::skip]
static MEANING: &[(&str, Ends)] = &[
    ("twitch/401-then-new-token", Ends::Saved),
    ("twitch/429-reset", Ends::Kept(&[K::RateLimited])),
    ("twitch/live", Ends::Saved),
    ("twitch/offline", Ends::Saved),
    ("twitch/unknown-login", Ends::Kept(&[K::NotFound])),
    ("x/402-credits", Ends::Kept(&[K::Quota])),
    ("x/403-spending-limit", Ends::Kept(&[K::Quota])),
    ("x/403-client-forbidden", Ends::Kept(&[K::Permission])),
    ("x/429-problem", Ends::Kept(&[K::RateLimited])),
    ("x/429-code-88", Ends::Kept(&[K::RateLimited])),
    ("x/429-plain", Ends::Kept(&[K::RateLimited])),
    ("x/200-errors-only", Ends::Kept(&[K::NotFound])),
    ("x/200-data-and-errors", Ends::Saved),
    ("x/suspended", Ends::Kept(&[K::Private])),
    ("x/post-count-name", Ends::Saved),
    ("x/null-counts", Ends::Saved),
    ("x/no-metrics", Ends::Kept(&[K::Schema])),
    ("discord/10006", Ends::Kept(&[K::NotFound])),
    ("discord/40333", Ends::Kept(&[K::Blocked])),
    ("discord/429", Ends::Kept(&[K::RateLimited])),
    ("discord/429-global", Ends::Kept(&[K::RateLimited])),
    ("discord/group-dm", Ends::Kept(&[K::NotFound])),
    ("discord/no-counts", Ends::Kept(&[K::Schema])),
    ("bluesky/not-found", Ends::Kept(&[K::NotFound])),
    ("bluesky/taken-down", Ends::Kept(&[K::Private])),
    ("bluesky/rate-limit", Ends::Kept(&[K::RateLimited])),
    ("mastodon/not-found", Ends::Kept(&[K::NotFound])),
    ("mastodon/rate-limit", Ends::Kept(&[K::RateLimited])),
];

/// Where a way knows better than the general rule.
#[rustfmt::skip]
static KNOWN_BETTER: &[(&str, &str, Ends)] = &[
    // A hidden count is -1 on Mastodon.
    ("mastodon", "schema/count-negative", Ends::Kept(&[K::Private])),
    // An empty list of users is an unknown user.
    ("twitch", "schema/list-empty", Ends::Kept(&[K::NotFound])),
    // An exchange is sent once, so nothing heals within it.
    ("twitch sign-in", "status/success-after-two-503", Ends::Kept(&[K::Upstream])),
];
