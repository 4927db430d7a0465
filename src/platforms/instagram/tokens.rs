//! What Meta says about tokens: `debug_token` and the answers of both token services. Parsing only.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value as Json;

use super::ACCESS_TOKEN;
use super::error::Refusal;
use crate::domain::failure::FailureKind;
use crate::platforms::fields::{at, flag, id, lifetime, optional_count, text, words};
use crate::platforms::{FetchError, Grant, Life};

/// What `debug_token` tells about a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenInfo {
    /// Whether it works.
    pub is_valid: bool,
    /// When it runs out; `None` when never, or unknown.
    pub expires_at: Option<Timestamp>,
    /// Until when its data may be read without asking the person again; `None` when never, or unknown.
    pub data_access_expires_at: Option<Timestamp>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// `USER`, `PAGE` or another kind.
    pub kind: Option<String>,
    /// Why it is dead, as Meta's subcode.
    pub subcode: Option<i64>,
    /// The failure a dead token means.
    pub error: Option<FetchError>,
    /// Whose it is; ids exceed 2⁵³, so they stay text.
    pub user_id: Option<String>,
}

/// Reads `debug_token`. A dead token is a good answer with `is_valid: false`.
/// <https://developers.facebook.com/docs/graph-api/reference/debug_token/>
///
/// # Errors
/// What an error envelope means; `schema` when `is_valid` is missing.
pub fn token_info(json: &Json) -> Result<TokenInfo, FetchError> {
    if let Some(refusal) = Refusal::parse(json) {
        return Err(refusal.into_error("an app token"));
    }
    let schema = || FetchError::new(FailureKind::Schema).because("/data/is_valid is missing");
    let data = at(json, "/data").ok_or_else(schema)?;
    let instant =
        |pointer| optional_count(data, pointer).filter(|s| *s > 0).and_then(|s| Timestamp::from_second(s).ok());
    let dead = at(data, "/error").map(Refusal::from_error);
    Ok(TokenInfo {
        is_valid: flag(data, "/is_valid").ok_or_else(schema)?,
        expires_at: instant("/expires_at"),
        data_access_expires_at: instant("/data_access_expires_at"),
        scopes: words(data, "/scopes"),
        kind: text(data, "/type"),
        subcode: dead.as_ref().and_then(|refusal| refusal.subcode),
        error: dead.map(|refusal| refusal.into_error("")),
        user_id: id(data, "/user_id").ok(),
    })
}

/// A token that was granted.
#[derive(Clone, Debug)]
pub struct Granted {
    /// The token.
    pub access_token: SecretString,
    /// How long it lives, when told.
    pub expires_in: Option<Duration>,
    /// Whose it is, when told.
    pub user_id: Option<String>,
    /// What it may do, when told.
    pub permissions: Vec<String>,
}

impl Granted {
    /// What it comes to when it was granted at `now`.
    pub fn at(self, now: Timestamp) -> Grant {
        let expires_at = self.expires_in.and_then(|life| now.checked_add(life).ok());
        Grant {
            values: [(ACCESS_TOKEN.name.to_owned(), self.access_token)].into_iter().collect(),
            life: Life { since: Some(now), expires_at, ..Life::default() },
            scopes: self.permissions,
        }
    }
}

/// Reads the answer of a code exchange, a long-lived exchange or a refresh, of either login, wrapped in `data` or flat.
/// <https://developers.facebook.com/docs/instagram-platform/reference/access_token>
/// <https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived>
///
/// # Errors
/// What an error envelope means; `schema` without a token.
pub fn granted(json: &Json) -> Result<Granted, FetchError> {
    if let Some(refusal) = Refusal::parse(json) {
        return Err(refusal.into_error(""));
    }
    let entry = at(json, "/data/0").unwrap_or(json);
    let token = at(entry, "/access_token").and_then(Json::as_str).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| FetchError::new(FailureKind::Schema).because("/access_token is missing"))?;
    Ok(Granted {
        access_token: token.into(),
        expires_in: lifetime(entry, "/expires_in"),
        user_id: id(entry, "/user_id").ok(),
        permissions: words(entry, "/permissions"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use serde_json::json;

    #[test]
    fn a_token_without_end_and_a_dead_token_are_told_apart() {
        let never = token_info(&json!({ "data": { "is_valid": true, "expires_at": 0, "type": "PAGE", "user_id": 90_071_992_547_409_931_u64 } })).unwrap();
        assert_eq!((never.is_valid, never.expires_at, never.kind.as_deref()), (true, None, Some("PAGE")));
        assert_eq!(never.user_id.as_deref(), Some("90071992547409931"));
        let dead = json!({ "data": { "is_valid": false, "error": { "code": 190, "subcode": 463 }, "scopes": [] } });
        let dead = token_info(&dead).unwrap();
        assert_eq!((dead.is_valid, dead.subcode), (false, Some(463)));
        assert_eq!(dead.error.unwrap().kind, FailureKind::AuthExpired);
        assert_eq!(token_info(&json!({ "data": {} })).unwrap_err().kind, FailureKind::Schema);
    }

    #[test]
    fn a_code_exchange_is_read_wrapped_and_flat() {
        let flat = json!({ "access_token": "IGx", "user_id": 17_841_400_000_000_001_u64, "permissions": "a,b" });
        let wrapped =
            json!({ "data": [{ "access_token": "IGx", "user_id": "17841400000000001", "permissions": ["a", "b"] }] });
        for body in [flat, wrapped] {
            let granted = granted(&body).unwrap();
            assert_eq!(granted.access_token.expose_secret(), "IGx");
            assert_eq!(granted.user_id.as_deref(), Some("17841400000000001"));
            assert_eq!(granted.permissions, ["a", "b"]);
        }
        let refused = json!({ "error_type": "OAuthException", "code": 400, "error_message": "x" });
        assert_eq!(granted(&refused).unwrap_err().kind, FailureKind::AuthRevoked);
    }
}
