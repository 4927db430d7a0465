//! How long a year of one metric takes to read, with ten thousand and with ten million values in history.
//!
//! `cargo bench --bench history [-- --rows N]`: N in place of ten million. One line of JSON a size, then the ratio.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan as _};
use mediakit::store::Store;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};

const SMALL: i64 = 10_000;
const LARGE: i64 = 10_000_000;
/// A thousand days of eight metrics an account, so that ten thousand values hold a whole account.
const DAYS: i64 = 1000;
const METRICS: i64 = 8;
const FIRST_DAY: Date = date(2023, 11, 22);
const READS: usize = 400;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let large = wanted()?.unwrap_or(LARGE).max(SMALL);
    let small = year(SMALL).await?;
    let large = year(large).await?;
    println!(r#"{{"bench":"history","ratio":{:.3}}}"#, large / small);
    Ok(())
}

fn wanted() -> anyhow::Result<Option<i64>> {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--rows").skip(1);
    arguments.next().map(|rows| rows.parse().context("--rows takes a number")).transpose()
}

/// Fills a database with so many values and reads years out of it; gives the median in microseconds.
async fn year(rows: i64) -> anyhow::Result<f64> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("mediakit.db");
    Store::open(&Store::url_of(&file)).await?.close().await;
    let filling = Instant::now();
    let accounts = fill(&file, rows).await?;
    let filled = filling.elapsed();
    let store = Store::open(&Store::url_of(&file)).await?;
    let mut took = Vec::with_capacity(READS);
    for n in 0..READS {
        let account = pick(n, accounts);
        let from = FIRST_DAY.checked_add(i64::try_from(n * 7 % 600)?.days())?;
        let to = from.checked_add(364.days())?;
        let start = Instant::now();
        let points = store.history(account, "metric 3", from, to).await?;
        took.push(start.elapsed());
        ensure!(points.len() == 365, "{} points in place of a year", points.len());
    }
    store.close().await;
    took.sort_unstable();
    let micros = |of: Duration| of.as_secs_f64() * 1e6;
    let (median, p99) = (micros(took[READS / 2]), micros(took[READS * 99 / 100]));
    let bytes = std::fs::metadata(&file)?.len();
    println!(
        r#"{{"bench":"history","rows":{rows},"year_read_us":{median:.1},"year_read_p99_us":{p99:.1},"bytes":{bytes},"fill_secs":{:.1}}}"#,
        filled.as_secs_f64()
    );
    Ok(median)
}

/// Accounts far apart, so that no page is read twice in a row.
fn pick(n: usize, accounts: i64) -> i64 {
    let n = i64::try_from(n).unwrap_or(0);
    // The last account's days may end early; the first is always whole.
    1 + (n * 7919) % (accounts - 1).max(1)
}

/// Inserts in the order of the key, in one transaction without durability: as fast as SQLite can.
async fn fill(file: &std::path::Path, rows: i64) -> anyhow::Result<i64> {
    let accounts = (rows + DAYS * METRICS - 1) / (DAYS * METRICS);
    let options = SqliteConnectOptions::new().filename(file).journal_mode(SqliteJournalMode::Off);
    let mut database: SqliteConnection = options.synchronous(SqliteSynchronous::Off).connect().await?;
    let mut tx = database.begin().await?;
    sqlx::query(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < $1) \
         insert into accounts (id, creator_id, platform, handle, retired) select i, 1, 'youtube', 'h' || i, true from n",
    )
    .bind(accounts)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < $1) \
         insert into metrics (id, key, unit) select i, 'metric ' || i, 'count' from n",
    )
    .bind(METRICS)
    .execute(&mut *tx)
    .await?;
    sqlx::query("insert into origins values (1, 'YouTube Data API', 'public_api', 'v3', '')").execute(&mut *tx).await?;
    let first = FIRST_DAY.to_zoned(jiff::tz::TimeZone::UTC)?.timestamp();
    let first_day = first.duration_since(Timestamp::UNIX_EPOCH).as_secs() / 86_400;
    sqlx::query(
        "with recursive n(i) as (select 0 union all select i + 1 from n where i < $1 - 1) \
         insert into history select i / ($2 * $3) + 1, i / $2 % $3 + 1, $4 + i % $2, 100000 + i % 977 * 13, 0, 1, \
         ($4 + i % $2) * 86400000 + 10804000 from n",
    )
    .bind(rows)
    .bind(DAYS)
    .bind(METRICS)
    .bind(first_day)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    database.close().await?;
    Ok(accounts)
}
