//! The gate: answers that are held back until somebody lets them go. Which calls wait for one another shows by it
//! without a clock: those that are held together do not.

use tokio::sync::watch;

/// Where requests wait.
#[derive(Debug, Default)]
pub struct Gate(watch::Sender<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    /// The upstreams whose answers are held.
    closed: Vec<String>,
    /// How many requests wait now.
    held: usize,
    /// How often the waiting ones were let go.
    round: u64,
}

impl Gate {
    /// Holds the answers of these upstreams from now on.
    pub fn close(&self, upstreams: &[&str]) {
        let closed = upstreams.iter().map(ToString::to_string).collect();
        self.0.send_modify(|waiting| waiting.closed = closed);
    }

    /// Lets go what waits; what comes later is held again.
    pub fn let_go(&self) {
        self.0.send_modify(|waiting| {
            waiting.held = 0;
            waiting.round += 1;
        });
    }

    /// Holds nothing any more.
    pub fn open(&self) {
        self.close(&[]);
        self.let_go();
    }

    /// Ends when so many requests are held at the same time.
    pub async fn holds(&self, requests: usize) {
        // The sender lives as long as this future.
        let _ = self.0.subscribe().wait_for(|waiting| waiting.held >= requests).await;
    }

    /// Waits while the upstream's answers are held.
    pub async fn pass(&self, upstream: &str) {
        let (mut waits, mut round) = (false, 0);
        self.0.send_if_modified(|waiting| {
            waits = waiting.closed.iter().any(|closed| closed == upstream);
            waiting.held += usize::from(waits);
            round = waiting.round;
            waits
        });
        if waits {
            let _ = self.0.subscribe().wait_for(|waiting| waiting.round > round).await;
        }
    }
}
