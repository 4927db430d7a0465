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
    /// Whether the host has nothing but such paths.
    pub is_extra: bool,
    /// Faults of the group that do not touch this way.
    pub not_here: &'static [&'static str],
}

const fn way(name: &'static str, platform: &'static str, upstream: &'static str, group: &'static str) -> Way {
    Way { name, platform, upstream, owner: Owner::Everything, group, optional: &[], is_extra: false, not_here: &[] }
}

impl Way {
    const fn with_little(mut self) -> Self {
        self.owner = Owner::Little;
        self
    }

    const fn optional(mut self, paths: &'static [&'static str]) -> Self {
        self.optional = paths;
        self
    }

    const fn extra(mut self, owner: Owner) -> Self {
        (self.owner, self.is_extra) = (owner, true);
        self
    }

    const fn without(mut self, faults: &'static [&'static str]) -> Self {
        self.not_here = faults;
        self
    }
}

/// Faults of TikTok's pages.
const TIKTOK_PAGE: &[&str] = &[
    "tiktok/embed-shell",
    "tiktok/embed-400",
    "tiktok/embed-overload",
    "tiktok/negative-heart",
    "tiktok/profile-private",
];
/// Faults of TikTok's interface, and the page that is asked only when the embed page is blocked.
const TIKTOK_API: &[&str] = &[
    "tiktok/scope-not-authorized",
    "tiktok/scope-permission-missed",
    "tiktok/access-token-invalid",
    "tiktok/rate-limit",
    "tiktok/internal-error",
    "tiktok/active-user-cap",
    "tiktok/error-in-200",
    "tiktok/profile-private",
];
/// Faults of YouTube's pages.
const YOUTUBE_PAGE: &[&str] =
    &["youtube/consent-page", "youtube/layout-tabbed-header", "youtube/layout-one-row", "youtube/terminated-channel"];
/// Faults of YouTube's interface.
const YOUTUBE_API: &[&str] = &[
    "youtube/quota-exceeded",
    "youtube/key-invalid",
    "youtube/key-invalid-old",
    "youtube/rate-limit",
    "youtube/hidden-subscribers",
    "youtube/hidden-subscribers-zero",
    "youtube/no-items",
    "youtube/likes-hidden",
];

pub static WAYS: &[Way] = &[
    way("instagram by Facebook Login", "instagram", "FACEBOOK_GRAPH", "meta").optional(&["/insights", "/media"]),
    way("instagram by Instagram Login", "instagram", "INSTAGRAM_GRAPH", "meta")
        .with_little()
        .optional(&["/insights", "/media"])
        .without(&["meta/data-access-expired"]),
    way("tiktok by API", "tiktok", "TIKTOK_API", "tiktok").optional(&["/video/list"]).without(TIKTOK_PAGE),
    way("tiktok by embed page", "tiktok", "TIKTOK_WEB", "tiktok").with_little().without(TIKTOK_API),
    way("youtube by API", "youtube", "YOUTUBE_API", "youtube").without(YOUTUBE_PAGE),
    way("youtube analytics", "youtube", "YOUTUBE_ANALYTICS", "").optional(&["/v2/reports"]).extra(Owner::Granted),
    way("youtube by page", "youtube", "YOUTUBE_WEB", "youtube")
        .with_little()
        .optional(&["/feeds/"])
        .without(YOUTUBE_API),
    way("twitch", "twitch", "TWITCH_API", "twitch"),
    way("twitch sign-in", "twitch", "TWITCH_AUTH", ""),
    way("x", "x", "X_API", "x"),
    way("discord", "discord", "DISCORD_API", "discord"),
    way("bluesky", "bluesky", "BLUESKY_API", "bluesky"),
    way("mastodon", "mastodon", "MASTODON", "mastodon"),
];

