//! Counting how often links are followed, a number a link and day, and how often links to the kit are opened; nothing
//! about who. Counts wait in memory and are
//! written out every few seconds and when the server stops; a visitor never waits for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, Method, header};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::state::State;
use crate::store::Store;

/// How long a count waits in memory at most.
const WRITE_EVERY: Duration = Duration::from_secs(5);
/// What programs call themselves that ask for an address without anybody following it.
const PROGRAMS: [&str; 14] = [
    "bot",
    "crawl",
    "spider",
    "slurp",
    "preview",
    "facebookexternalhit",
    "whatsapp",
    "curl/",
    "wget/",
    "python-",
    "go-http-client",
    "okhttp",
    "monitor",
    "lighthouse",
];

/// The counts that are not written yet. Cheap to clone; all clones share them.
#[derive(Clone)]
pub struct Clicks {
    waiting: Arc<Mutex<BTreeMap<(i64, Date), i64>>>,
    /// By link to the kit: how often, and the last time.
    opened: Arc<Mutex<BTreeMap<i64, (i64, Timestamp)>>>,
    /// One writes at a time, so that whoever asks next finds everything written.
    writing: Arc<tokio::sync::Mutex<()>>,
    store: Store,
}

impl Clicks {
    /// Nothing counted yet.
    pub fn new(store: Store) -> Self {
        Self { waiting: Arc::default(), opened: Arc::default(), writing: Arc::default(), store }
    }

    /// Counts one visit of a link.
    pub fn count(&self, link_id: i64, now: Timestamp) {
        self.add(&[(link_id, now.to_zoned(TimeZone::UTC).date(), 1)]);
    }

    /// Counts that a link to the kit was opened.
    pub fn opened(&self, share_id: i64, now: Timestamp) {
        self.add_opened(&[(share_id, 1, now)]);
    }

    /// Writes out what waits. It is finished even when whoever asked goes away; what can't be written waits on.
    pub async fn write(&self) {
        let clicks = self.clone();
        let written = tokio::spawn(async move { clicks.write_all().await }).await;
        if let Err(error) = written {
            tracing::error!(%error, "the counts of links could not be written");
        }
    }

    async fn write_all(&self) {
        let _turn = self.writing.lock().await;
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let counted: Vec<_> = waiting.into_iter().map(|((id, day), clicks)| (id, day, clicks)).collect();
        let opened = std::mem::take(&mut *self.opened.lock().unwrap_or_else(PoisonError::into_inner));
        let opened: Vec<_> = opened.into_iter().map(|(id, (times, last))| (id, times, last)).collect();
        if !opened.is_empty()
            && let Err(error) = self.store.add_opened(&opened).await
        {
            tracing::warn!(%error, "the counts of links to the kit wait until the database is back");
            self.add_opened(&opened);
        }
        if counted.is_empty() {
            return;
        }
        if let Err(error) = self.store.add_clicks(&counted).await {
            tracing::warn!(%error, "the counts of links wait until the database is back");
            self.add(&counted);
        }
    }

    fn add_opened(&self, opened: &[(i64, i64, Timestamp)]) {
        let mut waiting = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, times, last) in opened {
            let (all, latest) = waiting.entry(*id).or_insert((0, *last));
            *all += times;
            *latest = (*latest).max(*last);
        }
    }

    fn add(&self, counted: &[(i64, Date, i64)]) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, day, clicks) in counted {
            *waiting.entry((*id, *day)).or_default() += clicks;
        }
    }
}

/// Writes every few seconds until the server stops.
pub async fn keep(state: State) {
    let mut stopping = state.stopping.subscribe();
    let mut tick = tokio::time::interval(WRITE_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        state.clicks.write().await;
    }
}

/// Whether somebody followed the link: no HEAD, no loading ahead, no picture of another page, no known program.
pub fn is_a_visit(method: &Method, headers: &HeaderMap) -> bool {
    let value = |name: &'static str| headers.get(HeaderName::from_static(name)).and_then(|value| value.to_str().ok());
    let ahead = ["sec-purpose", "purpose", "x-purpose", "x-moz"].into_iter().filter_map(value);
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let agent = agent.to_ascii_lowercase();
    *method == Method::GET
        && !ahead.into_iter().any(|purpose| purpose.contains("prefetch") || purpose.contains("preview"))
        && value("sec-fetch-mode").is_none_or(|mode| mode == "navigate")
        && !agent.is_empty()
        && !PROGRAMS.iter().any(|name| agent.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: (&str, &str) = ("user-agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Safari/604.1");

    fn counts(method: &Method, headers: &[(&'static str, &'static str)]) -> bool {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), header::HeaderValue::from_static(value))
        };
        is_a_visit(method, &headers.iter().map(pair).collect())
    }

    #[test]
    fn only_people_who_follow_a_link_count() {
        assert!(counts(&Method::GET, &[PHONE]));
        assert!(counts(&Method::GET, &[PHONE, ("sec-fetch-mode", "navigate")]));
        assert!(!counts(&Method::HEAD, &[PHONE]));
        assert!(!counts(&Method::GET, &[]));
        for aside in [
            ("sec-purpose", "prefetch;prerender"),
            ("purpose", "prefetch"),
            ("x-moz", "prefetch"),
            ("x-purpose", "preview"),
            ("sec-fetch-mode", "no-cors"),
        ] {
            assert!(!counts(&Method::GET, &[PHONE, aside]), "{aside:?}");
        }
        for agent in [
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "facebookexternalhit/1.1",
            "WhatsApp/2.23",
            "Mozilla/5.0 (compatible; Yahoo! Slurp)",
            "curl/8.5.0",
        ] {
            assert!(!counts(&Method::GET, &[("user-agent", agent)]), "{agent}");
        }
    }
}
