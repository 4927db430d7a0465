//! Several processes on one vault: a key that is replaced while a server runs, and a lease that a killed one left.

use std::fs;

use jiff::SignedDuration;
use mediakit::credentials::{Attempted, key};
use mediakit::domain::credential::Phase;
use mediakit::domain::lease;
use mediakit::domain::text::Lang;
use mediakit::refresh::Outcome;
use mediakit::store::{StoreError, VaultKey};
use secrecy::ExposeSecret as _;
use simulator::Simulator;

use crate::databases::{self, Database};
use crate::harness::CREATOR;
use crate::token_desk::TokenDesk;

const HOURS: SignedDuration = SignedDuration::from_hours(3);

async fn desk(database: &Database) -> TokenDesk {
    let own = |sim: &Simulator| {
        sim.env_social(CREATOR).split_inclusive('\n').filter(|line| line.starts_with("TIKTOK")).collect()
    };
    TokenDesk::new("tiktok", own).await.on(&database.url)
}

/// `mediakit token rekey`, in another process.
async fn replace_key(database: &Database, desk: &TokenDesk) {
    let store = database.open().await;
    let vault = key::unlock(&store, &desk.data(), None).await.unwrap();
    key::rotate(&vault, &desk.data(), None, desk.sim.now()).await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn a_key_replaced_while_a_server_runs_costs_nothing() {
    for database in databases::each().await {
        let desk = desk(&database).await;
        let server = desk.app().await;
        server.keeper.tick().await;
        for generation in 3..6 {
            replace_key(&database, &desk).await;
            desk.pass(HOURS);
            let refreshed = desk.refresh(&server).await;
            assert!(matches!(refreshed.outcome, Outcome::Saved(_)), "{:?}", refreshed.outcome);
            assert!(matches!(refreshed.renewal, Some(Attempted::Renewed(_))), "{:?}", refreshed.renewal);
            assert_eq!(desk.kept(&server).await.generation, generation);
            assert!(desk.is_valid("TIKTOK_REFRESH_TOKEN"));
        }
        let again = desk.app().await;
        assert!(desk.kept(&again).await.active == desk.kept(&server).await.active, "the next start opens it as well");
    }
}

#[tokio::test]
async fn a_wrong_key_in_its_place_harms_nothing_and_the_right_one_is_taken_without_a_start() {
    for database in databases::each().await {
        let desk = desk(&database).await;
        let server = desk.app().await;
        server.keeper.tick().await;
        let before = desk.kept(&server).await;
        replace_key(&database, &desk).await;
        let file = desk.data().join("secret.key");
        let right = fs::read(&file).unwrap();
        fs::write(&file, VaultKey::generate().unwrap().to_base64().expose_secret()).unwrap();
        desk.pass(HOURS);
        let exchanges = desk.exchanges();
        desk.refresh(&server).await;
        server.keeper.tick().await;
        let refused = server.keeper.renew("tiktok").await;
        assert!(matches!(refused, Err(StoreError::Sealed { .. })), "{refused:?}");
        assert_eq!(desk.exchanges(), exchanges, "nothing is spent that could not be stored");

        fs::write(&file, right).unwrap();
        let kept = desk.kept(&server).await;
        assert!((kept.generation, kept.phase) == (before.generation, Phase::Active) && kept.active == before.active);
        assert!(matches!(server.keeper.renew("tiktok").await, Ok(Some(Attempted::Renewed(_)))));
        assert!(matches!(desk.refresh(&server).await.outcome, Outcome::Saved(_)));
    }
}

#[tokio::test]
async fn a_lease_that_a_killed_process_left_is_told_with_its_end() {
    for database in databases::each().await {
        let desk = desk(&database).await;
        let server = desk.app().await;
        server.keeper.tick().await;
        let (taken, until) = (desk.sim.now(), lease::until(desk.sim.now()));
        let creator = server.store.creator().await.unwrap();
        let account = server.store.account(creator.id, "tiktok").await.unwrap().unwrap();
        server.store.claim(account.id, "killed", taken, until).await.unwrap().unwrap();
        server.keeper.vault().claim(creator.id, "tiktok", "killed", taken, until).await.unwrap().unwrap();
        desk.pass(SignedDuration::from_secs(90));
        let asked = desk.sim.requests().len();
        let outcome = desk.refresh(&server).await.outcome;
        assert!(matches!(outcome, Outcome::LeftBehind { until: told } if told == until), "{outcome:?}");
        let renewed = server.keeper.renew("tiktok").await;
        assert!(matches!(renewed, Err(StoreError::LeftBehind { until: told }) if told == until), "{renewed:?}");
        assert_eq!(desk.sim.requests().len(), asked, "nobody is asked twice");
        desk.pass(SignedDuration::from_secs(91));
        assert!(matches!(desk.refresh(&server).await.outcome, Outcome::Saved(_)), "it freed itself");
        assert!(matches!(server.keeper.renew("tiktok").await, Ok(Some(Attempted::Renewed(_)))));
    }
}

#[test]
fn what_is_said_of_a_lease_that_was_left_has_the_time_in_both_languages() {
    let words = lease::left_behind("2026-11-22T03:02:59Z".parse().unwrap());
    for (lang, part) in [(Lang::De, "Um 03:02 UTC"), (Lang::En, "at 03:02 UTC")] {
        let said = words.get(lang);
        assert!(said.contains(part) && said.ends_with('.'), "{said}");
    }
}
