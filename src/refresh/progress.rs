//! What a refresh is doing right now, for pages and terminals that watch it.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use tokio::sync::{broadcast, watch};

use crate::domain::failure::Failure;

/// A step of a refresh.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A refresh began.
    Started {
        /// How many accounts are asked.
        accounts: usize,
    },
    /// A platform moved on.
    Platform {
        /// The platform's id.
        platform: &'static str,
        /// Its state.
        state: State,
        /// The audience that was stored, once it was.
        followers: Option<i64>,
        /// Why it failed, once it did.
        failure: Option<Failure>,
    },
    /// Every account has ended.
    Finished {
        /// Accounts with new numbers.
        saved: usize,
        /// Accounts that keep their old numbers.
        failed: usize,
    },
}

/// Where a platform stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// In line.
    Waiting,
    /// The platform is being asked.
    Asking,
    /// New numbers are stored.
    Saved,
    /// The numbers jumped and wait for a second fetch.
    Held,
    /// The old numbers stay.
    Failed,
}

/// The steps so far and those to come.
#[derive(Debug)]
pub struct Progress {
    /// The steps of the refresh under way; emptied when the next one begins.
    steps: Mutex<Vec<Event>>,
    sender: broadcast::Sender<Event>,
    /// Refreshes that are not written down to their end yet.
    open: watch::Sender<usize>,
}

impl Default for Progress {
    fn default() -> Self {
        Self { steps: Mutex::default(), sender: broadcast::Sender::new(256), open: watch::Sender::new(0) }
    }
}

/// Where a refresh stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// Whether one is under way.
    pub running: bool,
    /// The last word on each platform of the refresh under way, or of the last one.
    pub platforms: Vec<(&'static str, State, Option<Failure>)>,
}

impl Standing {
    /// The last word on a platform.
    pub fn of(&self, platform: &str) -> Option<(State, Option<&Failure>)> {
        let found = self.platforms.iter().find(|(id, ..)| *id == platform);
        found.map(|(_, state, failure)| (*state, failure.as_ref()))
    }
}

impl Progress {
    /// Where the refresh under way stands.
    pub fn standing(&self) -> Standing {
        let mut standing = Standing { running: *self.open.borrow() > 0, platforms: Vec::new() };
        for step in &*self.steps.lock().unwrap_or_else(PoisonError::into_inner) {
            if let Event::Platform { platform, state, failure, .. } = step {
                standing.platforms.retain(|(id, ..)| id != platform);
                standing.platforms.push((platform, *state, failure.clone()));
            }
        }
        standing
    }

    /// The steps of the refresh under way (or the last one) and a receiver for what follows, without a gap.
    pub fn watch(&self) -> (Vec<Event>, broadcast::Receiver<Event>) {
        let steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        (steps.clone(), self.sender.subscribe())
    }

    /// Waits until every refresh is written down to its end; a process that stops earlier loses the end of it.
    pub async fn settled(&self) {
        // The sender lives as long as this: waiting cannot fail.
        let _ = self.open.subscribe().wait_for(|open| *open == 0).await;
    }

    /// A refresh is written down to its end.
    pub(super) fn closed(&self) {
        self.open.send_modify(|open| *open = open.saturating_sub(1));
    }

    pub(super) fn started(&self, accounts: usize) {
        self.open.send_modify(|open| *open += 1);
        self.push(Event::Started { accounts });
    }

    pub(super) fn platform(&self, platform: &'static str, state: State) {
        self.push(Event::Platform { platform, state, followers: None, failure: None });
    }

    pub(super) fn saved(&self, platform: &'static str, followers: Option<i64>) {
        self.push(Event::Platform { platform, state: State::Saved, followers, failure: None });
    }

    pub(super) fn failed(&self, platform: &'static str, failure: Option<Failure>) {
        self.push(Event::Platform { platform, state: State::Failed, followers: None, failure });
    }

    pub(super) fn finished(&self, saved: usize, failed: usize) {
        self.push(Event::Finished { saved, failed });
    }

    fn push(&self, event: Event) {
        let mut steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(event, Event::Started { .. }) && matches!(steps.last(), Some(Event::Finished { .. })) {
            steps.clear();
        }
        steps.push(event.clone());
        // Nobody watching is fine.
        let _ = self.sender.send(event);
    }
}
