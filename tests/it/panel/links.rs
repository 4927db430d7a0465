//! The links tab: entries are added, changed, moved, hidden and deleted; the page shows it at once and nothing that was
//! typed is lost.

use mediakit::domain::link::{Kind, Link};

use crate::api_server::{Answer, Server};
use crate::browser::Browser;

const TOUR: [(&str, &str); 5] = [
    ("kind", "link"),
    ("title", "Die Tour"),
    ("url", "rad.example/tour"),
    ("icon", "calendar"),
    ("zone", "Europe/Berlin"),
];

async fn add(browser: &Browser<'_>, kind: &str, title: &str) -> Answer {
    let fields = [("kind", kind), ("title", title), ("url", "example.org"), ("zone", "Europe/Berlin")];
    browser.post("/admin/links/new", &fields).await
}

async fn links(server: &Server) -> Vec<Link> {
    server.store.links(1).await.unwrap()
}

async fn titles(server: &Server) -> Vec<String> {
    links(server).await.into_iter().map(|link| link.content.title).collect()
}

/// The places of these words on the link page, which must all be there.
fn in_order(page: &str, words: &[&str]) {
    let places: Vec<_> =
        words.iter().map(|word| page.find(word).unwrap_or_else(|| panic!("{word} in {page}"))).collect();
    assert!(places.is_sorted(), "{words:?} at {places:?}");
}

#[tokio::test]
async fn a_new_link_shows_at_once() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    assert!(browser.get("/admin/links").await.text().contains("sobald du den ersten hinzufügst"));
    assert!(browser.get("/admin/links/new?kind=link").await.text().contains("Neuer Link"));
    let saved = browser.post("/admin/links/new", &TOUR).await;
    assert_eq!((saved.status, saved.header("location")), (303, "/admin/links?done=added"));
    let public = server.get("/").await.text();
    assert!(public.contains("Die Tour") && public.contains("rad.example/tour"));
    let panel = browser.get("/admin/links?done=added").await.text();
    assert!(panel.contains("Hinzugefügt.") && panel.contains("Die Tour"));
    assert_eq!(links(&server).await[0].content.url.as_deref(), Some("https://rad.example/tour"), "completed");
    let audit = server.store.audit(1).await.unwrap().remove(0);
    assert_eq!((audit.who.as_str(), audit.what.as_str(), audit.detail.as_str()), ("mara", "link added", "Die Tour"));
}

#[tokio::test]
async fn what_cannot_be_stands_beside_its_field_and_nothing_is_lost() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let long = "x".repeat(101);
    for (kind, title, url, icon, zone, starts, ends, field, words) in [
        ("link", "", "example.org", "", "UTC", "", "", "title", "Gib dem Link einen Titel."),
        ("link", &long, "example.org", "", "UTC", "", "", "title", "länger als 100 Zeichen"),
        ("text", &"x".repeat(501), "", "", "UTC", "", "", "title", "länger als 500 Zeichen"),
        ("heading", "  ", "", "", "UTC", "", "", "title", "Schreib die Überschrift hinein."),
        ("link", "Titel", "", "", "UTC", "", "", "url", "Das ist keine Adresse."),
        ("link", "Titel", "javascript:alert(1)", "", "UTC", "", "", "url", "Erlaubt sind Adressen mit https"),
        ("link", "Titel", "data:text/html,x", "", "UTC", "", "", "url", "Erlaubt sind Adressen mit https"),
        ("link", "Titel", "example.org", "evil", "UTC", "", "", "", "Dieses Symbol gibt es nicht."),
        ("link", "Titel", "example.org", "", "Mars", "", "", "zone", "Diese Zeitzone gibt es nicht."),
        ("link", "Titel", "example.org", "", "UTC", "morgen", "", "starts", "Dieser Zeitpunkt ist nicht lesbar."),
        ("link", "Titel", "example.org", "", "UTC", "2026-12-24T08:00", "2026-12-24T08:00", "ends", "vor dem Anfang"),
    ] {
        let fields = [
            ("kind", kind),
            ("title", title),
            ("url", url),
            ("icon", icon),
            ("zone", zone),
            ("starts", starts),
            ("ends", ends),
        ];
        let refused = browser.post("/admin/links/new", &fields).await;
        let page = refused.text();
        assert_eq!(refused.status, 422, "{fields:?}");
        assert!(page.contains(words), "{words}: {page}");
        assert!(field.is_empty() || page.contains(&format!("id=\"{field}-error\"")), "{field}");
        for (name, typed) in fields.iter().filter(|(name, typed)| *name != "icon" && !typed.trim().is_empty()) {
            assert!(kind != "link" || page.contains(&format!("value=\"{typed}\"")), "{name} keeps {typed}");
        }
    }
    assert!(links(&server).await.is_empty(), "nothing was saved");
}

