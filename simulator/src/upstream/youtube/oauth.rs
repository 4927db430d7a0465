//! Google's consent page and token endpoint.
//! <https://developers.google.com/identity/protocols/oauth2/web-server>

use jiff::SignedDuration;
use serde_json::json;

use super::route;
use crate::answer::Answer;
use crate::call::Call;
use crate::ledger::{Order, Token, TokenKind};
use crate::state::Shared;
use crate::upstream::oauth::{Dialog, consent, redeem};

const DIALOG: Dialog = Dialog { platform: "youtube", app: "google", client: "client_id", tail: "" };
const ACCESS_SECS: i64 = 3_599;
/// How long a grant for an app in testing holds.
const TESTING: SignedDuration = SignedDuration::from_hours(7 * 24);

/// `oauth2.googleapis.com`, and the consent page of accounts.google.com.
pub fn answer(shared: &Shared, call: &Call) -> Answer {
    let path = call.segments();
    match route!(call, path) {
        ("GET", ["o", "oauth2", "v2", "auth"]) => consent(shared, call, &DIALOG),
        ("POST", ["token"]) => token(shared, call),
        ("POST", ["revoke"]) => revoke(shared, call),
        _ => Answer::json(404, json!({"error": "not_found"})),
    }
}

fn token(shared: &Shared, call: &Call) -> Answer {
    let form = call.form();
    let get = |name: &str| form.get(name).unwrap_or_default();
    let app = shared.app_by_id("google", get("client_id"));
    if app.is_none_or(|app| app.secret != get("client_secret")) {
        return refused(401, "invalid_client", "Unauthorized");
    }
    let from = match get("grant_type") {
        "authorization_code" => redeem(shared, call, "youtube", get("code"), get("redirect_uri")),
        "refresh_token" => shared
            .books()
            .valid("youtube", get("refresh_token"), call.now)
            .filter(|token| token.kind == TokenKind::Refresh),
        _ => return refused(400, "unsupported_grant_type", "Invalid grant_type"),
    };
    let over = |token: &Token| call.shows("google/testing-mode") && call.now >= token.authorised_at + TESTING;
    if let Some(from) = from.filter(|token| !call.shows("youtube/invalid-grant") && !over(token)) {
        return issue(shared, call, &from, get("grant_type"));
    }
    let (grant, presented) = (get("grant_type"), get("refresh_token"));
    shared.books().refused(call.now, "youtube", grant, presented, "invalid_grant");
    refused(400, "invalid_grant", "Token has been expired or revoked.")
}

/// Only a code brings a renewal token; renewing keeps the one there is, unless a fault says otherwise.
fn issue(shared: &Shared, call: &Call, from: &Token, grant: &str) -> Answer {
    let mut books = shared.books();
    let order = |kind, prefix, life| Order {
        prefix,
        length: 120,
        life,
        scopes: &from.scopes,
        authorised_at: Some(from.authorised_at),
        ..Order::new(kind, "youtube", &from.account)
    };
    let life = SignedDuration::from_secs(ACCESS_SECS);
    let access = books.issue(call.now, order(TokenKind::Access, "ya29.", Some(life)));
    let mut reply = json!({
        "access_token": access, "expires_in": ACCESS_SECS, "scope": from.scopes.join(" "), "token_type": "Bearer",
    });
    let mut issued = vec![access];
    let rotates = call.shows("google/refresh-token-rotated");
    if rotates && from.kind == TokenKind::Refresh {
        books.supersede(&from.value);
    }
    if rotates || from.kind == TokenKind::Code {
        let refresh = books.issue(call.now, order(TokenKind::Refresh, "1//0", None));
        reply["refresh_token"] = json!(refresh);
        issued.push(refresh);
    }
    if call.shows("google/refresh-token-empty") {
        reply["refresh_token"] = json!("");
    }
    if call.shows("google/testing-mode") {
        let left = (from.authorised_at + TESTING).duration_since(call.now);
        reply["refresh_token_expires_in"] = json!(left.as_secs());
    }
    let issued: Vec<&str> = issued.iter().map(String::as_str).collect();
    books.exchanged(call.now, grant, from, &issued);
    Answer::json(200, reply)
}

fn revoke(shared: &Shared, call: &Call) -> Answer {
    let form = call.form();
    if shared.books().revoke(form.get("token").unwrap_or_default()) {
        Answer::json(200, json!({}))
    } else {
        refused(400, "invalid_token", "Token expired or revoked")
    }
}

fn refused(status: u16, error: &str, description: &str) -> Answer {
    Answer::json(status, json!({"error": error, "error_description": description}))
}
