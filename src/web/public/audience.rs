//! Who an audience is made of, in the reader's words: the platform's own counts as shares, largest first, with what they
//! are shares of. What was typed in has the same rows.

use std::cmp::Reverse;

use super::countries;
use super::figures::{self, Reader, missing, why_unknown};
use super::view::{FigureView, Group, ProvenanceView, ShareRow};
use super::when;
use crate::domain::demographics::{Breakdown, Demographics, Dimension};
use crate::domain::media_kit::{MediaKit, Panel};
use crate::domain::number::exact_in;
use crate::domain::text::{Lang, Text};
use crate::web::words::{self, audience as word, detail};

/// What a platform tells of its audience; what is unknown says why.
pub fn of_panel(panel: &Panel, reader: Reader) -> Vec<Group> {
    let group = |(dimension, known): &(Dimension, Option<Demographics>)| match known {
        Some(known) => told(panel, known, reader),
        None => unknown(panel, *dimension, reader),
    };
    panel.demographics.iter().map(group).collect()
}

/// What is known of every platform the kit shows, each under the platform's name.
pub fn of_kit(kit: &MediaKit, reader: Reader) -> Vec<Group> {
    let named = |panel: &&Panel| {
        let groups = of_panel(panel, reader).into_iter().filter(|group| !group.rows.is_empty());
        let name = panel.about.name;
        groups.map(|group| Group { title: format!("{name}: {}", group.title), ..group }).collect::<Vec<_>>()
    };
    kit.shown_panels().iter().flat_map(named).collect()
}

fn told(panel: &Panel, known: &Demographics, reader: Reader) -> Group {
    let (lang, breakdown) = (reader.lang, &known.breakdown);
    let shares = breakdown.shares();
    let mut rows: Vec<ShareRow> =
        shares.parts.iter().map(|(key, permille)| row(name(breakdown.dimension, key, lang), *permille, lang)).collect();
    if shares.rest > 0 {
        rows.push(ShareRow { is_rest: true, ..row(word::REST.get(lang).to_owned(), shares.rest, lang) });
    }
    let title = breakdown.dimension.label().get(lang);
    Group { title: title.to_owned(), rows, figure: figure(panel, known, reader) }
}

fn unknown(panel: &Panel, dimension: Dimension, reader: Reader) -> Group {
    let (id, reason) = (id(panel, dimension), why_unknown(panel, dimension.key(), reader));
    let figure = missing(id, dimension.label(), reason, reader.lang);
    Group { title: dimension.label().get(reader.lang).to_owned(), rows: Vec::new(), figure }
}

/// A row of shares.
pub fn row(label: String, permille: i64, lang: Lang) -> ShareRow {
    ShareRow { label, share: percent(permille, lang), permille, is_rest: false }
}

/// `62,5 %` or `62.5%`; whole ones without a decimal.
fn percent(permille: i64, lang: Lang) -> String {
    let mark = lang.pick(",", ".");
    let tenth = Some(permille % 10).filter(|tenth| *tenth > 0).map(|tenth| format!("{mark}{tenth}"));
    format!("{}{}{}", permille / 10, tenth.unwrap_or_default(), lang.pick("\u{a0}%", "%"))
}

/// A part in words.
pub fn name(dimension: Dimension, key: &str, lang: Lang) -> String {
    let named = match dimension {
        Dimension::Country => countries::name(key),
        Dimension::Gender => word::gender(key),
        Dimension::Age => return key.replace('-', "–"),
    };
    named.map_or_else(|| key.to_owned(), |name| name.get(lang).to_owned())
}

/// The three largest parts in a line, for the owner: "Deutschland 63 %, Österreich 11 %, Schweiz 10 %".
pub fn in_a_line(breakdown: &Breakdown, lang: Lang) -> String {
    let mut parts = breakdown.shares().parts;
    parts.sort_by_key(|(_, permille)| Reverse(*permille));
    let part = |(key, permille): &(String, i64)| {
        format!("{} {}", name(breakdown.dimension, key, lang), percent(*permille, lang))
    };
    parts.iter().take(3).map(part).collect::<Vec<_>>().join(", ")
}

fn id(panel: &Panel, dimension: Dimension) -> String {
    format!("{}.{}", panel.about.id, dimension.key())
}

fn figure(panel: &Panel, known: &Demographics, reader: Reader) -> FigureView {
    let Demographics { breakdown, fetched_at } = known;
    let (lang, at) = (reader.lang, *fetched_at);
    let (mark, text) = words::provenance(breakdown.origin.provenance);
    let when = reader.near(at).replace(' ', "\u{a0}");
    let share_of = word::SHARE_OF.get(lang).replace("{}", &whole(breakdown, lang));
    FigureView {
        id: id(panel, breakdown.dimension),
        label: breakdown.dimension.label().get(lang).to_owned(),
        short: String::new(),
        exact: None,
        approx: false,
        provenance: Some(ProvenanceView { mark, text: text.get(lang) }),
        source_line: format!("{}\u{a0}· {when}\u{a0}· {share_of}", breakdown.origin.source),
        freshness: figures::freshness(at, reader.now),
        age_text: when::age(at, reader.now, lang),
        unknown_reason: None,
        details: details(panel, known, lang),
        profile_url: None,
    }
}

/// `104.712 Followern`, `203.086 Aufrufen in 28 Tagen`.
fn whole(breakdown: &Breakdown, lang: Lang) -> String {
    let whole = word::whole(breakdown.whole).get(lang).replace("{n}", &exact_in(breakdown.total, lang));
    match breakdown.window_days {
        Some(days) => word::IN_DAYS.get(lang).replace("{days}", &days.to_string()).replace("{}", &whole),
        None => whole,
    }
}

fn details(panel: &Panel, known: &Demographics, lang: Lang) -> Vec<(&'static str, String)> {
    let Demographics { breakdown, fetched_at } = known;
    let word = |text: Text| text.get(lang);
    let window = breakdown.window_days.map(|days| figures::window(days, lang));
    let mut rows = Vec::new();
    if breakdown.whole.is_counted() {
        rows.push((word(detail::WHOLE), exact_in(breakdown.total, lang)));
    }
    rows.push((word(detail::WINDOW), window.unwrap_or_else(|| word(word::AS_IT_IS).to_owned())));
    rows.push((word(word::REST), word(word::REST_IS).replace("{}", panel.about.name)));
    rows.extend(figures::origin(&breakdown.origin, breakdown.precision, *fetched_at, lang));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_names_in_both_languages_and_an_unknown_country_its_code() {
        for (dimension, key, de, en) in [
            (Dimension::Country, "DE", "Deutschland", "Germany"),
            (Dimension::Country, "QX", "QX", "QX"),
            (Dimension::Gender, "female", "Frauen", "Women"),
            (Dimension::Age, "18-24", "18–24", "18–24"),
        ] {
            assert_eq!((name(dimension, key, Lang::De), name(dimension, key, Lang::En)), (de.into(), en.into()));
        }
        assert_eq!((percent(625, Lang::De), percent(620, Lang::En)), ("62,5\u{a0}%".into(), "62%".into()));
    }
}
