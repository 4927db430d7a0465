//! The words of alerts, short and for a person: what happens, until when, what to do next.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::news::Sent;
use super::rules::blank;
use super::{Alert, Severity, Words};
use crate::domain::failure::FailureKind;
use crate::domain::share::Request;
use crate::domain::text::{Lang, Text};

/// A name longer than this is cut, in characters.
const LONGEST_NAME: usize = 80;
/// So many who ask are named.
const MOST_NAMED: usize = 5;

/// What to do about a clock that is wrong.
pub const SET_CLOCK: Text = Text::new(
    "Führe aus: `sudo timedatectl set-ntp true`. Ein Container hat die Uhr des Rechners, auf dem er läuft: stelle sie dort.",
    "Run `sudo timedatectl set-ntp true`. A container has the clock of the machine it runs on: set it there.",
);

/// What an alert says.
pub(super) struct Said {
    pub(super) title: Words,
    pub(super) body: Words,
    pub(super) next_step: Words,
}

impl Said {
    fn new(title: Words, body: Words, next_step: Words) -> Self {
        Self { title, body, next_step }
    }
}

/// Tells that nothing is left of a cause and of what it was about.
pub fn all_clear(sent: &Sent, now: Timestamp) -> Alert {
    let name = plain(&sent.name);
    let said = Said::new(
        Words::new(format!("{name}: alles wieder gut"), format!("{name}: all is well again")),
        Words::new(
            format!("Was zu {name} gemeldet war, ist erledigt."),
            format!("What was reported about {name} is settled."),
        ),
        Words::new("Du musst nichts tun.", "Nothing to do."),
    );
    let platform = sent.platform.clone();
    Alert { severity: Severity::Resolved, platform, ..blank(sent.key.clone(), &name, now) }.saying(said)
}

/// A test that goes to every channel.
pub fn test(now: Timestamp) -> Alert {
    blank("test".to_owned(), "mediakit", now).saying(Said::new(
        Words::new("mediakit: Probe", "mediakit: test"),
        Words::new(
            "So sieht es aus, wenn mediakit dir etwas sagen muss.",
            "This is what it looks like when mediakit has to tell you something.",
        ),
        Words::new("Du musst nichts tun: Dieser Weg funktioniert.", "Nothing to do: this channel works."),
    ))
}

pub(super) fn none() -> Words {
    Words::new("", "")
}

pub(super) fn expires(name: &str, until: Timestamp, days: i64) -> Said {
    let (de, en) = day(until);
    let body = if days > 0 {
        Words::new(
            format!("Der Zugang zu {name} endet am {de} und lässt sich nicht von selbst erneuern."),
            format!("The access to {name} ends on {en} and can't be renewed by itself."),
        )
    } else {
        Words::new(
            format!("Der Zugang zu {name} endete am {de}. Die letzten guten Zahlen bleiben stehen und altern."),
            format!("The access to {name} ended on {en}. The last good numbers stay and grow old."),
        )
    };
    Said::new(ends_in(name, "Zugang", "access", days), body, connect(name))
}

pub(super) fn data_access(name: &str, until: Timestamp, days: i64) -> Said {
    let (de, en) = day(until);
    let (de_ends, en_ends) = if days > 0 { ("endet", "ends") } else { ("endete", "ended") };
    let body = Words::new(
        format!("Die Erlaubnis, Daten von {name} zu lesen, {de_ends} am {de}. Nur du kannst sie erneuern."),
        format!("The permission to read data from {name} {en_ends} on {en}. Only you can renew it."),
    );
    Said::new(ends_in(name, "Datenzugriff", "data access", days), body, connect(name))
}

/// Stages as in `rules::renewal_trouble`.
pub(super) fn renewal(name: &str, stage: u32, end: Option<Timestamp>, why: Option<FailureKind>) -> Said {
    let because = |lang| why.map(|kind| format!(" {}", kind.sentence(name, lang))).unwrap_or_default();
    let (because_de, because_en) = (because(Lang::De), because(Lang::En));
    let (until_de, until_en) = end.map(day).map_or_else(Default::default, |(de, en)| {
        (format!(" Ohne Erneuerung endet er am {de}."), format!(" Without renewal it ends on {en}."))
    });
    match stage {
        4 => Said::new(
            Words::new(
                format!("{name}: Zugang gilt nicht mehr, du wirst gebraucht"),
                format!("{name}: access no longer works, you are needed"),
            ),
            Words::new(
                format!("Weder alte noch neue Zugangsdaten für {name} gelten.{because_de}"),
                format!("Neither the old nor the new credentials for {name} work.{because_en}"),
            ),
            connect(name),
        ),
        3 => Said::new(
            Words::new(format!("{name}: Zugang ist ungewiss"), format!("{name}: access is in doubt")),
            Words::new(
                format!("Eine Erneuerung brach ab; ob der Zugang zu {name} noch gilt, wird geprüft.{because_de}"),
                format!("A renewal broke off; whether the access to {name} still works is being checked.{because_en}"),
            ),
            Words::new(
                "Sieh unter Verbindungen nach, ob es sich geklärt hat; wenn nicht, verbinde das Konto neu.",
                "See under connections whether it has settled; if not, connect the account again.",
            ),
        ),
        _ => Said::new(
            if stage == 2 {
                Words::new(
                    format!("{name}: Erneuerung des Zugangs überfällig"),
                    format!("{name}: renewal of access overdue"),
                )
            } else {
                Words::new(
                    format!("{name}: Erneuerung des Zugangs schlägt fehl"),
                    format!("{name}: renewal of access keeps failing"),
                )
            },
            Words::new(
                format!("Der Zugang zu {name} ließ sich nicht erneuern.{until_de}{because_de}"),
                format!("The access to {name} could not be renewed.{until_en}{because_en}"),
            ),
            Words::new(
                "mediakit versucht es weiter. Bleibt es dabei, verbinde das Konto unter Verbindungen neu.",
                "mediakit goes on trying. If it stays that way, connect the account again under connections.",
            ),
        ),
    }
}

