//! The media kit on sheets of A4: the blocks of the page, in its order and in its words.

use std::sync::Arc;

use super::letters::{Letters, Span, Style};
use super::palette::Palette;
use super::pen::{OPEN, Pen, TIGHT};
use super::sheet::{
    CONTENT, Drawing, FOOT, Kind, LEFT, MEASURE, Node, Op, PAGE, Piece, RAIL, Rule, Sheet, WIDTH, What,
};
use super::{blocks, drawings};
use crate::domain::link::spoken;
use crate::domain::text::Lang;
use crate::web::public::view::{Band, FigureView, Hero, MediaKitPage, Section, Summary};
use crate::web::words::{self, paper as word, words};

/// The side of the portrait.
const PORTRAIT: f32 = 104.0;
/// The side of the code that leads to the live page.
const CODE: f32 = 66.0;

/// What is printed beside what the page shows.
pub struct Print<'a> {
    /// The page.
    pub page: &'a MediaKitPage<'a>,
    /// The reader's language.
    pub lang: Lang,
    /// The creator's picture.
    pub portrait: Option<Arc<Vec<u8>>>,
    /// The colours.
    pub palette: Palette,
    /// "22. Nov. 2026, 04:00": when the newest number was read.
    pub as_of: String,
    /// Where the live page is.
    pub live: &'a str,
}

/// Sets the kit on as many sheets as it needs.
pub fn set(print: &Print<'_>, letters: &Letters) -> Sheet {
    let (sheet, document) = Sheet::new();
    let mut pen = Pen { sheet, letters, palette: print.palette, lang: print.lang, w: words(print.lang) };
    masthead(&mut pen, document, print);
    let has_hero = print.page.bands.iter().any(|band| matches!(band, Band::Hero(_)));
    if !has_hero {
        head(&mut pen, document, print, None);
    }
    let tells_audience = print.page.bands.iter().any(|band| matches!(band, Band::Audience(..)));
    for band in &print.page.bands {
        let section = pen.sheet.open(document, Kind::Section);
        match band {
            Band::Hero(hero) => head(&mut pen, section, print, Some(hero)),
            Band::Stats(heading, facts) => stats(&mut pen, section, print, heading.as_deref(), facts),
            Band::Platforms(heading) => {
                let panels = (print.page.panels.as_slice(), !tells_audience);
                blocks::platforms(&mut pen, section, heading.as_deref(), panels);
            }
            Band::Audience(b, groups) => titled(&mut pen, section, b, |pen| blocks::audience(pen, section, groups)),
            Band::Partners(b, works) => titled(&mut pen, section, b, |pen| blocks::partners(pen, section, works)),
            Band::Rates(b, packages) => titled(&mut pen, section, b, |pen| blocks::rates(pen, section, packages)),
            Band::Text(b) => titled(&mut pen, section, b, |_| Vec::new()),
            Band::Markdown(b, _, text) => titled(&mut pen, section, b, |pen| pen.markdown(section, text)),
            Band::Action(b, button) => blocks::action(&mut pen, section, b, button.as_ref()),
            Band::Video(b, film) => titled(&mut pen, section, b, |pen| blocks::video(pen, section, film)),
        }
    }
    if print.page.has_numbers() {
        blocks::notes(&mut pen, document);
    }
    feet(&mut pen, print);
    pen.sheet
}

/// A section under its rule.
pub fn lay(pen: &mut Pen<'_>, rail: Drawing, pieces: Vec<Piece>) {
    let rule = Rule::Strong(pen.palette.text);
    pen.sheet.band(rule, rail, pieces);
}

/// A section with a heading, its text, and what else is in it.
fn titled<'p>(pen: &mut Pen<'p>, section: Node, b: &Section, rest: impl FnOnce(&mut Pen<'p>) -> Vec<Piece>) {
    let rail = b.heading.as_deref().map(|heading| pen.section(section, heading, RAIL));
    let mut pieces = pen.paragraphs(section, &b.text, pen.body());
    let rest = rest(pen);
    let gap = if pieces.is_empty() { 0.0 } else { 10.0 };
    pieces.extend(
        rest.into_iter()
            .enumerate()
            .map(|(index, piece)| Piece { gap: if index == 0 { piece.gap.max(gap) } else { piece.gap }, ..piece }),
    );
    lay(pen, rail.unwrap_or_default(), pieces);
}

