//! The only HTTP client: deadlines, size caps, one retry layer, address check and redaction for every call that
//! leaves this program. It knows nothing of platforms.

mod address;
mod answer;
mod call;
mod clocks;
mod transport;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use jiff::SignedDuration;
use tokio::time::Instant;
use url::Url;

pub use answer::{Access, Answer};
pub use call::Call;

use clocks::Clocks;

use crate::clock::Clock;
use crate::domain::failure::FailureKind;

/// At most this much is read from the wire, in bytes.
pub const MAX_WIRE_BYTES: usize = 2 * 1024 * 1024;
/// At most this much comes out of decompression, in bytes.
pub const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;
/// JSON nested deeper than this is refused.
pub const MAX_JSON_DEPTH: usize = 64;
/// A platform's wish to wait is obeyed up to this long.
pub const MAX_WAIT: Duration = Duration::from_hours(24);
/// Requests a read may cost, the first one included.
const ATTEMPTS: usize = 3;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a call brought nothing usable. It never carries text of the other side.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}", kind.name(), detail.as_deref().map(|d| format!(": {d}")).unwrap_or_default())]
pub struct FetchError {
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// More in our own words.
    pub detail: Option<String>,
    /// How long the other side told us to wait.
    pub wait: Option<Duration>,
}

impl FetchError {
    /// A failure without further words.
    pub const fn new(kind: FailureKind) -> Self {
        Self { kind, detail: None, wait: None }
    }

    /// The same with more in our own words; never put an upstream's text or a secret here.
    #[must_use]
    pub fn because(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The same with a pause the other side asked for, capped at [`MAX_WAIT`].
    #[must_use]
    pub fn wait(mut self, wait: Option<Duration>) -> Self {
        self.wait = wait.map(|wait| wait.min(MAX_WAIT));
        self
    }
}

impl From<FailureKind> for FetchError {
    fn from(kind: FailureKind) -> Self {
        Self::new(kind)
    }
}

/// Which origins stand in for real hosts; each is trusted by exact scheme, host and port.
pub type Overrides = BTreeMap<String, Url>;

/// The client. Cheap to clone.
#[derive(Clone)]
pub struct Outbound {
    clients: Arc<Clients>,
    overrides: Overrides,
    timeout: Duration,
    deadline: Option<Instant>,
    clocks: Clocks,
}

/// What a client is when it is asked for: made then, for it holds every root certificate of the system.
type Lazy = LazyLock<Result<reqwest::Client, FetchError>>;

struct Clients {
    /// For real hosts: refuses every address that is not public.
    guarded: Lazy,
    /// For overrides only.
    trusted: Lazy,
}

impl Clients {
    fn get(&self, trusted: bool) -> Result<&reqwest::Client, FetchError> {
        let client = if trusted { &self.trusted } else { &self.guarded };
        client.as_ref().map_err(FetchError::clone)
    }
}

impl Outbound {
    /// A client whose calls take at most `timeout`, retries included.
    pub fn new(timeout: Duration, overrides: Overrides) -> Self {
        let clients = Clients {
            guarded: LazyLock::new(|| transport::client(CONNECT_TIMEOUT, true)),
            trusted: LazyLock::new(|| transport::client(CONNECT_TIMEOUT, false)),
        };
        Self { clients: Arc::new(clients), overrides, timeout, deadline: None, clocks: Clocks::new(Clock::System) }
    }

    /// The same client for the operator's own addresses: `origins` takes the place of all overrides, so that what is
    /// trusted for one purpose is not trusted for another.
    #[must_use]
    pub fn trusting(&self, origins: Overrides) -> Self {
        Self { overrides: origins, ..self.clone() }
    }

    /// The same client with one deadline over everything that is called through it from now on.
    #[must_use]
    pub fn for_one_fetch(&self) -> Self {
        Self { deadline: Some(Instant::now() + self.timeout), ..self.clone() }
    }

