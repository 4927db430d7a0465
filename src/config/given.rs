//! Collects what was given, as text with its place: file, environment, flags. Unknown names are found here; values
//! are read by their kind.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::kind::{Kind, Shown};
use super::problem::{Problem, nearest};
use super::settings::{CONFIG_ENV, CONFIG_FILE, SETTINGS, Setting, UPSTREAM_ENV, UPSTREAM_TABLE, Usual, named};
use crate::domain::text::Text;

/// Configuration and secret files are not read beyond this, in bytes.
const MAX_FILE_BYTES: u64 = 256 * 1024;

/// Variables with our prefix that other programs of the project read: the test suite and its tools.
const ELSEWHERE: &[&str] = &["MEDIAKIT_RECORDED", "MEDIAKIT_BIN", "MEDIAKIT_API_TOKEN"];
const ELSEWHERE_PREFIX: &str = "MEDIAKIT_TEST_";

/// Where a configuration is read from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The configuration file named by a flag.
    pub file: Option<PathBuf>,
    /// The environment.
    pub environment: Vec<(OsString, OsString)>,
    /// Flags by their setting's name.
    pub flags: Vec<(&'static str, String)>,
    /// The upstreams whose origin can be replaced.
    pub upstreams: Vec<&'static str>,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nothing was given.
    Default,
    /// The panel.
    Panel,
    /// The configuration file.
    File(String),
    /// This variable.
    Environment(String),
    /// This flag.
    Flag(String),
}

/// A value as it was given.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) text: String,
    pub(super) source: Source,
    /// Variable, flag, or key and file: for messages.
    pub(super) place: String,
}

/// What was given, by the setting's name; later sources have replaced earlier ones.
pub(super) struct Given {
    pub(super) settings: BTreeMap<&'static str, Entry>,
    pub(super) upstreams: BTreeMap<&'static str, Entry>,
}

impl Given {
    /// Collects from all sources.
    pub(super) fn collect(sources: &Sources, problems: &mut Vec<Problem>) -> Self {
        let mut given = Self { settings: BTreeMap::new(), upstreams: BTreeMap::new() };
        let environment = environment_text(sources, problems);
        given.take_file(sources, &environment, problems);
        given.take_environment(sources, &environment, problems);
        for (name, text) in &sources.flags {
            let place = format!("--{}", name.replace('_', "-"));
            given.settings.insert(name, Entry { text: text.clone(), source: Source::Flag(place.clone()), place });
        }
        given
    }

    /// A setting's value, or its default; `None` when it was bad, which is then among the problems.
    pub(super) fn read<T: Kind>(&self, name: &str, problems: &mut Vec<Problem>) -> Option<T> {
        let Some(entry) = self.settings.get(name) else {
            return match named(name).map(|setting| setting.usual) {
                Some(Usual::Value(usual)) => T::parse(usual).ok(),
                _ => T::absent(),
            };
        };
        let text = if T::ABOUT.shown == Shown::Never { entry.text.as_str() } else { entry.text.trim() };
        T::parse(text).map_err(|why| problems.push(bad_value::<T>(entry, why))).ok()
    }

    fn take_environment(
        &mut self,
        sources: &Sources,
        environment: &BTreeMap<String, String>,
        problems: &mut Vec<Problem>,
    ) {
        let mut layer = Layer::new(environment.clone(), Spelling::Environment);
        for setting in SETTINGS {
            layer.move_setting(setting, &mut self.settings, problems);
        }
        for name in &sources.upstreams {
            layer.move_upstream(name, &mut self.upstreams);
        }
        let known = known_variables(&sources.upstreams);
        for (name, value) in layer.rest {
            if name != CONFIG_ENV && name.starts_with("MEDIAKIT_") && !is_elsewhere(&name, &value) {
                let nearest = nearest(&name, known.iter().map(String::as_str)).map(str::to_owned);
                problems.push(Problem::Unknown { name, file: None, nearest });
            }
        }
    }

    fn take_file(&mut self, sources: &Sources, environment: &BTreeMap<String, String>, problems: &mut Vec<Problem>) {
        let by_flag = sources.file.clone().map(|path| (path, Some("--config".to_owned())));
        let by_variable = || environment.get(CONFIG_ENV).map(|path| (PathBuf::from(path), Some(CONFIG_ENV.to_owned())));
        let (path, place) = by_flag.or_else(by_variable).unwrap_or_else(|| (PathBuf::from(CONFIG_FILE), None));
        let shown = path.display().to_string();
        let text = match read_file(&path) {
            Ok(text) => text,
            Err(Unread::Missing) if place.is_none() => return,
            Err(unread) => return problems.push(Problem::File { place, path: shown, why: unread.why() }),
        };
        let table = match text.parse::<toml::Table>() {
            Ok(table) => table,
            Err(error) => {
                let line = line_of(&text, error.span().map_or(0, |span| span.start));
                return problems.push(Problem::Syntax { path: shown, line });
            }
        };
        self.take_table(table, &shown, &sources.upstreams, problems);
    }

