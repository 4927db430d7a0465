//! One renewal by the real program, of each kind there is, and the judge of what is left when it did not come to its
//! end. What is valid says the simulator's ledger, not the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::{SignedDuration, Timestamp};
use mediakit::app::App;
use mediakit::clock::Clock;
use mediakit::config::{Config, Sources};
use mediakit::credentials::rewrite::{self, Mark};
use mediakit::credentials::{EnvFile, import};
use mediakit::domain::credential::{Credentials, Kept, Phase};
use mediakit::domain::platform::About;
use mediakit::refresh::Trigger;
use secrecy::ExposeSecret as _;
use simulator::{InstagramLogin, Options, Simulator};
use tempfile::{NamedTempFile, TempDir};

use crate::harness::{CREATOR, about, saved};
use crate::tracer::{self, Call, Deed, Ended, Reach};

const DAY: SignedDuration = SignedDuration::from_hours(24);
const FILE: &str = ".env.social";

/// A way in which a platform renews.
#[derive(Debug)]
pub struct Model {
    pub name: &'static str,
    pub platform: &'static str,
    login: InstagramLogin,
    /// Part of the path that asks for a renewal.
    path: &'static str,
    /// Whether a renewal ends the value that was presented.
    ends_former: bool,
    /// How long ago the owner entered the credentials.
    age: SignedDuration,
    /// Whether the file can only be written in place, as one that is mounted into a container.
    mounted: bool,
}

/// Every way.
pub const MODELS: [Model; 5] = [
    Model { name: "Facebook Login", login: InstagramLogin::Facebook, path: "/oauth/access_token", ..META },
    Model { name: "Instagram Login", ..META },
    Model { name: "TikTok", ..TIKTOK },
    Model { name: "TikTok before its access token ends", age: SignedDuration::ZERO, ..TIKTOK },
    Model { name: "TikTok with a mounted file", mounted: true, ..TIKTOK },
];
const META: Model = Model {
    name: "",
    platform: "instagram",
    login: InstagramLogin::Instagram,
    path: "/refresh_access_token",
    ends_former: false,
    age: SignedDuration::from_hours(48),
    mounted: false,
};
const TIKTOK: Model = Model {
    platform: "tiktok",
    path: "/v2/oauth/token/",
    ends_former: true,
    age: SignedDuration::from_hours(3),
    ..META
};

impl Model {
    /// A data folder as the first start leaves it, with the creator's handle; no credentials were used yet.
    pub async fn prepared(&'static self) -> TempDir {
        let first = Case::new(self, None).await;
        let app = first.app(SignedDuration::ZERO).await;
        let creator = app.store.creator().await.unwrap();
        let mara = first.sim.creators().into_iter().find(|creator| creator.key == CREATOR).unwrap();
        let handle = (first.about().normalise)(&mara.handles[self.platform]).unwrap();
        app.store.set_handle(creator.id, self.platform, &handle).await.unwrap();
        app.store.close().await;
        first.folder
    }
}

/// A folder with credentials of one model that are to be renewed, and the platform.
pub struct Case {
    model: &'static Model,
    pub sim: Simulator,
    pub folder: TempDir,
    started: Timestamp,
    /// One certificate in place of the system's: reading hundreds is most of what a start does.
    authority: Option<NamedTempFile>,
    /// The file as the owner entered it.
    entered: String,
}

