//! The second step of signing in: a code from the owner's app, a recovery code, or a passkey.

use askama::Template;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use secrecy::SecretString;

use super::form::Form;
use super::login::{self, From, local};
use super::page::{self, Shell, see};
use super::passkey_sign_in;
use super::session::{LOGIN, PostedHalfway, halfway};
use crate::domain::audit;
use crate::domain::owner::Session;
use crate::domain::text::{Lang, Text};
use crate::sign_in::{Means, SessionToken};
use crate::web::cookie;
use crate::web::error::Error;
use crate::web::request_lang::{ReaderLang, query_value};
use crate::web::state::State;

/// Where it is asked for.
pub const PATH: &str = "/admin/login/code";
const WRONG: Text = Text::new(
    "Dieser Code gilt nicht, oder er ist schon benutzt. Nimm den, der jetzt in deiner App steht.",
    "This code does not hold, or it was used already. Take the one your app shows now.",
);

#[derive(Template)]
#[template(path = "admin/second_step.html", whitespace = "minimize")]
struct CodePage {
    shell: Shell,
    form: Form,
    next: String,
    with_passkey: bool,
}

/// The page again, or for the first time.
pub async fn page_of(
    l: Lang,
    state: &State,
    headers: &HeaderMap,
    (session, token): (&Session, &SessionToken),
    form: Form,
    failed: Option<Text>,
) -> Result<Response, Error> {
    let l = session.owner.lang.unwrap_or(l);
    let with_passkey =
        passkey_sign_in::is_offered(state, headers) && !state.store.passkeys(session.owner.id).await?.is_empty();
    let mut shell = Shell::bare(l, state, with_passkey.then_some("security"));
    shell.form_token = token.form_token();
    let next = local(form.value("next")).to_owned();
    let mut form = form.without(&["code"]);
    if let Some(why) = failed {
        form.refuse("code", why);
    }
    let status = if form.is_good() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page::with_status(status, &CodePage { shell, form, next, with_passkey }, l)
}

/// The page that asks for the code.
pub async fn show(state: State, ReaderLang(l): ReaderLang, uri: Uri, headers: HeaderMap) -> Result<Response, Error> {
    let Some((session, token)) = halfway(&state, &headers).await? else { return Ok(see(LOGIN).into_response()) };
    let mut form = Form::default();
    form.set("next", query_value(uri.query().unwrap_or_default(), "next").unwrap_or_default());
    page_of(l, &state, &headers, (&session, &token), form, None).await
}

/// Signs in by code. Wrong ones count by owner, by address and of everybody together.
pub async fn check(
    state: State,
    ReaderLang(l): ReaderLang,
    from: From,
    headers: HeaderMap,
    PostedHalfway { session, form }: PostedHalfway,
) -> Result<Response, Error> {
    let (owner, limits, now) = (&session.owner, &state.sign_in_limits, state.clock.now());
    login::allowed(&state, &from, None)?;
    limits.by_code.check(&owner.id, now).map_err(Error::TooManyAttempts)?;
    let Some(given) = state.second_factor.accepts(owner, &SecretString::from(form.value("code"))).await? else {
        limits.by_code.failed(owner.id, now);
        login::failed(&state, &from, None, (&owner.name, audit::CODE_FAILED)).await;
        let Some(token) = cookie::session(&headers, state.https) else { return Ok(see(LOGIN).into_response()) };
        return page_of(l, &state, &headers, (&session, &token), form, Some(WRONG)).await;
    };
    limits.by_code.succeeded(&owner.id);
    state.sign_in.forget(&session).await?;
    login::begin(&state, owner, Means::PasswordAnd(given), &from, local(form.value("next"))).await
}
