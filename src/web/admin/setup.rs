//! The first start: the code from the terminal makes the first owner.

use askama::Template;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use secrecy::SecretString;

use super::form::Form;
use super::login::{self, From};
use super::page::{self, Shell, see};
use super::session::Unsigned;
use crate::domain::audit;
use crate::domain::owner::{self, Owner};
use crate::domain::text::{Lang, Text};
use crate::sign_in::{Means, SignInError};
use crate::store::StoreError;
use crate::web::error::Error;
use crate::web::request_lang::ReaderLang;
use crate::web::state::State;

const WRONG_CODE: Text = Text::new(
    "Dieser Code gilt nicht. Der gültige steht im Terminal, in dem mediakit gestartet wurde; jeder Start macht einen neuen.",
    "This code does not hold. The valid one is in the terminal mediakit was started in; each start makes a new one.",
);

#[derive(Template)]
#[template(path = "admin/setup.html", whitespace = "minimize")]
struct SetupPage {
    shell: Shell,
    form: Form,
}

impl SetupPage {
    fn new(l: Lang, state: &State, form: Form) -> Self {
        Self { shell: Shell::bare(l, state, None), form }
    }
}

/// The page of the first start; gone once there is an owner.
pub async fn show(state: State, ReaderLang(l): ReaderLang, _: HeaderMap) -> Result<Response, Error> {
    if state.store.has_owner().await? {
        return Ok(see("/admin/login").into_response());
    }
    page::page(&SetupPage::new(l, &state, Form::default()), l)
}

/// Makes the first owner and signs them in.
pub async fn create(
    state: State,
    ReaderLang(l): ReaderLang,
    from: From,
    Unsigned(mut form): Unsigned,
) -> Result<Response, Error> {
    login::allowed(&state, &from, None)?;
    let name = form.take("name", owner::name(form.value("name")));
    form.take("password", owner::password(form.value("password")));
    if !state.sign_in.setup().opens(&SecretString::from(form.value("code"))) {
        login::failed(&state, &from, None, (audit::NOBODY, audit::SIGN_IN_FAILED)).await;
        form.refuse("code", WRONG_CODE);
    }
    let (Some(name), true) = (name, form.is_good()) else {
        return page::refused(&SetupPage::new(l, &state, form.without(&["password"])), l);
    };
    let Some(owner) = first(&state, &name, SecretString::from(form.value("password"))).await? else {
        return Ok(see("/admin/login").into_response());
    };
    login::begin(&state, &owner, Means::Password, &from, "/admin/start").await
}

/// The first owner; `None` when somebody else was faster.
async fn first(state: &State, name: &str, password: SecretString) -> Result<Option<Owner>, Error> {
    match state.sign_in.create_first(name, password).await {
        Ok(owner) => Ok(Some(owner)),
        Err(SignInError::Store(StoreError::Conflict)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
