//! One number in the reader's words, with everything it stands on.

use jiff::Timestamp;
use jiff::civil::Date;

use super::view::{FigureView, ProvenanceView};
use super::{notices, when};
use crate::domain::engagement::FEWEST_POSTS;
use crate::domain::media_kit::{Freshness, Panel};
use crate::domain::metric::{Figure, MetricAbout, Origin, Precision, Provenance, Unit, Value};
use crate::domain::number::{decimal_in, exact_in, percent_in, short_in};
use crate::domain::text::{Lang, Text};
use crate::web::words::{self, detail};

/// The reader: their language and the time.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// The language.
    pub lang: Lang,
    /// The time the page is made.
    pub now: Timestamp,
    /// Whether it is kept: times are then written as dates, not as today and yesterday.
    pub keeps: bool,
}

impl Reader {
    /// An instant in the reader's words.
    pub fn near(self, at: Timestamp) -> String {
        if self.keeps { when::full(at, self.lang).replace(' ', "\u{a0}") } else { when::near(at, self.now, self.lang) }
    }
}

/// A panel's metric as a figure; unknown ones say so.
pub fn of_metric(panel: &Panel, metric: &MetricAbout, figure: Option<&Figure>, reader: Reader) -> FigureView {
    match figure {
        Some(figure) => known(panel, metric, figure, reader),
        None => unknown(panel, metric, reader),
    }
}

/// A number that is known.
pub fn known(panel: &Panel, metric: &MetricAbout, figure: &Figure, reader: Reader) -> FigureView {
    let lang = reader.lang;
    let (short, exact) = written(figure.value, metric.unit, lang);
    let (mark, text) = words::provenance(figure.origin.provenance);
    // The dots stay at the ends of lines, times in one piece.
    let when = reader.near(figure.fetched_at).replace(' ', "\u{a0}");
    let how = match &figure.basis {
        Some(basis) => words::COMPUTED.get(lang).replace("{}", &basis.sample_size.to_string()),
        None => words::precision(figure.precision).get(lang).to_owned(),
    };
    FigureView {
        id: id(panel, metric),
        label: label(metric, figure, lang),
        details: details(figure, exact.as_deref().unwrap_or(&short), lang),
        short,
        exact,
        approx: figure.precision != Precision::Exact,
        provenance: Some(ProvenanceView { mark, text: text.get(lang) }),
        source_line: format!("{}\u{a0}· {when}\u{a0}· {how}", figure.origin.source),
        freshness: freshness(figure.fetched_at, reader.now),
        age_text: when::age(figure.fetched_at, reader.now, lang),
        unknown_reason: None,
        profile_url: Some((panel.about.profile_url)(&panel.handle)),
    }
}

/// A number nobody gave us: never 0, always with the reason.
pub fn unknown(panel: &Panel, metric: &MetricAbout, reader: Reader) -> FigureView {
    missing(id(panel, metric), metric.label, why_unknown(panel, metric.key, reader), reader.lang)
}

/// Why there is no such number.
pub fn why_unknown(panel: &Panel, key: &str, reader: Reader) -> String {
    let (lang, name) = (reader.lang, panel.about.name);
    let Some(snapshot) = &panel.snapshot else {
        let failed = panel.failure.as_ref().map(|failure| notices::what_happened(failure, name, reader));
        return failed.unwrap_or_else(|| words::NOT_FETCHED.get(lang).to_owned());
    };
    let off_air = snapshot.figures.get("live").is_some_and(|live| live.value == Value::Flag(false));
    if let Some(note) = snapshot.notes.iter().find(|note| note.part == key) {
        notices::first_sentence(&note.kind.sentence(name, lang))
    } else if key == "viewers" && off_air {
        words::OFF_AIR.get(lang).to_owned()
    } else if words::COMPUTED_METRICS.contains(&key) {
        words::TOO_FEW_POSTS.get(lang).replace("{}", &FEWEST_POSTS.to_string())
    } else {
        words::NOT_GIVEN.get(lang).replace("{}", name)
    }
}

/// The figure's name on the page: `instagram.followers`.
fn id(panel: &Panel, metric: &MetricAbout) -> String {
    format!("{}.{}", panel.about.id, metric.key)
}

/// What people call the metric; a rate says what it is a rate of.
fn label(metric: &MetricAbout, figure: &Figure, lang: Lang) -> String {
    let label = metric.label.get(lang);
    match definition(figure, lang) {
        Some(short) => format!("{label}, {short}"),
        None => label.to_owned(),
    }
}

/// What a figure is a rate of: "nach Followern".
pub fn definition(figure: &Figure, lang: Lang) -> Option<&'static str> {
    let basis = figure.basis.as_ref()?;
    words::definition(&basis.formula).map(|definition| definition.short.get(lang)).filter(|short| !short.is_empty())
}

