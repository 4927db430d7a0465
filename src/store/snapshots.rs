//! Snapshots: the last good numbers of every account, kept in `social_stats_cache` in the form others read too.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use super::accounts::{self, Claim, remember};
use super::blocks;
use super::creators;
use super::demographics;
use super::history;
use super::links;
use super::pictures;
use super::settings;
use super::shares;
use super::sql::{Row, read, write};
use super::{Store, StoreError};
use crate::domain::account::Memory;
use crate::domain::legal::Legal;
use crate::domain::media_kit::KitInput;
use crate::domain::platform::About;
use crate::domain::snapshot::{BadRow, Snapshot};

impl Store {
    /// Saves a good reading in one durable transaction: the numbers, today's place in history, what to remember; and
    /// gives the claim back. `Conflict` when the claim is no longer ours; then nothing is written.
    pub async fn save_reading(
        &self,
        claim: &Claim,
        about: &About,
        snapshot: &Snapshot,
        memory: &Memory,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        remember(&mut tx, claim, memory).await?;
        write(
            "insert into social_stats_cache (platform, username, stats_data, fetched_at) values ($1, $2, $3, $4) \
             on conflict (platform, username) do update \
             set stats_data = excluded.stats_data, fetched_at = excluded.fetched_at",
        )
        .bind(claim.account.platform.as_str())
        .bind(claim.account.handle.as_str())
        .bind(snapshot.to_json(about).to_string())
        .bind(snapshot.fetched_at.to_string())
        .run(&mut tx)
        .await?;
        history::record(&mut tx, claim.account.id, snapshot).await?;
        demographics::record(&mut tx, claim.account.id, snapshot).await?;
        tx.commit().await
    }

    /// Everything the media kit is made of, as of one instant, and the rows that could not be read; but for the pasts,
    /// which change only with the accounts and their numbers, see [`Store::pasts`].
    pub async fn kit(&self) -> Result<(KitInput, Vec<BadRow>), StoreError> {
        let mut tx = self.pool.begin_reading().await?;
        let creator = creators::creator(&creators::first().one(&mut tx).await?)?;
        let accounts = accounts::list(&mut tx, creator.id).await?;
        let mut snapshots = Vec::new();
        let mut bad = Vec::new();
        for row in read(ROWS).all(&mut tx).await? {
            match snapshot(&row) {
                Ok(snapshot) => snapshots.push(snapshot),
                Err(row) => bad.push(row),
            }
        }
        demographics::describe(&mut tx, creator.id, &accounts, &mut snapshots).await?;
        let picture = pictures::picture(&mut tx, creator.id).await?;
        let blocks = blocks::list(&mut tx, creator.id).await?;
        let links = links::list(&mut tx, creator.id).await?;
        let legal = settings::plain(&mut tx, creator.id, "legal").await?.as_deref().and_then(Legal::from_json);
        let counts_visits = settings::plain(&mut tx, creator.id, "visits").await?.as_deref() != Some("off");
        let shares = shares::list(&mut tx, creator.id).await?;
        tx.commit().await?;
        let pasts = BTreeMap::new();
        let input =
            KitInput { creator, picture, accounts, snapshots, pasts, blocks, links, legal, shares, counts_visits };
        Ok((input, bad))
    }

    /// The last good numbers of a handle. A row that can't be read counts as none and is logged once.
    pub async fn snapshot(&self, platform: &str, username: &str) -> Result<Option<Snapshot>, StoreError> {
        let Some(row) = read(BY_KEY).bind(platform).bind(username).first(&self.pool).await? else {
            return Ok(None);
        };
        match snapshot(&row) {
            Ok(snapshot) => Ok(Some(snapshot)),
            Err(bad) => {
                self.log_once(&bad);
                Ok(None)
            }
        }
    }

    fn log_once(&self, bad: &BadRow) {
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        if logged.insert((bad.platform.clone(), bad.username.clone())) {
            tracing::warn!(platform = bad.platform, username = bad.username, reason = bad.reason, "unreadable row");
        }
    }
}

/// Every row; `fetched_at` may hold anything in a row another program wrote, so it is read as text.
pub(super) const ROWS: &str = "select platform, username, stats_data, cast(fetched_at as text) as fetched_at \
    from social_stats_cache order by id";

/// The row of a handle.
pub(super) const BY_KEY: &str = "select platform, username, stats_data, cast(fetched_at as text) as fetched_at \
    from social_stats_cache where platform = $1 and username = $2";

/// Reads a row. Whatever is wrong with it, it is a bad row and never a failure of the whole.
pub(super) fn snapshot(row: &Row) -> Result<Snapshot, BadRow> {
    let text = |column: &str| row.get::<Option<String>>(column).map(Option::unwrap_or_default);
    let (platform, username) = (text("platform").unwrap_or_default(), text("username").unwrap_or_default());
    match (text("stats_data"), text("fetched_at")) {
        (Ok(stats_data), Ok(fetched_at)) => Snapshot::from_row(&platform, &username, &stats_data, &fetched_at),
        _ => Err(BadRow { platform, username, reason: "it is not text".to_owned() }),
    }
}
