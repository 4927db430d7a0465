//! Check it now: a visitor has the numbers read anew and sees the old ones beside the new ones, with their times. One
//! check at a time; a platform that was asked a moment ago, or that costs money, is not asked again for a visitor.

use std::sync::{Mutex, PoisonError};

use askama::Template;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use jiff::{SignedDuration, Timestamp};

use super::look::Look;
use super::{legal, media_kit, share, when};
use crate::domain::account::Account;
use crate::domain::media_kit::Panel;
use crate::domain::number::exact_in;
use crate::domain::text::{Lang, Text};
use crate::refresh::Trigger;
use crate::web::admin::page::{self, see};
use crate::web::admin::session::Unsigned;
use crate::web::error::Error;
use crate::web::peer::Visitor;
use crate::web::render::PAGE;
use crate::web::request_lang::ReaderLang;
use crate::web::state::State;
use crate::web::words::{Words, words};

/// Where a check is asked for and shown.
pub const CHECK: &str = "/mediakit/check";
/// A platform that was asked less long ago is not asked again for a visitor.
const FRESH: SignedDuration = SignedDuration::from_mins(15);
/// How often the page of a check that runs is asked for again, in seconds.
const AGAIN_SECS: u8 = 2;

/// The last check, kept in memory only.
#[derive(Default)]
pub struct Checks(Mutex<Option<Check>>);

/// A check: what was known before it, and which platforms it asks.
#[derive(Clone)]
struct Check {
    at: Timestamp,
    running: bool,
    platforms: Vec<(&'static str, Option<Known>, Part)>,
}

/// An audience and when it was read.
type Known = (i64, Timestamp);

/// A platform's part in a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// It is asked.
    Asked,
    /// It was asked a moment ago.
    Fresh,
    /// It asked for a pause until then.
    Waits(Timestamp),
    /// Asking costs the owner money.
    Paid,
}

impl Part {
    /// What a check that begins now may do with an account.
    fn of(panel: &Panel, account: Option<&Account>, now: Timestamp) -> Self {
        let memory = account.map(|account| &account.memory);
        let asked = memory.and_then(|memory| memory.asked_at).filter(|at| *at <= now);
        let waits = memory.and_then(|memory| memory.wait).map(|wait| wait.until).filter(|until| *until > now);
        match (panel.about.price, waits) {
            (Some(_), _) => Self::Paid,
            (None, Some(until)) => Self::Waits(until),
            (None, None) if asked.is_some_and(|at| now.duration_since(at) < FRESH) => Self::Fresh,
            (None, None) => Self::Asked,
        }
    }
}

impl Checks {
    fn last(&self) -> Option<Check> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins a check unless one runs; says whether it did.
    fn begin(&self, check: Check) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let free = !last.as_ref().is_some_and(|last| last.running);
        if free {
            *last = Some(check);
        }
        free
    }

    fn end(&self) {
        if let Some(check) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            check.running = false;
        }
    }
}

#[derive(Template)]
#[template(path = "public/check.html", whitespace = "minimize")]
struct CheckPage<'a> {
    lang: &'a str,
    l: Lang,
    w: &'static Words,
    look: Look,
    css_href: &'a str,
    other_lang_href: String,
    name: String,
    kit_href: String,
    action: String,
    /// When the check began; `None` when there was none yet.
    at: Option<String>,
    running: bool,
    again_secs: u8,
    rows: Vec<Row>,
    legal: Vec<(&'static str, String)>,
}

/// A platform with its number before and after.
struct Row {
    name: &'static str,
    handle: String,
    before: Option<(String, String)>,
    after: Option<(String, String)>,
    /// What became of it, or why it was not asked.
    words: String,
}

/// The last check, or how to ask for one.
pub async fn show(state: State, ReaderLang(l): ReaderLang) -> Result<Response, Error> {
    let kit = state.faces.kit_now().await;
    share::is_public(&state)?;
    let last = state.checks.last();
    let now = state.clock.now();
    let row = |(id, before, part): &(&'static str, Option<Known>, Part)| {
        let panel = kit.panel(id).filter(|panel| !panel.hidden)?;
        Some(row(panel, *before, *part, last.as_ref()?, now, l))
    };
    let page = CheckPage {
        lang: l.tag(),
        l,
        w: words(l),
        look: Look::of(&kit.creator),
        css_href: &state.css,
        other_lang_href: format!("?lang={}", l.other().tag()),
        name: media_kit::name(&kit, l),
        kit_href: format!("{PAGE}?lang={}", l.tag()),
        action: format!("{CHECK}?lang={}", l.tag()),
        at: last.as_ref().map(|check| format!("{} UTC", when::near(check.at, now, l))),
        running: last.as_ref().is_some_and(|check| check.running),
        again_secs: AGAIN_SECS,
        rows: last.iter().flat_map(|check| &check.platforms).filter_map(row).collect(),
        legal: legal::links(&kit, l),
    };
    let mut response = page::page(&page, l)?;
    response.headers_mut().insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    Ok(response)
}

