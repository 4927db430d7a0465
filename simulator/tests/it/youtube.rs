//! YouTube: the Data API, the Analytics API, the public pages.

use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::{Scope, Simulator, TokenState};

use crate::client::{Ask, Reply, env, parse, start};

async fn channels(simulator: &Simulator, key: &str) -> Reply {
    let target =
        format!("/youtube/v3/channels?part=snippet,statistics,contentDetails&forHandle=%40marabikes&key={key}");
    Ask::get(&simulator.origins()["YOUTUBE_API"], target).send().await
}

#[tokio::test]
async fn subscribers_have_three_figures_and_are_text() {
    let simulator = start().await;
    let key = env(&simulator, "mara").remove("YOUTUBE_API_KEY").unwrap();
    let channel = channels(&simulator, &key).await.json()["items"][0].take();
    let truth = simulator.truth("mara", "youtube");
    assert_eq!(channel["statistics"]["subscriberCount"], json!((truth.followers / 100 * 100).to_string()));
    assert_eq!(channel["statistics"]["viewCount"], json!(truth.views.to_string()));
    let refused = channels(&simulator, "AIzanothing").await;
    assert_eq!((refused.status, &refused.json()["error"]["details"][0]["reason"]), (400, &json!("API_KEY_INVALID")));
}

#[tokio::test]
async fn uploads_lead_to_video_statistics() {
    let simulator = start().await;
    let key = env(&simulator, "mara").remove("YOUTUBE_API_KEY").unwrap();
    let api = &simulator.origins()["YOUTUBE_API"];
    let channel = channels(&simulator, &key).await.json();
    let uploads = channel["items"][0]["contentDetails"]["relatedPlaylists"]["uploads"].as_str().unwrap();
    let target = format!("/youtube/v3/playlistItems?part=contentDetails&playlistId={uploads}&maxResults=3&key={key}");
    let list = Ask::get(api, target).send().await.json();
    let ids: Vec<&str> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|item| item["contentDetails"]["videoId"].as_str())
        .collect();
    let target = format!("/youtube/v3/videos?part=statistics&id={}&key={key}", ids.join(","));
    let videos = Ask::get(api, target).send().await.json();
    assert_eq!(videos["items"].as_array().unwrap().len(), 3);
    assert!(videos["items"][0]["statistics"]["viewCount"].is_string());
}

fn initial_data(page: &str) -> Value {
    let (_, json) = page.split_once("var ytInitialData = ").unwrap();
    serde_json::from_str(json.split_once(";</script>").unwrap().0).unwrap()
}

#[tokio::test]
async fn the_channel_page_has_three_layouts_and_a_consent_page_in_front() {
    let simulator = start().await;
    let web = &simulator.origins()["YOUTUBE_WEB"];
    let ask = Ask::get(web, "/@marabikes").header("cookie", "SOCS=CAI");
    assert!(!Ask::get(web, "/@marabikes").send().await.text().contains("ytInitialData"));
    let rows = "/header/pageHeaderRenderer/content/pageHeaderViewModel/metadata/contentMetadataViewModel/metadataRows";
    for (fault, pointer) in [
        ("youtube/no-items", format!("{rows}/1/metadataParts/0/text/content")),
        ("youtube/layout-one-row", format!("{rows}/0/metadataParts/0/text/content")),
        ("youtube/layout-tabbed-header", "/header/c4TabbedHeaderRenderer/subscriberCountText/simpleText".to_owned()),
    ] {
        simulator.clear();
        simulator.set_fault("YOUTUBE_WEB", fault, Scope::default()).unwrap();
        let data = initial_data(&ask.send().await.text());
        assert_eq!(data.pointer(&pointer), Some(&json!("48.2K subscribers")), "{fault}");
    }
    assert_eq!(Ask::get(web, "/@nobody?ucbcb=1").send().await.status, 404);
}

#[tokio::test]
async fn the_feed_has_fifteen_videos_with_views() {
    let simulator = start().await;
    let id = simulator.truth("mara", "youtube").account_id;
    let feed = Ask::get(&simulator.origins()["YOUTUBE_WEB"], format!("/feeds/videos.xml?channel_id={id}")).send().await;
    assert_eq!(feed.text().matches("<media:statistics views=\"").count(), 15);
}

#[tokio::test]
async fn a_google_grant_opens_the_demographics() {
    let simulator = start().await;
    let (web, analytics) = (&simulator.origins()["GOOGLE_OAUTH"], &simulator.origins()["YOUTUBE_ANALYTICS"]);
    let control = Ask::get(simulator.control_origin(), "/apps/mara/google").send().await.json();
    let (id, secret) = (control["id"].as_str().unwrap(), control["secret"].as_str().unwrap());
    let dialog = format!(
        "/o/oauth2/v2/auth?response_type=code&client_id={id}&redirect_uri=http://here/cb&scope=yt-analytics.readonly&state=s"
    );
    let back = Ask::get(web, dialog).send().await;
    let location = back.header("location").unwrap().to_owned();
    let code = location.split_once("code=").unwrap().1.split('&').next().unwrap();
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", "http://here/cb"),
        ("client_id", id),
        ("client_secret", secret),
    ];
    let tokens = Ask::form(web, "/token", &fields).send().await.json();
    assert!(tokens["refresh_token"].is_string());
    let target = "/v2/reports?ids=channel==MINE&startDate=2026-10-25&endDate=2026-11-21&metrics=viewerPercentage&dimensions=ageGroup,gender";
    let table = Ask::get(analytics, target).bearer(tokens["access_token"].as_str().unwrap()).send().await.json();
    assert_eq!(table["rows"][0][0], "age13-17");
}

