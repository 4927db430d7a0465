//! What the vault stores of credentials: the text that is sealed, in memory that is wiped, and the instants beside it.
//! Knows no key and no table.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::StoreError;
use super::instant::instant;
use super::sql::Row;
use crate::domain::credential::{Credentials, Kept, Life};

/// What an entry, and the text around all of them, takes beside keys and values, at most and in bytes.
const REST_BYTES: usize = 512;

/// What is sealed of a row, as it is written.
#[derive(Serialize)]
struct Plain<'a> {
    active: BTreeMap<&'a str, &'a str>,
    fallback: Option<BTreeMap<&'a str, &'a str>>,
    pending: Option<PlainGrant<'a>>,
    former: Vec<String>,
    scopes: &'a [String],
}

#[derive(Serialize)]
struct PlainGrant<'a> {
    values: BTreeMap<&'a str, &'a str>,
    life: StoredLife,
    scopes: &'a [String],
}

/// The same, as it is read.
#[derive(Deserialize)]
pub(super) struct Opened<'a> {
    pub(super) active: BTreeMap<String, SecretString>,
    pub(super) fallback: Option<BTreeMap<String, SecretString>>,
    pub(super) pending: Option<OpenedGrant>,
    #[serde(default, borrow)]
    pub(super) former: Vec<&'a str>,
    #[serde(default)]
    pub(super) scopes: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct OpenedGrant {
    pub(super) values: BTreeMap<String, SecretString>,
    pub(super) life: StoredLife,
    #[serde(default)]
    pub(super) scopes: Vec<String>,
}

/// The values as JSON, in memory that is wiped.
pub(super) fn plain(kept: &Kept) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    fn values(of: &Credentials) -> BTreeMap<&str, &str> {
        of.iter().map(|(key, value)| (key, value.expose_secret())).collect()
    }
    let pending = kept.pending.as_ref();
    let plain = Plain {
        active: values(&kept.active),
        fallback: kept.fallback.as_ref().map(values),
        pending: pending.map(|grant| PlainGrant {
            values: values(&grant.values),
            life: StoredLife::from(&grant.life),
            scopes: &grant.scopes,
        }),
        former: kept.former.iter().map(ToString::to_string).collect(),
        scopes: &kept.scopes,
    };
    // Room for all of it: memory that is outgrown is given back unwiped. Escaped, a byte is six at most.
    let all = [Some(&kept.active), kept.fallback.as_ref(), pending.map(|grant| &grant.values)];
    let all = all.into_iter().flatten().flat_map(Credentials::iter);
    let bytes = all.map(|(key, value)| 6 * (key.len() + value.expose_secret().len()) + REST_BYTES).sum::<usize>();
    let bytes = bytes + kept.former.len() * "\"6c1e0b9a\",".len();
    let scopes = kept.scopes.iter().chain(pending.iter().flat_map(|grant| &grant.scopes));
    let bytes = bytes + scopes.map(|scope| 6 * scope.len() + REST_BYTES).sum::<usize>();
    let mut json = Zeroizing::new(Vec::with_capacity(bytes + REST_BYTES));
    serde_json::to_writer(&mut *json, &plain)
        .map_err(|_| StoreError::unexpected("credentials could not be written"))?;
    Ok(json)
}

/// A life as it is stored, its instants in milliseconds.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct StoredLife {
    pub(super) since: Option<i64>,
    pub(super) expires_at: Option<i64>,
    pub(super) endless: bool,
    pub(super) renewable_until: Option<i64>,
    pub(super) data_access_until: Option<i64>,
}

impl From<&Life> for StoredLife {
    fn from(life: &Life) -> Self {
        let millis = |at: Option<Timestamp>| at.map(Timestamp::as_millisecond);
        Self {
            since: millis(life.since),
            expires_at: millis(life.expires_at),
            endless: life.endless,
            renewable_until: millis(life.renewable_until),
            data_access_until: millis(life.data_access_until),
        }
    }
}

impl StoredLife {
    pub(super) fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            since: row.get("life_since")?,
            expires_at: row.get("life_expires_at")?,
            endless: row.get("life_endless")?,
            renewable_until: row.get("life_renewable_until")?,
            data_access_until: row.get("life_data_access_until")?,
        })
    }

    pub(super) fn read(self) -> Result<Life, StoreError> {
        let at = |millis: Option<i64>| millis.map(instant).transpose();
        Ok(Life {
            since: at(self.since)?,
            expires_at: at(self.expires_at)?,
            endless: self.endless,
            renewable_until: at(self.renewable_until)?,
            data_access_until: at(self.data_access_until)?,
        })
    }
}
