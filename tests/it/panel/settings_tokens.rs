//! API tokens in the panel: shown once, revoked for good.

use crate::api_server::Server;
use crate::browser::Browser;

const TOKENS: &str = "/admin/settings/tokens";

#[tokio::test]
async fn a_token_is_shown_once_and_works_until_it_is_revoked() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let made =
        browser.post(TOKENS, &[("name", " Startseite "), ("scope-read", "yes"), ("scope-nonsense", "yes")]).await;
    assert_eq!(made.status, 200);
    assert_eq!(made.header("cache-control"), "no-store");
    let page = made.text();
    let token = page.split("class=\"once\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert!(token.starts_with("mk_") && token.len() == 46);
    let bearer = format!("Bearer {token}");
    let asks = || async { server.send("GET", "/api/profile", &[("authorization", &bearer)], b"").await.status };
    assert_eq!(asks().await, 200);
    let page = browser.get(TOKENS).await.text();
    assert!(!page.contains(&token) && page.contains("Startseite") && page.contains("lesen, was nur dir gehört"));
    assert!(page.contains("22. Nov. 2026, 18:00 UTC"), "created and last used");

    let revoked = browser.post(&format!("{TOKENS}/revoke"), &[("token", "Startseite")]).await;
    assert_eq!(revoked.header("location"), "/admin/settings/tokens?done=revoked");
    assert_eq!(asks().await, 401);
    let audit = server.store.audit(2).await.unwrap();
    let lines: Vec<_> = audit.iter().map(|entry| (entry.what.as_str(), entry.detail.as_str())).collect();
    assert_eq!(lines, [("api token revoked", "Startseite"), ("api token created", "Startseite: read")]);
    assert!(audit.iter().all(|entry| entry.who == "mara"));
}

#[tokio::test]
async fn a_token_needs_a_name_of_its_own_and_something_it_may() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let before = server.store.list_api_tokens().await.unwrap().len();
    for (fields, words) in [
        (vec![("name", ""), ("scope-read", "yes")], "Der Name braucht 1 bis 64 sichtbare Zeichen."),
        (vec![("name", "neu")], "Wähle mindestens eines aus."),
        (vec![("name", "all"), ("scope-read", "yes")], "Ein Token mit diesem Namen gibt es schon."),
    ] {
        let refused = browser.post(TOKENS, &fields).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains(words), "{words}");
    }
    assert_eq!(server.store.list_api_tokens().await.unwrap().len(), before);
}
