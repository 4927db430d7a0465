//! The Data API: with a key one call for any channel; with the owner's token their own channel first.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};
use secrecy::SecretString;
use serde_json::Value as Json;

use super::{YOUTUBE_API, is_channel_id, profile_url, subscribers};
use crate::domain::failure::FailureKind;
use crate::domain::metric::{Origin, Provenance};
use crate::domain::reading::{PublicProfile, Reading, Reported};
use crate::outbound::{Access, Call, Outbound};
use crate::platforms::fields::{accepted, at, flag, id, oauth_refusal, optional_count, text, web_address};
use crate::platforms::page::settled;
use crate::platforms::{Connected, FetchError};

/// A permission that the owner did not give.
pub(super) const NO_SCOPE: &str = "the scope youtube.readonly was not granted";
/// An interface that is switched off where the key or the app is from.
pub(super) const NOT_ENABLED: &str = "the YouTube Data API v3 is not enabled for the key's project";

/// The fields of a channel we use. Counts are absent when their part was not asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiChannel {
    /// The channel's id.
    pub id: String,
    /// Its handle, without `@`; absent for a channel that has none.
    pub handle: Option<String>,
    /// Subscribers, from 1000 on rounded down to three figures.
    pub subscribers: Option<i64>,
    /// Whether the owner hides them.
    pub hidden: bool,
    /// Videos.
    pub videos: Option<i64>,
    /// Views of all videos.
    pub views: Option<i64>,
    /// Name, picture and text.
    pub profile: PublicProfile,
}

/// With what the Data API is asked.
#[derive(Clone, Copy, Debug)]
pub(super) enum Caller<'a> {
    /// A key: anybody's public numbers.
    Key(&'a SecretString),
    /// A token of the channel's owner.
    Owner(&'a SecretString),
}

impl Caller<'_> {
    /// A question about channels, with what shows who asks.
    fn asks(self, part: &str) -> Call {
        let call = Call::get(YOUTUBE_API, "/youtube/v3/channels").query("part", part);
        match self {
            Self::Key(key) => call.secret_query("key", key),
            Self::Owner(token) => call.bearer(token),
        }
    }
}

/// Whether the key is good; one unit of the day's quota.
/// <https://developers.google.com/youtube/v3/docs/channels/list>
pub(super) async fn check(http: &Outbound, key: &SecretString, now: Timestamp) -> Result<(), FetchError> {
    // YouTube's own channel: it is not going away.
    let answer = http.send(&Caller::Key(key).asks("id").query("id", "UCBR8-60-B28hp2BmDPdntcQ")).await?;
    accepted(&answer, Access::Credentials, |json| refusal(json, now)).map(drop)
}

/// The token's own channel, without its counts, `None` when its owner has none; one unit of the day's quota.
pub(super) async fn own_channel(
    http: &Outbound,
    token: &SecretString,
    now: Timestamp,
) -> Result<Option<ApiChannel>, FetchError> {
    own(http, Caller::Owner(token), "snippet", now).await
}

