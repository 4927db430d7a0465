//! The media kit on sheets of A4: the blocks of the page, in its order and in its words.

use std::sync::Arc;

use super::drawings;
use super::letters::{Letters, Span, Style};
use super::palette::Palette;
use super::pen::{OPEN, Pen, TIGHT};
use super::sheet::{
    CONTENT, Drawing, FOOT, Kind, LEFT, MEASURE, Node, Op, PAGE, Piece, RAIL, Rule, Sheet, WIDTH, What,
};
use crate::domain::link::spoken;
use crate::domain::text::Lang;
use crate::web::assets::glyph;
use crate::web::public::view::{Band, Button, Film, Group, Hero, MediaKitPage, Package, Panel, Section, Summary, Work};
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
    for band in &print.page.bands {
        let section = pen.sheet.open(document, Kind::Section);
        match band {
            Band::Hero(hero) => head(&mut pen, section, print, Some(hero)),
            Band::Stats(heading, facts) => match &print.page.summary {
                Some(summary) => {
                    let heading = heading.as_deref();
                    let pieces = sum(&mut pen, section, print, summary, heading);
                    let own = own_facts(&mut pen, section, facts);
                    let (rail, mut pieces) = pieces;
                    pieces.extend(own);
                    pieces.extend(left_out(&mut pen, section, summary));
                    lay(&mut pen, rail, pieces);
                }
                None => {
                    let rail = pen.section(section, pen.w.empty_heading, RAIL);
                    let text = pen.paragraph(section, pen.w.empty_text, pen.body(), MEASURE, OPEN);
                    lay(&mut pen, rail, vec![text.after(0.0)]);
                }
            },
            Band::Platforms(heading) => platforms(&mut pen, section, heading.as_deref(), &print.page.panels),
            Band::Audience(b, groups) => titled(&mut pen, section, b, |pen| audience(pen, section, groups)),
            Band::Partners(b, works) => titled(&mut pen, section, b, |pen| partners(pen, section, works)),
            Band::Rates(b, packages) => titled(&mut pen, section, b, |pen| rates(pen, section, packages)),
            Band::Text(b) => titled(&mut pen, section, b, |_| Vec::new()),
            Band::Markdown(b, _, text) => titled(&mut pen, section, b, |pen| pen.markdown(section, text)),
            Band::Action(b, button) => action(&mut pen, section, b, button.as_ref()),
            Band::Video(b, film) => titled(&mut pen, section, b, |pen| video(pen, section, film)),
        }
    }
    if print.page.has_numbers() {
        notes(&mut pen, document);
    }
    feet(&mut pen, print);
    pen.sheet
}

/// A section under its rule.
fn lay(pen: &mut Pen<'_>, rail: Drawing, pieces: Vec<Piece>) {
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

/// The follower summary: our own sum with its parts.
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
        rail.below(4.0, pen.paragraph(section, &glued(updated), pen.fine(), RAIL, OPEN));
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

impl Pen<'_> {
    fn notice(&mut self, parent: Node, text: &str) -> Drawing {
        let node = self.sheet.open(parent, Kind::Paragraph);
        let mut notice = Drawing::default();
        notice.put(0.0, 2.6, self.sign(drawings::mark("late"), 12, 6.4, self.palette.accent));
        let text = self.text(node, &[Span::new(text, Style { size: 8.2, ..self.body() })], MEASURE - 11.0, OPEN);
        notice.put(11.0, 0.0, text);
        notice
    }

    fn minor(&mut self, parent: Node, title: &str) -> Drawing {
        let node = self.sheet.open(parent, Kind::Heading(3, title.to_owned()));
        self.text(node, &[Span::new(title, Style::of(8.8, self.palette.text).bold())], MEASURE, TIGHT)
    }
}

