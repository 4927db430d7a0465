//! A row of the health board, ready for the template: how one platform's credentials are, in words.

use jiff::{SignedDuration, Timestamp};

use super::span;
use super::told::Told;
use crate::credentials::MirrorState;
use crate::credentials::connections::Row;
use crate::credentials::status::{Copied, NextRenewal, Status};
use crate::domain::credential::{Life, Phase};
use crate::domain::failure::Failure;
use crate::domain::platform::{About, Scope};
use crate::domain::text::{Lang, Text};
use crate::web::public::when;

/// What was just done, said beside its platform.
pub struct Note {
    pub is_good: bool,
    pub words: String,
}

impl Note {
    pub fn new(told: &Told, about: &About, lang: Lang) -> Self {
        Self { is_good: told.is_good(), words: told.words(about, lang) }
    }
}

/// One platform.
pub struct RowView {
    pub id: &'static str,
    pub name: &'static str,
    pub handle: Option<String>,
    /// Whether all is well.
    pub is_good: bool,
    pub state: String,
    pub note: Option<Note>,
    /// The last failure and the next step.
    pub trouble: Option<String>,
    pub bar: Option<Bar>,
    /// Label and value.
    pub facts: Vec<(&'static str, String)>,
    /// Permissions that are missing: the name, and what it would bring.
    pub missing: Vec<(&'static str, &'static str)>,
    pub can_renew: bool,
    /// Whether connecting is the next step.
    pub needs_owner: bool,
    /// What leads to the platform's page is called.
    pub connect: &'static str,
}

/// The life of a token from 0 to 100, and when it is renewed.
pub struct Bar {
    pub used: i64,
    pub mark: Option<i64>,
    pub words: String,
}

impl RowView {
    pub fn new(row: &Row, note: Option<Note>, may_renew: bool, now: Timestamp, lang: Lang) -> Self {
        let about = row.about;
        let status = row.status.as_ref();
        let failure = trouble_of(row);
        let phase = status.and_then(|status| status.stored.as_ref()).map(|stored| stored.phase);
        let renewal = status.map(|status| &status.renewal);
        let needs_owner = row.is_connected && phase == Some(Phase::NeedsOwner);
        let missing = missing(row);
        Self {
            id: about.id,
            name: about.name,
            handle: row.account.as_ref().map(|account| account.handle.clone()),
            is_good: row.is_connected && !needs_owner && failure.is_none() && missing.is_empty(),
            state: state(row, phase, failure.is_some(), lang).to_owned(),
            note,
            trouble: failure.map(|failure| told(about, failure, now, lang)),
            bar: status.and_then(|status| Bar::new(status, now, lang)),
            facts: if row.is_connected { facts(row, now, lang) } else { Vec::new() },
            missing: missing.iter().map(|scope| (scope.name, scope.brings.get(lang))).collect(),
            can_renew: may_renew
                && row.is_connected
                && matches!(renewal, Some(NextRenewal::At(_) | NextRenewal::BeforeUse | NextRenewal::AtFirstUse)),
            needs_owner: needs_owner || !missing.is_empty(),
            connect: connect_label(row).get(lang),
        }
    }
}

fn connect_label(row: &Row) -> Text {
    let granted = row.status.as_ref().and_then(|status| status.stored.as_ref()).map(|stored| &stored.scopes);
    let by_a_page = granted.is_some_and(|granted| row.about.way_of(granted).is_some());
    match (row.about.connects.is_empty(), row.is_connected) {
        (false, true) if by_a_page => Text::new("Neu verbinden", "Connect again"),
        (false, _) => Text::new("Verbinden", "Connect"),
        (true, true) => Text::new("Zugangsdaten", "Credentials"),
        (true, false) => Text::new("Eintragen", "Enter"),
    }
}

/// The last failure of the credentials, else of the last fetch.
fn trouble_of(row: &Row) -> Option<&Failure> {
    let stored = row.status.as_ref().and_then(|status| status.stored.as_ref()).filter(|_| row.is_connected);
    let fetched = row.account.as_ref().filter(|_| row.is_connected).and_then(|account| account.memory.failure.as_ref());
    stored.and_then(|stored| stored.failure.as_ref()).or(fetched)
}

fn missing(row: &Row) -> Vec<&'static Scope> {
    let stored = row.status.as_ref().and_then(|status| status.stored.as_ref());
    let Some(granted) = stored.map(|stored| &stored.scopes).filter(|_| row.is_connected) else { return Vec::new() };
    row.about.way_of(granted).map(|way| way.missing(granted)).unwrap_or_default()
}

