//! The legal notice and the privacy page: there once the facts are, written from what the pages do.

use crate::api_server::Server;
use crate::browser::Browser;

const LEGAL: &str = "/admin/settings/legal";

fn facts<'f>(version: &'f str, more: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let usual = [
        ("version", version),
        ("name", "Mara Festa <Räder>"),
        ("address", "Hafenstraße 1\n24103 Kiel"),
        ("email", "mara@kit.example"),
    ];
    usual
        .into_iter()
        .filter(|(name, _)| !more.iter().any(|(other, _)| other == name))
        .chain(more.iter().copied())
        .collect()
}

#[tokio::test]
async fn the_pages_are_there_once_the_facts_are_and_go_with_them() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    for path in ["/impressum", "/imprint", "/datenschutz", "/privacy"] {
        assert_eq!(server.get(path).await.status, 404, "{path}");
    }
    assert!(!server.get("/mediakit").await.text().contains("Impressum"));
    let more = [("vat-id", "DE123456789"), ("hosting", "Hoster GmbH, Kiel"), ("log-days", "14")];
    let saved = browser.post(LEGAL, &facts("0", &more)).await;
    assert_eq!((saved.status, saved.header("location")), (303, "/admin/settings/legal?done=saved"), "{}", saved.text());

    let imprint = server.get("/impressum").await;
    assert_eq!((imprint.status, imprint.header("content-language")), (200, "de"));
    let text = imprint.text();
    assert!(text.contains("Mara Festa &#60;Räder&#62;\nHafenstraße 1\n24103 Kiel"), "{text}");
    assert!(text.contains("§ 5 DDG") && text.contains("DE123456789") && text.contains("mailto:mara@kit.example"));
    let english = server.get("/imprint?lang=en").await.text();
    assert!(english.contains("Legal notice") && english.contains("VAT identification number"));
    let privacy = server.get("/datenschutz").await.text();
    assert!(privacy.contains("Hoster GmbH, Kiel") && privacy.contains("nach 14 Tagen gelöscht"));
    assert!(privacy.contains("Instagram, TikTok") && privacy.contains("keine Cookies"));
    assert!(!privacy.contains("Rechtsberatung"), "the hint is for the owner, not for visitors");
    let kit = server.get("/mediakit?lang=en").await.text();
    assert!(kit.contains("href=\"/imprint?lang=en\"") && kit.contains("href=\"/privacy?lang=en\""));

    let empty = [("name", ""), ("address", ""), ("email", "")];
    let gone = browser.post(LEGAL, &facts("1", &empty)).await;
    assert_eq!(gone.header("location"), "/admin/settings/legal?done=removed");
    assert_eq!(server.get("/impressum").await.status, 404);
    assert!(!server.get("/mediakit").await.text().contains("Impressum"));
}

#[tokio::test]
async fn the_privacy_page_tells_only_what_is_so() {
    let server = Server::empty().await;
    let browser = Browser::signed_in(&server).await;
    browser.post(LEGAL, &facts("0", &[])).await;
    let privacy = server.get("/privacy?lang=en").await.text();
    for absent in ["hosted by", "Numbers of the platforms", "Counted clicks"] {
        assert!(!privacy.contains(absent), "{absent}");
    }
    let sql = "insert into link_entries (creator_id, kind, title, url, place) values (1, 'link', 'Shop', 'https://shop.example', 1)";
    server.database.as_ref().unwrap().run(sql).await.unwrap();
    server.store.set_handle(1, "tiktok", "mara").await.unwrap();
    browser.post(LEGAL, &facts("1", &[("hosting", "own server")])).await;
    let privacy = server.get("/privacy?lang=en").await.text();
    for present in ["hosted by: own server", "accounts on: TikTok", "Counted clicks"] {
        assert!(privacy.contains(present), "{present}");
    }
}

#[tokio::test]
async fn what_a_legal_notice_needs_is_asked_for_beside_its_field() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let long = "x".repeat(501);
    for (field, value, words) in [
        ("address", "", "Das gehört in ein Impressum."),
        ("email", "mara", "Das ist keine E-Mail-Adresse."),
        ("log-days", "viele", "Gib eine Zahl von 1 bis 3650 ein."),
        ("responsible", &long, "höchstens 500 Zeichen"),
    ] {
        let refused = browser.post(LEGAL, &facts("0", &[(field, value)])).await;
        assert_eq!(refused.status, 422, "{field}");
        assert!(refused.text().contains(words) && refused.text().contains("Mara Festa"), "{field}");
    }
    assert_eq!(server.get("/impressum").await.status, 404);
}
