//! Letters: the typeface that the program carries, how wide a text is in it, and where its lines break. Every text from
//! people goes through [`Letters::run`], which leaves out what cannot be drawn and says so.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Face, UnicodeBuffer};

use crate::domain::design::Colour;

/// Stands for a character that the typeface lacks.
const MISSING: char = '□';

/// The typeface: Noto Sans, see `docs/decisions/paper.md`. Regular, bold, italic.
pub const FILES: [&[u8]; 3] = [notosans::REGULAR_TTF, notosans::BOLD_TTF, notosans::ITALIC_TTF];

/// A cut of the typeface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// For running text.
    Regular,
    /// For figures and headings.
    Bold,
    /// For what is emphasised.
    Italic,
}

/// How a text is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    /// The cut.
    pub cut: Cut,
    /// The size in points.
    pub size: f32,
    /// The colour.
    pub colour: Colour,
    /// Between letters, in parts of the size.
    pub tracking: f32,
    /// Whether a line goes through it.
    pub struck: bool,
}

impl Style {
    /// Running text.
    pub const fn of(size: f32, colour: Colour) -> Self {
        Self { cut: Cut::Regular, size, colour, tracking: 0.0, struck: false }
    }

    /// The same in bold.
    pub const fn bold(self) -> Self {
        Self { cut: Cut::Bold, ..self }
    }

    /// The same with its letters closer together or further apart.
    pub const fn tracked(self, tracking: f32) -> Self {
        Self { tracking, ..self }
    }
}

/// A piece of a text in one style; a link when it leads somewhere.
#[derive(Clone, Debug)]
pub struct Span {
    /// What it says.
    pub text: String,
    /// How it is set.
    pub style: Style,
    /// Where it leads.
    pub href: Option<String>,
}

impl Span {
    /// A piece of plain text.
    pub fn new(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style, href: None }
    }

    /// The same, leading somewhere.
    pub fn to(self, href: impl Into<String>) -> Self {
        Self { href: Some(href.into()), ..self }
    }
}

/// A run of glyphs on one line.
#[derive(Clone, Debug)]
pub struct Run {
    /// What is drawn, a byte range of it a glyph.
    pub text: String,
    /// What it says, when that is not what is drawn.
    pub said: Option<String>,
    /// How it is set.
    pub style: Style,
    /// The glyphs, in parts of the size.
    pub glyphs: Vec<KrillaGlyph>,
    /// How wide it is, in points.
    pub width: f32,
    /// Where it leads.
    pub href: Option<String>,
}

/// The typeface, ready to measure and to draw.
pub struct Letters {
    faces: [Face<'static>; 3],
    fonts: [Font; 3],
}

impl Letters {
    /// Reads the typeface; `None` when the files in the program are broken.
    pub fn load() -> Option<Self> {
        let [a, b, c] = FILES.map(|file| Some((Face::from_slice(file, 0)?, Font::new(file.into(), 0)?)));
        let ((a, fa), (b, fb), (c, fc)) = (a?, b?, c?);
        Some(Self { faces: [a, b, c], fonts: [fa, fb, fc] })
    }

    /// The font that a cut is drawn with.
    pub fn font(&self, cut: Cut) -> Font {
        self.fonts[cut as usize].clone()
    }

    fn face(&self, cut: Cut) -> &Face<'static> {
        &self.faces[cut as usize]
    }

    /// A text on one line.
    pub fn run(&self, span: &Span) -> Run {
        let face = self.face(span.style.cut);
        let (text, said) = drawable(&span.text, |c| face.glyph_index(c).is_some_and(|glyph| glyph.0 > 0));
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&text);
        buffer.set_direction(rustybuzz::Direction::LeftToRight);
        let shaped = rustybuzz::shape(face, &[], buffer);
        let em = em(face);
        let (infos, positions) = (shaped.glyph_infos(), shaped.glyph_positions());
        let mut glyphs = Vec::with_capacity(infos.len());
        let mut width = 0.0;
        for (index, (info, place)) in infos.iter().zip(positions).enumerate() {
            let start = info.cluster as usize;
            let next = infos[index..].iter().map(|other| other.cluster as usize).find(|cluster| *cluster > start);
            let advance = scaled(place.x_advance, em) + span.style.tracking;
            width += advance;
            glyphs.push(KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                advance,
                scaled(place.x_offset, em),
                scaled(place.y_offset, em),
                0.0,
                start..next.unwrap_or(text.len()),
                None,
            ));
        }
        Run { text, said, style: span.style, glyphs, width: width * span.style.size, href: span.href.clone() }
    }

    /// How wide a text is on one line, in points; kerning makes it a little narrower.
    pub fn width(&self, text: &str, style: Style) -> f32 {
        text.chars().map(|c| self.advance(c, style)).sum()
    }

    fn advance(&self, c: char, style: Style) -> f32 {
        let face = self.face(style.cut);
        let glyph = face.glyph_index(c).or_else(|| face.glyph_index(MISSING)).unwrap_or_default();
        (scaled(i32::from(face.glyph_hor_advance(glyph).unwrap_or_default()), em(face)) + style.tracking) * style.size
    }

    /// The lines of a text that is at most `width` points wide. A word that is wider breaks where it must.
    pub fn lines(&self, spans: &[Span], width: f32) -> Vec<Vec<Run>> {
        let mut lines: Vec<Vec<Span>> = vec![Vec::new()];
        let mut used = 0.0;
        for word in words(spans) {
            let long: f32 = word.iter().map(|span| self.width(span.text.trim_end_matches(' '), span.style)).sum();
            if used > 0.0 && used + long > width {
                lines.push(Vec::new());
                used = 0.0;
            }
            for span in word {
                for part in self.fitting(&span, width) {
                    let wide = self.width(&part.text, part.style);
                    if long > width && used > 0.0 && used + wide > width {
                        lines.push(Vec::new());
                        used = 0.0;
                    }
                    used += wide;
                    push(lines.last_mut(), part);
                }
            }
        }
        lines.iter().map(|line| line.iter().map(|span| self.run(span)).collect()).collect()
    }

    /// A word, cut into parts that fit when it does not.
    fn fitting(&self, word: &Span, width: f32) -> Vec<Span> {
        if self.width(word.text.trim_end_matches(' '), word.style) <= width {
            return vec![word.clone()];
        }
        let mut parts = Vec::new();
        let (mut start, mut used) = (0, 0.0);
        for (at, c) in word.text.char_indices() {
            let wide = self.advance(c, word.style);
            if used + wide > width && at > start && c != ' ' {
                parts.push(Span { text: word.text[start..at].to_owned(), ..word.clone() });
                (start, used) = (at, 0.0);
            }
            used += wide;
        }
        parts.push(Span { text: word.text[start..].to_owned(), ..word.clone() });
        parts
    }
}

