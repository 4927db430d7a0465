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
use super::passkey_sign_in;
use super::second_step;
use super::session::{Posted, Unsigned, signed_in};
use crate::domain::audit::{self, Deed};
use crate::domain::owner::Owner;
use crate::domain::text::{Lang, Text};
use crate::sign_in::Means;
use crate::web::cookie;
use crate::web::error::Error;
use crate::web::peer::Visitor;
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
    with_passkey: bool,
}

/// The sign-in page again, or for the first time.
pub async fn page_of(
    l: Lang,
    state: &State,
    headers: &HeaderMap,
    form: Form,
    failed: Option<Text>,
) -> Result<Response, Error> {
    let next = local(form.value("next")).to_owned();
    let with_passkey = passkey_sign_in::is_offered(state, headers) && state.store.has_passkey().await?;
    let shell = Shell::bare(l, state, with_passkey.then_some("security"));
    let status = if failed.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let failed = failed.map(|why| why.get(l));
    page::with_status(status, &LoginPage { shell, form, failed, next, with_passkey }, l)
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
        let Ok(Visitor(address)) = Visitor::from_request_parts(parts, state).await;
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
    page_of(l, &state, &headers, form, None).await
}

/// Signs in by name and password.
pub async fn sign_in(
    state: State,
    ReaderLang(l): ReaderLang,
    from: From,
    headers: HeaderMap,
    Unsigned(form): Unsigned,
) -> Result<Response, Error> {
    let name = form.value("name").trim().to_owned();
    allowed(&state, &from, Some(&name))?;
    let password = SecretString::from(form.value("password"));
    let Some(owner) = state.sign_in.check(&name, password).await? else {
        failed(&state, &from, Some(name), (audit::NOBODY, audit::SIGN_IN_FAILED)).await;
        return page_of(l, &state, &headers, form.without(&["password"]), Some(WRONG)).await;
    };
    state.sign_in_limits.by_name.succeeded(&name);
    begin(&state, &owner, Means::Password, &from, local(form.value("next"))).await
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

/// Begins a session under a new token and leads on: to the second factor first, where there is one and it is missing.
pub async fn begin(at: &State, owner: &Owner, by: Means, from: &From, next: &str) -> Result<Response, Error> {
    let token = at.sign_in.begin(owner, by, &from.address.to_string(), &from.agent).await?;
    let halfway = by == Means::Password && owner.has_totp;
    let next = if halfway { format!("{}?next={next}", second_step::PATH) } else { next.to_owned() };
    let mut response = see(next).into_response();
    let cookie = cookie::keep(&token, at.https).ok_or(Error::Internal)?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

/// Whether another attempt is allowed to this address, for this name, and at all.
pub fn allowed(state: &State, from: &From, name: Option<&str>) -> Result<(), Error> {
    let (limits, now) = (&state.sign_in_limits, state.clock.now());
    let by_address = limits.by_address.check(&from.address, now);
    let by_name = name.map_or(Ok(()), |name| limits.by_name.check(&name.to_owned(), now));
    by_address.and(by_name).and(limits.of_all.check(&(), now)).map_err(Error::TooManyAttempts)
}

/// Counts a failed attempt, and writes down who did what: of an address and deed one line an hour, so that guessing
/// does not push everything else out of the log. What was typed as a name is not written down, it may be a password.
pub async fn failed(state: &State, from: &From, name: Option<String>, (who, deed): (&str, Deed)) {
    let (limits, now) = (&state.sign_in_limits, state.clock.now());
    limits.by_address.failed(from.address, now);
    limits.of_all.failed((), now);
    if let Some(name) = name {
        limits.by_name.failed(name, now);
    }
    tracing::warn!(address = %from.address, deed = deed.name, "a sign-in failed");
    let line = (from.address, deed.name);
    if limits.lines.check(&line, now).is_ok() {
        limits.lines.failed(line, now);
        if let Err(error) = state.store.add_audit(now, who, deed.name, &from.address.to_string()).await {
            tracing::error!(%error, "a failed sign-in could not be written down");
        }
    }
}

/// A path of the panel to go on to; anything else is its start.
pub fn local(next: &str) -> &str {
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
