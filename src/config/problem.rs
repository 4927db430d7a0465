//! What can be wrong with a configuration, each with a sentence that says what to do. A secret is never repeated.

use std::fmt;

use crate::domain::text::{Lang, Text};

/// Everything that is wrong, not only the first thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The problems, in the order they were met.
    pub problems: Vec<Problem>,
}

impl ConfigError {
    /// One sentence per line.
    pub fn text(&self, lang: Lang) -> String {
        self.problems.iter().map(|problem| problem.sentence(lang)).collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

impl std::error::Error for ConfigError {}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A name nobody knows.
    Unknown {
        /// The name as it was written.
        name: String,
        /// The file it stands in, when it is no variable.
        file: Option<String>,
        /// The known name that looks most like it.
        nearest: Option<String>,
    },
    /// A value that can't be used.
    BadValue {
        /// Variable, flag, or key and file.
        place: String,
        /// The value, when it is no secret.
        value: Option<String>,
        /// What is wrong with it.
        why: Text,
        /// What is allowed.
        allowed: Text,
    },
    /// A value and the file that holds it were both given.
    BothGiven {
        /// The place of the value.
        place: String,
        /// The place of the file's name.
        other: String,
    },
    /// A file could not be used.
    File {
        /// Where its name was given, or nothing for the usual configuration file.
        place: Option<String>,
        /// The file.
        path: String,
        /// What is wrong with it.
        why: Text,
    },
    /// The configuration file is not TOML.
    Syntax {
        /// The file.
        path: String,
        /// The line, counted from 1.
        line: usize,
    },
}

impl Problem {
    /// The sentence for people.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            Self::Unknown { name, file, nearest } => unknown(name, file.as_deref(), nearest.as_deref(), lang),
            Self::BadValue { place, value, why, allowed } => {
                let (why, allowed) = (why.get(lang), allowed.get(lang));
                let shown = value.as_deref().map(|value| format!(" ({})", quoted(value))).unwrap_or_default();
                match lang {
                    Lang::De => format!("{place}: {why}{shown}. Erlaubt: {allowed}."),
                    Lang::En => format!("{place}: {why}{shown}. Allowed: {allowed}."),
                }
            }
            Self::BothGiven { place, other } => match lang {
                Lang::De => format!("{place} und {other} sind beide gesetzt. Lass eines davon weg."),
                Lang::En => format!("{place} and {other} are both set. Leave one of them out."),
            },
            Self::File { place, path, why } => {
                let place = place.as_deref().map(|place| format!("{place}: ")).unwrap_or_default();
                format!("{place}{}: {}.", quoted(path), why.get(lang))
            }
            Self::Syntax { path, line } => match lang {
                Lang::De => {
                    format!(
                        "{}, Zeile {line}: das ist kein gültiges TOML. Texte brauchen Anführungszeichen.",
                        quoted(path)
                    )
                }
                Lang::En => format!("{}, line {line}: this is no valid TOML. Texts need quotes.", quoted(path)),
            },
        }
    }
}

fn unknown(name: &str, file: Option<&str>, nearest: Option<&str>, lang: Lang) -> String {
    let name = quoted(name);
    let known = match (nearest, lang) {
        (Some(nearest), Lang::De) => format!("Meintest du {nearest}?"),
        (Some(nearest), Lang::En) => format!("Did you mean {nearest}?"),
        (None, Lang::De) => "`mediakit config default` zeigt alle Namen.".to_owned(),
        (None, Lang::En) => "`mediakit config default` shows every name.".to_owned(),
    };
    match (file, lang) {
        (Some(file), Lang::De) => format!("{}: die Einstellung {name} gibt es nicht. {known}", quoted(file)),
        (Some(file), Lang::En) => format!("{}: there is no setting {name}. {known}", quoted(file)),
        (None, Lang::De) => format!("Die Variable {name} gibt es nicht. {known}"),
        (None, Lang::En) => format!("There is no variable {name}. {known}"),
    }
}

/// A text from outside, cut and without control characters.
fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    let cut: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    let rest = if text.chars().count() > LONGEST { "…" } else { "" };
    format!("`{cut}{rest}`")
}

/// The known name that looks most like `name`, unless none does.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const FAINTEST: f64 = 0.4;
    known
        .into_iter()
        .map(|candidate| (strsim::normalized_damerau_levenshtein(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= FAINTEST)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
