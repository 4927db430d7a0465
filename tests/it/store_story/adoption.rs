//! Databases of the first format: taken over after a copy, whenever the taking over is cut short.

use std::fs;

use sqlx::{AssertSqlSafe, ConnectOptions as _, Row as _};

use super::{INSTAGRAM, at, saved};
use crate::databases::{self, Database};

const FIRST_FORMAT: &str = r#"
    CREATE TABLE social_stats_cache (
        id INTEGER PRIMARY KEY,
        platform TEXT NOT NULL,
        username TEXT NOT NULL,
        stats_data TEXT NOT NULL,
        fetched_at DATETIME,
        UNIQUE(platform, username)
    );
    CREATE TABLE links (id INTEGER PRIMARY KEY, title TEXT);
    INSERT INTO links (title) VALUES ('kept');
    INSERT INTO social_stats_cache VALUES
        (3, 'instagram', 'festas_builds', '{"meta": {"updated_at": "2025-11-23T18:00:00Z", "source": "Meta Graph API", "api_version": "v18.0"}, "profile": {"username": "festas_builds", "name": "Eric | Tech & Gaming"}, "stats": {"followers": 104700, "posts": 456, "reach_daily": 15000}, "platform": "instagram", "followers": 104700, "posts": 456, "fetched_at": "2025-11-23T18:00:00Z"}', '2025-11-23 18:00:00'),
        (4, 'instagram', 'older_name', '{"stats": {"followers": 5}}', '2025-11-22T18:00:00Z'),
        (9, 'tiktok', 'festas', '{"stats": {"followers": 65800}}', '2025-11-23 18:00:00');
"#;

#[tokio::test]
async fn a_database_of_the_first_format_is_taken_over_after_a_copy() {
    let database = databases::sqlite();
    database.run(FIRST_FORMAT).await.unwrap();
    let rows = all_rows(&database, "social_stats_cache").await;
    let store = database.open().await;
    let accounts = store.accounts(1).await.unwrap();
    let handles: Vec<_> = accounts.iter().map(|a| (a.platform.as_str(), a.handle.as_str())).collect();
    assert_eq!(handles, [("instagram", "festas_builds"), ("tiktok", "festas")]);
    let (kit, bad) = store.kit().await.unwrap();
    assert_eq!((kit.snapshots.len(), bad.len()), (3, 0));
    assert_eq!(kit.snapshots[0].audience(&INSTAGRAM), Some(104_700));
    assert_eq!(all_rows(&database, "social_stats_cache").await, rows);
    assert_eq!(all_rows(&database, "links").await, ["1 kept"]);

    saved(&store, accounts[0].id, 104_800, at("2026-11-22T03:00:04Z")).await;
    let now = all_rows(&database, "social_stats_cache").await;
    assert!(now[0].starts_with("3 instagram festas_builds") && now[0].contains("104800"), "{now:?}");
    assert_eq!(now[1..], rows[1..]);
    store.close().await;

    let copy = database.folder.path().join("mediakit.db.before-schema-5");
    let mut copy = sqlx::sqlite::SqliteConnectOptions::new().filename(copy).connect().await.unwrap();
    let tables = "select group_concat(name) from (select name from sqlite_master where type = 'table' order by name)";
    let tables: String = sqlx::query_scalar(tables).fetch_one(&mut copy).await.unwrap();
    assert_eq!(tables, "links,social_stats_cache");
    let removed = database.open().await;
    removed.remove_handle(1, "instagram").await.unwrap();
    assert_eq!(removed.kit().await.unwrap().0.snapshots.len(), 1, "no older name shows up in its place");
}

async fn all_rows(database: &Database, table: &str) -> Vec<String> {
    let mut open = sqlx::sqlite::SqliteConnectOptions::new().filename(database.file()).connect().await.unwrap();
    let rows = sqlx::query(AssertSqlSafe(format!("select * from {table} order by 1"))).fetch_all(&mut open);
    let text = |row: sqlx::sqlite::SqliteRow| {
        let cell = |n| row.try_get_unchecked::<String, _>(n).unwrap();
        (0..row.len()).map(cell).collect::<Vec<_>>().join(" ")
    };
    rows.await.unwrap().into_iter().map(text).collect()
}

/// The statements of the SQLite migrations as the store runs them; a trigger is one.
fn statements() -> Vec<String> {
    let steps = [
        include_str!("../../../migrations/sqlite/0001_init.sql"),
        include_str!("../../../migrations/sqlite/0002_credentials.sql"),
    ];
    let mut all = vec!["begin immediate;".to_owned()];
    all.push("create table schema_version (version bigint not null);".to_owned());
    all.push("insert into schema_version (version) values (0);".to_owned());
    for (done, step) in steps.iter().enumerate() {
        all.push(String::new());
        for line in step.lines() {
            let open = all.last_mut().unwrap();
            open.push_str(line);
            open.push('\n');
            let in_trigger = open.contains("create trigger") && line != "end;";
            if line.ends_with(';') && !in_trigger {
                all.push(String::new());
            }
        }
        let end = ["update schema_version set version =", &(done + 1).to_string(), "; commit; begin immediate;"];
        all.extend(end.concat().split_inclusive(';').map(str::to_owned));
    }
    all
}

#[tokio::test]
async fn a_migration_killed_at_any_statement_is_begun_again() {
    let statements = statements();
    assert!(statements.len() > 15);
    let mut written = 0;
    for killed_after in 0..=statements.len() {
        let database = databases::sqlite();
        database.run(FIRST_FORMAT).await.unwrap();
        let mut open = sqlx::sqlite::SqliteConnectOptions::new().filename(database.file());
        open = open
            .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
            .pragma("cache_spill", "1")
            .pragma("cache_size", "1");
        let mut open = open.connect().await.unwrap();
        for statement in &statements[..killed_after] {
            sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut open).await.unwrap();
        }
        let after = databases::sqlite();
        fs::copy(database.file(), after.file()).unwrap();
        let log = |database: &Database| database.file().with_extension("db-wal");
        if log(&database).exists() {
            written = fs::copy(log(&database), log(&after)).unwrap().max(written);
        }
        let store = after.open().await;
        assert_eq!(store.accounts(1).await.unwrap().len(), 2, "killed after {killed_after}");
        assert_eq!(store.audit(1).await.unwrap(), []);
        assert!(store.verify().await.unwrap().is_empty());
    }
    assert!(written > 50_000, "what was not committed was on the disk: {written} bytes");
}
