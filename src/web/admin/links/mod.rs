//! The links tab: the entries of the link page in their order, each with how often it was followed. What an entry says
//! is edited on a page of its own (`form.rs`).

mod form;
mod local;

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use jiff::tz::TimeZone;

pub use form::{blank, create, open, save};
use local::zone_of;

use super::page::{self, Shell, see};
use super::session::{Posted, SignedIn};
use crate::domain::link::{Clicks, Kind, Link, spoken};
use crate::domain::number::exact_in;
use crate::domain::text::{Lang, Text};
use crate::store::StoreError;
use crate::web::assets::glyph;
use crate::web::error::Error;
use crate::web::public::view::Glyph;
use crate::web::public::when;
use crate::web::state::State;

const TAB: &str = "/admin/links";
/// The module in `assets/admin/`.
const SCRIPT: Option<&str> = Some("links");

/// What was just done, by the address's `?done=`.
const DONE: [(&str, Text); 6] = [
    ("added", Text::new("Hinzugefügt. Die Linkseite zeigt es.", "Added. The link page shows it.")),
    ("saved", Text::new("Gespeichert. Die Linkseite zeigt es schon.", "Saved. The link page shows it already.")),
    ("moved", Text::new("Verschoben.", "Moved.")),
    (
        "hidden",
        Text::new("Verborgen. Auf der Linkseite steht es nicht mehr.", "Hidden. The link page no longer has it."),
    ),
    ("shown", Text::new("Wieder auf der Linkseite.", "Back on the link page.")),
    ("deleted", Text::new("Gelöscht.", "Deleted.")),
];
const OTHER_LIST: Text = Text::new(
    "Die Liste wurde inzwischen woanders geändert, darum ist nichts verschoben. Hier steht sie, wie sie jetzt ist.",
    "The list was changed elsewhere in the meantime, so nothing was moved. Here it is as it is now.",
);

#[derive(Template)]
#[template(path = "admin/links.html", whitespace = "minimize")]
struct LinksPage {
    shell: Shell,
    rows: Vec<Row>,
    glyphs: Vec<Glyph>,
    alert: Option<&'static str>,
}

/// An entry as the list shows it.
struct Row {
    id: i64,
    kind: Kind,
    title: String,
    /// Where a link leads, as people read it.
    address: Option<String>,
    icon: Option<String>,
    hidden: bool,
    /// When it is shown, when that has a limit.
    schedule: Option<String>,
    /// Today, thirty days, ever; `None` where nothing is counted.
    clicks: Option<[String; 3]>,
    first: bool,
    last: bool,
}

#[derive(Template)]
#[template(path = "admin/links_delete.html", whitespace = "minimize")]
struct DeletePage {
    shell: Shell,
    link: Link,
    changed: bool,
}

/// The id in an address; whatever is no number leads nowhere.
pub struct LinkId(i64);

impl FromRequestParts<State> for LinkId {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Error> {
        Path::<i64>::from_request_parts(parts, state).await.map(|Path(id)| Self(id)).map_err(|_| Error::NotFound)
    }
}

/// Every entry in its order.
pub async fn show(by: SignedIn, state: State, uri: Uri) -> Result<Response, Error> {
    let mut page = listed(&by, &state).await?;
    page.shell = page.shell.done(&uri, &DONE);
    page::page(&page, by.lang)
}

/// Puts all entries into an order: what dragging does.
pub async fn order(state: State, Posted { by, form }: Posted) -> Result<Response, Error> {
    let order: Option<Vec<i64>> = form.value("order").split(',').map(|id| id.parse().ok()).collect();
    ordered(&by, &state, &order.unwrap_or_default(), "").await
}

/// Moves an entry one place up or down.
pub async fn step(state: State, LinkId(id): LinkId, Posted { by, form }: Posted) -> Result<Response, Error> {
    let creator = by.session.owner.creator_id;
    let mut order: Vec<i64> = state.store.links(creator).await?.iter().map(|link| link.id).collect();
    let at = order.iter().position(|other| *other == id).ok_or(Error::NotFound)?;
    let to = if form.value("to") == "up" { at.saturating_sub(1) } else { (at + 1).min(order.len() - 1) };
    order.swap(at, to);
    ordered(&by, &state, &order, &format!("#entry-{id}")).await
}

async fn ordered(by: &SignedIn, state: &State, order: &[i64], place: &str) -> Result<Response, Error> {
    match state.store.order_links(by.session.owner.creator_id, order).await {
        Err(StoreError::Conflict) => {
            let page = LinksPage { alert: Some(OTHER_LIST.get(by.lang)), ..listed(by, state).await? };
            return page::with_status(StatusCode::CONFLICT, &page, by.lang);
        }
        other => other?,
    }
    note(by, state, "links moved", "").await;
    Ok(see(format!("{TAB}?done=moved{place}")).into_response())
}

