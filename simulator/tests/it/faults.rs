//! Each fault does what its name says.

use std::io::{ErrorKind, Read as _};
use std::time::Duration;

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use simulator::{Recorded, Scope, Simulator, faults};
use tokio::io::AsyncReadExt as _;
use tokio::time::timeout;

use crate::client::{Ask, env, start};

const TARGET: &str = "/api/v1/accounts/lookup?acct=mara";

/// A simulator with one fault on one platform, and a request that runs into it.
async fn with(fault: &str) -> Simulator {
    let simulator = start().await;
    simulator.set_fault("MASTODON", fault, Scope::default()).unwrap();
    simulator
}

fn ask(simulator: &Simulator) -> Ask<'_> {
    Ask::get(&simulator.origins()["MASTODON"], TARGET)
}

async fn text(fault: &str) -> String {
    ask(&with(fault).await).send().await.text()
}

async fn value(fault: &str) -> Value {
    ask(&with(fault).await).send().await.json()
}

#[tokio::test]
async fn resets_come_where_they_should() {
    for fault in ["transport/reset-after-accept", "transport/reset-before-answer", "transport/reset-mid-body"] {
        let simulator = with(fault).await;
        let error = ask(&simulator).raw().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{fault}");
    }
}

#[tokio::test]
async fn silence_is_silence() {
    for (fault, starts) in [("transport/no-headers", false), ("transport/body-stalls", true)] {
        let simulator = with(fault).await;
        let mut stream = ask(&simulator).open().await.unwrap();
        let mut bytes = Vec::new();
        let ended = timeout(Duration::from_millis(300), stream.read_to_end(&mut bytes)).await;
        assert!(ended.is_err(), "{fault} ended");
        assert_eq!(bytes.starts_with(b"HTTP/1.1 200"), starts, "{fault}");
    }
}

