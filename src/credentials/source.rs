//! The credentials as they are now: `.env.social`, looked at on every call and read again when it changed; plain
//! environment variables stand in for keys the file lacks. No watcher, no thread.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};

use super::env_file::{EnvFile, EnvFileError, is_placeholder};
use super::rewrite::{self, Mark};
use super::trouble;
use crate::clock::Clock;
use crate::domain::platform::About;
use crate::platforms::{CredentialKey, Credentials};

/// A file changed less than this ago may change again without its times telling: it is read on each call.
const SETTLED_AFTER: SignedDuration = SignedDuration::from_secs(2);

/// Where credentials come from.
pub struct CredentialSource {
    path: PathBuf,
    /// The keys the environment may give, each with its older names.
    keys: Vec<CredentialKey>,
    environment: BTreeMap<String, SecretString>,
    last: Mutex<Option<LastRead>>,
}

/// Where the operator set a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In `.env.social`.
    File,
    /// In the program's environment.
    Environment,
}

/// What the file and the environment give for one platform.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The values of its keys.
    pub values: Credentials,
    /// Those that are no secret, its budget included; they hold as they stand.
    pub settings: Credentials,
    /// What mediakit noted beside the values when it wrote them.
    pub mark: Option<Mark>,
    /// Whether the file gave any of the secrets; those of the environment are a beginning only.
    pub from_file: bool,
}

impl Given {
    /// Whether there is any secret among the values.
    pub fn has_secret(&self, about: &About) -> bool {
        about.credentials.iter().any(|key| key.secret && self.values.get(key).is_some())
    }
}

struct LastRead {
    stamp: Option<Stamp>,
    marks: Vec<Mark>,
    values: BTreeMap<String, SecretString>,
}

impl LastRead {
    fn has(&self, key: &CredentialKey) -> bool {
        names(key).any(|name| self.values.contains_key(name))
    }
}

impl CredentialSource {
    /// Reads `path`, and `environment` for the keys the platforms declare.
    pub fn new(
        path: impl Into<PathBuf>,
        keys: impl IntoIterator<Item = CredentialKey>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let keys: Vec<CredentialKey> = keys.into_iter().collect();
        let named = |name: &str| keys.iter().any(|key| names(key).any(|known| known == name));
        let environment = environment
            .into_iter()
            .filter(|(name, value)| named(name) && is_set(name, value))
            .map(|(name, value)| (name, SecretString::from(value)))
            .collect();
        Self { path: path.into(), keys, environment, last: Mutex::new(None) }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The credentials as they are now. Empty values and placeholders count as unset.
    pub fn current(&self) -> Credentials {
        self.look(|file| self.keys.iter().filter_map(|key| self.value(file, key)).collect())
    }

    /// What there is for one platform.
    pub fn given(&self, about: &About) -> Given {
        self.look(|file| self.given_by(file, about))
    }

    /// What there is for each of these platforms, of one moment.
    pub fn given_each<'a>(&self, abouts: impl Iterator<Item = &'a About>) -> Vec<Given> {
        self.look(|file| abouts.map(|about| self.given_by(file, about)).collect())
    }

    fn given_by(&self, file: &LastRead, about: &About) -> Given {
        let value = |key: &CredentialKey| self.value(file, key);
        let plain = about.credentials.iter().filter(|key| !key.secret).chain(about.price.map(|price| price.budget));
        Given {
            values: about.credentials.iter().filter_map(value).collect(),
            settings: plain.filter_map(value).collect(),
            mark: file.marks.iter().find(|mark| mark.platform == about.id).cloned(),
            from_file: about.credentials.iter().any(|key| key.secret && file.has(key)),
        }
    }

    /// A key under its declared name, with its value: the file's, or the environment's where the file lacks it.
    fn value(&self, file: &LastRead, key: &CredentialKey) -> Option<(String, SecretString)> {
        let values = if file.has(key) { &file.values } else { &self.environment };
        Some((key.name.to_owned(), names(key).find_map(|name| values.get(name))?.clone()))
    }

    /// Where the operator set a key, if anywhere: there it is changed, and nowhere else.
    pub fn place(&self, key: &CredentialKey) -> Option<Place> {
        if self.look(|file| file.has(key)) {
            return Some(Place::File);
        }
        names(key).any(|name| self.environment.contains_key(name)).then_some(Place::Environment)
    }

    fn look<T>(&self, use_it: impl FnOnce(&LastRead) -> T) -> T {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = Stamp::of(&self.path);
        let unchanged =
            stamp.as_ref().is_some_and(|now| last.as_ref().is_some_and(|last| last.stamp.as_ref() == Some(now)));
        let kept = last.take().filter(|_| unchanged);
        let current = kept.unwrap_or_else(|| read(&self.path, stamp));
        let result = use_it(&current);
        *last = Some(current);
        result
    }
}

fn names(key: &CredentialKey) -> impl Iterator<Item = &'static str> {
    std::iter::once(key.name).chain(key.aliases.iter().copied())
}

fn is_set(name: &str, value: &str) -> bool {
    !value.trim().is_empty() && !is_placeholder(name, value)
}

/// Reads the file. Its stamp was taken before, so a change meanwhile is seen by the next call.
fn read(path: &Path, stamp: Option<Stamp>) -> LastRead {
    let file = EnvFile::read(path);
    // A file that is not there is none that suffers.
    if !matches!(file, Err(EnvFileError::Missing)) {
        for trouble in trouble::of(path, file.as_ref().map_err(|error| *error), &[]) {
            tracing::warn!("{}", trouble.en);
        }
    }
    let Ok(file) = file else { return LastRead { stamp, marks: Vec::new(), values: BTreeMap::new() } };
    let placeholders = file.placeholders();
    if !placeholders.is_empty() {
        // The example file is made of them, and nobody needs all platforms.
        tracing::info!(keys = placeholders.join(", "), "placeholders count as unset");
    }
    let mut values = BTreeMap::new();
    for assignment in file.assignments() {
        values.insert(assignment.key.clone(), assignment.value.clone());
    }
    values.retain(|name, value| is_set(name, value.expose_secret()));
    LastRead { stamp, marks: rewrite::marks(&file), values }
}

/// What changes when a file changes.
#[derive(PartialEq, Eq)]
struct Stamp {
    modified: Option<Timestamp>,
    length: u64,
    identity: (u64, u64),
    /// When its content or owner last changed, which a copy with kept times can't hide.
    changed: (i64, i64),
}

impl Stamp {
    /// The file's stamp; `None` when there is none to rely on.
    fn of(path: &Path) -> Option<Self> {
        let file = std::fs::metadata(path).ok()?;
        let modified = file.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
        let age = modified.map(|modified| Clock::System.now().duration_since(modified));
        if age.is_none_or(|age| age < SETTLED_AFTER) {
            return None;
        }
        let (identity, changed) = of_this_system(&file);
        Some(Self { modified, length: file.len(), identity, changed })
    }
}

#[cfg(unix)]
fn of_this_system(file: &std::fs::Metadata) -> ((u64, u64), (i64, i64)) {
    use std::os::unix::fs::MetadataExt as _;
    ((file.dev(), file.ino()), (file.ctime(), file.ctime_nsec()))
}

#[cfg(not(unix))]
fn of_this_system(_file: &std::fs::Metadata) -> ((u64, u64), (i64, i64)) {
    ((0, 0), (0, 0))
}
