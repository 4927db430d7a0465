//! The blocks of the kit on sheets: platforms, audience, past work, packages, films, requests, and what the marks mean.

use super::drawings;
use super::figures::COLUMNS;
use super::kit::lay;
use super::letters::{Span, Style};
use super::pen::{OPEN, Pen, TIGHT};
use super::sheet::{Drawing, Kind, MEASURE, Node, Piece, RAIL, Rule, What};
use crate::domain::link::spoken;
use crate::web::assets::glyph;
use crate::web::public::charts::{ChartView, WindowView};
use crate::web::public::view::{Button, Film, Group, Item, Package, Panel, Section, ShareRow, Work};
use crate::web::words::paper as word;

/// The numbers of each platform, its name in the rail; who follows too, unless a section of its own says it.
pub fn platforms(pen: &mut Pen<'_>, section: Node, heading: Option<&str>, (panels, with_audience): (&[Panel], bool)) {
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
        let gap = if pieces.is_empty() { 0.0 } else { 8.0 };
        let numbers = numbers(pen, part, panel);
        pieces.extend(numbers.into_iter().map(|piece| Piece { gap: piece.gap.max(gap), ..piece }.with_next()));
        close(&mut pieces);
        if with_audience {
            let groups = audience(pen, part, &panel.audience);
            pieces.extend(groups.into_iter().map(|piece| Piece { gap: piece.gap.max(4.0), ..piece }));
        }
        let rule = if place == 0 { Rule::Strong(pen.palette.text) } else { Rule::Fine(pen.palette.line) };
        pen.sheet.band(rule, rail, pieces);
    }
}

/// A platform's numbers: the one that leads with its course, where there is one, and the others.
fn numbers(pen: &mut Pen<'_>, part: Node, panel: &Panel) -> Vec<Piece> {
    let rest = panel.figures.iter().flat_map(|item| match item {
        Item::One(figure) => vec![figure.as_ref()],
        Item::Switch(switch) => switch.choices.iter().map(|(_, figure)| figure).collect(),
    });
    let window = panel.growth.as_ref().and_then(|growth| growth.windows.iter().find(|window| window.open));
    let course =
        panel.growth.as_ref().zip(window).and_then(|(growth, window)| Some((growth, window, window.svg.as_ref()?)));
    if let (Some(lead), Some((growth, window, svg))) = (&panel.lead, course) {
        let drawn = |pen: &mut Pen<'_>, width: f32| self::course(pen, part, (growth, window, svg), width);
        let rest: Vec<_> = rest.collect();
        // Beside the chart there is room for one, or for two where the last row would be one alone.
        let beside = if rest.len() % COLUMNS == 2 { 2 } else { 1 }.min(rest.len());
        let (beside, below) = rest.split_at(beside);
        let mut pieces = vec![pen.leading(part, (lead, beside), drawn).after(0.0)];
        let grid = pen.grid(part, below, false);
        pieces.extend(grid.into_iter().map(|piece| Piece { gap: 13.0, ..piece }));
        return pieces;
    }
    let mut pieces = pen.grid(part, &panel.lead.iter().chain(rest).collect::<Vec<_>>(), true);
    if let Some(window) = window {
        pieces.push(pen.paragraph(part, &window.summary, pen.fine(), MEASURE, OPEN).after(8.0));
    }
    pieces
}

/// The audience over days: the chart, what it shows in a sentence, and every gap and change with its reason.
fn course(
    pen: &mut Pen<'_>,
    part: Node,
    (growth, window, svg): (&ChartView, &WindowView, &String),
    width: f32,
) -> Drawing {
    let title = format!("{}, {}", growth.heading, window.label);
    let mut drawing = pen.paragraph(part, &title, pen.label(), width, TIGHT);
    let svg = drawings::chart(svg, &pen.palette);
    let chart = pen.figure(part, svg, (width, width * drawings::CHART), title);
    drawing.below(6.0, chart);
    for text in std::iter::once(&window.summary).chain(&window.notes) {
        let text = pen.paragraph(part, text, pen.fine(), width, OPEN);
        drawing.below(2.0, text);
    }
    drawing
}

