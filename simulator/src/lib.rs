//! A faithful fake of the social platforms' HTTP APIs, with a ledger of every token it issued.
//!
//! It knows the platforms' contracts and nothing of any client. One loopback listener stands
//! for each upstream host; numbers are a function of seed and time; every way in which the
//! platforms or the network can fail has a name and can be switched on.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use simulator::{Options, Scope, Simulator};
//!
//! let platforms = Simulator::start(Options::default()).await?;
//! let youtube = &platforms.origins()["YOUTUBE_API"];
//! let once = Scope { times: Some(1), ..Scope::default() };
//! platforms.set_fault("YOUTUBE_API", "youtube/quota-exceeded", once).ok();
//! # let _ = youtube;
//! # Ok(())
//! # }
//! ```

mod answer;
mod call;
mod control;
mod env;
mod fault;
mod gate;
mod ledger;
mod listen;
mod random;
mod serve;
mod state;
mod upstream;
mod world;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpSocket;

pub use env::InstagramLogin;
pub use fault::{FaultInfo, Scope, UnknownFault, faults};
pub use ledger::{Exchange, Ledger, Token, TokenKind, TokenState};
pub use state::{Recorded, Request};
pub use world::{Creator, Start, Truth};

use listen::{CONTROL, Listeners, bind, closed_port};
use state::Shared;
use upstream::UPSTREAMS;

/// How a simulator starts.
#[derive(Clone, Debug)]
pub struct Options {
    /// Decides every number and every token.
    pub seed: u64,
    /// The time, standing still until it is moved; `None` follows the system's clock.
    pub now: Option<Timestamp>,
    /// Port of the control API, with the upstreams on the ports after it; `None` takes free ones.
    pub base_port: Option<u16>,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 1, now: None, base_port: None }
    }
}

/// The running platforms. Dropping it stops all listeners and their connections.
#[derive(Debug)]
pub struct Simulator {
    shared: Arc<Shared>,
    origins: BTreeMap<&'static str, String>,
    control_origin: String,
    refused: (TcpSocket, String),
    tls_failure: String,
    _listeners: Listeners,
}

impl Simulator {
    /// Opens one listener per upstream and one for the control API, on loopback.
    pub async fn start(options: Options) -> io::Result<Self> {
        let shared = Arc::new(Shared::new(options.seed, options.now));
        let mut listeners = Listeners::default();
        let mut ports = (0_u16..).map(|at| options.base_port.map_or(0, |base| base.saturating_add(at)));
        let mut next_port = || ports.next().unwrap_or(0);
        let (control, control_origin) = bind(next_port()).await?;
        let mut origins = BTreeMap::new();
        let mut bound = Vec::new();
        for upstream in UPSTREAMS {
            let (listener, origin) = bind(next_port()).await?;
            origins.insert(upstream, origin);
            bound.push((listener, upstream));
        }
        let _ = shared.origins.set(origins.clone());
        for (listener, upstream) in bound {
            listeners.serve(listener, upstream, Arc::clone(&shared));
        }
        listeners.serve(control, CONTROL, Arc::clone(&shared));
        let (nonsense, origin) = bind(0).await?;
        listeners.serve_nonsense(nonsense);
        Ok(Self {
            shared,
            origins,
            control_origin,
            refused: closed_port()?,
            tls_failure: origin.replacen("http", "https", 1),
            _listeners: listeners,
        })
    }

