//! `export --static DIR`: the public pages as files, for any host that serves files.

use std::path::Path;

use url::Url;

use super::args::Export;
use super::stop::{Exit, Stop};
use super::{Session, say};
use crate::clock::Clock;
use crate::domain::text::Lang;
use crate::platforms::{self, Settings};
use crate::web;

pub(super) async fn run(session: &Session, args: &Export) -> Result<Exit, Stop> {
    let config = session.logging_config("warn")?;
    let address = match &args.address {
        Some(address) => whole(address, session.lang)?,
        None => config.public_url(config.listen),
    };
    let store = crate::app::open_store(&config).await?;
    let abouts = platforms::all(&Settings::default()).iter().map(|platform| platform.about()).collect();
    let files = web::export(store.clone(), &Clock::System, abouts, &address).await?;
    store.close().await;
    let Some(files) = files else {
        return Err(Stop::Said(Exit::Nothing, nothing(session.lang).to_owned()));
    };
    for (name, body) in &files {
        write(&args.folder.join(name), body).map_err(|error| refused(&args.folder, &error, session.lang))?;
    }
    let (count, folder) = (files.len(), args.folder.display());
    say(&match session.lang {
        Lang::De => format!("{count} Dateien in {folder}, für {address}/"),
        Lang::En => format!("{count} files in {folder}, for {address}/"),
    });
    Ok(Exit::All)
}

/// The address visitors will use, without a slash at its end.
fn whole(address: &str, lang: Lang) -> Result<String, Stop> {
    let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let url = url.filter(|url| url.query().is_none() && url.fragment().is_none() && url.username().is_empty());
    let url = url.ok_or_else(|| {
        Stop::usage(match lang {
            Lang::De => format!("{address} ist keine Adresse. Schreib sie so: https://name.github.io/kit"),
            Lang::En => format!("{address} is no address. Write it like this: https://name.github.io/kit"),
        })
    })?;
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

const fn nothing(lang: Lang) -> &'static str {
    match lang {
        Lang::De => {
            "Es gibt noch nichts zu zeigen: weder Name noch Konto. Trag zuerst eines ein (mediakit handle set)."
        }
        Lang::En => {
            "There is nothing to show yet: neither a name nor an account. Enter one first (mediakit handle set)."
        }
    }
}

fn refused(folder: &Path, error: &std::io::Error, lang: Lang) -> Stop {
    let folder = folder.display();
    Stop::Said(
        Exit::Nothing,
        match lang {
            Lang::De => format!("In {folder} lässt sich nicht schreiben ({error}). Wähle einen anderen Ordner."),
            Lang::En => format!("{folder} can't be written to ({error}). Choose another folder."),
        },
    )
}

fn write(file: &Path, body: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(file, body)
}
