//! The first steps after the first start: name and picture, accounts, first numbers, a look at the page.

use askama::Template;
use axum::response::{IntoResponse as _, Response};

use super::form::Form;
use super::kit::{Board, first_numbers};
use super::page::{self, Shell, see};
use super::profile::{self, MOST, Shown};
use super::session::{Posted, SignedIn};
use crate::domain::audit;
use crate::domain::platform::About;
use crate::domain::text::Text;
use crate::web::error::Error;
use crate::web::state::State;

const ACCOUNTS: &str = "/admin/start/accounts";
const NUMBERS: &str = "/admin/start/numbers";
const NO_ACCOUNT: Text = Text::new(
    "Trag mindestens ein Konto ein. Bluesky und Mastodon brauchen keine Zugangsdaten.",
    "Enter at least one account. Bluesky and Mastodon need no credentials.",
);
const NO_NAME: Text =
    Text::new("Gib den Namen ein, unter dem Marken dich kennen.", "Enter the name brands know you by.");

#[derive(Template)]
#[template(path = "admin/start_name.html", whitespace = "minimize")]
struct NamePage {
    shell: Shell,
    form: Form,
    picture: Shown,
}

#[derive(Template)]
#[template(path = "admin/start_accounts.html", whitespace = "minimize")]
struct AccountsPage {
    shell: Shell,
    form: Form,
    platforms: Vec<&'static About>,
}

#[derive(Template)]
#[template(path = "admin/start_numbers.html", whitespace = "minimize")]
struct NumbersPage {
    shell: Shell,
    board: Board,
}

/// The first step: name and picture.
pub async fn name(by: SignedIn, state: State) -> Result<Response, Error> {
    let form = profile::current(&state).await?;
    page::page(&name_page(&by, &state, form).await?, by.lang)
}

async fn name_page(by: &SignedIn, state: &State, form: Form) -> Result<NamePage, Error> {
    Ok(NamePage { shell: Shell::step(by, state, "profile"), form, picture: profile::shown(by, state).await? })
}

/// Keeps name and picture.
pub async fn keep_name(state: State, Posted { by, mut form }: Posted<MOST>) -> Result<Response, Error> {
    if form.text("name").is_none() {
        form.refuse("name", NO_NAME);
    }
    profile::take_picture(&by, &state, &mut form).await?;
    if profile::change(&state, &mut form, &["name"], &[]).await? {
        by.note(&state, audit::PROFILE_CHANGED.name, "").await;
        state.show_changes().await;
        return Ok(see(ACCOUNTS).into_response());
    }
    page::refused(&name_page(&by, &state, form).await?, by.lang)
}

/// The second step: the accounts.
pub async fn accounts(by: SignedIn, state: State) -> Result<Response, Error> {
    let form = profile::current(&state).await?;
    page::page(&accounts_page(&by, &state, form), by.lang)
}

fn accounts_page(by: &SignedIn, state: &State, form: Form) -> AccountsPage {
    AccountsPage { shell: Shell::step(by, state, "profile"), form, platforms: state.platforms.clone() }
}

/// Keeps the accounts and starts the first refresh, which goes on whatever becomes of this browser.
pub async fn keep_accounts(state: State, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    let filled = |about: &&About| form.text(&profile::field(about.id)).is_some();
    if !state.platforms.iter().any(filled) {
        let first = state.platforms.first().map(|about| profile::field(about.id));
        form.refuse(&first.unwrap_or_default(), NO_ACCOUNT);
    }
    if !profile::change(&state, &mut form, &[], &state.platforms).await? {
        return page::refused(&accounts_page(&by, &state, form), by.lang);
    }
    by.note(&state, audit::PROFILE_CHANGED.name, "").await;
    state.show_changes().await;
    first_numbers(&state, &[]).await;
    Ok(see(NUMBERS).into_response())
}

/// The third step: the numbers come in.
pub async fn numbers(by: SignedIn, state: State) -> Result<Response, Error> {
    let board = Board::new(&state, by.lang).await?;
    page::page(&NumbersPage { shell: Shell::step(&by, &state, "mediakit"), board }, by.lang)
}
