//! What must never be shown.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use url::Url;

use super::address::web_url;
use super::{Kind, KindAbout, Shown, mask_path};
use crate::domain::text::Text;

/// The key that seals credentials: 32 bytes that cannot be printed.
#[derive(Clone)]
pub struct SecretKey(Arc<SecretBox<[u8; 32]>>);

impl SecretKey {
    /// The bytes.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

impl Kind for SecretKey {
    const ABOUT: KindAbout = KindAbout {
        metavar: "BASE64",
        allowed: Text::new(
            "32 Bytes in Base64; `openssl rand -base64 32` macht einen Schlüssel",
            "32 bytes in base64; `openssl rand -base64 32` makes a key",
        ),
        shown: Shown::Never,
        bare: false,
    };

    fn parse(text: &str) -> Result<Self, Text> {
        const LENIENT: GeneralPurposeConfig =
            GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let text = text.trim();
        let standard = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
        let bytes = standard
            .decode(text)
            .or_else(|_| general_purpose::URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')))
            .map_err(|_| Text::new("das ist kein Base64", "this is not base64"))?;
        let key: [u8; 32] =
            bytes.try_into().map_err(|_| Text::new("das sind nicht 32 Bytes", "these are not 32 bytes"))?;
        Ok(Self(Arc::new(SecretBox::new(Box::new(key)))))
    }
}

impl Kind for SecretString {
    const ABOUT: KindAbout = KindAbout {
        metavar: "SECRET",
        allowed: Text::new("ein nicht leerer Text", "a text that is not empty"),
        shown: Shown::Never,
        bare: false,
    };

    fn parse(text: &str) -> Result<Self, Text> {
        if text.trim().is_empty() {
            return Err(Text::new("der Wert ist leer", "the value is empty"));
        }
        Ok(Self::from(text))
    }
}

/// A web address that is a secret itself: who knows its path can write there. Only its host is ever shown.
#[derive(Clone)]
pub struct SecretUrl(Url);

impl SecretUrl {
    /// The whole address.
    pub fn expose(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask_path(self.0.as_str()))
    }
}

impl Kind for SecretUrl {
    const ABOUT: KindAbout = KindAbout { shown: Shown::Host, ..Url::ABOUT };

    fn parse(text: &str) -> Result<Self, Text> {
        web_url(text).map(Self)
    }
}

/// A mail server with user and password. Only its host is ever shown.
#[derive(Clone)]
pub struct SmtpUrl(Url);

impl SmtpUrl {
    /// The whole address: `smtp` or `smtps`, a host, perhaps a port, perhaps a user with a password.
    pub fn expose(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask_path(self.0.as_str()))
    }
}

impl Kind for SmtpUrl {
    const ABOUT: KindAbout = KindAbout {
        metavar: "URL",
        allowed: Text::new(
            "smtps://NUTZER:PASSWORT@HOST oder smtp://NUTZER:PASSWORT@HOST:PORT, Sonderzeichen als %XX",
            "smtps://USER:PASSWORD@HOST or smtp://USER:PASSWORD@HOST:PORT, special characters as %XX",
        ),
        shown: Shown::Host,
        bare: false,
    };

    fn parse(text: &str) -> Result<Self, Text> {
        let wrong = Text::new("das ist keine Adresse eines Mailservers", "this is no address of a mail server");
        let url = Url::parse(text).map_err(|_| wrong)?;
        let extra = !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some();
        if !matches!(url.scheme(), "smtp" | "smtps") || url.host_str().is_none_or(str::is_empty) || extra {
            return Err(wrong);
        }
        if url.username().is_empty() != url.password().is_none() {
            return Err(Text::new("Nutzer und Passwort gehören zusammen", "user and password belong together"));
        }
        Ok(Self(url))
    }
}
