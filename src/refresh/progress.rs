//! What a refresh is doing right now, for pages and terminals that watch it.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

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
    steps: Mutex<Steps>,
    sender: broadcast::Sender<Event>,
    /// Refreshes that are not written down to their end yet.
    open: watch::Sender<usize>,
}

/// What was said of the refreshes under way, or of the last one.
#[derive(Debug, Default)]
struct Steps {
    said: Vec<Event>,
    /// Refreshes that began and have not finished.
    under_way: usize,
}

impl Default for Progress {
    fn default() -> Self {
        Self { steps: Mutex::default(), sender: broadcast::Sender::new(256), open: watch::Sender::new(0) }
    }
}

/// Where a refresh stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// Whether one is under way. When none is, all that the last one brought is stored.
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
    /// Where the refresh under way stands. Whoever shows numbers beside it reads this first and them afterwards.
    pub fn standing(&self) -> Standing {
        let steps = self.lock();
        let mut standing = Standing { running: steps.under_way > 0, platforms: Vec::new() };
        for step in &steps.said {
            if let Event::Platform { platform, state, failure, .. } = step {
                standing.platforms.retain(|(id, ..)| id != platform);
                standing.platforms.push((platform, *state, failure.clone()));
            }
        }
        standing
    }

    /// The steps of the refresh under way, none when none is, and a receiver for what follows, without a gap.
    pub fn watch(&self) -> (VecDeque<Event>, broadcast::Receiver<Event>) {
        let steps = self.lock();
        let said = if steps.under_way > 0 { steps.said.clone().into() } else { VecDeque::new() };
        (said, self.sender.subscribe())
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
        let mut steps = self.lock();
        if steps.under_way == 0 {
            steps.said.clear();
        }
        steps.under_way += 1;
        self.say(steps, Event::Started { accounts });
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
        let mut steps = self.lock();
        steps.under_way = steps.under_way.saturating_sub(1);
        self.say(steps, Event::Finished { saved, failed });
    }

    fn push(&self, event: Event) {
        self.say(self.lock(), event);
    }

    fn say(&self, mut steps: MutexGuard<'_, Steps>, event: Event) {
        steps.said.push(event.clone());
        // Nobody watching is fine.
        let _ = self.sender.send(event);
    }

    fn lock(&self) -> MutexGuard<'_, Steps> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_finished_is_over_before_it_is_written_down() {
        let progress = Progress::default();
        progress.started(1);
        progress.platform("discord", State::Asking);
        assert!(progress.standing().running);
        assert_eq!(progress.watch().0.len(), 2);
        progress.finished(1, 0);
        assert!(!progress.standing().running, "who comes now is told nothing more and must not wait");
        assert!(progress.watch().0.is_empty());
    }

    #[test]
    fn the_end_of_one_refresh_is_not_the_end_of_another() {
        let progress = Progress::default();
        progress.started(1);
        progress.platform("discord", State::Asking);
        progress.started(1);
        progress.platform("twitch", State::Asking);
        progress.finished(1, 0);
        assert!(progress.standing().running);
        assert_eq!(progress.standing().platforms.len(), 2);
        assert_eq!(progress.watch().0.len(), 5);
        progress.finished(1, 0);
        progress.started(1);
        assert_eq!(progress.watch().0, [Event::Started { accounts: 1 }]);
    }
}
