//! Every fault on every way to every platform: each cell is a whole refresh in which one platform misbehaves.
//! What must hold in each cell is in [`judge`]; what each fault must end in is in [`expected`].

mod expected;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use mediakit::refresh::{Outcome, RunReport};
use simulator::{Options, Scope, Simulator, faults};
use tempfile::TempDir;
use url::Url;

use crate::api_server::Server;
use crate::harness::{Owner, World, kind, outcome, overrides, saved, start};
use expected::{Ends, UNREACHABLE, WAYS, Way, expected, expected_wait};

/// How long a fetch may take in a cell.
const TIMEOUT: Duration = Duration::from_secs(2);
/// What a deadline may be late by.
const SLACK: Duration = Duration::from_millis(500);
/// Cells at once: most of a cell is waiting.
const WORKERS: usize = 4;

/// One cell: this fault on this way, on the paths that hold `path`.
#[derive(Clone, Copy, Debug)]
struct Cell {
    way: &'static Way,
    fault: &'static str,
    path: Option<&'static str>,
    ends: Ends,
}

fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for way in WAYS {
        for fault in faults().iter().map(|fault| fault.name).chain(UNREACHABLE) {
            let ends = expected(way, fault, None);
            cells.extend(ends.map(|ends| Cell { way, fault, path: None, ends }));
        }
        for path in way.optional {
            for fault in faults() {
                let ends = expected(way, fault.name, Some(path));
                cells.extend(ends.map(|ends| Cell { way, fault: fault.name, path: Some(path), ends }));
            }
        }
    }
    cells
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_on_every_platform_loses_nothing() {
    let only = std::env::var("MATRIX").unwrap_or_default();
    let mut cells = cells();
    cells.retain(|cell| format!("{} {}", cell.way.name, cell.fault).contains(&only));
    let total = cells.len();
    let queue = Arc::new(Mutex::new(cells));
    let problems = Arc::new(Mutex::new(Vec::new()));
    let workers: Vec<_> = (0..WORKERS).map(|_| tokio::spawn(work(queue.clone(), problems.clone()))).collect();
    for worker in workers {
        worker.await.unwrap();
    }
    let problems = problems.lock().unwrap();
    println!("{total} cells over {} ways, {} with problems", WAYS.len(), problems.len());
    assert!(problems.is_empty(), "{} of {total} cells:\n{}", problems.len(), problems.join("\n"));
}

/// Takes cells off the queue until it is empty.
async fn work(queue: Arc<Mutex<Vec<Cell>>>, problems: Arc<Mutex<Vec<String>>>) {
    let sim = Arc::new(Simulator::start(Options { now: Some(start()), ..Options::default() }).await.unwrap());
    let mut templates = HashMap::new();
    loop {
        let Some(cell) = queue.lock().unwrap().pop() else { return };
        let owner = cell.way.owner;
        let template = match templates.entry(owner) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(template(&sim, owner).await),
        };
        let found = run(&sim, cell, &template.1).await;
        let name =
            format!("{} {}{}", cell.way.name, cell.fault, cell.path.map(|p| format!(" on {p}")).unwrap_or_default());
        problems.lock().unwrap().extend(found.into_iter().map(|problem| format!("{name}: {problem}")));
    }
}

/// A database in which every platform has been fetched once, a day before the cells.
async fn template(sim: &Arc<Simulator>, owner: Owner) -> (TempDir, PathBuf) {
    sim.clear();
    sim.set_now(start());
    let world = World::on(sim.clone(), owner, Duration::from_secs(20), None).await;
    world.enter_handles().await;
    let report = world.refresh().await;
    assert!(report.accounts.iter().all(saved), "{report:?}");
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("template.db");
    world.store.backup(&file).await.unwrap();
    (dir, file)
}

/// Faults under which a visitor looks at the page of a real server, one of each kind; in the other cells what the page
/// is made of is looked at, because rendering for every cell would take most of the time.
const WITH_A_VISITOR: [&str; 7] = [
    "connection/refused",
    "transport/reset-mid-body",
    "transport/no-headers",
    "body/malformed",
    "schema/count-null",
    "status/500",
    "status/429-seconds",
];

/// Runs a cell and says what did not hold.
async fn run(sim: &Arc<Simulator>, cell: Cell, template: &Path) -> Vec<String> {
    sim.clear();
    sim.set_now(start() + SignedDuration::from_hours(24));
    let mut origins = overrides(sim);
    if let Some(origin) = unreachable(sim, cell.fault) {
        origins.insert(cell.way.upstream.to_owned(), Url::parse(origin).unwrap());
    } else {
        let scope = Scope { path_contains: cell.path.map(str::to_owned), times: None };
        sim.set_fault(cell.way.upstream, cell.fault, scope).unwrap();
    }
    let world = World::at(origins, sim.clone(), cell.way.owner, TIMEOUT, Some(template)).await;
    let before = world.rows().await;
    let (report, took, seen) = if WITH_A_VISITOR.contains(&cell.fault) {
        with_a_visitor(&world, cell).await
    } else {
        let began = Instant::now();
        let report = world.refresh().await;
        let (took, kit) = (began.elapsed(), world.store.kit().await.unwrap().0);
        let shown = kit.snapshots.iter().find(|snapshot| snapshot.platform == cell.way.platform);
        let right = shown.is_some_and(|s| right_day(&s.fetched_at.to_string(), outcome(&report, cell.way.platform)));
        (report, took, (!right).then(|| "the kit shows the wrong number".to_owned()))
    };
    let mut problems = judge(&world, cell, &report, &before).await;
    if took >= TIMEOUT + SLACK {
        problems.push(format!("took {took:?}"));
    }
    problems.extend(seen);
    problems
}

