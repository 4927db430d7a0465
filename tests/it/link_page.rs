//! The link page and the way its links go: what visitors see, when, and what is counted of it.

use jiff::SignedDuration;
use mediakit::domain::link::{Clicks, Content, Kind, Schedule};

use crate::api_server::{Answer, Server, evening, put_row, stats};

/// The most the page may weigh with its style.
const LIMIT_BYTES: usize = 14 * 1024;
const PHONE: (&str, &str) = ("user-agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Safari/604.1");

fn content(kind: Kind, title: &str, url: Option<&str>) -> Content {
    Content {
        kind,
        title: title.to_owned(),
        url: url.map(str::to_owned),
        icon: url.map(|_| "shop".to_owned()),
        schedule: Schedule::default(),
    }
}

/// Adds an entry as another process would, and waits until the page shows what is stored.
async fn add(server: &Server, content: &Content) -> i64 {
    let id = server.store.insert_link(1, content).await.unwrap().unwrap();
    show(server).await;
    id
}

/// Every change of the profile shows everything that is stored.
async fn show(server: &Server) {
    assert_eq!(server.owner("PUT", "/api/profile", Some(&serde_json::json!({}))).await.status, 200);
}

async fn follow(server: &Server, id: i64) -> Answer {
    server.send("GET", &format!("/go/{id}"), &[PHONE], b"").await
}

#[tokio::test]
async fn the_page_shows_who_where_and_what() {
    let server = Server::with_examples().await;
    let change = serde_json::json!({"name": "Mara", "bio": "Räder & Werkzeug"});
    server.owner("PUT", "/api/profile", Some(&change)).await;
    add(&server, &content(Kind::Heading, "Neu", None)).await;
    let id = add(&server, &content(Kind::Link, "Mein Laden", Some("https://www.laden.example/regal/"))).await;
    add(&server, &content(Kind::Link, "Schreib mir", Some("mailto:mara@example.org"))).await;
    add(&server, &content(Kind::Text, "Mit * ist Werbung.", None)).await;
    let answer = server.get("/").await;
    assert_eq!((answer.status, answer.header("content-language")), (200, "de"));
    let page = answer.text();
    for part in [
        "<h1 dir=\"auto\">Mara</h1>",
        "Räder &#38; Werkzeug",
        ">Neu</h2>",
        &format!("href=\"/go/{id}\""),
        "laden.example/regal<",
        "href=\"mailto:mara@example.org\"",
        "Mit * ist Werbung.",
        "104,7k",
        "href=\"/mediakit?lang=de\"",
        "instagram.com/festas_builds",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("<script"), "no script is needed");
    assert!(server.get("/?lang=en").await.text().contains("Every number with its source"));
    let again = server.send("GET", "/", &[("if-none-match", answer.header("etag"))], b"").await;
    assert_eq!(again.status, 304);
}

