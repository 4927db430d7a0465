//! What Google's token service answers. Parsing only.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value as Json;

use super::{ACCESS_TOKEN, REFRESH_TOKEN};
use crate::domain::failure::FailureKind;
use crate::platforms::fields::{at, lifetime, oauth_refusal, words};
use crate::platforms::{FetchError, Grant, Life};

/// A token that was granted.
#[derive(Clone, Debug)]
pub struct Granted {
    /// The token for calls.
    pub access_token: SecretString,
    /// How long it lives, when that is told.
    pub expires_in: Option<Duration>,
    /// The token that renews it; a refresh mostly brings none, and an empty one is none.
    pub refresh_token: Option<SecretString>,
    /// How long that one lives, where it ends: a week for apps in testing.
    pub refresh_expires_in: Option<Duration>,
    /// What was granted.
    pub scopes: Vec<String>,
}

impl Granted {
    /// What it comes to when it was granted at `now`: without a new refresh token, the one before stays.
    pub fn at(self, now: Timestamp) -> Grant {
        let after = |life: Option<Duration>| life.and_then(|life| now.checked_add(life).ok());
        let mut values = vec![(ACCESS_TOKEN.name.to_owned(), self.access_token)];
        values.extend(self.refresh_token.map(|token| (REFRESH_TOKEN.name.to_owned(), token)));
        Grant {
            values: values.into_iter().collect(),
            life: Life {
                since: Some(now),
                expires_at: after(self.expires_in),
                renewable_until: after(self.refresh_expires_in),
                ..Life::default()
            },
            scopes: self.scopes,
        }
    }
}

/// Reads the answer of a code exchange or a refresh.
/// <https://developers.google.com/identity/protocols/oauth2/web-server>
///
/// # Errors
/// What the OAuth error means; `schema` without a token.
pub fn granted(json: &Json) -> Result<Granted, FetchError> {
    if let Some(error) = oauth_refusal(json) {
        return Err(error);
    }
    let missing = |what: &str| FetchError::new(FailureKind::Schema).because(format!("{what} is missing"));
    let token = |name: &str| at(json, name).and_then(Json::as_str).filter(|token| !token.is_empty()).map(Into::into);
    Ok(Granted {
        access_token: token("/access_token").ok_or_else(|| missing("/access_token"))?,
        expires_in: lifetime(json, "/expires_in"),
        refresh_token: token("/refresh_token"),
        refresh_expires_in: lifetime(json, "/refresh_token_expires_in"),
        scopes: words(json, "/scope"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