/// What the creator typed: marked as such, with where they read it and the day they typed it.
pub fn typed(id: String, label: &str, value: &str, origin: (Option<&str>, Option<Date>), lang: Lang) -> FigureView {
    let (from, on) = origin;
    let (mark, word) = words::provenance(Provenance::SelfReported);
    let on = on.map(|on| when::day(on, lang).replace(' ', "\u{a0}"));
    let parts = [Some(word.get(lang).to_owned()), from.map(str::to_owned), on];
    FigureView {
        id,
        label: label.to_owned(),
        short: value.to_owned(),
        exact: None,
        approx: false,
        provenance: Some(ProvenanceView { mark, text: detail::PROVENANCE.get(lang) }),
        source_line: parts.into_iter().flatten().collect::<Vec<_>>().join("\u{a0}· "),
        freshness: "fresh",
        age_text: None,
        unknown_reason: None,
        details: Vec::new(),
        profile_url: None,
    }
}

/// A figure that says why there is no number.
pub fn missing(id: String, label: Text, reason: String, lang: Lang) -> FigureView {
    FigureView {
        id,
        label: label.get(lang).to_owned(),
        short: words::NOT_AVAILABLE.get(lang).to_owned(),
        exact: None,
        approx: false,
        provenance: None,
        source_line: String::new(),
        freshness: "unknown",
        age_text: None,
        unknown_reason: Some(reason),
        details: Vec::new(),
        profile_url: None,
    }
}

/// A value's short form, and every digit when the short form left some out.
fn written(value: Value, unit: Unit, lang: Lang) -> (String, Option<String>) {
    match value {
        Value::Count(n) => counted(n, lang),
        Value::Flag(yes) => ((if yes { words::YES } else { words::NO }).get(lang).to_owned(), None),
        Value::Rate(rate) if unit == Unit::Percent => (percent_in(rate, lang), None),
        Value::Rate(rate) if unit == Unit::Decimal => (decimal_in(rate, lang), None),
        #[expect(clippy::cast_possible_truncation, reason = "an average of counts; the cast saturates")]
        Value::Rate(rate) => counted(rate as i64, lang),
    }
}

/// A count's short form, and every digit when the short form left some out.
pub fn counted(n: i64, lang: Lang) -> (String, Option<String>) {
    (short_in(n, lang), (n >= 1000).then(|| exact_in(n, lang)))
}

/// The step of fading: old and very old look the same.
pub fn freshness(at: Timestamp, now: Timestamp) -> &'static str {
    match Freshness::of(at, now) {
        Freshness::Fresh => "fresh",
        Freshness::Aged => "aged",
        Freshness::Stale | Freshness::Expired => "stale",
    }
}

fn details(figure: &Figure, exact: &str, lang: Lang) -> Vec<(&'static str, String)> {
    let word = |text: Text| text.get(lang);
    let mut rows = vec![(word(detail::EXACT), exact.to_owned())];
    if let Some(basis) = &figure.basis {
        let formula = words::definition(&basis.formula).map(|definition| word(definition.formula));
        rows.push((word(detail::FORMULA), formula.unwrap_or(&basis.formula).to_owned()));
        rows.push((word(detail::SAMPLE), word(detail::POSTS).replace("{}", &basis.sample_size.to_string())));
        rows.extend(basis.window_days.map(|days| (word(detail::WINDOW), window(days, lang))));
    }
    rows.extend(origin(&figure.origin, figure.precision, figure.fetched_at, lang));
    rows
}

/// Where and when something was read, and how exact it is.
pub fn origin(from: &Origin, precision: Precision, at: Timestamp, lang: Lang) -> Vec<(&'static str, String)> {
    let word = |text: Text| text.get(lang);
    let (_, provenance) = words::provenance(from.provenance);
    let mut rows = vec![
        (word(detail::PRECISION), word(words::precision(precision)).to_owned()),
        (word(detail::SOURCE), from.source.clone()),
        (word(detail::PROVENANCE), word(provenance).to_owned()),
    ];
    rows.extend(from.api_version.clone().map(|version| (word(detail::VERSION), version)));
    rows.extend(from.api_version_answered.clone().map(|version| (word(detail::VERSION_ANSWERED), version)));
    rows.push((word(detail::FETCHED), format!("{} UTC", when::full(at, lang))));
    rows
}

/// A window in words.
pub fn window(days: u32, lang: Lang) -> String {
    match days {
        0 | 1 => detail::LAST_DAY.get(lang).to_owned(),
        _ => detail::LAST_DAYS.get(lang).replace("{}", &days.to_string()),
    }
}
