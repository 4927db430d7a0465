//! Connecting by Google. <https://developers.google.com/identity/protocols/oauth2/web-server>

use jiff::Timestamp;

use super::renewal::{PAIR, TOKEN_PATH};
use super::{CLIENT_ID, CLIENT_SECRET, GOOGLE_OAUTH};
use crate::domain::platform::{Connect, Scope, Upstream};
use crate::domain::text::Text;
use crate::outbound::{Access, Outbound};
use crate::platforms::connect::Code;
use crate::platforms::fields::{accepted, oauth_refusal};
use crate::platforms::{FetchError, Grant, tokens};

/// Google's page; one replacement stands in for it and for the token service.
const GOOGLE_PAGE: Upstream = Upstream { name: GOOGLE_OAUTH.name, origin: "https://accounts.google.com" };

/// The one way. Only `prompt=consent` brings a refresh token when the person agreed before.
pub(super) static WAYS: [Connect; 1] = [Connect {
    id: "google",
    name: "Google",
    page: GOOGLE_PAGE,
    path: "/o/oauth2/v2/auth",
    app: [&CLIENT_ID, &CLIENT_SECRET],
    client_param: "client_id",
    app_in_header: false,
    separator: " ",
    scopes: &[
        Scope {
            name: "https://www.googleapis.com/auth/youtube.readonly",
            brings: Text::new(
                "Abonnenten, Videos und Aufrufe, vom Kanal selbst bestätigt",
                "subscribers, videos and views, confirmed by the channel itself",
            ),
        },
        Scope {
            name: "https://www.googleapis.com/auth/yt-analytics.readonly",
            brings: Text::new(
                "woher, wie alt und welchen Geschlechts deine Zuschauer sind",
                "the countries, ages and genders of your viewers",
            ),
        },
    ],
    extra: &[("access_type", "offline"), ("prompt", "consent")],
    pkce: true,
    register: Text::new(
        "console.cloud.google.com → Anmeldedaten → OAuth-Client → Autorisierte Weiterleitungs-URIs",
        "console.cloud.google.com → Credentials → OAuth client → Authorised redirect URIs",
    ),
}];

/// <https://developers.google.com/identity/protocols/oauth2/web-server#exchange-authorization-code>
pub(super) async fn redeem(http: &Outbound, code: &Code, now: Timestamp) -> Result<Grant, FetchError> {
    let answer = http.send(&code.call(GOOGLE_OAUTH, TOKEN_PATH)?).await?;
    tokens::granted(&accepted(&answer, Access::Credentials, oauth_refusal)?)?.first(PAIR, now)
}
