//! The arrows of a renewal, one function each: what is kept before goes in, what is kept after comes out. Pure; who
//! calls them stores the result durably before anything else happens.
//!
//! ```text
//! ACTIVE(n) -intend-> INTENT -granted-> PENDING(n+1) -confirmed-> ACTIVE(n+1)
//!    ^                  | |                 |
//!    |<----declined-----+ +-doubtful-> IN_DOUBT -resolved-> ACTIVE(n)
//!    |<----rejected-------------------------+   \--lost--> NEEDS_OWNER -offered-> PENDING
//! ```
//! Pending values whose token for calls ran out before anybody could look at them are renewed on the same way: they stay
//! pending meanwhile, and the active ones what they are.

use jiff::Timestamp;

use super::policy;
use crate::domain::credential::{Credentials, Grant, Kept, Life, Phase, Standing};
use crate::domain::failure::Failure;
use crate::domain::platform::{About, Renewal};

/// So many replaced values are remembered; older ones have ended long ago.
const MOST_FORMER: usize = 64;

/// What the file or the environment held when the database had nothing.
pub fn seeded(creator_id: i64, platform: &str, generation: i64, values: Credentials, now: Timestamp) -> Kept {
    let tried = Some(values.fingerprint());
    Kept {
        creator_id,
        platform: platform.to_owned(),
        generation,
        phase: Phase::Active,
        active: values,
        fallback: None,
        pending: None,
        life: Life { since: Some(now), ..Life::default() },
        scopes: Vec::new(),
        due_at: None,
        failures: 0,
        failure: None,
        checked_at: None,
        tried,
        former: Vec::new(),
    }
}

/// A look at the active values told how long they hold.
pub fn learnt(kept: &Kept, standing: &Standing, renewal: Option<&Renewal>, now: Timestamp) -> Kept {
    let life = merged(kept.life, standing.life);
    let due_at = renewal.and_then(|renewal| policy::due_at(&life, renewal, kept.active.fingerprint()));
    let scopes = first_told([&standing.scopes, &kept.scopes]);
    Kept { life, scopes, due_at, failures: 0, failure: None, checked_at: Some(now), ..kept.clone() }
}

/// A renewal is about to be asked for.
pub fn intend(kept: &Kept) -> Kept {
    Kept { phase: Phase::Intent, ..kept.clone() }
}

/// The values that a renewal is asked for with: the pending ones, where there are any.
pub fn presented(kept: &Kept) -> Credentials {
    kept.pending.as_ref().map_or_else(|| kept.active.clone(), |pending| kept.active.with(&pending.values))
}

/// The platform granted new values.
pub fn granted(kept: &Kept, grant: Grant) -> Kept {
    let values = kept.pending.as_ref().map_or_else(|| grant.values.clone(), |old| old.values.with(&grant.values));
    Kept { phase: Phase::Pending, pending: Some(Grant { values, ..grant }), ..kept.clone() }
}

/// The owner put other values into the file. They are tried like new ones, so that a mistake costs nothing, and at once.
pub fn offered(kept: &Kept, generation: i64, values: Credentials, now: Timestamp) -> Kept {
    let tried = Some(values.fingerprint());
    let grant = Grant { values, life: Life { since: Some(now), ..Life::default() }, scopes: Vec::new() };
    // The generation of pending values is one more than the one kept.
    Kept {
        phase: Phase::Pending,
        generation: generation - 1,
        pending: Some(grant),
        tried,
        due_at: None,
        ..kept.clone()
    }
}

/// The owner connected or entered values in the panel. They are tried like new ones; what failed before, and the pause
/// after it, was another one's.
pub fn entered(kept: &Kept, grant: Grant) -> Kept {
    let kept = kept.clone();
    Kept { phase: Phase::Pending, pending: Some(grant), due_at: None, failures: 0, failure: None, ..kept }
}

/// The owner disconnected: only the app's own keys stay, for connecting again or for what it may read by itself. When
/// there is nothing but the app, it goes. What `.env.social` holds counts as tried, so that it does not come back by
/// itself.
pub fn disconnected(kept: &Kept, about: &About, in_file: &Credentials) -> Kept {
    let in_use = kept.pending.as_ref().map_or_else(|| kept.active.clone(), |grant| kept.active.with(&grant.values));
    let had_account = about.has_account_in(&in_use);
    let of_app = kept.active.iter().filter(|(key, _)| had_account && about.is_of_app(key));
    let active: Credentials = of_app.map(|(key, value)| (key.to_owned(), value.clone())).collect();
    Kept {
        generation: kept.generation.saturating_add(1),
        phase: Phase::Off,
        active,
        fallback: None,
        pending: None,
        life: Life::default(),
        scopes: Vec::new(),
        due_at: None,
        failures: 0,
        failure: None,
        checked_at: None,
        tried: Some(in_file.fingerprint()),
        ..kept.clone()
    }
}

