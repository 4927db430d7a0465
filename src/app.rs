//! Wires the parts once; the only place they meet.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use url::Url;

use crate::alerts::Alerts;
use crate::clock::Clock;
use crate::config::{Config, RefreshAt, RotationOwner};
use crate::credentials::github::GITHUB_API;
use crate::credentials::{self, Connections, CredentialSource, Keeper, Mirrors, key};
use crate::domain::alert::{self, Alert, ApiVersion, CredentialHealth, MirrorHealth, Severity, Watched, Words};
use crate::domain::time::median;
use crate::outbound::{Outbound, Overrides};
use crate::platforms::{self, About, CredentialKey, Platform, Settings};
use crate::refresh::policy::Plan;
use crate::refresh::{Board, Parts, Progress, Refresher};
use crate::settings;
use crate::sign_in::SignIn;
use crate::store::{Listed, Mirror, Store, StoreError, Vault};
use crate::web;

/// Upstreams that no platform declares: the host of simulated pictures, and GitHub.
const FURTHER_UPSTREAMS: &[&str] = &["AVATARS", GITHUB_API.name];

/// The parts, wired.
pub struct App {
    /// What holds: what the operator gave, over what was chosen in the panel.
    pub config: Config,
    /// The same as it changes.
    pub settings: settings::Settings,
    /// The time.
    pub clock: Clock,
    /// The database.
    pub store: Store,
    /// Every platform.
    pub platforms: Vec<Arc<dyn Platform>>,
    /// The HTTP client.
    pub http: Outbound,
    /// The refresh engine.
    pub refresher: Refresher,
    /// The credentials' file and environment.
    pub credentials: Arc<CredentialSource>,
    /// Who keeps the credentials alive.
    pub keeper: Keeper,
    /// Who may sign in.
    pub sign_in: SignIn,
}

