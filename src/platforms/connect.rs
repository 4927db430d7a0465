//! Connecting on a platform's own page: OAuth 2.0 with a code (RFC 6749, section 4.1), drawn from what a platform
//! declares. It makes the page's address and what a code is redeemed with; what deviates is in the platform's own file.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::{Connect, CredentialKey, Credentials, FetchError, Upstream};
use crate::domain::failure::FailureKind;
use crate::outbound::Call;

/// What a person is sent to the platform's page with.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The id of the operator's app.
    pub client_id: &'a str,
    /// Where to come back to.
    pub redirect_uri: &'a str,
    /// Comes back with the person and tells that it is them.
    pub state: &'a SecretString,
    /// What proves later that the code is ours; sent hashed, and only where the platform takes it.
    pub verifier: &'a SecretString,
}

/// What comes back from the platform's page, with what it is redeemed with.
#[derive(Clone, Debug)]
pub struct Code {
    /// The way it came.
    pub way: &'static Connect,
    /// The code; it works once.
    pub code: SecretString,
    /// The address it came back to, as the page was told.
    pub redirect_uri: String,
    /// See [`Asking::verifier`].
    pub verifier: SecretString,
    /// The keys of the operator's app.
    pub app: Credentials,
}

/// The platform's page that asks the person; `path` is the way's, with its version.
pub fn page(way: &Connect, path: &str, asking: Asking<'_>) -> Call {
    let scopes: Vec<&str> = way.scopes.iter().map(|scope| scope.name).collect();
    let call = Call::get(way.page, path)
        .query(way.client_param, asking.client_id)
        .query("redirect_uri", asking.redirect_uri)
        .query("response_type", "code")
        .query("scope", scopes.join(way.separator))
        .secret_query("state", asking.state);
    let call = way.extra.iter().fold(call, |call, (name, value)| call.query(name, *value));
    if !way.pkce {
        return call;
    }
    call.query("code_challenge", challenge(asking.verifier)).query("code_challenge_method", "S256")
}

impl Code {
    /// The app's id and secret.
    ///
    /// # Errors
    /// `not_configured` when either is unset.
    pub fn app(&self) -> Result<(&str, &SecretString), FetchError> {
        app_of(self.way, &self.app)
    }

    /// The request that redeems the code (RFC 6749, section 4.1.3); it is sent once.
    ///
    /// # Errors
    /// `not_configured` without the app's id and secret.
    pub fn call(&self, service: Upstream, path: &str) -> Result<Call, FetchError> {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("redirect_uri", self.redirect_uri.as_str()),
            ("code", self.code.expose_secret()),
        ];
        if self.way.pkce {
            fields.push(("code_verifier", self.verifier.expose_secret()));
        }
        Ok(exchange(self.way, self.app()?, Call::post(service, path), fields))
    }
}

/// The request that renews with a refresh token (RFC 6749, section 6); it is sent once.
///
/// # Errors
/// `not_configured` without the token, or the app's id and secret.
pub fn renewal(
    way: &Connect,
    credentials: &Credentials,
    refresh_token: &CredentialKey,
    service: Upstream,
    path: &str,
) -> Result<Call, FetchError> {
    let app = app_of(way, credentials)?;
    let token = credentials.get(refresh_token).ok_or_else(|| unset(refresh_token))?;
    let fields = vec![("grant_type", "refresh_token"), ("refresh_token", token.expose_secret())];
    Ok(exchange(way, app, Call::post(service, path), fields))
}

/// Adds who asks, where the platform wants it (RFC 6749, section 2.3.1).
fn exchange<'a>(
    way: &Connect,
    (id, secret): (&'a str, &'a SecretString),
    call: Call,
    mut fields: Vec<(&'static str, &'a str)>,
) -> Call {
    let call = if way.app_in_header {
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encoded(id), encoded(secret.expose_secret()));
        call.authorization("Basic", &STANDARD.encode(pair).into())
    } else {
        fields.extend([(way.client_param, id), ("client_secret", secret.expose_secret())]);
        call
    };
    call.form(&fields).once()
}

fn app_of<'a>(way: &Connect, credentials: &'a Credentials) -> Result<(&'a str, &'a SecretString), FetchError> {
    let [id, secret] = way.app;
    let of = |key: &CredentialKey| credentials.get(key).ok_or_else(|| unset(key));
    Ok((of(id)?.expose_secret(), of(secret)?))
}

fn unset(key: &CredentialKey) -> FetchError {
    FetchError::new(FailureKind::NotConfigured).because(format!("{} is not set", key.name))
}

/// What is sent ahead of a verifier (RFC 7636, section 4.2).
fn challenge(verifier: &SecretString) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose_secret()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7636, appendix B.
    #[test]
    fn a_challenge_is_the_hash_of_its_verifier() {
        let verifier = SecretString::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
