//! First start, signing in and out, and what a session lives through.

use jiff::SignedDuration;
use mediakit::sign_in::SignIn;
use mediakit::store::{Store, VaultKey};
use secrecy::{ExposeSecret as _, SecretString};

use crate::api_server::Server;
use crate::browser::{Browser, PASSWORD};
use crate::desk::Desk;

/// A browser that has never been here.
fn stranger(server: &Server) -> Browser<'_> {
    Browser::new(server)
}

#[tokio::test]
async fn a_signed_in_owner_reaches_the_panel_and_the_api() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    assert_eq!(browser.get("/admin/profile").await.status, 200);
    assert_eq!(browser.get("/admin").await.header("location"), "/admin/profile");
    assert_eq!(browser.get("/admin/login").await.header("location"), "/admin");
    assert_eq!(browser.get("/api/profile").await.status, 200);
    let audit = server.store.audit(9).await.unwrap();
    assert!(audit.iter().any(|entry| entry.who == "mara" && entry.what == "signed in"), "{audit:?}");
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_look_the_same() {
    let server = Server::with_examples().await;
    Browser::signed_in(&server).await;
    let mut pages = Vec::new();
    for (name, password) in [("mara", "falsch"), ("nobody", PASSWORD), ("x", "")] {
        let answer = stranger(&server).send("/admin/login", &[("name", name), ("password", password)]).await;
        assert_eq!((answer.status, answer.header("set-cookie")), (422, ""), "{name}");
        let page = answer.text();
        assert!(page.contains("Name oder Passwort stimmt nicht.") && !page.contains(PASSWORD));
        pages.push(page.replace(&format!("value=\"{name}\""), ""));
    }
    assert!(pages.windows(2).all(|pair| pair[0] == pair[1]), "nothing tells which of them was wrong");
}

#[tokio::test]
async fn whoever_guesses_has_to_wait() {
    let server = Server::with_examples().await;
    let owner = Browser::signed_in(&server).await;
    let guess = || async { stranger(&server).send("/admin/login", &[("name", "mara"), ("password", "falsch")]).await };
    for _ in 0..10 {
        assert_eq!(guess().await.status, 422);
    }
    let answer = guess().await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "30"));
    assert_eq!(owner.get("/admin/profile").await.status, 200, "who is signed in stays so");
    server.clock.advance(SignedDuration::from_secs(30));
    assert_eq!(guess().await.status, 422);
}

#[tokio::test]
async fn a_session_ends_when_it_is_left_alone_and_when_it_is_ended() {
    let server = Server::with_examples().await;
    let one = Browser::signed_in(&server).await;
    let other = Browser::signs_in(&server, "mara", PASSWORD).await;
    assert_ne!(one.cookie, other.cookie, "each sign-in has an id of its own");
    for _ in 0..3 {
        server.clock.advance(SignedDuration::from_hours(11));
        assert_eq!(one.get("/admin/profile").await.status, 200, "used now and then");
    }
    assert_eq!(other.get("/admin/profile").await.status, 303, "left alone for twelve hours");
    assert_eq!(one.post("/admin/logout", &[]).await.header("location"), "/admin/login");
    assert_eq!(one.get("/admin/profile").await.status, 303, "the cookie is worth nothing any more");
    let again = Browser::signs_in(&server, "mara", PASSWORD).await;
    server.clock.advance(SignedDuration::from_hours(7 * 24));
    assert_eq!(again.get("/admin/profile").await.status, 303);
}

#[tokio::test]
async fn a_sign_in_leads_to_where_it_was_asked_for() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let asked = stranger(&server).get("/admin/profile").await;
    assert_eq!(asked.header("location"), "/admin/login?next=/admin/profile");
    for (next, leads) in [("/admin/profile", "/admin/profile"), ("//evil.example", "/admin"), ("", "/admin")] {
        let fields = [("name", "mara"), ("password", PASSWORD), ("next", next)];
        assert_eq!(browser.send("/admin/login", &fields).await.header("location"), leads);
    }
}

