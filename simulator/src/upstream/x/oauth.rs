//! X's tokens: an app's that never ends; for a user two hours, with a renewal token that works once.
//! <https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use serde_json::json;

use crate::answer::Answer;
use crate::call::{Call, Pairs};
use crate::ledger::{Order, Token, TokenKind};
use crate::state::Shared;
use crate::upstream::oauth::{App, Dialog, consent, redeem};
use crate::upstream::route;

/// What a person grants by default; only the last brings a renewal token.
pub const SCOPES: [&str; 3] = ["users.read", "tweet.read", "offline.access"];

const DIALOG: Dialog = Dialog { platform: "x", app: "x", client: "client_id", tail: "" };
const ACCESS_SECS: i64 = 7_200;

/// The answer, when it is about tokens.
pub fn answer(shared: &Shared, call: &Call) -> Option<Answer> {
    let path = call.segments();
    Some(match route!(call, path) {
        ("GET", ["i", "oauth2", "authorize"]) => page(shared, call),
        ("POST", ["oauth2", "token"]) => app_token(shared, call),
        ("POST", ["2", "oauth2", "token"]) => token(shared, call),
        ("POST", ["2", "oauth2", "revoke"]) => revoke(shared, call),
        _ => return None,
    })
}

/// The page asks for a proof of everybody.
fn page(shared: &Shared, call: &Call) -> Answer {
    let proves = call.arg("code_challenge").is_some() && call.arg("code_challenge_method") == Some("S256");
    if proves {
        consent(shared, call, &DIALOG)
    } else {
        Answer::html(400, "<h1>Something went wrong</h1><p>You weren't able to give access to the App.</p>")
    }
}

/// App tokens never end; asking again gives the same one.
fn app_token(shared: &Shared, call: &Call) -> Answer {
    let Some(app) = app_of(shared, call) else {
        return Answer::json(
            403,
            json!({"errors": [{"code": 99, "message": "Unable to verify your credentials", "label": "authenticity_token_error"}]}),
        );
    };
    let mut books = shared.books();
    let standing = books.standing(TokenKind::App, "x", &app.owner, None, call.now);
    let value = standing.map_or_else(|| books.issue(call.now, order(&app.owner)), |token| token.value);
    Answer::json(200, json!({"token_type": "bearer", "access_token": value}))
}

/// The app of the header, as RFC 6749, section 2.3.1 has it.
fn app_of(shared: &Shared, call: &Call) -> Option<App> {
    let pair = String::from_utf8(STANDARD.decode(call.authorization("Basic")?).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    shared.app_by_id("x", id).filter(|app| app.secret == secret)
}

/// How an app token is issued.
pub fn order(owner: &str) -> Order<'_> {
    Order { prefix: "AAAAAAAAAAAAAAAAAAAAA", length: 90, ..Order::new(TokenKind::App, "x", owner) }
}

/// How a user's tokens are issued; X does not say how long the renewal token lives.
pub fn user_order<'a>(kind: TokenKind, account: &'a str, app: &str, scopes: &'a [String]) -> Order<'a> {
    let subject = Some(app.to_owned());
    let life = (kind == TokenKind::Access).then(|| SignedDuration::from_secs(ACCESS_SECS));
    Order { length: 91, life, scopes, subject, ..Order::new(kind, "x", account) }
}

fn token(shared: &Shared, call: &Call) -> Answer {
    let form = call.form();
    let get = |name: &str| form.get(name).unwrap_or_default();
    let Some(app) = app_of(shared, call) else {
        return refused(401, "unauthorized_client", "Missing valid authorization header");
    };
    match get("grant_type") {
        "authorization_code" => match redeem(shared, call, "x", get("code"), get("redirect_uri")) {
            Some(code) => pair(shared, call, &code, &app, "authorization_code"),
            None => refused(400, "invalid_request", "Value passed for the authorization code was invalid."),
        },
        "refresh_token" => refresh(shared, call, &form, &app),
        _ => refused(400, "unsupported_grant_type", "Grant type is not supported."),
    }
}

fn refresh(shared: &Shared, call: &Call, form: &Pairs, app: &App) -> Answer {
    let presented = form.get("refresh_token").unwrap_or_default();
    let token = shared.books().valid("x", presented, call.now);
    let own = token.filter(|token| token.kind == TokenKind::Refresh && token.app() == app.owner);
    if let Some(token) = own.filter(|_| !call.shows("x/invalid-token")) {
        return pair(shared, call, &token, app, "refresh_token");
    }
    let why = "Value passed for the token was invalid.";
    shared.books().refused(call.now, "x", "refresh_token", presented, why);
    refused(400, "invalid_request", why)
}

/// Issues a token for calls and, where the person agreed to it, one that renews; what was presented ends here.
fn pair(shared: &Shared, call: &Call, from: &Token, app: &App, grant: &str) -> Answer {
    let mut books = shared.books();
    let of = |kind| Order {
        authorised_at: Some(from.authorised_at),
        ..user_order(kind, &from.account, &app.owner, &from.scopes)
    };
    books.supersede(&from.value);
    let access = books.issue(call.now, of(TokenKind::Access));
    let mut reply = json!({
        "token_type": "bearer", "expires_in": ACCESS_SECS, "access_token": access, "scope": from.scopes.join(" "),
    });
    let mut issued = vec![access];
    if from.scopes.iter().any(|scope| scope == SCOPES[2]) {
        let refresh = books.issue(call.now, of(TokenKind::Refresh));
        reply["refresh_token"] = json!(refresh);
        issued.push(refresh);
    }
    let issued: Vec<&str> = issued.iter().map(String::as_str).collect();
    books.exchanged(call.now, grant, from, &issued);
    Answer::json(200, reply)
}

fn revoke(shared: &Shared, call: &Call) -> Answer {
    if app_of(shared, call).is_none() {
        return refused(401, "unauthorized_client", "Missing valid authorization header");
    }
    let form = call.form();
    let revoked = shared.books().revoke(form.get("token").unwrap_or_default());
    Answer::json(200, json!({ "revoked": revoked }))
}

fn refused(status: u16, error: &str, description: &str) -> Answer {
    Answer::json(status, json!({"error": error, "error_description": description}))
}
