//! Signing in and out.

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::header::{SET_COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use secrecy::SecretString;

use super::form::Form;
use super::page::{self, Shell, see};
use super::session::{Posted, Unsigned, signed_in};
use crate::domain::owner::{Owner, Stage};
use crate::domain::text::{Lang, Text};
use crate::web::cookie;
use crate::web::error::Error;
use crate::web::peer::{self, Peer, limit_key};
use crate::web::request_lang::{ReaderLang, query_value};
use crate::web::state::State;

const WRONG: Text = Text::new(
    "Name oder Passwort stimmt nicht. Vergessen? `mediakit owner reset-password` setzt ein neues.",
    "Name or password is wrong. Forgotten? `mediakit owner reset-password` sets a new one.",
);

#[derive(Template)]
#[template(path = "admin/login.html", whitespace = "minimize")]
struct LoginPage {
    shell: Shell,
    form: Form,
    failed: Option<&'static str>,
    next: String,
}

impl LoginPage {
    fn new(l: Lang, state: &State, form: Form) -> Self {
        let next = local(form.value("next")).to_owned();
        Self { shell: Shell::bare(l, state, None), form, failed: None, next }
    }
}

/// Where a visitor comes from and with what, for the list of sessions.
pub struct From {
    /// The address, as limits count it.
    pub address: std::net::IpAddr,
    /// The browser, as it names itself, shortened.
    pub agent: String,
}

impl FromRequestParts<State> for From {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Self::Rejection> {
        let Ok(peer) = Peer::from_request_parts(parts, state).await;
        let address = limit_key(peer::client(&state.trusted_proxies, peer, &parts.headers));
        let agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Self { address, agent: agent.chars().take(200).collect() })
    }
}

/// The sign-in page; somebody who is signed in is led on.
pub async fn show(state: State, ReaderLang(l): ReaderLang, uri: Uri, headers: HeaderMap) -> Result<Response, Error> {
    let next = query_value(uri.query().unwrap_or_default(), "next").unwrap_or_default();
    if signed_in(&state, &headers).await?.is_some() {
        return Ok(see(local(next)).into_response());
    }
    if !state.store.has_owner().await? {
        return Ok(see("/admin/setup").into_response());
    }
    let mut form = Form::default();
    form.set("next", next);
    page::page(&LoginPage::new(l, &state, form), l)
}

/// Signs in by name and password.
pub async fn sign_in(
    state: State,
    ReaderLang(l): ReaderLang,
    from: From,
    Unsigned(form): Unsigned,
) -> Result<Response, Error> {
    let name = form.value("name").trim().to_owned();
    allowed(&state, &from, &name)?;
    let password = SecretString::from(form.value("password"));
    let Some(owner) = state.sign_in.check(&name, password).await? else {
        failed(&state, &from, name);
        let mut page = LoginPage::new(l, &state, form.without(&["password"]));
        page.failed = Some(WRONG.get(l));
        return page::with_status(StatusCode::UNPROCESSABLE_ENTITY, &page, l);
    };
    state.sign_in_limits.by_name.succeeded(&name);
    begin(&state, &owner, Stage::Full, &from, local(form.value("next"))).await
}

/// Ends the session of this browser.
pub async fn sign_out(state: State, posted: Posted) -> Result<Response, Error> {
    state.sign_in.end(&posted.by.session).await?;
    let mut response = see("/admin/login").into_response();
    if let Some(cookie) = cookie::forget(state.https) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Begins a session under a new token and leads on.
pub async fn begin(at: &State, owner: &Owner, stage: Stage, from: &From, next: &str) -> Result<Response, Error> {
    let token = at.sign_in.begin(owner, stage, &from.address.to_string(), &from.agent).await?;
    let mut response = see(next).into_response();
    let cookie = cookie::keep(&token, at.https).ok_or(Error::Internal)?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

/// Whether another attempt is allowed to this address, for this name, and at all.
pub fn allowed(state: &State, from: &From, name: &str) -> Result<(), Error> {
    let (limits, now) = (&state.sign_in_limits, state.clock.now());
    let by_address = limits.by_address.check(&from.address, now);
    let by_name = limits.by_name.check(&name.to_owned(), now);
    by_address.and(by_name).and(limits.of_all.check(&(), now)).map_err(Error::TooManyAttempts)
}

/// Counts a failed attempt.
pub fn failed(state: &State, from: &From, name: String) {
    let (limits, now) = (&state.sign_in_limits, state.clock.now());
    limits.by_address.failed(from.address, now);
    limits.by_name.failed(name, now);
    limits.of_all.failed((), now);
    tracing::warn!(address = %from.address, "a sign-in failed");
}

/// A path of the panel to go on to; anything else is its start.
fn local(next: &str) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_".contains(c);
    if next.starts_with("/admin/") && next.chars().all(plain) { next } else { "/admin" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_leads_to_the_panel_only() {
        assert_eq!(local("/admin/links"), "/admin/links");
        for elsewhere in ["", "/mediakit", "//evil.example", "https://evil.example", "/admin/\r\nx", "/admin/..%2f"] {
            assert_eq!(local(elsewhere), "/admin", "{elsewhere:?}");
        }
    }
}
