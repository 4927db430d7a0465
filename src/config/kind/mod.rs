//! The kinds of values a setting can have: how each is read, what is allowed, how it is shown. Reading a kind is
//! pure; nothing here opens a file.

mod address;
mod choice;
mod secret;

pub use address::{DatabaseUrl, EmailAddress, Networks, Origin};
pub use choice::{GraphVersion, LogFilter, LogFormat, RefreshAt, Repository, RotationOwner, TimeoutSecs};
pub use secret::{SecretKey, SecretUrl, SmtpUrl};

use crate::domain::text::Text;

/// What stands in place of a secret.
pub const MASK: &str = "********";

/// What is known of a kind without reading a value of it.
#[derive(Clone, Copy, Debug)]
pub struct KindAbout {
    /// The word for a value in usage texts: `ADDRESS`.
    pub metavar: &'static str,
    /// What is allowed, as the end of a sentence.
    pub allowed: Text,
    /// How a value may be shown.
    pub shown: Shown,
    /// Whether TOML writes it without quotes.
    pub bare: bool,
}

/// How much of a value may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// All of it.
    Plain,
    /// An address whose user part and query may be secret; a bad one is not repeated.
    Address,
    /// Of an address the scheme, host and port; a bad one is not repeated.
    Host,
    /// Nothing.
    Never,
}

impl Shown {
    /// The text of a good value as it may be shown.
    pub fn mask(self, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Never => MASK.to_owned(),
            Self::Address => mask_address(text),
            Self::Host => mask_path(text),
        }
    }
}

fn mask_path(text: &str) -> String {
    let host = url::Url::parse(text.trim()).ok().and_then(|url| {
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{}://{}{port}/{MASK}", url.scheme(), url.host_str()?))
    });
    host.unwrap_or_else(|| MASK.to_owned())
}

fn mask_address(text: &str) -> String {
    let (text, query) = text.split_once('?').map_or((text, ""), |(before, _)| (before, "?…"));
    let masked = text.split_once("://").and_then(|(scheme, rest)| {
        let (authority, path) = rest.split_once('/').map_or((rest, None), |(a, p)| (a, Some(p)));
        let (_, host) = authority.rsplit_once('@')?;
        let path = path.map(|path| format!("/{path}")).unwrap_or_default();
        Some(format!("{scheme}://{MASK}@{host}{path}"))
    });
    format!("{}{query}", masked.unwrap_or_else(|| text.to_owned()))
}

/// A kind of value.
pub trait Kind: Sized {
    /// What is known of it.
    const ABOUT: KindAbout;

    /// Reads a value, or says what is wrong with it. The words never repeat the value.
    fn parse(text: &str) -> Result<Self, Text>;

    /// The value when nothing is given and there is no default.
    fn absent() -> Option<Self> {
        None
    }
}

impl<T: Kind> Kind for Option<T> {
    const ABOUT: KindAbout = T::ABOUT;

    fn parse(text: &str) -> Result<Self, Text> {
        T::parse(text).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

const fn plain(metavar: &'static str, allowed: Text) -> KindAbout {
    KindAbout { metavar, allowed, shown: Shown::Plain, bare: false }
}
