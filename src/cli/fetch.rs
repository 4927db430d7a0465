//! `fetch [PLATFORM…] [--json]`: refreshes now, shows how it goes, prints what came.

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::args::Fetch;
use super::env_file::Look;
use super::handle::platform_named;
use super::stop::{Exit, Stop};
use super::token::renewal_told;
use super::{Session, print, progress, say, table};
use crate::app::App;
use crate::credentials::Attempted;
use crate::domain::account::Account;
use crate::domain::failure::Failure;
use crate::domain::lease::left_behind;
use crate::domain::metric::{Figure, Precision};
use crate::domain::number::exact_in;
use crate::domain::platform::About;
use crate::domain::snapshot::Snapshot;
use crate::domain::text::{Lang, Text};
use crate::refresh::{AccountOutcome, Outcome, RefreshError, RunReport, State, Trigger};

pub(super) async fn run(session: &Session, args: &Fetch) -> Result<Exit, Stop> {
    let lang = session.lang;
    let named: Result<Vec<&About>, Stop> = args.platforms.iter().map(|name| platform_named(name, lang)).collect();
    let named: Vec<String> = named?.iter().map(|about| about.id.to_owned()).collect();
    let app = session.app(session.logging_config("error")?).await?;
    tell_about_the_file(&app, lang);

    let creator = app.store.creator().await?;
    let accounts = app.store.accounts(creator.id).await?;
    let is_set = |id: &String| accounts.iter().any(|account| account.platform == *id);
    let (only, without): (Vec<String>, Vec<String>) = named.into_iter().partition(is_set);
    for id in &without {
        say(&no_handle(id, lang));
    }
    if only.is_empty() && !without.is_empty() {
        return Ok(Exit::Usage);
    }
    let before = app.store.kit().await?.0.snapshots;
    let report = refresh(&app, creator.id, &only, lang).await?;
    let after = app.store.accounts(creator.id).await?;
    let results: Vec<Line> =
        report.accounts.iter().filter_map(|outcome| Line::new(&app, outcome, &before, &after)).collect();
    if args.json {
        print(&as_json(&report, &results, &without, lang))?;
    } else {
        print(&as_table(&results, lang))?;
        results.iter().filter_map(|result| result.sentence(lang)).for_each(|sentence| say(&sentence));
        results.iter().filter_map(|result| result.renewal(lang)).for_each(|sentence| say(&sentence));
    }
    // Other credentials that are due, and copies that wait for another try; then nothing may be cut short.
    app.keeper.tick().await;
    app.keeper.close().await;
    app.store.close().await;
    Ok(exit(&report, without.len()))
}

/// Refreshes and shows how it goes, until the run is written down.
pub(super) async fn refresh(app: &App, creator_id: i64, only: &[String], lang: Lang) -> Result<RunReport, Stop> {
    let (_, steps) = app.refresher.progress().watch();
    let screen = tokio::spawn(progress::show(steps, lang));
    let report = app.refresher.start(creator_id, only, Trigger::Cli).await;
    match report {
        Ok(report) => {
            // A panic in what is shown must not cost the result.
            let _ = screen.await;
            app.refresher.progress().settled().await;
            Ok(report)
        }
        Err(error) => {
            screen.abort();
            Err(match error {
                RefreshError::NoHandles => Stop::usage(NO_HANDLES.get(lang)),
                RefreshError::Store(error) => Stop::Store(error),
            })
        }
    }
}

const NO_HANDLES: Text = Text::new(
    "Keine Social Media Handles konfiguriert. `mediakit handle set PLATTFORM HANDLE` setzt eines.",
    "No social media handle is set. `mediakit handle set PLATFORM HANDLE` sets one.",
);

fn no_handle(id: &str, lang: Lang) -> String {
    match lang {
        Lang::De => format!("Für {id} ist kein Handle gesetzt. `mediakit handle set {id} HANDLE` setzt eines."),
        Lang::En => format!("No handle is set for {id}. `mediakit handle set {id} HANDLE` sets one."),
    }
}

