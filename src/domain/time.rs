//! What may be said of instants that were remembered. Pure: who asks brings the current one.

use jiff::{SignedDuration, Timestamp};

/// Clocks of machines that share a database differ by less than this.
const SKEW: SignedDuration = SignedDuration::from_hours(1);

/// Whether something remembered lies so far ahead of `now` that the clock must have been set back since.
pub fn was_set_back(remembered: Timestamp, now: Timestamp) -> bool {
    remembered.duration_since(now) > SKEW
}
