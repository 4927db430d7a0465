//! The public pages. They are rendered ahead; these handlers only hand them out.

pub mod audience;
mod bands;
pub mod charts;
pub mod check;
mod countries;
pub mod data;
pub mod door;
pub mod error_page;
pub mod figures;
pub mod follow;
pub mod legal;
pub mod link_page;
pub mod look;
pub mod markdown;
pub mod media_kit;
mod notices;
mod panels;
pub mod share;
pub mod sums;
pub mod view;
pub mod when;

use axum::http::{HeaderMap, Method, Uri};
use axum::response::{Html, IntoResponse as _, Response};

use super::admin::session::signed_in;
use super::api::finished;
use super::error::Error;
use super::face::Face;
use super::request_lang::ReaderLang;
use super::state::State;

/// The link page.
pub async fn home(state: State, method: Method, uri: Uri, headers: HeaderMap) -> Result<Response, Error> {
    finished(&state, &method, &uri, &headers).await.ok_or(Error::Internal)
}

/// The media kit page.
///
/// In the language of `lang` or `Accept-Language`, with the panel of `platform` open.
#[utoipa::path(
    get,
    path = "/mediakit",
    operation_id = "showMediaKit",
    tag = "public",
    params(
        ("lang" = Option<String>, Query, description = "de or en", nullable = false),
        ("platform" = Option<String>, Query, description = "The platform whose numbers are open", nullable = false),
    ),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 304, description = "Unchanged since the ETag in If-None-Match"),
        (status = 403, description = "The owner shows the kit to those only who have a link", body = String, content_type = "text/html"),
    )
)]
pub async fn page(
    state: State,
    ReaderLang(l): ReaderLang,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Error> {
    if let Some(answer) = finished(&state, &method, &uri, &headers).await {
        return Ok(answer);
    }
    // Kept back from everybody but its owner.
    if signed_in(&state, &headers).await?.is_none() {
        return Err(Error::NotPublic);
    }
    Ok(Html(state.faces.draft(l, |_| ()).await).into_response())
}

/// The legal notice or the privacy page, once the owner gave the facts.
pub async fn legal(state: State, method: Method, uri: Uri, headers: HeaderMap) -> Result<Response, Error> {
    finished(&state, &method, &uri, &headers).await.ok_or(Error::NotFound)
}

/// Style and script.
pub async fn asset(state: State, method: Method, uri: Uri, headers: HeaderMap) -> Result<Response, Error> {
    if let Some(answer) = finished(&state, &method, &uri, &headers).await {
        return Ok(answer);
    }
    let accent = look::accent(uri.path()).ok_or(Error::NotFound)?;
    Ok(Face::new(accent, state.https).answer(&method, &headers).into_routed())
}
