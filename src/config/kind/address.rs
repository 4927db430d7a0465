//! Where things are: addresses, origins, paths, databases, networks.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use url::Url;

use super::{Kind, KindAbout, Shown, mask_address, plain};
use crate::domain::text::Text;

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

pub(super) fn web_url(text: &str) -> Result<Url, Text> {
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
    pub fn sqlite(path: &Path) -> Self {
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

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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

/// Where mail goes or comes from: `name@host`, nothing around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress(pub String);

impl Kind for EmailAddress {
    const ABOUT: KindAbout = plain(
        "NAME@HOST",
        Text::new("eine E-Mail-Adresse, zum Beispiel ich@kit.example", "an e-mail address, for example me@kit.example"),
    );

    fn parse(text: &str) -> Result<Self, Text> {
        let good = |c: char| !c.is_control() && !c.is_whitespace() && !"<>()[],;:\\\"@".contains(c);
        match text.rsplit_once('@') {
            Some((name, host))
                if !name.is_empty() && !host.is_empty() && (name.chars().chain(host.chars())).all(good) =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err(Text::new("das ist keine E-Mail-Adresse", "this is no e-mail address")),
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

impl fmt::Display for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
