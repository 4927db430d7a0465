//! TikTok: the Display API with its rotating tokens, and the embed page of www.tiktok.com.
//! <https://developers.tiktok.com/doc/overview/>

mod display;
mod oauth;
mod public;

use serde_json::json;

pub use oauth::SCOPES;
pub use public::answer as web;

use super::route;
use crate::answer::Answer;
use crate::call::Call;
use crate::random::Dice;
use crate::state::Shared;

/// `open.tiktokapis.com`
pub fn api(shared: &Shared, call: &Call) -> Answer {
    let path = call.segments();
    match route!(call, path) {
        ("POST", ["v2", "oauth", "token"]) => oauth::token(shared, call),
        ("POST", ["v2", "oauth", "revoke"]) => oauth::revoke(shared, call),
        ("GET", ["v2", "user", "info"]) => display::user_info(shared, call),
        ("POST", ["v2", "video", "list"]) => display::video_list(shared, call),
        ("POST", ["v2", "video", "query"]) => display::video_query(shared, call),
        _ => Answer::json(404, json!({"error": error(call, "invalid_params", "Unsupported path")})),
    }
}

/// The `error` object that every answer carries, success included.
fn error(call: &Call, code: &str, message: &str) -> serde_json::Value {
    json!({ "code": code, "message": message, "log_id": log_id(call) })
}

fn log_id(call: &Call) -> String {
    let tail = Dice::new(0).text(&call.path).number(call.now.as_second()).letters("0123456789ABCDEF", 18);
    format!("{}{tail}", call.now.strftime("%Y%m%d%H%M%S"))
}
