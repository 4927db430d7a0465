//! Settings chosen in the panel, by name. A secret among them is sealed before it comes here.

use super::sql::{read, write};
use super::{Store, StoreError};

impl Store {
    /// A setting's value; `None` when it was never chosen.
    pub async fn setting(&self, creator_id: i64, name: &str) -> Result<Option<String>, StoreError> {
        let row = read("select value from settings where creator_id = $1 and name = $2").bind(creator_id).bind(name);
        row.first(&self.pool).await?.map_or(Ok(None), |row| row.get("value"))
    }

    /// Keeps a setting's value; `None` forgets it.
    pub async fn set_setting(&self, creator_id: i64, name: &str, value: Option<&str>) -> Result<(), StoreError> {
        let statement = match value {
            Some(value) => write(
                "insert into settings (creator_id, name, value) values ($1, $2, $3) \
                 on conflict (creator_id, name) do update set value = excluded.value",
            )
            .bind(creator_id)
            .bind(name)
            .bind(value),
            None => write("delete from settings where creator_id = $1 and name = $2").bind(creator_id).bind(name),
        };
        statement.run(&self.pool).await.map(drop)
    }
}
