//! Why a fetch brought nothing: a closed list of kinds, each with a sentence that says what to do next.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::text::{Lang, Text};

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $de:literal, $en:literal;)*) => {
        /// What kind of failure a fetch ended in.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum FailureKind {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl FailureKind {
            /// Every kind there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The kind's name in the API and in the store.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What happened and what to do next; `{platform}` stands for the platform's name.
            pub const fn text(self) -> Text {
                match self { $(Self::$variant => Text::new($de, $en),)* }
            }
        }
    };
}

kinds! {
    /// The host's name did not resolve.
    Dns = "dns",
        "Der Name des Servers von {platform} ließ sich nicht auflösen. Prüfe die Internetverbindung und den DNS-Server.",
        "The name of {platform}'s server could not be resolved. Check the internet connection and the DNS server.";
    /// No connection could be made.
    Connect = "connect",
        "{platform} war nicht erreichbar. Prüfe Internetverbindung und Firewall; der nächste Versuch kommt von selbst.",
        "{platform} could not be reached. Check the internet connection and the firewall; the next attempt comes by itself.";
    /// The encrypted connection failed.
    Tls = "tls",
        "Die verschlüsselte Verbindung zu {platform} kam nicht zustande. Prüfe Uhrzeit und Zertifikate dieses Rechners.",
        "The encrypted connection to {platform} failed. Check this machine's clock and certificates.";
    /// The answer did not come in time.
    Timeout = "timeout",
        "{platform} hat nicht rechtzeitig geantwortet. Du musst nichts tun; der nächste Versuch kommt von selbst.",
        "{platform} did not answer in time. Nothing to do; the next attempt comes by itself.";
    /// The answer broke off or was not HTTP.
    Protocol = "protocol",
        "Die Antwort von {platform} brach ab oder war unleserlich. Du musst nichts tun; der nächste Versuch kommt von selbst.",
        "The answer from {platform} broke off or was garbled. Nothing to do; the next attempt comes by itself.";
    /// The answer was larger than any honest answer is.
    TooLarge = "too_large",
        "Die Antwort von {platform} war viel größer als üblich und wurde verworfen. Bleibt das so, melde es dem Projekt.",
        "The answer from {platform} was far larger than usual and was dropped. If it stays that way, report it to the project.";
    /// A page that asks to sign in, in place of the data.
    LoginWall = "login_wall",
        "{platform} zeigt statt der Zahlen eine Anmeldeseite. Verbinde das Konto mit Zugangsdaten, dann kommen die Zahlen wieder.",
        "{platform} shows a sign-in page in place of the numbers. Connect the account with credentials and the numbers return.";
    /// Not the JSON that was asked for.
    NotJson = "not_json",
        "{platform} hat etwas anderes als Daten geschickt. Du musst nichts tun; bleibt das so, suche nach einem Update von mediakit.",
        "{platform} sent something other than data. Nothing to do; if it stays that way, look for an update of mediakit.";
    /// JSON without the fields the platform documents.
    Schema = "schema",
        "{platform} hat das Format seiner Antwort geändert. Suche nach einem Update von mediakit.",
        "{platform} changed the format of its answer. Look for an update of mediakit.";
    /// Another account answered than the one that was pinned.
    AccountMismatch = "account_mismatch",
        "{platform} hat Zahlen eines anderen Kontos geliefert. Prüfe das Handle im Profil und ob die Zugangsdaten zu diesem Konto gehören.",
        "{platform} returned the numbers of another account. Check the handle in the profile and that the credentials belong to this account.";
    /// The token ran out.
    AuthExpired = "auth_expired",
        "Der Zugang zu {platform} ist abgelaufen. Verbinde das Konto neu.",
        "The access to {platform} has expired. Connect the account again.";
    /// The token was withdrawn or is not valid.
    AuthRevoked = "auth_revoked",
        "{platform} nimmt die Zugangsdaten nicht mehr an. Prüfe sie oder verbinde das Konto neu.",
        "{platform} no longer accepts the credentials. Check them or connect the account again.";
    /// The token lacks a permission.
    Permission = "permission",
        "Für {platform} fehlt eine Berechtigung. Verbinde das Konto neu und stimme allen Berechtigungen zu.",
        "A permission for {platform} is missing. Connect the account again and grant every permission.";
    /// There is no such account.
    NotFound = "not_found",
        "{platform} kennt dieses Konto nicht. Prüfe das Handle im Profil.",
        "{platform} does not know this account. Check the handle in the profile.";
    /// The account or its counts are hidden.
    Private = "private",
        "Das Konto oder seine Zahlen sind bei {platform} nicht öffentlich. Mache sie öffentlich oder verbinde das Konto.",
        "The account or its counts are not public on {platform}. Make them public or connect the account.";
    /// We asked too often.
    RateLimited = "rate_limited",
        "{platform} bittet um eine Pause. Du musst nichts tun; danach geht es von selbst weiter.",
        "{platform} asks for a pause. Nothing to do; it goes on by itself afterwards.";
    /// The quota or the budget is used up.
    Quota = "quota",
        "Das Kontingent oder Budget für {platform} ist aufgebraucht. Warte auf das nächste Kontingent oder erhöhe das Budget.",
        "The quota or budget for {platform} is used up. Wait for the next quota or raise the budget.";
    /// The platform itself is in trouble.
    Upstream = "upstream",
        "{platform} hat gerade selbst eine Störung. Du musst nichts tun; der nächste Versuch kommt von selbst.",
        "{platform} is having trouble itself. Nothing to do; the next attempt comes by itself.";
    /// The answer pointed to an address we do not follow.
    RedirectRefused = "redirect_refused",
        "{platform} wollte auf eine andere Adresse umleiten; das wurde aus Sicherheitsgründen abgelehnt. Prüfe eingestellte Server-Adressen.",
        "{platform} tried to redirect to another address, which was refused for safety. Check any configured server addresses.";
    /// The version of the interface is no longer served.
    ApiVersion = "api_version",
        "{platform} unterstützt diese API-Version nicht mehr. Aktualisiere mediakit oder setze MEDIAKIT_META_API_VERSION neu.",
        "{platform} no longer supports this API version. Update mediakit or set MEDIAKIT_META_API_VERSION anew.";
    /// The platform refuses automated requests.
    Blocked = "blocked",
        "{platform} lässt automatische Abfragen von hier nicht zu. Hinterlege Zugangsdaten für die offizielle API.",
        "{platform} does not allow automated requests from here. Add credentials for the official API.";
    /// No credentials where some are needed.
    NotConfigured = "not_configured",
        "Für {platform} sind keine Zugangsdaten hinterlegt. Trage sie in .env.social ein.",
        "No credentials are set for {platform}. Add them to .env.social.";
}

impl FailureKind {
    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// The sentence for people, with the platform's name in it.
    pub fn sentence(self, platform_name: &str, lang: Lang) -> String {
        self.text().get(lang).replace("{platform}", platform_name)
    }

    /// Whether the platform told us to wait: then not even a refresh by hand asks it.
    pub const fn tells_to_wait(self) -> bool {
        matches!(self, Self::RateLimited | Self::Quota)
    }
}

/// A failure as it is kept with an account and shown to its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind it was.
    pub kind: FailureKind,
    /// More in our own words, never the platform's: which permission, which field.
    pub detail: Option<String>,
    /// When it happened.
    pub at: Timestamp,
    /// When the platform will be asked again.
    pub next_attempt_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_sentence_that_names_the_platform_in_both_languages() {
        for kind in FailureKind::ALL {
            for lang in Lang::ALL {
                let sentence = kind.sentence("TikTok", lang);
                assert!(sentence.contains("TikTok"), "{kind:?} {lang:?}");
                assert!(sentence.ends_with('.') && !sentence.contains('!'), "{kind:?} {lang:?}");
            }
            assert_eq!(FailureKind::from_name(kind.name()), Some(*kind));
        }
    }
}
