//! The API as its users rely on it: shapes and sentences to the letter.

use jiff::SignedDuration;
use serde_json::json;

use crate::api_server::{Server, put_row};
use crate::harness::{Owner, World};

#[tokio::test]
async fn the_follower_summary_is_the_documented_one() {
    let server = Server::with_examples().await;
    let answer = server.get("/api/mediakit/follower-summary").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let entry = |platform, followers, short| {
        json!({"platform": platform, "username": "festas_builds", "followers": followers,
            "followers_formatted": short, "verified": false, "fetched_at": "2026-11-22T03:00:04Z",
            "source": "Meta Graph API", "provenance": "owner_authorised", "precision": "exact"})
    };
    let expected = json!({"total_followers": 170_500, "total_followers_formatted": "170.5k",
        "platforms": [entry("instagram", 104_700, "104.7k"), entry("tiktok", 65_800, "65.8k")],
        "platform_count": 2, "incomplete": false});
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn no_data_is_an_empty_summary() {
    let server = Server::empty().await;
    let answer = server.get("/api/mediakit/follower-summary").await;
    let expected = json!({"total_followers": 0, "total_followers_formatted": "0", "platforms": [],
        "platform_count": 0, "incomplete": false});
    assert_eq!((answer.status, answer.json()), (200, expected));
    assert_eq!(server.get("/mediakit").await.status, 200);
}

#[tokio::test]
async fn a_bad_row_costs_its_platform_and_nothing_else() {
    let server = Server::with_examples().await;
    put_row(server.database.as_ref().unwrap(), "tiktok", "festas_builds", "{broken").await;
    server.owner("PUT", "/api/profile", Some(&json!({}))).await;
    let answer = server.get("/api/mediakit/follower-summary").await.json();
    assert_eq!((&answer["total_followers"], &answer["incomplete"]), (&json!(104_700), &json!(true)));
    assert_eq!(server.get("/api/mediakit/analytics/tiktok").await.status, 404);
    assert_eq!(server.get("/mediakit").await.status, 200);
}

#[tokio::test]
async fn analytics_show_unknown_as_null_and_private_only_when_published() {
    let server = Server::with_examples().await;
    let answer = server.get("/api/mediakit/analytics/instagram").await.json();
    let metrics = json!({"followers": 104_700, "following": 523, "posts": null, "verified": false,
        "engagement_rate": null});
    assert_eq!(answer["metrics"], metrics);
    assert_eq!(answer["api_version"], "v25.0");
    assert_eq!(answer["username"], "festas_builds");
    let change = json!({"published": ["instagram.reach_daily"]});
    assert_eq!(server.owner("PUT", "/api/profile", Some(&change)).await.status, 200);
    let answer = server.get("/api/mediakit/analytics/instagram").await.json();
    assert_eq!(answer["metrics"]["reach_daily"], 15_000);
}

#[tokio::test]
async fn an_unknown_platform_has_no_data_whatever_it_is_called() {
    let server = Server::with_examples().await;
    let answer = server.get("/api/mediakit/analytics/myspace").await;
    assert_eq!((answer.status, answer.header("content-type")), (404, "application/problem+json"));
    let expected = json!({"type": "/api/docs#error-no-data", "title": "Keine Daten", "status": 404,
        "detail": "Keine Daten für Plattform 'myspace' gefunden"});
    assert_eq!(answer.json(), expected);
    let english = [("accept-language", "en")];
    let answer = server.send("GET", "/api/mediakit/analytics/myspace", &english, b"").await.json();
    assert_eq!(answer["detail"], "No data found for platform 'myspace'");
    let long = "x".repeat(4000);
    for name in ["%3Cscript%3E", "..%2F..%2Fetc", "%00%E2%80%AE", "'%20or%201=1--", "%F0%9F%9A%B2", long.as_str()] {
        let answer = server.get(&format!("/api/mediakit/analytics/{name}")).await;
        assert_eq!(answer.status, 404, "{name}");
        assert!(answer.json()["detail"].as_str().unwrap().chars().count() < 120, "{name}");
    }
    let answer = server.get("/api/mediakit/analytics/%FF").await;
    assert!((400..500).contains(&answer.status), "{answer:?}");
}

#[tokio::test]
async fn a_refresh_brings_what_came_and_says_what_did_not() {
    let world = World::new(Owner::Everything).await;
    world.sim.set_fault("DISCORD_API", "status/500", simulator::Scope::default()).unwrap();
    let server = Server::start(world.store.clone(), world.clock.clone(), world.refresher.clone()).await;
    let answer = server.owner("POST", "/api/mediakit/refresh-social-stats", None).await;
    let json = answer.json();
    assert_eq!((answer.status, &json["message"]), (200, &json!("Social Media Statistiken erfolgreich aktualisiert")));
    assert_eq!(json["data"]["errors"][0]["platform"], "discord");
    assert_eq!(json["data"]["errors"][0]["kind"], "upstream");
    assert!(json["data"]["errors"][0]["detail"].as_str().unwrap().starts_with("Discord hat gerade"));
    assert!(json["data"]["platforms"]["instagram"]["stats"]["followers"].is_i64());
    let updated = json["platforms_updated"].as_array().unwrap();
    assert!(updated.contains(&json!("instagram")) && !updated.contains(&json!("discord")));
    let summary = server.get("/api/mediakit/follower-summary").await.json();
    assert_eq!(json["total_followers_raw"], summary["total_followers"]);
    assert_eq!(json["total_followers"], summary["total_followers_formatted"]);
    assert!(server.get("/mediakit").await.text().contains("Instagram"));
}

#[tokio::test]
async fn a_refresh_without_handles_or_without_any_answer_is_an_error() {
    let server = Server::empty().await;
    let answer = server.owner("POST", "/api/mediakit/refresh-social-stats", None).await;
    let detail = "Keine Social Media Handles konfiguriert. Bitte zuerst im Profil-Tab Social Media Handles eingeben \
        und speichern.";
    assert_eq!((answer.status, answer.json()["detail"].clone()), (400, json!(detail)));
    for platform in ["instagram", "twitch"] {
        server.store.set_handle(1, platform, "festas_builds").await.unwrap();
    }
    let answer = server.owner("POST", "/api/mediakit/refresh-social-stats", None).await;
    assert_eq!(answer.status, 502);
    let kinds: Vec<_> = answer.json()["errors"].as_array().unwrap().iter().map(|e| e["kind"].clone()).collect();
    assert_eq!(kinds, ["not_configured", "not_configured"]);
    assert_eq!(answer.json()["data"]["errors"], answer.json()["errors"]);
}

#[tokio::test]
async fn one_platform_is_refreshed_with_the_documented_keys() {
    let world = World::new(Owner::Everything).await;
    let server = Server::start(world.store.clone(), world.clock.clone(), world.refresher.clone()).await;
    let answer = server.owner("POST", "/api/mediakit/refresh-instagram-api", None).await;
    let json = answer.json();
    assert_eq!(answer.status, 200, "{json}");
    assert_eq!(json["message"], "Instagram Statistiken erfolgreich über API aktualisiert");
    assert_eq!((&json["source"], &json["token_refreshed"]), (&json!("Meta Graph API"), &json!(false)));
    for key in ["username", "followers", "followers_formatted", "posts", "reach_daily", "impressions_daily"] {
        assert!(!json["data"][key].is_null(), "{key}: {json}");
    }
    assert!(json["data"].as_object().unwrap().contains_key("profile_views"));
    let at = json["updated_at"].as_str().unwrap();
    assert!(at.len() == "2026-11-22T18:00:00.000Z".len() && at.ends_with("0Z"), "{at}");
    assert_eq!(server.owner("POST", "/api/mediakit/refresh-myspace-api", None).await.status, 404);
}

#[tokio::test]
async fn one_platform_s_failure_has_its_status_and_sentence() {
    let server = Server::empty().await;
    for platform in ["instagram", "tiktok", "twitch"] {
        server.store.set_handle(1, platform, "festas_builds").await.unwrap();
    }
    let answer = server.owner("POST", "/api/mediakit/refresh-instagram-api", None).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["detail"], "Kein Access Token in der .env Datei gefunden");
    let answer = server.owner("POST", "/api/mediakit/refresh-twitch-api", None).await;
    assert_eq!(answer.status, 400);
    assert!(answer.json()["detail"].as_str().unwrap().starts_with("Für Twitch sind keine Zugangsdaten"));
    let world = World::new(Owner::Everything).await;
    world.store.set_handle(1, "instagram", "nobody_at_all").await.unwrap();
    let server = Server::start(world.store.clone(), world.clock.clone(), world.refresher.clone()).await;
    let answer = server.owner("POST", "/api/mediakit/refresh-instagram-api", None).await;
    assert_eq!(answer.status, 404, "{answer:?}");
    assert_eq!(answer.json()["detail"], "Kein Instagram Business Account für nobody_at_all gefunden");
    world.sim.set_fault("DISCORD_API", "discord/429-global", simulator::Scope::default()).unwrap();
    assert_eq!(server.owner("POST", "/api/mediakit/refresh-discord-api", None).await.status, 429);
}

