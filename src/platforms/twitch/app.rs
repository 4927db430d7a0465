//! Twitch's app token: fetched with the application's own credentials and kept in memory for as long as it lasts.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value as Json;
use tokio::sync::Mutex;

use super::{AUTH, CLIENT_ID, CLIENT_SECRET};
use crate::domain::failure::FailureKind;
use crate::outbound::{Access, Call, Outbound};
use crate::platforms::{CredentialKey, Credentials, FetchError, fields, tokens};

/// A token is no longer used this long before it runs out.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// The one app token that there is.
#[derive(Default)]
pub(super) struct AppTokens {
    /// The lock is held while a new token is fetched, so that one fetch serves all who wait.
    kept: Mutex<Option<Arc<AppToken>>>,
}

/// An app token and whose it is.
pub(super) struct AppToken {
    client_id: String,
    pub secret: SecretString,
    /// Without it the token is used until it is refused.
    expires_at: Option<Timestamp>,
}

impl AppTokens {
    /// The kept token while it is good for this client, else a new one. `refused` is one that no longer works.
    pub(super) async fn token(
        &self,
        http: &Outbound,
        client: &Client<'_>,
        now: Timestamp,
        refused: Option<&Arc<AppToken>>,
    ) -> Result<Arc<AppToken>, FetchError> {
        let mut kept = self.kept.lock().await;
        let good = |token: &&Arc<AppToken>| {
            token.client_id == client.id
                && token.expires_at.is_none_or(|at| at > now)
                && !refused.is_some_and(|refused| Arc::ptr_eq(refused, token))
        };
        if let Some(token) = kept.as_ref().filter(good) {
            return Ok(Arc::clone(token));
        }
        let (secret, lasts) = client.exchange(http).await?;
        let expires_at = lasts.map(|lasts| now.checked_add(lasts - MARGIN).unwrap_or(Timestamp::MAX));
        let token = Arc::new(AppToken { client_id: client.id.to_owned(), secret, expires_at });
        *kept = Some(Arc::clone(&token));
        Ok(token)
    }
}

/// The application's own credentials.
pub(super) struct Client<'a> {
    pub id: &'a str,
    secret: &'a SecretString,
}

impl<'a> Client<'a> {
    pub fn of(credentials: &'a Credentials) -> Result<Self, FetchError> {
        let unset = |key: &CredentialKey| {
            FetchError::new(FailureKind::NotConfigured).because(format!("{} is not set", key.name))
        };
        Ok(Self {
            id: credentials.plain(&CLIENT_ID).ok_or_else(|| unset(&CLIENT_ID))?,
            secret: credentials.get(&CLIENT_SECRET).ok_or_else(|| unset(&CLIENT_SECRET))?,
        })
    }

    /// <https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/#client-credentials-grant-flow>
    async fn exchange(&self, http: &Outbound) -> Result<(SecretString, Option<SignedDuration>), FetchError> {
        let form = [
            ("client_id", self.id),
            ("client_secret", self.secret.expose_secret()),
            ("grant_type", "client_credentials"),
        ];
        let answer = http.send(&Call::post(AUTH, "/oauth2/token").form(&form).once()).await?;
        if (200..300).contains(&answer.status) {
            return parse_token(&answer.json()?);
        }
        let refused = answer.json().ok().and_then(|body| token_refusal(&body));
        Err(refused.unwrap_or_else(|| answer.status_error(Access::Credentials)))
    }
}

/// A fresh token and how long it lasts, where the answer says so.
pub fn parse_token(json: &Json) -> Result<(SecretString, Option<SignedDuration>), FetchError> {
    let granted = tokens::granted(json)?;
    let missing = || FetchError::new(FailureKind::Schema).because("/access_token is missing");
    let lasts = granted.expires_in.and_then(|lasts| SignedDuration::try_from(lasts).ok());
    Ok((granted.access_token.ok_or_else(missing)?, lasts))
}

/// What a refused token request says about the credentials.
pub fn token_refusal(json: &Json) -> Option<FetchError> {
    let message = fields::text(json, "/message")?;
    let detail = match message.as_str() {
        "invalid client" => "TWITCH_CLIENT_ID is not a known application",
        "invalid client secret" => "TWITCH_CLIENT_SECRET does not belong to TWITCH_CLIENT_ID",
        "Invalid refresh token" => "the grant has ended",
        _ => return None,
    };
    Some(FetchError::new(FailureKind::AuthRevoked).because(detail))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_refused_token_request_names_the_wrong_key() {
        let detail = |message| token_refusal(&json!({ "status": 400, "message": message })).and_then(|e| e.detail);
        assert!(detail("invalid client").unwrap().contains("TWITCH_CLIENT_ID"));
        assert!(detail("invalid client secret").unwrap().starts_with("TWITCH_CLIENT_SECRET"));
        assert_eq!(detail("try later"), None);
    }
}
