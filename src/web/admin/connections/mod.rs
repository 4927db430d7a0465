//! The connections tab: how every platform's credentials are, and what its owner can do about them. Connecting leaves
//! for the platform's page and comes back to [`came_back`]; everything else is a form.

mod page;
mod span;
mod told;
mod view;

use axum::extract::Path;
use axum::http::Uri;
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use secrecy::SecretString;

use self::page::{BoardPage, ConnectionPage, DisconnectPage, entered_field};
use self::told::Told;
use super::form::Form;
use super::kit::first_numbers;
use super::page::{self as shown, see};
use super::session::{Posted, SignedIn};
use crate::credentials::connections::{Begun, CameBack, Ended, Row, Who};
use crate::credentials::env_file::is_placeholder;
use crate::domain::credential::Credentials;
use crate::domain::platform::{About, Connect, CredentialKey};
use crate::domain::text::Text;
use crate::web::error::Error;
use crate::web::security;
use crate::web::state::State;

const TAB: &str = "/admin/connections";
/// No honest key or token is longer, in bytes.
const LONGEST: usize = 4096;

/// Every connection.
pub async fn show(by: SignedIn, state: State, uri: Uri) -> Result<Response, Error> {
    let rows = state.credentials.board().await?;
    let told = Told::read(uri.query().unwrap_or_default());
    shown::page(&BoardPage::new(&by, &state, &rows, told.as_ref()), by.lang)
}

/// One platform: connecting on its page, or by values that are typed in.
pub async fn show_one(by: SignedIn, state: State, Path(id): Path<String>, uri: Uri) -> Result<Response, Error> {
    let about = platform(&state, &id)?;
    let told = Told::read(uri.query().unwrap_or_default());
    let page = ConnectionPage::new(&by, &state, &row(&state, about).await?, Form::default(), told);
    leading_away(&state, about, shown::page(&page, by.lang)?)
}

/// Sends the browser to the platform's page.
pub async fn connect(state: State, Path(id): Path<String>, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    let about = platform(&state, &id)?;
    let way = about.connects.iter().find(|way| way.id == form.value("way")).ok_or(Error::NotFound)?;
    let row = row(&state, about).await?;
    let keys = way.app.map(|key| (key, format!("{}-{}", way.id, entered_field(key))));
    let app = typed(&mut form, &row, keys.iter().map(|(key, field)| (*key, field.clone())));
    if form.is_good() {
        let begun = state.credentials.begin(&who(&by), (about, way), app, &callback(&state, about)).await?;
        match begun {
            Begun::At(page) => return Ok(see(page).into_response()),
            Begun::NoApp(unset) => {
                for key in unset {
                    form.refuse(&format!("{}-{}", way.id, entered_field(key)), NEEDED);
                }
            }
        }
    }
    refused(&state, &by, about, &row, form)
}

/// The browser comes back from the platform's page. It comes from another site with a GET, so neither form token nor
/// Fetch Metadata can vouch for it. What does is the state: random, bound to this very session, of one use, ten minutes
/// old at most. Nothing but what that state was made for changes here. The code stands in the query: nobody logs it, and
/// the answer leads to an address without it.
pub async fn came_back(by: SignedIn, state: State, Path(id): Path<String>, uri: Uri) -> Result<Response, Error> {
    let about = platform(&state, &id)?;
    let mut back = CameBack::default();
    for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        match &*name {
            "state" if back.state.is_none() => back.state = Some(value.into_owned()),
            "code" if back.code.is_none() => back.code = Some(SecretString::from(value.into_owned())),
            "error" if back.error.is_none() => back.error = Some(value.into_owned()),
            _ => {}
        }
    }
    let ended = state.credentials.finish(&who(&by), about, back).await?;
    Ok(after_connecting(&state, about, &ended).await)
}

/// What is done with an account that is not the profile's: its handle is taken over, or the connection dropped.
pub async fn decide(state: State, Path(id): Path<String>, Posted { by, form }: Posted) -> Result<Response, Error> {
    let about = platform(&state, &id)?;
    let takes_over = form.value("decision") == "take-over";
    Ok(match state.credentials.decide(&who(&by), about, takes_over).await? {
        Some(ended) => {
            state.show_changes().await;
            after_connecting(&state, about, &ended).await
        }
        None if takes_over => Told::of(&Ended::Late).to(TAB, about).into_response(),
        None => Told::DROPPED.to(TAB, about).into_response(),
    })
}

async fn after_connecting(state: &State, about: &'static About, ended: &Ended) -> Response {
    if matches!(ended, Ended::Connected(_) | Ended::Unconfirmed(_)) {
        first_numbers(state, &[about.id.to_owned()]).await;
    }
    let undecided = format!("{TAB}/{}", about.id);
    if *ended == Ended::OtherAccount { see(undecided) } else { Told::of(ended).to(TAB, about) }.into_response()
}

/// Takes values that were typed in.
pub async fn enter(state: State, Path(id): Path<String>, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    let about = platform(&state, &id)?;
    let row = row(&state, about).await?;
    let fields = about.credentials.iter().map(|key| (key, entered_field(key)));
    let entered = typed(&mut form, &row, fields);
    for key in row.keys.iter().filter(|key| key.about.required && key.place.is_none() && !key.is_kept) {
        if entered.get(key.about).is_none() {
            form.refuse(&entered_field(key.about), NEEDED);
        }
    }
    if entered.is_empty()
        && let Some(first) = row.keys.iter().find(|key| key.place.is_none())
    {
        form.refuse(&entered_field(first.about), NOTHING);
    }
    if form.is_good() {
        let entered = state.credentials.enter(&who(&by), about, entered).await?;
        let told = Told::entered(&entered);
        if told.is_good() {
            first_numbers(&state, &[about.id.to_owned()]).await;
            return Ok(told.to(TAB, about).into_response());
        }
        let page = ConnectionPage::new(&by, &state, &row, without_secrets(form, about), Some(told.at(about)));
        return leading_away(&state, about, shown::refused(&page, by.lang)?);
    }
    refused(&state, &by, about, &row, form)
}

