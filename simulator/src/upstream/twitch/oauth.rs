//! Twitch's sign-in: app tokens, the consent page, tokens of hours for a user and a renewal token that stays.
//! <https://dev.twitch.tv/docs/authentication/>

use jiff::SignedDuration;
use serde_json::json;

use crate::answer::Answer;
use crate::call::{Call, Pairs};
use crate::ledger::{Order, Token, TokenKind};
use crate::state::Shared;
use crate::upstream::oauth::{App, Dialog, consent, redeem};
use crate::upstream::route;

/// What a person grants by default.
pub const SCOPES: [&str; 2] = ["moderator:read:followers", "channel:read:subscriptions"];

const DIALOG: Dialog = Dialog { platform: "twitch", app: "twitch", client: "client_id", tail: "" };
const APP_TOKEN_SECS: i64 = 5_011_271;
const USER_TOKEN_SECS: i64 = 14_400;

/// `id.twitch.tv`
pub fn auth(shared: &Shared, call: &Call) -> Answer {
    let path = call.segments();
    match route!(call, path) {
        ("GET", ["oauth2", "authorize"]) => consent(shared, call, &DIALOG),
        ("POST", ["oauth2", "token"]) => token(shared, call),
        ("GET", ["oauth2", "validate"]) => validate(shared, call),
        ("POST", ["oauth2", "revoke"]) => revoke(shared, call),
        _ => refused(404, "not found"),
    }
}

/// How a user's tokens are issued; the renewal token has no end of its own.
pub fn order<'a>(kind: TokenKind, account: &'a str, app: &str, scopes: &'a [String]) -> Order<'a> {
    let subject = Some(app.to_owned());
    let life = (kind == TokenKind::Access).then(|| SignedDuration::from_secs(USER_TOKEN_SECS));
    let length = if kind == TokenKind::Access { 30 } else { 50 };
    Order { length, life, scopes, subject, ..Order::new(kind, "twitch", account) }
}

/// The parameters may be in the body or in the query.
fn token(shared: &Shared, call: &Call) -> Answer {
    let form = call.form();
    let get = |name: &str| form.get(name).or_else(|| call.arg(name)).unwrap_or_default();
    let Some(app) = shared.app_by_id("twitch", get("client_id")) else {
        return refused(400, "invalid client");
    };
    if app.secret != get("client_secret") || call.shows("twitch/invalid-secret") {
        return refused(403, "invalid client secret");
    }
    match get("grant_type") {
        "client_credentials" => app_token(shared, call, &app),
        "authorization_code" => match redeem(shared, call, "twitch", get("code"), get("redirect_uri")) {
            Some(code) => pair(shared, call, &code, &app, "authorization_code"),
            None => refused(400, "Invalid authorization code"),
        },
        "refresh_token" => refresh(shared, call, &form, &app),
        _ => refused(400, "invalid grant type"),
    }
}

fn app_token(shared: &Shared, call: &Call, app: &App) -> Answer {
    let mut books = shared.books();
    let value = books.issue(
        call.now,
        Order {
            length: 30,
            life: Some(SignedDuration::from_secs(APP_TOKEN_SECS)),
            ..Order::new(TokenKind::App, "twitch", &app.owner)
        },
    );
    if let Some(token) = books.find(&value, call.now) {
        books.exchanged(call.now, "client_credentials", &token, &[&value]);
    }
    Answer::json(200, json!({"access_token": value, "expires_in": APP_TOKEN_SECS, "token_type": "bearer"}))
}

/// <https://dev.twitch.tv/docs/authentication/refresh-tokens/>
fn refresh(shared: &Shared, call: &Call, form: &Pairs, app: &App) -> Answer {
    let presented = form.get("refresh_token").or_else(|| call.arg("refresh_token")).unwrap_or_default();
    let token = shared.books().valid("twitch", presented, call.now);
    let own = token.filter(|token| token.kind == TokenKind::Refresh && token.app() == app.owner);
    if let Some(token) = own.filter(|_| !call.shows("twitch/invalid-refresh-token")) {
        return pair(shared, call, &token, app, "refresh_token");
    }
    shared.books().refused(call.now, "twitch", "refresh_token", presented, "Invalid refresh token");
    Answer::json(400, json!({"error": "Bad Request", "status": 400, "message": "Invalid refresh token"}))
}

/// A renewal brings the renewal token that there is, unless a fault says otherwise.
fn pair(shared: &Shared, call: &Call, from: &Token, app: &App, grant: &str) -> Answer {
    let mut books = shared.books();
    let of = |kind| Order {
        authorised_at: Some(from.authorised_at),
        ..order(kind, &from.account, &app.owner, &from.scopes)
    };
    let access = books.issue(call.now, of(TokenKind::Access));
    let rotates = call.shows("twitch/refresh-token-rotated");
    let refresh = if from.kind == TokenKind::Refresh && !rotates {
        from.value.clone()
    } else {
        books.supersede(&from.value);
        books.issue(call.now, of(TokenKind::Refresh))
    };
    books.exchanged(call.now, grant, from, &[&access, &refresh]);
    Answer::json(
        200,
        json!({
            "access_token": access, "expires_in": USER_TOKEN_SECS, "refresh_token": refresh,
            "scope": from.scopes, "token_type": "bearer",
        }),
    )
}

/// <https://dev.twitch.tv/docs/authentication/validate-tokens/>
fn validate(shared: &Shared, call: &Call) -> Answer {
    let value = call.authorization("OAuth").or_else(|| call.bearer()).unwrap_or_default();
    let token = shared.books().valid("twitch", value, call.now);
    let token = token.filter(|token| matches!(token.kind, TokenKind::App | TokenKind::Access));
    let Some(token) = token else { return refused(401, "invalid access token") };
    let left = token.expires_at.map_or(0, |end| end.duration_since(call.now).as_secs());
    let client = shared.app(token.app(), "twitch").id;
    let account = shared.holder(&token).filter(|_| token.kind == TokenKind::Access);
    let Some(account) = account else {
        return Answer::json(200, json!({"client_id": client, "scopes": null, "expires_in": left}));
    };
    Answer::json(
        200,
        json!({
            "client_id": client, "login": account.handle.to_lowercase(), "scopes": token.scopes,
            "user_id": account.id(), "expires_in": left,
        }),
    )
}

fn revoke(shared: &Shared, call: &Call) -> Answer {
    let form = call.form();
    if shared.books().revoke(form.get("token").unwrap_or_default()) {
        Answer::empty(200)
    } else {
        refused(400, "Invalid token")
    }
}

/// The sign-in host has no `error` key.
fn refused(status: u16, message: &str) -> Answer {
    Answer::json(status, json!({"status": status, "message": message}))
}
