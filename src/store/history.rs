//! History: one value a metric and UTC day, the first good one of that day, and why the first failed fetch of a day
//! failed. It is added to, never rewritten.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::instant::{date, day_number, day_of, instant};
use super::pool::Tx;
use super::sql::{Row, Sql, read, value_rows, write};
use super::{Store, StoreError};
use crate::domain::account::Account;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::history::{Past, Point};
use crate::domain::metric::{Figure, Precision, Provenance, Value};
use crate::domain::platform::About;
use crate::domain::snapshot::Snapshot;

impl Store {
    /// An account's values of a metric from one day to another, both included, oldest first. Days without a good
    /// reading are absent.
    pub async fn history(&self, account_id: i64, metric: &str, from: Date, to: Date) -> Result<Vec<Point>, StoreError> {
        let rows = read(SERIES).bind(account_id).bind(metric).bind(day_number(from)).bind(day_number(to));
        let mut points = Vec::new();
        for row in rows.all(&self.pool).await? {
            points.append(&mut unpacked(&row)?);
        }
        points.sort_by_key(|point| (point.day, point.fetched_at));
        // A metric that changed from count to rate may have both on that one day; the first is the day's point.
        points.dedup_by_key(|point| point.day);
        Ok(points)
    }

    /// The audiences of accounts over all their days, by the accounts' ids.
    pub async fn pasts(
        &self,
        accounts: &[Account],
        platforms: &[&'static About],
    ) -> Result<BTreeMap<i64, Past>, StoreError> {
        let mut pasts = BTreeMap::new();
        for account in accounts {
            if let Some(about) = platforms.iter().find(|about| about.id == account.platform) {
                let points = self.history(account.id, about.audience, EVER.0, EVER.1).await?;
                let failed = read(FAILED).bind(account.id).all(&self.pool).await?;
                let failed: Result<Vec<_>, StoreError> = failed.iter().filter_map(failed_day).collect();
                pasts.insert(account.id, Past { points: points.into(), failed: failed?.into() });
            }
        }
        Ok(pasts)
    }
}

/// Longer than anything was measured.
const EVER: (Date, Date) = (Date::constant(1, 1, 1), Date::constant(9999, 1, 1));

pub(super) const FAILED: &str = "select day, kind from failed_days where account_id = $1 order by day";

/// A day and why its first failed fetch failed; nothing for a kind that another version wrote.
fn failed_day(row: &Row) -> Option<Result<(Date, FailureKind), StoreError>> {
    let read = || Ok((date(row.get("day")?)?, FailureKind::from_name(&row.get::<String>("kind")?)));
    match read() {
        Ok((day, kind)) => kind.map(|kind| Ok((day, kind))),
        Err(error) => Some(Err(error)),
    }
}

/// Writes down why a day's first failed fetch failed.
pub(super) async fn record_failure(tx: &mut Tx, account_id: i64, failure: &Failure) -> Result<(), StoreError> {
    write("insert into failed_days (account_id, day, kind) values ($1, $2, $3) on conflict do nothing")
        .bind(account_id)
        .bind(day_of(failure.at))
        .bind(failure.kind.name())
        .run(tx)
        .await
        .map(drop)
}

/// All days that share unit, precision and origin come packed in one row: a row costs a microsecond or two, a year
/// of them more than all the rest. `cross join` keeps SQLite from walking through every metric of the account.
pub(super) const SERIES: &str = "select m.unit, h.precision, o.source, o.provenance, o.api_version, \
    string_agg(h.day || ' ' || h.value || ' ' || h.fetched_at, ',') as days \
    from metrics m cross join history h cross join origins o \
    where m.key = $2 and h.metric_id = m.id and h.account_id = $1 and h.day >= $3 and h.day <= $4 \
    and o.id = h.origin_id group by m.id, h.precision, o.id";

/// Writes what was read anew into the day it was read; a day that has its point keeps it.
pub(super) async fn record(tx: &mut Tx, account_id: i64, snapshot: &Snapshot) -> Result<(), StoreError> {
    let fresh = snapshot.figures.iter().filter(|(_, figure)| figure.fetched_at == snapshot.fetched_at);
    let fresh: Vec<Fresh> = fresh.filter_map(|(key, figure)| Fresh::of(key, figure)).collect();
    if !fresh.is_empty() {
        for add in [ADD_METRICS, ADD_ORIGINS, ADD_POINTS] {
            with(&fresh, add, account_id).run(&mut *tx).await?;
        }
    }
    Ok(())
}

/// A day's point of a metric, as it is stored.
struct Fresh<'a> {
    key: &'a str,
    unit: &'static str,
    value: i64,
    figure: &'a Figure,
}

impl<'a> Fresh<'a> {
    fn of(key: &'a str, figure: &'a Figure) -> Option<Self> {
        stored(figure.value).map(|(unit, value)| Self { key, unit, value, figure })
    }
}

