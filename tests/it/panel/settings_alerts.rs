//! Where alerts go, chosen in the panel: real receivers on loopback, secrets that are never shown again.

use mediakit::store::VaultKey;

use crate::alerts::receivers::{MailServer, WebServer};
use crate::api_server::{Answer, Server};
use crate::browser::Browser;
use crate::databases;

const ALERTS: &str = "/admin/settings/alerts";
const TEST: &str = "/admin/settings/alerts/test";
const USER: &str = "mara@kit.example";
const PASSWORD: &str = "CANARYowner/password+9mTfKpYg4Rbn";
const KEY: &str = "CANARYclient/app+secret6bVyKzTn3M";
const TOKEN: &str = "CANARYgithub/pat+Lw8rDq5HxJs2ZcVe";

fn fields<'f>(port: &'f str, hook: &'f str, topic: &'f str) -> Vec<(&'f str, &'f str)> {
    vec![
        ("version", "0"),
        ("lang", "en"),
        ("email", "me@kit.example"),
        ("from", ""),
        ("host", "127.0.0.1"),
        ("port", port),
        ("security", "smtp"),
        ("user", USER),
        ("password", PASSWORD),
        ("webhook", hook),
        ("webhook-key", KEY),
        ("ntfy", topic),
        ("ntfy-token", TOKEN),
    ]
}

fn is_saved(answer: &Answer) {
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, "/admin/settings/alerts?done=saved"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn a_test_goes_out_by_everything_that_was_saved_and_says_what_came_back() {
    let (hook, topic, mail) = (WebServer::start(), WebServer::start(), MailServer::start(USER, PASSWORD));
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let none = browser.post(TEST, &[]).await.text();
    assert!(none.contains("Es ist kein Weg eingerichtet."));
    let (hook_url, topic_url) =
        (format!("http://{}/CANARY/hook", hook.address), format!("http://{}/CANARY-topic", topic.address));
    let port = mail.address.port().to_string();
    is_saved(&browser.post(ALERTS, &fields(&port, &hook_url, &topic_url)).await);

    let page = browser.post(TEST, &[]).await.text();
    assert_eq!(page.matches("Angenommen.").count(), 3, "{page}");
    let request = hook.take().remove(0);
    assert!(request.headers["x-mediakit-signature"].starts_with("sha256="));
    assert_eq!(topic.take().remove(0).headers["authorization"], format!("Bearer {TOKEN}"));
    assert_eq!(mail.take().len(), 1);

    hook.answer(403);
    let page = browser.post(TEST, &[]).await.text();
    assert!(
        page.contains("Die Zugangsdaten wurden abgelehnt (Status 403). Prüfe den Schlüssel des Webhooks."),
        "{page}"
    );
    assert_eq!(page.matches("Angenommen.").count(), 2);

    for page in [page, browser.get(ALERTS).await.text(), browser.get("/admin/settings").await.text()] {
        assert!(!page.contains("CANARY"), "a secret is shown");
    }
    let page = browser.get(ALERTS).await.text();
    assert!(page.contains(&format!("http://{}/********", hook.address)) && page.contains(USER));
    let audit = format!("{:?}", server.store.audit(20).await.unwrap());
    assert!(audit.contains("alerts tested") && audit.contains("smtp_url") && !audit.contains("CANARY"), "{audit}");
}

#[tokio::test]
async fn empty_fields_keep_secrets_and_a_tick_removes_them() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    is_saved(
        &browser.post(ALERTS, &fields("2525", "http://127.0.0.1:1/CANARY-a", "http://127.0.0.1:1/CANARY-b")).await,
    );
    let mut kept = fields("2525", "", "");
    kept.retain(|(name, _)| !["version", "password", "webhook-key", "ntfy-token"].contains(name));
    kept.push(("version", "1"));
    is_saved(&browser.post(ALERTS, &kept).await);
    let alerts = server.settings.config().alerts.clone();
    assert_eq!(alerts.webhook.unwrap().expose().path(), "/CANARY-a");
    assert!(alerts.webhook_secret.is_some() && alerts.ntfy_token.is_some());
    assert_eq!(alerts.smtp.unwrap().expose().password(), Some("CANARYowner%2Fpassword%2B9mTfKpYg4Rbn"));

    // A new address is not sent the former one's token.
    kept.retain(|(name, _)| !["version", "ntfy"].contains(name));
    kept.extend([("version", "2"), ("ntfy", "http://127.0.0.1:1/elsewhere"), ("webhook-remove", "yes")]);
    is_saved(&browser.post(ALERTS, &kept).await);
    let alerts = server.settings.config().alerts.clone();
    assert!(alerts.ntfy.is_some() && alerts.ntfy_token.is_none());
    assert!(alerts.webhook.is_none() && alerts.webhook_secret.is_none());

    // Nor is a password sent to another server.
    kept.retain(|(name, _)| !["version", "host"].contains(name));
    kept.extend([("version", "3"), ("host", "evil.example")]);
    let refused = browser.post(ALERTS, &kept).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("Gib das Passwort noch einmal ein"));
}

#[tokio::test]
async fn what_cannot_be_stands_beside_its_field_and_secrets_are_not_repeated() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    for (name, value, words) in [
        ("webhook", "CANARY no address", "Das ist keine Adresse."),
        ("ntfy", "ftp://CANARY.example", "Das ist keine Adresse."),
        ("email", "me", "Das ist keine E-Mail-Adresse."),
        ("from", "a b@c", "Das ist keine E-Mail-Adresse."),
        ("host", "http://mail", "Gib nur den Namen des Servers an"),
        ("host", "", "Gib den Mailserver an"),
        ("email", "", "Gib an, an wen Warnungen gehen"),
        ("port", "70000", "Ein Port ist eine Zahl"),
        ("user", "", "Gib auch den Nutzer an."),
    ] {
        let mut sent = fields("25", "http://127.0.0.1:1/CANARY", "http://127.0.0.1:1/CANARY");
        sent.retain(|(field, _)| *field != name);
        sent.push((name, value));
        let refused = browser.post(ALERTS, &sent).await;
        assert_eq!(refused.status, 422, "{name}={value}");
        let page = refused.text();
        assert!(page.contains(words), "{name}={value}: {page}");
        assert!(!page.contains("CANARY"), "{name}={value}");
    }
    assert_eq!(server.settings.version("alerts").await.unwrap(), 0);
}

#[tokio::test]
async fn channels_the_operator_set_up_stay_theirs() {
    let database = databases::sqlite();
    let store = database.open().await;
    drop(store.unlock(VaultKey::from_bytes(&[7; 32])).await.unwrap());
    let given = [("alert_webhook", "http://127.0.0.1:1/CANARY-operator"), ("smtp_url", "smtp://u:CANARY@127.0.0.1:1")];
    let server = Server::set(store, Some(database), &given).await;
    let browser = Browser::signed_in(&server).await;
    let page = browser.get(ALERTS).await.text();
    assert!(page.contains("http://127.0.0.1:1/********") && page.contains("smtp://127.0.0.1:1/********"), "{page}");
    assert!(!page.contains("CANARY") && !page.contains("name=\"webhook\"") && !page.contains("name=\"host\""));
    let sent = [("version", "0"), ("lang", "de"), ("email", "me@kit.example"), ("webhook", "http://evil.example/x")];
    is_saved(&browser.post(ALERTS, &sent).await);
    let alerts = server.settings.config().alerts.clone();
    assert_eq!(alerts.webhook.unwrap().expose().path(), "/CANARY-operator");
    assert_eq!(alerts.email.unwrap().0, "me@kit.example");
}
