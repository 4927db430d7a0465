//! The command line's words in both languages: which language, the help, and what is said about wrong usage.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory as _};

use super::args::Cli;
use super::stop::Exit;
use crate::config::SETTINGS;
use crate::domain::text::{Lang, Text};

/// Help by command and argument. `*` is every command.
const HELP: &[(&str, &str, Text)] = &[
    (
        "mediakit",
        "",
        Text::new(
            "Das Media-Kit, das stimmt und sich selbst pflegt. Ohne Befehl startet der Server.",
            "The media kit that is right and looks after itself. Without a command the server starts.",
        ),
    ),
    (
        "*",
        "config",
        Text::new("Konfigurationsdatei statt mediakit.toml", "Configuration file in place of mediakit.toml"),
    ),
    ("*", "lang", Text::new("Sprache der Meldungen", "Language of messages")),
    (
        "*",
        "help",
        Text::new(
            "Zeigt diese Hilfe; --help zeigt auch alle Einstellungen",
            "Shows this help; --help shows all settings too",
        ),
    ),
    ("*", "version", Text::new("Zeigt die Version", "Shows the version")),
    (
        "serve",
        "",
        Text::new("Startet Webserver, Verwaltung und Zeitplan", "Starts web server, admin panel and schedule"),
    ),
    (
        "demo",
        "",
        Text::new(
            "Zeigt alles an einem Beispiel, mit nachgestellten Plattformen und ohne Spuren",
            "Shows everything by an example, with simulated platforms and without traces",
        ),
    ),
    ("demo", "creator", Text::new("Um wen es geht", "Who it is about")),
    ("demo", "days", Text::new("Wie viele Tage sie vorher lebt", "How many days it lives through first")),
    ("fetch", "", Text::new("Holt jetzt die Zahlen der Plattformen", "Fetches the platforms' numbers now")),
    ("fetch", "platforms", Text::new("Nur diese Plattformen", "Only these platforms")),
    ("fetch", "json", Text::new("Ergebnis als JSON auf der Standardausgabe", "Result as JSON on standard output")),
    ("handle", "", Text::new("Die Handles im Profil", "The handles in the profile")),
    ("set", "", Text::new("Setzt das Handle einer Plattform", "Sets the handle of a platform")),
    ("set", "platform", Text::new("Die Plattform, zum Beispiel tiktok", "The platform, for example tiktok")),
    ("set", "handle", Text::new("Name oder Adresse des Profils", "The profile's name or address")),
    ("list", "", Text::new("Listet alle auf", "Lists all")),
    ("remove", "", Text::new("Entfernt das Handle einer Plattform", "Removes the handle of a platform")),
    ("remove", "platform", Text::new("Die Plattform", "The platform")),
    ("alert", "", Text::new("Warnungen, bevor etwas abläuft", "Alerts before anything lapses")),
    ("test", "", Text::new("Schickt eine Probe über jeden Weg", "Sends a test by every channel")),
    ("token", "", Text::new("Die Zugangsdaten der Plattformen", "The platforms' credentials")),
    ("status", "", Text::new("Zeigt Alter, Ende, Erneuerung und Kopien", "Shows age, end, renewal and copies")),
    ("status", "json", Text::new("Ergebnis als JSON auf der Standardausgabe", "Result as JSON on standard output")),
    ("renew", "", Text::new("Erneuert jetzt, ob fällig oder nicht", "Renews now, whether due or not")),
    ("renew", "platform", Text::new("Nur diese Plattform", "Only this platform")),
    (
        "reveal",
        "",
        Text::new(
            "Zeigt die Werte, nur am Terminal und mit Bestätigung",
            "Shows the values, on a terminal and confirmed",
        ),
    ),
    ("reveal", "platform", Text::new("Die Plattform", "The platform")),
    (
        "rekey",
        "",
        Text::new("Versiegelt die Zugangsdaten mit einem neuen Schlüssel", "Seals the credentials with a new key"),
    ),
    (
        "doctor",
        "",
        Text::new("Prüft alles und sagt zu jedem Befund, was zu tun ist", "Checks everything and says how to mend it"),
    ),
    ("doctor", "json", Text::new("Befunde als JSON auf der Standardausgabe", "Findings as JSON on standard output")),
    ("doctor", "offline", Text::new("Ohne eine Plattform zu fragen", "Without asking any platform")),
    ("owner", "", Text::new("Wer sich anmelden darf", "Who may sign in")),
    ("reset-password", "", Text::new("Setzt ein neues Passwort", "Sets a new password")),
    ("reset-password", "name", Text::new("Wessen Passwort", "Whose password")),
    (
        "reset-password",
        "without_second_factor",
        Text::new(
            "Schaltet auch Codes, Wiederherstellungscodes und Passkeys ab: für ein verlorenes Telefon",
            "Switches off codes, recovery codes and passkeys as well: for a lost phone",
        ),
    ),
    (
        "*",
        "password_stdin",
        Text::new(
            "Passwort von der Standardeingabe statt von einer Frage",
            "Password from standard input, not a prompt",
        ),
    ),
    ("api-token", "", Text::new("Tokens für Skripte", "Tokens for scripts")),
    ("create", "", Text::new("Macht ein Token und zeigt es ein einziges Mal", "Makes a token and shows it once")),
    ("create", "name", Text::new("Wofür es ist", "What it is for")),
    ("create", "scope", Text::new("Was es darf, mit Komma getrennt", "What it may do, separated by commas")),
    ("revoke", "", Text::new("Widerruft ein Token", "Revokes a token")),
    ("revoke", "name", Text::new("Der Name des Tokens", "The token's name")),
    (
        "backup",
        "",
        Text::new("Schreibt eine Sicherung, auch im laufenden Betrieb", "Writes a backup, also while serving"),
    ),
    (
        "export",
        "",
        Text::new("Schreibt die Seiten als Dateien für jeden Webspace", "Writes the pages as files for any web host"),
    ),
    ("export", "folder", Text::new("Der Ordner für die Dateien", "The folder for the files")),
    (
        "export",
        "address",
        Text::new(
            "Unter welcher Adresse sie stehen werden, auch mit Pfad: https://name.github.io/kit",
            "The address they will stand at, with its path: https://name.github.io/kit",
        ),
    ),
    ("backup", "file", Text::new("Die neue Datei", "The new file")),
    ("restore", "", Text::new("Ersetzt alles durch eine Sicherung", "Replaces everything by a backup")),
    ("restore", "file", Text::new("Die Sicherung", "The backup")),
    ("verify", "", Text::new("Prüft Datenbank und Verlauf", "Checks database and history")),
    ("config", "", Text::new("Die Einstellungen", "The settings")),
    (
        "default",
        "",
        Text::new("Druckt alle Vorgaben als kommentierte Datei", "Prints all defaults as a commented file"),
    ),
    (
        "show",
        "",
        Text::new(
            "Zeigt, was gilt und woher es kommt; Geheimes verdeckt",
            "Shows what holds and where it came from, secrets masked",
        ),
    ),
    ("check", "", Text::new("Prüft die Einstellungen", "Checks the settings")),
    (
        "healthcheck",
        "",
        Text::new("Fragt den laufenden Server, ob er gesund ist", "Asks the running server whether it is well"),
    ),
];

