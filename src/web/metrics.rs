//! What `/metrics` says, in Prometheus' text format. No label comes from outside: platforms and kinds are our own lists.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use axum::http::StatusCode;
use jiff::Timestamp;
use tokio::sync::broadcast::error::RecvError;

use super::state::State;
use crate::domain::media_kit::MediaKit;
use crate::refresh::{Event, State as Step};

/// Counters since the start.
#[derive(Debug)]
pub struct Metrics {
    started_at: Timestamp,
    /// Answers by the first digit of their status.
    answers: [AtomicU64; 6],
    /// Ended fetches by platform and outcome.
    refreshes: Mutex<BTreeMap<(&'static str, &'static str), u64>>,
}

impl Metrics {
    /// Everything at zero.
    pub fn new(started_at: Timestamp) -> Self {
        Self { started_at, answers: Default::default(), refreshes: Mutex::default() }
    }

    /// Counts an answer.
    pub fn answered(&self, status: StatusCode) {
        if let Some(class) = self.answers.get(usize::from(status.as_u16() / 100)) {
            class.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn refreshed(&self, event: &Event) {
        let Event::Platform { platform, state, failure, .. } = event else { return };
        let outcome = match state {
            Step::Saved => "saved",
            Step::Held => "held",
            Step::Failed => failure.as_ref().map_or("not_stored", |failure| failure.kind.name()),
            Step::Waiting | Step::Asking => return,
        };
        let mut refreshes = self.refreshes.lock().unwrap_or_else(PoisonError::into_inner);
        *refreshes.entry((platform, outcome)).or_default() += 1;
    }

    /// The text Prometheus reads.
    pub fn text(&self, kit: &MediaKit, now: Timestamp) -> String {
        let mut out = String::new();
        head(&mut out, "mediakit_uptime_seconds", "gauge", "Seconds since the server started.");
        line(&mut out, "mediakit_uptime_seconds", "", now.duration_since(self.started_at).as_secs());
        head(&mut out, "mediakit_http_answers_total", "counter", "Answers by class of status.");
        for (class, count) in self.answers.iter().enumerate().skip(1) {
            let label = format!("{{class=\"{class}xx\"}}");
            line(&mut out, "mediakit_http_answers_total", &label, count.load(Ordering::Relaxed));
        }
        head(&mut out, "mediakit_refresh_total", "counter", "Ended fetches by platform and outcome.");
        let refreshes = self.refreshes.lock().unwrap_or_else(PoisonError::into_inner);
        for ((platform, outcome), count) in refreshes.iter() {
            let label = format!("{{platform=\"{platform}\",outcome=\"{outcome}\"}}");
            line(&mut out, "mediakit_refresh_total", &label, count);
        }
        drop(refreshes);
        head(&mut out, "mediakit_last_success_age_seconds", "gauge", "Age of a platform's last good numbers.");
        for panel in &kit.panels {
            if let Some(snapshot) = &panel.snapshot {
                let label = format!("{{platform=\"{}\"}}", panel.about.id);
                let age = now.duration_since(snapshot.fetched_at).as_secs();
                line(&mut out, "mediakit_last_success_age_seconds", &label, age);
            }
        }
        out
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn line(out: &mut String, name: &str, labels: &str, value: impl std::fmt::Display) {
    let _ = writeln!(out, "{name}{labels} {value}");
}

/// Counts how fetches end until the task is dropped.
pub async fn watch(state: State) {
    let (_, mut events) = state.refresher.progress().watch();
    loop {
        match events.recv().await {
            Ok(event) => state.metrics.refreshed(&event),
            Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "some fetches are missing in the metrics"),
            Err(RecvError::Closed) => return,
        }
    }
}
