//! The end of everything a database holds, in one transaction; what is left is as new.

use jiff::Timestamp;

use super::sql::write;
use super::tables::TABLES;
use super::{Store, StoreError, audit};

/// What every kit begins with, as in the migration that made the table.
const FIRST_BLOCKS: [&str; 6] = ["hero", "stats", "platforms", "audience", "partners", "rates"];

impl Store {
    /// Deletes everything there is about a creator and those who look after their pages, in one transaction; what is
    /// left is as new. The key stays. An entry in the audit log says that it was done.
    pub async fn erase(&self, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.pool.begin_alone().await?;
        tx.keep_writers_out(TABLES.iter().map(|table| table.name)).await?;
        for table in ["alerts_sent", "sessions"].into_iter().chain(TABLES.iter().rev().map(|table| table.name)) {
            if table != "vault" {
                write(format!("delete from {table}")).run(&mut tx).await?;
            }
        }
        let creator =
            "insert into creators (id, name, theme, threshold, published) values (1, '', 'paper', 1000, '[]')";
        write(creator).run(&mut tx).await?;
        for (place, kind) in (1_i64..).zip(FIRST_BLOCKS) {
            let block = write("insert into blocks (creator_id, kind, place, body) values (1, $1, $2, '{}')").bind(kind);
            block.bind(place).run(&mut tx).await?;
        }
        for table in TABLES.iter().filter(|table| table.counted) {
            tx.continue_ids(table.name).await?;
        }
        audit::add(&mut tx, now, "mediakit", "everything deleted", "").await?;
        tx.commit().await?;
        self.wipe_free_pages().await;
        Ok(())
    }

    /// Takes what was deleted out of the file itself.
    async fn wipe_free_pages(&self) {
        if self.file.is_none() {
            return;
        }
        for statement in ["vacuum", "pragma wal_checkpoint(truncate)"] {
            if let Err(error) = write(statement).run(&self.pool).await {
                tracing::warn!(%error, "what was deleted may still be in the database's file");
            }
        }
    }
}
