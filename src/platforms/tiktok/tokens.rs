//! What TikTok's token service answers, in its envelope of today and in the old one. Parsing only.

use serde_json::Value as Json;

use crate::domain::failure::FailureKind;
use crate::platforms::FetchError;
use crate::platforms::fields::{at, optional_count};
use crate::platforms::tokens::{self, Granted};

/// Reads the answer of a code exchange or a refresh.
/// <https://developers.tiktok.com/doc/oauth-user-access-token-management>
///
/// # Errors
/// What the OAuth error means, which may come with status 200; `schema` without any token.
pub fn granted(json: &Json) -> Result<Granted, FetchError> {
    let body = at(json, "/data").unwrap_or(json);
    if let Some(code) = optional_count(body, "/error_code").filter(|code| *code != 0) {
        return Err(FetchError::new(FailureKind::AuthRevoked).because(format!("error {code} of the token service")));
    }
    tokens::granted(body)
}
