//! A chart's geometry: one line, its area, gaps as dashed bridges, rounded sources as steps, a grid of at most four.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::history::{Point, changes, days};
use super::metric::Precision;

/// The drawing's width, in units of its view box.
pub const WIDTH: f64 = 640.0;
/// The drawing's height.
pub const HEIGHT: f64 = 200.0;
/// Room above the highest and below the lowest point.
const MARGIN: f64 = 14.0;
/// Room on the right for the last value.
const RIGHT: f64 = 8.0;
/// At most this many points are drawn; of more, the last of each stretch.
const MOST_POINTS: usize = 120;
const MOST_LINES: i64 = 4;

/// A chart, ready to be written as SVG.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The measured line, a path for each stretch without a gap.
    pub line: String,
    /// The area below it.
    pub area: String,
    /// Thin bridges over days without a number.
    pub bridges: String,
    /// Grid lines: height and value.
    pub grid: Vec<(f64, i64)>,
    /// Where the last value is.
    pub end: (f64, f64),
    /// Where the source or the precision changed.
    pub ticks: Vec<f64>,
}

impl Chart {
    /// The chart of the counts among `points` (sorted by day) from one day to another; `None` with fewer than two.
    pub fn of(points: &[Point], from: Date, to: Date) -> Option<Self> {
        let counted: Vec<(Date, i64, bool)> =
            points.iter().filter_map(|p| Some((p.day, p.value.count()?, p.precision == Precision::Exact))).collect();
        if counted.len() < 2 {
            return None;
        }
        let (low, high) =
            counted.iter().fold((i64::MAX, i64::MIN), |(low, high), (_, n, _)| (low.min(*n), high.max(*n)));
        let scale = Scale { from, days: f64::from(days(from, to).max(1)), low, high: high.max(low + 1) };
        let (mut line, mut area, mut bridges) = (String::new(), String::new(), String::new());
        let mut before: Option<(f64, f64)> = None;
        for stretch in counted.chunk_by(|a, b| days(a.0, b.0) == 1) {
            let thinned = thinned(stretch, counted.len());
            let first = scale.at(stretch.first()?);
            if let Some((x, y)) = before {
                let _ = write!(bridges, "M{x} {y}L{} {}", first.0, first.1);
            }
            let path = path(&thinned, scale);
            let last = scale.at(stretch.last()?);
            let _ = write!(area, "{path}V{HEIGHT}H{}Z", first.0);
            line += &path;
            before = Some(last);
        }
        let ticks = changes(points).map(|point| scale.x(point.day)).collect();
        Some(Self { line, area, bridges, grid: scale.grid(), end: before?, ticks })
    }
}

/// Every so manyth of a stretch, its first and last included.
fn thinned(stretch: &[(Date, i64, bool)], all: usize) -> Vec<(Date, i64, bool)> {
    let step = all.div_ceil(MOST_POINTS).max(1);
    let last = stretch.len().saturating_sub(1);
    let kept = stretch.iter().enumerate().filter(|(at, _)| *at == last || at % step == 0);
    kept.map(|(_, point)| *point).collect()
}

/// A line through exact counts; rounded ones hold their value until the next.
fn path(points: &[(Date, i64, bool)], scale: Scale) -> String {
    let mut path = String::new();
    for (at, point) in points.iter().enumerate() {
        let (x, y) = scale.at(point);
        let _ = match at {
            0 => write!(path, "M{x} {y}"),
            _ if point.2 => write!(path, "L{x} {y}"),
            _ => write!(path, "H{x}V{y}"),
        };
    }
    path
}

#[derive(Clone, Copy)]
struct Scale {
    from: Date,
    days: f64,
    low: i64,
    high: i64,
}

impl Scale {
    fn at(self, point: &(Date, i64, bool)) -> (f64, f64) {
        (self.x(point.0), self.y(point.1))
    }

    fn x(self, day: Date) -> f64 {
        tenth(f64::from(days(self.from, day)) / self.days * (WIDTH - RIGHT))
    }

