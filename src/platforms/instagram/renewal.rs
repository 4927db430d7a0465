//! Renewing the token of either login, and asking how it is. One request each; an exchange is never repeated.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use super::connect::FACEBOOK_SCOPES;
use super::error::refusal;
use super::{ACCESS_TOKEN, APP_ID, APP_SECRET, INSTAGRAM_GRAPH, Login, tokens};
use crate::domain::failure::FailureKind;
use crate::outbound::{Access, Call, Outbound};
use crate::platforms::fields::{accepted, id, text};
use crate::platforms::{Credentials, FetchError, Grant, Life, Standing};

/// What a renewal or a look needs.
struct Asked<'a> {
    login: Login,
    token: &'a SecretString,
    app: Option<(&'a str, &'a SecretString)>,
}

impl<'a> Asked<'a> {
    fn of(credentials: &'a Credentials) -> Result<Self, FetchError> {
        let unset = || FetchError::new(FailureKind::NotConfigured).because("INSTAGRAM_ACCESS_TOKEN is not set");
        let token = credentials.get(&ACCESS_TOKEN).ok_or_else(unset)?;
        let app = credentials.plain(&APP_ID).zip(credentials.get(&APP_SECRET));
        Ok(Self { login: Login::of(token, credentials)?, token, app })
    }
}

/// A token with a new end. Instagram Login extends the token it is given; Facebook Login exchanges a token that is
/// still alive and promises nothing.
/// <https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token>
/// <https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived>
pub(super) async fn renew(
    http: &Outbound,
    version: &str,
    credentials: &Credentials,
    now: Timestamp,
) -> Result<Grant, FetchError> {
    let asked = Asked::of(credentials)?;
    let call = match asked.login {
        Login::Instagram => Call::get(INSTAGRAM_GRAPH, "/refresh_access_token")
            .query("grant_type", "ig_refresh_token")
            .secret_query("access_token", asked.token),
        Login::Facebook => {
            let (app_id, app_secret) = asked.app.ok_or_else(no_app)?;
            Call::get(asked.login.upstream(), format!("/{version}/oauth/access_token"))
                .query("grant_type", "fb_exchange_token")
                .query("client_id", app_id)
                .secret_query("client_secret", app_secret)
                .secret_query("fb_exchange_token", asked.token)
        }
    };
    let answer = http.send(&call.once()).await?;
    let json = accepted(&answer, Access::Credentials, |json| refusal(&answer, json, ""))?;
    Ok(tokens::granted(&json)?.at(now))
}

/// How the token is: Facebook Login tells nearly everything, Instagram Login only whose it is.
/// <https://developers.facebook.com/docs/graph-api/reference/debug_token/>
/// <https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/get-started>
pub(super) async fn check(http: &Outbound, version: &str, credentials: &Credentials) -> Result<Standing, FetchError> {
    let asked = Asked::of(credentials)?;
    if let (Login::Facebook, Some((app_id, app_secret))) = (asked.login, asked.app) {
        return debugged(http, version, &asked, app_id, app_secret).await;
    }
    let fields = if asked.login == Login::Instagram { "user_id,username" } else { "id" };
    let call = Call::get(asked.login.upstream(), format!("/{version}/me")).query("fields", fields);
    let answer = http.send(&call.secret_query("access_token", asked.token)).await?;
    let json = accepted(&answer, Access::Credentials, |json| refusal(&answer, json, ""))?;
    let own = (asked.login == Login::Instagram).then(|| id(&json, "/user_id")).transpose()?;
    Ok(Standing { account_id: own, handle: text(&json, "/username"), ..Standing::default() })
}

async fn debugged(
    http: &Outbound,
    version: &str,
    asked: &Asked<'_>,
    app_id: &str,
    app_secret: &SecretString,
) -> Result<Standing, FetchError> {
    let app_token = SecretString::from(format!("{app_id}|{}", app_secret.expose_secret()));
    let call = Call::get(asked.login.upstream(), format!("/{version}/debug_token"))
        .secret_query("input_token", asked.token)
        .secret_query("access_token", &app_token);
    let answer = http.send(&call).await?;
    let json = accepted(&answer, Access::Credentials, |json| refusal(&answer, json, "an app token"))?;
    let info = tokens::token_info(&json)?;
    if !info.is_valid {
        return Err(info.error.unwrap_or_else(|| FailureKind::AuthRevoked.into()));
    }
    let missing = FACEBOOK_SCOPES.iter().filter(|scope| !info.scopes.iter().any(|granted| granted == scope.name));
    Ok(Standing {
        // The id it names is a person's, not the Instagram account's.
        account_id: None,
        handle: None,
        life: Life {
            since: None,
            expires_at: info.expires_at,
            endless: info.expires_at.is_none(),
            renewable_until: None,
            data_access_until: info.data_access_expires_at,
        },
        missing_scopes: missing.map(|scope| scope.name.to_owned()).collect(),
        scopes: info.scopes,
    })
}

fn no_app() -> FetchError {
    FetchError::new(FailureKind::NotConfigured).because("INSTAGRAM_APP_ID and INSTAGRAM_APP_SECRET are needed to renew")
}
