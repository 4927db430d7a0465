//! The token inspector.
//! <https://developers.facebook.com/docs/graph-api/reference/debug_token/>

use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::{bad_parameter, unparsable_token};
use super::{Login, alive, data_access_ends};
use crate::answer::Answer;
use crate::call::Call;
use crate::ledger::{Token, TokenKind, TokenState};
use crate::state::Shared;

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
