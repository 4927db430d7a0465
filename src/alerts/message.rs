//! One alert as a channel sends it: in one language, with the address to go to. This is the webhook's JSON.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::alert::{self, Alert, Severity};
use crate::domain::text::Lang;

/// Where connections are looked after.
const CONNECTIONS: &str = "/admin/connections";
/// Where requests for the kit are answered.
const REQUESTS: &str = "/admin/mediakit/shares#requests";

/// A message for a person.
#[derive(Clone, Debug, Serialize)]
pub struct Message {
    /// The cause; the same for every message about it.
    pub key: String,
    /// How much it hurries.
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// What happens, and until when.
    pub body: String,
    /// What to do next.
    pub next_step: String,
    /// The platform's id, where it is about one.
    pub platform: Option<String>,
    /// When it was found.
    pub at: Timestamp,
    /// The page to go to.
    pub url: String,
}

impl Message {
    /// An alert in one language.
    pub(super) fn new(alert: &Alert, lang: Lang, public_url: &str) -> Self {
        let page = if alert.key == alert::REQUESTS { REQUESTS } else { CONNECTIONS };
        Self {
            key: alert.key.clone(),
            severity: alert.severity,
            title: alert.title.get(lang).to_owned(),
            body: alert.body.get(lang).to_owned(),
            next_step: alert.next_step.get(lang).to_owned(),
            platform: alert.platform.clone(),
            at: alert.at,
            url: format!("{}{page}", public_url.trim_end_matches('/')),
        }
    }
}
