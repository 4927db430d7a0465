//! Alerts: what a person must be told before anything lapses, and what of it is news. Pure; sending is in `alerts`.

mod news;
mod rules;
mod words;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

pub use news::{Sent, Step, retry_at, steps};
pub use rules::{REQUESTS, due};
pub use words::{SET_CLOCK, all_clear, test};

use super::credential::{Fingerprint, Kept, Life, Phase};
use super::failure::{Failure, FailureKind};
use super::platform::About;
use super::share::Request;
use super::text::{Lang, Text};

/// A text with names and dates in it, in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// German.
    pub de: String,
    /// English.
    pub en: String,
}

impl Words {
    /// A text from its two languages.
    pub fn new(de: impl Into<String>, en: impl Into<String>) -> Self {
        Self { de: de.into(), en: en.into() }
    }

    /// The text in `lang`.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::De => &self.de,
            Lang::En => &self.en,
        }
    }
}

impl From<Text> for Words {
    fn from(text: Text) -> Self {
        Self::new(text.de, text.en)
    }
}

/// How much it hurries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// What was reported is over.
    Resolved,
    /// Nothing is wrong; somebody waits for an answer.
    Notice,
    /// There is time to act.
    Warning,
    /// Something has stopped, or is about to.
    Urgent,
}

/// Something a person should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// One per cause: `credential:tiktok:expires`. The first two parts say what it is about.
    pub key: String,
    /// How far it has gone, from 1; it is told again when this grows.
    pub stage: u32,
    /// How long after it was told it is told again without having grown.
    pub again_after: SignedDuration,
    /// How long it waits after it was told, though it has grown.
    pub apart: SignedDuration,
    /// How much it hurries.
    pub severity: Severity,
    /// What it is about, as people know it: `TikTok`, `.env.social`.
    pub name: String,
    /// The platform's id, where it is about one.
    pub platform: Option<String>,
    /// One line.
    pub title: Words,
    /// What happens, and until when.
    pub body: Words,
    /// What to do next.
    pub next_step: Words,
    /// When it was found.
    pub at: Timestamp,
}

/// Everything that is watched, whole: what is missing here counts as recovered.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// Each platform's credentials.
    pub credentials: Vec<CredentialHealth>,
    /// Platforms, by id and name, whose credentials in the database can't be opened.
    pub unreadable: Vec<(String, String)>,
    /// Each mirror of credentials.
    pub mirrors: Vec<MirrorHealth>,
    /// Each version of an interface in use that has a known end.
    pub api_versions: Vec<ApiVersion>,
    /// How far the platforms' clocks are ahead of ours, as most of them say; `None` when none was asked lately.
    pub clock_ahead: Option<SignedDuration>,
    /// Since when the data folder can't be written to; `None` when it can.
    pub disk_fails_since: Option<Timestamp>,
    /// Who asks for the kit and waits for an answer, the oldest first.
    pub requests: Vec<Request>,
}

/// How a platform's credentials are.
#[derive(Clone, Debug)]
pub struct CredentialHealth {
    /// The platform's id.
    pub platform: String,
    /// The name people know.
    pub name: String,
    /// Where the renewal stands.
    pub phase: Phase,
    /// How long they hold.
    pub life: Life,
    /// Whether mediakit can renew them.
    pub renewable: bool,
    /// Attempts to renew that failed since the last good one.
    pub failures: u32,
    /// Why the last one failed.
    pub failure: Option<FailureKind>,
    /// The fingerprint of values from the file that the platform refused.
    pub refused: Option<Fingerprint>,
}

impl CredentialHealth {
    /// The health of credentials as the database keeps them.
    pub fn of(kept: &Kept, about: &About) -> Self {
        Self {
            platform: about.id.to_owned(),
            name: about.name.to_owned(),
            phase: kept.phase,
            life: kept.life,
            renewable: about.renewal.is_some_and(|renewal| renewal.is_possible(&kept.active)),
            failures: kept.failures,
            failure: kept.failure.as_ref().map(|failure| failure.kind),
            refused: refused_edit(kept),
        }
    }
}

/// How a mirror of credentials is.
#[derive(Clone, Debug)]
pub struct MirrorHealth {
    /// The mirror as people know it: `.env.social`, `GitHub`.
    pub name: String,
    /// Since when it lacks the newest values; `None` when it has them.
    pub pending_since: Option<Timestamp>,
    /// What stands in the way: a whole sentence in our own words, no secret in it.
    pub failure: Option<Words>,
}

/// A version of a platform's interface.
#[derive(Clone, Debug)]
pub struct ApiVersion {
    /// The platform's id.
    pub platform: String,
    /// The name people know.
    pub name: String,
    /// The version, for example `v25.0`.
    pub version: String,
    /// The last day on which it is served.
    pub ends_on: Date,
}

/// The fingerprint of values that were entered and not accepted, while the former ones go on.
fn refused_edit(kept: &Kept) -> Option<Fingerprint> {
    use FailureKind as K;
    let refusal = |failure: &Failure| matches!(failure.kind, K::AuthExpired | K::AuthRevoked | K::AccountMismatch);
    let refused = kept.phase == Phase::Active && kept.failure.as_ref().is_some_and(refusal);
    kept.tried.filter(|tried| refused && *tried != kept.active.fingerprint())
}