impl Case {
    /// A new one; `from` is a folder that was prepared.
    pub async fn new(model: &'static Model, from: Option<&TempDir>) -> Self {
        let started = Timestamp::now();
        let entered_at = started.checked_sub(model.age).unwrap();
        let sim = Simulator::start(Options { now: Some(entered_at), ..Options::default() }).await.unwrap();
        let own = |line: &&str| line.starts_with('#') || line.starts_with(&model.platform.to_uppercase());
        let written = sim.env_social_with(CREATOR, model.login);
        let entered = written.lines().filter(own).fold(String::new(), |text, line| text + line + "\r\n");
        sim.set_now(started);
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), &entered).unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        for file in from.iter().flat_map(|from| fs::read_dir(from.path().join("data")).unwrap()) {
            let file = file.unwrap();
            fs::copy(file.path(), folder.path().join("data").join(file.file_name())).unwrap();
        }
        Self { model, sim, folder, started, authority: one_authority(), entered }
    }

    /// Renews by the real program; `decide` is asked from the first write of the renewal on.
    pub fn renew(&self, mut decide: impl FnMut(&Call) -> Deed) -> Ended {
        let mut window = false;
        let folder = fs::canonicalize(self.folder.path()).unwrap();
        tracer::run(&self.command(&["token", "renew", self.model.platform]), &folder, |call| {
            window |= matches!(&call.reach, Reach::Disk(file) if file.ends_with("data/mediakit.db-wal"));
            match if window { decide(call) } else { Deed::Let } {
                Deed::Let if self.model.mounted && is_over_the_file(call) => Deed::Fail(nix::errno::Errno::EBUSY),
                deed => deed,
            }
        })
    }

    /// The program in this folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mediakit"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().envs(self.environment());
        command.env("TOKIO_WORKER_THREADS", "1");
        if let Some(one) = &self.authority {
            command.env("SSL_CERT_FILE", one.path());
        }
        command
    }

    fn environment(&self) -> Vec<(String, String)> {
        let known = mediakit::app::known_upstreams();
        let origins = self.sim.origins().iter().filter(|(name, _)| known.contains(*name));
        origins.map(|(name, origin)| (format!("MEDIAKIT_UPSTREAM_{name}"), origin.clone())).collect()
    }

    /// The program starts again, some time after the start of the case.
    pub async fn app(&self, later: SignedDuration) -> App {
        let clock = Clock::fixed(self.passes(later));
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        let mut environment = self.environment();
        environment.push(("MEDIAKIT_DATA_DIR".to_owned(), path("data")));
        environment.push(("MEDIAKIT_ENV_SOCIAL".to_owned(), path(FILE)));
        let environment = environment.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let upstreams = mediakit::app::known_upstreams();
        let config = Config::load(&Sources { environment, upstreams, ..Sources::default() }).unwrap();
        App::build(config, clock, []).await.unwrap()
    }

    pub fn passes(&self, later: SignedDuration) -> Timestamp {
        self.sim.set_now(self.started.checked_add(later).unwrap());
        self.sim.now()
    }

    fn about(&self) -> &'static About {
        about(self.model.platform)
    }

    fn file(&self) -> String {
        fs::read_to_string(self.folder.path().join(FILE)).unwrap()
    }

    pub fn exchanges(&self) -> usize {
        self.sim.ledger().exchange_count(self.model.platform, CREATOR)
    }

    /// Whether the new values are where they belong, the file included.
    pub fn is_complete(&self) -> bool {
        self.renewed().is_some_and(|renewed| renewed == self.file())
    }

    /// The file as it has to be with what the platform granted at its first exchange.
    fn renewed(&self) -> Option<String> {
        let ledger = self.sim.ledger();
        let granted = ledger.exchanges.iter().find(|exchange| exchange.refused.is_none())?;
        let keys = self.about().renewal.unwrap().keys;
        let issued = granted.issued.iter().map(|value| value.clone().into());
        let values: Credentials = keys.iter().map(|key| (*key).to_owned()).zip(issued).collect();
        let mark = Mark { platform: self.model.platform.to_owned(), generation: 2, fingerprint: values.fingerprint() };
        let before = EnvFile::parse(self.entered.clone().into_bytes()).unwrap();
        Some(String::from_utf8(rewrite::rewritten(&before, &values, &mark).expose_secret().to_vec()).unwrap())
    }

    #[track_caller]
    fn has_a_whole_file(&self, when: &str) {
        let file = self.file();
        let whole = file == self.entered || Some(&file) == self.renewed().as_ref();
        assert!(whole, "{when}: {} bytes that are neither the old file nor the new one", file.len());
    }

    #[track_caller]
    pub fn all_are_valid(&self, values: &Credentials, when: &str) {
        let renewed = import::renewed(self.about(), values);
        let ledger = self.sim.ledger();
        assert!(renewed.iter().count() > 0);
        for (key, value) in renewed.iter() {
            assert!(ledger.is_valid(value.expose_secret()), "{when}: {key} is not valid");
        }
    }

    /// Starts the program again and fails unless nothing was lost but what nobody could keep.
    pub async fn judge(&self, when: &str) -> Verdict {
        let when = &format!("{}: {when}", self.model.name);
        let exchanges = self.exchanges();
        assert!(exchanges <= 1, "{when}: asked {exchanges} times");
        if !self.model.mounted {
            self.has_a_whole_file(when);
        }
        let asked = self.sim.requests();
        let mut later = SignedDuration::from_mins(10);
        let app = self.app(later).await;
        self.has_a_whole_file(when);
        let findings = app.store.verify().await.unwrap();
        assert!(findings.is_empty(), "{when}: {findings:?}");
        let left = self.kept(&app).await;
        let stored = left.as_ref().is_some_and(|kept| kept.phase == Phase::Pending || kept.generation > 1);
        let lost = exchanges == 1 && !stored && self.file() == self.entered;
        if lost {
            // What was granted and not stored was not used either: there was no time to store it.
            assert!(asked.last().unwrap().path.contains(self.model.path), "{when}: used before it was stored");
            let phase = left.as_ref().map(|kept| kept.phase);
            assert!(matches!(phase, Some(Phase::Intent | Phase::InDoubt)), "{when}: {phase:?} says nothing of a doubt");
        }
        for _ in 0..3 {
            app.keeper.tick().await;
            later += SignedDuration::from_mins(5);
            app.clock.set(self.passes(later));
        }
        let kept = self.kept(&app).await.unwrap();
        if lost && self.model.ends_former {
            assert!(kept.phase == Phase::NeedsOwner || kept.failure.is_some(), "{when}: nobody is told");
            app.clock.set(self.passes(later + DAY));
            self.is_fetched(&app).await;
            self.says_that_the_owner_is_needed(&app, when).await;
            return Verdict::NeedsOwner;
        }
        assert_eq!(kept.phase, Phase::Active, "{when}: {:?}", kept.failure);
        self.all_are_valid(&kept.active, when);
        let file = EnvFile::read(&self.folder.path().join(FILE)).unwrap();
        for (key, value) in import::renewed(self.about(), &kept.active).iter() {
            let same = file.get(key).unwrap().value.expose_secret() == value.expose_secret();
            assert!(same, "{when}: the file has another {key}");
        }
        let once = usize::try_from(kept.generation - 1).unwrap() + usize::from(lost);
        assert_eq!(self.exchanges(), once, "{when}: exchanges for generation {}", kept.generation);
        assert!(self.is_fetched(&app).await, "{when}: the values do not work");
        self.is_tidy(when);
        app.store.close().await;
        if lost { Verdict::RenewedAnew } else { Verdict::Kept }
    }

    pub async fn kept(&self, app: &App) -> Option<Kept> {
        let creator = app.store.creator().await.unwrap();
        app.keeper.vault().find(creator.id, self.model.platform).await.unwrap()
    }

    async fn is_fetched(&self, app: &App) -> bool {
        let creator = app.store.creator().await.unwrap();
        let run = app.refresher.start(creator.id, &[self.model.platform.to_owned()], Trigger::Hand).await.unwrap();
        saved(&run.accounts[0])
    }

    async fn says_that_the_owner_is_needed(&self, app: &App, when: &str) {
        assert_eq!(self.kept(app).await.unwrap().phase, Phase::NeedsOwner, "{when}");
        app.store.clone().close().await;
        let said = self.command(&["token", "status", "--json"]).output().unwrap();
        assert_ne!(said.status.code(), Some(0), "{when}");
        assert!(String::from_utf8_lossy(&said.stdout).contains("\"needs_owner\""), "{when}");
    }

    /// No copy of a secret is left over beside the file.
    #[track_caller]
    fn is_tidy(&self, when: &str) {
        let names = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, [FILE, "data"], "{when}");
    }
}

