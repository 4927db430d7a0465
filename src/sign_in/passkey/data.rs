//! What a browser and an authenticator say at a ceremony: client data (WebAuthn, section 5.8.1) and authenticator data
//! (section 6.1), read strictly.

use serde::Deserialize;

use super::cbor::Reader;

/// What the browser says about the ceremony. Fields we do not know are for others.
#[derive(Debug, Deserialize)]
pub(super) struct ClientData {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) challenge: String,
    pub(super) origin: String,
    /// Whether the page was framed by another site's.
    #[serde(rename = "crossOrigin", default)]
    pub(super) cross_origin: bool,
}

/// What the authenticator says; it is what is signed, so it is kept whole beside this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AuthenticatorData<'a> {
    /// SHA-256 of the id of the relying party.
    pub(super) rp_id_hash: &'a [u8; 32],
    /// Somebody touched the authenticator.
    pub(super) present: bool,
    /// The authenticator knows that it was its owner.
    pub(super) verified: bool,
    /// How often it was used; always 0 when it does not count.
    pub(super) uses: u32,
    /// The new credential, at its creation.
    pub(super) created: Option<NewCredential<'a>>,
}

/// A credential at its creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NewCredential<'a> {
    /// Its id.
    pub(super) id: &'a [u8],
    /// Its public key, as COSE writes it.
    pub(super) public_key: &'a [u8],
}

const PRESENT: u8 = 1;
const VERIFIED: u8 = 1 << 2;
const HAS_CREDENTIAL: u8 = 1 << 6;
const HAS_EXTENSIONS: u8 = 1 << 7;
/// The longest id that is allowed (WebAuthn, section 7.1).
const LONGEST_ID: usize = 1023;

/// The client data; `None` when it is none.
pub(super) fn client_data(json: &[u8]) -> Option<ClientData> {
    serde_json::from_slice(json).ok()
}

/// The authenticator data inside an attestation object. What the authenticator's maker attests is passed over: whoever
/// is signed in may use what device they like.
pub(super) fn attested(object: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(object);
    let mut found = None;
    for _ in 0..reader.map()? {
        if reader.text()? == "authData" {
            if found.replace(reader.bytes()?).is_some() {
                return None;
            }
        } else {
            reader.skip()?;
        }
    }
    found.filter(|_| reader.rest().is_empty())
}

/// Reads authenticator data to its last byte.
pub(super) fn authenticator_data(bytes: &[u8]) -> Option<AuthenticatorData<'_>> {
    let (rp_id_hash, rest) = bytes.split_first_chunk::<32>()?;
    let (flags, rest) = rest.split_first()?;
    let (uses, mut rest) = rest.split_first_chunk::<4>()?;
    let has = |flag: u8| flags & flag != 0;
    let mut created = None;
    if has(HAS_CREDENTIAL) {
        let (credential, after) = new_credential(rest)?;
        (created, rest) = (Some(credential), after);
    }
    if has(HAS_EXTENSIONS) {
        let mut reader = Reader::new(rest);
        for _ in 0..reader.map()? {
            reader.skip()?;
            reader.skip()?;
        }
        rest = reader.rest();
    }
    rest.is_empty().then_some(AuthenticatorData {
        rp_id_hash,
        present: has(PRESENT),
        verified: has(VERIFIED),
        uses: u32::from_be_bytes(*uses),
        created,
    })
}

