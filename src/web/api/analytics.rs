//! `GET /api/mediakit/analytics/{platform}`: one platform's public numbers.

use axum::Json;
use axum::extract::Path;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::audience::{self, Audience};
use super::finished;
use super::schema::{self, ByKey};
use crate::domain::media_kit::Panel;
use crate::domain::metric::{Figure, Precision, Provenance, Unit, Value};
use crate::web::auth::{Admin, Read};
use crate::web::error::Error;
use crate::web::public::share::may_see;
use crate::web::state::State;

/// The last good numbers of a platform.
#[derive(Debug, Serialize, ToSchema)]
pub struct Analytics {
    /// The platform's id.
    #[schema(example = "instagram")]
    pub platform: &'static str,
    /// The handle.
    #[schema(example = "festas_builds")]
    pub username: String,
    /// When the numbers were read.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T03:00:04Z")]
    pub fetched_at: Timestamp,
    /// The platform's metrics; unknown ones are null, private ones appear when the owner publishes them.
    #[schema(value_type = std::collections::BTreeMap<String, schema::MaybeMetric>)]
    pub metrics: ByKey<Value>,
    /// Who the audience is made of, as far as the owner publishes it; null when it is unknown.
    #[schema(value_type = std::collections::BTreeMap<String, schema::MaybeAudience>)]
    pub demographics: ByKey<Audience>,
    /// Where the audience was read.
    #[schema(example = "Meta Graph API")]
    pub source: String,
    /// Who vouches for it.
    #[schema(value_type = schema::Provenance)]
    pub provenance: Provenance,
    /// How exact the audience is; null when the audience is unknown.
    #[schema(value_type = Option<schema::Precision>)]
    pub precision: Option<Precision>,
    /// The version of the interface that was asked; null where it has none.
    #[schema(example = "v25.0")]
    pub api_version: Option<String>,
}

/// The answer for a panel; `None` without numbers.
pub fn answer(panel: &Panel) -> Option<Analytics> {
    let snapshot = panel.snapshot.as_ref()?;
    let metrics = figures(panel).into_iter().map(|(key, _, figure)| (key, figure.map(|figure| figure.value)));
    Some(Analytics {
        platform: panel.about.id,
        username: panel.handle.clone(),
        fetched_at: snapshot.fetched_at,
        metrics: ByKey(metrics.collect()),
        demographics: audience::of(panel),
        source: snapshot.origin.source.clone(),
        provenance: snapshot.origin.provenance,
        precision: panel.audience().map(|figure| figure.precision),
        api_version: snapshot.origin.api_version.clone(),
    })
}

/// A panel's public metrics with their figures; the audience is also there as `followers`, whatever the platform calls it.
pub fn figures(panel: &Panel) -> Vec<(&'static str, Unit, Option<&Figure>)> {
    let declared = panel.figures.iter().map(|(metric, figure)| (metric.key, metric.unit, figure.as_ref()));
    let mut figures: Vec<_> = declared.collect();
    if figures.iter().all(|(key, ..)| *key != "followers") {
        figures.insert(0, ("followers", Unit::Count, panel.audience()));
    }
    figures
}

/// The same with what its newest posts say: medians, rhythm, and the engagement rate by each definition.
pub fn all_figures(panel: &Panel) -> Vec<(&'static str, Unit, Option<&Figure>)> {
    figures(panel).into_iter().chain(panel.study.figures(panel.about)).collect()
}

/// One platform's numbers.
#[utoipa::path(
    get,
    path = "/api/mediakit/analytics/{platform}",
    operation_id = "showAnalytics",
    tag = "public",
    params(("platform" = String, Path, description = "The platform's id, for example instagram")),
    responses(
        (status = 200, description = "The last good numbers", body = Analytics),
        (status = 304, description = "Unchanged since the ETag in If-None-Match"),
        (status = 403, description = "The owner shows the kit to those only who have a link", body = schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "Unknown platform, or no numbers yet", body = schema::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn show(
    state: State,
    Path(platform): Path<String>,
    admitted: Result<Admin<Read>, Error>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Error> {
    if let Some(answer) = finished(&state, &method, &uri, &headers).await {
        return Ok(answer);
    }
    may_see(&state, admitted)?;
    let kit = state.faces.kit_now().await;
    let panel = kit.panel(&platform).filter(|panel| !panel.hidden);
    panel.and_then(answer).map(|answer| Json(answer).into_response()).ok_or(Error::NoData(platform))
}