    fn take_table(
        &mut self,
        mut table: toml::Table,
        file: &str,
        upstreams: &[&'static str],
        problems: &mut Vec<Problem>,
    ) {
        let upstream_table = table.remove(UPSTREAM_TABLE);
        let mut layer = Layer::new(texts_of(table, file, problems), Spelling::File(file.to_owned()));
        for setting in SETTINGS {
            layer.move_setting(setting, &mut self.settings, problems);
        }
        let keys: Vec<String> = known_keys();
        layer.report_unknown(file, "", &keys, problems);

        let origins = match upstream_table {
            None => return,
            Some(toml::Value::Table(origins)) => origins,
            Some(_) => return problems.push(not_a_text(UPSTREAM_TABLE, file)),
        };
        let origins = texts_of(origins, file, problems).into_iter().map(|(name, text)| (name.to_lowercase(), text));
        let mut layer = Layer::new(origins.collect(), Spelling::File(file.to_owned()));
        for name in upstreams {
            layer.move_upstream(name, &mut self.upstreams);
        }
        let names: Vec<String> = upstreams.iter().map(|name| name.to_lowercase()).collect();
        layer.report_unknown(file, "upstream.", &names, problems);
    }
}

/// The variables that concern us; an empty one counts as unset.
fn environment_text(sources: &Sources, problems: &mut Vec<Problem>) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for (name, value) in &sources.environment {
        let Some(name) = name.to_str().filter(|name| concerns_us(name)) else { continue };
        match value.to_str() {
            Some("") => {}
            Some(value) => {
                texts.insert(name.to_owned(), value.to_owned());
            }
            None => problems.push(Problem::BadValue {
                place: name.to_owned(),
                value: None,
                why: Text::new("der Wert ist kein UTF-8", "the value is not UTF-8"),
                allowed: Text::new("Text in UTF-8", "text in UTF-8"),
            }),
        }
    }
    texts
}

/// The problem with a value that its kind refuses.
pub(super) fn bad_value<T: Kind>(entry: &Entry, why: Text) -> Problem {
    let value = (T::ABOUT.shown == Shown::Plain).then(|| entry.text.clone());
    Problem::BadValue { place: entry.place.clone(), value, why, allowed: T::ABOUT.allowed }
}

/// How a source spells names.
enum Spelling {
    Environment,
    File(String),
}

/// One source; names are taken out of it until only unknown ones are left.
struct Layer {
    rest: BTreeMap<String, String>,
    spelling: Spelling,
}

impl Layer {
    fn new(rest: BTreeMap<String, String>, spelling: Spelling) -> Self {
        Self { rest, spelling }
    }

    fn move_setting(
        &mut self,
        setting: &'static Setting,
        into: &mut BTreeMap<&'static str, Entry>,
        problems: &mut Vec<Problem>,
    ) {
        let (name, own_file) = match self.spelling {
            Spelling::Environment => (setting.env.to_owned(), format!("{}_FILE", setting.env)),
            Spelling::File(_) => (setting.name.to_owned(), format!("{}_file", setting.name)),
        };
        let text = self.take(name);
        let path = if setting.own_file { self.take(own_file) } else { None };
        match (text, path) {
            (Some(text), Some(path)) => {
                problems.push(Problem::BothGiven { place: text.place, other: path.place });
            }
            (Some(entry), None) => {
                into.insert(setting.name, entry);
            }
            (None, Some(path)) => match read_file(Path::new(&path.text)) {
                Ok(text) => {
                    let text = text.strip_suffix('\n').map_or(text.as_str(), |t| t.strip_suffix('\r').unwrap_or(t));
                    into.insert(setting.name, Entry { text: text.to_owned(), ..path });
                }
                Err(unread) => {
                    problems.push(Problem::File { place: Some(path.place), path: path.text, why: unread.why() });
                }
            },
            (None, None) => {}
        }
    }

    fn move_upstream(&mut self, name: &'static str, into: &mut BTreeMap<&'static str, Entry>) {
        let key = match self.spelling {
            Spelling::Environment => format!("{UPSTREAM_ENV}{name}"),
            Spelling::File(_) => name.to_lowercase(),
        };
        if let Some(entry) = self.take(key) {
            into.insert(name, entry);
        }
    }

    fn take(&mut self, name: String) -> Option<Entry> {
        let text = self.rest.remove(&name)?;
        Some(match &self.spelling {
            Spelling::Environment => Entry { text, source: Source::Environment(name.clone()), place: name },
            Spelling::File(file) => {
                Entry { text, source: Source::File(file.clone()), place: format!("{name} ({file})") }
            }
        })
    }

    fn report_unknown(self, file: &str, prefix: &str, known: &[String], problems: &mut Vec<Problem>) {
        for name in self.rest.into_keys() {
            let nearest = nearest(&name, known.iter().map(String::as_str)).map(|near| format!("{prefix}{near}"));
            problems.push(Problem::Unknown { name: format!("{prefix}{name}"), file: Some(file.to_owned()), nearest });
        }
    }
}

