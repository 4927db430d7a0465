//! API tokens: who may call from a script. Only the SHA-256 of a token is kept.

use jiff::Timestamp;

use super::instant::instant;
use super::sql::{Row, read, write};
use super::{Store, StoreError};

const HOUR_MILLIS: i64 = 3_600_000;

/// What is known of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// The name its owner gave it.
    pub name: String,
    /// What it may do, for example `refresh`.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the hour.
    pub last_used_at: Option<Timestamp>,
}

impl Store {
    /// Keeps a new token by its hash. `Conflict` when the name is taken. A scope is a single word.
    pub async fn insert_api_token(
        &self,
        name: &str,
        hash: &[u8; 32],
        scopes: &[&str],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        write("insert into api_tokens (name, hash, scopes, created_at) values ($1, $2, $3, $4)")
            .bind(name)
            .bind(hash.as_slice())
            .bind(scopes.join(" "))
            .bind(now.as_millisecond())
            .run(&self.pool)
            .await
            .map(drop)
    }

    /// Every token, oldest first.
    pub async fn list_api_tokens(&self) -> Result<Vec<ApiToken>, StoreError> {
        read("select * from api_tokens order by created_at, name").all(&self.pool).await?.iter().map(token).collect()
    }

    /// Forgets a token, and says whether there was one.
    pub async fn revoke_api_token(&self, name: &str) -> Result<bool, StoreError> {
        Ok(write("delete from api_tokens where name = $1").bind(name).run(&self.pool).await? > 0)
    }

    /// The token with this hash.
    pub async fn find_api_token(&self, hash: &[u8; 32]) -> Result<Option<ApiToken>, StoreError> {
        let row = read(BY_HASH).bind(hash.as_slice()).first(&self.pool).await?;
        row.as_ref().map(token).transpose()
    }

    /// Notes that a token was used, at most once an hour.
    pub async fn touch_api_token(&self, name: &str, now: Timestamp) -> Result<(), StoreError> {
        let now = now.as_millisecond();
        write(
            "update api_tokens set last_used_at = $2 where name = $1 and (last_used_at is null or last_used_at <= $3)",
        )
        .bind(name)
        .bind(now)
        .bind(now - HOUR_MILLIS)
        .run(&self.pool)
        .await
        .map(drop)
    }
}

pub(super) const BY_HASH: &str = "select * from api_tokens where hash = $1";

fn token(row: &Row) -> Result<ApiToken, StoreError> {
    Ok(ApiToken {
        name: row.get("name")?,
        scopes: row.get::<String>("scopes")?.split_whitespace().map(str::to_owned).collect(),
        created_at: instant(row.get("created_at")?)?,
        last_used_at: row.get::<Option<i64>>("last_used_at")?.map(instant).transpose()?,
    })
}
