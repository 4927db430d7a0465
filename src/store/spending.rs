//! Spending: what reads have cost a month, where a platform bills them.

use super::sql::{read, write};
use super::{Store, StoreError};

impl Store {
    /// Reserves the price of a read (millionths of a US dollar) in a month such as `2026-11`, in one statement.
    /// `false`, with nothing reserved, when the month's budget would be exceeded.
    pub async fn spend(
        &self,
        platform: &str,
        month: &str,
        micro_usd: i64,
        budget_micro_usd: i64,
    ) -> Result<bool, StoreError> {
        let changed = write(
            "insert into spending (platform, month, micro_usd) select $1, $2, $3 where $3 <= $4 \
             on conflict (platform, month) do update set micro_usd = spending.micro_usd + excluded.micro_usd \
             where spending.micro_usd + excluded.micro_usd <= $4",
        )
        .bind(platform)
        .bind(month)
        .bind(micro_usd)
        .bind(budget_micro_usd)
        .run(&self.pool)
        .await?;
        Ok(changed > 0)
    }

    /// What was reserved in a month.
    pub async fn spent(&self, platform: &str, month: &str) -> Result<i64, StoreError> {
        let row = read("select micro_usd from spending where platform = $1 and month = $2");
        row.bind(platform).bind(month).first(&self.pool).await?.map_or(Ok(0), |row| row.get("micro_usd"))
    }
}
