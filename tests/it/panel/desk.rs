//! The whole program beside a simulator, with the panel open in a browser and a clock that only the test moves.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use mediakit::app::App;
use mediakit::clock::Clock;
use mediakit::config::{Config, Sources};
use mediakit::credentials::Keeper;
use mediakit::domain::credential::Kept;
use mediakit::store::Store;
use secrecy::ExposeSecret as _;
use simulator::{Options, Scope, Simulator};
use tempfile::TempDir;

use crate::api_server::{Answer, Server, follow};
use crate::browser::Browser;
use crate::harness::{CREATOR, about, start};

/// A simulator, a program and its files.
pub struct PanelDesk {
    pub sim: Arc<Simulator>,
    pub server: Server,
    pub keeper: Keeper,
    clock: Clock,
    dir: TempDir,
}

impl PanelDesk {
    /// A desk whose owner has mara's handles in the profile; `env` becomes `.env.social`, when it says anything.
    pub async fn new(env: impl FnOnce(&Simulator) -> String) -> Self {
        let sim = Arc::new(Simulator::start(Options { now: Some(start()), ..Options::default() }).await.unwrap());
        let (dir, clock) = (TempDir::new().unwrap(), Clock::fixed(sim.now()));
        let env = env(&sim);
        if !env.is_empty() {
            std::fs::write(dir.path().join("env.social"), env).unwrap();
        }
        let path = |name: &str| dir.path().join(name).into_os_string();
        let own = [("MEDIAKIT_DATA_DIR".into(), path("data")), ("MEDIAKIT_ENV_SOCIAL".into(), path("env.social"))];
        let upstreams = mediakit::app::known_upstreams();
        let origins = sim.origins().iter().filter(|(name, _)| upstreams.contains(name));
        let stand_ins = origins.map(|(name, origin)| (format!("MEDIAKIT_UPSTREAM_{name}").into(), origin.into()));
        let environment = own.into_iter().chain(stand_ins).collect();
        let config = Config::load(&Sources { environment, upstreams, ..Sources::default() }).unwrap();
        let app = App::build(config, clock.clone(), []).await.unwrap();
        let creator = app.store.creator().await.unwrap();
        let mara = sim.creators().into_iter().find(|one| one.key == CREATOR).unwrap();
        for platform in ["instagram", "tiktok", "youtube", "twitch", "x"] {
            let handle = (about(platform).normalise)(&mara.handles[platform]).unwrap();
            app.store.set_handle(creator.id, platform, &handle).await.unwrap();
        }
        let keeper = app.keeper.clone();
        Self { server: Server::of(app).await, sim, keeper, clock, dir }
    }

    /// A desk where nothing was ever entered.
    pub async fn empty() -> Self {
        Self::new(|_| String::new()).await
    }

    pub fn store(&self) -> &Store {
        &self.server.store
    }

    pub fn file(&self) -> PathBuf {
        self.dir.path().join("env.social")
    }

    pub fn pass(&self, time: SignedDuration) {
        self.sim.advance(time);
        self.clock.set(self.sim.now());
    }

    pub fn break_(&self, upstream: &str, fault: &str, path: &str) {
        let scope = Scope { path_contains: Some(path.to_owned()), ..Scope::default() };
        self.sim.set_fault(upstream, fault, scope).unwrap();
    }

    /// Id and secret of an app that mara registered.
    pub fn app(&self, of: &str) -> (String, String) {
        let login =
            if of == "instagram" { simulator::InstagramLogin::Instagram } else { simulator::InstagramLogin::Facebook };
        let grants = ["youtube", "twitch", "x"].map(|platform| self.sim.grant(CREATOR, platform)).concat();
        let env = self.sim.env_social_with(CREATOR, login) + &grants;
        let value = |key: &str| {
            let line = env.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            line.unwrap_or_else(|| panic!("no {key}")).to_owned()
        };
        let (id, secret) = match of {
            "instagram" | "facebook" => ("INSTAGRAM_APP_ID", "INSTAGRAM_APP_SECRET"),
            "google" => ("YOUTUBE_CLIENT_ID", "YOUTUBE_CLIENT_SECRET"),
            "twitch" => ("TWITCH_CLIENT_ID", "TWITCH_CLIENT_SECRET"),
            "x" => ("X_CLIENT_ID", "X_CLIENT_SECRET"),
            _ => ("TIKTOK_CLIENT_KEY", "TIKTOK_CLIENT_SECRET"),
        };
        (value(id), value(secret))
    }

