//! YouTube with the owner's grant: the program as it is wired, Google's token service and the Data API over HTTP. The
//! simulator's ledger is the judge of what is still valid.

use jiff::SignedDuration;
use mediakit::app::App;
use mediakit::credentials::Attempted;
use mediakit::credentials::status::{self, NextRenewal};
use mediakit::domain::alert;
use mediakit::domain::credential::Phase;
use mediakit::domain::failure::FailureKind;
use mediakit::domain::metric::Provenance;
use mediakit::domain::text::Lang;
use mediakit::refresh::{AccountOutcome, Outcome};

use crate::harness::CREATOR;
use crate::token_desk::TokenDesk;

const TOKEN: &str = "YOUTUBE_ACCESS_TOKEN";
const REFRESH: &str = "YOUTUBE_REFRESH_TOKEN";
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// The owner has entered a key, a grant, or both.
async fn desk(with_key: bool, with_grant: bool) -> TokenDesk {
    let entered = |sim: &simulator::Simulator| {
        let all = sim.env_social(CREATOR);
        let key = all.lines().filter(|line| with_key && line.starts_with("YOUTUBE_"));
        let grant = if with_grant { sim.grant(CREATOR, "youtube") } else { String::new() };
        key.map(|line| format!("{line}\n")).chain([grant]).collect()
    };
    TokenDesk::new("youtube", entered).await
}

/// How often Google's token service was asked.
fn asked(desk: &TokenDesk) -> usize {
    desk.asked("GOOGLE_OAUTH", "")
}

#[track_caller]
fn provenance(outcome: &AccountOutcome) -> Provenance {
    let Outcome::Saved(snapshot) = &outcome.outcome else { panic!("{:?}", outcome.outcome) };
    snapshot.origin.provenance
}

#[tokio::test]
async fn an_hours_token_is_renewed_before_its_use_and_the_numbers_are_the_owners() {
    let desk = desk(false, true).await;
    let app = desk.app().await;
    assert_eq!(provenance(&desk.refresh(&app).await), Provenance::OwnerAuthorised);
    assert_eq!(desk.exchanges(), 0, "a token that works is used as it is");
    app.keeper.tick().await;
    assert_eq!(desk.exchanges(), 1, "how long it lives is learnt by renewing it");
    let (old, entered) = (desk.value(TOKEN), desk.value(REFRESH));
    desk.pass(HOUR * 3);
    let outcome = desk.refresh(&app).await;
    assert_eq!(provenance(&outcome), Provenance::OwnerAuthorised);
    let Some(Attempted::Renewed(renewed)) = outcome.renewal else { panic!("{:?}", outcome.renewal) };
    assert_eq!(renewed.expires_at, Some(desk.sim.now() + SignedDuration::from_secs(3_599)));
    assert_eq!(desk.exchanges(), 2);
    assert!(desk.value(TOKEN) != old && desk.is_valid(TOKEN));
    assert_eq!(desk.value(REFRESH), entered, "the answer brought none: the one there is stays");
    desk.refresh(&app).await;
    assert_eq!(desk.exchanges(), 2, "a fresh one is used as it is");
    for _ in 0..48 {
        desk.pass(SignedDuration::from_mins(30));
        app.keeper.tick().await;
    }
    assert!(desk.exchanges() <= 3, "nobody renews by the clock what is renewed before its use");
}

