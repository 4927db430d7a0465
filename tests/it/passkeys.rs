//! Passkeys as an attacker sees them: every step of the two ceremonies is refused when one thing about it is wrong.

use std::net::{IpAddr, Ipv4Addr};

use jiff::SignedDuration;
use mediakit::clock::Clock;
use mediakit::domain::owner::Owner;
use mediakit::sign_in::SignIn;
use mediakit::sign_in::passkey::{Assertion, Browser, Creation, Passkeys, Purpose, Refusal};
use secrecy::SecretString;

use crate::api_server::evening;
use crate::authenticator::{Authenticator, Ceremony, Kind, PRESENT};
use crate::browser::PASSWORD;
use crate::databases::{self, Database};

const ORIGIN: &str = "https://mara.example";
const HERE: Browser = [1; 32];
const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

struct Desk {
    passkeys: Passkeys,
    clock: Clock,
    owner: Owner,
    other: Owner,
    _database: Database,
}

impl Desk {
    async fn new() -> Self {
        let database = databases::sqlite();
        let (store, clock) = (database.open().await, Clock::fixed(evening()));
        let sign_in = SignIn::new(store.clone(), clock.clone());
        let owner = sign_in.create_another("mara", SecretString::from(PASSWORD)).await.unwrap();
        let other = sign_in.create_another("ben", SecretString::from(PASSWORD)).await.unwrap();
        Self { passkeys: Passkeys::new(store, clock.clone(), ORIGIN), clock, owner, other, _database: database }
    }

    fn ceremony(&self, kind: &'static str, purpose: Purpose) -> Ceremony {
        Ceremony::at(ORIGIN, kind, self.passkeys.begin(purpose, HERE, ADDRESS).unwrap())
    }

    fn creation(&self) -> Ceremony {
        self.ceremony("webauthn.create", Purpose::Add(self.owner.id))
    }

    async fn add(&self, device: &Authenticator, ceremony: &Ceremony) -> Result<(), Refusal> {
        self.add_as(device, ceremony, &device.cose(), &HERE).await
    }

    async fn add_as(&self, device: &Authenticator, on: &Ceremony, cose: &[u8], at: &Browser) -> Result<(), Refusal> {
        let (client_data, attestation) = (on.client_data(), device.attestation(on, cose));
        let answer = Creation { client_data: &client_data, attestation: &attestation };
        self.passkeys.add(&self.owner, at, "laptop", answer).await.unwrap()
    }

    async fn check(&self, device: &mut Authenticator, ceremony: &Ceremony) -> Result<String, Refusal> {
        self.check_as(device, ceremony, &[], &HERE, |_| {}).await
    }

    async fn check_as(
        &self,
        device: &mut Authenticator,
        ceremony: &Ceremony,
        user_handle: &[u8],
        at: &Browser,
        spoil: impl Fn(&mut Vec<u8>),
    ) -> Result<String, Refusal> {
        let (authenticator_data, mut signature) = device.assertion(ceremony);
        spoil(&mut signature);
        let client_data = ceremony.client_data();
        let answer = Assertion {
            id: &device.id,
            client_data: &client_data,
            authenticator_data: &authenticator_data,
            signature: &signature,
            user_handle,
        };
        self.passkeys.check(at, answer).await.unwrap().map(|(owner, _)| owner.name)
    }
}

#[tokio::test]
async fn a_passkey_that_was_added_signs_its_owner_in() {
    let desk = Desk::new().await;
    for kind in [Kind::Es256, Kind::Ed25519] {
        let mut device = Authenticator::new(kind);
        desk.add(&device, &desk.creation()).await.unwrap();
        assert_eq!(desk.add(&device, &desk.creation()).await, Err(Refusal::Known));
        let alone = desk.ceremony("webauthn.get", Purpose::SignIn);
        let handle = Passkeys::user_handle(desk.owner.id);
        let signed_in = desk.check_as(&mut device, &alone, &handle, &HERE, |_| {}).await;
        assert_eq!(signed_in.as_deref(), Ok("mara"), "{kind:?}");
        assert_eq!(desk.check(&mut device, &alone).await, Err(Refusal::Challenge), "a challenge is good once");
        let second = Purpose::SecondStep(desk.owner.id);
        let mut unverified = desk.ceremony("webauthn.get", second);
        unverified.flags = PRESENT;
        assert!(desk.check(&mut device, &unverified).await.is_ok(), "the password stood for the owner");
    }
}

