//! Why a message did not arrive, in sentences that say what to do. Never a word of the other side, never an address.

use super::channel::Channel;
use crate::domain::failure::FailureKind;
use crate::domain::text::Lang;
use crate::outbound::FetchError;

/// Why a message did not arrive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AlertError {
    /// A setting is missing without which this channel can't work.
    #[error("{0} is not set")]
    Incomplete(&'static str),
    /// Nobody answered at the address.
    #[error("not reachable")]
    Unreachable,
    /// No answer came in time.
    #[error("no answer in time")]
    Timeout,
    /// The encrypted connection failed.
    #[error("the encrypted connection failed")]
    Tls,
    /// The mail server offers no encryption, or no way to sign in that we know.
    #[error("no encryption or no known way to sign in is offered")]
    NotOffered,
    /// Token, user or password were refused.
    #[error("the credentials were refused (status {0})")]
    Credentials(u16),
    /// It was refused for another reason.
    #[error("refused (status {0})")]
    Refused(u16),
    /// The answer was none.
    #[error("the answer was garbled")]
    Garbled,
}

impl AlertError {
    /// Whether the channel as a whole is at fault, so that trying the next message now is idle.
    pub(super) const fn is_down(&self) -> bool {
        !matches!(self, Self::Refused(_))
    }

    /// What happened and what to do.
    pub fn sentence(&self, channel: Channel, lang: Lang) -> String {
        self.sentence_about(channel.address_setting(), channel.credentials_setting(), lang)
    }

    /// The same, with names for the channel's address and its credentials that fit behind "check".
    pub fn sentence_about(&self, address: &str, credentials: &str, lang: Lang) -> String {
        match (self, lang) {
            (Self::Incomplete(name), Lang::De) => format!("Es fehlt {name}. Setze die Variable."),
            (Self::Incomplete(name), Lang::En) => format!("{name} is missing. Set the variable."),
            (Self::Unreachable, Lang::De) => {
                format!("Unter der Adresse antwortet niemand. Prüfe {address}, Netz und Firewall.")
            }
            (Self::Unreachable, Lang::En) => {
                format!("Nobody answers at the address. Check {address}, the network and the firewall.")
            }
            (Self::Timeout, Lang::De) => {
                format!("Es kam nicht rechtzeitig eine Antwort. Prüfe {address} und ob der Server dort läuft.")
            }
            (Self::Timeout, Lang::En) => {
                format!("No answer came in time. Check {address} and that the server there runs.")
            }
            (Self::Tls, Lang::De) => {
                format!(
                    "Die verschlüsselte Verbindung kam nicht zustande. Prüfe das Zertifikat, die Uhr und {address}."
                )
            }
            (Self::Tls, Lang::En) => {
                format!("The encrypted connection failed. Check the certificate, the clock and {address}.")
            }
            (Self::NotOffered, Lang::De) => format!(
                "Der Mailserver bietet keine Verschlüsselung oder keine bekannte Anmeldung an. Prüfe {address}; \
                 smtps ist von Anfang an verschlüsselt."
            ),
            (Self::NotOffered, Lang::En) => format!(
                "The mail server offers no encryption or no known way to sign in. Check {address}; smtps is \
                 encrypted from the start."
            ),
            (Self::Credentials(status), Lang::De) => {
                format!("Die Zugangsdaten wurden abgelehnt (Status {status}). Prüfe {credentials}.")
            }
            (Self::Credentials(status), Lang::En) => {
                format!("The credentials were refused (status {status}). Check {credentials}.")
            }
            (Self::Refused(status), Lang::De) => {
                format!("Die Nachricht wurde abgelehnt (Status {status}). Prüfe {address}.")
            }
            (Self::Refused(status), Lang::En) => format!("The message was refused (status {status}). Check {address}."),
            (Self::Garbled, Lang::De) => {
                format!("Die Antwort war unleserlich. Prüfe {address}; dort antwortet etwas anderes.")
            }
            (Self::Garbled, Lang::En) => {
                format!("The answer was garbled. Check {address}; something else answers there.")
            }
        }
    }

    /// What an HTTP status means, when it is no success.
    pub(super) const fn of_status(status: u16) -> Self {
        match status {
            401 | 403 => Self::Credentials(status),
            _ => Self::Refused(status),
        }
    }
}

impl From<FetchError> for AlertError {
    fn from(error: FetchError) -> Self {
        match error.kind {
            FailureKind::Timeout => Self::Timeout,
            FailureKind::Tls => Self::Tls,
            FailureKind::Dns | FailureKind::Connect => Self::Unreachable,
            _ => Self::Garbled,
        }
    }
}
