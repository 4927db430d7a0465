//! The facts for the legal notice and the privacy page. Both pages are there once name, address and e-mail are.

use askama::Template;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use secrecy::SecretString;

use super::{TAB, or_changed};
use crate::config::{EmailAddress, Kind as _};
use crate::domain::legal::Legal;
use crate::domain::profile::Creator;
use crate::domain::text::{Lang, Text};
use crate::store::Choice;
use crate::web::admin::form::Form;
use crate::web::admin::page::{self, Shell, see};
use crate::web::admin::session::{Posted, SignedIn};
use crate::web::error::Error;
use crate::web::public::legal::Kind;
use crate::web::state::State;

pub(super) const NAME: Text = Text::new("Impressum und Datenschutz", "Legal notice and privacy");
const TOPIC: &str = "legal";
const SAVED: Text = Text::new(
    "Gespeichert. Beide Seiten zeigen es schon und sind unten auf deinen Seiten verlinkt.",
    "Saved. Both pages show it already and are linked at the foot of your pages.",
);
const REMOVED: Text =
    Text::new("Die Angaben sind entfernt, beide Seiten sind weg.", "The facts are removed, both pages are gone.");
const MISSING: Text = Text::new(
    "Das gehört in ein Impressum. Ohne alle drei Angaben (Name, Anschrift, E-Mail) gibt es die Seiten nicht.",
    "A legal notice needs this. Without all three (name, address, e-mail) there are no such pages.",
);
const BAD_EMAIL: Text = Text::new(
    "Das ist keine E-Mail-Adresse. Schreib sie wie ich@kit.example.",
    "This is no e-mail address. Write it like me@kit.example.",
);
const BAD_DAYS: Text = Text::new("Gib eine Zahl von 1 bis 3650 ein.", "Enter a number from 1 to 3650.");
const TOO_LONG: Text =
    Text::new("Das ist zu lang: höchstens 500 Zeichen.", "This is too long: at most 500 characters.");
const LONGEST: usize = 500;
const REQUIRED: [&str; 3] = ["name", "address", "email"];
const FIELDS: [&str; 8] = ["name", "address", "email", "phone", "vat-id", "responsible", "hosting", "log-days"];

#[derive(Template)]
#[template(path = "admin/settings/legal.html", whitespace = "minimize")]
struct LegalPage {
    shell: Shell,
    form: Form,
    theirs: Option<Vec<(&'static str, String)>>,
    /// The pages' addresses with their names, once they are there.
    pages: Vec<(Text, &'static str)>,
}

impl LegalPage {
    fn new(by: &SignedIn, state: &State, form: Form) -> Self {
        let there = state.faces.kit().legal.is_some();
        let names = [Text::new("Impressum", "Legal notice"), Text::new("Datenschutz", "Privacy")];
        let pages = names.into_iter().zip(Kind::ALL.map(|kind| kind.paths()[0])).filter(|_| there).collect();
        Self { shell: Shell::new(by, state, TAB, None), form, theirs: None, pages }
    }
}

/// How it stands, for the overview.
pub(super) fn state(legal: Option<&Legal>, l: Lang) -> String {
    let (yes, no) = (l.pick("veröffentlicht", "published"), l.pick("noch nicht ausgefüllt", "not filled in yet"));
    if legal.is_some() { yes.to_owned() } else { no.to_owned() }
}

/// The facts as they are; before there are any, with what the profile tells.
pub(super) async fn show(by: SignedIn, state: State, uri: Uri) -> Result<Response, Error> {
    let creator = state.store.creator().await?;
    let legal = state.store.setting(creator.id, TOPIC).await?.as_deref().and_then(Legal::from_json);
    let mut form = legal.map_or_else(|| suggested(&creator), |legal| filled(&legal));
    form.set("version", state.settings.version(TOPIC).await?.to_string());
    let mut page = LegalPage::new(&by, &state, form);
    page.shell = page.shell.done(&uri, &[("saved", SAVED), ("removed", REMOVED)]);
    page::page(&page, by.lang)
}

/// Saves the facts; the pages are written anew at once, or go when all fields are empty.
pub(super) async fn save(state: State, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    let legal = read(&mut form);
    if !form.is_good() {
        return page::refused(&LegalPage::new(&by, &state, form), by.lang);
    }
    let value = legal.as_ref().map(|legal| SecretString::from(legal.to_json()));
    let choice = Choice { name: TOPIC, value, sealed: false };
    let version = form.value("version").parse().unwrap_or(-1);
    match state.settings.save(TOPIC, version, &[choice], &by.session.owner.name).await.map_err(or_changed) {
        Ok(()) => {
            state.show_changes().await;
            let done = if legal.is_some() { "saved" } else { "removed" };
            Ok(see(format!("/admin/settings/legal?done={done}")).into_response())
        }
        Err(Error::ChangedMeanwhile) => {
            form.set("version", state.settings.version(TOPIC).await?.to_string());
            let mut page = LegalPage::new(&by, &state, form);
            page.theirs = Some(Vec::new());
            page::with_status(StatusCode::CONFLICT, &page, by.lang)
        }
        Err(error) => Err(error),
    }
}

fn suggested(creator: &Creator) -> Form {
    let mut form = Form::default();
    form.set("name", creator.name.as_str());
    form.set("email", creator.contact.as_deref().filter(|contact| EmailAddress::parse(contact).is_ok()).unwrap_or(""));
    form
}

fn filled(legal: &Legal) -> Form {
    let mut form = Form::default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    form.set("name", legal.name.as_str());
    form.set("address", legal.address.as_str());
    form.set("email", legal.email.as_str());
    form.set("phone", text(&legal.phone));
    form.set("vat-id", text(&legal.vat_id));
    form.set("responsible", text(&legal.responsible));
    form.set("hosting", text(&legal.hosting));
    form.set("log-days", legal.log_days.map_or_else(String::new, |days| days.to_string()));
    form
}

/// The facts, with what is wrong beside their fields; `None` when every field is empty.
fn read(form: &mut Form) -> Option<Legal> {
    for field in FIELDS {
        if form.value(field).chars().count() > LONGEST {
            form.refuse(field, TOO_LONG);
        }
    }
    if FIELDS.iter().all(|field| form.text(field).is_none()) {
        return None;
    }
    for field in REQUIRED {
        if form.text(field).is_none() {
            form.refuse(field, MISSING);
        }
    }
    let email = form.value("email").trim().to_owned();
    if !email.is_empty() {
        form.take("email", EmailAddress::parse(&email).map_err(|_| BAD_EMAIL));
    }
    let days =
        form.text("log-days").map(|days| days.parse().ok().filter(|days| (1..=3650).contains(days)).ok_or(BAD_DAYS));
    let log_days = form.take("log-days", days.transpose()).flatten();
    let text = |field| form.text(field).map(str::to_owned);
    Some(Legal {
        name: text("name")?,
        address: text("address")?,
        email,
        phone: text("phone"),
        vat_id: text("vat-id"),
        responsible: text("responsible"),
        hosting: text("hosting"),
        log_days,
    })
}
