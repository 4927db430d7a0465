//! Alerts before anything lapses: what `domain::alert` finds is sent by webhook, mail and ntfy, each on its own. What
//! was sent is durable. It must not hold up a refresh, and no secret may enter a message or a log line.
//!
//! Whoever keeps the schedule calls [`Alerts::send_due`] once a minute, on a task of its own:
//!
//! ```ignore
//! let alerts = Alerts::new(&config.alerts, &config.public_url(bound), &http, store.clone(), clock.clone());
//! let watched = Watched {
//!     credentials: kept.iter().map(|kept| CredentialHealth::of(kept, about(&kept.platform))).collect(),
//!     mirrors: vec![MirrorHealth { name: ".env.social".to_owned(), pending_since, failure: None }],
//!     ..Watched::default()
//! };
//! tokio::spawn(async move { alerts.send_due(&watched).await });
//! ```

mod channel;
mod error;
mod mail;
mod memory;
mod message;
mod ntfy;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

pub use channel::{Channel, Channels};
pub use error::AlertError;
pub use message::Message;

use crate::clock::Clock;
use crate::config::AlertSettings;
use crate::domain::alert::{self, Alert, Sent, Step, Watched};
use crate::outbound::Outbound;
use crate::store::Store;
use channel::Way;
use memory::Memory;

/// The longest one message may take on one channel.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long the turn to send is kept: longer than a message may take.
const TURN: SignedDuration = SignedDuration::from_mins(2);

/// Sends alerts. Cheap to clone; clones share what they know.
#[derive(Clone)]
pub struct Alerts {
    channels: Channels,
    store: Store,
    clock: Clock,
    /// Held while sending, so that at most one round is under way.
    memory: Arc<Mutex<Memory>>,
}

/// One message that was tried.
#[derive(Debug)]
pub struct Delivery {
    /// The way it took.
    pub channel: Channel,
    /// The cause it tells of.
    pub key: String,
    /// What became of it.
    pub result: Result<(), AlertError>,
}

impl Alerts {
    /// Alerts over the channels that are set up; `public_url` is linked to.
    pub fn new(settings: &AlertSettings, public_url: &str, http: &Outbound, store: Store, clock: Clock) -> Self {
        let channels = Channels::new(settings, public_url, http);
        Self { channels, store, clock, memory: Arc::default() }
    }

    /// Tells every channel what is news to it. A channel that fails is tried again on a ladder and holds up no other.
    /// Gives what was tried; nothing while an earlier round still sends. No failure of the database stops it.
    pub async fn send_due(&self, watched: &Watched) -> Vec<Delivery> {
        let Ok(mut memory) = self.memory.try_lock() else { return Vec::new() };
        memory.read(&self.store).await;
        let (due, memory) = (alert::due(watched, self.clock.now()), &mut *memory);
        let rounds = self.channels.ways().iter().map(|way| self.round(way, &due, memory.of(way.channel())));
        let mut deliveries = Vec::new();
        for (delivery, change) in join_all(rounds.collect::<Vec<_>>()).await.into_iter().flatten() {
            memory.take(change);
            deliveries.extend(delivery);
        }
        deliveries
    }

    /// Sends a test by every channel that is set up.
    pub async fn send_test(&self) -> Vec<(Channel, Result<(), AlertError>)> {
        self.channels.send_test(self.clock.now()).await
    }

    async fn round(&self, way: &Way, due: &[Alert], told: Vec<Sent>) -> Vec<(Option<Delivery>, Change)> {
        let (mut done, channel) = (Vec::new(), way.channel());
        for step in alert::steps(due, &told, self.clock.now()) {
            let (alert, seen, is_new) = match step {
                Step::Forget(sent) => {
                    done.push((None, self.forget(sent).await));
                    continue;
                }
                Step::Tell(alert, Some(before)) => (alert.clone(), before.clone(), false),
                Step::Tell(alert, None) => (alert.clone(), untold(alert, channel), true),
                Step::AllClear(sent) => (alert::all_clear(sent, self.clock.now()), sent.clone(), false),
            };
            // Who cannot write it down tells all the same: it may be the very thing to tell.
            let until = plus(self.clock.now(), TURN);
            if matches!(self.store.claim_alert(&seen, is_new, until).await, Ok(false)) {
                continue;
            }
            let result = self.channels.send(way, &alert).await;
            log(channel, &alert, &result);
            let is_down = result.as_ref().is_err_and(AlertError::is_down);
            let change = self.settle(&step, seen, &alert, &result).await;
            done.push((Some(Delivery { channel, key: alert.key, result }), change));
            if is_down {
                break;
            }
        }
        done
    }

    /// Writes down what became of a message.
    async fn settle(&self, step: &Step<'_>, seen: Sent, alert: &Alert, result: &Result<(), AlertError>) -> Change {
        let now = self.clock.now();
        let row = match (result, step) {
            (Ok(()), Step::AllClear(sent)) => return self.forget(sent).await,
            (Ok(()), _) => Sent {
                name: alert.name.clone(),
                stage: alert.stage,
                sent_at: Some(now),
                failures: 0,
                next_at: now,
                ..seen
            },
            (Err(_), _) => {
                let failures = seen.failures.saturating_add(1);
                Sent { failures, next_at: alert::retry_at(failures, now), ..seen }
            }
        };
        let saved = self.store.keep_alert_sent(&row).await.is_ok();
        Change::Keep { row, saved }
    }

    async fn forget(&self, sent: &Sent) -> Change {
        let saved = self.store.delete_alert_sent(&sent.key, &sent.channel).await.is_ok();
        Change::Forget { row: sent.clone(), saved }
    }
}

/// What a round changed, and whether the database knows.
enum Change {
    Keep { row: Sent, saved: bool },
    Forget { row: Sent, saved: bool },
}

fn untold(alert: &Alert, channel: Channel) -> Sent {
    Sent {
        key: alert.key.clone(),
        channel: channel.name().to_owned(),
        name: alert.name.clone(),
        platform: alert.platform.clone(),
        stage: 0,
        sent_at: None,
        failures: 0,
        next_at: alert.at,
    }
}

fn log(channel: Channel, alert: &Alert, result: &Result<(), AlertError>) {
    let (channel, key) = (channel.name(), alert.key.as_str());
    match result {
        Ok(()) => tracing::info!(channel, key, "alert delivered"),
        Err(error) => tracing::warn!(channel, key, %error, "alert not delivered"),
    }
}

fn plus(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}
