//! A chart's geometry: one line, its area, gaps as dashed bridges, rounded sources as steps, a grid of at most four.

use std::fmt::{self, Display, Formatter, Write as _};

use jiff::civil::Date;

use super::history::{Point, changes, days};
use super::metric::Precision;

/// The drawing's width, in units of its view box.
pub const WIDTH: Tenths = Tenths(6400);
/// The drawing's height.
pub const HEIGHT: Tenths = Tenths(2000);
/// Room above the highest point, for its label.
const TOP: i32 = 280;
/// Room below the lowest point.
const BOTTOM: i32 = 100;
/// Room on the right, for the last point.
const RIGHT: i32 = 50;
/// At most this many points are drawn; of more, evenly many.
const MOST_POINTS: usize = 64;
const MOST_LINES: i64 = 4;
/// The axis shows at least this part of the highest value, so that noise looks like noise.
const LEAST_RANGE: i64 = 50;

/// A length in tenths of a unit: finer than anybody sees, and short to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tenths(i32);

impl Tenths {
    /// The part of a whole, in thousandths.
    pub const fn permille_of(self, whole: Self) -> i32 {
        self.0 * 1000 / whole.0
    }
}

impl Display for Tenths {
    /// As paths write it: `12`, `1.5`, `-.5`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0.abs() / 10, self.0.abs() % 10);
        let sign = if self.0 < 0 { "-" } else { "" };
        match (whole, rest) {
            (_, 0) => write!(f, "{sign}{whole}"),
            (0, _) => write!(f, "{sign}.{rest}"),
            _ => write!(f, "{sign}{whole}.{rest}"),
        }
    }
}

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
    pub grid: Vec<(Tenths, i64)>,
    /// Where the last value is.
    pub end: (Tenths, Tenths),
    /// Where the source, the precision or the interface's version changed.
    pub ticks: Vec<Tenths>,
}

impl Chart {
    /// The chart of the counts among `points` (sorted by day) from one day to another; `None` with fewer than two.
    pub fn of(points: &[Point], from: Date, to: Date) -> Option<Self> {
        let counted: Vec<Counted> = points.iter().filter_map(Counted::of).collect();
        if counted.len() < 2 {
            return None;
        }
        let scale = Scale::of(&counted, from, to)?;
        let (mut line, mut area, mut bridges) = (String::new(), String::new(), String::new());
        let mut before: Option<Place> = None;
        for stretch in counted.chunk_by(|a, b| days(a.day, b.day) == 1) {
            let (first, last) = (scale.at(stretch.first()?), scale.at(stretch.last()?));
            if let Some(before) = before {
                let _ = write!(bridges, "M{before}L{first}");
            }
            let path = path(&thinned(stretch, counted.len()), scale);
            let _ = write!(area, "{path}V{HEIGHT}H{}z", Tenths(first.x));
            line += &path;
            before = Some(last);
        }
        let end = before?;
        let ticks = changes(points).map(|(_, after)| Tenths(scale.x(after.day))).collect();
        Some(Self { line, area, bridges, grid: scale.grid(), end: (Tenths(end.x), Tenths(end.y)), ticks })
    }
}

/// A point with a count.
#[derive(Clone, Copy)]
struct Counted {
    day: Date,
    count: i64,
    exact: bool,
}

impl Counted {
    fn of(point: &Point) -> Option<Self> {
        Some(Self { day: point.day, count: point.value.count()?, exact: point.precision == Precision::Exact })
    }
}

/// Every so manyth of a stretch, its first and last included; of rounded counts, where they change.
fn thinned(stretch: &[Counted], all: usize) -> Vec<Counted> {
    let step = all.div_ceil(MOST_POINTS).max(1);
    let last = stretch.len().saturating_sub(1);
    let kept = stretch.iter().enumerate().filter(|(at, _)| *at == last || at % step == 0);
    kept.map(|(_, point)| *point).collect()
}

/// A line through exact counts; rounded ones hold their value until the next.
fn path(points: &[Counted], scale: Scale) -> String {
    let mut path = String::new();
    let mut at: Option<Place> = None;
    for point in points {
        let to = scale.at(point);
        let (right, down) = at.map_or((0, 0), |at| (to.x - at.x, to.y - at.y));
        let _ = match at {
            None => write!(path, "M{to}"),
            Some(_) if point.exact => write!(path, "l{}", Place { x: right, y: down }),
            // A step that goes nowhere is no step: the next one is longer.
            Some(_) if down == 0 && !is_end(points, point) => continue,
            Some(_) => write!(path, "h{}{}", Tenths(right), Step(down)),
        };
        at = Some(to);
    }
    if points.len() == 1 {
        // A day on its own is a dot.
        path += "h.1";
    }
    path
}

fn is_end(points: &[Counted], point: &Counted) -> bool {
    points.last().is_some_and(|last| last.day == point.day)
}

/// The upright part of a step, if there is one.
struct Step(i32);

impl Display for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0 == 0 { Ok(()) } else { write!(f, "v{}", Tenths(self.0)) }
    }
}

#[derive(Clone, Copy)]
struct Place {
    x: i32,
    y: i32,
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let space = if self.y < 0 { "" } else { " " };
        write!(f, "{}{space}{}", Tenths(self.x), Tenths(self.y))
    }
}

#[derive(Clone, Copy)]
struct Scale {
    from: Date,
    days: i32,
    low: i64,
    high: i64,
}

