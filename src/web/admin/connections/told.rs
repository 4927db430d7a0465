//! What is said after something was done: a closed list of outcomes, each a sentence that says what to do next. The
//! address carries the outcome's name and nothing else, so that nobody can put words into the page.

use axum::http::StatusCode;
use axum::http::header::HeaderName;

use crate::credentials::Attempted;
use crate::credentials::connections::{Ended, Entered};
use crate::domain::credential::Standing;
use crate::domain::failure::FailureKind;
use crate::domain::platform::About;
use crate::domain::text::{Lang, Text};
use crate::platforms::FetchError;
use crate::web::admin::page::see;
use crate::web::request_lang::query_value;

/// What came of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    name: &'static str,
    kind: Option<FailureKind>,
    platform: String,
}

/// Name, whether it is good, and the words; `{platform}` stands for the platform, `{why}` for the failure.
const ALL: &[(&str, bool, Text)] = &[
    (
        "connected",
        true,
        Text::new("Verbunden. Die Zahlen werden gerade geholt.", "Connected. The numbers are being fetched."),
    ),
    (
        "connected-partly",
        true,
        Text::new(
            "Verbunden, aber nicht alles wurde erlaubt. Was fehlt, steht hier; verbinde noch einmal und lass alles angekreuzt.",
            "Connected, but not everything was granted. What is missing is listed here; connect again and leave everything ticked.",
        ),
    ),
    (
        "unconfirmed",
        true,
        Text::new(
            "Gespeichert. {why} Geprüft wird, sobald {platform} wieder antwortet.",
            "Saved. {why} It is checked as soon as {platform} answers again.",
        ),
    ),
    (
        "denied",
        false,
        Text::new(
            "Du hast bei {platform} nicht zugestimmt. Es hat sich nichts geändert; starte neu, wenn du es dir anders überlegst.",
            "You did not agree at {platform}. Nothing has changed; start again if you change your mind.",
        ),
    ),
    (
        "not-ours",
        false,
        Text::new(
            "Diese Rückkehr von {platform} gehört zu keiner Verbindung, die du gerade begonnen hast, oder sie wurde schon benutzt. Es hat sich nichts geändert; starte von hier.",
            "This return from {platform} belongs to no connection you have just begun, or it was used already. Nothing has changed; start from here.",
        ),
    ),
    (
        "late",
        false,
        Text::new(
            "Das hat länger als zehn Minuten gedauert. Es hat sich nichts geändert; starte neu.",
            "That took longer than ten minutes. Nothing has changed; start again.",
        ),
    ),
    (
        "code-refused",
        false,
        Text::new(
            "{platform} hat die Freigabe nicht eingelöst. Prüfe, ob Kennung und Geheimnis zur selben App gehören und die Adresse zum Zurückkehren dort genau so eingetragen ist; dann starte neu.",
            "{platform} did not redeem the permission. Check that id and secret belong to the same app and that the address to come back to is registered there exactly; then start again.",
        ),
    ),
    (
        "no-account",
        false,
        Text::new(
            "Unter dieser Anmeldung gibt es bei {platform} kein Konto mit Zahlen. Melde dich dort mit dem richtigen Konto an; bei Instagram muss es ein professionelles sein, bei Facebook Login mit einer Seite verknüpft und angekreuzt.",
            "This sign-in leads to no account with numbers at {platform}. Sign in there with the right account; at Instagram it must be a professional one, with Facebook Login linked to a Page that is ticked.",
        ),
    ),
    (
        "connect-failed",
        false,
        Text::new("Nicht verbunden, es hat sich nichts geändert. {why}", "Not connected, nothing has changed. {why}"),
    ),
    ("dropped", true, Text::new("Verworfen. Es bleibt alles, wie es war.", "Dropped. Everything stays as it was.")),
    (
        "entered",
        true,
        Text::new(
            "Gespeichert, und {platform} nimmt sie an. Die Zahlen werden gerade geholt.",
            "Saved, and {platform} accepts them. The numbers are being fetched.",
        ),
    ),
    (
        "entered-unasked",
        true,
        Text::new(
            "Gespeichert. Jede Frage an {platform} kostet Geld; ob sie gelten, zeigt der nächste Abruf.",
            "Saved. Every question to {platform} costs money; the next fetch shows whether they work.",
        ),
    ),
    ("entered-refused", false, Text::new("Nicht gespeichert. {why}", "Not saved. {why}")),
    ("works", true, Text::new("{platform} nimmt die Zugangsdaten an.", "{platform} accepts the credentials.")),
    (
        "untested",
        true,
        Text::new(
            "Nicht geprüft: Jede Frage an {platform} kostet Geld. Ob die Zugangsdaten gelten, zeigt der nächste Abruf.",
            "Not tested: every question to {platform} costs money. The next fetch shows whether the credentials work.",
        ),
    ),
    ("test-failed", false, Text::new("{why}", "{why}")),
    ("renewed", true, Text::new("Erneuert.", "Renewed.")),
    (
        "renew-failed",
        false,
        Text::new(
            "Nicht erneuert, die bisherigen Werte bleiben. {why}",
            "Not renewed, the values from before stay. {why}",
        ),
    ),
    ("nothing-to-renew", true, Text::new("Gerade gibt es nichts zu erneuern.", "There is nothing to renew right now.")),
    (
        "disconnected",
        true,
        Text::new(
            "Getrennt. Deine bisherigen Zahlen bleiben sichtbar.",
            "Disconnected. Your numbers so far stay visible.",
        ),
    ),
];

