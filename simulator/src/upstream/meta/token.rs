//! Meta's tokens: both code flows, exchanges and renewal, Pages and their tokens, the
//! token inspector. <https://developers.facebook.com/docs/facebook-login/guides/access-tokens>

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::error::{bad_parameter, error, unparsable_token};
use super::fields::parse;
use super::node::{paging, position};
use super::{LONG_SECS, Login, alive, data_access_ends};
use crate::answer::{Answer, Shape};
use crate::call::Call;
use crate::ledger::{Order, Token, TokenKind, TokenState};
use crate::state::Shared;
use crate::upstream::oauth::redeem;
use crate::upstream::window;
use crate::world::Account;

const PAGES: Shape = Shape { id: "/data/0/id", name: "/data/0/name", list: "/data", ..Shape::NONE };

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

fn long_lived<'a>(from: &'a Token, prefix: &'a str) -> Order<'a> {
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
    let mut books = shared.books();
    let value = books.issue(call.now, long_lived(from, prefix));
    books.exchanged(call.now, grant, from, &[&value]);
    let mut reply = json!({"access_token": value, "token_type": "bearer", "expires_in": LONG_SECS});
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
    if shared.app(&token.account, "instagram").secret != secret {
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

pub fn permissions(token: &Token) -> Answer {
    if token.kind == TokenKind::Page {
        return bad_parameter("Tried accessing nonexisting field (permissions) on node type (Page)");
    }
    let list: Vec<Value> = scopes(Login::Facebook)
        .iter()
        .map(|scope| {
            let granted = token.scopes.contains(scope);
            json!({"permission": scope, "status": if granted { "granted" } else { "declined" }})
        })
        .collect();
    Answer::json(200, json!({ "data": list }))
}

/// The person's Pages; the last one is linked to the Instagram account.
pub fn page_ids(shared: &Shared, account: &Account) -> Vec<String> {
    let _ = shared;
    (0..=account.creator.other_pages.len())
        .map(|number| account.dice.text("page").number(i64::try_from(number).unwrap_or(0)).digits(15))
        .collect()
}

/// `GET /me/accounts`, two Pages at a time, so that a person with three has a second page.
pub fn accounts(shared: &Shared, call: &Call, user: &Token, account: &Account) -> Answer {
    let names = account.creator.other_pages.iter().chain([&account.creator.name]);
    let pages: Vec<(String, &String)> = page_ids(shared, account).into_iter().zip(names).collect();
    let linked = pages.len() - 1;
    let from = call.arg("after").and_then(position).unwrap_or(0);
    let page = window(call, pages.len(), from, 2);
    let without_link = call.shows("meta/page-without-instagram");
    let list: Vec<Value> = pages
        .iter()
        .enumerate()
        .skip(page.skip)
        .take(2)
        .filter(|_| !call.shows("meta/accounts-none"))
        .map(|(at, (id, name))| {
            let linked = (at == linked && !without_link).then_some(account);
            page_entry(shared, call, user, id, name, linked)
        })
        .collect();
    let paging = paging(shared, call, from, page.next);
    Answer::json(200, json!({ "data": list, "paging": paging })).shaped(&PAGES)
}

fn page_entry(shared: &Shared, call: &Call, user: &Token, id: &str, name: &str, linked: Option<&Account>) -> Value {
    let fields = parse(call.arg("fields").unwrap_or("id,name,access_token")).unwrap_or_default();
    let mut entry = Map::from_iter([("id".to_owned(), json!(id))]);
    for field in &fields {
        let value = match field.name.as_str() {
            "name" => Some(json!(name)),
            "access_token" => Some(json!(page_token(shared, call, user, id))),
            "category" => Some(json!("Sports & recreation")),
            "tasks" => Some(json!(["ANALYZE", "ADVERTISE", "CREATE_CONTENT", "MANAGE"])),
            "instagram_business_account" | "connected_instagram_account" => {
                linked.map(|account| json!({"id": account.id(), "username": account.handle}))
            }
            _ => None,
        };
        entry.extend(value.map(|value| (field.name.clone(), value)));
    }
    Value::Object(entry)
}

/// Page tokens of a long-lived user token never end; the same one is handed out again.
fn page_token(shared: &Shared, call: &Call, user: &Token, page: &str) -> String {
    let mut books = shared.books();
    let known = books.standing(TokenKind::Page, "instagram", &user.account, Some(page), call.now);
    if let Some(known) = known.filter(|known| known.authorised_at == user.authorised_at) {
        return known.value;
    }
    let life = user.short_lived.then(|| SignedDuration::from_hours(2));
    books.issue(
        call.now,
        Order { kind: TokenKind::Page, life, subject: Some(page.to_owned()), ..long_lived(user, "EAA") },
    )
}

/// `GET /{page-id}`
pub fn page(shared: &Shared, call: &Call, account: &Account, id: &str) -> Answer {
    let linked = page_ids(shared, account).last().is_some_and(|last| last == id);
    let mut node = json!({ "id": id, "name": account.creator.name });
    if linked && !call.shows("meta/page-without-instagram") {
        node["instagram_business_account"] = json!({"id": account.id(), "username": account.handle});
    }
    Answer::json(200, node)
}

/// `GET /debug_token`, asked with the app's own token or by the token's owner.
pub fn debug(shared: &Shared, call: &Call) -> Answer {
    let asker = call.arg("access_token").unwrap_or_default();
    let input = call.arg("input_token").unwrap_or_default();
    let app = asker
        .split_once('|')
        .and_then(|(id, secret)| shared.app_by_id("facebook", id).filter(|app| app.secret == secret));
    if app.is_none() && alive(shared, asker, call.now, Login::Facebook).is_err() {
        return bad_parameter(
            "You must provide an app access token, or a user access token that is an owner or developer of the app",
        );
    }
    let token = shared.books().find(input, call.now).filter(|token| token.value.starts_with("EAA"));
    match token {
        Some(token) => Answer::json(200, json!({ "data": inspected(shared, call, &token) })),
        None => Answer::json(
            200,
            json!({"data": {
                "error": {"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"},
                "is_valid": false, "scopes": [],
            }}),
        ),
    }
}

fn inspected(shared: &Shared, call: &Call, token: &Token) -> Value {
    let app = shared.app(&token.account, "facebook");
    let holder = shared.holder(token);
    let name = holder.as_ref().map(|account| account.creator.name.clone());
    let dead = token.state != TokenState::Valid || call.shows("meta/debug-token-dead");
    let mut data = json!({
        "app_id": app.id,
        "type": if token.kind == TokenKind::Page { "PAGE" } else { "USER" },
        "application": format!("{} Media Kit", name.unwrap_or_default()),
        "data_access_expires_at": data_access_ends(token).as_second(),
        "expires_at": token.expires_at.map_or(0, Timestamp::as_second),
        "issued_at": token.issued_at.as_second(),
        "is_valid": !dead,
        "scopes": if dead { Vec::new() } else { token.scopes.clone() },
        "granular_scopes": [{"scope": "instagram_basic", "target_ids": holder.as_ref().map(|account| vec![account.id()])},
                            {"scope": "pages_show_list"}],
    });
    match &token.subject {
        Some(page) => data["profile_id"] = json!(page),
        None => data["user_id"] = json!(holder.map(|account| account.other_id("facebook-user"))),
    }
    if call.shows("meta/debug-token-never-expires") {
        data["expires_at"] = json!(0);
    }
    if dead {
        let refusal = alive(shared, &token.value, call.now, Login::Facebook).err().unwrap_or_else(unparsable_token);
        data["error"] = inner_error(refusal);
    }
    data
}

/// Inside `debug_token` the subcode goes by another name.
fn inner_error(mut refusal: Answer) -> Value {
    let error = refusal.value_mut().map(Value::take).unwrap_or_default();
    let error = &error["error"];
    json!({"code": error["code"], "message": error["message"], "subcode": error["error_subcode"]})
}
