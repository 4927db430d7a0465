//! Owners: who may sign in. Their passwords are kept as Argon2id hashes, the secret of their second factor sealed.

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use super::sql::{Row, read, write};
use super::{Store, StoreError};
use crate::domain::owner::Owner;
use crate::domain::text::Lang;

impl Store {
    /// Whether anybody may sign in.
    pub async fn has_owner(&self) -> Result<bool, StoreError> {
        Ok(read("select id from owners limit 1").first(&self.pool).await?.is_some())
    }

    /// Everybody who may sign in, oldest first.
    pub async fn owners(&self) -> Result<Vec<Owner>, StoreError> {
        read("select * from owners order by id").all(&self.pool).await?.iter().map(owner).collect()
    }

    /// Adds an owner. `Conflict` when the name is taken, or when `first` and there is one already.
    pub async fn insert_owner(
        &self,
        creator_id: i64,
        name: &str,
        password: &SecretString,
        first: bool,
        now: Timestamp,
    ) -> Result<Owner, StoreError> {
        write(
            "insert into owners (creator_id, name, password, created_at) select $1, $2, $3, $4 \
             where not ($5 and exists (select 1 from owners)) returning *",
        )
        .bind(creator_id)
        .bind(name)
        .bind(password.expose_secret())
        .bind(now.as_millisecond())
        .bind(first)
        .first(&self.pool)
        .await?
        .as_ref()
        .map_or(Err(StoreError::Conflict), owner)
    }

    /// An owner with the hash of their password.
    pub async fn find_owner(&self, name: &str) -> Result<Option<(Owner, SecretString)>, StoreError> {
        let row = read("select * from owners where name = $1").bind(name).first(&self.pool).await?;
        row.map(|row| Ok((owner(&row)?, SecretString::from(row.get::<String>("password")?)))).transpose()
    }

    /// Replaces the hash of a password and signs the owner out everywhere but in the session `keep`.
    pub async fn update_password(
        &self,
        owner_id: i64,
        password: &SecretString,
        keep: Option<&[u8; 32]>,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        let update = write("update owners set password = $2 where id = $1").bind(owner_id);
        if update.bind(password.expose_secret()).run(&mut tx).await? == 0 {
            return Err(StoreError::Conflict);
        }
        let keep = keep.map_or(&[][..], |hash| &hash[..]);
        write("delete from sessions where owner_id = $1 and hash <> $2").bind(owner_id).bind(keep).run(&mut tx).await?;
        tx.commit().await
    }

    /// Keeps the language an owner chose for the panel.
    pub async fn update_owner_lang(&self, owner_id: i64, lang: Lang) -> Result<(), StoreError> {
        let update = write("update owners set lang = $2 where id = $1").bind(owner_id).bind(lang.tag());
        update.run(&self.pool).await.map(drop)
    }
}

pub(super) fn owner(row: &Row) -> Result<Owner, StoreError> {
    Ok(Owner {
        id: row.get("id")?,
        creator_id: row.get("creator_id")?,
        name: row.get("name")?,
        lang: row.get::<Option<String>>("lang")?.as_deref().and_then(Lang::from_tag),
        has_totp: row.get::<Option<Vec<u8>>>("totp")?.is_some(),
    })
}
