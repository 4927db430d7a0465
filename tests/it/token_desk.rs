//! A desk for tests of credentials: a simulator and the program beside it as it is wired, on a clock that only the test
//! moves, with one platform's account and the credentials its owner entered.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::SignedDuration;
use mediakit::app::App;
use mediakit::clock::Clock;
use mediakit::config::{Config, Sources};
use mediakit::credentials::EnvFile;
use mediakit::domain::credential::Kept;
use mediakit::refresh::{AccountOutcome, Trigger};
use secrecy::ExposeSecret;
use simulator::{Options, Scope, Simulator};

use crate::harness::{CREATOR, about, start};
use crate::kept::Folder;

/// A simulator, a folder and a clock.
pub struct TokenDesk {
    pub sim: Arc<Simulator>,
    clock: Clock,
    dir: Folder,
    platform: &'static str,
    database: Option<String>,
}

impl TokenDesk {
    /// A desk for `platform` whose owner entered what `entered` makes.
    pub async fn new(platform: &'static str, entered: impl FnOnce(&Simulator) -> String) -> Self {
        let sim = Arc::new(Simulator::start(Options { now: Some(start()), ..Options::default() }).await.unwrap());
        let desk = Self { clock: Clock::fixed(sim.now()), dir: Folder::new(), platform, database: None, sim };
        desk.enter(&entered(&desk.sim));
        desk
    }

    /// The same desk with its data in this database.
    pub fn on(self, url: &str) -> Self {
        Self { database: Some(url.to_owned()), ..self }
    }

    /// The folder with the key.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub fn file(&self) -> PathBuf {
        self.dir.path().join("env.social")
    }

    pub fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    /// The owner replaces the whole file.
    pub fn enter(&self, text: &str) {
        fs::write(self.file(), text).unwrap();
    }

    /// What the file holds under a key.
    pub fn value(&self, key: &str) -> String {
        EnvFile::read(&self.file()).unwrap().get(key).unwrap().value.expose_secret().to_owned()
    }

    /// Whether what the file holds under a key works.
    pub fn is_valid(&self, key: &str) -> bool {
        self.sim.ledger().is_valid(&self.value(key))
    }

    /// The program starts; the account is mara's.
    pub async fn app(&self) -> App {
        self.app_for(CREATOR).await
    }

    /// The program starts; the account is somebody's.
    pub async fn app_for(&self, creator: &str) -> App {
        let path = |name: &str| self.dir.path().join(name).into_os_string();
        let own = [("MEDIAKIT_DATA_DIR".into(), path("data")), ("MEDIAKIT_ENV_SOCIAL".into(), path("env.social"))];
        let database = self.database.iter().map(|url| ("MEDIAKIT_DATABASE_URL".into(), url.into()));
        let upstreams = mediakit::app::known_upstreams();
        let origins = self.sim.origins().iter().filter(|(name, _)| upstreams.contains(name));
        let stand_ins = origins.map(|(name, origin)| (format!("MEDIAKIT_UPSTREAM_{name}").into(), origin.into()));
        let environment = own.into_iter().chain(database).chain(stand_ins).collect();
        let config = Config::load(&Sources { environment, upstreams, ..Sources::default() }).unwrap();
        let app = App::build(config, self.clock.clone(), []).await.unwrap();
        let owner = self.sim.creators().into_iter().find(|one| one.key == creator).unwrap();
        let handle = (about(self.platform).normalise)(&owner.handles[self.platform]).unwrap();
        let creator = app.store.creator().await.unwrap();
        app.store.set_handle(creator.id, self.platform, &handle).await.unwrap();
        app
    }

    pub fn pass(&self, time: SignedDuration) {
        self.sim.advance(time);
        self.clock.set(self.sim.now());
    }

    /// Exchanges the platform made.
    pub fn exchanges(&self) -> usize {
        self.sim.ledger().exchange_count(self.platform, CREATOR)
    }

    /// Requests that reached an upstream at such a path.
    pub fn asked(&self, upstream: &str, path: &str) -> usize {
        self.sim.requests().iter().filter(|one| one.upstream == upstream && one.path.contains(path)).count()
    }

    pub fn break_(&self, upstream: &str, fault: &str, path: &str) {
        let scope = Scope { path_contains: Some(path.to_owned()), ..Scope::default() };
        self.sim.set_fault(upstream, fault, scope).unwrap();
    }

    pub async fn kept(&self, app: &App) -> Kept {
        let creator = app.store.creator().await.unwrap();
        app.keeper.vault().find(creator.id, self.platform).await.unwrap().unwrap()
    }

    pub async fn refresh(&self, app: &App) -> AccountOutcome {
        let creator = app.store.creator().await.unwrap();
        let only = [self.platform.to_owned()];
        app.refresher.start(creator.id, &only, Trigger::Hand).await.unwrap().accounts.pop().unwrap()
    }
}
