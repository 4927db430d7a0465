//! Sheets of A4 before they are printed: what is drawn where, what it means, and where a page ends. Knows no PDF and no
//! media kit. A [`Drawing`] is made at its own origin and never breaks; what may break is a list of them.

use std::sync::Arc;

use super::letters::Run;
use crate::domain::design::Colour;

/// A4, in points.
pub const PAGE: (f32, f32) = (595.28, 841.89);
/// The left edge of everything.
pub const LEFT: f32 = 51.0;
/// The width of everything.
pub const WIDTH: f32 = PAGE.0 - 2.0 * LEFT;
/// The width of the rail, where headings stand.
pub const RAIL: f32 = 112.0;
/// The left edge of the content, from [`LEFT`].
pub const CONTENT: f32 = 130.0;
/// The width of the content.
pub const MEASURE: f32 = WIDTH - CONTENT;
const TOP: f32 = 48.0;
/// The lowest point of the content.
const BOTTOM: f32 = PAGE.1 - 62.0;
/// The line at the foot of a page.
pub const FOOT: f32 = PAGE.1 - 36.0;

/// What a part of the document is, for those who have it read to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All of it.
    Document,
    /// A section.
    Section,
    /// A heading of this level.
    Heading(u16, String),
    /// A paragraph.
    Paragraph,
    /// A list.
    List,
    /// An entry of a list.
    Item,
    /// What an entry says.
    Body,
    /// A picture, in words.
    Figure(String),
    /// A link.
    Link,
    /// Somebody's words.
    Quote,
}

/// A part of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node(usize);

/// Something drawn that belongs to a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf(pub usize);

/// What a part holds, in the order it is read.
#[derive(Clone, Copy, Debug)]
pub enum Child {
    /// Another part.
    Node(usize),
    /// Something drawn.
    Leaf(usize),
}

/// A part with what it holds.
#[derive(Debug)]
pub struct Part {
    /// What it is.
    pub kind: Kind,
    /// What it holds.
    pub children: Vec<Child>,
}

/// What is drawn.
#[derive(Clone, Debug)]
pub enum What {
    /// Glyphs, from the start of their baseline on.
    Text(Run),
    /// A filled rectangle.
    Box(f32, f32, Colour),
    /// A square JPEG of this side.
    Picture(Arc<Vec<u8>>, f32),
    /// An SVG of this width and height; what it says, when it stands for words.
    Svg(Arc<str>, f32, f32, Option<String>),
    /// An area that leads somewhere: width, height, where, in words.
    Link(f32, f32, String, String),
    /// A place that the table of contents names.
    Anchor(String),
}

/// Something drawn at a place; what belongs to no part is decoration.
#[derive(Clone, Debug)]
pub struct Op {
    /// From the left, from the top.
    pub at: (f32, f32),
    /// What.
    pub what: What,
    /// What it belongs to.
    pub leaf: Option<Leaf>,
}

/// Something of a certain height that never breaks.
#[derive(Clone, Debug, Default)]
pub struct Drawing {
    /// How high it is.
    pub height: f32,
    /// What is in it.
    pub ops: Vec<Op>,
}

impl Drawing {
    /// Adds something at a place.
    pub fn add(&mut self, x: f32, y: f32, what: What, leaf: Option<Leaf>) {
        self.ops.push(Op { at: (x, y), what, leaf });
    }

    /// Adds a drawing at a place; it grows to hold it.
    pub fn put(&mut self, x: f32, y: f32, other: Self) {
        self.height = self.height.max(y + other.height);
        self.ops.extend(other.ops.into_iter().map(|op| Op { at: (op.at.0 + x, op.at.1 + y), ..op }));
    }

    /// Adds a drawing below everything that is there.
    pub fn below(&mut self, gap: f32, other: Self) {
        self.put(0.0, if self.height > 0.0 { self.height + gap } else { 0.0 }, other);
    }

