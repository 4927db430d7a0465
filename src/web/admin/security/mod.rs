//! Sign-in and security: the password, codes from an app, passkeys, where the owner is signed in, and what was done.

mod agent;
mod codes;
mod passkeys;
mod password;
mod sessions;

use askama::Template;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use secrecy::SecretString;

use super::form::Form;
use super::login::{self, From};
use super::page::{self, Shell, see};
use super::passkey_sign_in::Place;
use super::session::SignedIn;
use crate::domain::audit;
use crate::domain::text::Text;
use crate::store::AuditEntry;
use crate::web::error::Error;
use crate::web::public::when;
use crate::web::route::{Door, Route};
use crate::web::state::State;
use passkeys::PasskeyRow;
use sessions::SessionRow;

const TAB: &str = "/admin/security";
/// How many entries of the audit log are shown, and how many of them at first.
const LOG: u32 = 100;
const LOG_AT_FIRST: usize = 10;
const WRONG_PASSWORD: Text = Text::new("Das ist nicht dein Passwort.", "This is not your password.");

/// What was just done, by its name in the address.
const DONE: [(&str, Text); 6] = [
    (
        "password",
        Text::new(
            "Das neue Passwort gilt. Alle anderen Anmeldungen sind beendet.",
            "The new password holds. All other sessions have ended.",
        ),
    ),
    (
        "codes-off",
        Text::new(
            "Ausgeschaltet. Zum Anmelden reicht jetzt dein Passwort.",
            "Switched off. Your password is now enough to sign in.",
        ),
    ),
    (
        "passkey-added",
        Text::new("Hinzugefügt. Du kannst dich jetzt damit anmelden.", "Added. You can sign in with it now."),
    ),
    (
        "passkey-removed",
        Text::new(
            "Entfernt. Lösche den Passkey auch auf deinem Gerät.",
            "Removed. Delete the passkey on your device as well.",
        ),
    ),
    ("session-ended", Text::new("Diese Anmeldung ist beendet.", "That session has ended.")),
    ("others-ended", Text::new("Alle anderen Anmeldungen sind beendet.", "All other sessions have ended.")),
];

/// The routes of this page.
pub fn routes() -> Vec<Route> {
    vec![
        Route::at(TAB).get(Door::Owner, show),
        Route::at("/admin/security/password").post(Door::Owner, password::change),
        Route::at("/admin/security/codes").get(Door::Owner, codes::set_up).post(Door::Owner, codes::switch_on),
        Route::at("/admin/security/codes/off").post(Door::Owner, codes::switch_off),
        Route::at("/admin/security/recovery").post(Door::Owner, codes::renew_recovery),
        Route::at("/admin/security/passkeys").post(Door::Owner, passkeys::add),
        Route::at("/admin/security/passkeys/challenge").post(Door::Owner, passkeys::challenge),
        Route::at("/admin/security/passkeys/remove").post(Door::Owner, passkeys::remove),
        Route::at("/admin/security/sessions/end").post(Door::Owner, sessions::end),
        Route::at("/admin/security/sessions/end-others").post(Door::Owner, sessions::end_others),
    ]
}

#[derive(Template)]
#[template(path = "admin/security.html", whitespace = "minimize")]
struct SecurityPage {
    shell: Shell,
    form: Form,
    has_codes: bool,
    recovery_left: i64,
    place: Where,
    public_url: String,
    passkeys: Vec<PasskeyRow>,
    sessions: Vec<SessionRow>,
    log: Vec<LogRow>,
    earlier: Vec<LogRow>,
}

/// Whether passkeys can be used, as the page says it.
enum Where {
    Here,
    Elsewhere(String),
    Nowhere,
}

/// An entry of the audit log in the reader's words.
struct LogRow {
    at: String,
    what: String,
    who: String,
    detail: String,
}

impl LogRow {
    fn new(entry: AuditEntry, by: &SignedIn, state: &State) -> Self {
        Self {
            at: when::near(entry.at, state.clock.now(), by.lang),
            what: audit::text(&entry.what).map_or(entry.what, |text| text.get(by.lang).to_owned()),
            who: audit::actor(&entry.who).map_or(entry.who, |text| text.get(by.lang).to_owned()),
            detail: entry.detail,
        }
    }
}

/// What a handler of this page works with.
struct Asked<'a> {
    by: &'a SignedIn,
    state: &'a State,
    headers: &'a HeaderMap,
}

impl Asked<'_> {
    /// The page with a form; what is wrong with it stands beside its fields, and no password in them.
    async fn page(self, form: Form, uri: Option<&Uri>) -> Result<Response, Error> {
        let Self { by, state, headers } = self;
        let (owner, l) = (&by.session.owner, by.lang);
        let entries = state.store.audit(LOG).await?;
        let mut log: Vec<_> = entries.into_iter().map(|entry| LogRow::new(entry, by, state)).collect();
        let earlier = log.split_off(log.len().min(LOG_AT_FIRST));
        let mut shell = Shell::new(by, state, TAB, Some("security"));
        if let Some(uri) = uri {
            shell = shell.done(uri, &DONE);
        }
        let status = if form.is_good() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let page = SecurityPage {
            shell,
            form: form.without(&["present", "password", "off-password", "recovery-password", "passkey-password"]),
            has_codes: owner.has_totp,
            recovery_left: state.store.recovery_codes_left(owner.id).await?,
            place: match Place::of(state, headers) {
                Place::Here(_) => Where::Here,
                Place::Elsewhere(party) => Where::Elsewhere(party.origin.clone()),
                Place::Nowhere => Where::Nowhere,
            },
            public_url: state.public_url.clone(),
            passkeys: passkeys::rows(by, state).await?,
            sessions: sessions::rows(by, state).await?,
            log,
            earlier,
        };
        page::with_status(status, &page, l)
    }
}

/// The page as it is.
pub async fn show(by: SignedIn, state: State, uri: Uri, headers: HeaderMap) -> Result<Response, Error> {
    Asked { by: &by, state: &state, headers: &headers }.page(Form::default(), Some(&uri)).await
}

/// Back to the page after a change.
fn done(what: &str) -> Response {
    see(format!("{TAB}?done={what}")).into_response()
}

/// Whether a field holds the owner's password: what changes how one signs in asks for it, because a browser left open
/// is no proof. A wrong one counts as a failed sign-in.
pub async fn confirmed(state: &State, by: &SignedIn, from: &From, form: &mut Form, field: &str) -> Result<bool, Error> {
    let name = &by.session.owner.name;
    login::allowed(state, from, Some(name))?;
    if state.sign_in.check(name, SecretString::from(form.value(field))).await?.is_some() {
        state.sign_in_limits.by_name.succeeded(name);
        return Ok(true);
    }
    login::failed(state, from, Some(name.clone()), (name, audit::SIGN_IN_FAILED)).await;
    form.refuse(field, WRONG_PASSWORD);
    Ok(false)
}