impl Told {
    /// The account was dropped.
    pub const DROPPED: Self = Self::named("dropped");
    /// Disconnected.
    pub const DISCONNECTED: Self = Self::named("disconnected");

    const fn named(name: &'static str) -> Self {
        Self { name, kind: None, platform: String::new() }
    }

    const fn because(name: &'static str, kind: FailureKind) -> Self {
        Self { name, kind: Some(kind), platform: String::new() }
    }

    /// How connecting ended.
    pub fn of(ended: &Ended) -> Self {
        match ended {
            Ended::Connected(missing) if missing.is_empty() => Self::named("connected"),
            Ended::Connected(_) => Self::named("connected-partly"),
            Ended::Unconfirmed(kind) => Self::because("unconfirmed", *kind),
            Ended::Denied => Self::named("denied"),
            Ended::OtherAccount | Ended::NotOurs => Self::named("not-ours"),
            Ended::Late => Self::named("late"),
            Ended::CodeRefused => Self::named("code-refused"),
            Ended::NoAccount => Self::named("no-account"),
            Ended::Failed(kind) => Self::because("connect-failed", *kind),
        }
    }

    /// How entering values ended.
    pub fn entered(entered: &Entered) -> Self {
        match entered {
            Entered::Works => Self::named("entered"),
            Entered::NotAsked => Self::named("entered-unasked"),
            Entered::Unconfirmed(kind) => Self::because("unconfirmed", *kind),
            Entered::Refused(kind) => Self::because("entered-refused", *kind),
        }
    }

    /// How a test ended.
    pub fn tested(tested: Option<&Result<Standing, FetchError>>) -> Self {
        match tested {
            None => Self::named("untested"),
            Some(Ok(_)) => Self::named("works"),
            Some(Err(error)) => Self::because("test-failed", error.kind),
        }
    }

    /// How a renewal ended.
    pub fn renewed(attempted: Option<&Attempted>) -> Self {
        match attempted {
            None => Self::named("nothing-to-renew"),
            Some(Attempted::Renewed(_)) => Self::named("renewed"),
            Some(Attempted::Failed(failure)) => Self::because("renew-failed", failure.kind),
        }
    }

    /// What an address says.
    pub fn read(query: &str) -> Option<Self> {
        let wanted = query_value(query, "told")?;
        let (name, ..) = ALL.iter().find(|(name, ..)| *name == wanted)?;
        let kind = query_value(query, "why").and_then(FailureKind::from_name);
        Some(Self { name, kind, platform: query_value(query, "of")?.to_owned() })
    }

    /// Said of a platform.
    pub fn at(self, about: &About) -> Self {
        Self { platform: about.id.to_owned(), ..self }
    }

    /// On to a page that says so.
    pub fn to(&self, page: &str, about: &About) -> (StatusCode, [(HeaderName, String); 1]) {
        let why = self.kind.map(|kind| format!("&why={}", kind.name())).unwrap_or_default();
        see(format!("{page}?of={id}&told={}{why}#{id}", self.name, id = about.id))
    }

    /// Whether it is said of this platform.
    pub fn is_of(&self, about: &About) -> bool {
        self.platform == about.id
    }

    /// Whether it ended well.
    pub fn is_good(&self) -> bool {
        ALL.iter().any(|(name, good, _)| *name == self.name && *good)
    }

    /// The sentence.
    pub fn words(&self, about: &About, lang: Lang) -> String {
        let text = ALL.iter().find(|(name, ..)| *name == self.name).map_or("", |(_, _, text)| text.get(lang));
        let why = self.kind.map(|kind| kind.sentence(about.name, lang)).unwrap_or_default();
        text.replace("{why}", &why).replace("{platform}", about.name).trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_only_what_is_on_the_list() {
        let told = Told::read("of=tiktok&told=connect-failed&why=timeout").unwrap();
        assert_eq!((told.name, told.kind, told.is_good()), ("connect-failed", Some(FailureKind::Timeout), false));
        assert_eq!(Told::read("of=tiktok&told=connected").map(|told| told.is_good()), Some(true));
        for query in ["", "told=connected", "of=tiktok", "of=tiktok&told=<b>", "of=tiktok&told=CONNECTED"] {
            assert_eq!(Told::read(query), None, "{query}");
        }
        assert_eq!(Told::read("of=tiktok&told=works&why=<script>").unwrap().kind, None);
    }
}
