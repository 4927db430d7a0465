//! Mastodon: public counts of an account, asked of the account's own instance. Other servers only know part of them.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value as Json;

use super::handle::{self, Typed};
use super::{About, Connected, FetchError, Platform, Upstream, fields};
use crate::domain::failure::FailureKind;
use crate::domain::metric::{MetricAbout, Origin, Provenance};
use crate::domain::reading::{PublicProfile, Reading, Reported};
use crate::domain::text::Text;
use crate::outbound::{Access, Answer, Call, Outbound};

const INSTANCE: Upstream = Upstream { name: "MASTODON", origin: "" };

static ABOUT: About = About {
    id: "mastodon",
    name: "Mastodon",
    audience: "followers",
    metrics: &[
        MetricAbout::count("followers", Text::new("Follower", "Followers")),
        MetricAbout::count("following", Text::new("Folgt", "Following")),
        MetricAbout::count("posts", Text::new("Beiträge", "Posts")),
    ],
    demographics: &[],
    handle_example: "@name@instanz.example",
    normalise,
    profile_url,
    credentials: &[],
    upstreams: &[INSTANCE],
    min_interval_secs: 3_600,
    price: None,
    renewal: None,
    connects: &[],
};

/// The client.
pub struct Mastodon;

#[async_trait]
impl Platform for Mastodon {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    /// <https://docs.joinmastodon.org/methods/accounts/#lookup>
    async fn fetch(&self, http: &Outbound, account: &Connected) -> Result<Reading, FetchError> {
        let (user, instance) = account.handle.split_once('@').ok_or(FailureKind::NotFound)?;
        let instance = handle::public_host(instance).ok_or(FailureKind::NotFound)?;
        let call = Call::get(INSTANCE, "/api/v1/accounts/lookup").host(&instance).query("acct", user);
        let answer = http.send(&call).await?;
        if !(200..300).contains(&answer.status) {
            return Err(failure(&answer, account.now));
        }
        let json = answer.json()?;
        let reading = parse(&json, &instance)?;
        fields::confirm_id(account.pinned_id.as_deref(), &reading.account_id)?;
        // With a host in it, `acct` is this server's copy of somebody else's account.
        if fields::text(&json, "/acct").is_some_and(|acct| !acct.eq_ignore_ascii_case(user)) {
            return Err(FailureKind::AccountMismatch.into());
        }
        Ok(reading)
    }
}

/// <https://docs.joinmastodon.org/api/rate-limits/>
fn failure(answer: &Answer, now: Timestamp) -> FetchError {
    let error = answer.status_error(Access::Public);
    match error.kind {
        FailureKind::Blocked if matches!(answer.status, 401 | 403) => {
            error.because("the instance answers signed-in people only")
        }
        FailureKind::RateLimited => {
            let wait = error.wait.or_else(|| wait_until(answer.header("x-ratelimit-reset"), now));
            error.wait(wait)
        }
        _ => error,
    }
}

/// The pause until an instant in RFC 3339, as Mastodon gives it.
fn wait_until(header: Option<&str>, now: Timestamp) -> Option<Duration> {
    let reset: Timestamp = header?.trim().parse().ok()?;
    Duration::try_from(reset.duration_since(now)).ok().filter(|wait| !wait.is_zero())
}

/// An account of `instance`. Its text is HTML and left out.
pub fn parse(json: &Json, instance: &str) -> Result<Reading, FetchError> {
    let hidden = |why: &str| FetchError::new(FailureKind::Private).because(why);
    let id = fields::id(json, "/id")?;
    let username = fields::id(json, "/username")?;
    if fields::flag(json, "/suspended") == Some(true) {
        return Err(hidden("the instance has suspended the account"));
    }
    if hides_count(json, "/followers_count") {
        return Err(hidden("the account hides its number of followers"));
    }
    let mut numbers = BTreeMap::from([("followers", Reported::exact(fields::count(json, "/followers_count")?))]);
    let following = fields::optional_count(json, "/following_count").filter(|_| !hides_count(json, "/following_count"));
    numbers.extend(following.map(|n| ("following", Reported::exact(n))));
    numbers.extend(fields::optional_count(json, "/statuses_count").map(|n| ("posts", Reported::exact(n))));
    let handle = format!("{username}@{instance}");
    Ok(Reading::of(
        format!("{id}@{instance}"),
        PublicProfile {
            name: fields::text(json, "/display_name"),
            avatar: fields::web_address(json, "/avatar"),
            bio: None,
            url: fields::web_address(json, "/url").or_else(|| Some(profile_url(&handle))),
            username: handle,
        },
        Origin {
            source: "Mastodon API".to_owned(),
            provenance: Provenance::PublicApi,
            api_version: Some("v1".to_owned()),
            api_version_answered: None,
        },
        numbers,
    ))
}

/// Whether a count stands for "hidden": below zero, or a zero of an account that hides its lists (servers of the same
/// API write 0 then).
fn hides_count(json: &Json, pointer: &str) -> bool {
    let hides = ["/hide_collections", "/pleroma/hide_followers_count", "/pleroma/hide_follows_count"];
    let below_zero = fields::at(json, pointer).and_then(Json::as_f64).is_some_and(|count| count < 0.0);
    let zero = fields::optional_count(json, pointer) == Some(0);
    below_zero || (zero && hides.iter().any(|key| fields::flag(json, key) == Some(true)))
}

