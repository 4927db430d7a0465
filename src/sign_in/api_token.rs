//! New tokens for scripts: shown once, known by their hash afterwards.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

/// How every token of ours begins.
const PREFIX: &str = "mk_";

/// A new token of 32 random bytes, and its hash; `None` when the machine gives no randomness.
pub fn new_api_token() -> Option<(SecretString, [u8; 32])> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).ok()?;
    let token = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
    let hash = Sha256::digest(token.as_bytes()).into();
    Some((SecretString::from(token), hash))
}
