//! The one place that knows which database is behind the store: connecting, running statements, transactions, and
//! the few things the two say differently. No table is named here.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Arguments, AssertSqlSafe, Database, Encode, PgPool, Postgres, Sqlite, Transaction, Type};

use super::StoreError;
use super::file::Address;
use super::line::{Begun, Line};
use super::sql::{Param, Row, Sql, read};

/// Pages are answered from memory, so few read at a time; a connection takes a third of a megabyte.
const READERS: u32 = 2;
const POSTGRES_CONNECTIONS: u32 = 6;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// PostgreSQL stops a statement after ten seconds by itself; this is for when it no longer answers at all.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// For work on whole tables.
const UNHURRIED: Duration = Duration::from_hours(1);
/// A writer waits for the writers before it, restores included.
const WRITER_TIMEOUT: Duration = Duration::from_mins(1);

/// A database, chosen once from the URL.
#[derive(Clone)]
pub(super) enum Pool {
    /// Several readers and one writer: writers queue here instead of polling the file's lock.
    Sqlite { readers: Line, writer: Line },
    /// A server.
    Postgres(PgPool),
}

/// A transaction; dropped without [`Tx::commit`] it is undone.
pub(super) enum Tx {
    Sqlite(Begun),
    /// With how long an answer may take.
    Postgres(Transaction<'static, Postgres>, Duration),
}

/// Where a statement runs: on its own, or in a transaction.
pub(super) enum Target<'a> {
    Pool(&'a Pool),
    Tx(&'a mut Tx),
}

impl<'a> From<&'a Pool> for Target<'a> {
    fn from(pool: &'a Pool) -> Self {
        Self::Pool(pool)
    }
}

impl<'a> From<&'a mut Tx> for Target<'a> {
    fn from(tx: &'a mut Tx) -> Self {
        Self::Tx(tx)
    }
}

impl Pool {
    /// Connects to an existing database.
    pub(super) async fn connect(address: &Address) -> Result<Self, StoreError> {
        match address {
            Address::File(path) => {
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(BUSY_TIMEOUT)
                    .foreign_keys(true);
                let writer = Line::new(options.clone(), 1, WRITER_TIMEOUT);
                // Whether it can be opened is said now.
                drop(writer.take().await?);
                Ok(Self::Sqlite { readers: Line::new(options, READERS, ACQUIRE_TIMEOUT), writer })
            }
            Address::Server(url) => {
                let options = PgConnectOptions::from_str(url).map_err(|_| StoreError::BadUrl)?;
                let options = options.options([("statement_timeout", "10s")]);
                let pool = PgPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).acquire_timeout(ACQUIRE_TIMEOUT);
                Ok(Self::Postgres(pool.connect_with(options).await?))
            }
        }
    }

    /// Waits for running statements and disconnects.
    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// A transaction that writes.
    pub(super) async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite { writer, .. } => Tx::Sqlite(writer.begin("begin immediate").await?),
            Self::Postgres(pool) => Tx::Postgres(in_time(ANSWER_TIMEOUT, pool.begin()).await?, ANSWER_TIMEOUT),
        })
    }

    /// A transaction in which everything read is of one instant.
    pub(super) async fn begin_reading(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Tx::Sqlite(readers.begin("begin").await?),
            Self::Postgres(pool) => {
                let begin = pool.begin_with("begin isolation level repeatable read read only");
                Tx::Postgres(in_time(ANSWER_TIMEOUT, begin).await?, ANSWER_TIMEOUT)
            }
        })
    }

    /// A writing transaction that only one process at a time can be in, however long it takes.
    pub(super) async fn begin_alone(&self) -> Result<Tx, StoreError> {
        let mut tx = self.begin().await?;
        tx.take_time().await?;
        if let Tx::Postgres(..) = tx {
            read("select pg_advisory_xact_lock(7310579034216891)::text").all(&mut tx).await?;
        }
        Ok(tx)
    }

    /// What the database itself finds wrong with its files and its references, in its own words.
    pub(super) async fn check(&self) -> Result<Vec<String>, StoreError> {
        let mut findings = Vec::new();
        if let Self::Sqlite { .. } = self {
            for row in read("pragma integrity_check(100)").all(self).await? {
                findings.push(row.get::<String>(0)?);
            }
            findings.retain(|finding| finding != "ok");
            for row in read("pragma foreign_key_check").all(self).await? {
                let (table, parent) = (row.get::<String>(0)?, row.get::<String>(2)?);
                findings.push(format!("a row of {table} refers to a missing row of {parent}"));
            }
        }
        Ok(findings)
    }
}

