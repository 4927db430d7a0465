//! The media kit tab: numbers anew, the blocks, and what of the numbers is shown.

mod block;
mod list;
mod numbers;
mod refresh;
pub mod rows;
pub mod typed;

use askama::Template;
use axum::http::Uri;
use axum::response::Response;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::page::{self, Shell};
use super::session::SignedIn;
use super::shares;
use crate::domain::block::{Block, Kind, MOST_BLOCKS};
use crate::domain::number::exact_in;
use crate::domain::text::{Lang, Text};
use crate::web::error::Error;
use crate::web::route::{Door, Route};
use crate::web::state::State;
pub use refresh::{Board, first_numbers};

/// Where the tab lives.
pub const TAB: &str = "/admin/mediakit";

/// What may have been done just now, as the address says it.
const DONE: [(&str, Text); 5] = [
    ("saved", Text::new("Gespeichert. Die Seite zeigt es schon.", "Saved. The page shows it already.")),
    ("added", Text::new("Hinzugefügt. Der Baustein steht ganz unten.", "Added. The block stands at the very end.")),
    ("deleted", Text::new("Gelöscht.", "Deleted.")),
    ("gone", Text::new("Dieser Baustein war schon gelöscht.", "This block was deleted already.")),
    ("moved", Text::new("Verschoben. Die Seite zeigt es schon.", "Moved. The page shows it already.")),
];

/// The tab's routes.
pub(super) fn routes() -> Vec<Route> {
    let at = |path: &str| Route::at(format!("{TAB}{path}"));
    vec![
        at("").get(Door::Owner, show),
        at("/refresh").get(Door::Owner, refresh::show).post(Door::Owner, refresh::start),
        at("/preview").get(Door::Owner, preview),
        at("/new/{kind}").get(Door::Owner, block::begin).post(Door::Owner, block::add),
        at("/new/{kind}/preview").post(Door::Owner, block::preview_new),
        at("/block/{id}").get(Door::Owner, block::edit).post(Door::Owner, block::save),
        at("/block/{id}/preview").post(Door::Owner, block::preview_known),
        at("/block/{id}/move").post(Door::Owner, list::move_to),
        at("/block/{id}/hide").post(Door::Owner, list::hide),
        at("/block/{id}/delete").get(Door::Owner, list::ask).post(Door::Owner, list::delete),
        at("/numbers").get(Door::Owner, numbers::show).post(Door::Owner, numbers::save),
        at("/order").post(Door::Owner, numbers::order),
    ]
}

#[derive(Template)]
#[template(path = "admin/kit/tab.html", whitespace = "minimize")]
struct KitPage {
    shell: Shell,
    board: Board,
    blocks: Vec<Block>,
    /// What can be added.
    kinds: Vec<Kind>,
    /// What the numbers' settings are, in a sentence.
    numbers: String,
    /// Who sees the kit, in a sentence.
    sharing: String,
}

/// The tab.
pub async fn show(by: SignedIn, state: State, uri: Uri) -> Result<Response, Error> {
    let creator = state.store.creator().await?;
    let blocks = state.store.blocks(creator.id).await?;
    let shell = Shell::new(&by, &state, TAB, Some("mediakit"));
    let page = KitPage {
        shell: shell.done(&uri, &DONE),
        board: Board::new(&state, by.lang).await?,
        kinds: addable(&blocks),
        numbers: in_a_sentence(creator.threshold, creator.published.len(), by.lang),
        sharing: shares::in_a_sentence(&state, creator.id, creator.access, by.lang).await?,
        blocks,
    };
    page::page(&page, by.lang)
}

/// The kinds of which there may be one more.
fn addable(blocks: &[Block]) -> Vec<Kind> {
    let free = |kind: &Kind| kind.many() || blocks.iter().all(|block| block.body.kind() != *kind);
    let all = if blocks.len() < MOST_BLOCKS { Kind::ALL } else { &[] };
    all.iter().copied().filter(free).collect()
}

fn in_a_sentence(threshold: i64, published: usize, lang: Lang) -> String {
    let from = lang.pick(
        "In der Summe zählen Plattformen ab {} Followern.",
        "Platforms count towards the total from {} followers on.",
    );
    let private = match published {
        0 => lang.pick("Kein privater Wert ist veröffentlicht.", "No private number is published."),
        1 => lang.pick("Ein privater Wert ist veröffentlicht.", "One private number is published."),
        _ => lang.pick("{} private Werte sind veröffentlicht.", "{} private numbers are published."),
    };
    format!("{} {}", from.replace("{}", &exact_in(threshold, lang)), private.replace("{}", &published.to_string()))
}

/// The page as it is saved, for a frame of the panel.
pub async fn preview(by: SignedIn, state: State) -> Result<Response, Error> {
    let page = state.faces.draft(by.lang, |_| ()).await;
    page::framed(page)
}

/// The number in an address.
fn id(text: &str) -> Result<i64, Error> {
    text.parse().map_err(|_| Error::NotFound)
}

/// The day beside what is typed now.
fn today(state: &State) -> Date {
    state.clock.now().to_zoned(TimeZone::UTC).date()
}
