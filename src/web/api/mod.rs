//! The JSON API. Each file is one resource; shapes are structs, so that the document can't say something else.

pub mod analytics;
pub mod audience;
pub mod body;
pub mod docs;
pub mod document;
pub mod events;
pub mod history;
pub mod kit;
pub mod profile;
pub mod profile_changes;
pub mod refresh;
pub mod refresh_one;
pub mod schema;
pub mod summary;

use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;

use super::state::State;

/// The fixed documents: address, body, media type.
pub fn documents(css: &str) -> Vec<(&'static str, String, &'static str)> {
    let document = document::json();
    let page = docs::html(&document, css);
    vec![
        ("/api/openapi.json", document.to_string(), "application/json"),
        ("/api/docs", page, "text/html; charset=utf-8"),
    ]
}

/// The finished answer at this address. The accept loop finds most of them before the router is asked.
pub(super) async fn finished(state: &State, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
    state.faces.answer(method, uri, headers).await.map(super::face::Found::into_routed)
}
