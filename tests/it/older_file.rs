//! A file that was put back, or edited with an old token: it gets the newer values and takes nothing away.

use jiff::SignedDuration;
use mediakit::credentials::Attempted;
use mediakit::domain::credential::Phase;
use mediakit::refresh::Outcome;
use simulator::{InstagramLogin, Simulator};

use crate::harness::CREATOR;
use crate::token_desk::TokenDesk;

fn tiktok(sim: &Simulator) -> String {
    let own = |line: &&str| line.starts_with('#') || line.starts_with("TIKTOK");
    sim.env_social(CREATOR).lines().filter(own).fold(String::new(), |text, line| text + line + "\r\n")
}

#[tokio::test]
async fn a_file_from_a_backup_is_written_over_and_nothing_is_asked() {
    let desk = TokenDesk::new("tiktok", tiktok).await;
    let app = desk.app().await;
    let entered = desk.text();
    desk.refresh(&app).await;
    app.keeper.tick().await;
    let second = desk.text();
    desk.pass(SignedDuration::from_hours(3));
    assert!(matches!(desk.refresh(&app).await.renewal, Some(Attempted::Renewed(_))));
    let newest = desk.text();
    let line = |text: &str, key: &str| text.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
    let by_hand = ["TIKTOK_ACCESS_TOKEN", "TIKTOK_REFRESH_TOKEN"]
        .iter()
        .fold(newest.clone(), |text, key| text.replace(&line(&newest, key), &line(&entered, key)));
    assert!(entered != second && second != newest && !entered.contains("# mediakit:"));
    app.refresher.progress().settled().await;
    let (before, exchanges, asked) = (desk.kept(&app).await, desk.exchanges(), desk.sim.requests().len());
    assert_eq!(before.generation, 3);
    for (name, old) in [
        ("as it was entered, with nothing noted in it", &entered),
        ("from the generation before", &second),
        ("edited by hand below the newest note", &by_hand),
    ] {
        desk.enter(old);
        app.keeper.tick().await;
        assert!(desk.text() == newest, "{name}: the newer values are not back");
        let kept = desk.kept(&app).await;
        assert!((kept.generation, kept.phase) == (3, Phase::Active) && kept.active == before.active, "{name}");
        assert_eq!((desk.exchanges(), desk.sim.requests().len()), (exchanges, asked), "{name}: somebody was asked");
    }
    assert!(matches!(desk.refresh(&app).await.outcome, Outcome::Saved(_)));
}

#[tokio::test]
async fn an_old_token_that_still_works_does_not_come_back() {
    let own = |sim: &Simulator| {
        let all = sim.env_social_with(CREATOR, InstagramLogin::Facebook);
        all.split_inclusive('\n').filter(|line| line.starts_with("INSTAGRAM")).collect()
    };
    let desk = TokenDesk::new("instagram", own).await;
    let app = desk.app().await;
    app.keeper.tick().await;
    let entered = desk.text();
    desk.pass(SignedDuration::from_hours(24 * 44));
    app.keeper.tick().await;
    let newest = desk.text();
    desk.enter(&entered);
    assert!(desk.is_valid("INSTAGRAM_ACCESS_TOKEN"), "Meta lets it live on");
    app.keeper.tick().await;
    assert!(desk.text() == newest);
    assert_eq!(desk.kept(&app).await.generation, 2);
}

#[tokio::test]
async fn an_old_file_is_tried_where_nothing_else_works() {
    let desk = TokenDesk::new("tiktok", tiktok).await;
    let app = desk.app().await;
    app.keeper.tick().await;
    let second = desk.text();
    desk.pass(SignedDuration::from_hours(3));
    desk.refresh(&app).await;
    desk.pass(SignedDuration::from_hours(3));
    desk.break_("TIKTOK_API", "transport/reset-before-answer", "/v2/oauth/token/");
    desk.refresh(&app).await;
    desk.sim.clear();
    desk.pass(SignedDuration::from_mins(10));
    app.keeper.tick().await;
    assert_eq!(desk.kept(&app).await.phase, Phase::NeedsOwner);
    desk.enter(&second);
    desk.sim.clear();
    app.keeper.tick().await;
    assert!(!desk.sim.requests().is_empty(), "it is tried");
    assert!(desk.text() == second, "what does not work is not written over what the owner put there");
    desk.enter(&tiktok(&desk.sim));
    app.keeper.tick().await;
    assert_eq!(desk.kept(&app).await.phase, Phase::Active);
}
