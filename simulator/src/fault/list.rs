//! The closed list of faults.

use super::FaultInfo;

/// Every fault that can be switched on, grouped.
pub fn faults() -> &'static [FaultInfo] {
    &FAULTS
}

macro_rules! list {
    ($($group:literal { $($name:literal: $note:literal),+ $(,)? })+) => {
        [$($(FaultInfo { name: concat!($group, "/", $name), group: $group, note: $note },)+)+]
    };
}

#[rustfmt::skip]
static FAULTS: [FaultInfo; 215] = list! {
    "transport" {
        "reset-after-accept": "connection reset, the request not processed",
        "reset-before-answer": "request processed, connection reset before the first byte of the answer",
        "reset-mid-body": "headers and half of the body, then a reset",
        "no-headers": "request processed, then silence",
        "slow-headers": "headers at one byte per second",
        "body-stalls": "headers and half of the body, then silence",
        "slow-body": "body at four bytes per second",
        "short-content-length": "Content-Length says half of what is sent",
        "long-content-length": "Content-Length says more than is sent, then the connection ends",
        "endless-chunks": "a chunked body of spaces without end",
        "headers-64k": "64 KB of extra headers before a right body",
    }
    "body" {
        "gzip": "the right answer, gzip",
        "brotli": "the right answer, brotli",
        "gzip-bomb": "64 MB of JSON in a small gzip body",
        "brotli-bomb": "64 MB of JSON in a tiny brotli body",
        "json-10mb": "the right answer with 10 MB of padding, valid",
        "json-deep": "JSON nested 100 000 deep",
        "malformed": "JSON with a colon missing",
        "truncated": "the first three fifths, length headers in agreement",
        "empty-200": "200 without a body",
        "no-content-204": "204",
        "login-wall": "200 with a login page",
        "login-wall-as-json": "200 with a login page that says it is JSON",
        "error-in-200": "200 with an error object",
        "bom": "a byte order mark in front",
        "duplicate-keys": "the key of the main count twice, first with 7",
        "trailing-garbage": "text after the end of the JSON",
    }
    "schema" {
        "count-missing": "the main count is left out",
        "count-null": "the main count is null",
        "count-other-type": "a number becomes a string, a string a number",
        "count-float": "48263.7",
        "count-exponent": "4.8263e4",
        "count-negative": "-48263",
        "count-above-2-53": "9007199254740995",
        "count-above-2-63": "9223372036854775809",
        "count-bool": "true",
        "count-object": "the count inside an object",
        "count-renamed": "the count under another name",
        "array-at-root": "the whole answer inside an array",
        "list-empty": "the main list is empty",
        "list-duplicated": "each entry of the main list twice",
        "page-duplicated": "the second page repeats the first",
        "cursor-loop": "the next page is this page, for ever",
        "id-other-account": "the id of another account",
        "name-emoji": "emoji in the display name",
        "name-rtl-override": "a right-to-left override before the display name",
        "name-nul": "a NUL in the display name",
        "name-lone-surrogate": "half of a surrogate pair in the display name",
        "name-1mb": "a display name of one megabyte",
    }
    "status" {
        "redirect-loop": "302 to the same path",
        "redirect-internal": "302 to a link-local address",
        "redirect-other-host": "302 to another host",
        "redirect-login": "302 to a login page",
        "400": "plain 400", "401": "plain 401", "402": "plain 402", "403": "plain 403", "404": "plain 404",
        "408": "plain 408", "410": "plain 410",
        "429-seconds": "429, Retry-After: 90",
        "429-http-date": "429, Retry-After as a date 90 seconds ahead",
        "429-none": "429 without Retry-After",
        "429-garbage": "429, Retry-After: soon",
        "429-year-9999": "429, Retry-After in the year 9999",
        "451": "plain 451", "500": "plain 500", "502": "plain 502", "503": "plain 503", "504": "plain 504",
        "520": "plain 520",
        "success-after-two-503": "503 twice, then as if there were no fault",
    }
    "token" {
        "content-type": "the right answer, said to be HTML",
        "access-empty": "an empty access token",
        "access-number": "an access token that is a number",
        "life-missing": "without expires_in",
        "life-zero": "expires_in 0",
        "life-one-second": "expires_in 1",
        "life-negative": "expires_in -3600",
        "life-text": "expires_in \"soon\"",
        "life-3000-years": "expires_in 94672800000",
        "life-above-2-63": "expires_in 18446744073709551615",
    }
    "consent" {
        "denied": "the person says no",
        "trouble": "the platform sends the person back with server_error",
        "fewer-scopes": "the person leaves the last scope out",
        "other-account": "somebody else is signed in at the platform",
        "wrong-state": "the browser comes back with another state",
        "no-state": "the browser comes back without a state",
    }
    "meta" {
        "190": "token malformed",
        "190-458": "app removed by the user", "190-459": "checkpoint", "190-460": "password changed",
        "190-463": "token expired", "190-464": "user not confirmed", "190-467": "logged out",
        "190-492": "page role lost",
        "code-1": "unknown error", "code-2": "temporary error", "code-4": "app rate limit",
        "code-10": "permission missing", "code-17": "user rate limit", "code-32": "page rate limit",
        "code-100": "bad parameter", "100-33": "object not visible", "code-102": "session invalid",
        "code-110": "no professional account of that name", "code-200": "permission missing",
        "code-294": "ads permission missing", "code-368": "blocked for abuse", "code-613": "irregular volume",
        "code-2635": "version retired", "code-36104": "field only by business discovery",
        "80001": "page limit with a Page token", "80002-19-minutes": "account limit, 19 minutes to wait",
        "usage-climbing-code-4": "usage headers from 10 %, up 10 % per request, then code 4",
        "usage-climbing-80002": "usage headers from 10 %, up 10 % per request, then 80002",
        "version-changed": "the answer is by another version than asked",
        "insights-impressions-removed": "metric list without impressions, as since April 2025",
        "insights-reach-removed": "reach has been retired",
        "insights-views-removed": "views has been retired",
        "insights-empty": "no data at all",
        "insights-scope-missing": "insights permission not granted",
        "demographics-below-threshold": "too few followers for demographics",
        "demographics-country-refused": "the breakdown country has been retired",
        "accounts-none": "no Pages",
        "page-without-instagram": "no Page has an Instagram account",
        "missing-optional-fields": "name, biography, website and picture left out",
        "likes-hidden": "like_count left out",
        "data-access-expired": "token valid, reads refused",
        "lifetime-30-days": "new tokens live half as long, and say so",
        "debug-token-dead": "debug_token says the token is dead",
        "debug-token-never-expires": "debug_token says expires_at 0",
    }
    "instagram" {
        "code-exchange-flat": "the flat reply to the code exchange",
        "refresh-too-young": "refresh refused as under 24 hours",
        "web-429-empty": "public route: 429 without a body",
        "web-401": "public route: login required",
        "web-login-redirect": "public route: redirect to the login page",
        "web-user-null": "public route: 200 without a user",
        "web-private": "public route: private account",
    }
    "tiktok" {
        "scope-not-authorized": "scope not granted",
        "scope-permission-missed": "a field needs another scope",
        "access-token-invalid": "401 for a token that should work",
        "rate-limit": "429 rate_limit_exceeded",
        "internal-error": "500 internal_error",
        "active-user-cap": "daily cap of an unaudited app",
        "error-in-200": "an error object with status 200",
        "invalid-grant": "renewal refused",
        "invalid-grant-in-200": "renewal refused with status 200",
        "lifetime-24h": "access tokens for 24 hours, as before November 2026",
        "refresh-token-missing": "renewal answer without a refresh token, the old one stays good",
        "refresh-token-empty": "renewal answer with an empty refresh token, the old one stays good",
        "embed-shell": "embed page without data",
        "embed-400": "embed page: missing or private",
        "embed-overload": "embed page: overload-protect",
        "negative-heart": "heart count overflown into the negative",
        "profile-data": "profile page with its data",
        "profile-private": "profile page of a private account",
    }
    "youtube" {
        "quota-exceeded": "daily quota used up",
        "key-invalid": "API_KEY_INVALID",
        "key-invalid-old": "the older keyInvalid",
        "rate-limit": "429 RATE_LIMIT_EXCEEDED",
        "hidden-subscribers": "count hidden and left out",
        "hidden-subscribers-zero": "count hidden and \"0\"",
        "no-items": "no channel found",
        "likes-hidden": "likeCount left out",
        "analytics-no-rows": "too few viewers for demographics",
        "invalid-grant": "Google refuses the grant",
        "consent-page": "consent page in spite of the cookie",
        "layout-tabbed-header": "channel page in the older layout",
        "layout-one-row": "channel page with the counts in the first row",
        "terminated-channel": "channel page without a header",
    }
    "google" {
        "refresh-token-empty": "renewal answer with an empty refresh token, the old one stays good",
        "refresh-token-rotated": "renewal answer with a new refresh token, the old one ends",
        "testing-mode": "an app in testing: the grant ends 7 days after consent, and answers say so",
    }
    "twitch" {
        "401-then-new-token": "the presented token is revoked, a new one works",
        "invalid-secret": "client secret refused",
        "invalid-refresh-token": "renewal refused",
        "refresh-token-rotated": "renewal answer with a new refresh token, the old one ends",
        "no-affiliate": "a channel that nobody can pay for",
        "429-reset": "429 with Ratelimit-Reset in 30 seconds",
        "unknown-login": "no such channel",
        "live": "on air", "offline": "not on air",
    }
    "x" {
        "402-credits": "no credit left",
        "403-spending-limit": "spending limit reached",
        "403-client-forbidden": "app not enrolled",
        "429-problem": "429 as problem JSON, reset in 90 s",
        "429-code-88": "429 with error code 88, reset in 90 s",
        "429-plain": "429 in plain text, reset in 90 s",
        "200-errors-only": "200 without data",
        "200-data-and-errors": "200 with both",
        "suspended": "200, user suspended",
        "invalid-token": "renewal refused",
        "post-count-name": "post_count in place of tweet_count",
        "null-counts": "like_count and media_count null",
        "no-metrics": "no public_metrics",
    }
    "discord" {
        "10006": "unknown invite", "40333": "blocked by the edge", "50004": "widget disabled",
        "429": "rate limited, retry_after 1.337",
        "429-global": "rate limited globally, retry_after 64.57",
        "group-dm": "an invite without a guild",
        "no-counts": "no approximate counts",
    }
    "bluesky" {
        "not-found": "no such profile", "taken-down": "account suspended", "rate-limit": "429 RateLimitExceeded",
    }
    "mastodon" {
        "not-found": "no such account", "rate-limit": "429 with an ISO time",
    }
    "github" {
        "401": "bad credentials", "403-integration": "the automatic token may not",
        "403-pat": "the personal token may not", "404": "no access", "422": "validation failed",
        "secondary-limit": "403 with Retry-After",
        "key-rotation": "the key changes right after it was read once",
    }
};
