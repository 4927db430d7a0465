//! Trying settings out: a real message by every channel, and what came of it in words.

use super::Settings;
use crate::alerts::{AlertError, Channel, Channels};
use crate::domain::text::{Lang, Text};

/// What came of a test message.
pub struct Tried {
    /// By which channel: `webhook`, `email` or `ntfy`.
    pub channel: &'static str,
    error: Option<(Channel, AlertError)>,
}

impl Tried {
    /// What is wrong and what to do; `None` when the message arrived.
    pub fn sentence(&self, lang: Lang) -> Option<String> {
        let (channel, error) = self.error.as_ref()?;
        let (address, credentials) = named(*channel);
        Some(error.sentence_about(address.get(lang), credentials.get(lang), lang))
    }
}

impl Settings {
    /// Sends a test by every channel that is set up.
    pub async fn try_alerts(&self, public_url: &str) -> Vec<Tried> {
        let channels = Channels::new(&self.config().alerts, public_url, &self.0.parts.http);
        let results = channels.send_test(self.0.parts.clock.now()).await;
        let tried = |(channel, result): (Channel, Result<(), AlertError>)| Tried {
            channel: channel.name(),
            error: result.err().map(|error| (channel, error)),
        };
        results.into_iter().map(tried).collect()
    }
}

/// What the panel calls a channel's address and its credentials, after "check".
const fn named(channel: Channel) -> (Text, Text) {
    match channel {
        Channel::Webhook => (
            Text::new("die Adresse des Webhooks", "the webhook's address"),
            Text::new("den Schlüssel des Webhooks", "the webhook's key"),
        ),
        Channel::Email => (
            Text::new("Mailserver und Port", "mail server and port"),
            Text::new("Nutzer und Passwort des Mailservers", "user and password of the mail server"),
        ),
        Channel::Ntfy => (
            Text::new("die Adresse des Themas", "the topic's address"),
            Text::new("das Token des Themas", "the topic's token"),
        ),
    }
}
