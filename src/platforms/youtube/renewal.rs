//! Renewing Google's access token. The refresh token stays: answers mostly bring none.

use jiff::Timestamp;

use super::{ACCESS_TOKEN, GOOGLE_OAUTH, REFRESH_TOKEN, connect};
use crate::outbound::{Access, Outbound};
use crate::platforms::connect::renewal;
use crate::platforms::fields::{accepted, oauth_refusal};
use crate::platforms::{CredentialKey, Credentials, FetchError, Grant, tokens};

/// Where codes and refresh tokens are traded.
pub(super) const TOKEN_PATH: &str = "/token";
/// What is traded for them.
pub(super) const PAIR: [&CredentialKey; 2] = [&ACCESS_TOKEN, &REFRESH_TOKEN];

/// <https://developers.google.com/identity/protocols/oauth2/web-server#offline>
pub(super) async fn renew(http: &Outbound, credentials: &Credentials, now: Timestamp) -> Result<Grant, FetchError> {
    let [way] = &connect::WAYS;
    let answer = http.send(&renewal(way, credentials, &REFRESH_TOKEN, GOOGLE_OAUTH, TOKEN_PATH)?).await?;
    Ok(tokens::granted(&accepted(&answer, Access::Credentials, oauth_refusal)?)?.at(PAIR, now))
}
