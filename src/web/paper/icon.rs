//! Icons of the profile: its monogram for tabs, its picture for home screens; the program's own while there is neither.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::letters::{Letters, Span, Style};
use super::palette::Palette;
use super::svg::Svg;
use crate::domain::block::body;
use crate::domain::media_kit::MediaKit;
use crate::domain::text::Lang;
use crate::web::assets::ICON;
use crate::web::public::media_kit::hero;

/// The side of the icon in a `favicon.ico`.
const IN_ICO: u32 = 48;

/// A monogram on a plate.
#[derive(Template)]
#[template(path = "public/icon.svg", escape = "html", whitespace = "minimize")]
struct Plate {
    ground: String,
    ink: String,
    monogram: String,
    size: f32,
}

/// The monogram as SVG: sharp at any size.
pub fn svg(kit: &MediaKit) -> Option<String> {
    let name = &kit.creator.name;
    let monogram = hero(kit, &body::Hero::default(), Lang::De).monogram;
    if name.is_empty() || monogram.is_empty() {
        return Some(ICON.to_owned());
    }
    let palette = Palette::print(&kit.creator);
    let letters = Letters::load()?;
    let run = letters.run(&Span::new(&monogram, Style::of(1.0, palette.text).bold()));
    let size = (42.0 / run.width.max(0.1)).min(34.0);
    let plate =
        Plate { ground: palette.accent.hex(), ink: palette.ground.hex(), monogram: run.said.unwrap_or(run.text), size };
    plate.render().inspect_err(|error| tracing::error!(%error, "the icon could not be drawn")).ok()
}

/// The picture as PNG, or the monogram where there is none.
pub fn png(kit: &MediaKit, side: u32) -> Option<Vec<u8>> {
    let drawing = match &kit.picture {
        Some(picture) => format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"384\" height=\"384\"><image width=\"384\" height=\"384\" \
             href=\"data:image/jpeg;base64,{}\"/></svg>",
            STANDARD.encode(&picture.jpeg)
        ),
        None => svg(kit).filter(|_| drawable(kit)).unwrap_or_else(|| ICON.to_owned()),
    };
    Svg::new().paint(&drawing, side)
}

/// Whether the typeface of the program has the letters of the monogram.
fn drawable(kit: &MediaKit) -> bool {
    let monogram = hero(kit, &body::Hero::default(), Lang::De).monogram;
    let run = |letters: Letters| letters.run(&Span::new(monogram, Style::of(1.0, Palette::print(&kit.creator).text)));
    Letters::load().map(run).is_some_and(|run| run.said.is_none())
}

/// The same in the form that is asked for beside answers that are no pages: one PNG in a frame of 22 bytes.
/// <https://learn.microsoft.com/en-us/previous-versions/ms997538(v=msdn.10)>
pub fn ico(kit: &MediaKit) -> Option<Vec<u8>> {
    let png = png(kit, IN_ICO)?;
    let side = u8::try_from(IN_ICO).ok()?;
    let length = u32::try_from(png.len()).ok()?.to_le_bytes();
    let mut file = vec![0, 0, 1, 0, 1, 0, side, side, 0, 0, 1, 0, 32, 0];
    file.extend(length);
    file.extend(22_u32.to_le_bytes());
    file.extend(png);
    Some(file)
}
