//! Who is signed in, as handlers take it. A handler with [`SignedIn`] is reached by a signed-in browser only; one with
//! [`Posted`] only by a form of that very session.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};

use super::form::{Form, TOKEN};
use crate::domain::owner::{Session, Stage};
use crate::domain::text::Lang;
use crate::sign_in::SessionToken;
use crate::web::api::body;
use crate::web::error::Error;
use crate::web::request_lang::{self, query_value};
use crate::web::state::State;
use crate::web::{cookie, same_site};

/// Where a browser signs in.
pub const LOGIN: &str = "/admin/login";

/// A signed-in browser.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Its session.
    pub session: Session,
    /// What its forms carry.
    pub form_token: String,
    /// The language of the panel for it.
    pub lang: Lang,
}

/// The largest form without files, in bytes.
const PLAIN: usize = body::MAX_BYTES;

/// A form that a signed-in browser sent from one of our pages, of at most `MOST` bytes with its files.
#[derive(Debug)]
pub struct Posted<const MOST: usize = PLAIN> {
    /// Who sent it.
    pub by: SignedIn,
    /// What was typed.
    pub form: Form,
}

/// A form that a browser sent whose password was right and whose second factor is missing.
#[derive(Debug)]
pub struct PostedHalfway {
    /// Its half session.
    pub session: Session,
    /// What was typed.
    pub form: Form,
}

/// A form of ours that nobody has to be signed in for.
#[derive(Debug)]
pub struct Unsigned(pub Form);

impl SignedIn {
    /// Writes a line of the audit log about a change that was made. That it can't be written must not make the change
    /// look refused.
    pub async fn note(&self, state: &State, deed: &str, detail: &str) {
        let added = state.store.add_audit(state.clock.now(), &self.session.owner.name, deed, detail).await;
        if let Err(error) = added {
            tracing::error!(%error, deed, "a change could not be written into the audit log");
        }
    }
}

impl FromRequestParts<State> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let found = signed_in(state, &parts.headers).await.map_err(axum::response::IntoResponse::into_response)?;
        let Some((session, token)) = found else { return Err(to_login(&parts.uri)) };
        let query = parts.uri.query().unwrap_or_default();
        let asked = query_value(query, "lang").and_then(Lang::from_tag);
        let lang = asked.or(session.owner.lang).unwrap_or_else(|| request_lang::of("", &parts.headers));
        Ok(Self { form_token: token.form_token(), session, lang })
    }
}

impl<const MOST: usize> FromRequest<State> for Posted<MOST> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &State) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let by = SignedIn::from_request_parts(&mut parts, state).await?;
        let form =
            read(&parts.headers, body, MOST, state).await.map_err(axum::response::IntoResponse::into_response)?;
        is_of_session(&form, &parts.headers, state).map_err(axum::response::IntoResponse::into_response)?;
        Ok(Self { by, form })
    }
}

impl FromRequest<State> for PostedHalfway {
    type Rejection = Response;

    async fn from_request(request: Request, state: &State) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let form =
            read(&parts.headers, body, PLAIN, state).await.map_err(axum::response::IntoResponse::into_response)?;
        let found = halfway(state, &parts.headers).await.map_err(axum::response::IntoResponse::into_response)?;
        let Some((session, _)) = found else { return Err(to_login(&Uri::default())) };
        is_of_session(&form, &parts.headers, state).map_err(axum::response::IntoResponse::into_response)?;
        Ok(Self { session, form })
    }
}

impl FromRequest<State> for Unsigned {
    type Rejection = Error;

    async fn from_request(request: Request, state: &State) -> Result<Self, Error> {
        let (parts, body) = request.into_parts();
        read(&parts.headers, body, PLAIN, state).await.map(Self)
    }
}

/// The full session of a browser, if it has one.
pub async fn signed_in(state: &State, headers: &HeaderMap) -> Result<Option<(Session, SessionToken)>, Error> {
    at_stage(Stage::Full, state, headers).await
}

/// The half session of a browser whose password was right and whose second factor is missing.
pub async fn halfway(state: &State, headers: &HeaderMap) -> Result<Option<(Session, SessionToken)>, Error> {
    at_stage(Stage::Password, state, headers).await
}

async fn at_stage(wanted: Stage, state: &State, headers: &HeaderMap) -> Result<Option<(Session, SessionToken)>, Error> {
    let Some(token) = cookie::session(headers, state.https) else { return Ok(None) };
    let session = state.sign_in.find(&token).await?.filter(|session| session.stage == wanted);
    Ok(session.map(|session| (session, token)))
}

/// Refuses a request that no page of ours sent.
pub fn is_from_us(headers: &HeaderMap, state: &State) -> Result<(), Error> {
    if same_site::is_ours(headers, &state.public_url) { Ok(()) } else { Err(Error::ForgedForm) }
}

/// Refuses a form without the token of the very session that sends it.
pub fn is_of_session(form: &Form, headers: &HeaderMap, state: &State) -> Result<(), Error> {
    let token = cookie::session(headers, state.https);
    if token.is_some_and(|token| token.owns_form_token(form.value(TOKEN))) { Ok(()) } else { Err(Error::ForgedForm) }
}

/// Reads a form that one of our pages sent.
async fn read(headers: &HeaderMap, sent: axum::body::Body, most: usize, state: &State) -> Result<Form, Error> {
    is_from_us(headers, state)?;
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
        return Ok(Form::read(&body::read(sent, most).await?));
    }
    let boundary = multer::parse_boundary(kind).map_err(|_| Error::NotAForm)?;
    Form::read_parts(body::read(sent, most).await?, boundary).await
}

/// To the sign-in page, and back to where the browser was when that was a page.
fn to_login(uri: &Uri) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let next = if uri.path() == "/" { String::new() } else { format!("?next={}", uri.path()) };
    let location = HeaderValue::from_str(&format!("{LOGIN}{next}"));
    response.headers_mut().insert(LOCATION, location.unwrap_or(HeaderValue::from_static(LOGIN)));
    response
}
