//! Everything in one file, and back. Both ask for the password again; a restore is checked through before anything is
//! replaced, and what was there is kept in the data folder.

use std::path::{Path, PathBuf};

use askama::Template;
use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, SET_COOKIE};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream;
use tokio::io::AsyncReadExt as _;

use super::TAB;
use crate::domain::text::Text;
use crate::store::{RestoreError, StoreError};
use crate::web::admin::form::Form;
use crate::web::admin::login::From;
use crate::web::admin::page::{self, Shell};
use crate::web::admin::security::confirmed;
use crate::web::admin::session::{Posted, SignedIn};
use crate::web::admin::upload::{Saved, Upload};
use crate::web::cookie;
use crate::web::error::Error;
use crate::web::state::State;

pub(super) const NAME: Text = Text::new("Sichern und wiederherstellen", "Back up and restore");
pub(super) const WHAT: Text = Text::new("alles in einer Datei", "everything in one file");
/// The largest backup that is taken, in bytes.
const MOST: u64 = 512 * 1024 * 1024;
const PIECE: usize = 64 * 1024;

#[derive(Template)]
#[template(path = "admin/settings/backup.html", whitespace = "minimize")]
struct BackupPage {
    shell: Shell,
    form: Form,
}

#[derive(Template)]
#[template(path = "admin/settings/restored.html", whitespace = "minimize")]
struct RestoredPage {
    shell: Shell,
    /// The file with what was there before.
    safe: String,
}

impl BackupPage {
    fn new(by: &SignedIn, state: &State, form: Form) -> Self {
        Self { shell: Shell::new(by, state, TAB, None), form: form.without(&["password", "restore-password"]) }
    }
}

/// What a backup is, and the two forms.
pub(super) async fn show(by: SignedIn, state: State) -> Result<Response, Error> {
    page::page(&BackupPage::new(&by, &state, Form::default()), by.lang)
}

/// Sends a backup of this moment.
pub(super) async fn download(state: State, from: From, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    if !confirmed(&state, &by, &from, &mut form, "password").await? {
        return page::refused(&BackupPage::new(&by, &state, form), by.lang);
    }
    let folder = room(&state)?;
    let path = folder.path().join("backup.db");
    state.store.backup(&path).await?;
    let file = tokio::fs::File::open(&path).await.map_err(|_| Error::Internal)?;
    let length = file.metadata().await.map_err(|_| Error::Internal)?.len();
    let now = state.clock.now();
    by.note(&state, "backup downloaded", "").await;
    let name = format!("attachment; filename=\"mediakit-{}.db\"", now.strftime("%Y-%m-%d"));
    let headers = [
        (CONTENT_TYPE, "application/vnd.sqlite3".to_owned()),
        (CONTENT_DISPOSITION, name),
        (CONTENT_LENGTH, length.to_string()),
    ];
    // The folder goes now; the open file is there until its last byte is sent.
    Ok((headers, Body::from_stream(pieces(file))).into_response())
}

/// Puts a backup in place of everything, or nothing in place of anything.
pub(super) async fn restore(state: State, from: From, mut upload: Upload) -> Result<Response, Error> {
    let by = upload.by.clone();
    let refused = |mut form: Form, field: &str, why: Text| {
        form.refuse(field, why);
        page::refused(&BackupPage::new(&by, &state, form), by.lang)
    };
    if !confirmed(&state, &by, &from, &mut upload.form, "restore-password").await? {
        return page::refused(&BackupPage::new(&by, &state, upload.form), by.lang);
    }
    let folder = room(&state)?;
    let path = folder.path().join("upload.db");
    match upload.save(&path, MOST).await? {
        Saved::Whole => {}
        Saved::Nothing => return refused(upload.form, "file", NO_FILE),
        Saved::TooLarge => return refused(upload.form, "file", TOO_LARGE),
    }
    let now = state.clock.now();
    let safe = format!("before-restore-{}.db", now.strftime("%Y-%m-%dT%H-%M-%SZ"));
    if let Err(error) = state.settings.vault().restore(&path, &data_dir(&state).join(&safe)).await {
        tracing::warn!(%error, cause = ?std::error::Error::source(&error), "a backup was not restored");
        return refused(upload.form, "file", words(&error));
    }
    by.note(&state, "backup restored", &safe).await;
    state.settings.reload().await?;
    state.show_changes().await;
    let page = RestoredPage { shell: Shell::bare(by.lang, &state, None), safe };
    let mut response = page::page(&page, by.lang)?;
    if let Some(cookie) = cookie::forget(state.https) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(response)
}

