//! What can go wrong with the database, in the terms a caller can act on. No sentence here carries SQL, a path or
//! the database's URL; the cause behind it may, and belongs in the log only.

use std::error::Error;
use std::fmt;

use jiff::Timestamp;

use crate::domain::lease::left_behind;

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database can't be reached or can't write at the moment; the same call may work later.
    #[error("The database is not available right now. Check that it runs, has free disk space and may be written to.")]
    Unavailable(#[source] Cause),
    /// The database is damaged. It was left as it is.
    #[error("The database is damaged and was left untouched. Restore a backup with `mediakit restore`.")]
    Corrupt(#[source] Cause),
    /// A newer mediakit has written this database.
    #[error(
        "The database has schema {found}, this mediakit knows schemas up to {known}. Start the newer mediakit again."
    )]
    NewerSchema {
        /// The schema of the database.
        found: i64,
        /// The newest schema this program knows.
        known: i64,
    },
    /// The file is something else. It was left as it is.
    #[error("The file is not a mediakit database and was left untouched. Check that it is the right one.")]
    NotADatabase,
    /// Somebody else was first: the lease has passed on, or the name is taken.
    #[error("Somebody else changed this at the same time, or the name is taken. Nothing was written.")]
    Conflict,
    /// Another process held this for longer than its work takes and seems to have ended. Nothing was written.
    #[error("{}", left_behind(*until).en)]
    LeftBehind {
        /// When it is free again.
        until: Timestamp,
    },
    /// A platform's credentials can't be opened: the key was replaced, or somebody changed what was sealed.
    #[error(
        "The credentials of {platform} can't be opened with this key. If the key was replaced just now, start mediakit \
         again; otherwise restore a backup of the database and the key that belongs to it."
    )]
    Sealed {
        /// The platform's id.
        platform: String,
    },
    /// The address names no database of a kind we know.
    #[error("The database address must begin with sqlite: and a file, or with postgres: and a host.")]
    BadUrl,
    /// The backup would overwrite the very database it is made of.
    #[error("A backup can't be written over the database itself. Choose another file.")]
    BackupOverItself,
    /// The database answered in a way this program did not expect.
    #[error("The database answered in an unexpected way; this is a defect of mediakit. The log has the details.")]
    Unexpected(#[source] Cause),
}

/// What lies behind a [`StoreError`]: for the log, never for an answer.
pub type Cause = Box<dyn Error + Send + Sync>;

/// A cause in our own words, where no library gave one.
#[derive(Debug)]
pub(super) struct Said(pub(super) String);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Said {}

impl StoreError {
    pub(super) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt(Box::new(Said(what.into())))
    }

    pub(crate) fn unexpected(what: impl Into<String>) -> Self {
        Self::Unexpected(Box::new(Said(what.into())))
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        Self::Unavailable(Box::new(error))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        let kind = match &error {
            E::Database(answer) if answer.is_unique_violation() => return Self::Conflict,
            E::Database(answer) => match answer.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
                Some(answer) => postgres_kind(answer.code()),
                None => sqlite_kind(answer.code().as_deref()),
            },
            E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed | E::Protocol(_) => {
                Kind::Unavailable
            }
            _ => Kind::Unexpected,
        };
        match kind {
            Kind::Unavailable => Self::Unavailable(Box::new(error)),
            Kind::Corrupt => Self::Corrupt(Box::new(error)),
            Kind::NotADatabase => Self::NotADatabase,
            Kind::Unexpected => Self::Unexpected(Box::new(error)),
        }
    }
}

enum Kind {
    Unavailable,
    Corrupt,
    NotADatabase,
    Unexpected,
}

/// <https://www.sqlite.org/rescode.html>: the primary code is the low byte.
fn sqlite_kind(code: Option<&str>) -> Kind {
    match code.and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff) {
        // perm, busy, locked, nomem, readonly, interrupt, ioerr, full, cantopen, protocol
        Some(3 | 5 | 6 | 7 | 8 | 9 | 10 | 13 | 14 | 15) => Kind::Unavailable,
        Some(11) => Kind::Corrupt,
        Some(26) => Kind::NotADatabase,
        _ => Kind::Unexpected,
    }
}

/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>: the class is the first two characters.
fn postgres_kind(code: &str) -> Kind {
    match code.get(..2) {
        // connection, authorisation, no such database, transaction rollback, resources, operator, system
        Some("08" | "28" | "3D" | "40" | "53" | "55" | "57" | "58") => Kind::Unavailable,
        Some("XX") => Kind::Corrupt,
        _ if code == "25006" => Kind::Unavailable, // a standby: read only
        _ => Kind::Unexpected,
    }
}
