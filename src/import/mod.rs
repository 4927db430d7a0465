//! Taking over what a creator had elsewhere: a saved page or an address becomes name, bio and links. It only reads and
//! proposes; whatever a page holds, it is text here and nothing of it is run or shown as markup.

mod data;
mod page;

use url::Url;

use crate::domain::failure::FailureKind;
use crate::domain::link;
use crate::domain::text::Text;
use crate::outbound::{FetchError, Outbound};

/// More links than this are not proposed.
pub const MOST_LINKS: usize = link::MOST_ENTRIES;
/// The longest title, in characters.
pub const LONGEST_TITLE: usize = link::MOST_TITLE;
/// The longest bio, in characters.
pub const LONGEST_BIO: usize = 500;
/// Pages that move are followed this often.
const MOVES: usize = 3;

/// What was found on a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Who it is about.
    pub name: Option<String>,
    /// What it says about them.
    pub bio: Option<String>,
    /// Links and headings, in order.
    pub entries: Vec<Entry>,
}

/// A link, or a heading between links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it says.
    pub title: String,
    /// Where it leads; `None` for a heading.
    pub url: Option<String>,
}

impl Found {
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.name.is_none() && self.bio.is_none() && self.entries.is_empty()
    }
}

/// Why a page could not be read, in words that say what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The text is no address.
    #[error("no address")]
    NotAnAddress,
    /// The address is not one that is called.
    #[error("the address is refused")]
    Refused,
    /// Nobody answered.
    #[error("nobody answered")]
    Unreachable,
    /// The answer was no page.
    #[error("status {0}")]
    Status(u16),
    /// The page is too large.
    #[error("too large")]
    TooLarge,
}

impl ImportError {
    /// What happened and what to do.
    pub const fn text(self) -> Text {
        match self {
            Self::NotAnAddress => Text::new(
                "Das ist keine Adresse. Sie beginnt mit https://.",
                "This is no address. It begins with https://.",
            ),
            Self::Refused => Text::new(
                "Diese Adresse wird nicht abgerufen: Sie muss mit https:// beginnen und öffentlich sein.",
                "This address is not fetched: it must begin with https:// and be public.",
            ),
            Self::Unreachable => Text::new(
                "Unter der Adresse antwortet niemand. Prüf sie, oder speichere die Seite im Browser und lade die Datei hoch.",
                "Nobody answers at the address. Check it, or save the page in the browser and upload the file.",
            ),
            Self::Status(_) => Text::new(
                "Die Seite wollte sich nicht abrufen lassen. Speichere sie im Browser und lade die Datei hoch.",
                "The page would not be fetched. Save it in the browser and upload the file.",
            ),
            Self::TooLarge => Text::new(
                "Die Seite ist größer als 4 MB. Speichere sie ohne Bilder und lade die Datei hoch.",
                "The page is larger than 4 MB. Save it without pictures and upload the file.",
            ),
        }
    }
}

/// Reads a page's text.
pub fn read(html: &str) -> Found {
    let page = page::Page::read(html);
    let told = page.data.iter().find_map(|data| data::read(data, &page));
    tidy(told.unwrap_or_else(|| page.found()))
}

/// Fetches a page and reads it. Only public addresses are called, at each move anew.
pub async fn fetch(http: &Outbound, typed: &str) -> Result<Found, ImportError> {
    let typed = typed.trim();
    let whole = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let mut url = Url::parse(&whole).map_err(|_| ImportError::NotAnAddress)?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(ImportError::NotAnAddress);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(ImportError::Refused);
    }
    for _ in 0..=MOVES {
        let answer = http.read(&url).await.map_err(|error| refused(&error))?;
        match answer.status {
            200..=299 => return Ok(read(&answer.text())),
            301 | 302 | 303 | 307 | 308 => {
                let next = answer.header("location").and_then(|location| url.join(location).ok());
                url = next.ok_or(ImportError::Status(answer.status))?;
            }
            status => return Err(ImportError::Status(status)),
        }
    }
    Err(ImportError::Unreachable)
}

fn refused(error: &FetchError) -> ImportError {
    match error.kind {
        FailureKind::TooLarge => ImportError::TooLarge,
        FailureKind::Connect if error.detail.is_some() => ImportError::Refused,
        _ => ImportError::Unreachable,
    }
}

/// A text on one line, without what can't be seen, cut.
pub fn line(text: &str, longest: usize) -> Option<String> {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let visible: String = words.chars().filter(|c| !c.is_control() && !is_invisible(*c)).take(longest).collect();
    Some(visible.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Marks that change how the text around them reads.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// An address as a link may have it, with its scheme.
pub fn address(text: &str) -> Option<String> {
    let text = text.trim();
    text.contains(':').then(|| link::address(text).ok()).flatten()
}

/// What may be proposed of what was found: good addresses, each once, with titles that can be read.
fn tidy(found: Found) -> Found {
    let mut entries: Vec<Entry> = Vec::new();
    for entry in found.entries {
        let url = match entry.url.as_deref().map(address) {
            Some(None) => continue,
            Some(Some(url)) => Some(url),
            None => None,
        };
        let Some(title) = line(&entry.title, LONGEST_TITLE) else { continue };
        let is_new = url.is_none() || entries.iter().all(|known| known.url != url);
        if is_new && entries.len() < MOST_LINKS {
            entries.push(Entry { title, url });
        }
    }
    Found {
        name: found.name.and_then(|name| line(&name, LONGEST_TITLE)),
        bio: found.bio.and_then(|bio| line(&bio, LONGEST_BIO)),
        entries,
    }
}