#[tokio::test]
async fn a_put_changes_what_it_names_and_null_removes() {
    let server = Server::with_examples().await;
    let change = json!({"name": "Mara Festa", "location": "Kiel", "handles": {"x": "@MaraFesta", "tiktok": null}});
    let answer = server.owner("PUT", "/api/profile", Some(&change)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let profile = server.owner("GET", "/api/profile", None).await.json();
    assert_eq!(profile, answer.json());
    assert_eq!((&profile["name"], &profile["location"]), (&json!("Mara Festa"), &json!("Kiel")));
    assert_eq!(profile["handles"], json!({"instagram": "festas_builds", "x": "MaraFesta"}));
    assert_eq!(profile["threshold"], 1000);
    assert!(server.get("/mediakit").await.text().contains("Mara Festa"), "the page shows it at once");
    let answer =
        server.owner("PUT", "/api/profile", Some(&json!({"location": null, "threshold": 100_000}))).await.json();
    assert_eq!((&answer["location"], &answer["name"]), (&json!(null), &json!("Mara Festa")));
    let summary = server.get("/api/mediakit/follower-summary").await.json();
    assert_eq!(summary["platform_count"], 1);
}

#[tokio::test]
async fn a_refused_put_changes_nothing() {
    let server = Server::with_examples().await;
    let change = json!({"name": "Mara", "handles": {"instagram": "no spaces allowed!"}});
    let answer = server.owner("PUT", "/api/profile", Some(&change)).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.json()["field"], "handles.instagram");
    assert!(answer.json()["reason"].is_string());
    assert_eq!(server.owner("GET", "/api/profile", None).await.json()["name"], "");
}

