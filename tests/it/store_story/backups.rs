//! Backups: of either database, on either database, consistent while others write.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use jiff::civil::date;
use mediakit::domain::account::Memory;
use mediakit::store::{Store, StoreError};

use super::{INSTAGRAM, at, claimed, filled, followers, saved, snapshot, told};
use crate::databases;

#[tokio::test]
async fn a_backup_of_either_database_restores_on_either() {
    let mut backups = Vec::new();
    let mut databases = databases::each().await;
    databases.extend(databases::each().await);
    for database in &databases {
        let store = filled(database).await;
        let file = database.folder.path().join("backup.db");
        store.backup(&file).await.unwrap();
        store.backup(&file).await.unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        backups.push((file, told(&store).await));
    }
    for (file, before) in &backups {
        for database in &databases {
            let store = database.open().await;
            let account = store.account(1, "instagram").await.unwrap().unwrap().id;
            let now = at("2026-11-25T03:00:00Z");
            let open_claim = claimed(&store, account, now).await;
            store.revoke_api_token("deploy").await.unwrap();
            store.restore(file).await.unwrap();
            assert_eq!(told(&store).await, *before);
            let late = store.save_reading(&open_claim, &INSTAGRAM, &snapshot(9, now), &Memory::default()).await;
            assert!(matches!(late, Err(StoreError::Conflict)));
            assert!(claimed(&store, account, now).await.fence > open_claim.fence);
            assert!(store.verify_at(now).await.unwrap().is_empty());
            let other = store.set_handle(1, "tiktok", "festas_builds").await.unwrap();
            assert!(other.id > account, "new ids go on after the restored ones");
        }
    }
}

#[tokio::test]
async fn a_backup_made_while_writing_is_consistent() {
    for database in databases::each().await {
        let store = filled(&database).await;
        let account = store.account(1, "instagram").await.unwrap().unwrap().id;
        let writer = store.clone();
        let writing = tokio::spawn(async move {
            for day in 1..=28 {
                saved(&writer, account, day, at(&format!("2026-12-{day:02}T03:00:00Z"))).await;
            }
        });
        let file = database.folder.path().join("backup.db");
        for _ in 0..3 {
            store.backup(&file).await.unwrap();
            let copy = Store::open(&Store::url_of(&file)).await.unwrap();
            assert!(copy.verify_at(at("2027-01-01T00:00:00Z")).await.unwrap().is_empty());
            let shown = copy.snapshot("instagram", "festas_builds").await.unwrap().unwrap();
            let to = date(2026, 12, 31);
            let last = followers(&copy, account, date(2026, 11, 1), to).await.pop().unwrap();
            assert_eq!(shown.audience(&INSTAGRAM), last.1, "numbers and history are of one instant");
            copy.close().await;
        }
        writing.await.unwrap();
    }
}

#[tokio::test]
async fn a_restore_of_something_else_changes_nothing() {
    for database in databases::each().await {
        let store = filled(&database).await;
        let before = told(&store).await;
        let folder = database.folder.path();
        fs::write(folder.join("garbage"), b"no database, however long this may be").unwrap();
        assert!(matches!(store.restore(&folder.join("garbage")).await, Err(StoreError::NotADatabase)));
        assert!(matches!(store.restore(&folder.join("missing")).await, Err(StoreError::Unavailable(_))));
        let good = folder.join("good");
        store.backup(&good).await.unwrap();
        let bytes = fs::read(&good).unwrap();
        fs::write(folder.join("short"), &bytes[..bytes.len() / 2]).unwrap();
        assert!(matches!(store.restore(&folder.join("short")).await, Err(StoreError::Corrupt(_))));
        assert_eq!(told(&store).await, before);
    }
    let sqlite = databases::sqlite();
    let store = sqlite.open().await;
    assert!(matches!(store.backup(&sqlite.file()).await, Err(StoreError::BackupOverItself)));
}