fn masthead(pen: &mut Pen<'_>, document: Node, print: &Print<'_>) {
    let node = pen.sheet.open(document, Kind::Paragraph);
    let style = Style::of(7.8, pen.palette.soft);
    let mut drawing =
        pen.text(node, &[Span::new(format!("{} ", pen.w.doc_kind), style.bold().tracked(0.02))], WIDTH, OPEN);
    let as_of = word::AS_OF.get(pen.lang).replace("{}", &print.as_of);
    let as_of = pen.right(node, &[Span::new(as_of, Style { colour: pen.palette.quiet, ..style })], WIDTH, OPEN);
    drawing.put(0.0, 0.0, as_of);
    drawing.below(7.0, pen.hairline(WIDTH));
    drawing.height += 24.0;
    pen.sheet.band(Rule::None, drawing, Vec::new());
}

/// Who it is, and the code that leads to the live page.
fn head(pen: &mut Pen<'_>, section: Node, print: &Print<'_>, hero: Option<&Hero>) {
    let room = MEASURE - CODE - 22.0;
    let name = hero.map_or(print.page.name.as_str(), |hero| hero.name.as_str());
    let node = pen.sheet.open(section, Kind::Heading(1, name.to_owned()));
    let style = fitting(pen, name, room);
    let mut pieces: Vec<Piece> = Vec::new();
    let lines = pen.lines(node, &[Span::new(name, style)], room, TIGHT);
    pieces.extend(lines.into_iter().map(|line| line.after(0.0).with_next()));
    if let Some(hero) = hero {
        if let Some(bio) = &hero.bio {
            let lines: Vec<String> = bio.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
            pieces.extend(pen.typed(section, &lines, Style::of(10.4, pen.palette.soft), room, 5.0));
        }
        if let Some(place) = &hero.location {
            pieces.push(pen.paragraph(section, place, Style::of(8.8, pen.palette.quiet), room, OPEN).after(4.0));
        }
        if let Some(href) = &hero.contact_href {
            let node = pen.sheet.open(section, Kind::Paragraph);
            let span = pen.link(spoken(href), href, Style::of(9.2, pen.palette.accent).bold());
            pieces.push(pen.text(node, &[span], room, OPEN).after(7.0));
        }
    }
    let mut rail = Drawing::default();
    if let Some(hero) = hero.filter(|hero| hero.has_picture) {
        rail.put(0.0, 0.0, portrait(pen, print.portrait.as_ref(), &hero.monogram));
    }
    if let Some(svg) = drawings::qr(print.live) {
        let words = word::QR.get(pen.lang).replace("{}", spoken(print.live));
        let mut code = pen.figure(section, svg, (CODE, CODE), words);
        let node = pen.sheet.open(section, Kind::Paragraph);
        let style = pen.fine();
        let span = pen.link(word::LIVE.get(pen.lang), print.live, style);
        // In line with the squares, not with the light border around them.
        let caption = pen.text(node, &[span], CODE, OPEN);
        code.put(7.0, CODE - 4.0, caption);
        rail.put(WIDTH - CODE + 7.0, -7.0, code);
    }
    pen.sheet.band(Rule::None, rail, pieces);
}

/// The largest size at which a name takes at most two lines.
fn fitting(pen: &Pen<'_>, name: &str, room: f32) -> Style {
    let style = |size: f32| Style::of(size, pen.palette.text).bold().tracked(-0.025);
    let fits = |size: &f32| pen.letters.lines(&[Span::new(name, style(*size))], room).len() <= 2;
    let size = [31.0, 27.0, 23.0, 19.0, 16.0].into_iter().find(fits).unwrap_or(13.0);
    style(size)
}

fn portrait(pen: &Pen<'_>, jpeg: Option<&Arc<Vec<u8>>>, monogram: &str) -> Drawing {
    let mut plate = Drawing { height: PORTRAIT, ops: Vec::new() };
    if let Some(jpeg) = jpeg {
        plate.add(0.0, 0.0, What::Picture(jpeg.clone(), PORTRAIT), None);
        return plate;
    }
    let style = Style::of(38.0, pen.palette.accent).bold();
    let run = pen.letters.run(&Span::new(monogram, style));
    plate.add(0.0, 0.0, What::Box(PORTRAIT, PORTRAIT, pen.palette.ground.with(pen.palette.accent, 9)), None);
    plate.add((PORTRAIT - run.width) / 2.0, PORTRAIT / 2.0 + 13.5, What::Text(run), None);
    plate.add(0.0, PORTRAIT - 3.0, What::Box(PORTRAIT, 3.0, pen.palette.accent), None);
    plate
}

/// The follower summary with what the creator typed; or that there are no numbers yet.
fn stats(pen: &mut Pen<'_>, section: Node, print: &Print<'_>, heading: Option<&str>, facts: &[FigureView]) {
    let Some(summary) = &print.page.summary else {
        let rail = pen.section(section, pen.w.empty_heading, RAIL);
        let text = pen.paragraph(section, pen.w.empty_text, pen.body(), MEASURE, OPEN);
        return lay(pen, rail, vec![text.after(0.0)]);
    };
    let (rail, mut pieces) = sum(pen, section, print, summary, heading);
    pieces.extend(own_facts(pen, section, facts));
    pieces.extend(left_out(pen, section, summary));
    lay(pen, rail, pieces);
}

