//! The configuration as text: the commented defaults, the effective values, the documentation.

use std::fmt::Write as _;

use super::settings::{CONFIG_ENV, CONFIG_FILE, SETTINGS, Setting, UPSTREAM_ENV, Usual};
use super::{Config, ShownValue, Source};
use crate::domain::text::{Lang, Text};

impl Config {
    /// The effective configuration as TOML with a comment per value that says where it came from. Secrets are masked.
    pub fn show(&self, lang: Lang) -> String {
        let (upstreams, settings): (Vec<_>, Vec<_>) =
            self.shown().iter().partition(|value| value.name.starts_with("upstream."));
        let mut out = String::new();
        for value in settings {
            line(&mut out, &value.name, value, lang);
        }
        if !upstreams.is_empty() {
            out.push_str("\n[upstream]\n");
        }
        for value in upstreams {
            line(&mut out, value.name.trim_start_matches("upstream."), value, lang);
        }
        out
    }
}

fn line(out: &mut String, name: &str, value: &ShownValue, lang: Lang) {
    let usual = SETTINGS.iter().find(|setting| setting.name == value.name).map(|setting| setting.usual);
    let source = match (usual, &value.text) {
        (Some(Usual::Words(words)), None) => words.get(lang).to_owned(),
        _ => source_words(&value.source, lang),
    };
    let assignment = match &value.text {
        Some(text) => format!("{name} = {}", toml_value(text, value.bare)),
        None => format!("# {name}"),
    };
    let _ = writeln!(out, "{assignment:<48} # {source}");
}

/// Where a value came from, in words.
pub fn source_words(source: &Source, lang: Lang) -> String {
    match (source, lang) {
        (Source::Default, Lang::De) => "Vorgabe".to_owned(),
        (Source::Default, Lang::En) => "default".to_owned(),
        (Source::Panel, Lang::De) => "im Panel gewählt".to_owned(),
        (Source::Panel, Lang::En) => "chosen in the panel".to_owned(),
        (Source::File(file), Lang::De) => format!("Datei {file}"),
        (Source::File(file), Lang::En) => format!("file {file}"),
        (Source::Environment(name), Lang::De) => format!("Umgebung {name}"),
        (Source::Environment(name), Lang::En) => format!("environment {name}"),
        (Source::Flag(flag), Lang::De) => format!("Option {flag}"),
        (Source::Flag(flag), Lang::En) => format!("flag {flag}"),
    }
}

fn toml_value(text: &str, bare: bool) -> String {
    if bare { text.to_owned() } else { toml::Value::from(text).to_string() }
}

const HEADER: Text = Text::new(
    "Einstellungen von mediakit. Alles hier ist freiwillig; gezeigt sind die Vorgaben.\n\
     Es gilt in dieser Reihenfolge, das Spätere gewinnt: Vorgabe, diese Datei, Umgebung, Optionen.",
    "Settings of mediakit. Everything here is optional; the defaults are shown.\n\
     Later wins: default, this file, environment, flags.",
);

const UPSTREAM_HELP: Text = Text::new(
    "Andere Adressen an Stelle der Plattformen, zum Beispiel eines Simulators: nur Schema, Host und Port.",
    "Other addresses in place of the platforms, of a simulator for example: scheme, host and port only.",
);

/// The commented defaults: a `mediakit.toml` to start from.
pub fn default_toml(lang: Lang, upstreams: &[&str]) -> String {
    let mut out = String::new();
    comment(&mut out, HEADER.get(lang));
    for setting in SETTINGS {
        out.push('\n');
        comment(&mut out, setting.help.get(lang));
        let (allowed, variable) = match lang {
            Lang::De => ("Erlaubt", "Variable"),
            Lang::En => ("Allowed", "Variable"),
        };
        comment(
            &mut out,
            &format!("{allowed}: {}. {variable}: {}", setting.kind.allowed.get(lang), variables(setting)),
        );
        match setting.usual {
            Usual::Value(usual) => {
                let _ = writeln!(out, "#{} = {}", setting.name, toml_value(usual, setting.kind.bare));
            }
            Usual::Words(words) => {
                let _ = writeln!(out, "#{} = \"\" # {}", setting.name, words.get(lang));
            }
        }
        if setting.own_file {
            let _ = writeln!(out, "#{}_file = \"\"", setting.name);
        }
    }
    out.push('\n');
    comment(&mut out, UPSTREAM_HELP.get(lang));
    out.push_str("#[upstream]\n");
    for name in upstreams {
        let _ = writeln!(out, "#{} = \"http://127.0.0.1:9000\"", name.to_lowercase());
    }
    out
}