/// Begins a check, or joins the one that runs.
pub async fn begin(
    state: State,
    ReaderLang(l): ReaderLang,
    Visitor(from): Visitor,
    _: Unsigned,
) -> Result<Response, Error> {
    let kit = state.faces.kit_now().await;
    share::is_public(&state)?;
    let now = state.clock.now();
    state.visitor_limits.checking.check(&from, now).map_err(Error::TooManyAttempts)?;
    state.visitor_limits.checking.failed(from, now);
    let accounts = state.store.accounts(kit.creator.id).await?;
    let of = |panel: &&Panel| {
        let account = accounts.iter().find(|account| account.platform == panel.about.id);
        (panel.about.id, known(panel), Part::of(panel, account, now))
    };
    let platforms: Vec<_> = kit.shown_panels().iter().map(of).collect();
    let asked: Vec<String> =
        platforms.iter().filter(|(.., part)| *part == Part::Asked).map(|(id, ..)| (*id).to_owned()).collect();
    let running = !asked.is_empty();
    if state.checks.begin(Check { at: now, running, platforms }) && running {
        let state = state.clone();
        tokio::spawn(async move {
            match state.refresh(&asked, Trigger::Visitor).await {
                Ok(shown) => drop(shown.await),
                Err(error) => tracing::warn!(%error, "a visitor's check could not be made"),
            }
            state.checks.end();
        });
    }
    Ok(see(format!("{CHECK}?lang={}", l.tag())).into_response())
}

fn known(panel: &Panel) -> Option<Known> {
    let figure = panel.snapshot.as_ref()?.figures.get(panel.about.audience)?;
    Some((figure.value.count()?, figure.fetched_at))
}

fn row(panel: &Panel, before: Option<Known>, part: Part, check: &Check, now: Timestamp, l: Lang) -> Row {
    let told = |(count, at): Known| (exact_in(count, l), format!("{} UTC", when::near(at, now, l)));
    let after = known(panel).filter(|(_, at)| *at >= check.at);
    let words = match part {
        Part::Fresh => FRESH_ENOUGH.get(l).to_owned(),
        Part::Paid => PAID.get(l).to_owned(),
        Part::Waits(until) => WAITS.get(l).replace("{}", &when::near(until, now, l)),
        Part::Asked => match (&after, &panel.failure, before) {
            (Some((count, _)), _, Some((old, _))) if *count == old => UNCHANGED.get(l).to_owned(),
            (Some(_), ..) => CONFIRMED.get(l).to_owned(),
            (None, ..) if check.running => ASKING.get(l).to_owned(),
            (None, Some(failure), _) => failure.kind.sentence(panel.about.name, l),
            (None, None, _) if panel.held.is_some() => HELD.get(l).to_owned(),
            (None, None, _) => NOTHING.get(l).to_owned(),
        },
    };
    Row {
        name: panel.about.name,
        handle: panel.handle.clone(),
        before: before.map(told),
        after: after.map(told),
        words,
    }
}

const FRESH_ENOUGH: Text = Text::new(
    "Vor weniger als 15 Minuten gefragt; öfter fragen wir nicht.",
    "Asked less than 15 minutes ago; we don't ask more often.",
);
const PAID: Text = Text::new(
    "Jede Abfrage kostet hier Geld. Die Zahl kommt mit der täglichen Aktualisierung.",
    "Every request costs money here. The number comes with the daily refresh.",
);
const WAITS: Text = Text::new(
    "Die Plattform bittet um eine Pause bis {} UTC. Danach geht es wieder.",
    "The platform asks for a pause until {} UTC. After that it works again.",
);
const UNCHANGED: Text = Text::new("Bestätigt, unverändert.", "Confirmed, unchanged.");
const CONFIRMED: Text = Text::new("Neu gelesen.", "Read anew.");
const ASKING: Text = Text::new("Wird gerade gefragt.", "Being asked right now.");
const HELD: Text = Text::new(
    "Die neue Zahl weicht stark ab und wird erst gezeigt, wenn eine zweite Abfrage sie bestätigt.",
    "The new number differs a lot and is shown once a second reading confirms it.",
);
const NOTHING: Text = Text::new("Keine neue Zahl. Die bisherige bleibt.", "No new number. The one before stays.");

#[cfg(test)]
mod tests {
    use super::*;

    fn check(running: bool) -> Check {
        Check { at: Timestamp::UNIX_EPOCH, running, platforms: Vec::new() }
    }

    #[test]
    fn one_check_runs_at_a_time() {
        let checks = Checks::default();
        assert!(checks.last().is_none() && checks.begin(check(true)));
        assert!(!checks.begin(check(true)), "the second joins the first");
        checks.end();
        assert!(checks.begin(check(true)));
    }
}