#[tokio::test]
async fn page_and_style_are_at_most_14_kb() {
    let server = Server::with_examples().await;
    for n in 0..20 {
        let url = format!("https://example.org/ein/langer/weg/{n}");
        add(&server, &content(Kind::Link, &format!("Ein Link mit einem Titel, Nummer {n}"), Some(&url))).await;
    }
    let packed = async |path: &str| server.send("GET", path, &[("accept-encoding", "gzip")], b"").await;
    let page = packed("/").await;
    let text = page.text();
    let style = text.split("rel=\"stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let style = packed(style).await;
    assert_eq!((page.header("content-encoding"), style.header("content-encoding")), ("gzip", "gzip"));
    let weight = page.body.len() + style.body.len();
    assert!(weight <= LIMIT_BYTES, "{weight} bytes: {} and {}", page.body.len(), style.body.len());
}

#[tokio::test]
async fn a_page_that_nobody_has_set_up_says_so_and_one_without_links_looks_finished() {
    let empty = Server::empty().await;
    let page = empty.get("/").await.text();
    assert!(page.contains("Hier entsteht eine Linkseite") && page.contains("href=\"/admin/links\""));
    let server = Server::with_examples().await;
    let page = server.get("/").await.text();
    assert!(page.contains("104,7k") && page.contains("href=\"/mediakit?lang=de\""));
    assert!(!page.contains("Hier entsteht") && !page.contains("class=\"links\""));
}

#[tokio::test]
async fn an_unknown_number_is_none_and_an_old_one_says_its_age() {
    let server = Server::with_examples().await;
    let database = server.database.as_ref().unwrap();
    put_row(database, "tiktok", "festas_builds", &stats(65_800).replace("\"followers\"", "\"likes\"")).await;
    show(&server).await;
    let count = |page: &str| page.matches("class=\"count ").count();
    let page = server.get("/?lang=en").await.text();
    assert_eq!(count(&page), 1, "one of the two accounts has a number");
    assert!(page.contains("tiktok.com/@festas_builds") && !page.contains("day old"));
    server.clock.advance(SignedDuration::from_hours(24));
    assert!(server.get("/?lang=en").await.text().contains("1 day old"));
    server.clock.advance(SignedDuration::from_hours(72));
    assert!(server.get("/?lang=en").await.text().contains("stale, 4 days old"));
}

#[tokio::test]
async fn a_heading_over_nothing_is_left_out() {
    let server = Server::with_examples().await;
    add(&server, &content(Kind::Heading, "Vergangenes", None)).await;
    let id = add(&server, &content(Kind::Link, "Alt", Some("https://example.org"))).await;
    assert!(server.get("/").await.text().contains("Vergangenes"));
    server.store.hide_link(1, id, true).await.unwrap();
    show(&server).await;
    assert!(!server.get("/").await.text().contains("Vergangenes"));
}

#[tokio::test]
async fn scheduled_links_come_and_go_by_themselves() {
    let server = Server::with_examples().await;
    let hours = |n| evening().saturating_add(SignedDuration::from_hours(n)).unwrap();
    let schedule = Schedule { from: Some(hours(1)), until: Some(hours(3)) };
    let id = add(&server, &Content { schedule, ..content(Kind::Link, "Zur Zeit", Some("https://example.org")) }).await;
    for (hour, shown) in [(0, false), (1, true), (2, true), (3, false)] {
        server.clock.advance(hours(hour).duration_since(server.clock.now()));
        let what = format!("after {hour} hours");
        // The way there is asked first: it must not rely on somebody having looked at the page.
        assert_eq!(follow(&server, id).await.status, if shown { 302 } else { 404 }, "{what}");
        assert_eq!(server.get("/").await.text().contains("Zur Zeit"), shown, "{what}");
    }
}

#[tokio::test]
async fn a_followed_link_is_counted_and_the_counts_survive_the_end() {
    let mut server = Server::with_examples().await;
    let id = add(&server, &content(Kind::Link, "Tour", Some("https://räder.example/tour?a=b#c"))).await;
    let led = follow(&server, id).await;
    assert_eq!((led.status, led.header("location")), (302, "https://xn--rder-loa.example/tour?a=b#c"));
    assert_eq!((led.header("cache-control"), led.header("referrer-policy")), ("no-store", "strict-origin"));
    assert!(led.header("set-cookie").is_empty());
    follow(&server, id).await;
    let path = format!("/go/{id}");
    server.send("HEAD", &path, &[PHONE], b"").await;
    server.send("GET", &path, &[PHONE, ("sec-purpose", "prefetch")], b"").await;
    server.send("GET", &path, &[("user-agent", "Googlebot/2.1")], b"").await;
    let database = server.database.take().unwrap();
    server.stop().await;
    assert_eq!(database.open().await.clicks(1, evening()).await.unwrap()[&id], Clicks { today: 2, month: 2, all: 2 });
}

#[tokio::test]
async fn only_what_stands_on_the_page_is_led_to() {
    let server = Server::with_examples().await;
    let mail = add(&server, &content(Kind::Link, "Post", Some("mailto:mara@example.org"))).await;
    let words = add(&server, &content(Kind::Text, "Text", None)).await;
    let hidden = add(&server, &content(Kind::Link, "Weg", Some("https://example.org"))).await;
    server.store.hide_link(1, hidden, true).await.unwrap();
    show(&server).await;
    let ids = [mail, words, hidden, 99, -1].map(|id| id.to_string());
    let others = ["https%3A%2F%2Fevil.example", "1?to=https://evil.example", "x"].map(str::to_owned);
    for id in ids.into_iter().chain(others) {
        let answer = server.send("GET", &format!("/go/{id}"), &[PHONE], b"").await;
        assert_eq!((answer.status, answer.header("location")), (404, ""), "{id}");
        assert!(answer.text().contains("Zur Linkseite"), "{id}");
    }
}

#[tokio::test]
async fn visitors_follow_links_without_the_database() {
    let server = Server::with_examples().await;
    let id = add(&server, &content(Kind::Link, "Tour", Some("https://example.org"))).await;
    server.store.clone().close().await;
    assert_eq!(follow(&server, id).await.status, 302);
    assert_eq!(server.get("/").await.status, 200);
}

#[tokio::test]
async fn hostile_titles_stay_text() {
    let server = Server::with_examples().await;
    let hostile = "\"><script>alert(1)</script>";
    add(&server, &content(Kind::Heading, hostile, None)).await;
    add(&server, &content(Kind::Link, hostile, Some("https://example.org/\"onclick=x"))).await;
    add(&server, &content(Kind::Text, hostile, None)).await;
    let page = server.get("/").await.text();
    assert!(!page.contains("<script") && !page.contains("\"onclick") && page.contains("alert(1)"));
}
