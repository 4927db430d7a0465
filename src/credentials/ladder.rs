//! When a copy that failed is tried again: pauses that grow, for 30 days, then no more. Pure.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A copy that failed for longer than this is given up.
const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A wish to wait is obeyed up to this long.
const LONGEST_WISH: Duration = Duration::from_hours(24);
/// The pauses; the last one repeats.
const PAUSES: [SignedDuration; 6] = [
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(6),
    SignedDuration::from_hours(12),
];

/// The next try after `attempts` of them, the first of which was wanted at `since`; `told` is how long the other side
/// asked us to wait. `None` when it is given up.
pub fn next_try(since: Timestamp, attempts: u32, told: Option<Duration>, now: Timestamp) -> Option<Timestamp> {
    let step = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX).min(PAUSES.len() - 1);
    let told = told.map(|told| told.min(LONGEST_WISH)).and_then(|told| SignedDuration::try_from(told).ok());
    let next = now.saturating_add(PAUSES[step].max(told.unwrap_or_default())).unwrap_or(Timestamp::MAX);
    (now.duration_since(since) <= GIVEN_UP_AFTER).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_for_thirty_days_and_then_end() {
        let since = Timestamp::UNIX_EPOCH;
        let (mut now, mut attempts, mut last) = (since, 0, SignedDuration::ZERO);
        while let Some(next) = next_try(since, attempts + 1, None, now) {
            let pause = next.duration_since(now);
            assert!(pause >= last);
            (now, attempts, last) = (next, attempts + 1, pause);
        }
        assert!(now.duration_since(since) > GIVEN_UP_AFTER);
        assert!((60..70).contains(&attempts), "{attempts}");
    }

    #[test]
    fn a_wish_to_wait_is_obeyed_within_reason() {
        let now = Timestamp::UNIX_EPOCH;
        let pause = |told| next_try(now, 1, Some(told), now).unwrap().duration_since(now);
        assert_eq!(pause(Duration::from_hours(1)), SignedDuration::from_hours(1));
        assert_eq!(pause(Duration::from_hours(1000)), SignedDuration::from_hours(24));
        assert_eq!(pause(Duration::ZERO), SignedDuration::from_mins(1));
    }
}
