//! What `.env.social` suffers from, for `token status` and `doctor`. No value of it is ever said.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::credentials::{CredentialSource, EnvFile, EnvFileError, trouble};
use crate::domain::alert::Words;
use crate::domain::text::Lang;
use crate::platforms::Platform;

/// The file as it was found.
pub(super) struct Look {
    path: PathBuf,
    read: Result<EnvFile, EnvFileError>,
    /// Keys that still hold what stands in a value's place although their platform is meant to be used.
    placeholders: Vec<String>,
}

impl Look {
    /// Reads the file anew. A platform that was not touched at all may keep its placeholders, unless none was.
    pub(super) fn at(source: &CredentialSource, platforms: &[Arc<dyn Platform>]) -> Self {
        let path = source.path().to_owned();
        let read = EnvFile::read(&path);
        let abouts = || platforms.iter().map(|platform| platform.about());
        let begun = |about| source.given(about).has_secret(about);
        let none_begun = !abouts().any(begun);
        let of_begun = |name: &&str| {
            let names_it =
                |key: &crate::domain::platform::CredentialKey| key.name == *name || key.aliases.contains(name);
            none_begun || abouts().filter(|about| begun(about)).any(|about| about.credentials.iter().any(names_it))
        };
        let open = read.as_ref().map(EnvFile::placeholders).unwrap_or_default();
        let placeholders = open.into_iter().filter(of_begun).map(str::to_owned).collect();
        Self { path, read, placeholders }
    }

    /// Why the file gave nothing.
    pub(super) fn error(&self) -> Option<EnvFileError> {
        self.read.as_ref().err().copied()
    }

    /// Whether the file holds nothing, or is not there.
    pub(super) fn is_bare(&self) -> bool {
        self.error() == Some(EnvFileError::Missing) || self.read.as_ref().is_ok_and(trouble::is_empty)
    }

    /// Whether there is something to mend. A file that is not there may be meant.
    pub(super) fn suffers(&self) -> bool {
        self.error() != Some(EnvFileError::Missing) && !self.troubles().is_empty()
    }

    /// Each thing that is wrong: what it is, and what to do.
    pub(super) fn troubles(&self) -> Vec<Words> {
        trouble::of(&self.path, self.read.as_ref().map_err(|error| *error), &self.placeholders)
    }

    /// The same in one language.
    pub(super) fn sentences(&self, lang: Lang) -> Vec<String> {
        self.troubles().iter().map(|words| words.get(lang).to_owned()).collect()
    }

    /// The same for machines.
    pub(super) fn json(&self, lang: Lang) -> Json {
        let complaints = self.read.as_ref().map(EnvFile::complaints).unwrap_or_default();
        let state = match self.error() {
            None if self.is_bare() => "empty",
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
            "lines_left_out": complaints.iter().map(|complaint| complaint.line).collect::<Vec<_>>(),
            "placeholders": self.placeholders,
            "attention": self.sentences(lang),
        })
    }
}