fn data_dir(state: &State) -> PathBuf {
    state.settings.config().data_dir.clone()
}

/// A folder for one file on its way, in the data folder, which nobody else may enter.
fn room(state: &State) -> Result<tempfile::TempDir, Error> {
    let folder = tempfile::Builder::new().prefix(".mediakit-").tempdir_in::<&Path>(&data_dir(state));
    folder.map_err(|error| {
        tracing::error!(%error, "the data folder can't be written to");
        Error::StoreAway
    })
}

fn pieces(file: tokio::fs::File) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> {
    stream::unfold(file, async |mut file| {
        let mut piece = vec![0; PIECE];
        match file.read(&mut piece).await {
            Ok(0) => None,
            Ok(length) => {
                piece.truncate(length);
                Some((Ok(Bytes::from(piece)), file))
            }
            Err(error) => Some((Err(error), file)),
        }
    })
}

/// What is wrong with a backup and what to do; nothing was changed in each case.
const fn words(error: &RestoreError) -> Text {
    match error {
        RestoreError::OtherKey => OTHER_KEY,
        RestoreError::NoOwner => NO_OWNER,
        RestoreError::Store(StoreError::NewerSchema { .. }) => NEWER,
        RestoreError::Store(StoreError::NotADatabase) => NO_BACKUP,
        RestoreError::Store(StoreError::Unavailable(_) | StoreError::Conflict) => NO_ROOM,
        RestoreError::Store(_) => DAMAGED,
    }
}

const NO_FILE: Text = Text::new("Wähle eine Sicherung aus.", "Choose a backup.");
const TOO_LARGE: Text = Text::new(
    "Die Datei ist größer als 512 MB. Stell sie mit `mediakit restore` wieder her. Es wurde nichts verändert.",
    "The file is larger than 512 MB. Restore it with `mediakit restore`. Nothing was changed.",
);
const NO_BACKUP: Text = Text::new(
    "Diese Datei ist keine Sicherung von mediakit. Es wurde nichts verändert.",
    "This file is no backup of mediakit. Nothing was changed.",
);
const DAMAGED: Text = Text::new(
    "Diese Sicherung ist beschädigt. Nimm eine andere. Es wurde nichts verändert.",
    "This backup is damaged. Take another one. Nothing was changed.",
);
const NEWER: Text = Text::new(
    "Diese Sicherung stammt von einem neueren mediakit. Aktualisiere dieses zuerst. Es wurde nichts verändert.",
    "This backup is of a newer mediakit. Update this one first. Nothing was changed.",
);
const OTHER_KEY: Text = Text::new(
    "Diese Sicherung ist mit einem anderen Schlüssel versiegelt. Halt den Server an, leg die Datei secret.key, die zu ihr \
     gehört, in den Datenordner und nimm `mediakit restore`. Es wurde nichts verändert.",
    "This backup is sealed with another key. Stop the server, put the file secret.key that belongs to it into the data \
     folder and use `mediakit restore`. Nothing was changed.",
);
const NO_OWNER: Text = Text::new(
    "In dieser Sicherung gibt es niemanden, der sich anmelden kann. Stell sie mit `mediakit restore` wieder her und starte \
     den Server neu. Es wurde nichts verändert.",
    "This backup holds nobody who may sign in. Restore it with `mediakit restore` and start the server again. Nothing \
     was changed.",
);
const NO_ROOM: Text = Text::new(
    "Die Datenbank oder der Datenordner nahm sie nicht an. Prüf, ob Platz ist, und versuch es noch einmal. Es wurde nichts \
     verändert.",
    "The database or the data folder did not take it. Check that there is room and try again. Nothing was changed.",
);
