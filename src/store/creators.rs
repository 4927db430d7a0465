//! The creator and the settings of their page.

use super::accounts;
use super::pool::Tx;
use super::sql::{Row, Sql, read, write};
use super::{Store, StoreError};
use crate::domain::account::Account;
use crate::domain::profile::Creator;
use crate::domain::share::Access;
use crate::domain::text::Lang;

/// What becomes of handles, by platform: `Some` is the new one, `None` takes it away.
pub type HandleChanges = Vec<(&'static str, Option<String>)>;

impl Store {
    /// The first creator; there always is one.
    pub async fn creator(&self) -> Result<Creator, StoreError> {
        creator(&first().one(&self.pool).await?)
    }

    /// Saves everything about a creator.
    pub async fn update_creator(&self, creator: &Creator) -> Result<(), StoreError> {
        let changed = update(creator)?.run(&self.pool).await?;
        if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Changes the first creator and their handles, all of it or nothing, and gives both as they are then. `change`
    /// sees the creator as they are and nobody else writes before it is saved: changes at the same time all stay.
    pub async fn change_profile<E: From<StoreError>>(
        &self,
        change: impl FnOnce(&mut Creator) -> Result<HandleChanges, E> + Send,
    ) -> Result<(Creator, Vec<Account>), E> {
        let mut tx = self.pool.begin().await?;
        let first = first().one(&mut tx).await?.get("id").map_err(E::from)?;
        let mut creator = lock(&mut tx, first).await?;
        for (platform, handle) in change(&mut creator)? {
            match handle {
                Some(handle) => accounts::set(&mut tx, creator.id, platform, &handle).await.map(drop)?,
                None => accounts::remove(&mut tx, creator.id, platform).await.map(drop)?,
            }
        }
        update(&creator)?.run(&mut tx).await?;
        creator.version += 1;
        let accounts = accounts::list(&mut tx, creator.id).await?;
        tx.commit().await?;
        Ok((creator, accounts))
    }
}

/// The creator as they are; nobody else changes them or their handles before the transaction ends.
pub(super) async fn lock(tx: &mut Tx, creator_id: i64) -> Result<Creator, StoreError> {
    let row = write("update creators set name = name where id = $1 returning *").bind(creator_id).one(tx).await?;
    creator(&row)
}

fn update(creator: &Creator) -> Result<Sql, StoreError> {
    let published = serde_json::to_string(&creator.published).map_err(|e| StoreError::Unexpected(Box::new(e)))?;
    let update = write(
        "update creators set name = $2, bio = $3, location = $4, avatar_url = $5, contact = $6, theme = $7, \
         threshold = $8, published = $9, lang = $10, accent = $11, font = $12, layout = $13, least_share = $14, \
         hides_small = $15, platform_order = $16, access = $17, version = version + 1 \
         where id = $1",
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
    .bind(creator.lang.map(Lang::tag))
    .bind(creator.accent.as_deref())
    .bind(creator.font.as_str())
    .bind(creator.layout.as_str())
    .bind(creator.least_share)
    .bind(creator.hides_small)
    .bind(creator.platform_order.join(","))
    .bind(creator.access.name());
    Ok(update)
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
        lang: row.get::<Option<String>>("lang")?.as_deref().and_then(Lang::from_tag),
        accent: row.get("accent")?,
        font: row.get("font")?,
        layout: row.get("layout")?,
        least_share: row.get("least_share")?,
        hides_small: row.get("hides_small")?,
        platform_order: listed(&row.get::<String>("platform_order")?),
        access: Access::from_name(&row.get::<String>("access")?)
            .ok_or_else(|| StoreError::corrupt("an unknown access mode"))?,
        version: row.get("version")?,
    })
}

fn listed(names: &str) -> Vec<String> {
    names.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
