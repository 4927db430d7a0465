//! The entries of the link page: what they may say, which addresses are safe, when they are shown.

use jiff::Timestamp;
use url::Url;

use super::text::Text;

/// The most entries a page has.
pub const MOST_ENTRIES: usize = 100;
/// The longest title of a link or a heading, in characters.
pub const MOST_TITLE: usize = 100;
/// The longest text, in characters.
pub const MOST_TEXT: usize = 500;
/// The longest address, in characters.
const MOST_ADDRESS: usize = 2000;

/// The icons of our own that are no platform's, with their names.
pub const ICONS: [(&str, Text); 8] = [
    ("web", Text::new("Web", "Web")),
    ("shop", Text::new("Laden", "Shop")),
    ("mail", Text::new("Post", "Mail")),
    ("podcast", Text::new("Podcast", "Podcast")),
    ("calendar", Text::new("Termin", "Date")),
    ("music", Text::new("Musik", "Music")),
    ("document", Text::new("Dokument", "Document")),
    ("heart", Text::new("Herz", "Heart")),
];

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A title that leads to an address.
    Link,
    /// A heading: what follows belongs to it, up to the next one.
    Heading,
    /// A short text.
    Text,
}

impl Kind {
    /// Every kind, in the order people are offered them.
    pub const ALL: [Self; 3] = [Self::Link, Self::Heading, Self::Text];

    /// The kind's name in forms and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Heading => "heading",
            Self::Text => "text",
        }
    }

    /// The kind of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// When an entry is shown; without an instant there is no limit on that side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Up to this instant.
    pub until: Option<Timestamp>,
}

impl Schedule {
    /// Whether the entry is shown at `now`.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }

    /// The next instant at which that changes.
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        [self.from, self.until].into_iter().flatten().filter(|at| *at > now).min()
    }
}

/// What an entry says: all that its form holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// What it is.
    pub kind: Kind,
    /// A link's title, a heading, or the text itself.
    pub title: String,
    /// Where a link leads: a safe address as it was typed, with its scheme.
    pub url: Option<String>,
    /// The name of a link's icon.
    pub icon: Option<String>,
    /// When it is shown.
    pub schedule: Schedule,
}

/// An entry of the link page, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The row's id; it is part of the address that counts.
    pub id: i64,
    /// Whether the creator took it off the page.
    pub hidden: bool,
    /// Counts changes of the content, so that a form that was opened before one is told.
    pub version: i64,
    /// What it says.
    pub content: Content,
}

impl Link {
    /// Whether visitors see it at `now`.
    pub fn is_shown(&self, now: Timestamp) -> bool {
        !self.hidden && self.content.schedule.holds(now)
    }

    /// Where a visit is counted before it goes on; mail and telephone links are not counted.
    pub fn counted_url(&self) -> Option<Url> {
        let url = Url::parse(self.content.url.as_deref()?).ok()?;
        matches!(url.scheme(), "http" | "https").then_some(url)
    }
}

/// How often a link was followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clicks {
    /// On this UTC day.
    pub today: i64,
    /// On the last thirty days, this one among them.
    pub month: i64,
    /// Ever.
    pub all: i64,
}

/// A safe address from what was typed: http, https, mailto or tel. One without a scheme becomes https, or mailto when it
/// looks like an e-mail address. Anything else is refused.
pub fn address(typed: &str) -> Result<String, Text> {
    const NONE: Text = Text::new(
        "Das ist keine Adresse. Schreib sie so: https://example.de",
        "This is no address. Write it like this: https://example.com",
    );
    let typed = typed.trim();
    if typed.chars().count() > MOST_ADDRESS {
        return Err(Text::new(
            "Die Adresse ist länger als 2000 Zeichen.",
            "The address is longer than 2000 characters.",
        ));
    }
    let (address, own_scheme) = with_scheme(typed);
    if let Some(number) = address.strip_prefix("tel:") {
        return telephone(number);
    }
    if address.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(Text::new("In der Adresse ist ein Leerzeichen.", "There is a space in the address."));
    }
    let url = Url::parse(&address).map_err(|_| NONE)?;
    match url.scheme() {
        "http" | "https" if !url.username().is_empty() || url.password().is_some() => Err(Text::new(
            "In der Adresse steht ein Name oder Passwort. Nimm beides heraus, alle könnten es lesen.",
            "There is a name or a password in the address. Take it out, everybody could read it.",
        )),
        "http" | "https" => {
            let host = url.host_str().unwrap_or_default();
            let good = !host.is_empty() && (own_scheme || host.contains('.') || host == "localhost");
            if good { Ok(address) } else { Err(NONE) }
        }
        "mailto" if is_mail(url.path()) => Ok(address),
        "mailto" => Err(Text::new("Das ist keine E-Mail-Adresse.", "This is no e-mail address.")),
        _ => Err(Text::new(
            "Erlaubt sind Adressen mit https, http, mailto und tel.",
            "Addresses may begin with https, http, mailto and tel.",
        )),
    }
}

