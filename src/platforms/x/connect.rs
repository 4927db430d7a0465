//! Connecting an account of one's own: OAuth 2.0 with a proof, a token for two hours, and one that renews it once.
//! <https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code>

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value as Json;

use super::{ACCESS_TOKEN, API, CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, user};
use crate::domain::failure::FailureKind;
use crate::domain::metric::Provenance;
use crate::domain::platform::{Connect, Scope, Upstream};
use crate::domain::reading::Reading;
use crate::domain::text::Text;
use crate::outbound::{Access, Call, Outbound};
use crate::platforms::connect::{Code, renewal};
use crate::platforms::fields::{accepted, at, oauth_refusal, text};
use crate::platforms::{CredentialKey, Credentials, FetchError, Grant, Standing, tokens};

/// X's page; one replacement stands in for it and for the API.
const PAGE: Upstream = Upstream { name: API.name, origin: "https://x.com" };

/// The one way.
pub(super) static WAYS: [Connect; 1] = [Connect {
    id: "x",
    name: "X",
    page: PAGE,
    path: "/i/oauth2/authorize",
    app: [&CLIENT_ID, &CLIENT_SECRET],
    client_param: "client_id",
    app_in_header: true,
    separator: " ",
    scopes: &[
        Scope {
            name: "users.read",
            brings: Text::new(
                "Follower und Posts, vom Konto selbst bestätigt",
                "followers and posts, confirmed by the account itself",
            ),
        },
        Scope {
            name: "tweet.read",
            brings: Text::new("Engagement-Rate und Aufrufe pro Post", "engagement rate and views per post"),
        },
        Scope {
            name: "offline.access",
            brings: Text::new("dass die Verbindung sich selbst erneuert", "a connection that renews itself"),
        },
    ],
    extra: &[],
    pkce: true,
    register: Text::new(
        "console.x.com → deine App → User authentication settings → Callback URI; Typ „Web App“, Rechte „Read“. Verbinden kostet einen Abruf (0,010 US-Dollar)",
        "console.x.com → your app → User authentication settings → Callback URI; type \"Web App\", permissions \"Read\". Connecting costs one read (0.010 US dollars)",
    ),
}];

const TOKEN_PATH: &str = "/2/oauth2/token";
const PAIR: [&CredentialKey; 2] = [&ACCESS_TOKEN, &REFRESH_TOKEN];

pub(super) async fn redeem(http: &Outbound, code: &Code, now: Timestamp) -> Result<Grant, FetchError> {
    let answer = http.send(&code.call(API, TOKEN_PATH)?).await?;
    tokens::granted(&accepted(&answer, Access::Credentials, refusal)?)?.first(PAIR, now)
}

/// Spends the refresh token: exactly one request, never repeated.
pub(super) async fn renew(http: &Outbound, credentials: &Credentials, now: Timestamp) -> Result<Grant, FetchError> {
    let [way] = &WAYS;
    let answer = http.send(&renewal(way, credentials, &REFRESH_TOKEN, API, TOKEN_PATH)?).await?;
    Ok(tokens::granted(&accepted(&answer, Access::Credentials, refusal)?)?.at(PAIR, now))
}

/// X calls a token that was spent or withdrawn a malformed request.
fn refusal(json: &Json) -> Option<FetchError> {
    let says = text(json, "/error_description").unwrap_or_default();
    if at(json, "/error")? == "invalid_request" && says.contains("token was invalid") {
        return Some(FetchError::new(FailureKind::AuthRevoked).because("the refresh token was spent or withdrawn"));
    }
    oauth_refusal(json)
}

/// Whose a token is; billed as one user. <https://docs.x.com/x-api/users/get-my-user>
pub(super) async fn me(
    http: &Outbound,
    token: &SecretString,
    now: Timestamp,
    fields: &str,
) -> Result<Reading, FetchError> {
    let call = Call::get(API, "/2/users/me").bearer(token).query("user.fields", fields);
    let mut reading = user::parse(&user::accepted(&http.send(&call).await?, now)?)?;
    reading.origin.provenance = Provenance::OwnerAuthorised;
    Ok(reading)
}

pub(super) async fn whose(http: &Outbound, token: &SecretString, now: Timestamp) -> Result<Standing, FetchError> {
    let reading = me(http, token, now, "public_metrics").await?;
    let handle = Some(reading.profile.username);
    Ok(Standing { account_id: Some(reading.account_id), handle, ..Standing::default() })
}

/// Whether a token works, by asking for a post that nobody has: what brings nothing costs nothing, while a token that
/// ended is refused before that. <https://docs.x.com/x-api/posts/get-post-by-id>
pub(super) async fn check(http: &Outbound, token: &SecretString, now: Timestamp) -> Result<Standing, FetchError> {
    let answer = http.send(&Call::get(API, "/2/tweets/1").bearer(token)).await?;
    match user::accepted(&answer, now) {
        Err(error) if error.kind != FailureKind::NotFound => Err(error),
        _ => Ok(Standing::default()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_spent_refresh_token_is_told_from_a_malformed_request() {
        let kind = |error: &str, says: &str| {
            refusal(&json!({ "error": error, "error_description": says })).map(|refused| refused.kind)
        };
        assert_eq!(kind("invalid_request", "Value passed for the token was invalid."), Some(FailureKind::AuthRevoked));
        let malformed = "Missing required parameter [refresh_token].";
        assert_eq!(kind("invalid_request", malformed), Some(FailureKind::Schema));
        assert_eq!(kind("unauthorized_client", "Missing valid authorization header"), Some(FailureKind::AuthRevoked));
        assert_eq!(refusal(&json!({ "access_token": "x" })), None);
    }
}
