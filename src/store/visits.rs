//! How often pages were seen and from where: a number a day, nothing about who.

use jiff::Timestamp;
use jiff::civil::Date;

use super::instant::{day_number, day_of};
use super::links::{self, MONTH_DAYS};
use super::pool::Tx;
use super::sql::{Row, read, write};
use super::{Store, StoreError};
use crate::domain::visit::{Counted, Times, Visits};

/// How many sites or countries are told apart on a day; further ones are counted together, under no name.
const MOST_NAMES: i64 = 100;

impl Store {
    /// Adds to the counts, all of them or none: what, UTC day, how often.
    pub async fn add_visits(&self, counted: &[(Counted, Date, i64)]) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        for (what, day, times) in counted {
            match what {
                Counted::Link(id) => links::add_clicks(&mut tx, *id, *day, *times).await?,
                Counted::Page(page) => add(&mut tx, "page", page.name(), (*day, *times)).await?,
                Counted::From(host) => add(&mut tx, "from", host, (*day, *times)).await?,
                Counted::Country(code) => add(&mut tx, "country", code, (*day, *times)).await?,
            }
        }
        tx.commit().await
    }

    /// What was counted for a creator on the last thirty days.
    pub async fn visits(&self, creator_id: i64, now: Timestamp) -> Result<Visits, StoreError> {
        let today = day_of(now);
        let rows = read(SEEN).bind(creator_id).bind(today).bind(today - MONTH_DAYS).all(&self.pool).await?;
        let mut visits = Visits::default();
        for row in &rows {
            let (kind, name): (String, String) = (row.get("kind")?, row.get("name")?);
            let list = match kind.as_str() {
                "page" => &mut visits.pages,
                "from" => &mut visits.from,
                _ => &mut visits.countries,
            };
            list.push((name, times(row)?));
        }
        Ok(visits)
    }
}

fn times(row: &Row) -> Result<Times, StoreError> {
    Ok(Times { today: row.get("today")?, month: row.get("month")? })
}

/// The sums of each name: `$2` is today, `$3` the last day that is too old for the month.
pub(super) const SEEN: &str = "select kind, name, \
    cast(sum(case when day = $2 then visits else 0 end) as bigint) as today, cast(sum(visits) as bigint) as month \
    from visits where creator_id = $1 and day > $3 group by kind, name order by month desc, name";

async fn add(tx: &mut Tx, kind: &str, name: &str, (day, times): (Date, i64)) -> Result<(), StoreError> {
    write(
        "insert into visits (creator_id, day, kind, name, visits) \
         select c.id, $1, $2, case when exists (select 1 from visits v where v.creator_id = c.id and v.day = $1 \
         and v.kind = $2 and v.name = $3) or (select count(*) from visits v where v.creator_id = c.id and v.day = $1 \
         and v.kind = $2) < $5 then $3 else '' end, $4 from creators c where c.id = (select min(id) from creators) \
         on conflict (creator_id, day, kind, name) do update set visits = visits.visits + excluded.visits",
    )
    .bind(day_number(day))
    .bind(kind)
    .bind(name)
    .bind(times)
    .bind(MOST_NAMES)
    .run(tx)
    .await
    .map(drop)
}
