//! How a command ends: its exit code, and the sentence when it did not do what was asked.

use std::io;
use std::process::ExitCode;

use crate::app::AppError;
use crate::config::ConfigError;
use crate::credentials::key::KeyError;
use crate::domain::text::{Lang, Text};
use crate::store::{StoreError, VaultError};

/// The exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// All that was asked worked.
    All = 0,
    /// Nothing worked.
    Nothing = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// Some platforms failed, the others are saved.
    Partly = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// The configuration is wrong.
    Config(ConfigError),
    /// The database refused.
    Store(StoreError),
    /// The parts could not be wired.
    App(AppError),
    /// Standard output could not be written.
    Output(io::Error),
    /// In words of the command's own.
    Said(Exit, String),
}

impl Stop {
    /// Wrong usage, in one of the two languages.
    pub(super) fn usage(text: impl Into<String>) -> Self {
        Self::Said(Exit::Usage, text.into())
    }

    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Config(_) | Self::Store(StoreError::BadUrl) | Self::App(AppError::Store(StoreError::BadUrl)) => {
                Exit::Usage
            }
            Self::Said(exit, _) => *exit,
            Self::Store(_) | Self::App(_) | Self::Output(_) => Exit::Nothing,
        }
    }

    /// What happened and what to do; nothing when whoever read the output has left.
    pub(super) fn text(&self, lang: Lang) -> Option<String> {
        match self {
            Self::Config(error) => Some(error.text(lang)),
            Self::Store(error)
            | Self::App(AppError::Store(error) | AppError::Key(KeyError::Vault(VaultError::Store(error)))) => {
                Some(store(error, lang))
            }
            Self::App(AppError::Key(error)) => Some(error.sentence(lang)),
            Self::App(AppError::DataDir(error)) => Some(match lang {
                Lang::De => format!("Der Datenordner ließ sich nicht anlegen ({error}). Prüfe MEDIAKIT_DATA_DIR."),
                Lang::En => format!("The data folder could not be made ({error}). Check MEDIAKIT_DATA_DIR."),
            }),
            Self::App(error @ AppError::Listen(_)) => Some(error.to_string()),
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => None,
            Self::Output(error) => Some(match lang {
                Lang::De => format!("Die Ausgabe ließ sich nicht schreiben: {error}."),
                Lang::En => format!("The output could not be written: {error}."),
            }),
            Self::Said(_, text) => Some(text.clone()),
        }
    }
}

/// The store's errors for people. The cause goes to whoever sits at this terminal and nobody else.
pub(super) fn store(error: &StoreError, lang: Lang) -> String {
    let text = match error {
        StoreError::Sealed { platform } => {
            return match lang {
                Lang::De => format!(
                    "Die Zugangsdaten von {platform} lassen sich mit diesem Schlüssel nicht öffnen. Wurde er gerade ersetzt, \
                     starte mediakit neu; sonst spiele eine Sicherung der Datenbank mit dem Schlüssel ein, der zu ihr gehört."
                ),
                Lang::En => error.to_string(),
            };
        }
        StoreError::Unavailable(_) => Text::new(
            "Die Datenbank ist gerade nicht verfügbar. Prüfe, ob sie läuft, Platz hat und beschrieben werden darf.",
            "The database is not available right now. Check that it runs, has free disk space and may be written to.",
        ),
        StoreError::Corrupt(_) => Text::new(
            "Die Datenbank ist beschädigt; sie blieb unangetastet. Benenne sie um und spiele mit `mediakit restore` eine \
             Sicherung ein.",
            "The database is damaged and was left untouched. Rename it and restore a backup with `mediakit restore`.",
        ),
        StoreError::NewerSchema { .. } => Text::new(
            "Ein neueres mediakit hat diese Datenbank geschrieben. Starte wieder das neuere.",
            "A newer mediakit has written this database. Start the newer one again.",
        ),
        StoreError::NotADatabase => Text::new(
            "Die Datei ist keine Datenbank von mediakit; sie blieb unangetastet. Prüfe den Pfad.",
            "The file is no mediakit database and was left untouched. Check the path.",
        ),
        StoreError::Conflict => Text::new(
            "Der Name ist vergeben, oder jemand hat dasselbe zur gleichen Zeit geändert. Es wurde nichts geschrieben.",
            "The name is taken, or somebody changed the same thing at the same time. Nothing was written.",
        ),
        StoreError::BadUrl => Text::new(
            "MEDIAKIT_DATABASE_URL muss mit sqlite: und einer Datei oder mit postgres: und einem Host beginnen.",
            "MEDIAKIT_DATABASE_URL must begin with sqlite: and a file, or with postgres: and a host.",
        ),
        StoreError::BackupOverItself => Text::new(
            "Eine Sicherung kann nicht über die Datenbank selbst geschrieben werden. Wähle eine andere Datei.",
            "A backup can't be written over the database itself. Choose another file.",
        ),
        StoreError::Unexpected(_) => Text::new(
            "Die Datenbank hat unerwartet geantwortet; das ist ein Fehler in mediakit.",
            "The database answered in an unexpected way; this is a defect of mediakit.",
        ),
    };
    match std::error::Error::source(error) {
        Some(cause) => format!("{} ({cause})", text.get(lang)),
        None => text.get(lang).to_owned(),
    }
}

impl From<ConfigError> for Stop {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<AppError> for Stop {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}
