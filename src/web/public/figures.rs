//! One number in the reader's words, with everything it stands on.

use jiff::Timestamp;

use super::view::{FigureView, ProvenanceView};
use super::when;
use crate::domain::media_kit::{Freshness, Panel};
use crate::domain::metric::{Basis, Figure, MetricAbout, Precision, Unit, Value};
use crate::domain::number::{exact_in, percent_in, short_in};
use crate::domain::text::{Lang, Text};
use crate::web::words::{self, detail};

/// The reader: their language and the time.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// The language.
    pub lang: Lang,
    /// The time the page is made.
    pub now: Timestamp,
}

/// A panel's metric as a figure; unknown ones say so.
pub fn of_metric(panel: &Panel, metric: &MetricAbout, figure: Option<&Figure>, reader: Reader) -> FigureView {
    match figure {
        Some(figure) => known(panel, metric.label, metric.unit, figure, reader),
        None => unknown(panel, metric.label, reader.lang),
    }
}

/// A number that is known.
pub fn known(panel: &Panel, label: Text, unit: Unit, figure: &Figure, reader: Reader) -> FigureView {
    let lang = reader.lang;
    let (short, exact) = written(figure.value, unit, lang);
    let (mark, text) = words::provenance(figure.origin.provenance);
    let when = when::near(figure.fetched_at, reader.now, lang);
    let precision = words::precision(figure.precision).get(lang);
    FigureView {
        label: label.get(lang).to_owned(),
        details: details(figure, exact.as_deref().unwrap_or(&short), lang),
        short,
        exact,
        approx: figure.precision != Precision::Exact,
        provenance: Some(ProvenanceView { mark, text: text.get(lang) }),
        source_line: format!("{} · {when} · {precision}", figure.origin.source),
        freshness: freshness(figure.fetched_at, reader.now),
        age_text: when::age(figure.fetched_at, reader.now, lang),
        unknown_reason: None,
        profile_url: Some((panel.about.profile_url)(&panel.handle)),
    }
}

/// A number nobody gave us: never 0, always with the reason.
pub fn unknown(panel: &Panel, label: Text, lang: Lang) -> FigureView {
    let reason = match &panel.snapshot {
        None => words::NOT_FETCHED.get(lang).to_owned(),
        Some(_) => words::NOT_GIVEN.get(lang).replace("{}", panel.about.name),
    };
    missing(label, reason, lang)
}

/// A figure that says why there is no number.
pub fn missing(label: Text, reason: String, lang: Lang) -> FigureView {
    FigureView {
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
        rows.push((word(detail::FORMULA), basis.formula.clone()));
        rows.push((word(detail::SAMPLE), sample(basis, lang)));
    }
    let (_, provenance) = words::provenance(figure.origin.provenance);
    rows.push((word(detail::PRECISION), word(words::precision(figure.precision)).to_owned()));
    rows.push((word(detail::SOURCE), figure.origin.source.clone()));
    rows.push((word(detail::PROVENANCE), word(provenance).to_owned()));
    rows.extend(figure.origin.api_version.clone().map(|version| (word(detail::VERSION), version)));
    rows.extend(figure.origin.api_version_answered.clone().map(|version| (word(detail::VERSION_ANSWERED), version)));
    rows.push((word(detail::FETCHED), format!("{} UTC", when::full(figure.fetched_at, lang))));
    rows
}

fn sample(basis: &Basis, lang: Lang) -> String {
    let posts = basis.sample_size.to_string();
    match basis.window_days {
        Some(days) => detail::POSTS_IN_DAYS.get(lang).replace("{}", &posts).replace("{days}", &days.to_string()),
        None => detail::POSTS.get(lang).replace("{}", &posts),
    }
}
