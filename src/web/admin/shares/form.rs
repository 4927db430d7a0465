//! The page on which a link is written: for whom it is, until when, with which password, which blocks and prices.

use askama::Template;
use axum::extract::Path;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use secrecy::SecretString;

use super::{HOME, find, last_day};
use crate::domain::block::input::Input;
use crate::domain::block::shape::Shape;
use crate::domain::block::{Block, Body, Kind};
use crate::domain::share::{ANSWER_HOLDS, Share, Terms, address};
use crate::domain::text::{Lang, Text};
use crate::store::Password;
use crate::web::admin::form::Form;
use crate::web::admin::kit::typed::{self, Typed};
use crate::web::admin::kit::{self, rows};
use crate::web::admin::links::local::{Zone, zone_of};
use crate::web::admin::page::{self, Shell, see};
use crate::web::admin::session::{Posted, SignedIn};
use crate::web::error::Error;
use crate::web::public::door;
use crate::web::request_lang::query_value;
use crate::web::state::State;

/// The longest name of a brand, in characters.
const MOST_BRAND: usize = 100;
/// The shortest and the longest password of a link, in characters.
const PASSWORD: std::ops::RangeInclusive<usize> = 6..=200;

const FULL: Text = Text::new(
    "Mehr als 200 Links gibt es nicht. Lösche widerrufene, dann ist wieder Platz.",
    "There are 200 links at most. Delete revoked ones to make room.",
);
const CHANGED: Text = Text::new(
    "Dieser Link wurde inzwischen woanders geändert. Was du getippt hast, steht noch hier; Speichern nimmt deine Fassung.",
    "This link was changed elsewhere in the meantime. What you typed is still here; saving takes your version.",
);
const ENDED: Text = Text::new(
    "Dieser Link ist inzwischen widerrufen. Was du getippt hast, steht noch hier; Speichern macht einen neuen Link daraus.",
    "This link was revoked in the meantime. What you typed is still here; saving makes a new link of it.",
);

#[derive(Template)]
#[template(path = "admin/shares/form.html", whitespace = "minimize")]
struct SharePage {
    shell: Shell,
    form: Form,
    /// Where the form goes: to a new link or to its own.
    action: String,
    new: bool,
    /// Whether it has a password now.
    locked: bool,
    /// The kit's blocks that a link can show.
    blocks: Vec<Block>,
    unsaved: bool,
    alert: Option<&'static str>,
}

impl SharePage {
    async fn new(by: &SignedIn, state: &State, form: Form, share: Option<&Share>) -> Result<Self, Error> {
        let blocks = state.store.blocks(by.session.owner.creator_id).await?;
        Ok(Self {
            shell: Shell::new(by, state, kit::TAB, None),
            form,
            action: share.map_or_else(|| format!("{HOME}/new"), |share| format!("{HOME}/{}", share.id)),
            new: share.is_none(),
            locked: share.is_some_and(|share| share.lock.is_some()),
            blocks: blocks.into_iter().filter(|block| !block.body.is_empty()).collect(),
            unsaved: false,
            alert: None,
        })
    }

    fn unsaved(mut self) -> Self {
        self.unsaved = true;
        self
    }

    /// What an empty password field means.
    fn no_password(&self) -> &str {
        let l = self.shell.l;
        if self.locked {
            l.pick("Leer heißt: das bisherige bleibt.", "Empty means: it stays as it is.")
        } else {
            l.pick("Leer heißt: ohne Passwort.", "Empty means: no password.")
        }
    }

    /// The fields of own packages.
    const RATES: &Shape = Kind::Rates.shape();

    fn rows(&self) -> std::ops::Range<usize> {
        0..Kind::Rates.shape().rows.map_or(0, |of| rows::count(&self.form, of))
    }

    fn shows(&self, block: &Block) -> bool {
        self.form.has(&tick(block.id), "yes")
    }
}

