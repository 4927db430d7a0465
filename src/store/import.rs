//! What was taken over from elsewhere, put beside what is there.

use jiff::Timestamp;

use super::sql::{read, write};
use super::{Store, StoreError, audit, creators};
use crate::domain::link::MOST_ENTRIES;

/// An entry of the link page that is taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// What it says.
    pub title: String,
    /// Where it leads; `None` makes it a heading.
    pub url: Option<String>,
}

impl Store {
    /// Puts name and bio in place of those there are, where they are given, and entries behind those there are, all of
    /// it or nothing. An address that is there already is left out, and so is what is more than a page
    /// may have. Says how many entries are new.
    pub async fn import_links(
        &self,
        (name, bio): (Option<&str>, Option<&str>),
        entries: &[Imported],
        who: &str,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let mut tx = self.pool.begin().await?;
        let first: i64 = creators::first().one(&mut tx).await?.get("id")?;
        let creator = creators::lock(&mut tx, first).await?;
        let update = write(
            "update creators set name = coalesce($2, name), bio = coalesce($3, bio), version = version + 1 where id = $1",
        );
        update.bind(creator.id).bind(name).bind(bio).run(&mut tx).await?;
        let last =
            read("select coalesce(max(place), 0) as place from link_entries where creator_id = $1").bind(creator.id);
        let mut place: i64 = last.one(&mut tx).await?.get("place")?;
        let (mut new, most) = (0, i64::try_from(MOST_ENTRIES).unwrap_or(i64::MAX));
        for Imported { title, url } in entries {
            let kind = if url.is_some() { "link" } else { "heading" };
            let insert = write(
                "insert into link_entries (creator_id, kind, title, url, place) select $1, $2, $3, $4, $5 \
                 where not exists (select 1 from link_entries where creator_id = $1 and url = $4) \
                 and (select count(*) from link_entries where creator_id = $1) < $6",
            );
            let insert =
                insert.bind(creator.id).bind(kind).bind(title.as_str()).bind(url.as_deref()).bind(place + 1).bind(most);
            if insert.changes(&mut tx).await? {
                (place, new) = (place + 1, new + 1);
            }
        }
        audit::add(&mut tx, now, who, "imported", &new.to_string()).await?;
        tx.commit().await?;
        Ok(new)
    }
}