/// The new values work: they are the active ones, and the former ones the fallback.
pub fn confirmed(kept: &Kept, standing: &Standing, renewal: Option<&Renewal>, now: Timestamp) -> Kept {
    let Some(grant) = kept.pending.clone() else { return kept.clone() };
    let active = kept.active.with(&grant.values);
    let life = merged(grant.life, standing.life);
    let due_at = renewal.and_then(|renewal| policy::due_at(&life, renewal, active.fingerprint()));
    // How long values live that the owner entered is learnt by renewing them; what was just renewed is left alone.
    let mut former = kept.former.clone();
    if let Some(renewal) = renewal.filter(|_| was_granted(kept)) {
        former.push(renewal.changed(&kept.active).fingerprint());
        former.drain(..former.len().saturating_sub(MOST_FORMER));
    }
    let due_at = due_at.map(|at| if was_granted(kept) { at.max(policy::rested(now)) } else { at });
    Kept {
        generation: kept.generation + 1,
        phase: Phase::Active,
        fallback: Some(kept.active.clone()),
        former,
        active,
        pending: None,
        life,
        scopes: first_told([
            &standing.scopes,
            &grant.scopes,
            if was_granted(kept) { &kept.scopes } else { &grant.scopes },
        ]),
        due_at,
        failures: 0,
        failure: None,
        checked_at: Some(now),
        ..kept.clone()
    }
}

/// Whether pending values can be renewed. What was granted may leave out what stays the same; what was entered must have
/// brought something of its own, or the active values would be renewed in its place.
pub fn is_renewable(kept: &Kept, renewal: &Renewal) -> bool {
    let presented = presented(kept);
    let renews = |all: &Credentials| -> Credentials {
        let own = all.iter().filter(|(key, _)| renewal.keys.iter().skip(1).any(|known| known == key));
        own.map(|(key, value)| (key.to_owned(), value.clone())).collect()
    };
    let own = renews(&presented);
    renewal.is_possible(&presented) && !own.is_empty() && (was_granted(kept) || own != renews(&kept.active))
}

/// Whether the pending values came from a renewal and not from the owner's hand.
pub fn was_granted(kept: &Kept) -> bool {
    kept.pending.as_ref().is_some_and(|grant| kept.tried != Some(grant.values.fingerprint()))
}

/// The new values do not work: the former ones stay active.
pub fn rejected(kept: &Kept, failure: Failure) -> Kept {
    Kept { phase: Phase::Active, pending: None, ..failed(kept, failure) }
}

/// The platform refused the renewal, or was certainly not reached: the values stay as they are.
pub fn declined(kept: &Kept, failure: Failure) -> Kept {
    Kept { phase: at_rest(kept), ..failed(kept, failure) }
}

/// Whether the platform acted on the renewal is not known.
pub fn doubtful(kept: &Kept, failure: Option<Failure>) -> Kept {
    let kept = Kept { phase: Phase::InDoubt, ..kept.clone() };
    failure.map_or_else(|| kept.clone(), |failure| failed(&kept, failure))
}

/// The former values still work after all. What renews them may have ended all the same: that shows when the renewal
/// is made up for, as soon as the platform does so and not only when they run out.
pub fn resolved(kept: &Kept, due_at: Timestamp, now: Timestamp) -> Kept {
    Kept { phase: at_rest(kept), due_at: Some(due_at), checked_at: Some(now), ..kept.clone() }
}

/// The phase in which no renewal is under way.
const fn at_rest(kept: &Kept) -> Phase {
    if kept.pending.is_some() { Phase::Pending } else { Phase::Active }
}

/// An attempt that neither helped nor harmed: the phase stays, the next one comes later.
pub fn postponed(kept: &Kept, failure: Failure) -> Kept {
    failed(kept, failure)
}

/// Nothing works any more; only the owner can go on.
pub fn lost(kept: &Kept, failure: Failure) -> Kept {
    Kept { phase: Phase::NeedsOwner, pending: None, due_at: None, ..failed(kept, failure) }
}

fn failed(kept: &Kept, failure: Failure) -> Kept {
    Kept {
        failures: kept.failures.saturating_add(1),
        due_at: failure.next_attempt_at.or(kept.due_at),
        failure: Some(failure),
        ..kept.clone()
    }
}

/// The permissions as whoever comes first told them.
fn first_told<const N: usize>(told: [&Vec<String>; N]) -> Vec<String> {
    told.into_iter().find(|scopes| !scopes.is_empty()).cloned().unwrap_or_default()
}

/// What a look told, over what was known before: a look that tells nothing takes nothing away.
fn merged(known: Life, told: Life) -> Life {
    Life {
        since: told.since.or(known.since),
        expires_at: told.expires_at.or(known.expires_at),
        renewable_until: told.renewable_until.or(known.renewable_until),
        data_access_until: told.data_access_until.or(known.data_access_until),
        endless: told.endless || (known.endless && told.expires_at.is_none()),
    }
}