fn normalise(raw: &str) -> Result<String, Text> {
    const REFUSED: Text = Text::new(
        "Gib deine Mastodon-Adresse mit der Instanz ein, zum Beispiel @name@mastodon.social oder https://mastodon.social/@name.",
        "Enter your Mastodon address with its instance, for example @name@mastodon.social or https://mastodon.social/@name.",
    );
    let typed = Typed::read(raw).ok_or(REFUSED)?;
    let parts: Vec<&str> = typed.parts.iter().map(String::as_str).collect();
    let (user, instance) = match (typed.host.as_deref(), parts.as_slice()) {
        (None, [address]) => address.strip_prefix('@').unwrap_or(address).split_once('@').ok_or(REFUSED)?,
        (Some(host), ["users", user, ..]) => (*user, host),
        (Some(host), ["web", name, ..] | [name, ..]) => {
            let name = name.strip_prefix('@').ok_or(REFUSED)?;
            // A view of another instance's account names that instance.
            name.split_once('@').unwrap_or((name, host))
        }
        _ => return Err(REFUSED),
    };
    let edge = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let name = user.as_bytes();
    let fit = name.len() <= 64
        && edge(name.first())
        && edge(name.last())
        && name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    match handle::public_host(instance) {
        Some(instance) if fit => Ok(format!("{user}@{instance}")),
        _ => Err(REFUSED),
    }
}

fn profile_url(handle: &str) -> String {
    let (user, instance) = handle.split_once('@').unwrap_or((handle, "mastodon.social"));
    format!("https://{instance}/@{user}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn account() -> Json {
        json!({ "id": "109000000000000001", "username": "mara", "acct": "mara", "display_name": "Mara 🚲",
                "url": "https://social.example/@mara", "followers_count": 1204, "following_count": 88, "statuses_count": 431 })
    }

    #[test]
    fn an_address_is_read_from_what_people_type() {
        for raw in [
            "@mara@social.example",
            "mara@Social.Example",
            "https://social.example/@mara",
            "social.example/@mara/109",
            "https://social.example/users/mara",
            "https://social.example/web/@mara",
            "https://other.example/@mara@social.example",
        ] {
            assert_eq!(normalise(raw), Ok("mara@social.example".to_owned()), "{raw}");
        }
        assert_eq!(normalise("ma.ra@bücher.example"), Ok("ma.ra@xn--bcher-kva.example".to_owned()));
        let long = format!("mara@{}.example", "a".repeat(10_240));
        let hostile = [
            "",
            "@",
            "mara",
            "@mara@",
            "@@social.example",
            "mara@localhost",
            "mara@nas.local",
            "mara@db.internal",
            "mara@127.0.0.1",
            "mara@2130706433",
            "mara@[::1]",
            "mara@social.example:8443",
            "mara@a@social.example",
            "ma\0ra@social.example",
            "../..@social.example",
            "mara@social.example/../x",
            "-mara@social.example",
            "https://u:p@social.example/@mara",
            "https://10.0.0.1/@mara",
            "https://instagram.com/mara",
            &long,
        ];
        for raw in hostile {
            assert!(normalise(raw).is_err(), "{raw:?}");
        }
    }

    #[test]
    fn the_id_carries_its_instance() {
        let reading = parse(&account(), "social.example").unwrap();
        assert_eq!(reading.account_id, "109000000000000001@social.example");
        assert_eq!(reading.profile.username, "mara@social.example");
        assert_eq!(reading.numbers["followers"], Reported::exact(1204));
    }

    #[test]
    fn a_hidden_count_is_private_and_never_zero() {
        let kind = |key: &str, count: i64, yes: Json| {
            let mut account = account();
            account["followers_count"] = json!(count);
            account[key] = yes;
            parse(&account, "social.example").err().map(|error| error.kind)
        };
        assert_eq!(kind("limited", 0, json!(true)), None);
        assert_eq!(kind("limited", -1, json!(false)), Some(FailureKind::Private));
        assert_eq!(kind("followers_count", 0, json!("-1")), Some(FailureKind::Schema));
        assert_eq!(kind("followers_count", 0, json!(-1.0)), Some(FailureKind::Private));
        assert_eq!(kind("hide_collections", 0, json!(true)), Some(FailureKind::Private));
        assert_eq!(kind("hide_collections", 7, json!(true)), None);
        assert_eq!(kind("pleroma", 0, json!({ "hide_followers_count": true })), Some(FailureKind::Private));
        assert_eq!(kind("suspended", 0, json!(true)), Some(FailureKind::Private));
        assert_eq!(kind("followers_count", 0, Json::Null), Some(FailureKind::Schema));
    }

    #[test]
    fn a_pause_is_read_from_its_instant() {
        let now: Timestamp = "2026-11-22T03:00:00Z".parse().unwrap();
        assert_eq!(wait_until(Some("2026-11-22T03:05:00.123Z"), now), Some(Duration::from_millis(300_123)));
        for header in [None, Some("soon"), Some("300"), Some("2026-11-22T02:59:00Z")] {
            assert_eq!(wait_until(header, now), None, "{header:?}");
        }
    }
}
