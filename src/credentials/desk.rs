//! What the refresh asks of the credentials: the values for a fetch, and others when those were refused.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::credential::{Credentials, Fingerprint};
use crate::domain::failure::Failure;
use crate::domain::platform::About;

/// Hands out credentials.
#[async_trait]
pub trait Desk: Send + Sync {
    /// The values for a fetch that starts now; what has run out is renewed first. It never fails: the last values
    /// that are known are better than none.
    async fn ready(&self, about: &'static About) -> Ready;

    /// Newer values after the platform refused `used`: somebody else's renewal, or one made now. `None` when there
    /// are none.
    async fn instead(&self, about: &'static About, used: &Credentials) -> Option<Ready>;
}

/// Values for a fetch, and what was done to have them.
#[derive(Clone, Debug, Default)]
pub struct Ready {
    /// The values.
    pub values: Credentials,
    /// The renewal that came before, or why it did not come about.
    pub renewal: Option<Attempted>,
}

/// How a renewal ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempted {
    /// New values are stored.
    Renewed(Renewed),
    /// The former values stay.
    Failed(Failure),
}

/// A renewal that worked, told without telling the values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewed {
    /// The platform's id.
    pub platform: &'static str,
    /// The new generation.
    pub generation: i64,
    /// What tells the new values from others, see [`Credentials::fingerprint`].
    pub fingerprint: Fingerprint,
    /// When the new token ends; `None` when never, or unknown.
    pub expires_at: Option<Timestamp>,
    /// Where the new values are by now.
    pub storage: Storage,
}

impl Renewed {
    /// The reference that stands in place of the token: `stored:instagram:gen18:fp-6c1e0b9a`.
    pub fn reference(&self) -> String {
        format!("stored:{}:gen{}:fp-{}", self.platform, self.generation, self.fingerprint)
    }
}

/// Where renewed values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Storage {
    /// In `.env.social`.
    pub env_file: MirrorState,
    /// In the repository's secret.
    pub github_secret: MirrorState,
}

/// How far a mirror is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MirrorState {
    /// It has the newest values.
    Updated,
    /// It gets them later, by itself.
    Pending,
    /// It was tried for 30 days and given up.
    Failed,
    /// There is none.
    NotConfigured,
}

/// Fixed values, for who needs no keeping: they are handed out as they stand.
#[async_trait]
impl<F: Fn() -> Credentials + Send + Sync> Desk for F {
    async fn ready(&self, _: &'static About) -> Ready {
        Ready { values: self(), renewal: None }
    }

    async fn instead(&self, _: &'static About, _: &Credentials) -> Option<Ready> {
        None
    }
}
