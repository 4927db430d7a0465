//! What each channel was told of each cause, so that nothing is told twice, after a restart neither.

use jiff::Timestamp;

use super::instant::instant;
use super::sql::{Row, read, write};
use super::{Store, StoreError};
use crate::domain::alert::Sent;

impl Store {
    /// What was told, of all causes and channels.
    pub async fn list_alerts_sent(&self) -> Result<Vec<Sent>, StoreError> {
        let rows = read("select * from alerts_sent order by key, channel").all(&self.pool).await?;
        rows.iter().map(sent).collect()
    }

    /// Takes the turn to tell of a cause until `until`, in one statement. `seen` is the row as it was read, or a new
    /// one. `false` when somebody else was faster.
    pub async fn claim_alert(&self, seen: &Sent, is_new: bool, until: Timestamp) -> Result<bool, StoreError> {
        let claim = if is_new {
            let new = "insert into alerts_sent (key, channel, name, platform, stage, failures, next_at) \
                       values ($1, $2, $3, $4, 0, 0, $5) on conflict do nothing";
            write(new)
                .bind(seen.key.as_str())
                .bind(seen.channel.as_str())
                .bind(seen.name.as_str())
                .bind(seen.platform.as_deref())
                .bind(until.as_millisecond())
        } else {
            write("update alerts_sent set next_at = $4 where key = $1 and channel = $2 and next_at = $3")
                .bind(seen.key.as_str())
                .bind(seen.channel.as_str())
                .bind(seen.next_at.as_millisecond())
                .bind(until.as_millisecond())
        };
        Ok(claim.run(&self.pool).await? > 0)
    }

    /// Keeps what a channel was told, or that it could not be.
    pub async fn keep_alert_sent(&self, sent: &Sent) -> Result<(), StoreError> {
        let keep = "insert into alerts_sent (key, channel, name, platform, stage, sent_at, failures, next_at) \
                    values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (key, channel) do update set \
                    name = excluded.name, platform = excluded.platform, stage = excluded.stage, \
                    sent_at = excluded.sent_at, failures = excluded.failures, next_at = excluded.next_at";
        let keep = write(keep).bind(sent.key.as_str()).bind(sent.channel.as_str()).bind(sent.name.as_str());
        let keep = keep.bind(sent.platform.as_deref()).bind(i64::from(sent.stage));
        let keep = keep.bind(sent.sent_at.map(Timestamp::as_millisecond)).bind(i64::from(sent.failures));
        keep.bind(sent.next_at.as_millisecond()).run(&self.pool).await.map(drop)
    }

    /// Forgets a cause that is over.
    pub async fn delete_alert_sent(&self, key: &str, channel: &str) -> Result<(), StoreError> {
        let delete = write("delete from alerts_sent where key = $1 and channel = $2");
        delete.bind(key).bind(channel).run(&self.pool).await.map(drop)
    }
}

fn sent(row: &Row) -> Result<Sent, StoreError> {
    let count = |column: &'static str| Ok::<u32, StoreError>(u32::try_from(row.get::<i64>(column)?).unwrap_or(0));
    Ok(Sent {
        key: row.get("key")?,
        channel: row.get("channel")?,
        name: row.get("name")?,
        platform: row.get("platform")?,
        stage: count("stage")?,
        sent_at: row.get::<Option<i64>>("sent_at")?.map(instant).transpose()?,
        failures: count("failures")?,
        next_at: instant(row.get("next_at")?)?,
    })
}
