//! Settings chosen in the panel, by name. A secret among them is sealed for its creator and name.

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use super::keyring::Tried;
use super::pool::{Target, Tx};
use super::sql::{Row, read, write};
use super::{Store, StoreError, Vault, VaultKey, audit, creators};

/// What becomes of a setting: its value and whether to seal it; `None` forgets it.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The setting's name.
    pub name: &'static str,
    /// The value.
    pub value: Option<SecretString>,
    /// Whether the value is a secret.
    pub sealed: bool,
}

impl Store {
    /// A setting's value; `None` when it was never chosen.
    pub async fn setting(&self, creator_id: i64, name: &str) -> Result<Option<String>, StoreError> {
        plain(&self.pool, creator_id, name).await
    }

    /// Keeps a setting's value; `None` forgets it.
    pub async fn set_setting(&self, creator_id: i64, name: &str, value: Option<&str>) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        set(&mut tx, creator_id, name, value, None).await?;
        tx.commit().await
    }
}

impl Vault {
    /// What was chosen, by name. A secret that can't be opened counts as not chosen.
    pub async fn chosen(&self, creator_id: i64) -> Result<Vec<(String, SecretString)>, StoreError> {
        let rows = read("select * from settings where creator_id = $1 order by name").bind(creator_id);
        let used = self.key().await?;
        let rows = rows.all(&self.store.pool).await?;
        let mut chosen = Vec::new();
        for row in rows {
            let name: String = row.get("name")?;
            if let Some(value) = opened(&used, creator_id, &name, &row)? {
                chosen.push((name, value));
            } else {
                tracing::error!(name, "a setting can't be opened and counts as not chosen");
            }
        }
        Ok(chosen)
    }

    /// How often a topic's settings were changed.
    pub async fn settings_version(&self, creator_id: i64, topic: &str) -> Result<i64, StoreError> {
        version(&self.store.pool, creator_id, topic).await
    }

    /// Keeps choices on a topic with their entry in the audit log, all of it or nothing. `Conflict` when the topic was
    /// changed since it had this version.
    pub async fn choose(
        &self,
        creator_id: i64,
        (topic, seen): (&str, i64),
        choices: &[Choice],
        who: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let used = self.key().await?;
        let mut tx = self.store.pool.begin().await?;
        creators::lock(&mut tx, creator_id).await?;
        if version(&mut tx, creator_id, topic).await? != seen {
            return Err(StoreError::Conflict);
        }
        set(&mut tx, creator_id, &counter(topic), Some(&(seen + 1).to_string()), None).await?;
        for Choice { name, value, sealed } in choices {
            let value = value.as_ref().map(SecretString::expose_secret);
            if *sealed {
                let seal = |value: &str| used.key.seal(&place_of(creator_id, name), value.as_bytes());
                set(&mut tx, creator_id, name, None, value.map(seal).transpose()?).await?;
            } else {
                set(&mut tx, creator_id, name, value, None).await?;
            }
        }
        let names: Vec<&str> = choices.iter().map(|choice| choice.name).collect();
        audit::add(&mut tx, now, who, "settings changed", &names.join(", ")).await?;
        tx.commit().await
    }
}

/// The value of a row; `None` when it is sealed and can't be opened.
fn opened(used: &Tried, creator_id: i64, name: &str, row: &Row) -> Result<Option<SecretString>, StoreError> {
    let Some(sealed) = row.get::<Option<Vec<u8>>>("sealed")? else {
        return Ok(row.get::<Option<String>>("value")?.map(SecretString::from));
    };
    let opened = used.key.open(&place_of(creator_id, name), &sealed);
    Ok(opened.and_then(|bytes| std::str::from_utf8(&bytes).ok().map(SecretString::from)))
}

/// Seals every secret among the settings with another key.
pub(super) async fn reseal_settings(tx: &mut Tx, used: &Tried, new: &VaultKey) -> Result<(), StoreError> {
    for row in read("select * from settings where sealed is not null").all(&mut *tx).await? {
        let (creator_id, name): (i64, String) = (row.get("creator_id")?, row.get("name")?);
        let value = opened(used, creator_id, &name, &row)?;
        let value = value.ok_or_else(|| StoreError::Sealed { platform: name.clone() })?;
        let sealed = new.seal(&place_of(creator_id, &name), value.expose_secret().as_bytes())?;
        set(tx, creator_id, &name, None, Some(sealed)).await?;
    }
    Ok(())
}

/// A setting's value, unless it is sealed.
pub(super) async fn plain(
    on: impl Into<Target<'_>>,
    creator_id: i64,
    name: &str,
) -> Result<Option<String>, StoreError> {
    let row = read("select value from settings where creator_id = $1 and name = $2").bind(creator_id).bind(name);
    row.first(on).await?.map_or(Ok(None), |row| row.get("value"))
}

async fn version(on: impl Into<Target<'_>>, creator_id: i64, topic: &str) -> Result<i64, StoreError> {
    let value = plain(on, creator_id, &counter(topic)).await?;
    Ok(value.and_then(|value| value.parse().ok()).unwrap_or(0))
}

/// The setting that counts a topic's changes.
fn counter(topic: &str) -> String {
    format!("version.{topic}")
}

/// Keeps a value, open or sealed; with neither the setting is forgotten.
async fn set(
    tx: &mut Tx,
    creator_id: i64,
    name: &str,
    value: Option<&str>,
    sealed: Option<Vec<u8>>,
) -> Result<(), StoreError> {
    let statement = if value.is_none() && sealed.is_none() {
        write("delete from settings where creator_id = $1 and name = $2").bind(creator_id).bind(name)
    } else {
        write(
            "insert into settings (creator_id, name, value, sealed) values ($1, $2, $3, $4) \
             on conflict (creator_id, name) do update set value = excluded.value, sealed = excluded.sealed",
        )
        .bind(creator_id)
        .bind(name)
        .bind(value)
        .bind(sealed.as_deref())
    };
    statement.run(tx).await.map(drop)
}

/// Where a setting is sealed for. No platform's place looks like it.
fn place_of(creator_id: i64, name: &str) -> Vec<u8> {
    [&creator_id.to_be_bytes(), b"setting ".as_slice(), name.as_bytes()].concat()
}
