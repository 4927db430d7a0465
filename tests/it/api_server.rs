//! A server on loopback with a database and a clock of its own, and a client that shows every byte.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use mediakit::app::App;
use mediakit::clock::Clock;
use mediakit::config::{Config, Networks, Sources};
use mediakit::credentials::{Connections, CredentialSource, Keeper, Mirrors, keeper};
use mediakit::outbound::{Outbound, Overrides};
use mediakit::platforms::{self, Credentials, Platform};
use mediakit::refresh::policy::Plan;
use mediakit::refresh::{Board, Parts as RefreshParts, Progress, Refresher};
use mediakit::settings::{Parts as SettingsParts, Settings};
use mediakit::sign_in::SignIn;
use mediakit::store::{Store, VaultKey};
use mediakit::web;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use url::Url;

use crate::databases::{self, Database};

/// A token that may do everything.
pub const ALL: &str = "mk_everything";
/// Tokens that may do one thing only.
pub const ONLY: [(&str, &str); 3] = [("mk_read", "read"), ("mk_refresh", "refresh"), ("mk_write", "write")];

/// A running server.
pub struct Server {
    pub address: SocketAddr,
    pub clock: Clock,
    pub store: Store,
    pub database: Option<Database>,
    pub sign_in: SignIn,
    pub settings: Settings,
    /// The data folder.
    pub folder: tempfile::TempDir,
    pub state: web::State,
    stop: Option<oneshot::Sender<()>>,
    running: tokio::task::JoinHandle<()>,
}

/// The evening of the examples.
pub fn evening() -> Timestamp {
    "2026-11-22T18:00:00Z".parse().unwrap()
}

impl Server {
    /// A server with the contract's two accounts, fetched at three in the morning.
    pub async fn with_examples() -> Self {
        let database = databases::sqlite();
        let store = database.open().await;
        for (platform, followers) in [("instagram", 104_700), ("tiktok", 65_800)] {
            put_row(&database, platform, "festas_builds", &stats(followers)).await;
            store.set_handle(1, platform, "festas_builds").await.unwrap();
        }
        Self::on(store, Some(database)).await
    }

    /// A server whose profile is empty.
    pub async fn empty() -> Self {
        let database = databases::sqlite();
        Self::on(database.open().await, Some(database)).await
    }

    /// A server on a database of the test's own.
    pub async fn on(store: Store, database: Option<Database>) -> Self {
        Self::at("http://127.0.0.1", store, database, &[]).await
    }