    /// Sends a call and gives the whole answer, whatever its status. Reads are tried at most three times, on broken
    /// connections and 5xx; a call marked [`Call::once`] exactly once.
    pub async fn send(&self, call: &Call) -> Result<Answer, FetchError> {
        let deadline = self.deadline.unwrap_or_else(|| Instant::now() + self.timeout);
        let attempts = if call.is_once() { 1 } else { ATTEMPTS };
        let backoff = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(80))
            .with_max_delay(Duration::from_secs(1))
            .with_max_times(attempts - 1)
            .with_jitter();
        let attempt = || async {
            let answer = self.attempt(call).await?;
            if answer.worth_another_try() { Err(Attempt::Answered(answer)) } else { Ok(answer) }
        };
        let clock = self.clocks.ours();
        let pause = move |duration| clock.pause(duration);
        let all = attempt.retry(backoff).sleep(pause).when(Attempt::worth_another_try);
        match tokio::time::timeout_at(deadline, all).await {
            Err(_) => Err(FailureKind::Timeout.into()),
            Ok(Ok(answer) | Err(Attempt::Answered(answer))) => Ok(answer),
            Ok(Err(Attempt::Failed(error))) => Err(error),
        }
    }

    /// Reads a public address that an answer named, such as a picture's. One attempt; the caps of every answer hold.
    pub async fn read(&self, url: &Url) -> Result<Answer, FetchError> {
        let trusted = self.overrides.values().any(|origin| origin.origin() == url.origin());
        if !trusted && !address::host_is_allowed(url) {
            return Err(FetchError::new(FailureKind::Connect).because("the address is not a public one"));
        }
        let client = self.clients.get(trusted)?;
        let read = async { Answer::read(client.get(url.clone()).send().await.map_err(transport::classify)?).await };
        tokio::time::timeout(self.timeout, read).await.unwrap_or_else(|_| Err(FailureKind::Timeout.into()))
    }

    /// The address of a call, for a person's browser to go to: a platform's page. `None` when it can't be one.
    pub fn address(&self, call: &Call) -> Option<Url> {
        self.target(call).ok().map(|(_, url)| url)
    }

    async fn attempt(&self, call: &Call) -> Result<Answer, FetchError> {
        let (client, url) = self.target(call)?;
        let response = client.execute(call.request(url)?).await.map_err(transport::classify)?;
        let answer = Answer::read(response).await?;
        self.clocks.note(call.upstream().name, &answer);
        Ok(answer)
    }

    /// The same client beside a clock that is not the system's.
    #[must_use]
    pub fn beside(self, clock: Clock) -> Self {
        Self { clocks: Clocks::new(clock), ..self }
    }

    /// How far the clock of each host that answered was ahead of ours when it answered last.
    pub fn clocks_ahead(&self) -> Vec<SignedDuration> {
        self.clocks.ahead()
    }

    /// The address of a call and the client that may go there.
    fn target(&self, call: &Call) -> Result<(&reqwest::Client, Url), FetchError> {
        let refused = || FetchError::new(FailureKind::Connect);
        if let Some(origin) = self.overrides.get(call.upstream().name) {
            return Ok((self.clients.get(true)?, call.url(origin.as_str()).ok_or_else(refused)?));
        }
        let url = call.url(&call.real_origin()).ok_or_else(refused)?;
        if !address::host_is_allowed(&url) {
            return Err(refused().because("the address is not a public one"));
        }
        Ok((self.clients.get(false)?, url))
    }
}

/// How one attempt ended short of a usable answer.
enum Attempt {
    Answered(Answer),
    Failed(FetchError),
}

impl Attempt {
    fn worth_another_try(&self) -> bool {
        match self {
            Self::Answered(_) => true,
            Self::Failed(error) => {
                matches!(error.kind, FailureKind::Connect | FailureKind::Protocol | FailureKind::Dns)
            }
        }
    }
}

impl From<FetchError> for Attempt {
    fn from(error: FetchError) -> Self {
        Self::Failed(error)
    }
}