/// Asks the platform whether the credentials work, and says so.
pub async fn test(state: State, Path(id): Path<String>, _: Posted) -> Result<Response, Error> {
    let about = platform(&state, &id)?;
    Ok(Told::tested(state.credentials.test(about).await?.as_ref()).to(TAB, about).into_response())
}

/// Renews now.
pub async fn renew(state: State, Path(id): Path<String>, Posted { by, .. }: Posted) -> Result<Response, Error> {
    let about = platform(&state, &id)?;
    let told = Told::renewed(state.credentials.renew(&who(&by), about).await?.as_ref());
    Ok(told.to(TAB, about).into_response())
}

/// Asks whether to disconnect.
pub async fn ask_disconnect(by: SignedIn, state: State, Path(id): Path<String>) -> Result<Response, Error> {
    let about = platform(&state, &id)?;
    shown::page(&DisconnectPage::new(&by, &state, &row(&state, about).await?), by.lang)
}

/// Disconnects; the numbers stay.
pub async fn disconnect(state: State, Path(id): Path<String>, Posted { by, .. }: Posted) -> Result<Response, Error> {
    let about = platform(&state, &id)?;
    state.credentials.disconnect(&who(&by), about).await?;
    Ok(Told::DISCONNECTED.to(TAB, about).into_response())
}

const NEEDED: Text = Text::new("Ohne das geht es nicht.", "It does not work without this.");
const NOTHING: Text = Text::new("Trage mindestens einen Wert ein.", "Enter at least one value.");
const PLACEHOLDER: Text = Text::new(
    "Das ist der Platzhalter aus der Vorlage. Trage den echten Wert ein.",
    "This is the placeholder from the template. Enter the real value.",
);
const GARBLED: Text = Text::new(
    "Das sieht nicht nach einem Wert aus: Er ist zu lang oder enthält Leerzeichen. Kopiere ihn noch einmal.",
    "This does not look like a value: it is too long or has spaces in it. Copy it again.",
);

/// What was typed into fields of keys that the operator did not set elsewhere.
fn typed(form: &mut Form, row: &Row, fields: impl Iterator<Item = (&'static CredentialKey, String)>) -> Credentials {
    let mut typed = Vec::new();
    for (key, field) in fields {
        let is_set_elsewhere = row.keys.iter().any(|own| own.about.name == key.name && own.place.is_some());
        let Some(value) = form.text(&field).filter(|_| !is_set_elsewhere).map(str::to_owned) else { continue };
        if is_placeholder(key.name, &value) {
            form.refuse(&field, PLACEHOLDER);
        } else if value.len() > LONGEST || value.chars().any(|c| c.is_whitespace() || c.is_control()) {
            form.refuse(&field, GARBLED);
        } else {
            typed.push((key.name.to_owned(), SecretString::from(value)));
        }
    }
    typed.into_iter().collect()
}

fn refused(state: &State, by: &SignedIn, about: &'static About, row: &Row, form: Form) -> Result<Response, Error> {
    let page = ConnectionPage::new(by, state, row, without_secrets(form, about), None);
    leading_away(state, about, shown::refused(&page, by.lang)?)
}

/// Secrets are never shown again, not even to who typed them.
fn without_secrets(form: Form, about: &About) -> Form {
    let secrets = about.credentials.iter().filter(|key| key.secret).map(entered_field);
    let fields: Vec<String> = secrets
        .flat_map(|field| about.connects.iter().map(move |way| format!("{}-{field}", way.id)).collect::<Vec<_>>())
        .chain(about.credentials.iter().filter(|key| key.secret).map(entered_field))
        .collect();
    form.without(&fields.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The same page, whose forms may lead to the platform's pages: browsers hold redirects of a form to its page's policy.
fn leading_away(state: &State, about: &About, mut response: Response) -> Result<Response, Error> {
    let policy = security::policy_with_forms_to(&state.credentials.page_origins(about));
    let policy = HeaderValue::from_str(&policy).map_err(|_| Error::Internal)?;
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

fn platform(state: &State, id: &str) -> Result<&'static About, Error> {
    state.platform(id).ok_or(Error::NotFound)
}

async fn row(state: &State, about: &'static About) -> Result<Row, Error> {
    let rows = state.credentials.board().await?;
    rows.into_iter().find(|row| row.about.id == about.id).ok_or(Error::NotFound)
}

fn who(by: &SignedIn) -> Who {
    Who { session: by.session.hash, name: by.session.owner.name.clone() }
}

/// Where a platform sends the browser back to, as the operator registers it there.
fn callback(state: &State, about: &About) -> String {
    format!("{}{TAB}/{}/callback", state.public_url, about.id)
}

/// Whether a way's app is typed in here, or set by the operator elsewhere.
fn is_app_set_elsewhere(row: &Row, way: &Connect) -> bool {
    way.app.iter().all(|key| row.keys.iter().any(|own| own.about.name == key.name && own.place.is_some()))
}
