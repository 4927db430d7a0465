//! Rewrites `.env.social` so that only renewed values change: every other byte stays, with a comment of ours above them
//! that tells which generation they are. What reads the file is in `env_file.rs`, what writes it in `durable.rs`.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

use secrecy::{ExposeSecret, SecretBox};

use super::durable;
use super::env_file::{Assignment, EnvFile, EnvFileError, Quote};
use crate::domain::credential::Credentials;
use crate::domain::text::Text;

/// How often a rewrite begins anew when somebody else writes the file meanwhile.
const ATTEMPTS: usize = 5;
const MARK: &str = "# mediakit: ";
/// Characters that mean themselves to every dotenv tool, without quotes.
const PLAIN: &str = "._-~+/=:@%,|*!?()[]{}<>;&^";

/// What mediakit notes beside values it wrote: `# mediakit: tiktok generation 18 fp-6c1e0b9a`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The platform's id.
    pub platform: String,
    /// The values' generation.
    pub generation: i64,
    /// The fingerprint of the renewed values, by which an edit shows.
    pub fingerprint: String,
}

impl Mark {
    fn line(&self) -> String {
        format!("{MARK}{} generation {} fp-{}", self.platform, self.generation, self.fingerprint)
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.trim_end().strip_prefix(MARK)?.split(' ');
        let platform = words.next().filter(|word| !word.is_empty())?.to_owned();
        let generation = words.next().filter(|word| *word == "generation").and_then(|_| words.next())?.parse().ok()?;
        let fingerprint = words.next()?.strip_prefix("fp-")?.to_owned();
        words.next().is_none().then_some(Self { platform, generation, fingerprint })
    }
}

/// How a rewrite ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// The file has the new values, durably.
    Changed,
    /// It had them already and was left alone.
    Unchanged,
}

