//! The way through which links of the link page go: counts the visit and leads on. Only addresses that stand on the page
//! right now are led to, so that it can't be used to send people elsewhere.

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, HeaderName, LOCATION, REFERRER_POLICY};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::web::error::Error;
use crate::web::state::State;
use crate::web::visits;

/// Where such a link begins.
pub const GO: &str = "/go/";

/// Leads on to where a link goes.
pub async fn lead(state: State, method: Method, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    let id: i64 = id.parse().map_err(|_| Error::NoLink)?;
    let kit = state.faces.kit_now().await;
    let link = kit.links.iter().find(|link| link.id == id).ok_or(Error::NoLink)?;
    let url = link.counted_url().ok_or(Error::NoLink)?;
    let location = HeaderValue::from_str(url.as_str()).map_err(|_| Error::NoLink)?;
    if kit.counts_visits && visits::is_a_visit(&method, &headers) {
        state.visits.follow(link.id, state.clock.now());
    }
    let headers = [
        (LOCATION, location),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // Where it leads learns which site sent the visitor, and nothing more.
        (REFERRER_POLICY, HeaderValue::from_static("strict-origin")),
        (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow")),
    ];
    Ok((StatusCode::FOUND, headers).into_response())
}
