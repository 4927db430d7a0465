//! What may be said of instants that were remembered. Pure: who asks brings the current one.

use jiff::{SignedDuration, Timestamp};

/// Clocks of machines that share a database differ by less than this.
const SKEW: SignedDuration = SignedDuration::from_hours(1);

/// A clock that is off by more makes new tokens look old, and signatures invalid.
const MOST_OFF: SignedDuration = SignedDuration::from_mins(5);

/// Whether a clock is wrong when others are so far ahead of it.
pub fn is_off(ahead: SignedDuration) -> bool {
    ahead.abs() > MOST_OFF
}

/// The middle one of what several clocks say: a single one that is wrong itself accuses nobody.
pub fn median(mut offsets: Vec<SignedDuration>) -> Option<SignedDuration> {
    offsets.sort_unstable();
    offsets.get(offsets.len().saturating_sub(1) / 2).copied()
}

/// Whether something remembered lies so far ahead of `now` that the clock must have been set back since.
pub fn was_set_back(remembered: Timestamp, now: Timestamp) -> bool {
    remembered.duration_since(now) > SKEW
}