/// The form of a new link: with what a request says, when it answers one.
pub async fn blank(by: SignedIn, state: State, uri: Uri) -> Result<Response, Error> {
    let creator = by.session.owner.creator_id;
    let blocks = state.store.blocks(creator).await?;
    let mut terms = Terms {
        brand: String::new(),
        contact: None,
        expires_at: None,
        blocks: blocks.iter().filter(|block| !block.hidden).map(|block| block.id).collect(),
        rates: None,
    };
    let asked = query_value(uri.query().unwrap_or_default(), "request").and_then(|id| id.parse::<i64>().ok());
    if let Some(id) = asked {
        let request = state.store.requests(creator).await?.into_iter().find(|request| request.id == id);
        let Some(request) = request else { return Ok(see(format!("{HOME}?done=answered")).into_response()) };
        terms.brand = request.brand;
        terms.contact = Some(request.email);
        terms.expires_at = state.clock.now().saturating_add(ANSWER_HOLDS).ok();
    }
    let mut form = filled(&terms, &blocks, &zone_of(&state, creator).await?, by.lang);
    form.set("request", asked.map(|id| id.to_string()).unwrap_or_default());
    page::page(&SharePage::new(&by, &state, form, None).await?, by.lang)
}

/// Makes a link.
pub async fn create(state: State, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    let (terms, password) = match read(&by, &state, &mut form).await? {
        Read::Terms(terms, password) => (terms, password),
        Read::Arranged => return page::page(&SharePage::new(&by, &state, form, None).await?.unsaved(), by.lang),
        Read::Wrong => return page::refused(&SharePage::new(&by, &state, form, None).await?.unsaved(), by.lang),
    };
    let mut random = [0; 10];
    getrandom::fill(&mut random).map_err(|_| Error::Internal)?;
    let (creator, now) = (by.session.owner.creator_id, state.clock.now());
    let (address, answers) = (address(&terms.brand, random), form.value("request").parse().ok());
    let password = hashed(&state, password).await?;
    let added = state.store.insert_share(creator, &address, &terms, &password, answers, now);
    if added.await?.is_none() {
        let mut page = SharePage::new(&by, &state, form, None).await?.unsaved();
        page.alert = Some(FULL.get(by.lang));
        return page::refused(&page, by.lang);
    }
    by.note(&state, "share added", &terms.brand).await;
    state.show_changes().await;
    Ok(see(format!("{HOME}?done=added#links")).into_response())
}

/// The form of a link as it is.
pub async fn open(by: SignedIn, state: State, Path(id): Path<String>) -> Result<Response, Error> {
    let share = find(&by, &state, &id).await?;
    let creator = by.session.owner.creator_id;
    let blocks = state.store.blocks(creator).await?;
    let mut form = filled(&share.terms, &blocks, &zone_of(&state, creator).await?, by.lang);
    form.set("version", share.version.to_string());
    page::page(&SharePage::new(&by, &state, form, Some(&share)).await?, by.lang)
}

/// Saves a link that is still what the form was opened with.
pub async fn save(state: State, Path(id): Path<String>, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    let share = find(&by, &state, &id).await?;
    let (terms, password) = match read(&by, &state, &mut form).await? {
        Read::Terms(terms, password) => (terms, password),
        Read::Arranged => {
            return page::page(&SharePage::new(&by, &state, form, Some(&share)).await?.unsaved(), by.lang);
        }
        Read::Wrong => {
            return page::refused(&SharePage::new(&by, &state, form, Some(&share)).await?.unsaved(), by.lang);
        }
    };
    let version = form.value("version").parse().map_err(|_| Error::BadRequest)?;
    let creator = by.session.owner.creator_id;
    if !state.store.update_share(creator, share.id, version, &terms, &hashed(&state, password).await?).await? {
        let share = find(&by, &state, &id).await?;
        form.set("version", share.version.to_string());
        let (share, why) = if share.revoked_at.is_some() { (None, ENDED) } else { (Some(&share), CHANGED) };
        let mut page = SharePage::new(&by, &state, form, share).await?.unsaved();
        page.alert = Some(why.get(by.lang));
        return page::with_status(StatusCode::CONFLICT, &page, by.lang);
    }
    by.note(&state, "share changed", &terms.brand).await;
    state.show_changes().await;
    Ok(see(format!("{HOME}?done=saved#links")).into_response())
}

/// What became of a form.
enum Read {
    /// It can be saved, with the password that was typed.
    Terms(Terms, Typing),
    /// A button asked for another arrangement of its packages.
    Arranged,
    /// Something is wrong, said beside its field.
    Wrong,
}

/// What was typed where the password stands.
enum Typing {
    Nothing,
    Password(SecretString),
    Remove,
}

async fn hashed(state: &State, typing: Typing) -> Result<Password, Error> {
    Ok(match typing {
        Typing::Nothing => Password::Keep,
        Typing::Remove => Password::Remove,
        Typing::Password(password) => Password::Set(state.sign_in.hash_of(password).await?),
    })
}