    /// Drawings below one another.
    pub fn stack(gap: f32, drawings: impl IntoIterator<Item = Self>) -> Self {
        let mut stack = Self::default();
        for drawing in drawings {
            stack.below(gap, drawing);
        }
        stack
    }

    /// A drawing with room above it, as part of what may break.
    pub fn after(self, gap: f32) -> Piece {
        Piece { drawing: self, gap, keep: false }
    }
}

/// A part of what may break.
#[derive(Clone, Debug)]
pub struct Piece {
    /// What.
    pub drawing: Drawing,
    /// The room above it, unless a page begins with it.
    pub gap: f32,
    /// Whether it stays with what follows.
    pub keep: bool,
}

impl Piece {
    /// The same, never the last on a page.
    pub fn with_next(self) -> Self {
        Self { keep: true, ..self }
    }
}

/// The rule above a band.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// None, for what begins a page.
    None,
    /// Between sections.
    Strong(Colour),
    /// Between parts of a section.
    Fine(Colour),
}

/// The sheets as they fill.
pub struct Sheet {
    /// The parts; the first is the document.
    pub parts: Vec<Part>,
    /// How much has been drawn that belongs to a part.
    pub leaves: usize,
    /// What is on each page.
    pub pages: Vec<Vec<Op>>,
    y: f32,
}

impl Sheet {
    /// An empty sheet, and the document that it is about to hold.
    pub fn new() -> (Self, Node) {
        let document = Part { kind: Kind::Document, children: Vec::new() };
        (Self { parts: vec![document], leaves: 0, pages: vec![Vec::new()], y: TOP }, Node(0))
    }

    /// Begins a part inside another, behind what it holds already.
    pub fn open(&mut self, parent: Node, kind: Kind) -> Node {
        let node = self.parts.len();
        self.parts.push(Part { kind, children: Vec::new() });
        self.parts[parent.0].children.push(Child::Node(node));
        Node(node)
    }

    /// A place in a part for something about to be drawn.
    pub fn leaf(&mut self, node: Node) -> Leaf {
        let leaf = self.leaves;
        self.leaves += 1;
        self.parts[node.0].children.push(Child::Leaf(leaf));
        Leaf(leaf)
    }

    /// Whether a part is of a kind.
    pub fn is(&self, node: Node, kind: &Kind) -> bool {
        self.parts[node.0].kind == *kind
    }

    fn page(&mut self) -> &mut Vec<Op> {
        if self.pages.is_empty() {
            self.pages.push(Vec::new());
        }
        let last = self.pages.len() - 1;
        &mut self.pages[last]
    }

    fn turn(&mut self) {
        self.pages.push(Vec::new());
        self.y = TOP;
    }

    fn stamp(&mut self, x: f32, y: f32, drawing: Drawing) {
        let ops = drawing.ops.into_iter().map(|op| Op { at: (op.at.0 + x, op.at.1 + y), ..op });
        self.page().extend(ops);
    }

    /// Adds a band: what is in the rail, and beside it pieces from top to bottom, over as many pages as they need.
    pub fn band(&mut self, rule: Rule, rail: Drawing, pieces: Vec<Piece>) {
        let (thick, above, below, colour) = match rule {
            Rule::None => (0.0, 0.0, 0.0, None),
            Rule::Strong(colour) => (0.8, 26.0, 12.0, Some(colour)),
            Rule::Fine(colour) => (0.4, 16.0, 11.0, Some(colour)),
        };
        let mut groups = groups(pieces).into_iter();
        let first = groups.next().unwrap_or_default();
        let needed = below + rail.height.max(height(&first));
        if self.y > TOP && self.y + above + needed > BOTTOM {
            self.turn();
        }
        if self.y > TOP {
            self.y += above;
        }
        if let Some(colour) = colour {
            let mut line = Drawing::default();
            line.add(0.0, 0.0, What::Box(WIDTH, thick, colour), None);
            self.stamp(LEFT, self.y, line);
        }
        self.y += below;
        let (page, foot) = (self.pages.len(), self.y + rail.height);
        self.stamp(LEFT, self.y, rail);
        self.fill(first, true);
        for group in groups {
            self.fill(group, false);
        }
        if self.pages.len() == page {
            self.y = self.y.max(foot);
        }
    }

