//! `POST /api/mediakit/refresh-social-stats`: asks every platform the profile names, at once.

use std::collections::BTreeMap;

use axum::Json;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::schema::Problem;
use crate::domain::failure::Failure;
use crate::domain::lease::left_behind;
use crate::domain::number::short;
use crate::domain::platform::About;
use crate::domain::snapshot::Snapshot;
use crate::domain::text::{Lang, Text};
use crate::refresh::{Outcome, RunReport, Trigger};
use crate::web::auth::{Admin, Refresh};
use crate::web::error::Error;
use crate::web::request_lang::ReaderLang;
use crate::web::state::State;

const DONE: Text = Text::new("Social Media Statistiken erfolgreich aktualisiert", "Social media statistics refreshed");
/// What is said of a number that jumped.
pub const HELD: Text = Text::new(
    "Die Zahl ist auffällig gesprungen. Die alte bleibt sichtbar, bis ein zweiter Abruf die neue bestätigt.",
    "The number jumped. The old one stays visible until a second fetch confirms the new one.",
);
/// What is said of a result that the database did not take.
pub const NOT_STORED: Text = Text::new(
    "Das Ergebnis ließ sich nicht speichern. Die alten Zahlen bleiben; prüfe die Datenbank.",
    "The result could not be stored. The old numbers stay; check the database.",
);
const MISSING: Text = Text::new("fehlt", "is missing");

/// What a refresh brought.
#[derive(Debug, Serialize, ToSchema)]
pub struct Refreshed {
    /// A sentence for people.
    pub message: String,
    /// What came and what did not.
    pub data: RefreshData,
    /// The sum by the summary's rule, short.
    #[schema(example = "170.5k")]
    pub total_followers: String,
    /// The sum by the summary's rule.
    #[schema(minimum = 0)]
    pub total_followers_raw: i64,
    /// The platforms with new numbers.
    pub platforms_updated: Vec<&'static str>,
}

/// What came, by platform, and what did not.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct RefreshData {
    /// The stored `stats_data` of each platform with new numbers.
    #[schema(value_type = BTreeMap<String, Object>)]
    pub platforms: BTreeMap<&'static str, Value>,
    /// The sum by the summary's rule.
    #[schema(minimum = 0)]
    pub total_followers: i64,
    /// When this answer was made.
    #[schema(value_type = String, format = DateTime)]
    pub last_updated: Timestamp,
    /// The platforms whose old numbers stay.
    pub errors: Vec<PlatformError>,
    /// What is worth knowing: missing parts, numbers that jumped.
    pub warnings: Vec<String>,
}

/// Why a platform's old numbers stay.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlatformError {
    /// The platform's id.
    pub platform: &'static str,
    /// The kind of failure, for example `quota`.
    pub kind: &'static str,
    /// What happened and what to do next.
    pub detail: String,
    /// When the platform is asked again; null when nothing is planned.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_attempt_at: Option<Timestamp>,
}

/// Refresh every platform.
///
/// Reads the handles of the profile and asks all platforms at once. A second call while one runs joins it.
#[utoipa::path(
    post,
    path = "/api/mediakit/refresh-social-stats",
    operation_id = "refreshAll",
    tag = "admin",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "At least one platform answered", body = Refreshed),
        (status = 400, description = "No handle is set", body = Problem, content_type = "application/problem+json"),
        (status = 502, description = "Every platform failed; errors says why", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn all(_: Admin<Refresh>, state: State, ReaderLang(lang): ReaderLang) -> Result<Json<Refreshed>, Error> {
    let report = run(&state, &[]).await?;
    let (data, updated) = told(&state, &report, lang);
    if updated.is_empty() && !report.accounts.iter().any(|account| matches!(account.outcome, Outcome::Held)) {
        return Err(Error::AllFailed(data.errors.iter().map(|error| json!(error)).collect()));
    }
    Ok(Json(Refreshed {
        message: DONE.get(lang).to_owned(),
        total_followers: short(data.total_followers),
        total_followers_raw: data.total_followers,
        platforms_updated: updated,
        data,
    }))
}

/// Runs a refresh by hand and shows its result to visitors before it returns.
pub(super) async fn run(state: &State, only: &[String]) -> Result<RunReport, Error> {
    let creator = state.faces.kit().creator.id;
    let report = state.refresher.start(creator, only, Trigger::Hand).await?;
    state.faces.renew().await?;
    Ok(report)
}

fn told(state: &State, report: &RunReport, lang: Lang) -> (RefreshData, Vec<&'static str>) {
    let total_followers = state.faces.kit().summary.total;
    let mut data = RefreshData { total_followers, last_updated: state.clock.now(), ..RefreshData::default() };
    let mut updated = Vec::new();
    for account in &report.accounts {
        let Some(about) = state.platform(account.platform) else { continue };
        match &account.outcome {
            Outcome::Saved(snapshot) => {
                data.platforms.insert(about.id, snapshot.to_json(about));
                data.warnings.extend(notes(about, snapshot, lang));
                updated.push(about.id);
            }
            Outcome::Held => data.warnings.push(format!("{}: {}", about.name, HELD.get(lang))),
            Outcome::Failed(failure) => data.errors.push(failed(about, failure, lang)),
            Outcome::NotStored => data.errors.push(not_stored(about, lang)),
            Outcome::LeftBehind { until } => data.errors.push(still_held(about, *until, lang)),
        }
    }
    (data, updated)
}

/// The parts a good fetch lacks, in words.
pub(super) fn notes(about: &About, snapshot: &Snapshot, lang: Lang) -> Vec<String> {
    let label = |part: &str| about.metric(part).map_or_else(|| part.to_owned(), |m| m.label.get(lang).to_owned());
    let word = |note: &crate::domain::reading::Note| {
        format!("{}: {} {}. {}", about.name, label(&note.part), MISSING.get(lang), note.kind.sentence(about.name, lang))
    };
    snapshot.notes.iter().map(word).collect()
}

fn failed(about: &About, failure: &Failure, lang: Lang) -> PlatformError {
    PlatformError {
        platform: about.id,
        kind: failure.kind.name(),
        detail: failure.kind.sentence(about.name, lang),
        next_attempt_at: failure.next_attempt_at,
    }
}

fn still_held(about: &About, until: Timestamp, lang: Lang) -> PlatformError {
    let detail = format!("{}: {}", about.name, left_behind(until).get(lang));
    PlatformError { platform: about.id, kind: "left_behind", detail, next_attempt_at: Some(until) }
}

fn not_stored(about: &About, lang: Lang) -> PlatformError {
    let detail = NOT_STORED.get(lang).to_owned();
    PlatformError { platform: about.id, kind: "not_stored", detail, next_attempt_at: None }
}