/// Where a host is that cannot be reached at all.
fn unreachable<'a>(sim: &'a Simulator, fault: &str) -> Option<&'a str> {
    match fault {
        "connection/refused" => Some(sim.origin_refused()),
        "connection/dns" => Some(sim.origin_unresolvable()),
        "connection/tls" => Some(sim.origin_tls_failure()),
        _ => None,
    }
}

/// The same with a server: the page answers meanwhile, and the API shows the right number afterwards.
async fn with_a_visitor(world: &World, cell: Cell) -> (RunReport, Duration, Option<String>) {
    let server = Server::start(world.store.clone(), world.clock.clone(), world.refresher.clone()).await;
    let began = Instant::now();
    let (report, page) = tokio::join!(world.refresh(), server.get("/mediakit"));
    let took = began.elapsed();
    // Whatever is saved next shows what the refresh stored; without it the page looks once a second.
    server.owner("PUT", "/api/profile", Some(&serde_json::json!({ "threshold": 1000 }))).await;
    let platform = cell.way.platform;
    let answer = server.get(&format!("/api/mediakit/analytics/{platform}")).await;
    let fetched_at = answer.json()["fetched_at"].as_str().unwrap_or_default().to_owned();
    server.stop().await;
    let right = page.status == 200 && answer.status == 200 && right_day(&fetched_at, outcome(&report, platform));
    let seen = (!right).then(|| format!("page {}, API {} of {fetched_at}", page.status, answer.status));
    (report, took, seen)
}

/// Whether a number is of the day it must be: today's when it was stored, else the one before.
fn right_day(fetched_at: &str, own: &Outcome) -> bool {
    fetched_at.starts_with(if matches!(own, Outcome::Saved(_)) { "2026-11-23" } else { "2026-11-22" })
}

/// What must hold in every cell.
async fn judge(world: &World, cell: Cell, report: &RunReport, before: &BTreeMap<String, String>) -> Vec<String> {
    let mut problems = Vec::new();
    let mut check = |holds: bool, problem: String| {
        if !holds {
            problems.push(problem);
        }
    };
    for account in report.accounts.iter().filter(|account| account.platform != cell.way.platform) {
        check(saved(account), format!("{} was drawn in: {:?}", account.platform, account.outcome));
    }
    let own = outcome(report, cell.way.platform);
    check(cell.ends.fits(own), format!("expected {:?}, got {}", cell.ends, told(own)));
    let same = world.row(cell.way.platform).await.as_ref() == before.get(cell.way.platform);
    check(same != matches!(own, Outcome::Saved(_)), "the row and the outcome disagree".to_owned());
    for (request, times) in asked(&world.sim, cell.way) {
        let most = if request.starts_with("POST") && request.contains("oauth2/token") { 1 } else { 3 };
        check(times <= most, format!("{request} was sent {times} times"));
    }
    let memory = world.store.account(1, cell.way.platform).await.unwrap().unwrap().memory;
    let wait = memory.wait.map_or(0, |wait| wait.until.duration_since(world.clock.now()).as_secs());
    let fits =
        cell.path.is_some() || expected_wait(cell.fault).is_none_or(|(least, most)| (least..=most).contains(&wait));
    check(fits && wait <= 86_400, format!("waits for {wait} s"));
    problems
}

fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Failed(failure) => format!("{:?} ({:?})", failure.kind, failure.detail),
        Outcome::Saved(snapshot) => format!("saved with {:?}", snapshot.notes),
        other => format!("{other:?}"),
    }
}

/// How often each request went to the way's upstream.
fn asked(sim: &Simulator, way: &Way) -> HashMap<String, usize> {
    let mut asked = HashMap::new();
    for request in sim.requests().iter().filter(|request| request.upstream == way.upstream) {
        let name = format!("{} {}?{}", request.method, request.path, request.query);
        *asked.entry(name).or_default() += 1;
    }
    asked
}

impl Ends {
    fn fits(self, outcome: &Outcome) -> bool {
        match self {
            Self::Saved => matches!(outcome, Outcome::Saved(_)),
            Self::SavedOrHeld => matches!(outcome, Outcome::Saved(_) | Outcome::Held),
            Self::Kept(kinds) => kind(outcome).is_some_and(|kind| kinds.contains(&kind)),
        }
    }
}
