//! What the other sides' clocks said last, by which a wrong clock of this machine shows. It decides nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::Answer;
use crate::clock::Clock;

/// How far each host was ahead of our clock when it answered last.
#[derive(Clone)]
pub(super) struct Clocks {
    ours: Clock,
    ahead: Arc<Mutex<BTreeMap<&'static str, SignedDuration>>>,
}

impl Clocks {
    pub(super) fn new(ours: Clock) -> Self {
        Self { ours, ahead: Arc::default() }
    }

    /// Our own clock.
    pub(super) fn ours(&self) -> Clock {
        self.ours.clone()
    }

    pub(super) fn note(&self, upstream: &'static str, answer: &Answer) {
        let stated = answer.stated_date().and_then(|date| TimeZone::UTC.to_timestamp(date).ok());
        if let Some(stated) = stated {
            let ahead = stated.duration_since(self.ours.now());
            self.ahead.lock().unwrap_or_else(PoisonError::into_inner).insert(upstream, ahead);
        }
    }

    pub(super) fn ahead(&self) -> Vec<SignedDuration> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner).values().copied().collect()
    }
}
