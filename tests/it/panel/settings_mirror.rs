//! The GitHub mirror in the panel: chosen, tested against a faithful GitHub, never shown again.

use simulator::{Options, Scope, Simulator};

use crate::api_server::{Server, evening};
use crate::browser::Browser;
use crate::databases;
use crate::harness::start;

const MIRROR: &str = "/admin/settings/mirror";
const TEST: &str = "/admin/settings/mirror/test";

#[tokio::test]
async fn a_mirror_is_chosen_and_tested_and_its_token_is_never_shown() {
    let sim = Simulator::start(Options { now: Some(start()), ..Options::default() }).await.unwrap();
    let database = databases::sqlite();
    let api = sim.origins()["GITHUB_API"].clone();
    let server = Server::set(database.open().await, Some(database), &[("github_api_url", &api)]).await;
    let browser = Browser::signed_in(&server).await;
    assert!(browser.post(TEST, &[]).await.text().contains("Trag Repository und Token ein"));
    let token = sim.github_token("mara");
    let bad = browser.post(MIRROR, &[("version", "0"), ("repository", "mara"), ("token", &token)]).await;
    assert_eq!(bad.status, 422);
    assert!(bad.text().contains("Schreib es als Besitzer/Name") && !bad.text().contains(&token));
    let saved = browser.post(MIRROR, &[("version", "0"), ("repository", "mara/kit"), ("token", &token)]).await;
    assert_eq!(saved.header("location"), "/admin/settings/mirror?done=saved");
    assert!(browser.post(TEST, &[]).await.text().contains("GitHub nimmt den Token an"));
    sim.set_fault("GITHUB_API", "github/403-pat", Scope::default()).unwrap();
    let refused = browser.post(TEST, &[]).await.text();
    assert!(refused.contains("Secrets: Read and write") && refused.contains("im Panel"), "{refused}");

    let (done, failed) = ("github:INSTAGRAM_SECRET", "github:TIKTOK_SECRET");
    server.store.want_mirror(1, done, "gen1", evening()).await.unwrap();
    server.store.mirror_done(1, done, "gen1", evening()).await.unwrap();
    server.store.want_mirror(1, failed, "gen1", evening()).await.unwrap();
    server.store.mirror_failed(1, failed, "gen1", "GitHub asks to wait", evening(), evening()).await.unwrap();
    let page = browser.get(MIRROR).await.text();
    assert!(page.contains("aktuell seit 22. Nov. 2026, 18:00 UTC") && page.contains("GitHub asks to wait"));
    assert!(page.contains("value=\"mara/kit\"") && !page.contains(&token));
    assert!(browser.get("/admin/settings").await.text().contains("mara/kit"));

    browser.post(MIRROR, &[("version", "1"), ("repository", "mara/other"), ("token", "")]).await;
    assert!(server.settings.github().is_some(), "an empty field keeps the token");
    browser.post(MIRROR, &[("version", "2"), ("repository", "")]).await;
    assert!(server.settings.config().github.token.is_none(), "without a repository there is no token to keep");
}

#[tokio::test]
async fn what_is_known_of_another_repository_is_forgotten() {
    for database in databases::each().await {
        let store = database.open().await;
        for name in ["github:INSTAGRAM_SECRET", "env_file:tiktok", "github:TIKTOK_SECRET"] {
            store.want_mirror(1, name, "gen1", evening()).await.unwrap();
        }
        store.forget_mirrors(1, "github:").await.unwrap();
        let left: Vec<_> = store.mirrors(1).await.unwrap().into_iter().map(|mirror| mirror.name).collect();
        assert_eq!(left, ["env_file:tiktok"]);
    }
}
