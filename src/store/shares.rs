//! The links to the kit, how often they were opened, and those who ask for one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use secrecy::{ExposeSecret as _, SecretString};

use super::instant::{date, day_number, instant};
use super::pool::{Target, Tx};
use super::sql::{Row, read, write};
use super::{Store, StoreError, creators};
use crate::domain::block::body::Rates;
use crate::domain::share::{Lock, MOST_REQUESTS, MOST_SHARES, Opened, REQUEST_WAITS, Request, Share, Terms};

/// What becomes of a link's password.
#[derive(Clone, Debug)]
pub enum Password {
    /// It stays, or there is none.
    Keep,
    /// The hash of the one that holds from now on.
    Set(SecretString),
    /// It needs none any more.
    Remove,
}

impl Store {
    /// A creator's links, the newest first; those that ended too.
    pub async fn shares(&self, creator_id: i64) -> Result<Vec<Share>, StoreError> {
        list(&self.pool, creator_id).await
    }

    /// Adds a link and gives its id; `None` when there are as many as there may be. The request it answers is deleted.
    pub async fn insert_share(
        &self,
        creator_id: i64,
        address: &str,
        terms: &Terms,
        password: &Password,
        answers: Option<i64>,
        now: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        let mut tx = self.pool.begin().await?;
        creators::lock(&mut tx, creator_id).await?;
        let row = write(
            "insert into shares (creator_id, address, brand, contact, password, expires_at, blocks, rates, created_at) \
             select $1, $2, $3, $4, $5, $6, $7, $8, $9 \
             where (select count(*) from shares where creator_id = $1) < $10 returning id",
        )
        .bind(creator_id)
        .bind(address)
        .bind(terms.brand.as_str())
        .bind(terms.contact.as_deref())
        .bind(match password {
            Password::Set(hash) => Some(hash.expose_secret()),
            Password::Keep | Password::Remove => None,
        })
        .bind(terms.expires_at.map(Timestamp::as_millisecond))
        .bind(ids_text(&terms.blocks))
        .bind(terms.rates.as_ref().map(rates_text).transpose()?.as_deref())
        .bind(now.as_millisecond())
        .bind(i64::try_from(MOST_SHARES).unwrap_or(i64::MAX))
        .first(&mut tx)
        .await?;
        let Some(row) = row else { return Ok(None) };
        if let Some(request) = answers {
            delete_request(&mut tx, creator_id, request).await?;
        }
        tx.commit().await?;
        row.get("id").map(Some)
    }

    /// Saves what a link shows, to whom and until when, unless it changed since `version`, was revoked or is gone: then
    /// nothing is written and the answer is `false`.
    pub async fn update_share(
        &self,
        creator_id: i64,
        id: i64,
        version: i64,
        terms: &Terms,
        password: &Password,
    ) -> Result<bool, StoreError> {
        let (keeps, hash) = match password {
            Password::Keep => (true, None),
            Password::Set(hash) => (false, Some(hash.expose_secret())),
            Password::Remove => (false, None),
        };
        let changed = write(
            "update shares set brand = $4, contact = $5, expires_at = $6, blocks = $7, rates = $8, \
             password = case when $9 then password else $10 end, version = version + 1 \
             where creator_id = $1 and id = $2 and version = $3 and revoked_at is null",
        )
        .bind(creator_id)
        .bind(id)
        .bind(version)
        .bind(terms.brand.as_str())
        .bind(terms.contact.as_deref())
        .bind(terms.expires_at.map(Timestamp::as_millisecond))
        .bind(ids_text(&terms.blocks))
        .bind(terms.rates.as_ref().map(rates_text).transpose()?.as_deref())
        .bind(keeps)
        .bind(hash);
        Ok(changed.run(&self.pool).await? == 1)
    }

    /// Ends a link; `false` when there is none that held.
    pub async fn revoke_share(&self, creator_id: i64, id: i64, now: Timestamp) -> Result<bool, StoreError> {
        let revoke = write(
            "update shares set revoked_at = $3, version = version + 1 \
             where creator_id = $1 and id = $2 and revoked_at is null",
        );
        Ok(revoke.bind(creator_id).bind(id).bind(now.as_millisecond()).run(&self.pool).await? == 1)
    }

    /// Deletes a link that was revoked, with its counts.
    pub async fn delete_share(&self, creator_id: i64, id: i64) -> Result<bool, StoreError> {
        let delete = write("delete from shares where creator_id = $1 and id = $2 and revoked_at is not null");
        Ok(delete.bind(creator_id).bind(id).run(&self.pool).await? == 1)
    }

    /// The hash of a link's password, when it has one.
    pub async fn share_password(&self, address: &str) -> Result<Option<SecretString>, StoreError> {
        let row = read("select password from shares where address = $1").bind(address).first(&self.pool).await?;
        let hash: Option<String> = row.map(|row| row.get("password")).transpose()?.flatten();
        Ok(hash.map(SecretString::from))
    }

