//! The database's address and its file: reading the URL, looking at a file before it is touched, making a new one
//! whole or not at all, copying one. It never replaces a file that holds something.

use std::fs::{DirBuilder, File};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use tempfile::NamedTempFile;

use super::StoreError;

/// A file up to this size is checked page by page before it is opened; a larger one only by `verify`.
const CHECKED_UP_TO_BYTES: u64 = 32 * 1024 * 1024;

/// Where the database is.
pub(super) enum Address {
    File(PathBuf),
    Server(String),
}

impl Address {
    /// Reads `sqlite://data/mediakit.db`, `sqlite:///var/lib/mediakit.db` or `postgres://…`.
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Server(url.to_owned()));
        }
        let path = url.strip_prefix("sqlite:").ok_or(StoreError::BadUrl)?;
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = percent_decode_str(path.split('?').next().unwrap_or(path)).decode_utf8();
        match path.map_err(|_| StoreError::BadUrl)?.as_ref() {
            "" | ":memory:" => Err(StoreError::BadUrl),
            path => Ok(Self::File(PathBuf::from(path))),
        }
    }
}

/// Looks at the file without changing a byte of it: the schema it has (0: none of ours yet), or `None` when there is
/// no file. What is broken or of another program is refused.
pub(super) async fn look(path: &Path) -> Result<Option<i64>, StoreError> {
    let size = match std::fs::metadata(path) {
        Ok(found) if found.is_file() => found.len(),
        Ok(_) => return Err(StoreError::NotADatabase),
        Err(error) if error.kind() == ErrorKind::NotFound => return nothing_left_behind(path).map(|()| None),
        Err(error) => return Err(error.into()),
    };
    if size == 0 {
        // A database of ours is never empty, see `Store::open`: this one was cut off.
        return Err(StoreError::corrupt("the file is empty"));
    }
    let mut database = match look_only(path).await {
        Ok(database) => database,
        // What a crash left to be rolled back or forward has to be written first.
        Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| code == "264" || code == "776") => {
            SqliteConnectOptions::new().filename(path).connect().await?
        }
        Err(error) => return Err(error.into()),
    };
    if size <= CHECKED_UP_TO_BYTES {
        let finding: String = sqlx::query_scalar("pragma quick_check(1)").fetch_one(&mut database).await?;
        if finding != "ok" {
            return Err(StoreError::corrupt(finding));
        }
    }
    let schema = schema(&mut database).await?;
    database.close().await?;
    Ok(Some(schema))
}

async fn look_only(path: &Path) -> Result<SqliteConnection, sqlx::Error> {
    let mut database = SqliteConnectOptions::new().filename(path).read_only(true).connect().await?;
    sqlx::query("select count(*) from sqlite_master").fetch_one(&mut database).await?;
    Ok(database)
}

/// The schema of a database. One that is not ours may hold nothing, or `social_stats_cache` in the form we know.
async fn schema(database: &mut SqliteConnection) -> Result<i64, StoreError> {
    let tables = sqlx::query_scalar::<_, String>("select name from sqlite_master where type = 'table'");
    let tables = tables.fetch_all(&mut *database).await?;
    let has = |name: &str| tables.iter().any(|table| table == name);
    if has("schema_version") {
        return Ok(sqlx::query_scalar("select version from schema_version").fetch_one(database).await?);
    }
    if tables.is_empty() || has("social_stats_cache") && is_the_cache(database).await? {
        Ok(0)
    } else {
        Err(StoreError::NotADatabase)
    }
}

async fn is_the_cache(database: &mut SqliteConnection) -> Result<bool, StoreError> {
    let columns = "select count(*) from pragma_table_info('social_stats_cache') \
        where name in ('id', 'platform', 'username', 'stats_data', 'fetched_at')";
    let columns: i64 = sqlx::query_scalar(columns).fetch_one(&mut *database).await?;
    let keys = "select count(*) from pragma_index_list('social_stats_cache') l where l.\"unique\" = 1 and \
        (select group_concat(name) from (select name from pragma_index_info(l.name) order by name)) = 'platform,username'";
    let keys: i64 = sqlx::query_scalar(keys).fetch_one(database).await?;
    Ok(columns == 5 && keys > 0)
}

/// A write-ahead log without its database is what remains of one; a new file beside it would swallow it.
fn nothing_left_behind(path: &Path) -> Result<(), StoreError> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    match std::fs::metadata(log) {
        Ok(found) if found.len() > 0 => Err(StoreError::corrupt("the file is gone, its write-ahead log is not")),
        _ => Ok(()),
    }
}

/// The folder a file is in, made (0700) when it is missing.
pub(super) fn folder_of(path: &Path) -> Result<PathBuf, StoreError> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    Ok(folder)
}

/// A temporary file (0600) beside `path`, to become it once it is whole.
pub(super) fn beside(path: &Path) -> Result<NamedTempFile, StoreError> {
    Ok(tempfile::Builder::new().prefix(".mediakit-").suffix(".tmp").tempfile_in(folder_of(path)?)?)
}

/// Gives a finished temporary file its name, durably. Says whether it did: with `replace` it always does.
pub(super) fn settle(file: NamedTempFile, path: &Path, replace: bool) -> Result<bool, StoreError> {
    file.as_file().sync_all()?;
    let settled = if replace { file.persist(path) } else { file.persist_noclobber(path) };
    match settled {
        Ok(_) => {}
        Err(error) if !replace && error.error.kind() == ErrorKind::AlreadyExists => return Ok(false),
        Err(error) => return Err(error.error.into()),
    }
    File::open(folder_of(path)?)?.sync_all()?;
    Ok(true)
}

/// Copies a database, consistent while others write to it, into an empty file.
pub(super) async fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let mut database = SqliteConnectOptions::new().filename(from).connect().await?;
    let to = to.to_str().ok_or_else(|| StoreError::unexpected("the path is not UTF-8"))?;
    sqlx::query(AssertSqlSafe("vacuum into $1")).bind(to.to_owned()).execute(&mut database).await?;
    Ok(database.close().await?)
}

/// The first free name for the copy that is kept when a migration begins: `mediakit.db.before-schema-2`, `…-2.2`, ….
pub(super) fn keep_copy(copy: NamedTempFile, path: &Path, schema: i64) -> Result<(), StoreError> {
    copy.as_file().sync_all()?;
    let mut copy = copy;
    for n in 1.. {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".before-schema-{schema}"));
        if n > 1 {
            name.push(format!(".{n}"));
        }
        let name = PathBuf::from(name);
        match copy.persist_noclobber(&name) {
            Ok(_) => {
                File::open(folder_of(path)?)?.sync_all()?;
                return Ok(());
            }
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => copy = error.file,
            Err(error) => return Err(error.error.into()),
        }
    }
    Err(StoreError::unexpected("no free name for the copy"))
}
