//! A platform's audience over days, in the reader's words: four windows, each with its chart, its sentence, what it
//! stands on and its table.

use askama::Template;
use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::figures::Reader;
use super::{notices, when};
use crate::domain::chart::{Chart, HEIGHT, Tenths, WIDTH};
use crate::domain::history::{Gap, Growth, Past, Point, changes, days};
use crate::domain::media_kit::Panel;
use crate::domain::metric::Precision;
use crate::domain::number::{exact_in, percent_in, short_in};
use crate::domain::text::{Lang, Text};
use crate::web::words::{self, chart as word, detail};

/// The course of a platform's audience as its template takes it.
pub struct ChartView {
    /// The platform's id.
    pub platform: &'static str,
    /// "Follower im Verlauf"
    pub heading: String,
    /// "Follower"
    pub metric: &'static str,
    /// From the shortest to all there is.
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
    pub svg: Option<String>,
    /// What there is to say of it: "Werte und Herkunft, 1 Lücke".
    pub more: String,
    /// Gaps and changes, oldest first, each in a sentence.
    pub notes: Vec<String>,
    /// What the chart stands on: label and value.
    pub details: Vec<(&'static str, String)>,
    /// Day and value, oldest first.
    pub rows: Vec<(String, String)>,
}

/// The windows: name, days back, label.
const WINDOWS: [(&str, Option<i32>, Text); 4] = [
    ("30", Some(30), Text::new("30 Tage", "30 days")),
    ("90", Some(90), Text::new("90 Tage", "90 days")),
    ("365", Some(365), Text::new("1 Jahr", "1 year")),
    ("all", None, Text::new("alles", "all")),
];
const OPEN: &str = "90";
/// How wide a chart is on paper, in its own units: wide enough for its letters.
const ON_PAPER: &str = "450";
const MOST_ROWS: usize = 10;

/// The course of a panel's audience; `None` before its first day.
pub fn of_panel(panel: &Panel, reader: Reader) -> Option<ChartView> {
    let metric = panel.about.metric(panel.about.audience)?.label.get(reader.lang);
    let first = panel.past.points.first()?.day;
    let today = reader.now.to_zoned(TimeZone::UTC).date();
    let windows = WINDOWS.iter().map(|(id, days, label)| {
        let from = days.map_or(first, |days| today.saturating_sub(Span::new().days(days)));
        let window = Window { past: &panel.past, platform: panel.about.name, from, to: today, lang: reader.lang };
        WindowView {
            id,
            label: label.get(reader.lang),
            open: *id == OPEN,
            summary: window.summary(),
            svg: window.svg(if reader.keeps { ON_PAPER } else { "100%" }),
            more: window.more(),
            notes: window.notes(),
            details: window.details(),
            rows: window.rows(),
        }
    });
    let heading = word::HEADING.get(reader.lang).replace("{}", metric);
    Some(ChartView { platform: panel.about.id, heading, metric, windows: windows.collect() })
}

/// A time of an audience.
#[derive(Clone, Copy)]
pub struct Window<'a> {
    /// The audience.
    pub past: &'a Past,
    /// The platform's name.
    pub platform: &'a str,
    /// The first day.
    pub from: Date,
    /// The last day, today.
    pub to: Date,
    /// The reader's language.
    pub lang: Lang,
}

