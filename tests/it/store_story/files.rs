//! Files and servers: what is opened, what is refused and left as it is.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use mediakit::store::{Store, StoreError};

use super::{filled, told, with_account};
use crate::databases;

#[tokio::test]
async fn a_new_file_is_private_and_so_is_its_folder() {
    let database = databases::sqlite();
    let file = database.folder.path().join("made/for it/50%/mediakit.db");
    let store = Store::open(&Store::url_of(&file)).await.unwrap();
    with_account(&store).await;
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    assert_eq!(mode(&file.with_extension("db-wal")), 0o600);
    store.close().await;
    let left: Vec<_> = fs::read_dir(file.parent().unwrap()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["mediakit.db"]);
}

#[tokio::test]
async fn many_may_open_a_new_database_at_once() {
    for database in databases::each().await {
        let url = database.url.clone();
        let tasks = (0..8).map(|_| {
            let url = url.clone();
            tokio::spawn(async move { Store::open(&url).await.unwrap().creator().await.unwrap().id })
        });
        for task in tasks.collect::<Vec<_>>() {
            assert_eq!(task.await.unwrap(), 1);
        }
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    for database in databases::each().await {
        database.open().await.close().await;
        database.run("update schema_version set version = 4711").await.unwrap();
        let refused = Store::open(&database.url).await.err();
        assert!(matches!(refused, Some(StoreError::NewerSchema { found: 4711, .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn what_is_broken_or_foreign_is_refused_and_left_as_it_is() {
    let database = databases::sqlite();
    filled(&database).await.close().await;
    let good = fs::read(database.file()).unwrap();
    let mut torn = good.clone();
    torn[4096..8192].fill(0xa5);
    let mut newer = good.clone();
    newer[..16].fill(b'x');
    for (name, bytes) in [
        ("empty", Vec::new()),
        ("cut off", good[..good.len() / 2].to_vec()),
        ("torn", torn),
        ("headless", newer),
        ("text", b"hello".repeat(1000)),
    ] {
        fs::write(database.file(), &bytes).unwrap();
        let refused = Store::open(&database.url).await.err();
        assert!(matches!(refused, Some(StoreError::Corrupt(_) | StoreError::NotADatabase)), "{name}: {refused:?}");
        assert!(fs::read(database.file()).unwrap() == bytes, "{name}");
    }
    fs::remove_file(database.file()).unwrap();
    fs::write(database.file().with_extension("db-wal"), b"what was left").unwrap();
    assert!(matches!(Store::open(&database.url).await, Err(StoreError::Corrupt(_))));
    assert!(!database.file().exists());

    let other = databases::sqlite();
    other.run("create table moz_places (id integer primary key, url text)").await.unwrap();
    let bytes = fs::read(other.file()).unwrap();
    assert!(matches!(Store::open(&other.url).await, Err(StoreError::NotADatabase)));
    assert!(fs::read(other.file()).unwrap() == bytes);
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_repeating_it() {
    for url in ["", "mysql://a:secret@b/c", "sqlite:", "sqlite::memory:", "postgres://a:secret@[/c", "data/mediakit.db"]
    {
        let refused = Store::open(url).await.err().unwrap();
        assert!(matches!(refused, StoreError::BadUrl), "{url}: {refused:?}");
        assert!(!format!("{refused} {refused:?}").contains("secret"));
    }
    let unreachable = Store::open("postgres://a:secret@127.0.0.1:1/c").await.err().unwrap();
    assert!(matches!(unreachable, StoreError::Unavailable(_)), "{unreachable:?}");
    assert!(!format!("{unreachable} {unreachable:?}").contains("secret"));
}

#[tokio::test]
async fn connections_to_a_server_come_back_by_themselves() {
    let Some(database) = databases::postgres().await else { return };
    let store = filled(&database).await;
    let before = told(&store).await;
    let cut = "select pg_terminate_backend(pid) from pg_stat_activity \
               where datname = current_database() and pid <> pg_backend_pid()";
    database.run(cut).await.unwrap();
    assert_eq!(told(&store).await, before);
}
