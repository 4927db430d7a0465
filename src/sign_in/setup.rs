//! The code of the first start: printed once for the person at the terminal, good for making the first owner. It is
//! kept in this process only, and made anew at the next start.

use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;

use super::code;

/// The hash of the open code, while there is one.
#[derive(Default)]
pub struct SetupCode(Mutex<Option<[u8; 32]>>);

impl SetupCode {
    /// Makes a code, in place of one from before; `None` when the machine gives no randomness.
    pub fn open(&self) -> Option<SecretString> {
        let code = code::random()?;
        *self.lock() = Some(code::hash(&code));
        Some(code)
    }

    /// Whether a code waits for its use.
    pub fn is_open(&self) -> bool {
        self.lock().is_some()
    }

    /// Whether `typed` is the open code; case, blanks and dashes don't matter.
    pub fn opens(&self, typed: &SecretString) -> bool {
        self.lock().is_some_and(|open| open == code::hash(typed))
    }

    /// The code has served.
    pub fn close(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<[u8; 32]>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

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
