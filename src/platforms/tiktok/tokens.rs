//! What TikTok's token service answers, in its envelope of today and in the old one. Parsing only.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value as Json;

use super::{ACCESS_TOKEN, REFRESH_TOKEN};
use crate::domain::failure::FailureKind;
use crate::platforms::fields::{at, id, lifetime, oauth_refusal, optional_count, words};
use crate::platforms::{FetchError, Grant, Life};

/// A pair of tokens that was granted. A new refresh token ends the one before it.
#[derive(Clone, Debug)]
pub struct Granted {
    /// The token for calls; an answer that garbled it may still have the other one, without which all is lost.
    pub access_token: Option<SecretString>,
    /// How long it lives, when that is told; never assumed, it has changed before.
    pub expires_in: Option<Duration>,
    /// The token that renews it; when the answer brings none, the one before stays good.
    pub refresh_token: Option<SecretString>,
    /// How long that one lives.
    pub refresh_expires_in: Option<Duration>,
    /// The account's id for this app.
    pub open_id: Option<String>,
    /// What was granted.
    pub scopes: Vec<String>,
}

impl Granted {
    /// What it comes to when it was granted at `now`: of what the answer lacks, the one before stays. The life that was
    /// told is that of a new token for calls; without one the old one is renewed before its use.
    pub fn at(self, now: Timestamp) -> Grant {
        let after = |life: Option<Duration>| life.and_then(|life| now.checked_add(life).ok());
        let expires_at = if self.access_token.is_some() { after(self.expires_in) } else { Some(now) };
        let new = [(&ACCESS_TOKEN, self.access_token), (&REFRESH_TOKEN, self.refresh_token)];
        let values = new.into_iter().filter_map(|(key, token)| Some((key.name.to_owned(), token?)));
        Grant {
            values: values.collect(),
            life: Life {
                since: Some(now),
                expires_at,
                renewable_until: after(self.refresh_expires_in),
                ..Life::default()
            },
            scopes: self.scopes,
        }
    }
}

/// Reads the answer of a code exchange or a refresh.
/// <https://developers.tiktok.com/doc/oauth-user-access-token-management>
///
/// # Errors
/// What the OAuth error means, which may come with status 200; `schema` without any token.
pub fn granted(json: &Json) -> Result<Granted, FetchError> {
    if let Some(error) = oauth_refusal(json) {
        return Err(error);
    }
    let body = at(json, "/data").unwrap_or(json);
    if let Some(code) = optional_count(body, "/error_code").filter(|code| *code != 0) {
        return Err(FetchError::new(FailureKind::AuthRevoked).because(format!("error {code} of the token service")));
    }
    let token = |name: &str| {
        let value = at(body, name).and_then(Json::as_str).filter(|token| !token.is_empty());
        value.map(SecretString::from)
    };
    let (access_token, refresh_token) = (token("/access_token"), token("/refresh_token"));
    if access_token.is_none() && refresh_token.is_none() {
        return Err(FetchError::new(FailureKind::Schema).because("/access_token is missing"));
    }
    Ok(Granted {
        access_token,
        expires_in: lifetime(body, "/expires_in"),
        refresh_token,
        refresh_expires_in: lifetime(body, "/refresh_expires_in"),
        open_id: id(body, "/open_id").ok(),
        scopes: words(body, "/scope"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lives_are_read_and_never_assumed() {
        let mut body = json!({ "access_token": "act.x", "expires_in": 7200, "open_id": "000a", "refresh_expires_in": 15_552_000,
            "refresh_token": "rft.x", "scope": "user.info.basic,video.list" });
        let pair = granted(&body).unwrap();
        assert_eq!(pair.expires_in, Some(Duration::from_hours(2)));
        assert_eq!(pair.scopes, ["user.info.basic", "video.list"]);
        body["refresh_token"] = json!("");
        assert!(granted(&body).unwrap().refresh_token.is_none());
        body["expires_in"] = Json::Null;
        assert_eq!(granted(&body).unwrap().expires_in, None, "what was granted is not thrown away");
    }

    #[test]
    fn half_a_pair_is_better_than_none() {
        let half = granted(&json!({ "access_token": 48, "expires_in": 7200, "refresh_token": "rft.x" })).unwrap();
        assert!(half.access_token.is_none() && half.refresh_token.is_some());
        let none = json!({ "access_token": "", "refresh_token": "" });
        assert_eq!(granted(&none).unwrap_err().kind, FailureKind::Schema);
    }

    #[test]
    fn an_error_with_status_200_is_an_error() {
        let spent = json!({ "error": "invalid_grant", "error_description": "Refresh token is invalid or expired." });
        assert_eq!(granted(&spent).unwrap_err().kind, FailureKind::AuthRevoked);
        let down = json!({ "error": "temporarily_unavailable" });
        assert_eq!(granted(&down).unwrap_err().kind, FailureKind::Upstream);
    }
}
