//! When the numbers are fetched by themselves.

use askama::Template;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use secrecy::SecretString;

use super::{Fixed, TAB, or_changed};
use crate::config::{Kind as _, RefreshAt};
use crate::domain::text::Text;
use crate::store::Choice;
use crate::web::admin::form::Form;
use crate::web::admin::page::{self, Shell, see};
use crate::web::admin::session::{Posted, SignedIn};
use crate::web::error::Error;
use crate::web::state::State;

pub(super) const NAME: Text = Text::new("Aktualisierung", "Refresh");
const TOPIC: &str = "refresh";
const SETTING: &str = "refresh_at";
const SAVED: Text = Text::new("Gespeichert. Es gilt ab sofort.", "Saved. It holds from now on.");
/// What the field shows while the refresh is off.
const USUAL: &str = "03:00";

#[derive(Template)]
#[template(path = "admin/settings/refresh.html", whitespace = "minimize")]
struct RefreshPage {
    shell: Shell,
    form: Form,
    fixed: Option<Fixed>,
    /// What somebody else saved since the form was opened.
    theirs: Option<Vec<(&'static str, String)>>,
}

impl RefreshPage {
    fn new(by: &SignedIn, state: &State, form: Form) -> Self {
        let shell = Shell::new(by, state, TAB, Some("settings"));
        let fixed = Fixed::of(&state.settings.config(), SETTING, by.lang);
        Self { shell, form, fixed, theirs: None }
    }
}

/// The time as it is.
pub(super) async fn show(by: SignedIn, state: State, uri: Uri) -> Result<Response, Error> {
    let mut form = Form::default();
    form.set("version", state.settings.version(TOPIC).await?.to_string());
    match state.settings.config().refresh_at {
        RefreshAt::Off => form.set("at", USUAL),
        RefreshAt::Daily(at) => {
            form.set("on", "yes");
            form.set("at", at.strftime("%H:%M").to_string());
        }
    }
    let mut page = RefreshPage::new(&by, &state, form);
    page.shell = page.shell.done(&uri, &[("saved", SAVED)]);
    page::page(&page, by.lang)
}

/// Saves the time; the schedule follows at once.
pub(super) async fn save(state: State, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    let text = if form.has("on", "yes") { form.value("at").trim().to_owned() } else { "off".to_owned() };
    let good = form.take("at", RefreshAt::parse(&text).map_err(|_| WRONG)).is_some();
    if !good {
        return page::refused(&RefreshPage::new(&by, &state, form), by.lang);
    }
    let choice = Choice { name: SETTING, value: Some(SecretString::from(text)), sealed: false };
    let version = form.value("version").parse().unwrap_or(-1);
    match state.settings.save(TOPIC, version, &[choice], &by.session.owner.name).await.map_err(or_changed) {
        Ok(()) => Ok(see("/admin/settings/refresh?done=saved").into_response()),
        Err(Error::ChangedMeanwhile) => {
            form.set("version", state.settings.version(TOPIC).await?.to_string());
            let mut page = RefreshPage::new(&by, &state, form);
            page.theirs =
                Some(vec![(by.lang.pick("Es gilt", "It holds"), super::daily(&state.settings.config(), by.lang))]);
            page::with_status(StatusCode::CONFLICT, &page, by.lang)
        }
        Err(error) => Err(error),
    }
}

const WRONG: Text = Text::new("Gib eine Uhrzeit wie 03:00 ein.", "Enter a time of day such as 03:00.");