fn own_facts(pen: &mut Pen<'_>, section: Node, facts: &[crate::web::public::view::FigureView]) -> Vec<Piece> {
    if facts.is_empty() {
        return Vec::new();
    }
    let mut pieces = vec![pen.minor(section, pen.w.facts_heading).after(16.0).with_next()];
    let grid = pen.grid(section, facts, false);
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

/// The numbers of each platform, its name in the rail.
fn platforms(pen: &mut Pen<'_>, section: Node, heading: Option<&str>, panels: &[Panel]) {
    for (place, panel) in panels.iter().enumerate() {
        let mut rail = Drawing::default();
        if place == 0 {
            rail = pen.section(section, heading.unwrap_or(pen.w.analytics_heading), RAIL);
        }
        let part = pen.sheet.open(section, Kind::Section);
        let who = who(pen, part, panel);
        rail.below(15.0, who);
        let mut pieces = Vec::new();
        if let Some(notice) = &panel.notice {
            pieces.push(pen.notice(part, &notice.text).after(0.0).with_next());
        }
        let grid = pen.grid(part, &panel.figures, true);
        let gap = if pieces.is_empty() { 0.0 } else { 8.0 };
        pieces.extend(grid.into_iter().map(|piece| Piece { gap: piece.gap.max(gap), ..piece }.with_next()));
        close(&mut pieces);
        let rule = if place == 0 { Rule::Strong(pen.palette.text) } else { Rule::Fine(pen.palette.line) };
        pen.sheet.band(rule, rail, pieces);
    }
}

fn who(pen: &mut Pen<'_>, part: Node, panel: &Panel) -> Drawing {
    let mut drawing = Drawing::default();
    drawing.put(0.0, 0.4, pen.sign(glyph(panel.platform), 24, 11.5, pen.palette.accent));
    let node = pen.sheet.open(part, Kind::Heading(3, panel.name.to_owned()));
    let name = pen.text(node, &[Span::new(panel.name, Style::of(10.4, pen.palette.text).bold())], RAIL - 16.0, TIGHT);
    drawing.put(16.0, 0.0, name);
    let node = pen.sheet.open(part, Kind::Paragraph);
    let handle = pen.link(&panel.username, &panel.profile_url, Style::of(8.2, pen.palette.accent));
    let handle = pen.text(node, &[handle], RAIL, OPEN);
    drawing.below(3.0, handle);
    let confirmed = panel.verified_account.then_some(pen.w.verified);
    let badge = panel.platform_badge.then_some(pen.w.badge);
    let updated = glued(&panel.updated);
    for text in [confirmed, badge, Some(updated.as_str())].into_iter().flatten() {
        let text = pen.paragraph(part, text, pen.fine(), RAIL - 6.0, OPEN);
        drawing.below(1.5, text);
    }
    drawing
}

/// A time stays on one line with its zone.
fn glued(text: &str) -> String {
    text.replace(" UTC", "\u{a0}UTC")
}

/// The shares of the audience, group by group.
fn audience(pen: &mut Pen<'_>, section: Node, groups: &[Group]) -> Vec<Piece> {
    const LABEL: f32 = 128.0;
    const END: f32 = 44.0;
    let mut pieces = Vec::new();
    for (place, group) in groups.iter().enumerate() {
        pieces.push(pen.minor(section, group.title).after(if place == 0 { 0.0 } else { 16.0 }).with_next());
        let list = pen.sheet.open(section, Kind::List);
        for (index, (label, share, permille)) in group.rows.iter().enumerate() {
            let item = pen.sheet.open(list, Kind::Item);
            let body = pen.sheet.open(item, Kind::Body);
            let style = Style::of(8.6, pen.palette.soft);
            let mut row = pen.text(body, &[Span::new(format!("{label} "), style)], LABEL - 8.0, 1.3);
            let number = Style::of(8.6, pen.palette.text).bold();
            let share = pen.right(body, &[Span::new(share, number)], MEASURE, 1.3);
            row.put(0.0, 0.0, share);
            let (wide, part) = (MEASURE - LABEL - END, f32::from(u16::try_from(*permille).unwrap_or(1000).min(1000)));
            row.add(LABEL, 4.2, What::Box(wide, 3.0, pen.palette.ground.with(pen.palette.line, 60)), None);
            row.add(LABEL, 4.2, What::Box((wide * part / 1000.0).max(0.4), 3.0, pen.palette.accent), None);
            let piece = row.after(if index == 0 { 6.0 } else { 2.6 });
            pieces.push(if index == 0 { piece.with_next() } else { piece });
        }
        pieces.push(pen.source(section, &group.figure, MEASURE).after(4.0));
    }
    pieces
}

fn partners(pen: &mut Pen<'_>, section: Node, works: &[Work]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (place, work) in works.iter().enumerate() {
        let mut head = Drawing::default();
        if place > 0 {
            head.put(0.0, 0.0, pen.hairline(MEASURE));
            head.height = 9.0;
        }
        let node = pen.sheet.open(section, Kind::Heading(3, work.brand.clone()));
        let brand = pen.text(node, &[Span::new(&work.brand, Style::of(10.8, pen.palette.text).bold())], MEASURE, TIGHT);
        head.put(0.0, head.height, brand);
        let tags: Vec<&str> = work.month.as_deref().into_iter().chain(work.disclosure).collect();
        if !tags.is_empty() {
            let style = Style { size: 7.4, ..pen.fine() };
            let tags = pen.paragraph(section, &tags.join(" · "), style, MEASURE, OPEN);
            head.below(1.5, tags);
        }
        pieces.push(head.after(if place == 0 { 0.0 } else { 11.0 }).with_next());
        let text = pen.paragraphs(section, &work.text, pen.body());
        pieces.extend(text);
        if let Some(result) = &work.result {
            let node = pen.sheet.open(section, Kind::Paragraph);
            let style = Style::of(12.5, pen.palette.text).bold();
            let mut drawing = pen.text(node, &[Span::new(&result.short, style)], MEASURE, 1.25);
            let source = pen.source(section, result, MEASURE);
            drawing.below(1.0, source);
            pieces.push(drawing.after(5.0));
        }
        if let Some(href) = &work.href {
            let node = pen.sheet.open(section, Kind::Paragraph);
            let span = pen.link(spoken(href), href, Style { size: 8.0, ..pen.body() });
            pieces.push(pen.text(node, &[span], MEASURE, OPEN).after(4.0));
        }
    }
    close(&mut pieces);
    pieces
}

