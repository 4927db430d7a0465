//! A platform's audience over days, in the reader's words: four windows, each with its chart, its sentence and its table.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::Span;

use super::figures::Reader;
use super::when;
use crate::domain::chart::{Chart, HEIGHT, WIDTH};
use crate::domain::history::{Growth, Point, growth};
use crate::domain::metric::{MetricAbout, Precision};
use crate::domain::number::{exact_in, percent_in, short_in};
use crate::domain::text::{Lang, Text};

/// The chart of a platform as its template takes it.
pub struct ChartView {
    /// The platform's id.
    pub platform: &'static str,
    /// What is drawn: "Follower".
    pub metric: &'static str,
    /// The windows, the one that is open first to last.
    pub windows: Vec<WindowView>,
}

/// One window of a chart.
pub struct WindowView {
    /// "30", "90", "365" or "all".
    pub id: &'static str,
    /// "30 Tage"
    pub label: &'static str,
    /// Whether it is open at first.
    pub open: bool,
    /// The sentence that stands for the chart.
    pub summary: String,
    /// The drawing; `None` with fewer than two points.
    pub drawing: Option<Drawing>,
    /// Day and value, oldest first; at most fourteen.
    pub rows: Vec<(String, String)>,
}

/// A chart with its labels, places in per cent of the drawing.
pub struct Drawing {
    /// The geometry.
    pub chart: Chart,
    /// Height and label of each grid line.
    pub grid: Vec<(f64, String)>,
    /// Place and label of the last value.
    pub end: (f64, f64, String),
    /// The days at both ends.
    pub days: (String, String),
}

const WINDOWS: [(&str, Option<i32>, Text); 4] = [
    ("30", Some(30), Text::new("30 Tage", "30 days")),
    ("90", Some(90), Text::new("90 Tage", "90 days")),
    ("365", Some(365), Text::new("1 Jahr", "1 year")),
    ("all", None, Text::new("alles", "all")),
];
const OPEN: &str = "90";
const MOST_ROWS: usize = 14;

const SENTENCE: Text = Text::new("{from} bis {to}: von {a} auf {b}.", "{from} to {to}: from {a} to {b}.");
const TOO_FEW: Text = Text::new(
    "Noch zu wenige Tage für einen Verlauf. Jeden Tag kommt einer dazu.",
    "Too few days for a course yet. One is added every day.",
);
const RATE: Text = Text::new("Das sind {}.", "That is {}.");
const BEGINS: Text = Text::new(
    "Gemessen wird seit {}, deshalb steht hier kein Prozentwert.",
    "Measured since {}, so there is no percentage here.",
);
const GAP: Text = Text::new(
    "An {} Tagen fehlt der Wert, deshalb steht hier kein Prozentwert.",
    "On {} days the value is missing, so there is no percentage here.",
);
const CHANGED: Text = Text::new(
    "Seit {} kommt der Wert aus einer anderen Quelle, deshalb steht hier kein Prozentwert.",
    "Since {} the value comes from another source, so there is no percentage here.",
);

/// The chart of an audience, whose history is sorted by day; `None` without any.
pub fn view(platform: &'static str, metric: &MetricAbout, points: &[Point], reader: Reader) -> Option<ChartView> {
    let first = points.first()?.day;
    let today = reader.now.to_zoned(TimeZone::UTC).date();
    let windows = WINDOWS.iter().map(|(id, days, label)| {
        let from = days.map_or(first, |days| today.saturating_sub(Span::new().days(days)));
        let begin = points.partition_point(|point| point.day < from);
        let within = points.get(begin..).unwrap_or_default();
        window(id, label.get(reader.lang), (from, today), within, reader.lang)
    });
    Some(ChartView { platform, metric: metric.label.get(reader.lang), windows: windows.collect() })
}

fn window(id: &'static str, label: &'static str, (from, to): (Date, Date), points: &[Point], lang: Lang) -> WindowView {
    let drawing = Chart::of(points, from, to).and_then(|chart| drawing(chart, (from, to), points, lang));
    let summary = summary(points, from, lang).unwrap_or_else(|| TOO_FEW.get(lang).to_owned());
    WindowView { id, label, open: id == OPEN, summary, drawing, rows: rows(points, lang) }
}

