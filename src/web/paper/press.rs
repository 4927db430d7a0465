//! The press: sheets become a PDF. Tagged, so that it is read aloud in order; every font embedded; held to PDF/UA-1 by the
//! library that writes it. The same sheets give the same bytes.

use std::collections::HashMap;
use std::num::NonZeroU16;

use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect, Size, Transform};
use krilla::image::Image;
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::{Page, PageSettings};
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, Node, SpanTag, Tag, TagGroup, TagKind, TagTree,
};
use krilla::{Document, SerializeSettings};
use krilla_svg::{SurfaceExt as _, SvgSettings};
use resvg::usvg::Tree;

use super::letters::{Letters, Run};
use super::sheet::{Child, Kind, Op, PAGE, Sheet, What};
use super::svg::Svg;
use crate::domain::design::Colour;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// What the document says about itself.
pub struct About {
    /// Its title.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// Whose it is.
    pub author: String,
    /// `de` or `en`.
    pub lang: &'static str,
    /// When its numbers were read.
    pub at: Timestamp,
}

/// Prints sheets; `None` when the result would not be accessible, which is a mistake of ours and logged.
pub fn print(sheet: &Sheet, about: About, letters: &Letters, svg: &Svg) -> Option<Vec<u8>> {
    let rules = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    let configuration = rules.inspect_err(|error| tracing::error!(?error, "the PDF has no rules")).ok()?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let mut print = Print { letters, svg, trees: HashMap::new(), leaves: vec![None; sheet.leaves], fill: None };
    for ops in &sheet.pages {
        let mut page = document.start_page_with(PageSettings::from_wh(PAGE.0, PAGE.1)?);
        print.page(&mut page, ops);
        page.finish();
    }
    document.set_outline(outline(sheet));
    document.set_tag_tree(tags(sheet, &print.leaves, about.lang));
    document.set_metadata(metadata(about));
    document.finish().inspect_err(|error| tracing::error!(?error, "the PDF cannot be made")).ok()
}

struct Print<'a> {
    letters: &'a Letters,
    svg: &'a Svg,
    /// Every drawing is read once.
    trees: HashMap<&'a str, Option<Tree>>,
    /// Where each leaf was drawn.
    leaves: Vec<Option<Identifier>>,
    fill: Option<Colour>,
}

impl<'a> Print<'a> {
    fn page(&mut self, page: &mut Page<'_>, ops: &'a [Op]) {
        let mut surface = page.surface();
        self.fill = None;
        for op in ops.iter().filter(|op| !matches!(op.what, What::Link(..) | What::Anchor(_))) {
            self.draw(&mut surface, op);
        }
        surface.finish();
        for op in ops {
            if let What::Link(width, height, href, words) = &op.what
                && let Some(area) = Rect::from_xywh(op.at.0, op.at.1, *width, *height)
            {
                let target = Target::Action(Action::Link(LinkAction::new(href.clone())));
                let link = Annotation::new_link(LinkAnnotation::new(area, target), Some(words.clone()));
                let drawn = page.add_tagged_annotation(link);
                self.drawn(op, drawn);
            }
        }
    }

    fn drawn(&mut self, op: &Op, place: Identifier) {
        if let Some(leaf) = op.leaf.and_then(|leaf| self.leaves.get_mut(leaf.0)) {
            *leaf = Some(place);
        }
    }

    fn draw(&mut self, surface: &mut Surface<'_>, op: &'a Op) {
        let said = match &op.what {
            What::Text(run) => run.said.as_deref(),
            What::Svg(.., said) => said.as_deref(),
            _ => None,
        };
        let tag = match op.leaf {
            Some(_) => ContentTag::Span(SpanTag::empty().with_actual_text(said)),
            None => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Other)),
        };
        let place = surface.start_tagged(tag);
        match &op.what {
            What::Text(run) => self.text(surface, op.at, run),
            What::Box(width, height, colour) => self.rectangle(surface, op.at, (*width, *height), *colour),
            What::Picture(jpeg, side) => picture(surface, op.at, jpeg, *side),
            What::Svg(svg, width, height, _) => self.drawing(surface, op.at, svg, (*width, *height)),
            What::Link(..) | What::Anchor(_) => {}
        }
        surface.end_tagged();
        self.drawn(op, place);
    }

    fn ink(&mut self, surface: &mut Surface<'_>, colour: Colour) {
        if self.fill != Some(colour) {
            let [r, g, b] = colour.0;
            surface.set_fill(Some(Fill { paint: rgb::Color::new(r, g, b).into(), ..Fill::default() }));
            self.fill = Some(colour);
        }
    }

    fn text(&mut self, surface: &mut Surface<'_>, (x, y): (f32, f32), run: &Run) {
        self.ink(surface, run.style.colour);
        let font = self.letters.font(run.style.cut);
        surface.draw_glyphs(Point::from_xy(x, y), &run.glyphs, font, &run.text, run.style.size, false);
    }

    fn rectangle(&mut self, surface: &mut Surface<'_>, (x, y): (f32, f32), (w, h): (f32, f32), colour: Colour) {
        let mut path = PathBuilder::new();
        let Some(area) = Rect::from_xywh(x, y, w, h) else { return };
        path.push_rect(area);
        if let Some(path) = path.finish() {
            self.ink(surface, colour);
            surface.draw_path(&path);
        }
    }

    fn drawing(&mut self, surface: &mut Surface<'_>, (x, y): (f32, f32), svg: &'a str, (w, h): (f32, f32)) {
        let tree = self.trees.entry(svg).or_insert_with(|| self.svg.read(svg));
        if let (Some(tree), Some(size)) = (tree, Size::from_wh(w, h)) {
            surface.push_transform(&Transform::from_translate(x, y));
            surface.draw_svg(tree, size, SvgSettings::default());
            surface.pop();
        }
    }
}