/// What is left of a renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The old values or the new ones.
    Kept,
    /// The new ones never came; the old ones were renewed again.
    RenewedAnew,
    /// The platform ended the old ones and the new ones never came, and that is said.
    NeedsOwner,
}

fn one_authority() -> Option<NamedTempFile> {
    let all = fs::read_to_string("/etc/ssl/certs/ca-certificates.crt").ok()?;
    let (first, _) = all.split_once("-----END")?;
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), format!("{first}-----END CERTIFICATE-----\n")).unwrap();
    Some(file)
}

fn is_over_the_file(call: &Call) -> bool {
    matches!(&call.reach, Reach::Disk(path) if call.name.starts_with("rename") && path.ends_with(FILE))
}

/// What a call reaches, as a failed test names it.
pub fn named(call: &Call) -> String {
    let file = |path: &Path| path.file_name().map(PathBuf::from).unwrap_or_default();
    match &call.reach {
        Reach::Disk(path) => format!("{} of {}", call.name, file(path).display()),
        Reach::Network | Reach::Nothing => call.name.to_owned(),
    }
}

/// Does every job, several at a time.
pub fn side_by_side<J: Sync, R: Send>(workers: usize, jobs: &[J], work: impl Fn(&J) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let worker =
        || std::iter::from_fn(|| jobs.get(next.fetch_add(1, Ordering::Relaxed))).map(&work).collect::<Vec<R>>();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a case failed, see above")).collect()
    })
}
