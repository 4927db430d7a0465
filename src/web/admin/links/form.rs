//! The page on which an entry is written: what may be typed, what is refused beside its field, and what happens when
//! another tab was faster.

use askama::Template;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};

use super::local::{self, Zone, keep_zone, zone_of};
use super::{LinkId, SCRIPT, TAB, find, note};
use crate::domain::link::{self, Content, ICONS, Kind, Link, MOST_TEXT, MOST_TITLE, Schedule};
use crate::domain::platform::About;
use crate::domain::text::{Lang, Text};
use crate::web::admin::form::Form;
use crate::web::admin::page::{self, Shell, see};
use crate::web::admin::session::{Posted, SignedIn};
use crate::web::assets::glyph;
use crate::web::error::Error;
use crate::web::public::view::Glyph;
use crate::web::request_lang::query_value;
use crate::web::state::State;

const NEW: &str = "/admin/links/new";
const FULL: Text = Text::new(
    "Mehr als 100 Einträge hat eine Linkseite nicht. Lösche einen, dann ist Platz für diesen.",
    "A link page has 100 entries at most. Delete one to make room for this one.",
);
const GONE: Text = Text::new(
    "Dieser Eintrag wurde inzwischen gelöscht. Was du getippt hast, steht noch hier; Speichern legt ihn neu an.",
    "This entry was deleted in the meantime. What you typed is still here; saving adds it anew.",
);
const CHANGED: Text = Text::new(
    "Dieser Eintrag wurde inzwischen woanders geändert und heißt jetzt „{}“. Was du getippt hast, steht noch hier; \
     Speichern nimmt deine Fassung.",
    "This entry was changed elsewhere in the meantime and now reads “{}”. What you typed is still here; saving takes \
     your version.",
);

#[derive(Template)]
#[template(path = "admin/links_form.html", whitespace = "minimize")]
struct FormPage {
    shell: Shell,
    form: Form,
    kind: Kind,
    /// Where the form goes: to a new entry or to its own.
    action: String,
    new: bool,
    icons: Vec<Icon>,
    glyphs: Vec<Glyph>,
    zone_chosen: bool,
    alert: Option<String>,
}

/// An icon to choose.
struct Icon {
    name: &'static str,
    label: &'static str,
}

impl FormPage {
    fn new(by: &SignedIn, state: &State, form: Form, kind: Kind, id: Option<i64>) -> Self {
        let icons = icons(&state.platforms, by.lang);
        let glyphs = icons.iter().map(|icon| Glyph { platform: icon.name.to_owned(), markup: glyph(icon.name) });
        Self {
            shell: Shell::new(by, state, TAB, SCRIPT),
            kind,
            action: id.map_or_else(|| NEW.to_owned(), |id| format!("{TAB}/{id}")),
            new: id.is_none(),
            glyphs: glyphs.collect(),
            icons,
            zone_chosen: form.value("zone-chosen") == "true",
            alert: None,
            form,
        }
    }

    fn heading(&self) -> &'static str {
        let words = match (self.new, self.kind) {
            (true, Kind::Link) => Text::new("Neuer Link", "New link"),
            (true, Kind::Heading) => Text::new("Neue Überschrift", "New heading"),
            (true, Kind::Text) => Text::new("Neuer Text", "New text"),
            (false, Kind::Link) => Text::new("Link bearbeiten", "Edit link"),
            (false, Kind::Heading) => Text::new("Überschrift bearbeiten", "Edit heading"),
            (false, Kind::Text) => Text::new("Text bearbeiten", "Edit text"),
        };
        words.get(self.shell.l)
    }
}

