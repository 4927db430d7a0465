//! The creator, tokens of the API, budgets and the list of runs.

use jiff::SignedDuration;
use jiff::civil::date;
use mediakit::store::{StoreError, Trigger};

use super::at;
use crate::databases;

#[tokio::test]
async fn there_is_a_creator_from_the_start_and_their_settings_come_back() {
    for database in databases::each().await {
        let store = database.open().await;
        store.ping().await.unwrap();
        let mut creator = store.creator().await.unwrap();
        assert_eq!((creator.name.as_str(), creator.theme.as_str(), creator.threshold), ("", "paper", 1000));
        creator.name = "Eric | Tech & Gaming".to_owned();
        creator.bio = Some("Größe: 🎮 'drop table'".to_owned());
        creator.location = Some("Köln".to_owned());
        creator.avatar_url = Some("https://example.com/a.png".to_owned());
        creator.contact = Some("mail@example.com".to_owned());
        creator.theme = "neon".to_owned();
        creator.threshold = 0;
        creator.published = vec!["instagram.reach_daily".to_owned()];
        store.update_creator(&creator).await.unwrap();
        creator.version += 1;
        assert_eq!(store.creator().await.unwrap(), creator);
        store.close().await;
        assert_eq!(database.open().await.creator().await.unwrap(), creator);

        creator.id = 99;
        let missing = database.open().await.update_creator(&creator).await;
        assert!(matches!(missing, Err(StoreError::Conflict)));
    }
}

#[tokio::test]
async fn api_tokens_are_found_by_their_hash_and_touched_once_an_hour() {
    for database in databases::each().await {
        let store = database.open().await;
        let now = at("2026-11-22T12:00:00Z");
        store.insert_api_token("deploy", &[7; 32], &["refresh", "read"], now).await.unwrap();
        let taken = store.insert_api_token("deploy", &[8; 32], &[], now).await;
        assert!(matches!(taken, Err(StoreError::Conflict)));
        store.insert_api_token("bare", &[9; 32], &[], now + SignedDuration::from_secs(1)).await.unwrap();
        let names = |tokens: Vec<mediakit::store::ApiToken>| tokens.into_iter().map(|t| t.name).collect::<Vec<_>>();
        assert_eq!(names(store.list_api_tokens().await.unwrap()), ["deploy", "bare"]);

        let last_used = async || store.find_api_token(&[7; 32]).await.unwrap().unwrap().last_used_at;
        assert_eq!(last_used().await, None);
        for (minutes, seen) in [(0, 0), (59, 0), (60, 60), (61, 60)] {
            store.touch_api_token("deploy", now + SignedDuration::from_mins(minutes)).await.unwrap();
            assert_eq!(last_used().await, Some(now + SignedDuration::from_mins(seen)));
        }
        let found = store.find_api_token(&[7; 32]).await.unwrap().unwrap();
        assert_eq!((found.scopes, found.created_at), (vec!["refresh".to_owned(), "read".to_owned()], now));
        assert_eq!(store.find_api_token(&[1; 32]).await.unwrap(), None);
        assert!(store.revoke_api_token("deploy").await.unwrap());
        assert!(!store.revoke_api_token("deploy").await.unwrap());
        assert_eq!(store.find_api_token(&[7; 32]).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_budget_is_never_exceeded() {
    for database in databases::each().await {
        let store = database.open().await;
        let tasks = (0..40).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.spend("x", "2026-11", 30_000, 1_000_000).await.unwrap() })
        });
        let mut granted = 0;
        for task in tasks.collect::<Vec<_>>() {
            granted += i64::from(task.await.unwrap());
        }
        assert_eq!(granted, 33);
        assert_eq!(store.spent("x", "2026-11").await.unwrap(), 990_000);
        assert!(!store.spend("x", "2026-12", 2, 1).await.unwrap());
        assert_eq!(store.spent("x", "2026-12").await.unwrap(), 0);
        assert!(store.spend("x", "2026-11", 10_000, 1_000_000).await.unwrap());
    }
}

#[tokio::test]
async fn runs_are_listed_newest_first() {
    for database in databases::each().await {
        let store = database.open().await;
        let (day, now) = (date(2026, 11, 22), at("2026-11-22T03:00:00Z"));
        let first = store.add_run(Trigger::Schedule, day, now).await.unwrap();
        store.finish_run(first, at("2026-11-22T03:00:09Z"), 7, 1).await.unwrap();
        store.add_run(Trigger::Hand, day, now).await.unwrap();
        let runs = store.last_runs(5).await.unwrap();
        assert_eq!((runs[0].trigger, runs[0].finished_at, runs[0].saved), (Trigger::Hand, None, 0));
        assert_eq!((runs[1].id, runs[1].trigger, runs[1].day), (first, Trigger::Schedule, day));
        assert_eq!((runs[1].saved, runs[1].failed, runs[1].finished_at), (7, 1, Some(at("2026-11-22T03:00:09Z"))));
        assert_eq!(store.last_runs(1).await.unwrap(), runs[..1]);
    }
}
