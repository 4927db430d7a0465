//! `token status [--json]`: how each platform's credentials are. No value is ever in it.

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::renew::{copy, failure_told, lacks};
use crate::app::App;
use crate::cli::stop::{Exit, Stop};
use crate::cli::{Session, env_file, print, say, table, times};
use crate::config::RotationOwner;
use crate::credentials::MirrorState;
use crate::credentials::status::{self, Copied, NextRenewal, Status};
use crate::domain::alert::{self, Alert};
use crate::domain::credential::Phase;
use crate::domain::text::{Lang, Text};

/// A platform's status with what is to be said of it.
struct Line {
    status: Status,
    /// What needs attention, as sentences.
    concerns: Vec<String>,
}

pub(super) async fn run(session: &Session, as_json: bool) -> Result<Exit, Stop> {
    let lang = session.lang;
    let app = session.app(session.logging_config("error")?).await?;
    let now = app.clock.now();
    let alerts = alert::due(&app.watched().await?, now);
    let all = status::all(app.keeper.vault(), &app.store, &app.credentials, &app.platforms, now).await?;
    let lines: Vec<Line> =
        all.into_iter().map(|status| Line { concerns: concerns(&status, &alerts, now, lang), status }).collect();
    let file = env_file::Look::at(&app.credentials, &app.platforms);
    if as_json {
        print(&json_of(&app, &lines, &file, lang))?;
    } else {
        if lines.is_empty() {
            say(NONE.get(lang));
        } else {
            print(&table_of(&lines, now, lang))?;
            say(owner(&app).get(lang));
        }
        file.sentences(lang).iter().for_each(|sentence| say(sentence));
        lines.iter().flat_map(|line| &line.concerns).for_each(|sentence| say(sentence));
    }
    let broken = |line: &Line| line.status.stored.as_ref().is_some_and(|stored| stored.phase == Phase::NeedsOwner);
    let suffers = file.suffers() || lines.iter().any(|line| !line.concerns.is_empty());
    app.store.close().await;
    Ok(match lines.iter().filter(|line| broken(line)).count() {
        all if all == lines.len() && suffers => Exit::Nothing,
        _ if suffers => Exit::Partly,
        _ => Exit::All,
    })
}

const NONE: Text = Text::new(
    "Es sind keine Zugangsdaten hinterlegt. Kopiere .env.social.example nach .env.social und trage ein, was du hast; was \
     öffentlich ist, wird auch ohne geholt.",
    "No credentials are set. Copy .env.social.example to .env.social and fill in what you have; what is public is fetched \
     without them.",
);

fn owner(app: &App) -> Text {
    match (app.config.rotation_owner, app.keeper.may_renew()) {
        (RotationOwner::Server, true) => Text::new("Erneuert wird von hier.", "Renewals are made from here."),
        (RotationOwner::Server, false) => Text::new(
            "Erneuert wird vom Server (MEDIAKIT_ROTATION_OWNER=server); dieser Lauf liest nur.",
            "Renewals are made by the server (MEDIAKIT_ROTATION_OWNER=server); this run only reads.",
        ),
        (RotationOwner::Actions, true) => Text::new(
            "Erneuert wird von GitHub Actions, also von hier.",
            "Renewals are made by GitHub Actions, which is here.",
        ),
        (RotationOwner::Actions, false) => Text::new(
            "Erneuert wird von GitHub Actions (MEDIAKIT_ROTATION_OWNER=actions); hier wird nur gelesen.",
            "Renewals are made by GitHub Actions (MEDIAKIT_ROTATION_OWNER=actions); here they are only read.",
        ),
    }
}

fn concerns(status: &Status, alerts: &[Alert], now: Timestamp, lang: Lang) -> Vec<String> {
    let about = status.about;
    // A mirror's alert is said with the mirror, a version's by `doctor`.
    let own = |alert: &&Alert| alert.platform.as_deref() == Some(about.id) && alert.key.starts_with("credential:");
    let mut said: Vec<String> = alerts
        .iter()
        .filter(own)
        .map(|alert| format!("{} {}", alert.body.get(lang), alert.next_step.get(lang)))
        .collect();
    let failure = status.stored.as_ref().and_then(|stored| stored.failure.as_ref());
    if let Some(failure) = failure.filter(|_| !alerts.iter().filter(own).any(tells_failure)) {
        said.push(failure_told(about, failure, lang));
    }
    if let NextRenewal::Lacks(keys) = &status.renewal {
        said.push(lacks(about, keys, lang));
    }
    said.extend(status.copies.iter().filter_map(|copied| copy_told(about.name, copied, now, lang)));
    if status.edited {
        said.push(edited(about.name, lang));
    }
    if status.outdated {
        said.push(outdated(about.name, lang));
    }
    said
}