/// Why the parts could not be wired.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The data folder could not be made.
    #[error("the data folder could not be made")]
    DataDir(#[source] io::Error),
    /// The database could not be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key that seals credentials could not be had.
    #[error(transparent)]
    Key(#[from] key::KeyError),
    /// The listener has no address.
    #[error("the listener has no address")]
    Listen(#[source] io::Error),
}

impl App {
    /// Opens the database and wires everything to it. `environment` stands in for credentials the file lacks.
    pub async fn build(
        config: Config,
        clock: Clock,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, AppError> {
        let environment: Vec<(String, String)> = environment.into_iter().collect();
        let in_actions = environment.iter().any(|(name, value)| name == "GITHUB_ACTIONS" && value == "true");
        let store = open_store(&config).await?;
        let vault = open_vault(&config, &store).await?;
        let http = Outbound::new(config.http_timeout, upstreams(&config)).beside(clock.clone());
        let settings = settings::Settings::start(settings::Parts {
            operator: config,
            store: store.clone(),
            vault: vault.clone(),
            clock: clock.clone(),
            http: http.clone(),
        });
        let settings = settings.await?;
        let config = Config::clone(&settings.config());
        let platforms = platforms::all(&platform_settings(&config));
        let keys = platforms.iter().flat_map(|platform| platform_keys(platform.as_ref()));
        let credentials = Arc::new(CredentialSource::new(&config.env_social, keys, environment));
        let mirrors = Mirrors {
            vault: vault.clone(),
            store: store.clone(),
            clock: clock.clone(),
            platforms: platforms.clone(),
            file: config.env_social.clone(),
            spare: config.data_dir.clone(),
            github: settings.github().map(Arc::new).into(),
        };
        if let Err(error) = mirrors.recover() {
            tracing::error!(%error, "an interrupted write of the credential file could not be finished");
        }
        let keeper = Keeper::new(credentials::keeper::Parts {
            vault,
            store: store.clone(),
            platforms: platforms.clone(),
            http: http.clone(),
            clock: clock.clone(),
            source: credentials.clone(),
            mirrors,
            may_renew: in_actions == (config.rotation_owner == RotationOwner::Actions),
            holder: holder(),
        });
        let refresher = Refresher::new(Parts {
            store: store.clone(),
            platforms: platforms.clone(),
            http: http.clone(),
            clock: clock.clone(),
            credentials: Arc::new(keeper.clone()),
            plan: watch::Sender::new(plan(&config)),
            holder: holder(),
            running: Board::default(),
            progress: Progress::default(),
        });
        let sign_in = SignIn::new(store.clone(), clock.clone());
        Ok(Self { config, settings, clock, store, platforms, http, refresher, credentials, keeper, sign_in })
    }

    /// Everything that can be worth an alert, as it is now.
    pub async fn watched(&self) -> Result<Watched, StoreError> {
        Watch::of(self).look().await
    }

    /// Answers requests on `listener` and refreshes on schedule until `stop` ends, then closes the database.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()> + Send) -> Result<(), AppError> {
        let bound = listener.local_addr().map_err(AppError::Listen)?;
        let state = web::State::new(web::Parts {
            store: self.store.clone(),
            refresher: self.refresher.clone(),
            clock: self.clock.clone(),
            platforms: self.platforms.iter().map(|platform| platform.about()).collect(),
            public_url: self.config.public_url(bound),
            trusted_proxies: self.config.trusted_proxies.clone(),
            sign_in: self.sign_in.clone(),
            credentials: Connections::new(self.keeper.clone()),
            settings: self.settings.clone(),
        })
        .await?;
        tracing::info!(address = %bound, "serving");
        let schedule = tokio::spawn(self.refresher.clone().run_schedule());
        let keeping = tokio::spawn(self.keeper.clone().run());
        let following = tokio::spawn(follow(self.settings.clone(), self.refresher.clone(), self.keeper.clone()));
        let alerting = tokio::spawn(tell(Watch::of(&self), self.settings.clone(), self.config.public_url(bound)));
        web::serve(listener, state, stop).await;
        schedule.abort();
        keeping.abort();
        following.abort();
        alerting.abort();
        self.keeper.close().await;
        self.store.close().await;
        Ok(())
    }
}

/// How often it is looked whether somebody has to be told.
const WATCH_EVERY: Duration = Duration::from_mins(1);

/// What alerts look at.
struct Watch {
    keeper: Keeper,
    store: Store,
    http: Outbound,
    clock: Clock,
    abouts: Vec<&'static About>,
    meta_version: String,
}

impl Watch {
    fn of(app: &App) -> Self {
        Self {
            keeper: app.keeper.clone(),
            store: app.store.clone(),
            http: app.http.clone(),
            clock: app.clock.clone(),
            abouts: app.platforms.iter().map(|platform| platform.about()).collect(),
            meta_version: app.config.meta_api_version.0.clone(),
        }
    }

    async fn look(&self) -> Result<Watched, StoreError> {
        let creator = self.store.creator().await?;
        let Listed { kept, unreadable } = self.keeper.vault().list().await?;
        let about = |id: &str| self.abouts.iter().find(|about| about.id == id);
        let health = kept.iter().filter_map(|kept| Some(CredentialHealth::of(kept, about(&kept.platform)?)));
        let mirrors = self.store.mirrors(creator.id).await?;
        let meta = kept.iter().any(|kept| kept.platform == "instagram");
        let ends_on = platforms::instagram::meta_version_expiry(&self.meta_version).filter(|_| meta);
        let unreadable = unreadable.iter().filter_map(|(_, platform)| about(platform));
        Ok(Watched {
            credentials: health.collect(),
            unreadable: unreadable.map(|about| (about.id.to_owned(), about.name.to_owned())).collect(),
            mirrors: mirrors.iter().map(mirror_health).collect(),
            api_versions: Vec::from_iter(ends_on.map(|ends_on| ApiVersion {
                platform: "instagram".to_owned(),
                name: "Meta Graph API".to_owned(),
                version: self.meta_version.clone(),
                ends_on,
            })),
            clock_ahead: median(self.http.clocks_ahead()),
            disk_fails_since: self.keeper.disk_fails_since(),
            requests: self.store.requests(creator.id).await?,
        })
    }
}

fn mirror_health(mirror: &Mirror) -> MirrorHealth {
    let pending = mirror.done.as_ref() != Some(&mirror.wanted);
    MirrorHealth {
        name: mirror.name.clone(),
        pending_since: mirror.since.filter(|_| pending),
        failure: mirror.failure.as_ref().filter(|_| pending).map(|said| Words::new(said.as_str(), said.as_str())),
    }
}

/// Tells whoever is to be told, by the channels that are set up at the time, until the task is dropped.
async fn tell(watch: Watch, settings: settings::Settings, public_url: String) {
    let alerts = |config: &Config| {
        Alerts::new(&config.alerts, &public_url, &watch.http, watch.store.clone(), watch.clock.clone())
    };
    let mut changes = settings.subscribe();
    let mut current = alerts(&settings.config());
    let mut tick = tokio::time::interval(WATCH_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut logged = BTreeSet::new();
    loop {
        tick.tick().await;
        if let Err(error) = settings.reload().await {
            tracing::error!(%error, "it could not be looked what was chosen in the panel");
        }
        if changes.has_changed().unwrap_or(false) {
            current = alerts(&changes.borrow_and_update());
        }
        match watch.look().await {
            Ok(watched) => {
                let due = alert::due(&watched, watch.clock.now());
                // What visitors typed is nothing for a log.
                let known = |alert: &&Alert| alert.severity == Severity::Notice || logged.contains(&alert.key);
                for alert in due.iter().filter(|alert| !known(alert)) {
                    tracing::warn!(key = alert.key, "{} {}", alert.body.en, alert.next_step.en);
                }
                logged = due.into_iter().map(|alert| alert.key).collect();
                drop(current.send_due(&watched).await);
            }
            Err(error) => tracing::error!(%error, "it could not be looked whether somebody has to be told"),
        }
    }
}

/// Hands what changes in the panel to those who work by it, until the task is dropped.
async fn follow(settings: settings::Settings, refresher: Refresher, keeper: Keeper) {
    let mut changes = settings.subscribe();
    while changes.changed().await.is_ok() {
        let config = changes.borrow_and_update().clone();
        let followed = refresher.follow(plan(&config)).await;
        if let Err(error) = followed.and(keeper.mirror_to(settings.github()).await) {
            tracing::error!(%error, "what was chosen in the panel is not followed everywhere yet");
        }
    }
}

/// Opens the configured database, in a data folder that only its owner may enter.
pub async fn open_store(config: &Config) -> Result<Store, AppError> {
    make_private(&config.data_dir).map_err(AppError::DataDir)?;
    Ok(Store::open(config.database_url.expose()).await?)
}

/// Opens the sealed credentials with the configured key, or the one in the data folder.
pub async fn open_vault(config: &Config, store: &Store) -> Result<Vault, AppError> {
    Ok(key::unlock(store, &config.data_dir, config.secret_key.as_ref()).await?)
}

/// The replaced origins; `GITHUB_API_URL` is one of them when it names another host than GitHub's.
fn upstreams(config: &Config) -> Overrides {
    let mut upstreams = config.upstreams.clone();
    if config.github.api_url != GITHUB_API.origin
        && let Ok(url) = Url::parse(&config.github.api_url)
    {
        upstreams.entry(GITHUB_API.name.to_owned()).or_insert(url);
    }
    upstreams
}

/// What the platforms are told.
pub fn platform_settings(config: &Config) -> Settings {
    Settings { meta_api_version: config.meta_api_version.0.clone(), instagram_public: config.instagram_public }
}

/// Every upstream whose origin can be replaced, in alphabetical order.
pub fn known_upstreams() -> Vec<&'static str> {
    let platforms = platforms::all(&Settings::default());
    let declared = platforms.iter().flat_map(|platform| platform.about().upstreams).map(|upstream| upstream.name);
    let mut names: Vec<&str> = declared.chain(FURTHER_UPSTREAMS.iter().copied()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A name for this process that no other has: in containers every process has the same number.
fn holder() -> String {
    let mut random = [0_u8; 8];
    // Without randomness the number alone has to do.
    let _ = getrandom::fill(&mut random);
    format!("{}-{:016x}", std::process::id(), u64::from_be_bytes(random))
}

fn platform_keys(platform: &dyn Platform) -> impl Iterator<Item = CredentialKey> + use<> {
    let about = platform.about();
    about.credentials.iter().copied().chain(about.price.map(|price| *price.budget))
}

fn plan(config: &Config) -> Plan {
    let daily_at = match config.refresh_at {
        RefreshAt::Off => None,
        RefreshAt::Daily(time) => Some(time),
    };
    Plan { daily_at }
}

/// Makes the folder with mode 0700; one that is there already stays as its owner made it.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
