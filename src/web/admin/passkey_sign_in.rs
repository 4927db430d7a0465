//! Signing in by passkey: in place of name and password, or as the second step after them. The page's script asks for a
//! challenge, has the browser answer it and sends the answer as a form.

use axum::Json;
use axum::http::HeaderMap;
use axum::http::header::{HOST, SET_COOKIE};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::form::{Form, TOKEN};
use super::login::{self, From, local};
use super::second_step;
use super::session::{Unsigned, halfway};
use crate::domain::audit;
use crate::domain::text::Text;
use crate::sign_in::passkey::{Assertion, Browser, Purpose, RelyingParty};
use crate::sign_in::{Means, SessionToken, SignInError};
use crate::web::cookie;
use crate::web::error::Error;
use crate::web::request_lang::ReaderLang;
use crate::web::state::State;

const REFUSED: Text = Text::new(
    "Dieser Passkey gilt hier nicht, oder die Anfrage war älter als fünf Minuten. Versuche es noch einmal, oder melde \
     dich ohne ihn an.",
    "This passkey does not hold here, or the request was older than five minutes. Try again, or sign in without it.",
);

/// Where the browser stands, as passkeys see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'s> {
    /// Passkeys work here.
    Here(&'s RelyingParty),
    /// They work at this machine's name, and the browser is at its number.
    Elsewhere(&'s RelyingParty),
    /// They work nowhere at the address that is set up.
    Nowhere,
}

impl<'s> Place<'s> {
    /// Where a browser is. Over https what a proxy makes of `Host` says nothing, and the browser itself looks.
    pub fn of(state: &'s State, headers: &HeaderMap) -> Self {
        let Some(party) = state.passkeys.party() else { return Self::Nowhere };
        let local = party.origin.strip_prefix("http://");
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        if local.is_none_or(|own| host == Some(own)) { Self::Here(party) } else { Self::Elsewhere(party) }
    }
}

/// Whether a browser can use a passkey where it is.
pub fn is_offered(state: &State, headers: &HeaderMap) -> bool {
    matches!(Place::of(state, headers), Place::Here(_))
}

/// Bytes of a field, in the Base64 that WebAuthn uses; broken ones are empty, which no check passes.
pub fn bytes(form: &Form, field: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(form.value(field)).unwrap_or_default()
}

/// Begins a sign-in by passkey.
pub async fn challenge(state: State, from: From, headers: HeaderMap, _: Unsigned) -> Result<Response, Error> {
    let Place::Here(party) = Place::of(&state, &headers) else { return Err(Error::NotFound) };
    let half = halfway(&state, &headers).await?;
    let (mut allowed, mut cookie) = (Vec::new(), None);
    let (purpose, browser): (Purpose, Browser) = if let Some((session, _)) = &half {
        allowed = state.store.passkeys(session.owner.id).await?;
        (Purpose::SecondStep(session.owner.id), session.hash)
    } else {
        let kept = cookie::ceremony(&headers, state.https).or_else(SessionToken::new);
        let token = kept.ok_or(Error::from(SignInError::Machine))?;
        cookie = cookie::keep_ceremony(&token, state.https);
        (Purpose::SignIn, token.hash())
    };
    let challenge = state.passkeys.begin(purpose, browser, from.address).ok_or(Error::TooManyAttempts(60))?;
    let allowed = allowed.iter().map(|passkey| URL_SAFE_NO_PAD.encode(&passkey.id));
    let mut response = Json(json!({
        "challenge": URL_SAFE_NO_PAD.encode(challenge),
        "rpId": party.id,
        "timeout": 300_000,
        "userVerification": if half.is_some() { "preferred" } else { "required" },
        "allowCredentials": allowed.map(|id| json!({ "type": "public-key", "id": id })).collect::<Vec<_>>(),
    }))
    .into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Signs in by the answer to a challenge.
pub async fn sign_in(
    state: State,
    ReaderLang(l): ReaderLang,
    from: From,
    headers: HeaderMap,
    Unsigned(form): Unsigned,
) -> Result<Response, Error> {
    login::allowed(&state, &from, None)?;
    let half = halfway(&state, &headers).await?;
    if half.as_ref().is_some_and(|(_, token)| !token.owns_form_token(form.value(TOKEN))) {
        return Err(Error::ForgedForm);
    }
    let begun = || cookie::ceremony(&headers, state.https).map(|token| token.hash());
    let browser = half.as_ref().map(|(session, _)| session.hash).or_else(begun).unwrap_or_default();
    let [id, client_data, authenticator_data, signature, user_handle] =
        ["id", "client-data", "authenticator-data", "signature", "user-handle"].map(|field| bytes(&form, field));
    let answer = Assertion {
        id: &id,
        client_data: &client_data,
        authenticator_data: &authenticator_data,
        signature: &signature,
        user_handle: &user_handle,
    };
    let (owner, _) = match state.passkeys.check(&browser, answer).await? {
        Ok(signed_in) => signed_in,
        Err(refusal) => {
            tracing::warn!(%refusal, "a passkey was refused");
            let who = half.as_ref().map_or(audit::NOBODY, |(session, _)| session.owner.name.as_str());
            login::failed(&state, &from, None, (who, audit::PASSKEY_FAILED)).await;
            let Some((session, token)) = &half else {
                return login::page_of(l, &state, &headers, form, Some(REFUSED)).await;
            };
            return second_step::page_of(l, &state, &headers, (session, token), form, Some(REFUSED)).await;
        }
    };
    if let Some((session, _)) = &half {
        state.sign_in.forget(session).await?;
    }
    login::begin(&state, &owner, Means::Passkey, &from, local(form.value("next"))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_base64_is_nothing() {
        let form = Form::read(b"good=AQID&bad=%21&long=AQID%3D");
        assert_eq!((bytes(&form, "good"), bytes(&form, "bad"), bytes(&form, "none")), (vec![1, 2, 3], vec![], vec![]));
        assert!(bytes(&form, "long").is_empty());
    }
}
