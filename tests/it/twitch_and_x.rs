//! Twitch and X with the owner's grant: what it adds to the public numbers, what is left when it ends, and what it
//! costs. The program as it is wired; the simulator's ledger and bill are the judges.

use jiff::SignedDuration;
use mediakit::app::App;
use mediakit::credentials::Attempted;
use mediakit::domain::credential::Phase;
use mediakit::domain::failure::FailureKind;
use mediakit::domain::metric::Provenance;
use mediakit::domain::snapshot::Snapshot;
use mediakit::refresh::{AccountOutcome, Outcome};

use crate::harness::CREATOR;
use crate::token_desk::TokenDesk;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// The owner connected, and has the app's own token beside it where there is one.
async fn desk(platform: &'static str, with_app: bool) -> TokenDesk {
    let entered = |sim: &simulator::Simulator| {
        let bearer: String = sim.env_social(CREATOR).lines().filter(|line| line.starts_with("X_BEARER")).collect();
        let app = if with_app { bearer + "\n" } else { String::new() };
        sim.grant(CREATOR, platform) + &app
    };
    TokenDesk::new(platform, entered).await
}

#[track_caller]
fn saved(outcome: AccountOutcome) -> Snapshot {
    match outcome.outcome {
        Outcome::Saved(snapshot) => *snapshot,
        other => panic!("{other:?}"),
    }
}

fn number(snapshot: &Snapshot, key: &str) -> Option<i64> {
    snapshot.figures.get(key).and_then(|figure| figure.value.count())
}

async fn spent(app: &App, desk: &TokenDesk) -> i64 {
    app.store.spent("x", &desk.sim.now().strftime("%Y-%m").to_string()).await.unwrap()
}

#[tokio::test]
async fn a_connected_channel_tells_its_subscribers_and_renews_before_its_token_ends() {
    let desk = desk("twitch", false).await;
    let app = desk.app().await;
    let truth = desk.sim.truth(CREATOR, "twitch");
    let first = saved(desk.refresh(&app).await);
    assert_eq!(first.origin.provenance, Provenance::OwnerAuthorised);
    assert_eq!(number(&first, "subscribers"), Some(truth.subscribers));
    assert_eq!(number(&first, "followers"), Some(truth.followers));
    app.keeper.tick().await;
    let entered = desk.value("TWITCH_REFRESH_TOKEN");
    for _ in 0..3 {
        desk.pass(HOUR * 5);
        let outcome = desk.refresh(&app).await;
        assert!(matches!(outcome.renewal, Some(Attempted::Renewed(_))), "{:?}", outcome.renewal);
        assert_eq!(saved(outcome).origin.provenance, Provenance::OwnerAuthorised);
    }
    assert!(desk.is_valid("TWITCH_ACCESS_TOKEN"));
    assert_eq!(desk.value("TWITCH_REFRESH_TOKEN"), entered, "Twitch's stays");
    assert_eq!(desk.kept(&app).await.scopes.len(), 2);
    // A new one in an answer replaces it, all the same.
    desk.break_("TWITCH_AUTH", "twitch/refresh-token-rotated", "/token");
    desk.pass(HOUR * 5);
    saved(desk.refresh(&app).await);
    assert!(desk.value("TWITCH_REFRESH_TOKEN") != entered && desk.is_valid("TWITCH_REFRESH_TOKEN"));
}

#[tokio::test]
async fn a_withdrawn_grant_leaves_twitchs_public_numbers_and_needs_the_owner() {
    let desk = desk("twitch", false).await;
    let app = desk.app().await;
    let before = saved(desk.refresh(&app).await);
    for key in ["TWITCH_ACCESS_TOKEN", "TWITCH_REFRESH_TOKEN"] {
        desk.sim.revoke(&desk.value(key));
    }
    desk.pass(HOUR * 25);
    app.keeper.tick().await;
    let after = saved(desk.refresh(&app).await);
    assert_eq!(after.origin.provenance, Provenance::PublicApi, "numbers go on, and say whence they come");
    assert_eq!(number(&after, "followers"), Some(desk.sim.truth(CREATOR, "twitch").followers));
    assert_eq!(after.figures["subscribers"].fetched_at, before.figures["subscribers"].fetched_at, "it keeps its age");
    assert_eq!(desk.kept(&app).await.phase, Phase::NeedsOwner);
    desk.enter(&desk.sim.grant(CREATOR, "twitch"));
    app.keeper.tick().await;
    assert_eq!(saved(desk.refresh(&app).await).origin.provenance, Provenance::OwnerAuthorised);
}

