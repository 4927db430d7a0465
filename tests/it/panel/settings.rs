//! The settings tab: what holds, who decided it, and a change that is followed at once.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Time;
use mediakit::config::{RefreshAt, Source};
use mediakit::outbound::{Outbound, Overrides};
use mediakit::platforms::{self, Credentials, Settings};
use mediakit::refresh::policy::Plan;
use mediakit::refresh::{Board, Parts, Progress, Refresher};
use secrecy::SecretString;

use crate::api_server::{Server, evening};
use crate::browser::Browser;
use crate::databases;

const REFRESH: &str = "/admin/settings/refresh";

#[tokio::test]
async fn a_time_that_is_chosen_holds_from_now_on_and_after_a_restart() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let page = browser.get(REFRESH).await.text();
    assert!(page.contains("value=\"03:00\"") && page.contains("name=\"on\" value=\"yes\" checked"), "the default");
    let mut changes = server.settings.subscribe();
    let saved = browser.post(REFRESH, &[("version", "0"), ("on", "yes"), ("at", "04:30")]).await;
    assert_eq!((saved.status, saved.header("location")), (303, "/admin/settings/refresh?done=saved"));
    assert!(changes.has_changed().unwrap(), "whoever works by it is told");
    let half_past_four = RefreshAt::Daily(Time::constant(4, 30, 0, 0));
    assert_eq!(changes.borrow_and_update().refresh_at, half_past_four);
    assert!(browser.get("/admin/settings").await.text().contains("täglich 04:30 UTC"));
    let audit = server.store.audit(1).await.unwrap().remove(0);
    assert_eq!(
        (audit.who.as_str(), audit.what.as_str(), audit.detail.as_str()),
        ("mara", "settings changed", "refresh_at")
    );

    let again = Server::on(server.store.clone(), None).await;
    assert_eq!(again.settings.config().refresh_at, half_past_four);
    assert_eq!(again.settings.config().shown_value("refresh_at").unwrap().source, Source::Panel);

    assert_eq!(browser.post(REFRESH, &[("version", "1"), ("at", "04:30")]).await.status, 303);
    assert_eq!(server.settings.config().refresh_at, RefreshAt::Off);
    again.settings.reload().await.unwrap();
    assert_eq!(again.settings.config().refresh_at, RefreshAt::Off, "another process finds it too");
}

#[tokio::test]
async fn what_the_operator_set_is_shown_with_its_origin_and_stays() {
    let database = databases::sqlite();
    let server = Server::set(database.open().await, Some(database), &[("refresh_at", "05:15")]).await;
    let browser = Browser::signed_in(&server).await;
    let page = browser.get(REFRESH).await.text();
    assert!(page.contains("05:15") && page.contains("Option --refresh-at") && !page.contains("name=\"at\""), "{page}");
    assert_eq!(browser.post(REFRESH, &[("version", "0"), ("at", "04:30")]).await.status, 303);
    let config = server.settings.config();
    assert_eq!(config.refresh_at, RefreshAt::Daily(Time::constant(5, 15, 0, 0)));
    assert!(config.is_operators("refresh_at"));
}

#[tokio::test]
async fn a_time_that_is_none_and_a_form_that_is_old_change_nothing() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    for at in ["", "25:00", "3 Uhr", "off"] {
        let refused = browser.post(REFRESH, &[("version", "0"), ("on", "yes"), ("at", at)]).await;
        let expected = if at == "off" { 303 } else { 422 };
        assert_eq!(refused.status, expected, "{at}");
        assert!(expected == 303 || refused.text().contains("Gib eine Uhrzeit wie 03:00 ein."));
    }
    let late = browser.post(REFRESH, &[("version", "0"), ("on", "yes"), ("at", "06:06")]).await;
    assert_eq!(late.status, 409);
    let page = late.text();
    assert!(
        page.contains("value=\"06:06\"") && page.contains("<dd>aus</dd>"),
        "what was typed stays beside what holds"
    );
    assert!(page.contains("name=\"version\" value=\"1\""), "the next attempt is the reader's will");
    assert_eq!(server.settings.config().refresh_at, RefreshAt::Off);
}

