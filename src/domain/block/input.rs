//! What may be typed into a field of a block, and the value it becomes. Everything has a limit.

use serde_json::{Value as Json, json};
use url::Url;

use crate::domain::text::{Lang, Text};

/// What is sent for a tick that is set.
const TICKED: &str = "yes";
/// The highest price, in cents.
const MOST_CENTS: i64 = 1_000_000_000;

/// How long a text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// A few words: 60 characters.
    Short,
    /// A line: 160 characters.
    Line,
    /// A paragraph: 600 characters.
    Paragraph,
    /// A page: 6000 characters.
    Page,
}

/// What may be typed into a field.
#[derive(Clone, Copy, Debug)]
pub enum Input {
    /// A text in one line.
    Line(Size),
    /// A text in several lines.
    Lines(Size),
    /// An http or https address.
    Web,
    /// An http, https, mailto or tel address.
    Link,
    /// A month: `2026-09` or `09/2026`.
    Month,
    /// One of these values.
    Choice(&'static [(&'static str, Text)]),
    /// Yes or no.
    Tick,
    /// An amount of money; becomes cents.
    Money,
    /// Per cent, with one decimal at most; becomes thousandths.
    Percent,
}

impl Size {
    /// The most characters.
    pub const fn most(self) -> usize {
        match self {
            Self::Short => 60,
            Self::Line => 160,
            Self::Paragraph => 600,
            Self::Page => 6000,
        }
    }

    const fn too_long(self) -> Text {
        match self {
            Self::Short => Text::new("Nimm höchstens 60 Zeichen.", "Use at most 60 characters."),
            Self::Line => Text::new("Nimm höchstens 160 Zeichen.", "Use at most 160 characters."),
            Self::Paragraph => Text::new("Nimm höchstens 600 Zeichen.", "Use at most 600 characters."),
            Self::Page => Text::new("Nimm höchstens 6.000 Zeichen.", "Use at most 6,000 characters."),
        }
    }
}

impl Input {
    /// The value of what was typed; null when nothing was.
    pub fn read(&self, typed: &str) -> Result<Json, Text> {
        let typed = typed.trim();
        if let Self::Tick = self {
            return Ok(json!(typed == TICKED));
        }
        if typed.is_empty() && !matches!(self, Self::Choice(_)) {
            return Ok(Json::Null);
        }
        match self {
            Self::Line(size) => text(typed, *size, false),
            Self::Lines(size) => text(typed, *size, true),
            Self::Web => address(typed, &["http", "https"]),
            Self::Link => address(typed, &["http", "https", "mailto", "tel"]),
            Self::Month => month(typed),
            Self::Choice(values) => choice(typed, values),
            Self::Money => money(typed),
            Self::Percent => percent(typed),
            Self::Tick => Ok(Json::Null),
        }
    }

    /// How many lines its field has, where it has several.
    pub const fn lines(&self) -> Option<&'static str> {
        match self {
            Self::Lines(Size::Page) => Some("14"),
            Self::Lines(_) => Some("3"),
            _ => None,
        }
    }

    /// A value as people type it in their language.
    pub fn typed(&self, value: &Json, lang: Lang) -> String {
        let mark = lang.pick(",", ".");
        match (self, value) {
            (Self::Tick, Json::Bool(true)) => TICKED.to_owned(),
            (Self::Money, Json::Number(cents)) => {
                let cents = cents.as_i64().unwrap_or_default();
                let rest = Some(cents % 100).filter(|rest| *rest > 0).map(|rest| format!("{mark}{rest:02}"));
                format!("{}{}", cents / 100, rest.unwrap_or_default())
            }
            (Self::Percent, Json::Number(permille)) => {
                let permille = permille.as_i64().unwrap_or_default();
                let rest = Some(permille % 10).filter(|rest| *rest > 0).map(|rest| format!("{mark}{rest}"));
                format!("{}{}", permille / 10, rest.unwrap_or_default())
            }
            (_, Json::String(text)) => text.clone(),
            _ => String::new(),
        }
    }
}

