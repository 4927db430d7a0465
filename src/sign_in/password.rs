//! Passwords as Argon2id hashes (19 MiB, two passes, one lane: OWASP's Password Storage Cheat Sheet).

use std::sync::OnceLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use secrecy::{ExposeSecret as _, SecretString};

/// The hash of a password, with a salt of its own; `None` without memory or randomness.
pub(super) fn hash(password: &SecretString) -> Option<SecretString> {
    let hash = hasher().hash_password(password.expose_secret().as_bytes()).ok()?;
    Some(SecretString::from(hash.to_string()))
}

/// Whether a password belongs to a hash. Without a hash the same work is done in vain.
pub(super) fn verify(password: &SecretString, hash: Option<&SecretString>) -> bool {
    static DECOY: OnceLock<Option<SecretString>> = OnceLock::new();
    let known = hash.is_some();
    let hash = hash.or_else(|| DECOY.get_or_init(|| self::hash(&SecretString::from(String::new()))).as_ref());
    let Some(parsed) = hash.and_then(|hash| PasswordHash::new(hash.expose_secret()).ok()) else { return false };
    hasher().verify_password(password.expose_secret().as_bytes(), &parsed).is_ok() && known
}

/// The defaults are Argon2id with 19 MiB, t=2, p=1; a test says so.
fn hasher() -> Argon2<'static> {
    Argon2::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[test]
    fn a_password_opens_its_own_hash_and_no_other() {
        let kept = hash(&secret("drei kurze Wörter")).unwrap();
        assert!(kept.expose_secret().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "the cost is as promised");
        assert!(verify(&secret("drei kurze Wörter"), Some(&kept)));
        assert!(!verify(&secret("drei kurze Worte"), Some(&kept)));
        assert!(!verify(&secret(""), None), "the decoy's own password opens nothing");
        assert!(!verify(&secret(""), Some(&secret("no hash"))));
        let again = hash(&secret("drei kurze Wörter")).unwrap();
        assert_ne!(again.expose_secret(), kept.expose_secret(), "each hash has a salt of its own");
    }
}
