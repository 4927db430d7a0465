//! Who sees the media kit: everybody, those who ask, or those with a link; the links, each for a brand, and the requests
//! for one. What a link shows is written on a page of its own (`form.rs`).

mod form;

use askama::Template;
use axum::extract::Path;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::form::Form;
use super::kit;
use super::links::local::zone_of;
use super::page::{self, Shell, see};
use super::session::{Posted, SignedIn};
use crate::domain::number::exact_in;
use crate::domain::share::{Access, Opened, Request, Share};
use crate::domain::text::{Lang, Text};
use crate::web::error::Error;
use crate::web::public::share::SHARES;
use crate::web::public::when;
use crate::web::route::{Door, Route};
use crate::web::state::State;

const HOME: &str = "/admin/mediakit/shares";

/// What was just done, by the address's `?done=`.
const DONE: [(&str, Text); 7] = [
    ("access", Text::new("Gespeichert. Das gilt ab sofort.", "Saved. This holds from now on.")),
    (
        "added",
        Text::new(
            "Der Link ist fertig. Kopier ihn und schick ihn der Marke.",
            "The link is ready. Copy it and send it to the brand.",
        ),
    ),
    ("saved", Text::new("Gespeichert. Der Link zeigt es schon.", "Saved. The link shows it already.")),
    ("revoked", Text::new("Widerrufen. Der Link öffnet nichts mehr.", "Revoked. The link opens nothing any more.")),
    ("deleted", Text::new("Gelöscht.", "Deleted.")),
    ("declined", Text::new("Abgelehnt und gelöscht.", "Declined and deleted.")),
    ("answered", Text::new("Diese Anfrage ist schon beantwortet.", "This request is answered already.")),
];

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    let at = |path: &str| Route::at(format!("{HOME}{path}"));
    vec![
        at("").get(Door::Owner, show).post(Door::Owner, save_access),
        at("/new").get(Door::Owner, form::blank).post(Door::Owner, form::create),
        at("/{id}").get(Door::Owner, form::open).post(Door::Owner, form::save),
        at("/{id}/revoke").get(Door::Owner, ask_revoke).post(Door::Owner, revoke),
        at("/{id}/delete").post(Door::Owner, delete),
        Route::at("/admin/mediakit/requests/{id}/decline").post(Door::Owner, decline),
    ]
}

