//! The kit behind a link of its own, and the form that asks for one.

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use axum::response::{IntoResponse as _, Response};
use secrecy::SecretString;

use super::door::{self, Asks, TRAP};
use crate::domain::share::{Access, Request, Share};
use crate::domain::text::{Lang, Text};
use crate::web::admin::form::Form;
use crate::web::admin::page::{self, see};
use crate::web::admin::session::{Unsigned, signed_in};
use crate::web::cookie;
use crate::web::error::Error;
use crate::web::lazy::Shape;
use crate::web::peer::Visitor;
use crate::web::render::PAGE;
use crate::web::request_lang::ReaderLang;
use crate::web::state::State;
use crate::web::visits;

/// Where the kit of a link lives, before its address.
pub const SHARES: &str = "/s/";
/// Where requests go.
pub const ASK: &str = "/mediakit/ask";
/// Where a request that was sent leads.
const ASKED: &str = "/mediakit/asked";

const WRONG: Text = Text::new(
    "Das Passwort stimmt nicht. Frag noch einmal nach, oder lass dir einen neuen Link schicken.",
    "The password is wrong. Ask again, or have a new link sent to you.",
);
const FULL: Text = Text::new(
    "Gerade warten zu viele Anfragen. Schreib bitte direkt, oder versuch es in ein paar Tagen noch einmal.",
    "Too many requests are waiting right now. Please write directly, or try again in a few days.",
);

/// The kit behind a link, or the question for its password.
pub async fn show(
    state: State,
    Path(address): Path<String>,
    ReaderLang(l): ReaderLang,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let share = find(&state, &address)?;
    let answer = answer(&state, &share, Shape::Page, l, (&method, &uri, &headers)).await?;
    // The owner looking at it is nobody's visit.
    let seen = is_open(&share, &headers) && visits::is_a_visit(&method, &headers);
    if seen && signed_in(&state, &headers).await?.is_none() {
        state.visits.open(share.id, state.clock.now());
    }
    Ok(answer)
}

/// The same on paper.
pub async fn pdf(
    state: State,
    Path(address): Path<String>,
    ReaderLang(l): ReaderLang,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Error> {
    answer(&state, &find(&state, &address)?, Shape::Pdf, l, (&method, &uri, &headers)).await
}

async fn answer(
    state: &State,
    share: &Share,
    form: Shape,
    l: Lang,
    (method, uri, headers): (&Method, &Uri, &HeaderMap),
) -> Result<Response, Error> {
    if is_open(share, headers) {
        let face = state.lazy.shared(share, form, uri, headers).await.ok_or(Error::Internal)?;
        return Ok(unlisted(face.answer(method, headers).into_routed()));
    }
    let kit = state.faces.kit();
    let page = door::page(&kit, &state.css, l, Asks::Password, &path(share), Form::default());
    page::page(&page, l).map(unlisted)
}

/// Opens a link with its password.
pub async fn unlock(
    state: State,
    Path(address): Path<String>,
    ReaderLang(l): ReaderLang,
    Visitor(from): Visitor,
    Unsigned(mut form): Unsigned,
) -> Result<Response, Error> {
    let share = find(&state, &address)?;
    let Some(lock) = &share.lock else { return Ok(see(path(&share)).into_response()) };
    let now = state.clock.now();
    state.visitor_limits.by_address.check(&from, now).map_err(Error::TooManyAttempts)?;
    state.visitor_limits.by_share.check(&share.id, now).map_err(Error::TooManyAttempts)?;
    let hash = state.store.share_password(&share.address).await?;
    if !state.sign_in.opens(SecretString::from(form.value("password")), hash).await? {
        state.visitor_limits.by_address.failed(from, now);
        state.visitor_limits.by_share.failed(share.id, now);
        form = form.without(&["password"]);
        form.refuse("password", WRONG);
        let kit = state.faces.kit();
        let page = door::page(&kit, &state.css, l, Asks::Password, &path(&share), form);
        return page::refused(&page, l).map(unlisted);
    }
    let mut response = see(format!("{}?lang={}", path(&share), l.tag())).into_response();
    let kept = cookie::keep_open(lock, &path(&share), state.https).ok_or(Error::Internal)?;
    response.headers_mut().insert(SET_COOKIE, kept);
    Ok(unlisted(response))
}

/// Takes a request for a link.
pub async fn ask(
    state: State,
    ReaderLang(l): ReaderLang,
    Visitor(from): Visitor,
    Unsigned(mut form): Unsigned,
) -> Result<Response, Error> {
    let kit = state.faces.kit();
    if kit.creator.access != Access::Gated {
        return Err(Error::NotFound);
    }
    let now = state.clock.now();
    state.visitor_limits.asking.check(&from, now).map_err(Error::TooManyAttempts)?;
    let again = |form: Form| page::refused(&door::page(&kit, &state.css, l, Asks::Who, ASK, form), l);
    let Some((name, brand, email, message)) = door::read(&mut form) else { return again(form) };
    state.visitor_limits.asking.failed(from, now);
    let request = Request { id: 0, name, brand, email, message, asked_at: now };
    if form.value(TRAP).is_empty() && !state.store.insert_request(kit.creator.id, &request).await? {
        form.refuse("message", FULL);
        return again(form);
    }
    Ok(see(format!("{ASKED}?lang={}", l.tag())).into_response())
}

/// The form itself stands in place of the kit.
pub async fn to_kit(ReaderLang(l): ReaderLang) -> Response {
    see(format!("{PAGE}?lang={}", l.tag())).into_response()
}

/// Says that a request is on its way.
pub async fn asked(state: State, ReaderLang(l): ReaderLang) -> Result<Response, Error> {
    let kit = state.faces.kit();
    if kit.creator.access != Access::Gated {
        return Ok(see(PAGE).into_response());
    }
    page::page(&door::page(&kit, &state.css, l, Asks::Nothing, PAGE, Form::default()), l).map(unlisted)
}

/// Refuses a kit that is not public.
pub fn is_public(state: &State) -> Result<(), Error> {
    if state.faces.kit().creator.access == Access::Public { Ok(()) } else { Err(Error::NotPublic) }
}

/// Refuses a kit that is not public to whoever is not its owner; `admitted` is what the API's door said.
pub fn may_see<T>(state: &State, admitted: Result<T, Error>) -> Result<(), Error> {
    is_public(state).or_else(|kept_back| match admitted {
        Ok(_) => Ok(()),
        Err(Error::Unauthenticated) => Err(kept_back),
        Err(error) => Err(error),
    })
}

fn find(state: &State, address: &str) -> Result<Share, Error> {
    state.faces.share(address).filter(|share| share.holds(state.clock.now())).ok_or(Error::NoShare)
}

fn is_open(share: &Share, headers: &HeaderMap) -> bool {
    share.lock.as_ref().is_none_or(|lock| cookie::opens(lock, headers))
}

fn path(share: &Share) -> String {
    format!("{SHARES}{}", share.address)
}

/// Nothing of a link is kept by anybody in between or listed by a search engine.
fn unlisted(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}
