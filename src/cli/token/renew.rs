//! `token renew [PLATFORM]`: renews now, whether it is due or not, and says what came of it.

use crate::app::App;
use crate::cli::handle::platform_named;
use crate::cli::stop::{self, Exit, Stop};
use crate::cli::{Session, print, say, times};
use crate::credentials::status::{self, NextRenewal, Status};
use crate::credentials::{Attempted, MirrorState};
use crate::domain::credential::Phase;
use crate::domain::failure::Failure;
use crate::domain::platform::About;
use crate::domain::text::{Lang, Text};
use crate::store::StoreError;

/// What became of one platform.
enum Done {
    Renewed,
    /// There is nothing that could be renewed, which is no failure.
    Nothing,
    Failed,
}

pub(super) async fn run(session: &Session, named: Option<&str>) -> Result<Exit, Stop> {
    let lang = session.lang;
    let named = named.map(|name| platform_named(name, lang)).transpose()?;
    let app = session.app(session.logging_config("error")?).await?;
    if !app.keeper.may_renew() {
        return Err(Stop::Said(Exit::Usage, OTHER_SIDE.get(lang).to_owned()));
    }
    let all = status::all(app.keeper.vault(), &app.store, &app.credentials, &app.platforms, app.clock.now()).await?;
    let wanted: Vec<&Status> = match named {
        Some(about) => all.iter().filter(|status| status.about.id == about.id).collect(),
        None => all.iter().filter(|status| status.about.renewal.is_some()).collect(),
    };
    if wanted.is_empty() {
        return Err(Stop::Said(Exit::Nothing, no_credentials(named, lang)));
    }
    let mut done = Vec::new();
    for status in &wanted {
        done.push(renew(&app, status, named.is_some(), lang).await?);
    }
    // What else is due, and copies that wait for another try.
    app.keeper.tick().await;
    app.keeper.close().await;
    app.store.close().await;
    Ok(exit(&done))
}

const OTHER_SIDE: Text = Text::new(
    "Erneuert wird auf der anderen Seite: siehe MEDIAKIT_ROTATION_OWNER. Zwei, die erneuern, nähmen einander die Tokens \
     weg. Starte den Befehl dort, oder stelle auf beiden Seiten um.",
    "Renewals are made on the other side, see MEDIAKIT_ROTATION_OWNER: two that renew would take each other's tokens \
     away. Run the command there, or change the setting on both sides.",
);

fn no_credentials(named: Option<&About>, lang: Lang) -> String {
    match (named, lang) {
        (Some(about), Lang::De) => {
            format!("Für {} sind keine Zugangsdaten hinterlegt. Trage sie in .env.social ein.", about.name)
        }
        (Some(about), Lang::En) => format!("No credentials are set for {}. Add them to .env.social.", about.name),
        (None, Lang::De) => "Es gibt keine Zugangsdaten, die sich erneuern ließen.".to_owned(),
        (None, Lang::En) => "There are no credentials that could be renewed.".to_owned(),
    }
}

/// 0 when nothing failed, 1 when nothing was renewed, 3 in between.
fn exit(done: &[Done]) -> Exit {
    let renewed = done.iter().any(|done| matches!(done, Done::Renewed));
    let failed = done.iter().any(|done| matches!(done, Done::Failed));
    match (renewed, failed) {
        (_, false) => Exit::All,
        (true, true) => Exit::Partly,
        (false, true) => Exit::Nothing,
    }
}

async fn renew(app: &App, status: &Status, named: bool, lang: Lang) -> Result<Done, Stop> {
    let about = status.about;
    if about.renewal.is_none() || matches!(status.renewal, NextRenewal::Never) {
        say(&by_itself(about, lang));
        return Ok(Done::Nothing);
    }
    if let NextRenewal::Lacks(keys) = &status.renewal {
        say(&lacks(about, keys, lang));
        return Ok(if named { Done::Failed } else { Done::Nothing });
    }
    let renewed = match app.keeper.renew(about.id).await {
        // Of this platform alone: the others may go on.
        Err(error @ (StoreError::LeftBehind { .. } | StoreError::Sealed { .. })) => {
            say(&format!("{}: {}", about.name, stop::store(&error, lang)));
            return Ok(Done::Failed);
        }
        renewed => renewed?,
    };
    match renewed {
        Some(attempted @ Attempted::Renewed(_)) => {
            print(&format!("{}\n", told(about, &attempted, lang)))?;
            Ok(Done::Renewed)
        }
        Some(attempted) => {
            say(&told(about, &attempted, lang));
            Ok(Done::Failed)
        }
        None => silent(app, about, lang).await,
    }
}