/// The language of messages: `--lang`, then `LC_ALL`, `LC_MESSAGES`, `LANG`; English unless one of them says German.
pub(super) fn language(arguments: &[OsString], environment: &[(OsString, OsString)]) -> Lang {
    let texts: Vec<&str> =
        arguments.iter().skip(1).filter_map(|argument| argument.to_str()).take_while(|a| *a != "--").collect();
    let after = texts.windows(2).find(|pair| pair[0] == "--lang").map(|pair| pair[1]);
    let flag = texts.iter().find_map(|text| text.strip_prefix("--lang=")).or(after).and_then(Lang::from_tag);
    let variable = |name: &str| environment.iter().find(|(n, _)| n == name).and_then(|(_, value)| value.to_str());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
    let tag = locale.and_then(|locale| locale.split(['.', '@']).next());
    flag.or_else(|| tag.and_then(Lang::from_tag)).unwrap_or(Lang::En)
}

/// The command line with its help in a language.
pub(super) fn command(lang: Lang) -> Command {
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).global(true);
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
    let command = Cli::command().disable_version_flag(true).arg(help).arg(version);
    localised(command, lang)
}

fn localised(command: Command, lang: Lang) -> Command {
    let name = command.get_name().to_owned();
    let (usage, commands, value) = match lang {
        Lang::De => ("Aufruf:", "Befehle", "BEFEHL"),
        Lang::En => ("Usage:", "Commands", "COMMAND"),
    };
    let mut command = command
        .about(help(&name, "", lang).unwrap_or_default())
        .help_template(format!("{{about}}\n\n{usage} {{usage}}\n\n{{all-args}}"))
        .subcommand_help_heading(commands)
        .subcommand_value_name(value)
        .mut_args(|argument| worded(argument, &name, lang));
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for sub in names {
        command = command.mut_subcommand(sub, |sub| localised(sub, lang));
    }
    command
}

