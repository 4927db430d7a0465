//! The world of a test: a simulator, a database, a clock and the engine between them. Speaks in user actions.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};
use mediakit::clock::Clock;
use mediakit::credentials::Desk;
use mediakit::domain::failure::FailureKind;
use mediakit::domain::platform::About;
use mediakit::outbound::{Outbound, Overrides};
use mediakit::platforms::{self, Credentials, Platform, Settings};
use mediakit::refresh::policy::Plan;
use mediakit::refresh::{AccountOutcome, Board, Outcome, Parts, Progress, Refresher, RunReport, Trigger};
use mediakit::store::Store;
use simulator::{InstagramLogin, Options, Simulator};
use sqlx::{Connection, Row};
use tempfile::TempDir;
use url::Url;

/// The creator every test is about.
pub const CREATOR: &str = "mara";

/// The evening before the tests' first day.
pub fn start() -> Timestamp {
    "2026-11-22T03:00:00Z".parse().unwrap()
}

/// Which credentials the owner has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// All of them, Instagram by Facebook Login.
    Everything,
    /// The same and a grant of the own channel on YouTube.
    Granted,
    /// Instagram by Instagram Login and what cannot do without; TikTok and YouTube are read from public pages.
    Little,
    /// None at all.
    Nothing,
}

/// A simulator, a database, a clock and the engine.
pub struct World {
    pub sim: Arc<Simulator>,
    pub clock: Clock,
    pub store: Store,
    pub refresher: Refresher,
    pub dir: TempDir,
    owner: Owner,
    timeout: Duration,
    origins: Overrides,
}

impl World {
    /// A world in which mara has entered all her handles and nothing has been fetched.
    pub async fn new(owner: Owner) -> Self {
        let sim = Simulator::start(Options { now: Some(start()), ..Options::default() }).await.unwrap();
        let world = Self::on(Arc::new(sim), owner, Duration::from_secs(5), None).await;
        world.enter_handles().await;
        world
    }

    /// A world on a running simulator; `from` is a database to begin with.
    pub async fn on(sim: Arc<Simulator>, owner: Owner, timeout: Duration, from: Option<&Path>) -> Self {
        let origins = overrides(&sim);
        Self::at(origins, sim, owner, timeout, from).await
    }

    /// The same with the real hosts at these origins.
    pub async fn at(
        origins: Overrides,
        sim: Arc<Simulator>,
        owner: Owner,
        timeout: Duration,
        from: Option<&Path>,
    ) -> Self {
        let dir = TempDir::new().unwrap();
        let file = dir.path().join("mediakit.db");
        if let Some(from) = from {
            std::fs::copy(from, &file).unwrap();
        }
        let store = Store::open(&Store::url_of(&file)).await.unwrap();
        let clock = Clock::fixed(sim.now());
        let http = Outbound::new(timeout, origins.clone());
        let refresher = engine(http, &store, &clock, fresh_credentials(sim.clone(), owner));
        Self { sim, clock, store, refresher, dir, owner, timeout, origins }
    }

    /// The server stops and starts again.
    pub async fn restart(&mut self) {
        self.store.clone().close().await;
        self.store = Store::open(&Store::url_of(&self.dir.path().join("mediakit.db"))).await.unwrap();
        let http = Outbound::new(self.timeout, self.origins.clone());
        let credentials = fresh_credentials(self.sim.clone(), self.owner);
        self.refresher = engine(http, &self.store, &self.clock, credentials);
    }

    /// The owner types in every handle.
    pub async fn enter_handles(&self) {
        let creator = self.store.creator().await.unwrap();
        let mara = self.sim.creators().into_iter().find(|creator| creator.key == CREATOR).unwrap();
        for platform in platforms::all(&Settings::default()) {
            let about = platform.about();
            let handle = (about.normalise)(&mara.handles[about.id]).unwrap();
            self.store.set_handle(creator.id, about.id, &handle).await.unwrap();
        }
    }

    /// The owner shows everybody who follows.
    pub async fn publish_audiences(&self) {
        let mut creator = self.store.creator().await.unwrap();
        let all = platforms::all(&Settings::default());
        let of = |about: &'static About| about.demographics.iter().map(|by| format!("{}.{}", about.id, by.key()));
        creator.published = all.iter().flat_map(|platform| of(platform.about())).collect();
        self.store.update_creator(&creator).await.unwrap();
    }

