//! Passkeys through the panel: added, signed in with alone and after a password, and where they can't be.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value as Json;

use super::security::{cookie, half_signed_in, with_codes};
use crate::api_server::{Answer, Server};
use crate::authenticator::{Authenticator, Ceremony, Kind};
use crate::browser::{Browser, PASSWORD};

const ORIGIN: &str = "https://mara.example";

fn challenge(options: &Json) -> [u8; 32] {
    URL_SAFE_NO_PAD.decode(options["challenge"].as_str().unwrap()).unwrap().try_into().unwrap()
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

async fn added(browser: &Browser<'_>) -> Authenticator {
    let device = Authenticator::new(Kind::Es256);
    let fields = [("passkey-name", "Laptop"), ("passkey-password", PASSWORD)];
    let options = browser.post("/admin/security/passkeys/challenge", &fields).await.json();
    assert_eq!((&options["rp"]["id"], &options["attestation"]), (&"mara.example".into(), &"none".into()));
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    let ceremony = Ceremony::at(ORIGIN, "webauthn.create", challenge(&options));
    let (client_data, attestation) =
        (text(&ceremony.client_data()), text(&device.attestation(&ceremony, &device.cose())));
    let fields = [("passkey-name", "Laptop"), ("client-data", &client_data), ("attestation", &attestation)];
    let answer = browser.post("/admin/security/passkeys", &fields).await;
    assert_eq!(answer.header("location"), "/admin/security?done=passkey-added", "{}", answer.text());
    device
}

/// Asks for a challenge and answers it.
async fn signs_in(browser: &mut Browser<'_>, device: &mut Authenticator, more: &[(&str, &str)]) -> Answer {
    let begun = browser.send("/admin/login/passkey/challenge", more).await;
    if !begun.header("set-cookie").is_empty() {
        browser.cookie = cookie(&begun);
    }
    let ceremony = Ceremony::at(ORIGIN, "webauthn.get", challenge(&begun.json()));
    let (data, signature) = device.assertion(&ceremony);
    let fields = [
        ("id", text(&device.id)),
        ("client-data", text(&ceremony.client_data())),
        ("authenticator-data", text(&data)),
        ("signature", text(&signature)),
        ("next", "/admin/security".to_owned()),
    ];
    let fields = fields.iter().map(|(name, value)| (*name, value.as_str()));
    browser.send("/admin/login/passkey", &fields.chain(more.iter().copied()).collect::<Vec<_>>()).await
}

#[tokio::test]
async fn a_passkey_stands_for_name_password_and_code() {
    let server = Server::empty_at(ORIGIN).await;
    let owner = Browser::signed_in(&server).await;
    assert!(!Browser::new(&server).get("/admin/login").await.text().contains("Mit Passkey"), "nobody has one yet");
    let mut device = added(&owner).await;
    with_codes(&server, &owner).await;
    assert!(owner.get("/admin/security").await.text().contains("Laptop"));
    let mut browser = Browser::new(&server);
    assert!(browser.get("/admin/login").await.text().contains("Mit Passkey anmelden"));
    let answer = signs_in(&mut browser, &mut device, &[]).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/admin/security"), "{}", answer.text());
    browser.cookie = cookie(&answer);
    assert!(browser.cookie.starts_with("__Host-mediakit="));
    let page = browser.get("/admin/security").await.text();
    assert!(page.contains("Angemeldet mit Passkey") && page.contains("zuletzt benutzt heute 18:00"));
}

#[tokio::test]
async fn a_passkey_stands_for_the_code_after_a_password() {
    let server = Server::empty_at(ORIGIN).await;
    let owner = Browser::signed_in(&server).await;
    let mut device = added(&owner).await;
    with_codes(&server, &owner).await;
    let (mut half, token) = half_signed_in(&server).await;
    let without_token = signs_in(&mut half, &mut device, &[]).await;
    assert_eq!(without_token.status, 403);
    let answer = signs_in(&mut half, &mut device, &[("form_token", &token)]).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/admin/security"), "{}", answer.text());
    assert_ne!(cookie(&answer), half.cookie, "the stage rose, and the id with it");
    assert_eq!(half.get("/admin/login/code").await.status, 303, "the half session is gone");
    half.cookie = cookie(&answer);
    assert_eq!(half.get("/admin/security").await.status, 200);
}

#[tokio::test]
async fn a_passkey_that_does_not_hold_signs_nobody_in() {
    let server = Server::empty_at(ORIGIN).await;
    let owner = Browser::signed_in(&server).await;
    let mut device = added(&owner).await;
    let mut stranger = Authenticator::new(Kind::Es256);
    stranger.id.clone_from(&device.id);
    let mut browser = Browser::new(&server);
    let refused = signs_in(&mut browser, &mut stranger, &[]).await;
    assert_eq!((refused.status, refused.header("set-cookie")), (422, ""));
    assert!(refused.text().contains("Dieser Passkey gilt hier nicht"));
    assert_eq!(browser.send("/admin/login/passkey", &[]).await.status, 422, "an empty answer");
    let page = owner.get("/admin/security?lang=en").await.text();
    assert!(page.contains("Passkey refused") && page.contains("Unknown"));

    let id = text(&device.id);
    let removed = owner.post("/admin/security/passkeys/remove", &[("id", &id)]).await;
    assert_eq!(removed.header("location"), "/admin/security?done=passkey-removed");
    assert_eq!(signs_in(&mut browser, &mut device, &[]).await.status, 422);
}

#[tokio::test]
async fn adding_a_passkey_asks_for_the_password_and_a_name() {
    let server = Server::empty_at(ORIGIN).await;
    let owner = Browser::signed_in(&server).await;
    for (name, password, why) in
        [("Laptop", "falsch", "Das ist nicht dein Passwort."), ("", PASSWORD, "Gib ihm einen Namen")]
    {
        let fields = [("passkey-name", name), ("passkey-password", password)];
        let refused = owner.post("/admin/security/passkeys/challenge", &fields).await;
        assert_eq!(refused.status, 422);
        assert!(refused.json()["refused"].as_str().unwrap().starts_with(why));
    }
    let fields = [("passkey-name", "Laptop"), ("client-data", "e30"), ("attestation", "oA")];
    let refused = owner.post("/admin/security/passkeys", &fields).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("Das hat nicht geklappt") && refused.text().contains("value=\"Laptop\""));
}

#[tokio::test]
async fn where_browsers_allow_no_passkeys_the_page_says_why() {
    let by_number = Server::empty().await;
    let owner = Browser::signed_in(&by_number).await;
    let page = owner.get("/admin/security").await.text();
    assert!(page.contains("nur unter seinem Namen") && page.contains("href=\"http://localhost/admin/security\""));
    assert_eq!(owner.post("/admin/security/passkeys/challenge", &[]).await.status, 404);
    assert_eq!(Browser::new(&by_number).send("/admin/login/passkey/challenge", &[]).await.status, 404);

    let plain = Server::empty_at("http://mara.example").await;
    let page = Browser::signed_in(&plain).await.get("/admin/security?lang=en").await.text();
    assert!(page.contains("only at an https address") && page.contains("<code>http://mara.example</code>"));
    assert!(!page.contains("data-passkey"));
}
