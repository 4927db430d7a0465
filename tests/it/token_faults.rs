//! What token services can do wrong while a token is renewed, as a table of every way and every fault: whatever was
//! said, a token that works is never lost. The simulator's ledger is the judge.
//!
//! Eight ways in which others lost tokens, and what shows that they are closed here:
//! 1. An empty refresh token overwrites the stored one: `a_pair_without_a_new_refresh_token_keeps_the_old_one`,
//!    `google::an_empty_refresh_token_keeps_the_old_one_and_a_new_one_replaces_it`.
//! 2. Tokens that work once are rotated too eagerly or twice at a time: `an_odd_life_does_not_spend_token_after_token`,
//!    `tokens_of_hours_are_renewed_for_their_use_only`, `renewal::programs_that_start_together_renew_once`.
//! 3. Tokens that extend themselves need their own model:
//!    `renewal::a_long_lived_token_is_renewed_after_two_thirds_of_its_life_and_not_before`.
//! 4. A refusal counts as the end although another worker has renewed:
//!    `a_refused_token_is_first_compared_with_what_another_worker_renewed`.
//! 5. The account behind the token changes: `google::a_renewal_that_brings_another_account_is_not_taken`,
//!    `token_cli::doctor::somebody_elses_token_is_found`.
//! 6. Meta's checkpoint is retried in vain: `a_checkpoint_is_not_retried_and_the_owner_is_told_what_to_do`.
//! 7. A permission that was added later is silently missing: `a_permission_that_an_old_grant_lacks_is_named`.
//! 8. Renewals of sixty-day tokens fail until it is too late: `a_renewal_that_keeps_failing_is_told_a_week_before_the_end`.
//!
//! And a rotation that depends on a repository's secret:
//! `renewal::the_repositorys_secret_follows_a_renewal_and_waits_while_it_can_not`.

use futures_util::future::join_all;
use jiff::SignedDuration;
use mediakit::app::App;
use mediakit::credentials::Desk as _;
use mediakit::domain::alert;
use mediakit::domain::credential::{Kept, Phase};
use mediakit::domain::failure::FailureKind;
use mediakit::domain::text::Lang;
use mediakit::refresh::{AccountOutcome, Outcome};
use secrecy::ExposeSecret;
use serde_json::json;
use simulator::{InstagramLogin, Recorded, Simulator};

use crate::harness::{CREATOR, about};
use crate::token_desk::TokenDesk;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A way to renew a token.
struct Way {
    name: &'static str,
    platform: &'static str,
    upstream: &'static str,
    path: &'static str,
    entered: fn(&Simulator) -> String,
    /// What a renewal is made with.
    key: &'static str,
    /// How long after a renewal the next one is due.
    due_after: SignedDuration,
    /// Whether what a renewal was made with ends with it.
    rotates: bool,
}

static WAYS: &[Way] = &[
    Way {
        name: "instagram by Facebook Login",
        platform: "instagram",
        upstream: "FACEBOOK_GRAPH",
        path: "/oauth/access_token",
        entered: |sim| of(&sim.env_social_with(CREATOR, InstagramLogin::Facebook), "INSTAGRAM"),
        key: "INSTAGRAM_ACCESS_TOKEN",
        due_after: SignedDuration::from_hours(44 * 24),
        rotates: false,
    },
    Way {
        name: "instagram by Instagram Login",
        platform: "instagram",
        upstream: "INSTAGRAM_GRAPH",
        path: "/refresh_access_token",
        entered: |sim| of(&sim.env_social_with(CREATOR, InstagramLogin::Instagram), "INSTAGRAM"),
        key: "INSTAGRAM_ACCESS_TOKEN",
        due_after: SignedDuration::from_hours(44 * 24),
        rotates: false,
    },
    Way { name: "tiktok while its token works", due_after: SignedDuration::from_mins(100), ..TIKTOK },
    TIKTOK,
    Way { name: "google while its token works", due_after: SignedDuration::from_mins(50), ..GOOGLE },
    GOOGLE,
    Way { name: "twitch while its token works", due_after: SignedDuration::from_mins(200), ..TWITCH },
    TWITCH,
    Way { name: "x while its token works", due_after: SignedDuration::from_mins(100), ..X },
    X,
];

const TIKTOK: Way = Way {
    name: "tiktok",
    platform: "tiktok",
    upstream: "TIKTOK_API",
    path: "/v2/oauth/token/",
    entered: |sim| of(&sim.env_social(CREATOR), "TIKTOK"),
    key: "TIKTOK_REFRESH_TOKEN",
    due_after: SignedDuration::from_hours(3),
    rotates: true,
};

