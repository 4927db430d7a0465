//! The kinds of values a setting can have: how each is read, what is allowed, how it is shown. Reading a kind is
//! pure; nothing here opens a file.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use ipnet::IpNet;
use jiff::civil::Time;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use url::Url;

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
        }
    }
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

impl Kind for SocketAddr {
    const ABOUT: KindAbout = plain(
        "ADDRESS:PORT",
        Text::new(
            "IP-Adresse und Port, zum Beispiel 127.0.0.1:8080, 0.0.0.0:80 oder [::1]:0",
            "an IP address and a port, for example 127.0.0.1:8080, 0.0.0.0:80 or [::1]:0",
        ),
    );

    fn parse(text: &str) -> Result<Self, Text> {
        let local = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
        let wrong = Text::new("das ist keine Adresse mit Port", "this is no address with a port");
        local.as_deref().unwrap_or(text).parse().map_err(|_| wrong)
    }
}

/// An origin: scheme, host and port, nothing behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(pub Url);

impl Kind for Origin {
    const ABOUT: KindAbout = KindAbout {
        metavar: "URL",
        allowed: Text::new(
            "Schema, Host und Port ohne Pfad, zum Beispiel https://kit.example oder http://127.0.0.1:9000",
            "scheme, host and port without a path, for example https://kit.example or http://127.0.0.1:9000",
        ),
        shown: Shown::Address,
        bare: false,
    };

    fn parse(text: &str) -> Result<Self, Text> {
        let url = web_url(text)?;
        if !matches!(url.path(), "" | "/") {
            return Err(Text::new("hinter dem Host steht ein Pfad", "a path stands behind the host"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Text::new(
                "hinter dem Host steht eine Abfrage oder ein Fragment",
                "a query or fragment stands behind the host",
            ));
        }
        Ok(Self(url))
    }
}

impl Kind for Url {
    const ABOUT: KindAbout = KindAbout {
        metavar: "URL",
        allowed: Text::new("eine http- oder https-Adresse", "an http or https address"),
        shown: Shown::Address,
        bare: false,
    };

    fn parse(text: &str) -> Result<Self, Text> {
        web_url(text)
    }
}

fn web_url(text: &str) -> Result<Url, Text> {
    let url = Url::parse(text).map_err(|_| Text::new("das ist keine Adresse", "this is no address"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(Text::new("das ist keine http- oder https-Adresse", "this is no http or https address"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Text::new(
            "Zugangsdaten gehören nicht in die Adresse",
            "credentials do not belong into the address",
        ));
    }
    Ok(url)
}

impl Kind for PathBuf {
    const ABOUT: KindAbout = plain(
        "PATH",
        Text::new("ein Pfad, relativ zum Arbeitsverzeichnis", "a path, relative to the working directory"),
    );

    fn parse(text: &str) -> Result<Self, Text> {
        if text.is_empty() || text.contains('\0') {
            return Err(Text::new("das ist kein Pfad", "this is no path"));
        }
        Ok(Self::from(text))
    }
}

/// Where the database is. Its password is in it, so it prints masked.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The SQLite database at `path`, as an address.
    pub fn sqlite(path: &std::path::Path) -> Self {
        let path = path.to_string_lossy().replace('%', "%25").replace('?', "%3F");
        Self(format!("sqlite://{path}"))
    }

    /// The whole address, with its password.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The address without what may be secret.
    pub fn masked(&self) -> String {
        mask_address(&self.0)
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.masked())
    }
}

impl Kind for DatabaseUrl {
    const ABOUT: KindAbout = KindAbout {
        metavar: "URL",
        allowed: Text::new(
            "sqlite://PFAD oder postgres://NUTZER:PASSWORT@HOST/DATENBANK",
            "sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE",
        ),
        shown: Shown::Address,
        bare: false,
    };

