//! The second factor: the secret that an owner's app makes codes of, sealed, and the hashes of the recovery codes.

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::pool::Tx;
use super::seal::VaultKey;
use super::sql::{Row, read, write};
use super::vault::Vault;
use super::{Store, StoreError};

/// A recovery code's hash.
type Hash = [u8; 32];

/// Where an owner's secret is sealed for; no platform's id has a slash.
fn place_of(owner_id: i64) -> Vec<u8> {
    [&owner_id.to_be_bytes(), b"/totp".as_slice()].concat()
}

impl Vault {
    /// Asks an owner for codes of `secret` from now on, the one of `step` being used up. `Conflict` when codes are asked
    /// for already, or when the vault's key was replaced.
    pub async fn enable_totp(
        &self,
        owner_id: i64,
        secret: &[u8],
        step: i64,
        recovery: &[Hash],
    ) -> Result<(), StoreError> {
        let sealed = self.key.seal(&place_of(owner_id), secret)?;
        let mut tx = self.store.pool.begin().await?;
        let update = write(
            "update owners set totp = $2, totp_step = $3 where id = $1 and totp is null \
             and exists (select 1 from vault where probe = $4)",
        );
        let update = update.bind(owner_id).bind(sealed.as_slice()).bind(step).bind(&*self.probe);
        if !update.changes(&mut tx).await? {
            return Err(StoreError::Conflict);
        }
        replace_codes(&mut tx, owner_id, recovery).await?;
        tx.commit().await
    }

    /// The secret of an owner's codes.
    pub async fn totp(&self, owner_id: i64) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let row = read("select id, totp from owners where id = $1 and totp is not null").bind(owner_id);
        let row = row.first(&self.store.pool).await?;
        row.map(|row| opened(&self.key, &row)).transpose()
    }

    /// Seals every owner's secret with another key.
    pub(super) async fn reseal_totp(&self, tx: &mut Tx, new: &VaultKey) -> Result<(), StoreError> {
        for row in read("select id, totp from owners where totp is not null").all(&mut *tx).await? {
            let owner_id: i64 = row.get("id")?;
            let sealed = new.seal(&place_of(owner_id), &opened(&self.key, &row)?)?;
            let update = write("update owners set totp = $2 where id = $1").bind(owner_id);
            update.bind(sealed.as_slice()).run(&mut *tx).await?;
        }
        Ok(())
    }
}

impl Store {
    /// Uses up a code by its step and says whether it was still good: each is, once, and none before it any more.
    pub async fn use_totp_step(&self, owner_id: i64, step: i64) -> Result<bool, StoreError> {
        let update = write(
            "update owners set totp_step = $2 where id = $1 and totp is not null \
             and (totp_step is null or totp_step < $2)",
        );
        Ok(update.bind(owner_id).bind(step).run(&self.pool).await? > 0)
    }

    /// Asks an owner for no codes any more, and forgets their recovery codes.
    pub async fn disable_totp(&self, owner_id: i64) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        write("update owners set totp = null, totp_step = null where id = $1").bind(owner_id).run(&mut tx).await?;
        replace_codes(&mut tx, owner_id, &[]).await?;
        tx.commit().await
    }

    /// Takes everything from an owner that they sign in with beside the password.
    pub async fn password_only(&self, owner_id: i64) -> Result<(), StoreError> {
        self.disable_totp(owner_id).await?;
        write("delete from passkeys where owner_id = $1").bind(owner_id).run(&self.pool).await.map(drop)
    }

    /// Replaces an owner's recovery codes.
    pub async fn replace_recovery_codes(&self, owner_id: i64, hashes: &[Hash]) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        replace_codes(&mut tx, owner_id, hashes).await?;
        tx.commit().await
    }

    /// Uses up a recovery code and says whether it was good.
    pub async fn use_recovery_code(&self, owner_id: i64, hash: &Hash, now: Timestamp) -> Result<bool, StoreError> {
        let update = write(
            "update recovery_codes set used_at = $3 where owner_id = $1 and hash = $2 and used_at is null \
             and exists (select 1 from owners where id = $1 and totp is not null)",
        );
        let update = update.bind(owner_id).bind(hash.as_slice()).bind(now.as_millisecond());
        Ok(update.run(&self.pool).await? > 0)
    }

    /// How many recovery codes an owner has left.
    pub async fn recovery_codes_left(&self, owner_id: i64) -> Result<i64, StoreError> {
        let row = read("select count(*) as n from recovery_codes where owner_id = $1 and used_at is null");
        row.bind(owner_id).one(&self.pool).await?.get("n")
    }
}

async fn replace_codes(tx: &mut Tx, owner_id: i64, hashes: &[Hash]) -> Result<(), StoreError> {
    write("delete from recovery_codes where owner_id = $1").bind(owner_id).run(&mut *tx).await?;
    for hash in hashes {
        let insert = write("insert into recovery_codes (owner_id, hash) values ($1, $2)").bind(owner_id);
        insert.bind(hash.as_slice()).run(&mut *tx).await?;
    }
    Ok(())
}

fn opened(key: &VaultKey, row: &Row) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let (owner_id, sealed): (i64, Vec<u8>) = (row.get("id")?, row.get("totp")?);
    key.open(&place_of(owner_id), &sealed)
        .ok_or_else(|| StoreError::Sealed { platform: "the second factor".to_owned() })
}
