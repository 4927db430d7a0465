//! Visits are counted in sums: on both ways through the server, of people only, without anything about them, and not at
//! all when the owner says so.

use jiff::civil::date;
use mediakit::domain::visit::{Counted, Page, Times, Visits};

use crate::api_server::{Server, evening};
use crate::browser::Browser;
use crate::databases;

const PHONE: (&str, &str) = ("user-agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Safari/604.1");
const VISITS: &str = "/admin/visits";

const fn once(times: i64) -> Times {
    Times { today: times, month: times }
}

/// A look at a page by the short way: nothing is read that has to be read twice.
async fn quick(server: &Server, path: &str, headers: &[(&str, &str)]) {
    let headers = headers.iter().fold(String::new(), |all, (name, value)| all + name + ": " + value + "\r\n");
    let head = format!("GET {path} HTTP/1.1\r\nhost: kit.example\r\n{headers}\r\n");
    let answer = server.raw(head.as_bytes()).await;
    assert_eq!((answer.status, answer.header("date")), (200, "Sun, 22 Nov 2026 18:00:00 GMT"), "the short way");
}

async fn counted(server: &Server) -> Visits {
    server.state.visits.write().await;
    server.store.visits(1, evening()).await.unwrap()
}

#[tokio::test]
async fn people_who_look_at_a_page_are_counted_on_both_ways() {
    let server = Server::with_examples().await;
    quick(&server, "/mediakit?lang=en", &[PHONE, ("referer", "https://www.instagram.com/p/1")]).await;
    quick(&server, "/", &[PHONE, ("sec-fetch-mode", "navigate")]).await;
    let etag = server.send("GET", "/mediakit", &[PHONE, ("referer", "https://blog.example/")], b"").await;
    let known = [PHONE, ("if-none-match", etag.header("etag"))];
    assert_eq!(server.send("GET", "/mediakit", &known, b"").await.status, 304);
    server.send("GET", "/embed", &[PHONE, ("sec-fetch-dest", "iframe")], b"").await;

    for aside in [("sec-fetch-mode", "no-cors"), ("cookie", "mediakit=x"), ("sec-fetch-dest", "iframe")] {
        quick(&server, "/mediakit", &[PHONE, aside]).await;
    }
    quick(&server, "/mediakit", &[("user-agent", "Googlebot/2.1")]).await;
    quick(&server, "/mediakit", &[]).await;
    quick(&server, "/mediakit.json", &[PHONE]).await;
    server.send("HEAD", "/mediakit", &[PHONE], b"").await;
    server.send("GET", "/mediakit", &[PHONE, ("sec-purpose", "prefetch")], b"").await;
    server.send("GET", "/mediakit", &[PHONE, ("cf-ipcountry", "DE")], b"").await;

    let visits = counted(&server).await;
    let pages = [("mediakit", 4), ("embed", 1), ("links", 1)].map(|(name, n)| (name.to_owned(), once(n)));
    assert_eq!(visits.pages, pages);
    let from = ["blog.example", "instagram.com"].map(|name| (name.to_owned(), once(1)));
    assert_eq!(visits.from, from);
    assert_eq!(visits.countries, [], "no proxy here is trusted");
}

#[tokio::test]
async fn counts_survive_the_end_and_hold_nothing_about_anybody() {
    let mut server = Server::with_examples().await;
    quick(
        &server,
        "/mediakit",
        &[PHONE, ("referer", "https://blog.example/secret?q=1"), ("x-forwarded-for", "203.0.113.7")],
    )
    .await;
    let database = server.database.take().unwrap();
    server.stop().await;
    let store = database.open().await;
    assert_eq!(store.visits(1, evening()).await.unwrap().pages, [("mediakit".to_owned(), once(1))]);
    store.close().await;
    let file = std::fs::read(database.file()).unwrap();
    for absent in ["203.0.113.7", "iPhone OS", "secret?q"] {
        assert!(!file.windows(absent.len()).any(|part| part == absent.as_bytes()), "{absent}");
    }
}

#[tokio::test]
async fn nothing_is_counted_when_the_owner_wants_none_and_the_pages_say_so() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let facts = r#"{"name":"Mara","address":"Kiel","email":"mara@kit.example"}"#;
    server.store.set_setting(1, "legal", Some(facts)).await.unwrap();
    server.state.show_changes().await;
    assert!(server.get("/privacy?lang=en").await.text().contains("Counted views"));
    quick(&server, "/mediakit", &[PHONE, ("referer", "https://<b>.example")]).await;
    quick(&server, "/mediakit", &[PHONE, ("referer", "https://shop.example")]).await;
    let page = browser.get(VISITS).await.text();
    assert!(page.contains("Media-Kit") && page.contains("shop.example") && page.contains("checked"), "{page}");
    assert!(browser.get("/admin/settings").await.text().contains("werden gezählt"));

    let off = browser.post(VISITS, &[("version", "0")]).await;
    assert_eq!((off.status, off.header("location")), (303, "/admin/visits?done=saved"), "{}", off.text());
    quick(&server, "/mediakit", &[PHONE]).await;
    assert_eq!(counted(&server).await.pages, [("mediakit".to_owned(), once(2))], "what was counted stays");
    let privacy = server.get("/datenschutz?lang=de").await.text();
    assert!(!privacy.contains("Gezählte Aufrufe") && !privacy.contains("Gezählte Klicks"));
    let stale = browser.post(VISITS, &[("version", "0"), ("on", "yes")]).await;
    assert_eq!(stale.status, 409);
    assert!(browser.get("/admin/settings").await.text().contains("werden nicht gezählt"));
    assert_eq!(browser.post(VISITS, &[("version", "1"), ("on", "yes")]).await.status, 303);
    quick(&server, "/mediakit", &[PHONE]).await;
    assert_eq!(counted(&server).await.pages, [("mediakit".to_owned(), once(3))]);
}

#[tokio::test]
async fn sums_are_kept_by_day_and_the_list_of_sites_has_an_end() {
    for database in databases::each().await {
        let store = database.open().await;
        let (today, before, old) = (date(2026, 11, 22), date(2026, 11, 1), date(2026, 10, 1));
        let kit = |day, times| (Counted::Page(Page::Kit), day, times);
        store.add_visits(&[kit(today, 2), kit(before, 3), kit(old, 9)]).await.unwrap();
        store.add_visits(&[kit(today, 1), (Counted::Country("DE".to_owned()), today, 1)]).await.unwrap();
        let sites = (0..150).map(|n| (Counted::From(format!("site{n:03}.example")), today, 1));
        store.add_visits(&sites.collect::<Vec<_>>()).await.unwrap();
        store.add_visits(&[(Counted::From("site000.example".to_owned()), today, 6)]).await.unwrap();
        let visits = store.visits(1, evening()).await.unwrap();
        assert_eq!(visits.pages, [("mediakit".to_owned(), Times { today: 3, month: 6 })]);
        assert_eq!(visits.countries, [("DE".to_owned(), once(1))]);
        let told: i64 = visits.from.iter().map(|(_, times)| times.month).sum();
        assert_eq!((visits.from.len(), told), (101, 156), "all are counted");
        assert_eq!(visits.from[..2], [(String::new(), once(50)), ("site000.example".to_owned(), once(7))]);
        store.close().await;
    }
}