#[tokio::test]
async fn an_empty_refresh_token_keeps_the_old_one_and_a_new_one_replaces_it() {
    for (fault, rotates) in [("google/refresh-token-empty", false), ("google/refresh-token-rotated", true)] {
        let desk = desk(false, true).await;
        let app = desk.app().await;
        let entered = desk.value(REFRESH);
        desk.break_("GOOGLE_OAUTH", fault, "");
        for _ in 0..3 {
            desk.pass(HOUR * 2);
            assert_eq!(provenance(&desk.refresh(&app).await), Provenance::OwnerAuthorised, "{fault}");
            assert!(desk.is_valid(TOKEN) && desk.is_valid(REFRESH), "{fault}");
        }
        assert_eq!(desk.value(REFRESH) != entered, rotates, "{fault}");
        assert_eq!(desk.exchanges(), 3, "{fault}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_a_doubt_and_no_lost_token() {
    for fault in ["transport/reset-before-answer", "transport/reset-mid-body", "transport/reset-after-accept"] {
        let desk = desk(false, true).await;
        let app = desk.app().await;
        app.keeper.tick().await;
        desk.pass(SignedDuration::from_mins(50));
        let before = asked(&desk);
        desk.break_("GOOGLE_OAUTH", fault, "");
        desk.refresh(&app).await;
        assert_eq!(asked(&desk), before + 1, "{fault}: an exchange is sent once");
        assert_eq!(desk.kept(&app).await.phase, Phase::InDoubt, "{fault}");
        drop(app);
        desk.sim.clear();
        let app = desk.app().await;
        desk.pass(HOUR * 2);
        assert_eq!(provenance(&desk.refresh(&app).await), Provenance::OwnerAuthorised, "{fault}");
        assert_eq!(desk.kept(&app).await.phase, Phase::Active, "{fault}");
        assert!(desk.is_valid(TOKEN) && desk.is_valid(REFRESH), "{fault}");
    }
}

#[tokio::test]
async fn a_withdrawn_grant_needs_the_owner_who_is_told_so_and_whose_edit_is_enough() {
    let desk = desk(false, true).await;
    let app = desk.app().await;
    app.keeper.tick().await;
    desk.sim.revoke(&desk.value(REFRESH));
    desk.pass(HOUR * 2);
    let outcome = desk.refresh(&app).await;
    let Outcome::Failed(failure) = &outcome.outcome else { panic!("{:?}", outcome.outcome) };
    assert_eq!(failure.kind, FailureKind::AuthRevoked);
    assert_eq!(desk.kept(&app).await.phase, Phase::NeedsOwner);
    let before = asked(&desk);
    for _ in 0..5 {
        desk.pass(HOUR);
        app.keeper.tick().await;
        desk.refresh(&app).await;
    }
    assert_eq!(asked(&desk), before, "what Google refused for good is not asked again");
    let alerts = alert::due(&app.watched().await.unwrap(), desk.sim.now());
    let told = alerts.iter().find(|alert| alert.platform.as_deref() == Some("youtube")).unwrap();
    for (lang, words) in [(Lang::De, "erbinde"), (Lang::En, "onnect")] {
        assert!(told.next_step.get(lang).contains(words), "{}", told.next_step.get(lang));
        assert!(told.body.get(lang).contains("YouTube"));
        assert!(FailureKind::AuthRevoked.sentence("YouTube", lang).contains(words));
    }
    desk.enter(&desk.sim.grant(CREATOR, "youtube"));
    app.keeper.tick().await;
    assert_eq!(desk.kept(&app).await.phase, Phase::Active);
    assert_eq!(provenance(&desk.refresh(&app).await), Provenance::OwnerAuthorised);
}

#[tokio::test]
async fn a_grant_that_ended_leaves_the_key() {
    let desk = desk(true, true).await;
    let app = desk.app().await;
    assert_eq!(provenance(&desk.refresh(&app).await), Provenance::OwnerAuthorised);
    app.keeper.tick().await;
    desk.sim.revoke(&desk.value(REFRESH));
    desk.pass(HOUR * 2);
    assert_eq!(provenance(&desk.refresh(&app).await), Provenance::PublicApi, "numbers go on, and say whence they come");
    assert_eq!(desk.kept(&app).await.phase, Phase::NeedsOwner);
}

#[tokio::test]
async fn a_refresh_token_alone_is_enough() {
    let desk = desk(false, true).await;
    let text = desk.text();
    let without: Vec<&str> = text.lines().filter(|line| !line.starts_with(TOKEN)).collect();
    desk.enter(&(without.join("\n") + "\n"));
    let app = desk.app().await;
    assert_eq!(provenance(&desk.refresh(&app).await), Provenance::OwnerAuthorised);
    assert_eq!(desk.exchanges(), 1);
    assert!(desk.is_valid(TOKEN), "the file has the new token beside the old one");
}

#[tokio::test]
async fn a_grant_of_an_app_in_testing_is_told_to_end_before_it_does() {
    let desk = desk(true, true).await;
    desk.break_("GOOGLE_OAUTH", "google/testing-mode", "");
    let app = desk.app().await;
    let consent = desk.sim.now();
    for day in 0..6 {
        app.keeper.tick().await;
        assert_eq!(provenance(&desk.refresh(&app).await), Provenance::OwnerAuthorised, "day {day}");
        let until = desk.kept(&app).await.life.renewable_until;
        assert_eq!(until, Some(consent + HOUR * 7 * 24), "renewing does not move it");
        desk.pass(HOUR * 24);
    }
    let alerts = alert::due(&app.watched().await.unwrap(), desk.sim.now());
    assert!(alerts.iter().any(|alert| alert.key == "credential:youtube:expires"), "{alerts:?}");
    assert!(asked(&desk) <= 20, "{} renewals", asked(&desk));
    desk.pass(HOUR * 30);
    assert_eq!(provenance(&desk.refresh(&app).await), Provenance::PublicApi);
    assert_eq!(desk.kept(&app).await.phase, Phase::NeedsOwner);
}

#[tokio::test]
async fn a_renewal_that_brings_another_account_is_not_taken() {
    let desk = desk(false, true).await;
    let app = desk.app().await;
    desk.refresh(&app).await;
    app.keeper.tick().await;
    let before = desk.kept(&app).await;
    desk.pass(SignedDuration::from_mins(50));
    desk.break_("YOUTUBE_API", "schema/id-other-account", "");
    let outcome = desk.refresh(&app).await;
    let Some(Attempted::Failed(failure)) = outcome.renewal else { panic!("{:?}", outcome.renewal) };
    assert_eq!(failure.kind, FailureKind::AccountMismatch);
    let after = desk.kept(&app).await;
    assert_eq!((after.phase, after.generation), (Phase::Active, before.generation));
    assert!(after.active == before.active && after.pending.is_none(), "the former values stay");
    let looked = app.keeper.check_now("youtube", &after.active).await.unwrap();
    assert_eq!(looked.unwrap_err().kind, FailureKind::AccountMismatch);
}

#[tokio::test]
async fn a_strangers_channel_is_public_whoever_asks() {
    let desk = desk(false, true).await;
    let app = desk.app_for("wren").await;
    let outcome = desk.refresh(&app).await;
    assert_eq!(provenance(&outcome), Provenance::PublicApi);
    let Outcome::Saved(snapshot) = &outcome.outcome else { panic!("{outcome:?}") };
    assert!(snapshot.demographics.is_empty(), "who watches the token's channel says nothing of another");
    let asked = desk.sim.requests();
    assert!(asked.iter().all(|request| !request.query.contains("key=")), "the token asks, not a key");
}

#[tokio::test]
async fn a_key_alone_stays_as_it_was() {
    let desk = desk(true, false).await;
    let app = desk.app().await;
    let text = desk.text();
    for _ in 0..3 {
        app.keeper.tick().await;
        assert_eq!(provenance(&desk.refresh(&app).await), Provenance::PublicApi);
        desk.pass(HOUR * 25);
    }
    assert_eq!((asked(&desk), desk.text()), (0, text));
    let kept = desk.kept(&app).await;
    assert_eq!((kept.phase, kept.generation, kept.failures), (Phase::Active, 1, 0));
    assert_eq!(renewal_of(&desk, &app).await, NextRenewal::Never, "a key does not end");
    assert!(alert::due(&app.watched().await.unwrap(), desk.sim.now()).is_empty());
}

#[tokio::test]
async fn a_client_id_that_is_entered_later_is_enough() {
    let desk = desk(false, true).await;
    let whole = desk.text();
    let without: Vec<&str> = whole.lines().filter(|line| !line.starts_with("YOUTUBE_CLIENT_ID")).collect();
    desk.enter(&(without.join("\n") + "\n"));
    let app = desk.app().await;
    app.keeper.tick().await;
    assert_eq!(asked(&desk), 0, "without it there is no renewal");
    assert_eq!(renewal_of(&desk, &app).await, NextRenewal::Lacks(vec!["YOUTUBE_CLIENT_ID"]));
    desk.enter(&whole);
    desk.pass(HOUR * 2);
    assert_eq!(provenance(&desk.refresh(&app).await), Provenance::OwnerAuthorised);
    assert_eq!((desk.exchanges(), renewal_of(&desk, &app).await), (1, NextRenewal::BeforeUse));
}

/// When the program says that it renews.
async fn renewal_of(desk: &TokenDesk, app: &App) -> NextRenewal {
    let vault = app.keeper.vault();
    let all = status::all(vault, &app.store, &app.credentials, &app.platforms, desk.sim.now()).await.unwrap();
    all.into_iter().find(|status| status.about.id == "youtube").unwrap().renewal
}
