//! The refresh as its users know it.

use jiff::SignedDuration;
use mediakit::domain::failure::FailureKind;
use mediakit::refresh::{Outcome, Trigger};
use simulator::Scope;

use crate::harness::{Owner, World, about, kind, outcome, saved};

#[tokio::test]
async fn every_platform_brings_the_numbers_it_shows() {
    for owner in [Owner::Everything, Owner::Little] {
        let world = World::new(owner).await;
        let report = world.refresh().await;
        for account in &report.accounts {
            let Outcome::Saved(snapshot) = &account.outcome else {
                panic!("{owner:?} {}: {:?}", account.platform, account.outcome)
            };
            let audience = snapshot.audience(about(account.platform)).unwrap();
            let truth = world.sim.truth("mara", account.platform).followers;
            // A rounded count is at most one part in a hundred off.
            let close = audience.abs_diff(truth) <= truth.unsigned_abs() / 99;
            assert!(close, "{owner:?} {}: {audience} shown, {truth} true", account.platform);
        }
        assert_eq!(report.accounts.len(), mediakit::platforms::all(&mediakit::platforms::Settings::default()).len());
    }
}

#[tokio::test]
async fn somebody_without_any_credentials_gets_what_is_public() {
    let world = World::new(Owner::Nothing).await;
    let report = world.refresh().await;
    let refused: Vec<&str> =
        report.accounts.iter().filter(|account| !saved(account)).map(|account| account.platform).collect();
    assert_eq!(refused, ["instagram", "twitch", "x"]);
    for platform in refused {
        assert_eq!(kind(outcome(&report, platform)), Some(FailureKind::NotConfigured), "{platform}");
    }
}

#[tokio::test]
async fn a_failed_platform_keeps_its_last_numbers_and_the_others_move_on() {
    let world = World::new(Owner::Everything).await;
    world.refresh().await;
    let before = world.rows().await;
    world.advance(SignedDuration::from_hours(24));
    world.sim.set_fault("DISCORD_API", "status/500", Scope::default()).unwrap();
    let report = world.refresh().await;
    assert_eq!(kind(outcome(&report, "discord")), Some(FailureKind::Upstream));
    let after = world.rows().await;
    assert_eq!(before["discord"], after["discord"]);
    for account in report.accounts.iter().filter(|account| account.platform != "discord") {
        assert!(saved(account), "{account:?}");
        assert_ne!(before[account.platform], after[account.platform]);
    }
}

#[tokio::test]
async fn overlapping_refreshes_ask_each_platform_once() {
    let world = World::new(Owner::Everything).await;
    // Slow enough that the others come while the first one runs.
    world.sim.set_latency("", std::time::Duration::from_millis(500));
    let before = world.sim.requests().len();
    let (all, again, one) = tokio::join!(world.refresh(), world.refresh(), world.refresh_only(&["discord"]));
    assert_eq!((all.saved(), again.saved(), one.saved()), (all.accounts.len(), all.accounts.len(), 1));
    let requests = world.sim.requests().split_off(before);
    assert_eq!(requests.iter().filter(|request| request.upstream == "DISCORD_API").count(), 1);
    assert_eq!(requests.iter().filter(|request| request.upstream == "X_API").count(), 1);
}

#[tokio::test]
async fn a_refresh_that_is_begun_is_under_way_before_anybody_waits_for_it() {
    let world = World::new(Owner::Everything).await;
    let report = world.refresher.begin(1, &["discord".to_owned()], Trigger::Hand).await.unwrap();
    assert!(world.refresher.progress().standing().running, "a page that is led to now would not follow it");
    assert_eq!(report.await.saved(), 1);
}

#[tokio::test]
async fn a_platform_that_asks_for_a_pause_is_left_alone_until_it_is_over() {
    let world = World::new(Owner::Everything).await;
    world.sim.set_fault("DISCORD_API", "discord/429-global", Scope::default()).unwrap();
    assert_eq!(kind(outcome(&world.refresh_only(&["discord"]).await, "discord")), Some(FailureKind::RateLimited));
    world.sim.clear();
    world.refresh_only(&["discord"]).await;
    assert_eq!(world.sim.requests().len(), 0, "it was asked during the pause");
    world.advance(SignedDuration::from_secs(66));
    assert_eq!(world.refresh_only(&["discord"]).await.saved(), 1);
}

