//! What `.env.social` suffers from, in sentences: the same for `doctor`, `token status`, a fetch and the log. Each says
//! what is wrong and what to do, none says a value.

use std::path::Path;

use super::env_file::{EnvFile, EnvFileError};
use crate::domain::alert::Words;
use crate::domain::text::Text;

const EMPTY: Text = Text::new(
    "{path} ist leer: keine Zeile darin nennt Zugangsdaten. Was mediakit schon kennt, gilt weiter; trage deine Werte \
     wieder ein oder spiele die Datei zurück.",
    "{path} is empty: no line of it names credentials. What mediakit knows already goes on; put your values back or \
     restore the file.",
);

/// Each thing that is wrong with the file at `path`; `placeholders` are the keys whose placeholders matter.
pub fn of(path: &Path, read: Result<&EnvFile, EnvFileError>, placeholders: &[String]) -> Vec<Words> {
    let path = path.display().to_string();
    let file = match read {
        Ok(file) => file,
        Err(error) => return vec![filled(error.text(), &path)],
    };
    let mut troubles = Vec::new();
    if is_empty(file) {
        troubles.push(filled(EMPTY, &path));
    }
    troubles.extend(file.complaints().iter().map(|complaint| {
        let (line, why) = (complaint.line, complaint.reason);
        Words::new(
            format!("{path}, Zeile {line}: {}. Berichtige die Zeile; alle anderen gelten.", why.de),
            format!("{path}, line {line}: {}. Correct the line; all others count.", why.en),
        )
    }));
    if !placeholders.is_empty() {
        let keys = placeholders.join(", ");
        troubles.push(Words::new(
            format!("{path} enthält noch Platzhalter: {keys}. Trage dort deine Werte ein oder lösche die Zeilen."),
            format!("{path} still holds placeholders: {keys}. Put your values there or remove the lines."),
        ));
    }
    troubles
}

/// Whether nothing at all is entered.
pub fn is_empty(file: &EnvFile) -> bool {
    file.assignments().is_empty() && file.complaints().is_empty()
}

fn filled(text: Text, path: &str) -> Words {
    Words::new(text.de.replace("{path}", path), text.en.replace("{path}", path))
}
