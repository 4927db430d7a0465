//! One SQL text with its parameters, for whichever database is behind: what the rest of the store is written with.
//! [`read`] and [`write()`] say what a text does; `pool.rs` knows where it goes.

use std::borrow::Cow;

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{ColumnIndex, Decode, Postgres, Row as _, Sqlite, Type};

use super::StoreError;
use super::pool::{Target, Tx};

/// A value for `$1`, `$2`, …; every kind knows its type even when it is null, as PostgreSQL wants to be told.
#[derive(Clone, Debug)]
pub(super) enum Param {
    Int(Option<i64>),
    Text(Option<String>),
    Flag(bool),
    Bytes(Option<Vec<u8>>),
}

impl From<i64> for Param {
    fn from(n: i64) -> Self {
        Self::Int(Some(n))
    }
}

impl From<Option<i64>> for Param {
    fn from(n: Option<i64>) -> Self {
        Self::Int(n)
    }
}

impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Self::Text(Some(without_nul(text)))
    }
}

impl From<String> for Param {
    fn from(text: String) -> Self {
        Self::Text(Some(without_nul(&text)))
    }
}

impl From<Option<&str>> for Param {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(without_nul))
    }
}

impl From<bool> for Param {
    fn from(yes: bool) -> Self {
        Self::Flag(yes)
    }
}

impl From<&[u8]> for Param {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(Some(bytes.to_owned()))
    }
}

impl From<Option<&[u8]>> for Param {
    fn from(bytes: Option<&[u8]>) -> Self {
        Self::Bytes(bytes.map(<[u8]>::to_owned))
    }
}

/// PostgreSQL's text can't hold U+0000, which a platform may well send; neither database keeps it.
fn without_nul(text: &str) -> String {
    text.replace('\0', "")
}

/// A statement with its parameters.
pub(super) struct Sql {
    pub(super) text: Cow<'static, str>,
    pub(super) params: Vec<Param>,
    pub(super) writes: bool,
}

/// A statement that only reads.
pub(super) fn read(text: impl Into<Cow<'static, str>>) -> Sql {
    Sql { text: text.into(), params: Vec::new(), writes: false }
}

/// A statement that changes something; outside a transaction it is its own durable transaction.
pub(super) fn write(text: impl Into<Cow<'static, str>>) -> Sql {
    Sql { text: text.into(), params: Vec::new(), writes: true }
}

/// `$1, $2, …` from a first number on.
pub(super) fn places(first: usize, count: usize) -> String {
    list((first..first + count).map(|n| format!("${n}")))
}

/// `($1, $2), ($3, $4), …`: as many rows of places for `values`.
pub(super) fn value_rows(rows: usize, width: usize) -> String {
    list((0..rows).map(|row| format!("({})", places(row * width + 1, width))))
}

/// The parts of a text, with commas between them.
pub(super) fn list(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

impl Sql {
    /// The next parameter.
    pub(super) fn bind(mut self, param: impl Into<Param>) -> Self {
        self.params.push(param.into());
        self
    }

    /// All rows.
    pub(super) async fn all(self, on: impl Into<Target<'_>>) -> Result<Vec<Row>, StoreError> {
        on.into().rows(self).await
    }

    /// The first row.
    pub(super) async fn first(self, on: impl Into<Target<'_>>) -> Result<Option<Row>, StoreError> {
        on.into().first(self).await
    }

    /// The one row there must be.
    pub(super) async fn one(self, on: impl Into<Target<'_>>) -> Result<Row, StoreError> {
        self.first(on).await?.ok_or_else(|| StoreError::unexpected("a row that must exist is missing"))
    }

    /// How many rows it changed.
    pub(super) async fn run(self, on: impl Into<Target<'_>>) -> Result<u64, StoreError> {
        on.into().changed(self).await
    }

    /// Runs it in a transaction and says whether it changed anything.
    pub(super) async fn changes(self, tx: &mut Tx) -> Result<bool, StoreError> {
        Ok(self.run(tx).await? > 0)
    }
}

/// A row of either database.
pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A column by name or place.
pub(super) trait Column: ColumnIndex<SqliteRow> + ColumnIndex<PgRow> {}
impl<T: ColumnIndex<SqliteRow> + ColumnIndex<PgRow>> Column for T {}

/// What a column can be read as: `i64`, `String`, `bool`, `Vec<u8>`, or an `Option` of them.
pub(super) trait Cell:
    for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}
impl<T> Cell for T where T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> {}

impl Row {
    /// The value of a column.
    pub(super) fn get<T: Cell>(&self, column: impl Column) -> Result<T, StoreError> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }
}