impl Tx {
    /// Makes everything since the beginning durable.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx, patience) => in_time(patience, tx.commit()).await,
        }
    }

    /// Runs a script of several statements.
    pub(super) async fn script(&mut self, text: &'static str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => sqlx::raw_sql(text).execute(tx.get()?).await.map(drop)?,
            Self::Postgres(tx, _) => sqlx::raw_sql(text).execute(&mut **tx).await.map(drop)?,
        }
        Ok(())
    }

    /// Lifts the time limit a statement has, for work on whole tables.
    pub(super) async fn take_time(&mut self) -> Result<(), StoreError> {
        if let Self::Postgres(tx, patience) = self {
            sqlx::raw_sql("set local statement_timeout = 0").execute(&mut **tx).await?;
            *patience = UNHURRIED;
        }
        Ok(())
    }

    /// Lets new ids of a table begin after those that were inserted by hand.
    pub(super) async fn continue_ids(&mut self, table: &'static str) -> Result<(), StoreError> {
        if let Self::Postgres(tx, _) = self {
            let text = format!(
                "select setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 0) + 1, false) from {table}"
            );
            sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// Lets nobody else write to these tables until the end; where one writes at a time, nobody can.
    pub(super) async fn keep_writers_out(
        &mut self,
        tables: impl Iterator<Item = &'static str>,
    ) -> Result<(), StoreError> {
        if let Self::Postgres(tx, _) = self {
            let text = format!("lock table {} in exclusive mode", tables.collect::<Vec<_>>().join(", "));
            sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// Whether there is a table of this name.
    pub(super) async fn has_table(&mut self, table: &str) -> Result<bool, StoreError> {
        let text = match self {
            Self::Sqlite(_) => "select name from sqlite_master where type = 'table' and name = $1",
            Self::Postgres(..) => "select to_regclass($1)::text where to_regclass($1) is not null",
        };
        Ok(read(text).bind(table).first(self).await?.is_some())
    }
}

impl Target<'_> {
    /// Runs a statement to its end and gives its rows.
    pub(super) async fn rows(self, sql: Sql) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Pool(Pool::Sqlite { readers, writer }) => {
                let mut taken = if sql.writes { writer } else { readers }.take().await?;
                Ok(sqlite(sql)?.fetch_all(taken.get()?).await?.into_iter().map(Row::Sqlite).collect())
            }
            Self::Tx(Tx::Sqlite(tx)) => {
                Ok(sqlite(sql)?.fetch_all(tx.get()?).await?.into_iter().map(Row::Sqlite).collect())
            }
            Self::Pool(Pool::Postgres(pool)) => Ok(in_time(ANSWER_TIMEOUT, postgres(sql)?.fetch_all(pool))
                .await?
                .into_iter()
                .map(Row::Postgres)
                .collect()),
            Self::Tx(Tx::Postgres(tx, patience)) => {
                let rows = in_time(*patience, postgres(sql)?.fetch_all(&mut **tx)).await?;
                Ok(rows.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// Gives the first row and ends the statement there. A writing one is run to its end all the same: only then is it
    /// committed.
    pub(super) async fn first(self, sql: Sql) -> Result<Option<Row>, StoreError> {
        if sql.writes {
            return Ok(self.rows(sql).await?.into_iter().next());
        }
        Ok(match self {
            Self::Pool(Pool::Sqlite { readers, .. }) => {
                sqlite(sql)?.fetch_optional(readers.take().await?.get()?).await?.map(Row::Sqlite)
            }
            Self::Tx(Tx::Sqlite(tx)) => sqlite(sql)?.fetch_optional(tx.get()?).await?.map(Row::Sqlite),
            Self::Pool(Pool::Postgres(pool)) => {
                in_time(ANSWER_TIMEOUT, postgres(sql)?.fetch_optional(pool)).await?.map(Row::Postgres)
            }
            Self::Tx(Tx::Postgres(tx, patience)) => {
                in_time(*patience, postgres(sql)?.fetch_optional(&mut **tx)).await?.map(Row::Postgres)
            }
        })
    }

    /// Runs a statement and says how many rows it changed.
    pub(super) async fn changed(self, sql: Sql) -> Result<u64, StoreError> {
        Ok(match self {
            Self::Pool(Pool::Sqlite { writer, .. }) => {
                sqlite(sql)?.execute(writer.take().await?.get()?).await?.rows_affected()
            }
            Self::Tx(Tx::Sqlite(tx)) => sqlite(sql)?.execute(tx.get()?).await?.rows_affected(),
            Self::Pool(Pool::Postgres(pool)) => {
                in_time(ANSWER_TIMEOUT, postgres(sql)?.execute(pool)).await?.rows_affected()
            }
            Self::Tx(Tx::Postgres(tx, patience)) => {
                in_time(*patience, postgres(sql)?.execute(&mut **tx)).await?.rows_affected()
            }
        })
    }
}

type Query<DB> = sqlx::query::Query<'static, DB, <DB as Database>::Arguments>;

fn sqlite(sql: Sql) -> Result<Query<Sqlite>, StoreError> {
    let arguments = arguments(sql.params)?;
    Ok(sqlx::query_with(AssertSqlSafe(sql.text), arguments))
}

fn postgres(sql: Sql) -> Result<Query<Postgres>, StoreError> {
    let arguments = arguments(sql.params)?;
    Ok(sqlx::query_with(AssertSqlSafe(sql.text), arguments))
}

fn arguments<A: Arguments>(params: Vec<Param>) -> Result<A, StoreError>
where
    Option<i64>: for<'t> Encode<'t, A::Database> + Type<A::Database>,
    Option<String>: for<'t> Encode<'t, A::Database> + Type<A::Database>,
    bool: for<'t> Encode<'t, A::Database> + Type<A::Database>,
    Option<Vec<u8>>: for<'t> Encode<'t, A::Database> + Type<A::Database>,
{
    let mut arguments = A::default();
    for param in params {
        match param {
            Param::Int(n) => arguments.add(n),
            Param::Text(text) => arguments.add(text),
            Param::Flag(yes) => arguments.add(yes),
            Param::Bytes(bytes) => arguments.add(bytes),
        }
        .map_err(StoreError::Unexpected)?;
    }
    Ok(arguments)
}

/// Gives up on a server that no longer answers.
async fn in_time<T>(patience: Duration, work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, StoreError> {
    match tokio::time::timeout(patience, work).await {
        Ok(done) => Ok(done?),
        Err(late) => Err(StoreError::Unavailable(Box::new(late))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sql::write;
    use super::*;

    #[tokio::test]
    async fn every_sqlite_connection_is_durable_and_checks_references() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mediakit.db");
        std::fs::write(&file, []).unwrap();
        let pool = Pool::connect(&Address::File(file)).await.unwrap();
        for statement in [|text: &'static str| read(text), |text| write(text)] {
            let value = async |name| statement(name).one(&pool).await.unwrap();
            assert_eq!(value("pragma synchronous").await.get::<i64>(0).unwrap(), 2, "full");
            assert_eq!(value("pragma journal_mode").await.get::<String>(0).unwrap(), "wal");
            assert_eq!(value("pragma foreign_keys").await.get::<i64>(0).unwrap(), 1);
            assert_eq!(value("pragma busy_timeout").await.get::<i64>(0).unwrap(), 5000);
        }
    }
}
