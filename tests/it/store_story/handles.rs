//! Handles: setting, replacing and removing them, and what becomes of their numbers.

use jiff::civil::date;
use mediakit::domain::account::Memory;
use mediakit::domain::profile::Creator;
use mediakit::store::StoreError;

use super::{INSTAGRAM, at, claimed, followers, saved, snapshot, with_account};
use crate::databases;

#[tokio::test]
async fn a_new_handle_starts_anew_and_the_old_history_is_kept_unseen() {
    for database in databases::each().await {
        let store = database.open().await;
        let creator = store.creator().await.unwrap().id;
        assert_eq!(store.account(creator, "instagram").await.unwrap(), None);
        let first = store.set_handle(creator, "instagram", "festas_builds").await.unwrap();
        let now = at("2026-11-22T03:00:04Z");
        saved(&store, first.id, 104_700, now).await;
        let remembering = store.account(creator, "instagram").await.unwrap().unwrap();
        assert_eq!(store.set_handle(creator, "instagram", "festas_builds").await.unwrap(), remembering);
        assert_eq!(store.kit().await.unwrap().0.snapshots.len(), 1);

        let second = store.set_handle(creator, "instagram", "someone_else").await.unwrap();
        assert_ne!(second.id, first.id);
        assert_eq!(second.memory, Memory::default());
        assert_eq!(store.kit().await.unwrap().0.snapshots, []);
        assert_eq!(store.accounts(creator).await.unwrap(), std::slice::from_ref(&second));
        let day = date(2026, 11, 22);
        assert_eq!(followers(&store, second.id, day, day).await, []);
        assert_eq!(followers(&store, first.id, day, day).await, [(day, Some(104_700))]);

        assert!(store.remove_handle(creator, "instagram").await.unwrap());
        assert!(!store.remove_handle(creator, "instagram").await.unwrap());
        assert_eq!(store.accounts(creator).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_removed_handle_takes_its_numbers_along_and_ends_a_fetch_under_way() {
    for database in databases::each().await {
        let store = database.open().await;
        let account = with_account(&store).await;
        let now = at("2026-11-22T03:00:04Z");
        saved(&store, account, 104_700, now).await;
        let claim = claimed(&store, account, now).await;
        assert!(store.remove_handle(claim.account.creator_id, "instagram").await.unwrap());
        let late = store.save_reading(&claim, &INSTAGRAM, &snapshot(1, now), &Memory::default()).await;
        assert!(matches!(late, Err(StoreError::Conflict)));
        assert_eq!(store.snapshot("instagram", "festas_builds").await.unwrap(), None);
        assert_eq!(store.claim(account, "b", now, now).await.unwrap(), None);
    }
}

#[tokio::test]
async fn changes_at_the_same_time_all_stay() {
    const PLATFORMS: [&str; 4] = ["instagram", "tiktok", "twitch", "x"];
    for database in databases::each().await {
        let store = database.open().await;
        let tasks = (0..40).map(|n| {
            let store = store.clone();
            let change = move |creator: &mut Creator| {
                creator.threshold += 1;
                Ok::<_, StoreError>(vec![(PLATFORMS[n % 4], Some(format!("name{n}")))])
            };
            tokio::spawn(async move { store.change_profile(change).await.unwrap() })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
        assert_eq!(store.creator().await.unwrap().threshold, 1040);
        assert_eq!(store.accounts(1).await.unwrap().len(), 4);

        let alone = |n: usize| (store.clone(), format!("other{}", n % 3));
        let tasks = (0..12)
            .map(alone)
            .map(|(store, name)| tokio::spawn(async move { store.set_handle(1, "discord", &name).await.unwrap() }));
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
        assert_eq!(store.accounts(1).await.unwrap().len(), 5);
    }
}

#[tokio::test]
async fn a_change_that_is_refused_midway_leaves_no_trace() {
    for database in databases::each().await {
        let store = database.open().await;
        let change = |name: &str, handles: Vec<(&'static str, Option<String>)>| {
            let name = name.to_owned();
            move |creator: &mut Creator| {
                creator.name = name;
                Ok::<_, StoreError>(handles)
            }
        };
        let handle = |text: &str| Some(text.to_owned());
        let first = vec![("instagram", handle("festas_builds")), ("twitch", handle("festas"))];
        let (creator, accounts) = store.change_profile(change("Eric", first)).await.unwrap();
        assert_eq!((creator.name.as_str(), accounts.len()), ("Eric", 2));
        assert_eq!(store.accounts(1).await.unwrap(), accounts);

        database.run("create unique index one_of_each on accounts (handle)").await.unwrap();
        let second = vec![("instagram", None), ("tiktok", handle("festas"))];
        let refused = store.change_profile(change("Mara", second)).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
        let refused = store.change_profile(|creator| {
            creator.name.clear();
            Err::<_, StoreError>(StoreError::BadUrl)
        });
        assert!(matches!(refused.await, Err(StoreError::BadUrl)));
        assert_eq!(store.creator().await.unwrap(), creator);
        assert_eq!(store.accounts(1).await.unwrap(), accounts);
    }
}
