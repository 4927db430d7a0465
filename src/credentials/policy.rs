//! When credentials are renewed: pure rules over the life the platform reported. Nothing here knows a lifetime by
//! heart; they have changed before.

use jiff::{SignedDuration, Timestamp};

use crate::domain::credential::{Fingerprint, Life};
use crate::domain::platform::Renewal;
use crate::domain::time::was_set_back;

/// A life shorter than this is renewed before use and not by the schedule.
pub const SHORT_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// After a renewal the schedule rests this long, whatever life was told: a life that is unknown, or shrinks with every
/// answer, must not spend token after token.
pub const REST: SignedDuration = SignedDuration::from_hours(12);

/// Pauses between failed attempts; the last one repeats.
const LADDER: [SignedDuration; 7] = [
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(15),
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(4),
    SignedDuration::from_hours(12),
    SignedDuration::from_hours(24),
];

/// When the schedule renews: at two thirds of the life, 5 % earlier or later by the values' fingerprint so that many
/// accounts do not come at once. Unknown life: as soon as the platform allows, for then it is told. `None` when never.
pub fn due_at(life: &Life, renewal: &Renewal, fingerprint: Fingerprint) -> Option<Timestamp> {
    let since = life.since?;
    let earliest = plus(since, SignedDuration::from_secs(i64::from(renewal.youngest_secs)));
    match life.expires_at {
        None if life.endless => None,
        None => Some(earliest),
        Some(end) if is_short(since, end) => {
            let until = life.renewable_until?;
            Some(part(since, until, jittered(fingerprint)).max(earliest))
        }
        Some(end) => Some(part(since, end, jittered(fingerprint)).max(earliest)),
    }
}

/// From when on a platform renews these values at all; `None` when that is not known, as after a clock was set back.
pub fn earliest(life: &Life, renewal: &Renewal, now: Timestamp) -> Option<Timestamp> {
    let since = life.since.filter(|since| !was_set_back(*since, now))?;
    Some(plus(since, SignedDuration::from_secs(i64::from(renewal.youngest_secs))))
}

/// The earliest that the schedule comes back after a renewal at `now`.
pub fn rested(now: Timestamp) -> Timestamp {
    plus(now, REST)
}

/// Whether the token for calls must be renewed before it is used now: it runs out, or the clock was set back since it
/// was granted, so that it is not known when it does.
pub fn is_stale(life: &Life, now: Timestamp) -> bool {
    if life.since.is_some_and(|since| was_set_back(since, now)) {
        return true;
    }
    match (life.since, life.expires_at) {
        (Some(since), Some(end)) if is_short(since, end) => now >= part(since, end, 0.667),
        (_, Some(end)) => now >= end,
        _ => false,
    }
}

/// When the next attempt is made after `failures` of them; a pause the platform asked for is kept.
pub fn retry_at(failures: u32, told: Option<SignedDuration>, now: Timestamp) -> Timestamp {
    let step = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX).min(LADDER.len() - 1);
    plus(now, LADDER[step].max(told.unwrap_or_default()))
}

/// Whether the token for calls lives for hours only, so that it is renewed when it is used.
pub fn is_short_lived(life: &Life) -> bool {
    life.since.zip(life.expires_at).is_some_and(|(since, end)| is_short(since, end))
}

fn is_short(since: Timestamp, end: Timestamp) -> bool {
    end.duration_since(since) <= SHORT_LIFE
}

/// The instant at a part of the way from `since` to `end`.
fn part(since: Timestamp, end: Timestamp, part: f64) -> Timestamp {
    plus(since, SignedDuration::from_secs_f64(end.duration_since(since).as_secs_f64() * part))
}

fn plus(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// Two thirds, moved by at most 5 % of itself.
fn jittered(fingerprint: Fingerprint) -> f64 {
    2.0 / 3.0 * (0.95 + fingerprint.share() * 0.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: SignedDuration = SignedDuration::from_hours(24);
    const EXTENDS: Renewal = Renewal { keys: &["A"], youngest_secs: 86_400, needs: &[], rotates: false };

    fn life(days: i64) -> Life {
        let since = Timestamp::UNIX_EPOCH;
        Life {
            since: Some(since),
            expires_at: Some(plus(since, DAY * i32::try_from(days).unwrap())),
            ..Life::default()
        }
    }

    fn after_days(at: Option<Timestamp>) -> f64 {
        at.unwrap().duration_since(Timestamp::UNIX_EPOCH).as_secs_f64() / 86_400.0
    }

    fn print(text: &str) -> Fingerprint {
        Fingerprint::parse(text).unwrap()
    }

    #[test]
    fn a_long_life_is_renewed_around_two_thirds_of_it() {
        for fingerprint in ["00000000", "8000beef", "ffffffff"] {
            let fingerprint = print(fingerprint);
            let due = after_days(due_at(&life(60), &EXTENDS, fingerprint));
            assert!((38.0..=42.0).contains(&due), "{fingerprint}: {due}");
            let shorter = after_days(due_at(&life(30), &EXTENDS, fingerprint));
            assert!((shorter * 2.0 - due).abs() < 0.01, "the reported life decides");
        }
    }

    #[test]
    fn what_the_platform_did_not_tell_is_asked_as_soon_as_it_allows() {
        let unknown = Life { since: Some(Timestamp::UNIX_EPOCH), ..Life::default() };
        assert!((after_days(due_at(&unknown, &EXTENDS, print("00000000"))) - 1.0).abs() < 1e-9);
        assert_eq!(due_at(&Life { endless: true, ..unknown }, &EXTENDS, print("00000000")), None);
    }

    #[test]
    fn a_short_life_waits_for_its_use_and_its_refresh_token_for_nobody() {
        let since = Timestamp::UNIX_EPOCH;
        let hours = |n| Some(plus(since, SignedDuration::from_hours(n)));
        let short = Life { since: Some(since), expires_at: hours(2), ..Life::default() };
        assert_eq!(due_at(&short, &EXTENDS, print("00000000")), None);
        assert!(!is_stale(&short, hours(1).unwrap()) && is_stale(&short, plus(since, SignedDuration::from_mins(81))));
        let due = after_days(due_at(&Life { renewable_until: hours(180 * 24), ..short }, &EXTENDS, print("80000000")));
        assert!((114.0..=126.0).contains(&due), "{due}");
    }

    #[test]
    fn pauses_grow_and_a_platforms_wish_is_kept() {
        let now = Timestamp::UNIX_EPOCH;
        let pause = |failures, told| retry_at(failures, told, now).duration_since(now);
        assert!((1..10).all(|n| pause(n, None) <= pause(n + 1, None)));
        assert_eq!(pause(1, Some(DAY)), DAY);
        assert_eq!(pause(u32::MAX, None), DAY);
    }
}
