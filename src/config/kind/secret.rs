//! What must never be shown.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use secrecy::{ExposeSecret, SecretBox, SecretString};

use super::{Kind, KindAbout, Shown};
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
