//! The first steps: from the first sign-in to a page with numbers.

use crate::api_server::Server;
use crate::browser::Browser;
use crate::harness::{Owner, World};

#[tokio::test]
async fn three_steps_lead_to_the_first_numbers() {
    let world = World::new(Owner::Nothing).await;
    for account in world.store.accounts(1).await.unwrap() {
        world.store.remove_handle(1, &account.platform).await.unwrap();
    }
    let server = Server::start(world.store.clone(), world.clock.clone(), world.refresher.clone()).await;
    let browser = Browser::signed_in(&server).await;
    assert!(browser.get("/admin/start").await.text().contains("Schritt 1 von 3"));
    let nameless = browser.post("/admin/start", &[("version", "0"), ("name", " ")]).await;
    assert!(nameless.status == 422 && nameless.text().contains("Gib den Namen ein"));
    let named = browser.post("/admin/start", &[("version", "0"), ("name", "Mara Feldkamp")]).await;
    assert_eq!(named.header("location"), "/admin/start/accounts");
    let none = browser.post("/admin/start/accounts", &[("version", "1")]).await;
    assert!(none.status == 422 && none.text().contains("Trag mindestens ein Konto ein."));
    let fields = [("version", "1"), ("handle-bluesky", "marabikes.bsky.social"), ("handle-twitch", "marabikes")];
    let sent = browser.post("/admin/start/accounts", &fields).await;
    assert_eq!(sent.header("location"), "/admin/start/numbers");
    // The browser is gone; the refresh goes on. Joining it is how the test waits for its end.
    world.refresh().await;
    let page = browser.get("/admin/start/numbers").await.text();
    assert!(page.contains("data-platform=\"bluesky\" data-state=\"saved\""), "{page}");
    assert!(page.contains("data-platform=\"twitch\" data-state=\"failed\"") && page.contains("fehlgeschlagen"));
    assert!(page.contains("href=\"/admin/connections\""), "what failed has its next step");
    assert!(server.get("/mediakit").await.text().contains("Mara Feldkamp"));
    assert_eq!(server.store.creator().await.unwrap().name, "Mara Feldkamp", "the second step leaves the first alone");
}

#[tokio::test]
async fn what_was_entered_is_kept_although_no_refresh_can_start() {
    let (world, away) = (World::new(Owner::Nothing).await, World::new(Owner::Nothing).await);
    away.store.close().await;
    for account in world.store.accounts(1).await.unwrap() {
        world.store.remove_handle(1, &account.platform).await.unwrap();
    }
    let server = Server::start(world.store.clone(), world.clock.clone(), away.refresher.clone()).await;
    let browser = Browser::signed_in(&server).await;
    let fields = [("version", "0"), ("handle-bluesky", "marabikes.bsky.social")];
    let sent = browser.post("/admin/start/accounts", &fields).await;
    assert_eq!(sent.header("location"), "/admin/start/numbers");
    let kept = world.store.accounts(1).await.unwrap();
    assert_eq!(kept.iter().map(|account| account.handle.as_str()).collect::<Vec<_>>(), ["marabikes.bsky.social"]);
    let page = browser.get("/admin/start/numbers").await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("data-platform=\"bluesky\" data-state=\"never\""), "nothing is said to be under way");
}
