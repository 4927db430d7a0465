//! The kit behind a link of its own, and the form that asks for one.

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;

use super::door::{self, Asks, TRAP};
use crate::domain::share::{Access, Request, Share};
use crate::domain::text::{Lang, Text};
use crate::web::admin::form::Form as Typed;
use crate::web::admin::page::{self, see};
use crate::web::admin::session::{Unsigned, signed_in};
use crate::web::error::Error;
use crate::web::lazy::Form;
use crate::web::peer::{self, Peer, limit_key};
use crate::web::render::PAGE;
use crate::web::request_lang::ReaderLang;
use crate::web::state::State;
use crate::web::visits;

/// Where the kit of a link lives, before its address.
pub const SHARES: &str = "/s/";
/// What the browser keeps that gave a link's password: for that link only, and no longer than it is open.
const COOKIE_NAME: &str = "mediakit-share";
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
    let answer = answer(&state, &share, Form::Page, l, (&method, &uri, &headers)).await?;
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
    answer(&state, &find(&state, &address)?, Form::Pdf, l, (&method, &uri, &headers)).await
}

async fn answer(
    state: &State,
    share: &Share,
    form: Form,
    l: Lang,
    (method, uri, headers): (&Method, &Uri, &HeaderMap),
) -> Result<Response, Error> {
    if is_open(share, headers) {
        let face = state.lazy.shared(share, form, uri, headers).await.ok_or(Error::Internal)?;
        return Ok(unlisted(face.answer(method, headers).into_routed()));
    }
    let kit = state.faces.kit();
    let page = door::page(&kit, &state.css, l, Asks::Password, &path(share), Typed::default());
    page::page(&page, l).map(unlisted)
}
/// Opens a link with its password.
pub async fn unlock(
    state: State,
    Path(address): Path<String>,
    ReaderLang(l): ReaderLang,
    peer: Peer,
    headers: HeaderMap,
    Unsigned(mut form): Unsigned,
) -> Result<Response, Error> {
    let share = find(&state, &address)?;
    let Some(lock) = &share.lock else { return Ok(see(path(&share)).into_response()) };
    let (from, now) = (limit_key(peer::client(&state.trusted_proxies, peer, &headers)), state.clock.now());
    state.share_limits.by_address.check(&from, now).map_err(Error::TooManyAttempts)?;
    state.share_limits.by_share.check(&share.id, now).map_err(Error::TooManyAttempts)?;
    let hash = state.store.share_password(&share.address).await?;
    if !state.sign_in.opens(SecretString::from(form.value("password")), hash).await? {
        state.share_limits.by_address.failed(from, now);
        state.share_limits.by_share.failed(share.id, now);
        form = form.without(&["password"]);
        form.refuse("password", WRONG);
        let kit = state.faces.kit();
        let page = door::page(&kit, &state.css, l, Asks::Password, &path(&share), form);
        return page::refused(&page, l).map(unlisted);
    }
    let secure = if state.https.0 { "; Secure" } else { "" };
    let proof = URL_SAFE_NO_PAD.encode(lock.proof());
    let cookie = format!("{COOKIE_NAME}={proof}; Path={}; HttpOnly; SameSite=Lax{secure}", path(&share));
    let mut response = see(format!("{}?lang={}", path(&share), l.tag())).into_response();
    let mut cookie = HeaderValue::from_str(&cookie).map_err(|_| Error::Internal)?;
    cookie.set_sensitive(true);
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(unlisted(response))
}

/// Takes a request for a link.
pub async fn ask(
    state: State,
    ReaderLang(l): ReaderLang,
    peer: Peer,
    headers: HeaderMap,
    Unsigned(mut form): Unsigned,
) -> Result<Response, Error> {
    let kit = state.faces.kit();
    if kit.creator.access != Access::Gated {
        return Err(Error::NotFound);
    }
    let (from, now) = (limit_key(peer::client(&state.trusted_proxies, peer, &headers)), state.clock.now());
    state.share_limits.asking.check(&from, now).map_err(Error::TooManyAttempts)?;
    let again = |form: Typed| page::refused(&door::page(&kit, &state.css, l, Asks::Who, ASK, form), l);
    let Some((name, brand, email, message)) = door::read(&mut form) else { return again(form) };
    state.share_limits.asking.failed(from, now);
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
    page::page(&door::page(&kit, &state.css, l, Asks::Nothing, PAGE, Typed::default()), l).map(unlisted)
}

/// Refuses a kit that is not public to whoever is not its owner; `admitted` is what the API's door said.
pub fn is_public<T>(state: &State, admitted: Result<T, Error>) -> Result<(), Error> {
    match (state.faces.kit().creator.access, admitted) {
        (Access::Public, _) | (_, Ok(_)) => Ok(()),
        (_, Err(Error::Unauthenticated)) => Err(Error::NotPublic),
        (_, Err(error)) => Err(error),
    }
}

fn find(state: &State, address: &str) -> Result<Share, Error> {
    state.faces.share(address).filter(|share| share.holds(state.clock.now())).ok_or(Error::NoShare)
}

fn is_open(share: &Share, headers: &HeaderMap) -> bool {
    let Some(lock) = &share.lock else { return true };
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let opens = |sent: &str| URL_SAFE_NO_PAD.decode(sent).is_ok_and(|proof| lock.opens_with(&proof));
    pairs.any(|(name, sent)| name == COOKIE_NAME && opens(sent))
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
