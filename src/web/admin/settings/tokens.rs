//! API tokens: who may call from a script. A new one is shown once, in the answer to the form that made it.

use askama::Template;
use axum::http::Uri;
use axum::response::{IntoResponse as _, Response};
use secrecy::{ExposeSecret as _, SecretString};

use super::TAB;
use crate::domain::api_token::{self, SCOPES};
use crate::domain::text::{Lang, Text};
use crate::sign_in::new_api_token;
use crate::store::{ApiToken, StoreError};
use crate::web::admin::form::Form;
use crate::web::admin::page::{self, Shell, see};
use crate::web::admin::session::{Posted, SignedIn};
use crate::web::error::Error;
use crate::web::public::when;
use crate::web::state::State;

pub(super) const NAME: Text = Text::new("API-Tokens", "API tokens");
const REVOKED: Text = Text::new("Widerrufen. Das Token gilt nicht mehr.", "Revoked. The token is no longer valid.");
const TAKEN: Text = Text::new(
    "Ein Token mit diesem Namen gibt es schon. Wähle einen anderen Namen.",
    "There is a token of this name already. Choose another name.",
);
const NO_SCOPE: Text = Text::new("Wähle mindestens eines aus.", "Choose at least one.");

#[derive(Template)]
#[template(path = "admin/settings/tokens.html", whitespace = "minimize")]
struct TokensPage {
    shell: Shell,
    form: Form,
    tokens: Vec<Line>,
    /// The token that was just made, with its name.
    made: Option<(String, SecretString)>,
}

/// A token in the list.
struct Line {
    name: String,
    may: String,
    created: String,
    used: String,
}

impl TokensPage {
    async fn new(by: &SignedIn, state: &State, form: Form) -> Result<Self, StoreError> {
        let tokens = state.store.list_api_tokens().await?;
        let tokens = tokens.into_iter().map(|token| line(token, by.lang)).collect();
        Ok(Self { shell: Shell::new(by, state, TAB, None), form, tokens, made: None })
    }

    /// The one place where a token is shown.
    fn expose(token: &SecretString) -> &str {
        token.expose_secret()
    }

    /// Whether a scope is ticked.
    fn chosen(form: &Form, scope: &str) -> bool {
        form.has(&format!("scope-{scope}"), "yes")
    }

    /// What a token can be allowed, in words.
    fn scopes() -> [(&'static str, Text); 3] {
        SCOPES.map(|scope| (scope, words(scope)))
    }
}

/// How many there are, for the overview.
pub(super) fn state(count: usize, l: Lang) -> String {
    match count {
        0 => l.pick("keine", "none").to_owned(),
        1 => l.pick("eines", "one").to_owned(),
        count => count.to_string(),
    }
}

/// Every token, and the form for another.
pub(super) async fn show(by: SignedIn, state: State, uri: Uri) -> Result<Response, Error> {
    let mut page = TokensPage::new(&by, &state, Form::default()).await?;
    page.shell = page.shell.done(&uri, &[("revoked", REVOKED)]);
    page::page(&page, by.lang)
}

/// Makes a token and shows it, this one time.
pub(super) async fn create(state: State, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    let name = form.take("name", api_token::name(form.value("name")));
    let scopes: Vec<&str> = SCOPES.into_iter().filter(|scope| TokensPage::chosen(&form, scope)).collect();
    if scopes.is_empty() {
        form.refuse("scope", NO_SCOPE);
    }
    let (Some(name), true) = (name, form.is_good()) else {
        return page::refused(&TokensPage::new(&by, &state, form).await?, by.lang);
    };
    let ((token, hash), now) = (new_api_token().ok_or(Error::Internal)?, state.clock.now());
    match state.store.insert_api_token(&name, &hash, &scopes, now).await {
        Err(StoreError::Conflict) => {
            form.refuse("name", TAKEN);
            return page::refused(&TokensPage::new(&by, &state, form).await?, by.lang);
        }
        made => made?,
    }
    let detail = format!("{name}: {}", scopes.join(" "));
    by.note(&state, "api token created", &detail).await;
    let mut page = TokensPage::new(&by, &state, Form::default()).await?;
    page.made = Some((name, token));
    page::page(&page, by.lang)
}

/// Makes a token worthless.
pub(super) async fn revoke(state: State, Posted { by, form }: Posted) -> Result<Response, Error> {
    let name = form.value("token");
    if state.store.revoke_api_token(name).await? {
        by.note(&state, "api token revoked", name).await;
    }
    Ok(see("/admin/settings/tokens?done=revoked").into_response())
}

fn line(token: ApiToken, l: Lang) -> Line {
    let may: Vec<&str> = token.scopes.iter().map(|scope| words(scope).get(l)).collect();
    let at = |at| format!("{} UTC", when::full(at, l));
    let used = token.last_used_at.map_or_else(|| l.pick("nie", "never").to_owned(), at);
    Line { name: token.name, may: may.join(", "), created: at(token.created_at), used }
}

/// What a scope allows.
fn words(scope: &str) -> Text {
    match scope {
        "read" => Text::new("lesen, was nur dir gehört", "read what is yours alone"),
        "refresh" => Text::new("Aktualisierungen starten", "start refreshes"),
        "write" => Text::new("das Profil ändern", "change the profile"),
        _ => Text::new("nichts, was diese Version kennt", "nothing this version knows"),
    }
}
