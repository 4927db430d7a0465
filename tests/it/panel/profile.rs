//! The profile tab: the single source of what is fetched and shown.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use mediakit::store::UPLOADED;
use serde_json::Value as Json;

use crate::api_server::Server;
use crate::browser::Browser;
use crate::harness::{Owner, World};

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

/// A PNG of one colour.
fn png(side: u32) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(side, side).write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

#[tokio::test]
async fn a_picture_is_made_ours_and_shown_until_it_is_taken_away() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let fields = [("version", "0"), ("name", "Mara")];
    let sent = browser.post_file("/admin/profile", &fields, ("picture", &png(40))).await;
    assert_eq!(sent.header("location"), "/admin/profile?done=saved");
    assert_eq!(server.store.picture_origin(1).await.unwrap().unwrap().source, UPLOADED);
    let page = server.get("/mediakit").await.text();
    let address = format!("/picture/{}", page.split("/picture/").nth(1).unwrap().split('"').next().unwrap());
    let picture = server.get(&address).await;
    assert_eq!((picture.status, picture.header("content-type")), (200, "image/jpeg"), "{address}");
    let taken = browser.post("/admin/profile", &[("version", "1"), ("name", "Mara"), ("no-picture", "yes")]).await;
    assert_eq!(taken.status, 303);
    assert!(server.store.picture_origin(1).await.unwrap().is_none());
    assert!(!server.get("/mediakit").await.text().contains("/picture/"));
}

#[tokio::test]
async fn a_file_that_is_no_picture_has_its_sentence_and_a_good_one_survives_other_faults() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let fields = [("version", "0"), ("name", "Mara")];
    let cases: [(&[u8], &str); 3] = [
        (b"<svg>no picture for us</svg>", "kein Bild, das sich lesen lässt"),
        (&png(5000), "Das Bild ist zu groß."),
        (&vec![0; 6 * 1024 * 1024], "Das Bild ist zu groß."),
    ];
    for (file, words) in cases {
        let refused = browser.post_file("/admin/profile", &fields, ("picture", file)).await;
        assert_eq!(refused.status, 422, "{words}");
        assert!(refused.text().contains(words) && refused.text().contains("id=\"picture-error\""));
    }
    let huge = browser.post_file("/admin/profile", &fields, ("picture", &vec![0; 9 * 1024 * 1024])).await;
    assert_eq!(huge.status, 413);
    assert!(server.store.picture_origin(1).await.unwrap().is_none());
    let wrong = [("version", "0"), ("name", "Mara"), ("contact", "nobody")];
    assert_eq!(browser.post_file("/admin/profile", &wrong, ("picture", &png(40))).await.status, 422);
    assert!(server.store.picture_origin(1).await.unwrap().is_some(), "a browser can't choose it again by itself");
}

#[tokio::test]
async fn the_second_of_two_tabs_is_told_and_overwrites_nothing() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    assert_eq!(browser.post("/admin/profile", &[("version", "0"), ("name", "Erste")]).await.status, 303);
    let told = browser.post("/admin/profile", &[("version", "0"), ("name", "Zweite")]).await;
    let page = told.text();
    assert_eq!(told.status, 409);
    assert!(page.contains("Nichts davon ist überschrieben") && page.contains("value=\"Zweite\""));
    assert!(page.contains("<dd>Erste</dd>"), "what holds now stands beside it");
    assert_eq!(server.store.creator().await.unwrap().name, "Erste");
    assert_eq!(browser.post("/admin/profile", &[("version", "1"), ("name", "Zweite")]).await.status, 303);
}

#[tokio::test]
async fn a_handle_is_looked_at_before_it_is_kept() {
    let world = World::new(Owner::Nothing).await;
    let server = Server::start(world.store.clone(), world.clock.clone(), world.refresher.clone()).await;
    let browser = Browser::signed_in(&server).await;
    let look = async |platform: &str, handle: &str| {
        let answer = browser.post("/admin/profile/look", &[("platform", platform), ("handle", handle)]).await;
        let json: Json = serde_json::from_str(&answer.text()).unwrap();
        (json["good"].as_bool().unwrap(), json["words"].as_str().unwrap().to_owned())
    };
    let (good, words) = look("bluesky", "https://bsky.app/profile/marabikes.bsky.social").await;
    assert!(good && words.starts_with("Gefunden: ") && words.contains("Follower"), "{words}");
    let (good, words) = look("bluesky", "nobody-here.bsky.social").await;
    assert!(!good && words.contains("Bluesky"), "{words}");
    assert!(!look("bluesky", "a b").await.0, "what can't be a handle is said without asking");
    assert!(look("x", "marabikes").await.1.contains("kostet hier Geld"));
    let accounts = server.store.accounts(1).await.unwrap();
    assert!(accounts.iter().all(|account| account.memory.asked_at.is_none()), "nothing is kept: {accounts:?}");
}

#[tokio::test]
async fn the_pages_speak_the_creators_language_to_readers_who_ask_for_neither() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    assert!(server.get("/mediakit").await.text().contains("<html lang=\"de\""));
    browser.post("/admin/profile", &[("version", "0"), ("name", "Mara"), ("lang", "en")]).await;
    assert!(server.get("/mediakit").await.text().contains("<html lang=\"en\""));
    let french = server.send("GET", "/mediakit", &[("accept-language", "fr")], b"").await;
    assert!(french.text().contains("<html lang=\"en\""));
    let german = server.send("GET", "/mediakit", &[("accept-language", "de")], b"").await;
    assert!(german.text().contains("<html lang=\"de\""));
}
