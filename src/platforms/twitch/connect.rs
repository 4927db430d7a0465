//! Connecting a channel of one's own: a code, a token for hours, and one that renews it.
//! <https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/#authorization-code-grant-flow>

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value as Json;

use super::{ACCESS_TOKEN, AUTH, CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, token_refusal};
use crate::domain::platform::{Connect, Scope};
use crate::domain::text::Text;
use crate::outbound::{Access, Call, Outbound};
use crate::platforms::connect::{Code, renewal};
use crate::platforms::fields::{accepted, id, lifetime, words};
use crate::platforms::{Connected, CredentialKey, Credentials, FetchError, Grant, Life, Standing, tokens};

/// What opens the number of subscribers.
pub(super) const SUBSCRIPTIONS: &str = "channel:read:subscriptions";

/// The one way. Twitch takes no proof (PKCE).
pub(super) static WAYS: [Connect; 1] = [Connect {
    id: "twitch",
    name: "Twitch",
    page: AUTH,
    path: "/oauth2/authorize",
    app: [&CLIENT_ID, &CLIENT_SECRET],
    client_param: "client_id",
    app_in_header: false,
    separator: " ",
    scopes: &[
        Scope {
            name: "moderator:read:followers",
            brings: Text::new("Follower, vom Kanal selbst bestätigt", "followers, confirmed by the channel itself"),
        },
        Scope {
            name: SUBSCRIPTIONS,
            brings: Text::new(
                "Abonnenten, wenn du Affiliate oder Partner bist",
                "subscribers, for affiliates and partners",
            ),
        },
    ],
    extra: &[],
    pkce: false,
    register: Text::new(
        "dev.twitch.tv/console/apps → deine Anwendung → Verwalten → OAuth-Redirect-URLs",
        "dev.twitch.tv/console/apps → your application → Manage → OAuth Redirect URLs",
    ),
}];

const TOKEN_PATH: &str = "/oauth2/token";
const PAIR: [&CredentialKey; 2] = [&ACCESS_TOKEN, &REFRESH_TOKEN];

pub(super) async fn redeem(http: &Outbound, code: &Code, now: Timestamp) -> Result<Grant, FetchError> {
    let answer = http.send(&code.call(AUTH, TOKEN_PATH)?).await?;
    tokens::granted(&accepted(&answer, Access::Credentials, token_refusal)?)?.first(PAIR, now)
}

/// <https://dev.twitch.tv/docs/authentication/refresh-tokens/>
pub(super) async fn renew(http: &Outbound, credentials: &Credentials, now: Timestamp) -> Result<Grant, FetchError> {
    let [way] = &WAYS;
    let answer = http.send(&renewal(way, credentials, &REFRESH_TOKEN, AUTH, TOKEN_PATH)?).await?;
    Ok(tokens::granted(&accepted(&answer, Access::Credentials, token_refusal)?)?.at(PAIR, now))
}

/// Whose a token is. Twitch wants this asked hourly of whoever keeps one, so every fetch begins with it.
/// <https://dev.twitch.tv/docs/authentication/validate-tokens/>
pub(super) async fn holder(http: &Outbound, token: &SecretString) -> Result<Holder, FetchError> {
    let call = Call::get(AUTH, "/oauth2/validate").authorization("OAuth", token);
    parse_holder(&accepted(&http.send(&call).await?, Access::Credentials, token_refusal)?)
}

/// Whom a token belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Twitch's id, digits.
    pub id: String,
    /// The channel's name.
    pub login: String,
    /// What was granted.
    pub scopes: Vec<String>,
    /// How long the token lives on.
    pub left: Option<Duration>,
}

/// Reads whose a token is.
///
/// # Errors
/// `schema` for an app's token, which is nobody's.
pub fn parse_holder(json: &Json) -> Result<Holder, FetchError> {
    Ok(Holder {
        id: id(json, "/user_id")?,
        login: id(json, "/login")?,
        scopes: words(json, "/scopes"),
        left: lifetime(json, "/expires_in"),
    })
}

impl Holder {
    /// Whether it is this account.
    pub(super) fn is(&self, account: &Connected) -> bool {
        let same_name = || self.login.eq_ignore_ascii_case(&account.handle);
        account.pinned_id.as_ref().map_or_else(same_name, |pinned| *pinned == self.id)
    }

    pub(super) fn standing(self, now: Timestamp) -> Standing {
        let expires_at = self.left.and_then(|left| now.checked_add(left).ok());
        Standing {
            account_id: Some(self.id),
            handle: Some(self.login),
            life: Life { expires_at, ..Life::default() },
            scopes: self.scopes,
            missing_scopes: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::failure::FailureKind;

    #[test]
    fn a_token_tells_whose_it_is_and_an_apps_is_nobodys() {
        let user = json!({ "client_id": "c", "login": "mara", "user_id": "33", "expires_in": 5520838,
            "scopes": ["moderator:read:followers"] });
        let own = parse_holder(&user).unwrap();
        assert_eq!((own.id.as_str(), own.login.as_str(), own.scopes.len()), ("33", "mara", 1));
        let app = json!({ "client_id": "c", "scopes": null, "expires_in": 5000000 });
        assert_eq!(parse_holder(&app).unwrap_err().kind, FailureKind::Schema);
    }
}
