//! Sealing: the key that lies outside the database, and what it does to bytes. XChaCha20-Poly1305 with a random nonce;
//! what is sealed can be opened with the same key in the same place only. Knows no table.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use zeroize::Zeroizing;

use super::StoreError;

/// The first byte of everything sealed, and part of what is authenticated.
const FORMAT: u8 = 1;
const NONCE_BYTES: usize = 24;
const KEY_BYTES: usize = 32;
/// What the Base64 of a key decodes into while it is read, in bytes: room for a longer text to be seen as one.
const ROOM_BYTES: usize = 64;

/// The key that seals credentials: 32 bytes that can't be printed and are wiped when they are no longer needed.
#[derive(Debug)]
pub struct VaultKey(SecretBox<[u8; KEY_BYTES]>);

impl VaultKey {
    /// A new random key.
    pub fn generate() -> Result<Self, StoreError> {
        let mut filled = Ok(());
        let key = SecretBox::init_with_mut(|key: &mut [u8; KEY_BYTES]| filled = getrandom::fill(key));
        filled.map(|()| Self(key)).map_err(no_random)
    }

    /// The key of these bytes.
    pub fn from_bytes(bytes: &[u8; KEY_BYTES]) -> Self {
        Self(SecretBox::init_with_mut(|key: &mut [u8; KEY_BYTES]| key.copy_from_slice(bytes)))
    }

    /// Reads a key as [`VaultKey::to_base64`] writes it; blanks around it are let through. `None` when it is not 32
    /// bytes in Base64.
    pub fn from_base64(text: &SecretString) -> Option<Self> {
        let mut room = Zeroizing::new([0; ROOM_BYTES]);
        let length = STANDARD.decode_slice(text.expose_secret().trim(), room.as_mut_slice()).ok()?;
        let bytes = room.get(..length)?;
        Some(Self::from_bytes(bytes.try_into().ok()?))
    }

    /// The key in Base64, for its file.
    pub fn to_base64(&self) -> SecretString {
        STANDARD.encode(self.0.expose_secret()).into()
    }

    /// Seals bytes for a place; only there can they be opened.
    pub(super) fn seal(&self, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(no_random)?;
        let payload = Payload { msg: plain, aad: &authenticated(place) };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| StoreError::unexpected("what was to be sealed is too large"))?;
        Ok([&[FORMAT], nonce.as_slice(), sealed.as_slice()].concat())
    }

    /// Opens what was sealed for a place; `None` when it was sealed with another key, for another place, or changed.
    pub(super) fn open(&self, place: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.strip_prefix(&[FORMAT])?.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: sealed, aad: &authenticated(place) };
        self.cipher().decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.0.expose_secret().into())
    }
}

fn authenticated(place: &[u8]) -> Vec<u8> {
    [&[FORMAT], place].concat()
}

fn no_random(error: getrandom::Error) -> StoreError {
    StoreError::Unexpected(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> VaultKey {
        VaultKey::from_bytes(&[byte; KEY_BYTES])
    }

    #[test]
    fn what_is_sealed_opens_with_its_key_in_its_place_only() {
        let sealed = key(1).seal(b"here", b"plain").unwrap();
        assert_eq!(key(1).open(b"here", &sealed).unwrap().as_slice(), b"plain");
        assert!(key(2).open(b"here", &sealed).is_none());
        assert!(key(1).open(b"there", &sealed).is_none());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key(1).open(b"here", &changed).is_none(), "byte {at}");
            assert!(key(1).open(b"here", &sealed[..at]).is_none(), "cut at {at}");
        }
        assert_ne!(key(1).seal(b"here", b"plain").unwrap(), sealed, "a nonce is never used twice");
    }

    #[test]
    fn a_key_is_read_as_it_is_written_and_never_shown() {
        let key = VaultKey::generate().unwrap();
        let text = key.to_base64();
        let again = VaultKey::from_base64(&format!(" {}\n", text.expose_secret()).into()).unwrap();
        assert_eq!(again.to_base64().expose_secret(), text.expose_secret());
        assert!(!format!("{key:?}").contains(&text.expose_secret()[..8]));
        for wrong in ["", "short", "AAAA", &"A".repeat(44), &"AAAA".repeat(11), &"AAAA".repeat(100)] {
            assert!(VaultKey::from_base64(&wrong.to_owned().into()).is_none(), "{wrong}");
        }
    }
}
