//! Accounts: the handles of a creator, what the refresh remembers of each, and the lease that lets one process at a
//! time ask for it. An account is retired, never deleted: its history stays.

use jiff::Timestamp;

use super::creators;
use super::demographics;
use super::history;
use super::instant::instant;
use super::pool::{Target, Tx};
use super::sql::{Row, Sql, read, write};
use super::{Store, StoreError};
use crate::domain::account::{Account, Held, Memory, Wait};
use crate::domain::failure::{Failure, FailureKind};

/// The right to ask for an account and to save what came, until the lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The account as it was when it was claimed.
    pub account: Account,
    /// Grows with every claim; what is saved under an older one is refused.
    pub fence: i64,
}

impl Store {
    /// A creator's accounts in use, in the order they were made.
    pub async fn accounts(&self, creator_id: i64) -> Result<Vec<Account>, StoreError> {
        list(&self.pool, creator_id).await
    }

    /// Every creator's accounts in use, for the schedule.
    pub async fn all_accounts(&self) -> Result<Vec<Account>, StoreError> {
        read("select * from accounts where not retired order by id")
            .all(&self.pool)
            .await?
            .iter()
            .map(account)
            .collect()
    }

    /// The account of a creator on a platform.
    pub async fn account(&self, creator_id: i64, platform: &str) -> Result<Option<Account>, StoreError> {
        on_platform(creator_id, platform).first(&self.pool).await?.as_ref().map(account).transpose()
    }

    /// Sets the handle on a platform. The same handle changes nothing. Another one retires the account with its
    /// history and drops its numbers; the new account has a new id and remembers nothing.
    pub async fn set_handle(&self, creator_id: i64, platform: &str, handle: &str) -> Result<Account, StoreError> {
        let mut tx = self.pool.begin().await?;
        creators::lock(&mut tx, creator_id).await?;
        let account = set(&mut tx, creator_id, platform, handle).await?;
        tx.commit().await?;
        Ok(account)
    }

    /// Takes the handle of a platform away, and says whether there was one. Its history is kept; every number of the
    /// platform that belongs to no account is dropped, so that none shows up in its place.
    pub async fn remove_handle(&self, creator_id: i64, platform: &str) -> Result<bool, StoreError> {
        let mut tx = self.pool.begin().await?;
        creators::lock(&mut tx, creator_id).await?;
        let removed = remove(&mut tx, creator_id, platform).await?;
        tx.commit().await?;
        Ok(removed)
    }

    /// Claims an account until `until`, in one statement. `None` when another holder's lease still runs at `now`, or
    /// when the account is gone. A holder that claims again makes its own earlier claim void.
    pub async fn claim(
        &self,
        account_id: i64,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Claim>, StoreError> {
        let row = write(
            "update accounts set fence = fence + 1, lease_holder = $2, lease_until = $4 \
             where id = $1 and not retired \
             and (lease_until is null or lease_until <= $3 or lease_until > $5 or lease_holder = $2) returning *",
        )
        .bind(account_id)
        .bind(holder)
        .bind(now.as_millisecond())
        .bind(until.as_millisecond())
        .bind(super::impossible_after(until))
        .first(&self.pool)
        .await?;
        row.map(|row| Ok(Claim { account: account(&row)?, fence: row.get("fence")? })).transpose()
    }

    /// Until when somebody holds an account; `None` when nobody does.
    pub async fn held_until(&self, account_id: i64) -> Result<Option<Timestamp>, StoreError> {
        held_until(read("select lease_until from accounts where id = $1").bind(account_id), self).await
    }

    /// Sets when an account is asked by itself. A refresh under way has the last word.
    pub async fn set_due(&self, account_id: i64, due_at: Timestamp) -> Result<(), StoreError> {
        let update = write("update accounts set due_at = $2 where id = $1").bind(account_id);
        update.bind(due_at.as_millisecond()).run(&self.pool).await.map(drop)
    }

    /// Gives a claim back with nothing saved. A claim that is no longer ours is left alone.
    pub async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        write("update accounts set lease_holder = null, lease_until = null where id = $1 and fence = $2")
            .bind(claim.account.id)
            .bind(claim.fence)
            .run(&self.pool)
            .await
            .map(drop)
    }

    /// Saves what a failed fetch leaves to remember, and gives the claim back. The numbers stay as they are.
    pub async fn save_failure(&self, claim: &Claim, memory: &Memory) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        remember(&mut tx, claim, memory).await?;
        if let Some(failure) = &memory.failure {
            history::record_failure(&mut tx, claim.account.id, failure).await?;
        }
        tx.commit().await
    }
}

/// The end of the lease that a query reads.
pub(super) async fn held_until(read: Sql, store: &Store) -> Result<Option<Timestamp>, StoreError> {
    let row = read.first(&store.pool).await?;
    let until: Option<i64> = row.map(|row| row.get("lease_until")).transpose()?.flatten();
    until.map(instant).transpose()
}

pub(super) const IN_USE: &str = "select * from accounts where creator_id = $1 and not retired order by id";
pub(super) const ON_PLATFORM: &str = "select * from accounts where creator_id = $1 and platform = $2 and not retired";

fn in_use(creator_id: i64) -> Sql {
    read(IN_USE).bind(creator_id)
}

/// A creator's accounts in use.
pub(super) async fn list(on: impl Into<Target<'_>>, creator_id: i64) -> Result<Vec<Account>, StoreError> {
    in_use(creator_id).all(on).await?.iter().map(account).collect()
}

