//! Leases: for how long one process holds an account or its credentials, how long another waits for it, and what is
//! said when the holder seems to have ended without giving it back. Pure.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::alert::Words;

/// How long a lease outlives the longest work it is taken for.
pub const LEASE: SignedDuration = SignedDuration::from_mins(3);
/// How often another process's work is looked at, and how many times.
pub const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// See [`LOOK_AGAIN`].
pub const LOOKS: usize = 150;
/// Work that took longer than this was killed, as good as certainly: nobody waits for its end.
const LONGEST_WORK: SignedDuration = SignedDuration::from_mins(1);

/// When a lease that is taken at `now` ends.
pub fn until(now: Timestamp) -> Timestamp {
    now.saturating_add(LEASE).unwrap_or(Timestamp::MAX)
}

/// Whether the holder of a lease that ends at `until` seems to be gone.
pub fn seems_left(until: Timestamp, now: Timestamp) -> bool {
    until.duration_since(now) < LEASE - LONGEST_WORK
}

/// What is said of a lease that was left behind and ends at `until`.
pub fn left_behind(until: Timestamp) -> Words {
    let at = until.strftime("%H:%M");
    Words::new(
        format!(
            "Ein anderer Prozess war damit beschäftigt und scheint beendet worden zu sein. Um {at} UTC wird es von selbst \
             frei; versuche es danach noch einmal."
        ),
        format!(
            "Another process was working on it and seems to have ended. It frees itself at {at} UTC; try again after that."
        ),
    )
}
