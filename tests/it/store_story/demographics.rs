//! Who audiences are made of: the last good breakdown of each kind stays until there is a newer one, or no account.

use mediakit::domain::account::Memory;
use mediakit::domain::demographics::{Breakdown, Demographics, Dimension, Part, Whole};
use mediakit::domain::metric::Precision;
use mediakit::domain::snapshot::Snapshot;
use mediakit::store::Store;

use super::{INSTAGRAM, at, claimed, reading, saved, with_account};
use crate::databases;

fn breakdown(dimension: Dimension, key: &str, count: i64) -> Breakdown {
    Breakdown {
        dimension,
        parts: vec![Part { key: key.to_owned(), count }],
        whole: Whole::Followers,
        total: 104_700,
        window_days: None,
        precision: Precision::Exact,
        origin: reading(1).origin,
    }
}

/// Saves a reading with these breakdowns.
pub(super) async fn described(store: &Store, account_id: i64, time: &str, breakdowns: &[Breakdown]) {
    let claim = claimed(store, account_id, at(time)).await;
    let reading = mediakit::domain::reading::Reading { breakdowns: breakdowns.to_vec(), ..reading(300) };
    let snapshot = Snapshot::from_reading(&INSTAGRAM, "festas_builds", reading, None, at(time));
    store.save_reading(&claim, &INSTAGRAM, &snapshot, &Memory::default()).await.unwrap();
}

/// Some of each kind.
pub(super) fn some() -> Vec<Breakdown> {
    vec![
        breakdown(Dimension::Country, "DE", 66_000),
        breakdown(Dimension::Age, "65+", 1_000),
        breakdown(Dimension::Gender, "female", 50_000),
    ]
}

async fn known(store: &Store) -> Vec<Demographics> {
    let (kit, _) = store.kit().await.unwrap();
    kit.snapshots.into_iter().flat_map(|snapshot| snapshot.demographics.into_values()).collect()
}

#[tokio::test]
async fn each_kind_stays_until_there_is_a_newer_one() {
    for database in databases::each().await {
        let store = database.open().await;
        let account = with_account(&store).await;
        let (first, second) = ("2026-11-22T03:00:04.123Z", "2026-11-23T03:00:00Z");
        described(&store, account, first, &some()).await;
        let told = |time, breakdown: &Breakdown| Demographics { breakdown: breakdown.clone(), fetched_at: at(time) };
        let [country, age, gender] = <[Breakdown; 3]>::try_from(some()).unwrap();
        assert_eq!(known(&store).await, [told(first, &country), told(first, &age), told(first, &gender)]);
        let newer = breakdown(Dimension::Age, "65+", 1_100);
        described(&store, account, second, std::slice::from_ref(&newer)).await;
        assert_eq!(known(&store).await, [told(first, &country), told(second, &newer), told(first, &gender)]);
        saved(&store, account, 104_800, at("2026-11-24T03:00:00Z")).await;
        assert_eq!(known(&store).await.len(), 3, "a fetch that says nothing of it takes nothing away");
    }
}

#[tokio::test]
async fn one_that_can_not_be_read_is_left_out_and_a_new_handle_begins_with_none() {
    for database in databases::each().await {
        let store = database.open().await;
        let account = with_account(&store).await;
        described(&store, account, "2026-11-22T03:00:00Z", &some()).await;
        database.run("update demographics set body = '{' where dimension = 'audience_age'").await.unwrap();
        let left: Vec<_> = known(&store).await.into_iter().map(|known| known.breakdown.dimension).collect();
        assert_eq!(left, [Dimension::Country, Dimension::Gender]);
        store.set_handle(1, "instagram", "somebody_else").await.unwrap();
        store.set_handle(1, "instagram", "festas_builds").await.unwrap();
        let account = store.account(1, "instagram").await.unwrap().unwrap().id;
        saved(&store, account, 104_800, at("2026-11-24T03:00:00Z")).await;
        assert!(known(&store).await.is_empty());
    }
}
