//! Bluesky: public counts of any account, from the network's own public interface.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value as Json;

use super::handle::{self, Typed};
use super::{About, Connected, FetchError, Platform, Upstream, fields};
use crate::domain::failure::FailureKind;
use crate::domain::metric::{MetricAbout, Origin, Provenance, Unit};
use crate::domain::reading::{PublicProfile, Reading, Reported};
use crate::domain::text::Text;
use crate::outbound::{Access, Answer, Call, Outbound};

const API: Upstream = Upstream { name: "BLUESKY_API", origin: "https://public.api.bsky.app" };

static ABOUT: About = About {
    id: "bluesky",
    name: "Bluesky",
    audience: "followers",
    metrics: &[
        MetricAbout::count("followers", Text::new("Follower", "Followers")),
        MetricAbout::count("following", Text::new("Folgt", "Following")),
        MetricAbout::count("posts", Text::new("Posts", "Posts")),
        MetricAbout::count("verified", Text::new("Verifiziert", "Verified")).unit(Unit::YesNo),
    ],
    demographics: &[],
    handle_example: "@name.bsky.social",
    normalise,
    profile_url,
    credentials: &[],
    upstreams: &[API],
    min_interval_secs: 3_600,
    price: None,
    renewal: None,
    connects: &[],
};

/// The client.
pub struct Bluesky;

#[async_trait]
impl Platform for Bluesky {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    /// <https://docs.bsky.app/docs/api/app-bsky-actor-get-profile>; by DID once it is known, which outlives the handle.
    async fn fetch(&self, http: &Outbound, account: &Connected) -> Result<Reading, FetchError> {
        let actor = account.pinned_id.as_ref().unwrap_or(&account.handle);
        let call = Call::get(API, "/xrpc/app.bsky.actor.getProfile").query("actor", actor);
        let answer = http.send(&call).await?;
        if !(200..300).contains(&answer.status) {
            return Err(failure(&answer, account.now));
        }
        let reading = parse(&answer.json()?)?;
        fields::confirm_id(account.pinned_id.as_deref(), &reading.account_id)?;
        if account.pinned_id.is_none() && !reading.profile.username.eq_ignore_ascii_case(&account.handle) {
            return Err(FailureKind::AccountMismatch.into());
        }
        Ok(reading)
    }
}

/// <https://docs.bsky.app/docs/advanced-guides/rate-limits>
fn failure(answer: &Answer, now: Timestamp) -> FetchError {
    if answer.status == 400
        && let Some(error) = answer.json().ok().and_then(|body| refusal(&body))
    {
        return error;
    }
    let error = answer.status_error(Access::Public);
    let wait = error.wait.or_else(|| fields::wait_until_unix(answer.header("ratelimit-reset"), now));
    if error.kind == FailureKind::RateLimited { error.wait(wait) } else { error }
}

/// What the body of a 400 says. `None` when it is a fault of the request.
pub fn refusal(json: &Json) -> Option<FetchError> {
    let name = fields::text(json, "/error").unwrap_or_default();
    let message = fields::text(json, "/message").unwrap_or_default();
    match name.as_str() {
        "AccountTakedown" | "AccountSuspended" => {
            Some(FetchError::new(FailureKind::Private).because("Bluesky has taken the account down"))
        }
        "AccountDeactivated" => Some(FetchError::new(FailureKind::Private).because("the account is deactivated")),
        _ if message.contains("Profile not found") || message.contains("Unable to resolve handle") => {
            Some(FailureKind::NotFound.into())
        }
        _ => None,
    }
}

/// A profile.
pub fn parse(json: &Json) -> Result<Reading, FetchError> {
    let did = fields::id(json, "/did")?;
    if !did.starts_with("did:") {
        return Err(FetchError::new(FailureKind::Schema).because("/did is not a DID"));
    }
    let handle = fields::id(json, "/handle")?;
    let mut numbers = BTreeMap::from([("followers", Reported::exact(fields::count(json, "/followersCount")?))]);
    numbers.extend(fields::optional_count(json, "/followsCount").map(|n| ("following", Reported::exact(n))));
    numbers.extend(fields::optional_count(json, "/postsCount").map(|n| ("posts", Reported::exact(n))));
    let status = fields::text(json, "/verification/verifiedStatus");
    numbers.extend(status.map(|status| ("verified", Reported::flag(status == "valid"))));
    Ok(Reading::of(
        did,
        PublicProfile {
            name: fields::text(json, "/displayName"),
            avatar: fields::web_address(json, "/avatar"),
            bio: fields::text(json, "/description"),
            url: Some(profile_url(&handle)),
            username: handle,
        },
        Origin {
            source: "Bluesky API".to_owned(),
            provenance: Provenance::PublicApi,
            api_version: None,
            api_version_answered: None,
        },
        numbers,
    ))
}

