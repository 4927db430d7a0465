//! X: followers and posts of any account. Every read is billed, so it is opt-in: without a token nothing is asked, and
//! the refresh holds it to the budget declared here.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::Value as Json;

use super::handle::Typed;
use super::{About, Connected, CredentialKey, FetchError, Platform, Upstream, fields};
use crate::domain::failure::FailureKind;
use crate::domain::metric::{MetricAbout, Origin, Provenance, Unit};
use crate::domain::platform::Price;
use crate::domain::reading::{PublicProfile, Reading, Reported};
use crate::domain::text::Text;
use crate::outbound::{Access, Answer, Call, Outbound};

const API: Upstream = Upstream { name: "X_API", origin: "https://api.x.com" };

const TOKEN: CredentialKey = CredentialKey {
    name: "X_BEARER_TOKEN",
    aliases: &[],
    secret: true,
    required: true,
    help: Text::new(
        "Bearer-Token deiner App, aus https://console.x.com; jeder Abruf kostet Geld",
        "Bearer token of your app, from https://console.x.com; every read costs money",
    ),
};
static BUDGET: CredentialKey = CredentialKey {
    name: "X_MONTHLY_BUDGET_USD",
    aliases: &[],
    secret: false,
    required: false,
    help: Text::new(
        "Höchstens so viele US-Dollar im Monat für X (ohne Angabe 1.00)",
        "At most this many US dollars a month for X (1.00 when unset)",
    ),
};

static ABOUT: About = About {
    id: "x",
    name: "X",
    audience: "followers",
    metrics: &[
        MetricAbout::count("followers", Text::new("Follower", "Followers")),
        MetricAbout::count("following", Text::new("Folgt", "Following")),
        MetricAbout::count("posts", Text::new("Posts", "Posts")),
        MetricAbout::count("listed", Text::new("In Listen", "Listed")),
        MetricAbout::count("verified", Text::new("Verifiziert", "Verified")).unit(Unit::YesNo),
    ],
    handle_example: "@name",
    normalise,
    profile_url,
    credentials: &[TOKEN, BUDGET],
    upstreams: &[API],
    min_interval_secs: 72_000,
    // 0.010 USD per user object, see <https://docs.x.com/x-api/getting-started/pricing>.
    price: Some(Price { micro_usd_per_fetch: 10_000, budget: &BUDGET, default_micro_usd: 1_000_000 }),
    renewal: None,
    connects: &[],
};

/// The client.
pub struct X;

#[async_trait]
impl Platform for X {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    /// <https://docs.x.com/x-api/users/get-user-by-username> the first time, and from then on
    /// <https://docs.x.com/x-api/users/get-user-by-id>, which outlives a change of name.
    async fn fetch(&self, http: &Outbound, account: &Connected) -> Result<Reading, FetchError> {
        let token = account.credentials.get(&TOKEN).ok_or_else(|| {
            FetchError::new(FailureKind::NotConfigured)
                .because("X bills every read; it stays off until X_BEARER_TOKEN is set")
        })?;
        let path = match &account.pinned_id {
            Some(id) => format!("/2/users/{}", Call::segment(id)),
            None => format!("/2/users/by/username/{}", Call::segment(&account.handle)),
        };
        let call = Call::get(API, path).bearer(token).query(
            "user.fields",
            "created_at,description,profile_image_url,protected,public_metrics,verified,verified_type",
        );
        let answer = http.send(&call).await?;
        if !(200..300).contains(&answer.status) {
            return Err(failure(&answer, account));
        }
        let reading = parse(&answer.json()?)?;
        fields::confirm_id(account.pinned_id.as_deref(), &reading.account_id)?;
        if account.pinned_id.is_none() && !reading.profile.username.eq_ignore_ascii_case(&account.handle) {
            return Err(FailureKind::AccountMismatch.into());
        }
        Ok(reading)
    }
}

fn failure(answer: &Answer, account: &Connected) -> FetchError {
    let stated = answer.json().ok().and_then(|body| problem(&body));
    let error = stated.unwrap_or_else(|| answer.status_error(Access::Credentials));
    if error.kind != FailureKind::RateLimited {
        return error;
    }
    let reset = || fields::wait_until_unix(answer.header("x-rate-limit-reset"), account.now);
    error.wait(answer.retry_after().or_else(reset))
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
    Ok(Reading {
        account_id: fields::id(json, "/data/id")?,
        profile: PublicProfile {
            name: fields::text(json, "/data/name"),
            avatar: fields::web_address(json, "/data/profile_image_url"),
            bio: fields::text(json, "/data/description"),
            url: Some(profile_url(&username)),
            username,
        },
        origin: Origin {
            source: "X API v2".to_owned(),
            provenance: Provenance::PublicApi,
            api_version: Some("2".to_owned()),
            api_version_answered: None,
        },
        numbers,
        posts: Vec::new(),
        notes: Vec::new(),
        gone: Vec::new(),
        usage_percent: None,
    })
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

fn normalise(raw: &str) -> Result<String, Text> {
    const REFUSED: Text = Text::new(
        "Gib deinen Namen bei X ein, zum Beispiel @name oder https://x.com/name: Buchstaben, Ziffern und _, höchstens 15 Zeichen.",
        "Enter your name on X, for example @name or https://x.com/name: letters, digits and _, at most 15 characters.",
    );
    /// Addresses on the site that are no accounts.
    const PAGES: [&str; 9] = ["compose", "explore", "hashtag", "home", "i", "intent", "messages", "search", "settings"];
    let typed = Typed::read(raw).ok_or(REFUSED)?;
    let name = typed.name_on(&["x.com", "twitter.com"]).ok_or(REFUSED)?;
    let fit = (1..=15).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let page = PAGES.iter().any(|page| page.eq_ignore_ascii_case(name));
    if fit && !page { Ok(name.to_owned()) } else { Err(REFUSED) }
}

fn profile_url(handle: &str) -> String {
    format!("https://x.com/{handle}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn user(metrics: &Json) -> Json {
        json!({ "data": { "id": "2244990000", "name": "Mara", "username": "MaraBikes", "public_metrics": metrics } })
    }

    fn number(reading: &Reading, key: &str) -> Option<i64> {
        reading.numbers.get(key).and_then(|reported| reported.value.count())
    }

    #[test]
    fn a_handle_is_read_from_what_people_type() {
        for raw in ["MaraBikes", "@MaraBikes", "https://x.com/MaraBikes?s=21", "mobile.twitter.com/MaraBikes/status/1"]
        {
            assert_eq!(normalise(raw), Ok("MaraBikes".to_owned()), "{raw}");
        }
        let long = "a".repeat(10_240);
        let hostile =
            ["", "@", "a b", "mara.bikes", "a".repeat(16).leak(), "../2/users", "ma\0ra", "\u{202e}aram", &long];
        for raw in hostile.into_iter().chain(["https://instagram.com/mara", "x.com/i/flow/login", "x.com", "Home"]) {
            assert!(normalise(raw).is_err(), "{raw:?}");
        }
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
