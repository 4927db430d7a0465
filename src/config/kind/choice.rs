//! Times, choices, numbers and names.

use jiff::civil::Time;

use super::{Kind, KindAbout, Shown, plain};
use crate::domain::text::{Lang, Text};

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

impl Kind for Lang {
    const ABOUT: KindAbout = plain("de|en", Text::new("de oder en", "de or en"));

    fn parse(text: &str) -> Result<Self, Text> {
        let found = Self::ALL.into_iter().find(|lang| lang.tag() == text);
        found.ok_or(Text::new("diese Wahl gibt es nicht", "there is no such choice"))
    }
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
