//! Brings a database to the newest schema: each step in one transaction together with the row that says it is done,
//! so a kill at any statement leaves the schema before or after it. A newer schema is refused.

use super::StoreError;
use super::pool::{Pool, Tx};
use super::sql::{read, write};

/// The steps, SQLite's and PostgreSQL's text of each. The schema's number is how many of them a database has.
const STEPS: &[(&str, &str)] = &[
    (include_str!("../../migrations/sqlite/0001_init.sql"), include_str!("../../migrations/postgres/0001_init.sql")),
    (
        include_str!("../../migrations/sqlite/0002_credentials.sql"),
        include_str!("../../migrations/postgres/0002_credentials.sql"),
    ),
    (
        include_str!("../../migrations/sqlite/0003_alerts.sql"),
        include_str!("../../migrations/postgres/0003_alerts.sql"),
    ),
    (include_str!("../../migrations/sqlite/0004_admin.sql"), include_str!("../../migrations/postgres/0004_admin.sql")),
    (
        include_str!("../../migrations/sqlite/0005_demographics.sql"),
        include_str!("../../migrations/postgres/0005_demographics.sql"),
    ),
];

/// The newest schema this program knows.
#[expect(clippy::cast_possible_wrap, reason = "a handful of steps")]
pub(super) const KNOWN: i64 = STEPS.len() as i64;

/// The schema of the database; 0 when mediakit has never opened it.
async fn found(tx: &mut Tx) -> Result<i64, StoreError> {
    if !tx.has_table("schema_version").await? {
        return Ok(0);
    }
    let found: i64 = read("select version from schema_version").one(tx).await?.get("version")?;
    accept(found).map(|()| found)
}

/// Refuses a schema newer than this program.
pub(super) fn accept(found: i64) -> Result<(), StoreError> {
    if found > KNOWN { Err(StoreError::NewerSchema { found, known: KNOWN }) } else { Ok(()) }
}

/// Runs the steps that are missing.
pub(super) async fn run(pool: &Pool) -> Result<(), StoreError> {
    while step(pool).await? {}
    Ok(())
}

/// Runs the next missing step and says whether there was one.
async fn step(pool: &Pool) -> Result<bool, StoreError> {
    let mut tx = pool.begin_alone().await?;
    let found = found(&mut tx).await?;
    let Some((sqlite, postgres)) = usize::try_from(found).ok().and_then(|done| STEPS.get(done)) else {
        return tx.commit().await.map(|()| false);
    };
    if found == 0 {
        // A SQLite file was looked at before it came here, see `file::look`.
        if matches!(tx, Tx::Postgres(..)) && tx.has_table("social_stats_cache").await? {
            return Err(StoreError::NotADatabase);
        }
        write("create table schema_version (version bigint not null)").run(&mut tx).await?;
        write("insert into schema_version (version) values (0)").run(&mut tx).await?;
    }
    let script = if let Tx::Sqlite(_) = tx { sqlite } else { postgres };
    tx.script(script).await?;
    write("update schema_version set version = $1").bind(found + 1).run(&mut tx).await?;
    tx.commit().await?;
    Ok(true)
}