fn em(face: &Face<'_>) -> i32 {
    face.units_per_em()
}

#[expect(clippy::cast_precision_loss, reason = "units of a font, a few thousand")]
fn scaled(units: i32, em: i32) -> f32 {
    units as f32 / em as f32
}

/// The words of a text, each with the space behind it, in as many spans as it has styles.
fn words(spans: &[Span]) -> Vec<Vec<Span>> {
    let mut words: Vec<Vec<Span>> = Vec::new();
    let mut open = false;
    for span in spans {
        for piece in span.text.split_inclusive([' ', '\n', '\t']) {
            let text = piece.replace(['\n', '\t'], " ");
            let ends = text.ends_with(' ');
            let piece = Span { text, ..span.clone() };
            match words.last_mut().filter(|_| open) {
                Some(word) => word.push(piece),
                None => words.push(vec![piece]),
            }
            open = !ends;
        }
    }
    words
}

/// Adds a piece to a line; one that goes on like the last becomes part of it.
fn push(line: Option<&mut Vec<Span>>, piece: Span) {
    let Some(line) = line else { return };
    match line.last_mut() {
        Some(last) if last.style == piece.style && last.href == piece.href => last.text.push_str(&piece.text),
        _ => line.push(piece),
    }
}

/// A text as it can be drawn, and as it is said when that differs. What has no form of its own is left out: controls,
/// marks of direction, joiners, variants. What the typeface lacks is shown as missing.
fn drawable(text: &str, has: impl Fn(char) -> bool) -> (String, Option<String>) {
    let (mut drawn, mut said) = (String::with_capacity(text.len()), String::with_capacity(text.len()));
    for c in text.chars().map(|c| if matches!(c, '\n' | '\t') { ' ' } else { c }) {
        if c.is_control() || matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}') {
            continue;
        }
        said.push(c);
        if !is_formless(c) {
            drawn.push(if has(c) { c } else { MISSING });
        }
    }
    let said = Some(said).filter(|said| *said != drawn);
    (drawn, said)
}

const fn is_formless(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{fff9}'..='\u{fffb}' | '\u{1f3fb}'..='\u{1f3ff}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLACK: Colour = Colour([0, 0, 0]);

    fn letters() -> Letters {
        Letters::load().unwrap()
    }

    fn texts(lines: &[Vec<Run>]) -> Vec<String> {
        lines.iter().map(|line| line.iter().map(|run| run.text.as_str()).collect()).collect()
    }

    #[test]
    fn lines_break_between_words_and_keep_every_letter() {
        let letters = letters();
        let style = Style::of(10.0, BLACK);
        let text = "Gravelräder, Werkstatt und lange Wege; dazu Donaudampfschifffahrtsgesellschaftskapitänsmütze.";
        let lines = letters.lines(&[Span::new(text, style)], 90.0);
        assert_eq!(texts(&lines).concat(), text);
        assert!(lines.len() > 4 && lines[0][0].text == "Gravelräder, ");
        for run in lines.iter().flatten() {
            assert!(letters.run(&Span::new(run.text.trim_end(), style)).width <= 90.0, "{}", run.text);
        }
    }

    #[test]
    fn a_word_of_two_styles_stays_in_one_piece() {
        let style = Style::of(10.0, BLACK);
        let spans = [Span::new("aaaa ", style), Span::new("bbbb", style.bold()), Span::new(", cccc", style)];
        let lines = letters().lines(&spans, letters().width("aaaa bbbb", style));
        assert_eq!(texts(&lines), ["aaaa ", "bbbb, ", "cccc"]);
    }

    #[test]
    fn what_cannot_be_drawn_is_seen_to_be_missing_and_still_said() {
        let run = |text: &str| letters().run(&Span::new(text, Style::of(10.0, BLACK)));
        let (arabic, plain) = (run("مريم"), run("Ω Müller ≈ 5 €"));
        assert_eq!((arabic.text.as_str(), arabic.said.as_deref()), ("□□□□", Some("مريم")));
        assert_eq!((plain.text.as_str(), plain.said), ("Ω Müller ≈ 5 €", None));
        let hostile = run("a\u{0}\u{202e}b\u{feff}👩\u{200d}🔧\nc");
        assert_eq!(hostile.text, "ab□□ c");
        assert!(hostile.glyphs.iter().all(|glyph| glyph.glyph_id != GlyphId::new(0)));
        assert!(run("").glyphs.is_empty());
    }
}