/// What is wrong with the credential file, when it is there at all.
fn tell_about_the_file(app: &App, lang: Lang) {
    let look = Look::at(&app.credentials, &app.platforms);
    if look.suffers() {
        look.sentences(lang).iter().for_each(|sentence| say(sentence));
    }
}

/// 0 when nothing failed, 1 when nothing else happened, 3 in between.
fn exit(report: &RunReport, without: usize) -> Exit {
    let bad = |outcome: &Outcome| !matches!(outcome, Outcome::Saved(_) | Outcome::Held);
    let failed = report.accounts.iter().filter(|account| bad(&account.outcome)).count();
    match (report.accounts.len() - failed, failed + without) {
        (_, 0) => Exit::All,
        (0, _) => Exit::Nothing,
        _ => Exit::Partly,
    }
}

/// What became of one account, with what people want to know about it.
struct Line<'a> {
    about: &'static About,
    handle: &'a str,
    outcome: &'a Outcome,
    renewal: Option<&'a Attempted>,
    audience: Option<i64>,
    change: Option<i64>,
    snapshot: Option<&'a Snapshot>,
    next_attempt_at: Option<Timestamp>,
}

impl<'a> Line<'a> {
    fn new(app: &App, account: &'a AccountOutcome, before: &'a [Snapshot], after: &[Account]) -> Option<Self> {
        let about = app.platforms.iter().map(|platform| platform.about()).find(|about| about.id == account.platform)?;
        let same = |snapshot: &&Snapshot| snapshot.platform == about.id && snapshot.username == account.handle;
        let old = before.iter().find(same);
        let snapshot = match &account.outcome {
            Outcome::Saved(snapshot) => Some(snapshot.as_ref()),
            _ => old,
        };
        let audience = snapshot.and_then(|snapshot| snapshot.audience(about));
        let was = old.and_then(|old| old.audience(about));
        let memory = after.iter().find(|known| known.platform == about.id).map(|known| &known.memory);
        let due = memory.and_then(|memory| memory.due_at.max(memory.wait.map(|wait| wait.until)));
        Some(Self {
            about,
            handle: &account.handle,
            outcome: &account.outcome,
            renewal: account.renewal.as_ref(),
            audience,
            change: audience.zip(was).map(|(now, was)| now - was),
            snapshot,
            next_attempt_at: next_attempt_at(&account.outcome).or(due),
        })
    }

    fn state(&self) -> State {
        match self.outcome {
            Outcome::Saved(_) => State::Saved,
            Outcome::Held => State::Held,
            Outcome::Failed(_) | Outcome::NotStored | Outcome::LeftBehind { .. } => State::Failed,
        }
    }

    fn figure(&self) -> Option<&'a Figure> {
        let figures = &self.snapshot?.figures;
        figures.get(self.about.audience).or_else(|| figures.get("followers"))
    }

    /// What became of the credentials on the way.
    fn renewal(&self, lang: Lang) -> Option<String> {
        self.renewal.map(|attempted| renewal_told(self.about, attempted, lang))
    }

    /// Why there are no new numbers and what to do.
    fn sentence(&self, lang: Lang) -> Option<String> {
        match (self.outcome, lang) {
            (Outcome::Saved(_), _) => None,
            (Outcome::Held, Lang::De) => Some(format!(
                "Die Zahl von {} ist stark gesprungen. Die alte bleibt, bis ein zweiter Abruf sie bestätigt.",
                self.about.name
            )),
            (Outcome::Held, Lang::En) => Some(format!(
                "The number of {} jumped. The old one stays until a second fetch confirms it.",
                self.about.name
            )),
            (Outcome::Failed(failure), _) => {
                let detail = failure.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
                Some(format!("{}{detail}", failure.kind.sentence(self.about.name, lang)))
            }
            (Outcome::LeftBehind { until }, _) => {
                Some(format!("{}: {}", self.about.name, left_behind(*until).get(lang)))
            }
            (Outcome::NotStored, Lang::De) => {
                Some(format!("Die Zahlen von {} ließen sich nicht speichern; die alten bleiben.", self.about.name))
            }
            (Outcome::NotStored, Lang::En) => {
                Some(format!("The numbers of {} could not be stored; the old ones stay.", self.about.name))
            }
        }
    }
}