/// Why the file does not have the new values; it is as it was.
#[derive(Debug, thiserror::Error)]
pub enum WriteBackError {
    /// It could not be read.
    #[error(transparent)]
    Read(#[from] EnvFileError),
    /// It could not be written.
    #[error("the file could not be written ({0})")]
    Write(io::ErrorKind),
    /// Somebody else kept writing it.
    #[error("somebody else keeps writing the file")]
    Contended,
}

impl WriteBackError {
    /// What happened and what to do; `{path}` stands for the file.
    pub const fn text(&self) -> Text {
        match self {
            Self::Read(error) => error.text(),
            Self::Write(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => Text::new(
                "Für {path} ist kein Platz mehr. Schaffe Platz; mediakit schreibt die Datei dann von selbst.",
                "There is no space left for {path}. Make room; mediakit then writes the file by itself.",
            ),
            Self::Write(io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) => Text::new(
                "mediakit darf {path} nicht schreiben. Die erneuerten Zugangsdaten sind in der Datenbank sicher; gib dem \
                 Nutzer des Servers Schreibrecht, dann stehen sie auch in der Datei.",
                "mediakit may not write {path}. The renewed credentials are safe in the database; give the server's user \
                 permission to write, and they are in the file as well.",
            ),
            Self::Write(_) => Text::new(
                "{path} ließ sich nicht schreiben. Die erneuerten Zugangsdaten sind in der Datenbank sicher; prüfe den \
                 Datenträger.",
                "{path} could not be written. The renewed credentials are safe in the database; check the disk.",
            ),
            Self::Contended => Text::new(
                "Ein anderes Programm schreibt {path} immer wieder. mediakit versucht es später noch einmal.",
                "Another program keeps writing {path}. mediakit tries again later.",
            ),
        }
    }
}

/// Puts renewed values into the file, and nothing else. An edit made meanwhile is kept: the rewrite begins anew on it.
pub fn write_back(path: &Path, spare: &Path, changes: &Credentials, mark: &Mark) -> Result<Written, WriteBackError> {
    // One writer of ours at a time; where there can be no lock, the comparison in `durable` has to do.
    let lock = File::create(spare.join("env_social.lock"));
    let _held = lock.and_then(|lock| lock.lock().map(|()| lock));
    for _ in 0..ATTEMPTS {
        let file = EnvFile::read(path)?;
        let after = rewritten(&file, changes, mark);
        if after.expose_secret() == file.source() {
            return Ok(Written::Unchanged);
        }
        let replaced = durable::replace(path, spare, file.source(), after.expose_secret());
        if replaced.map_err(|error| WriteBackError::Write(error.kind()))? {
            return Ok(Written::Changed);
        }
    }
    Err(WriteBackError::Contended)
}

/// The notes of ours in a file. One that is garbled counts as none.
pub fn marks(file: &EnvFile) -> Vec<Mark> {
    mark_lines(file).into_iter().map(|(_, mark)| mark).collect()
}

/// The whole content with the new values.
pub fn rewritten(file: &EnvFile, changes: &Credentials, mark: &Mark) -> SecretBox<[u8]> {
    let line_end = if file.source().windows(2).any(|pair| pair == b"\r\n") { "\r\n" } else { "\n" };
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut appended = String::new();
    let mut first = None;
    for (key, value) in changes.iter() {
        match file.get(key) {
            Some(known) => {
                first = first.into_iter().chain([known.statement.start]).min();
                edits.extend(changed(known, value.expose_secret()));
            }
            None => appended.extend([key, "=", &written(value.expose_secret(), Quote::None).1, line_end]),
        }
    }
    let own = mark_lines(file).into_iter().rfind(|(_, known)| known.platform == mark.platform);
    match (own, first) {
        (Some((range, _)), _) => edits.push((range, mark.line())),
        (None, Some(start)) => edits.push((start..start, mark.line() + line_end)),
        (None, None) => appended.insert_str(0, &(mark.line() + line_end)),
    }
    let mut content = file.source().to_vec();
    if !appended.is_empty() {
        if !content.is_empty() && !content.ends_with(b"\n") {
            content.extend(line_end.bytes());
        }
        content.extend(appended.bytes());
    }
    edits.sort_by_key(|(range, _)| std::cmp::Reverse((range.start, range.end)));
    for (range, text) in edits {
        content.splice(range, text.into_bytes());
    }
    SecretBox::from(content.into_boxed_slice())
}

/// The edit that gives an assignment another value; none when it has it.
fn changed(known: &Assignment, value: &str) -> Option<(Range<usize>, String)> {
    if known.value.expose_secret() == value {
        return None;
    }
    let (quote, text) = written(value, known.quote);
    let inside = known.written.clone();
    // The quotes are part of the edit only when they change.
    let range =
        if known.quote == Quote::None || quote == known.quote { inside } else { inside.start - 1..inside.end + 1 };
    let same_quotes = quote == known.quote;
    Some((range, if same_quotes && quote != Quote::None { unwrapped(&text) } else { text }))
}

fn unwrapped(text: &str) -> String {
    text.get(1..text.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

/// A value as it is written, quotes included, in `wish`'s way if that can hold it.
fn written(value: &str, wish: Quote) -> (Quote, String) {
    let plain = !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || PLAIN.contains(c));
    let one_line = !value.contains(['\'', '\n', '\r']);
    match wish {
        Quote::None if plain => (Quote::None, value.to_owned()),
        Quote::None | Quote::Single if one_line => (Quote::Single, format!("'{value}'")),
        _ => (Quote::Double, format!("\"{}\"", escaped(value))),
    }
}

fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\\' | '"' | '$' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c => out.push(c),
        }
    }
    out
}

/// Where our notes stand, without their line ends; text inside a value is none.
fn mark_lines(file: &EnvFile) -> Vec<(Range<usize>, Mark)> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in file.source().split_inclusive(|byte| *byte == b'\n') {
        let inside = file.assignments().iter().any(|known| known.statement.contains(&start));
        let text = std::str::from_utf8(line).unwrap_or_default().trim_start_matches('\u{feff}').trim_end();
        if !inside && let Some(mark) = Mark::parse(text) {
            let begin =
                start + line.len() - std::str::from_utf8(line).map_or(0, |l| l.trim_start_matches('\u{feff}').len());
            found.push((begin..begin + text.len(), mark));
        }
        start += line.len();
    }
    found
}