/// Values that were entered by hand and not taken; of another account, when the platform said whose they are.
pub(super) fn refused(name: &str, another_account: bool) -> Said {
    let title = Words::new(
        format!("{name}: Werte aus .env.social abgelehnt"),
        format!("{name}: values from .env.social refused"),
    );
    if another_account {
        return Said::new(
            title,
            Words::new(
                format!(
                    "Die Zugangsdaten für {name} in .env.social gehören zu einem anderen Konto; die bisherigen bleiben."
                ),
                format!("The credentials for {name} in .env.social belong to another account; those from before stay."),
            ),
            Words::new(
                "Melde dich bei der Plattform mit dem Konto aus dem Profil an und hole dort neue Werte.",
                "Sign in at the platform with the account of the profile and get new values there.",
            ),
        );
    }
    Said::new(
        title,
        Words::new(
            format!("{name} nimmt die von Hand geänderten Zugangsdaten nicht an; die bisherigen bleiben in Gebrauch."),
            format!("{name} does not accept the credentials edited by hand; those from before stay in use."),
        ),
        Words::new("Prüfe die Werte in .env.social.", "Check the values in .env.social."),
    )
}

pub(super) fn unreadable(name: &str) -> Said {
    Said::new(
        Words::new(
            format!("{name}: gespeicherte Zugangsdaten unlesbar"),
            format!("{name}: stored credentials unreadable"),
        ),
        Words::new(
            format!(
                "Die Zugangsdaten für {name} in der Datenbank lassen sich nicht öffnen; die aller anderen gelten weiter. \
                 Bis dahin gilt, was in .env.social steht, und wird nicht erneuert."
            ),
            format!(
                "The credentials for {name} in the database can't be opened; all others go on. Until that is mended, \
                 what is in .env.social is used and not renewed."
            ),
        ),
        Words::new(
            "Spiele eine Sicherung der Datenbank mit dem Schlüssel ein, der zu ihr gehört: `mediakit restore DATEI`.",
            "Restore a backup of the database and the key that belongs to it: `mediakit restore FILE`.",
        ),
    )
}

pub(super) fn clock(ahead: SignedDuration) -> Said {
    let hours = ahead.abs().as_hours();
    let by = if hours < 2 { format!("{} min", ahead.abs().as_mins()) } else { format!("{hours} h") };
    let (de, en) = if ahead.is_positive() { ("nach", "slow") } else { ("vor", "fast") };
    Said::new(
        Words::new("Die Uhr dieses Rechners geht falsch", "This machine's clock is wrong"),
        Words::new(
            format!(
                "Die Uhr dieses Rechners geht {by} {de}, sagen die Plattformen. Zugangsdaten werden so zu früh oder zu spät \
                 erneuert."
            ),
            format!(
                "This machine's clock is {by} {en}, the platforms say. Credentials are renewed too early or too late that \
                 way."
            ),
        ),
        SET_CLOCK.into(),
    )
}

pub(super) fn mirror(name: &str, since: Timestamp, given_up: bool, why: Option<&Words>) -> Said {
    let (de, en) = day(since);
    let why = |lang| why.map(|words| format!(" {}", plain_text(words.get(lang)))).unwrap_or_default();
    let (title, next_step) = if given_up {
        (
            Words::new(format!("{name}: Spiegel aufgegeben"), format!("{name}: mirror given up")),
            Words::new(
                "mediakit versucht es nicht mehr. Behebe die Ursache und stoße es unter Verbindungen neu an.",
                "mediakit no longer tries. Remove the cause and start it again under connections.",
            ),
        )
    } else {
        (
            Words::new(format!("{name}: Spiegel veraltet"), format!("{name}: mirror out of date")),
            Words::new(
                "Behebe die Ursache; mediakit versucht es 30 Tage lang weiter.",
                "Remove the cause; mediakit goes on trying for 30 days.",
            ),
        )
    };
    let body = Words::new(
        format!("Erneuerte Zugangsdaten ließen sich seit {de} nicht in {name} schreiben.{}", why(Lang::De)),
        format!("Renewed credentials could not be written to {name} since {en}.{}", why(Lang::En)),
    );
    Said::new(title, body, next_step)
}