fn concerns_us(name: &str) -> bool {
    name.starts_with("MEDIAKIT_") || SETTINGS.iter().any(|setting| setting.env == name)
}

/// Whether a variable with our prefix is meant for somebody else: our own test tools, or Kubernetes and container
/// links, which describe a service called `mediakit` by `MEDIAKIT_SERVICE_HOST`, `MEDIAKIT_PORT=tcp://…` and so on.
fn is_elsewhere(name: &str, value: &str) -> bool {
    let link = name.strip_prefix("MEDIAKIT_PORT").is_some_and(|rest| match rest.strip_prefix('_') {
        None => rest.is_empty() && value.contains("://"),
        Some(rest) => rest.starts_with(|c: char| c.is_ascii_digit()),
    });
    let service =
        matches!(name, "MEDIAKIT_SERVICE_HOST" | "MEDIAKIT_SERVICE_PORT") || name.starts_with("MEDIAKIT_SERVICE_PORT_");
    link || service || ELSEWHERE.contains(&name) || name.starts_with(ELSEWHERE_PREFIX)
}

fn known_variables(upstreams: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = vec![CONFIG_ENV.to_owned()];
    for setting in SETTINGS {
        names.push(setting.env.to_owned());
        if setting.own_file {
            names.push(format!("{}_FILE", setting.env));
        }
    }
    names.extend(upstreams.iter().map(|name| format!("{UPSTREAM_ENV}{name}")));
    names
}

fn known_keys() -> Vec<String> {
    let own_files = SETTINGS.iter().filter(|setting| setting.own_file).map(|setting| format!("{}_file", setting.name));
    let names = SETTINGS.iter().map(|setting| setting.name.to_owned());
    names.chain(own_files).chain([UPSTREAM_TABLE.to_owned()]).collect()
}

/// A table's values as text; a list is joined by commas.
fn texts_of(table: toml::Table, file: &str, problems: &mut Vec<Problem>) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for (key, value) in table {
        if let Some(text) = text_of(value) {
            texts.insert(key, text);
        } else {
            problems.push(not_a_text(&key, file));
        }
    }
    texts
}

fn text_of(value: toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text),
        toml::Value::Integer(n) => Some(n.to_string()),
        toml::Value::Float(n) => Some(n.to_string()),
        toml::Value::Boolean(yes) => Some(yes.to_string()),
        toml::Value::Datetime(at) => Some(at.to_string()),
        toml::Value::Array(parts) if parts.is_empty() => Some("none".to_owned()),
        toml::Value::Array(parts) => {
            let parts: Option<Vec<String>> = parts.into_iter().map(|part| part.as_str().map(str::to_owned)).collect();
            parts.map(|parts| parts.join(","))
        }
        toml::Value::Table(_) => None,
    }
}

fn not_a_text(key: &str, file: &str) -> Problem {
    let (why, allowed) = if key == UPSTREAM_TABLE {
        (
            Text::new("das ist keine Tabelle", "this is no table"),
            Text::new("ein Abschnitt [upstream]", "a section [upstream]"),
        )
    } else {
        (
            Text::new("das ist kein einzelner Wert", "this is no single value"),
            Text::new("Text, Zahl, true oder false", "text, number, true or false"),
        )
    };
    Problem::BadValue { place: format!("{key} ({file})"), value: None, why, allowed }
}

fn line_of(text: &str, position: usize) -> usize {
    1 + text.as_bytes().iter().take(position).filter(|byte| **byte == b'\n').count()
}

/// Why a file could not be read.
enum Unread {
    Missing,
    Directory,
    Denied,
    TooLarge,
    NotText,
    Broken,
}

impl Unread {
    const fn why(&self) -> Text {
        match self {
            Self::Missing => Text::new("diese Datei gibt es nicht", "there is no such file"),
            Self::Directory => Text::new("das ist ein Ordner, keine Datei", "this is a folder, not a file"),
            Self::Denied => Text::new("mediakit darf diese Datei nicht lesen", "mediakit may not read this file"),
            Self::TooLarge => Text::new("die Datei ist größer als 256 KiB", "the file is larger than 256 KiB"),
            Self::NotText => Text::new("die Datei ist kein UTF-8", "the file is not UTF-8"),
            Self::Broken => Text::new("die Datei ließ sich nicht lesen", "the file could not be read"),
        }
    }
}

fn read_file(path: &Path) -> Result<String, Unread> {
    let classify = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Unread::Missing,
        ErrorKind::PermissionDenied => Unread::Denied,
        ErrorKind::IsADirectory => Unread::Directory,
        _ => Unread::Broken,
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(classify)?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(classify)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(Unread::TooLarge);
    }
    let text = String::from_utf8(bytes).map_err(|_| Unread::NotText)?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}
