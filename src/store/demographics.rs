//! Who the audiences are made of: the last good breakdown of each kind of an account. One that a fetch lacks stays as it
//! is, with its own time.

use std::collections::BTreeMap;

use super::StoreError;
use super::instant::instant;
use super::pool::Tx;
use super::sql::{Row, read, write};
use crate::domain::account::Account;
use crate::domain::demographics::{Breakdown, Demographics, Dimension};
use crate::domain::snapshot::Snapshot;

/// Every breakdown of a creator's accounts.
pub(super) const OF_CREATOR: &str = "select d.account_id, d.body, d.fetched_at from accounts a \
    join demographics d on d.account_id = a.id where a.creator_id = $1 and not a.retired";

/// Adds to each of a creator's snapshots what is known of its account.
pub(super) async fn describe(
    tx: &mut Tx,
    creator_id: i64,
    accounts: &[Account],
    snapshots: &mut [Snapshot],
) -> Result<(), StoreError> {
    let mut by_account: BTreeMap<i64, BTreeMap<Dimension, Demographics>> = BTreeMap::new();
    for row in read(OF_CREATOR).bind(creator_id).all(tx).await? {
        if let Some((account_id, known)) = known(&row)? {
            by_account.entry(account_id).or_default().insert(known.breakdown.dimension, known);
        }
    }
    for account in accounts {
        let is_its = |s: &&mut Snapshot| s.platform == account.platform && s.username == account.handle;
        if let Some(snapshot) = snapshots.iter_mut().find(is_its) {
            snapshot.demographics = by_account.remove(&account.id).unwrap_or_default();
        }
    }
    Ok(())
}

/// Writes down what was read anew.
pub(super) async fn record(tx: &mut Tx, account_id: i64, snapshot: &Snapshot) -> Result<(), StoreError> {
    let fresh = snapshot.demographics.values().filter(|known| known.fetched_at == snapshot.fetched_at);
    for Demographics { breakdown, fetched_at } in fresh {
        let body = serde_json::to_string(breakdown).map_err(|error| StoreError::Unexpected(Box::new(error)))?;
        write(
            "insert into demographics (account_id, dimension, body, fetched_at) values ($1, $2, $3, $4) \
             on conflict (account_id, dimension) do update set body = excluded.body, fetched_at = excluded.fetched_at",
        )
        .bind(account_id)
        .bind(breakdown.dimension.key())
        .bind(body)
        .bind(fetched_at.as_millisecond())
        .run(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Forgets those of an account that is no longer in use.
pub(super) async fn forget(tx: &mut Tx, account_id: i64) -> Result<(), StoreError> {
    write("delete from demographics where account_id = $1").bind(account_id).run(tx).await.map(drop)
}

/// The account of a row, and what it says; nothing where it can't be read, and the others stay.
fn known(row: &Row) -> Result<Option<(i64, Demographics)>, StoreError> {
    let (account_id, body): (i64, String) = (row.get("account_id")?, row.get("body")?);
    let Ok(breakdown) = serde_json::from_str::<Breakdown>(&body) else {
        tracing::debug!(account_id, "a breakdown of an audience cannot be read and is left out");
        return Ok(None);
    };
    Ok(Some((account_id, Demographics { breakdown, fetched_at: instant(row.get("fetched_at")?)? })))
}
