//! The profile tab: the single source of what is fetched and shown.

use crate::api_server::Server;
use crate::browser::Browser;

#[tokio::test]
async fn a_saved_profile_shows_at_once() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let page = browser.get("/admin/profile").await.text();
    assert!(page.contains("value=\"festas_builds\""), "the handles stand in their fields");
    let fields = [
        ("version", "0"),
        ("name", "Mara <Bikes>"),
        ("bio", "Räder & Werkzeug"),
        ("location", "Kiel"),
        ("contact", "mara@example.org"),
        ("handle-instagram", "https://www.instagram.com/festas_builds/"),
        ("handle-bluesky", "@mara.bsky.social"),
    ];
    let saved = browser.post("/admin/profile", &fields).await;
    assert_eq!((saved.status, saved.header("location")), (303, "/admin/profile?done=saved"));
    assert!(browser.get("/admin/profile?done=saved").await.text().contains("Gespeichert."));
    let public = server.get("/mediakit").await.text();
    assert!(public.contains("Mara &#60;Bikes&#62;") && public.contains("Kiel"));
    let accounts = server.store.accounts(1).await.unwrap();
    let handles: Vec<_> = accounts.iter().map(|a| (a.platform.as_str(), a.handle.as_str())).collect();
    assert_eq!(handles, [("instagram", "festas_builds"), ("bluesky", "mara.bsky.social")], "an empty field removes");
}

#[tokio::test]
async fn what_cannot_be_stands_beside_its_field_and_nothing_is_lost() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let fields = [("version", "0"), ("name", "Mara"), ("contact", "nobody"), ("bio", "getippt")];
    let refused = browser.post("/admin/profile?lang=en", &fields).await;
    let page = refused.text();
    assert_eq!(refused.status, 422);
    assert!(page.contains("must be an e-mail or web address") && page.contains("id=\"contact-error\""));
    assert!(page.contains("getippt") && page.contains("value=\"Mara\""), "what was typed stays");
    assert_eq!(server.store.creator().await.unwrap().name, "", "nothing was saved");
}
