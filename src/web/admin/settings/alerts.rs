//! Where alerts go: webhook, ntfy and e-mail. What is secret of it is sealed and never shown again; an empty field
//! keeps it.

use askama::Template;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};

use super::alerts_form::{self, SECRETS, TOPIC};
use super::{Fixed, TAB, or_changed, shown};
use crate::config::Config;
use crate::domain::text::{Lang, Text};
use crate::web::admin::form::Form;
use crate::web::admin::page::{self, Shell, see};
use crate::web::admin::session::{Posted, SignedIn};
use crate::web::error::Error;
use crate::web::state::State;

pub(super) const NAME: Text = Text::new("Warnungen", "Alerts");
const SAVED: Text = Text::new(
    "Gespeichert. Es gilt ab sofort. Schick dir am besten gleich eine Probe.",
    "Saved. It holds from now on. Best send yourself a test right away.",
);

#[derive(Template)]
#[template(path = "admin/settings/alerts.html", whitespace = "minimize")]
struct AlertsPage {
    shell: Shell,
    form: Form,
    given: Given,
    /// What became of a test, by the channel's name in words.
    tried: Option<Vec<(&'static str, Option<String>)>>,
    /// What somebody else saved since the form was opened.
    theirs: Option<Vec<(&'static str, String)>>,
}

/// What the operator decided, and what is set of that which is not shown.
struct Given {
    webhook: Option<Fixed>,
    webhook_key: Option<Fixed>,
    ntfy: Option<Fixed>,
    ntfy_token: Option<Fixed>,
    email: Option<Fixed>,
    from: Option<Fixed>,
    smtp: Option<Fixed>,
    lang: Option<Fixed>,
    /// The host of a webhook that was chosen here.
    own_webhook: Option<String>,
    own_webhook_key: bool,
    /// The host of a topic that was chosen here.
    own_ntfy: Option<String>,
    own_ntfy_token: bool,
    own_password: bool,
}

impl Given {
    fn of(config: &Config, l: Lang) -> Self {
        let fixed = |name| Fixed::of(config, name, l);
        let own = |name| shown(config, name).filter(|_| !config.is_operators(name));
        let password = config.alerts.smtp.as_ref().is_some_and(|smtp| smtp.expose().password().is_some());
        Self {
            webhook: fixed("alert_webhook"),
            webhook_key: fixed("alert_webhook_secret"),
            ntfy: fixed("alert_ntfy"),
            ntfy_token: fixed("alert_ntfy_token"),
            email: fixed("alert_email"),
            from: fixed("alert_from"),
            smtp: fixed("smtp_url"),
            lang: fixed("alert_lang"),
            own_webhook: own("alert_webhook"),
            own_webhook_key: own("alert_webhook_secret").is_some(),
            own_ntfy: own("alert_ntfy"),
            own_ntfy_token: own("alert_ntfy_token").is_some(),
            own_password: password && !config.is_operators("smtp_url"),
        }
    }
}

impl AlertsPage {
    fn new(by: &SignedIn, state: &State, form: Form) -> Self {
        let given = Given::of(&state.settings.config(), by.lang);
        let shell = Shell::new(by, state, TAB, None);
        Self { shell, form: form.without(&SECRETS), given, tried: None, theirs: None }
    }

    /// Whether a test can be sent.
    fn has_any(&self) -> bool {
        let given = &self.given;
        [&given.webhook, &given.ntfy, &given.email].into_iter().any(Option::is_some)
            || given.own_webhook.is_some()
            || given.own_ntfy.is_some()
            || !self.form.value("email").is_empty()
    }
}

/// Which ways are set up, for the overview.
pub(super) fn state(config: &Config, l: Lang) -> String {
    let set = &config.alerts;
    let ways = [("Webhook", set.webhook.is_some()), ("ntfy", set.ntfy.is_some()), (MAIL.get(l), set.email.is_some())];
    let ways: Vec<&str> = ways.into_iter().filter(|(_, on)| *on).map(|(name, _)| name).collect();
    if ways.is_empty() { l.pick("kein Weg eingerichtet", "no channel set up").to_owned() } else { ways.join(", ") }
}

const MAIL: Text = Text::new("E-Mail", "e-mail");

/// The ways as they are.
pub(super) async fn show(by: SignedIn, state: State, uri: Uri) -> Result<Response, Error> {
    let form = filled(&state).await?;
    let mut page = AlertsPage::new(&by, &state, form);
    page.shell = page.shell.done(&uri, &[("saved", SAVED)]);
    page::page(&page, by.lang)
}

/// Saves the ways; alerts take them at once.
pub(super) async fn save(state: State, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    let choices = alerts_form::read(&mut form, &state.settings.config());
    if !form.is_good() {
        return page::refused(&AlertsPage::new(&by, &state, form), by.lang);
    }
    let version = form.value("version").parse().unwrap_or(-1);
    match state.settings.save(TOPIC, version, &choices, &by.session.owner.name).await.map_err(or_changed) {
        Ok(()) => Ok(see("/admin/settings/alerts?done=saved").into_response()),
        Err(Error::ChangedMeanwhile) => {
            form.set("version", state.settings.version(TOPIC).await?.to_string());
            let mut page = AlertsPage::new(&by, &state, form);
            page.theirs = Some(Vec::new());
            page::with_status(StatusCode::CONFLICT, &page, by.lang)
        }
        Err(error) => Err(error),
    }
}

/// Sends a real message by every way that is saved and says what came back.
pub(super) async fn test(state: State, Posted { by, .. }: Posted) -> Result<Response, Error> {
    let tried = state.settings.try_alerts(&state.public_url).await;
    by.note(&state, "alerts tested", "").await;
    let name = |channel| match channel {
        "webhook" => "Webhook",
        "email" => by.lang.pick("E-Mail", "E-mail"),
        channel => channel,
    };
    let mut page = AlertsPage::new(&by, &state, filled(&state).await?);
    page.tried = Some(tried.iter().map(|tried| (name(tried.channel), tried.sentence(by.lang))).collect());
    page::page(&page, by.lang)
}

async fn filled(state: &State) -> Result<Form, Error> {
    let mut form = alerts_form::filled(&state.settings.config());
    form.set("version", state.settings.version(TOPIC).await?.to_string());
    Ok(form)
}