    pub async fn kept(&self, platform: &str) -> Option<Kept> {
        let creator = self.store().creator().await.unwrap();
        self.keeper.vault().find(creator.id, platform).await.unwrap()
    }

    /// What is kept and in use under a key.
    pub async fn value(&self, platform: &str, key: &str) -> Option<String> {
        let kept = self.kept(platform).await?;
        let pending = kept.pending.map(|grant| grant.values).unwrap_or_default();
        let all = kept.active.with(&pending);
        all.iter().find(|(name, _)| *name == key).map(|(_, value)| value.expose_secret().to_owned())
    }

    /// Waits until the platform was asked at such a path.
    pub async fn asked(&self, upstream: &str, path: &str) {
        let asked = || self.sim.requests().iter().any(|one| one.upstream == upstream && one.path.contains(path));
        let waiting = async {
            while !asked() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("the platform was not asked");
    }

    pub async fn audit(&self) -> Vec<String> {
        let entries = self.store().audit(50).await.unwrap();
        entries
            .into_iter()
            .map(|entry| format!("{}: {} {}", entry.who, entry.what, entry.detail).trim_end().to_owned())
            .collect()
    }
}

/// A platform, a way to connect there, and the fields of its app.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    pub platform: &'static str,
    pub id: &'static str,
    pub fields: [&'static str; 2],
}

pub const TIKTOK: Way =
    Way { platform: "tiktok", id: "tiktok", fields: ["tiktok-tiktok-client-key", "tiktok-tiktok-client-secret"] };
pub const GOOGLE: Way =
    Way { platform: "youtube", id: "google", fields: ["google-youtube-client-id", "google-youtube-client-secret"] };
pub const INSTAGRAM: Way = Way {
    platform: "instagram",
    id: "instagram",
    fields: ["instagram-instagram-app-id", "instagram-instagram-app-secret"],
};
pub const FACEBOOK: Way = Way {
    platform: "instagram",
    id: "facebook",
    fields: ["facebook-instagram-app-id", "facebook-instagram-app-secret"],
};

pub const TWITCH: Way =
    Way { platform: "twitch", id: "twitch", fields: ["twitch-twitch-client-id", "twitch-twitch-client-secret"] };
pub const X: Way = Way { platform: "x", id: "x", fields: ["x-x-client-id", "x-x-client-secret"] };

impl Way {
    /// Types the app in and presses the button.
    pub async fn begin(&self, desk: &PanelDesk, browser: &Browser<'_>) -> String {
        let (id, secret) = desk.app(self.id);
        let fields = [("way", self.id), (self.fields[0], id.as_str()), (self.fields[1], secret.as_str())];
        let answer = browser.post(&format!("/admin/connections/{}/connect", self.platform), &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer.header("location").to_owned()
    }

    /// From the button to the address the platform sends the browser back to.
    pub async fn consent(&self, desk: &PanelDesk, browser: &Browser<'_>) -> String {
        let answer = follow(&self.begin(desk, browser).await).await;
        assert_eq!(answer.status, 302, "{}", answer.text());
        local(desk, answer.header("location"))
    }

    /// The whole dance; gives the answer to the browser that came back.
    pub async fn dance(&self, desk: &PanelDesk, browser: &Browser<'_>) -> Answer {
        browser.get(&self.consent(desk, browser).await).await
    }
}

/// What the browser asks our server for; it keeps what follows a `#` to itself.
pub fn local(desk: &PanelDesk, address: &str) -> String {
    let own = format!("http://{}", desk.server.address);
    let path = address.strip_prefix(&own).unwrap_or_else(|| panic!("{address} leads elsewhere"));
    path.split('#').next().unwrap().to_owned()
}