fn who(pen: &mut Pen<'_>, part: Node, panel: &Panel) -> Drawing {
    let mut drawing = Drawing::default();
    drawing.put(0.0, 0.4, Pen::sign(glyph(panel.platform), 24, 11.5, pen.palette.accent));
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
pub fn glued(text: &str) -> String {
    text.replace(" UTC", "\u{a0}UTC")
}

/// The shares of the audience, group by group.
pub fn audience(pen: &mut Pen<'_>, section: Node, groups: &[Group]) -> Vec<Piece> {
    const LABEL: f32 = 128.0;
    const END: f32 = 44.0;
    let mut pieces = Vec::new();
    for (place, group) in groups.iter().enumerate() {
        pieces.push(pen.minor(section, &group.title).after(if place == 0 { 0.0 } else { 16.0 }).with_next());
        let list = pen.sheet.open(section, Kind::List);
        for (index, ShareRow { label, share, permille, is_rest }) in group.rows.iter().enumerate() {
            let item = pen.sheet.open(list, Kind::Item);
            let body = pen.sheet.open(item, Kind::Body);
            let style = Style::of(8.6, pen.palette.soft);
            let mut row = pen.text(body, &[Span::new(format!("{label} "), style)], LABEL - 8.0, 1.3);
            let number = Style::of(8.6, pen.palette.text).bold();
            let share = pen.right(body, &[Span::new(share, number)], MEASURE, 1.3);
            row.put(0.0, 0.0, share);
            let (wide, part) = (MEASURE - LABEL - END, f32::from(u16::try_from(*permille).unwrap_or(1000).min(1000)));
            row.add(LABEL, 4.2, What::Box(wide, 3.0, pen.palette.ground.with(pen.palette.line, 60)), None);
            let ink = if *is_rest { pen.palette.quiet } else { pen.palette.accent };
            row.add(LABEL, 4.2, What::Box((wide * part / 1000.0).max(0.4), 3.0, ink), None);
            let piece = row.after(if index == 0 { 6.0 } else { 2.6 });
            // The first row stays with its title, the last one with its source.
            let stays = index == 0 || index + 1 == group.rows.len();
            pieces.push(if stays { piece.with_next() } else { piece });
        }
        pieces.push(pen.source(section, &group.figure, MEASURE).after(4.0));
    }
    pieces
}

/// Past work with brands.
pub fn partners(pen: &mut Pen<'_>, section: Node, works: &[Work]) -> Vec<Piece> {
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

/// Packages and prices.
pub fn rates(pen: &mut Pen<'_>, section: Node, packages: &[Package]) -> Vec<Piece> {
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

/// A film, by its title and where it is.
pub fn video(pen: &mut Pen<'_>, section: Node, film: &Film) -> Vec<Piece> {
    let node = pen.sheet.open(section, Kind::Paragraph);
    let title = pen.link(&film.title, &film.href, Style::of(10.8, pen.palette.accent).bold());
    let mut drawing = pen.text(node, &[title], MEASURE, 1.3);
    let host = pen.paragraph(section, &film.host, Style { size: 7.4, ..pen.fine() }, MEASURE, OPEN);
    drawing.below(1.0, host);
    vec![drawing.after(0.0)]
}

/// A request, set large.
pub fn action(pen: &mut Pen<'_>, section: Node, b: &Section, button: Option<&Button>) {
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
pub fn notes(pen: &mut Pen<'_>, document: Node) {
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
            drawing.put(0.0, 2.2, Self::sign(drawings::mark(mark), 12, 5.6, self.palette.accent));
        }
        let term =
            self.paragraph(body, term, Style { colour: self.palette.text, ..self.label() }.bold(), width - 10.0, 1.3);
        drawing.put(10.0, 0.0, term);
        let text = self.paragraph(body, text, Style { size: 7.4, ..self.label() }, width - 10.0, 1.36);
        drawing.put(10.0, drawing.height, text);
        drawing
    }
}
