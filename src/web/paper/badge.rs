//! Badges: one number for other people's pages, as SVG and for <https://shields.io/badges/endpoint-badge>.

use askama::Template;
use jiff::Timestamp;
use serde::Serialize;

use super::letters::{Letters, Style};
use super::palette::Palette;
use crate::domain::block::Body;
use crate::domain::design::Colour;
use crate::domain::media_kit::MediaKit;
use crate::domain::text::Lang;
use crate::web::assets::glyph;
use crate::web::public::figures::Reader;
use crate::web::public::sums;
use crate::web::public::view::FigureView;
use crate::web::words::words;

/// The badge of the sum, beside those of the platforms.
pub const TOTAL: &str = "total";
/// How long the makers of badges may keep ours, in seconds.
const KEPT_SECS: u32 = 3600;
const SIZE: f32 = 11.5;
const WHITE: Colour = Colour([255, 255, 255]);
const GREY: Colour = Colour([0x66, 0x5f, 0x58]);

/// A badge.
pub struct Badge {
    /// What it counts.
    label: String,
    /// The number, or that there is none.
    message: String,
    /// All that may be said about it.
    title: String,
    colour: Colour,
    text: Colour,
    glyph: &'static str,
    known: bool,
}

/// The same for shields.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint {
    schema_version: u8,
    label: String,
    message: String,
    color: String,
    is_error: bool,
    cache_seconds: u32,
}

/// The same as a drawing.
#[derive(Template)]
#[template(path = "public/badge.svg", escape = "html", whitespace = "minimize")]
struct Drawing<'a> {
    badge: &'a Badge,
    colour: String,
    ink: String,
    label_width: f32,
    message_width: f32,
    /// Where the second half begins.
    middle: f32,
    width: f32,
}

impl Badge {
    /// The badge of a platform or of the sum; `None` when visitors see no such number.
    pub fn of(id: &str, kit: &MediaKit, lang: Lang, now: Timestamp) -> Option<Self> {
        let reader = Reader { lang, now, keeps: true };
        let (label, glyph, figure) = if id == TOTAL {
            let shown = kit.blocks.iter().any(|block| matches!(block.body, Body::Stats(_)));
            let figure = sums::summary(kit, reader).filter(|_| shown)?.total;
            (figure.label.clone(), "", figure)
        } else {
            let panel = kit.panel(id).filter(|panel| !panel.hidden)?;
            (panel.about.name.to_owned(), glyph(panel.about.id), sums::audience(panel, reader))
        };
        Some(Self::drawn_from(label, glyph, &figure, &Palette::print(&kit.creator), lang))
    }

    fn drawn_from(label: String, glyph: &'static str, f: &FigureView, palette: &Palette, lang: Lang) -> Self {
        let known = f.unknown_reason.is_none();
        let stale = f.freshness == "stale";
        let sign = if f.approx { "≈" } else { "" };
        let age = if stale { format!(" ({})", words(lang).stale) } else { String::new() };
        let exact = f.exact.as_ref().unwrap_or(&f.short);
        let reason = f.unknown_reason.as_ref().unwrap_or(&f.source_line);
        let age_text = f.age_text.as_ref().map(|age| format!(" · {age}")).unwrap_or_default();
        Self {
            title: format!("{label}: {sign}{exact} {} · {reason}{age_text}", f.label)
                .replace(&format!("{label} ·"), "·"),
            message: format!("{sign}{}{age}", f.short),
            label,
            colour: if known && !stale { palette.accent } else { GREY },
            text: WHITE,
            glyph,
            known,
        }
    }

    /// As SVG.
    pub fn svg(&self) -> Option<String> {
        let letters = Letters::load()?;
        let style = Style::of(SIZE, self.text);
        let label_width = letters.width(&self.label, style);
        let message_width = letters.width(&self.message, style.bold());
        let middle = if self.glyph.is_empty() { 9.0 } else { 26.0 } + label_width + 9.0;
        let drawing = Drawing {
            badge: self,
            colour: self.colour.hex(),
            ink: self.text.hex(),
            label_width,
            message_width,
            middle,
            width: middle + message_width + 18.0,
        };
        drawing.render().inspect_err(|error| tracing::error!(%error, "a badge could not be drawn")).ok()
    }

    /// As shields takes it.
    pub fn json(self) -> Vec<u8> {
        let endpoint = Endpoint {
            schema_version: 1,
            label: self.label,
            message: self.message,
            color: self.colour.hex(),
            is_error: !self.known,
            cache_seconds: KEPT_SECS,
        };
        serde_json::to_vec(&endpoint).unwrap_or_default()
    }
}
