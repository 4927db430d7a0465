//! What all listeners share: the clock, the people, the books, the switches.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::fault::Rules;
use crate::gate::Gate;
use crate::ledger::{Books, Token};
use crate::random::Dice;
use crate::upstream::github::Vault;
use crate::world::{Account, Creator, Truth, built_in};

/// One request, in the order of arrival.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// Upstream name, for example `TIKTOK_API`.
    pub upstream: String,
    /// HTTP method.
    pub method: String,
    /// Path as sent.
    pub path: String,
    /// Query as sent, with every token, secret, key and code replaced by `…`.
    pub query: String,
    /// The simulator's time at arrival.
    pub at: Timestamp,
}

/// A recorded answer that takes the place of the synthetic one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Recorded {
    /// HTTP status.
    pub status: u16,
    /// Value of `Content-Type`.
    pub content_type: String,
    /// The body, byte by byte.
    pub body: Vec<u8>,
    /// Further headers.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
}

/// The simulator's time: the system's plus an offset, or a hand-set one that stands still.
#[derive(Clone, Copy, Debug)]
enum Clock {
    Running(SignedDuration),
    Standing(Timestamp),
}

#[derive(Debug)]
struct Replay {
    upstream: String,
    path_contains: String,
    answer: Recorded,
}

/// The simulator behind its listeners.
#[derive(Debug)]
pub struct Shared {
    pub seed: u64,
    pub origins: OnceLock<BTreeMap<&'static str, String>>,
    pub gate: Gate,
    clock: Mutex<Clock>,
    creators: Mutex<Vec<Creator>>,
    books: Mutex<Books>,
    rules: Mutex<Rules>,
    latency: Mutex<BTreeMap<String, Duration>>,
    replays: Mutex<Vec<Replay>>,
    requests: Mutex<Vec<Request>>,
    billed: Mutex<BTreeSet<(i64, String)>>,
    vault: Mutex<Vault>,
    /// Pictures that were drawn before, by creator.
    pictures: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Shared {
    pub fn new(seed: u64, now: Option<Timestamp>) -> Self {
        let clock = now.map_or(Clock::Running(SignedDuration::ZERO), Clock::Standing);
        Self {
            seed,
            origins: OnceLock::new(),
            gate: Gate::default(),
            clock: Mutex::new(clock),
            creators: Mutex::new(built_in()),
            books: Mutex::new(Books::new(seed)),
            rules: Mutex::default(),
            latency: Mutex::default(),
            replays: Mutex::default(),
            requests: Mutex::default(),
            billed: Mutex::default(),
            vault: Mutex::default(),
            pictures: Mutex::default(),
        }
    }

    /// A creator's picture, drawn once.
    pub fn picture(&self, creator: &str, draw: impl FnOnce() -> Vec<u8>) -> Vec<u8> {
        lock(&self.pictures).entry(creator.to_owned()).or_insert_with(draw).clone()
    }

    pub fn dice(&self) -> Dice {
        Dice::new(self.seed)
    }

    pub fn now(&self) -> Timestamp {
        match *lock(&self.clock) {
            Clock::Running(offset) => Timestamp::now().checked_add(offset).unwrap_or(Timestamp::MAX),
            Clock::Standing(at) => at,
        }
    }

    pub fn set_now(&self, at: Timestamp) {
        *lock(&self.clock) = Clock::Standing(at);
    }

    pub fn advance(&self, by: SignedDuration) {
        let mut clock = lock(&self.clock);
        *clock = match *clock {
            Clock::Running(offset) => Clock::Running(offset.saturating_add(by)),
            Clock::Standing(at) => Clock::Standing(at.checked_add(by).unwrap_or(Timestamp::MAX)),
        };
    }

    pub fn books(&self) -> MutexGuard<'_, Books> {
        lock(&self.books)
    }

