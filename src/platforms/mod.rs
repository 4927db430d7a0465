//! The platforms: what each must offer, and the list of them. A platform sees neither store nor web nor another
//! platform; adding one is a new file here and its line in [`all`].

pub mod bluesky;
pub mod discord;
pub mod fields;
pub mod handle;
pub mod instagram;
pub mod mastodon;
pub mod page;
pub mod tiktok;
pub mod twitch;
pub mod x;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;

pub use crate::domain::platform::{About, CredentialKey, Upstream};
use crate::domain::reading::Reading;
pub use crate::outbound::FetchError;
use crate::outbound::Outbound;

/// A platform whose numbers can be fetched.
#[async_trait]
pub trait Platform: Send + Sync {
    /// Who this is and what it needs; every page, form and check is drawn from it.
    fn about(&self) -> &'static About;

    /// Reads the account's current numbers. No retries, no storage, no logging of bodies.
    async fn fetch(&self, http: &Outbound, account: &Connected) -> Result<Reading, FetchError>;
}

/// An account as a platform sees it: whom to ask for, and with what.
#[derive(Clone, Debug)]
pub struct Connected {
    /// The handle, normalised by the platform's own rule.
    pub handle: String,
    /// The platform's id of the account, once it is pinned.
    pub pinned_id: Option<String>,
    /// What `.env.social` holds.
    pub credentials: Credentials,
    /// The time of this fetch, for windows of days.
    pub now: Timestamp,
}

/// Credentials by their key in `.env.social`. Their values can't be printed.
#[derive(Clone, Debug, Default)]
pub struct Credentials(BTreeMap<String, SecretString>);

impl Credentials {
    /// The value of a key, looked up under its declared name first and its older names after.
    pub fn get(&self, key: &CredentialKey) -> Option<&SecretString> {
        std::iter::once(&key.name).chain(key.aliases).find_map(|name| self.0.get(*name))
    }

    /// Whether every required key of a platform is set.
    pub fn has_all_required(&self, about: &About) -> bool {
        about.credentials.iter().filter(|key| key.required).all(|key| self.get(key).is_some())
    }

    /// The value of a key that is no secret, such as a user name or a budget.
    pub fn plain(&self, key: &CredentialKey) -> Option<&str> {
        if key.secret { None } else { self.get(key).map(secrecy::ExposeSecret::expose_secret) }
    }
}

impl FromIterator<(String, SecretString)> for Credentials {
    fn from_iter<I: IntoIterator<Item = (String, SecretString)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

/// What the operator may choose for the platforms.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The Graph API version, for example `v25.0`.
    pub meta_api_version: String,
    /// Whether Instagram's public page may be tried; it is mostly closed, so this ships off.
    pub instagram_public: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { meta_api_version: "v25.0".to_owned(), instagram_public: false }
    }
}

/// Every platform, in the order people see them.
pub fn all(settings: &Settings) -> Vec<Arc<dyn Platform>> {
    vec![
        Arc::new(instagram::Instagram::new(settings)),
        Arc::new(tiktok::TikTok),
        Arc::new(twitch::Twitch::default()),
        Arc::new(x::X),
        Arc::new(discord::Discord),
        Arc::new(bluesky::Bluesky),
        Arc::new(mastodon::Mastodon),
    ]
}