/// A square picture with its corners a little rounded, as on the page.
fn picture(surface: &mut Surface<'_>, (x, y): (f32, f32), jpeg: &std::sync::Arc<Vec<u8>>, side: f32) {
    let image = Image::from_jpeg(jpeg.clone().into(), false);
    let (Ok(image), Some(square), Some(clip)) = (image, Size::from_wh(side, side), rounded(side, 2.5)) else { return };
    surface.push_transform(&Transform::from_translate(x, y));
    surface.push_clip_path(&clip, &FillRule::NonZero);
    surface.draw_image(image, square);
    surface.pop();
    surface.pop();
}

fn rounded(side: f32, r: f32) -> Option<krilla::geom::Path> {
    let (mut path, far) = (PathBuilder::new(), side - r);
    path.move_to(r, 0.0);
    path.line_to(far, 0.0);
    path.quad_to(side, 0.0, side, r);
    path.line_to(side, far);
    path.quad_to(side, side, far, side);
    path.line_to(r, side);
    path.quad_to(0.0, side, 0.0, far);
    path.line_to(0.0, r);
    path.quad_to(0.0, 0.0, r, 0.0);
    path.close();
    path.finish()
}

fn outline(sheet: &Sheet) -> Outline {
    let mut outline = Outline::new();
    for (page, ops) in sheet.pages.iter().enumerate() {
        for op in ops {
            if let What::Anchor(title) = &op.what {
                let place = XyzDestination::new(page, Point::from_xy(0.0, (op.at.1 - 24.0).max(0.0)));
                outline.push_child(OutlineNode::new(title.clone(), place));
            }
        }
    }
    outline
}

fn tags(sheet: &Sheet, leaves: &[Option<Identifier>], lang: &str) -> TagTree {
    let mut tree = TagTree::new().with_lang(Some(lang.to_owned()));
    tree.push(group(sheet, 0, leaves));
    tree
}

/// A part with everything in it. Parts are nested a few deep, as our own layout opens them.
fn group(sheet: &Sheet, part: usize, leaves: &[Option<Identifier>]) -> TagGroup {
    let part = &sheet.parts[part];
    let mut group = TagGroup::new(kind(&part.kind));
    for child in &part.children {
        match child {
            Child::Node(node) => group.push(self::group(sheet, *node, leaves)),
            Child::Leaf(leaf) => {
                if let Some(place) = leaves[*leaf] {
                    group.push(Node::Leaf(place));
                }
            }
        }
    }
    group
}

fn kind(kind: &Kind) -> TagKind {
    match kind {
        Kind::Document => Tag::Part.into(),
        Kind::Section => Tag::Section.into(),
        Kind::Heading(level, title) => {
            Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), Some(title.clone())).into()
        }
        Kind::Paragraph => Tag::P.into(),
        Kind::List => Tag::L(ListNumbering::None).into(),
        Kind::Item => Tag::LI.into(),
        Kind::Body => Tag::LBody.into(),
        Kind::Figure(words) => Tag::Figure(Some(words.clone())).into(),
        Kind::Link => Tag::Link.into(),
        Kind::Quote => Tag::BlockQuote.into(),
    }
}

fn metadata(about: About) -> Metadata {
    let at = about.at.to_zoned(TimeZone::UTC);
    let part = |value: i8| u8::try_from(value).unwrap_or_default();
    let date = DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(part(at.month()))
        .day(part(at.day()))
        .hour(part(at.hour()))
        .minute(part(at.minute()))
        .second(part(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    let metadata = Metadata::new().title(about.title).description(about.description).language(about.lang.to_owned());
    metadata.creator("mediakit".to_owned()).authors(vec![about.author]).creation_date(date)
}
