//! Numbers: what is saved comes back whole, a failure touches nothing, bad rows are named and left out.

use jiff::civil::date;
use mediakit::domain::account::{Held, Memory, Wait};
use mediakit::domain::failure::{Failure, FailureKind};
use mediakit::domain::metric::{Precision, Provenance, Value};
use mediakit::domain::snapshot::Snapshot;
use mediakit::store::{Finding, StoreError};

use super::{INSTAGRAM, at, claimed, followers, reading, saved, snapshot, with_account};
use crate::databases;

#[tokio::test]
async fn a_reading_comes_back_whole_with_what_is_remembered() {
    for database in databases::each().await {
        let store = database.open().await;
        let account = with_account(&store).await;
        let now = at("2026-11-22T03:00:04.123Z");
        let claim = claimed(&store, account, now).await;
        let memory = Memory {
            pinned_id: Some("17841400000000000".to_owned()),
            wait: Some(Wait { until: at("2026-11-22T04:00:00Z"), kind: FailureKind::RateLimited }),
            due_at: Some(at("2026-11-23T03:00:00Z")),
            failures: 3,
            failure: Some(Failure {
                kind: FailureKind::Permission,
                detail: Some("instagram_manage_insights".to_owned()),
                at: now,
                next_attempt_at: None,
            }),
            held: Some(Held { audience: 1_000_000, at: now }),
            asked_at: Some(now),
        };
        store.save_reading(&claim, &INSTAGRAM, &snapshot(104_700, now), &memory).await.unwrap();

        let (kit, bad) = store.kit().await.unwrap();
        assert_eq!(bad.len(), 0);
        assert_eq!(kit.snapshots, [snapshot(104_700, now)]);
        assert_eq!(kit.accounts[0].memory, memory);
        assert_eq!(store.snapshot("instagram", "festas_builds").await.unwrap(), Some(snapshot(104_700, now)));
        assert_eq!(store.snapshot("instagram", "nobody").await.unwrap(), None);

        let day = date(2026, 11, 22);
        let points = store.history(account, "engagement_rate", day, day).await.unwrap();
        assert_eq!(points[0].value, Value::Rate(0.034_568));
        assert_eq!((points[0].precision, points[0].provenance), (Precision::Approximate, Provenance::OwnerAuthorised));
        assert_eq!((&*points[0].source, points[0].fetched_at), ("Meta Graph API", now));
        assert_eq!(points[0].api_version.as_deref(), Some("v25.0"));
        assert_eq!(store.history(account, "verified", day, day).await.unwrap()[0].value, Value::Flag(true));
        assert_eq!(store.history(account, "posts", day, day).await.unwrap()[0].precision, Precision::Rounded);
        assert_eq!(store.history(account, "reach_daily", day, day).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_failure_leaves_the_numbers_byte_for_byte() {
    for database in databases::each().await {
        let store = database.open().await;
        let account = with_account(&store).await;
        let now = at("2026-11-22T03:00:04Z");
        saved(&store, account, 104_700, now).await;
        let before = store.snapshot("instagram", "festas_builds").await.unwrap();
        let claim = claimed(&store, account, at("2026-11-23T03:00:00Z")).await;
        let memory = Memory { failures: 1, ..Memory::default() };
        store.save_failure(&claim, &memory).await.unwrap();
        assert_eq!(store.snapshot("instagram", "festas_builds").await.unwrap(), before);
        assert_eq!(store.account(claim.account.creator_id, "instagram").await.unwrap().unwrap().memory, memory);
        let again = store.save_failure(&claim, &Memory::default()).await;
        assert!(matches!(again, Err(StoreError::Conflict)), "the claim was given back");
    }
}

#[tokio::test]
async fn a_past_has_every_day_s_audience_and_why_the_first_fetch_of_a_day_failed() {
    for database in databases::each().await {
        let store = database.open().await;
        let account = with_account(&store).await;
        saved(&store, account, 100, at("2026-11-20T03:00:00Z")).await;
        for (time, kind) in [
            ("2026-11-21T03:00:00Z", FailureKind::Timeout),
            ("2026-11-21T03:05:00Z", FailureKind::Upstream),
            ("2026-11-22T03:00:00Z", FailureKind::Upstream),
        ] {
            let claim = claimed(&store, account, at(time)).await;
            let failure = Failure { kind, detail: None, at: at(time), next_attempt_at: None };
            let memory = Memory { failures: 1, failure: Some(failure), ..Memory::default() };
            store.save_failure(&claim, &memory).await.unwrap();
        }
        saved(&store, account, 120, at("2026-11-23T03:00:00Z")).await;
        let accounts = store.all_accounts().await.unwrap();
        let past = store.pasts(&accounts, &[&INSTAGRAM]).await.unwrap().remove(&account).unwrap();
        let counts: Vec<_> = past.points.iter().map(|point| (point.day, point.value.count().unwrap())).collect();
        assert_eq!(counts, [(date(2026, 11, 20), 100), (date(2026, 11, 23), 120)]);
        let failed = [(date(2026, 11, 21), FailureKind::Timeout), (date(2026, 11, 22), FailureKind::Upstream)];
        assert_eq!(*past.failed, failed);
        assert!(store.pasts(&accounts, &[]).await.unwrap().is_empty(), "a platform this version does not know");
    }
}

#[tokio::test]
async fn the_first_reading_of_a_day_is_its_point_and_only_what_is_new_gets_one() {
    for database in databases::each().await {
        let store = database.open().await;
        let account = with_account(&store).await;
        saved(&store, account, 100, at("2026-11-20T23:59:59.999Z")).await;
        saved(&store, account, 200, at("2026-11-21T00:00:00Z")).await;
        saved(&store, account, 300, at("2026-11-21T12:00:00Z")).await;
        let (from, to) = (date(2026, 11, 1), date(2026, 11, 30));
        let expected = [(date(2026, 11, 20), Some(100)), (date(2026, 11, 21), Some(200))];
        assert_eq!(followers(&store, account, from, to).await, expected);
        assert_eq!(followers(&store, account, date(2026, 11, 21), to).await, expected[1..]);
        assert_eq!(store.kit().await.unwrap().0.snapshots[0].audience(&INSTAGRAM), Some(300));

        // A number that is only carried along from before is not a point of today.
        let now = at("2026-11-23T03:00:00Z");
        let mut partly = reading(400);
        partly.numbers.remove("posts");
        let before = store.snapshot("instagram", "festas_builds").await.unwrap();
        let partly = Snapshot::from_reading(&INSTAGRAM, "festas_builds", partly, before.as_ref(), now);
        let claim = claimed(&store, account, now).await;
        store.save_reading(&claim, &INSTAGRAM, &partly, &Memory::default()).await.unwrap();
        assert_eq!(store.history(account, "posts", from, to).await.unwrap().len(), 2);
        assert_eq!(followers(&store, account, from, to).await.len(), 3);

        let refused = database.run("update history set value = 7").await.unwrap_err().to_string();
        assert!(refused.contains("never rewritten"), "{refused}");
    }
}

#[tokio::test]
async fn an_unreadable_row_is_left_out_and_named() {
    for database in databases::each().await {
        let store = database.open().await;
        let account = with_account(&store).await;
        saved(&store, account, 104_700, at("2026-11-22T03:00:04Z")).await;
        let bad = "insert into social_stats_cache (platform, username, stats_data, fetched_at) values \
                   ('tiktok', 'a', '{broken', '2025-11-23 18:00:00'), ('x', 'b', '{}', null)";
        database.run(bad).await.unwrap();
        let (kit, bad) = store.kit().await.unwrap();
        assert_eq!(kit.snapshots.len(), 1);
        assert_eq!(bad.iter().map(|row| row.platform.as_str()).collect::<Vec<_>>(), ["tiktok", "x"]);
        assert_eq!(store.snapshot("tiktok", "a").await.unwrap(), None);
        let findings = store.verify_at(at("2026-11-22T03:00:05Z")).await.unwrap();
        assert!(matches!(findings[..], [Finding::Unreadable(_), Finding::Unreadable(_)]), "{findings:?}");
    }
}

#[tokio::test]
async fn bytes_in_place_of_text_are_a_bad_row_too() {
    let database = databases::sqlite();
    let store = database.open().await;
    let bad = "insert into social_stats_cache (platform, username, stats_data, fetched_at) values \
               ('tiktok', 'a', x'ff00ff', 17), (x'ff', 'b', '{}', x'ff')";
    database.run(bad).await.unwrap();
    assert_eq!(store.kit().await.unwrap().1.len(), 2);
    assert_eq!(store.snapshot("tiktok", "a").await.unwrap(), None);
}

#[tokio::test]
async fn text_from_platforms_is_kept_without_nul() {
    for database in databases::each().await {
        let store = database.open().await;
        let claim = claimed(&store, with_account(&store).await, at("2026-11-22T03:00:04Z")).await;
        store.save_failure(&claim, &Memory { pinned_id: Some("a\0b".to_owned()), ..Memory::default() }).await.unwrap();
        let memory = store.account(1, "instagram").await.unwrap().unwrap().memory;
        assert_eq!(memory.pinned_id.as_deref(), Some("ab"));
    }
}

#[tokio::test]
async fn verification_finds_what_can_not_be() {
    for database in databases::each().await {
        let store = database.open().await;
        let account = with_account(&store).await;
        saved(&store, account, 104_700, at("2026-11-22T03:00:04Z")).await;
        assert!(store.verify_at(at("2026-11-22T03:00:05Z")).await.unwrap().is_empty());
        let findings = store.verify_at(at("2026-11-21T23:00:00Z")).await.unwrap();
        assert!(matches!(findings[..], [Finding::FutureDays(4)]), "{findings:?}");
        let wrong = "insert into history select account_id, metric_id, day - 1, -5, precision, origin_id, fetched_at \
                     from history where value = 104700";
        database.run(wrong).await.unwrap();
        let findings = store.verify_at(at("2026-11-22T03:00:05Z")).await.unwrap();
        assert!(matches!(findings[..], [Finding::WrongDays(1), Finding::ImpossibleValues(1)]), "{findings:?}");
    }
}