#[tokio::test]
async fn the_code_of_the_first_start_makes_one_owner() {
    let server = Server::empty().await;
    let browser = stranger(&server);
    assert_eq!(browser.get("/admin/login").await.header("location"), "/admin/setup");
    let code = server.sign_in.setup().open().unwrap();
    let with = |code: &str, name: &str, password: &str| {
        let fields =
            [("code", code), ("name", name), ("password", password)].map(|(k, v)| (k.to_owned(), v.to_owned()));
        let browser = &browser;
        async move {
            let fields: Vec<_> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            browser.send("/admin/setup", &fields).await
        }
    };
    let wrong = with("AAAA-BBBB-CCCC-DDDD", "mara", PASSWORD).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("Dieser Code gilt nicht.") && wrong.text().contains("value=\"mara\""));
    let short = with(code.expose_secret(), "", "kurz").await.text();
    assert!(short.contains("Gib einen Namen ein.") && short.contains("Nimm mindestens 12 Zeichen."));
    assert!(!short.contains("kurz"), "a password is never shown again");
    let made = with(code.expose_secret(), "mara", PASSWORD).await;
    assert_eq!((made.status, made.header("location")), (303, "/admin/start"));
    assert!(made.header("set-cookie").contains("HttpOnly; SameSite=Lax"));
    assert_eq!(with(code.expose_secret(), "eve", PASSWORD).await.status, 422, "it has served");
    assert_eq!(browser.get("/admin/setup").await.header("location"), "/admin/login");
    assert_eq!(server.store.owners().await.unwrap().len(), 1);
}

#[tokio::test]
async fn another_password_ends_every_other_session() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let sign_in = SignIn::new(server.store.clone(), server.clock.clone());
    let owner = server.store.owners().await.unwrap().remove(0);
    let new = SecretString::from("fünf andere kurze Wörter hier");
    sign_in.change_password(&owner, new, None).await.unwrap();
    assert_eq!(browser.get("/admin/profile").await.status, 303);
    let old = stranger(&server).send("/admin/login", &[("name", "mara"), ("password", PASSWORD)]).await;
    assert_eq!(old.status, 422);
}

#[test]
fn owners_are_made_on_the_command_line() {
    let desk = Desk::new();
    desk.feed(&["owner", "create", "mara", "--password-stdin"], "kurz\n").ends(2).complains("at least 12 characters");
    desk.feed(&["owner", "create", "mara", "--password-stdin"], &format!("{PASSWORD}\n")).ends(0);
    desk.feed(&["owner", "create", "mara", "--password-stdin"], PASSWORD).ends(2).complains("taken already");
    desk.feed(&["owner", "reset-password", "--password-stdin"], "ganz andere kurze Wörter\n").ends(0);
    desk.feed(&["owner", "reset-password", "eve", "--password-stdin"], PASSWORD).ends(2).complains("no such name");
    desk.feed(&["owner", "create", "ben", "--password-stdin"], PASSWORD).ends(0);
    desk.feed(&["owner", "reset-password", "--password-stdin"], PASSWORD).ends(2).complains("several accounts");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_phone_locks_nobody_out() {
    let desk = Desk::new();
    desk.feed(&["owner", "create", "mara", "--password-stdin"], PASSWORD).ends(0);
    let store = Store::open(&Store::url_of(&desk.path().join("data/mediakit.db"))).await.unwrap();
    let owner = || async { store.owners().await.unwrap().remove(0) };
    let vault = store.unlock(VaultKey::generate().unwrap()).await.unwrap();
    vault.enable_totp(owner().await.id, &[7; 20], 1, &[[1; 32]]).await.unwrap();
    let reset = ["owner", "reset-password", "--password-stdin"];
    desk.feed(&reset, PASSWORD).ends(0).complains("A code is still asked for").complains("--without-second-factor");
    assert!(owner().await.has_totp);
    // The key that seals the secret is not there: it may be lost too.
    desk.feed(&[&reset[..], &["--without-second-factor"]].concat(), PASSWORD).ends(0).complains("switched off");
    assert!(!owner().await.has_totp);
    assert!(store.audit(9).await.unwrap().iter().any(|entry| entry.what == "second factor off"));
    desk.run(&["owner", "reset-password", "--help"]).ends(0).prints("for a lost phone");
}