#[tokio::test]
async fn a_fault_without_end_ends_with_its_peer() {
    let simulator = start().await;
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let idle = tasks();
    for fault in ["transport/no-headers", "transport/body-stalls", "transport/slow-headers", "transport/endless-chunks"]
    {
        simulator.clear();
        simulator.set_fault("MASTODON", fault, Scope::default()).unwrap();
        let stream = ask(&simulator).open().await.unwrap();
        while simulator.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(tasks(), idle + 1, "{fault}");
        drop(stream);
        let over = async {
            while tasks() > idle {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(5), over).await.unwrap_or_else(|_| panic!("{fault} goes on"));
    }
}

#[tokio::test]
async fn slow_is_slow() {
    for (fault, most) in [("transport/slow-headers", 2), ("transport/slow-body", 600)] {
        let simulator = with(fault).await;
        let mut stream = ask(&simulator).open().await.unwrap();
        let mut bytes = Vec::new();
        let ended = timeout(Duration::from_millis(400), stream.read_to_end(&mut bytes)).await;
        assert!(ended.is_err() && !bytes.is_empty() && bytes.len() <= most, "{fault}: {}", bytes.len());
    }
}

#[tokio::test]
async fn lengths_lie() {
    let honest = ask(&start().await).send().await.body.len();
    for (fault, declared) in
        [("transport/short-content-length", honest / 2), ("transport/long-content-length", honest + 512)]
    {
        let reply = ask(&with(fault).await).send().await;
        // The signature in the picture's address has a fixed length, so lengths agree.
        assert_eq!((reply.header("content-length"), reply.body.len()), (Some(&*declared.to_string()), honest));
    }
}

#[tokio::test]
async fn endless_does_not_end_and_headers_are_big() {
    let simulator = with("transport/endless-chunks").await;
    let mut stream = ask(&simulator).open().await.unwrap();
    let mut much = vec![0; 4 << 20];
    stream.read_exact(&mut much).await.unwrap();
    let reply = ask(&with("transport/headers-64k").await).send().await;
    let size: usize = reply.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    assert!(size > 64 << 10 && reply.json()["username"] == "mara");
}

#[tokio::test]
async fn compression_opens_to_the_answer_or_to_far_too_much() {
    let open = |bytes: &[u8]| {
        let mut plain = Vec::new();
        GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
        plain
    };
    let reply = ask(&with("body/gzip").await).send().await;
    assert_eq!(reply.header("content-encoding"), Some("gzip"));
    assert_eq!(serde_json::from_slice::<Value>(&open(&reply.body)).unwrap()["username"], "mara");
    let bomb = ask(&with("body/gzip-bomb").await).send().await;
    assert!(bomb.body.len() < 200_000 && open(&bomb.body).len() > 64 << 20);
    let reply = ask(&with("body/brotli").await).send().await;
    let mut plain = String::new();
    brotli::Decompressor::new(reply.body.as_slice(), 4096).read_to_string(&mut plain).unwrap();
    assert!(plain.contains("\"username\":\"mara\""));
    let bomb = ask(&with("body/brotli-bomb").await).send().await;
    assert!(bomb.body.len() < 10_000 && bomb.header("content-encoding") == Some("br"));
}

#[tokio::test]
async fn bodies_are_spoiled() {
    let parses = |text: &str| serde_json::from_str::<Value>(text).is_ok();
    for fault in ["body/malformed", "body/truncated", "body/bom", "body/trailing-garbage", "body/login-wall-as-json"] {
        assert!(!parses(&text(fault).await), "{fault}");
    }
    let big = text("body/json-10mb").await;
    assert!(big.len() > 10 << 20 && parses(&big));
    assert!(text("body/json-deep").await.starts_with(&"[".repeat(100_000)));
    assert_eq!(text("body/empty-200").await, "");
    assert_eq!(ask(&with("body/no-content-204").await).send().await.status, 204);
    assert!(value("body/error-in-200").await["error"].is_object());
    let wall = ask(&with("body/login-wall").await).send().await;
    assert_eq!((wall.status, wall.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let twice = text("body/duplicate-keys").await;
    assert_eq!(twice.matches("\"followers_count\":").count(), 2);
}

#[tokio::test]
async fn counts_take_every_odd_form() {
    let count = async |fault: &str| value(fault).await["followers_count"].take();
    assert_eq!(count("schema/count-null").await, Value::Null);
    assert_eq!(count("schema/count-bool").await, json!(true));
    assert!(count("schema/count-object").await.is_object());
    assert!(count("schema/count-other-type").await.is_string());
    assert_eq!(count("schema/count-negative").await, json!(-48_263));
    for (fault, literal) in [
        ("schema/count-float", "48263.7"),
        ("schema/count-exponent", "4.8263e4"),
        ("schema/count-above-2-53", "9007199254740995"),
        ("schema/count-above-2-63", "9223372036854775809"),
    ] {
        assert!(text(fault).await.contains(&format!("\"followers_count\":{literal},")), "{fault}");
    }
    assert_eq!(value("schema/count-missing").await.get("followers_count"), None);
    assert!(value("schema/count-renamed").await["audience_total"].is_i64());
    assert!(value("schema/array-at-root").await[0]["followers_count"].is_i64());
}

#[tokio::test]
async fn names_and_ids_are_odd() {
    let truth = start().await.truth("mara", "mastodon");
    assert_ne!(value("schema/id-other-account").await["id"], json!(truth.account_id));
    let name = async |fault: &str| value(fault).await["display_name"].as_str().unwrap().to_owned();
    assert!(name("schema/name-emoji").await.contains('🚲'));
    assert!(name("schema/name-rtl-override").await.starts_with('\u{202e}'));
    assert!(name("schema/name-nul").await.contains('\0'));
    assert_eq!(name("schema/name-1mb").await.len(), 1 << 20);
    assert!(text("schema/name-lone-surrogate").await.contains(r#""display_name":"Mara \ud83d""#));
}

#[tokio::test]
async fn schema_faults_keep_the_form_in_text_and_in_pages() {
    let simulator = start().await;
    let key = env(&simulator, "mara").remove("YOUTUBE_API_KEY").unwrap();
    simulator.set_fault("", "schema/count-above-2-63", Scope::default()).unwrap();
    let target = format!("/youtube/v3/channels?part=statistics&forHandle=marabikes&key={key}");
    let api = Ask::get(&simulator.origins()["YOUTUBE_API"], target).send().await.text();
    assert!(api.contains("\"subscriberCount\":\"9223372036854775809\""), "{api}");
    let page = Ask::get(&simulator.origins()["YOUTUBE_WEB"], "/@marabikes?ucbcb=1").send().await.text();
    assert!(page.contains("9223372036854775809 subscribers"));
    let embed = Ask::get(&simulator.origins()["TIKTOK_WEB"], "/embed/@mara.bikes").send().await.text();
    assert!(embed.contains("\"followerCount\":9223372036854775809,"));
}

#[tokio::test]
async fn lists_repeat_and_loop() {
    let simulator = start().await;
    let token = env(&simulator, "mara").remove("INSTAGRAM_ACCESS_TOKEN").unwrap();
    let origin = &simulator.origins()["FACEBOOK_GRAPH"];
    let page = async |after: &str| {
        let target = format!("/v25.0/me/accounts?fields=id{after}&access_token={token}");
        Ask::get(origin, target).send().await.json()
    };
    let after = |page: &Value| format!("&after={}", page["paging"]["cursors"]["after"].as_str().unwrap());
    simulator.set_fault("FACEBOOK_GRAPH", "schema/page-duplicated", Scope::default()).unwrap();
    let first = page("").await;
    let second = page(&after(&first)).await;
    assert_eq!(first["data"], second["data"]);
    assert_eq!(second["paging"].get("next"), None);
    simulator.clear();
    simulator.set_fault("FACEBOOK_GRAPH", "schema/cursor-loop", Scope::default()).unwrap();
    let first = page("").await;
    let second = page(&after(&first)).await;
    assert_eq!(first["paging"]["next"], second["paging"]["next"]);
    simulator.clear();
    simulator.set_fault("FACEBOOK_GRAPH", "schema/list-empty", Scope::default()).unwrap();
    assert_eq!(page("").await["data"], json!([]));
    simulator.set_fault("FACEBOOK_GRAPH", "schema/list-duplicated", Scope::default()).unwrap();
    assert_eq!(page("").await["data"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn plain_statuses_are_what_they_say() {
    for fault in faults().iter().filter(|fault| fault.group == "status") {
        let Ok(status) = fault.name["status/".len()..].parse::<u16>() else {
            continue;
        };
        assert_eq!(ask(&with(fault.name).await).send().await.status, status, "{}", fault.name);
    }
}

#[tokio::test]
async fn redirects_and_retry_after() {
    for (fault, header, expected) in [
        ("status/redirect-loop", "location", Some("/api/v1/accounts/lookup")),
        ("status/redirect-internal", "location", Some("http://169.254.169.254/latest/meta-data/")),
        ("status/redirect-other-host", "location", Some("https://elsewhere.example/continue")),
        ("status/redirect-login", "location", Some("/accounts/login/?next=/api/v1/accounts/lookup")),
        ("status/429-seconds", "retry-after", Some("90")),
        ("status/429-http-date", "retry-after", Some("Sun, 22 Nov 2026 12:01:30 GMT")),
        ("status/429-none", "retry-after", None),
        ("status/429-garbage", "retry-after", Some("soon")),
        ("status/429-year-9999", "retry-after", Some("Fri, 31 Dec 9999 23:59:59 GMT")),
    ] {
        let reply = ask(&with(fault).await).send().await;
        assert_eq!(reply.header(header), expected, "{fault}");
        assert!([302, 429].contains(&reply.status), "{fault}");
    }
}

#[tokio::test]
async fn success_comes_after_two_503_and_after_the_scope_is_used_up() {
    let simulator = with("status/success-after-two-503").await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(ask(&simulator).send().await.status);
    }
    assert_eq!(statuses, [503, 503, 200]);
    simulator.clear();
    let once = Scope { times: Some(1), path_contains: Some("lookup".to_owned()) };
    simulator.set_fault("MASTODON", "status/500", once).unwrap();
    assert_eq!(ask(&simulator).send().await.status, 500);
    assert_eq!(ask(&simulator).send().await.status, 200);
}

/// Fault, upstream, request, status, and a text of the answer: the platforms' plain refusals.
const REFUSALS: [(&str, &str, &str, u16, &str); 26] = [
    ("meta/190-463", "FACEBOOK_GRAPH", "/v25.0/me", 400, "\"error_subcode\":463"),
    ("meta/190-459", "INSTAGRAM_GRAPH", "/v25.0/me", 400, "\"error_subcode\":459"),
    ("meta/code-4", "FACEBOOK_GRAPH", "/v25.0/me", 400, "\"code\":4"),
    ("meta/80002-19-minutes", "FACEBOOK_GRAPH", "/v25.0/me", 400, "\"code\":80002"),
    ("meta/code-2", "FACEBOOK_GRAPH", "/v25.0/me", 500, "\"code\":2"),
    ("tiktok/scope-not-authorized", "TIKTOK_API", "/v2/user/info/?fields=username", 401, "scope_not_authorized"),
    ("tiktok/error-in-200", "TIKTOK_API", "/v2/user/info/?fields=username", 200, "internal_error"),
    ("tiktok/rate-limit", "TIKTOK_API", "/v2/user/info/?fields=username", 429, "rate_limit_exceeded"),
    ("tiktok/embed-shell", "TIKTOK_WEB", "/embed/@mara.bikes", 200, "<div id=\"app\">"),
    ("tiktok/embed-overload", "TIKTOK_WEB", "/embed/@mara.bikes", 200, "overload-protect"),
    ("youtube/quota-exceeded", "YOUTUBE_API", "/youtube/v3/channels?part=id", 403, "quotaExceeded"),
    ("youtube/rate-limit", "YOUTUBE_API", "/youtube/v3/channels?part=id", 429, "RATE_LIMIT_EXCEEDED"),
    ("youtube/consent-page", "YOUTUBE_WEB", "/@marabikes?ucbcb=1", 200, "consent.youtube.com"),
    ("x/402-credits", "X_API", "/2/users/by/username/marabikes", 402, "CreditsDepleted"),
    ("x/200-errors-only", "X_API", "/2/users/by/username/marabikes", 200, "resource-not-found"),
    ("x/429-code-88", "X_API", "/2/users/by/username/marabikes", 429, "\"code\":88"),
    ("x/429-plain", "X_API", "/2/users/by/username/marabikes", 429, "Rate limit exceeded\n"),
    ("discord/10006", "DISCORD_API", "/api/v10/invites/marabikes", 404, "\"code\":10006"),
    ("discord/429", "DISCORD_API", "/api/v10/invites/marabikes", 429, "\"retry_after\":1.337"),
    ("discord/group-dm", "DISCORD_API", "/api/v10/invites/marabikes", 200, "\"type\":1"),
    ("twitch/429-reset", "TWITCH_API", "/helix/users?login=marabikes", 429, "Too Many Requests"),
    ("github/403-integration", "GITHUB_API", "/repos/a/b/actions/secrets/public-key", 403, "by integration"),
    ("github/422", "GITHUB_API", "/repos/a/b/actions/secrets/public-key", 422, "Validation Failed"),
    ("bluesky/not-found", "BLUESKY_API", "/xrpc/app.bsky.actor.getProfile?actor=a", 400, "Profile not found"),
    ("mastodon/not-found", "MASTODON", TARGET, 404, "Record not found"),
    ("mastodon/rate-limit", "MASTODON", TARGET, 429, "Too many requests"),
];

#[tokio::test]
async fn the_platforms_refuse_in_their_own_words() {
    let simulator = start().await;
    for (fault, upstream, target, status, part) in REFUSALS {
        simulator.clear();
        simulator.set_fault(upstream, fault, Scope::default()).unwrap();
        let reply = Ask::get(&simulator.origins()[upstream], target).header("user-agent", "test").send().await;
        assert_eq!(reply.status, status, "{fault}: {}", reply.text());
        assert!(reply.text().contains(part), "{fault}: {}", reply.text());
    }
}

#[tokio::test]
async fn every_fault_has_a_group_and_a_name_of_its_own() {
    let mut names: Vec<&str> = faults().iter().map(|fault| fault.name).collect();
    assert!(faults().iter().all(|fault| fault.name.starts_with(fault.group) && !fault.note.is_empty()));
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), faults().len());
    let simulator = start().await;
    assert!(simulator.set_fault("", "transport/unheard-of", Scope::default()).is_err());
}

#[test]
fn the_readme_lists_every_fault() {
    let readme = include_str!("../../README.md");
    for fault in faults() {
        assert!(readme.contains(&format!("| `{}` | {} |", fault.name, fault.note)), "{}", fault.name);
    }
}

#[tokio::test]
async fn a_recorded_answer_takes_the_place_of_the_synthetic_one() {
    let simulator = start().await;
    let answer = Recorded {
        status: 203,
        content_type: "text/plain".to_owned(),
        body: b"recorded".to_vec(),
        headers: vec![("X-From".to_owned(), "tape".to_owned())],
    };
    simulator.replay("MASTODON", "lookup", answer);
    let reply = ask(&simulator).send().await;
    assert_eq!((reply.status, reply.text().as_str(), reply.header("x-from")), (203, "recorded", Some("tape")));
    simulator.clear();
    assert_eq!(ask(&simulator).send().await.status, 200);
}

#[tokio::test]
async fn some_origins_can_not_be_reached() {
    let simulator = start().await;
    let refused = Ask::get(simulator.origin_refused(), "/").raw().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    let plain = simulator.origin_tls_failure().replacen("https", "http", 1);
    assert!(Ask::get(&plain, "/").raw().await.unwrap().starts_with(b"HTTP/1.1 400"));
    let name = simulator.origin_unresolvable().strip_prefix("http://").unwrap();
    assert!(tokio::net::lookup_host((name, 80)).await.is_err());
}

#[tokio::test]
async fn dropping_the_simulator_closes_its_doors() {
    let simulator = start().await;
    let origin = simulator.origins()["MASTODON"].clone();
    assert_eq!(Ask::get(&origin, TARGET).send().await.status, 200);
    drop(simulator);
    // The listeners close when their tasks have been taken down, which needs a turn of the loop.
    tokio::task::yield_now().await;
    assert!(Ask::get(&origin, TARGET).raw().await.is_err());
}