#[tokio::test]
async fn the_budget_for_x_is_kept_across_restarts() {
    let mut world = World::new(Owner::Everything).await;
    let mut asked = 0;
    for round in 0..120 {
        if round % 40 == 20 {
            world.restart().await;
        }
        let report = world.refresh_only(&["x"]).await;
        match kind(outcome(&report, "x")) {
            None => asked += 1,
            Some(kind) => assert_eq!(kind, FailureKind::Quota),
        }
    }
    assert_eq!(asked, 100, "one dollar buys a hundred reads at a cent each");
    assert_eq!(world.sim.requests().iter().filter(|request| request.upstream == "X_API").count(), 100);
    world.advance(SignedDuration::from_hours(24 * 10));
    let report = world.refresh_only(&["x"]).await;
    assert_eq!(report.saved(), 1, "a new month brings a new budget: {report:?}");
}

#[tokio::test]
async fn another_account_behind_a_pinned_handle_is_refused() {
    let world = World::new(Owner::Everything).await;
    world.refresh().await;
    let before = world.rows().await;
    for (platform, upstream) in [("discord", "DISCORD_API"), ("twitch", "TWITCH_API"), ("bluesky", "BLUESKY_API")] {
        world.sim.set_fault(upstream, "schema/id-other-account", Scope::default()).unwrap();
        let report = world.refresh_only(&[platform]).await;
        assert_eq!(kind(outcome(&report, platform)), Some(FailureKind::AccountMismatch), "{platform}");
        assert_eq!(world.row(platform).await.as_ref(), before.get(platform));
    }
}

#[tokio::test]
async fn no_platform_is_asked_more_often_than_it_must() {
    let world = World::new(Owner::Everything).await;
    world.refresh().await;
    let before = world.sim.requests().len();
    world.refresh().await;
    let mut asked = std::collections::BTreeMap::new();
    for request in world.sim.requests().split_off(before) {
        *asked.entry(request.upstream).or_insert(0) += 1;
    }
    // Instagram: the account, then its posts, four groups of insights and three about who follows at once. The others:
    // all at once.
    let expected = [
        ("BLUESKY_API", 1),
        ("DISCORD_API", 1),
        ("FACEBOOK_GRAPH", 9),
        ("MASTODON", 1),
        ("TIKTOK_API", 2),
        ("TWITCH_API", 3),
        ("X_API", 1),
        ("YOUTUBE_API", 1),
        ("YOUTUBE_WEB", 1),
    ];
    let asked: Vec<(String, i32)> = asked.into_iter().collect();
    assert_eq!(asked, expected.map(|(name, n)| (name.to_owned(), n)));
}

#[tokio::test]
async fn a_jump_is_shown_only_when_a_second_fetch_agrees() {
    let world = World::new(Owner::Everything).await;
    world.refresh().await;
    let before = world.row("discord").await;
    world.sim.set_fault("DISCORD_API", "schema/count-exponent", Scope::default()).unwrap();
    assert!(matches!(outcome(&world.refresh_only(&["discord"]).await, "discord"), Outcome::Held));
    assert_eq!(world.row("discord").await, before, "a jump was shown at once");
    assert_eq!(world.refresh_only(&["discord"]).await.saved(), 1);
    assert_ne!(world.row("discord").await, before);
}

#[tokio::test]
async fn the_first_reading_of_a_day_is_its_point_in_the_history() {
    let world = World::new(Owner::Everything).await;
    world.refresh().await;
    let account = world.store.account(1, "bluesky").await.unwrap().unwrap();
    let day = jiff::civil::date(2026, 11, 22);
    let first = world.store.history(account.id, "followers", day, day).await.unwrap();
    world.advance(SignedDuration::from_hours(12));
    world.refresh().await;
    assert_eq!(world.store.history(account.id, "followers", day, day).await.unwrap(), first);
    world.advance(SignedDuration::from_hours(24));
    world.refresh().await;
    let later = world.store.history(account.id, "followers", day, jiff::civil::date(2026, 11, 30)).await.unwrap();
    assert_eq!(later.len(), 2);
    assert_eq!(later[0], first[0]);
}

#[tokio::test]
async fn viewers_of_a_stream_that_ended_are_not_shown() {
    let world = World::new(Owner::Everything).await;
    world.sim.set_fault("TWITCH_API", "twitch/live", Scope::default()).unwrap();
    world.refresh_only(&["twitch"]).await;
    let viewers = |snapshot: mediakit::domain::snapshot::Snapshot| snapshot.figures.contains_key("viewers");
    let twitch = async || world.store.snapshot("twitch", "marabikes").await.unwrap().unwrap();
    assert!(viewers(twitch().await));
    world.sim.clear();
    world.sim.set_fault("TWITCH_API", "twitch/offline", Scope::default()).unwrap();
    world.refresh_only(&["twitch"]).await;
    assert!(!viewers(twitch().await), "viewers of yesterday's stream");
}
