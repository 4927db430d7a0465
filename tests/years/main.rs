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
use variants::SOUND;

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
