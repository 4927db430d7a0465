//! Codes that people type: letters and digits that can't be mistaken for each other, in groups of four.

use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// 80 bits: too many to be tried out, so that a plain hash keeps them.
const LETTERS: usize = 16;

/// A new code; `None` when the machine gives no randomness.
pub(super) fn random() -> Option<SecretString> {
    let mut bytes = [0; LETTERS];
    getrandom::fill(&mut bytes).ok()?;
    let letters = bytes.map(|byte| ALPHABET[usize::from(byte % 32)]);
    let groups: Vec<_> = letters.chunks(4).map(String::from_utf8_lossy).collect();
    Some(SecretString::from(groups.join("-")))
}

/// The hash of a code as it was typed: case, blanks and dashes don't matter. Compared by hash, so that the time it takes
/// tells nothing of the code.
pub(super) fn hash(typed: &SecretString) -> [u8; 32] {
    let typed = typed.expose_secret().chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase);
    Sha256::digest(typed.collect::<String>()).into()
}
