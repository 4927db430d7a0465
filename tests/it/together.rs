//! Two servers and one `fetch` that start together over one database, a hundred times: each generation of a token is
//! exchanged once, as the simulator's ledger has it.

use futures_util::future::join_all;
use jiff::SignedDuration;
use mediakit::app::App;
use mediakit::domain::credential::Phase;
use mediakit::refresh::Trigger;
use simulator::Simulator;

use crate::databases;
use crate::harness::CREATOR;
use crate::token_desk::TokenDesk;

const ROUNDS: usize = 100;
/// Longer than a token for calls lives, and than working credentials go without a look.
const PAUSE: SignedDuration = SignedDuration::from_hours(25);
/// The servers are started anew every so many rounds; the `fetch` is new each time.
const RESTART_EVERY: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_servers_and_a_fetch_that_start_together_exchange_each_generation_once() {
    let all = databases::each().await;
    join_all(all.iter().map(|database| rounds(&database.url))).await;
}

async fn rounds(database: &str) {
    let kind = database.split(':').next().unwrap_or_default();
    let desk = TokenDesk::new("tiktok", |sim: &Simulator| sim.env_social(CREATOR)).await.on(database);
    let mut servers = [desk.app().await, desk.app().await];
    servers[0].keeper.tick().await;
    for round in 0..ROUNDS {
        desk.pass(PAUSE);
        let (exchanges, before) = (desk.exchanges(), desk.kept(&servers[0]).await);
        let fetching = async {
            let app = desk.app().await;
            desk.refresh(&app).await;
            app
        };
        let [a, b] = &servers;
        let (fetch, (), ()) = tokio::join!(fetching, serving(a), serving(b));
        let after = desk.kept(&fetch).await;
        let generations = after.generation - before.generation;
        assert_eq!((desk.exchanges() - exchanges, generations), (1, 1), "{kind}, round {round}: {:?}", after.failure);
        assert_eq!(after.phase, Phase::Active, "{kind}, round {round}");
        for key in ["TIKTOK_ACCESS_TOKEN", "TIKTOK_REFRESH_TOKEN"] {
            assert!(desk.is_valid(key), "{kind}, round {round}: {key} in the file does not work");
        }
        fetch.store.close().await;
        if round % RESTART_EVERY == RESTART_EVERY - 1 {
            for server in &mut servers {
                let stopped = std::mem::replace(server, desk.app().await);
                stopped.keeper.close().await;
                stopped.store.close().await;
            }
        }
    }
}

/// What a server does once a half minute, all at a time.
async fn serving(app: &App) {
    let creator = app.store.creator().await.unwrap();
    tokio::join!(app.keeper.tick(), app.refresher.tick(), async {
        // Somebody presses the button as well.
        app.refresher.start(creator.id, &[], Trigger::Hand).await.unwrap();
    });
    app.refresher.progress().settled().await;
}
