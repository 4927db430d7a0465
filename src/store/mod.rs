//! The store: the only place with SQL. One text for SQLite and PostgreSQL, one file a noun; `pool.rs` is the only
//! part that knows which database is behind it. What is acknowledged here is durable.

mod accounts;
mod alerts;
mod api_tokens;
mod audit;
mod backup;
mod blocks;
mod creators;
mod demographics;
mod erase;
mod error;
mod file;
mod history;
mod import;
mod instant;
mod kept;
mod keyring;
mod line;
mod links;
mod migrate;
mod mirrors;
mod owners;
mod passkeys;
mod pictures;
#[cfg(test)]
mod plans;
mod pool;
mod runs;
mod seal;
mod second_factor;
mod sessions;
mod settings;
mod shares;
mod snapshots;
mod spending;
mod sql;
mod tables;
mod vault;
mod verify;
mod visits;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;

pub use accounts::Claim;
pub use api_tokens::ApiToken;
pub use audit::AuditEntry;
pub use backup::RestoreError;
pub use blocks::Saved;
pub use creators::HandleChanges;
pub use error::{Cause, StoreError};
pub use import::Imported;
pub use keyring::Successors;
pub use mirrors::Mirror;
pub use pictures::{PictureOrigin, UPLOADED};
pub use runs::{Run, Trigger};
pub use seal::VaultKey;
pub use settings::Choice;
pub use shares::Password;
pub use vault::{CredentialClaim, Listed, Vault, VaultError};
pub use verify::Finding;

use file::Address;
use pool::Pool;

/// A lease that ends later than this was taken before the clock was set back, in milliseconds since the Unix epoch: it
/// counts for nothing. `until` is when a lease taken now ends; an hour is more than the clocks of two machines differ.
fn impossible_after(until: Timestamp) -> i64 {
    until.as_millisecond().saturating_add(3_600_000)
}

/// The database with everything mediakit remembers. Cheap to clone; all clones share their connections.
#[derive(Clone)]
pub struct Store {
    pool: Pool,
    /// The SQLite file, where that is what is behind it.
    file: Option<PathBuf>,
    /// Unreadable cache rows that were logged already, so that they are logged once.
    logged: Arc<Mutex<HashSet<(String, String)>>>,
}

impl Store {
    /// Opens the database of a URL (`sqlite:///abs/mediakit.db`, `sqlite://data/mediakit.db`, `postgres://…`), makes
    /// a SQLite file with its folder when there is none, and brings it to the newest schema after keeping a copy.
    /// A broken, foreign or newer database is refused and left as it is.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let address = Address::parse(url)?;
        let Address::File(path) = &address else {
            let pool = Pool::connect(&address).await?;
            migrate::run(&pool).await?;
            return Ok(Self::on(pool, None));
        };
        match file::look(path).await? {
            None => make(path).await?,
            Some(schema) => {
                migrate::accept(schema)?;
                if schema < migrate::KNOWN {
                    keep_copy(path).await?;
                }
            }
        }
        let pool = Pool::connect(&address).await?;
        migrate::run(&pool).await?;
        Ok(Self::on(pool, Some(path.clone())))
    }

    /// The URL of a SQLite file, for [`Store::open`].
    pub fn url_of(path: &Path) -> String {
        let path = path.to_string_lossy().replace('%', "%25").replace('?', "%3F");
        format!("sqlite://{path}")
    }

    /// Lets writes no longer wait for the disk: for data that may be lost with the machine, as a demo's may.
    pub async fn need_not_last(&self) -> Result<(), StoreError> {
        if self.file.is_some() {
            // It holds for a connection, and there is one that writes.
            sql::write("pragma synchronous = off").run(&self.pool).await?;
        }
        Ok(())
    }

    fn on(pool: Pool, file: Option<PathBuf>) -> Self {
        Self { pool, file, logged: Arc::default() }
    }

    /// Waits for running statements and disconnects; every clone is closed with it.
    pub async fn close(self) {
        self.pool.close().await;
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sql::read("select version from schema_version").one(&self.pool).await.map(drop)
    }
}

/// Makes a new database under another name and gives it its own only when it is whole: a file of ours is never empty.
/// When another process was faster, its file stays.
async fn make(path: &Path) -> Result<(), StoreError> {
    let new = file::beside(path)?;
    let pool = Pool::connect(&Address::File(new.path().to_owned())).await?;
    let made = migrate::run(&pool).await;
    pool.close().await;
    made?;
    file::settle(new, path, false).map(drop)
}

/// Keeps a copy beside the file before a migration touches it.
async fn keep_copy(path: &Path) -> Result<(), StoreError> {
    let copy = file::beside(path)?;
    file::copy(path, copy.path()).await?;
    file::keep_copy(copy, path, migrate::KNOWN)
}