    fn fill(&mut self, group: Vec<Piece>, begins: bool) {
        let mut begins = begins;
        let together = height(&group) <= BOTTOM - TOP;
        if together && !begins && self.y + group.first().map_or(0.0, |piece| piece.gap) + height(&group) > BOTTOM {
            self.turn();
            begins = true;
        }
        for piece in group {
            if !begins {
                self.y += piece.gap;
            }
            if self.y > TOP && self.y + piece.drawing.height > BOTTOM {
                self.turn();
            }
            let height = piece.drawing.height;
            self.stamp(LEFT + CONTENT, self.y, piece.drawing);
            self.y += height;
            begins = false;
        }
    }
}

/// Pieces that stay together.
fn groups(pieces: Vec<Piece>) -> Vec<Vec<Piece>> {
    let mut groups: Vec<Vec<Piece>> = Vec::new();
    let mut open = false;
    for piece in pieces {
        let keep = piece.keep;
        match groups.last_mut().filter(|_| open) {
            Some(group) => group.push(piece),
            None => groups.push(vec![piece]),
        }
        open = keep;
    }
    groups
}

/// How high pieces are together, without the room above the first.
fn height(pieces: &[Piece]) -> f32 {
    let all: f32 = pieces.iter().map(|piece| piece.gap + piece.drawing.height).sum();
    all - pieces.first().map_or(0.0, |piece| piece.gap)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(height: f32) -> Drawing {
        let mut block = Drawing { height, ops: Vec::new() };
        block.add(0.0, height, What::Box(1.0, 1.0, Colour([0, 0, 0])), None);
        block
    }

    /// The pages' feet of blocks, without rules.
    fn feet(sheet: &Sheet) -> Vec<Vec<f32>> {
        let content = |ops: &Vec<Op>| ops.iter().filter(|op| op.at.0 > LEFT).map(|op| op.at.1).collect();
        sheet.pages.iter().map(content).collect()
    }

    #[test]
    fn what_is_long_goes_over_pages_and_nothing_is_cut() {
        let (mut sheet, _) = Sheet::new();
        sheet.band(Rule::None, Drawing::default(), (0..100).map(|_| block(30.0).after(5.0)).collect());
        let feet = feet(&sheet);
        assert_eq!(feet.iter().map(Vec::len).sum::<usize>(), 100);
        assert!(feet.len() > 4 && feet.iter().all(|page| !page.is_empty()));
        assert!(feet.iter().flatten().all(|foot| *foot <= BOTTOM));
        assert!(feet.iter().all(|page| (page[0] - TOP - 30.0).abs() < 0.1), "no gap at the top of a page");
    }

    #[test]
    fn what_belongs_together_stays_together() {
        let (mut sheet, _) = Sheet::new();
        let room = BOTTOM - TOP;
        let pieces = vec![block(room - 50.0).after(0.0), block(30.0).after(5.0).with_next(), block(30.0).after(5.0)];
        sheet.band(Rule::None, Drawing::default(), pieces);
        assert_eq!(feet(&sheet).iter().map(Vec::len).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn a_band_begins_below_the_rail_of_the_one_before() {
        let (mut sheet, _) = Sheet::new();
        sheet.band(Rule::None, block(200.0), vec![block(10.0).after(0.0)]);
        sheet.band(Rule::Fine(Colour([0, 0, 0])), Drawing::default(), vec![block(10.0).after(0.0)]);
        assert!(feet(&sheet)[0][1] > TOP + 200.0);
    }
}
