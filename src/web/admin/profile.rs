//! The profile tab: who the kit is about, and their handles.

use askama::Template;
use axum::http::Uri;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value as Json, json};

use super::form::Form;
use super::page::{self, Shell, see};
use super::session::{Posted, SignedIn};
use crate::domain::account::Account;
use crate::domain::audit;
use crate::domain::platform::About;
use crate::domain::profile::Creator;
use crate::domain::text::{Lang, Text};
use crate::web::api::profile_changes;
use crate::web::error::Error;
use crate::web::request_lang::query_value;
use crate::web::state::State;

const TAB: &str = "/admin/profile";
const SAVED: Text = Text::new("Gespeichert. Die Seite zeigt es schon.", "Saved. The page shows it already.");
const FIELDS: [&str; 4] = ["name", "bio", "location", "contact"];

#[derive(Template)]
#[template(path = "admin/profile.html", whitespace = "minimize")]
struct ProfilePage {
    shell: Shell,
    form: Form,
    platforms: Vec<&'static About>,
}

impl ProfilePage {
    fn new(by: &SignedIn, state: &State, form: Form) -> Self {
        Self { shell: Shell::new(by, state, TAB, None), form, platforms: state.platforms.clone() }
    }

    fn field(platform: &str) -> String {
        format!("handle-{platform}")
    }
}

/// The profile as it is.
pub async fn show(by: SignedIn, state: State, uri: Uri) -> Result<Response, Error> {
    let creator = state.store.creator().await?;
    let accounts = state.store.accounts(creator.id).await?;
    let mut page = ProfilePage::new(&by, &state, filled(&creator, &accounts));
    let done = query_value(uri.query().unwrap_or_default(), "done") == Some("saved");
    page.shell = page.shell.done(done, SAVED);
    page::page(&page, by.lang)
}

/// Saves the profile and its handles, all of it or nothing.
pub async fn save(state: State, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    let changes = changes(&form, &state.platforms);
    let saved = state
        .store
        .change_profile(|creator| {
            if form.value("version") != creator.version.to_string() {
                return Err(Error::ChangedMeanwhile);
            }
            profile_changes::read(changes, creator, &state.platforms)
        })
        .await;
    match saved {
        Err(Error::Invalid(field, why)) => {
            form.refuse(&field.replace("handles.", "handle-"), why);
            page::refused(&ProfilePage::new(&by, &state, form), by.lang)
        }
        Err(error) => Err(error),
        Ok(_) => {
            by.note(&state, audit::PROFILE_CHANGED, "").await;
            state.show_changes().await;
            Ok(see(format!("{TAB}?done=saved")).into_response())
        }
    }
}

/// Keeps the language of the panel for this owner.
pub async fn choose_language(state: State, Posted { by, form }: Posted) -> Result<Response, Error> {
    if let Some(lang) = Lang::from_tag(form.value("lang")) {
        state.store.update_owner_lang(by.session.owner.id, lang).await?;
        by.note(&state, audit::LANGUAGE_CHANGED, lang.tag()).await;
    }
    Ok(see("/admin").into_response())
}

fn filled(creator: &Creator, accounts: &[Account]) -> Form {
    let mut form = Form::default();
    form.set("version", creator.version.to_string());
    form.set("name", creator.name.as_str());
    for (field, value) in [("bio", &creator.bio), ("location", &creator.location), ("contact", &creator.contact)] {
        form.set(field, value.as_deref().unwrap_or_default());
    }
    for account in accounts {
        form.set(&ProfilePage::field(&account.platform), account.handle.as_str());
    }
    form
}

/// What the form says, as the API takes it: both doors have one set of rules.
fn changes(form: &Form, platforms: &[&'static About]) -> Map<String, Json> {
    let handles = platforms.iter().map(|about| (about.id, form.text(&ProfilePage::field(about.id))));
    let mut changes: Map<String, Json> =
        FIELDS.iter().map(|field| ((*field).to_owned(), json!(form.text(field)))).collect();
    changes.insert("handles".to_owned(), handles.map(|(id, typed)| (id.to_owned(), json!(typed))).collect());
    changes
}
