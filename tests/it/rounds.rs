//! How many calls of a platform wait for one another. The simulator holds every answer back until a whole round of
//! calls has arrived, so a call that waits for another one's answer without need is never held together with it. The
//! number of rounds is how many times the slowest upstream's latency a refresh takes, and one more is a broken promise.

use std::sync::Arc;
use std::time::Duration;

use mediakit::refresh::RunReport;
use simulator::{Options, Simulator};

use crate::harness::{Owner, World, about, saved, start};

/// The calls of each round: of the very first fetch, of the next after a restart, and of every later one.
struct Rounds {
    platform: &'static str,
    owner: Owner,
    first: &'static [usize],
    restarted: &'static [usize],
    later: &'static [usize],
}

const fn always(platform: &'static str, owner: Owner, calls: &'static [usize]) -> Rounds {
    Rounds { platform, owner, first: calls, restarted: calls, later: calls }
}

const ROUNDS: &[Rounds] = &[
    // The account's id is looked up among the owner's Pages once (hers are on two pages, each found by the one before).
    // The user node comes before posts and insights, because it proves that the token still works and whose the account
    // is; those five then go out together, with three about who follows.
    Rounds {
        platform: "instagram",
        owner: Owner::Everything,
        first: &[1, 1, 1, 8],
        restarted: &[1, 8],
        later: &[1, 8],
    },
    // By Instagram Login the token is the account's own: nothing to look up.
    always("instagram", Owner::Little, &[1, 8]),
    // User and videos know nothing of each other.
    always("tiktok", Owner::Everything, &[2]),
    // One page holds all.
    always("tiktok", Owner::Little, &[1]),
    // The feed wants the channel's id, which is not known before the first answer.
    Rounds { platform: "youtube", owner: Owner::Everything, first: &[1, 1], restarted: &[2], later: &[2] },
    Rounds { platform: "youtube", owner: Owner::Little, first: &[1, 1], restarted: &[2], later: &[2] },
    // Who watches is asked beside the channel: it needs no id.
    Rounds { platform: "youtube", owner: Owner::Granted, first: &[3, 1], restarted: &[4], later: &[4] },
    // A token, which is kept in memory only; followers and stream are asked for by the channel's id.
    Rounds { platform: "twitch", owner: Owner::Everything, first: &[1, 1, 2], restarted: &[1, 3], later: &[3] },
    // One call has all the rest of them tell.
    always("x", Owner::Everything, &[1]),
    always("discord", Owner::Everything, &[1]),
    always("bluesky", Owner::Everything, &[1]),
    always("mastodon", Owner::Everything, &[1]),
];

#[tokio::test]
async fn no_call_waits_for_another_without_need() {
    for rounds in ROUNDS {
        let sim = Simulator::start(Options { now: Some(start()), ..Options::default() }).await.unwrap();
        let mut world = World::on(Arc::new(sim), rounds.owner, Duration::from_secs(20), None).await;
        world.enter_handles().await;
        go_on(&world, rounds.platform, rounds.first).await;
        go_on(&world, rounds.platform, rounds.later).await;
        world.restart().await;
        go_on(&world, rounds.platform, rounds.restarted).await;
    }
}

#[test]
fn every_platform_has_its_rounds() {
    for platform in mediakit::platforms::all(&mediakit::platforms::Settings::default()) {
        let id = platform.about().id;
        assert!(ROUNDS.iter().any(|rounds| rounds.platform == id), "{id}");
    }
}

#[tokio::test]
async fn the_first_refresh_of_a_channel_brings_its_rates_already() {
    for owner in [Owner::Everything, Owner::Little] {
        let world = World::new(owner).await;
        world.refresh_only(&["youtube"]).await;
        let snapshot = world.store.snapshot("youtube", "marabikes").await.unwrap().unwrap();
        for rate in ["engagement_rate", "average_views"] {
            assert!(snapshot.figures.contains_key(rate), "{owner:?}: {rate}");
        }
    }
}

/// Refreshes a platform, letting its calls go on only in these rounds.
async fn go_on(world: &World, platform: &str, rounds: &[usize]) {
    let upstreams: Vec<&str> = about(platform).upstreams.iter().map(|upstream| upstream.name).collect();
    world.sim.clear();
    world.sim.hold(&upstreams);
    let only = [platform];
    let mut refresh = std::pin::pin!(world.refresh_only(&only));
    for (n, calls) in rounds.iter().enumerate() {
        tokio::select! {
            () = world.sim.holds(*calls) => {}
            report = &mut refresh => panic!("round {n} of {rounds:?} never came: {}", told(world, &report)),
        }
        world.sim.let_go();
    }
    let report = refresh.await;
    let asked = world.sim.requests().iter().filter(|request| upstreams.contains(&request.upstream.as_str())).count();
    let all = report.accounts.iter().all(saved) && asked == rounds.iter().sum::<usize>();
    assert!(all, "{rounds:?} was not all: {}", told(world, &report));
}

fn told(world: &World, report: &RunReport) -> String {
    let asked: Vec<String> = world.sim.requests().iter().map(|r| format!("{} {}", r.method, r.path)).collect();
    let outcomes: Vec<_> = report.accounts.iter().map(|account| (account.platform, &account.outcome)).collect();
    format!("{outcomes:?} after {asked:?}")
}