fn state(row: &Row, phase: Option<Phase>, fails: bool, lang: Lang) -> &'static str {
    let renews = row.status.as_ref().is_some_and(|status| !matches!(status.renewal, NextRenewal::Never));
    match phase {
        _ if !row.is_connected => Text::new("Nicht verbunden", "Not connected"),
        None => Text::new("Eingetragen, noch nicht benutzt", "Entered, not used yet"),
        Some(Phase::Intent) => Text::new("Wird gerade erneuert", "Being renewed right now"),
        Some(Phase::Pending) => Text::new(
            "In Gebrauch, die Bestätigung der Plattform steht noch aus",
            "In use, the platform's confirmation is still to come",
        ),
        Some(Phase::InDoubt) => Text::new(
            "Ungewiss: eine Erneuerung brach ab und wird geklärt",
            "In doubt: a renewal broke off and is being sorted out",
        ),
        Some(Phase::NeedsOwner) => Text::new("Braucht dich", "Needs you"),
        Some(_) if fails => Text::new("Verbunden, aber nicht alles klappt", "Connected, but not all is well"),
        Some(_) if renews => Text::new("Verbunden, erneuert sich selbst", "Connected, renews itself"),
        Some(_) => Text::new("Verbunden", "Connected"),
    }
    .get(lang)
}

/// A failure in words, with the next attempt.
fn told(about: &About, failure: &Failure, now: Timestamp, lang: Lang) -> String {
    let sentence = failure.kind.sentence(about.name, lang);
    let next = failure.next_attempt_at.filter(|at| *at > now).map(|at| {
        Text::new(" Nächster Versuch {} UTC.", " Next attempt {} UTC.")
            .get(lang)
            .replace("{}", &when::near(at, now, lang))
    });
    format!("{sentence}{}", next.unwrap_or_default())
}

fn facts(row: &Row, now: Timestamp, lang: Lang) -> Vec<(&'static str, String)> {
    let Some(status) = &row.status else { return Vec::new() };
    let mut facts = Vec::new();
    let mut add = |label: Text, value: Option<String>| facts.extend(value.map(|value| (label.get(lang), value)));
    let stored = status.stored.as_ref();
    let life = stored.map(|stored| stored.life).unwrap_or_default();
    add(Text::new("Alter", "Age"), life.since.map(|since| span::words(now.duration_since(since), lang)));
    add(Text::new("Gilt", "Holds"), stored.and_then(|_| ends(&life, &status.renewal, now, lang)));
    add(Text::new("Erneuerbar", "Renewable"), life.renewable_until.map(|at| until(at, now, lang)));
    add(Text::new("Datenzugriff", "Data access"), life.data_access_until.map(|at| until(at, now, lang)));
    add(Text::new("Erneuerung", "Renewal"), renewal(status, now, lang));
    let checked = stored.and_then(|stored| stored.checked_at);
    add(Text::new("Geprüft", "Checked"), checked.map(|at| format!("{} UTC", when::near(at, now, lang))));
    add(Text::new("Berechtigungen", "Permissions"), permissions(row, lang));
    for copied in &status.copies {
        let place = if copied.secret.is_some() {
            Text::new("Kopie bei GitHub", "Copy at GitHub")
        } else {
            Text::new("Kopie in der Datei", "Copy in the file")
        };
        add(place, Some(copy(copied, now, lang)));
    }
    facts
}

/// Nothing is said of what neither ends nor is renewed, such as a key.
fn ends(life: &Life, renewal: &NextRenewal, now: Timestamp, lang: Lang) -> Option<String> {
    Some(match life.expires_at {
        Some(at) => until(at, now, lang),
        None if life.endless => Text::new("ohne Ende", "without an end").get(lang).to_owned(),
        None if *renewal == NextRenewal::Never => return None,
        None => Text::new("keine Angabe", "not available").get(lang).to_owned(),
    })
}

