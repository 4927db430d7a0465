//! Connecting on a platform's own page: OAuth 2.0 with a code (RFC 6749, section 4.1), drawn from what a platform
//! declares. It makes the page's address and what a code is redeemed with; what deviates is in the platform's own file.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::{Connect, CredentialKey, Credentials, FetchError};
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
        let [id, secret] = self.way.app;
        let unset = |key: &CredentialKey| {
            FetchError::new(FailureKind::NotConfigured).because(format!("{} is not set", key.name))
        };
        let id_value = self.app.get(id).ok_or_else(|| unset(id))?;
        Ok((id_value.expose_secret(), self.app.get(secret).ok_or_else(|| unset(secret))?))
    }

    /// The form that redeems the code (RFC 6749, section 4.1.3).
    ///
    /// # Errors
    /// `not_configured` without the app's id and secret.
    pub fn form(&self) -> Result<Vec<(&'static str, &str)>, FetchError> {
        let (id, secret) = self.app()?;
        let mut form = vec![
            (self.way.client_param, id),
            ("client_secret", secret.expose_secret()),
            ("grant_type", "authorization_code"),
            ("redirect_uri", self.redirect_uri.as_str()),
            ("code", self.code.expose_secret()),
        ];
        if self.way.pkce {
            form.push(("code_verifier", self.verifier.expose_secret()));
        }
        Ok(form)
    }
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
