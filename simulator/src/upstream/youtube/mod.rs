//! YouTube: the Data API with a key, the Analytics API with a grant, Google's token endpoint,
//! and the public pages. <https://developers.google.com/youtube/v3/docs>

mod analytics;
mod data;
mod oauth;
mod page;

use serde_json::json;

pub use analytics::answer as analytics;
pub use data::answer as data;
pub use oauth::answer as oauth;
pub use page::answer as web;

use super::{route, short, three_figures, window};
use crate::answer::Answer;

/// Google's error envelope with the older list of errors.
fn refused(status: u16, message: &str, domain: &str, reason: &str) -> Answer {
    let inner = json!({"message": message, "domain": domain, "reason": reason});
    Answer::json(status, json!({"error": {"code": status, "message": message, "errors": [inner]}}))
}

/// Google's error envelope with details, as its newer front end writes it.
fn detailed(status: u16, message: &str, state: &str, reason: &str, domain: &str) -> Answer {
    let info = json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": domain});
    Answer::json(
        status,
        json!({"error": {
            "code": status, "message": message, "status": state, "details": [info],
            "errors": [{"message": message, "domain": "global", "reason": "badRequest"}],
        }}),
    )
}
