//! Passkeys: adding and removing them.

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::{Asked, TAB, confirmed, done};
use crate::domain::text::Text;
use crate::domain::{audit, passkey};
use crate::sign_in::passkey::{Creation, Passkeys, Purpose, Refusal};
use crate::web::admin::login::From;
use crate::web::admin::page::see;
use crate::web::admin::passkey_sign_in::{Place, bytes};
use crate::web::admin::session::{Posted, SignedIn};
use crate::web::error::Error;
use crate::web::public::when;
use crate::web::state::State;

const KNOWN: Text = Text::new("Diesen Passkey gibt es hier schon.", "This passkey is here already.");
const UNSUPPORTED: Text = Text::new(
    "Dieses Gerät macht Schlüssel einer Art, die mediakit nicht prüft. Nimm ein anderes.",
    "This device makes keys of a kind that mediakit does not check. Take another one.",
);
const UNVERIFIED: Text = Text::new(
    "Das Gerät hat nicht geprüft, ob du es bist. Richte dort eine PIN oder einen Fingerabdruck ein und versuche es noch \
     einmal.",
    "The device did not check that it is you. Set up a PIN or a fingerprint there and try again.",
);
const REFUSED: Text = Text::new(
    "Das hat nicht geklappt, oder es hat länger als fünf Minuten gedauert. Versuche es noch einmal.",
    "This did not work, or it took longer than five minutes. Try again.",
);

/// A passkey as the page shows it.
pub struct PasskeyRow {
    /// What the remove button sends.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was added.
    pub added: String,
    /// When it was last used.
    pub used: Option<String>,
}

/// The owner's passkeys.
pub async fn rows(by: &SignedIn, state: &State) -> Result<Vec<PasskeyRow>, Error> {
    let now = state.clock.now();
    let passkeys = state.store.passkeys(by.session.owner.id).await?;
    let rows = passkeys.into_iter().map(|passkey| PasskeyRow {
        id: URL_SAFE_NO_PAD.encode(&passkey.id),
        added: when::near(passkey.created_at, now, by.lang),
        used: passkey.used_at.map(|at| when::near(at, now, by.lang)),
        name: passkey.name,
    });
    Ok(rows.collect())
}

/// Begins the adding of a passkey, for whoever knows the password. The page's script asks, and shows what is refused.
pub async fn challenge(
    state: State,
    from: From,
    headers: HeaderMap,
    Posted { by, mut form }: Posted,
) -> Result<Response, Error> {
    let owner = &by.session.owner;
    let Place::Here(party) = Place::of(&state, &headers) else { return Err(Error::NotFound) };
    form.take("passkey-name", passkey::name(form.value("passkey-name")));
    if !form.is_good() || !confirmed(&state, &by, &from, &mut form, "passkey-password").await? {
        let why = ["passkey-name", "passkey-password"].iter().find_map(|field| form.error(field, &by.lang));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "refused": why }))).into_response());
    }
    let begun = state.passkeys.begin(Purpose::Add(owner.id), by.session.hash, from.address);
    let challenge = begun.ok_or(Error::TooManyAttempts(60))?;
    let known = state.store.passkeys(owner.id).await?;
    let known = known.iter().map(|passkey| json!({ "type": "public-key", "id": URL_SAFE_NO_PAD.encode(&passkey.id) }));
    Ok(Json(json!({
        "challenge": URL_SAFE_NO_PAD.encode(challenge),
        "rp": { "id": party.id, "name": "mediakit" },
        "user": {
            "id": URL_SAFE_NO_PAD.encode(Passkeys::user_handle(owner.id)),
            "name": owner.name,
            "displayName": owner.name,
        },
        "pubKeyCredParams": Passkeys::algorithms().map(|alg| json!({ "type": "public-key", "alg": alg })),
        "timeout": 300_000,
        "attestation": "none",
        "authenticatorSelection": {
            "residentKey": "required", "requireResidentKey": true, "userVerification": "required",
        },
        "excludeCredentials": known.collect::<Vec<_>>(),
    }))
    .into_response())
}

/// Adds the passkey that a browser made for a challenge.
pub async fn add(state: State, headers: HeaderMap, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    if let Some(name) = form.take("passkey-name", passkey::name(form.value("passkey-name"))) {
        let (client_data, attestation) = (bytes(&form, "client-data"), bytes(&form, "attestation"));
        let answer = Creation { client_data: &client_data, attestation: &attestation };
        match state.passkeys.add(&by.session.owner, &by.session.hash, &name, answer).await? {
            Ok(()) => return Ok(done("passkey-added")),
            Err(refusal) => {
                tracing::warn!(%refusal, "a new passkey was refused");
                form.refuse("passkey-name", words(refusal));
            }
        }
    }
    Asked { by: &by, state: &state, headers: &headers }.page(form, None).await
}

const fn words(refusal: Refusal) -> Text {
    match refusal {
        Refusal::Known => KNOWN,
        Refusal::Algorithm => UNSUPPORTED,
        Refusal::Unverified => UNVERIFIED,
        _ => REFUSED,
    }
}

/// Forgets a passkey.
pub async fn remove(state: State, Posted { by, form }: Posted) -> Result<Response, Error> {
    let removed = state.store.delete_passkey(by.session.owner.id, &bytes(&form, "id")).await?;
    let Some(name) = removed else { return Ok(see(TAB).into_response()) };
    by.note(&state, audit::PASSKEY_REMOVED.name, &name).await;
    Ok(done("passkey-removed"))
}
