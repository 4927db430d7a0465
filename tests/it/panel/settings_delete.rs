//! The end of everything: a password and a word, and then a server as new.

use mediakit::config::{Kind as _, RefreshAt};

use crate::api_server::Server;
use crate::browser::{Browser, PASSWORD};
use crate::databases;

const DELETE: &str = "/admin/settings/delete";

#[tokio::test]
async fn everything_goes_in_one_step_and_a_new_set_up_begins() {
    for database in databases::each().await {
        let store = database.open().await;
        let filled = [
            "insert into social_stats_cache (platform, username, stats_data, fetched_at) values ('tiktok', 'mara', '{}', '2026-11-22T03:00:04Z')",
            "insert into link_entries (creator_id, kind, title, url, place) values (1, 'link', 'Shop', 'https://shop.example', 1)",
            "insert into link_clicks (link_id, day, clicks) values (1, 1, 1)",
            "insert into blocks (creator_id, kind, place, body) values (1, 'text', 1, '{}')",
        ];
        for statement in filled {
            database.run(statement).await.unwrap();
        }
        store.set_handle(1, "tiktok", "mara").await.unwrap();
        let server = Server::on(store, None).await;
        let browser = Browser::signed_in(&server).await;
        browser.post("/admin/settings/refresh", &[("version", "0"), ("on", "yes"), ("at", "04:30")]).await;
        let page = browser.get(DELETE).await.text();
        for said in ["Das wird gelöscht", "Das bleibt", ".env.social", "GitHub-Repository", "Plattformen"] {
            assert!(page.contains(said), "{said}");
        }
        for (word, password, words) in [
            ("", PASSWORD, "Tipp das Wort LÖSCHEN."),
            ("LÖSCHE", PASSWORD, "Tipp das Wort LÖSCHEN."),
            ("LÖSCHEN", "", "Das ist nicht dein Passwort."),
            ("LÖSCHEN", "falsch falsch falsch", "Das ist nicht dein Passwort."),
        ] {
            let refused = browser.post(DELETE, &[("word", word), ("password", password)]).await;
            assert_eq!(refused.status, 422, "{words}");
            assert!(refused.text().contains(words), "{words}");
        }
        assert_eq!(server.store.accounts(1).await.unwrap().len(), 1, "nothing happened yet");

        let gone = browser.post(DELETE, &[("word", "delete"), ("password", PASSWORD)]).await;
        assert_eq!(gone.status, 200);
        let page = gone.text();
        let code = page.split("class=\"once\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
        assert_eq!(server.store.accounts(1).await.unwrap().len(), 0);
        assert!(!server.store.has_owner().await.unwrap());
        assert!(server.store.list_api_tokens().await.unwrap().is_empty());
        let audit = server.store.audit(10).await.unwrap();
        assert_eq!(audit.iter().map(|entry| entry.what.as_str()).collect::<Vec<_>>(), ["everything deleted"]);
        for table in ["social_stats_cache", "link_entries", "link_clicks", "settings", "sessions", "history"] {
            let probe = format!(
                "insert into spending (platform, month, micro_usd) select 'x', '2026-01', 1 / (case when exists (select 1 from {table}) then 0 else 1 end)"
            );
            database.run(&probe).await.unwrap_or_else(|_| panic!("{table} still holds something"));
            database.run("delete from spending").await.unwrap();
        }
        let new = databases::sqlite();
        let fresh = new.open().await;
        let kinds = async |store: &mediakit::store::Store| -> Vec<String> {
            store.kit().await.unwrap().0.blocks.iter().map(|block| format!("{:?}", block.body)).collect()
        };
        assert_eq!(kinds(&server.store).await, kinds(&fresh).await, "the kit is as it was at the beginning");
        assert_eq!(server.settings.config().refresh_at, RefreshAt::parse("03:00").unwrap());
        assert_eq!(browser.get("/admin/profile").await.status, 303, "signed out");
        assert!(!server.get("/mediakit").await.text().contains("TikTok"));

        let visitor = Browser::new(&server);
        let made = visitor.send("/admin/setup", &[("code", &code), ("name", "neu"), ("password", PASSWORD)]).await;
        assert_eq!(made.status, 303, "{}", made.text());
        assert_eq!(server.store.creator().await.unwrap().id, 1);
        server.store.set_handle(1, "tiktok", "neu").await.unwrap();
    }
}
