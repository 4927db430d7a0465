//! Texts on paper: paragraphs as they were typed, and Markdown, of which the same is left as on the page.

use pulldown_cmark::{Event, Tag, TagEnd};

use super::letters::{Cut, Span, Style};
use super::pen::{Pen, TIGHT};
use super::sheet::{Drawing, Kind, MEASURE, Node, Piece, What};
use crate::web::public::markdown;

/// Between paragraphs.
const BETWEEN: f32 = 6.0;
/// How far the entries of a list stand in.
const STEP: f32 = 13.0;
/// Deeper than this, nothing stands further in.
const DEEPEST: usize = 6;

impl Pen<'_> {
    /// Paragraphs of lines, as the creator typed them.
    pub fn paragraphs(&mut self, section: Node, text: &[Vec<String>], style: Style) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for lines in text {
            pieces.extend(self.typed(section, lines, style, MEASURE, BETWEEN));
        }
        pieces
    }

    /// A text in Markdown.
    pub fn markdown(&mut self, section: Node, text: &str) -> Vec<Piece> {
        let mut setter = Setter::new(section, self.body());
        for event in markdown::events_of(text) {
            setter.take(self, event);
        }
        setter.end_paragraph(self);
        setter.pieces
    }
}

/// Sets Markdown, event by event.
struct Setter {
    pieces: Vec<Piece>,
    spans: Vec<Span>,
    body: Style,
    /// The parts that are open: the section, lists, entries, quotes.
    open: Vec<Node>,
    /// How far what follows stands in, in steps.
    depth: usize,
    /// The number of the next entry of each open list; `None` without numbers.
    lists: Vec<Option<u64>>,
    /// What stands before the next paragraph.
    bullet: Option<String>,
    heading: bool,
    code: bool,
    strong: usize,
    emphasis: usize,
    struck: bool,
    href: Option<String>,
}

impl Setter {
    fn new(section: Node, body: Style) -> Self {
        Self {
            pieces: Vec::new(),
            spans: Vec::new(),
            body,
            open: vec![section],
            depth: 0,
            lists: Vec::new(),
            bullet: None,
            heading: false,
            code: false,
            strong: 0,
            emphasis: 0,
            struck: false,
            href: None,
        }
    }

