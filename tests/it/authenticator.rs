//! An authenticator in software: it makes passkeys and answers challenges as a device does, and wrongly when told to.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mediakit::sign_in::passkey::Challenge;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use sha2::{Digest as _, Sha256};

pub const PRESENT: u8 = 1;
pub const VERIFIED: u8 = 4;
const HAS_CREDENTIAL: u8 = 64;

/// The kinds of keys it makes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Es256,
    Ed25519,
}

enum Key {
    Es256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// A device with one passkey.
pub struct Authenticator {
    key: Key,
    pub id: Vec<u8>,
    /// What it says of how often it was used; at 0 it does not count.
    pub uses: u32,
}

/// A ceremony as a browser brings it before the device.
#[derive(Clone, Debug)]
pub struct Ceremony {
    pub challenge: Challenge,
    pub kind: &'static str,
    pub origin: String,
    pub rp_id: String,
    pub flags: u8,
    pub cross_origin: bool,
}

impl Ceremony {
    /// One on the page where it belongs, before its owner.
    pub fn at(origin: &str, kind: &'static str, challenge: Challenge) -> Self {
        let host = origin.split("://").nth(1).unwrap().split(':').next().unwrap();
        let flags = PRESENT | VERIFIED;
        Self { challenge, kind, origin: origin.to_owned(), rp_id: host.to_owned(), flags, cross_origin: false }
    }

    pub fn client_data(&self) -> Vec<u8> {
        let challenge = URL_SAFE_NO_PAD.encode(self.challenge);
        format!(
            r#"{{"type":"{}","challenge":"{challenge}","origin":"{}","crossOrigin":{},"other_keys_can_be_added_here":"x"}}"#,
            self.kind, self.origin, self.cross_origin
        )
        .into_bytes()
    }

    fn head(&self, flags: u8, uses: u32) -> Vec<u8> {
        [Sha256::digest(&self.rp_id).as_slice(), &[self.flags | flags], &uses.to_be_bytes()].concat()
    }
}

impl Authenticator {
    pub fn new(kind: Kind) -> Self {
        let random = SystemRandom::new();
        let key = match kind {
            Kind::Es256 => {
                let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
                let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, made.as_ref(), &random);
                Key::Es256(key.unwrap())
            }
            Kind::Ed25519 => {
                let made = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
                Key::Ed25519(Ed25519KeyPair::from_pkcs8(made.as_ref()).unwrap())
            }
        };
        let mut id = vec![0; 16];
        getrandom::fill(&mut id).unwrap();
        Self { key, id, uses: 1 }
    }

    /// The public key as COSE writes it.
    pub fn cose(&self) -> Vec<u8> {
        match &self.key {
            Key::Es256(key) => {
                let point = key.public_key().as_ref();
                let head = [0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32];
                [&head[..], &point[1..33], &[0x22, 0x58, 32], &point[33..]].concat()
            }
            Key::Ed25519(key) => {
                [&[0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32][..], key.public_key().as_ref()].concat()
            }
        }
    }

    /// The attestation object of its passkey, with a public key in place of its own if wanted.
    pub fn attestation(&self, ceremony: &Ceremony, cose: &[u8]) -> Vec<u8> {
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let head = ceremony.head(HAS_CREDENTIAL, self.uses);
        let data = [&head[..], &[0; 16], &length, &self.id, cose].concat();
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        [&b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59"[..], &length, &data].concat()
    }

    /// The authenticator data and their signature.
    pub fn assertion(&mut self, ceremony: &Ceremony) -> (Vec<u8>, Vec<u8>) {
        self.uses += u32::from(self.uses > 0);
        let data = ceremony.head(0, self.uses);
        let signed = [&data[..], &Sha256::digest(ceremony.client_data())].concat();
        let signature = match &self.key {
            Key::Es256(key) => key.sign(&SystemRandom::new(), &signed).unwrap().as_ref().to_vec(),
            Key::Ed25519(key) => key.sign(&signed).as_ref().to_vec(),
        };
        (data, signature)
    }
}
