//! Ten simulated years of credentials that renew themselves: the real keeper, refresh and store on a clock that the
//! simulation moves, against platforms that are played. See `docs/decisions/credentials-ten-years.md`.

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
use std::time::{Duration, Instant};

use mediakit::outbound::Outbound;

use story::live;
use variants::{BROKEN, SOUND};

#[test]
fn no_seed_loses_a_token_in_ten_years() {
    let http = Outbound::new(Duration::from_secs(1), BTreeMap::new()).unwrap();
    let seeds: Vec<u64> = std::env::var("MEDIAKIT_YEARS_SEEDS")
        .map(|text| text.split(',').map(|seed| seed.parse().unwrap()).collect())
        .unwrap_or_else(|_| (0..1).collect());
    for seed in seeds {
        let began = Instant::now();
        let outcome = live(seed, &SOUND, &http);
        println!("seed {seed}: {:?} {:?}", began.elapsed(), outcome.counts);
        for violation in outcome.violations.iter().take(20) {
            println!("  {violation}");
        }
    }
}

/// Seeds that are tried until a variant is caught.
const SEEDS: u64 = 6;

#[test]
fn every_broken_variant_is_caught() {
    let http = Outbound::new(Duration::from_secs(1), BTreeMap::new()).unwrap();
    for variant in BROKEN {
        let began = Instant::now();
        let caught = (0..SEEDS).find_map(|seed| {
            let outcome = live(seed, variant, &http);
            let first = outcome.violations.into_iter().next()?;
            Some((seed, first))
        });
        println!("{}: {:?} {}", variant.name, began.elapsed(), caught.map_or("NOT CAUGHT".to_owned(), |(seed, v)| format!("seed {seed}: {v}")));
    }
}
