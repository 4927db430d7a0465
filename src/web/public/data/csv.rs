//! The numbers as a table (RFC 4180): one row a metric, the sum first. An unknown value is an empty cell.

use jiff::Timestamp;

use super::text::line;
use crate::domain::demographics::{Breakdown, Demographics, fraction};
use crate::domain::media_kit::{MediaKit, Panel, Summary};
use crate::domain::metric::{Figure, Origin, Precision, Unit, Value};
use crate::web::api::analytics;

const COLUMNS: usize = 13;
const HEADER: [&str; COLUMNS] = [
    "platform",
    "username",
    "metric",
    "value",
    "unit",
    "precision",
    "provenance",
    "source",
    "api_version",
    "fetched_at",
    "formula",
    "sample_size",
    "window_days",
];

/// The table of `kit`.
pub fn text(kit: &MediaKit) -> String {
    let mut table = row(&HEADER.map(str::to_owned));
    table += &row(&sum(&kit.summary));
    for panel in kit.shown_panels().into_iter().filter(|panel| panel.snapshot.is_some()) {
        for (key, unit, figure) in analytics::all_figures(panel) {
            table += &row(&metric(panel.about.id, &panel.handle, key, unit, figure));
        }
        let known = panel.demographics.iter().filter_map(|(_, known)| known.as_ref());
        for cells in known.flat_map(|known| shares(panel, known)) {
            table += &row(&cells);
        }
    }
    table
}

/// Our own sum: as exact as its least exact part, as old as its oldest. Without parts it is unknown.
fn sum(summary: &Summary) -> [String; COLUMNS] {
    let figures = || summary.parts.iter().map(|part| &part.figure);
    let total = (!summary.parts.is_empty()).then(|| summary.total.to_string());
    let precision = figures().map(|figure| figure.precision).max();
    let mut cells = cells("total", "", "followers", Unit::Count);
    cells[3] = total.unwrap_or_default();
    cells[5] = precision.map(|precision| name(&precision)).unwrap_or_default();
    "own_sum".clone_into(&mut cells[6]);
    cells[9] = figures().map(|figure| figure.fetched_at).min().as_ref().map(Timestamp::to_string).unwrap_or_default();
    cells
}

fn metric(platform: &str, handle: &str, key: &str, unit: Unit, figure: Option<&Figure>) -> [String; COLUMNS] {
    let mut cells = cells(platform, handle, key, unit);
    if let Some(figure) = figure {
        cells[3] = match figure.value {
            Value::Flag(yes) => yes.to_string(),
            Value::Count(n) => n.to_string(),
            Value::Rate(rate) => rate.to_string(),
        };
        told(&mut cells, figure.precision, &figure.origin, figure.fetched_at);
        if let Some(basis) = &figure.basis {
            cells[10] = guarded(&basis.formula);
            cells[11] = basis.sample_size.to_string();
            cells[12] = basis.window_days.map(|days| days.to_string()).unwrap_or_default();
        }
    }
    cells
}

/// How exact a value is, where it was read and when.
fn told(cells: &mut [String; COLUMNS], precision: Precision, origin: &Origin, at: Timestamp) {
    cells[5] = name(&precision);
    cells[6] = name(&origin.provenance);
    cells[7] = guarded(&origin.source);
    cells[8] = guarded(origin.api_version.as_deref().unwrap_or_default());
    cells[9] = at.to_string();
}

/// A row a part of an audience: `audience_country.DE` is a fraction of what `formula` names, of which there are
/// `sample_size`.
fn shares(panel: &Panel, known: &Demographics) -> Vec<[String; COLUMNS]> {
    let Breakdown { dimension, whole, total, window_days, precision, origin, .. } = &known.breakdown;
    let shares = known.breakdown.shares();
    let rest = Some(("other".to_owned(), shares.rest)).filter(|(_, rest)| *rest > 0);
    let cells = |(key, permille): (String, i64)| {
        let mut cells = cells(panel.about.id, &panel.handle, &format!("{}.{key}", dimension.key()), Unit::Percent);
        cells[3] = fraction(permille).to_string();
        told(&mut cells, *precision, origin, known.fetched_at);
        cells[10] = format!("share of {}", name(whole));
        cells[11] = if whole.is_counted() { total.to_string() } else { String::new() };
        cells[12] = window_days.map(|days| days.to_string()).unwrap_or_default();
        cells
    };
    shares.parts.into_iter().chain(rest).map(cells).collect()
}

fn cells(platform: &str, handle: &str, key: &str, unit: Unit) -> [String; COLUMNS] {
    let unit = match unit {
        Unit::Count => "count",
        Unit::Decimal => "decimal",
        Unit::Percent => "fraction",
        Unit::YesNo => "flag",
    };
    let mut cells: [String; COLUMNS] = std::array::from_fn(|_| String::new());
    for (cell, text) in cells.iter_mut().zip([platform, &guarded(handle), key]) {
        text.clone_into(cell);
    }
    unit.clone_into(&mut cells[4]);
    cells
}

/// The name in the API.
fn name(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Text from outside: a program that opens the table takes it for text, never for a formula.
fn guarded(text: &str) -> String {
    let text = line(text);
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text }
}

fn row(cells: &[String; COLUMNS]) -> String {
    let quoted = |cell: &String| {
        if cell.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
    };
    cells.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_from_outside_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r\n@x"] {
            assert!(guarded(text).starts_with('\''), "{text:?}");
        }
        assert_eq!(guarded("mara@rad.social"), "mara@rad.social");
    }

    #[test]
    fn quotes_and_commas_stay_in_their_cell() {
        let mut cells: [String; COLUMNS] = std::array::from_fn(|_| String::new());
        cells[1] = guarded("a\"b,c\nd");
        assert_eq!(row(&cells), ",\"a\"\"b,c d\",,,,,,,,,,,\r\n");
    }
}