fn on_platform(creator_id: i64, platform: &str) -> Sql {
    read(ON_PLATFORM).bind(creator_id).bind(platform)
}

/// See [`Store::set_handle`]; the creator is locked.
pub(super) async fn set(tx: &mut Tx, creator_id: i64, platform: &str, handle: &str) -> Result<Account, StoreError> {
    if let Some(row) = on_platform(creator_id, platform).first(&mut *tx).await? {
        let before = account(&row)?;
        if before.handle == handle {
            return Ok(before);
        }
        retire(tx, &before).await?;
    }
    let row = write("insert into accounts (creator_id, platform, handle) values ($1, $2, $3) returning *");
    account(&row.bind(creator_id).bind(platform).bind(handle).one(tx).await?)
}

/// See [`Store::remove_handle`]; the creator is locked.
pub(super) async fn remove(tx: &mut Tx, creator_id: i64, platform: &str) -> Result<bool, StoreError> {
    let Some(row) = on_platform(creator_id, platform).first(&mut *tx).await? else {
        return Ok(false);
    };
    retire(tx, &account(&row)?).await?;
    write(
        "delete from social_stats_cache where platform = $1 and not exists (select 1 from accounts a \
         where a.platform = $1 and a.handle = social_stats_cache.username and not a.retired)",
    )
    .bind(platform)
    .run(tx)
    .await?;
    Ok(true)
}

/// Ends an account's use: a fetch that is under way for it can no longer save.
async fn retire(tx: &mut Tx, account: &Account) -> Result<(), StoreError> {
    write("update accounts set retired = true, lease_holder = null, lease_until = null where id = $1")
        .bind(account.id)
        .run(&mut *tx)
        .await?;
    demographics::forget(tx, account.id).await?;
    write(
        "delete from social_stats_cache where platform = $1 and username = $2 and not exists \
         (select 1 from accounts a where a.platform = $1 and a.handle = $2 and not a.retired)",
    )
    .bind(account.platform.as_str())
    .bind(account.handle.as_str())
    .run(tx)
    .await
    .map(drop)
}

/// Writes an account's memory and ends the lease, if the claim is still ours.
pub(super) async fn remember(tx: &mut Tx, claim: &Claim, memory: &Memory) -> Result<(), StoreError> {
    let failure = memory.failure.as_ref();
    let ours = write(
        "update accounts set lease_holder = null, lease_until = null, pinned_id = $3, wait_until = $4, \
         wait_kind = $5, due_at = $6, failures = $7, failure_kind = $8, failure_detail = $9, failure_at = $10, \
         failure_next_at = $11, held_audience = $12, held_at = $13, asked_at = $14 \
         where id = $1 and fence = $2 and lease_until is not null and not retired",
    )
    .bind(claim.account.id)
    .bind(claim.fence)
    .bind(memory.pinned_id.as_deref())
    .bind(memory.wait.map(|wait| wait.until.as_millisecond()))
    .bind(memory.wait.map(|wait| wait.kind.name()))
    .bind(memory.due_at.map(Timestamp::as_millisecond))
    .bind(i64::from(memory.failures))
    .bind(failure.map(|failure| failure.kind.name()))
    .bind(failure.and_then(|failure| failure.detail.as_deref()))
    .bind(failure.map(|failure| failure.at.as_millisecond()))
    .bind(failure.and_then(|failure| failure.next_attempt_at).map(Timestamp::as_millisecond))
    .bind(memory.held.map(|held| held.audience))
    .bind(memory.held.map(|held| held.at.as_millisecond()))
    .bind(memory.asked_at.map(Timestamp::as_millisecond))
    .changes(tx)
    .await?;
    if ours { Ok(()) } else { Err(StoreError::Conflict) }
}

fn account(row: &Row) -> Result<Account, StoreError> {
    Ok(Account {
        id: row.get("id")?,
        creator_id: row.get("creator_id")?,
        platform: row.get("platform")?,
        handle: row.get("handle")?,
        memory: memory(row)?,
    })
}

fn memory(row: &Row) -> Result<Memory, StoreError> {
    let at = |column: &str| row.get::<Option<i64>>(column)?.map(instant).transpose();
    let wait = match (at("wait_until")?, kind(row, "wait_kind")?) {
        (Some(until), Some(kind)) => Some(Wait { until, kind }),
        _ => None,
    };
    let held = match (row.get("held_audience")?, at("held_at")?) {
        (Some(audience), Some(at)) => Some(Held { audience, at }),
        _ => None,
    };
    let failures: i64 = row.get("failures")?;
    Ok(Memory {
        pinned_id: row.get("pinned_id")?,
        wait,
        due_at: at("due_at")?,
        failures: u32::try_from(failures).unwrap_or(u32::MAX),
        failure: failure(row)?,
        held,
        asked_at: at("asked_at")?,
    })
}

/// What a row remembers of the last failure.
pub(super) fn failure(row: &Row) -> Result<Option<Failure>, StoreError> {
    let at = |column: &str| row.get::<Option<i64>>(column)?.map(instant).transpose();
    Ok(match (at("failure_at")?, kind(row, "failure_kind")?) {
        (Some(at_), Some(kind)) => {
            Some(Failure { kind, detail: row.get("failure_detail")?, at: at_, next_attempt_at: at("failure_next_at")? })
        }
        _ => None,
    })
}

fn kind(row: &Row, column: &str) -> Result<Option<FailureKind>, StoreError> {
    Ok(row.get::<Option<String>>(column)?.and_then(|name| FailureKind::from_name(&name)))
}