fn text(typed: &str, size: Size, lines: bool) -> Result<Json, Text> {
    if typed.chars().count() > size.most() {
        return Err(size.too_long());
    }
    if typed.chars().any(|c| c.is_control() && !(lines && c == '\n')) {
        return Err(Text::new(
            "Das enthält Steuerzeichen. Tippe es neu ein.",
            "This contains control characters. Type it anew.",
        ));
    }
    Ok(json!(typed))
}

/// An address with one of these schemes; one without any gets https.
fn address(typed: &str, schemes: &[&str]) -> Result<Json, Text> {
    const WRONG: Text = Text::new(
        "Das ist keine Adresse. Sie sieht so aus: https://example.org.",
        "This is no address. One looks like this: https://example.org.",
    );
    const TOO_LONG: Text =
        Text::new("Nimm eine Adresse mit höchstens 500 Zeichen.", "Use an address of at most 500 characters.");
    if typed.len() > 500 {
        return Err(TOO_LONG);
    }
    let bare = !typed.contains(':') && typed.contains('.') && !typed.starts_with('/');
    let mail = bare && typed.contains('@') && schemes.contains(&"mailto");
    let whole = match (bare, mail) {
        (_, true) => format!("mailto:{typed}"),
        (true, false) => format!("https://{typed}"),
        (false, false) => typed.to_owned(),
    };
    let url = Url::parse(&whole).map_err(|_| WRONG)?;
    let right = match url.scheme() {
        scheme if !schemes.contains(&scheme) => false,
        "mailto" => url.path().split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.')),
        "tel" => url.path().bytes().any(|b| b.is_ascii_digit()),
        // A name before the host makes an address look like another one.
        _ => url.host_str().is_some_and(|host| host.contains('.')) && url.username().is_empty(),
    };
    if right { Ok(json!(String::from(url))) } else { Err(WRONG) }
}

fn month(typed: &str) -> Result<Json, Text> {
    const WRONG: Text =
        Text::new("Schreib den Monat als 2026-09 oder 09/2026.", "Write the month as 2026-09 or 09/2026.");
    let (one, two) = typed.split_once(['-', '/', '.']).ok_or(WRONG)?;
    let (year, month) = if one.len() == 4 { (one, two) } else { (two, one) };
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u16>().ok()).flatten();
    match (number(year), number(month)) {
        (Some(year @ 1990..=2100), Some(month @ 1..=12)) => Ok(json!(format!("{year}-{month:02}"))),
        _ => Err(WRONG),
    }
}

fn choice(typed: &str, values: &[(&str, Text)]) -> Result<Json, Text> {
    let known = values.iter().find(|(value, _)| *value == typed);
    known.map(|(value, _)| json!(value)).ok_or(Text::new("Wähle einen der Einträge.", "Choose one of the entries."))
}

/// `1200`, `1.200`, `1200,50` and `1,200.50`: what follows the last mark is cents when it has one or two digits.
fn money(typed: &str) -> Result<Json, Text> {
    const WRONG: Text = Text::new(
        "Schreib den Betrag als Zahl, zum Beispiel 1200 oder 89,50.",
        "Write the amount as a number, for example 1200 or 89.50.",
    );
    let (whole, cents) = match typed.rfind(['.', ',']) {
        Some(at) if typed.len() - at <= 3 => (&typed[..at], &typed[at + 1..]),
        _ => (typed, "0"),
    };
    let digits: String = whole.chars().filter(|c| !matches!(c, '.' | ',' | '\'' | ' ' | '\u{a0}')).collect();
    let plain = |text: &str| !text.is_empty() && text.len() < 16 && text.bytes().all(|b| b.is_ascii_digit());
    if !plain(&digits) || !plain(cents) {
        return Err(WRONG);
    }
    let (whole, rest): (i64, i64) = (digits.parse().map_err(|_| WRONG)?, cents.parse().map_err(|_| WRONG)?);
    let rest = if cents.len() == 1 { rest * 10 } else { rest };
    let cents = whole.checked_mul(100).and_then(|cents| cents.checked_add(rest)).ok_or(WRONG)?;
    if cents > MOST_CENTS {
        return Err(Text::new("Mehr als 10 Millionen gehen hier nicht.", "No more than 10 million can stand here."));
    }
    Ok(json!(cents))
}

