//! Codes from an app: switching them on and off, and the recovery codes.

use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use secrecy::{ExposeSecret, SecretString};

use super::{Asked, TAB, confirmed, done};
use crate::domain::text::Text;
use crate::sign_in::{SignInError, TotpSecret};
use crate::store::StoreError;
use crate::web::admin::form::Form;
use crate::web::admin::login::From;
use crate::web::admin::page::{self, Shell, see};
use crate::web::admin::session::{Posted, SignedIn};
use crate::web::error::Error;
use crate::web::qr::Qr;
use crate::web::state::State;

const WRONG_CODE: Text = Text::new(
    "Dieser Code passt nicht. Nimm den, der jetzt in der App steht; geht die Uhr des Telefons richtig?",
    "This code does not match. Take the one the app shows now; is the phone's clock right?",
);

#[derive(Template)]
#[template(path = "admin/codes.html", whitespace = "minimize")]
struct CodesPage {
    shell: Shell,
    form: Form,
    secret: String,
    address: String,
    qr: Option<Qr>,
}

#[derive(Template)]
#[template(path = "admin/recovery.html", whitespace = "minimize")]
struct RecoveryPage {
    shell: Shell,
    codes: Vec<SecretString>,
    file: String,
    just_on: bool,
}

/// A new secret to be read by the app. It counts for nothing, and is kept nowhere, before a code of it was typed.
pub async fn set_up(by: SignedIn, state: State) -> Result<Response, Error> {
    if by.session.owner.has_totp {
        return Ok(see(TAB).into_response());
    }
    let secret = TotpSecret::generate().ok_or(SignInError::Machine)?;
    set_up_page(&by, &state, &secret, Form::default())
}

fn set_up_page(by: &SignedIn, state: &State, secret: &TotpSecret, form: Form) -> Result<Response, Error> {
    let address = secret.address(&by.session.owner.name);
    let status = if form.is_good() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = CodesPage {
        shell: Shell::new(by, state, TAB, None),
        form: form.without(&["code", "password"]),
        secret: secret.text().to_string(),
        qr: Qr::of(&address),
        address: address.to_string(),
    };
    page::with_status(status, &page, by.lang)
}

/// Asks for codes from now on, and shows the recovery codes.
pub async fn switch_on(state: State, from: From, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    let Some(secret) = TotpSecret::read(form.value("secret")) else {
        return Ok(see("/admin/security/codes").into_response());
    };
    if !confirmed(&state, &by, &from, &mut form, "password").await? {
        return set_up_page(&by, &state, &secret, form);
    }
    match state.second_factor.enable(&by.session.owner, &secret, form.value("code")).await {
        Ok(Some(codes)) => recovery_page(&by, &state, codes, true),
        Ok(None) => {
            form.refuse("code", WRONG_CODE);
            set_up_page(&by, &state, &secret, form)
        }
        Err(SignInError::Store(StoreError::Conflict)) => Err(Error::ChangedMeanwhile),
        Err(error) => Err(error.into()),
    }
}

/// Asks for codes no more.
pub async fn switch_off(
    state: State,
    from: From,
    headers: HeaderMap,
    Posted { by, mut form }: Posted,
) -> Result<Response, Error> {
    if confirmed(&state, &by, &from, &mut form, "off-password").await? {
        state.second_factor.disable(&by.session.owner).await?;
        return Ok(done("codes-off"));
    }
    Asked { by: &by, state: &state, headers: &headers }.page(form, None).await
}

/// Replaces the recovery codes and shows the new ones.
pub async fn renew_recovery(
    state: State,
    from: From,
    headers: HeaderMap,
    Posted { by, mut form }: Posted,
) -> Result<Response, Error> {
    if !by.session.owner.has_totp {
        return Ok(see(TAB).into_response());
    }
    if confirmed(&state, &by, &from, &mut form, "recovery-password").await? {
        let codes = state.second_factor.renew_recovery_codes(&by.session.owner).await?;
        return recovery_page(&by, &state, codes, false);
    }
    Asked { by: &by, state: &state, headers: &headers }.page(form, None).await
}

/// The recovery codes, this once: to be printed, or kept as a file that the page itself holds.
fn recovery_page(by: &SignedIn, state: &State, codes: Vec<SecretString>, just_on: bool) -> Result<Response, Error> {
    let lines: Vec<&str> = codes.iter().map(ExposeSecret::expose_secret).collect();
    let file = format!("data:text/plain;charset=utf-8,{}%0A", lines.join("%0A"));
    let shell = Shell::new(by, state, TAB, Some("security"));
    page::page(&RecoveryPage { shell, codes, file, just_on }, by.lang)
}