/// Whether an alert tells of the last failure already.
fn tells_failure(alert: &Alert) -> bool {
    alert.key.ends_with(":renewal") || alert.key.contains(":refused:")
}

fn edited(name: &str, lang: Lang) -> String {
    match lang {
        Lang::De => format!(
            "In .env.social stehen andere Werte für {name} als in Gebrauch sind. Beim nächsten Abruf werden sie versucht."
        ),
        Lang::En => {
            format!("The values for {name} in .env.social are not those in use. They are tried with the next fetch.")
        }
    }
}

fn outdated(name: &str, lang: Lang) -> String {
    match lang {
        Lang::De => format!(
            "In .env.social stehen Werte für {name}, die schon erneuert wurden. In Gebrauch bleiben die neuen; mediakit \
             schreibt sie beim nächsten Abruf wieder in die Datei."
        ),
        Lang::En => format!(
            "The values for {name} in .env.social have been renewed since. The newer ones stay in use; mediakit writes \
             them back into the file with the next fetch."
        ),
    }
}

fn copy_told(name: &str, copied: &Copied, now: Timestamp, lang: Lang) -> Option<String> {
    let place = copied.secret.as_ref().map_or(".env.social".to_owned(), |secret| format!("GitHub ({secret})"));
    let since = copied.since.unwrap_or(now);
    let why = copied.failure.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
    let hint = match (copied.secret.is_some(), lang) {
        (false, _) => "",
        (true, Lang::De) => " `mediakit doctor` sagt, was zu tun ist.",
        (true, Lang::En) => " `mediakit doctor` says what to do.",
    };
    let next = copied.next_at.map(times::utc).unwrap_or_default();
    Some(match (copied.state, lang) {
        (MirrorState::Updated | MirrorState::NotConfigured, _) => return None,
        (MirrorState::Pending, Lang::De) => format!(
            "{place} hat die neuen Werte von {name} seit {} noch nicht{why}. Nächster Versuch: {next}.{hint}",
            times::utc(since)
        ),
        (MirrorState::Pending, Lang::En) => format!(
            "{place} lacks the new values of {name} since {}{why}. Next attempt: {next}.{hint}",
            times::utc(since)
        ),
        (MirrorState::Failed, Lang::De) => format!(
            "{place} hat die neuen Werte von {name} seit {} nicht{why}; mediakit versucht es nicht mehr.{hint}",
            times::utc(since)
        ),
        (MirrorState::Failed, Lang::En) => format!(
            "{place} lacks the new values of {name} since {}{why}; mediakit no longer tries.{hint}",
            times::utc(since)
        ),
    })
}

const fn phase(phase: Option<Phase>) -> Text {
    match phase {
        None => Text::new("noch nicht benutzt", "not used yet"),
        Some(Phase::Active) => Text::new("aktiv", "active"),
        Some(Phase::Intent) => Text::new("wird erneuert", "being renewed"),
        Some(Phase::Pending) => Text::new("wartet auf Bestätigung", "awaiting confirmation"),
        Some(Phase::InDoubt) => Text::new("ungewiss", "in doubt"),
        Some(Phase::NeedsOwner) => Text::new("braucht dich", "needs you"),
        Some(Phase::Off) => Text::new("getrennt", "disconnected"),
    }
}

const UNREADABLE: Text = Text::new("unlesbar", "unreadable");

const HEADS: [Text; 11] = [
    Text::new("Plattform", "platform"),
    Text::new("Zustand", "state"),
    Text::new("Gen.", "gen."),
    Text::new("Alter", "age"),
    Text::new("endet", "ends"),
    Text::new("erneuerbar", "renewable"),
    Text::new("Datenzugriff", "data access"),
    Text::new("Erneuerung", "renewal"),
    Text::new("geprüft", "checked"),
    Text::new("Kennung", "fingerprint"),
    Text::new("Kopien", "copies"),
];

/// A column in which nobody has anything to say is left out.
fn table_of(lines: &[Line], now: Timestamp, lang: Lang) -> String {
    let rows: Vec<[String; 11]> = lines.iter().map(|line| row(&line.status, now, lang)).collect();
    let heads = HEADS.map(|head| head.get(lang).to_owned());
    let told: Vec<usize> = (0..HEADS.len()).filter(|at| rows.iter().any(|row| !row[*at].is_empty())).collect();
    let of = |row: &[String; 11]| told.iter().map(|at| row[*at].clone()).collect::<Vec<_>>();
    table::columns(&std::iter::once(&heads).chain(&rows).map(of).collect::<Vec<_>>())
}