/// What is last stays with nothing.
fn close(pieces: &mut [Piece]) {
    if let Some(last) = pieces.last_mut() {
        last.keep = false;
    }
}

fn rates(pen: &mut Pen<'_>, section: Node, packages: &[Package]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let list = pen.sheet.open(section, Kind::List);
    for (place, package) in packages.iter().enumerate() {
        let item = pen.sheet.open(list, Kind::Item);
        let body = pen.sheet.open(item, Kind::Body);
        let node = pen.sheet.open(body, Kind::Paragraph);
        let mut row = Drawing::default();
        row.put(0.0, 0.0, pen.hairline(MEASURE));
        let strong = Style::of(10.4, pen.palette.text).bold();
        let price = pen.letters.width(&package.price, strong);
        let name = Span::new(format!("{} ", package.name), strong);
        let name = pen.text(node, &[name], (MEASURE - price - 24.0).max(MEASURE / 3.0), 1.3);
        row.put(0.0, 7.0, name);
        let price = pen.right(node, &[Span::new(&package.price, strong)], MEASURE, 1.3);
        row.put(0.0, 7.0, price);
        pieces.push(row.after(if place == 0 { 0.0 } else { 7.0 }).with_next());
        for line in &package.includes {
            let lines =
                pen.typed(body, std::slice::from_ref(line), Style { size: 8.6, ..pen.body() }, MEASURE - 70.0, 1.0);
            pieces.extend(lines);
        }
        close(&mut pieces);
    }
    pieces
}

