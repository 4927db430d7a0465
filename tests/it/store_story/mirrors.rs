//! Mirrors and the audit log: what is wanted, what was done, and what is never rewritten.

use mediakit::store::{AuditEntry, Mirror, Store};

use super::at;
use crate::databases;

const NAME: &str = "github:INSTAGRAM_SECRET";

async fn mirror(store: &Store) -> Mirror {
    store.mirrors(1).await.unwrap().pop().unwrap()
}

#[tokio::test]
async fn a_mirror_is_behind_until_it_holds_what_is_wanted() {
    for database in databases::each().await {
        let store = database.open().await;
        let (wanted, tried, done) =
            (at("2026-11-22T03:00:00Z"), at("2026-11-22T03:05:00Z"), at("2026-11-22T04:00:00Z"));
        assert_eq!(store.mirrors(1).await.unwrap(), []);
        store.want_mirror(1, NAME, "3", wanted).await.unwrap();
        let pending = Mirror {
            creator_id: 1,
            name: NAME.to_owned(),
            wanted: "3".to_owned(),
            done: None,
            attempts: 0,
            since: Some(wanted),
            next_at: Some(wanted),
            done_at: None,
            failure: None,
        };
        assert_eq!(mirror(&store).await, pending);

        store.mirror_failed(1, NAME, "3", "403", done, tried).await.unwrap();
        let failed = Mirror { attempts: 1, failure: Some("403".to_owned()), next_at: Some(done), ..pending.clone() };
        assert_eq!(mirror(&store).await, failed);
        store.want_mirror(1, NAME, "3", done).await.unwrap();
        assert_eq!(mirror(&store).await, failed, "wanting the same again begins nothing anew");
        store.mirror_failed(1, NAME, "3", "403", None, tried).await.unwrap();
        assert_eq!((mirror(&store).await.attempts, mirror(&store).await.next_at), (2, None));

        store.mirror_done(1, NAME, "3", done).await.unwrap();
        let settled = Mirror { done: Some("3".to_owned()), since: None, next_at: None, done_at: Some(done), ..pending };
        assert_eq!(mirror(&store).await, settled);
        store.mirror_failed(1, NAME, "3", "403", done, done).await.unwrap();
        store.want_mirror(1, NAME, "3", done).await.unwrap();
        assert_eq!(mirror(&store).await, settled, "a slower attempt that failed changes nothing");
    }
}

#[tokio::test]
async fn what_an_attempt_at_something_older_brought_does_not_count() {
    for database in databases::each().await {
        let store = database.open().await;
        let now = at("2026-11-22T03:00:00Z");
        store.want_mirror(1, NAME, "3", now).await.unwrap();
        store.mirror_done(1, NAME, "3", now).await.unwrap();
        store.want_mirror(1, NAME, "4", now).await.unwrap();
        let behind = mirror(&store).await;
        assert_eq!((behind.since, behind.attempts, behind.done.as_deref()), (Some(now), 0, Some("3")));
        store.mirror_done(1, NAME, "3", now).await.unwrap();
        store.mirror_failed(1, NAME, "3", "late", now, now).await.unwrap();
        assert_eq!(mirror(&store).await, behind);
        store.want_mirror(1, NAME, "3", now).await.unwrap();
        assert_eq!(mirror(&store).await.since, None, "it holds that already");
        store.want_mirror(1, "env_file:instagram", "4", now).await.unwrap();
        let names: Vec<_> = store.mirrors(1).await.unwrap().into_iter().map(|mirror| mirror.name).collect();
        assert_eq!(names, ["env_file:instagram", NAME]);
    }
}

#[tokio::test]
async fn the_audit_log_is_only_added_to() {
    for database in databases::each().await {
        let store = database.open().await;
        for n in 1..=3 {
            let second = at(&format!("2026-11-22T03:00:0{n}Z"));
            store.add_audit(second, "cli", "token revealed", &n.to_string()).await.unwrap();
        }
        let entries = store.audit(2).await.unwrap();
        let last = AuditEntry {
            at: at("2026-11-22T03:00:03Z"),
            who: "cli".to_owned(),
            what: "token revealed".to_owned(),
            detail: "3".to_owned(),
        };
        assert_eq!((entries.len(), &entries[0]), (2, &last));
        database.run("update audit set who = 'nobody'").await.unwrap_err();
        assert_eq!(store.audit(9).await.unwrap()[0], last);
    }
}
