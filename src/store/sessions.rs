//! Sessions: browsers that are signed in. Only the SHA-256 of a session's id is kept.

use jiff::{SignedDuration, Timestamp};

use super::instant::instant;
use super::owners::owner;
use super::sql::{Row, read, write};
use super::{Store, StoreError};
use crate::domain::owner::{IDLE, LONGEST, Session, Stage};

/// A session's last use is written down at most this often.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(5);

pub(super) const BY_HASH: &str = "select s.hash, s.stage, s.created_at as began_at, s.seen_at, s.address, s.agent, o.* \
     from sessions s join owners o on o.id = s.owner_id where s.hash = $1";

impl Store {
    /// Keeps a new session and forgets those that have ended.
    pub async fn insert_session(
        &self,
        hash: &[u8; 32],
        owner_id: i64,
        stage: Stage,
        (address, agent): (&str, &str),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        let before = |age: SignedDuration| now.saturating_sub(age).map_or(0, Timestamp::as_millisecond);
        write("delete from sessions where seen_at < $1 or created_at < $2")
            .bind(before(IDLE))
            .bind(before(LONGEST))
            .run(&mut tx)
            .await?;
        write(
            "insert into sessions (hash, owner_id, stage, created_at, seen_at, address, agent) \
             values ($1, $2, $3, $4, $4, $5, $6)",
        )
        .bind(hash.as_slice())
        .bind(owner_id)
        .bind(stage.name())
        .bind(now.as_millisecond())
        .bind(address)
        .bind(agent)
        .run(&mut tx)
        .await?;
        tx.commit().await
    }

    /// The session with this hash, ended or not.
    pub async fn find_session(&self, hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        let row = read(BY_HASH).bind(hash.as_slice()).first(&self.pool).await?;
        row.as_ref().map(session).transpose()
    }

    /// An owner's sessions, the last used first.
    pub async fn sessions(&self, owner_id: i64) -> Result<Vec<Session>, StoreError> {
        let sql = BY_HASH.replace("s.hash = $1", "s.owner_id = $1 order by s.seen_at desc, s.created_at desc");
        read(sql).bind(owner_id).all(&self.pool).await?.iter().map(session).collect()
    }

    /// Notes that a session was used.
    pub async fn touch_session(&self, session: &Session, now: Timestamp) -> Result<(), StoreError> {
        if now.duration_since(session.seen_at) < NOTED_EVERY {
            return Ok(());
        }
        let update = write("update sessions set seen_at = $2 where hash = $1").bind(session.hash.as_slice());
        update.bind(now.as_millisecond()).run(&self.pool).await.map(drop)
    }

    /// Ends a session of an owner and says whether there was one.
    pub async fn delete_session(&self, owner_id: i64, hash: &[u8; 32]) -> Result<bool, StoreError> {
        let delete = write("delete from sessions where owner_id = $1 and hash = $2").bind(owner_id);
        Ok(delete.bind(hash.as_slice()).run(&self.pool).await? > 0)
    }

    /// Ends every session of an owner but one.
    pub async fn delete_other_sessions(&self, owner_id: i64, keep: &[u8; 32]) -> Result<u64, StoreError> {
        let delete = write("delete from sessions where owner_id = $1 and hash <> $2").bind(owner_id);
        delete.bind(keep.as_slice()).run(&self.pool).await
    }
}

fn session(row: &Row) -> Result<Session, StoreError> {
    let hash: Vec<u8> = row.get("hash")?;
    Ok(Session {
        hash: hash.try_into().map_err(|_| StoreError::corrupt("a session's hash has another length"))?,
        owner: owner(row)?,
        stage: Stage::named(&row.get::<String>("stage")?),
        created_at: instant(row.get("began_at")?)?,
        seen_at: instant(row.get("seen_at")?)?,
        address: row.get("address")?,
        agent: row.get("agent")?,
    })
}
