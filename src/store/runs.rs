//! Refresh runs: when one was started, by what, for which day, and how it went.

use jiff::Timestamp;
use jiff::civil::Date;

use super::instant::{date, day_number, instant};
use super::sql::{Row, read, write};
use super::{Store, StoreError};

/// What started a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// The admin panel or the API.
    Hand,
    /// The daily schedule.
    Schedule,
    /// The command line.
    Cli,
    /// A visitor who asked for a check.
    Visitor,
}

impl Trigger {
    const ALL: [Self; 4] = [Self::Hand, Self::Schedule, Self::Cli, Self::Visitor];

    /// The name in the store and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hand => "hand",
            Self::Schedule => "schedule",
            Self::Cli => "cli",
            Self::Visitor => "visitor",
        }
    }
}

/// A refresh of all that was due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The row's id.
    pub id: i64,
    /// What started it.
    pub trigger: Trigger,
    /// The UTC day it is for.
    pub day: Date,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; `None` while it runs, or when it never came to its end.
    pub finished_at: Option<Timestamp>,
    /// How many accounts got new numbers.
    pub saved: i64,
    /// How many did not.
    pub failed: i64,
}

impl Store {
    /// Notes that a run began, and gives its id.
    pub async fn add_run(&self, trigger: Trigger, day: Date, started_at: Timestamp) -> Result<i64, StoreError> {
        write("insert into refresh_runs (trigger, day, started_at) values ($1, $2, $3) returning id")
            .bind(trigger.name())
            .bind(day_number(day))
            .bind(started_at.as_millisecond())
            .one(&self.pool)
            .await?
            .get("id")
    }

    /// Notes how a run ended.
    pub async fn finish_run(
        &self,
        id: i64,
        finished_at: Timestamp,
        saved: usize,
        failed: usize,
    ) -> Result<(), StoreError> {
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        write("update refresh_runs set finished_at = $2, saved = $3, failed = $4 where id = $1")
            .bind(id)
            .bind(finished_at.as_millisecond())
            .bind(count(saved))
            .bind(count(failed))
            .run(&self.pool)
            .await
            .map(drop)
    }

    /// The last `n` runs, newest first.
    pub async fn last_runs(&self, n: u32) -> Result<Vec<Run>, StoreError> {
        let rows = read("select * from refresh_runs order by id desc limit $1").bind(i64::from(n)).all(&self.pool);
        rows.await?.iter().map(run).collect()
    }
}

fn run(row: &Row) -> Result<Run, StoreError> {
    let name: String = row.get("trigger")?;
    let trigger = Trigger::ALL.into_iter().find(|trigger| trigger.name() == name);
    Ok(Run {
        id: row.get("id")?,
        trigger: trigger.ok_or_else(|| StoreError::corrupt("a trigger that does not exist"))?,
        day: date(row.get("day")?)?,
        started_at: instant(row.get("started_at")?)?,
        finished_at: row.get::<Option<i64>>("finished_at")?.map(instant).transpose()?,
        saved: row.get("saved")?,
        failed: row.get("failed")?,
    })
}