/// Every icon: our own first, then those of the platforms.
fn icons(platforms: &[&'static About], lang: Lang) -> Vec<Icon> {
    let own = ICONS.iter().map(|(name, label)| Icon { name, label: label.get(lang) });
    own.chain(platforms.iter().map(|about| Icon { name: about.id, label: about.name })).collect()
}

/// An empty form.
pub async fn blank(by: SignedIn, state: State, uri: Uri) -> Result<Response, Error> {
    let kind = query_value(uri.query().unwrap_or_default(), "kind").and_then(Kind::from_name).unwrap_or(Kind::Link);
    let mut form = Form::default();
    with_zone(&mut form, &zone_of(&state, by.session.owner.creator_id).await?);
    page::page(&FormPage::new(&by, &state, form, kind, None), by.lang)
}

/// Adds an entry behind the others.
pub async fn create(state: State, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    let kind = Kind::from_name(form.value("kind")).unwrap_or(Kind::Link);
    let Some((content, zone)) = read(&mut form, kind, &state.platforms) else {
        return page::refused(&FormPage::new(&by, &state, form, kind, None), by.lang);
    };
    if state.store.insert_link(by.session.owner.creator_id, &content).await?.is_none() {
        let mut page = FormPage::new(&by, &state, form, kind, None);
        page.alert = Some(FULL.get(by.lang).to_owned());
        return page::refused(&page, by.lang);
    }
    saved(&by, &state, &content, &zone, "link added", "added").await
}

/// The form of an entry.
pub async fn open(by: SignedIn, state: State, LinkId(id): LinkId) -> Result<Response, Error> {
    let link = find(&by, &state, id).await?.ok_or(Error::NotFound)?;
    let form = filled(&link, &zone_of(&state, by.session.owner.creator_id).await?);
    page::page(&FormPage::new(&by, &state, form, link.content.kind, Some(id)), by.lang)
}

/// Saves an entry that is still what the form was opened with.
pub async fn save(state: State, LinkId(id): LinkId, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    let Some(link) = find(&by, &state, id).await? else {
        let kind = Kind::from_name(form.value("kind")).unwrap_or(Kind::Link);
        return overtaken(FormPage::new(&by, &state, form, kind, None), GONE.get(by.lang).to_owned());
    };
    let kind = link.content.kind;
    let Some((content, zone)) = read(&mut form, kind, &state.platforms) else {
        return page::refused(&FormPage::new(&by, &state, form, kind, Some(id)), by.lang);
    };
    let opened = form.value("version").parse().unwrap_or(-1);
    if !state.store.update_link(by.session.owner.creator_id, id, opened, &content).await? {
        form.set("version", link.version.to_string());
        let words = CHANGED.get(by.lang).replace("{}", &link.content.title);
        return overtaken(FormPage::new(&by, &state, form, kind, Some(id)), words);
    }
    saved(&by, &state, &content, &zone, "link changed", "saved").await
}

/// The form again, with what was typed and what happened meanwhile.
fn overtaken(mut page: FormPage, words: String) -> Result<Response, Error> {
    let lang = page.shell.l;
    page.alert = Some(words);
    page::with_status(StatusCode::CONFLICT, &page, lang)
}

async fn saved(
    by: &SignedIn,
    state: &State,
    content: &Content,
    zone: &Zone,
    what: &str,
    done: &str,
) -> Result<Response, Error> {
    if content.schedule != Schedule::default() {
        keep_zone(state, by.session.owner.creator_id, zone).await?;
    }
    note(by, state, what, &content.title).await;
    Ok(see(format!("{TAB}?done={done}")).into_response())
}

fn filled(link: &Link, zone: &Zone) -> Form {
    let content = &link.content;
    let mut form = Form::default();
    form.set("version", link.version.to_string());
    form.set("title", content.title.as_str());
    form.set("url", content.url.as_deref().unwrap_or_default());
    form.set("icon", content.icon.as_deref().unwrap_or_default());
    form.set("starts", local::typed(content.schedule.from, zone));
    form.set("ends", local::typed(content.schedule.until, zone));
    with_zone(&mut form, zone);
    form
}

fn with_zone(form: &mut Form, zone: &Zone) {
    form.set("zone", zone.name.as_str());
    form.set("zone-chosen", zone.chosen.to_string());
}

/// What was typed, checked; `None` when the form now says what is wrong.
fn read(form: &mut Form, kind: Kind, platforms: &[&'static About]) -> Option<(Content, Zone)> {
    let title = title(form.value("title"), kind);
    let title = form.take("title", title);
    let is_link = kind == Kind::Link;
    let url = is_link.then(|| link::address(form.value("url"))).transpose();
    let url = form.take("url", url);
    let icon = icon(form.text("icon").filter(|_| is_link), platforms);
    let icon = form.take("icon", icon);
    let zone = local::named(form.value("zone"), true);
    let zone = form.take("zone", zone)?;
    let schedule = schedule(form, &zone);
    let content = Content { kind, title: title?, url: url?, icon: icon?, schedule: schedule? };
    form.is_good().then_some((content, zone))
}

fn title(typed: &str, kind: Kind) -> Result<String, Text> {
    let (typed, most) = (typed.trim(), if kind == Kind::Text { MOST_TEXT } else { MOST_TITLE });
    if typed.is_empty() {
        return Err(match kind {
            Kind::Link => Text::new("Gib dem Link einen Titel.", "Give the link a title."),
            Kind::Heading => Text::new("Schreib die Überschrift hinein.", "Write the heading."),
            Kind::Text => Text::new("Schreib den Text hinein.", "Write the text."),
        });
    }
    if typed.chars().count() > most {
        return Err(match kind {
            Kind::Text => Text::new("Das ist länger als 500 Zeichen.", "This is longer than 500 characters."),
            _ => Text::new("Das ist länger als 100 Zeichen.", "This is longer than 100 characters."),
        });
    }
    if typed.chars().any(|c| c.is_control() && !(kind == Kind::Text && c == '\n')) {
        return Err(Text::new("Das enthält Steuerzeichen.", "This contains control characters."));
    }
    Ok(typed.to_owned())
}

/// One of the icons, or none.
fn icon(chosen: Option<&str>, platforms: &[&'static About]) -> Result<Option<String>, Text> {
    let Some(chosen) = chosen else { return Ok(None) };
    let known = icons(platforms, Lang::De).into_iter().find(|icon| icon.name == chosen);
    let known = known
        .ok_or(Text::new("Dieses Symbol gibt es nicht. Wähle ein anderes.", "There is no such icon. Choose another."));
    known.map(|icon| Some(icon.name.to_owned()))
}

fn schedule(form: &mut Form, zone: &Zone) -> Option<Schedule> {
    let (from, until) = (local::instant(form.value("starts"), zone), local::instant(form.value("ends"), zone));
    let (from, until) = (form.take("starts", from), form.take("ends", until));
    let schedule = Schedule { from: from?, until: until? };
    if let (Some(from), Some(until)) = (schedule.from, schedule.until)
        && until <= from
    {
        form.refuse("ends", Text::new("Das Ende liegt vor dem Anfang.", "The end is before the start."));
        return None;
    }
    Some(schedule)
}
