//! Reads `.env.social` as the usual dotenv tools do, and tolerantly: a bad line is reported by its number, never by
//! its content, and the rest is read. Every value keeps its place in the file, for a rewrite that changes nothing
//! else. Values are taken literally: `$NAME` is not replaced, for tokens may contain it.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::ops::Range;
use std::path::Path;

use secrecy::{ExposeSecret, SecretBox, SecretString};

use crate::domain::text::Text;

/// A larger file is refused, in bytes.
pub const MAX_FILE_BYTES: usize = 256 * 1024;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Why the file gave nothing at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvFileError {
    /// There is no such file.
    #[error("the file is missing")]
    Missing,
    /// A folder stands in its place; containers make one when they mount a missing file.
    #[error("a folder stands in the file's place")]
    Directory,
    /// It is a pipe or a device.
    #[error("it is no regular file")]
    NotAFile,
    /// We may not read it.
    #[error("no permission to read the file")]
    Denied,
    /// Reading failed.
    #[error("the file could not be read")]
    Unreadable,
    /// It is larger than [`MAX_FILE_BYTES`].
    #[error("the file is larger than 256 KiB")]
    TooLarge,
    /// It is UTF-16, as some editors save it.
    #[error("the file is UTF-16, not UTF-8")]
    Utf16,
}

impl EnvFileError {
    /// What happened and what to do; `{path}` stands for the file.
    pub const fn text(self) -> Text {
        match self {
            Self::Missing => Text::new(
                "{path} gibt es nicht. Kopiere .env.social.example dorthin und trage deine Zugangsdaten ein.",
                "{path} does not exist. Copy .env.social.example there and fill in your credentials.",
            ),
            Self::Directory => Text::new(
                "{path} ist ein Ordner. Lösche ihn und lege dort die Datei an; Container machen so einen Ordner, wenn \
                 die eingebundene Datei fehlt.",
                "{path} is a folder. Remove it and put the file there; containers make such a folder when the mounted \
                 file is missing.",
            ),
            Self::NotAFile => Text::new("{path} ist keine gewöhnliche Datei.", "{path} is no regular file."),
            Self::Denied => Text::new(
                "mediakit darf {path} nicht lesen. Gib dem Nutzer des Servers Leserecht.",
                "mediakit may not read {path}. Give the server's user permission to read it.",
            ),
            Self::Unreadable => Text::new(
                "{path} ließ sich nicht lesen. Prüfe den Datenträger.",
                "{path} could not be read. Check the disk.",
            ),
            Self::TooLarge => Text::new(
                "{path} ist größer als 256 KiB. Das ist keine Datei mit Zugangsdaten.",
                "{path} is larger than 256 KiB. That is no file of credentials.",
            ),
            Self::Utf16 => Text::new(
                "{path} ist in UTF-16 gespeichert. Speichere sie als UTF-8.",
                "{path} is UTF-16. Save it as UTF-8.",
            ),
        }
    }
}

/// A line that was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: Text,
}

const NO_ASSIGNMENT: Text = Text::new("das ist keine Zeile der Form KEY=WERT", "this is no line of the form KEY=VALUE");
const UNCLOSED: Text = Text::new("das Anführungszeichen wird nicht geschlossen", "the quote is not closed");
const AFTER_QUOTE: Text = Text::new(
    "hinter dem schließenden Anführungszeichen steht noch etwas",
    "something stands behind the closing quote",
);
const NOT_TEXT: Text = Text::new(
    "die Zeile ist nicht in UTF-8 gespeichert oder enthält Steuerzeichen",
    "the line is not saved in UTF-8 or contains control characters",
);

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    /// Without quotes.
    None,
    /// `'…'`: every character stands for itself.
    Single,
    /// `"…"`: backslash escapes, several lines allowed.
    Double,
}

/// One `KEY=VALUE`. All ranges are bytes of the file.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The key.
    pub key: String,
    /// The line it starts on, counted from 1.
    pub line: usize,
    /// From the start of its first line to the end of its last, line end included.
    pub statement: Range<usize>,
    /// What is written for the value, without its quotes; for an empty value the place where one would go.
    pub written: Range<usize>,
    /// How it is written.
    pub quote: Quote,
    /// What it means.
    pub value: SecretString,
}

/// A file as it was read.
#[derive(Debug)]
pub struct EnvFile {
    source: SecretBox<[u8]>,
    assignments: Vec<Assignment>,
    complaints: Vec<Complaint>,
}

