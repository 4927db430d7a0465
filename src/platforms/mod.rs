//! The platforms: what each must offer, and the list of them. A platform sees neither store nor web nor another
//! platform; adding one is a new file here and its line in [`all`].

pub mod bluesky;
pub mod connect;
pub mod discord;
pub mod fields;
pub mod handle;
pub mod instagram;
pub mod mastodon;
pub mod page;
pub mod tiktok;
pub mod tokens;
pub mod twitch;
pub mod x;
pub mod youtube;

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

pub use crate::domain::credential::{Credentials, Grant, Life, Standing};
use crate::domain::failure::FailureKind;
pub use crate::domain::platform::{About, Connect, CredentialKey, Renewal, Upstream};
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

    /// Trades credentials that run out for new ones: exactly one request, never repeated, for the platform may have
    /// acted on a request whose answer was lost. Asked only of platforms that declare [`About::renewal`].
    async fn renew(&self, _: &Outbound, _: &Credentials, _: Timestamp) -> Result<Grant, FetchError> {
        Err(FetchError::new(FailureKind::NotConfigured).because("nothing here can be renewed"))
    }

    /// The path of a way's page.
    fn page_path(&self, way: &Connect) -> String {
        way.path.to_owned()
    }

    /// Trades the code that came back from the platform's page for credentials: each request is sent once. Asked only
    /// of platforms that declare [`About::connects`].
    async fn redeem(&self, _: &Outbound, _: &connect::Code, _: Timestamp) -> Result<Grant, FetchError> {
        Err(FetchError::new(FailureKind::NotConfigured).because("nothing here can be connected"))
    }

    /// Like [`Platform::check`], and whose account it is also where that takes more questions. When there are several
    /// accounts, the one with the wanted handle counts.
    async fn whose(
        &self,
        http: &Outbound,
        credentials: &Credentials,
        _wanted: Option<&str>,
        now: Timestamp,
    ) -> Result<Standing, FetchError> {
        self.check(http, credentials, now).await
    }

    /// Asks whether credentials work and whose they are, as cheaply as the platform allows; changes nothing.
    async fn check(&self, _: &Outbound, _: &Credentials, _: Timestamp) -> Result<Standing, FetchError> {
        Ok(Standing::default())
    }
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
        Arc::new(youtube::YouTube),
        Arc::new(twitch::Twitch::default()),
        Arc::new(x::X),
        Arc::new(discord::Discord),
        Arc::new(bluesky::Bluesky),
        Arc::new(mastodon::Mastodon),
    ]
}
