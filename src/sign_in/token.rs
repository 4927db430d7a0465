//! A session's token: 256 random bits that only the browser keeps, and the form token bound to it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

const BYTES: usize = 32;

/// What a browser shows to be signed in. It can't be printed.
#[derive(Clone, Debug)]
pub struct SessionToken(SecretString);

impl SessionToken {
    /// A new one; `None` when the machine gives no randomness.
    pub fn new() -> Option<Self> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).ok()?;
        Some(Self(SecretString::from(URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// One that a browser sent; `None` when it can't be one.
    pub fn read(text: &str) -> Option<Self> {
        let is_one = URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == BYTES);
        is_one.then(|| Self(SecretString::from(text.to_owned())))
    }

    /// The text for the cookie.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// By which it is known in the store.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.expose().as_bytes()).into()
    }

    /// The token that every form of this session carries. It says nothing of the session's own.
    pub fn form_token(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(format!("form {}", self.expose())))
    }

    /// Whether `sent` is this session's form token. Compared by hash, so that the time it takes tells nothing.
    pub fn owns_form_token(&self, sent: &str) -> bool {
        Sha256::digest(self.form_token()) == Sha256::digest(sent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_token_belongs_to_one_session() {
        let (one, other) = (SessionToken::new().unwrap(), SessionToken::new().unwrap());
        assert!(one.owns_form_token(&one.form_token()));
        assert!(!one.owns_form_token(&other.form_token()) && !one.owns_form_token(""));
        assert!(!one.form_token().contains(one.expose()));
        assert_eq!(SessionToken::read(one.expose()).unwrap().hash(), one.hash());
        assert_ne!(one.hash(), other.hash());
        assert!(SessionToken::read("short").is_none() && SessionToken::read("").is_none());
        assert!(!format!("{one:?}").contains(one.expose()));
    }
}
