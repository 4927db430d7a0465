//! The store's story on both databases: every function, what two at once may do to each other, and what is refused.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use mediakit::domain::account::{Held, Memory, Wait};
use mediakit::domain::failure::{Failure, FailureKind};
use mediakit::domain::metric::{MetricAbout, Origin, Precision, Provenance, Unit, Value};
use mediakit::domain::platform::About;
use mediakit::domain::reading::{PublicProfile, Reading, Reported};
use mediakit::domain::snapshot::Snapshot;
use mediakit::domain::text::Text;
use mediakit::store::{Claim, Finding, Store, StoreError, Trigger};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};

use crate::databases::{self, Database};

const WORD: Text = Text::new("Wort", "word");

static INSTAGRAM: About = About {
    id: "instagram",
    name: "Instagram",
    audience: "followers",
    metrics: &[
        MetricAbout::count("followers", WORD),
        MetricAbout::count("posts", WORD),
        MetricAbout::count("verified", WORD).unit(Unit::YesNo),
        MetricAbout::count("engagement_rate", WORD).unit(Unit::Percent),
    ],
    handle_example: "@name",
    normalise: |handle| Ok(handle.to_owned()),
    profile_url: |handle| handle.to_owned(),
    credentials: &[],
    upstreams: &[],
    min_interval_secs: 0,
    price: None,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn reading(followers: i64) -> Reading {
    let numbers = BTreeMap::from([
        ("followers", Reported::exact(followers)),
        ("posts", Reported::rounded(456)),
        ("verified", Reported::flag(true)),
        ("engagement_rate", Reported { value: Value::Rate(0.034_567_8), ..Reported::approximate(0) }),
    ]);
    Reading {
        account_id: "17841400000000000".to_owned(),
        profile: PublicProfile { username: "festas_builds".to_owned(), ..PublicProfile::default() },
        origin: Origin {
            source: "Meta Graph API".to_owned(),
            provenance: Provenance::OwnerAuthorised,
            api_version: Some("v25.0".to_owned()),
            api_version_answered: None,
        },
        numbers,
        posts: Vec::new(),
        notes: Vec::new(),
        usage_percent: None,
    }
}

fn snapshot(followers: i64, now: Timestamp) -> Snapshot {
    Snapshot::from_reading(&INSTAGRAM, "festas_builds", reading(followers), None, now)
}

/// A creator with an account on Instagram; gives the account's id.
async fn with_account(store: &Store) -> i64 {
    let creator = store.creator().await.unwrap();
    store.set_handle(creator.id, "instagram", "festas_builds").await.unwrap().id
}

async fn claimed(store: &Store, account_id: i64, now: Timestamp) -> Claim {
    store.claim(account_id, "a", now, now + SignedDuration::from_mins(2)).await.unwrap().unwrap()
}

async fn saved(store: &Store, account_id: i64, followers: i64, now: Timestamp) {
    let claim = claimed(store, account_id, now).await;
    store.save_reading(&claim, &INSTAGRAM, &snapshot(followers, now), &Memory::default()).await.unwrap();
}

async fn followers(store: &Store, account_id: i64, from: Date, to: Date) -> Vec<(Date, Option<i64>)> {
    let points = store.history(account_id, "followers", from, to).await.unwrap();
    points.into_iter().map(|point| (point.day, point.value.count())).collect()
}

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
        assert_eq!(store.creator().await.unwrap(), creator);
        store.close().await;
        assert_eq!(database.open().await.creator().await.unwrap(), creator);

        creator.id = 99;
        let missing = database.open().await.update_creator(&creator).await;
        assert!(matches!(missing, Err(StoreError::Conflict)));
    }
}

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
        assert_eq!((points[0].source.as_str(), points[0].fetched_at), ("Meta Graph API", now));
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

/// Everything the store tells, for comparing two of them.
async fn told(store: &Store) -> String {
    let creator = store.creator().await.unwrap();
    let accounts = store.accounts(creator.id).await.unwrap();
    let mut histories = Vec::new();
    for account in &accounts {
        for metric in INSTAGRAM.metrics {
            let points = store.history(account.id, metric.key, date(2026, 1, 1), date(2026, 12, 31));
            histories.push(points.await.unwrap());
        }
    }
    let (kit, _) = store.kit().await.unwrap();
    let tokens = store.list_api_tokens().await.unwrap();
    let spent = store.spent("x", "2026-11").await.unwrap();
    format!("{kit:#?} {histories:#?} {tokens:#?} {spent} {:#?}", store.last_runs(9).await.unwrap())
}

/// A store with something in every table.
async fn filled(database: &Database) -> Store {
    let store = database.open().await;
    let account = with_account(&store).await;
    for (day, count) in [("2026-11-20", 100), ("2026-11-21", 200), ("2026-11-22", 300)] {
        saved(&store, account, count, at(&format!("{day}T03:00:00Z"))).await;
    }
    let now = at("2026-11-22T12:00:00Z");
    store.insert_api_token("deploy", &[7; 32], &["refresh"], now).await.unwrap();
    store.spend("x", "2026-11", 5000, 1_000_000).await.unwrap();
    let run = store.add_run(Trigger::Cli, date(2026, 11, 22), now).await.unwrap();
    store.finish_run(run, now, 1, 0).await.unwrap();
    store
}

#[tokio::test]
async fn both_databases_tell_the_same() {
    let mut all = Vec::new();
    for database in databases::each().await {
        all.push(told(&filled(&database).await).await);
    }
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "{all:#?}");
}

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

    let copy = database.folder.path().join("mediakit.db.before-schema-1");
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

/// The statements of the SQLite migration; a trigger is one.
fn statements() -> Vec<String> {
    let mut all = vec![String::new()];
    for line in include_str!("../../migrations/sqlite/0001_init.sql").lines() {
        let open = all.last_mut().unwrap();
        open.push_str(line);
        open.push('\n');
        let in_trigger = open.contains("create trigger") && line != "end;";
        if line.ends_with(';') && !in_trigger {
            all.push(String::new());
        }
    }
    all
}

#[tokio::test]
async fn a_migration_killed_at_any_statement_is_begun_again() {
    let statements = statements();
    assert!(statements.len() > 10);
    for killed_after in 0..statements.len() {
        let database = databases::sqlite();
        database.run(FIRST_FORMAT).await.unwrap();
        let mut open = sqlx::sqlite::SqliteConnectOptions::new().filename(database.file());
        open = open
            .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
            .pragma("cache_spill", "1")
            .pragma("cache_size", "1");
        let mut open = open.connect().await.unwrap();
        let mut killed = open.begin_with("begin immediate").await.unwrap();
        for statement in &statements[..killed_after] {
            sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut *killed).await.unwrap();
        }
        let after = databases::sqlite();
        fs::copy(database.file(), after.file()).unwrap();
        let log = |database: &Database| database.file().with_extension("db-wal");
        fs::copy(log(&database), log(&after)).unwrap();
        let store = after.open().await;
        assert_eq!(store.accounts(1).await.unwrap().len(), 2, "killed after {killed_after}");
        assert!(store.verify().await.unwrap().is_empty());
    }
}
