//! The pen: texts, drawings and links, set on a sheet in its colours. What it draws belongs to the part it is given.

use std::sync::Arc;

use super::drawings;
use super::letters::{Letters, Run, Span, Style};
use super::palette::Palette;
use super::sheet::{Drawing, Kind, MEASURE, Node, Piece, Sheet, What};
use crate::domain::design::Colour;
use crate::domain::text::Lang;
use crate::web::words::Words;

/// The height of a capital, in parts of the size.
const CAPITAL: f32 = 0.714;
/// The height of a line of running text, in parts of the size.
pub const OPEN: f32 = 1.42;
/// The height of a line of a heading or a figure.
pub const TIGHT: f32 = 1.16;

/// Sets texts and drawings.
pub struct Pen<'a> {
    /// Where to.
    pub sheet: Sheet,
    /// The typeface.
    pub letters: &'a Letters,
    /// The colours.
    pub palette: Palette,
    /// The reader's language.
    pub lang: Lang,
    /// The page's words in it.
    pub w: &'static Words,
}

impl Pen<'_> {
    /// Running text.
    pub const fn body(&self) -> Style {
        Style::of(9.2, self.palette.soft)
    }

    /// Sources and dates.
    pub const fn fine(&self) -> Style {
        Style::of(6.4, self.palette.quiet)
    }

    /// Labels and remarks.
    pub const fn label(&self) -> Style {
        Style::of(7.8, self.palette.soft)
    }

    /// The heading of a section.
    pub const fn heading(&self) -> Style {
        Style::of(11.5, self.palette.text).bold().tracked(-0.008)
    }

    /// The lines of a text, a drawing each.
    pub fn lines(&mut self, node: Node, spans: &[Span], width: f32, leading: f32) -> Vec<Drawing> {
        let mut link: Option<(String, Node)> = None;
        let lines = self.letters.lines(spans, width);
        lines.into_iter().map(|line| self.line(node, line, leading, &mut link)).collect()
    }

    fn line(&mut self, node: Node, runs: Vec<Run>, leading: f32, link: &mut Option<(String, Node)>) -> Drawing {
        let size = runs.iter().map(|run| run.style.size).fold(0.0, f32::max);
        let mut drawing = Drawing { height: size * leading, ops: Vec::new() };
        let baseline = f32::midpoint(drawing.height, CAPITAL * size);
        let mut x = 0.0;
        for run in runs {
            let (width, style, href) = (run.width, run.style, run.href.clone());
            let owner = href.as_ref().map_or(node, |href| match link {
                Some((open, owner)) if open == href => *owner,
                _ => {
                    let owner = self.sheet.open(node, Kind::Link);
                    *link = Some((href.clone(), owner));
                    owner
                }
            });
            if href.is_none() {
                *link = None;
            }
            let words = run.said.clone().unwrap_or_else(|| run.text.clone());
            let leaf = self.sheet.leaf(owner);
            drawing.add(x, baseline, What::Text(run), Some(leaf));
            if style.struck {
                drawing.add(x, baseline - style.size * 0.28, What::Box(width, 0.6, style.colour), None);
            }
            if let Some(href) = href {
                let leaf = self.sheet.leaf(owner);
                drawing.add(x, 0.0, What::Link(width, size * leading, href, words), Some(leaf));
            }
            x += width;
        }
        drawing
    }

    /// A text in one piece.
    pub fn text(&mut self, node: Node, spans: &[Span], width: f32, leading: f32) -> Drawing {
        Drawing::stack(0.0, self.lines(node, spans, width, leading))
    }

    /// A text that may break between its lines, but leaves none of them alone.
    pub fn flowing(&mut self, node: Node, spans: &[Span], width: f32, gap: f32) -> Vec<Piece> {
        let lines = self.lines(node, spans, width, OPEN);
        let last = lines.len().saturating_sub(1);
        let piece = |(index, line): (usize, Drawing)| {
            let piece = line.after(if index == 0 { gap } else { 0.0 });
            if index < last && (index == 0 || index + 1 == last) { piece.with_next() } else { piece }
        };
        lines.into_iter().enumerate().map(piece).collect()
    }

    /// A paragraph in one style, as a part of its own.
    pub fn paragraph(&mut self, parent: Node, text: &str, style: Style, width: f32, leading: f32) -> Drawing {
        let node = self.sheet.open(parent, Kind::Paragraph);
        self.text(node, &[Span::new(text, style)], width, leading)
    }

    /// Lines of a text one below the other, as a paragraph.
    pub fn typed(&mut self, parent: Node, lines: &[String], style: Style, width: f32, gap: f32) -> Vec<Piece> {
        let node = self.sheet.open(parent, Kind::Paragraph);
        let mut pieces = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            let rest = if index + 1 < lines.len() { " " } else { "" };
            let spans = [Span::new(format!("{line}{rest}"), style)];
            pieces.extend(self.flowing(node, &spans, width, if index == 0 { gap } else { 0.0 }));
        }
        pieces
    }

    /// One line that ends at `right`.
    pub fn right(&mut self, node: Node, spans: &[Span], right: f32, leading: f32) -> Drawing {
        let width: f32 = spans.iter().map(|span| self.letters.run(span).width).sum();
        let mut drawing = Drawing::default();
        let line = spans.iter().map(|span| self.letters.run(span)).collect();
        let line = self.line(node, line, leading, &mut None);
        drawing.put(right - width, 0.0, line);
        drawing
    }

    /// Something that leads to an address: the address as people read it.
    pub fn link(&self, words: &str, href: &str, style: Style) -> Span {
        Span::new(words, Style { colour: self.palette.accent, ..style }).to(href)
    }

    /// A sign of ours, as decoration.
    pub fn sign(markup: &str, view: u32, size: f32, colour: Colour) -> Drawing {
        let mut drawing = Drawing { height: size, ops: Vec::new() };
        drawing.add(0.0, 0.0, What::Svg(drawings::sign(markup, view, colour), size, size, None), None);
        drawing
    }

    /// A sign that stands for words.
    pub fn telling(&mut self, node: Node, mark: &str, size: f32, words: &str) -> Drawing {
        let mut drawing = Drawing { height: size, ops: Vec::new() };
        let svg = drawings::sign(drawings::mark(mark), 12, self.palette.accent);
        let leaf = self.sheet.leaf(node);
        drawing.add(0.0, 0.0, What::Svg(svg, size, size, Some(format!("{words}: "))), Some(leaf));
        drawing
    }

    /// A drawing that says something by itself, with its words for those who do not see it.
    pub fn figure(&mut self, parent: Node, svg: Arc<str>, (width, height): (f32, f32), words: String) -> Drawing {
        let node = self.sheet.open(parent, Kind::Figure(words));
        let leaf = self.sheet.leaf(node);
        let mut drawing = Drawing { height, ops: Vec::new() };
        drawing.add(0.0, 0.0, What::Svg(svg, width, height, None), Some(leaf));
        drawing
    }

    /// A hairline.
    pub fn hairline(&self, width: f32) -> Drawing {
        let mut line = Drawing { height: 0.4, ops: Vec::new() };
        line.add(0.0, 0.0, What::Box(width, 0.4, self.palette.line), None);
        line
    }

    /// The heading of a section, for the rail, with its place in the table of contents.
    pub fn section(&mut self, section: Node, title: &str, width: f32) -> Drawing {
        let node = self.sheet.open(section, Kind::Heading(2, title.to_owned()));
        let style = self.heading();
        let mut heading = self.text(node, &[Span::new(title, style)], width, TIGHT);
        heading.add(0.0, 0.0, What::Anchor(title.to_owned()), None);
        heading
    }
    /// What a visitor should know beyond the numbers.
    pub fn notice(&mut self, parent: Node, text: &str) -> Drawing {
        let node = self.sheet.open(parent, Kind::Paragraph);
        let mut notice = Drawing::default();
        notice.put(0.0, 2.6, Self::sign(drawings::mark("late"), 12, 6.4, self.palette.accent));
        let text = self.text(node, &[Span::new(text, Style { size: 8.2, ..self.body() })], MEASURE - 11.0, OPEN);
        notice.put(11.0, 0.0, text);
        notice
    }

    /// A heading inside a section.
    pub fn minor(&mut self, parent: Node, title: &str) -> Drawing {
        let node = self.sheet.open(parent, Kind::Heading(3, title.to_owned()));
        self.text(node, &[Span::new(title, Style::of(8.8, self.palette.text).bold())], MEASURE, TIGHT)
    }
}
