//! `/healthz`, `/readyz` and `/metrics`: for those who watch over the server.

use axum::Json;
use axum::http::{HeaderMap, HeaderName, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::api::schema::Problem;
use super::auth::{Read, admit};
use super::error::Error;
use super::peer::{self, Peer};
use super::state::State;

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`; anything else is an error status.
    #[schema(example = "ok")]
    pub status: &'static str,
}

const OK: Json<Health> = Json(Health { status: "ok" });

/// The process is alive.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "isAlive",
    tag = "operation",
    responses((status = 200, description = "Alive", body = Health))
)]
pub async fn healthz() -> Json<Health> {
    OK
}

/// The database answers and the pages are rendered.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "isReady",
    tag = "operation",
    responses(
        (status = 200, description = "Ready", body = Health),
        (status = 503, description = "The database is away; public pages are still answered", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn readyz(state: State) -> Result<Json<Health>, Error> {
    state.store.ping().await?;
    if state.faces.is_rendered() { Ok(OK) } else { Err(Error::Internal) }
}

/// Counters in Prometheus' text format.
///
/// With a token that may read, or from this machine itself.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "showMetrics",
    tag = "operation",
    security((), ("bearer" = [])),
    responses(
        (status = 200, description = "The counters", body = String, content_type = "text/plain"),
        (status = 401, description = "Neither local nor a token", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn metrics(
    peer: Peer,
    state: State,
    headers: HeaderMap,
) -> Result<([(HeaderName, &'static str); 1], String), Error> {
    if !peer::is_local(peer, &headers) {
        admit::<Read>(&state, peer, &headers).await?;
    }
    let text = state.metrics.text(&state.faces.kit(), state.clock.now());
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text))
}