fn until(at: Timestamp, now: Timestamp, lang: Lang) -> String {
    if at <= now {
        return Text::new("abgelaufen", "run out").get(lang).to_owned();
    }
    let left = span::words(at.duration_since(now), lang);
    Text::new("noch {left}, bis {at} UTC", "{left} more, until {at} UTC")
        .get(lang)
        .replace("{left}", &left)
        .replace("{at}", &when::near(at, now, lang))
}

fn renewal(status: &Status, now: Timestamp, lang: Lang) -> Option<String> {
    Some(match &status.renewal {
        NextRenewal::Never => return None,
        NextRenewal::AtFirstUse => Text::new("beim ersten Gebrauch", "at the first use").get(lang).to_owned(),
        NextRenewal::BeforeUse => {
            Text::new("von selbst vor jedem Gebrauch", "by itself before each use").get(lang).to_owned()
        }
        NextRenewal::At(at) if *at <= now => Text::new("jetzt fällig", "due now").get(lang).to_owned(),
        NextRenewal::At(at) => format!("{} UTC", when::near(*at, now, lang)),
        NextRenewal::NeedsOwner => {
            Text::new("erst wenn du neu verbindest", "once you connect again").get(lang).to_owned()
        }
        NextRenewal::Lacks(keys) => Text::new("nicht möglich, es fehlt {}", "impossible, {} is missing")
            .get(lang)
            .replace("{}", &keys.join(", ")),
    })
}

fn permissions(row: &Row, lang: Lang) -> Option<String> {
    let granted = row.status.as_ref().and_then(|status| status.stored.as_ref()).map(|stored| &stored.scopes)?;
    let way = row.about.way_of(granted)?;
    let (all, missing) = (way.scopes.len(), way.missing(granted).len());
    let text = Text::new("{n} von {all} erlaubt", "{n} of {all} granted").get(lang);
    Some(text.replace("{n}", &(all - missing).to_string()).replace("{all}", &all.to_string()))
}

fn copy(copied: &Copied, now: Timestamp, lang: Lang) -> String {
    let since = || span::words(now.duration_since(copied.since.unwrap_or(now)), lang);
    match copied.state {
        MirrorState::Updated => Text::new("auf dem neuesten Stand", "up to date").get(lang).to_owned(),
        MirrorState::Pending => Text::new("folgt von selbst, offen seit: {}", "follows by itself, open for {}")
            .get(lang)
            .replace("{}", &since()),
        MirrorState::Failed => Text::new(
            "aufgegeben; `mediakit doctor` sagt, was zu tun ist",
            "given up; `mediakit doctor` says what to do",
        )
        .get(lang)
        .to_owned(),
        MirrorState::NotConfigured => Text::new("nicht eingerichtet", "not set up").get(lang).to_owned(),
    }
}

impl Bar {
    /// The life of the token for calls. Unknown and endless lives have no bar.
    fn new(status: &Status, now: Timestamp, lang: Lang) -> Option<Self> {
        let life = status.stored.as_ref()?.life;
        let (since, end) = life.since.zip(life.expires_at).filter(|(since, end)| since < end)?;
        let part = |at: Timestamp| {
            let whole = end.duration_since(since).as_millis();
            let passed = at.duration_since(since).max(SignedDuration::ZERO).as_millis();
            i64::try_from((passed * 100 / whole).min(100)).unwrap_or(100)
        };
        let mark = match status.renewal {
            NextRenewal::At(at) => Some(part(at)),
            // What lives for hours is renewed before a use in the last third.
            NextRenewal::BeforeUse => Some(67),
            _ => None,
        };
        let used = part(now);
        let words = match mark {
            Some(mark) => Text::new(
                "Vom Leben des Tokens sind {used} % vorbei, erneuert wird bei {mark} %.",
                "{used} % of the token's life have passed, it is renewed at {mark} %.",
            )
            .get(lang)
            .replace("{mark}", &mark.to_string()),
            None => {
                Text::new("Vom Leben des Tokens sind {used} % vorbei.", "{used} % of the token's life have passed.")
                    .get(lang)
                    .to_owned()
            }
        };
        Some(Self { used, mark, words: words.replace("{used}", &used.to_string()) })
    }
}
