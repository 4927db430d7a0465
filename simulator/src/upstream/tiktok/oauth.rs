//! TikTok's tokens: two hours for access, 180 days for renewal, and a renewal token that
//! dies the moment its successor is issued.
//! <https://developers.tiktok.com/doc/oauth-user-access-token-management>

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::log_id;
use crate::answer::Answer;
use crate::call::{Call, Pairs};
use crate::ledger::{Order, Token, TokenKind, TokenState};
use crate::state::Shared;
use crate::upstream::oauth::redeem;

/// What a person grants by default.
pub const SCOPES: [&str; 4] = ["user.info.basic", "user.info.profile", "user.info.stats", "video.list"];

const ACCESS_SECS: i64 = 7_200;
const OLD_ACCESS_SECS: i64 = 86_400;
const REFRESH_SECS: i64 = 15_552_000;

/// `POST /v2/oauth/token/`
pub fn token(shared: &Shared, call: &Call) -> Answer {
    let form = call.form();
    let encoded = call.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !encoded {
        return refused(
            call,
            "invalid_request",
            "Only `application/x-www-form-urlencoded` is supported as Content-Type.",
        );
    }
    match call.fault().name {
        "tiktok/invalid-grant" => return bad_grant(shared, call, &form, 400),
        "tiktok/invalid-grant-in-200" => return bad_grant(shared, call, &form, 200),
        _ => {}
    }
    let get = |name: &str| form.get(name).unwrap_or_default();
    let app = shared.app_by_id("tiktok", get("client_key"));
    if app.is_none_or(|app| app.secret != get("client_secret")) {
        return refused(call, "invalid_client", "Client key or secret is incorrect.");
    }
    match get("grant_type") {
        "refresh_token" => refresh(shared, call, &form),
        "authorization_code" => match redeem(shared, call, "tiktok", get("code"), get("redirect_uri")) {
            Some(code) => pair(shared, call, &code, "authorization_code"),
            None => refused(call, "invalid_grant", "Authorization code is expired."),
        },
        _ => refused(call, "unsupported_grant_type", "Grant type is not supported."),
    }
}

fn refresh(shared: &Shared, call: &Call, form: &Pairs) -> Answer {
    let presented = form.get("refresh_token").unwrap_or_default();
    let token = shared.books().find(presented, call.now);
    let token = token.filter(|token| token.kind == TokenKind::Refresh && token.platform == "tiktok");
    match token {
        Some(token) if token.state == TokenState::Valid => pair(shared, call, &token, "refresh_token"),
        _ => bad_grant(shared, call, form, 400),
    }
}

/// Issues both tokens; a renewal token that was presented ends here.
fn pair(shared: &Shared, call: &Call, from: &Token, grant: &str) -> Answer {
    let access_secs = match call.fault().name {
        "tiktok/lifetime-24h" => OLD_ACCESS_SECS,
        _ => ACCESS_SECS,
    };
    let order = |kind, prefix, secs| Order {
        prefix,
        length: 60,
        life: Some(SignedDuration::from_secs(secs)),
        scopes: &from.scopes,
        authorised_at: Some(from.authorised_at),
        ..Order::new(kind, "tiktok", &from.account)
    };
    let keeps_refresh = call.fault().name.starts_with("tiktok/refresh-");
    let mut books = shared.books();
    let access = books.issue(call.now, order(TokenKind::Access, "act.", access_secs));
    let refresh = if keeps_refresh && from.kind == TokenKind::Refresh {
        from.value.clone()
    } else {
        books.supersede(&from.value);
        books.issue(call.now, order(TokenKind::Refresh, "rft.", REFRESH_SECS))
    };
    books.exchanged(call.now, grant, from, &[&access, &refresh]);
    drop(books);
    let open_id = shared.holder(from).map(|account| account.id());
    let mut reply = json!({
        "access_token": access, "expires_in": access_secs, "open_id": open_id,
        "refresh_expires_in": REFRESH_SECS, "refresh_token": refresh,
        "scope": from.scopes.join(","), "token_type": "Bearer",
    });
    without_refresh(call, &mut reply);
    Answer::json(200, reply)
}

/// Two faults keep the old renewal token and say nothing, or nothing useful, about it.
fn without_refresh(call: &Call, reply: &mut Value) {
    match call.fault().name {
        "tiktok/refresh-token-empty" => reply["refresh_token"] = json!(""),
        "tiktok/refresh-token-missing" => {
            reply.as_object_mut().map(|reply| reply.remove("refresh_token"));
        }
        _ => {}
    }
}

fn bad_grant(shared: &Shared, call: &Call, form: &Pairs, status: u16) -> Answer {
    let presented = form.get("refresh_token").or_else(|| form.get("code")).unwrap_or_default();
    let grant = form.get("grant_type").unwrap_or_default();
    shared.books().refused(call.now, "tiktok", grant, presented, "invalid_grant");
    let mut answer = refused(call, "invalid_grant", "Refresh token is invalid or expired.");
    answer.status = status;
    answer
}

/// `POST /v2/oauth/revoke/`
pub fn revoke(shared: &Shared, call: &Call) -> Answer {
    let form = call.form();
    if shared.books().revoke(form.get("token").unwrap_or_default()) {
        Answer::json(200, json!({}))
    } else {
        refused(call, "invalid_request", "The token is invalid.")
    }
}

fn refused(call: &Call, error: &str, description: &str) -> Answer {
    Answer::json(400, json!({ "error": error, "error_description": description, "log_id": log_id(call) }))
}
