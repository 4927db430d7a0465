//! The one door to what only the owner may do through the API. A handler that takes [`Admin`] can't be reached without
//! passing it: by an API token, or by a browser that is signed in.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use sha2::{Digest, Sha256};

use super::admin::session::signed_in;
use super::error::Error;
use super::peer::{self, Peer, limit_key};
use super::same_site;
use super::state::State;

/// Carries the form token of a browser's request that changes something.
const FORM_TOKEN: &str = "x-form-token";
/// How every token of ours begins.
const PREFIX: &str = "mk_";

/// A right a token can carry.
pub trait Scope: Send + Sync {
    /// Its name in `api-token create --scope`.
    const NAME: &'static str;
}

/// May read what is the owner's.
#[derive(Debug)]
pub struct Read;
/// May start a refresh and watch it.
#[derive(Debug)]
pub struct Refresh;
/// May change the profile.
#[derive(Debug)]
pub struct Write;

impl Scope for Read {
    const NAME: &'static str = "read";
}
impl Scope for Refresh {
    const NAME: &'static str = "refresh";
}
impl Scope for Write {
    const NAME: &'static str = "write";
}

/// Proof that the request may do what `S` names.
#[derive(Debug)]
pub struct Admin<S: Scope>(PhantomData<S>);

impl<S: Scope> FromRequestParts<State> for Admin<S> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Error> {
        let Ok(peer) = Peer::from_request_parts(parts, state).await;
        let by_token = parts.headers.contains_key(AUTHORIZATION);
        let admitted = if by_token {
            admit::<S>(state, peer, &parts.headers).await
        } else {
            admit_browser(state, &parts.method, &parts.headers).await
        };
        admitted.map(|()| Self(PhantomData))
    }
}

/// Admits a signed-in browser; what changes something must come from a page of ours, with its form token.
async fn admit_browser(state: &State, method: &Method, headers: &HeaderMap) -> Result<(), Error> {
    let Some((_, token)) = signed_in(state, headers).await? else { return Err(Error::Unauthenticated) };
    let sent = headers.get(FORM_TOKEN).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let proved = same_site::is_ours(headers, &state.public_url) && token.owns_form_token(sent);
    if method.is_safe() || proved { Ok(()) } else { Err(Error::ForgedForm) }
}

/// Admits a request whose token carries the scope.
///
/// # Errors
/// 401 without a token we know, 403 when it lacks the scope, 429 after too many wrong ones, 503 without the database.
pub async fn admit<S: Scope>(state: &State, peer: Peer, headers: &HeaderMap) -> Result<(), Error> {
    let Some(token) = bearer(headers) else { return Err(Error::Unauthenticated) };
    let (key, now) = (limit_key(peer::client(&state.trusted_proxies, peer, headers)), state.clock.now());
    state.attempts.check(&key, now).map_err(Error::TooManyAttempts)?;
    let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
    let known = if token.starts_with(PREFIX) { state.store.find_api_token(&hash).await? } else { None };
    let Some(known) = known else {
        state.attempts.failed(key, now);
        tracing::warn!(address = %key, "a wrong token was offered");
        return Err(Error::Unauthenticated);
    };
    if !known.scopes.iter().any(|scope| scope == S::NAME) {
        return Err(Error::MissingScope(S::NAME));
    }
    if let Err(error) = state.store.touch_api_token(&known.name, now).await {
        tracing::warn!(%error, "the token's last use could not be written down");
    }
    Ok(())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION).map(HeaderValue::to_str)?.ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty()).then(|| token.trim())
}
