//! What Google's token service answers. Parsing only.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value as Json;

use crate::domain::failure::FailureKind;
use crate::platforms::FetchError;
use crate::platforms::fields::{at, oauth_refusal, optional_count, words};

/// A token that was granted.
#[derive(Clone, Debug)]
pub struct Granted {
    /// The token for calls.
    pub access_token: SecretString,
    /// How long it lives.
    pub expires_in: Duration,
    /// The token that renews it; a refresh brings none.
    pub refresh_token: Option<SecretString>,
    /// What was granted.
    pub scopes: Vec<String>,
}

/// Reads the answer of a code exchange or a refresh.
/// <https://developers.google.com/identity/protocols/oauth2/web-server>
///
/// # Errors
/// What the OAuth error means; `schema` without token or life.
pub fn granted(json: &Json) -> Result<Granted, FetchError> {
    if let Some(error) = oauth_refusal(json) {
        return Err(error);
    }
    let missing = |what: &str| FetchError::new(FailureKind::Schema).because(format!("{what} is missing"));
    let token = |name: &str| at(json, name).and_then(Json::as_str).filter(|token| !token.is_empty()).map(Into::into);
    let seconds = optional_count(json, "/expires_in").and_then(|seconds| u64::try_from(seconds).ok());
    Ok(Granted {
        access_token: token("/access_token").ok_or_else(|| missing("/access_token"))?,
        expires_in: seconds.map(Duration::from_secs).ok_or_else(|| missing("/expires_in"))?,
        refresh_token: token("/refresh_token"),
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
        let dead = json!({ "error": "invalid_grant", "error_description": "Token has been expired or revoked." });
        assert_eq!(granted(&dead).unwrap_err().kind, FailureKind::AuthRevoked);
    }
}
