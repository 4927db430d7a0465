//! Public keys as COSE writes them (RFC 9053), and the signatures they check: ES256, EdDSA and RS256.

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};

use super::cbor::Reader;

/// The algorithms, by their COSE numbers, the one we like best first.
pub(super) const ALGORITHMS: [i64; 3] = [EDDSA, ES256, RS256];
const ES256: i64 = -7;
const EDDSA: i64 = -8;
const RS256: i64 = -257;

/// A public key of a kind we check.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PublicKey<'a> {
    /// A point on P-256, by its halves.
    Es256(&'a [u8; 32], &'a [u8; 32]),
    /// Ed25519.
    Ed25519(&'a [u8; 32]),
    /// RSA: modulus and exponent.
    Rs256(&'a [u8], &'a [u8]),
}

/// A value of a key's map.
#[derive(Clone, Copy)]
enum Value<'a> {
    Int(i64),
    Bytes(&'a [u8]),
}

impl<'a> PublicKey<'a> {
    /// Reads a key; `None` when it is of another kind or broken.
    pub(super) fn read(cose: &'a [u8]) -> Option<Self> {
        let fields = fields(cose)?;
        let value = |label: i64| fields.iter().find(|(key, _)| *key == label).map(|(_, value)| *value);
        let int = |label| value(label).and_then(|value| if let Value::Int(n) = value { Some(n) } else { None });
        let bytes = |label| value(label).and_then(|value| if let Value::Bytes(b) = value { Some(b) } else { None });
        let half = |label| bytes(label).and_then(|bytes| bytes.try_into().ok());
        // Kind of key (1), algorithm (3), curve (-1).
        match (int(1)?, int(3)?) {
            (2, ES256) if int(-1)? == 1 => Some(Self::Es256(half(-2)?, half(-3)?)),
            (1, EDDSA) if int(-1)? == 6 => Some(Self::Ed25519(half(-2)?)),
            (3, RS256) => Some(Self::Rs256(bytes(-1)?, bytes(-2)?)),
            _ => None,
        }
    }

    /// Whether `signature` of `message` is this key's.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Es256(x, y) => {
                let point = [&[4][..], x.as_slice(), y.as_slice()].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature)
            }
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature),
            Self::Rs256(n, e) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
        }
        .is_ok()
    }
}

/// The fields with a number for a name; a map with a name twice is refused, and so is anything behind it.
fn fields(cose: &[u8]) -> Option<Vec<(i64, Value<'_>)>> {
    let mut reader = Reader::new(cose);
    let mut fields = Vec::new();
    for _ in 0..reader.map()? {
        let label = reader.int()?;
        if fields.iter().any(|(known, _)| *known == label) {
            return None;
        }
        let mut as_int = reader;
        let mut as_bytes = reader;
        if let Some(n) = as_int.int() {
            fields.push((label, Value::Int(n)));
            reader = as_int;
        } else if let Some(bytes) = as_bytes.bytes() {
            fields.push((label, Value::Bytes(bytes)));
            reader = as_bytes;
        } else {
            reader.skip()?;
        }
    }
    reader.rest().is_empty().then_some(fields)
}
