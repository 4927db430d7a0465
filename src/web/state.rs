//! What handlers work with.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use super::api;
use super::assets::{self, Assets};
use super::attempts::Attempts;
use super::faces::Faces;
use super::lazy::LazyFaces;
use super::metrics::Metrics;
use super::peer::{self, Peer, Visitor, limit_key};
use super::public::check::Checks;
use super::render::Site;
use super::security::Https;
use super::serve::MAX_CONNECTIONS;
use super::visits::Visits;
use crate::clock::Clock;
use crate::config::Networks;
use crate::credentials::Connections;
use crate::domain::platform::About;
use crate::refresh::{RefreshError, Refresher, Trigger};
use crate::settings::Settings;
use crate::sign_in::passkey::Passkeys;
use crate::sign_in::{SecondFactor, SignIn};
use crate::store::{Store, StoreError};

/// At most this many clients watch refreshes at a time.
const STREAMS: usize = 64;

/// At most this many handles are looked at a time.
const LOOKS: usize = 2;

/// What the server is built from.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The refresh engine.
    pub refresher: Refresher,
    /// The time.
    pub clock: Clock,
    /// Every platform's description, in the order people see them.
    pub platforms: Vec<&'static About>,
    /// The address visitors use, for example `https://mara.example`.
    pub public_url: String,
    /// Whose `X-Forwarded-For` counts.
    pub trusted_proxies: Networks,
    /// Who may sign in.
    pub sign_in: SignIn,
    /// The platforms' credentials, as the panel sees them.
    pub credentials: Connections,
    /// The settings in force.
    pub settings: Settings,
}

/// Failed sign-ins: by address, by name, by owner where the password was right, and of everybody together.
pub struct SignInLimits {
    /// By the visitor's address.
    pub by_address: Attempts<IpAddr>,
    /// By the name that was tried.
    pub by_name: Attempts<String>,
    /// Wrong codes by owner: fewer than passwords, for there are fewer codes.
    pub by_code: Attempts<i64>,
    /// Of all.
    pub of_all: Attempts<()>,
    /// Lines of the audit log, by address and deed.
    pub lines: Attempts<(IpAddr, &'static str)>,
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self {
            by_address: Attempts::new(10, 30),
            by_name: Attempts::new(20, 60),
            by_code: Attempts::new(5, 300),
            of_all: Attempts::new(200, 1),
            lines: Attempts::new(1, 3600),
        }
    }
}

/// What visitors may try: passwords of links by address and by link, requests for one, checks of the numbers.
pub struct VisitorLimits {
    /// Wrong passwords by the visitor's address.
    pub by_address: Attempts<IpAddr>,
    /// Wrong passwords by link.
    pub by_share: Attempts<i64>,
    /// Requests by the visitor's address.
    pub asking: Attempts<IpAddr>,
    /// Checks of the numbers by the visitor's address.
    pub checking: Attempts<IpAddr>,
}

impl Default for VisitorLimits {
    fn default() -> Self {
        Self {
            by_address: Attempts::new(10, 60),
            by_share: Attempts::new(50, 30),
            asking: Attempts::new(5, 600),
            checking: Attempts::new(5, 300),
        }
    }
}

/// The state every handler shares. Cheap to clone.
#[derive(Clone)]
pub struct State(Arc<Shared>);

/// What is behind a [`State`].
pub struct Shared {
    /// The database.
    pub store: Store,
    /// The refresh engine.
    pub refresher: Refresher,
    /// The time.
    pub clock: Clock,
    /// The finished public answers.
    pub faces: Arc<Faces>,
    /// The public answers that are made when asked for.
    pub lazy: LazyFaces,
    /// Every platform's description.
    pub platforms: Vec<&'static About>,
    /// The style's address, for error pages.
    pub css: String,
    /// Whether visitors use https.
    pub https: Https,
    /// Whose `X-Forwarded-For` counts.
    pub trusted_proxies: Networks,
    /// Wrong tokens by address.
    pub attempts: Attempts<IpAddr>,
    /// Wrong passwords and codes.
    pub sign_in_limits: SignInLimits,
    /// Wrong passwords of links, requests for one, checks of the numbers.
    pub visitor_limits: VisitorLimits,
    /// The last check a visitor asked for.
    pub checks: Checks,
    /// Who may sign in.
    pub sign_in: SignIn,
    /// The platforms' credentials, as the panel sees them.
    pub credentials: Connections,
    /// What they give beside their password.
    pub second_factor: SecondFactor,
    /// What they give in its place.
    pub passkeys: Passkeys,
    /// The settings in force.
    pub settings: Settings,
    /// The address visitors use, without a slash at its end.
    pub public_url: String,
    /// The address of the panel's style.
    pub admin_css: String,
    /// The addresses of the panel's scripts, by name.
    pub scripts: BTreeMap<&'static str, String>,
    /// How often pages are seen and links followed.
    pub visits: Visits,
    /// What `/metrics` counts.
    pub metrics: Arc<Metrics>,
    /// One permit an open connection.
    pub connections: Arc<Semaphore>,
    /// One permit an open stream.
    pub streams: Arc<Semaphore>,
    /// One permit a look at a handle.
    pub looks: Semaphore,
    /// Becomes true when the server stops.
    pub stopping: watch::Sender<bool>,
}

