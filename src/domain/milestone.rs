//! Milestones: the round numbers that an audience reached, each on the day it was first measured. A day without a reading
//! has none; between two readings nobody knows when it was.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::history::Point;
use super::media_kit::{EXPIRED_AFTER, Panel, in_sum};
use super::metric::{Precision, Provenance};
use super::profile::Creator;

/// The smallest milestone.
const FIRST: i64 = 1000;

/// A round number that was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// The platform's id; `None` for our own sum.
    pub platform: Option<&'static str>,
    /// The round number.
    pub reached: i64,
    /// What was measured.
    pub value: i64,
    /// The UTC day on which it was first measured.
    pub day: Date,
    /// Whether it was there already when the account was measured for the first time.
    pub at_first: bool,
    /// How exact what was measured is; of a sum, its least exact part.
    pub precision: Precision,
    /// Where it was read and who vouches for it; `None` for our own sum.
    pub origin: Option<(Arc<str>, Provenance)>,
    /// When it was read.
    pub fetched_at: Timestamp,
}

/// Every milestone of every account that visitors see and of their sum, newest first.
pub fn all(panels: &[Panel], creator: &Creator) -> Vec<Milestone> {
    let shown = panels.iter().filter(|panel| !panel.hidden);
    of(&shown.map(|panel| (panel.about.id, &*panel.past.points)).collect::<Vec<_>>(), creator)
}

/// An account's readings of its audience, oldest first.
type Series<'p> = (&'static str, &'p [Point]);

fn of(series: &[Series], creator: &Creator) -> Vec<Milestone> {
    let mut milestones = sums(series, creator);
    for (platform, points) in series {
        let mut highest = None;
        for point in *points {
            let Some(value) = point.value.count() else { continue };
            for reached in passed(&mut highest, value) {
                milestones.push(Milestone {
                    platform: Some(platform),
                    reached: reached.0,
                    value,
                    day: point.day,
                    at_first: reached.1,
                    precision: point.precision,
                    origin: Some((point.source.clone(), point.provenance)),
                    fetched_at: point.fetched_at,
                });
            }
        }
    }
    milestones.sort_by(|a, b| (b.day, b.reached, a.platform).cmp(&(a.day, a.reached, b.platform)));
    milestones
}

/// The sum's milestones: on each day with a reading, what the accounts' last readings make together by the rules of the
/// summary.
fn sums(series: &[Series], creator: &Creator) -> Vec<Milestone> {
    let mut days: BTreeMap<Date, Vec<(&str, &Point)>> = BTreeMap::new();
    for (platform, points) in series {
        for point in *points {
            days.entry(point.day).or_default().push((platform, point));
        }
    }
    let (mut last, mut highest, mut milestones) = (BTreeMap::<&str, &Point>::new(), None, Vec::new());
    for (day, read) in days {
        let Some(fetched_at) = read.iter().map(|(_, point)| point.fetched_at).max() else { continue };
        last.extend(read);
        last.retain(|_, point| fetched_at.duration_since(point.fetched_at) <= EXPIRED_AFTER);
        let known: Vec<(i64, &Point)> = last.values().filter_map(|p| Some((p.value.count()?, *p))).collect();
        let all = known.iter().map(|(value, _)| i128::from(*value)).sum();
        let counted: Vec<_> = known.into_iter().filter(|(value, _)| in_sum(*value, creator, all).is_ok()).collect();
        let Some(precision) = counted.iter().map(|(_, point)| point.precision).max() else { continue };
        let value = counted.iter().fold(0_i64, |sum, (value, _)| sum.saturating_add(*value));
        for (reached, at_first) in passed(&mut highest, value) {
            milestones.push(Milestone {
                platform: None,
                reached,
                value,
                day,
                at_first,
                precision,
                origin: None,
                fetched_at,
            });
        }
    }
    milestones
}

