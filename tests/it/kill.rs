//! `kill -9` at any moment: what was acknowledged is there, what was begun is there whole or not at all, and the next
//! start works. The moment is chosen by what has happened, never by time.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};

use jiff::tz::TimeZone;
use mediakit::domain::account::Account;
use mediakit::domain::metric::Value;
use mediakit::platforms::{self, Settings};
use mediakit::store::Store;

use crate::desk::{Desk, simulated};
use crate::harness;
use crate::load::{Client, Counts, Load, counted, nothing_lost};

const KILLS: usize = 200;
/// A kill comes after 0, 1, … acknowledgements, so that it meets the writers at every point of their work.
const MOST_ACKNOWLEDGED: usize = 7;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_kills_under_write_load_lose_nothing_acknowledged() {
    let desk = Desk::new().set("MEDIAKIT_REFRESH_AT", "off");
    let token = desk.token();
    let mut acknowledged = Counts::default();
    for kill in 0..KILLS {
        let (server, address) = desk.serve();
        let found = counted(&Client::new(&address, &token).profile());
        nothing_lost(&acknowledged, &found);
        let load = Load::start(&address, &token, found);
        load.wait_for(kill % (MOST_ACKNOWLEDGED + 1));
        server.kill();
        acknowledged = load.ended();
        assert!(fs::read(desk.file()).unwrap().starts_with(b"SQLite format 3\0"), "after kill {kill}");
        // Every other time the next server is the first to open what the kill left.
        if kill % 2 == 0 {
            is_sound(&desk.store().await).await;
        }
    }
    assert!(acknowledged.iter().all(|n| *n > KILLS as u64 / 4), "the writers were at work: {acknowledged:?}");
    desk.run(&["verify"]).ends(0);
}

async fn is_sound(store: &Store) {
    let findings = store.verify().await.unwrap();
    assert!(findings.is_empty(), "{findings:?}");
    store.clone().close().await;
}

/// Kills the child as soon as `reached`, and says whether it was before its end.
fn kill_when(mut child: Child, mut reached: impl FnMut() -> bool) -> bool {
    loop {
        if reached() {
            child.kill().unwrap();
            return !child.wait().unwrap().success();
        }
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::yield_now();
    }
}

/// How large the database's log is.
fn log_bytes(file: &Path) -> u64 {
    fs::metadata(file.with_extension("db-wal")).map_or(0, |found| found.len())
}

/// Lets `arguments` run to their end and gives the largest size the log had.
fn whole_log(desk: &Desk, arguments: &[&str]) -> u64 {
    let mut largest = 0;
    let child = desk.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    kill_when(child, || {
        largest = largest.max(log_bytes(&desk.file()));
        false
    });
    largest
}

/// Puts the folder back to one database file.
fn lay_back(desk: &Desk, bytes: &[u8]) {
    fs::remove_dir_all(desk.path().join("data")).unwrap();
    fs::create_dir(desk.path().join("data")).unwrap();
    fs::write(desk.file(), bytes).unwrap();
}

