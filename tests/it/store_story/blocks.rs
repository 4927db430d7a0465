//! The blocks of the media kit: their order, and that nobody's change is lost.

use mediakit::domain::block::body::Words;
use mediakit::domain::block::{Body, Kind, MOST_BLOCKS};
use mediakit::store::{Saved, Store, StoreError};

use crate::databases;

fn text(words: &str) -> Body {
    Body::Text(Words { heading: None, text: words.to_owned() })
}

async fn kinds(store: &Store) -> Vec<&'static str> {
    store.blocks(1).await.unwrap().iter().map(|block| block.body.kind().name()).collect()
}

#[tokio::test]
async fn a_kit_begins_with_blocks_and_they_are_moved_hidden_and_kept_in_backups() {
    for database in databases::each().await {
        let store = database.open().await;
        assert_eq!(kinds(&store).await, ["hero", "stats", "platforms", "audience", "partners", "rates"]);
        let added = store.insert_block(1, &text("Hallo")).await.unwrap();
        assert!(store.move_block(1, added, 1).await.unwrap());
        assert_eq!(kinds(&store).await[..3], ["hero", "text", "stats"]);
        assert!(store.move_block(1, added, 99).await.unwrap());
        assert_eq!(kinds(&store).await.last(), Some(&"text"));
        assert!(store.hide_block(1, added, true).await.unwrap());
        assert!(!store.move_block(1, 9999, 0).await.unwrap() && !store.hide_block(1, 9999, true).await.unwrap());
        assert!(!store.hide_block(2, added, false).await.unwrap(), "another creator's block");
        let before = store.blocks(1).await.unwrap();
        assert!(before.last().unwrap().hidden);
        assert_eq!(store.kit().await.unwrap().0.blocks, before);

        let backup = database.folder.path().join("blocks.db");
        store.backup(&backup).await.unwrap();
        for block in &before {
            assert_eq!(store.delete_block(1, block.id, block.version).await.unwrap(), Saved::Done);
        }
        assert!(store.blocks(1).await.unwrap().is_empty(), "an empty kit stays empty");
        store.restore(&backup).await.unwrap();
        assert_eq!(store.blocks(1).await.unwrap(), before);
    }
}

#[tokio::test]
async fn a_body_is_replaced_only_by_somebody_who_saw_the_one_before() {
    for database in databases::each().await {
        let store = database.open().await;
        let id = store.insert_block(1, &text("eins")).await.unwrap();
        assert_eq!(store.update_block(1, id, 0, &text("zwei")).await.unwrap(), Saved::Done);
        for late in [
            store.update_block(1, id, 0, &text("drei")).await.unwrap(),
            store.delete_block(1, id, 0).await.unwrap(),
            store.update_block(1, id, 1, &Body::Rates(Default::default())).await.unwrap(),
        ] {
            let Saved::Changed(now) = late else { panic!("{late:?}") };
            assert_eq!((now.version, now.body), (1, text("zwei")));
        }
        assert_eq!(store.delete_block(1, id, 1).await.unwrap(), Saved::Done);
        assert_eq!(store.update_block(1, id, 1, &text("vier")).await.unwrap(), Saved::Gone);
        assert_eq!(store.delete_block(1, id, 1).await.unwrap(), Saved::Gone);
    }
}

#[tokio::test]
async fn of_some_kinds_there_is_one_and_of_all_a_limited_number() {
    for database in databases::each().await {
        let store = database.open().await;
        let hero = Kind::Hero.body(serde_json::json!({})).unwrap();
        assert!(matches!(store.insert_block(1, &hero).await, Err(StoreError::Conflict)));
        for _ in 6..MOST_BLOCKS {
            store.insert_block(1, &text("mehr")).await.unwrap();
        }
        assert!(matches!(store.insert_block(1, &text("zu viel")).await, Err(StoreError::Conflict)));
    }
}

#[tokio::test]
async fn a_block_that_cannot_be_read_leaves_the_others_standing() {
    for database in databases::each().await {
        let store = database.open().await;
        database.run("update blocks set body = '{\"items\": 5}' where kind = 'partners'").await.unwrap();
        database.run("update blocks set kind = 'hologram' where kind = 'rates'").await.unwrap();
        assert_eq!(kinds(&store).await, ["hero", "stats", "platforms", "audience"]);
        assert!(store.kit().await.is_ok());
    }
}
