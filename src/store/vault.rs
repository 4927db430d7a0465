//! The vault: each platform's credentials, sealed with a key that lies outside the database, and the lease that lets
//! one at a time change them. What is kept here is the truth; everything else that holds credentials is a copy. It
//! decides nothing about them and never gives an empty value in place of one that can't be opened.

use std::sync::Arc;

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::accounts;
use super::instant::instant;
use super::kept::{Opened, StoredLife, plain};
use super::keyring::{Keyring, PROBE, Successors, Tried, probe};
use super::pool::Pool;
use super::seal::VaultKey;
use super::second_factor::reseal_totp;
use super::settings::reseal_settings;
use super::sql::{Row, Sql, read, write};
use super::{Store, StoreError};
use crate::domain::credential::{Fingerprint, Grant, Kept, Phase};
use crate::domain::text::Text;

/// A row for each that is sealed.
const SEALED: &str = "select 1 from credentials union all select 1 from owners where totp is not null \
    union all select 1 from settings where sealed is not null";

/// Why the vault stays shut.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// What is sealed was sealed with another key. Nothing was changed.
    #[error("{}", Self::WRONG_KEY.en)]
    WrongKey,
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl VaultError {
    /// What to do about a wrong key.
    pub const WRONG_KEY: Text = Text::new(
        "Die Zugangsdaten in der Datenbank sind mit einem anderen Schlüssel versiegelt; nichts wurde verändert. Lege die \
         Schlüsseldatei secret.key, die zu dieser Datenbank gehört, in den Datenordner zurück (fehlte sie, nimm sie aus \
         deiner Sicherung), oder setze MEDIAKIT_SECRET_KEY auf den früheren Schlüssel.",
        "The credentials in the database are sealed with another key; nothing was changed. Put the key file secret.key \
         that belongs to this database back into the data folder (if it was missing, take it from your backup), or set \
         MEDIAKIT_SECRET_KEY to the former key.",
    );
}

/// The credentials in the database, and the key that opens them. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    pub(super) store: Store,
    keys: Keyring,
}

/// Everybody's credentials; one that can't be opened takes nothing from the others.
#[derive(Debug, Default)]
pub struct Listed {
    /// Those that can be used.
    pub kept: Vec<Kept>,
    /// Whose can't: the creator and the platform's id.
    pub unreadable: Vec<(i64, String)>,
}

/// The right to change a platform's credentials, until the lease ends.
#[derive(Clone, Debug)]
pub struct CredentialClaim {
    /// The credentials as they were when they were claimed.
    pub kept: Kept,
    /// Grows with every claim; what is saved under an older one is refused.
    pub fence: i64,
}

impl Store {
    /// Opens the vault. The first key it is opened with is its key from then on; any other is refused and changes
    /// nothing.
    pub async fn unlock(&self, key: VaultKey) -> Result<Vault, VaultError> {
        let probe = match probe(&self.pool).await? {
            Some(probe) => probe,
            None => self.first_probe(&key).await?,
        };
        let tried = Tried::new(key, &probe).ok_or(VaultError::WrongKey)?;
        Ok(Vault { store: self.clone(), keys: Keyring::new(tried) })
    }

    /// Whether anything is sealed.
    pub async fn has_sealed(&self) -> Result<bool, StoreError> {
        Ok(read(SEALED).first(&self.pool).await?.is_some())
    }

    /// Opens a vault that holds nothing with a new key, in place of one that is lost: nothing is lost with it.
    pub async fn unlock_empty(&self, key: VaultKey) -> Result<Vault, VaultError> {
        if let Some(probe) = probe(&self.pool).await?
            && key.open(PROBE, &probe).is_none()
        {
            let delete = write(format!("delete from vault where probe = $1 and not exists ({SEALED})"));
            delete.bind(probe.as_slice()).run(&self.pool).await?;
        }
        self.unlock(key).await
    }

    /// Writes the probe, unless another process was faster, and gives the one that is there.
    async fn first_probe(&self, key: &VaultKey) -> Result<Vec<u8>, StoreError> {
        let sealed = key.seal(PROBE, &[])?;
        let insert = write("insert into vault (id, probe) values (1, $1) on conflict (id) do nothing");
        insert.bind(sealed.as_slice()).run(&self.pool).await?;
        probe(&self.pool).await?.ok_or_else(|| StoreError::unexpected("the probe is missing"))
    }
}