    fn take(&mut self, pen: &mut Pen<'_>, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(pen, tag),
            Event::End(tag) => self.end(pen, tag),
            Event::Text(text) if self.code => {
                for line in text.lines() {
                    self.say(pen, line);
                    self.end_paragraph(pen);
                }
            }
            Event::Text(text) | Event::Code(text) => self.say(pen, &text),
            Event::SoftBreak => self.say(pen, " "),
            Event::HardBreak => {
                self.say(pen, " ");
                self.end_paragraph(pen);
            }
            Event::Rule => {
                self.end_paragraph(pen);
                self.pieces.push(pen.hairline(MEASURE).after(BETWEEN * 1.5));
            }
            _ => {}
        }
    }

    fn start(&mut self, pen: &mut Pen<'_>, tag: Tag<'_>) {
        match tag {
            Tag::Strong => self.strong += 1,
            Tag::Emphasis => self.emphasis += 1,
            Tag::Strikethrough => self.struck = true,
            Tag::Link { dest_url, .. } => self.href = Some(dest_url.into_string()),
            Tag::Heading { .. } => {
                self.end_paragraph(pen);
                self.heading = true;
            }
            Tag::CodeBlock(_) => {
                self.end_paragraph(pen);
                self.code = true;
            }
            Tag::BlockQuote(_) => {
                self.end_paragraph(pen);
                self.enter(pen, Kind::Quote);
                self.depth += 1;
            }
            Tag::List(first) => {
                self.end_paragraph(pen);
                self.enter(pen, Kind::List);
                self.lists.push(first);
            }
            Tag::Item => {
                self.end_paragraph(pen);
                self.enter(pen, Kind::Item);
                self.enter(pen, Kind::Body);
                self.depth += 1;
                self.bullet = Some(match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "– ".to_owned(),
                });
            }
            _ => {}
        }
    }

    fn end(&mut self, pen: &mut Pen<'_>, tag: TagEnd) {
        match tag {
            TagEnd::Strong => self.strong = self.strong.saturating_sub(1),
            TagEnd::Emphasis => self.emphasis = self.emphasis.saturating_sub(1),
            TagEnd::Strikethrough => self.struck = false,
            TagEnd::Link => self.href = None,
            TagEnd::Paragraph => self.end_paragraph(pen),
            TagEnd::Heading(_) => {
                self.end_paragraph(pen);
                self.heading = false;
            }
            TagEnd::CodeBlock => self.code = false,
            TagEnd::BlockQuote(_) => {
                self.end_paragraph(pen);
                self.open.pop();
                self.depth -= 1;
            }
            TagEnd::List(_) => {
                self.open.pop();
                self.lists.pop();
            }
            TagEnd::Item => {
                self.end_paragraph(pen);
                self.open.truncate(self.open.len() - 2);
                self.depth -= 1;
                self.bullet = None;
            }
            _ => {}
        }
    }

    fn enter(&mut self, pen: &mut Pen<'_>, kind: Kind) {
        let node = pen.sheet.open(self.inmost(), kind);
        self.open.push(node);
    }

    fn inmost(&self) -> Node {
        self.open[self.open.len() - 1]
    }

    fn say(&mut self, pen: &Pen<'_>, text: &str) {
        let mut style = Style { struck: self.struck, ..self.body };
        if self.heading {
            style = Style { size: 10.2, colour: pen.palette.text, ..style };
        }
        style.cut = match (self.heading || self.strong > 0, self.emphasis > 0) {
            (true, _) => Cut::Bold,
            (false, true) => Cut::Italic,
            (false, false) => Cut::Regular,
        };
        if self.strong > 0 {
            style.colour = pen.palette.text;
        }
        self.spans.push(match &self.href {
            Some(href) => pen.link(text, href, style),
            None => Span::new(text, style),
        });
    }

    /// Sets what has been said as a paragraph or a heading.
    fn end_paragraph(&mut self, pen: &mut Pen<'_>) {
        if self.spans.is_empty() {
            return;
        }
        let spans = std::mem::take(&mut self.spans);
        let indent = STEP * f32::from(u8::try_from(self.depth.min(DEEPEST)).unwrap_or_default());
        let title = || spans.iter().map(|span| span.text.as_str()).collect();
        let kind = if self.heading { Kind::Heading(3, title()) } else { Kind::Paragraph };
        let node = pen.sheet.open(self.inmost(), kind);
        let bullet = self
            .bullet
            .take()
            .map(|bullet| pen.text(node, &[Span::new(bullet, self.body)], STEP * 2.0, super::pen::OPEN));
        let gap = if self.depth > 0 && !self.code { BETWEEN / 2.0 } else { BETWEEN };
        let mut lines = if self.heading {
            vec![pen.text(node, &spans, MEASURE - indent, TIGHT).after(BETWEEN * 1.8).with_next()]
        } else {
            pen.flowing(node, &spans, MEASURE - indent, gap)
        };
        for (index, piece) in lines.iter_mut().enumerate() {
            let mut moved = Drawing::default();
            if let Some(bullet) = bullet.clone().filter(|_| index == 0) {
                moved.put(indent - STEP, 0.0, bullet);
            }
            moved.put(indent, 0.0, std::mem::take(&mut piece.drawing));
            if self.quoted(pen) {
                moved.add(indent - STEP + 2.0, 0.0, What::Box(1.0, moved.height, pen.palette.line), None);
            }
            piece.drawing = moved;
        }
        self.pieces.extend(lines);
    }

    fn quoted(&self, pen: &Pen<'_>) -> bool {
        pen.sheet.is(self.inmost(), &Kind::Quote)
    }
}