impl EnvFile {
    /// Reads a file; symbolic links are followed.
    pub fn read(path: &Path) -> Result<Self, EnvFileError> {
        let classify = |error: std::io::Error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => EnvFileError::Missing,
            ErrorKind::PermissionDenied => EnvFileError::Denied,
            ErrorKind::IsADirectory => EnvFileError::Directory,
            _ => EnvFileError::Unreadable,
        };
        // Asked before opening: opening a pipe would wait for its writer.
        let kind = std::fs::metadata(path).map_err(classify)?;
        if kind.is_dir() {
            return Err(EnvFileError::Directory);
        }
        if !kind.is_file() {
            return Err(EnvFileError::NotAFile);
        }
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(classify)?;
        file.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(classify)?;
        Self::parse(bytes)
    }

    /// Reads a file's content.
    pub fn parse(source: Vec<u8>) -> Result<Self, EnvFileError> {
        if source.len() > MAX_FILE_BYTES {
            return Err(EnvFileError::TooLarge);
        }
        if source.starts_with(b"\xFF\xFE") || source.starts_with(b"\xFE\xFF") {
            return Err(EnvFileError::Utf16);
        }
        let (mut assignments, mut complaints) = (Vec::new(), Vec::new());
        let mut line = Line::first(&source);
        while let Some(current) = line {
            let mut next = current.end;
            match statement(&source, &current) {
                Ok(None) => {}
                Ok(Some(assignment)) => {
                    next = assignment.statement.end;
                    assignments.push(assignment);
                }
                // Only the line itself is left out: what an open quote swallowed may be good.
                Err(reason) => complaints.push(Complaint { line: current.number, reason }),
            }
            line = current.following(&source, next);
        }
        Ok(Self { source: SecretBox::from(source.into_boxed_slice()), assignments, complaints })
    }

    /// Every assignment in the order of the file, those that a later one replaces included.
    pub fn assignments(&self) -> &[Assignment] {
        &self.assignments
    }

    /// The lines that were left out.
    pub fn complaints(&self) -> &[Complaint] {
        &self.complaints
    }

    /// The assignment that holds for a key: the last one.
    pub fn get(&self, key: &str) -> Option<&Assignment> {
        self.assignments.iter().rev().find(|assignment| assignment.key == key)
    }

    /// The keys that still hold what only stands in a value's place, in the order of the file.
    pub fn placeholders(&self) -> Vec<&str> {
        let known = |at: &&Assignment| self.get(&at.key).is_some_and(|holds| holds.line == at.line);
        let open = |at: &&Assignment| is_placeholder(&at.key, at.value.expose_secret());
        self.assignments.iter().filter(known).filter(open).map(|at| at.key.as_str()).collect()
    }

    /// The file's bytes, for a rewrite.
    pub fn source(&self) -> &[u8] {
        self.source.expose_secret()
    }
}

/// One line of the file and where it is.
struct Line {
    number: usize,
    start: usize,
    /// Behind the line end.
    end: usize,
}

impl Line {
    fn first(source: &[u8]) -> Option<Self> {
        let start = if source.starts_with(BOM) { BOM.len() } else { 0 };
        Self::at(source, 1, start)
    }

    fn at(source: &[u8], number: usize, start: usize) -> Option<Self> {
        let rest = source.get(start..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |newline| newline + 1);
        Some(Self { number, start, end: start + length })
    }

    /// The line that starts at `next`, which is at or behind this line's end.
    fn following(&self, source: &[u8], next: usize) -> Option<Self> {
        let passed = source.get(self.start..next).unwrap_or_default();
        let lines = passed.split_inclusive(|byte| *byte == b'\n').count();
        Self::at(source, self.number + lines, next)
    }
}

/// Reads the assignment that starts on a line: none for blank lines and comments.
fn statement(source: &[u8], line: &Line) -> Result<Option<Assignment>, Text> {
    let text = text_of(source, line.start..line.end)?;
    let (key, value_at) = match key_of(text)? {
        Some((key, behind)) => (key, line.start + behind),
        None => return Ok(None),
    };
    let rest = text_of(source, value_at..line.end)?;
    let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let (quote, written, value, end) = match rest[blank..].bytes().next() {
        Some(b'\'') => {
            let (written, value) = single_quoted(rest, blank)?;
            (Quote::Single, shift(&written, value_at), value, line.end)
        }
        Some(b'"') => {
            let (written, value, end) = double_quoted(source, value_at + blank)?;
            (Quote::Double, written, value, end)
        }
        _ => {
            let written = unquoted(rest, blank);
            (Quote::None, shift(&written, value_at), rest[written].to_owned(), line.end)
        }
    };
    let (key, value) = (key.to_owned(), SecretString::from(value));
    Ok(Some(Assignment { key, line: line.number, statement: line.start..end, written, quote, value }))
}