#[tokio::test]
async fn a_creation_with_one_thing_wrong_is_refused() {
    type Spoil = fn(&mut Ceremony);
    let cases: [(Spoil, Refusal); 8] = [
        (|c| c.kind = "webauthn.get", Refusal::Kind),
        (|c| c.challenge = [9; 32], Refusal::Challenge),
        (|c| c.origin = "https://mara.example.evil.example".into(), Refusal::Origin),
        (|c| c.origin = "http://mara.example".into(), Refusal::Origin),
        (|c| c.rp_id = "evil.example".into(), Refusal::Origin),
        (|c| c.cross_origin = true, Refusal::Origin),
        (|c| c.flags = 0, Refusal::Absent),
        (|c| c.flags = PRESENT, Refusal::Unverified),
    ];
    let (desk, device) = (Desk::new().await, Authenticator::new(Kind::Es256));
    for (spoil, refusal) in cases {
        let mut ceremony = desk.creation();
        spoil(&mut ceremony);
        assert_eq!(desk.add(&device, &ceremony).await, Err(refusal), "{ceremony:?}");
    }
    let ceremony = desk.creation();
    assert_eq!(desk.add_as(&device, &ceremony, &device.cose(), &[2; 32]).await, Err(Refusal::Challenge));
    for purpose in [Purpose::SignIn, Purpose::SecondStep(desk.owner.id), Purpose::Add(desk.other.id)] {
        let ceremony = desk.ceremony("webauthn.create", purpose);
        assert_eq!(desk.add(&device, &ceremony).await, Err(Refusal::Challenge), "{purpose:?}");
    }
    let late = desk.creation();
    desk.clock.advance(SignedDuration::from_mins(5));
    assert_eq!(desk.add(&device, &late).await, Err(Refusal::Challenge));
    // P-384, an unknown algorithm, a key with a name twice, a key that is none.
    let es256 = device.cose();
    let patched = |at: usize, byte: u8| {
        let mut cose = es256.clone();
        cose[at] = byte;
        cose
    };
    for cose in [patched(6, 2), patched(4, 0x25), patched(3, 1), vec![0xa0], vec![0x41, 1]] {
        assert_eq!(desk.add_as(&device, &desk.creation(), &cose, &HERE).await, Err(Refusal::Algorithm));
    }
    for length in [1, 4, 5, 6] {
        let cut = &es256[..es256.len() - length];
        assert_eq!(desk.add_as(&device, &desk.creation(), cut, &HERE).await, Err(Refusal::Malformed));
    }
    let and_more = [&es256[..], &[0]].concat();
    assert_eq!(desk.add_as(&device, &desk.creation(), &and_more, &HERE).await, Err(Refusal::Malformed));
}

#[tokio::test]
async fn a_sign_in_with_one_thing_wrong_is_refused() {
    type Spoil = fn(&mut Ceremony);
    let cases: [(Spoil, Refusal); 8] = [
        (|c| c.kind = "webauthn.create", Refusal::Kind),
        (|c| c.challenge = [9; 32], Refusal::Challenge),
        (|c| c.origin = "https://mara.example:444".into(), Refusal::Origin),
        (|c| c.origin = String::new(), Refusal::Origin),
        (|c| c.rp_id = "example".into(), Refusal::Origin),
        (|c| c.cross_origin = true, Refusal::Origin),
        (|c| c.flags = 4, Refusal::Absent),
        (|c| c.flags = PRESENT, Refusal::Unverified),
    ];
    let (desk, mut device) = (Desk::new().await, Authenticator::new(Kind::Es256));
    desk.add(&device, &desk.creation()).await.unwrap();
    let sign_in = || desk.ceremony("webauthn.get", Purpose::SignIn);
    for (spoil, refusal) in cases {
        let mut ceremony = sign_in();
        spoil(&mut ceremony);
        assert_eq!(desk.check(&mut device, &ceremony).await, Err(refusal), "{ceremony:?}");
    }
    let spoil: [fn(&mut Vec<u8>); 3] = [|s| s[10] ^= 1, Vec::clear, |s| s.extend([0; 4000])];
    for spoil in spoil {
        let spoiled = desk.check_as(&mut device, &sign_in(), &[], &HERE, spoil).await;
        assert_eq!(spoiled, Err(Refusal::Signature));
    }
    let elsewhere = desk.check_as(&mut device, &sign_in(), &[], &[2; 32], |_| {}).await;
    assert_eq!(elsewhere, Err(Refusal::Challenge));
    let others = desk.check_as(&mut device, &sign_in(), &Passkeys::user_handle(desk.other.id), &HERE, |_| {}).await;
    assert_eq!(others, Err(Refusal::Unknown));
    for purpose in [Purpose::SecondStep(desk.other.id), Purpose::Add(desk.owner.id)] {
        assert!(desk.check(&mut device, &desk.ceremony("webauthn.get", purpose)).await.is_err(), "{purpose:?}");
    }
    let mut stranger = Authenticator::new(Kind::Es256);
    assert_eq!(desk.check(&mut stranger, &sign_in()).await, Err(Refusal::Unknown));
    stranger.id.clone_from(&device.id);
    stranger.uses = 100;
    assert_eq!(desk.check(&mut stranger, &sign_in()).await, Err(Refusal::Signature));
    assert!(desk.check(&mut device, &sign_in()).await.is_ok(), "the passkey itself was not harmed");
}

#[tokio::test]
async fn a_copy_of_a_device_is_noticed() {
    let (desk, mut device) = (Desk::new().await, Authenticator::new(Kind::Es256));
    device.uses = 7;
    desk.add(&device, &desk.creation()).await.unwrap();
    let sign_in = || desk.ceremony("webauthn.get", Purpose::SignIn);
    assert!(desk.check(&mut device, &sign_in()).await.is_ok());
    for said in [7, 8] {
        device.uses = said - 1;
        assert_eq!(desk.check(&mut device, &sign_in()).await, Err(Refusal::Copied), "{said} uses");
    }
    let mut uncounted = Authenticator::new(Kind::Ed25519);
    uncounted.uses = 0;
    desk.add(&uncounted, &desk.creation()).await.unwrap();
    for _ in 0..2 {
        assert!(desk.check(&mut uncounted, &sign_in()).await.is_ok(), "many devices do not count");
    }
}
