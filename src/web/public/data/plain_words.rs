//! `llms.txt`: the kit in plain words, for programs that read text (<https://llmstxt.org>). The numbers are the page's,
//! in full, each with its source, its precision and its instant.

use jiff::Timestamp;

use super::text::line;
use crate::domain::media_kit::MediaKit;
use crate::domain::text::{Lang, Text};
use crate::web::public::figures::Reader;
use crate::web::public::view::{FigureView, Group, Item};
use crate::web::public::{media_kit, panels, sums};
use crate::web::render::{KIT, PAGE, Site};
use crate::web::words::words;

const SUMMARY: Text = Text::new("Follower", "Followers");
const MORE: Text = Text::new("Mehr", "More");
const PAGE_IS: Text = Text::new("Das Media-Kit zum Ansehen", "The media kit to look at");
const DATA_IS: Text = Text::new(
    "Alle Zahlen als JSON, jede mit Quelle, Genauigkeit und Zeitpunkt",
    "Every number as JSON, with its source, precision and time",
);
const TABLE_IS: Text = Text::new("Dieselben Zahlen als Tabelle (CSV)", "The same numbers as a table (CSV)");

/// The text of `kit` for a reader at `now`.
pub fn text(kit: &MediaKit, site: &Site, lang: Lang, now: Timestamp) -> String {
    let reader = Reader { lang, now, keeps: false };
    let name = media_kit::name(kit, lang);
    let mut out = vec![format!("# {}", said(&name)), String::new()];
    out.push(format!("> {}", said(&media_kit::description(kit, &name, lang))));
    if let Some(summary) = sums::summary(kit, reader) {
        out.extend([String::new(), format!("## {}", SUMMARY.get(lang)), String::new()]);
        out.push(number(&summary.total));
        out.push(format!("- {}", words(lang).own_sum_note));
        out.extend(summary.incomplete.map(|words| format!("- {}", said(&words))));
        for left in summary.left_out {
            let why = left.reason.or(left.figure.unknown_reason).unwrap_or_default();
            out.push(format!("- {}: {}: {}", left.name, words(lang).left_out_heading, said(&why)));
        }
    }
    for panel in panels::panels(kit, None, reader) {
        out.extend([String::new(), format!("## {} ({})", panel.name, said(&panel.username)), String::new()]);
        out.push(format!("- {}", panel.profile_url));
        out.extend(panel.notice.map(|notice| format!("- {}", said(&notice.text))));
        out.extend(panel.lead.iter().map(number));
        for item in &panel.figures {
            match item {
                Item::One(figure) => out.push(number(figure)),
                Item::Switch(switch) => out.extend(switch.choices.iter().map(|(_, figure)| number(figure))),
            }
        }
        out.extend(panel.audience.iter().map(shares));
    }
    out.extend([String::new(), format!("## {}", MORE.get(lang)), String::new()]);
    for (what, address) in [
        (PAGE_IS, site.address(PAGE, lang)),
        (DATA_IS, format!("{}{KIT}", site.public_url)),
        (TABLE_IS, format!("{}{}", site.public_url, super::CSV)),
    ] {
        out.push(format!("- [{}]({address})", what.get(lang)));
    }
    out.join("\n") + "\n"
}

/// A figure in a line: its name, every digit, and what the page tells when it is opened.
fn number(figure: &FigureView) -> String {
    let value = figure.exact.as_ref().unwrap_or(&figure.short);
    if let Some(reason) = &figure.unknown_reason {
        return format!("- {}: {value} ({})", figure.label, said(reason));
    }
    let approx = if figure.approx { "≈ " } else { "" };
    // The first row is the value itself.
    let about = figure.details.iter().skip(1).map(|(label, value)| format!("{label}: {}", said(value)));
    let about: Vec<String> = about.chain(figure.age_text.clone()).collect();
    format!("- {}: {approx}{value} ({})", figure.label, about.join("; "))
}

/// Who an audience is made of, in a line.
fn shares(group: &Group) -> String {
    let figure = &group.figure;
    if let Some(reason) = &figure.unknown_reason {
        return format!("- {}: {} ({})", group.title, figure.short, said(reason));
    }
    let rows = group.rows.iter().map(|row| format!("{} {}", row.label, row.share));
    let about = figure.details.iter().map(|(label, value)| format!("{label}: {}", said(value)));
    let about: Vec<String> = about.chain(figure.age_text.clone()).collect();
    format!("- {}: {} ({})", group.title, rows.collect::<Vec<_>>().join(", "), about.join("; "))
}

/// Foreign text in its line, with nothing in it that Markdown reads as more than text.
fn said(text: &str) -> String {
    line(text).chars().fold(String::new(), |mut out, c| {
        if "\\`*_[]<>#".contains(c) {
            out.push('\\');
        }
        out.push(c);
        out
    })
}