/// What of a row is saved, `$3` to `$18`; see [`bound`].
const COLUMNS: &str = "generation, phase, sealed, life_since, life_expires_at, life_endless, \
    life_renewable_until, life_data_access_until, due_at, failures, failure_kind, failure_detail, failure_at, \
    failure_next_at, checked_at, tried";
const PLACES: &str = "$3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18";

impl Vault {
    /// The same vault, which looks here for the key that replaced its own, should that happen while it is open.
    #[must_use]
    pub fn followed_by(self, successors: Arc<Successors>) -> Self {
        Self { keys: self.keys.with(successors), ..self }
    }

    /// The database it is in.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Everybody's credentials.
    pub async fn list(&self) -> Result<Listed, StoreError> {
        self.listed(read("select * from credentials order by creator_id, platform")).await
    }

    /// The first creator's credentials.
    pub async fn list_first(&self) -> Result<Listed, StoreError> {
        self.listed(read(
            "select * from credentials where creator_id = (select id from creators order by id limit 1) \
             order by platform",
        ))
        .await
    }

    async fn listed(&self, rows: Sql) -> Result<Listed, StoreError> {
        let mut listed = Listed::default();
        for row in rows.all(&self.store.pool).await? {
            match self.kept(&row).await {
                Ok(kept) => listed.kept.push(kept),
                Err(_) => listed.unreadable.push((row.get("creator_id")?, row.get("platform")?)),
            }
        }
        Ok(listed)
    }

    /// A creator's credentials for a platform.
    pub async fn find(&self, creator_id: i64, platform: &str) -> Result<Option<Kept>, StoreError> {
        let row = read("select * from credentials where creator_id = $1 and platform = $2");
        let row = row.bind(creator_id).bind(platform).first(&self.store.pool).await?;
        match row {
            Some(row) => self.kept(&row).await.map(Some),
            None => Ok(None),
        }
    }

    /// The first creator's credentials for a platform.
    pub async fn find_first(&self, platform: &str) -> Result<Option<Kept>, StoreError> {
        let row = read(
            "select * from credentials where creator_id = (select id from creators order by id limit 1) \
             and platform = $1",
        );
        match row.bind(platform).first(&self.store.pool).await? {
            Some(row) => self.kept(&row).await.map(Some),
            None => Ok(None),
        }
    }

    /// What a row holds; when our key does not open it, by the key that replaced it.
    async fn kept(&self, row: &Row) -> Result<Kept, StoreError> {
        match kept(&self.keys.current(), row) {
            Err(StoreError::Sealed { .. }) => kept(&self.key().await?, row),
            opened => opened,
        }
    }

    /// Keeps the first credentials for a platform; `false`, with nothing changed, when there are some already.
    pub async fn insert(&self, kept: &Kept) -> Result<bool, StoreError> {
        loop {
            let used = self.keys.current();
            let insert = write(format!(
                "insert into credentials (creator_id, platform, {COLUMNS}) select $1, $2, {PLACES} \
                 where exists (select 1 from vault where probe = $19) on conflict (creator_id, platform) do nothing"
            ));
            let inserted = bound(insert, &used, kept)?.run(&self.store.pool).await? > 0;
            if inserted || !self.was_replaced(&used, &kept.platform).await? {
                return Ok(inserted);
            }
        }
    }