const ADD_METRICS: &str = "insert into metrics (key, unit) select f.key, f.unit from fresh f where not exists \
    (select 1 from metrics m where m.key = f.key and m.unit = f.unit) on conflict do nothing";

const ADD_ORIGINS: &str = "insert into origins (source, provenance, api_version, api_version_answered) \
    select f.source, f.provenance, f.asked, f.answered from fresh f where not exists \
    (select 1 from origins o where o.source = f.source and o.provenance = f.provenance and o.api_version = f.asked \
    and o.api_version_answered = f.answered) on conflict do nothing";

const ADD_POINTS: &str = "insert into history (account_id, metric_id, day, value, precision, origin_id, fetched_at) \
    select f.account, m.id, f.day, f.value, f.precision, o.id, f.fetched_at from fresh f \
    join metrics m on m.key = f.key and m.unit = f.unit \
    join origins o on o.source = f.source and o.provenance = f.provenance and o.api_version = f.asked \
    and o.api_version_answered = f.answered where true on conflict do nothing";

/// A statement over all points at once: each of its own would be a way to the database and back.
fn with(fresh: &[Fresh<'_>], statement: &str, account_id: i64) -> Sql {
    const COLUMNS: [&str; 11] = [
        "account",
        "key",
        "unit",
        "day",
        "value",
        "precision",
        "fetched_at",
        "source",
        "provenance",
        "asked",
        "answered",
    ];
    let rows = value_rows(fresh.len(), COLUMNS.len());
    let text = format!("with fresh ({}) as (values {rows}) {statement}", COLUMNS.join(", "));
    fresh.iter().fold(write(text), |sql, Fresh { key, unit, value, figure }| {
        let origin = &figure.origin;
        sql.bind(account_id)
            .bind(*key)
            .bind(*unit)
            .bind(day_of(figure.fetched_at))
            .bind(*value)
            .bind(figure.precision as i64)
            .bind(figure.fetched_at.as_millisecond())
            .bind(origin.source.as_str())
            .bind(provenance_name(origin.provenance))
            .bind(origin.api_version.as_deref().unwrap_or_default())
            .bind(origin.api_version_answered.as_deref().unwrap_or_default())
    })
}

const MILLION: f64 = 1_000_000.0;

/// A value's unit and whole number; `None` for what can't be kept honestly.
fn stored(value: Value) -> Option<(&'static str, i64)> {
    match value {
        Value::Count(n) => Some(("count", n)),
        Value::Flag(yes) => Some(("flag", i64::from(yes))),
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
        Value::Rate(rate) => (rate.abs() < 1e12).then(|| ("rate", (rate * MILLION).round() as i64)),
    }
}

fn value(unit: &str, stored: i64) -> Value {
    match unit {
        "flag" => Value::Flag(stored != 0),
        #[expect(clippy::cast_precision_loss, reason = "below 2^53 by a wide margin, see `stored`")]
        "rate" => Value::Rate(stored as f64 / MILLION),
        _ => Value::Count(stored),
    }
}

/// The points of one packed row.
fn unpacked(row: &Row) -> Result<Vec<Point>, StoreError> {
    let unit: String = row.get("unit")?;
    let precision = match row.get("precision")? {
        0_i64 => Precision::Exact,
        1 => Precision::Rounded,
        _ => Precision::Approximate,
    };
    let source: Arc<str> = row.get::<String>("source")?.into();
    let provenance = provenance(&row.get::<String>("provenance")?)?;
    let api_version = Some(row.get::<String>("api_version")?).filter(|version| !version.is_empty()).map(Arc::from);
    let days: String = row.get("days")?;
    let point = |day: &str| {
        let [day, stored, fetched_at] = numbers(day)?;
        Ok(Point {
            day: date(day)?,
            value: value(&unit, stored),
            precision,
            source: source.clone(),
            provenance,
            api_version: api_version.clone(),
            fetched_at: instant(fetched_at)?,
        })
    };
    days.split(',').map(point).collect()
}

fn numbers(packed: &str) -> Result<[i64; 3], StoreError> {
    let mut parts = packed.split(' ').map(str::parse);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(Ok(day)), Some(Ok(value)), Some(Ok(fetched_at))) => Ok([day, value, fetched_at]),
        _ => Err(StoreError::unexpected("a day of history that is not three numbers")),
    }
}

const PROVENANCES: [(Provenance, &str); 4] = [
    (Provenance::OwnerAuthorised, "owner_authorised"),
    (Provenance::PublicApi, "public_api"),
    (Provenance::PublicPage, "public_page"),
    (Provenance::SelfReported, "self_reported"),
];

fn provenance_name(provenance: Provenance) -> &'static str {
    PROVENANCES.iter().find(|(known, _)| *known == provenance).map_or("", |(_, name)| name)
}

fn provenance(name: &str) -> Result<Provenance, StoreError> {
    let found = PROVENANCES.iter().find(|(_, known)| *known == name);
    found.map(|(provenance, _)| *provenance).ok_or_else(|| StoreError::corrupt("a provenance that does not exist"))
}
