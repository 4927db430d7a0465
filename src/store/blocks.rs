//! The blocks of the media kit, in the creator's order. A body is replaced only by somebody who saw the one before.

use super::creators;
use super::pool::{Target, Tx};
use super::sql::{Row, read, write};
use super::{Store, StoreError};
use crate::domain::block::{Block, Body, Kind, MOST_BLOCKS};

/// What became of a change to a block.
#[derive(Clone, Debug, PartialEq)]
pub enum Saved {
    /// It is as asked.
    Done,
    /// Somebody changed it meanwhile; nothing was written, and this is how it is now.
    Changed(Block),
    /// Somebody deleted it meanwhile.
    Gone,
}

impl Store {
    /// A creator's blocks in their order, the hidden ones too.
    pub async fn blocks(&self, creator_id: i64) -> Result<Vec<Block>, StoreError> {
        list(&self.pool, creator_id).await
    }

    /// Adds a block at the end and gives its id. `Conflict` when there may be no other one: of its kind, or at all.
    pub async fn insert_block(&self, creator_id: i64, body: &Body) -> Result<i64, StoreError> {
        let mut tx = self.pool.begin().await?;
        creators::lock(&mut tx, creator_id).await?;
        let known = list(&mut tx, creator_id).await?;
        let taken = !body.kind().many() && known.iter().any(|block| block.body.kind() == body.kind());
        if taken || known.len() >= MOST_BLOCKS {
            return Err(StoreError::Conflict);
        }
        let row = write(
            "insert into blocks (creator_id, kind, place, body) \
             select $1, $2, coalesce(max(place), 0) + 1, $3 from blocks where creator_id = $1 returning id",
        )
        .bind(creator_id)
        .bind(body.kind().name())
        .bind(body.to_json().to_string())
        .one(&mut tx)
        .await?;
        tx.commit().await?;
        row.get("id")
    }

    /// Replaces the body of a block that is still as `version` was.
    pub async fn update_block(&self, creator_id: i64, id: i64, version: i64, body: &Body) -> Result<Saved, StoreError> {
        let mut tx = self.pool.begin().await?;
        let update = write(
            "update blocks set body = $4, version = version + 1 \
             where creator_id = $1 and id = $2 and version = $3 and kind = $5",
        );
        let update = update.bind(creator_id).bind(id).bind(version).bind(body.to_json().to_string());
        let done = update.bind(body.kind().name()).changes(&mut tx).await?;
        settled(tx, done, creator_id, id).await
    }

    /// Deletes a block that is still as `version` was.
    pub async fn delete_block(&self, creator_id: i64, id: i64, version: i64) -> Result<Saved, StoreError> {
        let mut tx = self.pool.begin().await?;
        let delete = write("delete from blocks where creator_id = $1 and id = $2 and version = $3");
        let done = delete.bind(creator_id).bind(id).bind(version).changes(&mut tx).await?;
        settled(tx, done, creator_id, id).await
    }

    /// Hides a block from visitors or shows it again, and says whether there is one.
    pub async fn hide_block(&self, creator_id: i64, id: i64, hidden: bool) -> Result<bool, StoreError> {
        let update = write("update blocks set hidden = $3 where creator_id = $1 and id = $2");
        Ok(update.bind(creator_id).bind(id).bind(hidden).run(&self.pool).await? > 0)
    }

    /// Moves a block to a place among the others, counted from 0, and says whether there is one; the others close up.
    pub async fn move_block(&self, creator_id: i64, id: i64, to: usize) -> Result<bool, StoreError> {
        let mut tx = self.pool.begin().await?;
        creators::lock(&mut tx, creator_id).await?;
        let mut order = Vec::new();
        for row in read(IN_ORDER).bind(creator_id).all(&mut tx).await? {
            order.push(row.get::<i64>("id")?);
        }
        let Some(from) = order.iter().position(|other| *other == id) else { return Ok(false) };
        let moved = order.remove(from);
        order.insert(to.min(order.len()), moved);
        for (place, id) in (1_i64..).zip(order) {
            write("update blocks set place = $2 where id = $1").bind(id).bind(place).run(&mut tx).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}

/// Ends a change that was made only if nobody else had made one.
async fn settled(mut tx: Tx, done: bool, creator_id: i64, id: i64) -> Result<Saved, StoreError> {
    if done {
        tx.commit().await?;
        return Ok(Saved::Done);
    }
    let now = list(&mut tx, creator_id).await?.into_iter().find(|block| block.id == id);
    Ok(now.map_or(Saved::Gone, Saved::Changed))
}

/// A creator's blocks in their order.
pub(super) const IN_ORDER: &str = "select * from blocks where creator_id = $1 order by place, id";

/// A creator's blocks; one that cannot be read is left out and logged, and the others stay.
pub(super) async fn list(on: impl Into<Target<'_>>, creator_id: i64) -> Result<Vec<Block>, StoreError> {
    let mut blocks = Vec::new();
    for row in read(IN_ORDER).bind(creator_id).all(on).await? {
        blocks.extend(block(&row)?);
    }
    Ok(blocks)
}

fn block(row: &Row) -> Result<Option<Block>, StoreError> {
    let (id, kind, body): (i64, String, String) = (row.get("id")?, row.get("kind")?, row.get("body")?);
    let body = Kind::named(&kind).and_then(|kind| kind.body(serde_json::from_str(&body).ok()?).ok());
    let Some(body) = body else {
        tracing::debug!(id, kind, "a block cannot be read and is left out");
        return Ok(None);
    };
    Ok(Some(Block { id, hidden: row.get("hidden")?, version: row.get("version")?, body }))
}