#[tokio::test]
async fn another_time_moves_only_those_who_wait_for_the_daily_one() {
    for database in databases::each().await {
        let store = database.open().await;
        let server = Server::on(store.clone(), None).await;
        let plan = Plan { daily_at: Some(Time::constant(3, 0, 0, 0)) };
        let refresher = Refresher::new(Parts {
            store: store.clone(),
            platforms: platforms::all(&Settings::default()),
            http: Outbound::new(Duration::from_secs(1), Overrides::default()),
            clock: server.clock.clone(),
            credentials: Arc::new(Credentials::default),
            plan: tokio::sync::watch::Sender::new(plan),
            holder: "test".to_owned(),
            running: Board::default(),
            progress: Progress::default(),
        });
        let ids = ["instagram", "tiktok", "bluesky"].map(|platform| (platform, "mara.example"));
        for (platform, handle) in ids {
            store.set_handle(1, platform, handle).await.unwrap();
        }
        let hour = |hours| evening() + jiff::SignedDuration::from_hours(hours);
        let accounts = store.accounts(1).await.unwrap();
        let find = |platform: &str| accounts.iter().find(|account| account.platform == platform).unwrap().id;
        store.set_due(find("instagram"), hour(9)).await.unwrap();
        store.set_due(find("tiktok"), hour(-1)).await.unwrap();
        refresher.follow(Plan { daily_at: Some(Time::constant(6, 30, 0, 0)) }).await.unwrap();
        let due: Vec<_> = store.accounts(1).await.unwrap();
        let due = |platform: &str| due.iter().find(|a| a.platform == platform).unwrap().memory.due_at;
        assert_eq!(due("instagram"), Some("2026-11-23T06:30:00Z".parse().unwrap()));
        assert_eq!(due("tiktok"), Some(hour(-1)), "what is due already is asked at once");
        assert_eq!(due("bluesky"), Some("2026-11-23T06:30:00Z".parse().unwrap()));
    }
}

#[tokio::test]
async fn secrets_among_the_choices_are_sealed_and_survive_another_key() {
    use mediakit::store::{Choice, VaultKey};
    use secrecy::ExposeSecret as _;
    for database in databases::each().await {
        let store = database.open().await;
        let vault = store.unlock(VaultKey::from_bytes(&[1; 32])).await.unwrap();
        let left_behind = store.unlock(VaultKey::from_bytes(&[1; 32])).await.unwrap();
        let secret = "https://hooks.example/CANARY-settings-sealed";
        let choice = |name, value: Option<&str>, sealed| Choice { name, value: value.map(SecretString::from), sealed };
        let choices = [choice("alert_webhook", Some(secret), true), choice("alert_lang", Some("en"), false)];
        vault.choose(1, ("alerts", 0), &choices, "mara", evening()).await.unwrap();
        assert!(store.has_sealed().await.unwrap(), "a lost key is not replaced by a new one");
        assert_eq!(store.setting(1, "alert_webhook").await.unwrap(), None, "not in the open");
        let stale = vault.choose(1, ("alerts", 0), &[choice("alert_lang", None, false)], "mara", evening()).await;
        assert!(stale.is_err());

        let rekeyed = vault.rekey(VaultKey::from_bytes(&[2; 32]), evening()).await.unwrap();
        let chosen = rekeyed.chosen(1).await.unwrap();
        let value = |name: &str| chosen.iter().find(|(known, _)| known == name).map(|(_, value)| value.expose_secret());
        assert_eq!((value("alert_webhook"), value("alert_lang")), (Some(secret), Some("en")));
        assert!(
            left_behind.chosen(1).await.unwrap().iter().all(|(name, _)| name != "alert_webhook"),
            "the old key opens nothing"
        );
        rekeyed.choose(1, ("alerts", 1), &[choice("alert_webhook", None, true)], "mara", evening()).await.unwrap();
        assert!(!store.has_sealed().await.unwrap());
    }
}