    /// The owner presses the button.
    pub async fn refresh(&self) -> RunReport {
        self.refresh_only(&[]).await
    }

    /// The owner refreshes some platforms.
    pub async fn refresh_only(&self, only: &[&str]) -> RunReport {
        let creator = self.store.creator().await.unwrap();
        let only: Vec<String> = only.iter().map(ToString::to_string).collect();
        let report = self.refresher.start(creator.id, &only, Trigger::Hand).await.unwrap();
        self.refresher.progress().settled().await;
        report
    }

    /// Time passes for everybody.
    pub fn advance(&self, by: SignedDuration) {
        self.sim.advance(by);
        self.clock.set(self.sim.now());
    }

    /// The platform's row as it lies in the database, byte for byte.
    pub async fn row(&self, platform: &str) -> Option<String> {
        self.rows().await.remove(platform)
    }

    /// Every row as it lies in the database, by platform.
    pub async fn rows(&self) -> BTreeMap<String, String> {
        let url = Store::url_of(&self.dir.path().join("mediakit.db"));
        let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
        let rows = sqlx::query("select * from social_stats_cache").fetch_all(&mut connection).await.unwrap();
        let whole = |row: &sqlx::sqlite::SqliteRow| {
            let (id, data, at): (i64, String, String) = (row.get("id"), row.get("stats_data"), row.get("fetched_at"));
            (row.get("platform"), format!("{id} {at} {data}"))
        };
        rows.iter().map(whole).collect()
    }
}

/// An engine as the server builds it.
fn engine(http: Outbound, store: &Store, clock: &Clock, credentials: Arc<dyn Desk>) -> Refresher {
    Refresher::new(Parts {
        store: store.clone(),
        platforms: platforms::all(&Settings::default()),
        http,
        clock: clock.clone(),
        credentials,
        plan: tokio::sync::watch::Sender::new(Plan { daily_at: Some(Time::constant(3, 0, 0, 0)) }),
        holder: "test".to_owned(),
        running: Board::default(),
        progress: Progress::default(),
    })
}

/// The simulator in place of every real host.
pub fn overrides(sim: &Simulator) -> Overrides {
    sim.origins().iter().map(|(name, origin)| ((*name).to_owned(), Url::parse(origin).unwrap())).collect()
}

/// The owner's credentials as they are now: somebody keeps them fresh as time passes.
fn fresh_credentials(sim: Arc<Simulator>, owner: Owner) -> Arc<dyn Desk> {
    let known = std::sync::Mutex::new((Timestamp::MIN, Credentials::default()));
    Arc::new(move || {
        let mut known = known.lock().unwrap();
        if known.0 != sim.now() {
            *known = (sim.now(), credentials(&sim, owner));
        }
        known.1.clone()
    })
}

fn credentials(sim: &Simulator, owner: Owner) -> Credentials {
    let text = match owner {
        Owner::Everything => sim.env_social_with(CREATOR, InstagramLogin::Facebook),
        Owner::Granted => sim.env_social_with(CREATOR, InstagramLogin::Facebook) + &sim.grant(CREATOR, "youtube"),
        Owner::Little => sim.env_social_with(CREATOR, InstagramLogin::Instagram),
        Owner::Nothing => String::new(),
    };
    let lines = text.lines().filter_map(|line| line.split_once('='));
    let kept =
        lines.filter(|(key, _)| owner != Owner::Little || !key.starts_with("TIKTOK") && !key.starts_with("YOUTUBE"));
    kept.map(|(key, value)| (key.to_owned(), value.trim_matches('"').to_owned().into())).collect()
}

/// What became of a platform.
pub fn outcome<'a>(report: &'a RunReport, platform: &str) -> &'a Outcome {
    &report.accounts.iter().find(|account| account.platform == platform).unwrap().outcome
}

/// The kind of failure a platform ended in, if it did.
pub fn kind(outcome: &Outcome) -> Option<FailureKind> {
    match outcome {
        Outcome::Failed(failure) => Some(failure.kind),
        _ => None,
    }
}

/// Whether new numbers are stored.
pub fn saved(account: &AccountOutcome) -> bool {
    matches!(account.outcome, Outcome::Saved(_))
}

/// The description of a platform.
pub fn about(id: &str) -> &'static About {
    let all: Vec<Arc<dyn Platform>> = platforms::all(&Settings::default());
    all.iter().map(|platform| platform.about()).find(|about| about.id == id).unwrap()
}
