//! Check it now: a visitor has the numbers read anew, within what the platforms and the owner's purse allow.

use jiff::SignedDuration;

use crate::api_server::Server;
use crate::browser::Browser;

const CHECK: &str = "/mediakit/check";

#[tokio::test]
async fn a_platform_that_cannot_be_asked_keeps_its_number_and_says_why() {
    // Nothing of this server reaches a platform.
    let server = Server::with_examples().await;
    assert!(server.get("/mediakit?lang=en").await.text().contains("href=\"/mediakit/check?lang=en\""));
    let before = server.get(CHECK).await;
    assert_eq!(before.status, 200);
    assert!(before.text().contains("Jetzt prüfen") && !before.text().contains("<table"));
    let visitor = Browser::new(&server);
    let begun = visitor.send(CHECK, &[]).await;
    assert_eq!((begun.status, begun.header("location")), (303, "/mediakit/check?lang=de"));
    let page = ended(&server).await;
    assert!(page.contains("<b>104.700</b>") && page.contains("<b>65.800</b>"), "the old numbers stand: {page}");
    assert!(server.get("/mediakit").await.text().contains("104,7"), "and stay on the kit");

    // Whoever asks again at once is told that it is too early, without a platform being asked.
    assert_eq!(visitor.send(CHECK, &[]).await.status, 303);
    let page = ended(&server).await;
    assert_eq!(page.matches("Vor weniger als 15 Minuten gefragt").count(), 2, "{page}");
    server.clock.advance(SignedDuration::from_mins(16));
    assert_eq!(visitor.send(CHECK, &[]).await.status, 303);
    assert!(!ended(&server).await.contains("Vor weniger als 15 Minuten gefragt"));
}

#[tokio::test]
async fn checks_are_limited_and_only_for_a_kit_that_is_public() {
    let server = Server::with_examples().await;
    let visitor = Browser::new(&server);
    let forged = server.send("POST", CHECK, &[("content-type", "application/x-www-form-urlencoded")], b"").await;
    assert_eq!(forged.status, 403, "a page of another site starts nothing");
    let mut last = 0;
    for _ in 0..6 {
        last = visitor.send(CHECK, &[]).await.status;
    }
    assert_eq!(last, 429);
    let owner = Browser::signed_in(&server).await;
    let version = server.store.creator().await.unwrap().version.to_string();
    let chosen = [("access", "gated"), ("version", version.as_str())];
    assert_eq!(owner.post("/admin/mediakit/shares", &chosen).await.status, 303);
    assert_eq!(server.get(CHECK).await.status, 403, "it would tell the numbers");
    assert_eq!(visitor.send(CHECK, &[]).await.status, 403);
}

/// The page once the check is over.
async fn ended(server: &Server) -> String {
    loop {
        server.state.refresher.progress().settled().await;
        let page = server.get(CHECK).await.text();
        if !page.contains("http-equiv=\"refresh\"") {
            return page;
        }
        tokio::task::yield_now().await;
    }
}
