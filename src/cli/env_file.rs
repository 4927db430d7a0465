//! What `.env.social` suffers from, for `token status` and `doctor`. No value of it is ever said.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::credentials::{Complaint, CredentialSource, EnvFile, EnvFileError};
use crate::domain::alert::Words;
use crate::domain::text::{Lang, Text};
use crate::platforms::Platform;

/// The file as it was found.
pub(super) struct Look {
    path: PathBuf,
    /// Why it gave nothing.
    pub(super) error: Option<EnvFileError>,
    complaints: Vec<Complaint>,
    /// Keys that still hold what stands in a value's place although their platform is meant to be used.
    placeholders: Vec<String>,
}

impl Look {
    /// Reads the file anew. A platform that was not touched at all may keep its placeholders, unless none was.
    pub(super) fn at(source: &CredentialSource, platforms: &[Arc<dyn Platform>]) -> Self {
        let path = source.path().to_owned();
        let file = match EnvFile::read(&path) {
            Ok(file) => file,
            Err(error) => return Self { path, error: Some(error), complaints: Vec::new(), placeholders: Vec::new() },
        };
        let abouts = || platforms.iter().map(|platform| platform.about());
        let begun = |about| source.given(about).has_secret(about);
        let none_begun = !abouts().any(begun);
        let open = file.placeholders();
        let of_begun = |name: &&str| {
            let names_it =
                |key: &crate::domain::platform::CredentialKey| key.name == *name || key.aliases.contains(name);
            none_begun || abouts().filter(|about| begun(about)).any(|about| about.credentials.iter().any(names_it))
        };
        let placeholders = open.into_iter().filter(of_begun).map(str::to_owned).collect();
        Self { path, error: None, complaints: file.complaints().to_vec(), placeholders }
    }

    /// Whether there is something to mend. A file that is not there may be meant.
    pub(super) fn suffers(&self) -> bool {
        self.error.is_some_and(|error| error != EnvFileError::Missing)
            || !self.complaints.is_empty()
            || !self.placeholders.is_empty()
    }

    /// Each thing that is wrong: what it is, and what to do.
    pub(super) fn troubles(&self) -> Vec<Words> {
        let path = self.path.display().to_string();
        let mut troubles: Vec<Words> = self.error.iter().map(|error| filled(error.text(), &path)).collect();
        troubles.extend(self.complaints.iter().map(|complaint| {
            let (line, why) = (complaint.line, complaint.reason);
            Words::new(
                format!("{path}, Zeile {line}: {}. Berichtige die Zeile; alle anderen gelten.", why.de),
                format!("{path}, line {line}: {}. Correct the line; all others count.", why.en),
            )
        }));
        if !self.placeholders.is_empty() {
            let keys = self.placeholders.join(", ");
            troubles.push(Words::new(
                format!("{path} enthält noch Platzhalter: {keys}. Trage dort deine Werte ein oder lösche die Zeilen."),
                format!("{path} still holds placeholders: {keys}. Put your values there or remove the lines."),
            ));
        }
        troubles
    }

    /// The same in one language.
    pub(super) fn sentences(&self, lang: Lang) -> Vec<String> {
        self.troubles().iter().map(|words| words.get(lang).to_owned()).collect()
    }

    /// The same for machines.
    pub(super) fn json(&self, lang: Lang) -> Json {
        let state = match self.error {
            None => "read",
            Some(EnvFileError::Missing) => "missing",
            Some(EnvFileError::Directory) => "directory",
            Some(EnvFileError::NotAFile) => "not_a_file",
            Some(EnvFileError::Denied) => "denied",
            Some(EnvFileError::Unreadable) => "unreadable",
            Some(EnvFileError::TooLarge) => "too_large",
            Some(EnvFileError::Utf16) => "utf16",
        };
        json!({
            "path": self.path,
            "state": state,
            "lines_left_out": self.complaints.iter().map(|complaint| complaint.line).collect::<Vec<_>>(),
            "placeholders": self.placeholders,
            "attention": self.sentences(lang),
        })
    }
}

fn filled(text: Text, path: &str) -> Words {
    Words::new(text.de.replace("{path}", path), text.en.replace("{path}", path))
}
