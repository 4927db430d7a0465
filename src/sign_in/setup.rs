//! The code of the first start: printed once for the person at the terminal, good for making the first owner. It is
//! kept in this process only, and made anew at the next start.

use std::sync::{Mutex, PoisonError};

use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

/// Letters and digits that can't be mistaken for each other.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// 80 bits.
const LETTERS: usize = 16;

/// The hash of the open code, while there is one.
#[derive(Default)]
pub struct SetupCode(Mutex<Option<[u8; 32]>>);

impl SetupCode {
    /// Makes a code, in place of one from before; `None` when the machine gives no randomness.
    pub fn open(&self) -> Option<SecretString> {
        let mut bytes = [0; LETTERS];
        getrandom::fill(&mut bytes).ok()?;
        let letters: String = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
        *self.lock() = Some(hash(&letters));
        let groups: Vec<&str> = (0..LETTERS).step_by(4).map(|at| &letters[at..at + 4]).collect();
        Some(SecretString::from(groups.join("-")))
    }

    /// Whether a code waits for its use.
    pub fn is_open(&self) -> bool {
        self.lock().is_some()
    }

    /// Whether `typed` is the open code; case, blanks and dashes don't matter.
    pub fn opens(&self, typed: &SecretString) -> bool {
        let letters: String =
            typed.expose_secret().chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
        self.lock().is_some_and(|open| open == hash(&letters))
    }

    /// The code has served.
    pub fn close(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<[u8; 32]>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compared by hash, so that the time it takes tells nothing of the code.
fn hash(letters: &str) -> [u8; 32] {
    Sha256::digest(letters.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_until_it_has_served() {
        let setup = SetupCode::default();
        assert!(!setup.opens(&SecretString::from(String::new())) && !setup.is_open());
        let code = setup.open().unwrap();
        assert_eq!(code.expose_secret().len(), 19, "four groups of four letters");
        let typed = code.expose_secret().to_lowercase().replace('-', " ");
        assert!(setup.opens(&SecretString::from(typed)) && !setup.opens(&SecretString::from("AAAA".to_owned())));
        let next = setup.open().unwrap();
        assert!(!setup.opens(&code) && setup.opens(&next));
        setup.close();
        assert!(!setup.opens(&next));
    }
}
