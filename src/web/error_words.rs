//! What each error says to people, in both languages.

use super::error::Error;
use crate::domain::lease::left_behind;
use crate::domain::text::{Lang, Text};

impl Error {
    /// The sentence for people.
    pub fn detail(&self, lang: Lang) -> String {
        let words = self.words().get(lang);
        match self {
            Self::NoMetric(name) => words.replace("{}", &shown(name)),
            Self::NoData(platform) => words.replace("{}", &shown(platform)),
            Self::AccountNotFound(what, handle) => words.replace("{what}", what).replace("{}", &shown(handle)),
            Self::MissingScope(scope) => words.replace("{}", scope),
            Self::BadQuery(key) => words.replace("{}", key),
            Self::Invalid(field, reason) => format!("{}: {}", shown(field), reason.get(lang)),
            Self::LeftBehind(about, until) => format!("{}: {}", about.name, left_behind(*until).get(lang)),
            Self::Platform(about, failure) => failure.kind.sentence(about.name, lang),
            _ => words.to_owned(),
        }
    }

    const fn words(&self) -> Text {
        match self {
            Self::NotFound => Text::new("Diese Adresse gibt es nicht.", "There is nothing at this address."),
            Self::NoLink => Text::new(
                "Diesen Link gibt es nicht mehr oder gerade nicht. Die anderen stehen auf der Linkseite.",
                "This link is gone, or not there right now. The link page has the others.",
            ),
            Self::NoData(_) => Text::new("Keine Daten für Plattform '{}' gefunden", "No data found for platform '{}'"),
            Self::NoMetric(_) => Text::new(
                "Den Wert '{}' gibt es hier nicht, oder er ist nicht öffentlich.",
                "There is no metric '{}' here, or it is not public.",
            ),
            Self::AccountNotFound(..) => Text::new("Kein {what} für {} gefunden", "No {what} found for {}"),
            Self::MethodNotAllowed => Text::new(
                "Diese Adresse kennt diese Methode nicht. Welche sie kennt, steht im Kopffeld Allow.",
                "This address does not know this method. The Allow header names those it knows.",
            ),
            Self::Unauthenticated => Text::new("Nicht authentifiziert", "Not authenticated"),
            Self::MissingScope(_) => Text::new(
                "Diesem Token fehlt die Berechtigung '{}'. Lege mit `mediakit api-token create` eines mit ihr an.",
                "This token lacks the scope '{}'. Create one that has it with `mediakit api-token create`.",
            ),
            Self::TooManyAttempts(_) => Text::new(
                "Zu viele Fehlversuche. Warte kurz und versuche es dann erneut.",
                "Too many failed attempts. Wait a moment and try again.",
            ),
            Self::BadRequest => Text::new("Die Anfrage ist kein gültiges HTTP.", "The request is not valid HTTP."),
            Self::Malformed => Text::new("Der Inhalt ist kein lesbares JSON.", "The body is not readable JSON."),
            Self::BadQuery(_) => Text::new("Die Angabe '{}' ist nicht lesbar.", "The parameter '{}' cannot be read."),
            Self::BodyTooLarge => Text::new(
                "Der Inhalt ist zu groß: höchstens 64 KB, mit Dateien 8 MB.",
                "The body is too large: at most 64 KB, with files 8 MB.",
            ),
            Self::BodyTooSlow => Text::new("Der Inhalt kam nicht rechtzeitig an.", "The body did not arrive in time."),
            Self::NotLabelledJson => Text::new(
                "Sende JSON mit dem Content-Type application/json.",
                "Send JSON with the content type application/json.",
            ),
            Self::HeadersTooLarge => {
                Text::new("Die Kopfzeilen sind größer als 16 KB.", "The headers are larger than 16 KB.")
            }
            _ => self.more_words(),
        }
    }

    const fn more_words(&self) -> Text {
        match self {
            Self::NoHandles => Text::new(
                "Keine Social Media Handles konfiguriert. Bitte zuerst im Profil-Tab Social Media Handles eingeben \
                 und speichern.",
                "No social media handles are set. Enter and save them in the profile tab first.",
            ),
            Self::NoToken => {
                Text::new("Kein Access Token in der .env Datei gefunden", "No access token found in the .env file")
            }
            Self::NoEmbed => Text::new(
                "Unter dieser Adresse steht hier nichts, was sich einbetten lässt. Nimm die Adresse des Media-Kits.",
                "There is nothing at that address here that can be embedded. Use the address of the media kit.",
            ),
            Self::OnlyJson => Text::new(
                "Antworten gibt es hier nur als JSON: format=json.",
                "Answers are given as JSON only: format=json.",
            ),
            Self::NotAForm => Text::new("Hier wird ein Formular erwartet.", "A form is expected here."),
            Self::ForgedForm => Text::new(
                "Das Formular ist abgelaufen oder kam von einer anderen Seite. Nichts wurde geändert. Lade die Seite neu \
                 und sende es noch einmal.",
                "The form has expired or came from another site. Nothing was changed. Reload the page and send it again.",
            ),
            Self::ChangedMeanwhile => Text::new(
                "Das wurde inzwischen woanders geändert. Lade die Seite neu und ändere es dann.",
                "This was changed elsewhere in the meantime. Reload the page, then change it.",
            ),
            Self::AllFailed(_) => Text::new(
                "Keine Plattform hat Zahlen geliefert. Die alten Zahlen bleiben sichtbar; die Gründe stehen in errors.",
                "No platform returned numbers. The old numbers stay visible; errors says why.",
            ),
            Self::StoreAway => Text::new(
                "Die Datenbank antwortet gerade nicht oder kann nicht schreiben. Das Bisherige bleibt erhalten; versuche es \
                 gleich noch einmal.",
                "The database is not answering right now or can't write. What was there is kept; try again in a moment.",
            ),
            Self::TooManyStreams => Text::new(
                "Zu viele Zuschauer dieses Abrufs. Versuche es gleich noch einmal.",
                "Too many are watching this refresh. Try again in a moment.",
            ),
            Self::TooManyConnections => Text::new(
                "Gerade sind zu viele Verbindungen offen. Versuche es in ein paar Sekunden noch einmal.",
                "Too many connections are open right now. Try again in a few seconds.",
            ),
            _ => Text::new(
                "Hier ist etwas schiefgegangen. Im Protokoll steht mehr unter der Nummer dieser Anfrage.",
                "Something went wrong here. The log has more under the number of this request.",
            ),
        }
    }
}

/// Text from outside as it may be repeated: no control or direction characters, at most 64 characters.
pub fn shown(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{200e}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .take(64)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_are_shortened_and_cleaned() {
        let error = Error::NoData(format!("\u{202e}<b>\0{}", "x".repeat(9000)));
        let detail = error.detail(Lang::De);
        assert!(detail.starts_with("Keine Daten für Plattform '<b>xxx") && detail.chars().count() < 110);
    }

    #[test]
    fn the_contract_s_sentences_are_told_to_the_letter() {
        assert_eq!(Error::NoData("myspace".into()).detail(Lang::De), "Keine Daten für Plattform 'myspace' gefunden");
        assert_eq!(Error::Unauthenticated.detail(Lang::De), "Nicht authentifiziert");
        assert_eq!(Error::NoToken.detail(Lang::De), "Kein Access Token in der .env Datei gefunden");
        let account = Error::AccountNotFound("Instagram Business Account".into(), "mara".into());
        assert_eq!(account.detail(Lang::De), "Kein Instagram Business Account für mara gefunden");
    }
}
