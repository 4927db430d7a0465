//! X's users: what an answer about one says, and what its problems mean.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value as Json;

use super::profile_url;
use crate::domain::failure::FailureKind;
use crate::domain::metric::{Origin, Provenance};
use crate::domain::reading::{PublicProfile, Reading, Reported};
use crate::outbound::{Access, Answer};
use crate::platforms::{FetchError, fields};

/// The JSON of a good answer.
///
/// # Errors
/// What the problem or the status means, with the pause X asks for.
pub(super) fn accepted(answer: &Answer, now: Timestamp) -> Result<Json, FetchError> {
    if (200..300).contains(&answer.status) {
        return answer.json();
    }
    let stated = answer.json().ok().and_then(|body| problem(&body));
    let error = stated.unwrap_or_else(|| answer.status_error(Access::Credentials));
    if error.kind != FailureKind::RateLimited {
        return Err(error);
    }
    let reset = || -> Option<Duration> { fields::wait_until_unix(answer.header("x-rate-limit-reset"), now) };
    Err(error.wait(answer.retry_after().or_else(reset)))
}

/// The account of an answer with status 200, which may hold an error in its place.
pub fn parse(json: &Json) -> Result<Reading, FetchError> {
    if fields::at(json, "/data").is_none()
        && let Some(error) = fields::at(json, "/errors/0").and_then(problem)
    {
        return Err(error);
    }
    let mut numbers = BTreeMap::from([("followers", Reported::exact(metric(json, "followers_count")?))]);
    numbers.extend(metric(json, "following_count").ok().map(|n| ("following", Reported::exact(n))));
    // The schema says `post_count`, the guides still say `tweet_count`.
    let posts = metric(json, "post_count").or_else(|_| metric(json, "tweet_count"));
    numbers.extend(posts.ok().map(|n| ("posts", Reported::exact(n))));
    numbers.extend(metric(json, "listed_count").ok().map(|n| ("listed", Reported::exact(n))));
    numbers.extend(fields::flag(json, "/data/verified").map(|yes| ("verified", Reported::flag(yes))));
    let username = fields::id(json, "/data/username")?;
    Ok(Reading::of(
        fields::id(json, "/data/id")?,
        PublicProfile {
            name: fields::text(json, "/data/name"),
            avatar: fields::web_address(json, "/data/profile_image_url"),
            bio: fields::text(json, "/data/description"),
            url: Some(profile_url(&username)),
            username,
        },
        Origin {
            source: "X API v2".to_owned(),
            provenance: Provenance::PublicApi,
            api_version: Some("2".to_owned()),
            api_version_answered: None,
        },
        numbers,
    ))
}

fn metric(json: &Json, name: &str) -> Result<i64, FetchError> {
    fields::count(json, &format!("/data/public_metrics/{name}"))
}

/// What a problem means, told by the end of its type (the host in it changed once), see
/// <https://docs.x.com/x-api/fundamentals/response-codes-and-errors>. `None` when it says no more than the status.
pub fn problem(json: &Json) -> Option<FetchError> {
    use FailureKind as K;
    let kind_url = fields::text(json, "/type").unwrap_or_default();
    let title = fields::text(json, "/title").unwrap_or_default();
    let (kind, detail) = match kind_url.rsplit('/').next().unwrap_or_default() {
        _ if title.starts_with("Spend") => (K::Quota, "the spending limit set at X is reached"),
        "credits" => (K::Quota, "the credits at X are used up; buy more at console.x.com"),
        "usage-capped" => (K::Quota, "the monthly cap at X is reached"),
        "rate-limit-exceeded" => (K::RateLimited, "too many requests in 15 minutes"),
        "resource-not-found" => (K::NotFound, "X has no user of this name"),
        "forbidden" | "resource-unavailable" => (K::Private, "the account is suspended or not available"),
        "not-authorized-for-resource" => (K::Private, "X does not show this account to the app"),
        "client-forbidden" | "client-not-enrolled" => {
            (K::Permission, "the app at X is not enrolled for this API; attach it to a project at console.x.com")
        }
        _ if fields::optional_count(json, "/errors/0/code") == Some(88) => (K::RateLimited, "too many requests"),
        _ => return None,
    };
    Some(FetchError::new(kind).because(detail))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn user(metrics: &Json) -> Json {
        json!({ "data": { "id": "2244990000", "name": "Mara", "username": "MaraBikes", "public_metrics": metrics } })
    }

    fn number(reading: &Reading, key: &str) -> Option<i64> {
        reading.numbers.get(key).and_then(|reported| reported.value.count())
    }

    #[test]
    fn posts_are_read_under_both_names_and_unknown_counts_are_absent() {
        let new = parse(&user(&json!({ "followers_count": 12_004, "post_count": 7, "tweet_count": 6 }))).unwrap();
        assert_eq!((number(&new, "followers"), number(&new, "posts")), (Some(12_004), Some(7)));
        assert!(!new.numbers.contains_key("verified") && !new.numbers.contains_key("following"));
        let old = parse(&user(&json!({ "followers_count": "12004", "tweet_count": 6, "listed_count": -1 }))).unwrap();
        assert_eq!((number(&old, "posts"), number(&old, "listed")), (Some(6), None));
    }

    #[test]
    fn no_followers_count_is_an_error_and_never_zero() {
        for metrics in [json!(null), json!({}), json!({ "followers_count": null }), json!({ "followers_count": -3 })] {
            assert_eq!(parse(&user(&metrics)).unwrap_err().kind, FailureKind::Schema, "{metrics}");
        }
        assert_eq!(parse(&json!([])).unwrap_err().kind, FailureKind::Schema);
        assert_eq!(parse(&json!({ "errors": [{ "type": "about:blank" }] })).unwrap_err().kind, FailureKind::Schema);
    }

    #[test]
    fn problems_are_told_by_the_end_of_their_type() {
        use FailureKind as K;
        let kinds = [
            ("https://api.x.com/2/problems/resource-not-found", K::NotFound),
            ("https://api.twitter.com/2/problems/resource-not-found", K::NotFound),
            ("https://api.x.com/2/problems/forbidden", K::Private),
            ("https://api.x.com/2/problems/resource-unavailable", K::Private),
            ("https://api.twitter.com/2/problems/credits", K::Quota),
            ("https://api.twitter.com/2/problems/usage-capped", K::Quota),
            ("https://api.twitter.com/2/problems/client-forbidden", K::Permission),
            ("https://api.twitter.com/2/problems/rate-limit-exceeded", K::RateLimited),
        ];
        for (kind_url, expected) in kinds {
            assert_eq!(problem(&json!({ "type": kind_url })).map(|e| e.kind), Some(expected), "{kind_url}");
            let inside = json!({ "errors": [{ "type": kind_url }] });
            assert_eq!(parse(&inside).unwrap_err().kind, expected, "{kind_url}");
        }
        assert_eq!(problem(&json!({ "type": "about:blank", "title": "Unauthorized" })), None);
        let limit = problem(&json!({ "type": "about:blank", "title": "SpendCapReached" })).unwrap();
        assert!(limit.kind == K::Quota && limit.detail.unwrap().contains("spending limit"));
        let old = json!({ "errors": [{ "code": 88, "message": "Rate limit exceeded" }] });
        assert_eq!(problem(&old).map(|e| e.kind), Some(K::RateLimited));
    }
}