#[tokio::test]
async fn times_are_typed_by_the_creator_s_clocks_and_kept_in_utc() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    assert!(
        browser.get("/admin/links/new").await.text().contains("name=\"zone\" type=\"text\" value=\"Europe/Berlin\"")
    );
    let mut fields = TOUR.to_vec();
    fields[4] = ("zone", "America/New_York");
    fields.extend([("starts", "2026-12-24T08:00"), ("ends", "2026-12-26T20:30")]);
    assert_eq!(browser.post("/admin/links/new", &fields).await.status, 303);
    let link = links(&server).await.remove(0);
    assert_eq!(link.content.schedule.from.unwrap().to_string(), "2026-12-24T13:00:00Z");
    let form = browser.get(&format!("/admin/links/{}", link.id)).await.text();
    for part in ["value=\"2026-12-24T08:00\"", "value=\"2026-12-26T20:30\"", "value=\"America/New_York\""] {
        assert!(form.contains(part), "{part}");
    }
    let list = browser.get("/admin/links?lang=en").await.text();
    assert!(list.contains("from 24 Dec 2026, 08:00 until 26 Dec 2026, 20:30"), "{list}");
    assert!(!server.get("/").await.text().contains("Die Tour"), "not yet");
}

#[tokio::test]
async fn entries_move_up_and_down_and_all_at_once() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    for title in ["Eins", "Zwei", "Drei"] {
        add(&browser, "link", title).await;
    }
    let ids: Vec<i64> = links(&server).await.iter().map(|link| link.id).collect();
    let step = async |id: i64, to: &str| browser.post(&format!("/admin/links/{id}/step"), &[("to", to)]).await;
    let moved = step(ids[0], "down").await;
    assert_eq!((moved.status, moved.header("location")), (303, "/admin/links?done=moved#entry-1"));
    in_order(&server.get("/").await.text(), &["Zwei", "Eins", "Drei"]);
    step(ids[2], "up").await;
    step(ids[1], "up").await;
    assert_eq!(titles(&server).await, ["Zwei", "Drei", "Eins"], "the first has nowhere to go");
    let order = format!("{},{},{}", ids[0], ids[1], ids[2]);
    assert_eq!(browser.post("/admin/links/order", &[("order", &order)]).await.status, 303);
    in_order(&server.get("/").await.text(), &["Eins", "Zwei", "Drei"]);
    for wrong in ["", "1,2", "1,2,3,4", "1,2,x", "1,1,2"] {
        let refused = browser.post("/admin/links/order", &[("order", wrong)]).await;
        assert_eq!(refused.status, 409, "{wrong}");
        assert!(refused.text().contains("darum ist nichts verschoben"));
    }
    assert_eq!(titles(&server).await, ["Eins", "Zwei", "Drei"]);
}

#[tokio::test]
async fn a_hidden_entry_is_off_the_page_until_it_is_shown_again() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    add(&browser, "link", "Die Tour").await;
    for (hidden, done) in [("true", "hidden"), ("false", "shown")] {
        let answer = browser.post("/admin/links/1/hide", &[("hidden", hidden)]).await;
        assert_eq!(answer.header("location"), format!("/admin/links?done={done}#entry-1"));
        assert_eq!(server.get("/").await.text().contains("Die Tour"), hidden == "false");
        assert_eq!(browser.get("/admin/links").await.text().contains("verborgen"), hidden == "true");
    }
}

