//! The design tab: theme, accent, typeface and layout, each seen on the real page before it is saved.

use askama::Template;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value as Json, json};

use super::form::Form;
use super::page::{self, Shell, see};
use super::session::{Posted, SignedIn};
use crate::domain::audit;
use crate::domain::design::{Accent, Choice, Colour, FONTS, LAYOUTS, THEMES};
use crate::domain::profile::Creator;
use crate::domain::text::Text;
use crate::web::api::profile_changes;
use crate::web::error::Error;
use crate::web::state::State;

const TAB: &str = "/admin/design";
const SAVED: Text =
    Text::new("Gespeichert. Die Seiten sehen schon so aus.", "Saved. The pages look like this already.");
const FIELDS: [&str; 4] = ["theme", "accent", "font", "layout"];
/// The accent a colour field starts with when none is picked: the paper theme's own.
const FIRST_ACCENT: &str = "#2b459c";

#[derive(Template)]
#[template(path = "admin/design.html", whitespace = "minimize")]
struct DesignPage {
    shell: Shell,
    form: Form,
    themes: &'static [Choice],
    fonts: &'static [Choice],
    layouts: &'static [Choice],
    /// What becomes of the accent on light and dark pages, when it had to move to be readable.
    moved: Option<Moved>,
    preview: String,
    theirs: Option<Vec<(&'static str, String)>>,
}

/// An accent that is shown in other shades than it was picked in.
struct Moved {
    light: Option<String>,
    dark: Option<String>,
}

impl Moved {
    fn of(picked: &str) -> Option<Self> {
        let picked = Colour::read(picked)?;
        let Accent { light, dark } = Accent::of(picked);
        let other = |shown: Colour| (shown != picked).then(|| shown.hex());
        let moved = Self { light: other(light), dark: other(dark) };
        (moved.light.is_some() || moved.dark.is_some()).then_some(moved)
    }
}

impl DesignPage {
    fn new(by: &SignedIn, state: &State, form: Form) -> Self {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(FIELDS.iter().chain(&["own-accent"]).map(|field| (field, form.value(field))));
        Self {
            shell: Shell::new(by, state, TAB, Some("design")),
            moved: form.has("own-accent", "yes").then(|| Moved::of(form.value("accent"))).flatten(),
            preview: format!("{TAB}/preview?{}", query.finish()),
            form,
            themes: THEMES,
            fonts: FONTS,
            layouts: LAYOUTS,
            theirs: None,
        }
    }
}

/// The design as it is.
pub async fn show(by: SignedIn, state: State, uri: Uri) -> Result<Response, Error> {
    let mut page = DesignPage::new(&by, &state, filled(&state.store.creator().await?));
    page.shell = page.shell.done(&uri, &[("saved", SAVED)]);
    page::page(&page, by.lang)
}

/// Saves the design.
pub async fn save(state: State, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    let version = form.value("version").to_owned();
    let saved = state.store.change_profile(|creator| {
        let mut changed = creator.clone();
        apply(&mut form, &mut changed)?;
        if version != creator.version.to_string() {
            return Err(Error::ChangedMeanwhile);
        }
        *creator = changed;
        Ok(Vec::new())
    });
    match saved.await {
        Ok(_) => {
            by.note(&state, audit::DESIGN_CHANGED.name, "").await;
            state.show_changes().await;
            Ok(see(format!("{TAB}?done=saved")).into_response())
        }
        Err(Error::Invalid(..)) => page::refused(&DesignPage::new(&by, &state, form), by.lang),
        Err(Error::ChangedMeanwhile) => {
            form.set("version", state.store.creator().await?.version.to_string());
            let mut page = DesignPage::new(&by, &state, form);
            page.theirs = Some(Vec::new());
            page::with_status(StatusCode::CONFLICT, &page, by.lang)
        }
        Err(error) => Err(error),
    }
}

/// The media kit in a design that is not saved; what cannot be is left as it is.
pub async fn preview(by: SignedIn, state: State, uri: Uri) -> Result<Response, Error> {
    let mut form = Form::read(uri.query().unwrap_or_default().as_bytes());
    let html = state.faces.draft(by.lang, |input| {
        let mut changed = input.creator.clone();
        if apply(&mut form, &mut changed).is_ok() {
            input.creator = changed;
        }
    });
    page::framed(html.await)
}

fn filled(creator: &Creator) -> Form {
    let mut form = Form::default();
    form.set("version", creator.version.to_string());
    form.set("accent", creator.accent.as_deref().unwrap_or(FIRST_ACCENT));
    form.set("own-accent", if creator.accent.is_some() { "yes" } else { "" });
    for (field, value) in [("theme", &creator.theme), ("font", &creator.font), ("layout", &creator.layout)] {
        form.set(field, value.as_str());
    }
    form
}

/// Puts what was chosen into `creator`; what cannot be is refused beside its field.
fn apply(form: &mut Form, creator: &mut Creator) -> Result<(), Error> {
    let mut wrong = None;
    for field in FIELDS {
        let own = field != "accent" || form.has("own-accent", "yes");
        let value = if own { json!(form.text(field)) } else { Json::Null };
        let one = Map::from_iter([(field.to_owned(), value)]);
        if let Err(error) = profile_changes::read(one, creator, &[]) {
            if let Error::Invalid(_, why) = &error {
                form.refuse(field, *why);
            }
            wrong = Some(error);
        }
    }
    wrong.map_or(Ok(()), Err)
}
