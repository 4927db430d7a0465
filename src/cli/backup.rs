//! `backup FILE` and `restore FILE`.

use std::path::Path;

use super::stop::{Exit, Stop};
use super::{Session, say};
use crate::domain::text::Lang;

pub(super) async fn backup(session: &Session, file: &Path) -> Result<Exit, Stop> {
    session.store().await?.backup(file).await?;
    say(&match session.lang {
        Lang::De => format!("Gesichert: {}", file.display()),
        Lang::En => format!("Backed up: {}", file.display()),
    });
    Ok(Exit::All)
}

pub(super) async fn restore(session: &Session, file: &Path) -> Result<Exit, Stop> {
    if !file.is_file() {
        return Err(Stop::usage(match session.lang {
            Lang::De => format!("{} ist keine Datei. Es wurde nichts geändert.", file.display()),
            Lang::En => format!("{} is no file. Nothing was changed.", file.display()),
        }));
    }
    session.store().await?.restore(file).await?;
    say(&match session.lang {
        Lang::De => format!("Wiederhergestellt aus {}", file.display()),
        Lang::En => format!("Restored from {}", file.display()),
    });
    Ok(Exit::All)
}