fn row(status: &Status, now: Timestamp, lang: Lang) -> [String; 11] {
    let stored = status.stored.as_ref();
    let life = stored.map(|stored| stored.life).unwrap_or_default();
    let seen = |at: Option<Timestamp>| at.map(|at| times::relative(at, now, lang)).unwrap_or_default();
    let unknown = Text::new("keine Angabe", "n/a").get(lang);
    let ends = match life.expires_at {
        None if life.endless => Text::new("nie", "never").get(lang).to_owned(),
        None => unknown.to_owned(),
        at => seen(at),
    };
    let renewal = match &status.renewal {
        NextRenewal::Never => String::new(),
        NextRenewal::AtFirstUse | NextRenewal::BeforeUse => {
            Text::new("vor Gebrauch", "before use").get(lang).to_owned()
        }
        NextRenewal::At(at) if *at <= now => Text::new("fällig", "due").get(lang).to_owned(),
        NextRenewal::At(at) => seen(Some(*at)),
        NextRenewal::NeedsOwner | NextRenewal::Lacks(_) => {
            Text::new("nicht möglich", "impossible").get(lang).to_owned()
        }
    };
    let place = |copied: &Copied| {
        let place = copied.secret.as_deref().unwrap_or(".env.social");
        format!("{place}: {}", copy(copied.state, lang))
    };
    [
        status.about.id.to_owned(),
        if status.readable { phase(stored.map(|stored| stored.phase)) } else { UNREADABLE }.get(lang).to_owned(),
        stored.map(|stored| stored.generation.to_string()).unwrap_or_default(),
        life.since.map(|since| times::span(now.duration_since(since))).unwrap_or_default(),
        ends,
        seen(life.renewable_until),
        seen(life.data_access_until),
        renewal,
        seen(stored.and_then(|stored| stored.checked_at)),
        format!("fp-{}", status.fingerprint),
        status.copies.iter().map(place).collect::<Vec<_>>().join(", "),
    ]
}

fn json_of(app: &App, lines: &[Line], file: &env_file::Look, lang: Lang) -> String {
    let owner = if app.config.rotation_owner == RotationOwner::Server { "server" } else { "actions" };
    let platforms: Vec<Json> = lines.iter().map(|line| one(line, lang)).collect();
    let all = json!({
        "renewed_by": owner,
        "renews_here": app.keeper.may_renew(),
        "env_file": file.json(lang),
        "platforms": platforms,
    });
    format!("{all:#}\n")
}

fn one(told: &Line, lang: Lang) -> Json {
    let (status, stored) = (&told.status, told.status.stored.as_ref());
    let life = stored.map(|stored| stored.life).unwrap_or_default();
    let next = match status.renewal {
        NextRenewal::At(at) => Some(at),
        _ => None,
    };
    let copies: Vec<Json> = status.copies.iter().map(one_copy).collect();
    json!({
        "platform": status.about.id,
        "phase": stored.map(|stored| stored.phase.name()),
        "generation": stored.map(|stored| stored.generation),
        "fingerprint": format!("fp-{}", status.fingerprint),
        "since": life.since,
        "expires_at": life.expires_at,
        "endless": life.endless,
        "renewable_until": life.renewable_until,
        "data_access_until": life.data_access_until,
        "renewal": renewal_name(&status.renewal),
        "next_renewal_at": next,
        "checked_at": stored.and_then(|stored| stored.checked_at),
        "failures": stored.map(|stored| stored.failures),
        "failure": stored.and_then(|stored| stored.failure.as_ref()).map(|failure| json!({
            "kind": failure.kind,
            "detail": failure_told(status.about, failure, lang),
            "at": failure.at,
            "next_attempt_at": failure.next_attempt_at,
        })),
        "edited": status.edited,
        "outdated": status.outdated,
        "readable": status.readable,
        "mirrors": copies,
        "attention": told.concerns,
    })
}

const fn renewal_name(renewal: &NextRenewal) -> &'static str {
    match renewal {
        NextRenewal::Never => "never",
        NextRenewal::AtFirstUse => "at_first_use",
        NextRenewal::BeforeUse => "before_use",
        NextRenewal::At(_) => "scheduled",
        NextRenewal::NeedsOwner => "needs_owner",
        NextRenewal::Lacks(_) => "impossible",
    }
}

fn one_copy(copied: &Copied) -> Json {
    let state = match copied.state {
        MirrorState::Updated => "ok",
        MirrorState::Pending => "pending",
        MirrorState::Failed => "given_up",
        MirrorState::NotConfigured => "not_configured",
    };
    json!({
        "place": copied.secret.as_ref().map_or("env_file", |_| "github_secret"),
        "secret": copied.secret,
        "state": state,
        "since": copied.since,
        "next_attempt_at": copied.next_at,
        "failure": copied.failure,
    })
}