/// <https://developers.google.com/youtube/v3/docs/channels/list#mine>
async fn own(http: &Outbound, owner: Caller<'_>, part: &str, now: Timestamp) -> Result<Option<ApiChannel>, FetchError> {
    let answer = http.send(&owner.asks(part).query("mine", "true")).await?;
    let json = accepted(&answer, Access::Credentials, |json| refusal(json, now))?;
    match parse_channels(&json) {
        Ok(found) => Ok(found.into_iter().next()),
        Err(error) if error.kind == FailureKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// <https://developers.google.com/youtube/v3/docs/channels/list>
pub(super) async fn fetch(
    http: &Outbound,
    account: &Connected,
    channel: Option<&str>,
    caller: Caller<'_>,
) -> Result<Reading, FetchError> {
    const PARTS: &str = "snippet,statistics";
    if let Caller::Owner(_) = caller {
        let is_asked_for = |own: &ApiChannel| match channel {
            Some(id) => own.id == id,
            None => own.handle.as_ref().is_some_and(|handle| handle.to_lowercase() == account.handle),
        };
        if let Some(own) = own(http, caller, PARTS, account.now).await?.filter(is_asked_for) {
            return reading(account, own.id.clone(), own, Provenance::OwnerAuthorised);
        }
    }
    let call = caller.asks(PARTS);
    let call = match channel {
        Some(id) => call.query("id", id),
        None => call.query("forHandle", format!("@{}", account.handle)),
    };
    let answer = http.send(&call).await?;
    let json = accepted(&answer, Access::Credentials, |json| refusal(json, account.now))?;
    let found = parse_channels(&json)?;
    let other = || FetchError::new(FailureKind::AccountMismatch).because("another channel id answered");
    let found = match channel {
        Some(asked) => found.into_iter().find(|channel| channel.id == asked).ok_or_else(other)?,
        None => found.into_iter().next().ok_or(FailureKind::NotFound)?,
    };
    let asked_by_id = is_channel_id(&account.handle);
    let account_id = settled(account, &found.id, found.handle.as_deref().filter(|_| !asked_by_id))?;
    reading(account, account_id, found, Provenance::PublicApi)
}

fn reading(
    account: &Connected,
    account_id: String,
    found: ApiChannel,
    provenance: Provenance,
) -> Result<Reading, FetchError> {
    if found.hidden {
        return Err(FetchError::new(FailureKind::Private).because("the channel hides its subscriber count"));
    }
    let missing = || FetchError::new(FailureKind::Schema).because("statistics.subscriberCount is missing");
    let mut numbers = BTreeMap::from([("subscribers", subscribers(found.subscribers.ok_or_else(missing)?))]);
    numbers.extend(found.videos.map(|n| ("videos", Reported::exact(n))));
    numbers.extend(found.views.map(|n| ("views", Reported::exact(n))));
    let username = found.handle.unwrap_or_else(|| account.handle.clone());
    Ok(Reading::of(
        account_id,
        PublicProfile { url: Some(profile_url(&username)), username, ..found.profile },
        Origin {
            source: "YouTube Data API".to_owned(),
            provenance,
            api_version: Some("v3".to_owned()),
            api_version_answered: None,
        },
        numbers,
    ))
}

/// Reads the channels of a good answer.
///
/// # Errors
/// `not_found` when there is none; `schema` when the list is missing or a channel has no id.
pub fn parse_channels(json: &Json) -> Result<Vec<ApiChannel>, FetchError> {
    let none = at(json, "/pageInfo/totalResults").and_then(Json::as_i64) == Some(0);
    match at(json, "/items").and_then(Json::as_array).map(Vec::as_slice) {
        Some([]) => Err(FailureKind::NotFound.into()),
        Some(items) => items.iter().take(50).map(parse_channel).collect(),
        None if none => Err(FailureKind::NotFound.into()),
        None => Err(FetchError::new(FailureKind::Schema).because("/items is missing")),
    }
}

fn parse_channel(item: &Json) -> Result<ApiChannel, FetchError> {
    let custom = text(item, "/snippet/customUrl");
    Ok(ApiChannel {
        id: id(item, "/id")?,
        handle: custom.and_then(|custom| custom.strip_prefix('@').map(str::to_owned)),
        subscribers: optional_count(item, "/statistics/subscriberCount"),
        hidden: flag(item, "/statistics/hiddenSubscriberCount") == Some(true),
        videos: optional_count(item, "/statistics/videoCount"),
        views: optional_count(item, "/statistics/viewCount"),
        profile: PublicProfile {
            username: String::new(),
            name: text(item, "/snippet/title"),
            avatar: web_address(item, "/snippet/thumbnails/high/url")
                .or_else(|| web_address(item, "/snippet/thumbnails/default/url")),
            bio: text(item, "/snippet/description"),
            url: None,
        },
    })
}

/// The failure a body means at `now`; `None` when it is no error.
/// <https://developers.google.com/youtube/v3/docs/errors>
pub fn refusal(json: &Json, now: Timestamp) -> Option<FetchError> {
    let error = at(json, "/error")?;
    if error.is_string() {
        return oauth_refusal(json);
    }
    let of = |list: &str| at(error, list).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let reasons = of("/errors").iter().chain(of("/details")).filter_map(|entry| entry.get("reason")?.as_str());
    let status = at(error, "/status").and_then(Json::as_str);
    // The reasons are closer than the status they come with.
    let named = reasons.chain(status).find_map(|word| known(word, now));
    Some(named.unwrap_or_else(|| by_code(at(error, "/code").and_then(Json::as_i64))))
}

fn known(word: &str, now: Timestamp) -> Option<FetchError> {
    use FailureKind as K;
    let (kind, detail) = match word {
        "quotaExceeded" | "dailyLimitExceeded" => (K::Quota, "the key's daily quota"),
        "rateLimitExceeded" | "userRateLimitExceeded" | "RATE_LIMIT_EXCEEDED" => (K::RateLimited, "limit per minute"),
        "API_KEY_INVALID" | "keyInvalid" | "keyExpired" => (K::AuthRevoked, "the API key is not valid"),
        "authError" | "UNAUTHENTICATED" => (K::AuthRevoked, "the access token is not valid"),
        "insufficientPermissions" | "ACCESS_TOKEN_SCOPE_INSUFFICIENT" => (K::Permission, NO_SCOPE),
        "accessNotConfigured" | "SERVICE_DISABLED" => (K::Permission, NOT_ENABLED),
        "API_KEY_SERVICE_BLOCKED"
        | "API_KEY_HTTP_REFERRER_BLOCKED"
        | "API_KEY_IP_ADDRESS_BLOCKED"
        | "ipRefererBlocked" => (K::Permission, "the key's restrictions refuse this call"),
        "PERMISSION_DENIED" | "forbidden" => (K::Permission, "the key may not read this"),
        "channelNotFound" | "notFound" => (K::NotFound, "no such channel"),
        "backendError" | "internalError" | "UNAVAILABLE" | "INTERNAL" => (K::Upstream, "error at YouTube"),
        _ => return None,
    };
    let wait = (kind == K::Quota).then(|| until_midnight_pacific(now));
    Some(FetchError::new(kind).because(detail).wait(wait))
}

fn by_code(code: Option<i64>) -> FetchError {
    use FailureKind as K;
    let kind = match code {
        Some(401) => K::AuthRevoked,
        Some(403) => K::Permission,
        Some(404) => K::NotFound,
        Some(429) => K::RateLimited,
        Some(400..=499) => K::Schema,
        _ => K::Upstream,
    };
    FetchError::new(kind).because("an error without a known reason")
}

/// How long until the quota starts anew.
fn until_midnight_pacific(now: Timestamp) -> Duration {
    // A machine without time zone data waits an hour too long in summer.
    let zone = TimeZone::get("America/Los_Angeles").unwrap_or_else(|_| TimeZone::fixed(Offset::constant(-8)));
    let local = now.to_zoned(zone);
    let midnight = local.checked_add(1.day()).and_then(|tomorrow| tomorrow.start_of_day());
    midnight.ok().and_then(|at| Duration::try_from(at.duration_since(&local)).ok()).unwrap_or(Duration::from_hours(24))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn now() -> Timestamp {
        "2026-11-22T03:00:00Z".parse().unwrap()
    }

    #[test]
    fn each_reason_means_its_own_failure() {
        use FailureKind as K;
        let by_reason = |code: i64, reason: &str| {
            let body = json!({ "error": { "code": code, "message": "m", "errors": [{ "reason": reason }] } });
            refusal(&body, now()).unwrap().kind
        };
        assert_eq!(by_reason(403, "quotaExceeded"), K::Quota);
        assert_eq!(by_reason(400, "keyInvalid"), K::AuthRevoked);
        assert_eq!(by_reason(403, "accessNotConfigured"), K::Permission);
        assert_eq!(by_reason(500, "backendError"), K::Upstream);
        assert_eq!(by_reason(403, "news"), K::Permission);
        let by_details = json!({ "error": { "code": 400, "errors": [{ "reason": "badRequest" }], "status": "INVALID_ARGUMENT",
            "details": [{ "reason": "API_KEY_INVALID" }] } });
        assert_eq!(refusal(&by_details, now()).unwrap().kind, K::AuthRevoked);
        let limited = json!({ "error": { "code": 429, "details": [{ "reason": "RATE_LIMIT_EXCEEDED" }] } });
        assert_eq!(refusal(&limited, now()).unwrap().kind, K::RateLimited);
        assert_eq!(refusal(&json!({ "items": [] }), now()), None);
    }

    #[test]
    fn a_used_up_quota_waits_for_midnight_pacific() {
        // 03:00 UTC in November is 19:00 the day before.
        assert_eq!(until_midnight_pacific(now()), Duration::from_hours(5));
        let body = json!({ "error": { "errors": [{ "reason": "quotaExceeded" }] } });
        assert_eq!(refusal(&body, now()).unwrap().wait, Some(Duration::from_hours(5)));
    }

    #[test]
    fn no_channel_is_not_found_and_a_lost_list_is_a_changed_format() {
        let kind = |body: Json| parse_channels(&body).unwrap_err().kind;
        assert_eq!(kind(json!({ "items": [] })), FailureKind::NotFound);
        assert_eq!(kind(json!({ "pageInfo": { "totalResults": 0 } })), FailureKind::NotFound);
        assert_eq!(kind(json!({ "pageInfo": { "totalResults": 1 } })), FailureKind::Schema);
        assert_eq!(kind(json!([])), FailureKind::Schema);
        assert_eq!(kind(json!({ "items": [{ "id": null }] })), FailureKind::Schema);
    }

    #[test]
    fn hidden_subscribers_are_private_and_missing_ones_are_no_zero() {
        let account = Connected {
            handle: "marabikes".into(),
            pinned_id: None,
            credentials: crate::platforms::Credentials::default(),
            now: now(),
        };
        let channel = |statistics: Json| {
            let item = json!({ "id": "UC1", "snippet": { "customUrl": "@marabikes" }, "statistics": statistics });
            reading(&account, "UC1".into(), parse_channel(&item).unwrap(), Provenance::PublicApi)
        };
        let hidden = json!({ "hiddenSubscriberCount": true, "subscriberCount": "0" });
        assert_eq!(channel(hidden).unwrap_err().kind, FailureKind::Private);
        assert_eq!(channel(json!({})).unwrap_err().kind, FailureKind::Schema);
        let good = channel(json!({ "subscriberCount": "48200", "videoCount": "212" })).unwrap();
        assert_eq!(good.numbers["subscribers"], Reported::rounded(48_200));
        assert_eq!(good.numbers.get("views"), None);
        let small = channel(json!({ "subscriberCount": "84" })).unwrap();
        assert_eq!(small.numbers["subscribers"], Reported::exact(84));
    }
}
