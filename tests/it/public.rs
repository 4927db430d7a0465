//! The public answers: ready in memory, in the reader's language and encoding, with their age, whatever happens behind.

use jiff::SignedDuration;
use serde_json::json;

use crate::api_server::{Server, put_row, stats};

#[tokio::test]
async fn the_page_speaks_the_reader_s_language() {
    let server = Server::with_examples().await;
    let german = server.get("/mediakit").await;
    assert_eq!((german.status, german.header("content-language")), (200, "de"));
    assert!(german.text().contains("104,7k") && german.text().contains("<html lang=\"de\""));
    for (path, header) in [("/mediakit", "en-GB,en;q=0.9"), ("/mediakit?lang=en", "de"), ("/mediakit?x=1&lang=en", "")]
    {
        let english = server.send("GET", path, &[("accept-language", header)], b"").await;
        assert_eq!(english.header("content-language"), "en", "{path}");
        assert!(english.text().contains("104.7k") && english.text().contains("<html lang=\"en\""), "{path}");
    }
    assert_eq!(german.header("vary"), "Accept-Encoding, Accept-Language");
}

#[tokio::test]
async fn a_platform_can_be_opened_by_its_address() {
    let server = Server::with_examples().await;
    let page = server.get("/mediakit?platform=tiktok").await.text();
    let closed = page.split("id=\"panel-instagram\"").nth(1).unwrap().split('>').next().unwrap();
    let open = page.split("id=\"panel-tiktok\"").nth(1).unwrap().split('>').next().unwrap();
    assert!(closed.contains("hidden") && !open.contains("hidden"), "{closed} {open}");
    assert_eq!(server.get("/mediakit?platform=nonsense").await.body, server.get("/mediakit").await.body);
}

#[tokio::test]
async fn every_encoding_holds_the_same_text() {
    let server = Server::with_examples().await;
    for path in ["/", "/mediakit", "/api/mediakit/follower-summary", "/api/openapi.json"] {
        let plain = server.get(path).await;
        assert_eq!(plain.header("content-encoding"), "");
        for (accepted, encoding) in
            [("br", "br"), ("gzip", "gzip"), ("gzip, deflate, br, zstd", "br"), ("br;q=0, gzip", "gzip")]
        {
            let packed = server.send("GET", path, &[("accept-encoding", accepted)], b"").await;
            assert_eq!(packed.header("content-encoding"), encoding, "{path}");
            assert_eq!(packed.text(), plain.text(), "{path} {encoding}");
            assert!(packed.body.len() < plain.body.len());
            assert_ne!(packed.header("etag"), plain.header("etag"));
        }
    }
}

#[tokio::test]
async fn what_a_client_has_is_not_sent_again() {
    let server = Server::with_examples().await;
    for path in ["/mediakit", "/api/mediakit/follower-summary", "/api/mediakit/analytics/instagram"] {
        let first = server.send("GET", path, &[("accept-encoding", "br")], b"").await;
        let known = [("accept-encoding", "br"), ("if-none-match", first.header("etag"))];
        let again = server.send("GET", path, &known, b"").await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        assert_eq!(again.header("etag"), first.header("etag"));
        let head = server.send("HEAD", path, &[("accept-encoding", "br")], b"").await;
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        assert_eq!(head.header("content-length"), first.header("content-length"));
    }
    let first = server.get("/mediakit").await;
    server.owner("PUT", "/api/profile", Some(&json!({"name": "Mara"}))).await;
    let again = server.send("GET", "/mediakit", &[("if-none-match", first.header("etag"))], b"").await;
    assert_eq!(again.status, 200, "a changed page is sent");
}

#[tokio::test]
async fn style_and_script_never_go_stale() {
    let server = Server::with_examples().await;
    let page = server.get("/mediakit").await.text();
    for part in ["href=\"/assets/kit.", "src=\"/assets/kit."] {
        let address = page.split(part).nth(1).unwrap().split('"').next().unwrap();
        let file = server.get(&format!("/assets/kit.{address}")).await;
        assert_eq!(file.status, 200);
        assert!(file.header("cache-control").contains("immutable"));
    }
    assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains("<script>"));
}

#[tokio::test]
async fn a_page_ages_while_nobody_touches_it() {
    let server = Server::with_examples().await;
    assert!(!server.get("/mediakit?lang=en").await.text().contains("1 day old"));
    server.clock.advance(SignedDuration::from_hours(24));
    assert!(server.get("/mediakit?lang=en").await.text().contains("1 day old"));
    server.clock.advance(SignedDuration::from_hours(48));
    assert!(server.get("/mediakit?lang=en").await.text().contains("stale"));
    assert_eq!(server.get("/api/mediakit/follower-summary").await.json()["platform_count"], 2);
    server.clock.advance(SignedDuration::from_hours(30 * 24));
    let summary = server.get("/api/mediakit/follower-summary").await.json();
    assert_eq!((&summary["platform_count"], &summary["incomplete"]), (&json!(0), &json!(true)));
}

#[tokio::test]
async fn visitors_are_answered_without_the_database() {
    let server = Server::with_examples().await;
    server.store.clone().close().await;
    for path in ["/mediakit", "/api/mediakit/follower-summary", "/api/mediakit/analytics/tiktok", "/api/docs"] {
        assert_eq!(server.get(path).await.status, 200, "{path}");
    }
    server.clock.advance(SignedDuration::from_hours(27));
    assert!(server.get("/mediakit").await.text().contains("1 Tag alt"), "even their age goes on");
    let answer = server.get("/api/mediakit/history/tiktok").await;
    assert_eq!(answer.status, 503);
    assert!(!answer.text().to_lowercase().contains("sql"), "{}", answer.text());
    assert_eq!(server.owner("GET", "/api/profile", None).await.status, 503);
}

#[tokio::test]
async fn another_process_s_change_shows_by_itself() {
    let server = Server::with_examples().await;
    put_row(server.database.as_ref().unwrap(), "tiktok", "festas_builds", &stats(99_900)).await;
    let seen = async {
        while server.get("/api/mediakit/analytics/tiktok").await.json()["metrics"]["followers"] != 99_900 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), seen).await.expect("seen within seconds");
}

#[tokio::test]
async fn hostile_text_of_a_platform_stays_text() {
    let server = Server::empty().await;
    let hostile = "<script>alert(1)</script>\"'&";
    let change = json!({"name": hostile, "bio": hostile, "location": hostile});
    assert_eq!(server.owner("PUT", "/api/profile", Some(&change)).await.status, 200);
    let page = server.get("/mediakit").await.text();
    assert!(!page.contains("<script>alert") && page.contains("alert(1)"));
}