    pub fn rules(&self) -> MutexGuard<'_, Rules> {
        lock(&self.rules)
    }

    pub fn vault(&self) -> MutexGuard<'_, Vault> {
        lock(&self.vault)
    }

    pub fn creators(&self) -> Vec<Creator> {
        lock(&self.creators).clone()
    }

    /// Adds a creator, or replaces the one with the same key.
    pub fn add_creator(&self, creator: Creator) {
        let mut creators = lock(&self.creators);
        creators.retain(|known| known.key != creator.key);
        creators.push(creator);
    }

    pub fn creator(&self, key: &str) -> Option<Creator> {
        lock(&self.creators).iter().find(|known| known.key == key).cloned()
    }

    /// The account of the creator with this key.
    pub fn account(&self, key: &str, platform: &str) -> Option<Account> {
        Account::of(self.seed, &self.creator(key)?, platform)
    }

    /// Every account on a platform.
    pub fn accounts(&self, platform: &str) -> Vec<Account> {
        self.creators().iter().filter_map(|creator| Account::of(self.seed, creator, platform)).collect()
    }

    /// The account with this handle; platforms do not tell upper from lower case.
    pub fn by_handle(&self, platform: &str, handle: &str) -> Option<Account> {
        self.accounts(platform).into_iter().find(|account| account.handle.eq_ignore_ascii_case(handle))
    }

    pub fn by_id(&self, platform: &str, id: &str) -> Option<Account> {
        self.accounts(platform).into_iter().find(|account| account.id() == id)
    }

    /// The account a token speaks for.
    pub fn holder(&self, token: &Token) -> Option<Account> {
        self.account(&token.account, &token.platform)
    }

    pub fn truth(&self, creator: &str, platform: &str) -> Truth {
        self.account(creator, platform).map(|account| account.truth(self.now())).unwrap_or_default()
    }

    pub fn origin(&self, upstream: &str) -> String {
        self.origins.get().and_then(|origins| origins.get(upstream).cloned()).unwrap_or_default()
    }

    /// A picture address that looks signed and changes every day, as the platforms' do.
    pub fn avatar(&self, account: &Account, now: Timestamp) -> String {
        let day = crate::world::day_of(now);
        let signature = account.dice.text("avatar").number(day).hex(32);
        let expires = (day + 3) * 86_400;
        let origin = self.origin("AVATARS");
        let key = crate::answer::encoded(&account.creator.key);
        format!("{origin}/{key}.png?oe={expires:x}&sig={signature}")
    }

    pub fn set_latency(&self, upstream: &str, delay: Duration) {
        lock(&self.latency).insert(upstream.to_owned(), delay);
    }

    /// How long an answer is waited with; `None` where it comes at once, for no sleep is shorter than a tick of the timer.
    pub fn latency(&self, upstream: &str) -> Option<Duration> {
        let latency = lock(&self.latency);
        let own = latency.get(upstream).or_else(|| latency.get(""));
        own.copied().filter(|latency| !latency.is_zero())
    }

    pub fn add_replay(&self, upstream: &str, path_contains: &str, answer: Recorded) {
        let (upstream, path_contains) = (upstream.to_owned(), path_contains.to_owned());
        lock(&self.replays).push(Replay { upstream, path_contains, answer });
    }

    /// The newest recorded answer that fits.
    pub fn replayed(&self, upstream: &str, path: &str) -> Option<Recorded> {
        lock(&self.replays)
            .iter()
            .rev()
            .find(|replay| replay.upstream == upstream && path.contains(&replay.path_contains))
            .map(|replay| replay.answer.clone())
    }

    pub fn log(&self, request: Request) {
        lock(&self.requests).push(request);
    }

    pub fn requests(&self) -> Vec<Request> {
        lock(&self.requests).clone()
    }

    /// Charges a read; the same object is free for the rest of the UTC day.
    pub fn bill(&self, now: Timestamp, object: &str) {
        lock(&self.billed).insert((crate::world::day_of(now), object.to_owned()));
    }

    pub fn billed_reads(&self) -> usize {
        lock(&self.billed).len()
    }

    pub fn clear(&self) {
        *self.rules() = Rules::default();
        self.gate.open();
        lock(&self.latency).clear();
        lock(&self.replays).clear();
        lock(&self.requests).clear();
    }
}

/// A panic elsewhere must not take the whole simulator along.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
