//! Renewing Google's access token. The refresh token stays: answers mostly bring none.

use jiff::Timestamp;
use secrecy::ExposeSecret;

use super::{CLIENT_ID, CLIENT_SECRET, GOOGLE_OAUTH, REFRESH_TOKEN, tokens};
use crate::domain::failure::FailureKind;
use crate::outbound::{Access, Call, Outbound};
use crate::platforms::fields::{accepted, oauth_refusal};
use crate::platforms::{CredentialKey, Credentials, FetchError, Grant};

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
    Ok(tokens::granted(&accepted(&answer, Access::Credentials, oauth_refusal)?)?.at(now))
}
