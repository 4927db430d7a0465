//! Backup and restore. A backup is a SQLite file of the same schema, whichever database it was made of.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::file::{self, Address};
use super::migrate;
use super::pool::{Pool, Tx};
use super::sql::{Param, Row, list, places, read, value_rows, write};
use super::tables::{As, TABLES, Table};
use super::{Store, StoreError, Vault};

const PAGE: usize = 500;

impl Store {
    /// Writes a backup, consistent while serving: `to` is the old file or the whole new one at every moment.
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let target = file::beside(to)?;
        if let Some(own) = &self.file {
            if same_file(own, to) {
                return Err(StoreError::BackupOverItself);
            }
            file::copy(own, target.path()).await?;
        } else {
            let filled = file::beside(to)?;
            let copy = Pool::connect(&Address::File(filled.path().to_owned())).await?;
            let copied = self.copy_into(&copy).await;
            copy.close().await;
            copied?;
            // A copy of the copy is one plain file that needs no log beside it.
            file::copy(filled.path(), target.path()).await?;
        }
        file::settle(target, to, true).map(drop)
    }

    async fn copy_into(&self, copy: &Pool) -> Result<(), StoreError> {
        migrate::run(copy).await?;
        let mut from = self.pool.begin_reading().await?;
        from.take_time().await?;
        let mut into = copy.begin().await?;
        replace_all(&mut from, &mut into).await?;
        into.commit().await
    }

    /// Replaces everything by what a backup holds, in one transaction. The backup is checked first and not changed;
    /// one with an older schema is brought up to date on the way. Claims made before end here.
    pub async fn restore(&self, from: &Path) -> Result<(), StoreError> {
        let (backup, _copy) = self.open_backup(from).await?;
        let restored = self.replace_by(&backup, None).await;
        backup.close().await;
        restored
    }

    /// Opens a copy of a backup, whole and brought up to date; it is there as long as the second of the pair.
    async fn open_backup(&self, from: &Path) -> Result<(Pool, NamedTempFile), StoreError> {
        let Some(schema) = file::look(from).await? else {
            return Err(std::io::Error::from(ErrorKind::NotFound).into());
        };
        migrate::accept(schema)?;
        let copy = match &self.file {
            Some(own) => file::beside(own)?,
            None => NamedTempFile::new()?,
        };
        file::copy(from, copy.path()).await?;
        let backup = Pool::connect(&Address::File(copy.path().to_owned())).await?;
        if let Some(finding) = backup.check().await?.pop() {
            return Err(StoreError::corrupt(finding));
        }
        migrate::run(&backup).await?;
        Ok((backup, copy))
    }

    /// Puts a backup in place of everything; with a probe the key stays the one that is in use.
    async fn replace_by(&self, backup: &Pool, probe: Option<&[u8]>) -> Result<(), StoreError> {
        let mut from = backup.begin_reading().await?;
        let mut into = self.pool.begin_alone().await?;
        into.keep_writers_out(TABLES.iter().map(|table| table.name)).await?;
        let fence = read(
            "select coalesce(max(fence), 0) as fence from \
             (select fence from accounts union all select fence from credentials) as fences",
        );
        let fence: i64 = fence.one(&mut into).await?.get("fence")?;
        replace_all(&mut from, &mut into).await?;
        // No claim from before may ever look like one made after.
        for table in ["accounts", "credentials"] {
            write(format!("update {table} set fence = fence + $1 + 1")).bind(fence).run(&mut into).await?;
        }
        if let Some(probe) = probe {
            write("delete from vault").run(&mut into).await?;
            write("insert into vault (id, probe) values (1, $1)").bind(probe).run(&mut into).await?;
        }
        into.commit().await
    }
}

/// Why a backup was not put in place of what a running server has. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// It was sealed with another key.
    #[error("the backup is sealed with another key")]
    OtherKey,
    /// Nobody could sign in afterwards.
    #[error("the backup holds nobody who may sign in")]
    NoOwner,
    /// The backup can't be used, or the database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Vault {
    /// Replaces everything a running server has by what a backup holds, in one transaction, after keeping what is there
    /// in the file `safe`. The backup is read through first: it must open with our key and hold somebody to sign in.
    pub async fn restore(&self, from: &Path, safe: &Path) -> Result<(), RestoreError> {
        let (backup, _copy) = self.store.open_backup(from).await?;
        let restored = async {
            if !self.opens(&backup).await? {
                return Err(RestoreError::OtherKey);
            }
            if read("select 1 from owners limit 1").first(&backup).await?.is_none() {
                return Err(RestoreError::NoOwner);
            }
            self.store.backup(safe).await?;
            Ok(self.store.replace_by(&backup, Some(&self.key().await?.probe)).await?)
        };
        let restored = restored.await;
        backup.close().await;
        restored
    }
}

async fn replace_all(from: &mut Tx, into: &mut Tx) -> Result<(), StoreError> {
    for table in TABLES.iter().rev() {
        write(format!("delete from {}", table.name)).run(&mut *into).await?;
    }
    for table in TABLES {
        replace(table, from, into).await?;
        if table.counted {
            into.continue_ids(table.name).await?;
        }
    }
    Ok(())
}

/// Copies a table page by page, in the order of its key.
async fn replace(table: &Table, from: &mut Tx, into: &mut Tx) -> Result<(), StoreError> {
    let columns = list(table.columns.iter().map(|(name, kind)| match kind {
        As::Text => format!("cast({name} as text) as {name}"),
        _ => (*name).to_owned(),
    }));
    let keys = list(table.columns[..table.keys].iter().map(|(name, _)| (*name).to_owned()));
    let first = format!("select {columns} from {} order by {keys} limit {PAGE}", table.name);
    let next = format!(
        "select {columns} from {} where ({keys}) > ({}) order by {keys} limit {PAGE}",
        table.name,
        places(1, table.keys)
    );
    let mut page = read(first).all(&mut *from).await?;
    while let Some(last) = page.last() {
        let mut following = read(next.clone());
        for param in params(table, last)?.into_iter().take(table.keys) {
            following = following.bind(param);
        }
        insert(table, &page, into).await?;
        page = if page.len() < PAGE { Vec::new() } else { following.all(&mut *from).await? };
    }
    Ok(())
}

async fn insert(table: &Table, rows: &[Row], into: &mut Tx) -> Result<(), StoreError> {
    let width = table.columns.len();
    let names = list(table.columns.iter().map(|(name, _)| (*name).to_owned()));
    let values = value_rows(rows.len(), width);
    let mut insert = write(format!("insert into {} ({names}) values {values}", table.name));
    for row in rows {
        for param in params(table, row)? {
            insert = insert.bind(param);
        }
    }
    insert.run(into).await.map(drop)
}

fn params(table: &Table, row: &Row) -> Result<Vec<Param>, StoreError> {
    let param = |(name, kind): &(&'static str, As)| {
        Ok(match kind {
            As::Int => Param::Int(row.get(*name)?),
            As::Text => Param::Text(row.get(*name)?),
            As::Flag => Param::Flag(row.get(*name)?),
            As::Bytes => Param::Bytes(Some(row.get(*name)?)),
            As::MaybeBytes => Param::Bytes(row.get(*name)?),
        })
    };
    table.columns.iter().map(param).collect()
}

fn same_file(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| PathBuf::from(path));
    real(one) == real(other)
}