    /// Upstream name to origin, for example `FACEBOOK_GRAPH` to `http://127.0.0.1:41233`.
    pub fn origins(&self) -> &BTreeMap<&'static str, String> {
        &self.origins
    }

    /// Origin of the control API.
    pub fn control_origin(&self) -> &str {
        &self.control_origin
    }

    /// An origin that refuses every connection.
    pub fn origin_refused(&self) -> &str {
        &self.refused.1
    }

    /// An origin whose TLS handshake fails.
    pub fn origin_tls_failure(&self) -> &str {
        &self.tls_failure
    }

    /// An origin whose name does not resolve: too long for any, so that not even a resolver is asked.
    pub fn origin_unresolvable(&self) -> &'static str {
        "http://a-name-longer-than-the-sixty-three-letters-that-fit-into-a-part-of-one.invalid"
    }

    /// Stops the clock at `t`.
    pub fn set_now(&self, t: Timestamp) {
        self.shared.set_now(t);
    }

    /// Moves the clock; a running one keeps running.
    pub fn advance(&self, d: SignedDuration) {
        self.shared.advance(d);
    }

    /// The simulator's time.
    pub fn now(&self) -> Timestamp {
        self.shared.now()
    }

    /// Adds a pause before each answer of an upstream; the empty name means all.
    pub fn set_latency(&self, upstream: &str, d: Duration) {
        self.shared.set_latency(upstream, d);
    }

    /// Holds the answers of these upstreams back, each until [`Simulator::let_go`].
    pub fn hold(&self, upstreams: &[&str]) {
        self.shared.gate.close(upstreams);
    }

    /// Ends when so many requests are held at the same time.
    pub async fn holds(&self, requests: usize) {
        self.shared.gate.holds(requests).await;
    }

    /// Answers what is held now; requests that come later are held again.
    pub fn let_go(&self) {
        self.shared.gate.let_go();
    }

    /// Switches a fault on for an upstream; the empty name means all. Of several that fit a
    /// request the one that was set last strikes.
    pub fn set_fault(&self, upstream: &str, fault: &str, scope: Scope) -> Result<(), UnknownFault> {
        self.shared.rules().set(upstream, fault, scope)
    }

    /// Forgets faults, latency, replays, held answers and the request log; tokens, creators and time stay.
    pub fn clear(&self) {
        self.shared.clear();
    }

    /// Puts a recorded answer in place of the synthetic one. Faults still apply to it, except
    /// those that need to know where its count is.
    pub fn replay(&self, upstream: &str, path_contains: &str, answer: Recorded) {
        self.shared.add_replay(upstream, path_contains, answer);
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests()
    }

    /// Every credential ever issued, with its state now, and every exchange.
    pub fn ledger(&self) -> Ledger {
        self.shared.books().copy(self.now())
    }

    /// Withdraws a credential, as its owner would in the platform's settings; `false` when it
    /// was never issued.
    pub fn revoke(&self, value: &str) -> bool {
        self.shared.books().revoke(value)
    }

    /// User reads X has charged for.
    pub fn billed_reads(&self) -> usize {
        self.shared.billed_reads()
    }

    /// GitHub's stored secrets, sealed as they came: place and name to base64.
    pub fn secrets(&self) -> BTreeMap<String, String> {
        self.shared.vault().secrets().clone()
    }

    /// What a workflow reads from GitHub's stored secrets: place and name to content; `None` for a
    /// box that the repository's key does not open.
    pub fn secret_contents(&self) -> BTreeMap<String, Option<String>> {
        self.shared.vault().contents().clone()
    }

    /// The people there are.
    pub fn creators(&self) -> Vec<Creator> {
        self.shared.creators()
    }

    /// Adds a creator, or replaces the one with the same key.
    pub fn add_creator(&self, c: Creator) {
        self.shared.add_creator(c);
    }

    /// Content of a working `.env.social` with fresh credentials; Instagram by Facebook Login.
    /// Empty for a creator who does not exist.
    pub fn env_social(&self, creator: &str) -> String {
        self.env_social_with(creator, InstagramLogin::Facebook)
    }

    /// The same with the given login for Instagram.
    pub fn env_social_with(&self, creator: &str, login: InstagramLogin) -> String {
        env::env_social(&self.shared, creator, login)
    }

    /// The lines of a fresh grant of the creator's own account on YouTube, Twitch or X, to be added to the above. Empty
    /// without an account there.
    pub fn grant(&self, creator: &str, platform: &str) -> String {
        env::grant(&self.shared, creator, platform)
    }

    /// A fresh personal access token that may write the repositories' secrets.
    pub fn github_token(&self, creator: &str) -> String {
        env::github_token(&self.shared, creator)
    }

    /// The exact numbers of an account now; all zero when there is no such account.
    pub fn truth(&self, creator: &str, platform: &str) -> Truth {
        self.shared.truth(creator, platform)
    }
}
