//! The person's Facebook Pages, one of which is linked to the Instagram account.
//! <https://developers.facebook.com/docs/graph-api/reference/user/accounts/>

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::Login;
use super::error::bad_parameter;
use super::fields::parse;
use super::node::{paging, position};
use super::token::{long_lived, scopes};
use crate::answer::{Answer, Shape};
use crate::call::Call;
use crate::ledger::{Order, Token, TokenKind};
use crate::state::Shared;
use crate::upstream::window;
use crate::world::Account;

const PAGES: Shape = Shape { id: "/data/0/id", name: "/data/0/name", list: "/data", ..Shape::NONE };

/// `GET /me/permissions`; a Page has none.
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
pub fn page_ids(account: &Account) -> Vec<String> {
    (0..=account.creator.other_pages.len())
        .map(|number| account.dice.text("page").number(i64::try_from(number).unwrap_or(0)).digits(15))
        .collect()
}

/// `GET /me/accounts`, two Pages at a time, so that a person with three has a second page.
pub fn accounts(shared: &Shared, call: &Call, user: &Token, account: &Account) -> Answer {
    let names = account.creator.other_pages.iter().chain([&account.creator.name]);
    let pages: Vec<(String, &String)> = page_ids(account).into_iter().zip(names).collect();
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
pub fn page(call: &Call, account: &Account, id: &str) -> Answer {
    let linked = page_ids(account).last().is_some_and(|last| last == id);
    let mut node = json!({ "id": id, "name": account.creator.name });
    if linked && !call.shows("meta/page-without-instagram") {
        node["instagram_business_account"] = json!({"id": account.id(), "username": account.handle});
    }
    Answer::json(200, node)
}
