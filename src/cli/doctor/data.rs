//! What mediakit remembers: the database, and the key that opens the credentials in it.

use super::finding::{Finding, State};
use crate::app::{App, AppError};
use crate::cli::stop::{Exit, Stop};
use crate::cli::verify;
use crate::credentials::key::KeyError;
use crate::domain::alert::Words;
use crate::domain::text::Lang;
use crate::store::VaultError;

/// Why nothing could be wired: nothing works without it.
pub(super) fn of_stop(stop: &Stop) -> Finding {
    let topic = match stop {
        Stop::App(AppError::Key(error)) if !matches!(error, KeyError::Vault(VaultError::Store(_))) => "key",
        Stop::App(AppError::DataDir(_)) => "data_folder",
        _ => "database",
    };
    let text = |lang| stop.text(lang).unwrap_or_default();
    Finding::told(topic, State::Fail, &Words::new(text(Lang::De), text(Lang::En))).ending(Exit::Nothing)
}

/// The database is open and its key fits; is what it holds whole?
pub(super) async fn of_store(app: &App, key_from_settings: bool) -> Result<Vec<Finding>, Stop> {
    let mut findings: Vec<Finding> = app.store.verify().await?.iter().map(of_damage).collect();
    if findings.is_empty() {
        let said = Words::new(
            "Die Datenbank antwortet, Zahlen und Verlauf sind in Ordnung.",
            "The database answers, numbers and history are fine.",
        );
        findings.push(Finding::ok("database", said));
    }
    findings.push(Finding::ok(
        "key",
        if key_from_settings {
            Words::new(
                "Der Schlüssel aus den Einstellungen öffnet die Zugangsdaten.",
                "The key from the settings opens the credentials.",
            )
        } else {
            Words::new(
                "Die Schlüsseldatei ist nur für dich lesbar und öffnet die Zugangsdaten.",
                "The key file is readable by you alone and opens the credentials.",
            )
        },
    ));
    Ok(findings)
}

fn of_damage(damage: &crate::store::Finding) -> Finding {
    let said = |lang| format!("{}.", verify::words(damage, lang));
    Finding::fail(
        "database",
        Words::new(said(Lang::De), said(Lang::En)),
        Words::new(
            "Spiele eine Sicherung von vorher ein: `mediakit restore DATEI`.",
            "Restore a backup from before: `mediakit restore FILE`.",
        ),
    )
}
