//! Passkeys (WebAuthn level 3): the ceremonies of adding one and of signing in with one, verified here. Knows no page.

mod cbor;
mod challenges;
mod data;
mod key;
mod verify;

use std::net::IpAddr;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use url::{Host, Url};

pub use challenges::{Browser, Challenge, Purpose};
pub use verify::Refusal;

use super::SignInError;
use crate::clock::Clock;
use crate::domain::audit;
use crate::domain::owner::Owner;
use crate::domain::passkey::Passkey;
use crate::store::{Store, StoreError};
use challenges::Challenges;

/// Whom passkeys are made for: they work nowhere else, which is what makes them safe against imitated pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingParty {
    /// Its id: the host's name.
    pub id: String,
    /// The one address its pages may be at.
    pub origin: String,
}

impl RelyingParty {
    /// Whom passkeys can be made for at an address: https with a name, or this machine by the name `localhost`, under
    /// which one that listens on the loopback address is reached as well. Browsers allow nothing else.
    pub fn of(public_url: &str) -> Option<Self> {
        let mut url = Url::parse(public_url).ok()?;
        let loopback = match url.host()? {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(ip) => ip.is_loopback(),
            Host::Ipv6(ip) => ip.is_loopback(),
        };
        if loopback && url.scheme() == "http" {
            url.set_host(Some("localhost")).ok()?;
        } else if url.scheme() != "https" {
            return None;
        }
        let Some(Host::Domain(id)) = url.host() else { return None };
        Some(Self { id: id.to_owned(), origin: url.origin().ascii_serialization() })
    }
}

/// What a browser answers at the creation of a passkey.
#[derive(Clone, Copy, Debug)]
pub struct Creation<'a> {
    /// The client data, JSON.
    pub client_data: &'a [u8],
    /// The attestation object, CBOR.
    pub attestation: &'a [u8],
}

/// What a browser answers at a sign-in.
#[derive(Clone, Copy, Debug)]
pub struct Assertion<'a> {
    /// The id of the passkey.
    pub id: &'a [u8],
    /// The client data, JSON.
    pub client_data: &'a [u8],
    /// The authenticator data.
    pub authenticator_data: &'a [u8],
    /// The signature of both.
    pub signature: &'a [u8],
    /// Whose passkey it is, as the authenticator remembers; empty when it does not say.
    pub user_handle: &'a [u8],
}

/// Every owner's passkeys, and the ceremonies that are under way. Cheap to clone.
#[derive(Clone)]
pub struct Passkeys {
    store: Store,
    clock: Clock,
    party: Option<Arc<RelyingParty>>,
    challenges: Arc<Challenges>,
}

impl Passkeys {
    /// The passkeys in `store`, for the address visitors use.
    pub fn new(store: Store, clock: Clock, public_url: &str) -> Self {
        Self { store, clock, party: RelyingParty::of(public_url).map(Arc::new), challenges: Arc::default() }
    }

    /// Whom they are made for; `None` where browsers allow none.
    pub fn party(&self) -> Option<&RelyingParty> {
        self.party.as_deref()
    }

    /// The algorithms asked for, by their COSE numbers.
    pub fn algorithms() -> [i64; 3] {
        key::ALGORITHMS
    }

    /// By what an authenticator remembers an owner: not their name, and the same at each passkey.
    pub fn user_handle(owner_id: i64) -> [u8; 32] {
        Sha256::digest(format!("mediakit owner {owner_id}")).into()
    }

    /// Begins a ceremony; `None` when too many are under way.
    pub fn begin(&self, purpose: Purpose, browser: Browser, address: IpAddr) -> Option<Challenge> {
        self.challenges.make(purpose, browser, address, self.clock.now())
    }

    /// Adds a passkey to an owner who is signed in. The authenticator must know its owner, so that the passkey can stand
    /// for name and password together.
    pub async fn add(
        &self,
        owner: &Owner,
        browser: &Browser,
        name: &str,
        answer: Creation<'_>,
    ) -> Result<Result<(), Refusal>, SignInError> {
        let now = self.clock.now();
        let created = match self.created(owner, browser, answer) {
            Ok(created) => created,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let passkey = Passkey {
            id: created.id,
            owner_id: owner.id,
            name: name.to_owned(),
            public_key: created.public_key,
            uses: created.uses,
            created_at: now,
            used_at: None,
        };
        match self.store.insert_passkey(&passkey).await {
            Err(StoreError::Conflict) => return Ok(Err(Refusal::Known)),
            kept => kept?,
        }
        self.store.add_audit(now, &owner.name, audit::PASSKEY_ADDED.name, name).await?;
        Ok(Ok(()))
    }

    fn created(&self, owner: &Owner, browser: &Browser, answer: Creation<'_>) -> Result<verify::Created, Refusal> {
        let party = self.party().ok_or(Refusal::Origin)?;
        let purpose = self.opened(answer.client_data, browser)?;
        if purpose != Purpose::Add(owner.id) {
            return Err(Refusal::Challenge);
        }
        verify::creation(party, answer)
    }

    /// Whose passkey answered a challenge of this browser, and what the challenge was for. Whoever has given no password
    /// must have shown the authenticator that they are its owner.
    pub async fn check(
        &self,
        browser: &Browser,
        answer: Assertion<'_>,
    ) -> Result<Result<(Owner, Purpose), Refusal>, SignInError> {
        let purpose = match self.opened(answer.client_data, browser) {
            Ok(Purpose::Add(_)) => return Ok(Err(Refusal::Challenge)),
            Ok(purpose) => purpose,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Some((passkey, owner)) = self.store.find_passkey(answer.id).await? else {
            return Ok(Err(Refusal::Unknown));
        };
        let uses = match self.asserted(purpose, &passkey, answer) {
            Ok(uses) => uses,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let grown = self.store.use_passkey(&passkey.id, uses, self.clock.now()).await?;
        Ok(if grown { Ok((owner, purpose)) } else { Err(Refusal::Copied) })
    }

    fn asserted(&self, purpose: Purpose, passkey: &Passkey, answer: Assertion<'_>) -> Result<u32, Refusal> {
        let party = self.party().ok_or(Refusal::Origin)?;
        let handle = Self::user_handle(passkey.owner_id);
        let anothers = matches!(purpose, Purpose::SecondStep(owner_id) if owner_id != passkey.owner_id);
        if anothers || !(answer.user_handle.is_empty() || answer.user_handle == handle) {
            return Err(Refusal::Unknown);
        }
        verify::assertion(party, answer, &passkey.public_key, purpose == Purpose::SignIn)
    }

    /// Takes the challenge that the client data answer out of those that are open.
    fn opened(&self, client_data: &[u8], browser: &Browser) -> Result<Purpose, Refusal> {
        let challenge = verify::challenge(client_data)?;
        self.challenges.take(&challenge, browser, self.clock.now()).ok_or(Refusal::Challenge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_are_for_names_in_secure_places() {
        let of = |url: &str| RelyingParty::of(url).map(|party| (party.id, party.origin));
        let party = |id: &str, origin: &str| Some((id.to_owned(), origin.to_owned()));
        assert_eq!(of("https://mara.example"), party("mara.example", "https://mara.example"));
        assert_eq!(of("https://mara.example:8443/"), party("mara.example", "https://mara.example:8443"));
        for url in ["http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"] {
            assert_eq!(of(url), party("localhost", "http://localhost:8080"), "{url}");
        }
        for url in ["http://mara.example", "http://192.168.1.5:8080", "https://192.168.1.5", "https://[::1]", "x", ""] {
            assert_eq!(of(url), None, "{url}");
        }
    }
}
