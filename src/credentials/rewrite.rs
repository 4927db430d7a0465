//! Rewrites `.env.social` so that only renewed values change: every other byte stays, with a comment of ours above them
//! that tells which generation they are. What reads the file is in `env_file.rs`, what writes it in `durable.rs`.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

use secrecy::{ExposeSecret, SecretBox};

use super::durable;
use super::env_file::{Assignment, EnvFile, EnvFileError, Quote};
use crate::domain::credential::{Credentials, Fingerprint};
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
    pub fingerprint: Fingerprint,
}

impl Mark {
    fn line(&self) -> String {
        format!("{MARK}{} generation {} fp-{}", self.platform, self.generation, self.fingerprint)
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.trim_end().strip_prefix(MARK)?.split(' ');
        let platform = words.next().filter(|word| !word.is_empty())?.to_owned();
        let generation = words.next().filter(|word| *word == "generation").and_then(|_| words.next())?.parse().ok()?;
        let fingerprint = Fingerprint::parse(words.next()?.strip_prefix("fp-")?)?;
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
    let _held = alone(spare);
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

/// Finishes a write that a crash cut short, and removes what it left over.
pub fn recover(path: &Path, spare: &Path) -> io::Result<()> {
    let _held = alone(spare);
    durable::recover(path, spare)
}

/// One writer of ours at a time; where there can be no lock, the comparison in `durable` has to do.
fn alone(spare: &Path) -> io::Result<File> {
    let lock = File::create(spare.join("env_social.lock"))?;
    lock.lock().map(|()| lock)
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
    // What a backslash means in single quotes the tools do not agree on.
    let one_line = !value.contains(['\'', '\n', '\r', '\\']);
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn change(key: &str, value: &str) -> Credentials {
        [(key.to_owned(), value.to_owned().into())].into_iter().collect()
    }

    fn mark() -> Mark {
        Mark { platform: "tiktok".to_owned(), generation: 18, fingerprint: Fingerprint::parse("6c1e0b9a").unwrap() }
    }

    fn rewrite(source: &str, key: &str, value: &str) -> String {
        let file = EnvFile::parse(source.as_bytes().to_vec()).unwrap();
        String::from_utf8(rewritten(&file, &change(key, value), &mark()).expose_secret().to_vec()).unwrap()
    }

    const NOTE: &str = "# mediakit: tiktok generation 18 fp-6c1e0b9a";

    #[test]
    fn only_the_value_and_our_note_change() {
        let cases = [
            ("K=old\nB=2\n", "K=new\nB=2\n"),
            ("\u{feff}K=old\r\n# c\r\n", "\u{feff}NOTE\r\nK=new\r\n# c\r\n"),
            ("export  K = old   # why\n", "export  K = new   # why\n"),
            ("K=\"old\" # why\n", "K=\"new\" # why\n"),
            ("K='old'\n", "K='new'\n"),
            ("K=\n", "K=new\n"),
            ("K=first\nK=old", "K=first\nNOTE\nK=new"),
            ("B=\"two\nlines\"\nK=old\n", "B=\"two\nlines\"\nNOTE\nK=new\n"),
            ("nonsense here\nK=old\n", "nonsense here\nNOTE\nK=new\n"),
            ("B=2", "B=2\nNOTE\nK=new\n"),
            ("B=2\r\n", "B=2\r\nNOTE\r\nK=new\r\n"),
            ("", "NOTE\nK=new\n"),
        ];
        for (before, after) in cases {
            let noted = if after.contains("NOTE") { after.to_owned() } else { format!("NOTE\n{after}") };
            let once = rewrite(before, "K", "new");
            assert_eq!(once, noted.replace("NOTE", NOTE), "{before:?}");
            assert_eq!(rewrite(&once, "K", "new"), once, "a second time changes nothing: {before:?}");
        }
    }

    #[test]
    fn an_older_note_is_brought_up_to_date_and_text_in_a_value_is_none() {
        let before = "# mediakit: tiktok generation 17 fp-00000000\nK=old\n# mediakit: x generation 1 fp-1\n";
        assert_eq!(rewrite(before, "K", "new"), format!("{NOTE}\nK=new\n# mediakit: x generation 1 fp-1\n"));
        let file =
            EnvFile::parse(format!("K=\"a\n{NOTE}\"\n# mediakit: tiktok generation x fp-1\n").into_bytes()).unwrap();
        assert_eq!(marks(&file), []);
    }

    proptest! {
        #[test]
        fn any_value_is_read_back_and_every_other_byte_stays(
            value in "[ -~äß\\n\\r]{1,40}",
            quote in prop_oneof![Just("K=old"), Just("K='old'"), Just("K=\"old\""), Just("export K=old # c")],
            before in proptest::collection::vec("(# [a-z ]*|[A-Z]{2,4}=[a-z0-9]*|[A-Z]{2,4}='[ -&(-~]*'|)", 0..6),
            after in proptest::collection::vec("(# [a-z ]*|[A-Z]{2,4}=[a-z0-9]*|)", 0..6),
            end in prop_oneof![Just("\n"), Just("\r\n")],
        ) {
            let lines: Vec<&str> = before.iter().map(String::as_str).chain([quote]).chain(after.iter().map(String::as_str)).collect();
            let source = lines.join(end) + end;
            let rewritten = rewrite(&source, "K", &value);
            let file = EnvFile::parse(rewritten.clone().into_bytes()).unwrap();
            prop_assert_eq!(file.get("K").unwrap().value.expose_secret(), value.as_str());
            let at = before.len();
            let kept: Vec<&str> = rewritten.split(end).collect();
            prop_assert_eq!(&kept[..at], &lines[..at]);
            prop_assert_eq!(kept[at], NOTE);
            prop_assert_eq!(&kept[kept.len() - 1 - after.len()..kept.len() - 1], &lines[at + 1..]);
        }
    }
}