/// The model's id (16 bytes), the length of the id, the id, the key.
fn new_credential(bytes: &[u8]) -> Option<(NewCredential<'_>, &[u8])> {
    let (_, rest) = bytes.split_first_chunk::<16>()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (id, rest) = rest.split_at_checked(length)?;
    let mut reader = Reader::new(rest);
    reader.skip()?;
    let public_key = &rest[..rest.len() - reader.rest().len()];
    let usable = (1..=LONGEST_ID).contains(&length);
    usable.then_some((NewCredential { id, public_key }, reader.rest()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A creation: 32 bytes of a hash, flags, count, 16 bytes of a model, an id of two bytes, a map in place of a key.
    fn created(flags: u8, after: &[u8]) -> Vec<u8> {
        [&[7; 32][..], &[flags], &[0, 0, 1, 2], &[0; 16], &[0, 2], b"id", &[0xa1, 1, 2], after].concat()
    }

    fn object(data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        [&b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59"[..], &length, data].concat()
    }

    #[test]
    fn authenticator_data_are_read_to_the_last_byte() {
        let plain = [&[7; 32][..], &[PRESENT], &[0, 0, 1, 2]].concat();
        let read = authenticator_data(&plain).unwrap();
        assert_eq!((read.rp_id_hash, read.present, read.verified), (&[7; 32], true, false));
        assert_eq!((read.uses, read.created), (258, None));
        let whole = created(HAS_CREDENTIAL | VERIFIED, &[]);
        let credential = authenticator_data(&whole).unwrap().created.unwrap();
        assert_eq!((credential.id, credential.public_key), (&b"id"[..], &[0xa1, 1, 2][..]));
        let extended = created(HAS_CREDENTIAL | HAS_EXTENSIONS, &[0xa1, 0x61, b'x', 0xf5]);
        assert_eq!(authenticator_data(&extended).unwrap().created, Some(credential));
        for bytes in [&plain, &whole, &extended] {
            for end in 0..bytes.len() {
                assert_eq!(authenticator_data(&bytes[..end]), None, "cut at {end}");
            }
            assert_eq!(authenticator_data(&[bytes.as_slice(), &[0]].concat()), None, "something behind it");
        }
        assert_eq!(authenticator_data(&created(HAS_CREDENTIAL | HAS_EXTENSIONS, &[0xbb; 9])), None);
        let nameless = [&[7; 32][..], &[HAS_CREDENTIAL], &[0; 4], &[0; 16], &[0, 0], &[0xa0]].concat();
        assert_eq!(authenticator_data(&nameless), None);
        let long = [&[7; 32][..], &[HAS_CREDENTIAL], &[0; 4], &[0; 16], &[4, 0], &[1; 1024], &[0xa0]].concat();
        assert_eq!(authenticator_data(&long), None);
    }

    #[test]
    fn the_authenticator_data_of_an_attestation_are_found() {
        let whole = object(b"data");
        assert_eq!(attested(&whole), Some(&b"data"[..]));
        for end in 0..whole.len() {
            assert_eq!(attested(&whole[..end]), None, "cut at {end}");
        }
        assert_eq!(attested(&[whole.as_slice(), &[0]].concat()), None, "something behind it");
        assert_eq!(attested(b"\xa2\x68authData\x41a\x68authData\x41b"), None, "twice");
        assert_eq!(attested(b"\xa1\x63fmt\x64none"), None, "missing");
        let packed = b"\xa3\x63fmt\x66packed\x67attStmt\xa2\x63alg\x26\x63x5c\x81\x41c\x68authData\x41d";
        assert_eq!(attested(packed), Some(&b"d"[..]), "what a maker attests is passed over");
        assert_eq!(attested(&vec![0xa1; 60_000]), None);
    }

    #[test]
    fn client_data_name_each_field_once() {
        let good = br#"{"type":"webauthn.get","challenge":"AA","origin":"https://a.example","more":{"a":[1]}}"#;
        let data = client_data(good).unwrap();
        assert_eq!(
            (data.kind.as_str(), data.origin.as_str(), data.cross_origin),
            ("webauthn.get", "https://a.example", false)
        );
        for bad in [
            &b""[..],
            b"[]",
            br#"{"type":"webauthn.get","challenge":"AA"}"#,
            br#"{"type":"a","type":"b","challenge":"AA","origin":"x"}"#,
            br#"{"type":1,"challenge":"AA","origin":"x"}"#,
            br#"{"type":"a","challenge":"AA","origin":"x"} {}"#,
            b"\xff\xfe",
        ] {
            assert!(client_data(bad).is_none(), "{}", String::from_utf8_lossy(bad));
        }
        assert!(client_data("[".repeat(60_000).as_bytes()).is_none());
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = (attested(&bytes), client_data(&bytes));
            if let Some(data) = authenticator_data(&bytes) {
                prop_assert_eq!(data.rp_id_hash.as_slice(), &bytes[..32]);
            }
        }

        #[test]
        fn a_broken_byte_is_read_or_refused(at in 0_usize..100, byte: u8, flags: u8) {
            let mut bytes = object(&created(flags, &[0xa1, 0x61, b'x', 0xf5]));
            if let Some(broken) = bytes.get_mut(at) {
                *broken = byte;
            }
            if let Some(data) = attested(&bytes) {
                let _ = authenticator_data(data);
            }
        }
    }
}
