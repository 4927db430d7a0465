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
