//! Pictures: one a creator, made ours before it came here.

use jiff::Timestamp;

use super::instant::instant;
use super::pool::Tx;
use super::sql::{read, write};
use super::{Store, StoreError};
use crate::domain::picture::Picture;

/// The source of a picture that the creator uploaded.
pub const UPLOADED: &str = "uploaded";

/// Where a stored picture came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureOrigin {
    /// Its address without the query, for signed parts change with every fetch; or [`UPLOADED`].
    pub source: String,
    /// When it was fetched.
    pub fetched_at: Timestamp,
}

impl Store {
    /// Where the creator's picture came from, if there is one.
    pub async fn picture_origin(&self, creator_id: i64) -> Result<Option<PictureOrigin>, StoreError> {
        let row = read("select source, fetched_at from pictures where creator_id = $1").bind(creator_id);
        let Some(row) = row.first(&self.pool).await? else { return Ok(None) };
        Ok(Some(PictureOrigin { source: row.get("source")?, fetched_at: instant(row.get("fetched_at")?)? }))
    }

    /// Takes a creator's picture away; the next refresh may bring one of a platform.
    pub async fn delete_picture(&self, creator_id: i64) -> Result<(), StoreError> {
        write("delete from pictures where creator_id = $1").bind(creator_id).run(&self.pool).await.map(drop)
    }

    /// Keeps a creator's picture in place of the one before.
    pub async fn save_picture(
        &self,
        creator_id: i64,
        origin: &PictureOrigin,
        picture: &Picture,
    ) -> Result<(), StoreError> {
        write(
            "insert into pictures (creator_id, source, jpeg, fetched_at) values ($1, $2, $3, $4) on conflict (creator_id) \
             do update set source = excluded.source, jpeg = excluded.jpeg, fetched_at = excluded.fetched_at",
        )
        .bind(creator_id)
        .bind(origin.source.as_str())
        .bind(picture.jpeg.as_slice())
        .bind(origin.fetched_at.as_millisecond())
        .run(&self.pool)
        .await
        .map(drop)
    }
}

/// The creator's picture, as the kit needs it.
pub(super) async fn picture(tx: &mut Tx, creator_id: i64) -> Result<Option<Picture>, StoreError> {
    let row = read("select jpeg from pictures where creator_id = $1").bind(creator_id).first(tx).await?;
    row.map(|row| Ok(Picture::from_stored(row.get("jpeg")?))).transpose()
}
