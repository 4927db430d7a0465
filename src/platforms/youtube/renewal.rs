//! Renewing Google's access token. The refresh token stays: answers mostly bring none.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::ExposeSecret;

use super::{ACCESS_TOKEN, CLIENT_ID, CLIENT_SECRET, GOOGLE_OAUTH, REFRESH_TOKEN, tokens};
use crate::domain::failure::FailureKind;
use crate::outbound::{Access, Call, Outbound};
use crate::platforms::fields::{accepted, oauth_refusal};
use crate::platforms::{CredentialKey, Credentials, FetchError, Grant, Life};

/// <https://developers.google.com/identity/protocols/oauth2/web-server#offline>
pub(super) async fn renew(http: &Outbound, credentials: &Credentials, now: Timestamp) -> Result<Grant, FetchError> {
    let needed = |key: &CredentialKey| {
        let unset = || FetchError::new(FailureKind::NotConfigured).because(format!("{} is not set", key.name));
        credentials.get(key).map(ExposeSecret::expose_secret).ok_or_else(unset)
    };
    let form = [
        ("client_id", needed(&CLIENT_ID)?),
        ("client_secret", needed(&CLIENT_SECRET)?),
        ("grant_type", "refresh_token"),
        ("refresh_token", needed(&REFRESH_TOKEN)?),
    ];
    let answer = http.send(&Call::post(GOOGLE_OAUTH, "/token").form(&form).once()).await?;
    let granted = tokens::granted(&accepted(&answer, Access::Credentials, oauth_refusal)?)?;
    let after = |life: Option<Duration>| life.and_then(|life| now.checked_add(life).ok());
    let mut values = vec![(ACCESS_TOKEN.name.to_owned(), granted.access_token)];
    // Without a new one, or with an empty one, the old one stays.
    values.extend(granted.refresh_token.map(|token| (REFRESH_TOKEN.name.to_owned(), token)));
    Ok(Grant {
        values: values.into_iter().collect(),
        life: Life {
            since: Some(now),
            expires_at: after(granted.expires_in),
            renewable_until: after(granted.refresh_expires_in),
            ..Life::default()
        },
        scopes: granted.scopes,
    })
}
