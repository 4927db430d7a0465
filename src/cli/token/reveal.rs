//! `token reveal`: the only way to see a credential. Only for a person at a terminal who confirms it; that it was shown
//! is in the audit log before it is.

use std::io::{IsTerminal as _, Write as _};

use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use crate::cli::handle::platform_named;
use crate::cli::stop::{Exit, Stop};
use crate::cli::{Session, print, say};
use crate::credentials::keeper::in_use;
use crate::domain::audit;
use crate::domain::credential::Credentials;
use crate::domain::platform::About;
use crate::domain::text::{Lang, Text};

const NO_TERMINAL: Text = Text::new(
    "Zugangsdaten werden nur an einem Terminal gezeigt, nie in eine Datei, ein anderes Programm oder ein Protokoll. Rufe \
     den Befehl ohne Umleitung auf.",
    "Credentials are shown on a terminal only, never into a file, another program or a log. Run the command without \
     redirection.",
);
const AUTOMATION: Text = Text::new(
    "In einem automatischen Lauf (GitHub Actions, CI) werden keine Zugangsdaten gezeigt. Rufe den Befehl auf deinem \
     Rechner auf.",
    "In an automatic run (GitHub Actions, CI) no credentials are shown. Run the command on your own machine.",
);
const NOT_CONFIRMED: Text =
    Text::new("Das war nicht der Name; nichts wird gezeigt.", "That was not the name; nothing is shown.");

pub(super) async fn run(session: &Session, platform: &str) -> Result<Exit, Stop> {
    let lang = session.lang;
    let about = platform_named(platform, lang)?;
    if is_automatic(session) {
        return Err(Stop::usage(AUTOMATION.get(lang)));
    }
    if !(std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) {
        return Err(Stop::usage(NO_TERMINAL.get(lang)));
    }
    let app = session.app(session.logging_config("error")?).await?;
    let creator = app.store.creator().await?;
    let (kept, given) = (app.keeper.vault().find(creator.id, about.id).await?, app.credentials.given(about));
    let values = kept.as_ref().map_or_else(|| given.values.clone(), |kept| in_use(kept, &given));
    let shown = lines(about, &values);
    if shown.is_empty() {
        return Err(Stop::Said(Exit::Nothing, none(about, lang)));
    }
    if !confirmed(about, lang)? {
        return Err(Stop::Said(Exit::Nothing, NOT_CONFIRMED.get(lang).to_owned()));
    }
    let generation = kept.map_or_else(String::new, |kept| format!(" generation {}", kept.generation));
    app.store
        .add_audit(app.clock.now(), "cli", audit::CREDENTIALS_REVEALED.name, &format!("{}{generation}", about.id))
        .await?;
    print(&shown)?;
    app.store.close().await;
    Ok(Exit::All)
}

/// Whether no person is there, whatever the terminal looks like.
fn is_automatic(session: &Session) -> bool {
    let automatic = |name: &str| {
        let value = session.sources.environment.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        value.is_some_and(|value| !value.is_empty() && value != "false" && value != "0")
    };
    automatic("GITHUB_ACTIONS") || automatic("CI")
}

/// Asks for the platform's name, letter for letter.
fn confirmed(about: &About, lang: Lang) -> Result<bool, Stop> {
    say(&match lang {
        Lang::De => format!(
            "Wer diese Werte sieht, kann {} in deinem Namen lesen. Der Aufruf wird festgehalten. Schreibe {} und drücke \
             Enter, um sie zu zeigen:",
            about.name, about.id
        ),
        Lang::En => format!(
            "Whoever sees these values can read {} in your name. This call is written down. Type {} and press Enter to \
             show them:",
            about.name, about.id
        ),
    });
    std::io::stderr().flush().map_err(Stop::Output)?;
    let mut typed = String::new();
    std::io::stdin().read_line(&mut typed).map_err(Stop::Output)?;
    Ok(typed.trim_end_matches(['\r', '\n']) == about.id)
}

/// The secrets of a platform, one a line. What a terminal would obey is shown as its number.
fn lines(about: &About, values: &Credentials) -> Zeroizing<String> {
    let mut lines = Zeroizing::new(String::new());
    for key in about.credentials.iter().filter(|key| key.secret) {
        let Some(value) = values.get(key) else { continue };
        lines.push_str(key.name);
        lines.push('=');
        for c in value.expose_secret().chars() {
            if c.is_control() { lines.extend(c.escape_unicode()) } else { lines.push(c) }
        }
        lines.push('\n');
    }
    lines
}

fn none(about: &About, lang: Lang) -> String {
    match lang {
        Lang::De => format!("Für {} sind keine Zugangsdaten hinterlegt.", about.name),
        Lang::En => format!("No credentials are set for {}.", about.name),
    }
}