/// Faults of the way to a host, before it could answer anything.
pub const UNREACHABLE: [&str; 3] = ["connection/refused", "connection/dns", "connection/tls"];

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
    if path.is_some() || way.is_extra {
        // The part is lost, the audience is not.
        let groups: &[&str] = match path {
            None => &["connection"],
            Some(_) if way.is_extra => &["transport", "body", "schema", "status"],
            Some(_) => &["transport", "body", "status"],
        };
        return groups.contains(&group).then_some(Ends::Saved);
    }
    if way.not_here.contains(&fault) {
        return None;
    }
    let known_better = KNOWN_BETTER.iter().find(|(of, what, _)| way.name == *of && fault == *what);
    if let Some((_, _, ends)) = known_better {
        return Some(*ends);
    }
    match group {
        "connection" => Some(connection(name)),
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

fn connection(name: &str) -> Ends {
    Ends::Kept(match name {
        "refused" => &[K::Connect],
        "dns" => &[K::Dns],
        "tls" => &[K::Tls],
        _ => &[],
    })
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

/// How long the platform must be left alone after a fault, least and most, in seconds.
pub fn expected_wait(fault: &str) -> Option<(i64, i64)> {
    Some(match fault {
        "status/429-seconds" | "status/429-http-date" | "x/429-problem" | "x/429-code-88" | "x/429-plain" => (80, 100),
        "status/429-year-9999" => (86_400, 86_400),
        // Nothing readable was said: our own quarter of an hour.
        "status/429-none" | "status/429-garbage" => (900, 3600),
        "meta/80002-19-minutes" => (19 * 60, 19 * 60 + 5),
        "discord/429-global" => (64, 66),
        _ => return None,
    })
}

/// What each platform's own answers mean.
#[rustfmt::skip]
static MEANING: &[(&str, Ends)] = &[
    ("meta/190", Ends::Kept(&[K::AuthRevoked])),
    ("meta/190-458", Ends::Kept(&[K::AuthRevoked])),
    ("meta/190-459", Ends::Kept(&[K::AuthRevoked])),
    ("meta/190-460", Ends::Kept(&[K::AuthRevoked])),
    ("meta/190-463", Ends::Kept(&[K::AuthExpired])),
    ("meta/190-464", Ends::Kept(&[K::AuthRevoked])),
    ("meta/190-467", Ends::Kept(&[K::AuthRevoked])),
    ("meta/190-492", Ends::Kept(&[K::AuthRevoked])),
    ("meta/code-1", Ends::Kept(&[K::Upstream])),
    ("meta/code-2", Ends::Kept(&[K::Upstream])),
    ("meta/code-4", Ends::Kept(&[K::RateLimited])),
    ("meta/code-10", Ends::Kept(&[K::Permission])),
    ("meta/code-17", Ends::Kept(&[K::RateLimited])),
    ("meta/code-32", Ends::Kept(&[K::RateLimited])),
    ("meta/code-100", Ends::Kept(&[K::Schema])),
    ("meta/100-33", Ends::Kept(&[K::NotFound])),
    ("meta/code-102", Ends::Kept(&[K::AuthRevoked])),
    ("meta/code-110", Ends::Kept(&[K::NotFound])),
    ("meta/code-200", Ends::Kept(&[K::Permission])),
    ("meta/code-294", Ends::Kept(&[K::Permission])),
    ("meta/code-368", Ends::Kept(&[K::Blocked])),
    ("meta/code-613", Ends::Kept(&[K::RateLimited])),
    ("meta/code-2635", Ends::Kept(&[K::ApiVersion])),
    ("meta/code-36104", Ends::Kept(&[K::Schema])),
    ("meta/80001", Ends::Kept(&[K::RateLimited])),
    ("meta/80002-19-minutes", Ends::Kept(&[K::RateLimited])),
    ("meta/usage-climbing-code-4", Ends::Saved),
    ("meta/usage-climbing-80002", Ends::Saved),
    ("meta/version-changed", Ends::Saved),
    ("meta/insights-impressions-removed", Ends::Saved),
    ("meta/insights-reach-removed", Ends::Saved),
    ("meta/insights-views-removed", Ends::Saved),
    ("meta/insights-empty", Ends::Saved),
    ("meta/insights-scope-missing", Ends::Saved),
    ("meta/demographics-below-threshold", Ends::Saved),
    ("meta/demographics-country-refused", Ends::Saved),
    ("meta/missing-optional-fields", Ends::Saved),
    ("meta/likes-hidden", Ends::Saved),
    ("meta/data-access-expired", Ends::Kept(&[K::Permission])),
    ("tiktok/scope-not-authorized", Ends::Kept(&[K::Permission])),
    ("tiktok/scope-permission-missed", Ends::Kept(&[K::Permission])),
    ("tiktok/access-token-invalid", Ends::Kept(&[K::AuthRevoked])),
    ("tiktok/rate-limit", Ends::Kept(&[K::RateLimited])),
    ("tiktok/internal-error", Ends::Kept(&[K::Upstream])),
    ("tiktok/active-user-cap", Ends::Kept(&[K::Quota])),
    ("tiktok/error-in-200", Ends::Kept(&[K::Upstream])),
    ("tiktok/embed-shell", Ends::Kept(&[K::Blocked])),
    ("tiktok/embed-400", Ends::Kept(&[K::NotFound])),
    ("tiktok/embed-overload", Ends::Kept(&[K::RateLimited])),
    ("tiktok/negative-heart", Ends::Saved),
    ("tiktok/profile-data", Ends::Saved),
    ("tiktok/profile-private", Ends::Kept(&[K::Private])),
    ("youtube/quota-exceeded", Ends::Kept(&[K::Quota])),
    ("youtube/key-invalid", Ends::Kept(&[K::AuthRevoked])),
    ("youtube/key-invalid-old", Ends::Kept(&[K::AuthRevoked])),
    ("youtube/rate-limit", Ends::Kept(&[K::RateLimited])),
    ("youtube/hidden-subscribers", Ends::Kept(&[K::Private])),
    ("youtube/hidden-subscribers-zero", Ends::Kept(&[K::Private])),
    ("youtube/no-items", Ends::Kept(&[K::NotFound])),
    ("youtube/likes-hidden", Ends::Saved),
    ("youtube/consent-page", Ends::Kept(&[K::LoginWall])),
    ("youtube/layout-tabbed-header", Ends::Saved),
    ("youtube/layout-one-row", Ends::Saved),
    ("youtube/terminated-channel", Ends::Kept(&[K::NotFound])),
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
    // Meta's own envelope names the reason.
    ("instagram by Facebook Login", "body/error-in-200", Ends::Kept(&[K::Upstream])),
    ("instagram by Instagram Login", "body/error-in-200", Ends::Kept(&[K::Upstream])),
    // A page is read for the data in it; what follows the data does not matter.
    ("tiktok by embed page", "body/trailing-garbage", Ends::Saved),
    ("youtube by page", "body/trailing-garbage", Ends::Saved),
    // A missing and a private account answer alike.
    ("tiktok by embed page", "status/400", Ends::Kept(&[K::NotFound])),
    // The interface gives counts as text: anything but digits in it is another format.
    ("youtube by API", "body/error-in-200", Ends::Kept(&[K::Upstream])),
    ("youtube by API", "schema/count-exponent", Ends::Kept(&[K::Schema])),
    ("youtube by API", "schema/list-empty", Ends::Kept(&[K::NotFound])),
    // A header without rows, or with a count that is no text for people, is a changed header.
    ("youtube by page", "schema/list-empty", Ends::Kept(&[K::Schema])),
    ("youtube by page", "schema/count-exponent", Ends::Kept(&[K::Schema])),
    ("youtube by page", "schema/count-other-type", Ends::Kept(&[K::Schema])),
    // A hidden count is -1 on Mastodon.
    ("mastodon", "schema/count-negative", Ends::Kept(&[K::Private])),
    // An empty list of users is an unknown user.
    ("twitch", "schema/list-empty", Ends::Kept(&[K::NotFound])),
    // An exchange is sent once, so nothing heals within it.
    ("twitch sign-in", "status/success-after-two-503", Ends::Kept(&[K::Upstream])),
];