    /// Claims a platform's credentials until `until`, in one statement. `None` when another holder's lease still runs
    /// at `now`, or when there are none. A holder that claims again makes its own earlier claim void.
    pub async fn claim(
        &self,
        creator_id: i64,
        platform: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<CredentialClaim>, StoreError> {
        loop {
            let used = self.keys.current();
            let row = write(
                "update credentials set fence = fence + 1, lease_holder = $3, lease_until = $5 \
             where creator_id = $1 and platform = $2 \
             and (lease_until is null or lease_until <= $4 or lease_until > $7 or lease_holder = $3) \
             and exists (select 1 from vault where probe = $6) returning *",
            )
            .bind(creator_id)
            .bind(platform)
            .bind(holder)
            .bind(now.as_millisecond())
            .bind(until.as_millisecond())
            .bind(&*used.probe)
            .bind(super::impossible_after(until))
            .first(&self.store.pool)
            .await?;
            if let Some(row) = row {
                return Ok(Some(CredentialClaim { kept: kept(&used, &row)?, fence: row.get("fence")? }));
            }
            if !self.was_replaced(&used, platform).await? {
                return Ok(None);
            }
        }
    }

    /// Until when somebody holds a platform's credentials; `None` when nobody does.
    pub async fn held_until(&self, creator_id: i64, platform: &str) -> Result<Option<Timestamp>, StoreError> {
        let held = read("select lease_until from credentials where creator_id = $1 and platform = $2");
        accounts::held_until(held.bind(creator_id).bind(platform), &self.store).await
    }

    /// Saves credentials under a claim, in one durable statement; the claim stays and may save again. `Conflict`, with
    /// nothing written, when the claim is no longer ours or what is kept has a higher generation.
    pub async fn save(&self, claim: &CredentialClaim, kept: &Kept) -> Result<(), StoreError> {
        self.save_and(claim, kept, "").await
    }

    /// Saves credentials as [`Vault::save`] does and gives the claim back, in one durable statement.
    pub async fn save_last(&self, claim: &CredentialClaim, kept: &Kept) -> Result<(), StoreError> {
        self.save_and(claim, kept, ", lease_holder = null, lease_until = null").await
    }

    async fn save_and(&self, claim: &CredentialClaim, kept: &Kept, besides: &str) -> Result<(), StoreError> {
        if (claim.kept.creator_id, &claim.kept.platform) != (kept.creator_id, &kept.platform) {
            return Err(StoreError::Conflict);
        }
        loop {
            let used = self.keys.current();
            let update = write(format!(
                "update credentials set ({COLUMNS}) = ({PLACES}){besides} where creator_id = $1 and platform = $2 \
                 and fence = $20 and lease_until is not null and generation <= $3 \
                 and exists (select 1 from vault where probe = $19)"
            ));
            if bound(update, &used, kept)?.bind(claim.fence).run(&self.store.pool).await? > 0 {
                return Ok(());
            }
            if self.key().await?.probe == used.probe {
                return Err(StoreError::Conflict);
            }
        }
    }

    /// Gives a claim back with nothing saved. A claim that is no longer ours is left alone.
    pub async fn release(&self, claim: &CredentialClaim) -> Result<(), StoreError> {
        write(
            "update credentials set lease_holder = null, lease_until = null \
             where creator_id = $1 and platform = $2 and fence = $3",
        )
        .bind(claim.kept.creator_id)
        .bind(claim.kept.platform.as_str())
        .bind(claim.fence)
        .run(&self.store.pool)
        .await
        .map(drop)
    }

    /// Seals everything with another key, in one transaction; whoever still has the former key can then neither read
    /// nor write. `Conflict`, with nothing changed, while a lease runs at `now`, because its holder may be waiting for
    /// an answer that only its key could save, and when the key was replaced already.
    pub async fn rekey(&self, new: VaultKey, now: Timestamp) -> Result<Self, StoreError> {
        let used = self.keys.current();
        let mut tx = self.store.pool.begin_alone().await?;
        tx.keep_writers_out(["vault", "credentials", "owners", "settings"].into_iter()).await?;
        let leased = read("select 1 from credentials where lease_until > $1").bind(now.as_millisecond());
        if probe(&mut tx).await?.as_deref() != Some(&*used.probe) || leased.first(&mut tx).await?.is_some() {
            return Err(StoreError::Conflict);
        }
        for row in read("select creator_id, platform, sealed from credentials").all(&mut tx).await? {
            let (creator_id, platform): (i64, String) = (row.get("creator_id")?, row.get("platform")?);
            let sealed = new.seal(&place_of(creator_id, &platform), &opened(&used, &row)?)?;
            write("update credentials set sealed = $3 where creator_id = $1 and platform = $2")
                .bind(creator_id)
                .bind(platform)
                .bind(sealed.as_slice())
                .run(&mut tx)
                .await?;
        }
        reseal_totp(&mut tx, &used, &new).await?;
        reseal_settings(&mut tx, &used, &new).await?;
        let probe = new.seal(PROBE, &[])?;
        write("update vault set probe = $1").bind(probe.as_slice()).run(&mut tx).await?;
        let tried = Tried::new(new, &probe).ok_or_else(|| StoreError::unexpected("the new probe does not open"))?;
        tx.commit().await?;
        self.keys.replace(tried);
        Ok(self.clone())
    }

    /// The key to go by now.
    pub(super) async fn key(&self) -> Result<Tried, StoreError> {
        self.keys.newest(&self.store.pool).await
    }

    /// Whether our key is that of another database; one without a key was never sealed.
    pub(super) async fn opens(&self, other: &Pool) -> Result<bool, StoreError> {
        Ok(probe(other).await?.is_none_or(|probe| self.keys.current().key.open(PROBE, &probe).is_some()))
    }

    /// Whether nothing was found because the key was replaced by one that we know and go by from now on. Refuses to take
    /// silence for an answer when it was replaced by another one.
    async fn was_replaced(&self, used: &Tried, platform: &str) -> Result<bool, StoreError> {
        if self.key().await?.probe != used.probe {
            return Ok(true);
        }
        let current = probe(&self.store.pool).await?.as_deref() == Some(&*used.probe);
        if current { Ok(false) } else { Err(StoreError::Sealed { platform: platform.to_owned() }) }
    }
}

/// Binds `$1` to `$19`: whose they are, the [`COLUMNS`], the probe.
fn bound(sql: Sql, used: &Tried, kept: &Kept) -> Result<Sql, StoreError> {
    let failure = kept.failure.as_ref();
    let sealed = used.key.seal(&place_of(kept.creator_id, &kept.platform), &plain(kept)?)?;
    let sql = sql.bind(kept.creator_id).bind(kept.platform.as_str()).bind(kept.generation).bind(kept.phase.name());
    let life = StoredLife::from(&kept.life);
    Ok(sql
        .bind(sealed.as_slice())
        .bind(life.since)
        .bind(life.expires_at)
        .bind(life.endless)
        .bind(life.renewable_until)
        .bind(life.data_access_until)
        .bind(kept.due_at.map(Timestamp::as_millisecond))
        .bind(i64::from(kept.failures))
        .bind(failure.map(|failure| failure.kind.name()))
        .bind(failure.and_then(|failure| failure.detail.as_deref()))
        .bind(failure.map(|failure| failure.at.as_millisecond()))
        .bind(failure.and_then(|failure| failure.next_attempt_at).map(Timestamp::as_millisecond))
        .bind(kept.checked_at.map(Timestamp::as_millisecond))
        .bind(kept.tried.map(|print| print.to_string()).as_deref())
        .bind(&*used.probe))
}

fn opened(used: &Tried, row: &Row) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let (platform, sealed): (String, Vec<u8>) = (row.get("platform")?, row.get("sealed")?);
    let opened = used.key.open(&place_of(row.get("creator_id")?, &platform), &sealed);
    opened.ok_or(StoreError::Sealed { platform })
}

