//! Taking over what was elsewhere: a page is read, what was found is shown with ticks, the ticked is taken. Nothing is
//! kept between the two steps but the form itself.

use askama::Template;
use axum::http::Uri;
use axum::response::{IntoResponse as _, Response};

use super::TAB;
use crate::domain::text::Text;
use crate::import::{self, Entry, Found, LONGEST_BIO, LONGEST_TITLE, MOST_LINKS};
use crate::store::Imported;
use crate::web::admin::form::Form;
use crate::web::admin::page::{self, Shell, see};
use crate::web::admin::session::{Posted, SignedIn};
use crate::web::error::Error;
use crate::web::state::State;

pub(super) const NAME: Text = Text::new("Von anderswo übernehmen", "Take over from elsewhere");
pub(super) const WHAT: Text = Text::new("aus Linktree, Beacons, LinkStack", "from Linktree, Beacons, LinkStack");
/// The largest page, in bytes, with what a form adds.
pub const MOST: usize = 4 * 1024 * 1024 + 64 * 1024;
const TAKEN: Text = Text::new(
    "Übernommen. Links, die es schon gab, wurden nicht verdoppelt.",
    "Taken over. Links that were there already were not doubled.",
);
const NOTHING: Text = Text::new(
    "Auf dieser Seite ließ sich nichts finden. Speichere sie im Browser als vollständige Seite und lade die Datei hoch.",
    "Nothing was found on this page. Save it in the browser as a complete page and upload the file.",
);
const NO_SOURCE: Text = Text::new(
    "Gib eine Adresse an, wähle eine Datei oder füg den Text der Seite ein.",
    "Enter an address, choose a file or paste the page's text.",
);
const NONE_TICKED: Text = Text::new("Wähle mindestens eines aus.", "Choose at least one.");

#[derive(Template)]
#[template(path = "admin/settings/import.html", whitespace = "minimize")]
struct ImportPage {
    shell: Shell,
    form: Form,
    found: Option<Found>,
}

impl ImportPage {
    fn new(by: &SignedIn, state: &State, form: Form, found: Option<Found>) -> Self {
        Self { shell: Shell::new(by, state, TAB, None), form, found }
    }

    /// Whether an entry's box is ticked: all are at first.
    fn ticked(&self, name: &str) -> bool {
        self.form.value("shown").is_empty() || ticked(&self.form, name)
    }
}

/// The three ways to bring a page.
pub(super) async fn show(by: SignedIn, state: State, uri: Uri) -> Result<Response, Error> {
    let mut page = ImportPage::new(&by, &state, Form::default(), None);
    page.shell = page.shell.done(&uri, &[("taken", TAKEN)]);
    page::page(&page, by.lang)
}

/// Reads a page and shows what was found.
pub(super) async fn look(state: State, Posted { by, mut form }: Posted<MOST>) -> Result<Response, Error> {
    let brought = if let Some(file) = form.file("file") {
        Ok(("file", import::read(&String::from_utf8_lossy(file))))
    } else if let Some(text) = form.text("text") {
        Ok(("text", import::read(text)))
    } else if let Some(address) = form.text("address") {
        let fetched = import::fetch(state.settings.http(), address).await;
        fetched.map(|found| ("address", found)).map_err(|error| ("address", error.text()))
    } else {
        Err(("address", NO_SOURCE))
    };
    match brought {
        Ok((_, found)) if !found.is_empty() => {
            page::page(&ImportPage::new(&by, &state, Form::default(), Some(found)), by.lang)
        }
        Ok((field, _)) => {
            form.refuse(field, NOTHING);
            page::refused(&ImportPage::new(&by, &state, form, None), by.lang)
        }
        Err((field, why)) => {
            form.refuse(field, why);
            page::refused(&ImportPage::new(&by, &state, form, None), by.lang)
        }
    }
}

/// Takes what is ticked into the profile and the link page.
pub(super) async fn take(state: State, Posted { by, mut form }: Posted<MOST>) -> Result<Response, Error> {
    let found = again(&form);
    let name = found.name.as_deref().filter(|_| ticked(&form, "name"));
    let bio = found.bio.as_deref().filter(|_| ticked(&form, "bio"));
    let chosen = found.entries.iter().enumerate().filter(|(at, _)| ticked(&form, &at.to_string()));
    let entries: Vec<Imported> =
        chosen.map(|(_, entry)| Imported { title: entry.title.clone(), url: entry.url.clone() }).collect();
    if name.is_none() && bio.is_none() && entries.is_empty() {
        form.refuse("take", NONE_TICKED);
        return page::refused(&ImportPage::new(&by, &state, form, Some(found)), by.lang);
    }
    state.store.import_links((name, bio), &entries, &by.session.owner.name, state.clock.now()).await?;
    state.show_changes().await;
    Ok(see("/admin/settings/import?done=taken").into_response())
}

fn ticked(form: &Form, name: &str) -> bool {
    form.has(&format!("take-{name}"), "yes")
}

/// What the form brings back of what was found, held to the same rules: it has been in a browser.
fn again(form: &Form) -> Found {
    let entries = (0..MOST_LINKS).map_while(|at| {
        let title = import::line(form.value(&format!("title-{at}")), LONGEST_TITLE)?;
        let url = form.text(&format!("url-{at}"));
        Some(Entry { title, url: url.map(|url| import::address(url).unwrap_or_default()) })
    });
    Found {
        name: import::line(form.value("name"), LONGEST_TITLE),
        bio: import::line(form.value("bio"), LONGEST_BIO),
        entries: entries.take_while(|entry| entry.url.as_deref() != Some("")).collect(),
    }
}