#[tokio::test]
async fn history_has_gaps_where_nothing_was_read() {
    let world = World::new(Owner::Everything).await;
    let server = Server::start(world.store.clone(), world.clock.clone(), world.refresher.clone()).await;
    for hours in [24, 48, 24] {
        world.refresh_only(&["bluesky"]).await;
        world.advance(SignedDuration::from_hours(hours));
    }
    server.owner("PUT", "/api/profile", Some(&json!({}))).await;
    let answer = server.get("/api/mediakit/history/bluesky?from=2026-11-01&to=2026-12-31").await;
    let json = answer.json();
    let days: Vec<_> = json["points"].as_array().unwrap().iter().map(|point| point["date"].clone()).collect();
    assert_eq!(days, ["2026-11-22", "2026-11-23", "2026-11-25"], "{json}");
    assert_eq!((&json["metric"], answer.header("access-control-allow-origin")), (&json!("followers"), "*"));
    for (query, status) in [
        ("from=gestern", 400),
        ("from=2026-12-01&to=2026-01-01", 422),
        ("from=2000-01-01", 422),
        ("metric=nonsense", 404),
    ] {
        assert_eq!(server.get(&format!("/api/mediakit/history/bluesky?{query}")).await.status, status, "{query}");
    }
    assert_eq!(server.get("/api/mediakit/history/instagram?metric=reach_daily").await.status, 404);
    assert_eq!(server.get("/api/mediakit/history/myspace").await.status, 404);
}

#[tokio::test]
async fn the_events_of_a_refresh_are_streamed_in_order() {
    let world = World::new(Owner::Everything).await;
    let server = Server::start(world.store.clone(), world.clock.clone(), world.refresher.clone()).await;
    let mut stream = server.open("/api/mediakit/refresh-events").await;
    let head = stream.until("\r\n\r\n").await;
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    world.refresh_only(&["bluesky"]).await;
    let events = stream.until("event: finished").await + &stream.until("\n\n").await;
    let names: Vec<&str> = events.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!(names, ["started", "platform", "platform", "platform", "finished"], "{events}");
    assert_eq!(events.matches("id: ").count(), 5);
    assert!(events.contains(r#""state":"saved""#) && events.contains(r#""saved":1"#), "{events}");
}

#[tokio::test]
async fn health_is_told() {
    let server = Server::with_examples().await;
    assert_eq!(server.get("/healthz").await.json(), json!({"status": "ok"}));
    assert_eq!(server.get("/readyz").await.json(), json!({"status": "ok"}));
    let metrics = server.get("/metrics").await;
    assert!(metrics.text().contains("mediakit_last_success_age_seconds{platform=\"instagram\"} 53996"));
    let through_proxy = server.send("GET", "/metrics", &[("x-forwarded-for", "127.0.0.1")], b"").await;
    assert_eq!(through_proxy.status, 401);
    server.store.clone().close().await;
    assert_eq!(server.get("/readyz").await.status, 503);
    assert_eq!(server.get("/healthz").await.status, 200);
}
