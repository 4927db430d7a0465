//! Leases: of many who would ask for an account one may, and only that one may save.

use jiff::SignedDuration;
use jiff::civil::date;
use mediakit::domain::account::Memory;
use mediakit::store::StoreError;

use super::{INSTAGRAM, at, followers, snapshot, with_account};
use crate::databases;

#[tokio::test]
async fn of_many_claimers_one_wins_until_the_lease_ends() {
    for database in databases::each().await {
        let store = database.open().await;
        let account = with_account(&store).await;
        let (now, until) = (at("2026-11-22T03:00:00Z"), at("2026-11-22T03:02:00Z"));
        let tasks = (0..50).map(|n| {
            let store = store.clone();
            tokio::spawn(async move { store.claim(account, &format!("holder {n}"), now, until).await.unwrap() })
        });
        let mut won = Vec::new();
        for task in tasks.collect::<Vec<_>>() {
            won.extend(task.await.unwrap());
        }
        assert_eq!(won.len(), 1);
        let first = won.remove(0);

        let second = store.claim(account, "late", until, until + SignedDuration::from_mins(2)).await.unwrap().unwrap();
        assert!(second.fence > first.fence);
        let stale = store.save_reading(&first, &INSTAGRAM, &snapshot(1, now), &Memory::default()).await;
        assert!(matches!(stale, Err(StoreError::Conflict)));
        let stale = store.save_failure(&first, &Memory { failures: 9, ..Memory::default() }).await;
        assert!(matches!(stale, Err(StoreError::Conflict)));
        store.release(&first).await.unwrap();
        assert_eq!(store.claim(account, "other", now, until).await.unwrap(), None, "a stale release ends nothing");
        assert_eq!(store.snapshot("instagram", "festas_builds").await.unwrap(), None);
        assert_eq!(followers(&store, account, date(2026, 1, 1), date(2026, 12, 31)).await, []);

        store.release(&second).await.unwrap();
        assert!(store.claim(account, "other", now, until).await.unwrap().is_some());
        assert!(store.claim(account, "other", now, until).await.unwrap().is_some(), "a holder may claim again");
    }
}
