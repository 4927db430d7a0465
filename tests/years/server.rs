//! One process of the program: the real keeper, refresh and store over a database in memory, with played platforms.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Time;
use mediakit::credentials::keeper::{self, Keeper};
use mediakit::credentials::{CredentialSource, Desk, Mirrors};
use mediakit::domain::account::Account;
use mediakit::domain::alert::{self, Alert, CredentialHealth, Watched};
use mediakit::domain::credential::Kept;
use mediakit::domain::platform::About;
use mediakit::outbound::Outbound;
use mediakit::platforms::{self, Platform, Settings};
use mediakit::refresh::policy::Plan;
use mediakit::refresh::{Board, Parts, Progress, Refresher};
use mediakit::store::{Store, Vault, VaultKey};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::variants::Variant;
use crate::world::{Played, World};

/// What outlives a process: the folder, and what is the same for all of them.
pub struct House {
    folder: TempDir,
    http: Outbound,
    abouts: Vec<&'static About>,
    variant: &'static Variant,
}

/// The platforms that can be played.
pub const PLAYED: [&str; 5] = ["instagram", "tiktok", "youtube", "twitch", "x"];

impl House {
    pub fn new(http: &Outbound, variant: &'static Variant, played: [&'static str; 4]) -> Self {
        // Nothing here is about disks: what is written need not reach one.
        let memory = PathBuf::from("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let all = platforms::all(&Settings::default());
        let abouts = all.iter().map(|platform| platform.about()).filter(|about| played.contains(&about.id)).collect();
        Self { folder, http: http.clone(), abouts, variant }
    }

    /// `.env.social`.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("env.social")
    }
}

/// A process.
pub struct Server {
    pub runtime: Runtime,
    pub keeper: Keeper,
    pub refresher: Refresher,
    pub store: Store,
    pub vault: Vault,
    pub creator_id: i64,
    abouts: Vec<&'static About>,
}

impl Server {
    pub fn start(house: &House, world: &Arc<World>, holder: &str, by_hand: bool) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let (store, vault, creator_id) = runtime.block_on(async {
            let store = Store::open(&Store::url_of(&house.folder.path().join("mediakit.db"))).await.unwrap();
            let vault = store.unlock(VaultKey::from_bytes(&[7; 32])).await.unwrap();
            let creator = store.creator().await.unwrap();
            (store, vault, creator.id)
        });
        let played = |about: &&'static About| {
            let (world, vault) = (world.clone(), vault.clone());
            (house.variant.platform)(Arc::new(Played { about, world, vault, creator_id, by_hand }))
        };
        let platforms: Vec<Arc<dyn Platform>> = house.abouts.iter().map(played).collect();
        let abouts: Vec<&'static About> = platforms.iter().map(|platform| platform.about()).collect();
        let clock = world.lock().clock.clone();
        let keys = abouts.iter().flat_map(|about| about.credentials.iter().copied());
        let source = Arc::new(CredentialSource::new(house.file(), keys, []));
        let mirrors = Mirrors {
            vault: vault.clone(),
            store: store.clone(),
            clock: clock.clone(),
            platforms: platforms.clone(),
            file: house.file(),
            spare: house.folder.path().to_owned(),
            github: None.into(),
        };
        let keeper = Keeper::new(keeper::Parts {
            vault: vault.clone(),
            store: store.clone(),
            platforms: platforms.clone(),
            http: house.http.clone(),
            clock: clock.clone(),
            source,
            mirrors,
            may_renew: true,
            holder: holder.to_owned(),
        });
        let desk: Arc<dyn Desk> = Arc::new(keeper.clone());
        let refresher = Refresher::new(Parts {
            store: store.clone(),
            platforms,
            http: house.http.clone(),
            clock,
            credentials: desk,
            plan: tokio::sync::watch::Sender::new(Plan { daily_at: Some(Time::constant(3, 0, 0, 0)) }),
            holder: holder.to_owned(),
            running: Board::default(),
            progress: Progress::default(),
        });
        Self { runtime, keeper, refresher, store, vault, creator_id, abouts }
    }

    /// Gives these platforms an account; what others have is looked after without one.
    pub fn enter_handles(&self, platforms: &[&'static str]) {
        for id in platforms {
            self.runtime.block_on(self.store.set_handle(self.creator_id, id, "mara")).unwrap();
        }
    }

    /// What is kept, what the accounts remember, and whom somebody is told of.
    pub async fn seen(&self, world: &World) -> (Vec<Kept>, Vec<Account>, Vec<Alert>) {
        let kept = self.vault.list().await.unwrap().kept;
        let accounts = self.store.all_accounts().await.unwrap();
        let about = |id: &str| self.abouts.iter().find(|about| about.id == id);
        let health = kept.iter().filter_map(|kept| Some(CredentialHealth::of(kept, about(&kept.platform)?)));
        let watched = Watched { credentials: health.collect(), ..Watched::default() };
        let now = world.lock().clock.now();
        let alerts = alert::due(&watched, now);
        (kept, accounts, alerts)
    }

    /// The process ends as it is, in the middle of whatever it does.
    pub fn kill(self) {
        self.runtime.shutdown_background();
    }

    /// The process comes to its end.
    pub fn stop(self) {
        self.runtime.block_on(async {
            self.keeper.close().await;
            self.store.close().await;
        });
    }
}
