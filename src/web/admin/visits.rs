//! Visits: how often the pages were seen and from where, how often links were followed, and whether any of it is counted.

use std::cmp::Reverse;

use askama::Template;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use secrecy::SecretString;

use super::form::Form;
use super::page::{self, Shell, see};
use super::session::{Posted, SignedIn};
use crate::domain::number::exact_in;
use crate::domain::text::{Lang, Text};
use crate::domain::visit::{Page, Times, Visits};
use crate::store::{Choice, StoreError};
use crate::web::error::Error;
use crate::web::state::State;

pub(super) const PATH: &str = "/admin/visits";
pub(super) const NAME: Text = Text::new("Besuche", "Visits");
const TAB: &str = "/admin/settings";
const TOPIC: &str = "visits";
const OFF: &str = "off";
const SAVED: Text = Text::new("Gespeichert. Es gilt ab sofort.", "Saved. It holds from now on.");
const ELSEWHERE: Text = Text::new("weitere", "others");
/// How many rows a list has at most.
const MOST: usize = 20;

#[derive(Template)]
#[template(path = "admin/visits.html", whitespace = "minimize")]
struct VisitsPage {
    shell: Shell,
    form: Form,
    theirs: Option<Vec<(&'static str, String)>>,
    lists: Vec<List>,
}

/// What was counted of a kind.
struct List {
    id: &'static str,
    title: &'static str,
    /// In place of the rows while there are none.
    empty: &'static str,
    rows: Vec<Row>,
}

/// A name with its counts: today, thirty days.
struct Row {
    name: String,
    counts: [String; 2],
}

/// Whether visits are counted, for the overview of the settings.
pub(super) fn state(counts: bool, l: Lang) -> String {
    let (yes, no) = (l.pick("werden gezählt", "are counted"), l.pick("werden nicht gezählt", "are not counted"));
    if counts { yes.to_owned() } else { no.to_owned() }
}

/// What was counted.
pub(super) async fn show(by: SignedIn, state: State, uri: Uri) -> Result<Response, Error> {
    let mut form = Form::default();
    form.set("version", state.settings.version(TOPIC).await?.to_string());
    let stored = state.store.setting(by.session.owner.creator_id, TOPIC).await?;
    form.set("on", if stored.as_deref() == Some(OFF) { "" } else { "yes" });
    let mut page = filled(&by, &state, form).await?;
    page.shell = page.shell.done(&uri, &[("saved", SAVED)]);
    page::page(&page, by.lang)
}

/// Has visits counted, or no more. What was counted stays.
pub(super) async fn save(state: State, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    let value = (!form.has("on", "yes")).then(|| SecretString::from(OFF));
    let choice = Choice { name: TOPIC, value, sealed: false };
    let version = form.value("version").parse().unwrap_or(-1);
    match state.settings.save(TOPIC, version, &[choice], &by.session.owner.name).await {
        Ok(()) => {
            state.show_changes().await;
            Ok(see(format!("{PATH}?done=saved")).into_response())
        }
        Err(StoreError::Conflict) => {
            form.set("version", state.settings.version(TOPIC).await?.to_string());
            let mut page = filled(&by, &state, form).await?;
            page.theirs = Some(Vec::new());
            page::with_status(StatusCode::CONFLICT, &page, by.lang)
        }
        Err(error) => Err(error.into()),
    }
}

async fn filled(by: &SignedIn, state: &State, form: Form) -> Result<VisitsPage, Error> {
    let (creator, now, l) = (by.session.owner.creator_id, state.clock.now(), by.lang);
    // What is counted and not written yet is shown too.
    state.visits.write().await;
    let Visits { pages, from, countries } = state.store.visits(creator, now).await?;
    let clicks = state.store.clicks(creator, now).await?;
    let links = state.store.links(creator).await?.into_iter().filter_map(|link| {
        let clicks = clicks.get(&link.id)?;
        Some((link.content.title, Times { today: clicks.today, month: clicks.month }))
    });
    let mut links: Vec<(String, Times)> = links.filter(|(_, times)| times.month > 0).collect();
    links.sort_by_key(|(_, times)| Reverse(times.month));
    let pages = pages.into_iter().map(|(name, times)| (page_name(&name, l), times)).collect();
    let lists = vec![
        list("pages", l.pick("Seiten", "Pages"), l.pick("Noch keine Aufrufe.", "No views yet."), pages, l),
        list("links", l.pick("Angeklickte Links", "Links followed"), l.pick("Noch keine.", "None yet."), links, l),
        list(
            "from",
            l.pick("Woher sie kamen", "Where they came from"),
            l.pick(
                "Noch keine. Manche Apps und Browser sagen nicht, woher jemand kommt.",
                "None yet. Some apps and browsers don’t say where somebody comes from.",
            ),
            from,
            l,
        ),
        list(
            "countries",
            l.pick("Länder", "Countries"),
            l.pick(
                "Keine. Länder stehen hier nur, wenn ein Proxy davor sie mitteilt (CF-IPCountry, X-Country-Code).",
                "None. Countries are here only if a proxy in front names them (CF-IPCountry, X-Country-Code).",
            ),
            countries,
            l,
        ),
    ];
    Ok(VisitsPage { shell: Shell::new(by, state, TAB, Some("settings")), form, theirs: None, lists })
}

fn list(id: &'static str, title: &'static str, empty: &'static str, counted: Vec<(String, Times)>, l: Lang) -> List {
    let row = |(name, times): (String, Times)| Row {
        name: if name.is_empty() { ELSEWHERE.get(l).to_owned() } else { name },
        counts: [times.today, times.month].map(|n| exact_in(n, l)),
    };
    List { id, title, empty, rows: counted.into_iter().take(MOST).map(row).collect() }
}

/// What people call a page.
fn page_name(name: &str, l: Lang) -> String {
    let words = match Page::ALL.into_iter().find(|page| page.name() == name) {
        Some(Page::Links) => l.pick("Linkseite", "Link page"),
        Some(Page::Kit) => l.pick("Media-Kit", "Media kit"),
        Some(Page::Embed) => l.pick("Eingebettet auf anderen Seiten", "Embedded on other sites"),
        None => name,
    };
    words.to_owned()
}
