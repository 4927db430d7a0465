//! The verification of what a browser answers at a ceremony, step by step as WebAuthn asks for (sections 7.1 and 7.2).
//! Pure: it knows neither the challenges that are open nor the passkeys there are.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use super::data::{self, AuthenticatorData, ClientData};
use super::key::PublicKey;
use super::{Assertion, Creation, RelyingParty};

/// Why a passkey was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It can't be read.
    #[error("the answer can't be read")]
    Malformed,
    /// It answers another ceremony.
    #[error("the answer is to something else")]
    Kind,
    /// It answers no open challenge of this browser.
    #[error("the challenge is not open in this browser")]
    Challenge,
    /// It was made on a page of another address, or for one.
    #[error("the answer was made for another address")]
    Origin,
    /// Nobody touched the authenticator.
    #[error("nobody was present")]
    Absent,
    /// The authenticator does not know whether it was its owner.
    #[error("the authenticator did not verify its owner")]
    Unverified,
    /// The key is of a kind we don't check.
    #[error("the key's algorithm is not supported")]
    Algorithm,
    /// The signature is not the key's.
    #[error("the signature is wrong")]
    Signature,
    /// The passkey is there already.
    #[error("the passkey is known already")]
    Known,
    /// There is no such passkey, or it is somebody else's.
    #[error("the passkey is not known")]
    Unknown,
    /// The count of uses did not grow: there may be a copy of the authenticator.
    #[error("the count of uses did not grow: there may be a copy of the authenticator")]
    Copied,
}

/// A passkey at its creation.
#[derive(Debug)]
pub(super) struct Created {
    pub(super) id: Vec<u8>,
    pub(super) public_key: Vec<u8>,
    pub(super) uses: u32,
}

/// The challenge that client data answer.
pub(super) fn challenge(client_data: &[u8]) -> Result<Vec<u8>, Refusal> {
    let data = data::client_data(client_data).ok_or(Refusal::Malformed)?;
    URL_SAFE_NO_PAD.decode(data.challenge).map_err(|_| Refusal::Malformed)
}

/// A new passkey; the challenge was looked at already.
pub(super) fn creation(party: &RelyingParty, answer: Creation<'_>) -> Result<Created, Refusal> {
    is_from(party, answer.client_data, "webauthn.create")?;
    let attested = data::attested(answer.attestation).ok_or(Refusal::Malformed)?;
    let data = data::authenticator_data(attested).ok_or(Refusal::Malformed)?;
    is_for(party, &data, true)?;
    let created = data.created.ok_or(Refusal::Malformed)?;
    PublicKey::read(created.public_key).ok_or(Refusal::Algorithm)?;
    Ok(Created { id: created.id.to_owned(), public_key: created.public_key.to_owned(), uses: data.uses })
}

/// How often the passkey says it was used; the challenge was looked at already.
pub(super) fn assertion(
    party: &RelyingParty,
    answer: Assertion<'_>,
    public_key: &[u8],
    verified: bool,
) -> Result<u32, Refusal> {
    is_from(party, answer.client_data, "webauthn.get")?;
    let data = data::authenticator_data(answer.authenticator_data).ok_or(Refusal::Malformed)?;
    is_for(party, &data, verified)?;
    let signed = [answer.authenticator_data, Sha256::digest(answer.client_data).as_slice()].concat();
    let key = PublicKey::read(public_key).ok_or(Refusal::Algorithm)?;
    if key.verifies(&signed, answer.signature) { Ok(data.uses) } else { Err(Refusal::Signature) }
}

/// The browser's side: the kind of the ceremony, and the page it was at.
fn is_from(party: &RelyingParty, client_data: &[u8], kind: &str) -> Result<(), Refusal> {
    let ClientData { kind: said, origin, cross_origin, .. } =
        data::client_data(client_data).ok_or(Refusal::Malformed)?;
    if said != kind {
        return Err(Refusal::Kind);
    }
    if origin != party.origin || cross_origin { Err(Refusal::Origin) } else { Ok(()) }
}

/// The authenticator's side: whom it answers, and who stood before it.
fn is_for(party: &RelyingParty, data: &AuthenticatorData<'_>, verified: bool) -> Result<(), Refusal> {
    if data.rp_id_hash.as_slice() != Sha256::digest(&party.id).as_slice() {
        return Err(Refusal::Origin);
    }
    if !data.present {
        return Err(Refusal::Absent);
    }
    if verified && !data.verified { Err(Refusal::Unverified) } else { Ok(()) }
}