#[tokio::test]
async fn two_tabs_do_not_overwrite_each_other() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    browser.post("/admin/links/new", &TOUR).await;
    let with = |version: &'static str, title: &'static str| {
        let mut fields = TOUR.to_vec();
        fields[1] = ("title", title);
        fields.push(("version", version));
        fields
    };
    assert_eq!(browser.post("/admin/links/1", &with("0", "Erster Tab")).await.status, 303);
    let late = browser.post("/admin/links/1", &with("0", "Zweiter Tab")).await;
    let page = late.text();
    assert_eq!(late.status, 409);
    assert!(page.contains("heißt jetzt „Erster Tab“") && page.contains("value=\"Zweiter Tab\""), "{page}");
    assert!(page.contains("name=\"version\" value=\"1\""), "saving again takes what was typed");
    assert_eq!(titles(&server).await, ["Erster Tab"]);
    assert_eq!(browser.post("/admin/links/1", &with("1", "Zweiter Tab")).await.status, 303);
    assert_eq!(titles(&server).await, ["Zweiter Tab"]);

    let stale = browser.post("/admin/links/1/delete", &[("version", "0")]).await;
    assert_eq!(stale.status, 409);
    assert!(stale.text().contains("ist nicht gelöscht") && stale.text().contains("Zweiter Tab"));
    assert_eq!(browser.post("/admin/links/1/delete", &[("version", "2")]).await.status, 303);
    let gone = browser.post("/admin/links/1", &with("2", "Dritter Tab")).await;
    let page = gone.text();
    assert_eq!(gone.status, 409);
    assert!(page.contains("inzwischen gelöscht") && page.contains("value=\"Dritter Tab\""));
    assert!(page.contains("action=\"/admin/links/new\""), "saving adds it anew");
}

#[tokio::test]
async fn a_deletion_is_asked_about_and_takes_the_entry_off_the_page() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    add(&browser, "link", "Die Tour").await;
    let asked = browser.get("/admin/links/1/delete").await.text();
    assert!(asked.contains("Diesen Eintrag löschen?") && asked.contains("Die Tour"));
    assert!(server.get("/").await.text().contains("Die Tour"), "asking deletes nothing");
    let deleted = browser.post("/admin/links/1/delete", &[("version", "0")]).await;
    assert_eq!((deleted.status, deleted.header("location")), (303, "/admin/links?done=deleted"));
    assert!(!server.get("/").await.text().contains("Die Tour"));
    assert_eq!(browser.get("/admin/links/1").await.status, 404);
    let what: Vec<String> = server.store.audit(2).await.unwrap().into_iter().map(|entry| entry.what).collect();
    assert_eq!(what, ["link deleted", "link added"]);
}

#[tokio::test]
async fn clicks_stand_beside_their_link() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    add(&browser, "link", "Die Tour").await;
    browser
        .post("/admin/links/new", &[("kind", "link"), ("title", "Post"), ("url", "mara@example.org"), ("zone", "UTC")])
        .await;
    for _ in 0..3 {
        let led = server.send("GET", "/go/1", &[("user-agent", "Mozilla/5.0 Firefox/150")], b"").await;
        assert_eq!(led.status, 302);
    }
    let page = browser.get("/admin/links").await.text();
    assert_eq!(page.matches("<dd>3</dd>").count(), 3, "today, thirty days, in all");
    assert_eq!(page.matches("class=\"clicks\"").count(), 1, "mail is not counted");
}

#[tokio::test]
async fn a_page_that_is_full_says_so_and_keeps_what_was_typed() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    add(&browser, "link", "Die Tour").await;
    let content = links(&server).await.remove(0).content;
    for _ in 1..100 {
        server.store.insert_link(1, &content).await.unwrap().unwrap();
    }
    let refused = add(&browser, "heading", "Zu viel").await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("Mehr als 100 Einträge") && refused.text().contains("value=\"Zu viel\""));
    assert_eq!(links(&server).await.iter().filter(|link| link.content.kind == Kind::Heading).count(), 0);
}