#[tokio::test]
async fn a_channel_nobody_can_pay_for_has_no_subscribers_and_no_trouble() {
    let desk = desk("twitch", false).await;
    desk.break_("TWITCH_API", "twitch/no-affiliate", "");
    let app = desk.app().await;
    let snapshot = saved(desk.refresh(&app).await);
    assert_eq!(number(&snapshot, "subscribers"), None);
    assert!(snapshot.notes.is_empty(), "{:?}", snapshot.notes);
    desk.sim.clear();
    desk.break_("TWITCH_API", "status/503", "/subscriptions");
    let snapshot = saved(desk.refresh(&app).await);
    assert_eq!(snapshot.notes[0].part, "subscribers", "an affiliate's that can't be read is said");
}

#[tokio::test]
async fn somebody_elses_channel_is_public_whoever_asks() {
    let desk = desk("twitch", false).await;
    let app = desk.app_for("wren").await;
    let snapshot = saved(desk.refresh(&app).await);
    assert_eq!((snapshot.origin.provenance, number(&snapshot, "subscribers")), (Provenance::PublicApi, None));
}

#[tokio::test]
async fn a_connected_account_on_x_tells_its_rates_at_the_price_that_is_reserved() {
    let desk = desk("x", false).await;
    let app = desk.app().await;
    let snapshot = saved(desk.refresh(&app).await);
    assert_eq!(snapshot.origin.provenance, Provenance::OwnerAuthorised);
    assert_eq!(number(&snapshot, "followers"), Some(desk.sim.truth(CREATOR, "x").followers));
    for rate in ["engagement_rate", "average_views"] {
        assert!(snapshot.figures[rate].basis.as_ref().unwrap().sample_size >= 5, "{rate}");
    }
    assert_eq!(spent(&app, &desk).await, 20_000);
    let billed = desk.sim.billed_reads();
    assert!((6..=11).contains(&billed), "one user and ten posts at most: {billed}");
    for _ in 0..6 {
        app.keeper.tick().await;
    }
    assert_eq!(desk.sim.billed_reads(), billed, "looking after a token costs nothing");
}

#[tokio::test]
async fn xs_refresh_token_works_once_and_its_successor_is_kept() {
    let desk = desk("x", false).await;
    let app = desk.app().await;
    saved(desk.refresh(&app).await);
    app.keeper.tick().await;
    for _ in 0..3 {
        let before = desk.value("X_REFRESH_TOKEN");
        desk.pass(HOUR * 3);
        assert_eq!(saved(desk.refresh(&app).await).origin.provenance, Provenance::OwnerAuthorised);
        assert!(desk.value("X_REFRESH_TOKEN") != before && !desk.sim.ledger().is_valid(&before));
        assert!(desk.is_valid("X_REFRESH_TOKEN") && desk.is_valid("X_ACCESS_TOKEN"));
    }
}

#[tokio::test]
async fn a_withdrawn_grant_on_x_leaves_the_bearer_token_if_there_is_one() {
    for with_app in [true, false] {
        let desk = desk("x", with_app).await;
        let app = desk.app().await;
        saved(desk.refresh(&app).await);
        for key in ["X_ACCESS_TOKEN", "X_REFRESH_TOKEN"] {
            desk.sim.revoke(&desk.value(key));
        }
        desk.pass(HOUR * 25);
        app.keeper.tick().await;
        let outcome = desk.refresh(&app).await;
        assert_eq!(desk.kept(&app).await.phase, Phase::NeedsOwner, "{with_app}");
        if with_app {
            assert_eq!(saved(outcome).origin.provenance, Provenance::PublicApi);
        } else {
            let Outcome::Failed(failure) = outcome.outcome else { panic!("{:?}", outcome.outcome) };
            assert_eq!(failure.kind, FailureKind::AuthRevoked);
        }
    }
}

#[tokio::test]
async fn posts_that_can_not_be_read_leave_the_followers_on_x() {
    let desk = desk("x", false).await;
    desk.break_("X_API", "status/503", "/tweets");
    let app = desk.app().await;
    let snapshot = saved(desk.refresh(&app).await);
    assert_eq!(snapshot.notes.len(), 2);
    assert!(number(&snapshot, "followers").is_some() && !snapshot.figures.contains_key("engagement_rate"));
}

#[tokio::test]
async fn the_grant_of_another_account_is_not_taken_for_this_one_on_x() {
    let desk = desk("x", false).await;
    let app = desk.app_for("wren").await;
    let Outcome::Failed(failure) = desk.refresh(&app).await.outcome else { panic!("somebody else's numbers") };
    assert_eq!(failure.kind, FailureKind::AccountMismatch);
}