const GOOGLE: Way = Way {
    name: "google",
    platform: "youtube",
    upstream: "GOOGLE_OAUTH",
    path: "/token",
    entered: |sim| sim.grant(CREATOR, "youtube"),
    key: "YOUTUBE_REFRESH_TOKEN",
    due_after: SignedDuration::from_hours(3),
    rotates: false,
};

const TWITCH: Way = Way {
    name: "twitch",
    platform: "twitch",
    upstream: "TWITCH_AUTH",
    path: "/oauth2/token",
    entered: |sim| sim.grant(CREATOR, "twitch"),
    key: "TWITCH_REFRESH_TOKEN",
    due_after: SignedDuration::from_hours(6),
    rotates: false,
};

const X: Way = Way {
    name: "x",
    platform: "x",
    upstream: "X_API",
    path: "/2/oauth2/token",
    entered: |sim| sim.grant(CREATOR, "x") + "X_MONTHLY_BUDGET_USD=100\n",
    key: "X_REFRESH_TOKEN",
    due_after: SignedDuration::from_hours(3),
    rotates: true,
};

/// The lines of one platform.
fn of(text: &str, prefix: &str) -> String {
    text.split_inclusive('\n').filter(|line| line.starts_with(prefix)).collect()
}

/// What a fault leaves of a renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// All that matters: it is renewed.
    All,
    /// Half of the pair, where there is a pair.
    Half,
    /// Nothing that can be read, after the exchange was made.
    Nothing,
    /// Nothing was exchanged.
    Untouched,
}

static FAULTS: &[(&str, Left)] = &[
    ("token/content-type", Left::All),
    ("token/life-missing", Left::All),
    ("token/life-zero", Left::All),
    ("token/life-one-second", Left::All),
    ("token/life-negative", Left::All),
    ("token/life-text", Left::All),
    ("token/life-3000-years", Left::All),
    ("token/life-above-2-63", Left::All),
    ("body/bom", Left::All),
    ("token/access-empty", Left::Half),
    ("token/access-number", Left::Half),
    ("body/truncated", Left::Nothing),
    ("body/empty-200", Left::Nothing),
    ("body/error-in-200", Left::Nothing),
    ("body/login-wall", Left::Nothing),
    ("transport/reset-mid-body", Left::Nothing),
    ("status/redirect-login", Left::Untouched),
    ("status/400", Left::Untouched),
    ("status/403", Left::Untouched),
    ("status/500", Left::Untouched),
    ("status/429-seconds", Left::Untouched),
    ("transport/reset-after-accept", Left::Untouched),
];

/// A desk on which everything works and the next renewal is due.
async fn due(way: &Way) -> (TokenDesk, App) {
    let desk = TokenDesk::new(way.platform, way.entered).await;
    let app = desk.app().await;
    assert!(saved(&desk.refresh(&app).await), "{}", way.name);
    // Where the life of what was entered is not told, it is learnt by a first renewal.
    for pause in [SignedDuration::ZERO, HOUR * 30] {
        desk.pass(pause);
        app.keeper.tick().await;
    }
    desk.refresh(&app).await;
    desk.pass(way.due_after);
    (desk, app)
}

/// What the server does by itself and what a refresh does.
async fn use_it(desk: &TokenDesk, app: &App) -> AccountOutcome {
    app.keeper.tick().await;
    desk.refresh(app).await
}

fn saved(outcome: &AccountOutcome) -> bool {
    matches!(outcome.outcome, Outcome::Saved(_))
}