fn worded(argument: Arg, command: &str, lang: Lang) -> Arg {
    let (options, arguments, settings) = match lang {
        Lang::De => ("Optionen", "Angaben", "Einstellungen"),
        Lang::En => ("Options", "Arguments", "Settings"),
    };
    let id = argument.get_id().as_str().to_owned();
    let setting = SETTINGS.iter().find(|setting| setting.name == id && command == "mediakit");
    let heading = if setting.is_some() {
        settings
    } else if argument.is_positional() {
        arguments
    } else {
        options
    };
    let text = setting.map(|setting| setting.help.get(lang)).or_else(|| help(command, &id, lang));
    argument.help(text.unwrap_or_default()).help_heading(heading)
}

fn help(command: &str, argument: &str, lang: Lang) -> Option<&'static str> {
    let here = |place: &str| place == command || (place == "*" && !argument.is_empty());
    HELP.iter().find(|(place, name, _)| here(place) && *name == argument).map(|(.., text)| text.get(lang))
}

/// Shows the help that was asked for, or says what is wrong with the usage.
pub(super) fn refuse(error: &clap::Error, lang: Lang) -> Exit {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let _ = error.print();
        return Exit::All;
    }
    match (lang, german(error)) {
        (Lang::De, Some(text)) => super::say(&text),
        _ => drop(error.print()),
    }
    Exit::Usage
}

/// The commonest mistakes in German; the rest is left to the parser's own words.
fn german(error: &clap::Error) -> Option<String> {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) if !texts.is_empty() => Some(texts.join(", ")),
        _ => None,
    };
    let meant = |kind| context(kind).map(|meant| format!(" Meintest du {meant}?")).unwrap_or_default();
    let text = match error.kind() {
        ErrorKind::UnknownArgument => {
            format!(
                "`{}` wird hier nicht erwartet.{}",
                context(ContextKind::InvalidArg)?,
                meant(ContextKind::SuggestedArg)
            )
        }
        ErrorKind::InvalidSubcommand => format!(
            "Den Befehl `{}` gibt es nicht.{}",
            context(ContextKind::InvalidSubcommand)?,
            meant(ContextKind::SuggestedSubcommand)
        ),
        ErrorKind::MissingRequiredArgument => format!("Es fehlt: {}.", context(ContextKind::InvalidArg)?),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "Es fehlt ein Befehl.".to_owned()
        }
        ErrorKind::InvalidValue => {
            let value = context(ContextKind::InvalidValue).filter(|value| !value.is_empty());
            let allowed =
                context(ContextKind::ValidValue).map(|values| format!(" Erlaubt: {values}.")).unwrap_or_default();
            match value {
                Some(value) => format!("`{value}` geht nicht für {}.{allowed}", context(ContextKind::InvalidArg)?),
                None => format!("Für {} fehlt ein Wert.{allowed}", context(ContextKind::InvalidArg)?),
            }
        }
        _ => return None,
    };
    Some(format!("{text} `--help` hilft weiter."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_and_argument_has_help_in_both_languages() {
        fn check(command: &Command) {
            assert!(command.get_about().is_some_and(|about| !about.to_string().is_empty()), "{}", command.get_name());
            for argument in command.get_arguments() {
                let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(!help.is_empty(), "{} {}", command.get_name(), argument.get_id());
            }
            command.get_subcommands().for_each(check);
        }
        for lang in Lang::ALL {
            let mut command = command(lang);
            check(&command);
            command.build();
            command.debug_assert();
        }
    }

    #[test]
    fn the_language_comes_from_the_flag_or_the_locale() {
        let of = |arguments: &[&str], variables: &[(&str, &str)]| {
            let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
            let variables: Vec<_> = variables.iter().map(|(n, v)| (OsString::from(n), OsString::from(v))).collect();
            language(&arguments, &variables)
        };
        assert_eq!(of(&["mediakit"], &[]), Lang::En);
        assert_eq!(of(&["mediakit"], &[("LANG", "de_DE.UTF-8")]), Lang::De);
        assert_eq!(of(&["mediakit"], &[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")]), Lang::En);
        assert_eq!(of(&["mediakit"], &[("LANG", "en_US"), ("LC_MESSAGES", "de_AT@euro")]), Lang::De);
        assert_eq!(of(&["mediakit"], &[("LC_ALL", ""), ("LANG", "de")]), Lang::De);
        assert_eq!(of(&["mediakit", "fetch", "--lang", "de"], &[("LANG", "en_US")]), Lang::De);
        assert_eq!(of(&["mediakit", "--lang=en"], &[("LANG", "de_DE")]), Lang::En);
        assert_eq!(of(&["mediakit", "--", "--lang=de"], &[]), Lang::En);
    }
}
