//! The connections tab beside connecting: the board, values that are typed in, testing, renewing, disconnecting.

use jiff::SignedDuration;
use mediakit::domain::credential::Phase;

use super::desk::PanelDesk;
use crate::browser::{Browser, PASSWORD};
use crate::harness::CREATOR;

const TEST: &str = "/admin/connections/tiktok/test";

fn line(env: &str, key: &str) -> String {
    env.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_says_how_every_platform_is() {
    let desk = PanelDesk::new(|sim| sim.env_social(CREATOR)).await;
    let browser = Browser::signed_in(&desk.server).await;
    desk.keeper.tick().await;
    let page = browser.get("/admin/connections?lang=de").await.text();
    for id in ["instagram", "tiktok", "youtube", "twitch", "x"] {
        assert!(page.contains(&format!("<li id=\"{id}\"")), "{id}");
    }
    assert!(page.contains("Discord, Bluesky, Mastodon: öffentlich abgerufen"));
    assert!(page.contains("Verbunden, erneuert sich selbst") && page.contains("4 von 4 erlaubt"));
    assert!(page.contains("class=\"life\"") && page.contains("class=\"mark\""));
    assert!(page.contains("noch 59 Tage"), "the end of the Instagram token");
    assert!(!page.contains(" style="));
    let english = browser.get("/admin/connections?lang=en").await.text();
    assert!(english.contains("Connected, renews itself") && english.contains("4 of 4 granted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_token_shows_with_its_next_step() {
    let desk = PanelDesk::new(|sim| sim.env_social(CREATOR)).await;
    Browser::signed_in(&desk.server).await;
    desk.keeper.tick().await;
    let env = std::fs::read_to_string(desk.file()).unwrap();
    desk.sim.revoke(&line(&env, "INSTAGRAM_ACCESS_TOKEN"));
    desk.pass(SignedDuration::from_hours(25));
    desk.keeper.tick().await;
    assert_eq!(desk.kept("instagram").await.unwrap().phase, Phase::NeedsOwner);
    let browser = Browser::signs_in(&desk.server, "mara", PASSWORD).await;
    let page = browser.get("/admin/connections?lang=en").await.text();
    assert!(page.contains("Needs you") && page.contains("Instagram no longer accepts the credentials."), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_asks_the_platform_and_says_what_it_said() {
    let desk = PanelDesk::new(|sim| sim.env_social(CREATOR)).await;
    let browser = Browser::signed_in(&desk.server).await;
    let ends = async |path: &str| browser.post(path, &[]).await.header("location").to_owned();
    assert_eq!(ends(TEST).await, "/admin/connections?of=tiktok&told=works#tiktok");
    desk.break_("TIKTOK_API", "status/503", "/user/info");
    assert_eq!(ends(TEST).await, "/admin/connections?of=tiktok&told=test-failed&why=upstream#tiktok");
    let page = browser.get("/admin/connections?of=tiktok&told=test-failed&why=upstream&lang=de").await.text();
    assert!(page.contains("TikTok hat gerade selbst eine Störung."));
    assert_eq!(ends("/admin/connections/x/test").await, "/admin/connections?of=x&told=untested#x", "reads are billed");
    assert_eq!(desk.sim.billed_reads(), 0);
    assert_eq!(browser.post("/admin/connections/myspace/test", &[]).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn typed_in_values_are_kept_once_the_platform_takes_them() {
    let desk = PanelDesk::empty().await;
    let browser = Browser::signed_in(&desk.server).await;
    let env = desk.sim.env_social(CREATOR);
    let value = |key: &str| line(&env, key);
    let (id, secret) = (value("TWITCH_CLIENT_ID"), value("TWITCH_CLIENT_SECRET"));
    let fields = [("twitch-client-id", id.as_str()), ("twitch-client-secret", secret.as_str())];
    let answer = browser.post("/admin/connections/twitch/enter", &fields).await;
    assert_eq!(answer.header("location"), "/admin/connections?of=twitch&told=entered#twitch");
    assert_eq!(desk.value("twitch", "TWITCH_CLIENT_SECRET").await, Some(secret.clone()));
    let page = browser.get("/admin/connections/twitch").await.text();
    assert!(!page.contains(&secret) && page.contains("Gespeichert; leer lassen"));
    let token = value("INSTAGRAM_ACCESS_TOKEN");
    let answer = browser.post("/admin/connections/instagram/enter", &[("instagram-access-token", &token)]).await;
    assert_eq!(answer.header("location"), "/admin/connections?of=instagram&told=entered#instagram");
    let key = value("YOUTUBE_API_KEY");
    let answer = browser.post("/admin/connections/youtube/enter", &[("youtube-api-key", &key)]).await;
    assert_eq!(answer.header("location"), "/admin/connections?of=youtube&told=entered#youtube");
    let token = value("X_BEARER_TOKEN");
    let answer = browser.post("/admin/connections/x/enter", &[("x-bearer-token", &token)]).await;
    assert_eq!(answer.header("location"), "/admin/connections?of=x&told=entered-unasked#x");
    let audit = desk.audit().await;
    for platform in ["twitch", "instagram", "youtube", "x"] {
        assert!(audit.contains(&format!("mara: credentials entered {platform}")), "{audit:?}");
    }
    assert!(audit.iter().all(|line| !line.contains(&secret) && !line.contains(&token)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_or_does_not_work_is_not_kept() {
    let desk = PanelDesk::empty().await;
    let browser = Browser::signed_in(&desk.server).await;
    let enter = async |fields: &[(&str, &str)]| browser.post("/admin/connections/tiktok/enter", fields).await;
    let long = "A".repeat(5_000);
    for (value, says) in [
        ("dein_token_hier", "Das ist der Platzhalter"),
        ("your_token_here", "Das ist der Platzhalter"),
        ("two words", "enthält Leerzeichen"),
        (long.as_str(), "enthält Leerzeichen"),
        ("", "Ohne das geht es nicht."),
    ] {
        let answer = enter(&[("tiktok-access-token", value)]).await;
        assert_eq!(answer.status, 422, "{value:.20}");
        assert!(answer.text().contains(says) && answer.text().contains("aria-invalid"), "{value:.20}");
    }
    let refused =
        enter(&[("tiktok-access-token", "act.CANARYtiktok1/Hf6m+QwRz8KpNvXy"), ("tiktok-username", "mara")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("Nicht gespeichert. TikTok nimmt die Zugangsdaten nicht mehr an."));
    assert!(
        !refused.text().contains("CANARY") && refused.text().contains("value=\"mara\""),
        "secrets are not shown again"
    );
    assert!(desk.kept("tiktok").await.is_none());
    assert_eq!(desk.audit().await.iter().filter(|line| line.contains("entered")).count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn typed_in_values_are_kept_when_the_platform_can_not_be_asked_and_confirmed_later() {
    let desk = PanelDesk::empty().await;
    let browser = Browser::signed_in(&desk.server).await;
    let (good, bad) =
        (line(&desk.sim.env_social(CREATOR), "TIKTOK_ACCESS_TOKEN"), "act.CANARYtiktok1/Hf6m+QwRz8KpNvXy");
    for (value, phase) in [(bad, None), (good.as_str(), Some(Phase::Active))] {
        desk.break_("TIKTOK_API", "status/503", "/user/info");
        let answer = browser.post("/admin/connections/tiktok/enter", &[("tiktok-access-token", value)]).await;
        assert_eq!(answer.header("location"), "/admin/connections?of=tiktok&told=unconfirmed&why=upstream#tiktok");
        assert_eq!(desk.value("tiktok", "TIKTOK_ACCESS_TOKEN").await.as_deref(), Some(value));
        assert_eq!(desk.kept("tiktok").await.unwrap().failures, 1, "what failed before is another value's");
        desk.sim.clear();
        desk.pass(SignedDuration::from_mins(30));
        desk.keeper.tick().await;
        let kept = desk.kept("tiktok").await.unwrap();
        assert!(kept.pending.is_none() && phase.is_none_or(|phase| kept.phase == phase), "{:?}", kept.phase);
        assert_eq!(desk.value("tiktok", "TIKTOK_ACCESS_TOKEN").await.is_some(), phase.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_file_sets_is_changed_there_only() {
    let desk = PanelDesk::new(|sim| sim.env_social(CREATOR)).await;
    let browser = Browser::signed_in(&desk.server).await;
    let page = browser.get("/admin/connections/tiktok").await.text();
    assert!(
        page.contains("Gesetzt in .env.social; ändere den Wert dort.")
            && !page.contains("name=\"tiktok-access-token\"")
    );
    assert!(page.contains("Kennung und Geheimnis deiner App sind außerhalb dieser Seite gesetzt"));
    let answer = browser
        .post("/admin/connections/tiktok/enter", &[("tiktok-access-token", "act.CANARYtiktok1/Hf6m+QwRz8KpNvXy")])
        .await;
    assert_eq!(answer.status, 422);
    desk.keeper.tick().await;
    let file = std::fs::read_to_string(desk.file()).unwrap();
    assert_eq!(desk.value("tiktok", "TIKTOK_ACCESS_TOKEN").await, Some(line(&file, "TIKTOK_ACCESS_TOKEN")));
}

#[tokio::test(flavor = "multi_thread")]
async fn disconnecting_asks_first_and_keeps_the_numbers() {
    let desk = PanelDesk::new(|sim| sim.env_social(CREATOR)).await;
    let browser = Browser::signed_in(&desk.server).await;
    let refresh = "/api/mediakit/refresh-tiktok-api";
    let token = browser.form_token().await;
    let headers =
        [("cookie", browser.cookie.as_str()), ("sec-fetch-site", "same-origin"), ("x-form-token", token.as_str())];
    assert_eq!(desk.server.send("POST", refresh, &headers, b"").await.status, 200);
    let before = desk.server.get("/api/mediakit/analytics/tiktok").await.json();
    let question = browser.get("/admin/connections/tiktok/disconnect").await;
    assert!(question.text().contains("In .env.social oder in der Umgebung stehen die Werte weiterhin"));
    assert_ne!(desk.kept("tiktok").await.unwrap().phase, Phase::Off, "a question changes nothing");
    let answer = browser.post("/admin/connections/tiktok/disconnect", &[]).await;
    assert_eq!(answer.header("location"), "/admin/connections?of=tiktok&told=disconnected#tiktok");
    assert_eq!(desk.server.get("/api/mediakit/analytics/tiktok").await.json(), before);
    let page = browser.get("/admin/connections?of=tiktok&told=disconnected&lang=en").await.text();
    assert!(page.contains("Disconnected. Your numbers so far stay visible."));
    desk.pass(SignedDuration::from_hours(25));
    desk.keeper.tick().await;
    let kept = desk.kept("tiktok").await.unwrap();
    assert_eq!((kept.phase, kept.pending.is_some(), kept.fallback.is_some()), (Phase::Off, false, false));
    assert_eq!(desk.value("tiktok", "TIKTOK_ACCESS_TOKEN").await, None, "the file's are not taken again");
    assert!(desk.value("tiktok", "TIKTOK_CLIENT_SECRET").await.is_some(), "the app stays for connecting again");
    assert!(desk.audit().await.contains(&"mara: disconnected tiktok".to_owned()));
    // Another value in the file is the owner's word.
    std::fs::write(desk.file(), desk.sim.env_social(CREATOR)).unwrap();
    desk.keeper.tick().await;
    let kept = desk.kept("tiktok").await.unwrap();
    assert_eq!(kept.phase, Phase::Active);
    assert!(desk.value("tiktok", "TIKTOK_ACCESS_TOKEN").await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn disconnecting_a_channel_leaves_its_app_which_reads_what_is_public_until_it_is_disconnected_too() {
    let desk = PanelDesk::empty().await;
    let browser = Browser::signed_in(&desk.server).await;
    super::desk::TWITCH.dance(&desk, &browser).await;
    let disconnect = async || browser.post("/admin/connections/twitch/disconnect", &[]).await;
    disconnect().await;
    assert_eq!(desk.value("twitch", "TWITCH_ACCESS_TOKEN").await, None);
    assert!(desk.value("twitch", "TWITCH_CLIENT_SECRET").await.is_some());
    let is_on = async || browser.get("/admin/connections/twitch").await.text().contains("/twitch/disconnect\"");
    assert!(is_on().await, "the app reads on");
    disconnect().await;
    assert_eq!(desk.value("twitch", "TWITCH_CLIENT_SECRET").await, None);
    assert!(!is_on().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_mediakit_itself_wrote_into_the_file_does_not_come_back_either() {
    let desk = PanelDesk::new(|sim| sim.env_social(CREATOR)).await;
    let browser = Browser::signed_in(&desk.server).await;
    desk.keeper.tick().await;
    let answer = browser.post("/admin/connections/tiktok/renew", &[]).await;
    assert_eq!(answer.header("location"), "/admin/connections?of=tiktok&told=renewed#tiktok");
    let file = std::fs::read_to_string(desk.file()).unwrap();
    assert!(file.contains("# mediakit: tiktok generation "));
    browser.post("/admin/connections/tiktok/disconnect", &[]).await;
    for _ in 0..3 {
        desk.pass(SignedDuration::from_hours(25));
        desk.keeper.tick().await;
    }
    assert_eq!(desk.kept("tiktok").await.unwrap().phase, Phase::Off);
    assert_eq!(std::fs::read_to_string(desk.file()).unwrap(), file, "the owner's file is theirs");
}
