//! The ways an alert can take, those that are set up, and one deadline for each message.

use std::sync::Arc;

use futures_util::future::join_all;
use jiff::Timestamp;
use url::Url;

use super::mail::Mail;
use super::ntfy::Ntfy;
use super::webhook::Webhook;
use super::{AlertError, Message, TIMEOUT, ntfy, webhook};
use crate::config::{AlertSettings, SecretUrl};
use crate::domain::alert::{self, Alert};
use crate::domain::platform::Upstream;
use crate::domain::text::Lang;
use crate::outbound::{Call, Outbound, Overrides};

/// A way to tell somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// JSON to an address.
    Webhook,
    /// Mail by SMTP.
    Email,
    /// A topic on an ntfy server.
    Ntfy,
}

impl Channel {
    /// The name in the store and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Email => "email",
            Self::Ntfy => "ntfy",
        }
    }

    pub(super) const fn address_setting(self) -> &'static str {
        match self {
            Self::Webhook => "MEDIAKIT_ALERT_WEBHOOK",
            Self::Email => "MEDIAKIT_SMTP_URL",
            Self::Ntfy => "MEDIAKIT_ALERT_NTFY",
        }
    }

    pub(super) const fn credentials_setting(self) -> &'static str {
        match self {
            Self::Webhook => "MEDIAKIT_ALERT_WEBHOOK_SECRET",
            Self::Email => "MEDIAKIT_SMTP_URL",
            Self::Ntfy => "MEDIAKIT_ALERT_NTFY_TOKEN",
        }
    }
}

/// A channel that is set up.
pub(super) enum Way {
    Webhook(Webhook),
    Mail(Mail),
    Ntfy(Ntfy),
}

impl Way {
    pub(super) const fn channel(&self) -> Channel {
        match self {
            Self::Webhook(_) => Channel::Webhook,
            Self::Mail(_) => Channel::Email,
            Self::Ntfy(_) => Channel::Ntfy,
        }
    }
}

/// The channels that are set up. Cheap to clone.
#[derive(Clone)]
pub struct Channels {
    ways: Arc<[Way]>,
    http: Outbound,
    lang: Lang,
    public_url: String,
}

impl Channels {
    /// The channels of the settings. Their addresses are the operator's own: trusted by exact origin, private or not,
    /// and for alerts only.
    pub fn new(settings: &AlertSettings, public_url: &str, http: &Outbound) -> Self {
        let origins = [(webhook::UPSTREAM, &settings.webhook), (ntfy::UPSTREAM, &settings.ntfy)];
        let origins: Overrides = origins.into_iter().filter_map(|(of, url)| origin(of, url.as_ref()?)).collect();
        let (http, public_url) = (http.trusting(origins), public_url.to_owned());
        Self { ways: ways(settings.clone()).into(), http, lang: settings.lang, public_url }
    }

    /// Those that are set up.
    pub(super) fn ways(&self) -> &[Way] {
        &self.ways
    }

    /// Sends a test by all of them at once.
    pub async fn send_test(&self, now: Timestamp) -> Vec<(Channel, Result<(), AlertError>)> {
        let test = &alert::test(now);
        join_all(self.ways.iter().map(|way| async move { (way.channel(), self.send(way, test).await) })).await
    }

    /// Sends one alert by one channel, once.
    pub(super) async fn send(&self, way: &Way, alert: &Alert) -> Result<(), AlertError> {
        let message = Message::new(alert, self.lang, &self.public_url);
        let sending = async {
            match way {
                Way::Webhook(webhook) => self.post(&webhook.call(&message)?).await,
                Way::Ntfy(ntfy) => self.post(&ntfy.call(&message)).await,
                Way::Mail(mail) => mail.send(&message).await,
            }
        };
        tokio::time::timeout(TIMEOUT, sending).await.unwrap_or(Err(AlertError::Timeout))
    }

    async fn post(&self, call: &Call) -> Result<(), AlertError> {
        let status = self.http.send(call).await?.status;
        if (200..300).contains(&status) { Ok(()) } else { Err(AlertError::of_status(status)) }
    }
}

fn ways(settings: AlertSettings) -> Vec<Way> {
    let AlertSettings { webhook, webhook_secret, email, smtp, from, ntfy, ntfy_token, lang: _ } = settings;
    let webhook = webhook.map(|url| Way::Webhook(Webhook { url, secret: webhook_secret }));
    let mail = email.map(|to| Way::Mail(Mail { server: smtp, from: from.unwrap_or_else(|| to.clone()), to }));
    let ntfy = ntfy.map(|url| Way::Ntfy(Ntfy { url, token: ntfy_token }));
    [webhook, mail, ntfy].into_iter().flatten().collect()
}

fn origin(of: Upstream, url: &SecretUrl) -> Option<(String, Url)> {
    Some((of.name.to_owned(), Url::parse(&url.expose().origin().ascii_serialization()).ok()?))
}

/// A request to exactly this address, sent once: whoever calls has a ladder.
pub(super) fn post(upstream: Upstream, url: &Url) -> Call {
    let call = Call::post(upstream, url.path()).once();
    url.query_pairs().fold(call, |call, (name, value)| call.query(&name, value.into_owned()))
}
