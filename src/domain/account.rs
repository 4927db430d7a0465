//! An account: a creator's handle on a platform, with what the refresh remembers about it.

use jiff::Timestamp;

use super::failure::{Failure, FailureKind};
use super::time::was_set_back;

/// A handle on a platform, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The row's id.
    pub id: i64,
    /// Whose it is.
    pub creator_id: i64,
    /// The platform's id, for example `tiktok`.
    pub platform: String,
    /// The handle, normalised.
    pub handle: String,
    /// What the refresh remembers.
    pub memory: Memory,
}

/// What the refresh remembers of an account between two fetches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// The platform's own id of the account, pinned at the first good fetch.
    pub pinned_id: Option<String>,
    /// Until when the platform told us to wait, and why.
    pub wait: Option<Wait>,
    /// When the schedule asks next; our own pacing, which a refresh by hand ignores.
    pub due_at: Option<Timestamp>,
    /// Failures since the last good fetch.
    pub failures: u32,
    /// The last failure, cleared by the next good fetch.
    pub failure: Option<Failure>,
    /// An audience count that jumped and waits for a second fetch to agree.
    pub held: Option<Held>,
    /// When the platform was last asked.
    pub asked_at: Option<Timestamp>,
}

impl Memory {
    /// Whether the clock was set back since the platform was last asked, so that no pause here means what it meant.
    pub fn is_of_the_future(&self, now: Timestamp) -> bool {
        self.asked_at.is_some_and(|at| was_set_back(at, now))
    }
}

/// A pause the platform asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Not before this instant.
    pub until: Timestamp,
    /// Rate limit or quota.
    pub kind: FailureKind,
}

/// A count that is not shown yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The audience count that jumped.
    pub audience: i64,
    /// When it was read.
    pub at: Timestamp,
}