    #[expect(clippy::cast_precision_loss, reason = "audiences are far below 2^53")]
    fn y(self, count: i64) -> f64 {
        let share = (count - self.low) as f64 / (self.high - self.low) as f64;
        tenth(HEIGHT - MARGIN - share * (HEIGHT - 2.0 * MARGIN))
    }

    /// Round values between the lowest and the highest.
    fn grid(self) -> Vec<(f64, i64)> {
        let range = self.high - self.low;
        let mut step = 1;
        let mut factors = [2, 5, 10].into_iter().cycle();
        let mut power = 1;
        while range / step > MOST_LINES - 1 {
            let Some(factor) = factors.next() else { break };
            step = power * factor;
            if factor == 10 {
                power *= 10;
            }
        }
        let first = self.low.div_euclid(step) + i64::from(self.low.rem_euclid(step) != 0);
        let lines = (0..MOST_LINES).map(|line| (first + line) * step).take_while(|value| *value <= self.high);
        lines.map(|value| (self.y(value), value)).collect()
    }
}

/// To a tenth of a unit: finer than anybody sees, and short to write.
fn tenth(x: f64) -> f64 {
    (x * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::history::tests::point;

    fn chart(points: &[Point]) -> Option<Chart> {
        Chart::of(points, Date::constant(2026, 11, 1), Date::constant(2026, 11, 11))
    }

    #[test]
    fn exact_counts_are_a_line_and_rounded_ones_are_steps() {
        let exact = chart(&[point(1, 100), point(2, 200)]).unwrap();
        assert_eq!((exact.line.as_str(), exact.end), ("M0 186L63.2 14", (63.2, 14.0)));
        let rounded = Point { precision: Precision::Rounded, ..point(2, 200) };
        assert_eq!(chart(&[point(1, 100), rounded]).unwrap().line, "M0 186H63.2V14");
    }

    #[test]
    fn days_without_a_number_are_a_gap_with_a_bridge() {
        let broken = chart(&[point(1, 100), point(2, 110), point(6, 150), point(7, 160)]).unwrap();
        assert_eq!(broken.line.matches('M').count(), 2);
        assert_eq!(broken.bridges.matches('M').count(), 1);
        assert!(chart(&[point(1, 100), point(2, 110)]).unwrap().bridges.is_empty());
    }

    #[test]
    fn a_change_of_the_source_is_a_tick() {
        let other = Point { source: "TikTok".to_owned(), ..point(3, 120) };
        assert_eq!(chart(&[point(1, 100), point(2, 110), other]).unwrap().ticks, [126.4]);
    }

    #[test]
    fn the_grid_has_round_values_and_at_most_four_lines() {
        for (low, high) in [(0, 1), (98_214, 104_731), (7, 7), (0, 1_000_000), (999, 1001), (1, 47), (120, 180)] {
            let chart = chart(&[point(1, low), point(2, high)]).unwrap();
            assert!((1..=4).contains(&chart.grid.len()), "{low} {high}: {:?}", chart.grid);
            assert!(chart.grid.iter().all(|(_, value)| (low..=high.max(low + 1)).contains(value)), "{low} {high}");
        }
        assert_eq!(
            chart(&[point(1, 98_214), point(2, 104_731)]).unwrap().grid.iter().map(|g| g.1).collect::<Vec<_>>(),
            [100_000, 102_000, 104_000]
        );
    }

    #[test]
    fn one_point_is_no_chart_and_ten_years_stay_small() {
        assert_eq!(chart(&[point(1, 100)]), None);
        let from = Date::constant(2016, 11, 25);
        let many: Vec<Point> = (0..3650)
            .map(|n| Point { day: from.saturating_add(jiff::Span::new().days(n)), ..point(1, 1000 + n) })
            .collect();
        let chart = Chart::of(&many, from, Date::constant(2026, 11, 22)).unwrap();
        assert!(chart.line.len() < 3000, "{}", chart.line.len());
    }
}