fn video(pen: &mut Pen<'_>, section: Node, film: &Film) -> Vec<Piece> {
    let node = pen.sheet.open(section, Kind::Paragraph);
    let title = pen.link(&film.title, &film.href, Style::of(10.8, pen.palette.accent).bold());
    let mut drawing = pen.text(node, &[title], MEASURE, 1.3);
    let host = pen.paragraph(section, &film.host, Style { size: 7.4, ..pen.fine() }, MEASURE, OPEN);
    drawing.below(1.0, host);
    vec![drawing.after(0.0)]
}

fn action(pen: &mut Pen<'_>, section: Node, b: &Section, button: Option<&Button>) {
    let mut pieces = Vec::new();
    if let Some(heading) = &b.heading {
        let node = pen.sheet.open(section, Kind::Heading(2, heading.clone()));
        let style = Style::of(17.0, pen.palette.text).bold().tracked(-0.015);
        let mut drawing = pen.text(node, &[Span::new(heading, style)], MEASURE, 1.2);
        drawing.add(0.0, 0.0, What::Anchor(heading.clone()), None);
        pieces.push(drawing.after(0.0).with_next());
    }
    pieces.extend(pen.paragraphs(section, &b.text, pen.body()));
    if let Some(button) = button {
        let node = pen.sheet.open(section, Kind::Paragraph);
        let style = Style::of(10.0, pen.palette.accent);
        let label = pen.link(&format!("{}  ", button.label), &button.href, style.bold());
        let address = Span::new(spoken(&button.href), Style { colour: pen.palette.quiet, size: 8.4, ..style });
        pieces.push(pen.text(node, &[label, address], MEASURE, OPEN).after(8.0));
    }
    close(&mut pieces);
    lay(pen, Drawing::default(), pieces);
}

/// What the marks mean, in two columns.
fn notes(pen: &mut Pen<'_>, document: Node) {
    let section = pen.sheet.open(document, Kind::Section);
    let rail = pen.section(section, pen.w.notes_heading, RAIL);
    let intro = pen.paragraph(section, word::NOTES.get(pen.lang), Style { size: 8.4, ..pen.body() }, MEASURE, OPEN);
    let mut pieces = vec![intro.after(0.0).with_next()];
    let list = pen.sheet.open(section, Kind::List);
    let (approx, age) = (pen.w.notes_approx, pen.w.notes_age);
    let marks = pen.w.notes_marks.into_iter();
    let all: Vec<_> = marks.chain([("≈", approx.0, approx.1), ("late", age.0, age.1)]).collect();
    let width = (MEASURE - 18.0) / 2.0;
    for pair in all.chunks(2) {
        let mut row = Drawing::default();
        for (column, (mark, term, text)) in pair.iter().enumerate() {
            let x = if column == 0 { 0.0 } else { width + 18.0 };
            row.put(x, 0.0, pen.explained(list, mark, term, text, width));
        }
        pieces.push(row.after(7.0).with_next());
    }
    close(&mut pieces);
    lay(pen, rail, pieces);
}

impl Pen<'_> {
    fn explained(&mut self, list: Node, mark: &str, term: &str, text: &str, width: f32) -> Drawing {
        let item = self.sheet.open(list, Kind::Item);
        let body = self.sheet.open(item, Kind::Body);
        let mut drawing = Drawing::default();
        if mark == "≈" {
            let run = self.letters.run(&Span::new(mark, Style::of(8.0, self.palette.accent)));
            drawing.add(0.0, 7.4, What::Text(run), None);
        } else {
            drawing.put(0.0, 2.2, self.sign(drawings::mark(mark), 12, 5.6, self.palette.accent));
        }
        let term =
            self.paragraph(body, term, Style { colour: self.palette.text, ..self.label() }.bold(), width - 10.0, 1.3);
        drawing.put(10.0, 0.0, term);
        let text = self.paragraph(body, text, Style { size: 7.4, ..self.label() }, width - 10.0, 1.36);
        drawing.put(10.0, drawing.height, text);
        drawing
    }
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
