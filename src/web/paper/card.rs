//! The picture that previews of links show: who it is and how many follow, at this moment. 1200 by 630, as Open Graph wants.

use std::sync::Arc;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::drawings;
use super::letters::{Letters, Span, Style};
use super::palette::Palette;
use super::svg::Svg;
use crate::domain::link::spoken;
use crate::domain::media_kit::MediaKit;
use crate::domain::picture::Picture;
use crate::domain::text::Lang;
use crate::web::assets::glyph;
use crate::web::public::view::{Band, FigureView, Hero, MediaKitPage, Summary};
use crate::web::words::paper as word;

/// The size that previews are made for.
const WIDTH: f32 = 1200.0;
const EDGE: f32 = 72.0;
/// The most platforms that are named.
const MOST: usize = 6;

/// The card as its template takes it.
#[derive(Template)]
#[template(path = "public/card.svg", escape = "html", whitespace = "minimize")]
struct Card {
    ground: String,
    text: String,
    quiet: String,
    accent: String,
    kind: &'static str,
    as_of: String,
    /// The lines of the name, each with its distance from the top.
    name: Vec<(f32, String)>,
    name_size: f32,
    /// Below the name when there are no numbers.
    bio: Vec<(f32, String)>,
    picture: Option<String>,
    total: Option<Total>,
    address: String,
}

struct Total {
    label: String,
    value: String,
    value_size: f32,
    approx: bool,
    /// Where the number begins when a sign stands before it.
    value_x: f32,
    known: bool,
    mark: Option<&'static str>,
    source: String,
    bar: Arc<str>,
    platforms: Vec<Platform>,
}

struct Platform {
    x: f32,
    glyph: &'static str,
    value: String,
}

/// The card of a kit; `page` is its page in the reader's language.
pub fn paint(kit: &MediaKit, page: &MediaKitPage<'_>, as_of: &str, lang: Lang) -> Option<Vec<u8>> {
    let letters = Letters::load()?;
    let hero = page.bands.iter().find_map(|band| if let Band::Hero(hero) = band { Some(hero) } else { None });
    let picture = kit.picture.as_ref().filter(|_| hero.is_some_and(|hero| hero.has_picture));
    let card = card(&letters, kit, page, (hero, picture), (as_of, lang));
    let svg = card.render().inspect_err(|error| tracing::error!(%error, "the card could not be drawn")).ok()?;
    Svg::new().paint(&svg, 1200)
}

fn card(
    letters: &Letters,
    kit: &MediaKit,
    page: &MediaKitPage<'_>,
    (hero, picture): (Option<&Hero>, Option<&Picture>),
    (as_of, lang): (&str, Lang),
) -> Card {
    let palette = Palette::screen(&kit.creator);
    let room = if picture.is_some() { WIDTH - 2.0 * EDGE - 216.0 } else { WIDTH - 2.0 * EDGE };
    let (name_size, lines) = name(letters, &page.name, room);
    let shown = page.bands.iter().any(|band| matches!(band, Band::Stats(..)));
    let total = page.summary.as_ref().filter(|_| shown).map(|summary| total(letters, summary, &palette));
    let bio = hero.and_then(|hero| hero.bio.as_deref()).filter(|_| total.is_none());
    let bio = bio.map(|bio| cut(letters, bio, Style::of(34.0, palette.text), room, 4)).unwrap_or_default();
    Card {
        ground: palette.ground.hex(),
        text: palette.text.hex(),
        quiet: palette.quiet.hex(),
        accent: palette.accent.hex(),
        kind: page.w.doc_kind,
        as_of: word::AS_OF.get(lang).replace("{}", as_of),
        name: at(lines, 162.0, name_size * 1.14),
        name_size,
        bio: at(bio, 330.0, 48.0),
        picture: picture.map(|picture| STANDARD.encode(&picture.jpeg)),
        total,
        address: spoken(&page.canonical).split('?').next().unwrap_or_default().to_owned(),
    }
}

/// Lines below one another, the first at `top`.
fn at(lines: Vec<String>, top: f32, step: f32) -> Vec<(f32, String)> {
    let mut y = top - step;
    let next = |line| {
        y += step;
        (y, line)
    };
    lines.into_iter().map(next).collect()
}

/// A name in at most two lines, as large as that goes.
fn name(letters: &Letters, name: &str, room: f32) -> (f32, Vec<String>) {
    let style = |size: f32| Style::of(size, crate::domain::design::Colour([0, 0, 0])).bold();
    for (size, most) in [(64.0, 1), (54.0, 1), (46.0, 2), (38.0, 2)] {
        let lines = lines(letters, name, style(size), room);
        if lines.len() <= most {
            return (size, lines);
        }
    }
    (34.0, cut(letters, name, style(34.0), room, 2))
}

/// The lines of a text as they are drawn.
fn lines(letters: &Letters, text: &str, style: Style, room: f32) -> Vec<String> {
    let lines = letters.lines(&[Span::new(text, style)], room);
    let drawn = |line: Vec<super::letters::Run>| line.iter().map(|run| run.text.as_str()).collect::<String>();
    lines.into_iter().map(drawn).collect()
}

/// At most so many lines; a dot row says that there would be more.
fn cut(letters: &Letters, text: &str, style: Style, room: f32, most: usize) -> Vec<String> {
    let mut lines = lines(letters, text, style, room);
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            let kept = last.trim_end().trim_end_matches(|c: char| !c.is_alphanumeric()).to_owned();
            *last = format!("{kept} …");
        }
    }
    lines
}

fn total(letters: &Letters, summary: &Summary, palette: &Palette) -> Total {
    let f = &summary.total;
    let known = f.unknown_reason.is_none();
    let value_size = if known { 150.0 } else { 64.0 };
    let almost = letters.width("≈", Style::of(104.0, palette.text)) + 6.0;
    let counted: Vec<_> = summary.parts.iter().take(MOST).collect();
    let mut x = EDGE;
    let mut platforms = Vec::new();
    for part in counted {
        let value = sign_and_number(&part.figure);
        let wide = letters.width(&value, Style::of(32.0, palette.text).bold());
        platforms.push(Platform { x, glyph: glyph(part.platform), value });
        x += 46.0 + wide + 38.0;
    }
    platforms.retain(|platform| platform.x < WIDTH - EDGE - 130.0);
    Total {
        label: f.label.clone(),
        value: f.short.clone(),
        value_size,
        approx: f.approx,
        value_x: EDGE - 6.0 + if f.approx { almost } else { 0.0 },
        known,
        mark: f.provenance.as_ref().map(|provenance| drawings::mark(provenance.mark)),
        source: f.unknown_reason.clone().unwrap_or_else(|| source(f)),
        bar: drawings::bars(&summary.parts, palette, (WIDTH - 2.0 * EDGE, 18.0)).into(),
        platforms,
    }
}

fn sign_and_number(f: &FigureView) -> String {
    if f.approx { format!("≈{}", f.short) } else { f.short.clone() }
}

fn source(f: &FigureView) -> String {
    let parts = [Some(&f.source_line), f.age_text.as_ref()];
    parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" · ")
}
