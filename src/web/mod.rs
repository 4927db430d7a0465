//! The web server, and the only axum. Public answers lie ready in memory (`faces.rs`); the rest goes through the router
//! below. It waits for no platform on behalf of a visitor.

pub mod api;
mod assets;
mod attempts;
pub mod auth;
mod edge;
mod error;
mod error_words;
mod face;
mod faces;
mod health;
mod metrics;
mod peer;
mod public;
mod render;
mod request_lang;
mod security;
mod serve;
mod state;
mod wire;
mod words;

use axum::routing::{get, post};
use axum::{Extension, Router};

pub use api::document::json as api_document;
pub use serve::serve;
pub use state::{Parts, State};

use api::{analytics, docs, events, history, profile, refresh, refresh_one, summary};

/// Every route of the server.
fn router(state: &State) -> Router {
    let mut router = Router::new()
        .route("/", get(public::home))
        .route("/mediakit", get(public::page))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .route("/api/mediakit/follower-summary", get(summary::show))
        .route("/api/mediakit/analytics/{platform}", get(analytics::show))
        .route("/api/mediakit/history/{platform}", get(history::show))
        .route("/api/mediakit/refresh-social-stats", post(refresh::all))
        .route("/api/mediakit/refresh-events", get(events::watch_refresh))
        .route("/api/profile", get(profile::show).put(profile::update))
        .route("/api/openapi.json", get(docs::document))
        .route("/api/docs", get(docs::page))
        .route("/assets/{file}", get(public::asset));
    for address in assets::ICON_ADDRESSES {
        router = router.route(address, get(public::asset));
    }
    for about in &state.platforms {
        let one = post(refresh_one::one).layer(Extension(*about));
        router = router.route(&format!("/api/mediakit/refresh-{}-api", about.id), one);
    }
    router.with_state(state.clone())
}
