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

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    /// Made by OpenSSL: the modulus of a key, and its signature of `a message`.
    const MODULUS: &str = "tJvzIWX6OauGhi6VkSX9F9IrhBHN2Tfit5we5xUjgiDuvmYNeT2TCNLq9um5McFrj2V+qnD5B+9fhYfTntJUjG/XPZ\
        PenLxL08RSWUDNntUO5ULcsewC5qpUXYYpbj688wdF8dZ6UpXuqViztU98Gt+QEerTSGpsOdjFQGBCpjxZ4uiocTn2\
        yuxhS7JzjGkqdU7cCoxIhgQ8C30ShTn9pr0T8meOYtsXT+DMFpOJ62tBk0C7jN7hiyr0oA9/qGvzwo0YoUtn78/4b2\
        VtiWeteZa7+pFffRU/MFib+OuXpGyRi2pIyvgMssqOAwHooBWHBpto2P3skvqKjZlbBgAEzQ==";
    const SIGNATURE: &str = "FD/B+qPj3So+aeHRYZ/rWUs8NKPaxFN/59Kuo4nUlJMZJETcIyTUgDVLhVkcNpZoHK/PHdl1jgg/IT2yNK1wF8TlLP\
        PxWudJ1IW4FfOPmHAbltj7YjqGvBJkl1Qv/+Mgxjsp4AKX+xYHSmmXtl8C1xljgdGcX79Pw7AsFFsH8cSFPsCx32i4\
        xd41QCJfKgBH3OmKhNDmgysHH6+bLqJYbGdhFXuHZuLeng9zKN/9lUgN1EFIW7vIAfWxmxhpxVfn+UHH7wKZLurQMU\
        6DbCLww0aVZYEEfLAOIHGwk9TYd+0jHeQVDnwZbAHkbPdnR3uSQ9hF3QL4XycUU0rb+0Jy/g==";

    fn rs256(modulus: &[u8]) -> Vec<u8> {
        let length = u16::try_from(modulus.len()).unwrap().to_be_bytes();
        let head = [0xa4, 1, 3, 3, 0x39, 1, 0, 0x20, 0x59];
        [&head[..], &length, modulus, &[0x21, 0x43, 1, 0, 1]].concat()
    }

    #[test]
    fn a_signature_by_rsa_is_checked() {
        let decode = |text: &str| STANDARD.decode(text).unwrap();
        let (cose, mut signature) = (rs256(&decode(MODULUS)), decode(SIGNATURE));
        let key = PublicKey::read(&cose).unwrap();
        assert!(key.verifies(b"a message", &signature) && !key.verifies(b"another", &signature));
        signature[100] ^= 1;
        assert!(!key.verifies(b"a message", &signature));
        for modulus in [&[][..], &[1], &[0xff; 128], &[0; 256]] {
            let cose = rs256(modulus);
            assert!(!PublicKey::read(&cose).unwrap().verifies(b"a message", &signature), "too short, or no number");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_a_key_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            if let Some(key) = PublicKey::read(&bytes) {
                prop_assert!(!key.verifies(b"a message", &bytes));
            }
        }
    }
}