fn percent(typed: &str) -> Result<Json, Text> {
    const WRONG: Text = Text::new(
        "Schreib eine Zahl von 0,1 bis 100, mit höchstens einer Stelle nach dem Komma.",
        "Write a number from 0.1 to 100, with at most one decimal.",
    );
    let typed = typed.trim_end_matches('%').trim_end();
    let (whole, tenth) = typed.split_once([',', '.']).unwrap_or((typed, "0"));
    let digits = |text: &str, most| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole, 3) || !digits(tenth, 1) {
        return Err(WRONG);
    }
    let permille = whole.parse::<i64>().map_err(|_| WRONG)? * 10 + tenth.parse::<i64>().map_err(|_| WRONG)?;
    if (1..=1000).contains(&permille) { Ok(json!(permille)) } else { Err(WRONG) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input: Input, typed: &str) -> Option<Json> {
        input.read(typed).ok()
    }

    #[test]
    fn addresses_have_one_of_four_schemes() {
        for (typed, kept) in [
            ("https://example.org/a?b=c", "https://example.org/a?b=c"),
            ("example.org", "https://example.org/"),
            ("mara@example.org", "mailto:mara@example.org"),
            ("mailto:mara@example.org", "mailto:mara@example.org"),
            ("tel:+49761123", "tel:+49761123"),
            ("HTTPS://EXAMPLE.org", "https://example.org/"),
        ] {
            assert_eq!(read(Input::Link, typed), Some(json!(kept)), "{typed}");
        }
        for typed in [
            "javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,<script>",
            "vbscript:x",
            "file:///etc/passwd",
            "//example.org",
            "https://",
            "https://paypal.com@evil.example/",
            "mailto:",
            "tel:",
            "nowhere",
        ] {
            assert_eq!(read(Input::Link, typed), None, "{typed}");
        }
        assert_eq!(read(Input::Web, "tel:+49761123"), None);
    }

    #[test]
    fn money_is_read_as_people_write_it() {
        for (typed, cents) in [
            ("1200", 120_000),
            ("1.200", 120_000),
            ("1,200.50", 120_050),
            ("1.200,5", 120_050),
            ("89,50", 8_950),
            ("1'200", 120_000),
            ("0", 0),
        ] {
            assert_eq!(read(Input::Money, typed), Some(json!(cents)), "{typed}");
        }
        for typed in ["-5", "zwölf", "1e9", "99999999999999999999", "10000000,01", "12 €", ",", "."] {
            assert_eq!(read(Input::Money, typed), None, "{typed}");
        }
        assert_eq!(Input::Money.typed(&json!(8_950), Lang::De), "89,50");
        assert_eq!(Input::Money.typed(&json!(120_000), Lang::En), "1200");
    }

    #[test]
    fn shares_and_months_are_read_and_bounded() {
        assert_eq!(read(Input::Percent, "62,5 %"), Some(json!(625)));
        assert_eq!(read(Input::Percent, "100"), Some(json!(1000)));
        for typed in ["0", "100,1", "-3", "1.25", "x", "1,", "1e1"] {
            assert_eq!(read(Input::Percent, typed), None, "{typed}");
        }
        assert_eq!(read(Input::Month, "9/2026"), Some(json!("2026-09")));
        assert_eq!(read(Input::Month, "2026-11"), Some(json!("2026-11")));
        for typed in ["2026", "2026-13", "13.2026", "26-11", "+1/2026"] {
            assert_eq!(read(Input::Month, typed), None, "{typed}");
        }
    }

    #[test]
    fn texts_have_a_length_and_no_control_characters() {
        assert_eq!(read(Input::Line(Size::Short), &"ä".repeat(60)), Some(json!("ä".repeat(60))));
        assert_eq!(read(Input::Line(Size::Short), &"ä".repeat(61)), None);
        assert_eq!(read(Input::Line(Size::Short), "a\nb"), None);
        assert_eq!(read(Input::Lines(Size::Page), "a\nb"), Some(json!("a\nb")));
        assert_eq!(read(Input::Lines(Size::Page), "a\u{0}b"), None);
        assert_eq!(read(Input::Line(Size::Short), "  "), Some(Json::Null));
    }
}