fn comment(out: &mut String, text: &str) {
    for line in text.lines() {
        let _ = writeln!(out, "# {line}");
    }
}

fn variables(setting: &Setting) -> String {
    if setting.own_file { format!("{0}, {0}_FILE", setting.env) } else { setting.env.to_owned() }
}

/// The documentation page of the settings.
pub fn markdown(upstreams: &[&str]) -> String {
    let mut out = String::from(
        "<!-- Generated from src/config/settings.rs; `UPDATE=1 cargo nextest run documentation` writes it anew. -->\n",
    );
    for lang in [Lang::En, Lang::De] {
        markdown_in(&mut out, lang, upstreams);
    }
    out
}

const PAGE: Text = Text::new(
    "# Einstellungen\n\n\
     Quellen, das Spätere gewinnt: Vorgabe, Panel, `{file}` im Arbeitsverzeichnis (oder die Datei aus `--config` oder \
     `{variable}`), Umgebung, Optionen. Das Programm läuft auch ganz ohne Einstellungen. Unbekannte Namen werden \
     abgelehnt, und der ähnlichste bekannte Name wird genannt; eine leere Variable zählt als nicht gesetzt. \
     `mediakit config show` zeigt, was gilt und woher es kommt.",
    "# Configuration\n\n\
     Sources, later wins: default, the panel, `{file}` in the working directory (or the file from `--config` or `{variable}`), \
     environment, flags. The program runs with none of it set. Unknown names are refused and the nearest known name \
     is told; an empty variable counts as unset. `mediakit config show` shows what holds and where it came from.",
);

const UPSTREAM_PAGE: Text = Text::new(
    "## Andere Adressen\n\n\
     `{prefix}<NAME>` oder der Abschnitt `[upstream]` setzt eine Adresse an die Stelle eines echten Servers: nur \
     Schema, Host und Port; die Pfade bleiben die der Plattform. `MASTODON` steht für jede Instanz.",
    "## Other origins\n\n\
     `{prefix}<NAME>` or the section `[upstream]` puts an origin in place of a real host: scheme, host and port \
     only; the paths stay those of the platform. `MASTODON` stands for every instance.",
);

fn markdown_in(out: &mut String, lang: Lang, upstreams: &[&str]) {
    let page = PAGE.get(lang).replace("{file}", CONFIG_FILE).replace("{variable}", CONFIG_ENV);
    let head = match lang {
        Lang::De => "| Datei | Variable | Option | Vorgabe | erlaubt | wofür |",
        Lang::En => "| file | variable | flag | default | allowed | meaning |",
    };
    let _ = writeln!(out, "\n{page}\n\n{head}\n|---|---|---|---|---|---|");
    for setting in SETTINGS {
        let usual = match setting.usual {
            Usual::Value(usual) => format!("`{usual}`"),
            Usual::Words(words) => words.get(lang).to_owned(),
        };
        let (files, envs) = if setting.own_file {
            (format!("`{0}`, `{0}_file`", setting.name), format!("`{0}`, `{0}_FILE`", setting.env))
        } else {
            (format!("`{}`", setting.name), format!("`{}`", setting.env))
        };
        let flag = setting.flag().map(|flag| format!("`--{flag}`")).unwrap_or_default();
        let (allowed, help) = (setting.kind.allowed.get(lang), setting.help.get(lang));
        let cells = [files, envs, flag, usual, allowed.to_owned(), help.to_owned()];
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('<', "&lt;")).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    let _ = writeln!(out, "\n{}\n", UPSTREAM_PAGE.get(lang).replace("{prefix}", UPSTREAM_ENV));
    let names: Vec<String> = upstreams.iter().map(|name| format!("`{name}`")).collect();
    let _ = writeln!(out, "{}", names.join(" "));
}
