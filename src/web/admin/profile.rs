//! The profile tab: who the kit is about, and their handles: the one source of what is fetched.

use askama::Template;
use axum::Json as JsonAnswer;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use serde_json::{Map, Value as Json, json};

use super::form::Form;
use super::page::{self, Shell, see};
use super::session::{Posted, SignedIn};
use crate::domain::account::Account;
use crate::domain::audit;
use crate::domain::metric::{Precision, Value};
use crate::domain::number::short_in;
use crate::domain::picture::{Picture, PictureError};
use crate::domain::platform::About;
use crate::domain::profile::Creator;
use crate::domain::reading::Reported;
use crate::domain::text::{Lang, Text};
use crate::refresh::Looked;
use crate::store::{PictureOrigin, UPLOADED};
use crate::web::api::profile_changes;
use crate::web::error::Error;
use crate::web::public::media_kit::picture_address;
use crate::web::state::State;

/// The largest form with a picture, in bytes: larger pictures than are taken still get their sentence.
pub const MOST: usize = 8 * 1024 * 1024;

const TAB: &str = "/admin/profile";
const SAVED: Text = Text::new("Gespeichert. Die Seite zeigt es schon.", "Saved. The page shows it already.");
const TOO_LARGE: Text = Text::new(
    "Das Bild ist zu groß. Nimm eines bis 5 MB und 24 Megapixel.",
    "The picture is too large. Take one of up to 5 MB and 24 megapixels.",
);
const UNREADABLE: Text = Text::new(
    "Diese Datei ist kein Bild, das sich lesen lässt. Nimm PNG, JPEG, WebP oder GIF.",
    "This file is no picture that can be read. Take PNG, JPEG, WebP or GIF.",
);
const COSTS: Text = Text::new(
    "Wird erst beim Aktualisieren geprüft, denn jede Anfrage kostet hier Geld.",
    "Checked at the next refresh only, for every request costs money here.",
);
const FOUND: Text = Text::new("Gefunden", "Found");
const FOLLOWERS: Text = Text::new("Follower", "followers");
const FIELDS: [(&str, Text); 5] = [
    ("name", Text::new("Name", "Name")),
    ("bio", Text::new("Kurz über dich", "About you in short")),
    ("location", Text::new("Ort", "Location")),
    ("contact", Text::new("Kontakt für Marken", "Contact for brands")),
    ("lang", Text::new("Sprache der Seiten", "Language of the pages")),
];
const LANGS: [(&str, Text); 3] = [
    ("", Text::new("Deutsch (Voreinstellung)", "German (default)")),
    ("de", Text::new("Deutsch", "German")),
    ("en", Text::new("Englisch", "English")),
];

/// The picture as a page of the panel shows it.
pub struct Shown {
    /// Its address.
    pub src: String,
    /// Whether the creator uploaded it.
    pub is_own: bool,
}

#[derive(Template)]
#[template(path = "admin/profile.html", whitespace = "minimize")]
struct ProfilePage {
    shell: Shell,
    form: Form,
    platforms: Vec<&'static About>,
    picture: Shown,
    langs: &'static [(&'static str, Text)],
    theirs: Option<Vec<(&'static str, String)>>,
}

impl ProfilePage {
    async fn new(by: &SignedIn, state: &State, form: Form) -> Result<Self, Error> {
        Ok(Self {
            shell: Shell::new(by, state, TAB, Some("profile")),
            form,
            platforms: state.platforms.clone(),
            picture: shown(by, state).await?,
            langs: &LANGS,
            theirs: None,
        })
    }
}

/// The field of a platform's handle.
pub fn field(platform: &str) -> String {
    format!("handle-{platform}")
}

/// The picture there is now, or the empty plate.
pub async fn shown(by: &SignedIn, state: &State) -> Result<Shown, Error> {
    let origin = state.store.picture_origin(by.session.owner.creator_id).await?;
    let src = state.faces.kit().picture.as_ref().map_or_else(|| "/favicon.svg".to_owned(), picture_address);
    Ok(Shown { src, is_own: origin.is_some_and(|origin| origin.source == UPLOADED) })
}

