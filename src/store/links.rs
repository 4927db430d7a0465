//! The entries of the link page and how often its links were followed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::instant::{day_number, day_of, instant};
use super::pool::{Target, Tx};
use super::sql::{Row, read, write};
use super::{Store, StoreError, creators};
use crate::domain::link::{Clicks, Content, Kind, Link, MOST_ENTRIES, Schedule};

/// The days of [`Clicks::month`].
pub(super) const MONTH_DAYS: i64 = 30;

impl Store {
    /// A creator's entries, in their order.
    pub async fn links(&self, creator_id: i64) -> Result<Vec<Link>, StoreError> {
        list(&self.pool, creator_id).await
    }

    /// Adds an entry behind the others and gives its id; `None` when there are as many as there may be.
    pub async fn insert_link(&self, creator_id: i64, content: &Content) -> Result<Option<i64>, StoreError> {
        let inserted = write(
            "insert into link_entries (creator_id, kind, title, url, icon, starts_at, ends_at, place) \
             select $1, $2, $3, $4, $5, $6, $7, coalesce(max(place), 0) + 1 from link_entries where creator_id = $1 \
             having count(*) < $8 returning id",
        )
        .bind(creator_id)
        .bind(content.kind.name())
        .bind(content.title.as_str())
        .bind(content.url.as_deref())
        .bind(content.icon.as_deref())
        .bind(content.schedule.from.map(Timestamp::as_millisecond))
        .bind(content.schedule.until.map(Timestamp::as_millisecond))
        .bind(i64::try_from(MOST_ENTRIES).unwrap_or(i64::MAX));
        inserted.first(&self.pool).await?.map(|row| row.get("id")).transpose()
    }

    /// Saves what an entry says, unless it changed since `version` or is gone: then nothing is written and the answer
    /// is `false`. Its kind, its place and whether it is hidden stay.
    pub async fn update_link(
        &self,
        creator_id: i64,
        id: i64,
        version: i64,
        content: &Content,
    ) -> Result<bool, StoreError> {
        let changed = write(
            "update link_entries set title = $4, url = $5, icon = $6, starts_at = $7, ends_at = $8, version = version + 1 \
             where creator_id = $1 and id = $2 and version = $3",
        )
        .bind(creator_id)
        .bind(id)
        .bind(version)
        .bind(content.title.as_str())
        .bind(content.url.as_deref())
        .bind(content.icon.as_deref())
        .bind(content.schedule.from.map(Timestamp::as_millisecond))
        .bind(content.schedule.until.map(Timestamp::as_millisecond));
        Ok(changed.run(&self.pool).await? == 1)
    }

    /// Takes an entry off the page or puts it back; `false` when there is none.
    pub async fn hide_link(&self, creator_id: i64, id: i64, hidden: bool) -> Result<bool, StoreError> {
        let hide = write("update link_entries set hidden = $3 where creator_id = $1 and id = $2");
        Ok(hide.bind(creator_id).bind(id).bind(hidden).run(&self.pool).await? == 1)
    }

    /// Deletes an entry with its counts, unless it changed since `version` or is gone.
    pub async fn delete_link(&self, creator_id: i64, id: i64, version: i64) -> Result<bool, StoreError> {
        let delete = write("delete from link_entries where creator_id = $1 and id = $2 and version = $3");
        Ok(delete.bind(creator_id).bind(id).bind(version).run(&self.pool).await? == 1)
    }

    /// Puts a creator's entries into this order. `Conflict` when these are not exactly the entries there are.
    pub async fn order_links(&self, creator_id: i64, order: &[i64]) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        creators::lock(&mut tx, creator_id).await?;
        let mut there: Vec<i64> = list(&mut tx, creator_id).await?.iter().map(|link| link.id).collect();
        let mut asked = order.to_vec();
        there.sort_unstable();
        asked.sort_unstable();
        if there != asked {
            return Err(StoreError::Conflict);
        }
        for (place, id) in (1_i64..).zip(order) {
            write("update link_entries set place = $2 where id = $1").bind(*id).bind(place).run(&mut tx).await?;
        }
        tx.commit().await
    }

    /// How often each link of a creator was followed; links that nobody followed are left out.
    pub async fn clicks(&self, creator_id: i64, now: Timestamp) -> Result<BTreeMap<i64, Clicks>, StoreError> {
        let today = day_of(now);
        let rows = read(CLICKS).bind(creator_id).bind(today).bind(today - MONTH_DAYS).all(&self.pool).await?;
        let clicks = |row: &Row| {
            let counts = Clicks { today: row.get("today")?, month: row.get("month")?, all: row.get("total")? };
            Ok((row.get("link_id")?, counts))
        };
        rows.iter().map(clicks).collect()
    }
}

/// Adds to the count of a link. What was followed before it was deleted is left out.
pub(super) async fn add_clicks(tx: &mut Tx, link_id: i64, day: Date, clicks: i64) -> Result<(), StoreError> {
    write(
        "insert into link_clicks (link_id, day, clicks) select id, $2, $3 from link_entries where id = $1 \
         on conflict (link_id, day) do update set clicks = link_clicks.clicks + excluded.clicks",
    )
    .bind(link_id)
    .bind(day_number(day))
    .bind(clicks)
    .run(tx)
    .await
    .map(drop)
}

/// A creator's entries, in their order.
pub(super) const LISTED: &str = "select * from link_entries where creator_id = $1 order by place, id";

/// The sums of each link: `$2` is today, `$3` the last day that is too old for the month.
pub(super) const CLICKS: &str = "select c.link_id as link_id, \
    cast(sum(case when c.day = $2 then c.clicks else 0 end) as bigint) as today, \
    cast(sum(case when c.day > $3 then c.clicks else 0 end) as bigint) as month, \
    cast(sum(c.clicks) as bigint) as total \
    from link_entries l join link_clicks c on c.link_id = l.id where l.creator_id = $1 group by c.link_id";

pub(super) async fn list(on: impl Into<Target<'_>>, creator_id: i64) -> Result<Vec<Link>, StoreError> {
    read(LISTED).bind(creator_id).all(on).await?.iter().map(link).collect()
}

fn link(row: &Row) -> Result<Link, StoreError> {
    let kind: String = row.get("kind")?;
    let moment = |column: &str| row.get::<Option<i64>>(column)?.map(instant).transpose();
    Ok(Link {
        id: row.get("id")?,
        hidden: row.get("hidden")?,
        version: row.get("version")?,
        content: Content {
            kind: Kind::from_name(&kind).ok_or_else(|| StoreError::corrupt("an entry of an unknown kind"))?,
            title: row.get("title")?,
            url: row.get("url")?,
            icon: row.get("icon")?,
            schedule: Schedule { from: moment("starts_at")?, until: moment("ends_at")? },
        },
    })
}
