//! `GET /api/mediakit/refresh-events`: the refresh under way, as server-sent events.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event as SentEvent, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::schema::Problem;
use crate::domain::text::Lang;
use crate::refresh::{Event, State as Stage};
use crate::web::auth::{Admin, Refresh};
use crate::web::error::Error;
use crate::web::request_lang::ReaderLang;
use crate::web::state::State;

/// How often an idle stream shows that it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Watch a refresh.
///
/// Replays the steps of the refresh under way, then sends what follows: `started`, one `platform` event per platform
/// and state, `finished`. Each has an id and JSON data. The stream stays open for the next refresh.
#[utoipa::path(
    get,
    path = "/api/mediakit/refresh-events",
    operation_id = "watchRefresh",
    tag = "admin",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The steps, as they happen", body = String, content_type = "text/event-stream"),
        (status = 503, description = "Too many are watching", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn watch_refresh(
    _: Admin<Refresh>,
    state: State,
    ReaderLang(lang): ReaderLang,
) -> Result<Sse<impl Stream<Item = Result<SentEvent, Infallible>>>, Error> {
    let permit = state.streams.clone().try_acquire_owned().map_err(|_| Error::TooManyStreams)?;
    let watcher = Watcher::new(state, permit, lang);
    let events = unfold(watcher, async |mut watcher| watcher.next().await.map(|event| (Ok(event), watcher)));
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

struct Watcher {
    state: State,
    lang: Lang,
    replay: VecDeque<Event>,
    events: Receiver<Event>,
    stopping: watch::Receiver<bool>,
    /// Names the next event: the instant the stream began, and a number.
    began: i64,
    sent: u64,
    _permit: OwnedSemaphorePermit,
}

impl Watcher {
    fn new(state: State, permit: OwnedSemaphorePermit, lang: Lang) -> Self {
        let (replay, events) = state.refresher.progress().watch();
        let (stopping, began) = (state.stopping.subscribe(), state.clock.now().as_millisecond());
        Self { state, lang, replay, events, stopping, began, sent: 0, _permit: permit }
    }

    /// The next event; `None` when the server stops.
    async fn next(&mut self) -> Option<SentEvent> {
        loop {
            if let Some(event) = self.replay.pop_front() {
                return Some(self.event(&event));
            }
            let received = tokio::select! {
                received = self.events.recv() => received,
                _ = self.stopping.wait_for(|stop| *stop) => return None,
            };
            match received {
                Ok(event) => {
                    self.show(&event).await;
                    return Some(self.event(&event));
                }
                Err(RecvError::Lagged(_)) => {
                    (self.replay, self.events) = self.state.refresher.progress().watch();
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// Whoever is told that numbers are stored finds them on the page.
    async fn show(&self, event: &Event) {
        if matches!(event, Event::Platform { state: Stage::Saved, .. } | Event::Finished { .. }) {
            self.state.show_changes().await;
        }
    }

    fn event(&mut self, event: &Event) -> SentEvent {
        let (name, data) = self.told(event);
        self.sent += 1;
        SentEvent::default().event(name).id(format!("{}-{}", self.began, self.sent)).data(data.to_string())
    }

    fn told(&self, event: &Event) -> (&'static str, Value) {
        match event {
            Event::Started { accounts } => ("started", json!({ "accounts": accounts })),
            Event::Platform { platform, state, followers, failure } => {
                let name = self.state.platform(platform).map_or(*platform, |about| about.name);
                let data = json!({
                    "platform": platform,
                    "state": state,
                    "followers": followers,
                    "kind": failure.as_ref().map(|failure| failure.kind),
                    "detail": failure.as_ref().map(|failure| failure.kind.sentence(name, self.lang)),
                    "next_attempt_at": failure.as_ref().and_then(|failure| failure.next_attempt_at),
                });
                ("platform", data)
            }
            Event::Finished { saved, failed } => ("finished", json!({ "saved": saved, "failed": failed })),
        }
    }
}
