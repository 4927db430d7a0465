//! Discord: members of a server, as its invite shows them to everybody. Both numbers are Discord's own estimates.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value as Json;

use super::handle::Typed;
use super::{About, Connected, FetchError, Platform, Upstream, fields};
use crate::domain::failure::FailureKind;
use crate::domain::metric::{MetricAbout, Origin, Provenance};
use crate::domain::reading::{PublicProfile, Reading, Reported};
use crate::domain::text::Text;
use crate::outbound::{Access, Answer, Call, MAX_WAIT, Outbound};

const API: Upstream = Upstream { name: "DISCORD_API", origin: "https://discord.com" };

static ABOUT: About = About {
    id: "discord",
    name: "Discord",
    audience: "members",
    metrics: &[
        MetricAbout::count("members", Text::new("Mitglieder", "Members")),
        MetricAbout::count("online", Text::new("Online", "Online")),
    ],
    demographics: &[],
    handle_example: "https://discord.gg/code",
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
pub struct Discord;

#[async_trait]
impl Platform for Discord {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    /// <https://docs.discord.com/developers/resources/invite#get-invite>
    async fn fetch(&self, http: &Outbound, account: &Connected) -> Result<Reading, FetchError> {
        let path = format!("/api/v10/invites/{}", Call::segment(&account.handle));
        let answer = http.send(&Call::get(API, path).query("with_counts", "true")).await?;
        if !(200..300).contains(&answer.status) {
            return Err(failure(&answer));
        }
        let reading = parse(&answer.json()?)?;
        fields::confirm_id(account.pinned_id.as_deref(), &reading.account_id)?;
        if !reading.profile.username.eq_ignore_ascii_case(&account.handle) {
            return Err(FailureKind::AccountMismatch.into());
        }
        Ok(reading)
    }
}

fn failure(answer: &Answer) -> FetchError {
    let stated = answer.json().ok().and_then(|body| refusal(&body));
    let Some(error) = stated else { return answer.status_error(Access::Public) };
    // The header is whole seconds, the body is finer: the longer of the two is safe.
    let wait = error.wait.max(answer.retry_after());
    error.wait(wait)
}

/// What the body of a refusal says: <https://docs.discord.com/developers/topics/opcodes-and-status-codes#json> and
/// <https://docs.discord.com/developers/topics/rate-limits>. `None` when it says no more than the status.
pub fn refusal(json: &Json) -> Option<FetchError> {
    use FailureKind as K;
    match fields::optional_count(json, "/code") {
        Some(10006) => Some(
            FetchError::new(K::NotFound).because("the invite is wrong or has expired; create one that never expires"),
        ),
        Some(40333) => Some(FetchError::new(K::Blocked).because("Discord blocks requests from this address")),
        _ => {
            let seconds = fields::at(json, "/retry_after")?.as_f64()?.max(0.0);
            let wait = Duration::try_from_secs_f64(seconds).unwrap_or(MAX_WAIT);
            let global = fields::flag(json, "/global") == Some(true);
            let detail =
                if global { "the limit of this address is reached" } else { "the limit of this request is reached" };
            Some(FetchError::new(K::RateLimited).because(detail).wait(Some(wait)))
        }
    }
}

/// The server behind an invite. An invite to a group or a person has none.
pub fn parse(json: &Json) -> Result<Reading, FetchError> {
    let guild = fields::at(json, "/guild");
    if guild.is_none() && matches!(fields::optional_count(json, "/type"), Some(1 | 2)) {
        return Err(
            FetchError::new(FailureKind::NotFound).because("the invite leads to a person or group, not to a server")
        );
    }
    let id = fields::id(json, "/guild/id")?;
    let code = fields::id(json, "/code")?;
    let members = fields::count(json, "/approximate_member_count")?;
    let online = fields::count(json, "/approximate_presence_count")?;
    let avatar = icon(json, &id);
    Ok(Reading::of(
        id,
        PublicProfile {
            name: fields::text(json, "/guild/name"),
            avatar,
            bio: fields::text(json, "/guild/description"),
            url: Some(profile_url(&code)),
            username: code,
        },
        Origin {
            source: "Discord API".to_owned(),
            provenance: Provenance::PublicApi,
            api_version: Some("v10".to_owned()),
            api_version_answered: None,
        },
        BTreeMap::from([("members", Reported::approximate(members)), ("online", Reported::approximate(online))]),
    ))
}

/// <https://docs.discord.com/developers/reference#image-formatting>
fn icon(json: &Json, guild: &str) -> Option<String> {
    let icon = fields::id(json, "/guild/icon").ok()?;
    let fit = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (fit(&icon) && fit(guild)).then(|| format!("https://cdn.discordapp.com/icons/{guild}/{icon}.png"))
}

fn normalise(raw: &str) -> Result<String, Text> {
    const REFUSED: Text = Text::new(
        "Gib die Einladung zu deinem Server ein, zum Beispiel https://discord.gg/code; der Code besteht aus Buchstaben, Ziffern und -.",
        "Enter the invite to your server, for example https://discord.gg/code; the code consists of letters, digits and -.",
    );
    let typed = Typed::read(raw).ok_or(REFUSED)?;
    let parts: Vec<&str> = typed.parts.iter().map(String::as_str).collect();
    let code = match (typed.site(), parts.as_slice()) {
        (None | Some("discord.gg"), [code])
        | (Some("discord.com" | "discordapp.com" | "discord.gg"), ["invite", code]) => *code,
        _ => return Err(REFUSED),
    };
    let fit = (1..=64).contains(&code.len())
        && !code.starts_with('-')
        && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if fit { Ok(code.to_owned()) } else { Err(REFUSED) }
}

fn profile_url(handle: &str) -> String {
    format!("https://discord.gg/{handle}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn invite() -> Json {
        json!({ "type": 0, "code": "marabikes", "guild": { "id": "165170000000000001", "name": "Mara's garage", "icon": "a1b2" },
                "approximate_member_count": 2310, "approximate_presence_count": 184 })
    }

    #[test]
    fn a_code_is_read_from_what_people_type() {
        let good = [
            "Ab-12",
            "discord.gg/Ab-12",
            "https://discord.com/invite/Ab-12?event=1",
            "http://www.discordapp.com/invite/Ab-12/",
        ];
        for raw in good {
            assert_eq!(normalise(raw), Ok("Ab-12".to_owned()), "{raw}");
        }
        let long = "a".repeat(10_240);
        let hostile =
            ["", "@mara", "a b", "a_b", "../guilds", "ab\0c", "ab\u{202e}c", "https://discord.gg", "mara#1234", &long];
        let elsewhere =
            ["https://discord.com/channels/1/2", "https://discord.com/mara", "https://evil.example/invite/ab"];
        for raw in hostile.into_iter().chain(elsewhere) {
            assert!(normalise(raw).is_err(), "{raw:?}");
        }
    }

    #[test]
    fn members_are_approximate() {
        let reading = parse(&invite()).unwrap();
        assert_eq!(reading.account_id, "165170000000000001");
        assert_eq!(reading.numbers["members"], Reported::approximate(2310));
        assert_eq!(reading.numbers["online"], Reported::approximate(184));
        let icon = "https://cdn.discordapp.com/icons/165170000000000001/a1b2.png";
        assert_eq!(reading.profile.avatar.as_deref(), Some(icon));
    }

    #[test]
    fn without_counts_there_is_no_number() {
        for key in ["approximate_member_count", "approximate_presence_count", "guild", "code"] {
            let mut invite = invite();
            invite[key] = Json::Null;
            assert_eq!(parse(&invite).unwrap_err().kind, FailureKind::Schema, "{key}");
        }
        let group = json!({ "type": 1, "code": "grp", "channel": { "id": "1" }, "approximate_member_count": 4 });
        assert_eq!(parse(&group).unwrap_err().kind, FailureKind::NotFound);
        let mut crooked = invite();
        crooked["guild"]["icon"] = json!("../../evil");
        assert_eq!(parse(&crooked).unwrap().profile.avatar, None);
    }

    #[test]
    fn refusals_are_told_by_their_code() {
        let kind = |body: Json| refusal(&body).map(|error| error.kind);
        assert_eq!(kind(json!({ "message": "Unknown Invite", "code": 10006 })), Some(FailureKind::NotFound));
        assert_eq!(kind(json!({ "message": "internal network error", "code": 40333 })), Some(FailureKind::Blocked));
        assert_eq!(kind(json!({ "message": "401: Unauthorized", "code": 0 })), None);
        let limited = |after: Json| refusal(&json!({ "retry_after": after, "global": true })).and_then(|e| e.wait);
        assert_eq!(limited(json!(1.337)), Some(Duration::from_secs_f64(1.337)));
        assert_eq!(limited(json!(-5)), Some(Duration::ZERO));
        assert_eq!(limited(json!(1e300)), Some(MAX_WAIT));
        assert_eq!(limited(json!("soon")), None);
    }
}