/// Whether the program still holds something that works for the next renewal.
fn holds_a_working_one(desk: &TokenDesk, way: &Way, kept: &Kept) -> bool {
    let pending = kept.pending.iter().flat_map(|grant| grant.values.iter());
    let mut held = kept.active.iter().chain(pending).filter(|(key, _)| *key == way.key);
    let ledger = desk.sim.ledger();
    held.any(|(_, value)| ledger.is_valid(value.expose_secret()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_of_a_token_service_loses_a_token_that_works() {
    let rows = WAYS.iter().map(|way| tokio::spawn(run_all(way)));
    let problems: Vec<String> = join_all(rows).await.into_iter().flat_map(Result::unwrap).collect();
    let cells = WAYS.len() * FAULTS.len();
    assert!(problems.is_empty(), "{} problems in {cells} cells:\n{}", problems.len(), problems.join("\n"));
}

/// Every fault on a way.
async fn run_all(way: &'static Way) -> Vec<String> {
    let mut problems = Vec::new();
    for (fault, left) in FAULTS {
        let found = Box::pin(run(way, fault, *left)).await;
        problems.extend(found.into_iter().map(|problem| format!("{} {fault}: {problem}", way.name)));
    }
    problems
}

/// One cell: says what did not hold.
async fn run(way: &Way, fault: &str, left: Left) -> Vec<String> {
    let (desk, app) = due(way).await;
    let (before, exchanges) = (desk.kept(&app).await, desk.exchanges());
    let asked = desk.asked(way.upstream, way.path);
    desk.break_(way.upstream, fault, way.path);
    let outcome = use_it(&desk, &app).await;
    let after = desk.kept(&app).await;
    let mut problems = Vec::new();
    let mut check = |holds: bool, problem: String| {
        if !holds {
            problems.push(problem);
        }
    };
    let asked = desk.asked(way.upstream, way.path) - asked;
    check((1..=3).contains(&asked), format!("asked {asked} times"));
    // What an exchange that works once brought and nobody could read is the one thing that can't be kept.
    let is_gone = way.rotates && left == Left::Nothing;
    check(is_gone != holds_a_working_one(&desk, way, &after), format!("holds the wrong thing, {:?}", after.phase));
    check(after.phase != Phase::NeedsOwner, "the owner is called at once".to_owned());
    if left == Left::All {
        check(after.generation > before.generation, format!("not renewed: {:?}", after.failure));
        check(desk.exchanges() <= exchanges + 2, format!("{} exchanges", desk.exchanges() - exchanges));
        check(saved(&outcome), format!("{:?}", outcome.outcome));
        check(desk.is_valid(way.key), "the file has a dead token".to_owned());
    }
    if left == Left::Untouched {
        check(after.active == before.active && after.failure.is_some(), "something else is kept".to_owned());
    }
    drop(app);
    let app = desk.app().await;
    desk.sim.clear();
    let healed = heal(&desk, &app).await;
    let kept = desk.kept(&app).await;
    if is_gone {
        check(kept.phase == Phase::NeedsOwner, format!("nobody is told, {:?}", kept.phase));
        desk.enter(&(way.entered)(&desk.sim));
        check(saved(&use_it(&desk, &app).await), "the owner's edit is not enough".to_owned());
        check(desk.kept(&app).await.phase == Phase::Active, "still not active".to_owned());
    } else {
        check(saved(&healed), format!("does not heal: {:?}", healed.outcome));
        check(kept.phase == Phase::Active && kept.failure.is_none(), format!("{:?} {:?}", kept.phase, kept.failure));
        check(holds_a_working_one(&desk, way, &kept) && desk.is_valid(way.key), "holds nothing that works".to_owned());
    }
    problems
}

/// The token service is well again, and a day passes with a refresh now and then.
async fn heal(desk: &TokenDesk, app: &App) -> AccountOutcome {
    for pause in [MINUTE * 10, MINUTE * 30, HOUR * 8] {
        desk.pass(pause);
        use_it(desk, app).await;
    }
    desk.pass(HOUR * 16);
    use_it(desk, app).await
}

#[tokio::test]
async fn an_odd_life_does_not_spend_token_after_token() {
    for way in WAYS {
        for (fault, _) in FAULTS.iter().filter(|(fault, _)| fault.starts_with("token/life")) {
            let (desk, app) = due(way).await;
            desk.break_(way.upstream, fault, way.path);
            use_it(&desk, &app).await;
            let before = desk.exchanges();
            for _ in 0..12 {
                desk.pass(HOUR * 2);
                app.keeper.tick().await;
            }
            let spent = desk.exchanges() - before;
            assert!(spent <= 3, "{} {fault}: {spent} exchanges in a day", way.name);
            assert!(saved(&desk.refresh(&app).await), "{} {fault}", way.name);
        }
    }
}

#[tokio::test]
async fn tokens_of_hours_are_renewed_for_their_use_only() {
    for way in [&TIKTOK, &GOOGLE, &TWITCH, &X] {
        let (desk, app) = due(way).await;
        desk.refresh(&app).await;
        let before = desk.exchanges();
        for _ in 0..48 {
            desk.pass(HOUR);
            app.keeper.tick().await;
        }
        let spent = desk.exchanges() - before;
        assert!((1..=2).contains(&spent), "{}: {spent} in two days, for the daily look", way.name);
        assert!(desk.kept(&app).await.failure.is_none(), "what is asleep is not in trouble");
    }
}

#[tokio::test]
async fn a_pause_that_a_token_service_asks_for_is_kept() {
    for way in WAYS {
        let (desk, app) = due(way).await;
        desk.break_(way.upstream, "status/429-seconds", way.path);
        use_it(&desk, &app).await;
        let asked = desk.asked(way.upstream, way.path);
        assert_eq!(desk.kept(&app).await.failure.unwrap().kind, FailureKind::RateLimited, "{}", way.name);
        for _ in 0..4 {
            desk.pass(SignedDuration::from_secs(20));
            use_it(&desk, &app).await;
        }
        assert_eq!(desk.asked(way.upstream, way.path), asked, "{}: asked within 90 seconds", way.name);
        desk.sim.clear();
        desk.pass(SignedDuration::from_secs(20));
        assert!(saved(&use_it(&desk, &app).await), "{}", way.name);
    }
}

#[tokio::test]
async fn a_pair_without_a_new_refresh_token_keeps_the_old_one() {
    for fault in ["tiktok/refresh-token-empty", "tiktok/refresh-token-missing"] {
        let (desk, app) = due(&TIKTOK).await;
        let old = desk.value(TIKTOK.key);
        desk.break_("TIKTOK_API", fault, TIKTOK.path);
        assert!(saved(&desk.refresh(&app).await), "{fault}");
        assert_eq!(desk.value(TIKTOK.key), old, "{fault}");
        assert!(desk.is_valid(TIKTOK.key) && desk.is_valid("TIKTOK_ACCESS_TOKEN"), "{fault}");
    }
}

#[tokio::test]
async fn a_refused_token_is_first_compared_with_what_another_worker_renewed() {
    let (desk, app) = due(&TIKTOK).await;
    let used = desk.kept(&app).await.active;
    let other = desk.app().await;
    assert!(saved(&desk.refresh(&other).await));
    let exchanges = desk.exchanges();
    let instead = app.keeper.instead(about("tiktok"), &used).await.unwrap();
    assert!(instead.values != used && instead.renewal.is_none());
    assert_eq!(desk.exchanges(), exchanges, "theirs is used, none is asked for");
    assert_eq!(desk.kept(&app).await.phase, Phase::Active);
}

#[tokio::test]
async fn a_checkpoint_is_not_retried_and_the_owner_is_told_what_to_do() {
    let (desk, app) = due(&WAYS[0]).await;
    desk.break_("FACEBOOK_GRAPH", "meta/190-459", "");
    let outcome = use_it(&desk, &app).await;
    let Outcome::Failed(failure) = &outcome.outcome else { panic!("{:?}", outcome.outcome) };
    assert!(failure.detail.as_ref().unwrap().contains("log in at facebook.com"), "{failure:?}");
    assert_eq!(desk.kept(&app).await.phase, Phase::NeedsOwner);
    let asked = desk.asked("FACEBOOK_GRAPH", "/oauth/access_token");
    for _ in 0..10 {
        desk.pass(DAY);
        app.keeper.tick().await;
    }
    assert_eq!(desk.asked("FACEBOOK_GRAPH", "/oauth/access_token"), asked);
    let alerts = alert::due(&app.watched().await.unwrap(), desk.sim.now());
    let told = alerts.iter().find(|alert| alert.key == "credential:instagram:renewal").unwrap();
    for (lang, words) in [(Lang::De, "erbinde"), (Lang::En, "onnect")] {
        assert!(told.next_step.get(lang).contains(words), "{}", told.next_step.get(lang));
    }
}

#[tokio::test]
async fn a_permission_that_an_old_grant_lacks_is_named() {
    let (desk, app) = due(&WAYS[0]).await;
    let data = json!({ "is_valid": true, "type": "USER", "scopes": ["instagram_basic", "pages_show_list"] });
    let answer = Recorded {
        status: 200,
        content_type: "application/json".to_owned(),
        body: json!({ "data": data }).to_string().into_bytes(),
        headers: Vec::new(),
    };
    desk.sim.replay("FACEBOOK_GRAPH", "/debug_token", answer);
    let standing = app.keeper.check_now("instagram", &desk.kept(&app).await.active).await.unwrap().unwrap();
    assert_eq!(standing.scopes, ["instagram_basic", "pages_show_list"]);
    assert_eq!(standing.missing_scopes, ["instagram_manage_insights", "pages_read_engagement"]);
}

#[tokio::test]
async fn a_renewal_that_keeps_failing_is_told_a_week_before_the_end() {
    for way in &WAYS[..2] {
        let (desk, app) = due(way).await;
        let end = desk.kept(&app).await.life.expires_at.unwrap();
        desk.break_(way.upstream, "status/500", way.path);
        let mut told = None;
        while desk.sim.now() < end && told.is_none() {
            app.keeper.tick().await;
            let alerts = alert::due(&app.watched().await.unwrap(), desk.sim.now());
            told = alerts.iter().any(|alert| alert.key == "credential:instagram:renewal").then(|| desk.sim.now());
            desk.pass(HOUR * 6);
        }
        let left = end.duration_since(told.unwrap());
        assert!(left >= DAY * 7, "{}: told {} days before", way.name, left.as_hours() / 24);
        desk.sim.clear();
        desk.pass(DAY);
        assert!(saved(&use_it(&desk, &app).await), "{}", way.name);
        assert!(desk.kept(&app).await.life.expires_at.unwrap() > end, "{}", way.name);
    }
}
