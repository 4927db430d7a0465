//! A backup from the panel and back: whole, of one moment, and nothing is lost when it can't be used.

use mediakit::store::{Choice, Store, VaultKey};
use secrecy::SecretString;

use crate::api_server::Server;
use crate::browser::{Browser, PASSWORD};
use crate::databases;

const BACKUP: &str = "/admin/settings/backup";
const RESTORE: &str = "/admin/settings/restore";
/// The key of every server in tests.
const KEY: [u8; 32] = [7; 32];

async fn rename(server: &Server, name: &str) {
    let mut creator = server.store.creator().await.unwrap();
    name.clone_into(&mut creator.name);
    server.store.update_creator(&creator).await.unwrap();
}

async fn restores(browser: &Browser<'_>, file: &[u8]) -> crate::api_server::Answer {
    browser.post_file(RESTORE, &[("restore-password", PASSWORD)], ("file", file)).await
}

#[tokio::test]
async fn what_was_downloaded_restores_into_the_running_server() {
    for database in databases::each().await {
        let server = Server::on(database.open().await, Some(database)).await;
        let browser = Browser::signed_in(&server).await;
        rename(&server, "Vorher").await;
        let secret = SecretString::from("https://hooks.example/CANARY-in-backup");
        let webhook = Choice { name: "alert_webhook", value: Some(secret), sealed: true };
        server.settings.save("alerts", 0, &[webhook], "mara").await.unwrap();
        let wrong = browser.post(BACKUP, &[("password", "falsch falsch falsch")]).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text().contains("Das ist nicht dein Passwort."));
        let backup = browser.post(BACKUP, &[("password", PASSWORD)]).await;
        assert_eq!((backup.status, backup.header("content-type")), (200, "application/vnd.sqlite3"));
        assert_eq!(backup.header("content-disposition"), "attachment; filename=\"mediakit-2026-11-22.db\"");
        assert_eq!(backup.header("content-length"), backup.body.len().to_string());
        assert!(backup.body.starts_with(b"SQLite format 3\0"));
        let canary = b"CANARY-in-backup";
        assert!(!backup.body.windows(canary.len()).any(|bytes| bytes == canary), "secrets are sealed in it");

        rename(&server, "Nachher").await;
        let forget = Choice { name: "alert_webhook", value: None, sealed: true };
        server.settings.save("alerts", 1, &[forget], "mara").await.unwrap();
        let restored = restores(&browser, &backup.body).await;
        assert_eq!(restored.status, 200, "{}", restored.text());
        let page = restored.text();
        assert!(page.contains("before-restore-2026-11-22T18-00-00Z.db"), "{page}");
        assert!(restored.header("set-cookie").contains("Max-Age=0") || !restored.header("set-cookie").is_empty());
        assert_eq!(server.store.creator().await.unwrap().name, "Vorher");
        assert!(server.get("/mediakit").await.text().contains("Vorher"), "visitors see it at once");
        assert!(server.settings.config().alerts.webhook.is_some(), "so do alerts");
        assert_eq!(browser.get("/admin/profile").await.status, 303, "everybody is signed out");
        let again = Browser::signs_in(&server, "mara", PASSWORD).await;
        assert_eq!(again.get(BACKUP).await.status, 200);
        let settings = server.settings.version("alerts").await.unwrap();
        let write = Choice { name: "alert_lang", value: None, sealed: false };
        server.settings.save("alerts", settings, &[write], "mara").await.unwrap();

        let safe = server.folder.path().join("before-restore-2026-11-22T18-00-00Z.db");
        let before = Store::open(&Store::url_of(&safe)).await.unwrap();
        assert_eq!(before.creator().await.unwrap().name, "Nachher", "what was there is kept");
        let left: Vec<_> =
            std::fs::read_dir(server.folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| name.to_string_lossy().starts_with("before-restore-")), "{left:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_restored_says_why_and_changes_nothing() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    rename(&server, "Bleibt").await;
    let backup = browser.post(BACKUP, &[("password", PASSWORD)]).await.body;

    let folder = tempfile::tempdir().unwrap();
    let other = async |name: &str, key: [u8; 32], owner: bool| {
        let path = folder.path().join(name);
        let store = Store::open(&Store::url_of(&path)).await.unwrap();
        store.unlock(VaultKey::from_bytes(&key)).await.unwrap();
        if owner {
            let hash = SecretString::from("no hash");
            store.insert_owner(1, "eve", &hash, true, crate::api_server::evening()).await.unwrap();
        }
        let copy = folder.path().join(format!("{name}.copy"));
        store.backup(&copy).await.unwrap();
        std::fs::read(copy).unwrap()
    };
    let mut broken = backup.clone();
    let middle = broken.len() / 2;
    broken[middle..].fill(0x55);
    let cases = [
        (b"not a database at all, but long enough to be looked at".to_vec(), "keine Sicherung von mediakit"),
        (broken, "beschädigt"),
        (backup[..backup.len() / 2].to_vec(), "beschädigt"),
        (other("key", [8; 32], true).await, "mit einem anderen Schlüssel versiegelt"),
        (other("nobody", KEY, false).await, "niemanden, der sich anmelden kann"),
        (Vec::new(), "Wähle eine Sicherung aus."),
    ];
    for (file, words) in cases {
        let refused = restores(&browser, &file).await;
        assert_eq!(refused.status, 422, "{words}");
        let page = refused.text();
        assert!(page.contains(words), "{words}: {page}");
    }
    let guess = browser.post_file(RESTORE, &[("restore-password", "falsch")], ("file", &backup)).await;
    assert_eq!(guess.status, 422);
    assert_eq!(server.store.creator().await.unwrap().name, "Bleibt");
    assert_eq!(browser.get("/admin/profile").await.status, 200, "nobody was signed out");
    assert!(std::fs::read_dir(server.folder.path()).unwrap().next().is_none(), "nothing is left behind");
}

#[tokio::test]
async fn a_file_before_its_token_is_not_read() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let body = "--mark\r\ncontent-disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nSQLite\r\n\
        --mark\r\ncontent-disposition: form-data; name=\"form_token\"\r\n\r\nTOKEN\r\n--mark--\r\n";
    let body = body.replace("TOKEN", &browser.form_token().await);
    let origin = format!("http://{}", server.address);
    let headers = [
        ("cookie", browser.cookie.as_str()),
        ("origin", origin.as_str()),
        ("content-type", "multipart/form-data; boundary=mark"),
    ];
    assert_eq!(server.send("POST", RESTORE, &headers, body.as_bytes()).await.status, 403);
}
