//! `POST /api/mediakit/refresh-{platform}-api`: asks one platform and answers with its numbers.

use std::collections::BTreeMap;

use axum::{Extension, Json};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::refresh::{HELD, notes, run};
use super::schema::{MaybeMetric, Problem};
use crate::credentials::{Attempted, MirrorState, Renewed, github};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::number::short;
use crate::domain::platform::About;
use crate::domain::snapshot::Snapshot;
use crate::domain::text::{Lang, Text};
use crate::refresh::Outcome;
use crate::web::auth::{Admin, Refresh};
use crate::web::error::Error;
use crate::web::request_lang::ReaderLang;
use crate::web::state::State;

const DONE: Text =
    Text::new("{} Statistiken erfolgreich über API aktualisiert", "{} statistics refreshed through the API");

/// One platform's new numbers.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlatformRefreshed {
    /// A sentence for people.
    pub message: String,
    /// `username`, `followers`, `followers_formatted` and the platform's other metrics; unknown ones are null.
    #[schema(value_type = BTreeMap<String, DataValue>)]
    pub data: BTreeMap<&'static str, Value>,
    /// Where the numbers were read.
    #[schema(example = "Meta Graph API")]
    pub source: String,
    /// When they were read.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T18:00:00.000Z")]
    pub updated_at: String,
    /// Whether the credentials were renewed on the way.
    pub token_refreshed: bool,
    /// A reference to the new token, which itself never leaves the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "stored:instagram:gen18:fp-6c1e0b9a")]
    pub new_token: Option<String>,
    /// When the new token ends; left out when it never does, or the platform does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub token_expires_at: Option<String>,
    /// Where the new token is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_storage: Option<TokenStorage>,
    /// What is left for a person to do about the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// What is worth knowing: missing parts, a number that jumped.
    pub warnings: Vec<String>,
}

/// Where a renewed token is kept: `ok` or `updated`, `pending` (comes by itself), `failed`, `not_configured`.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenStorage {
    /// Always `ok`: without it no renewal is told.
    #[schema(example = "ok")]
    pub database: &'static str,
    /// The copy in `.env.social`.
    #[schema(example = "ok")]
    pub env_file: &'static str,
    /// The repository's secret.
    #[schema(example = "updated")]
    pub github_secret: &'static str,
}

/// A value of `data`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum DataValue {
    /// The handle or a short form.
    Text(String),
    /// A metric; null when it is unknown.
    Metric(MaybeMetric),
}