/// The round numbers that `value` reaches and nothing before it did, with whether it is the first reading: that one
/// tells only the largest, for the others may be years old.
fn passed(highest: &mut Option<i64>, value: i64) -> Vec<(i64, bool)> {
    let before = *highest;
    *highest = before.max(Some(value));
    let reached = steps().take_while(|step| *step <= value);
    match before {
        None => reached.last().map(|step| (step, true)).into_iter().collect(),
        Some(before) => reached.skip_while(|step| *step <= before).map(|step| (step, false)).collect(),
    }
}

/// 1000, 2500, 5000, 10 000, 25 000 and so on.
fn steps() -> impl Iterator<Item = i64> {
    let decades = std::iter::successors(Some(FIRST), |decade: &i64| decade.checked_mul(10));
    decades.flat_map(|decade| [Some(decade), decade.checked_mul(5).map(|n| n / 2), decade.checked_mul(5)]).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metric::Value;

    fn point(day: &str, value: i64) -> Point {
        Point {
            day: day.parse().unwrap(),
            value: Value::Count(value),
            precision: Precision::Exact,
            source: "Meta Graph API".into(),
            provenance: Provenance::OwnerAuthorised,
            api_version: None,
            fetched_at: format!("{day}T03:00:00Z").parse().unwrap(),
        }
    }

    fn creator() -> Creator {
        Creator {
            id: 1,
            name: String::new(),
            bio: None,
            location: None,
            avatar_url: None,
            contact: None,
            theme: String::new(),
            threshold: 1000,
            least_share: 0,
            hides_small: false,
            platform_order: Vec::new(),
            published: Vec::new(),
            lang: None,
            accent: None,
            font: String::new(),
            layout: String::new(),
            version: 0,
        }
    }

    fn told(series: &[(&'static str, Vec<Point>)]) -> Vec<(Option<&'static str>, i64, String, bool)> {
        let told = |m: Milestone| (m.platform, m.reached, m.day.to_string(), m.at_first);
        let series: Vec<Series> = series.iter().map(|(platform, points)| (*platform, &**points)).collect();
        super::of(&series, &creator()).into_iter().map(told).collect()
    }

    #[test]
    fn round_numbers_grow_by_two_and_a_half() {
        let first: Vec<i64> = steps().take(7).collect();
        assert_eq!(first, [1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000]);
        assert!(steps().count() > 40, "up to the largest number there is");
    }

    #[test]
    fn a_milestone_stands_on_the_day_it_was_first_measured() {
        let points = vec![
            point("2026-01-01", 900),
            point("2026-01-05", 2600),
            point("2026-01-06", 2400),
            point("2026-01-07", 2700),
        ];
        let sum = |n, day: &str, first| (None, n, day.to_owned(), first);
        let own = |n, day: &str| (Some("x"), n, day.to_owned(), false);
        // The sum's first reading is the first that counts: 900 is below the threshold.
        assert_eq!(
            told(&[("x", points)]),
            [sum(2500, "2026-01-05", true), own(2500, "2026-01-05"), own(1000, "2026-01-05")],
            "reached once, however often it falls below it again"
        );
    }

    #[test]
    fn what_was_there_at_the_first_reading_is_told_as_that() {
        let milestones = told(&[("x", vec![point("2026-01-01", 104_700)])]);
        assert_eq!(milestones[1], (Some("x"), 100_000, "2026-01-01".to_owned(), true));
        assert_eq!(milestones.len(), 2, "and none of the smaller ones: {milestones:?}");
    }

    #[test]
    fn the_sum_follows_the_rules_of_the_summary() {
        let series = [
            ("a", vec![point("2026-01-01", 40_000), point("2026-01-02", 40_000), point("2026-03-01", 40_000)]),
            ("b", vec![point("2026-01-02", 11_000)]),
            ("c", vec![point("2026-01-01", 990)]),
        ];
        let sums: Vec<_> = told(&series).into_iter().filter(|told| told.0.is_none()).collect();
        let expected = [(None, 50_000, "2026-01-02".to_owned(), false), (None, 25_000, "2026-01-01".to_owned(), true)];
        assert_eq!(sums, expected);
    }
}
