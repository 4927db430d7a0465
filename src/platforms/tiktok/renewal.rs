//! Renewing TikTok's pair of tokens, and asking whose they are. The refresh token ends the moment its successor is
//! issued, so an exchange is one request and never repeated.

use jiff::Timestamp;
use secrecy::ExposeSecret;

use super::{ACCESS_TOKEN, CLIENT_KEY, CLIENT_SECRET, REFRESH_TOKEN, TIKTOK_API, api, tokens};
use crate::domain::failure::FailureKind;
use crate::outbound::{Access, Call, Outbound};
use crate::platforms::fields::{accepted, id, oauth_refusal};
use crate::platforms::{CredentialKey, Credentials, FetchError, Grant, Standing};

/// <https://developers.tiktok.com/doc/oauth-user-access-token-management>
pub(super) async fn renew(http: &Outbound, credentials: &Credentials, now: Timestamp) -> Result<Grant, FetchError> {
    let needed = |key: &CredentialKey| {
        let unset = || FetchError::new(FailureKind::NotConfigured).because(format!("{} is not set", key.name));
        credentials.get(key).map(ExposeSecret::expose_secret).ok_or_else(unset)
    };
    let form = [
        ("client_key", needed(&CLIENT_KEY)?),
        ("client_secret", needed(&CLIENT_SECRET)?),
        ("grant_type", "refresh_token"),
        ("refresh_token", needed(&REFRESH_TOKEN)?),
    ];
    let answer = http.send(&Call::post(TIKTOK_API, "/v2/oauth/token/").form(&form).once()).await?;
    Ok(tokens::granted(&accepted(&answer, Access::Credentials, oauth_refusal)?)?.at(now))
}

/// <https://developers.tiktok.com/doc/tiktok-api-v2-get-user-info>
pub(super) async fn check(http: &Outbound, credentials: &Credentials) -> Result<Standing, FetchError> {
    let unset = || FetchError::new(FailureKind::NotConfigured).because("TIKTOK_ACCESS_TOKEN is not set");
    let token = credentials.get(&ACCESS_TOKEN).ok_or_else(unset)?;
    let call = Call::get(TIKTOK_API, "/v2/user/info/").query("fields", "open_id").bearer(token);
    let json = accepted(&http.send(&call).await?, Access::Credentials, api::refusal)?;
    Ok(Standing { account_id: Some(id(&json, "/data/user/open_id")?), ..Standing::default() })
}
