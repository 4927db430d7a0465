//! Verification: what is wrong with the database, its numbers and its history. It only looks.

use std::fmt;

use jiff::Timestamp;

use super::instant::day_of;
use super::snapshots::{ROWS, snapshot};
use super::sql::{Sql, read};
use super::{Store, StoreError};
use crate::clock::Clock;
use crate::domain::snapshot::BadRow;

/// Something that should not be.
#[derive(Debug)]
pub enum Finding {
    /// The database's own check failed; in its words.
    Damage(String),
    /// So many days of history lie in the future.
    FutureDays(i64),
    /// So many days of history are not the day their value was read on.
    WrongDays(i64),
    /// So many values in history are impossible: a negative count, a flag that is neither yes nor no.
    ImpossibleValues(i64),
    /// So many values in history belong to no known metric, origin or account.
    Unattributed(i64),
    /// Numbers that can't be read.
    Unreadable(BadRow),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damage(what) => write!(f, "the database is damaged: {what}"),
            Self::FutureDays(n) => write!(f, "{n} days of history lie in the future"),
            Self::WrongDays(n) => write!(f, "{n} days of history are not the day their value was read on"),
            Self::ImpossibleValues(n) => write!(f, "{n} values in history are impossible"),
            Self::Unattributed(n) => write!(f, "{n} values in history belong to no known metric, origin or account"),
            Self::Unreadable(row) => row.fmt(f),
        }
    }
}

impl Store {
    /// Everything that is wrong; nothing when all is well.
    pub async fn verify(&self) -> Result<Vec<Finding>, StoreError> {
        self.verify_at(Clock::System.now()).await
    }

    /// The same, with another idea of what the future is.
    pub async fn verify_at(&self, now: Timestamp) -> Result<Vec<Finding>, StoreError> {
        let mut findings: Vec<_> = self.pool.check().await?.into_iter().map(Finding::Damage).collect();
        let counts: [Count; 4] = [
            (read(FUTURE_DAYS).bind(day_of(now)), Finding::FutureDays),
            (read(WRONG_DAYS), Finding::WrongDays),
            (read(IMPOSSIBLE_VALUES), Finding::ImpossibleValues),
            (read(UNATTRIBUTED), Finding::Unattributed),
        ];
        let mut tx = self.pool.begin_reading().await?;
        tx.take_time().await?;
        for (count, finding) in counts {
            let n: i64 = count.one(&mut tx).await?.get("n")?;
            if n > 0 {
                findings.push(finding(n));
            }
        }
        for row in read(ROWS).all(&mut tx).await? {
            findings.extend(snapshot(&row).err().map(Finding::Unreadable));
        }
        Ok(findings)
    }
}

/// A query that counts what should not be, and the finding it makes.
type Count = (Sql, fn(i64) -> Finding);

const FUTURE_DAYS: &str = "select count(*) as n from history where day > $1";

const WRONG_DAYS: &str = "select count(*) as n from history \
    where fetched_at < day * 86400000 or fetched_at >= (day + 1) * 86400000";

const IMPOSSIBLE_VALUES: &str = "select count(*) as n from history h join metrics m on m.id = h.metric_id \
    where m.unit = 'count' and h.value < 0 or m.unit = 'flag' and h.value not in (0, 1)";

const UNATTRIBUTED: &str = "select count(*) as n from history where metric_id not in (select id from metrics) \
    or origin_id not in (select id from origins) or account_id not in (select id from accounts)";
