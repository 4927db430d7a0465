//! Twitch's Helix API: any channel's followers and live state, and the subscribers of one's own.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value as Json;

use super::connect::{Holder, SUBSCRIPTIONS};
use super::{API, profile_url};
use crate::domain::failure::FailureKind;
use crate::domain::metric::{Origin, Provenance};
use crate::domain::reading::{Note, PublicProfile, Reading, Reported};
use crate::outbound::{Access, Call, Outbound};
use crate::platforms::{Connected, FetchError, fields};

/// Reads with one token.
pub(super) struct Helix<'a> {
    pub http: &'a Outbound,
    pub client_id: &'a str,
    pub token: &'a SecretString,
    pub now: Timestamp,
}

impl Helix<'_> {
    /// Any channel, as the public sees it.
    pub async fn read(&self, account: &Connected) -> Result<Reading, FetchError> {
        let (channel, followers, stream) = if let Some(id) = account.pinned_id.as_deref() {
            let (channel, followers, stream) =
                tokio::join!(self.channel("id", id), self.followers(id), self.stream(id));
            (channel?, followers?, stream)
        } else {
            let channel = self.channel("login", &account.handle).await?;
            let (followers, stream) = tokio::join!(self.followers(&channel.id), self.stream(&channel.id));
            (channel, followers?, stream)
        };
        fields::confirm_id(account.pinned_id.as_deref(), &channel.id)?;
        if account.pinned_id.is_none() && !channel.profile.username.eq_ignore_ascii_case(&account.handle) {
            return Err(FailureKind::AccountMismatch.into());
        }
        reading(channel, followers, stream)
    }

    /// The owner's own channel.
    pub async fn read_own(&self, own: &Holder) -> Result<Reading, FetchError> {
        let (channel, followers, stream, subscribers) = tokio::join!(
            self.channel("id", &own.id),
            self.followers(&own.id),
            self.stream(&own.id),
            self.subscribers(own)
        );
        let channel = channel?;
        fields::confirm_id(Some(&own.id), &channel.id)?;
        let may_have_subscribers = channel.may_have_subscribers;
        let mut reading = reading(channel, followers?, stream)?;
        reading.origin.provenance = Provenance::OwnerAuthorised;
        match subscribers {
            Ok(total) => drop(reading.numbers.insert("subscribers", Reported::exact(total))),
            // Twitch refuses what cannot be: only affiliates and partners have subscribers.
            Err(_) if !may_have_subscribers => reading.gone.push("subscribers"),
            Err(error) if error.kind == FailureKind::RateLimited => return Err(error),
            Err(error) => {
                reading.notes.push(Note { part: "subscribers".to_owned(), kind: error.kind, detail: error.detail });
            }
        }
        Ok(reading)
    }

    /// <https://dev.twitch.tv/docs/api/reference/#get-users>
    async fn channel(&self, by: &str, value: &str) -> Result<Channel, FetchError> {
        parse_channel(&self.get("/helix/users", &[(by, value)]).await?)
    }

    /// <https://dev.twitch.tv/docs/api/reference/#get-channel-followers>; an app token gets the total only.
    async fn followers(&self, id: &str) -> Result<i64, FetchError> {
        parse_total(&self.get("/helix/channels/followers", &[("broadcaster_id", id), ("first", "1")]).await?)
    }

    /// <https://dev.twitch.tv/docs/api/reference/#get-streams>
    async fn stream(&self, id: &str) -> Result<Stream, FetchError> {
        parse_stream(&self.get("/helix/streams", &[("user_id", id)]).await?, id)
    }

    /// <https://dev.twitch.tv/docs/api/reference/#get-broadcaster-subscriptions>; it calls a missing permission a bad
    /// token, so it is not asked without.
    async fn subscribers(&self, own: &Holder) -> Result<i64, FetchError> {
        if !own.scopes.iter().any(|scope| scope == SUBSCRIPTIONS) {
            return Err(FetchError::new(FailureKind::Permission).because(SUBSCRIPTIONS));
        }
        parse_total(&self.get("/helix/subscriptions", &[("broadcaster_id", &own.id), ("first", "1")]).await?)
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Json, FetchError> {
        let call = Call::get(API, path).header("client-id", self.client_id).bearer(self.token);
        let call = query.iter().fold(call, |call, (name, value)| call.query(name, *value));
        let answer = self.http.send(&call).await?;
        if (200..300).contains(&answer.status) {
            return answer.json();
        }
        let error = answer.status_error(Access::Credentials).because(format!("status {} of {path}", answer.status));
        let wait = error.wait.or_else(|| fields::wait_until_unix(answer.header("ratelimit-reset"), self.now));
        Err(if error.kind == FailureKind::RateLimited { error.wait(wait) } else { error })
    }
}

/// A channel: its id and what it shows of itself.
pub struct Channel {
    /// Twitch's id, digits.
    pub id: String,
    /// Name, picture and text.
    pub profile: PublicProfile,
    /// Whether it is an affiliate's or a partner's.
    pub may_have_subscribers: bool,
}

/// Whether a channel is live, and how many watch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    /// Live right now.
    pub live: bool,
    /// People watching; absent when nobody can be, or when Twitch does not say.
    pub viewers: Option<i64>,
}