impl Window<'_> {
    fn points(&self) -> &[Point] {
        self.past.since(self.from)
    }

    /// The chart as SVG, so wide: `100%` on a page, a number on paper. It needs no stylesheet: what it draws is in the
    /// colour of the text around it.
    pub fn svg(&self, width: &'static str) -> Option<String> {
        let points = self.points();
        let chart = Chart::of(points, self.from, self.to)?;
        let lines: Vec<i64> = chart.grid.iter().map(|(_, value)| *value).collect();
        let grid = chart.grid.iter().map(|(y, value)| (*y, grid_label(*value, &lines, self.lang)));
        let svg = Svg {
            width,
            height: HEIGHT,
            grid: grid.collect(),
            end_at: percent(chart.end.0.permille_of(WIDTH)),
            last: written(points.last()?, self.lang)?,
            from: when::day(self.from, self.lang),
            to: when::day(self.to, self.lang),
            gap: word::NO_VALUE.get(self.lang),
            chart,
        };
        svg.render().ok()
    }

    /// What the chart shows, in a sentence or two.
    pub fn summary(&self) -> String {
        self.changed().unwrap_or_else(|| word::TOO_FEW.get(self.lang).to_owned())
    }

    fn changed(&self) -> Option<String> {
        let (lang, points) = (self.lang, self.points());
        let (first, last) = (points.first()?, points.last()?);
        let growth = self.past.growth(self.from)?;
        let sentence = word::SENTENCE.get(lang);
        let sentence = sentence.replace("{from}", &when::day(first.day, lang));
        let sentence = sentence.replace("{to}", &when::day(last.day, lang));
        let sentence = sentence.replace("{a}", &written(first, lang)?).replace("{b}", &written(last, lang)?);
        let more = match growth {
            Growth::Rate(rate) => word::RATE.get(lang).replace("{}", &signed(rate, last.precision, lang)),
            Growth::BeginsLater(day) => word::BEGINS.get(lang).replace("{}", &when::day(day, lang)),
            Growth::Gap(1) => word::GAP_OF_ONE.get(lang).to_owned(),
            Growth::Gap(days) => word::GAP.get(lang).replace("{}", &days.to_string()),
            Growth::Changed(day) => word::CHANGED.get(lang).replace("{}", &when::day(day, lang)),
            Growth::FromZero => return Some(sentence),
        };
        Some(format!("{sentence} {more}"))
    }

    /// What opens to show what the chart stands on.
    fn more(&self) -> String {
        let gaps = match self.past.gaps(self.from).count() {
            0 => return word::MORE.get(self.lang).to_owned(),
            1 => word::ONE_GAP.get(self.lang).to_owned(),
            many => word::GAPS.get(self.lang).replace("{}", &many.to_string()),
        };
        format!("{}, {gaps}", word::MORE.get(self.lang))
    }

    /// Gaps and changes, oldest first.
    pub fn notes(&self) -> Vec<String> {
        let gaps = self.past.gaps(self.from).map(|gap| (gap.from, self.gap(gap)));
        let changes = changes(self.points()).map(|(before, after)| (after.day, self.change(before, after)));
        let mut notes: Vec<(Date, String)> = gaps.chain(changes).collect();
        notes.sort_by_key(|(day, _)| *day);
        notes.into_iter().map(|(_, note)| note).collect()
    }

    fn gap(&self, gap: Gap) -> String {
        let lang = self.lang;
        let (from, to) = (when::day(gap.from, lang), when::day(gap.to, lang));
        let days = if from == to { from } else { word::SPAN.get(lang).replace("{from}", &from).replace("{to}", &to) };
        let why = gap.why.map_or_else(
            || word::NOT_ASKED.get(lang).to_owned(),
            |kind| notices::first_sentence(&kind.sentence(self.platform, lang)),
        );
        word::GAP_NOTE.get(lang).replace("{days}", &days).replace("{why}", &why)
    }

    fn change(&self, before: &Point, after: &Point) -> String {
        let lang = self.lang;
        let version = |point: &Point| match &point.api_version {
            Some(version) => format!("{} {version}", point.source),
            None => point.source.to_string(),
        };
        let exactness = |point: &Point| words::precision(point.precision).get(lang).to_owned();
        let (new, old) = if before.precision == after.precision {
            (version(after), version(before))
        } else {
            (format!("{}, {}", version(after), exactness(after)), format!("{}, {}", version(before), exactness(before)))
        };
        let note = word::CHANGE_NOTE.get(lang).replace("{day}", &when::day(after.day, lang));
        note.replace("{new}", &new).replace("{old}", &old)
    }

    /// What the chart stands on: window, measured days, formula, source, provenance, precision, age.
    fn details(&self) -> Vec<(&'static str, String)> {
        let (lang, points) = (self.lang, self.points());
        let Some(last) = points.last() else { return Vec::new() };
        let span = word::SPAN.get(lang).replace("{from}", &when::day(self.from, lang));
        let measured = word::DAYS_OF.get(lang).replace("{}", &points.len().to_string());
        let whole = (days(self.from, self.to) + 1).to_string();
        let rows = [
            (detail::WINDOW, span.replace("{to}", &when::day(self.to, lang))),
            (word::MEASURED, measured.replace("{all}", &whole)),
            (detail::FORMULA, word::FORMULA.get(lang).to_owned()),
            (detail::SOURCE, last.source.to_string()),
            (detail::PROVENANCE, words::provenance(last.provenance).1.get(lang).to_owned()),
            (detail::PRECISION, words::precision(last.precision).get(lang).to_owned()),
            (word::NEWEST, format!("{} UTC", when::full(last.fetched_at, lang))),
        ];
        rows.into_iter().map(|(label, value)| (label.get(lang), value)).collect()
    }

    /// A few of the points, evenly spread, the last among them.
    fn rows(&self) -> Vec<(String, String)> {
        let points = self.points();
        let step = points.len().div_ceil(MOST_ROWS).max(1);
        let row = |point: &Point| Some((when::day(point.day, self.lang), written(point, self.lang)?));
        let mut rows: Vec<_> = points.iter().rev().step_by(step).filter_map(row).collect();
        rows.reverse();
        rows
    }
}

/// The drawing.
#[derive(Template)]
#[template(path = "parts/chart.svg", escape = "html", whitespace = "minimize")]
struct Svg {
    width: &'static str,
    /// The height the lines and the curve have.
    height: Tenths,
    chart: Chart,
    /// Height and label of each line.
    grid: Vec<(Tenths, String)>,
    /// How far right the last point is, in per cent.
    end_at: String,
    last: String,
    from: String,
    to: String,
    gap: &'static str,
}

