//! `GET /api/mediakit/history/{platform}`: a metric over days. Days without a reading are absent, never invented.

use axum::Json;
use axum::extract::{Path, RawQuery};
use axum::http::{HeaderName, header};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::Serialize;
use utoipa::ToSchema;

use super::schema;
use crate::domain::history::Point;
use crate::domain::metric::{MetricAbout, Precision, Provenance, Value};
use crate::domain::platform::About;
use crate::domain::text::Text;
use crate::web::auth::{Admin, Read};
use crate::web::error::Error;
use crate::web::public::share::may_see;
use crate::web::request_lang::query_value;
use crate::web::state::State;

/// The longest time one answer covers, in years.
const MOST_YEARS: i32 = 10;

/// A metric's values, one a day at most.
#[derive(Debug, Serialize, ToSchema)]
pub struct History {
    /// The platform's id.
    pub platform: &'static str,
    /// The handle.
    pub username: String,
    /// The metric's key.
    pub metric: &'static str,
    /// The first day asked for.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// The last day asked for.
    #[schema(value_type = String, format = Date)]
    pub to: Date,
    /// The values, oldest first; a day without a reading is absent.
    pub points: Vec<HistoryPoint>,
}

/// A metric's value on a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryPoint {
    /// The UTC day.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The value.
    #[schema(value_type = schema::MetricValue)]
    pub value: Value,
    /// How exact it is.
    #[schema(value_type = schema::Precision)]
    pub precision: Precision,
    /// Where it was read.
    pub source: String,
    /// Who vouches for it.
    #[schema(value_type = schema::Provenance)]
    pub provenance: Provenance,
    /// The version of the interface that was asked.
    pub api_version: Option<String>,
    /// When it was read.
    #[schema(value_type = String, format = DateTime)]
    pub fetched_at: Timestamp,
}

/// A metric over days.
///
/// Public for public metrics and for private ones the owner publishes. Without dates: the last 365 days.
#[utoipa::path(
    get,
    path = "/api/mediakit/history/{platform}",
    operation_id = "showHistory",
    tag = "public",
    params(
        ("platform" = String, Path, description = "The platform's id, for example instagram"),
        ("from" = Option<String>, Query, description = "First day, YYYY-MM-DD (UTC)", format = Date, nullable = false),
        ("to" = Option<String>, Query, description = "Last day, YYYY-MM-DD (UTC)", format = Date, nullable = false),
        ("metric" = Option<String>, Query, description = "The metric's key; the audience when left out", nullable = false),
    ),
    responses(
        (status = 200, description = "The values, oldest first", body = History),
        (status = 400, description = "A date that cannot be read", body = schema::Problem, content_type = "application/problem+json"),
        (status = 403, description = "The owner shows the kit to those only who have a link", body = schema::Problem, content_type = "application/problem+json"),
        (status = 404, description = "Unknown platform, none of the creator's, or a metric that is not public", body = schema::Problem, content_type = "application/problem+json"),
        (status = 422, description = "A span that ends before it begins or is longer than ten years", body = schema::Problem, content_type = "application/problem+json"),
    )
)]
pub async fn show(
    state: State,
    Path(platform): Path<String>,
    admitted: Result<Admin<Read>, Error>,
    RawQuery(query): RawQuery,
) -> Result<([(HeaderName, &'static str); 2], Json<History>), Error> {
    may_see(&state, admitted)?;
    let query = query.unwrap_or_default();
    let kit = state.faces.kit();
    let no_data = || Error::NoData(platform.clone());
    let panel = kit.panel(&platform).filter(|panel| !panel.hidden).ok_or_else(no_data)?;
    let metric = metric(panel.about, query_value(&query, "metric"), &kit.creator)?;
    let (from, to) = span(&query, state.clock.now())?;
    let account = state.store.account(kit.creator.id, panel.about.id).await?.ok_or_else(no_data)?;
    let points = state.store.history(account.id, metric.key, from, to).await?;
    let points = points.into_iter().map(told).collect();
    let history =
        History { platform: panel.about.id, username: panel.handle.clone(), metric: metric.key, from, to, points };
    Ok(([(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"), (header::CACHE_CONTROL, "no-cache")], Json(history)))
}

/// The metric asked for, when anybody may see it.
fn metric(
    about: &'static About,
    key: Option<&str>,
    creator: &crate::domain::profile::Creator,
) -> Result<&'static MetricAbout, Error> {
    let declared =
        |key: &str| about.metric(key).filter(|metric| !metric.private || creator.publishes(about.id, metric.key));
    match key {
        Some(key) => declared(key).or_else(|| declared(about.audience).filter(|_| key == "followers")),
        None => declared(about.audience),
    }
    .ok_or_else(|| Error::NoMetric(key.unwrap_or(about.audience).to_owned()))
}

fn span(query: &str, now: Timestamp) -> Result<(Date, Date), Error> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let to = date(query, "to")?.unwrap_or(today);
    let from = date(query, "from")?.unwrap_or_else(|| to.saturating_sub(365.days()));
    let wrong = |de, en| Err(Error::Invalid("from".to_owned(), Text::new(de, en)));
    if from > to {
        return wrong("liegt nach to", "is after to");
    }
    if from < to.saturating_sub(MOST_YEARS.years()) {
        return wrong("liegt mehr als zehn Jahre vor to", "is more than ten years before to");
    }
    Ok((from, to))
}

fn date(query: &str, key: &'static str) -> Result<Option<Date>, Error> {
    let Some(text) = query_value(query, key) else { return Ok(None) };
    let shaped = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    shaped.then(|| text.parse().ok()).flatten().map(Some).ok_or(Error::BadQuery(key))
}

fn told(point: Point) -> HistoryPoint {
    HistoryPoint {
        date: point.day,
        value: point.value,
        precision: point.precision,
        source: point.source.to_string(),
        provenance: point.provenance,
        api_version: point.api_version.map(|version| version.to_string()),
        fetched_at: point.fetched_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T18:00:00Z".parse().unwrap()
    }

    #[test]
    fn spans_are_read_and_bounded() {
        let (from, to) = span("from=2026-01-01&to=2026-02-01", now()).unwrap();
        assert_eq!((from.to_string(), to.to_string()), ("2026-01-01".into(), "2026-02-01".into()));
        assert_eq!(span("", now()).unwrap().1.to_string(), "2026-11-22");
        for query in ["from=2026-13-01", "to=gestern", "from=", "from=2026-1-1", "from=20260101T00"] {
            assert!(matches!(span(query, now()), Err(Error::BadQuery(_))), "{query}");
        }
        for query in ["from=2026-02-01&to=2026-01-01", "from=2000-01-01", "from=-009999-01-01"] {
            assert!(span(query, now()).is_err(), "{query}");
        }
        assert!(span("to=0001-01-01", now()).is_ok());
    }
}