/// The profile as it is.
pub async fn show(by: SignedIn, state: State, uri: Uri) -> Result<Response, Error> {
    let mut page = ProfilePage::new(&by, &state, current(&state).await?).await?;
    page.shell = page.shell.done(&uri, &[("saved", SAVED)]);
    page::page(&page, by.lang)
}

/// Saves the profile, its picture and its handles. A good picture is kept although another field is wrong, for a
/// browser can't choose a file again by itself.
pub async fn save(state: State, Posted { by, mut form }: Posted<MOST>) -> Result<Response, Error> {
    take_picture(&by, &state, &mut form).await?;
    match change(&state, &mut form, &FIELDS.map(|(field, _)| field), &state.platforms).await {
        Ok(true) => {
            by.note(&state, audit::PROFILE_CHANGED.name, "").await;
            state.show_changes().await;
            Ok(see(format!("{TAB}?done=saved")).into_response())
        }
        Ok(false) => page::refused(&ProfilePage::new(&by, &state, form).await?, by.lang),
        Err(Error::ChangedMeanwhile) => {
            let now = current(&state).await?;
            let theirs = differences(&form, &now, &state, by.lang);
            form.set("version", now.value("version"));
            let mut page = ProfilePage::new(&by, &state, form).await?;
            page.theirs = Some(theirs);
            page::with_status(StatusCode::CONFLICT, &page, by.lang)
        }
        Err(error) => Err(error),
    }
}

/// Keeps the language of the panel for this owner.
pub async fn choose_language(state: State, Posted { by, form }: Posted) -> Result<Response, Error> {
    if let Some(lang) = Lang::from_tag(form.value("lang")) {
        state.store.update_owner_lang(by.session.owner.id, lang).await?;
        by.note(&state, audit::LANGUAGE_CHANGED.name, lang.tag()).await;
    }
    Ok(see("/admin").into_response())
}

/// Looks at a handle as it is typed: asks its platform, keeps nothing.
pub async fn look(state: State, Posted { by, form }: Posted) -> Result<JsonAnswer<Json>, Error> {
    let _turn = state.looks.acquire().await.map_err(|_| Error::Internal)?;
    let about = state.platform(form.value("platform")).ok_or(Error::NotFound)?;
    let handle = match (about.normalise)(form.value("handle")) {
        Ok(handle) => handle,
        Err(why) => return Ok(JsonAnswer(json!({ "good": false, "words": why.get(by.lang) }))),
    };
    let creator = by.session.owner.creator_id;
    let looked = state.refresher.look(creator, about.id, &handle).await?.ok_or(Error::NotFound)?;
    let good = matches!(looked, Looked::Found(..));
    Ok(JsonAnswer(json!({ "good": good, "words": told(about, looked, by.lang) })))
}

fn told(about: &About, looked: Looked, lang: Lang) -> String {
    match looked {
        Looked::Failed(failure) => failure.kind.sentence(about.name, lang),
        Looked::Costs => COSTS.get(lang).to_owned(),
        Looked::Found(name, audience) => {
            let found = FOUND.get(lang);
            let name = name.filter(|name| !name.trim().is_empty());
            let parts: Vec<String> = name.into_iter().chain(audience.and_then(|n| count(about, &n, lang))).collect();
            if parts.is_empty() { found.to_owned() } else { format!("{found}: {}", parts.join(", ")) }
        }
    }
}

fn count(about: &About, reported: &Reported, lang: Lang) -> Option<String> {
    let Value::Count(count) = reported.value else { return None };
    let about_it = if reported.precision == Precision::Exact { "" } else { "≈ " };
    let label = about.metric(about.audience).map_or(FOLLOWERS, |metric| metric.label).get(lang);
    let label = if lang == Lang::En { label.to_lowercase() } else { label.to_owned() };
    Some(format!("{about_it}{} {label}", short_in(count, lang)))
}

