//! Connecting by Login Kit. <https://developers.tiktok.com/doc/login-kit-web>

use jiff::Timestamp;

use super::renewal::{PAIR, TOKEN_PATH};
use super::{ACCESS_TOKEN, CLIENT_KEY, CLIENT_SECRET, TIKTOK_API, TIKTOK_WEB, api, renewal, tokens};
use crate::domain::failure::FailureKind;
use crate::domain::platform::{Connect, Scope};
use crate::domain::text::Text;
use crate::outbound::{Access, Call, Outbound};
use crate::platforms::connect::Code;
use crate::platforms::fields::{accepted, id, oauth_refusal, text};
use crate::platforms::{Credentials, FetchError, Grant, Standing};

/// The one way. A proof (PKCE) is for apps on phones and desktops only.
pub(super) static WAYS: [Connect; 1] = [Connect {
    id: "tiktok",
    name: "TikTok",
    page: TIKTOK_WEB,
    path: "/v2/auth/authorize/",
    app: [&CLIENT_KEY, &CLIENT_SECRET],
    client_param: "client_key",
    app_in_header: false,
    separator: ",",
    scopes: &[
        Scope {
            name: "user.info.basic",
            brings: Text::new("dass dein Konto zu erkennen ist", "recognising your account"),
        },
        Scope {
            name: "user.info.profile",
            brings: Text::new("deinen Namen und das Häkchen", "your handle and the badge"),
        },
        Scope {
            name: "user.info.stats",
            brings: Text::new("Follower, Likes und Videos", "followers, likes and videos"),
        },
        Scope {
            name: "video.list",
            brings: Text::new("Engagement-Rate und Aufrufe pro Video", "engagement rate and views per video"),
        },
    ],
    extra: &[],
    pkce: false,
    register: Text::new(
        "developers.tiktok.com → deine App → Login Kit → Redirect URI (Web)",
        "developers.tiktok.com → your app → Login Kit → Redirect URI (Web)",
    ),
}];

/// <https://developers.tiktok.com/doc/oauth-user-access-token-management>
pub(super) async fn redeem(http: &Outbound, code: &Code, now: Timestamp) -> Result<Grant, FetchError> {
    let answer = http.send(&code.call(TIKTOK_API, TOKEN_PATH)?).await?;
    tokens::granted(&accepted(&answer, Access::Credentials, oauth_refusal)?)?.first(PAIR, now)
}

/// Whose token it is. Without the permission for the profile the handle stays unknown.
/// <https://developers.tiktok.com/doc/tiktok-api-v2-get-user-info>
pub(super) async fn whose(http: &Outbound, credentials: &Credentials) -> Result<Standing, FetchError> {
    let Some(token) = credentials.get(&ACCESS_TOKEN) else { return renewal::check(http, credentials).await };
    let call = Call::get(TIKTOK_API, "/v2/user/info/").query("fields", "open_id,username").bearer(token);
    match accepted(&http.send(&call).await?, Access::Credentials, api::refusal) {
        Ok(json) => Ok(Standing {
            account_id: Some(id(&json, "/data/user/open_id")?),
            handle: text(&json, "/data/user/username"),
            ..Standing::default()
        }),
        Err(error) if error.kind == FailureKind::Permission => renewal::check(http, credentials).await,
        Err(error) => Err(error),
    }
}
