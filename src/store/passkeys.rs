//! Passkeys: the public halves of the keys owners sign in with.

use jiff::Timestamp;

use super::instant::instant;
use super::owners;
use super::sql::{Row, read, write};
use super::{Store, StoreError};
use crate::domain::owner::Owner;
use crate::domain::passkey::Passkey;

pub(super) const BY_ID: &str = "select p.id as key_id, p.owner_id, p.name as key_name, p.public_key, p.uses, \
     p.created_at as added_at, p.used_at, o.* from passkeys p join owners o on o.id = p.owner_id where p.id = $1";

impl Store {
    /// Keeps a new passkey; `Conflict` when its id is known already.
    pub async fn insert_passkey(&self, passkey: &Passkey) -> Result<(), StoreError> {
        let inserted = write(
            "insert into passkeys (id, owner_id, name, public_key, uses, created_at) values ($1, $2, $3, $4, $5, $6) \
             on conflict (id) do nothing",
        )
        .bind(passkey.id.as_slice())
        .bind(passkey.owner_id)
        .bind(passkey.name.as_str())
        .bind(passkey.public_key.as_slice())
        .bind(i64::from(passkey.uses))
        .bind(passkey.created_at.as_millisecond())
        .run(&self.pool)
        .await?;
        if inserted > 0 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// An owner's passkeys, oldest first.
    pub async fn passkeys(&self, owner_id: i64) -> Result<Vec<Passkey>, StoreError> {
        let sql = BY_ID.replace("p.id = $1", "p.owner_id = $1 order by p.created_at, p.id");
        read(sql).bind(owner_id).all(&self.pool).await?.iter().map(passkey).collect()
    }

    /// Whether anybody has a passkey.
    pub async fn has_passkey(&self) -> Result<bool, StoreError> {
        Ok(read("select 1 from passkeys limit 1").first(&self.pool).await?.is_some())
    }

    /// A passkey with its owner.
    pub async fn find_passkey(&self, id: &[u8]) -> Result<Option<(Passkey, Owner)>, StoreError> {
        let row = read(BY_ID).bind(id).first(&self.pool).await?;
        row.map(|row| Ok((passkey(&row)?, owners::owner(&row)?))).transpose()
    }

    /// Notes a use and says whether its count was possible: one that does not grow is of a copy of the device, unless
    /// the device never counts.
    pub async fn use_passkey(&self, id: &[u8], uses: u32, now: Timestamp) -> Result<bool, StoreError> {
        let update =
            write("update passkeys set uses = $2, used_at = $3 where id = $1 and (uses < $2 or (uses = 0 and $2 = 0))");
        let update = update.bind(id).bind(i64::from(uses)).bind(now.as_millisecond());
        Ok(update.run(&self.pool).await? > 0)
    }

    /// Forgets a passkey of an owner and gives its name.
    pub async fn delete_passkey(&self, owner_id: i64, id: &[u8]) -> Result<Option<String>, StoreError> {
        let delete = write("delete from passkeys where owner_id = $1 and id = $2 returning name");
        let row = delete.bind(owner_id).bind(id).first(&self.pool).await?;
        row.map(|row| row.get("name")).transpose()
    }
}

fn passkey(row: &Row) -> Result<Passkey, StoreError> {
    let uses: i64 = row.get("uses")?;
    Ok(Passkey {
        id: row.get("key_id")?,
        owner_id: row.get("owner_id")?,
        name: row.get("key_name")?,
        public_key: row.get("public_key")?,
        uses: u32::try_from(uses).map_err(|_| StoreError::corrupt("a passkey's count of uses is out of range"))?,
        created_at: instant(row.get("added_at")?)?,
        used_at: row.get::<Option<i64>>("used_at")?.map(instant).transpose()?,
    })
}
