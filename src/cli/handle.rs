//! `handle set|list|remove`: the profile's handles without the browser.

use super::args::Handle;
use super::stop::{Exit, Stop};
use super::{Session, print, say, table};
use crate::config::nearest;
use crate::domain::platform::About;
use crate::domain::text::Lang;
use crate::platforms::{self, Settings};

pub(super) async fn run(session: &Session, what: &Handle) -> Result<Exit, Stop> {
    match what {
        Handle::Set { platform, handle } => set(session, platform, handle).await,
        Handle::List => list(session).await,
        Handle::Remove { platform } => remove(session, platform).await,
    }
}

async fn set(session: &Session, platform: &str, typed: &str) -> Result<Exit, Stop> {
    let about = platform_named(platform, session.lang)?;
    let handle = (about.normalise)(typed).map_err(|why| Stop::usage(why.get(session.lang)))?;
    let store = session.store().await?;
    let creator = store.creator().await?;
    store.set_handle(creator.id, about.id, &handle).await?;
    say(&match session.lang {
        Lang::De => format!("{}: {handle}. `mediakit fetch {}` holt die Zahlen.", about.name, about.id),
        Lang::En => format!("{}: {handle}. `mediakit fetch {}` fetches the numbers.", about.name, about.id),
    });
    Ok(Exit::All)
}

async fn list(session: &Session) -> Result<Exit, Stop> {
    let store = session.store().await?;
    let accounts = store.accounts(store.creator().await?.id).await?;
    if accounts.is_empty() {
        say(match session.lang {
            Lang::De => "Noch kein Handle gesetzt. `mediakit handle set PLATTFORM HANDLE` setzt eines.",
            Lang::En => "No handle is set yet. `mediakit handle set PLATFORM HANDLE` sets one.",
        });
        return Ok(Exit::All);
    }
    let abouts = abouts();
    let address = |platform: &str, handle: &str| {
        abouts.iter().find(|about| about.id == platform).map(|about| (about.profile_url)(handle)).unwrap_or_default()
    };
    let rows: Vec<Vec<String>> = accounts
        .into_iter()
        .map(|account| {
            let address = address(&account.platform, &account.handle);
            vec![account.platform, account.handle, address]
        })
        .collect();
    print(&table::columns(&rows))?;
    Ok(Exit::All)
}

async fn remove(session: &Session, platform: &str) -> Result<Exit, Stop> {
    let about = platform_named(platform, session.lang)?;
    let store = session.store().await?;
    let creator = store.creator().await?;
    if store.remove_handle(creator.id, about.id).await? {
        say(&match session.lang {
            Lang::De => format!("{}: Handle entfernt. Der Verlauf bleibt erhalten.", about.name),
            Lang::En => format!("{}: handle removed. The history is kept.", about.name),
        });
        return Ok(Exit::All);
    }
    Err(Stop::Said(
        Exit::Nothing,
        match session.lang {
            Lang::De => format!("Für {} ist kein Handle gesetzt.", about.name),
            Lang::En => format!("No handle is set for {}.", about.name),
        },
    ))
}

/// Every platform's description.
pub(super) fn abouts() -> Vec<&'static About> {
    platforms::all(&Settings::default()).iter().map(|platform| platform.about()).collect()
}

/// The platform somebody named, or what they may have meant.
pub(super) fn platform_named(name: &str, lang: Lang) -> Result<&'static About, Stop> {
    let abouts = abouts();
    let wanted = name.to_lowercase();
    if let Some(about) = abouts.iter().find(|about| about.id == wanted) {
        return Ok(about);
    }
    let ids: Vec<&str> = abouts.iter().map(|about| about.id).collect();
    let shown: String = name.chars().take(40).flat_map(char::escape_debug).collect();
    let meant = nearest(&wanted, ids.iter().copied());
    Err(Stop::usage(match (lang, meant) {
        (Lang::De, Some(meant)) => format!("Die Plattform `{shown}` gibt es nicht. Meintest du {meant}?"),
        (Lang::En, Some(meant)) => format!("There is no platform `{shown}`. Did you mean {meant}?"),
        (Lang::De, None) => format!("Die Plattform `{shown}` gibt es nicht. Es gibt: {}.", ids.join(", ")),
        (Lang::En, None) => format!("There is no platform `{shown}`. There are: {}.", ids.join(", ")),
    }))
}