    /// A server on a database of the test's own, with settings the operator gave.
    pub async fn set(store: Store, database: Option<Database>, given: &[(&'static str, &str)]) -> Self {
        Self::at("http://127.0.0.1", store, database, given).await
    }

    /// A server without numbers that visitors reach at an address.
    pub async fn empty_at(public_url: &str) -> Self {
        let database = databases::sqlite();
        Self::at(public_url, database.open().await, Some(database), &[]).await
    }

    async fn at(public_url: &str, store: Store, database: Option<Database>, given: &[(&'static str, &str)]) -> Self {
        let clock = Clock::fixed(evening());
        let refresher = engine(&store, &clock, platforms::all(&platforms::Settings::default()));
        let mut server = Self::start_set(public_url, store, clock, refresher, given).await;
        server.database = database;
        server
    }

    /// A server over what a test already has.
    pub async fn start(store: Store, clock: Clock, refresher: Refresher) -> Self {
        Self::start_at("http://127.0.0.1", store, clock, refresher).await
    }

    /// The same under the address visitors use.
    pub async fn start_at(public_url: &str, store: Store, clock: Clock, refresher: Refresher) -> Self {
        Self::start_set(public_url, store, clock, refresher, &[]).await
    }

    async fn start_set(
        public_url: &str,
        store: Store,
        clock: Clock,
        refresher: Refresher,
        given: &[(&'static str, &str)],
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut flags: Vec<_> = given.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        flags.push(("data_dir", folder.path().display().to_string()));
        let operator = Config::load(&Sources { flags, ..Sources::default() }).unwrap();
        // Another address for GitHub is trusted, as it is where the operator sets one.
        let github = Url::parse(&operator.github.api_url).ok().filter(|url| url.scheme() == "http");
        let upstreams: Overrides = github.into_iter().map(|url| ("GITHUB_API".to_owned(), url)).collect();
        let settings = Settings::start(SettingsParts {
            operator,
            store: store.clone(),
            vault: store.unlock(VaultKey::from_bytes(&[7; 32])).await.unwrap(),
            clock: clock.clone(),
            http: Outbound::new(Duration::from_secs(1), upstreams),
        });
        let settings = settings.await.unwrap();
        add_tokens(&store).await;
        let sign_in = SignIn::new(store.clone(), clock.clone());
        let parts = web::Parts {
            store: store.clone(),
            refresher,
            clock: clock.clone(),
            platforms: platforms::all(&platforms::Settings::default())
                .iter()
                .map(|platform| platform.about())
                .collect(),
            public_url: public_url.to_owned(),
            trusted_proxies: Networks::default(),
            sign_in: sign_in.clone(),
            credentials: connections(&store, &clock).await,
            settings: settings.clone(),
        };
        let state = web::State::new(parts).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let shutdown = async { drop(stopped.await) };
        let running = tokio::spawn(web::serve(listener, state.clone(), shutdown));
        Self { address, clock, store, database: None, sign_in, settings, folder, state, stop: Some(stop), running }
    }

    /// The panel over the whole program as it is wired, without its schedule.
    pub async fn of(app: App) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (clock, store, sign_in) = (app.clock.clone(), app.store.clone(), app.sign_in.clone());
        let parts = web::Parts {
            store: store.clone(),
            refresher: app.refresher.clone(),
            clock: clock.clone(),
            platforms: app.platforms.iter().map(|platform| platform.about()).collect(),
            public_url: format!("http://{address}"),
            trusted_proxies: Networks::default(),
            sign_in: sign_in.clone(),
            credentials: Connections::new(app.keeper.clone()),
            settings: app.settings.clone(),
        };
        let state = web::State::new(parts).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(web::serve(listener, state.clone(), async { drop(stopped.await) }));
        let (settings, folder) = (app.settings.clone(), tempfile::tempdir().unwrap());
        Self { address, clock, store, database: None, sign_in, settings, folder, state, stop: Some(stop), running }
    }

    /// Stops the server and waits until its last answer is out.
    pub async fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.running.await.unwrap();
    }

    /// Asks without credentials.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"").await
    }

    /// Asks as the owner.
    pub async fn owner(&self, method: &str, path: &str, body: Option<&Json>) -> Answer {
        let token = format!("Bearer {ALL}");
        let body = body.map(Json::to_string).unwrap_or_default();
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        self.send(method, path, &headers, body.as_bytes()).await
    }

    /// Sends one request on a connection of its own.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        if !body.is_empty() {
            write!(head, "content-length: {}\r\n", body.len()).unwrap();
        }
        head += "\r\n";
        self.raw(&[head.as_bytes(), body].concat()).await
    }

    /// Opens a stream as the owner.
    pub async fn open(&self, path: &str) -> Stream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {ALL}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        Stream { stream, read: String::new() }
    }

    /// Sends bytes and reads until the server closes.
    pub async fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // A server that refuses early may close while we still write.
        let _ = stream.write_all(request).await;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        Answer::read(&bytes)
    }
}

/// Asks somebody else on this machine, as a browser that was sent there.
pub async fn follow(address: &str) -> Answer {
    let url = url::Url::parse(address).unwrap();
    let host = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let mut stream = TcpStream::connect(&host).await.unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nuser-agent: test\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    Answer::read(&bytes)
}

/// A refresh engine that reaches nothing.
pub fn engine(store: &Store, clock: &Clock, platforms: Vec<Arc<dyn Platform>>) -> Refresher {
    Refresher::new(RefreshParts {
        store: store.clone(),
        platforms,
        http: Outbound::new(Duration::from_secs(1), Overrides::default()),
        clock: clock.clone(),
        credentials: Arc::new(Credentials::default),
        plan: tokio::sync::watch::Sender::new(Plan { daily_at: None }),
        holder: "test".to_owned(),
        running: Board::default(),
        progress: Progress::default(),
    })
}

/// An answer that goes on.
pub struct Stream {
    stream: TcpStream,
    read: String,
}