/// Renews the grant of these lines.
async fn refreshed(simulator: &Simulator, keys: &std::collections::BTreeMap<String, String>) -> Reply {
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", keys["YOUTUBE_REFRESH_TOKEN"].as_str()),
        ("client_id", keys["YOUTUBE_CLIENT_ID"].as_str()),
        ("client_secret", keys["YOUTUBE_CLIENT_SECRET"].as_str()),
    ];
    Ask::form(&simulator.origins()["GOOGLE_OAUTH"], "/token", &fields).send().await
}

#[tokio::test]
async fn a_google_grant_reads_its_own_channel_and_renews_without_a_new_refresh_token() {
    let simulator = start().await;
    let keys = parse(&simulator.grant("mara", "youtube"));
    let reply = refreshed(&simulator, &keys).await.json();
    assert_eq!((&reply["expires_in"], reply.get("refresh_token")), (&json!(3_599), None));
    let token = reply["access_token"].as_str().unwrap();
    let own = Ask::get(&simulator.origins()["YOUTUBE_API"], "/youtube/v3/channels?part=id&mine=true");
    let channel = own.bearer(token).send().await.json();
    assert_eq!(channel["items"][0]["id"], json!(simulator.truth("mara", "youtube").account_id));
    assert_eq!(simulator.ledger().exchange_count("youtube", "mara"), 1);
    assert!(simulator.ledger().is_valid(&keys["YOUTUBE_REFRESH_TOKEN"]) && simulator.ledger().is_valid(token));
    simulator.revoke(&keys["YOUTUBE_REFRESH_TOKEN"]);
    let refused = refreshed(&simulator, &keys).await;
    assert_eq!((refused.status, &refused.json()["error"]), (400, &json!("invalid_grant")));
    assert_eq!(simulator.ledger().exchange_count("youtube", "mara"), 1);
}

#[tokio::test]
async fn google_may_send_an_empty_refresh_token_rotate_it_or_end_it_after_a_week() {
    let simulator = start().await;
    let keys = parse(&simulator.grant("mara", "youtube"));
    let with = async |fault: &str| {
        simulator.clear();
        simulator.set_fault("GOOGLE_OAUTH", fault, Scope::default()).unwrap();
        refreshed(&simulator, &keys).await
    };
    assert_eq!(with("google/refresh-token-empty").await.json()["refresh_token"], "");
    simulator.advance(SignedDuration::from_hours(24));
    assert_eq!(with("google/testing-mode").await.json()["refresh_token_expires_in"], 6 * 86_400);
    let rotated = with("google/refresh-token-rotated").await.json();
    let ledger = simulator.ledger();
    assert!(ledger.is_valid(rotated["refresh_token"].as_str().unwrap()));
    assert_eq!(ledger.token(&keys["YOUTUBE_REFRESH_TOKEN"]).unwrap().state, TokenState::Superseded);
    let keys = parse(&simulator.grant("mara", "youtube"));
    simulator.advance(SignedDuration::from_hours(7 * 24));
    simulator.clear();
    assert_eq!(refreshed(&simulator, &keys).await.status, 200);
    simulator.set_fault("GOOGLE_OAUTH", "google/testing-mode", Scope::default()).unwrap();
    assert_eq!(refreshed(&simulator, &keys).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn countries_are_of_the_days_that_were_asked_for() {
    let simulator = start().await;
    let keys = parse(&simulator.grant("mara", "youtube"));
    let analytics = &simulator.origins()["YOUTUBE_ANALYTICS"];
    let ask = async |days: &str| {
        let target = format!("/v2/reports?ids=channel==MINE&{days}&metrics=views&dimensions=country&sort=-views");
        Ask::get(analytics, target).bearer(&keys["YOUTUBE_ACCESS_TOKEN"]).send().await
    };
    let views = |reply: Reply| reply.json()["rows"][0][1].as_i64().unwrap();
    let month = ask("startDate=2026-10-25&endDate=2026-11-21").await.json();
    assert_eq!(month["rows"][0][0], "DE");
    assert!(month["rows"].as_array().unwrap().len() > 9, "small ones too");
    let (one, four) = (ask("startDate=2026-11-21&endDate=2026-11-21"), ask("startDate=2026-11-18&endDate=2026-11-21"));
    let (one, four) = (views(one.await), views(four.await));
    assert!((four - 4 * one).abs() <= 4, "{one} {four}");
    for days in
        ["startDate=2026-11-21", "startDate=21.11.2026&endDate=22.11.2026", "startDate=2026-11-22&endDate=2026-11-21"]
    {
        assert_eq!(ask(days).await.status, 400, "{days}");
    }
}