/// A handle is a name in the DNS; a name without a dot is meant to be one of Bluesky's own.
fn normalise(raw: &str) -> Result<String, Text> {
    const REFUSED: Text = Text::new(
        "Gib dein Bluesky-Handle ein, zum Beispiel @name.bsky.social, deine eigene Domain oder https://bsky.app/profile/name.bsky.social.",
        "Enter your Bluesky handle, for example @name.bsky.social, your own domain or https://bsky.app/profile/name.bsky.social.",
    );
    let typed = Typed::read(raw).ok_or(REFUSED)?;
    let parts: Vec<&str> = typed.parts.iter().map(String::as_str).collect();
    let name = match (typed.site(), parts.as_slice()) {
        (None, [name]) | (Some("bsky.app"), ["profile", name, ..]) => name.strip_prefix('@').unwrap_or(name),
        _ => return Err(REFUSED),
    };
    let handle = if name.contains('.') { name.to_owned() } else { format!("{name}.bsky.social") };
    handle::public_host(&handle).ok_or(REFUSED)
}

fn profile_url(handle: &str) -> String {
    format!("https://bsky.app/profile/{handle}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn profile() -> Json {
        json!({ "did": "did:plc:synthetic0000000000000000", "handle": "mara.bsky.social", "displayName": "Mara",
                "followersCount": 812, "followsCount": 90, "postsCount": 400 })
    }

    #[test]
    fn a_handle_is_read_from_what_people_type() {
        let own = [
            "mara",
            "@Mara",
            "mara.bsky.social",
            "@mara.bsky.social",
            "https://bsky.app/profile/mara.bsky.social/post/3k",
        ];
        for raw in own {
            assert_eq!(normalise(raw), Ok("mara.bsky.social".to_owned()), "{raw}");
        }
        assert_eq!(normalise("@Mara-Bikes.de"), Ok("mara-bikes.de".to_owned()));
        let long = "a".repeat(10_240);
        let hostile =
            ["", "@", ".", "a b", "mara_bikes", "mara@example.com", "../xrpc", "ma\0ra", "127.0.0.1", "x.local", &long];
        let elsewhere =
            ["https://instagram.com/mara", "bsky.app/profile", "https://bsky.app/mara", "bsky.app/profile/did:plc:abc"];
        for raw in hostile.into_iter().chain(elsewhere) {
            assert!(normalise(raw).is_err(), "{raw:?}");
        }
    }

    #[test]
    fn the_badge_is_unknown_when_nothing_is_said() {
        let badge = |verification: Json| {
            let mut profile = profile();
            profile["verification"] = verification;
            parse(&profile).unwrap().numbers.remove("verified")
        };
        assert_eq!(badge(json!({ "verifiedStatus": "valid" })), Some(Reported::flag(true)));
        assert_eq!(badge(json!({ "verifiedStatus": "none" })), Some(Reported::flag(false)));
        assert_eq!(badge(json!({})), None);
        assert_eq!(badge(Json::Null), None);
    }

    #[test]
    fn no_followers_count_is_an_error_and_never_zero() {
        for value in [Json::Null, json!(-1), json!(true), json!({}), json!(1.5)] {
            let mut profile = profile();
            profile["followersCount"] = value.clone();
            assert_eq!(parse(&profile).unwrap_err().kind, FailureKind::Schema, "{value}");
        }
        assert_eq!(parse(&json!([])).unwrap_err().kind, FailureKind::Schema);
    }

    #[test]
    fn a_refusal_tells_a_missing_account_from_a_hidden_one() {
        let kind = |error, message| refusal(&json!({ "error": error, "message": message })).map(|e| e.kind);
        assert_eq!(kind("InvalidRequest", "Profile not found"), Some(FailureKind::NotFound));
        assert_eq!(kind("AccountTakedown", "Account has been suspended"), Some(FailureKind::Private));
        assert_eq!(kind("AccountDeactivated", "Account is deactivated"), Some(FailureKind::Private));
        assert_eq!(kind("InvalidRequest", "Error: Params must have the property \"actor\""), None);
    }
}
