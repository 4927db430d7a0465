//! Ten simulated years of credentials that renew themselves: the real keeper, refresh and store on a clock that the
//! simulation moves, against platforms that are played. See `docs/decisions/credentials-ten-years.md`.
//!
//! `MEDIAKIT_YEARS_SEEDS=7 cargo test --profile years --test years no_token` tells one seed's story, request by request;
//! several are given with commas between them, and without any all are lived through.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what it expects by failing

mod dice;
mod judge;
mod provider;
mod server;
mod story;
mod time;
mod variants;
mod weather;
mod world;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

use mediakit::outbound::Outbound;

use judge::Counts;
use story::live;
use variants::{BROKEN, SOUND};

/// Each test uses every core: one after the other.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Every seed that is lived through; those that once found something are among them.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=50;
/// Seeds that are tried until a broken variant is caught.
const SEEDS_OF_A_VARIANT: u64 = 4;
/// As many things have to happen in a seed, or it is no proof.
const LEAST: Counts = Counts { looks: 4_000, exchanges: 2_500, readings: 6_000, kills: 10, stops: 60, ..Counts::NONE };

#[test]
fn no_token_is_lost_in_ten_years_with_any_of_fifty_seeds() {
    let seeds = asked().unwrap_or_else(|| SEEDS.collect());
    let _turn = turn();
    let (http, began) = (client(), Instant::now());
    let outcomes = side_by_side(&seeds, |seed| {
        let began = Instant::now();
        let outcome = live(*seed, &SOUND, &http);
        println!("seed {seed}: {:.1} s, {}", began.elapsed().as_secs_f64(), outcome.counts);
        for violation in outcome.violations.iter().take(5) {
            println!("  seed {seed}: {violation}");
        }
        outcome
    });
    let violations: Vec<String> = (seeds.iter().zip(&outcomes))
        .flat_map(|(seed, outcome)| outcome.violations.iter().map(move |violation| format!("seed {seed}: {violation}")))
        .collect();
    let all = outcomes.iter().fold(Counts::NONE, |all, outcome| all.with(outcome.counts));
    let each = began.elapsed() / u32::try_from(seeds.len()).unwrap();
    println!("ten years of {} seeds: {:.1} s a seed on {} cores, {all}", seeds.len(), each.as_secs_f64(), cores());
    assert!(
        violations.is_empty(),
        "{} violations\n{}",
        violations.len(),
        violations[..violations.len().min(20)].join("\n")
    );
    for (seed, outcome) in seeds.iter().zip(&outcomes) {
        assert!(outcome.counts.reaches(LEAST), "seed {seed} proves little: {}", outcome.counts);
    }
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let _turn = turn();
    let http = client();
    // In this one the process dies in one platform's call while a second server is at work beside another's.
    let told = side_by_side(&[7, 7], |seed| live(*seed, &SOUND, &http));
    assert!(!told[0].trace.is_empty());
    assert_eq!(told[0].trace, told[1].trace);
}

#[test]
fn every_broken_variant_is_caught_by_its_rule() {
    let _turn = turn();
    let http = client();
    let variants: Vec<_> = BROKEN.iter().collect();
    let missed = side_by_side(&variants, |variant| {
        let caught = (1..=SEEDS_OF_A_VARIANT).find_map(|seed| {
            let violations = live(seed, variant, &http).violations;
            violations.into_iter().find(|violation| Some(violation.rule) == variant.breaks).map(|first| (seed, first))
        });
        match caught {
            Some((seed, first)) => println!("caught {}, seed {seed}: {first}", variant.name),
            None => return Some(variant.name),
        }
        None
    });
    let missed: Vec<&str> = missed.into_iter().flatten().collect();
    println!("{} of {} broken variants are caught", BROKEN.len() - missed.len(), BROKEN.len());
    assert!(missed.is_empty(), "not caught: {missed:?}");
}

/// The seeds that somebody wants to see.
fn asked() -> Option<Vec<u64>> {
    let seeds = std::env::var("MEDIAKIT_YEARS_SEEDS").ok()?;
    Some(seeds.split(',').map(|seed| seed.parse().expect("seeds are numbers with commas between them")).collect())
}

fn client() -> Outbound {
    Outbound::new(Duration::from_secs(1), BTreeMap::new())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, Into::into)
}

/// Does every job, one more at a time than there are cores, for now and then one waits for a lease; the results are in
/// the jobs' order.
fn side_by_side<J: Sync, R: Send>(jobs: &[J], work: impl Fn(&J) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let take = || {
        let n = next.fetch_add(1, Ordering::Relaxed);
        jobs.get(n).map(|job| (n, work(job)))
    };
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..=cores())
            .map(|n| scope.spawn(move || on_core(n % cores(), || std::iter::from_fn(take).collect())))
            .collect();
        workers
            .into_iter()
            .flat_map(|worker: ScopedJoinHandle<'_, Vec<_>>| worker.join().expect("a story failed, see above"))
            .collect()
    });
    done.sort_by_key(|(n, _)| *n);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Works on one core, with all threads that are begun there: a statement goes to the database's thread and back, which
/// costs more than the statement itself when it has to wake another core.
#[cfg(target_os = "linux")]
fn on_core<T>(core: usize, work: impl FnOnce() -> T) -> T {
    use nix::sched::{CpuSet, sched_setaffinity};
    let mut set = CpuSet::new();
    // Where that is not allowed, it takes longer.
    let _ = set.set(core).and_then(|()| sched_setaffinity(nix::unistd::Pid::from_raw(0), &set));
    work()
}

#[cfg(not(target_os = "linux"))]
fn on_core<T>(_core: usize, work: impl FnOnce() -> T) -> T {
    work()
}