/// Takes an entry off the page or puts it back.
pub async fn hide(state: State, LinkId(id): LinkId, Posted { by, form }: Posted) -> Result<Response, Error> {
    let link = find(&by, &state, id).await?.ok_or(Error::NotFound)?;
    let hidden = form.value("hidden") == "true";
    state.store.hide_link(by.session.owner.creator_id, id, hidden).await?;
    let (what, done) = if hidden { ("link hidden", "hidden") } else { ("link shown", "shown") };
    note(&by, &state, what, &link.content.title).await;
    Ok(see(format!("{TAB}?done={done}#entry-{id}")).into_response())
}

/// Asks whether an entry may go.
pub async fn ask(by: SignedIn, state: State, LinkId(id): LinkId) -> Result<Response, Error> {
    let link = find(&by, &state, id).await?.ok_or(Error::NotFound)?;
    page::page(&DeletePage { shell: Shell::new(&by, &state, TAB, None), link, changed: false }, by.lang)
}

/// Deletes an entry that is still what was asked about.
pub async fn delete(state: State, LinkId(id): LinkId, Posted { by, form }: Posted) -> Result<Response, Error> {
    let Some(link) = find(&by, &state, id).await? else {
        return Ok(see(format!("{TAB}?done=deleted")).into_response());
    };
    let asked = form.value("version").parse().unwrap_or(-1);
    if !state.store.delete_link(by.session.owner.creator_id, id, asked).await? {
        let page = DeletePage { shell: Shell::new(&by, &state, TAB, None), link, changed: true };
        return page::with_status(StatusCode::CONFLICT, &page, by.lang);
    }
    note(&by, &state, "link deleted", &link.content.title).await;
    Ok(see(format!("{TAB}?done=deleted")).into_response())
}

/// Writes down what was done and shows it to visitors.
async fn note(by: &SignedIn, state: &State, what: &str, title: &str) {
    by.note(state, what, title).await;
    state.show_changes().await;
}

async fn find(by: &SignedIn, state: &State, id: i64) -> Result<Option<Link>, Error> {
    let links = state.store.links(by.session.owner.creator_id).await?;
    Ok(links.into_iter().find(|link| link.id == id))
}

async fn listed(by: &SignedIn, state: &State) -> Result<LinksPage, Error> {
    let (creator, now) = (by.session.owner.creator_id, state.clock.now());
    let links = state.store.links(creator).await?;
    state.visits.write().await;
    let clicks = state.store.clicks(creator, now).await?;
    let zone = zone_of(state, creator).await?.clocks;
    let mut icons: Vec<&str> = links.iter().filter_map(|link| link.content.icon.as_deref()).collect();
    icons.sort_unstable();
    icons.dedup();
    Ok(LinksPage {
        shell: Shell::new(by, state, TAB, SCRIPT),
        rows: rows(&links, &clicks, &zone, by.lang),
        glyphs: icons.into_iter().map(|name| Glyph { platform: name.to_owned(), markup: glyph(name) }).collect(),
        alert: None,
    })
}

fn rows(links: &[Link], clicks: &BTreeMap<i64, Clicks>, zone: &TimeZone, lang: Lang) -> Vec<Row> {
    let row = |(place, link): (usize, &Link)| {
        let counts = clicks.get(&link.id).copied().unwrap_or_default();
        let counts = [counts.today, counts.month, counts.all].map(|n| exact_in(n, lang));
        Row {
            id: link.id,
            kind: link.content.kind,
            title: link.content.title.clone(),
            address: link.content.url.as_deref().map(|url| spoken(url).to_owned()),
            icon: link.content.icon.clone(),
            hidden: link.hidden,
            schedule: schedule(link, zone, lang),
            clicks: link.counted_url().map(|_| counts),
            first: place == 0,
            last: place + 1 == links.len(),
        }
    };
    links.iter().enumerate().map(row).collect()
}

/// `ab 24. Dez. 2026, 08:00 bis 27. Dez. 2026, 20:00`
fn schedule(link: &Link, zone: &TimeZone, lang: Lang) -> Option<String> {
    let schedule = link.content.schedule;
    let part = |(word, at): (Text, Option<jiff::Timestamp>)| {
        at.map(|at| format!("{} {}", word.get(lang), when::full_in(at, zone, lang)))
    };
    let parts = [(Text::new("ab", "from"), schedule.from), (Text::new("bis", "until"), schedule.until)];
    let parts: Vec<String> = parts.into_iter().filter_map(part).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}
