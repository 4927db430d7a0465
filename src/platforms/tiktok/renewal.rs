//! Renewing TikTok's pair of tokens, and asking whose they are. The refresh token ends the moment its successor is
//! issued, so an exchange is one request and never repeated.

use jiff::Timestamp;

use super::{ACCESS_TOKEN, REFRESH_TOKEN, TIKTOK_API, api, connect, tokens};
use crate::domain::failure::FailureKind;
use crate::outbound::{Access, Call, Outbound};
use crate::platforms::connect::renewal;
use crate::platforms::fields::{accepted, id, oauth_refusal};
use crate::platforms::{CredentialKey, Credentials, FetchError, Grant, Standing};

/// Where codes and refresh tokens are traded.
pub(super) const TOKEN_PATH: &str = "/v2/oauth/token/";
/// What is traded for them.
pub(super) const PAIR: [&CredentialKey; 2] = [&ACCESS_TOKEN, &REFRESH_TOKEN];

/// <https://developers.tiktok.com/doc/oauth-user-access-token-management>
pub(super) async fn renew(http: &Outbound, credentials: &Credentials, now: Timestamp) -> Result<Grant, FetchError> {
    let [way] = &connect::WAYS;
    let answer = http.send(&renewal(way, credentials, &REFRESH_TOKEN, TIKTOK_API, TOKEN_PATH)?).await?;
    Ok(tokens::granted(&accepted(&answer, Access::Credentials, oauth_refusal)?)?.at(PAIR, now))
}

/// <https://developers.tiktok.com/doc/tiktok-api-v2-get-user-info>
pub(super) async fn check(http: &Outbound, credentials: &Credentials) -> Result<Standing, FetchError> {
    let unset = || FetchError::new(FailureKind::NotConfigured).because("TIKTOK_ACCESS_TOKEN is not set");
    let token = credentials.get(&ACCESS_TOKEN).ok_or_else(unset)?;
    let call = Call::get(TIKTOK_API, "/v2/user/info/").query("fields", "open_id").bearer(token);
    let json = accepted(&http.send(&call).await?, Access::Credentials, api::refusal)?;
    Ok(Standing { account_id: Some(id(&json, "/data/user/open_id")?), ..Standing::default() })
}
