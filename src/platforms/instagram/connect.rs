//! Connecting by either of Meta's logins: a code becomes a token for hours, and that one a token for weeks.

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use super::error::refusal;
use super::graph::Graph;
use super::tokens::{self, Granted};
use super::{
    ACCESS_TOKEN, APP_ID, APP_SECRET, FACEBOOK_GRAPH, FACEBOOK_WEB, INSTAGRAM_API, INSTAGRAM_GRAPH, INSTAGRAM_WEB,
    Login, renewal,
};
use crate::domain::failure::FailureKind;
use crate::domain::platform::{Connect, Scope};
use crate::domain::text::Text;
use crate::outbound::{Access, Call, Outbound};
use crate::platforms::connect::Code;
use crate::platforms::fields::accepted;
use crate::platforms::{Credentials, FetchError, Grant, Standing};

const NUMBERS: Text = Text::new("Follower, Gefolgt und Beiträge", "followers, following and posts");
const INSIGHTS: Text = Text::new(
    "Reichweite, Aufrufe, Profilaufrufe und woher, wie alt und welchen Geschlechts deine Follower sind",
    "reach, views, profile views, and the countries, ages and genders of your followers",
);

/// What Facebook Login asks for.
pub(super) const FACEBOOK_SCOPES: [Scope; 4] = [
    Scope { name: "instagram_basic", brings: NUMBERS },
    Scope { name: "instagram_manage_insights", brings: INSIGHTS },
    Scope {
        name: "pages_read_engagement",
        brings: Text::new("die Seite, an der dein Konto hängt", "the Page your account hangs on"),
    },
    Scope { name: "pages_show_list", brings: Text::new("dass dein Konto zu finden ist", "finding your account") },
];

/// Instagram's own login first: it needs no Facebook Page.
pub(super) static WAYS: &[Connect] = &[
    Connect {
        id: "instagram",
        name: "Instagram",
        page: INSTAGRAM_WEB,
        path: "/oauth/authorize",
        app: [&APP_ID, &APP_SECRET],
        client_param: "client_id",
        app_in_header: false,
        separator: ",",
        scopes: &[
            Scope { name: "instagram_business_basic", brings: NUMBERS },
            Scope { name: "instagram_business_manage_insights", brings: INSIGHTS },
        ],
        extra: &[("enable_fb_login", "0")],
        pkce: false,
        register: Text::new(
            "developers.facebook.com → deine App → Instagram → API-Einrichtung mit Instagram-Login → Weiterleitungs-URL",
            "developers.facebook.com → your app → Instagram → API setup with Instagram login → redirect URL",
        ),
    },
    Connect {
        id: "facebook",
        name: "Facebook",
        page: FACEBOOK_WEB,
        path: "/{version}/dialog/oauth",
        app: [&APP_ID, &APP_SECRET],
        client_param: "client_id",
        app_in_header: false,
        separator: ",",
        scopes: &FACEBOOK_SCOPES,
        extra: &[],
        pkce: false,
        register: Text::new(
            "developers.facebook.com → deine App → Facebook Login → Einstellungen → Gültige OAuth-Weiterleitungs-URIs",
            "developers.facebook.com → your app → Facebook Login → Settings → Valid OAuth redirect URIs",
        ),
    },
];

/// The code for a token that lives for weeks.
pub(super) async fn redeem(http: &Outbound, version: &str, code: &Code, now: Timestamp) -> Result<Grant, FetchError> {
    let granted =
        if code.way.id == "facebook" { facebook(http, version, code).await? } else { instagram(http, code).await? };
    Ok(granted.at(now))
}

/// <https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow>
/// <https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived>
async fn facebook(http: &Outbound, version: &str, code: &Code) -> Result<Granted, FetchError> {
    let (id, secret) = code.app()?;
    let call = || {
        Call::get(FACEBOOK_GRAPH, format!("/{version}/oauth/access_token"))
            .query("client_id", id)
            .secret_query("client_secret", secret)
            .once()
    };
    let redeemed = call().query("redirect_uri", &code.redirect_uri).secret_query("code", &code.code);
    let short = asked(http, &redeemed).await?;
    let exchange =
        call().query("grant_type", "fb_exchange_token").secret_query("fb_exchange_token", &short.access_token);
    asked(http, &exchange).await
}

/// <https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login>
async fn instagram(http: &Outbound, code: &Code) -> Result<Granted, FetchError> {
    // A code ends with `#_`, which is not part of it.
    let bare = SecretString::from(code.code.expose_secret().trim_end_matches("#_"));
    let code = Code { code: bare, ..code.clone() };
    let short = asked(http, &code.call(INSTAGRAM_API, "/oauth/access_token")?).await?;
    let exchange = Call::get(INSTAGRAM_GRAPH, "/access_token")
        .query("grant_type", "ig_exchange_token")
        .secret_query("client_secret", code.app()?.1)
        .secret_query("access_token", &short.access_token);
    let long = asked(http, &exchange.once()).await?;
    let permissions = if long.permissions.is_empty() { short.permissions } else { long.permissions };
    Ok(Granted { permissions, ..long })
}

async fn asked(http: &Outbound, call: &Call) -> Result<Granted, FetchError> {
    let answer = http.send(call).await?;
    tokens::granted(&accepted(&answer, Access::Credentials, |json| refusal(&answer, json, ""))?)
}

/// How a token is, and whose account it is. Facebook Login's may lead to several: the one with the wanted handle counts,
/// else the first.
pub(super) async fn whose(
    http: &Outbound,
    version: &str,
    credentials: &Credentials,
    wanted: Option<&str>,
) -> Result<Standing, FetchError> {
    let standing = renewal::check(http, version, credentials).await?;
    let Some(token) = credentials.get(&ACCESS_TOKEN) else { return Ok(standing) };
    if Login::of(token, credentials)? == Login::Instagram {
        return Ok(standing);
    }
    let graph = Graph { http, login: Login::Facebook, version, token };
    let accounts = graph.linked().await?;
    let is_wanted = |(_, name): &&(String, Option<String>)| wanted.is_some() && name.as_deref() == wanted;
    let no_account = || {
        FetchError::new(FailureKind::NotFound)
            .because("no Facebook Page that was ticked is linked to an Instagram account")
    };
    let (id, handle) = accounts.iter().find(is_wanted).or(accounts.first()).cloned().ok_or_else(no_account)?;
    Ok(Standing { account_id: Some(id), handle, ..standing })
}
