//! Numbers anew: starts a refresh and shows where it stands. It goes on whoever leaves.

use askama::Template;
use axum::response::{IntoResponse as _, Response};

use super::TAB;
use crate::domain::failure::FailureKind;
use crate::domain::media_kit::Panel;
use crate::domain::number::exact_in;
use crate::domain::platform::About;
use crate::domain::text::{Lang, Text};
use crate::refresh::{RefreshError, Standing, State as Step, Trigger};
use crate::web::admin::page::{self, Shell, see};
use crate::web::admin::session::{Posted, SignedIn};
use crate::web::api::refresh::{HELD, NOT_STORED};
use crate::web::error::Error;
use crate::web::public::when;
use crate::web::state::State;

/// What a platform's state is called, by the name scripts know it by.
const STATES: [(&str, Text); 6] = [
    ("waiting", Text::new("wartet", "waiting")),
    ("asking", Text::new("fragt an", "asking")),
    ("saved", Text::new("gespeichert", "saved")),
    ("held", Text::new("wartet auf Bestätigung", "waits to be confirmed")),
    ("failed", Text::new("fehlgeschlagen", "failed")),
    ("never", Text::new("noch nicht abgefragt", "not asked yet")),
];

/// What can be done about a failure.
pub struct Next {
    pub label: &'static str,
    /// Where it is done; `None` is asking again.
    pub href: Option<String>,
}

/// One platform and where it stands.
pub struct Line {
    pub about: &'static About,
    pub handle: String,
    /// A name of [`STATES`].
    pub state: &'static str,
    pub words: &'static str,
    pub detail: String,
    pub next: Option<Next>,
}

/// Every platform of the profile and where it stands.
pub struct Board {
    /// Whether a refresh is under way.
    pub running: bool,
    /// How many of how many have ended, of the refresh under way or the last one.
    pub ended: (usize, usize),
    pub lines: Vec<Line>,
    pub states: [(&'static str, &'static str); 6],
}

impl Board {
    /// As it is now.
    pub async fn new(state: &State, lang: Lang) -> Result<Self, Error> {
        // Read first: what ends from here on is said to be under way, and the page follows it.
        let standing = state.refresher.progress().standing();
        state.faces.renew().await?;
        let kit = state.faces.kit();
        let accounts = state.store.accounts(kit.creator.id).await?;
        let entered = |panel: &&Panel| accounts.iter().any(|account| account.platform == panel.about.id);
        let lines = kit.panels.iter().filter(entered).map(|panel| line(panel, &standing, state, lang)).collect();
        let is_over = |step: &Step| matches!(step, Step::Saved | Step::Held | Step::Failed);
        let ended = standing.platforms.iter().filter(|(_, step, _)| is_over(step)).count();
        let states = STATES.map(|(name, words)| (name, words.get(lang)));
        Ok(Self { running: standing.running, ended: (ended, standing.platforms.len()), lines, states })
    }
}

fn line(panel: &Panel, standing: &Standing, state: &State, lang: Lang) -> Line {
    let now = standing.of(panel.about.id).filter(|_| standing.running).map(|(step, _)| step);
    let (name, detail, failure) = match (now, &panel.failure) {
        (Some(Step::Waiting), _) => ("waiting", String::new(), None),
        (Some(Step::Asking), _) => ("asking", String::new(), None),
        (Some(Step::Failed), None) => ("failed", NOT_STORED.get(lang).to_owned(), None),
        (_, Some(failure)) => ("failed", failure.kind.sentence(panel.about.name, lang), Some(failure)),
        (_, None) if panel.held.is_some() => ("held", HELD.get(lang).to_owned(), None),
        (_, None) if panel.snapshot.is_some() => ("saved", numbers(panel, state, lang), None),
        _ => ("never", String::new(), None),
    };
    let words = STATES.iter().find(|(known, _)| *known == name).map_or("", |(_, words)| words.get(lang));
    let later = failure.and_then(|failure| failure.next_attempt_at).map(|at| {
        let at = when::near(at, state.clock.now(), lang);
        lang.pick("Nächster Versuch {} UTC.", "Next attempt {} UTC.").replace("{}", &at)
    });
    let detail = [Some(detail), later].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let next = failure.and_then(|failure| next(failure.kind, panel.about, lang));
    Line { about: panel.about, handle: panel.handle.clone(), state: name, words, detail, next }
}

/// `104.712 Follower, heute 04:00 UTC`.
fn numbers(panel: &Panel, state: &State, lang: Lang) -> String {
    let Some(snapshot) = &panel.snapshot else { return String::new() };
    let audience = snapshot.audience(panel.about).map(|count| {
        let label = panel.about.metric(panel.about.audience).map_or("", |metric| metric.label.get(lang));
        format!("{} {label}", exact_in(count, lang))
    });
    let at = format!("{} UTC", when::near(snapshot.fetched_at, state.clock.now(), lang));
    [audience, Some(at)].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What a failure asks of the owner; `None` when there is nothing to do but wait.
fn next(kind: FailureKind, about: &About, lang: Lang) -> Option<Next> {
    use FailureKind as K;
    let link = |de, en, href: String| Some(Next { label: lang.pick(de, en), href: Some(href) });
    match kind {
        K::NotFound | K::AccountMismatch => {
            link("Handle prüfen", "Check the handle", format!("/admin/profile#handle-{}", about.id))
        }
        K::LoginWall | K::AuthExpired | K::AuthRevoked | K::Permission | K::Private | K::Blocked | K::NotConfigured => {
            link("Zugang prüfen", "Check the connection", "/admin/connections".to_owned())
        }
        K::RateLimited | K::Quota => None,
        _ => Some(Next { label: lang.pick("Noch einmal versuchen", "Try again"), href: None }),
    }
}

#[derive(Template)]
#[template(path = "admin/kit/refresh.html", whitespace = "minimize")]
struct RefreshPage {
    shell: Shell,
    board: Board,
}

/// Where the refresh stands.
pub async fn show(by: SignedIn, state: State) -> Result<Response, Error> {
    let shell = Shell::new(&by, &state, TAB, Some("mediakit"));
    page::page(&RefreshPage { shell, board: Board::new(&state, by.lang).await? }, by.lang)
}

/// Starts a refresh of one platform, or of all, and leads to where it stands. It runs on a task of its own.
pub async fn start(state: State, Posted { by, form }: Posted) -> Result<Response, Error> {
    let only = form.text("platform").map(|id| state.platform(id).ok_or(Error::NotFound)).transpose()?;
    let only: Vec<String> = only.map(|about| about.id.to_owned()).into_iter().collect();
    match state.refresh(&only, Trigger::Hand).await {
        Err(RefreshError::NoHandles) => return Ok(see(TAB).into_response()),
        started => started?,
    };
    let detail = if only.is_empty() { "all platforms".to_owned() } else { only.join(", ") };
    by.note(&state, "numbers refreshed", &detail).await;
    Ok(see(format!("{TAB}/refresh")).into_response())
}

/// Begins to fetch what was just entered, where a handle is set. That is saved, whatever becomes of this.
pub async fn first_numbers(state: &State, only: &[String]) {
    if let Err(RefreshError::Store(error)) = state.refresh(only, Trigger::Hand).await {
        tracing::error!(%error, "the first refresh could not start");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_leads_on_or_only_asks_for_patience() {
        let about = crate::platforms::all(&crate::platforms::Settings::default())[0].about();
        for kind in FailureKind::ALL {
            let next = next(*kind, about, Lang::De);
            assert_eq!(next.is_none(), kind.tells_to_wait(), "{kind:?}");
        }
    }
}
