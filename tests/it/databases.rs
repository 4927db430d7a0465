//! Throw-away databases: always SQLite in a folder of its own, and PostgreSQL when `MEDIAKIT_TEST_POSTGRES` names a
//! server (`postgres://user@host:port/postgres`) on which databases may be made and dropped.

use std::path::PathBuf;
use std::str::FromStr as _;
use std::sync::atomic::{AtomicU32, Ordering};

use mediakit::store::Store;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};

use crate::kept::Folder;

/// A database of its own; gone when dropped.
pub struct Database {
    /// Its address.
    pub url: String,
    /// A folder of its own; the SQLite file is in it.
    pub folder: Folder,
    server: Option<(String, String)>,
}

/// A new database of each kind there is.
pub async fn each() -> Vec<Database> {
    let mut all = vec![sqlite()];
    all.extend(postgres().await);
    all
}

/// A SQLite file that does not exist yet.
pub fn sqlite() -> Database {
    let folder = Folder::new();
    Database { url: Store::url_of(&folder.path().join("mediakit.db")), folder, server: None }
}

/// An empty database on the server, when there is one.
pub async fn postgres() -> Option<Database> {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var("MEDIAKIT_TEST_POSTGRES").ok()?;
    let name = format!("mediakit_test_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
    run(&server, format!("create database {name}")).await;
    let mut url = url::Url::parse(&server).unwrap();
    url.set_path(&name);
    Some(Database { url: url.to_string(), folder: Folder::new(), server: Some((server, name)) })
}

impl Database {
    /// Opens it.
    pub async fn open(&self) -> Store {
        Store::open(&self.url).await.unwrap()
    }

    /// The SQLite file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("mediakit.db")
    }

    /// Runs SQL behind the store's back.
    pub async fn run(&self, text: &str) -> Result<(), sqlx::Error> {
        let text = AssertSqlSafe(text.to_owned());
        if self.server.is_some() {
            return PgConnectOptions::from_str(&self.url)?.connect().await?.execute(text).await.map(drop);
        }
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(self.file()).create_if_missing(true);
        options.connect().await?.execute(text).await.map(drop)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some((server, name)) = self.server.take() else { return };
        let work = async move { run(&server, format!("drop database {name} with (force)")).await };
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        std::thread::spawn(move || runtime().block_on(work)).join().unwrap();
    }
}

async fn run(server: &str, text: String) {
    let mut connection: PgConnection = PgConnectOptions::from_str(server).unwrap().connect().await.unwrap();
    connection.execute(AssertSqlSafe(text)).await.unwrap();
}