/// In the short form where that tells every line from the others, digit for digit elsewhere.
fn grid_label(value: i64, all: &[i64], lang: Lang) -> String {
    let short = |value: &i64| short_in(*value, lang);
    let told_apart = all.windows(2).all(|pair| short(&pair[0]) != short(&pair[1]));
    if told_apart { short(&value) } else { exact_in(value, lang) }
}

fn percent(permille: i32) -> String {
    format!("{}.{}%", permille / 10, permille % 10)
}

/// `+4,21 %`, `−0,3 %`, with `≈` when the counts were not exact.
fn signed(rate: f64, precision: Precision, lang: Lang) -> String {
    let sign = if rate > 0.0 {
        "+"
    } else if rate < 0.0 {
        "−"
    } else {
        ""
    };
    let approx = if precision == Precision::Exact { "" } else { "≈\u{a0}" };
    format!("{approx}{sign}{}", percent_in(rate.abs(), lang).replace(' ', "\u{a0}"))
}

fn written(point: &Point, lang: Lang) -> Option<String> {
    let count = exact_in(point.value.count()?, lang);
    Some(if point.precision == Precision::Exact { count } else { format!("≈\u{a0}{count}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::failure::FailureKind;
    use crate::domain::history::tests::{november, past, point};

    fn window(past: &Past, from: i8, lang: Lang) -> Window<'_> {
        Window { past, platform: "TikTok", from: november(from), to: november(22), lang }
    }

    fn daily() -> Past {
        past(&(1..=22).map(|day| point(day, 1000 + i64::from(day) * 10)).collect::<Vec<_>>())
    }

    #[test]
    fn a_chart_says_in_a_sentence_what_it_shows() {
        assert_eq!(
            window(&daily(), 1, Lang::De).summary(),
            "1. Nov. 2026 bis 22. Nov. 2026: von 1.010 auf 1.220. Das sind +20,79\u{a0}%."
        );
        let english = window(&daily(), 1, Lang::En).summary();
        assert_eq!(english, "1 Nov 2026 to 22 Nov 2026: from 1,010 to 1,220. That is +20.79%.");
        let falling = past(&[point(1, 1000), point(2, 990)]);
        assert!(window(&falling, 1, Lang::En).summary().ends_with("That is −1%."));
    }

    #[test]
    fn without_a_rate_it_says_why() {
        let later = past(&[point(3, 1000), point(4, 1010)]);
        assert!(window(&later, 1, Lang::De).summary().contains("Gemessen wird seit 3. Nov. 2026"));
        let gap = past(&[point(1, 1000), point(2, 1010), point(5, 1020)]);
        assert!(window(&gap, 1, Lang::De).summary().contains("An 2 Tagen fehlt der Wert"));
        assert!(window(&past(&[point(1, 1)]), 1, Lang::De).summary().starts_with("Noch zu wenige Tage"));
        assert!(window(&past(&[point(1, 1)]), 1, Lang::De).svg("100%").is_none());
    }

    #[test]
    fn gaps_and_changes_are_told_in_the_order_they_happened() {
        let other = Point { source: "TikTok API".into(), precision: Precision::Rounded, ..point(9, 1100) };
        let points = [point(1, 1000), point(2, 1010), point(6, 1050), other];
        let past = Past { failed: [(november(4), FailureKind::Timeout)].into(), ..past(&points) };
        assert_eq!(
            window(&past, 1, Lang::De).notes(),
            [
                "3. Nov. 2026 bis 5. Nov. 2026: kein Wert. TikTok hat nicht rechtzeitig geantwortet.",
                "7. Nov. 2026 bis 8. Nov. 2026: kein Wert. In dieser Zeit wurde nicht abgerufen.",
                "Seit 9. Nov. 2026: TikTok API, gerundet statt Meta Graph API, exakt.",
            ]
        );
        assert_eq!(window(&past, 1, Lang::En).more(), "Values and provenance, 2 gaps");
    }

    #[test]
    fn the_drawing_labels_its_last_value_and_its_ends() {
        let svg = window(&daily(), 1, Lang::De).svg("100%").unwrap();
        for text in ["1.220", "1. Nov. 2026", "22. Nov. 2026", "1,1k"] {
            assert!(svg.contains(&format!(">{text}</text>")), "{text}: {svg}");
        }
        assert!(!svg.contains("style="), "{svg}");
        assert!(!svg.contains("stroke-dasharray"), "no gap, no bridge: {svg}");
        let gap = past(&[point(1, 1000), point(22, 1010)]);
        assert!(window(&gap, 1, Lang::De).svg("640").unwrap().contains("stroke-dasharray"));
    }

    #[test]
    fn the_table_is_short_and_ends_with_the_newest() {
        let past = daily();
        let rows = window(&past, 1, Lang::En).rows();
        assert!(rows.len() <= MOST_ROWS);
        assert_eq!(rows.last().unwrap(), &("22 Nov 2026".to_owned(), "1,220".to_owned()));
    }
}
