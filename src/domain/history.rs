//! A metric over days: what was read, and what may be said about how it changed.

use jiff::Timestamp;
use jiff::civil::Date;

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
    pub source: String,
    /// Who vouches for it.
    pub provenance: Provenance,
    /// The version of the interface that was asked, where it has versions.
    pub api_version: Option<String>,
    /// When it was read.
    pub fetched_at: Timestamp,
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

/// How a count changed from `from` to the last of `points`, which are sorted by day. `None` with fewer than two.
pub fn growth(points: &[Point], from: Date) -> Option<Growth> {
    let (first, last) = (points.first()?, points.last()?);
    let (then, now) = (first.value.count()?, last.value.count()?);
    if points.len() < 2 {
        return None;
    }
    if first.day > from {
        return Some(Growth::BeginsLater(first.day));
    }
    if let Some(change) = changes(points).next() {
        return Some(Growth::Changed(change.day));
    }
    let missing: i32 = points.windows(2).map(|pair| days(pair[0].day, pair[1].day) - 1).sum();
    if missing > 0 {
        return Some(Growth::Gap(missing));
    }
    #[expect(clippy::cast_precision_loss, reason = "audiences are far below 2^53")]
    Some(if then == 0 { Growth::FromZero } else { Growth::Rate((now - then) as f64 / then as f64) })
}

/// The points from which on a metric was read in another way than before: another source or precision.
pub fn changes(points: &[Point]) -> impl Iterator<Item = &Point> {
    let other = |a: &Point, b: &Point| a.source != b.source || a.precision != b.precision;
    points.windows(2).filter(move |pair| other(&pair[0], &pair[1])).map(|pair| &pair[1])
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
            day: Date::constant(2026, 11, day),
            value: Value::Count(count),
            precision: Precision::Exact,
            source: "Meta Graph API".to_owned(),
            provenance: Provenance::OwnerAuthorised,
            api_version: None,
            fetched_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_rate_needs_two_points_of_one_kind_and_no_day_missing() {
        let from = Date::constant(2026, 11, 1);
        let whole = [point(1, 1000), point(2, 1010), point(3, 1050)];
        assert_eq!(growth(&whole, from), Some(Growth::Rate(0.05)));
        assert_eq!(growth(&whole[1..], from), Some(Growth::BeginsLater(Date::constant(2026, 11, 2))));
        assert_eq!(growth(&[point(1, 1), point(5, 2)], from), Some(Growth::Gap(3)));
        assert_eq!(growth(&[point(1, 0), point(2, 5)], from), Some(Growth::FromZero));
        assert_eq!(growth(&whole[..1], from), None);
        let rounded = Point { precision: Precision::Rounded, ..point(3, 1050) };
        assert_eq!(
            growth(&[point(1, 1000), point(2, 1010), rounded], from),
            Some(Growth::Changed(Date::constant(2026, 11, 3)))
        );
    }
}
