//! What token services answer (RFC 6749, section 5.1), and what it comes to. Parsing only.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value as Json;

use super::fields::{at, lifetime, oauth_refusal, words};
use super::{CredentialKey, FetchError, Grant, Life};
use crate::domain::failure::FailureKind;

/// A pair of tokens that was granted.
#[derive(Clone, Debug)]
pub struct Granted {
    /// The token for calls; an answer that garbled it may still have the other one, without which all is lost.
    pub access_token: Option<SecretString>,
    /// How long it lives, when that is told; never assumed, it has changed before.
    pub expires_in: Option<Duration>,
    /// The token that renews it; when the answer brings none, the one before stays good.
    pub refresh_token: Option<SecretString>,
    /// How long that one lives, where it ends: a week for Google's apps in testing.
    pub refresh_expires_in: Option<Duration>,
    /// What was granted.
    pub scopes: Vec<String>,
}

impl Granted {
    /// What it comes to under these keys (the token for calls, the refresh token) when it was granted at `now`: of what
    /// the answer lacks, the one before stays. The life that was told is that of a new token for calls; without one the
    /// old one is renewed before its use.
    pub fn at(self, [access, refresh]: [&CredentialKey; 2], now: Timestamp) -> Grant {
        let after = |life: Option<Duration>| life.and_then(|life| now.checked_add(life).ok());
        let expires_at = if self.access_token.is_some() { after(self.expires_in) } else { Some(now) };
        let new = [(access, self.access_token), (refresh, self.refresh_token)];
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

    /// The same, for a code that was redeemed: there was no token before that could stay.
    ///
    /// # Errors
    /// `schema` without a token for calls.
    pub fn first(self, keys: [&CredentialKey; 2], now: Timestamp) -> Result<Grant, FetchError> {
        if self.access_token.is_none() {
            return Err(FetchError::new(FailureKind::Schema).because("/access_token is missing"));
        }
        Ok(self.at(keys, now))
    }
}

/// Reads the answer of a code exchange or a refresh.
///
/// # Errors
/// What the OAuth error means, which may come with status 200; `schema` without any token.
pub fn granted(json: &Json) -> Result<Granted, FetchError> {
    if let Some(error) = oauth_refusal(json) {
        return Err(error);
    }
    let token = |name: &str| {
        let value = at(json, name).and_then(Json::as_str).filter(|token| !token.is_empty());
        value.map(SecretString::from)
    };
    let (access_token, refresh_token) = (token("/access_token"), token("/refresh_token"));
    if access_token.is_none() && refresh_token.is_none() {
        return Err(FetchError::new(FailureKind::Schema).because("/access_token is missing"));
    }
    Ok(Granted {
        access_token,
        expires_in: lifetime(json, "/expires_in"),
        refresh_token,
        // TikTok's name, and Google's.
        refresh_expires_in: ["/refresh_expires_in", "/refresh_token_expires_in"]
            .into_iter()
            .find_map(|name| lifetime(json, name)),
        scopes: words(json, "/scope"),
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

    #[test]
    fn a_refresh_brings_no_new_refresh_token() {
        let body = json!({ "access_token": "ya29.x", "expires_in": 3599, "scope": "a b", "token_type": "Bearer" });
        let token = granted(&body).unwrap();
        assert!(token.refresh_token.is_none());
        assert_eq!(token.scopes, ["a", "b"]);
        let odd = json!({ "access_token": "ya29.x", "refresh_token": "", "expires_in": -1 });
        let token = granted(&odd).unwrap();
        assert!(token.refresh_token.is_none() && token.expires_in.is_none());
    }

    #[test]
    fn a_grant_of_an_app_in_testing_tells_its_end() {
        let body = json!({ "access_token": "ya29.x", "expires_in": 3599, "refresh_token_expires_in": 604_799 });
        assert_eq!(granted(&body).unwrap().refresh_expires_in, Some(Duration::from_secs(604_799)));
    }

    /// Bodies as Google documents them, or as its endpoint sends them.
    /// <https://developers.google.com/identity/protocols/oauth2/web-server#offline>
    #[test]
    fn each_error_means_its_own_failure() {
        use FailureKind as K;
        let said = [
            ("invalid_grant", "Token has been expired or revoked.", K::AuthRevoked),
            ("invalid_grant", "Bad Request", K::AuthRevoked),
            ("invalid_client", "The OAuth client was not found.", K::AuthRevoked),
            ("invalid_client", "Unauthorized", K::AuthRevoked),
            ("deleted_client", "The OAuth client was deleted.", K::AuthRevoked),
            ("unauthorized_client", "Unauthorized", K::AuthRevoked),
            ("invalid_request", "Missing required parameter: refresh_token", K::Schema),
            ("unsupported_grant_type", "Invalid grant_type: ", K::Schema),
            ("internal_failure", "Backend Error", K::Upstream),
        ];
        for (error, description, kind) in said {
            let body = json!({ "error": error, "error_description": description });
            assert_eq!(granted(&body).unwrap_err().kind, kind, "{error}");
        }
        let reauth = json!({ "error": "invalid_grant", "error_description": "reauth related error (invalid_rapt)",
            "error_uri": "https://support.google.com/a/answer/9368756", "error_subtype": "invalid_rapt" });
        assert_eq!(granted(&reauth).unwrap_err().kind, K::AuthRevoked);
        assert_eq!(granted(&json!({ "access_token": "" })).unwrap_err().kind, K::Schema);
    }
}