fn next_attempt_at(outcome: &Outcome) -> Option<Timestamp> {
    match outcome {
        Outcome::Failed(failure) => failure.next_attempt_at,
        Outcome::LeftBehind { until } => Some(*until),
        _ => None,
    }
}

const fn failure(outcome: &Outcome) -> Option<&Failure> {
    match outcome {
        Outcome::Failed(failure) => Some(failure),
        _ => None,
    }
}

const HEADS_DE: [&str; 8] =
    ["Plattform", "Handle", "Reichweite", "Änderung", "Quelle", "Genauigkeit", "Stand", "nächster Abruf"];
const HEADS_EN: [&str; 8] = ["platform", "handle", "audience", "change", "source", "precision", "state", "next fetch"];

fn as_table(results: &[Line], lang: Lang) -> String {
    let heads = if lang == Lang::De { HEADS_DE } else { HEADS_EN };
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    rows.extend(results.iter().map(|result| {
        let unknown = || Text::new("keine Angabe", "n/a").get(lang).to_owned();
        let figure = result.figure();
        vec![
            result.about.id.to_owned(),
            result.handle.to_owned(),
            result.audience.map_or_else(unknown, |audience| exact_in(audience, lang)),
            result.change.map_or_else(String::new, |change| signed(change, lang)),
            figure.map_or_else(String::new, |figure| figure.origin.source.clone()),
            figure.map_or("", |figure| precision(figure.precision).get(lang)).to_owned(),
            progress::words(result.state()).get(lang).to_owned(),
            result.next_attempt_at.map_or_else(String::new, |at| format!("{} UTC", at.strftime("%Y-%m-%d %H:%M"))),
        ]
    }));
    table::columns(&rows)
}

fn signed(change: i64, lang: Lang) -> String {
    let plus = if change > 0 { "+" } else { "" };
    format!("{plus}{}", exact_in(change, lang))
}

const fn precision(precision: Precision) -> Text {
    match precision {
        Precision::Exact => Text::new("exakt", "exact"),
        Precision::Rounded => Text::new("gerundet", "rounded"),
        Precision::Approximate => Text::new("ungefähr", "approximate"),
    }
}

fn as_json(report: &RunReport, results: &[Line], without: &[String], lang: Lang) -> String {
    let mut platforms: Vec<Json> = results.iter().map(|result| one_as_json(result, lang)).collect();
    platforms.extend(without.iter().map(|id| {
        json!({"platform": id, "state": State::Failed, "error": {"kind": "not_configured", "detail": no_handle(id, lang)}})
    }));
    let failed = platforms.iter().filter(|platform| platform["state"] == json!(State::Failed)).count();
    let all = json!({"platforms": platforms, "saved": report.saved(), "failed": failed});
    format!("{all:#}\n")
}

fn one_as_json(result: &Line, lang: Lang) -> Json {
    let figure = result.figure();
    json!({
        "platform": result.about.id,
        "username": result.handle,
        "state": result.state(),
        "followers": result.audience,
        "change": result.change,
        "source": figure.map(|figure| &figure.origin.source),
        "provenance": figure.map(|figure| figure.origin.provenance),
        "api_version": figure.and_then(|figure| figure.origin.api_version.as_ref()),
        "precision": figure.map(|figure| figure.precision),
        "fetched_at": figure.map(|figure| figure.fetched_at),
        "next_attempt_at": result.next_attempt_at,
        "token_refreshed": matches!(result.renewal, Some(Attempted::Renewed(_))),
        "renewal": result.renewal(lang),
        "error": result.sentence(lang).map(|sentence| json!({
            "kind": failure(result.outcome).map(|failure| failure.kind.name()),
            "detail": sentence,
            "next_attempt_at": result.next_attempt_at,
        })),
    })
}