/// Refresh one platform.
#[utoipa::path(
    post,
    path = "/api/mediakit/refresh-{platform}-api",
    operation_id = "refreshOne",
    tag = "admin",
    security(("bearer" = [])),
    params(("platform" = String, Path, description = "The platform's id, for example instagram", example = "instagram")),
    responses(
        (status = 200, description = "New numbers, or old ones kept after a jump", body = PlatformRefreshed),
        (status = 400, description = "No handle or no credentials", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Unknown platform or account", body = Problem, content_type = "application/problem+json"),
        (status = 502, description = "The platform's answer was of no use", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn one(
    _: Admin<Refresh>,
    state: State,
    Extension(about): Extension<&'static About>,
    ReaderLang(lang): ReaderLang,
) -> Result<Json<PlatformRefreshed>, Error> {
    let mut report = run(&state, &[about.id.to_owned()]).await?;
    let account = report.accounts.pop().ok_or(Error::NoHandles)?;
    let renewal = account.renewal;
    match account.outcome {
        Outcome::Saved(snapshot) => {
            let refreshed = refreshed(about, &snapshot, notes(about, &snapshot, lang), lang);
            Ok(Json(refreshed.renewed(about, renewal, lang)))
        }
        Outcome::Held => held(&state, about, lang).map(|held| Json(held.renewed(about, renewal, lang))),
        Outcome::Failed(failure) => Err(refused(about, failure, account.handle)),
        Outcome::NotStored => Err(Error::StoreAway),
        Outcome::LeftBehind { until } => Err(Error::LeftBehind(about, until)),
    }
}

fn refreshed(about: &About, snapshot: &Snapshot, warnings: Vec<String>, lang: Lang) -> PlatformRefreshed {
    PlatformRefreshed {
        message: DONE.get(lang).replace("{}", about.name),
        data: data(about, snapshot),
        source: snapshot.origin.source.clone(),
        updated_at: millis(snapshot.fetched_at),
        token_refreshed: false,
        new_token: None,
        token_expires_at: None,
        token_storage: None,
        warning: None,
        warnings,
    }
}

impl PlatformRefreshed {
    /// The same with what became of the credentials on the way.
    fn renewed(mut self, about: &About, renewal: Option<Attempted>, lang: Lang) -> Self {
        match renewal {
            None => {}
            Some(Attempted::Failed(failure)) => {
                self.warning = Some(format!("Token refresh failed: {}", failure.kind.sentence(about.name, lang)));
            }
            Some(Attempted::Renewed(renewed)) => {
                self.token_refreshed = true;
                self.new_token = Some(renewed.reference());
                self.token_expires_at = renewed.expires_at.map(millis);
                self.warning = update_the_secret(about, &renewed, lang);
                self.token_storage = Some(TokenStorage {
                    database: "ok",
                    env_file: mirrored(renewed.storage.env_file, "ok"),
                    github_secret: mirrored(renewed.storage.github_secret, "updated"),
                });
            }
        }
        self
    }
}

const fn mirrored(state: MirrorState, good: &'static str) -> &'static str {
    match state {
        MirrorState::Updated => good,
        MirrorState::Pending => "pending",
        MirrorState::Failed => "failed",
        MirrorState::NotConfigured => "not_configured",
    }
}

const UPDATE_THE_SECRET: Text = Text::new(
    "Access Token wurde erneuert. Bitte GitHub Secret '{}' aktualisieren!",
    "The access token was renewed. Please update the GitHub secret '{}'!",
);

/// The request to copy the secret by hand, unless it was copied by itself.
fn update_the_secret(about: &About, renewed: &Renewed, lang: Lang) -> Option<String> {
    let by_itself = renewed.storage.github_secret == MirrorState::Updated;
    let name = github::secrets_with(about.id).last().filter(|_| !by_itself)?;
    Some(UPDATE_THE_SECRET.get(lang).replace("{}", name))
}

/// The numbers that stay visible after a jump.
fn held(state: &State, about: &'static About, lang: Lang) -> Result<PlatformRefreshed, Error> {
    let kit = state.faces.kit();
    let snapshot = kit.panel(about.id).and_then(|panel| panel.snapshot.as_ref()).ok_or(Error::Internal)?;
    Ok(refreshed(about, snapshot, vec![HELD.get(lang).to_owned()], lang))
}

fn data(about: &About, snapshot: &Snapshot) -> BTreeMap<&'static str, Value> {
    let value = |key: &str| snapshot.figures.get(key).map_or(Value::Null, |figure| json!(figure.value));
    let audience = snapshot.audience(about);
    let mut data: BTreeMap<_, _> = about.metrics.iter().map(|metric| (metric.key, value(metric.key))).collect();
    data.insert("username", json!(snapshot.username));
    data.insert("followers", json!(audience));
    data.insert("followers_formatted", json!(audience.map(short)));
    data
}

fn refused(about: &'static About, failure: Failure, handle: String) -> Error {
    match failure.kind {
        FailureKind::NotConfigured if needs_access_token(about) => Error::NoToken,
        FailureKind::NotFound => Error::AccountNotFound(account_words(about), handle),
        _ => Error::Platform(about, failure),
    }
}

fn needs_access_token(about: &About) -> bool {
    about.credentials.iter().any(|key| key.required && key.name.ends_with("_ACCESS_TOKEN"))
}

/// What the platform calls the account it could not find. Meta only answers for business accounts.
fn account_words(about: &About) -> String {
    let business = if about.id == "instagram" { "Business " } else { "" };
    format!("{} {business}Account", about.name)
}

/// An instant with exactly three decimals.
fn millis(at: Timestamp) -> String {
    format!("{at:.3}")
}