fn shift(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

fn text_of(source: &[u8], range: Range<usize>) -> Result<&str, Text> {
    let bytes = source.get(range).unwrap_or_default();
    std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0')).ok_or(NOT_TEXT)
}

/// The key and the position behind its `=`.
fn key_of(line: &str) -> Result<Option<(&str, usize)>, Text> {
    let start = line.len() - line.trim_start().len();
    if line[start..].is_empty() || line[start..].starts_with('#') {
        return Ok(None);
    }
    let (word, behind) = word_at(line, start)?;
    if let Some(value_at) = equals_at(line, behind) {
        return Ok(Some((word, value_at)));
    }
    let gap = line[behind..].len() - line[behind..].trim_start_matches([' ', '\t']).len();
    if word != "export" || gap == 0 {
        return Err(NO_ASSIGNMENT);
    }
    let (word, behind) = word_at(line, behind + gap)?;
    equals_at(line, behind).map(|value_at| Some((word, value_at))).ok_or(NO_ASSIGNMENT)
}

fn word_at(line: &str, start: usize) -> Result<(&str, usize), Text> {
    let rest = &line[start..];
    let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_.-".contains(c))).unwrap_or(rest.len());
    if !rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return Err(NO_ASSIGNMENT);
    }
    Ok((&rest[..length], start + length))
}

fn equals_at(line: &str, position: usize) -> Option<usize> {
    let rest = line[position..].trim_start_matches([' ', '\t']);
    rest.starts_with('=').then(|| line.len() - rest.len() + 1)
}

/// The part of `rest` an unquoted value takes: up to the line end or a `#` behind a blank.
fn unquoted(rest: &str, blank: usize) -> Range<usize> {
    let value = &rest[blank..];
    if value.trim().is_empty() || (blank > 0 && value.starts_with('#')) {
        return 0..0;
    }
    let mut before = ' ';
    let comment = value.char_indices().skip(1).find(|(at, c)| {
        before = value[..*at].chars().next_back().unwrap_or(before);
        *c == '#' && before.is_whitespace()
    });
    let value = &value[..comment.map_or(value.len(), |(at, _)| at)];
    blank..blank + value.trim_end().len()
}

fn single_quoted(rest: &str, blank: usize) -> Result<(Range<usize>, String), Text> {
    let start = blank + 1;
    let end = start + rest[start..].find('\'').ok_or(UNCLOSED)?;
    only_comment(&rest[end + 1..])?;
    Ok((start..end, rest[start..end].to_owned()))
}

/// Reads from the opening quote at `open`: the written range, the value and the end of the statement.
fn double_quoted(source: &[u8], open: usize) -> Result<(Range<usize>, String, usize), Text> {
    let start = open + 1;
    let mut at = start;
    let close = loop {
        match source.get(at) {
            None => return Err(UNCLOSED),
            Some(b'"') => break at,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
        }
    };
    let value = unescape(text_of(source, start..close)?);
    let end = Line::at(source, 0, close + 1).map_or(source.len(), |rest| rest.end);
    only_comment(text_of(source, close + 1..end)?)?;
    Ok((start..close, value, end))
}

fn only_comment(rest: &str) -> Result<(), Text> {
    let rest = rest.trim_start();
    if rest.is_empty() || rest.starts_with('#') { Ok(()) } else { Err(AFTER_QUOTE) }
}

/// `\n \r \t \\ \" \$` and `\'`; any other backslash stands for itself. Line ends become `\n`.
fn unescape(written: &str) -> String {
    let mut out = String::with_capacity(written.len());
    let mut chars = written.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\\' => {
                let meant = match chars.peek() {
                    Some('n') => Some('\n'),
                    Some('r') => Some('\r'),
                    Some('t') => Some('\t'),
                    Some(c @ ('\\' | '"' | '$' | '\'')) => Some(*c),
                    _ => None,
                };
                if meant.is_some() {
                    chars.next();
                }
                out.push(meant.unwrap_or('\\'));
            }
            c => out.push(c),
        }
    }
    out
}

/// Whether a value says only what should stand in its place: the placeholders of `.env.social.example`, and those that
/// instructions use: `your-token-here`, `<TOKEN>`, `xxx`, `changeme`, `...`.
///
/// A name may rightly begin like a placeholder, so user names count only when they are one word for word.
pub fn is_placeholder(key: &str, value: &str) -> bool {
    const BEGINNINGS: [&str; 3] = ["dein_", "deine_", "your_"];
    const NAMES: [&str; 6] =
        ["dein_username", "dein_benutzername", "dein_name", "your_username", "your_name", "your_handle"];
    const WORDS: [&str; 4] = ["changeme", "change_me", "todo", "…"];
    let value = value.trim().to_ascii_lowercase().replace(['-', ' '], "_");
    let bracketed = value.starts_with('<') && value.ends_with('>');
    let filler = value.len() >= 3 && (value.bytes().all(|c| c == b'x') || value.bytes().all(|c| c == b'.'));
    if key.ends_with("_USERNAME") {
        bracketed || NAMES.contains(&value.as_str())
    } else {
        let begins = BEGINNINGS.iter().any(|beginning| value.starts_with(beginning));
        bracketed || filler || begins || WORDS.contains(&value.as_str())
    }
}