fn drawing(chart: Chart, (from, to): (Date, Date), points: &[Point], lang: Lang) -> Option<Drawing> {
    let across = |x: f64| (x / WIDTH * 1000.0).round() / 10.0;
    let down = |y: f64| (y / HEIGHT * 1000.0).round() / 10.0;
    let grid = chart.grid.iter().map(|(y, value)| (down(*y), short_in(*value, lang))).collect();
    let last = written(points.last()?, lang)?;
    let end = (across(chart.end.0), down(chart.end.1), last);
    Some(Drawing { chart, grid, end, days: (when::day(from, lang), when::day(to, lang)) })
}

/// What the chart shows, in a sentence.
fn summary(points: &[Point], from: Date, lang: Lang) -> Option<String> {
    let (first, last) = (points.first()?, points.last()?);
    let growth = growth(points, from)?;
    let sentence = SENTENCE.get(lang);
    let sentence = sentence.replace("{from}", &when::day(first.day, lang)).replace("{to}", &when::day(last.day, lang));
    let sentence = sentence.replace("{a}", &written(first, lang)?).replace("{b}", &written(last, lang)?);
    let more = match growth {
        Growth::Rate(rate) => {
            let sign = if rate > 0.0 { "+" } else { "" };
            RATE.get(lang).replace("{}", &format!("{sign}{}", percent_in(rate, lang)))
        }
        Growth::BeginsLater(day) => BEGINS.get(lang).replace("{}", &when::day(day, lang)),
        Growth::Gap(days) => GAP.get(lang).replace("{}", &days.to_string()),
        Growth::Changed(day) => CHANGED.get(lang).replace("{}", &when::day(day, lang)),
        Growth::FromZero => return Some(sentence),
    };
    Some(format!("{sentence} {more}"))
}

/// A few of the points, evenly spread, the last among them.
fn rows(points: &[Point], lang: Lang) -> Vec<(String, String)> {
    let step = points.len().div_ceil(MOST_ROWS).max(1);
    let from_end = points.iter().rev().step_by(step).take(MOST_ROWS);
    let mut rows: Vec<_> =
        from_end.filter_map(|point| Some((when::day(point.day, lang), written(point, lang)?))).collect();
    rows.reverse();
    rows
}

fn written(point: &Point, lang: Lang) -> Option<String> {
    let count = exact_in(point.value.count()?, lang);
    Some(if point.precision == Precision::Exact { count } else { format!("≈\u{a0}{count}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::history::tests::point;

    const FOLLOWERS: MetricAbout = MetricAbout::count("followers", Text::new("Follower", "Followers"));

    fn shown(points: &[Point], lang: Lang) -> ChartView {
        view("instagram", &FOLLOWERS, points, Reader { lang, now: "2026-11-22T18:00:00Z".parse().unwrap() }).unwrap()
    }

    fn summary_of(points: &[Point], id: &str) -> String {
        shown(points, Lang::De).windows.into_iter().find(|window| window.id == id).unwrap().summary
    }

    #[test]
    fn a_chart_says_in_a_sentence_what_it_shows() {
        let points: Vec<Point> = (1..=22).map(|day| point(day, 1000 + i64::from(day) * 10)).collect();
        assert_eq!(summary_of(&points, "all"), "1. Nov. 2026 bis 22. Nov. 2026: von 1.010 auf 1.220. Das sind +20,79\u{a0}%.");
        assert!(summary_of(&points, "30").contains("Gemessen wird seit 1. Nov. 2026"));
        let english = shown(&points, Lang::En).windows.pop().unwrap().summary;
        assert!(english.starts_with("1 Nov 2026 to 22 Nov 2026: from 1,010 to 1,220."), "{english}");
        let gap = [point(1, 1000), point(2, 1010), point(5, 1020)];
        assert!(summary_of(&gap, "all").contains("An 2 Tagen fehlt der Wert"));
    }

    #[test]
    fn few_days_say_so_and_draw_nothing() {
        let one = shown(&[point(22, 1000)], Lang::De);
        assert!(one.windows.iter().all(|window| window.drawing.is_none() && window.summary.starts_with("Noch zu wenige")));
        assert!(view("x", &FOLLOWERS, &[], Reader { lang: Lang::De, now: jiff::Timestamp::UNIX_EPOCH }).is_none());
    }

    #[test]
    fn the_table_is_short_and_ends_with_the_newest() {
        let points: Vec<Point> = (1..=22).map(|day| point(day, i64::from(day))).collect();
        let window = &shown(&points, Lang::En).windows[3];
        assert!(window.rows.len() <= 14);
        assert_eq!(window.rows.last().unwrap(), &("22 Nov 2026".to_owned(), "22".to_owned()));
        assert!(window.rows.is_sorted_by_key(|(_, value)| value.parse::<i64>().unwrap()));
    }
}
