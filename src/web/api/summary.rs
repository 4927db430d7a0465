//! `GET /api/mediakit/follower-summary`: the sum of all audiences with its parts.

use axum::Json;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::finished;
use super::schema;
use crate::domain::media_kit::{Part, Summary};
use crate::domain::metric::{Precision, Provenance};
use crate::domain::number::short;
use crate::web::auth::{Admin, Read};
use crate::web::error::Error;
use crate::web::public::share::may_see;
use crate::web::state::State;

/// The sum of the platforms with at least the owner's threshold of followers.
#[derive(Debug, Serialize, ToSchema)]
pub struct FollowerSummary {
    /// The sum.
    #[schema(minimum = 0, example = 170_500)]
    pub total_followers: i64,
    /// The sum, short.
    #[schema(example = "170.5k")]
    pub total_followers_formatted: String,
    /// The parts, largest first.
    pub platforms: Vec<SummaryEntry>,
    /// How many parts there are.
    pub platform_count: usize,
    /// Whether the sum lacks an account whose number is unknown or older than 30 days.
    pub incomplete: bool,
}

/// A platform of the sum.
#[derive(Debug, Serialize, ToSchema)]
pub struct SummaryEntry {
    /// The platform's id.
    #[schema(example = "instagram")]
    pub platform: &'static str,
    /// The handle.
    #[schema(example = "festas_builds")]
    pub username: String,
    /// The audience: followers, subscribers or members.
    #[schema(minimum = 0, example = 104_700)]
    pub followers: i64,
    /// The audience, short.
    #[schema(example = "104.7k")]
    pub followers_formatted: String,
    /// The platform's own badge; null when unknown.
    pub verified: Option<bool>,
    /// When the number was read.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T03:00:04Z")]
    pub fetched_at: Timestamp,
    /// Where the number was read.
    #[schema(example = "Meta Graph API")]
    pub source: String,
    /// Who vouches for it.
    #[schema(value_type = schema::Provenance)]
    pub provenance: Provenance,
    /// How exact it is.
    #[schema(value_type = schema::Precision)]
    pub precision: Precision,
}

/// The answer for a summary.
pub fn answer(summary: &Summary) -> FollowerSummary {
    FollowerSummary {
        total_followers: summary.total,
        total_followers_formatted: short(summary.total),
        platforms: summary.parts.iter().map(entry).collect(),
        platform_count: summary.parts.len(),
        incomplete: summary.incomplete(),
    }
}

fn entry(part: &Part) -> SummaryEntry {
    SummaryEntry {
        platform: part.platform,
        username: part.username.clone(),
        followers: part.audience,
        followers_formatted: short(part.audience),
        verified: part.badge,
        fetched_at: part.figure.fetched_at,
        source: part.figure.origin.source.clone(),
        provenance: part.figure.origin.provenance,
        precision: part.figure.precision,
    }
}

/// The follower summary.
///
/// Lists the platforms with at least the owner's threshold of followers, largest first.
#[utoipa::path(
    get,
    path = "/api/mediakit/follower-summary",
    operation_id = "showSummary",
    tag = "public",
    responses(
        (status = 200, description = "The summary; an empty list when there is no data", body = FollowerSummary),
        (status = 304, description = "Unchanged since the ETag in If-None-Match"),
        (status = 403, description = "The owner shows the kit to those only who have a link", body = schema::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn show(
    state: State,
    admitted: Result<Admin<Read>, Error>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Error> {
    if let Some(answer) = finished(&state, &method, &uri, &headers).await {
        return Ok(answer);
    }
    may_see(&state, admitted)?;
    Ok(Json(answer(&state.faces.kit_now().await.summary)).into_response())
}
