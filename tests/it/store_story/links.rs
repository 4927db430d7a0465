//! The entries of the link page: their order, what two tabs may do to each other, and their counts.

use jiff::civil::date;
use mediakit::domain::link::{Clicks, Content, Kind, MOST_ENTRIES, Schedule};
use mediakit::store::{Store, StoreError};

use super::at;
use crate::databases;

/// A link with a title.
pub fn link(title: &str) -> Content {
    Content {
        kind: Kind::Link,
        title: title.to_owned(),
        url: Some("https://example.org/Größe?a=b".to_owned()),
        icon: Some("web".to_owned()),
        schedule: Schedule { from: Some(at("2026-11-20T07:00:00Z")), until: None },
    }
}

async fn added(store: &Store, title: &str) -> i64 {
    store.insert_link(1, &link(title)).await.unwrap().unwrap()
}

async fn titles(store: &Store) -> Vec<String> {
    store.links(1).await.unwrap().into_iter().map(|link| link.content.title).collect()
}

#[tokio::test]
async fn entries_come_back_in_their_order() {
    for database in databases::each().await {
        let store = database.open().await;
        let (one, two) = (added(&store, "eins").await, added(&store, "zwei").await);
        let heading = Content { kind: Kind::Heading, url: None, icon: None, ..link("Überschrift") };
        let three = store.insert_link(1, &heading).await.unwrap().unwrap();
        let links = store.links(1).await.unwrap();
        assert_eq!((&links[0].content, &links[2].content), (&link("eins"), &heading));
        assert_eq!((links[0].id, links[0].version, links[0].hidden), (one, 0, false));

        store.order_links(1, &[three, two, one]).await.unwrap();
        assert_eq!(titles(&store).await, ["Überschrift", "zwei", "eins"]);
        for wrong in [vec![], vec![one, two], vec![one, two, two], vec![one, two, three, 99]] {
            assert!(matches!(store.order_links(1, &wrong).await, Err(StoreError::Conflict)), "{wrong:?}");
        }
        assert_eq!(titles(&store).await, ["Überschrift", "zwei", "eins"]);
        added(&store, "vier").await;
        assert_eq!(titles(&store).await.last().unwrap(), "vier");
    }
}

#[tokio::test]
async fn whoever_was_overtaken_writes_nothing() {
    for database in databases::each().await {
        let store = database.open().await;
        let id = added(&store, "alt").await;
        assert!(store.update_link(1, id, 0, &link("neu")).await.unwrap());
        assert!(!store.update_link(1, id, 0, &link("überholt")).await.unwrap());
        assert!(!store.delete_link(1, id, 0).await.unwrap());
        assert!(store.hide_link(1, id, true).await.unwrap());
        let links = store.links(1).await.unwrap();
        assert_eq!((links[0].content.title.as_str(), links[0].version, links[0].hidden), ("neu", 1, true));
        assert!(!store.update_link(2, id, 1, &link("fremd")).await.unwrap(), "another creator's");
        assert!(store.delete_link(1, id, 1).await.unwrap());
        assert!(!store.delete_link(1, id, 1).await.unwrap() && !store.hide_link(1, id, false).await.unwrap());
        assert!(added(&store, "danach").await > id, "an id is never given twice");
    }
}

#[tokio::test]
async fn a_page_has_a_hundred_entries_at_most() {
    for database in databases::each().await {
        let store = database.open().await;
        for n in 0..MOST_ENTRIES {
            added(&store, &n.to_string()).await;
        }
        assert_eq!(store.insert_link(1, &link("zu viel")).await.unwrap(), None);
    }
}

#[tokio::test]
async fn counts_add_up_by_day_and_go_with_their_link() {
    for database in databases::each().await {
        let store = database.open().await;
        let now = at("2026-11-22T23:59:59Z");
        let (one, two) = (added(&store, "eins").await, added(&store, "zwei").await);
        let today = date(2026, 11, 22);
        let of = mediakit::domain::visit::Counted::Link;
        store
            .add_visits(&[(of(one), today, 2), (of(one), date(2026, 10, 24), 5), (of(one), date(2026, 10, 23), 7)])
            .await
            .unwrap();
        store.add_visits(&[(of(one), today, 1), (of(99), today, 4)]).await.unwrap();
        let clicks = store.clicks(1, now).await.unwrap();
        assert_eq!(clicks[&one], Clicks { today: 3, month: 8, all: 15 });
        assert!(!clicks.contains_key(&two) && !clicks.contains_key(&99));
        assert!(store.delete_link(1, one, 0).await.unwrap());
        assert!(store.clicks(1, now).await.unwrap().is_empty());
    }
}