const FETCH_KILLS: u64 = 24;

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_killed_anywhere_has_saved_whole_readings_only() {
    let (desk, simulator) = simulated().await;
    let mara = simulator.creators().into_iter().find(|creator| creator.key == harness::CREATOR).unwrap();
    let store = desk.store().await;
    for platform in platforms::all(&Settings::default()) {
        let about = platform.about();
        store.set_handle(1, about.id, &(about.normalise)(&mara.handles[about.id]).unwrap()).await.unwrap();
    }
    store.close().await;
    let before = fs::read(desk.file()).unwrap();
    let whole = whole_log(&desk, &["fetch"]);
    let mut partly = 0;
    for part in 1..=FETCH_KILLS {
        lay_back(&desk, &before);
        let fetch = desk.command(&["fetch"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        kill_when(fetch, || log_bytes(&desk.file()) >= whole * part / (FETCH_KILLS + 1));
        let store = desk.store().await;
        let accounts = store.accounts(1).await.unwrap();
        let mut saved = 0;
        for account in &accounts {
            saved += usize::from(is_whole(&store, account).await);
        }
        partly += usize::from(saved > 0 && saved < accounts.len());
        is_sound(&store).await;
    }
    assert!(partly > 1, "only {partly} kills came between the first saved reading and the last");
}

/// Whether there are numbers; fails unless numbers, today's history and the account's memory belong together.
async fn is_whole(store: &Store, account: &Account) -> bool {
    let snapshot = store.snapshot(&account.platform, &account.handle).await.unwrap();
    assert_eq!(account.memory.pinned_id.is_some(), snapshot.is_some(), "{}", account.platform);
    for metric in harness::about(&account.platform).metrics {
        let figure = snapshot.as_ref().and_then(|snapshot| snapshot.figures.get(metric.key));
        let day = figure.map_or(jiff::Timestamp::now(), |figure| figure.fetched_at).to_zoned(TimeZone::UTC).date();
        let points = store.history(account.id, metric.key, day, day).await.unwrap();
        let (shown, kept) = (figure.map(|figure| figure.fetched_at), points.first().map(|point| point.fetched_at));
        assert_eq!(
            shown.map(jiff::Timestamp::as_millisecond),
            kept.map(jiff::Timestamp::as_millisecond),
            "{} {}: half of a reading",
            account.platform,
            metric.key
        );
        let (shown, kept) = (figure.and_then(|figure| figure.value.count()), points.first().map(|point| point.value));
        assert_eq!(shown, kept.and_then(Value::count), "{} {}", account.platform, metric.key);
    }
    snapshot.is_some()
}

const OLD_ROWS: usize = 20_000;

/// A database of the first format in which every row will get an account.
async fn first_format() -> Vec<u8> {
    let old = crate::databases::sqlite();
    old.run(&format!(
        "create table social_stats_cache (id INTEGER PRIMARY KEY, platform TEXT NOT NULL, username TEXT NOT NULL, \
         stats_data TEXT NOT NULL, fetched_at DATETIME, UNIQUE(platform, username)); \
         with recursive n(n) as (select 1 union all select n + 1 from n where n < {OLD_ROWS}) \
         insert into social_stats_cache select n, 'platform ' || n, 'name', '{{\"stats\": {{\"followers\": 5}}}}', \
         '2025-11-23 18:00:00' from n"
    ))
    .await
    .unwrap();
    fs::read(old.file()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_adoption_of_a_large_old_database_may_be_killed() {
    let old = first_format().await;
    let desk = Desk::new();
    fs::create_dir(desk.path().join("data")).unwrap();
    lay_back(&desk, &old);
    let whole = whole_log(&desk, &["verify"]);
    assert!(whole > 100_000, "{whole}");
    let folder = desk.path().join("data");
    let there = |end: &str| {
        let files = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name());
        files.into_iter().any(|name| name.to_string_lossy().ends_with(end))
    };
    let (copying, copied) = (|| there(".tmp"), || there(".before-schema-5"));
    let grown = |to: u64| move |file: &Path| log_bytes(file) >= to;
    let (begun, half, nearly) = (grown(1), grown(whole / 2), grown(whole));
    let moments: [&dyn Fn() -> bool; 5] =
        [&copying, &copied, &|| begun(&desk.file()), &|| half(&desk.file()), &|| nearly(&desk.file())];
    let mut killed = 0;
    for reached in moments {
        lay_back(&desk, &old);
        let adoption = desk.command(&["verify"]).stdout(Stdio::null()).spawn().unwrap();
        killed += usize::from(kill_when(adoption, reached));
        let store = desk.store().await;
        assert_eq!(store.accounts(1).await.unwrap().len(), OLD_ROWS);
        assert_eq!(store.kit().await.unwrap().0.snapshots.len(), OLD_ROWS);
        is_sound(&store).await;
        let copy = Desk::new();
        fs::create_dir(copy.path().join("data")).unwrap();
        fs::copy(folder.join("mediakit.db.before-schema-5"), copy.file()).unwrap();
        let copy = copy.store().await;
        assert_eq!(copy.accounts(1).await.unwrap().len(), OLD_ROWS, "the copy is whole");
    }
    assert!(killed >= 3, "only {killed} kills came in time");
}