/// Our own sum with its parts.
fn sum(
    pen: &mut Pen<'_>,
    section: Node,
    print: &Print<'_>,
    summary: &Summary,
    heading: Option<&str>,
) -> (Drawing, Vec<Piece>) {
    let usual = if summary.all_verified { pen.w.summary_heading_verified } else { pen.w.summary_heading };
    let mut rail = pen.section(section, heading.unwrap_or(usual), RAIL);
    if let Some(updated) = &summary.updated {
        rail.below(4.0, pen.paragraph(section, &blocks::glued(updated), pen.fine(), RAIL, OPEN));
    }
    let mut pieces = Vec::new();
    if let Some(notice) = &print.page.notice {
        pieces.push(pen.notice(section, &notice.text).after(0.0));
    }
    pieces.push(pen.total(section, summary).after(8.0));
    for text in summary.verified_line.iter().chain(&summary.incomplete) {
        pieces.push(pen.paragraph(section, text, pen.body(), MEASURE, OPEN).after(4.0));
    }
    if !summary.parts.is_empty() {
        let size = (MEASURE, 11.0);
        let bar = drawings::bar(&summary.parts, &pen.palette, size);
        pieces.push(pen.figure(section, bar, size, pen.w.bar_label.to_owned()).after(13.0).with_next());
        let list = pen.sheet.open(section, Kind::List);
        for (place, part) in summary.parts.iter().enumerate() {
            pieces.push(pen.part(list, part, place).after(if place == 0 { 8.0 } else { 0.0 }));
        }
        let note = pen.w.own_sum_note;
        pieces.push(pen.paragraph(section, note, Style { size: 7.2, ..pen.fine() }, MEASURE, OPEN).after(4.0));
    }
    (rail, pieces)
}

fn own_facts(pen: &mut Pen<'_>, section: Node, facts: &[FigureView]) -> Vec<Piece> {
    if facts.is_empty() {
        return Vec::new();
    }
    let mut pieces = vec![pen.minor(section, pen.w.facts_heading).after(16.0).with_next()];
    let grid = pen.grid(section, &facts.iter().collect::<Vec<_>>(), false);
    pieces.extend(grid.into_iter().map(|piece| Piece { gap: piece.gap.max(8.0), ..piece }));
    pieces
}

fn left_out(pen: &mut Pen<'_>, section: Node, summary: &Summary) -> Vec<Piece> {
    if summary.left_out.is_empty() {
        return Vec::new();
    }
    let nothing = summary.parts.is_empty();
    let title = if nothing { pen.w.accounts_heading } else { pen.w.left_out_heading };
    let mut pieces = vec![pen.minor(section, title).after(16.0).with_next()];
    let list = pen.sheet.open(section, Kind::List);
    for (place, out) in summary.left_out.iter().enumerate() {
        pieces.push(pen.left_out(list, out).after(if place == 0 { 6.0 } else { 0.0 }));
    }
    pieces
}

/// At the foot of every page: whose it is, when it was read, which page of how many. The document has said all of it.
fn feet(pen: &mut Pen<'_>, print: &Print<'_>) {
    let pages = pen.sheet.pages.len();
    let style = pen.fine();
    let live = spoken(print.live).split('?').next().unwrap_or_default();
    let room = WIDTH - CONTENT;
    let name = pen.letters.lines(&[Span::new(&print.page.name, style)], CONTENT - 12.0).into_iter().next();
    for (index, ops) in pen.sheet.pages.iter_mut().enumerate() {
        let number = pen.letters.run(&Span::new(format!("{} / {pages}", index + 1), style));
        let as_of = words::paper::AS_OF.get(print.lang).replace("{}", &print.as_of);
        let middle = pen.letters.lines(&[Span::new(format!("{live}   {as_of}"), style)], room - 40.0);
        let mut put = |x: f32, what: What| ops.push(Op { at: (x, FOOT), what, leaf: None });
        put(LEFT + WIDTH - number.width, What::Text(number));
        for run in name.iter().flatten() {
            put(LEFT, What::Text(run.clone()));
        }
        for run in middle.into_iter().next().into_iter().flatten() {
            put(LEFT + CONTENT, What::Text(run));
        }
        ops.push(Op {
            at: (LEFT, FOOT - 14.0),
            what: What::Box(PAGE.0 - 2.0 * LEFT, 0.4, print.palette.line),
            leaf: None,
        });
    }
}
