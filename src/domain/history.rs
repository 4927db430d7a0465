//! A metric over days: what was read, where days are missing, and what may be said about how it changed.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::failure::FailureKind;
use super::metric::{Precision, Provenance, Value};

/// A metric's value on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The UTC day.
    pub day: Date,
    /// The value; rates to a millionth.
    pub value: Value,
    /// How exact it is.
    pub precision: Precision,
    /// Where it was read.
    pub source: Arc<str>,
    /// Who vouches for it.
    pub provenance: Provenance,
    /// The version of the interface that was asked, where it has versions.
    pub api_version: Option<Arc<str>>,
    /// When it was read.
    pub fetched_at: Timestamp,
}

/// What is known of an account's audience day by day. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// The audience of each day that has one, sorted by day.
    pub points: Arc<[Point]>,
    /// Why a fetch of a day failed first, sorted by day. A day may have a point all the same.
    pub failed: Arc<[(Date, FailureKind)]>,
}

impl PartialEq for Past {
    /// The same memory is not compared day by day.
    fn eq(&self, other: &Self) -> bool {
        (Arc::ptr_eq(&self.points, &other.points) || self.points == other.points)
            && (Arc::ptr_eq(&self.failed, &other.failed) || self.failed == other.failed)
    }
}

/// What a change over a time is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Growth {
    /// (last − first) ÷ first, of two measured points of one source and precision with no day missing between them.
    Rate(f64),
    /// No rate: the numbers begin later than the time asked for.
    BeginsLater(Date),
    /// No rate: days without a number lie between; how many.
    Gap(i32),
    /// No rate: the source or the precision changed on this day.
    Changed(Date),
    /// No rate: it began at nothing.
    FromZero,
}

/// Days between two points on which nothing was read, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The first of them.
    pub from: Date,
    /// The last of them.
    pub to: Date,
    /// Why the first failed fetch in it failed; `None` when nobody asked.
    pub why: Option<FailureKind>,
}

impl Past {
    /// The same from a day on.
    pub fn since(&self, from: Date) -> &[Point] {
        let begin = self.points.partition_point(|point| point.day < from);
        self.points.get(begin..).unwrap_or_default()
    }

    /// How the audience changed from `from` to the last point. `None` with fewer than two points.
    pub fn growth(&self, from: Date) -> Option<Growth> {
        let points = self.since(from);
        let (first, last) = (points.first()?, points.last()?);
        let (then, now) = (first.value.count()?, last.value.count()?);
        if points.len() < 2 {
            return None;
        }
        let begins = self.points.first()?.day;
        if begins > from {
            return Some(Growth::BeginsLater(begins));
        }
        if let Some((_, change)) = changes(points).find(|(before, after)| differs(before, after)) {
            return Some(Growth::Changed(change.day));
        }
        let missing = days(from, last.day) + 1 - i32::try_from(points.len()).unwrap_or(i32::MAX);
        if missing > 0 {
            return Some(Growth::Gap(missing));
        }
        #[expect(clippy::cast_precision_loss, reason = "audiences are far below 2^53")]
        Some(if then == 0 { Growth::FromZero } else { Growth::Rate((now - then) as f64 / then as f64) })
    }

    /// The days from `from` on, between the first and the last point, on which nothing was read.
    pub fn gaps(&self, from: Date) -> impl Iterator<Item = Gap> {
        let begin = self.points.partition_point(|point| point.day < from).saturating_sub(1);
        let pairs = self.points.get(begin..).unwrap_or_default().windows(2);
        pairs.filter_map(move |pair| {
            let (first, last) = (pair[0].day.tomorrow().ok()?.max(from), pair[1].day.yesterday().ok()?);
            let within = |day: Date| first <= day && day <= last;
            let why = self.failed.iter().find(|(day, _)| within(*day)).map(|(_, kind)| *kind);
            (first <= last).then_some(Gap { from: first, to: last, why })
        })
    }
}

/// Neighbours between which it changed how the metric is read: its source, its precision or the interface's version.
pub fn changes(points: &[Point]) -> impl Iterator<Item = (&Point, &Point)> {
    let pairs = points.windows(2).map(|pair| (&pair[0], &pair[1]));
    pairs.filter(|(before, after)| differs(before, after) || before.api_version != after.api_version)
}

/// Whether two points are not of one kind, so that no rate may be made of them.
pub fn differs(before: &Point, after: &Point) -> bool {
    before.source != after.source || before.precision != after.precision
}

/// The days from one date to another.
pub fn days(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A count on a day of November 2026.
    pub(crate) fn point(day: i8, count: i64) -> Point {
        Point {
            day: november(day),
            value: Value::Count(count),
            precision: Precision::Exact,
            source: "Meta Graph API".into(),
            provenance: Provenance::OwnerAuthorised,
            api_version: None,
            fetched_at: Timestamp::UNIX_EPOCH,
        }
    }

    /// A day of November 2026.
    pub(crate) fn november(day: i8) -> Date {
        Date::constant(2026, 11, day)
    }

    /// A past of these points without a failure.
    pub(crate) fn past(points: &[Point]) -> Past {
        Past { points: points.into(), failed: Arc::default() }
    }

    #[test]
    fn a_rate_needs_two_points_of_one_kind_and_no_day_missing() {
        let from = november(1);
        let whole = [point(1, 1000), point(2, 1010), point(3, 1050)];
        assert_eq!(past(&whole).growth(from), Some(Growth::Rate(0.05)));
        assert_eq!(past(&whole[1..]).growth(from), Some(Growth::BeginsLater(november(2))));
        assert_eq!(past(&[point(1, 1), point(5, 2)]).growth(from), Some(Growth::Gap(3)));
        assert_eq!(past(&[point(1, 0), point(2, 5)]).growth(from), Some(Growth::FromZero));
        assert_eq!(past(&whole[..1]).growth(from), None);
        let rounded = Point { precision: Precision::Rounded, ..point(3, 1050) };
        let changed = past(&[point(1, 1000), point(2, 1010), rounded]);
        assert_eq!(changed.growth(from), Some(Growth::Changed(november(3))));
    }

    #[test]
    fn a_day_that_is_missing_at_the_beginning_is_a_gap_too() {
        let missing = past(&[point(1, 1000), point(3, 1010), point(4, 1020)]);
        assert_eq!(missing.growth(november(2)), Some(Growth::Gap(1)));
        assert_eq!(missing.growth(november(3)), Some(Growth::Rate(10.0 / 1010.0)));
    }

    #[test]
    fn another_version_is_a_change_and_leaves_the_rate() {
        let newer = Point { api_version: Some("v25.0".into()), ..point(2, 1010) };
        let changed = past(&[point(1, 1000), newer]);
        assert_eq!(changes(&changed.points).count(), 1);
        assert_eq!(changed.growth(november(1)), Some(Growth::Rate(0.01)));
    }

    #[test]
    fn a_gap_knows_its_days_and_why_the_first_fetch_in_it_failed() {
        let failed = [(november(2), FailureKind::Timeout), (november(4), FailureKind::Upstream)];
        let points = [point(1, 1), point(2, 1), point(6, 1), point(8, 1)];
        let past = Past { failed: failed.into(), ..past(&points) };
        let gap = |from, to, why| Gap { from: november(from), to: november(to), why };
        let all: Vec<Gap> = past.gaps(november(1)).collect();
        assert_eq!(all, [gap(3, 5, Some(FailureKind::Upstream)), gap(7, 7, None)]);
        let cut: Vec<Gap> = past.gaps(november(5)).collect();
        assert_eq!(cut, [gap(5, 5, None), gap(7, 7, None)]);
    }
}
