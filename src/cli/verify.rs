//! `verify`: is the database whole, are its numbers and its history possible?

use super::stop::{Exit, Stop};
use super::{Session, print, say};
use crate::domain::text::Lang;
use crate::store::Finding;

pub(super) async fn run(session: &Session) -> Result<Exit, Stop> {
    let findings = session.store().await?.verify().await?;
    if findings.is_empty() {
        say(match session.lang {
            Lang::De => "Datenbank und Verlauf sind in Ordnung.",
            Lang::En => "Database and history are fine.",
        });
        return Ok(Exit::All);
    }
    for finding in &findings {
        print(&format!("{}\n", words(finding, session.lang)))?;
    }
    Err(Stop::Said(
        Exit::Nothing,
        match session.lang {
            Lang::De => "Spiele eine Sicherung von vorher ein: `mediakit restore DATEI`.".to_owned(),
            Lang::En => "Restore a backup from before: `mediakit restore FILE`.".to_owned(),
        },
    ))
}

pub(super) fn words(finding: &Finding, lang: Lang) -> String {
    match (finding, lang) {
        (finding, Lang::En) => finding.to_string(),
        (Finding::Damage(what), Lang::De) => format!("die Datenbank ist beschädigt: {what}"),
        (Finding::FutureDays(n), Lang::De) => format!("{n} Tage des Verlaufs liegen in der Zukunft"),
        (Finding::WrongDays(n), Lang::De) => {
            format!("{n} Tage des Verlaufs sind nicht der Tag, an dem ihr Wert gelesen wurde")
        }
        (Finding::ImpossibleValues(n), Lang::De) => format!("{n} Werte im Verlauf sind unmöglich"),
        (Finding::Unattributed(n), Lang::De) => {
            format!("{n} Werte im Verlauf gehören zu keiner bekannten Metrik, Herkunft oder keinem Konto")
        }
        (Finding::Unreadable(row), Lang::De) => {
            format!("Zeile von {} ({}) ist unlesbar: {}", row.platform, row.username, row.reason)
        }
    }
}
