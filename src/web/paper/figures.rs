//! Numbers on paper: each with its label above and its source below, or the reason why it is missing.

use super::letters::{Span, Style};
use super::pen::{OPEN, Pen, TIGHT};
use super::sheet::{Drawing, Kind, MEASURE, Node, Piece, What};
use crate::domain::design::Colour;
use crate::web::assets::glyph;
use crate::web::public::view::{FigureView, LeftOut, Part, Summary};

/// Figures side by side.
pub const COLUMNS: usize = 3;
const GUTTER: f32 = 14.0;
/// The size of the sign before a source.
const SIGN: f32 = 4.8;
const INDENT: f32 = 7.4;
/// From the right edge of a ledger to the right edge of its shares.
const SHARES: f32 = 72.0;

impl Pen<'_> {
    /// How strong a number stands: it fades as it ages.
    fn strength(&self, f: &FigureView) -> Colour {
        match f.freshness {
            "fresh" => self.palette.text,
            "aged" => self.palette.soft,
            _ => self.palette.quiet,
        }
    }

    /// The number itself, with every digit beside it where it was shortened.
    fn value(&mut self, node: Node, f: &FigureView, size: f32, width: f32) -> Drawing {
        if f.unknown_reason.is_some() {
            return self.text(
                node,
                &[Span::new(&f.short, Style::of(size.min(10.5), self.palette.quiet))],
                width,
                TIGHT,
            );
        }
        let tracking = if size > 20.0 { -0.035 } else { -0.015 };
        let strong = Style::of(size, self.strength(f)).bold().tracked(tracking);
        let mut drawing = Drawing::default();
        let mut x = 0.0;
        if f.approx {
            let style = Style::of(size * 0.78, self.palette.quiet);
            x = self.letters.width("≈ ", style) * 0.8;
            let almost = self.text(node, &[Span::new("≈", style)], width, TIGHT * size / style.size);
            drawing.put(0.0, 0.0, Self::saying(almost, self.w.approx));
        }
        let number = self.text(node, &[Span::new(format!("{} ", f.short), strong)], width - x, TIGHT);
        drawing.put(x, 0.0, number);
        if let Some(exact) = &f.exact {
            let style = self.label();
            let style = Style { colour: self.palette.quiet, ..style };
            let used = x + self.letters.width(&f.short, strong) + 5.0 + size * 0.06;
            let wide = self.letters.width(exact, style);
            if used + wide <= width {
                // On the same baseline.
                let line = self.text(node, &[Span::new(exact, style)], width - used, TIGHT);
                let drop = (size - style.size) * (TIGHT + 0.714) / 2.0;
                drawing.put(used, drop, line);
            } else {
                let line = self.text(node, &[Span::new(exact, style)], width, OPEN);
                drawing.below(0.0, line);
            }
        }
        drawing
    }

    /// The same drawing, read out as other words.
    fn saying(mut drawing: Drawing, words: &str) -> Drawing {
        for op in &mut drawing.ops {
            if let What::Text(run) = &mut op.what {
                run.said = Some(format!("{words} "));
            }
        }
        drawing
    }

    /// Where a number comes from, how old and how exact it is; or why it is missing.
    pub fn source(&mut self, parent: Node, f: &FigureView, width: f32) -> Drawing {
        let node = self.sheet.open(parent, Kind::Paragraph);
        let style = self.fine();
        if let Some(reason) = &f.unknown_reason {
            return self.text(node, &[Span::new(reason, style)], width, OPEN);
        }
        let mut drawing = Drawing::default();
        if let Some(provenance) = &f.provenance {
            let sign = self.telling(node, provenance.mark, SIGN, provenance.text);
            drawing.put(0.0, (style.size * OPEN - SIGN) / 2.0, sign);
        }
        let mut spans = vec![Span::new(self.broken(&f.source_line, style, width - INDENT), style)];
        if let Some(age) = &f.age_text {
            let is_late = f.freshness == "stale";
            let late = if is_late { format!(" · {}, {age}", self.w.stale) } else { format!(" · {age}") };
            spans.push(Span::new(late, if is_late { style.bold() } else { style }));
        }
        let text = self.text(node, &spans, width - INDENT, OPEN);
        drawing.put(INDENT, 0.0, text);
        drawing
    }

    /// A source that does not fit on one line has its time and precision on the next, where they do.
    fn broken(&self, line: &str, style: Style, width: f32) -> String {
        match line.split_once("\u{a0}· ") {
            Some((name, rest))
                if self.letters.width(line, style) > width && self.letters.width(rest, style) <= width =>
            {
                format!("{name}\u{a0}· {}", rest.replace(' ', "\u{a0}"))
            }
            _ => line.to_owned(),
        }
    }

    /// One figure: label, number, source.
    fn number(&mut self, list: Node, f: &FigureView, size: f32, width: f32) -> [Drawing; 3] {
        let item = self.sheet.open(list, Kind::Item);
        let body = self.sheet.open(item, Kind::Body);
        let label = self.paragraph(body, &f.label, self.label(), width, TIGHT);
        let value = self.sheet.open(body, Kind::Paragraph);
        let value = self.value(value, f, size, width);
        [label, value, self.source(body, f, width)]
    }

    /// Figures in columns, a row a piece; the first leads when `leads`.
    pub fn grid(&mut self, section: Node, figures: &[&FigureView], leads: bool) -> Vec<Piece> {
        let list = self.sheet.open(section, Kind::List);
        let width = column();
        let mut pieces = Vec::new();
        for (row, figures) in figures.chunks(COLUMNS).enumerate() {
            let size = |column: usize| if leads && row == 0 && column == 0 { 21.0 } else { 13.5 };
            let numbers = figures.iter().enumerate().map(|(column, f)| self.number(list, f, size(column), width));
            let numbers: Vec<_> = numbers.collect();
            pieces.push(side_by_side(numbers, width + GUTTER).after(if row == 0 { 0.0 } else { 13.0 }));
        }
        pieces
    }

    /// The figure that leads and those after it, with the course of the first beside them.
    pub fn leading(
        &mut self,
        section: Node,
        (lead, others): (&FigureView, &[&FigureView]),
        course: impl FnOnce(&mut Self, f32) -> Drawing,
    ) -> Drawing {
        let list = self.sheet.open(section, Kind::List);
        let width = column();
        let mut row = side_by_side(vec![self.number(list, lead, 21.0, width)], width);
        for other in others {
            let other = side_by_side(vec![self.number(list, other, 13.5, width)], width);
            row.below(13.0, other);
        }
        let course = course(self, MEASURE - width - GUTTER);
        row.put(width + GUTTER, 0.0, course);
        row
    }

    /// The total: the largest thing on the page.
    pub fn total(&mut self, section: Node, summary: &Summary) -> Drawing {
        let list = self.sheet.open(section, Kind::List);
        side_by_side(vec![self.number(list, &summary.total, 46.0, MEASURE)], MEASURE)
    }

    /// A platform of the sum.
    pub fn part(&mut self, list: Node, part: &Part, place: usize) -> Drawing {
        let mut row = Drawing::default();
        let mut swatch = Drawing { height: 5.5, ops: Vec::new() };
        swatch.add(0.0, 0.0, What::Box(5.5, 5.5, self.palette.part(place)), None);
        row.put(0.0, 10.2, swatch);
        let who = (part.platform, part.name, part.username.as_str());
        self.entry(row, list, who, Some((part.share.clone(), self.w.share)), &part.figure, 10.0)
    }

    /// A platform that is not in it.
    pub fn left_out(&mut self, list: Node, out: &LeftOut) -> Drawing {
        let who = (out.platform, out.name, out.username.as_str());
        self.entry(Drawing::default(), list, who, out.reason.clone().map(|reason| (reason, "")), &out.figure, 0.0)
    }

    /// A line of a ledger: who, how large a part, the number; below it where that comes from.
    fn entry(
        &mut self,
        mut row: Drawing,
        list: Node,
        (platform, name, username): (&str, &str, &str),
        middle: Option<(String, &str)>,
        f: &FigureView,
        indent: f32,
    ) -> Drawing {
        let item = self.sheet.open(list, Kind::Item);
        let body = self.sheet.open(item, Kind::Body);
        let node = self.sheet.open(body, Kind::Paragraph);
        row.put(0.0, 0.0, self.hairline(MEASURE));
        row.put(indent, 8.0, Self::sign(glyph(platform), 24, 10.0, self.palette.text));
        let left = indent + 14.5;
        let name = Span::new(format!("{name}  "), Style::of(9.6, self.palette.text).bold());
        let handle = Span::new(format!("{username} "), Style::of(8.4, self.palette.quiet));
        let who = self.text(node, &[name, handle], MEASURE - SHARES - 78.0 - left, 1.3);
        let foot = 7.0 + who.height;
        row.put(left, 7.0, who);
        if let Some((text, words)) = middle {
            let mut share =
                self.right(node, &[Span::new(text, Style::of(8.0, self.palette.soft))], MEASURE - SHARES, 1.55);
            if let Some(What::Text(run)) = share.ops.first_mut().map(|op| &mut op.what).filter(|_| !words.is_empty()) {
                run.said = Some(format!("{words} {} ", run.text));
            }
            row.put(0.0, 7.0, share);
        }
        let value = self.sheet.open(body, Kind::Paragraph);
        let below = self.amount(&mut row, value, f);
        let source = self.source(body, f, MEASURE - left - if f.exact.is_some() { 60.0 } else { 0.0 });
        row.put(left, foot + 0.5, source);
        row.height = row.height.max(below) + 5.2;
        row
    }

    /// The number at the end of a ledger's line, every digit below it. Gives where that ends.
    fn amount(&mut self, row: &mut Drawing, node: Node, f: &FigureView) -> f32 {
        if f.unknown_reason.is_some() {
            let missing = self.right(node, &[Span::new(&f.short, Style::of(8.4, self.palette.quiet))], MEASURE, 1.5);
            row.put(0.0, 7.0, missing);
            return row.height;
        }
        let style = Style::of(13.5, self.strength(f)).bold().tracked(-0.015);
        let number = self.letters.run(&Span::new(&f.short, style)).width;
        if f.approx {
            let almost = Span::new("≈", Style::of(10.5, self.palette.quiet));
            let almost = self.right(node, &[almost], MEASURE - number - 2.0, 13.5 * TIGHT / 10.5);
            row.put(0.0, 5.4, Self::saying(almost, self.w.approx));
        }
        let number = self.right(node, &[Span::new(&f.short, style)], MEASURE, TIGHT);
        row.put(0.0, 5.4, number);
        if let Some(exact) = &f.exact {
            let style = Style { size: 7.0, ..self.fine() };
            let exact = self.right(node, &[Span::new(format!(" {exact}"), style)], MEASURE, OPEN);
            row.put(0.0, 20.0, exact);
        }
        row.height
    }
}

/// The width of a column.
fn column() -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a handful of columns")]
    let columns = COLUMNS as f32;
    (MEASURE - GUTTER * (columns - 1.0)) / columns
}

/// Figures beside one another: the feet of labels, numbers and sources on a line each.
fn side_by_side(figures: Vec<[Drawing; 3]>, step: f32) -> Drawing {
    let tallest = |part: usize| figures.iter().map(|figure| figure[part].height).fold(0.0, f32::max);
    let (labels, values) = (tallest(0), tallest(1));
    let mut row = Drawing::default();
    let mut x = 0.0;
    for [label, value, source] in figures {
        row.put(x, labels - label.height, label);
        row.put(x, labels + 1.5 + values - value.height, value);
        row.put(x, labels + values + 3.0, source);
        x += step;
    }
    row
}
