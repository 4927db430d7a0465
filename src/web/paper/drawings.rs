//! Small drawings as SVG: the signs of the pages, the bar of the sum, the code that leads to the live page.

use std::fmt::Write as _;
use std::sync::Arc;

use super::palette::Palette;
use crate::domain::design::Colour;
use crate::web::public::view::Part;
use crate::web::qr::Qr;

/// The marks as the pages have them, one symbol each.
const MARKS: &str = include_str!("../../../templates/parts/marks.html");

/// The drawing of a mark, of a 12 by 12 view box.
pub fn mark(name: &str) -> &'static str {
    let symbol = MARKS.split(&format!("<symbol id=\"m-{name}\"")).nth(1).unwrap_or_default();
    let inner = symbol.split_once('>').map_or("", |(_, inner)| inner);
    inner.split("</symbol>").next().unwrap_or_default()
}

/// A sign in one colour: a mark of 12 by 12, or a platform's glyph of 24 by 24, which is drawn in lines.
pub fn sign(markup: &str, view: u32, colour: Colour) -> Arc<str> {
    let hex = colour.hex();
    let how = if view == 24 {
        format!(
            "fill=\"none\" stroke=\"{hex}\" stroke-width=\"1.75\" stroke-linecap=\"round\" stroke-linejoin=\"round\""
        )
    } else {
        format!("fill=\"{hex}\"")
    };
    let size = format!("viewBox=\"0 0 {view} {view}\" width=\"{view}\" height=\"{view}\"");
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" {size} color=\"{hex}\" {how}>{markup}</svg>").into()
}

/// The parts of the sum side by side, as wide as they are large.
pub fn bar(parts: &[Part], palette: &Palette, (width, height): (f32, f32)) -> Arc<str> {
    let mut svg = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\">");
    svg.push_str(&bars(parts, palette, (width, height)));
    svg.push_str("</svg>");
    svg.into()
}

/// The same without a frame, to stand inside another drawing.
pub fn bars(parts: &[Part], palette: &Palette, (width, height): (f32, f32)) -> String {
    let mut svg = String::new();
    #[expect(clippy::cast_precision_loss, reason = "parts of a thousand")]
    let at = |permille: u32| permille as f32 * width / 1000.0;
    for (place, part) in parts.iter().enumerate() {
        let (from, to) = (at(part.offset_permille), at(part.offset_permille + part.share_permille));
        let to = if place + 1 == parts.len() { width } else { (to - width / 500.0).max(from + width / 1000.0) };
        let (wide, fill) = ((to - from).max(width / 1000.0), palette.part(place).hex());
        let _ = write!(svg, "<rect x=\"{from}\" width=\"{wide}\" height=\"{height}\" fill=\"{fill}\"/>");
    }
    svg
}

/// The height of a chart in parts of its width.
pub const CHART: f32 = 222.0 / 450.0;

/// A chart of the page in the colours of paper.
pub fn chart(svg: &str, palette: &Palette) -> Arc<str> {
    let (accent, quiet) = (palette.accent.hex(), palette.quiet.hex());
    let letters = svg.replace("<text x=", &format!("<text fill=\"{quiet}\" x="));
    letters.replacen("<svg ", &format!("<svg color=\"{accent}\" "), 1).into()
}

/// A QR code; `None` when the text is too long for one.
pub fn qr(text: &str) -> Option<Arc<str>> {
    let Qr { size, path } = Qr::of(text)?;
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" width=\"{size}\" height=\"{size}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/><path fill=\"#000\" \
         d=\"{path}\"/></svg>"
    );
    Some(svg.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_of_the_pages_is_found() {
        for name in ["owner", "api", "page", "self", "sum", "late"] {
            let markup = mark(name);
            assert!(
                markup.starts_with('<') && markup.ends_with("/>") && !markup.contains("symbol"),
                "{name}: {markup}"
            );
        }
        assert_eq!(mark("none"), "");
    }
}