impl Scale {
    fn of(points: &[Counted], from: Date, to: Date) -> Option<Self> {
        let low = points.iter().map(|point| point.count).min()?;
        let high = points.iter().map(|point| point.count).max()?;
        let lacking = (high / LEAST_RANGE).max(4) - (high - low);
        let low = (low - lacking.max(0) / 2).max(0);
        let high = high + lacking.max(0) / 2;
        Some(Self { from, days: days(from, to).max(1), low, high: high.max(low + 1) })
    }

    fn at(self, point: &Counted) -> Place {
        Place { x: self.x(point.day), y: self.y(point.count) }
    }

    fn x(self, day: Date) -> i32 {
        part(days(self.from, day).into(), self.days.into(), WIDTH.0 - RIGHT)
    }

    fn y(self, count: i64) -> i32 {
        HEIGHT.0 - BOTTOM - part(count - self.low, self.high - self.low, HEIGHT.0 - TOP - BOTTOM)
    }

    /// Round values between the lowest and the highest.
    fn grid(self) -> Vec<(Tenths, i64)> {
        let range = self.high - self.low;
        let mut steps = (0..18).flat_map(|power| [1, 2, 5].map(|factor| factor * 10_i64.pow(power)));
        let step = steps.find(|step| range / step < MOST_LINES).unwrap_or(i64::MAX);
        let first = self.low.div_euclid(step) + i64::from(self.low.rem_euclid(step) != 0);
        let lines = (0..MOST_LINES).map(|line| (first + line).saturating_mul(step));
        lines.take_while(|value| *value <= self.high).map(|value| (Tenths(self.y(value)), value)).collect()
    }
}

/// `of` tenths × `part` ÷ `whole`, rounded.
fn part(part: i64, whole: i64, of: i32) -> i32 {
    let rounded = (i128::from(part) * i128::from(of) * 2 + i128::from(whole)).div_euclid(i128::from(whole) * 2);
    i32::try_from(rounded).unwrap_or(of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::history::tests::{november, point};

    fn chart(points: &[Point]) -> Option<Chart> {
        Chart::of(points, november(1), november(11))
    }

    fn rounded(day: i8, count: i64) -> Point {
        Point { precision: Precision::Rounded, ..point(day, count) }
    }

    #[test]
    fn exact_counts_are_a_line_and_rounded_ones_are_steps() {
        let exact = chart(&[point(1, 100), point(2, 200), point(3, 150)]).unwrap();
        assert_eq!(exact.line, "M0 190l63.5-162l63.5 81");
        assert_eq!((exact.end.0.to_string(), exact.end.1.to_string()), ("127".to_owned(), "109".to_owned()));
        assert_eq!(exact.area, "M0 190l63.5-162l63.5 81V200H0z");
        let steps = chart(&[rounded(1, 100), rounded(2, 100), rounded(3, 200), rounded(4, 200)]).unwrap();
        assert_eq!(steps.line, "M0 190h127v-162h63.5");
    }

    #[test]
    fn days_without_a_number_are_a_gap_with_a_bridge() {
        let broken = chart(&[point(1, 100), point(2, 110), point(6, 150), point(7, 160)]).unwrap();
        assert_eq!(broken.line.matches('M').count(), 2);
        assert_eq!(broken.bridges.matches('M').count(), 1);
        assert!(chart(&[point(1, 100), point(2, 110)]).unwrap().bridges.is_empty());
        let alone = chart(&[point(1, 100), point(5, 110)]).unwrap();
        assert_eq!(alone.line.matches("h.1").count(), 2, "a day on its own can be seen");
    }

    #[test]
    fn a_change_of_how_it_is_read_is_a_tick() {
        let other = Point { source: "TikTok".into(), ..point(3, 120) };
        let ticks = chart(&[point(1, 100), point(2, 110), other]).unwrap().ticks;
        assert_eq!(ticks.iter().map(Tenths::to_string).collect::<Vec<_>>(), ["127"]);
    }

    #[test]
    fn the_grid_has_round_values_and_at_most_four_lines() {
        for (low, high) in [(0, 1), (98_214, 104_731), (7, 7), (0, 1_000_000), (999, 1001), (1, 47), (120, 180)] {
            let grid = chart(&[point(1, low), point(2, high)]).unwrap().grid;
            assert!((1..=4).contains(&grid.len()), "{low} {high}: {grid:?}");
        }
        let grid = chart(&[point(1, 98_214), point(2, 104_731)]).unwrap().grid;
        assert_eq!(grid.iter().map(|line| line.1).collect::<Vec<_>>(), [100_000, 102_000, 104_000]);
        assert_eq!(chart(&[point(1, 0), point(2, i64::MAX)]).unwrap().grid.len(), 4);
    }

    #[test]
    fn a_few_more_of_many_do_not_look_like_a_mountain() {
        let flat = chart(&[point(1, 100_000), point(2, 100_010)]).unwrap();
        assert!(flat.line.ends_with("l63.5-.8"), "{}", flat.line);
    }

    #[test]
    fn one_point_is_no_chart_and_ten_years_stay_small() {
        assert_eq!(chart(&[point(1, 100)]), None);
        let from = Date::constant(2016, 11, 25);
        let day = |n| from.saturating_add(jiff::Span::new().days(n));
        let many: Vec<Point> = (0..3650).map(|n| Point { day: day(n), ..point(1, 1000 + n * n) }).collect();
        let chart = Chart::of(&many, from, november(22)).unwrap();
        assert!(chart.line.len() < 900, "{}", chart.line.len());
    }
}