/// Nothing was tried: because nothing can be, or because somebody else just did.
async fn silent(app: &App, about: &'static About, lang: Lang) -> Result<Done, Stop> {
    let creator = app.store.creator().await?;
    let kept = app.keeper.vault().find(creator.id, about.id).await?;
    let (done, text) = if kept.is_some_and(|kept| kept.phase == Phase::NeedsOwner) {
        (Done::Failed, NEEDS_OWNER)
    } else {
        (Done::Nothing, SOMEBODY_ELSE)
    };
    say(&format!("{}: {}", about.name, text.get(lang)));
    Ok(done)
}

const NEEDS_OWNER: Text = Text::new(
    "Die Zugangsdaten gelten nicht mehr und lassen sich nicht erneuern. Verbinde das Konto neu und trage die neuen Werte \
     in .env.social ein.",
    "The credentials no longer work and can't be renewed. Connect the account again and put the new values into \
     .env.social.",
);
const SOMEBODY_ELSE: Text = Text::new(
    "ein anderer Lauf hat gerade erneuert. `mediakit token status` zeigt den Stand.",
    "another run has just renewed. `mediakit token status` shows how it is.",
);

fn by_itself(about: &About, lang: Lang) -> String {
    match lang {
        Lang::De => {
            format!("{}: hier gibt es nichts zu erneuern; um kurzlebige Tokens kümmert sich mediakit.", about.name)
        }
        Lang::En => format!("{}: nothing to renew here; mediakit looks after short-lived tokens itself.", about.name),
    }
}

pub(super) fn lacks(about: &About, keys: &[&str], lang: Lang) -> String {
    let keys = keys.join(", ");
    match lang {
        Lang::De => format!("{} lässt sich nicht erneuern: {keys} fehlt. Trage es in .env.social ein.", about.name),
        Lang::En => format!("{} can't be renewed: {keys} is missing. Add it to .env.social.", about.name),
    }
}

/// What a renewal brought, in words without a value.
pub(in crate::cli) fn told(about: &About, attempted: &Attempted, lang: Lang) -> String {
    let renewed = match attempted {
        Attempted::Failed(failure) => return not_renewed(about, failure, lang),
        Attempted::Renewed(renewed) => renewed,
    };
    let until = match (renewed.expires_at, lang) {
        (Some(at), Lang::De) => format!("gilt bis {}", times::utc(at)),
        (Some(at), Lang::En) => format!("holds until {}", times::utc(at)),
        (None, Lang::De) => "ohne bekanntes Ende".to_owned(),
        (None, Lang::En) => "no known end".to_owned(),
    };
    let (database, github) = (copy(MirrorState::Updated, lang), copy(renewed.storage.github_secret, lang));
    let file = copy(renewed.storage.env_file, lang);
    let reference = renewed.reference();
    match lang {
        Lang::De => format!(
            "{}: erneuert, Generation {}, {until} ({reference}). Datenbank: {database}; .env.social: {file}; GitHub: {github}.",
            about.name, renewed.generation
        ),
        Lang::En => format!(
            "{}: renewed, generation {}, {until} ({reference}). Database: {database}; .env.social: {file}; GitHub: {github}.",
            about.name, renewed.generation
        ),
    }
}

fn not_renewed(about: &About, failure: &Failure, lang: Lang) -> String {
    let sentence = failure_told(about, failure, lang);
    match lang {
        Lang::De => format!("{}: nicht erneuert, die bisherigen Werte bleiben. {sentence}", about.name),
        Lang::En => format!("{}: not renewed, the values from before stay. {sentence}", about.name),
    }
}

/// A failure with its detail and the next attempt.
pub(super) fn failure_told(about: &About, failure: &Failure, lang: Lang) -> String {
    let detail = failure.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
    let next = match (failure.next_attempt_at, lang) {
        (None, _) => String::new(),
        (Some(at), Lang::De) => format!(" Nächster Versuch: {}.", times::utc(at)),
        (Some(at), Lang::En) => format!(" Next attempt: {}.", times::utc(at)),
    };
    format!("{}{detail}{next}", failure.kind.sentence(about.name, lang))
}

/// How far a copy is, in a word.
pub(super) fn copy(state: MirrorState, lang: Lang) -> &'static str {
    match state {
        MirrorState::Updated => Text::new("ok", "ok"),
        MirrorState::Pending => Text::new("folgt von selbst", "follows by itself"),
        MirrorState::Failed => Text::new("aufgegeben", "given up"),
        MirrorState::NotConfigured => Text::new("nicht eingerichtet", "not set up"),
    }
    .get(lang)
}