pub(super) fn version(name: &str, version: &str, last: Date, days: i64) -> Said {
    let (de, en) = date(last);
    let body = if days > 0 {
        Words::new(
            format!("{name} bedient die API-Version {version} bis {de}; danach können Zahlen fehlen."),
            format!("{name} serves API version {version} until {en}; numbers may be missing after that."),
        )
    } else {
        Words::new(
            format!("{name} bedient die API-Version {version} seit {de} nicht mehr; Zahlen können fehlen."),
            format!("{name} no longer serves API version {version} since {en}; numbers may be missing."),
        )
    };
    let next_step = Words::new(
        "Aktualisiere mediakit oder setze MEDIAKIT_META_API_VERSION auf eine neuere Version.",
        "Update mediakit, or set MEDIAKIT_META_API_VERSION to a newer version.",
    );
    Said::new(
        ends_in(name, &format!("API-Version {version}"), &format!("API version {version}"), days),
        body,
        next_step,
    )
}

pub(super) fn disk(since: Timestamp) -> Said {
    let (de, en) = day(since);
    Said::new(
        Words::new("mediakit kann nichts speichern", "mediakit can't save anything"),
        Words::new(
            format!(
                "Schreiben in den Datenordner schlägt seit {de} fehl. Neue Zahlen und erneuerte Zugangsdaten gehen verloren."
            ),
            format!("Writing to the data folder fails since {en}. New numbers and renewed credentials are lost."),
        ),
        Words::new(
            "Schaffe Platz und prüfe, ob der Datenordner beschrieben werden darf.",
            "Free some space and check that the data folder may be written to.",
        ),
    )
}

fn connect(name: &str) -> Words {
    Words::new(
        format!("Verbinde {name} neu, unter Verbindungen oder in .env.social."),
        format!("Connect {name} again, under connections or in .env.social."),
    )
}

fn ends_in(name: &str, what_de: &str, what_en: &str, days: i64) -> Words {
    match days {
        ..=0 => Words::new(format!("{name}: {what_de} ist abgelaufen"), format!("{name}: {what_en} has ended")),
        1 => Words::new(
            format!("{name}: {what_de} endet in 24 Stunden"),
            format!("{name}: {what_en} ends within 24 hours"),
        ),
        _ => Words::new(
            format!("{name}: {what_de} endet in {days} Tagen"),
            format!("{name}: {what_en} ends in {days} days"),
        ),
    }
}

/// The UTC day of an instant, in German and English.
fn day(at: Timestamp) -> (String, String) {
    date(at.to_zoned(TimeZone::UTC).date())
}

fn date(date: Date) -> (String, String) {
    (date.strftime("%d.%m.%Y").to_string(), date.strftime("%-d %B %Y").to_string())
}

/// Who asks for the kit, the newest first. The title holds no word of theirs.
pub(super) fn requests(requests: &[Request]) -> Said {
    let who = |request: &Request| format!("{} ({})", theirs(&request.name), theirs(&request.brand));
    let named: Vec<String> = requests.iter().rev().take(MOST_NAMED).map(who).collect();
    let named = named.join(", ");
    let (title, body) = match (requests.len(), requests.len().saturating_sub(MOST_NAMED)) {
        (1, _) => (
            Words::new("Anfrage nach deinem Media-Kit", "A request for your media kit"),
            Words::new(
                format!("{named} bittet um einen Link zu deinem Media-Kit."),
                format!("{named} asks for a link to your media kit."),
            ),
        ),
        (all, more) => {
            let (more_de, more_en) = match more {
                0 => Default::default(),
                more => (format!(" und {more} mehr"), format!(" and {more} more")),
            };
            (
                Words::new(
                    format!("{all} Anfragen nach deinem Media-Kit"),
                    format!("{all} requests for your media kit"),
                ),
                Words::new(
                    format!("Um einen Link zu deinem Media-Kit bitten: {named}{more_de}."),
                    format!("These ask for a link to your media kit: {named}{more_en}."),
                ),
            )
        }
    };
    let next_step = Words::new(
        "Antworte im Panel, unter Media-Kit bei „Wer es sieht“.",
        "Answer in the panel, under media kit at “Who sees it”.",
    );
    Said::new(title, body, next_step)
}

/// What a stranger typed, in which no program finds an address to link to.
fn theirs(text: &str) -> String {
    let mut out = String::new();
    let text = plain(text).replace("://", ": ");
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        out.push(c);
        if c == '.' && rest.peek().is_some_and(|next| next.is_alphanumeric()) {
            out.push(' ');
        }
    }
    out
}

/// A name from outside as one harmless line: nothing that breaks a header or turns the direction of writing.
pub(super) fn plain(name: &str) -> String {
    plain_text(name).chars().take(LONGEST_NAME).collect()
}

fn plain_text(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let harmless: String = text.chars().map(|c| if c.is_control() || turns(c) { ' ' } else { c }).collect();
    harmless.split_whitespace().collect::<Vec<_>>().join(" ")
}