    fn parse(text: &str) -> Result<Self, Text> {
        match text.split_once(':') {
            Some(("sqlite", rest)) if !matches!(rest.trim_start_matches('/'), "" | ":memory:") => {
                Ok(Self(text.to_owned()))
            }
            Some(("sqlite", _)) => Err(Text::new("der Pfad einer Datei fehlt", "the path of a file is missing")),
            Some(("postgres" | "postgresql", _)) if Url::parse(text).is_ok() => Ok(Self(text.to_owned())),
            Some(("postgres" | "postgresql", _)) => {
                Err(Text::new("das ist keine Adresse einer Datenbank", "this is no address of a database"))
            }
            _ => Err(Text::new("diese Art Datenbank gibt es hier nicht", "this kind of database is not supported")),
        }
    }
}

/// The key that seals credentials: 32 bytes that cannot be printed.
#[derive(Clone)]
pub struct SecretKey(Arc<SecretBox<[u8; 32]>>);

impl SecretKey {
    /// The bytes.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

impl Kind for SecretKey {
    const ABOUT: KindAbout = KindAbout {
        metavar: "BASE64",
        allowed: Text::new(
            "32 Bytes in Base64; `openssl rand -base64 32` macht einen Schlüssel",
            "32 bytes in base64; `openssl rand -base64 32` makes a key",
        ),
        shown: Shown::Never,
        bare: false,
    };

    fn parse(text: &str) -> Result<Self, Text> {
        const LENIENT: GeneralPurposeConfig =
            GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let text = text.trim();
        let standard = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
        let bytes = standard
            .decode(text)
            .or_else(|_| general_purpose::URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')))
            .map_err(|_| Text::new("das ist kein Base64", "this is not base64"))?;
        let key: [u8; 32] =
            bytes.try_into().map_err(|_| Text::new("das sind nicht 32 Bytes", "these are not 32 bytes"))?;
        Ok(Self(Arc::new(SecretBox::new(Box::new(key)))))
    }
}

impl Kind for SecretString {
    const ABOUT: KindAbout = KindAbout {
        metavar: "SECRET",
        allowed: Text::new("ein nicht leerer Text", "a text that is not empty"),
        shown: Shown::Never,
        bare: false,
    };

    fn parse(text: &str) -> Result<Self, Text> {
        if text.trim().is_empty() {
            return Err(Text::new("der Wert ist leer", "the value is empty"));
        }
        Ok(Self::from(text))
    }
}

/// When the daily refresh runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshAt {
    /// Never by itself.
    Off,
    /// Daily at this time, UTC.
    Daily(Time),
}

impl Kind for RefreshAt {
    const ABOUT: KindAbout =
        plain("HH:MM", Text::new("eine Uhrzeit HH:MM in UTC oder off", "a time HH:MM in UTC, or off"));

    fn parse(text: &str) -> Result<Self, Text> {
        if text == "off" {
            return Ok(Self::Off);
        }
        let wrong = Text::new("das ist keine Uhrzeit", "this is no time of day");
        let text = text.strip_suffix(":00").filter(|rest| rest.contains(':')).unwrap_or(text);
        let (hour, minute) = text.split_once(':').ok_or(wrong)?;
        let number = |digits: &str| {
            let two = (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            if two { digits.parse().map_err(|_| wrong) } else { Err(wrong) }
        };
        if minute.len() != 2 {
            return Err(wrong);
        }
        Time::new(number(hour)?, number(minute)?, 0, 0).map(Self::Daily).map_err(|_| wrong)
    }
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident, $metavar:literal, $allowed:expr; $($(#[$vdoc:meta])* $variant:ident = $word:literal;)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl Kind for $name {
            const ABOUT: KindAbout = plain($metavar, $allowed);

            fn parse(text: &str) -> Result<Self, Text> {
                match text {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(Text::new("diese Wahl gibt es nicht", "there is no such choice")),
                }
            }
        }
    };
}

choice! {
    /// Who may renew tokens; the other side only reads.
    RotationOwner, "server|actions", Text::new("server oder actions", "server or actions");
    /// This server.
    Server = "server";
    /// The scheduled workflow.
    Actions = "actions";
}

choice! {
    /// How logs are written.
    LogFormat, "text|json", Text::new("text oder json", "text or json");
    /// For people.
    Text = "text";
    /// For machines, one object a line.
    Json = "json";
}

impl Kind for bool {
    const ABOUT: KindAbout = KindAbout {
        metavar: "true|false",
        allowed: Text::new("true oder false", "true or false"),
        shown: Shown::Plain,
        bare: true,
    };