    /// How often each link of a creator was opened.
    pub async fn opened(&self, creator_id: i64) -> Result<BTreeMap<i64, Opened>, StoreError> {
        let rows = read("select id, opened, opened_on from shares where creator_id = $1").bind(creator_id);
        let opened = |row: &Row| {
            let last = row.get::<Option<i64>>("opened_on")?.map(date).transpose()?;
            Ok((row.get("id")?, Opened { times: row.get("opened")?, last }))
        };
        rows.all(&self.pool).await?.iter().map(opened).collect()
    }

    /// Keeps a request, and deletes those that waited too long. `false` when as many wait as may.
    pub async fn insert_request(&self, creator_id: i64, request: &Request) -> Result<bool, StoreError> {
        let mut tx = self.pool.begin().await?;
        creators::lock(&mut tx, creator_id).await?;
        let too_old = request.asked_at.as_millisecond() - i64::try_from(REQUEST_WAITS.as_millis()).unwrap_or(i64::MAX);
        let old = write("delete from access_requests where creator_id = $1 and asked_at < $2");
        old.bind(creator_id).bind(too_old).run(&mut tx).await?;
        let added = write(
            "insert into access_requests (creator_id, name, brand, email, message, asked_at) \
             select $1, $2, $3, $4, $5, $6 \
             where (select count(*) from access_requests where creator_id = $1) < $7",
        )
        .bind(creator_id)
        .bind(request.name.as_str())
        .bind(request.brand.as_str())
        .bind(request.email.as_str())
        .bind(request.message.as_deref())
        .bind(request.asked_at.as_millisecond())
        .bind(i64::try_from(MOST_REQUESTS).unwrap_or(i64::MAX))
        .run(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(added == 1)
    }

    /// The requests that wait, the oldest first.
    pub async fn requests(&self, creator_id: i64) -> Result<Vec<Request>, StoreError> {
        let rows = read("select * from access_requests where creator_id = $1 order by id").bind(creator_id);
        rows.all(&self.pool).await?.iter().map(request).collect()
    }

    /// Deletes a request; `false` when it is gone already.
    pub async fn delete_request(&self, creator_id: i64, id: i64) -> Result<bool, StoreError> {
        delete_request(&self.pool, creator_id, id).await
    }
}

/// A creator's links, the newest first.
pub(super) const LISTED: &str = "select id, address, brand, contact, password, expires_at, blocks, rates, created_at, \
    revoked_at, version from shares where creator_id = $1 order by id desc";

pub(super) async fn list(on: impl Into<Target<'_>>, creator_id: i64) -> Result<Vec<Share>, StoreError> {
    read(LISTED).bind(creator_id).all(on).await?.iter().map(share).collect()
}

/// Adds to how often a link was opened on a UTC day.
pub(super) async fn add_opened(tx: &mut Tx, id: i64, day: Date, times: i64) -> Result<(), StoreError> {
    let add = write(
        "update shares set opened = opened + $2, \
         opened_on = case when opened_on > $3 then opened_on else $3 end where id = $1",
    );
    add.bind(id).bind(times).bind(day_number(day)).run(tx).await.map(drop)
}

async fn delete_request(on: impl Into<Target<'_>>, creator_id: i64, id: i64) -> Result<bool, StoreError> {
    let delete = write("delete from access_requests where creator_id = $1 and id = $2");
    Ok(delete.bind(creator_id).bind(id).run(on).await? == 1)
}

fn share(row: &Row) -> Result<Share, StoreError> {
    let moment = |column: &str| row.get::<Option<i64>>(column)?.map(instant).transpose();
    let rates: Option<String> = row.get("rates")?;
    let rates: Option<Rates> = rates.map(|json| serde_json::from_str(&json)).transpose().map_err(corrupt)?;
    let lock = row.get::<Option<String>>("password")?.as_deref().map(Lock::of);
    Ok(Share {
        id: row.get("id")?,
        address: row.get("address")?,
        created_at: instant(row.get("created_at")?)?,
        revoked_at: moment("revoked_at")?,
        lock,
        version: row.get("version")?,
        terms: Terms {
            brand: row.get("brand")?,
            contact: row.get("contact")?,
            expires_at: moment("expires_at")?,
            blocks: row.get::<String>("blocks")?.split(' ').filter_map(|id| id.parse().ok()).collect(),
            rates,
        },
    })
}

fn request(row: &Row) -> Result<Request, StoreError> {
    Ok(Request {
        id: row.get("id")?,
        name: row.get("name")?,
        brand: row.get("brand")?,
        email: row.get("email")?,
        message: row.get("message")?,
        asked_at: instant(row.get("asked_at")?)?,
    })
}

fn corrupt(error: serde_json::Error) -> StoreError {
    StoreError::Corrupt(Box::new(error))
}

fn ids_text(ids: &[i64]) -> String {
    ids.iter().map(i64::to_string).collect::<Vec<_>>().join(" ")
}

fn rates_text(rates: &Rates) -> Result<String, StoreError> {
    serde_json::to_string(rates).map_err(|error| StoreError::Unexpected(Box::new(error)))
}
