//! The follower summary in the reader's words: our own sum, its parts, and what is not in it.

use jiff::Timestamp;

use super::figures::{Reader, counted, freshness, known, missing, unknown};
use super::panels::handle;
use super::view::{FigureView, LeftOut, Part, ProvenanceView, Summary};
use super::when;
use crate::domain::media_kit::{self, LeftOutReason, MediaKit, Panel};
use crate::domain::metric::{MetricAbout, Precision, Provenance};
use crate::domain::number::{exact_in, short_in};
use crate::domain::profile::Creator;
use crate::domain::text::{Lang, Text};
use crate::web::words::{self, detail};

/// The total's name on the page.
const TOTAL_ID: &str = "total.followers";

/// The summary; `None` when the profile names no account.
pub fn summary(kit: &MediaKit, reader: Reader) -> Option<Summary> {
    if kit.panels.is_empty() {
        return None;
    }
    let parts = &kit.summary.parts;
    let confirmed = |part: &&media_kit::Part| part.figure.origin.provenance == Provenance::OwnerAuthorised;
    let confirmed: Vec<_> = parts.iter().filter(confirmed).collect();
    let some = !confirmed.is_empty() && confirmed.len() < parts.len();
    let sum = || short_in(confirmed.iter().map(|part| part.audience).sum(), reader.lang);
    let newest = parts.iter().map(|part| part.figure.fetched_at).max();
    Some(Summary {
        total: total(kit, reader),
        all_verified: !parts.is_empty() && confirmed.len() == parts.len(),
        verified_line: some.then(|| fill(words::VERIFIED_PART, reader.lang, &sum())),
        incomplete: incomplete(kit, reader.lang),
        updated: newest.map(|at| fill(words::UPDATED, reader.lang, &reader.near(at))),
        parts: listed(kit, reader),
        left_out: left_out(kit, reader),
    })
}

fn fill(text: Text, lang: Lang, value: &str) -> String {
    text.get(lang).replace("{}", value)
}

fn total(kit: &MediaKit, reader: Reader) -> FigureView {
    let (parts, lang) = (&kit.summary.parts, reader.lang);
    let Some(oldest) = parts.iter().map(|part| part.figure.fetched_at).min() else {
        return missing(TOTAL_ID.to_owned(), words::TOTAL, words::NOTHING_COUNTS.get(lang).to_owned(), lang);
    };
    let (short, exact) = counted(kit.summary.total, lang);
    let source_line = match parts.len() {
        1 => words::SUM_OF_ONE.get(lang).to_owned(),
        n => fill(words::SUM_OF, lang, &n.to_string()),
    };
    FigureView {
        id: TOTAL_ID.to_owned(),
        label: words::TOTAL.get(lang).to_owned(),
        details: total_details(kit, oldest, lang),
        short,
        exact,
        approx: parts.iter().any(|part| part.figure.precision != Precision::Exact),
        provenance: Some(ProvenanceView { mark: "sum", text: words::SUM.get(lang) }),
        source_line,
        freshness: freshness(oldest, reader.now),
        age_text: when::age(oldest, reader.now, lang),
        unknown_reason: None,
        profile_url: None,
    }
}

fn total_details(kit: &MediaKit, oldest: Timestamp, lang: Lang) -> Vec<(&'static str, String)> {
    let numbers: Vec<String> = kit.summary.parts.iter().map(|part| exact_in(part.audience, lang)).collect();
    vec![
        (detail::EXACT.get(lang), exact_in(kit.summary.total, lang)),
        (detail::FORMULA.get(lang), numbers.join(" + ")),
        (detail::THRESHOLD.get(lang), exact_in(kit.creator.threshold, lang)),
        (detail::OLDEST.get(lang), format!("{} UTC", when::full(oldest, lang))),
    ]
}

fn incomplete(kit: &MediaKit, lang: Lang) -> Option<String> {
    let counts = |entry: &&media_kit::LeftOut| !entry.reason.is_chosen();
    let lacking = kit.summary.left_out.iter().filter(counts).filter_map(|entry| kit.panel(entry.platform));
    let names: Vec<&str> = lacking.map(|panel| panel.about.name).collect();
    match names.as_slice() {
        // Then the total itself says that nothing counts.
        _ if kit.summary.parts.is_empty() => None,
        [] => None,
        [name] => Some(fill(words::INCOMPLETE, lang, name)),
        _ => Some(fill(words::INCOMPLETE_MANY, lang, &names.join(", "))),
    }
}

fn listed(kit: &MediaKit, reader: Reader) -> Vec<Part> {
    let mut offset = 0;
    let of_total = |n: i64| u32::try_from(i128::from(n) * 1000 / i128::from(kit.summary.total.max(1))).unwrap_or(1000);
    let mut parts = Vec::new();
    for part in &kit.summary.parts {
        let Some(panel) = kit.panel(part.platform) else { continue };
        let permille = of_total(part.audience);
        parts.push(Part {
            platform: panel.about.id,
            name: panel.about.name,
            username: handle(panel),
            offset_permille: offset,
            share_permille: permille.max(1),
            share: share(permille, reader.lang),
            figure: known(panel, &metric(panel), &part.figure, reader),
        });
        offset += permille;
    }
    parts
}

/// `57,4 %` or `57.4%`.
fn share(permille: u32, lang: Lang) -> String {
    match lang {
        Lang::De => format!("{},{} %", permille / 10, permille % 10),
        Lang::En => format!("{}.{}%", permille / 10, permille % 10),
    }
}

fn left_out(kit: &MediaKit, reader: Reader) -> Vec<LeftOut> {
    let told = |entry: &media_kit::LeftOut| {
        let panel = kit.panel(entry.platform).filter(|panel| !panel.hidden)?;
        Some(LeftOut {
            platform: panel.about.id,
            name: panel.about.name,
            username: handle(panel),
            reason: reason(entry.reason, &kit.creator, reader.lang),
            figure: audience(panel, reader),
        })
    };
    kit.summary.left_out.iter().filter_map(told).collect()
}

fn reason(reason: LeftOutReason, creator: &Creator, lang: Lang) -> Option<String> {
    let share = format!("{}{}", creator.least_share, lang.pick("\u{a0}%", "%"));
    match reason {
        LeftOutReason::BelowThreshold => Some(fill(words::UNDER, lang, &exact_in(creator.threshold, lang))),
        LeftOutReason::BelowShare => Some(fill(words::UNDER_SHARE, lang, &share)),
        LeftOutReason::TooOld => Some(words::TOO_OLD.get(lang).to_owned()),
        LeftOutReason::Unknown => None,
    }
}

/// An account's audience, when it is known.
pub fn audience_of(panel: &Panel, reader: Reader) -> Option<FigureView> {
    Some(known(panel, &metric(panel), panel.audience()?, reader))
}

/// The same, with the reason when it is not known.
pub fn audience(panel: &Panel, reader: Reader) -> FigureView {
    audience_of(panel, reader).unwrap_or_else(|| unknown(panel, &metric(panel), reader))
}

fn metric(panel: &Panel) -> MetricAbout {
    let declared = panel.about.metric(panel.about.audience).copied();
    declared.unwrap_or_else(|| MetricAbout::count(panel.about.audience, words::TOTAL))
}