impl Stream {
    /// Reads up to and including `mark`.
    pub async fn until(&mut self, mark: &str) -> String {
        loop {
            if let Some(at) = self.read.find(mark) {
                let rest = self.read.split_off(at + mark.len());
                return std::mem::replace(&mut self.read, rest);
            }
            let mut bytes = [0; 4096];
            let n = self.stream.read(&mut bytes).await.unwrap();
            assert!(n > 0, "closed before {mark:?}: {}", self.read);
            self.read += std::str::from_utf8(&bytes[..n]).unwrap();
        }
    }
}

/// An answer, whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads an answer.
    pub fn read(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer with a head");
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let pair = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
        let headers: BTreeMap<_, _> = lines.filter_map(pair).collect();
        let rest = &bytes[end + 4..];
        let chunked = headers.get("transfer-encoding").is_some_and(|value| value == "chunked");
        let body = if chunked { dechunked(rest) } else { rest.to_vec() };
        Self { status, headers, body }
    }

    /// A header, empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The body as text, unpacked.
    pub fn text(&self) -> String {
        String::from_utf8(self.unpacked()).unwrap()
    }

    /// The body, unpacked.
    pub fn unpacked(&self) -> Vec<u8> {
        let mut text = Vec::new();
        match self.header("content-encoding") {
            "br" => brotli::Decompressor::new(&self.body[..], 4096).read_to_end(&mut text).map(drop).unwrap(),
            "gzip" => flate2::read::GzDecoder::new(&self.body[..]).read_to_end(&mut text).map(drop).unwrap(),
            _ => text.clone_from(&self.body),
        }
        text
    }

    /// The body as JSON.
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.text()).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

fn dechunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(line) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
        if size == 0 {
            break;
        }
        body.extend_from_slice(&rest[line + 2..line + 2 + size]);
        rest = &rest[line + 4 + size..];
    }
    body
}

/// Connections with nothing kept, on platforms that nobody can reach.
async fn connections(store: &Store, clock: &Clock) -> Connections {
    let vault = store.unlock(VaultKey::from_bytes(&[7; 32])).await.unwrap();
    let platforms = platforms::all(&platforms::Settings::default());
    let nowhere = std::path::PathBuf::from("/nonexistent/.env.social");
    let mirrors = Mirrors {
        vault: vault.clone(),
        store: store.clone(),
        clock: clock.clone(),
        platforms: platforms.clone(),
        file: nowhere.clone(),
        spare: nowhere.clone(),
        github: None.into(),
    };
    Connections::new(Keeper::new(keeper::Parts {
        vault,
        store: store.clone(),
        platforms,
        http: Outbound::new(Duration::from_secs(1), Overrides::default()),
        clock: clock.clone(),
        source: Arc::new(CredentialSource::new(nowhere, [], [])),
        mirrors,
        may_renew: true,
        holder: "test".to_owned(),
    }))
}

async fn add_tokens(store: &Store) {
    if !store.list_api_tokens().await.unwrap().is_empty() {
        return;
    }
    let hash = |token: &str| -> [u8; 32] { Sha256::digest(token.as_bytes()).into() };
    store.insert_api_token("all", &hash(ALL), &["read", "refresh", "write"], evening()).await.unwrap();
    for (token, scope) in ONLY {
        store.insert_api_token(scope, &hash(token), &[scope], evening()).await.unwrap();
    }
}

/// Writes a row of the cache behind the store's back.
pub async fn put_row(database: &Database, platform: &str, username: &str, stats: &str) {
    let stats = stats.replace('\'', "''");
    let sql = format!(
        "insert into social_stats_cache (platform, username, stats_data, fetched_at) \
         values ('{platform}', '{username}', '{stats}', '2026-11-22T03:00:04Z') \
         on conflict (platform, username) do update set stats_data = excluded.stats_data"
    );
    database.run(&sql).await.unwrap();
}

/// A row's JSON in the first format.
pub fn stats(followers: i64) -> String {
    serde_json::json!({
        "meta": { "source": "Meta Graph API", "api_version": "v25.0", "provenance": "owner_authorised" },
        "profile": { "username": "festas_builds" },
        "stats": { "followers": followers, "following": 523, "verified": false, "reach_daily": 15_000 },
        "fetched_at": "2026-11-22T03:00:04Z",
    })
    .to_string()
}
