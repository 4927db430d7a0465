//! Mirrors: where else the credentials are kept, and how far each copy is. What is written here tells generations
//! apart and holds no secret.

use jiff::Timestamp;

use super::instant::instant;
use super::sql::{Row, read, write};
use super::{Store, StoreError};

/// One copy of the credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirror {
    /// Whose credentials.
    pub creator_id: i64,
    /// Where the copy is: `env_file`, `github:INSTAGRAM_SECRET`.
    pub name: String,
    /// What it should hold, as a fingerprint or a generation.
    pub wanted: String,
    /// What it was last seen to hold.
    pub done: Option<String>,
    /// Attempts that failed since `since`.
    pub attempts: u32,
    /// Since when it is behind; `None` when it is not.
    pub since: Option<Timestamp>,
    /// When the next attempt is due; `None` when nothing is to be done any more.
    pub next_at: Option<Timestamp>,
    /// When it was last brought up to date.
    pub done_at: Option<Timestamp>,
    /// Why the last attempt failed, until one succeeds.
    pub failure: Option<String>,
}

impl Store {
    /// A creator's mirrors, by name.
    pub async fn mirrors(&self, creator_id: i64) -> Result<Vec<Mirror>, StoreError> {
        let rows = read("select * from mirrors where creator_id = $1 order by name").bind(creator_id);
        rows.all(&self.pool).await?.iter().map(mirror).collect()
    }

    /// The first creator's mirrors, by name.
    pub async fn first_mirrors(&self) -> Result<Vec<Mirror>, StoreError> {
        let rows = read(
            "select * from mirrors where creator_id = (select id from creators order by id limit 1) order by name",
        );
        rows.all(&self.pool).await?.iter().map(mirror).collect()
    }

    /// Says what a mirror should hold. It is behind from `now` on, unless it holds that already; saying the same again
    /// changes nothing.
    pub async fn want_mirror(
        &self,
        creator_id: i64,
        name: &str,
        wanted: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        write(
            "insert into mirrors (creator_id, name, wanted, since, next_at) values ($1, $2, $3, $4, $4) \
             on conflict (creator_id, name) do update set wanted = $3, attempts = 0, failure = null, \
             since = case when mirrors.done = $3 then null else $4 end, \
             next_at = case when mirrors.done = $3 then null else $4 end \
             where mirrors.wanted <> $3",
        )
        .bind(creator_id)
        .bind(name)
        .bind(wanted)
        .bind(now.as_millisecond())
        .run(&self.pool)
        .await
        .map(drop)
    }

    /// Notes that a mirror no longer holds what it was brought, so that it is brought again; `false` when it is behind
    /// already or unknown.
    pub async fn reopen_mirror(&self, creator_id: i64, name: &str, now: Timestamp) -> Result<bool, StoreError> {
        let reopened = write(
            "update mirrors set done = null, attempts = 0, failure = null, since = $3, next_at = $3 \
             where creator_id = $1 and name = $2 and done = wanted",
        );
        let reopened = reopened.bind(creator_id).bind(name).bind(now.as_millisecond());
        Ok(reopened.run(&self.pool).await? > 0)
    }

    /// Forgets the mirrors whose names begin like this.
    pub async fn forget_mirrors(&self, creator_id: i64, prefix: &str) -> Result<(), StoreError> {
        let delete = write("delete from mirrors where creator_id = $1 and name like $2").bind(creator_id);
        delete.bind(format!("{prefix}%")).run(&self.pool).await.map(drop)
    }

    /// Notes that a mirror holds `wanted`. Nothing happens when something else is wanted by now.
    pub async fn mirror_done(
        &self,
        creator_id: i64,
        name: &str,
        wanted: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        write(
            "update mirrors set done = $3, done_at = $4, attempts = 0, since = null, next_at = null, failure = null \
             where creator_id = $1 and name = $2 and wanted = $3",
        )
        .bind(creator_id)
        .bind(name)
        .bind(wanted)
        .bind(now.as_millisecond())
        .run(&self.pool)
        .await
        .map(drop)
    }

    /// Notes that an attempt to bring `wanted` failed, and when the next is due, if ever. Nothing happens when it was
    /// brought by somebody else, or something else is wanted by now.
    pub async fn mirror_failed(
        &self,
        creator_id: i64,
        name: &str,
        wanted: &str,
        failure: &str,
        next_at: impl Into<Option<Timestamp>>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let next_at: Option<Timestamp> = next_at.into();
        write(
            "update mirrors set attempts = attempts + 1, failure = $4, next_at = $5, since = coalesce(since, $6) \
             where creator_id = $1 and name = $2 and wanted = $3 and (done is null or done <> $3)",
        )
        .bind(creator_id)
        .bind(name)
        .bind(wanted)
        .bind(failure)
        .bind(next_at.map(Timestamp::as_millisecond))
        .bind(now.as_millisecond())
        .run(&self.pool)
        .await
        .map(drop)
    }
}

fn mirror(row: &Row) -> Result<Mirror, StoreError> {
    let at = |column: &str| row.get::<Option<i64>>(column)?.map(instant).transpose();
    let attempts: i64 = row.get("attempts")?;
    Ok(Mirror {
        creator_id: row.get("creator_id")?,
        name: row.get("name")?,
        wanted: row.get("wanted")?,
        done: row.get("done")?,
        attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
        since: at("since")?,
        next_at: at("next_at")?,
        done_at: at("done_at")?,
        failure: row.get("failure")?,
    })
}