/// The one channel that was asked for. `view_count` is dead and ignored.
pub fn parse_channel(json: &Json) -> Result<Channel, FetchError> {
    rows(json)?.first().ok_or(FailureKind::NotFound)?;
    let login = fields::id(json, "/data/0/login")?;
    let profile = PublicProfile {
        name: fields::text(json, "/data/0/display_name"),
        avatar: fields::web_address(json, "/data/0/profile_image_url"),
        bio: fields::text(json, "/data/0/description"),
        url: Some(profile_url(&login)),
        username: login,
    };
    let may_have_subscribers = fields::text(json, "/data/0/broadcaster_type").is_some();
    Ok(Channel { id: fields::id(json, "/data/0/id")?, profile, may_have_subscribers })
}

/// The total of a list: followers, or subscribers.
pub fn parse_total(json: &Json) -> Result<i64, FetchError> {
    fields::count(json, "/total")
}

/// The stream of the channel `id`; no row means offline.
pub fn parse_stream(json: &Json, id: &str) -> Result<Stream, FetchError> {
    if rows(json)?.is_empty() {
        return Ok(Stream::default());
    }
    fields::confirm_id(Some(id), &fields::id(json, "/data/0/user_id")?)?;
    if fields::text(json, "/data/0/type").as_deref() != Some("live") {
        return Err(FetchError::new(FailureKind::Schema).because("/data/0/type is not live"));
    }
    Ok(Stream { live: true, viewers: fields::optional_count(json, "/data/0/viewer_count") })
}

fn rows(json: &Json) -> Result<&Vec<Json>, FetchError> {
    let rows = fields::at(json, "/data").and_then(Json::as_array);
    rows.ok_or_else(|| FetchError::new(FailureKind::Schema).because("/data is not a list"))
}

/// Followers make the reading; the live state may be missing, unless its failure concerns the token or a pause.
fn reading(channel: Channel, followers: i64, stream: Result<Stream, FetchError>) -> Result<Reading, FetchError> {
    let mut numbers = BTreeMap::from([("followers", Reported::exact(followers))]);
    let (mut notes, mut gone) = (Vec::new(), Vec::new());
    match stream {
        Ok(stream) => {
            numbers.insert("live", Reported::flag(stream.live));
            match stream.viewers {
                Some(viewers) => drop(numbers.insert("viewers", Reported::exact(viewers))),
                None => gone.push("viewers"),
            }
        }
        Err(error) if matches!(error.kind, FailureKind::AuthRevoked | FailureKind::RateLimited) => return Err(error),
        Err(error) => notes.push(Note { part: "live".to_owned(), kind: error.kind, detail: error.detail }),
    }
    Ok(Reading {
        notes,
        gone,
        ..Reading::of(
            channel.id,
            channel.profile,
            Origin {
                source: "Twitch Helix API".to_owned(),
                provenance: Provenance::PublicApi,
                api_version: None,
                api_version_answered: None,
            },
            numbers,
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_unknown_login_is_not_found_and_a_broken_answer_is_no_number() {
        let kind = |body| parse_channel(&body).err().map(|e| e.kind);
        assert_eq!(kind(json!({ "data": [] })), Some(FailureKind::NotFound));
        assert_eq!(kind(json!({ "data": null })), Some(FailureKind::Schema));
        assert_eq!(kind(json!([])), Some(FailureKind::Schema));
        assert_eq!(kind(json!({ "data": [{ "login": "mara" }] })), Some(FailureKind::Schema));
        for total in [json!(null), json!(-1), json!(true), json!({})] {
            assert!(parse_total(&json!({ "total": total, "data": [] })).is_err(), "{total}");
        }
    }

    #[test]
    fn nobody_watches_an_offline_channel_and_that_is_not_zero() {
        assert_eq!(parse_stream(&json!({ "data": [] }), "33"), Ok(Stream { live: false, viewers: None }));
        let row = |kind, viewers: Json| json!({ "data": [{ "user_id": "33", "type": kind, "viewer_count": viewers }] });
        assert_eq!(parse_stream(&row("live", json!(312)), "33"), Ok(Stream { live: true, viewers: Some(312) }));
        assert_eq!(parse_stream(&row("live", Json::Null), "33"), Ok(Stream { live: true, viewers: None }));
        assert_eq!(parse_stream(&row("live", json!(1)), "34").unwrap_err().kind, FailureKind::AccountMismatch);
        assert_eq!(parse_stream(&row("", json!(1)), "33").unwrap_err().kind, FailureKind::Schema);
    }

    #[test]
    fn a_failed_live_state_leaves_the_followers() {
        let channel = || parse_channel(&json!({ "data": [{ "id": "33", "login": "mara" }] })).unwrap();
        let kept = reading(channel(), 41_230, Err(FailureKind::Upstream.into())).unwrap();
        assert_eq!(kept.numbers.keys().copied().collect::<Vec<_>>(), ["followers"]);
        assert_eq!(kept.notes[0].part, "live");
        assert!(reading(channel(), 41_230, Err(FailureKind::RateLimited.into())).is_err());
    }
}
