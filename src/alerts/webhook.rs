//! Alerts as JSON to an address of the operator, signed when a key is set. See `docs/alerts.md`.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::channel::post;
use super::{AlertError, Message};
use crate::config::SecretUrl;
use crate::domain::platform::Upstream;
use crate::outbound::Call;

pub(super) const UPSTREAM: Upstream = Upstream { name: "ALERT_WEBHOOK", origin: "" };

/// The webhook.
#[derive(Clone)]
pub(super) struct Webhook {
    pub(super) url: SecretUrl,
    pub(super) secret: Option<SecretString>,
}

impl Webhook {
    /// The request that tells a message.
    pub(super) fn call(&self, message: &Message) -> Result<Call, AlertError> {
        let body = serde_json::to_string(message).map_err(|_| AlertError::Garbled)?;
        let call = post(UPSTREAM, self.url.expose());
        let call = match &self.secret {
            Some(secret) => call.header("x-mediakit-signature", &signature(secret, &body)?),
            None => call,
        };
        Ok(call.text("application/json", body))
    }
}

/// `sha256=` and the HMAC-SHA-256 of the body in hexadecimal digits.
fn signature(secret: &SecretString, body: &str) -> Result<String, AlertError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).map_err(|_| AlertError::Garbled)?;
    mac.update(body.as_bytes());
    Ok(mac.finalize().into_bytes().iter().fold("sha256=".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, section 4.3.
    #[test]
    fn the_signature_is_hmac_sha_256() {
        let signed = signature(&SecretString::from("Jefe"), "what do ya want for nothing?").unwrap();
        assert_eq!(signed, "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
