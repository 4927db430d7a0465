//! The store's story on both databases: every function, what two at once may do to each other, and what is refused.

mod adoption;
mod backups;
mod blocks;
mod demographics;
mod files;
mod handles;
mod leases;
mod links;
mod mirrors;
mod numbers;
mod owners;
mod settings;
mod shares;
mod vault;

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use mediakit::domain::account::Memory;
use mediakit::domain::demographics::Dimension;
use mediakit::domain::metric::{MetricAbout, Origin, Provenance, Unit, Value};
use mediakit::domain::picture::Picture;
use mediakit::domain::platform::About;
use mediakit::domain::profile::Creator;
use mediakit::domain::reading::{PublicProfile, Reading, Reported};
use mediakit::domain::snapshot::Snapshot;
use mediakit::domain::text::Text;
use mediakit::domain::visit::{Counted, Page};
use mediakit::store::{Claim, PictureOrigin, Store, StoreError, Trigger};

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
    demographics: &Dimension::ALL,
    handle_example: "@name",
    normalise: |handle| Ok(handle.to_owned()),
    profile_url: |handle| handle.to_owned(),
    credentials: &[],
    upstreams: &[],
    min_interval_secs: 0,
    price: None,
    renewal: None,
    connects: &[],
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
    Reading::of(
        "17841400000000000".to_owned(),
        PublicProfile { username: "festas_builds".to_owned(), ..PublicProfile::default() },
        Origin {
            source: "Meta Graph API".to_owned(),
            provenance: Provenance::OwnerAuthorised,
            api_version: Some("v25.0".to_owned()),
            api_version_answered: None,
        },
        numbers,
    )
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
    let (everywhere, runs) = (store.all_accounts().await.unwrap(), store.last_runs(9).await.unwrap());
    let (jpeg, picture) = (kit.picture.as_ref().map(|picture| &picture.jpeg), store.picture_origin(1).await.unwrap());
    let clicks = store.clicks(1, at("2026-11-22T12:00:00Z")).await.unwrap();
    let (mirrors, audit) = (store.mirrors(1).await.unwrap(), store.audit(9).await.unwrap());
    let sealed = vault::told(&vault::open(store).await).await;
    let owners = owners::told(store).await;
    format!(
        "{kit:#?} {everywhere:#?} {histories:#?} {tokens:#?} {spent} {runs:#?} {jpeg:?} {picture:?} {mirrors:#?} \
         {clicks:?} {audit:#?} {sealed} {owners}"
    )
}

/// A store with something in every table.
async fn filled(database: &Database) -> Store {
    let store = database.open().await;
    let account = with_account(&store).await;
    for (day, count) in [("2026-11-20", 100), ("2026-11-21", 200), ("2026-11-22", 300)] {
        saved(&store, account, count, at(&format!("{day}T03:00:00Z"))).await;
    }
    demographics::described(&store, account, "2026-11-22T04:00:00Z", &demographics::some()).await;
    let now = at("2026-11-22T12:00:00Z");
    store.insert_api_token("deploy", &[7; 32], &["refresh"], now).await.unwrap();
    store.spend("x", "2026-11", 5000, 1_000_000).await.unwrap();
    let run = store.add_run(Trigger::Cli, date(2026, 11, 22), now).await.unwrap();
    store.finish_run(run, now, 1, 0).await.unwrap();
    let origin = PictureOrigin { source: "https://example.com/a.png".to_owned(), fetched_at: now };
    store.save_picture(1, &origin, &Picture::from_stored(vec![0xff, 0, 0x27])).await.unwrap();
    let name = |creator: &mut Creator| {
        creator.name = String::from("Größe 🎮");
        Ok::<_, StoreError>(vec![("tiktok", Some("festas".to_owned())), ("x", None)])
    };
    store.change_profile(name).await.unwrap();
    assert!(vault::open(&store).await.insert(&vault::everything("tiktok")).await.unwrap());
    store.want_mirror(1, "env_file:tiktok", "3", now).await.unwrap();
    store.mirror_failed(1, "env_file:tiktok", "3", "the folder is read-only", now, now).await.unwrap();
    let link = store.insert_link(1, &links::link("Größe 🎮")).await.unwrap().unwrap();
    let of_page = (Counted::Page(Page::Kit), date(2026, 11, 22), 4);
    store.add_visits(&[(Counted::Link(link), date(2026, 11, 22), 3), of_page]).await.unwrap();
    store.add_audit(now, "mediakit", "credentials renewed", "tiktok, generation 3").await.unwrap();
    owners::fill(&store).await;
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
