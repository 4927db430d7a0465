//! The end of everything: what goes, what stays, and a password and a word before it happens.

use askama::Template;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use secrecy::ExposeSecret as _;

use super::TAB;
use crate::domain::text::Text;
use crate::web::admin::form::Form;
use crate::web::admin::login::From;
use crate::web::admin::page::{self, Shell};
use crate::web::admin::security::confirmed;
use crate::web::admin::session::{Posted, SignedIn};
use crate::web::cookie;
use crate::web::error::Error;
use crate::web::state::State;

pub(super) const NAME: Text = Text::new("Alles löschen", "Delete everything");
/// What has to be typed, in either language.
const WORD: Text = Text::new("LÖSCHEN", "DELETE");
const WRONG_WORD: Text = Text::new("Tipp das Wort LÖSCHEN.", "Type the word DELETE.");

#[derive(Template)]
#[template(path = "admin/settings/delete.html", whitespace = "minimize")]
struct DeletePage {
    shell: Shell,
    form: Form,
    env_social: String,
}

#[derive(Template)]
#[template(path = "admin/settings/deleted.html", whitespace = "minimize")]
struct DeletedPage {
    shell: Shell,
    /// Opens the new first set-up; empty when the machine gave none.
    code: String,
}

impl DeletePage {
    fn new(by: &SignedIn, state: &State, form: Form) -> Self {
        let env_social = state.settings.config().env_social.display().to_string();
        Self { shell: Shell::new(by, state, TAB, None), form: form.without(&["password"]), env_social }
    }
}

/// What would go and what would stay.
pub(super) async fn show(by: SignedIn, state: State) -> Result<Response, Error> {
    page::page(&DeletePage::new(&by, &state, Form::default()), by.lang)
}

/// Deletes everything and opens the first set-up anew.
pub(super) async fn delete(state: State, from: From, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    let typed = form.value("word").trim().to_uppercase();
    if typed != WORD.de && typed != WORD.en {
        form.refuse("word", WRONG_WORD);
    }
    if !form.is_good() || !confirmed(&state, &by, &from, &mut form, "password").await? {
        return page::refused(&DeletePage::new(&by, &state, form), by.lang);
    }
    state.store.erase(state.clock.now()).await?;
    state.settings.reload().await?;
    state.show_changes().await;
    let code = state.sign_in.setup().open();
    let code = code.map_or_else(String::new, |code| code.expose_secret().to_owned());
    let mut response = page::page(&DeletedPage { shell: Shell::bare(by.lang, &state, None), code }, by.lang)?;
    if let Some(cookie) = cookie::forget(state.https) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(response)
}
