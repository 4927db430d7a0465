//! Meta's tokens: both code flows, exchanges and renewal. <https://developers.facebook.com/docs/facebook-login/guides/access-tokens>

use jiff::SignedDuration;
use serde_json::json;

use super::error::{bad_parameter, error};
use super::{LONG_SECS, Login, alive};
use crate::answer::Answer;
use crate::call::Call;
use crate::ledger::{Order, Token, TokenKind};
use crate::state::Shared;
use crate::upstream::oauth::redeem;

/// What a person grants by default.
pub fn scopes(login: Login) -> Vec<String> {
    let scopes: &[&str] = match login {
        Login::Facebook => &[
            "pages_show_list",
            "instagram_basic",
            "instagram_manage_insights",
            "pages_read_engagement",
            "public_profile",
        ],
        Login::Instagram => &["instagram_business_basic", "instagram_business_manage_insights"],
    };
    scopes.iter().map(|scope| (*scope).to_owned()).collect()
}

/// A user token for sixty days, with the rights and the consent of the one it comes from.
pub fn long_lived<'a>(from: &'a Token, prefix: &'a str) -> Order<'a> {
    Order {
        prefix,
        length: 160,
        life: Some(SignedDuration::from_secs(LONG_SECS)),
        scopes: &from.scopes,
        authorised_at: Some(from.authorised_at),
        ..Order::new(TokenKind::Access, "instagram", &from.account)
    }
}

fn short_lived<'a>(from: &'a Token, prefix: &'a str, hours: i64) -> Order<'a> {
    let life = Some(SignedDuration::from_hours(hours));
    Order { life, short_lived: true, ..long_lived(from, prefix) }
}

/// Code to short-lived token, or any living user token to a long-lived one.
pub fn facebook_exchange(shared: &Shared, call: &Call) -> Answer {
    let arg = |name: &str| call.arg(name).unwrap_or_default();
    let app = shared.app_by_id("facebook", arg("client_id"));
    if app.is_none_or(|app| app.secret != arg("client_secret")) {
        return error(400, 1, None, "Error validating client secret.");
    }
    if arg("grant_type") != "fb_exchange_token" {
        return facebook_code(shared, call);
    }
    let presented = arg("fb_exchange_token");
    match alive(shared, presented, call.now, Login::Facebook) {
        Ok(token) => exchange(shared, call, &token, "fb_exchange_token", "EAA"),
        Err(refusal) => {
            shared.books().refused(call.now, "instagram", "fb_exchange_token", presented, "not valid");
            refusal
        }
    }
}

fn facebook_code(shared: &Shared, call: &Call) -> Answer {
    let code = call.arg("code").unwrap_or_default();
    let back = call.arg("redirect_uri").unwrap_or_default();
    let Some(code) = redeem(shared, call, "instagram", code, back) else {
        return error(400, 100, Some(36_009), "This authorization code has been used.");
    };
    let mut books = shared.books();
    let value = books.issue(call.now, short_lived(&code, "EAA", 2));
    books.exchanged(call.now, "authorization_code", &code, &[&value]);
    Answer::json(200, json!({"access_token": value, "token_type": "bearer", "expires_in": 7_200}))
}

fn exchange(shared: &Shared, call: &Call, from: &Token, grant: &str, prefix: &str) -> Answer {
    let secs = if call.shows("meta/lifetime-30-days") { LONG_SECS / 2 } else { LONG_SECS };
    let life = Some(SignedDuration::from_secs(secs));
    let mut books = shared.books();
    let value = books.issue(call.now, Order { life, ..long_lived(from, prefix) });
    books.exchanged(call.now, grant, from, &[&value]);
    let mut reply = json!({"access_token": value, "token_type": "bearer", "expires_in": secs});
    if grant == "ig_refresh_token" {
        reply["permissions"] = json!(from.scopes.join(","));
    }
    Answer::json(200, reply)
}

/// `POST api.instagram.com/oauth/access_token`; both shapes of the reply are in the wild.
pub fn code_exchange(shared: &Shared, call: &Call) -> Answer {
    let form = call.form();
    let get = |name: &str| form.get(name).unwrap_or_default();
    let app = shared.app_by_id("instagram", get("client_id"));
    let known = app.is_some_and(|app| app.secret == get("client_secret"));
    if call.method != "POST" || !known {
        return refused_code("Invalid platform app");
    }
    let code = redeem(shared, call, "instagram", get("code"), get("redirect_uri"));
    let Some((code, account)) = code.and_then(|code| Some((code.clone(), shared.holder(&code)?))) else {
        return refused_code(
            "Error validating verification code. Please make sure your redirect_uri is identical \
             to the one you used in the OAuth dialog request",
        );
    };
    let mut books = shared.books();
    let value = books.issue(call.now, short_lived(&code, "IGA", 1));
    books.exchanged(call.now, "authorization_code", &code, &[&value]);
    let permissions = code.scopes.join(",");
    if call.shows("instagram/code-exchange-flat") {
        let id: i64 = account.id().parse().unwrap_or_default();
        return Answer::json(200, json!({"access_token": value, "user_id": id, "permissions": code.scopes}));
    }
    Answer::json(200, json!({"data": [{"access_token": value, "user_id": account.id(), "permissions": permissions}]}))
}

fn refused_code(message: &str) -> Answer {
    Answer::json(400, json!({"error_type": "OAuthException", "code": 400, "error_message": message}))
}

/// `ig_exchange_token`: a one-hour token becomes one for sixty days.
pub fn instagram_exchange(shared: &Shared, call: &Call) -> Answer {
    let token = match renewable(shared, call, "ig_exchange_token") {
        Ok(token) => token,
        Err(refusal) => return refusal,
    };
    let secret = call.arg("client_secret").unwrap_or_default();
    // Whoever signed in need not be the one who registered the app.
    let known = |key: &str| shared.app(key, "instagram").secret == secret;
    if !shared.creators().iter().any(|creator| known(&creator.key)) {
        return error(400, 1, None, "Error validating client secret.");
    }
    if !token.short_lived {
        return error(
            400,
            452,
            None,
            "Session key invalid. This could be because the session key has an incorrect format",
        );
    }
    exchange(shared, call, &token, "ig_exchange_token", "IGA")
}

/// `ig_refresh_token`: refused under 24 hours of age and after the end.
pub fn instagram_refresh(shared: &Shared, call: &Call) -> Answer {
    let token = match renewable(shared, call, "ig_refresh_token") {
        Ok(token) => token,
        Err(refusal) => return refusal,
    };
    let age = call.now.duration_since(token.issued_at);
    let young = age < SignedDuration::from_hours(24) || token.short_lived;
    if young || call.shows("instagram/refresh-too-young") {
        let why = "younger than 24 hours";
        shared.books().refused(call.now, "instagram", "ig_refresh_token", &token.value, why);
        return error(400, 100, None, "The access token must be at least 24 hours old to be refreshed");
    }
    exchange(shared, call, &token, "ig_refresh_token", "IGA")
}

fn renewable(shared: &Shared, call: &Call, grant: &str) -> Result<Token, Answer> {
    let value = call.arg("access_token").unwrap_or_default();
    let token = match call.arg("grant_type") {
        Some(asked) if asked == grant => alive(shared, value, call.now, Login::Instagram),
        _ => Err(bad_parameter("Invalid grant_type")),
    };
    if token.is_err() {
        shared.books().refused(call.now, "instagram", grant, value, "not valid");
    }
    token
}