fn kept(used: &Tried, row: &Row) -> Result<Kept, StoreError> {
    let platform: String = row.get("platform")?;
    // What serde says about a text it can't read may quote it.
    let unreadable = |_| StoreError::Sealed { platform: platform.clone() };
    let opened = opened(used, row)?;
    let values: Opened<'_> = serde_json::from_slice(&opened).map_err(unreadable)?;
    let pending = values.pending.map(|grant| {
        let (values, life) = (grant.values.into_iter().collect(), grant.life.read()?);
        Ok::<_, StoreError>(Grant { values, life, scopes: grant.scopes })
    });
    let phase: String = row.get("phase")?;
    let failures: i64 = row.get("failures")?;
    let at = |column: &str| row.get::<Option<i64>>(column)?.map(instant).transpose();
    Ok(Kept {
        creator_id: row.get("creator_id")?,
        generation: row.get("generation")?,
        phase: Phase::from_name(&phase).ok_or_else(|| StoreError::corrupt("a phase that does not exist"))?,
        active: values.active.into_iter().collect(),
        fallback: values.fallback.map(|values| values.into_iter().collect()),
        pending: pending.transpose()?,
        life: StoredLife::of(row)?.read()?,
        due_at: at("due_at")?,
        failures: u32::try_from(failures).unwrap_or(u32::MAX),
        failure: accounts::failure(row)?,
        checked_at: at("checked_at")?,
        tried: row.get::<Option<String>>("tried")?.as_deref().and_then(Fingerprint::parse),
        former: values.former.into_iter().filter_map(Fingerprint::parse).collect(),
        scopes: values.scopes,
        platform,
    })
}

/// Where a row is sealed for: moved to another creator or platform it can't be opened.
fn place_of(creator_id: i64, platform: &str) -> Vec<u8> {
    [&creator_id.to_be_bytes(), platform.as_bytes()].concat()
}