    fn parse(text: &str) -> Result<Self, Text> {
        match text {
            "true" | "on" | "yes" | "1" => Ok(true),
            "false" | "off" | "no" | "0" => Ok(false),
            _ => Err(Text::new("das ist weder ja noch nein", "this is neither yes nor no")),
        }
    }
}

/// Networks whose members are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Whether `address` is in one of them; an IPv4 address written as IPv6 counts as itself.
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl std::fmt::Display for Networks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let texts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(if texts.is_empty() { "none" } else { "" })?;
        f.write_str(&texts.join(","))
    }
}

impl Kind for Networks {
    const ABOUT: KindAbout = plain(
        "NETWORKS",
        Text::new(
            "Adressen oder Netze mit Komma getrennt, zum Beispiel 127.0.0.1, 10.0.0.0/8, oder none",
            "addresses or networks separated by commas, for example 127.0.0.1, 10.0.0.0/8, or none",
        ),
    );

    fn parse(text: &str) -> Result<Self, Text> {
        if text == "none" {
            return Ok(Self::default());
        }
        let network = |part: &str| part.parse::<IpNet>().or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
        let networks: Result<Vec<IpNet>, _> = text.split(',').map(|part| network(part.trim())).collect();
        let wrong = Text::new(
            "darin steht etwas anderes als Adressen und Netze",
            "it holds something that is no address or network",
        );
        networks.map(Self).map_err(|_| wrong)
    }
}

/// Which log lines are written, in the syntax of `tracing`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFilter(pub String);

impl Kind for LogFilter {
    const ABOUT: KindAbout = plain(
        "FILTER",
        Text::new(
            "off, error, warn, info, debug oder trace, auch je Modul: info,mediakit::refresh=debug",
            "off, error, warn, info, debug or trace, also per module: info,mediakit::refresh=debug",
        ),
    );

    fn parse(text: &str) -> Result<Self, Text> {
        let wrong = Text::new("das ist kein Filter für Meldungen", "this is no filter for log lines");
        let level = |part: &str| {
            let level = part.rsplit_once('=').map_or(part, |(_, level)| level);
            matches!(level.to_ascii_lowercase().as_str(), "off" | "error" | "warn" | "info" | "debug" | "trace")
        };
        let understood =
            tracing_subscriber::EnvFilter::try_new(text).is_ok() && text.split(',').all(|part| level(part.trim()));
        if understood { Ok(Self(text.to_owned())) } else { Err(wrong) }
    }
}

/// A version of the Graph API: `v25.0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphVersion(pub String);

impl Kind for GraphVersion {
    const ABOUT: KindAbout = plain(
        "vN.N",
        Text::new("v, Zahl, Punkt, Zahl, zum Beispiel v25.0", "v, number, dot, number, for example v25.0"),
    );

    fn parse(text: &str) -> Result<Self, Text> {
        let digits = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        match text.strip_prefix('v').and_then(|rest| rest.split_once('.')) {
            Some((major, minor)) if digits(major) && digits(minor) => Ok(Self(text.to_owned())),
            _ => Err(Text::new("das ist keine Version der Graph API", "this is no version of the Graph API")),
        }
    }
}

/// Seconds a call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeoutSecs(pub u64);

impl Kind for TimeoutSecs {
    const ABOUT: KindAbout = KindAbout {
        metavar: "SECONDS",
        allowed: Text::new("eine ganze Zahl von 1 bis 300", "a whole number from 1 to 300"),
        shown: Shown::Plain,
        bare: true,
    };

    fn parse(text: &str) -> Result<Self, Text> {
        match text.parse() {
            Ok(secs @ 1..=300) => Ok(Self(secs)),
            Ok(_) => Err(Text::new("das liegt außerhalb der Grenzen", "this is out of bounds")),
            Err(_) => Err(Text::new("das ist keine ganze Zahl", "this is no whole number")),
        }
    }
}

/// A repository on GitHub: `owner/name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository(pub String);

impl Kind for Repository {
    const ABOUT: KindAbout = plain("OWNER/NAME", Text::new("BESITZER/NAME", "OWNER/NAME"));

    fn parse(text: &str) -> Result<Self, Text> {
        let word = |part: &str| {
            !matches!(part, "" | "." | "..") && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        match text.split_once('/') {
            Some((owner, name)) if word(owner) && word(name) => Ok(Self(text.to_owned())),
            _ => Err(Text::new("das ist kein Repository", "this is no repository")),
        }
    }
}