impl State {
    /// Reads the store and renders the public answers once.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn new(parts: Parts) -> Result<Self, StoreError> {
        let public_url = parts.public_url.trim_end_matches('/').to_owned();
        let https = Https(public_url.starts_with("https://"));
        let mut assets = Assets::new(https);
        for (address, body, kind) in api::documents(&assets.css) {
            assets.add(address, assets::plain(body.into(), kind), https);
        }
        let css = assets.css.clone();
        let (admin_css, scripts) = (assets.admin_css.clone(), assets.scripts.clone());
        let site =
            Site { platforms: parts.platforms.clone(), public_url: public_url.clone(), https, assets, live: true };
        let second_factor = SecondFactor::new(parts.settings.vault().clone(), parts.clock.clone());
        let passkeys = Passkeys::new(parts.store.clone(), parts.clock.clone(), &public_url);
        let faces = Faces::start(parts.store.clone(), parts.clock.clone(), site).await?;
        Ok(Self(Arc::new(Shared {
            visits: Visits::new(parts.store.clone()),
            metrics: Arc::new(Metrics::new(parts.clock.now())),
            lazy: LazyFaces::new(faces.clone(), parts.clock.clone()),
            store: parts.store,
            refresher: parts.refresher,
            clock: parts.clock,
            faces,
            platforms: parts.platforms,
            css,
            https,
            trusted_proxies: parts.trusted_proxies,
            attempts: Attempts::new(60, 1),
            sign_in_limits: SignInLimits::default(),
            visitor_limits: VisitorLimits::default(),
            checks: Checks::default(),
            sign_in: parts.sign_in,
            credentials: parts.credentials,
            second_factor,
            passkeys,
            settings: parts.settings,
            public_url,
            admin_css,
            scripts,
            connections: Arc::new(Semaphore::new(MAX_CONNECTIONS as usize)),
            streams: Arc::new(Semaphore::new(STREAMS)),
            looks: Semaphore::new(LOOKS),
            stopping: watch::Sender::new(false),
        })))
    }

    /// Shows a change to visitors before its answer goes out. It is saved: that it does not show yet must not make it
    /// look refused, and the next look at the store shows it.
    pub async fn show_changes(&self) {
        if let Err(error) = self.faces.renew().await {
            tracing::warn!(%error, "the change is saved and does not show yet");
        }
    }

    /// Begins a refresh of the named platforms (all when none is named). It is under way when this returns, goes on by
    /// itself and shows visitors what it saved at its end, for which the handle waits.
    pub async fn refresh(&self, only: &[String], trigger: Trigger) -> Result<JoinHandle<()>, RefreshError> {
        let report = self.refresher.begin(self.faces.kit().creator.id, only, trigger).await?;
        let state = self.clone();
        Ok(tokio::spawn(async move {
            report.await;
            state.show_changes().await;
        }))
    }

    /// The description of a platform.
    pub fn platform(&self, id: &str) -> Option<&'static About> {
        self.platforms.iter().copied().find(|about| about.id == id)
    }
}

impl std::ops::Deref for State {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl FromRequestParts<Self> for State {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut request::Parts, state: &Self) -> Result<Self, Infallible> {
        Ok(state.clone())
    }
}

impl FromRequestParts<State> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut request::Parts, _: &State) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or_default())
    }
}

impl FromRequestParts<State> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut request::Parts, state: &State) -> Result<Self, Infallible> {
        let Ok(peer) = Peer::from_request_parts(parts, state).await;
        Ok(Self(limit_key(peer::client(&state.trusted_proxies, peer, &parts.headers))))
    }
}