/// Keeps or removes the picture the form brings; one that cannot be read is refused beside its field.
pub async fn take_picture(by: &SignedIn, state: &State, form: &mut Form) -> Result<(), Error> {
    let creator = by.session.owner.creator_id;
    if let Some(file) = form.file("picture").cloned() {
        if let Some(picture) = form.take("picture", read_picture(file).await) {
            let origin = PictureOrigin { source: UPLOADED.to_owned(), fetched_at: state.clock.now() };
            state.store.save_picture(creator, &origin, &picture).await?;
            state.show_changes().await;
        }
    } else if form.has("no-picture", "yes") {
        state.store.delete_picture(creator).await?;
    }
    Ok(())
}

/// Decoding takes a while: not on the thread that answers requests.
async fn read_picture(file: Bytes) -> Result<Picture, Text> {
    let made = tokio::task::spawn_blocking(move || Picture::from_file(&file)).await;
    made.unwrap_or(Err(PictureError::Unreadable)).map_err(|error| match error {
        PictureError::TooLarge => TOO_LARGE,
        PictureError::Unreadable => UNREADABLE,
    })
}

/// The profile as a form.
pub async fn current(state: &State) -> Result<Form, Error> {
    let creator = state.store.creator().await?;
    let accounts = state.store.accounts(creator.id).await?;
    Ok(filled(&creator, &accounts))
}

fn filled(creator: &Creator, accounts: &[Account]) -> Form {
    let mut form = Form::default();
    form.set("version", creator.version.to_string());
    form.set("name", creator.name.as_str());
    form.set("lang", creator.lang.map_or("", Lang::tag));
    for (field, value) in [("bio", &creator.bio), ("location", &creator.location), ("contact", &creator.contact)] {
        form.set(field, value.as_deref().unwrap_or_default());
    }
    for account in accounts {
        form.set(&field(&account.platform), account.handle.as_str());
    }
    form
}

/// Saves these fields and the handles on these platforms, all of it or nothing; false when something is wrong, said beside
/// its field. Both doors, this one and the API, have one set of rules.
pub async fn change(
    state: &State,
    form: &mut Form,
    fields: &[&'static str],
    handles_of: &[&'static About],
) -> Result<bool, Error> {
    let changes = changes(form, fields, handles_of);
    let version = form.value("version").to_owned();
    let saved = state.store.change_profile(|creator| {
        for (field, one) in &changes {
            match profile_changes::read(one.clone(), &mut creator.clone(), &state.platforms) {
                Err(Error::Invalid(_, why)) => form.refuse(field, why),
                read => drop(read?),
            }
        }
        if !form.is_good() {
            return Err(Error::BadRequest);
        }
        if version != creator.version.to_string() {
            return Err(Error::ChangedMeanwhile);
        }
        let mut handles = Vec::new();
        for (_, one) in changes {
            handles.extend(profile_changes::read(one, creator, &state.platforms)?);
        }
        Ok(handles)
    });
    match saved.await {
        Ok(_) => Ok(true),
        Err(Error::BadRequest) if !form.is_good() => Ok(false),
        Err(error) => Err(error),
    }
}

/// What the form says, as the API takes it, field by field.
fn changes(form: &Form, fields: &[&'static str], platforms: &[&'static About]) -> Vec<(String, Map<String, Json>)> {
    let one = |name: &str, value: Json| Map::from_iter([(name.to_owned(), value)]);
    let fields = fields.iter().map(|field| ((*field).to_owned(), one(field, json!(form.text(field)))));
    let handles = platforms.iter().map(|about| {
        let name = field(about.id);
        let handle = one(about.id, json!(form.text(&name)));
        (name, one("handles", Json::Object(handle)))
    });
    fields.chain(handles).collect()
}

/// What is stored now where it is not what was typed.
fn differences(typed: &Form, now: &Form, state: &State, lang: Lang) -> Vec<(&'static str, String)> {
    let fields = FIELDS.iter().map(|(field, label)| ((*field).to_owned(), label.get(lang)));
    let handles = state.platforms.iter().map(|about| (field(about.id), about.name));
    let differs = |field: &str| typed.text(field) != now.text(field);
    let there = fields.chain(handles).filter(|(field, _)| differs(field));
    there.map(|(field, label)| (label, now.value(&field).to_owned())).collect()
}
