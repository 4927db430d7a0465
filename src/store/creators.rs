//! The creator and the settings of their page.

use super::sql::{Row, Sql, read, write};
use super::{Store, StoreError};
use crate::domain::profile::Creator;

impl Store {
    /// The first creator; there always is one.
    pub async fn creator(&self) -> Result<Creator, StoreError> {
        creator(&first().one(&self.pool).await?)
    }

    /// Saves everything about a creator.
    pub async fn update_creator(&self, creator: &Creator) -> Result<(), StoreError> {
        let published = serde_json::to_string(&creator.published).map_err(|e| StoreError::Unexpected(Box::new(e)))?;
        let changed = write(
            "update creators set name = $2, bio = $3, location = $4, avatar_url = $5, contact = $6, theme = $7, \
             threshold = $8, published = $9 where id = $1",
        )
        .bind(creator.id)
        .bind(creator.name.as_str())
        .bind(creator.bio.as_deref())
        .bind(creator.location.as_deref())
        .bind(creator.avatar_url.as_deref())
        .bind(creator.contact.as_deref())
        .bind(creator.theme.as_str())
        .bind(creator.threshold)
        .bind(published)
        .run(&self.pool)
        .await?;
        if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }
}

pub(super) fn first() -> Sql {
    read("select * from creators order by id limit 1")
}

pub(super) fn creator(row: &Row) -> Result<Creator, StoreError> {
    let published: String = row.get("published")?;
    Ok(Creator {
        id: row.get("id")?,
        name: row.get("name")?,
        bio: row.get("bio")?,
        location: row.get("location")?,
        avatar_url: row.get("avatar_url")?,
        contact: row.get("contact")?,
        theme: row.get("theme")?,
        threshold: row.get("threshold")?,
        published: serde_json::from_str(&published).map_err(|error| StoreError::Corrupt(Box::new(error)))?,
    })
}
