//! Backup and restore. A backup is a SQLite file of the same schema, whichever database it was made of.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::file::{self, Address};
use super::migrate;
use super::pool::{Pool, Tx};
use super::sql::{Param, Row, read, write};
use super::{Store, StoreError, Vault};

const PAGE: usize = 500;

/// How a column is read.
#[derive(Clone, Copy)]
enum As {
    Int,
    Text,
    Flag,
    Bytes,
    MaybeBytes,
}

/// A table with its columns; the first `keys` of them are its primary key.
pub(super) struct Table {
    pub(super) name: &'static str,
    keys: usize,
    columns: &'static [(&'static str, As)],
    /// Whether new rows get their id from the database.
    pub(super) counted: bool,
}

/// A table whose rows bring their own keys.
const fn table(name: &'static str, keys: usize, columns: &'static [(&'static str, As)]) -> Table {
    Table { name, keys, columns, counted: false }
}

/// All tables, referenced ones before those that refer to them.
pub(super) const TABLES: &[Table] = &[
    Table {
        name: "creators",
        keys: 1,
        counted: true,
        columns: &[
            ("id", As::Int),
            ("name", As::Text),
            ("bio", As::Text),
            ("location", As::Text),
            ("avatar_url", As::Text),
            ("contact", As::Text),
            ("theme", As::Text),
            ("threshold", As::Int),
            ("published", As::Text),
            ("lang", As::Text),
            ("accent", As::Text),
            ("font", As::Text),
            ("layout", As::Text),
            ("least_share", As::Int),
            ("hides_small", As::Flag),
            ("platform_order", As::Text),
            ("version", As::Int),
        ],
    },
    table(
        "pictures",
        1,
        &[("creator_id", As::Int), ("source", As::Text), ("jpeg", As::Bytes), ("fetched_at", As::Int)],
    ),
    Table {
        name: "accounts",
        keys: 1,
        counted: true,
        columns: &[
            ("id", As::Int),
            ("creator_id", As::Int),
            ("platform", As::Text),
            ("handle", As::Text),
            ("retired", As::Flag),
            ("fence", As::Int),
            ("pinned_id", As::Text),
            ("wait_until", As::Int),
            ("wait_kind", As::Text),
            ("due_at", As::Int),
            ("failures", As::Int),
            ("failure_kind", As::Text),
            ("failure_detail", As::Text),
            ("failure_at", As::Int),
            ("failure_next_at", As::Int),
            ("held_audience", As::Int),
            ("held_at", As::Int),
            ("asked_at", As::Int),
        ],
    },
    Table {
        name: "social_stats_cache",
        keys: 1,
        counted: true,
        columns: &[
            ("id", As::Int),
            ("platform", As::Text),
            ("username", As::Text),
            ("stats_data", As::Text),
            ("fetched_at", As::Text),
        ],
    },
    Table {
        name: "metrics",
        keys: 1,
        counted: true,
        columns: &[("id", As::Int), ("key", As::Text), ("unit", As::Text)],
    },
    Table {
        name: "origins",
        keys: 1,
        counted: true,
        columns: &[
            ("id", As::Int),
            ("source", As::Text),
            ("provenance", As::Text),
            ("api_version", As::Text),
            ("api_version_answered", As::Text),
        ],
    },
    Table {
        name: "history",
        keys: 3,
        counted: false,
        columns: &[
            ("account_id", As::Int),
            ("metric_id", As::Int),
            ("day", As::Int),
            ("value", As::Int),
            ("precision", As::Int),
            ("origin_id", As::Int),
            ("fetched_at", As::Int),
        ],
    },
    table("failed_days", 2, &[("account_id", As::Int), ("day", As::Int), ("kind", As::Text)]),
    Table {
        name: "api_tokens",
        keys: 1,
        counted: false,
        columns: &[
            ("name", As::Text),
            ("hash", As::Bytes),
            ("scopes", As::Text),
            ("created_at", As::Int),
            ("last_used_at", As::Int),
        ],
    },
    table("spending", 2, &[("platform", As::Text), ("month", As::Text), ("micro_usd", As::Int)]),
    Table {
        name: "refresh_runs",
        keys: 1,
        counted: true,
        columns: &[
            ("id", As::Int),
            ("trigger", As::Text),
            ("day", As::Int),
            ("started_at", As::Int),
            ("finished_at", As::Int),
            ("saved", As::Int),
            ("failed", As::Int),
        ],
    },
    Table { name: "vault", keys: 1, counted: false, columns: &[("id", As::Int), ("probe", As::Bytes)] },
    Table {
        name: "credentials",
        keys: 2,
        counted: false,
        columns: &[
            ("creator_id", As::Int),
            ("platform", As::Text),
            ("fence", As::Int),
            ("generation", As::Int),
            ("phase", As::Text),
            ("sealed", As::Bytes),
            ("life_since", As::Int),
            ("life_expires_at", As::Int),
            ("life_endless", As::Flag),
            ("life_renewable_until", As::Int),
            ("life_data_access_until", As::Int),
            ("due_at", As::Int),
            ("failures", As::Int),
            ("failure_kind", As::Text),
            ("failure_detail", As::Text),
            ("failure_at", As::Int),
            ("failure_next_at", As::Int),
            ("checked_at", As::Int),
            ("tried", As::Text),
        ],
    },
    Table {
        name: "mirrors",
        keys: 2,
        counted: false,
        columns: &[
            ("creator_id", As::Int),
            ("name", As::Text),
            ("wanted", As::Text),
            ("done", As::Text),
            ("attempts", As::Int),
            ("since", As::Int),
            ("next_at", As::Int),
            ("done_at", As::Int),
            ("failure", As::Text),
        ],
    },
    Table {
        name: "owners",
        keys: 1,
        counted: true,
        columns: &[
            ("id", As::Int),
            ("creator_id", As::Int),
            ("name", As::Text),
            ("password", As::Text),
            ("lang", As::Text),
            ("totp", As::MaybeBytes),
            ("totp_step", As::Int),
            ("created_at", As::Int),
        ],
    },
    table("recovery_codes", 2, &[("owner_id", As::Int), ("hash", As::Bytes), ("used_at", As::Int)]),
    Table {
        name: "passkeys",
        keys: 1,
        counted: false,
        columns: &[
            ("id", As::Bytes),
            ("owner_id", As::Int),
            ("name", As::Text),
            ("public_key", As::Bytes),
            ("uses", As::Int),
            ("created_at", As::Int),
            ("used_at", As::Int),
        ],
    },
    table(
        "settings",
        2,
        &[("creator_id", As::Int), ("name", As::Text), ("value", As::Text), ("sealed", As::MaybeBytes)],
    ),
    Table {
        name: "link_entries",
        keys: 1,
        counted: true,
        columns: &[
            ("id", As::Int),
            ("creator_id", As::Int),
            ("kind", As::Text),
            ("title", As::Text),
            ("url", As::Text),
            ("icon", As::Text),
            ("place", As::Int),
            ("hidden", As::Flag),
            ("starts_at", As::Int),
            ("ends_at", As::Int),
            ("version", As::Int),
        ],
    },
    table("link_clicks", 2, &[("link_id", As::Int), ("day", As::Int), ("clicks", As::Int)]),
    Table {
        name: "visits",
        keys: 4,
        counted: false,
        columns: &[
            ("creator_id", As::Int),
            ("day", As::Int),
            ("kind", As::Text),
            ("name", As::Text),
            ("visits", As::Int),
        ],
    },
    Table {
        name: "blocks",
        keys: 1,
        counted: true,
        columns: &[
            ("id", As::Int),
            ("creator_id", As::Int),
            ("kind", As::Text),
            ("place", As::Int),
            ("hidden", As::Flag),
            ("body", As::Text),
            ("version", As::Int),
        ],
    },
    Table {
        name: "audit",
        keys: 1,
        counted: true,
        columns: &[("id", As::Int), ("at", As::Int), ("who", As::Text), ("what", As::Text), ("detail", As::Text)],
    },
];

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
    let values = list((0..rows.len()).map(|row| format!("({})", places(row * width + 1, width))));
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

/// `$1, $2, …` from a first number on.
fn places(first: usize, count: usize) -> String {
    list((first..first + count).map(|n| format!("${n}")))
}

fn list(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn same_file(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| PathBuf::from(path));
    real(one) == real(other)
}
