//! `token rekey`: seals the credentials in the database with a new key. No credential changes.

use crate::app::open_vault;
use crate::cli::stop::{Exit, Stop};
use crate::cli::{Session, say};
use crate::clock::Clock;
use crate::credentials::key::{self, KeyError};
use crate::domain::audit;
use crate::domain::text::Text;
use crate::store::{StoreError, VaultError};

const DONE: Text = Text::new(
    "Die Zugangsdaten sind mit einem neuen Schlüssel versiegelt; er steht in secret.key im Datenordner. Starte einen \
     laufenden Server neu und sichere die neue Datei an einem anderen Ort als die Sicherungen der Datenbank. Sicherungen \
     von vorher brauchen den alten Schlüssel.",
    "The credentials are sealed with a new key; it is in secret.key in the data folder. Restart a running server, and \
     keep a copy of the new file in another place than the database's backups. Backups from before need the old key.",
);
const BUSY: Text = Text::new(
    "Gerade werden Zugangsdaten erneuert, oder der Schlüssel wurde eben ersetzt. Nichts wurde verändert; versuche es in \
     fünf Minuten noch einmal.",
    "Credentials are being renewed, or the key was just replaced. Nothing was changed; try again in five minutes.",
);

pub(super) async fn run(session: &Session) -> Result<Exit, Stop> {
    let (lang, now) = (session.lang, Clock::System.now());
    let config = session.logging_config("warn")?;
    let store = crate::app::open_store(&config).await?;
    let vault = open_vault(&config, &store).await?;
    match key::rotate(&vault, &config.data_dir, config.secret_key.as_ref(), now).await {
        Ok(_) => {}
        Err(KeyError::Vault(VaultError::Store(StoreError::Conflict))) => {
            return Err(Stop::Said(Exit::Nothing, BUSY.get(lang).to_owned()));
        }
        Err(error @ KeyError::Configured) => return Err(Stop::usage(error.sentence(lang))),
        Err(error) => return Err(Stop::App(error.into())),
    }
    store.add_audit(now, "cli", audit::KEY_REPLACED.name, "").await?;
    store.close().await;
    say(DONE.get(lang));
    Ok(Exit::All)
}
