//! `config default|show|check`.

use super::args::Config as What;
use super::stop::{Exit, Stop};
use super::{Session, print, say};
use crate::config::default_toml;
use crate::domain::text::Lang;

pub(super) fn run(session: &Session, what: What) -> Result<Exit, Stop> {
    match what {
        What::Default => print(&default_toml(session.lang, &session.sources.upstreams))?,
        What::Show => print(&session.config()?.show(session.lang))?,
        What::Check => {
            session.config()?;
            say(match session.lang {
                Lang::De => "Die Einstellungen sind in Ordnung.",
                Lang::En => "The settings are fine.",
            });
        }
    }
    Ok(Exit::All)
}