async fn read(by: &SignedIn, state: &State, form: &mut Form) -> Result<Read, Error> {
    let creator = by.session.owner.creator_id;
    if Kind::Rates.shape().rows.is_some_and(|of| rows::arranged(form, of)) {
        form.set("own-rates", "yes");
        return Ok(Read::Arranged);
    }
    let rates = if form.has("own-rates", "yes") {
        match typed::read(form, Kind::Rates) {
            Typed::Body(Body::Rates(rates)) => Some(Some(rates)),
            _ => None,
        }
    } else {
        Some(None)
    };
    let brand = brand(form.value("brand"));
    let brand = form.take("brand", brand);
    let contact = Some(form.value("contact").trim()).filter(|typed| !typed.is_empty()).map(door::email).transpose();
    let contact = form.take("contact", contact);
    let end = end(form.value("ends"), &zone_of(state, creator).await?, state.clock.now());
    let end = form.take("ends", end);
    let password = password(form);
    let password = form.take("password", password);
    let blocks = state.store.blocks(creator).await?.iter().map(|block| block.id).collect::<Vec<_>>();
    let blocks = blocks.into_iter().filter(|id| form.has(&tick(*id), "yes")).collect();
    // What was typed is not sent back, so that it stays with whoever typed it.
    *form = form.clone().without(&["password"]);
    let (Some(brand), Some(contact), Some(expires_at), Some(password), Some(rates)) =
        (brand, contact, end, password, rates)
    else {
        return Ok(Read::Wrong);
    };
    Ok(Read::Terms(Terms { brand, contact, expires_at, blocks, rates }, password))
}

/// The name of a block's tick.
fn tick(id: i64) -> String {
    format!("block-{id}")
}

fn brand(typed: &str) -> Result<String, Text> {
    let typed = typed.trim();
    match typed.chars().count() {
        0 => Err(Text::new("Schreib hinein, für wen der Link ist.", "Write whom the link is for.")),
        1..=MOST_BRAND => Ok(typed.to_owned()),
        _ => Err(Text::new("Der Name ist länger als 100 Zeichen.", "The name is longer than 100 characters.")),
    }
}

fn password(form: &Form) -> Result<Typing, Text> {
    let typed = form.value("password");
    if form.has("forget-password", "yes") {
        return Ok(Typing::Remove);
    }
    if typed.is_empty() {
        return Ok(Typing::Nothing);
    }
    if !PASSWORD.contains(&typed.chars().count()) {
        return Err(Text::new(
            "Nimm ein Passwort aus 6 bis 200 Zeichen, oder lass das Feld leer.",
            "Take a password of 6 to 200 characters, or leave the field empty.",
        ));
    }
    Ok(Typing::Password(SecretString::from(typed)))
}

/// The end of the day that was typed, by the creator's clocks.
fn end(typed: &str, zone: &Zone, now: Timestamp) -> Result<Option<Timestamp>, Text> {
    const UNREADABLE: Text = Text::new(
        "Dieser Tag ist nicht lesbar. Schreib ihn so: 2026-12-24",
        "This day can't be read. Write it like this: 2026-12-24",
    );
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let day: Date = typed.parse().map_err(|_| UNREADABLE)?;
    let next = day.tomorrow().and_then(|day| day.to_zoned(zone.clocks.clone())).map_err(|_| UNREADABLE)?.timestamp();
    if next <= now {
        return Err(Text::new("Dieser Tag ist schon vorbei.", "This day is over already."));
    }
    Ok(Some(next))
}

fn filled(terms: &Terms, blocks: &[Block], zone: &Zone, lang: Lang) -> Form {
    let kit_rates = blocks.iter().find_map(|block| match &block.body {
        Body::Rates(rates) => Some(rates.clone()),
        _ => None,
    });
    let rates = terms.rates.clone().or(kit_rates).unwrap_or_default();
    let mut form = typed::filled(&Body::Rates(rates), lang);
    form.set("own-rates", if terms.rates.is_some() { "yes" } else { "" });
    form.set("brand", &*terms.brand);
    form.set("contact", terms.contact.as_deref().unwrap_or_default());
    let end = terms.expires_at.map(|end| last_day(end, &zone.clocks).to_string());
    form.set("ends", end.unwrap_or_default());
    for id in &terms.blocks {
        form.set(&tick(*id), "yes");
    }
    form
}
