//! Connections under way: what was sent to a platform and has not come back, and accounts that came back and wait for
//! their owner's word. In memory only, a few of them, for minutes: whoever loses one to a restart begins again.

use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::domain::credential::{Credentials, Grant, Standing};
use crate::domain::platform::{About, Connect};
use crate::store::StoreError;

/// How long a person may take at the platform, or to decide.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// So many at a time; the oldest gives way.
const MOST: usize = 32;
const BYTES: usize = 32;

/// What was sent to a platform.
pub(super) struct Flow {
    pub session: [u8; 32],
    pub about: &'static About,
    pub way: &'static Connect,
    pub redirect_uri: String,
    pub verifier: SecretString,
    pub app: Credentials,
    pub begun_at: Timestamp,
}

/// An account that was connected and is not the profile's.
pub(super) struct Undecided {
    pub session: [u8; 32],
    pub about: &'static About,
    pub way: &'static Connect,
    pub grant: Grant,
    pub standing: Standing,
    pub since: Timestamp,
}

impl Undecided {
    /// The account's handle, as the profile writes handles.
    pub(super) fn handle(&self) -> Option<String> {
        self.standing.handle.as_deref().and_then(|handle| (self.about.normalise)(handle).ok())
    }
}

/// What a state led to.
pub(super) enum Found {
    Flow(Box<Flow>),
    Late,
    None,
}

/// Everything under way.
#[derive(Default)]
pub(super) struct Flows {
    begun: Mutex<Vec<([u8; 32], Flow)>>,
    undecided: Mutex<Vec<Undecided>>,
}

impl Flows {
    /// Remembers what was sent, by the hash of its state.
    pub(super) fn begin(&self, state: &SecretString, flow: Flow) {
        add(lock(&self.begun), (hash(state.expose_secret()), flow));
    }

    /// Takes what belongs to a state out, whatever becomes of it: a state works once. Only the session that began it, at
    /// the platform it was begun for and in time, gets it. States are compared by hash, so that the time it takes tells
    /// nothing.
    pub(super) fn take(&self, state: Option<&str>, session: [u8; 32], platform: &str, now: Timestamp) -> Found {
        let Some(wanted) = state.map(hash) else { return Found::None };
        let mut begun = lock(&self.begun);
        let Some(at) = begun.iter().position(|(known, _)| *known == wanted) else { return Found::None };
        let (_, flow) = begun.remove(at);
        if flow.session != session || flow.about.id != platform {
            return Found::None;
        }
        if in_time(flow.begun_at, now) { Found::Flow(Box::new(flow)) } else { Found::Late }
    }

    /// Keeps an account until its owner decides; an earlier one of the same platform gives way.
    pub(super) fn wait_for_decision(&self, found: Undecided) {
        let mut undecided = lock(&self.undecided);
        undecided.retain(|known| known.session != found.session || known.about.id != found.about.id);
        add(undecided, found);
    }

    /// The handle of an account that waits.
    pub(super) fn undecided(&self, session: [u8; 32], platform: &str, now: Timestamp) -> Option<String> {
        let undecided = lock(&self.undecided);
        undecided.iter().find(|known| is_of(known, session, platform, now)).and_then(Undecided::handle)
    }

    /// Takes an account that waits out.
    pub(super) fn take_undecided(&self, session: [u8; 32], platform: &str, now: Timestamp) -> Option<Undecided> {
        let mut undecided = lock(&self.undecided);
        let at = undecided.iter().position(|known| is_of(known, session, platform, now))?;
        Some(undecided.remove(at))
    }
}

fn is_of(known: &Undecided, session: [u8; 32], platform: &str, now: Timestamp) -> bool {
    known.session == session && known.about.id == platform && in_time(known.since, now)
}

fn in_time(since: Timestamp, now: Timestamp) -> bool {
    since <= now && now.duration_since(since) < PATIENCE
}

fn add<T>(mut all: MutexGuard<'_, Vec<T>>, one: T) {
    if all.len() >= MOST {
        all.remove(0);
    }
    all.push(one);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hash(state: &str) -> [u8; 32] {
    Sha256::digest(state).into()
}

/// 256 random bits for an address.
pub(super) fn random() -> Result<SecretString, StoreError> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Unexpected(Box::new(error)))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platforms::{self, Settings};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn tiktok() -> &'static About {
        let all = platforms::all(&Settings::default());
        all.iter().find(|platform| platform.about().id == "tiktok").unwrap().about()
    }

    fn begun(flows: &Flows, session: u8) -> SecretString {
        let (state, about) = (random().unwrap(), tiktok());
        let flow = Flow {
            session: [session; 32],
            about,
            way: &about.connects[0],
            redirect_uri: String::new(),
            verifier: SecretString::default(),
            app: Credentials::default(),
            begun_at: NOW,
        };
        flows.begin(&state, flow);
        state
    }

    fn found(flows: &Flows, state: &str, session: u8, platform: &str, now: Timestamp) -> &'static str {
        match flows.take(Some(state), [session; 32], platform, now) {
            Found::Flow(_) => "flow",
            Found::Late => "late",
            Found::None => "none",
        }
    }

    #[test]
    fn a_state_works_once_in_its_session_at_its_platform_and_in_time() {
        let flows = Flows::default();
        let fresh = || begun(&flows, 1).expose_secret().to_owned();
        let state = fresh();
        assert_eq!(found(&flows, &state, 1, "tiktok", NOW), "flow");
        assert_eq!(found(&flows, &state, 1, "tiktok", NOW), "none", "once");
        for (session, platform, now, ends) in [
            (2, "tiktok", NOW, "none"),
            (1, "youtube", NOW, "none"),
            (1, "tiktok", NOW + PATIENCE, "late"),
            (1, "tiktok", NOW - SignedDuration::from_secs(1), "late"),
        ] {
            let state = fresh();
            assert_eq!(found(&flows, &state, session, platform, now), ends);
            assert_eq!(found(&flows, &state, 1, "tiktok", NOW), "none", "a wrong try ends it");
        }
        assert!(matches!(flows.take(None, [1; 32], "tiktok", NOW), Found::None));
        assert_eq!(found(&flows, "", 1, "tiktok", NOW), "none");
    }

    #[test]
    fn nobody_fills_the_memory() {
        let flows = Flows::default();
        let first = begun(&flows, 1);
        for _ in 0..MOST {
            begun(&flows, 1);
        }
        assert_eq!(lock(&flows.begun).len(), MOST);
        assert_eq!(found(&flows, first.expose_secret(), 1, "tiktok", NOW), "none", "the oldest gives way");
    }
}