#[derive(Template)]
#[template(path = "admin/shares/list.html", whitespace = "minimize")]
struct ListPage {
    shell: Shell,
    form: Form,
    rows: Vec<Row>,
    ended: Vec<Row>,
    requests: Vec<Asked>,
    theirs: Option<Vec<(&'static str, String)>>,
}

/// A link as the list shows it.
struct Row {
    id: i64,
    brand: String,
    /// The whole address.
    url: String,
    /// A letter with the address in it, when it is known where to.
    letter: Option<String>,
    /// Whether it was revoked; else it may be extended.
    revoked: bool,
    /// "Passwort · bis 24. Dez. 2026 · eigene Preise"
    terms: String,
    opened: String,
}

/// A request as the list shows it.
struct Asked {
    request: Request,
    when: String,
}

#[derive(Template)]
#[template(path = "admin/shares/revoke.html", whitespace = "minimize")]
struct RevokePage {
    shell: Shell,
    share: Share,
}

/// Who sees the kit, the links and the requests.
pub async fn show(by: SignedIn, state: State, uri: Uri) -> Result<Response, Error> {
    let creator = state.store.creator().await?;
    let mut page = listed(&by, &state, filled(creator.access, creator.version)).await?;
    page.shell = page.shell.done(&uri, &DONE);
    page::page(&page, by.lang)
}

/// Chooses who sees the kit.
pub async fn save_access(state: State, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    let access = Access::from_name(form.value("access")).ok_or(Error::BadRequest)?;
    let saved = state.store.change_profile(|creator| {
        if form.value("version") != creator.version.to_string() {
            return Err(Error::ChangedMeanwhile);
        }
        creator.access = access;
        Ok(Vec::new())
    });
    match saved.await {
        Ok(_) => {}
        Err(Error::ChangedMeanwhile) => {
            let creator = state.store.creator().await?;
            form.set("version", creator.version.to_string());
            let mut page = listed(&by, &state, form).await?;
            let title = creator.access.title().get(by.lang).to_owned();
            page.theirs = Some(vec![(by.lang.pick("Zu sehen für", "Seen by"), title)]);
            return page::with_status(StatusCode::CONFLICT, &page, by.lang);
        }
        Err(error) => return Err(error),
    }
    by.note(&state, "access changed", access.name()).await;
    state.show_changes().await;
    Ok(see(format!("{HOME}?done=access")).into_response())
}

/// Asks whether a link may end.
pub async fn ask_revoke(by: SignedIn, state: State, Path(id): Path<String>) -> Result<Response, Error> {
    let share = find(&by, &state, &id).await?;
    page::page(&RevokePage { shell: Shell::new(&by, &state, kit::TAB, None), share }, by.lang)
}

/// Ends a link.
pub async fn revoke(state: State, Path(id): Path<String>, Posted { by, .. }: Posted) -> Result<Response, Error> {
    let share = find(&by, &state, &id).await?;
    if state.store.revoke_share(by.session.owner.creator_id, share.id, state.clock.now()).await? {
        by.note(&state, "share revoked", &share.terms.brand).await;
        state.show_changes().await;
    }
    Ok(see(format!("{HOME}?done=revoked")).into_response())
}

/// Deletes a link that was revoked.
pub async fn delete(state: State, Path(id): Path<String>, Posted { by, .. }: Posted) -> Result<Response, Error> {
    let share = find(&by, &state, &id).await?;
    if !state.store.delete_share(by.session.owner.creator_id, share.id).await? {
        return Err(Error::ChangedMeanwhile);
    }
    by.note(&state, "share deleted", &share.terms.brand).await;
    state.show_changes().await;
    Ok(see(format!("{HOME}?done=deleted")).into_response())
}

/// Deletes a request.
pub async fn decline(state: State, Path(id): Path<String>, Posted { by, .. }: Posted) -> Result<Response, Error> {
    let id = id.parse().map_err(|_| Error::NotFound)?;
    let done = if state.store.delete_request(by.session.owner.creator_id, id).await? {
        by.note(&state, "request declined", "").await;
        "declined"
    } else {
        "answered"
    };
    Ok(see(format!("{HOME}?done={done}")).into_response())
}

/// Who sees the kit, how many links hold and whether somebody asks, in a sentence.
pub async fn in_a_sentence(state: &State, creator_id: i64, access: Access, l: Lang) -> Result<String, Error> {
    let now = state.clock.now();
    let open = state.store.shares(creator_id).await?.iter().filter(|share| share.holds(now)).count();
    let asking = state.store.requests(creator_id).await?.len();
    let mut words = match access {
        Access::Public => l.pick("Alle sehen dein Media-Kit.", "Everybody sees your media kit."),
        Access::Gated => l.pick("Dein Media-Kit gibt es auf Anfrage.", "Your media kit is available on request."),
        Access::Private => {
            l.pick("Dein Media-Kit sieht nur, wer einen Link hat.", "Only those with a link see your media kit.")
        }
    }
    .to_owned();
    let counts = [
        (open, l.pick("Ein Link gilt.", "One link holds."), l.pick("{} Links gelten.", "{} links hold.")),
        (
            asking,
            l.pick("Eine Anfrage wartet.", "One request waits."),
            l.pick("{} Anfragen warten.", "{} requests wait."),
        ),
    ];
    for (count, one, many) in counts {
        match count {
            0 => {}
            1 => words.extend([" ", one]),
            _ => words.extend([" ", &many.replace("{}", &count.to_string())]),
        }
    }
    Ok(words)
}

async fn find(by: &SignedIn, state: &State, id: &str) -> Result<Share, Error> {
    let id: i64 = id.parse().map_err(|_| Error::NotFound)?;
    let shares = state.store.shares(by.session.owner.creator_id).await?;
    shares.into_iter().find(|share| share.id == id).ok_or(Error::NotFound)
}

fn filled(access: Access, version: i64) -> Form {
    let mut form = Form::default();
    form.set("access", access.name());
    form.set("version", version.to_string());
    form
}

async fn listed(by: &SignedIn, state: &State, form: Form) -> Result<ListPage, Error> {
    let (creator, now) = (by.session.owner.creator_id, state.clock.now());
    state.visits.write().await;
    let opened = state.store.opened(creator).await?;
    let zone = zone_of(state, creator).await?.clocks;
    let row = |share: &Share| row(share, opened.get(&share.id).copied().unwrap_or_default(), state, &zone, by.lang);
    let (open, ended): (Vec<_>, Vec<_>) =
        state.store.shares(creator).await?.into_iter().partition(|share| share.holds(now));
    let asked =
        |request: Request| Asked { when: format!("{} UTC", when::near(request.asked_at, now, by.lang)), request };
    Ok(ListPage {
        shell: Shell::new(by, state, kit::TAB, None),
        form,
        rows: open.iter().map(row).collect(),
        ended: ended.iter().map(row).collect(),
        requests: state.store.requests(creator).await?.into_iter().map(asked).collect(),
        theirs: None,
    })
}

fn row(share: &Share, opened: Opened, state: &State, zone: &TimeZone, l: Lang) -> Row {
    let url = format!("{}{SHARES}{}", state.public_url, share.address);
    let terms = &share.terms;
    let parts = [
        share.revoked_at.map(|at| format!("{} {}", l.pick("widerrufen", "revoked"), when::full_in(at, zone, l))),
        terms.expires_at.map(|end| format!("{} {}", l.pick("bis", "until"), when::day(last_day(end, zone), l))),
        share.lock.as_ref().map(|_| l.pick("mit Passwort", "with a password").to_owned()),
        terms.rates.as_ref().map(|_| l.pick("eigene Preise", "own prices").to_owned()),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    Row {
        id: share.id,
        brand: terms.brand.clone(),
        revoked: share.revoked_at.is_some(),
        letter: terms.contact.as_deref().map(|to| letter(to, &url, l)),
        url,
        terms: if parts.is_empty() {
            l.pick("ohne Ende, ohne Passwort", "no end, no password").to_owned()
        } else {
            parts.join(" · ")
        },
        opened: told(opened, l),
    }
}

/// The day at whose end a link ends.
pub fn last_day(end: Timestamp, zone: &TimeZone) -> Date {
    (end - SignedDuration::from_secs(1)).to_zoned(zone.clone()).date()
}

/// "3-mal geöffnet, zuletzt am 24. Nov. 2026"
fn told(opened: Opened, l: Lang) -> String {
    let Some(last) = opened.last else { return l.pick("Noch nicht geöffnet", "Not opened yet").to_owned() };
    let times = match opened.times {
        1 => l.pick("Einmal geöffnet", "Opened once").to_owned(),
        times => l.pick("{}-mal geöffnet", "Opened {} times").replace("{}", &exact_in(times, l)),
    };
    format!("{times}, {} {}", l.pick("zuletzt am", "last on"), when::day(last, l))
}

/// What stays as it is in the address of a letter: `qchar` of RFC 6068, section 2. Everything else is encoded.
const LETTER: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b':')
    .remove(b'@');

/// A letter to begin with, for the owner's own mail program. Its lines end as RFC 6068, section 5, wants it.
fn letter(to: &str, url: &str, l: Lang) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, LETTER).to_string();
    let subject = l.pick("Mein Media-Kit", "My media kit");
    let body = l.pick(
        "Hallo,\r\n\r\nhier ist mein Media-Kit: {}\r\n\r\nViele Grüße\r\n",
        "Hello,\r\n\r\nhere is my media kit: {}\r\n\r\nBest regards\r\n",
    );
    // Between addresses stands a comma; in one it belongs to it.
    let to = encoded(to).replace(',', "%2C");
    format!("mailto:{to}?subject={}&body={}", encoded(subject), encoded(&body.replace("{}", url)))
}