/// The address with a scheme in small letters, and whether it was typed.
fn with_scheme(typed: &str) -> (String, bool) {
    let named = typed.split_once(':').filter(|(scheme, rest)| {
        let spelled = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
        // `example.de:8080` is a host with a port.
        let port = !scheme.eq_ignore_ascii_case("tel") && rest.starts_with(|c: char| c.is_ascii_digit());
        spelled && !port
    });
    match named {
        Some((scheme, rest)) => (format!("{}:{rest}", scheme.to_ascii_lowercase()), true),
        None if is_mail(typed) => (format!("mailto:{typed}"), false),
        None => (format!("https://{}", typed.trim_start_matches('/')), false),
    }
}

fn is_mail(text: &str) -> bool {
    let plain = !text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"?&,;:/".contains(c));
    plain
        && text
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'))
}

fn telephone(number: &str) -> Result<String, Text> {
    let said = number.chars().all(|c| c.is_ascii_digit() || " +-()./".contains(c));
    let dialled: String = number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    if said && dialled.len() >= 3 && !dialled[1..].contains('+') {
        return Ok(format!("tel:{dialled}"));
    }
    Err(Text::new("Das ist keine Telefonnummer.", "This is no telephone number."))
}

/// An address as people read it: without scheme, `www.` and the last slash; of mail only who it goes to.
pub fn spoken(url: &str) -> &str {
    if let Some(mail) = url.strip_prefix("mailto:") {
        return mail.split('?').next().unwrap_or_default();
    }
    let bare = ["https://", "http://", "tel:"].iter().find_map(|scheme| url.strip_prefix(scheme)).unwrap_or(url);
    bare.strip_prefix("www.").unwrap_or(bare).trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn safe_addresses_are_taken_and_completed() {
        for (typed, stored) in [
            ("example.de", "https://example.de"),
            (" https://example.de/a?b=c#d ", "https://example.de/a?b=c#d"),
            ("HTTP://Example.de", "http://Example.de"),
            ("example.de:8080/x", "https://example.de:8080/x"),
            ("//example.de/x", "https://example.de/x"),
            ("räder.de/tour", "https://räder.de/tour"),
            ("localhost:3000", "https://localhost:3000"),
            ("mara@example.de", "mailto:mara@example.de"),
            ("mailto:mara@example.de?subject=Hallo", "mailto:mara@example.de?subject=Hallo"),
            ("tel:+49 (431) 12-34", "tel:+494311234"),
        ] {
            assert_eq!(address(typed).as_deref(), Ok(stored), "{typed}");
        }
    }

    #[test]
    fn every_other_address_is_refused() {
        for typed in [
            "",
            "hallo",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "java\tscript:alert(1)",
            "data:text/html,<script>",
            "vbscript:x",
            "file:///etc/passwd",
            "ftp://example.de",
            "blob:https://example.de/x",
            "https://",
            "https://mara:geheim@example.de",
            "https://paypal.com@evil.example",
            "example.de/a b",
            "mailto:nobody",
            "mailto:",
            "tel:abc",
            "tel:1+2+3",
            "https://example.de/\u{0}",
        ] {
            assert!(address(typed).is_err(), "{typed:?}");
        }
        assert!(address(&format!("https://example.de/{}", "x".repeat(2000))).is_err());
    }

    #[test]
    fn addresses_are_spoken_without_their_scaffolding() {
        assert_eq!(spoken("https://www.example.de/"), "example.de");
        assert_eq!(spoken("http://example.de/tour"), "example.de/tour");
        assert_eq!(spoken("mailto:mara@example.de?subject=x"), "mara@example.de");
        assert_eq!(spoken("tel:+494311234"), "+494311234");
    }

    #[test]
    fn a_schedule_holds_from_its_start_up_to_its_end() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let (start, end) = (at("2026-12-01T08:00:00Z"), at("2026-12-24T08:00:00Z"));
        let schedule = Schedule { from: Some(start), until: Some(end) };
        let before = at("2026-12-01T07:59:59Z");
        assert!(!schedule.holds(before) && schedule.holds(start) && !schedule.holds(end));
        assert_eq!(schedule.next_change(before), Some(start));
        assert_eq!(schedule.next_change(start), Some(end));
        assert_eq!(schedule.next_change(end), None);
        assert!(Schedule::default().holds(before));
    }
}
