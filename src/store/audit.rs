//! The audit log: who did what, and when. Entries are only ever added; none holds a secret.

use jiff::Timestamp;

use super::instant::instant;
use super::pool::Target;
use super::sql::{Row, read, write};
use super::{Store, StoreError};

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When it happened.
    pub at: Timestamp,
    /// Who did it: `owner`, `cli`, `mediakit`.
    pub who: String,
    /// What was done, in a few words.
    pub what: String,
    /// To what.
    pub detail: String,
}

impl Store {
    /// Adds an entry.
    pub async fn add_audit(&self, at: Timestamp, who: &str, what: &str, detail: &str) -> Result<(), StoreError> {
        add(&self.pool, at, who, what, detail).await
    }

    /// The last entries, newest first.
    pub async fn audit(&self, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = read("select * from audit order by id desc limit $1").bind(i64::from(limit)).all(&self.pool);
        rows.await?.iter().map(entry).collect()
    }
}

/// Adds an entry, within a transaction where it goes with other changes.
pub(super) async fn add(
    on: impl Into<Target<'_>>,
    at: Timestamp,
    who: &str,
    what: &str,
    detail: &str,
) -> Result<(), StoreError> {
    let insert = write("insert into audit (at, who, what, detail) values ($1, $2, $3, $4)").bind(at.as_millisecond());
    insert.bind(who).bind(what).bind(detail).run(on).await.map(drop)
}

fn entry(row: &Row) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        at: instant(row.get("at")?)?,
        who: row.get("who")?,
        what: row.get("what")?,
        detail: row.get("detail")?,
    })
}
