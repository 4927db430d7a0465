//! The settings tab: one page with what holds, and a page for each topic. What the operator set in the file, the
//! environment or by a flag is shown with its origin and can't be changed here.

mod alerts;
mod alerts_form;
mod backup;
mod delete;
mod import;
mod legal;
mod mirror;
mod refresh;
mod tokens;

use askama::Template;
use axum::response::Response;

use super::page::{self, Shell};
use super::session::SignedIn;
use super::visits;
use crate::config::{Config, RefreshAt, source_words};
use crate::domain::text::{Lang, Text};
use crate::store::StoreError;
use crate::web::error::Error;
use crate::web::route::{Door, Route};
use crate::web::state::State;

/// The tab's address; each topic's begins with it.
const TAB: &str = "/admin/settings";

/// The routes of the tab.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::at(TAB).get(Door::Owner, show),
        Route::at("/admin/settings/refresh").get(Door::Owner, refresh::show).post(Door::Owner, refresh::save),
        Route::at("/admin/settings/alerts").get(Door::Owner, alerts::show).post(Door::Owner, alerts::save),
        Route::at("/admin/settings/alerts/test").post(Door::Owner, alerts::test),
        Route::at("/admin/settings/legal").get(Door::Owner, legal::show).post(Door::Owner, legal::save),
        Route::at("/admin/settings/backup").get(Door::Owner, backup::show).post(Door::Owner, backup::download),
        Route::at("/admin/settings/restore").post(Door::Owner, backup::restore),
        Route::at("/admin/settings/import").get(Door::Owner, import::show).post(Door::Owner, import::look),
        Route::at("/admin/settings/import/take").post(Door::Owner, import::take),
        Route::at("/admin/settings/mirror").get(Door::Owner, mirror::show).post(Door::Owner, mirror::save),
        Route::at("/admin/settings/mirror/test").post(Door::Owner, mirror::test),
        Route::at("/admin/settings/delete").get(Door::Owner, delete::show).post(Door::Owner, delete::delete),
        Route::at("/admin/settings/tokens").get(Door::Owner, tokens::show).post(Door::Owner, tokens::create),
        Route::at("/admin/settings/tokens/revoke").post(Door::Owner, tokens::revoke),
    ]
}

/// A line of the overview.
struct Topic {
    path: &'static str,
    name: Text,
    state: String,
}

#[derive(Template)]
#[template(path = "admin/settings/overview.html", whitespace = "minimize")]
struct OverviewPage {
    shell: Shell,
    topics: Vec<Topic>,
}

/// What there is to set, each with how it stands.
async fn show(by: SignedIn, state: State) -> Result<Response, Error> {
    let topics = topics(&state, by.lang).await?;
    page::page(&OverviewPage { shell: Shell::new(&by, &state, TAB, Some("settings")), topics }, by.lang)
}

async fn topics(state: &State, l: Lang) -> Result<Vec<Topic>, StoreError> {
    let config = state.settings.config();
    let tokens = state.store.list_api_tokens().await?.len();
    let legal = legal::state(state.faces.kit().legal.as_ref(), l);
    Ok(vec![
        Topic { path: "/admin/settings/refresh", name: refresh::NAME, state: daily(&config, l) },
        Topic { path: "/admin/settings/alerts", name: alerts::NAME, state: alerts::state(&config, l) },
        Topic { path: "/admin/settings/mirror", name: mirror::NAME, state: mirror::state(&config, l) },
        Topic { path: "/admin/settings/tokens", name: tokens::NAME, state: tokens::state(tokens, l) },
        Topic { path: "/admin/settings/legal", name: legal::NAME, state: legal },
        Topic { path: visits::PATH, name: visits::NAME, state: visits::state(state.faces.kit().counts_visits, l) },
        Topic { path: "/admin/settings/import", name: import::NAME, state: import::WHAT.get(l).to_owned() },
        Topic { path: "/admin/settings/backup", name: backup::NAME, state: backup::WHAT.get(l).to_owned() },
        Topic { path: "/admin/settings/delete", name: delete::NAME, state: String::new() },
    ])
}

/// When the numbers are fetched by themselves, in words.
fn daily(config: &Config, l: Lang) -> String {
    match config.refresh_at {
        RefreshAt::Off => l.pick("aus", "off").to_owned(),
        RefreshAt::Daily(at) => format!("{} {} UTC", l.pick("täglich", "daily"), at.strftime("%H:%M")),
    }
}

/// A setting the operator decided: how it may be shown and where it was set.
struct Fixed {
    value: String,
    origin: String,
}

impl Fixed {
    /// The setting, when it is the operator's.
    fn of(config: &Config, name: &str, l: Lang) -> Option<Self> {
        let shown = config.shown_value(name).filter(|_| config.is_operators(name))?;
        let origin = source_words(&shown.source, l);
        Some(Self { value: shown.text.clone().unwrap_or_default(), origin })
    }
}

/// How a setting of either side may be shown; `None` when it is unset.
fn shown(config: &Config, name: &str) -> Option<String> {
    config.shown_value(name).and_then(|value| value.text.clone())
}

/// What could not be saved because somebody else was first, or else the error itself.
fn or_changed(error: StoreError) -> Error {
    match error {
        StoreError::Conflict => Error::ChangedMeanwhile,
        error => error.into(),
    }
}
