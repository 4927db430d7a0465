//! The configuration: defaults, `mediakit.toml`, environment and flags, made into one typed value. Later wins.
//! Nothing outside this module reads the environment.

mod chosen;
mod given;
mod kind;
mod print;
mod problem;
mod settings;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

pub use chosen::{CHOSEN, is_sealed};
pub use given::{Source, Sources};
pub use kind::{
    DatabaseUrl, EmailAddress, GraphVersion, Kind, KindAbout, LogFilter, LogFormat, MASK, Networks, Origin, RefreshAt,
    Repository, RotationOwner, SecretKey, SecretUrl, Shown, SmtpUrl, TimeoutSecs,
};
pub use print::{default_toml, markdown, source_words};
pub use problem::{ConfigError, Problem, nearest};
pub use settings::{CONFIG_ENV, CONFIG_FILE, SETTINGS, Setting, UPSTREAM_ENV, Usual};

use crate::domain::text::Lang;
use given::{Entry, Given, bad_value};
use settings::Values;

/// The database's file in the data folder.
const DATABASE_FILE: &str = "mediakit.db";
const GITHUB_API: &str = "https://api.github.com";

/// What the operator chose.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address the server listens on.
    pub listen: SocketAddr,
    /// Where the database, the key file and uploads live.
    pub data_dir: PathBuf,
    /// The database.
    pub database_url: DatabaseUrl,
    /// The file with the platforms' credentials.
    pub env_social: PathBuf,
    /// The key that seals credentials; without one a key file in the data folder is used.
    pub secret_key: Option<SecretKey>,
    /// When the daily refresh runs.
    pub refresh_at: RefreshAt,
    /// Who may renew tokens.
    pub rotation_owner: RotationOwner,
    /// The owner's password for the first start.
    pub owner_password: Option<SecretString>,
    /// Whose `X-Forwarded-*` headers count.
    pub trusted_proxies: Networks,
    /// Which log lines are written.
    pub log: LogFilter,
    /// How they are written.
    pub log_format: LogFormat,
    /// How long a fetch may take.
    pub http_timeout: Duration,
    /// The version of Meta's Graph API.
    pub meta_api_version: GraphVersion,
    /// Whether Instagram's public page may be tried.
    pub instagram_public: bool,
    /// Origins that stand in for real hosts.
    pub upstreams: Overrides,
    /// Where renewed credentials are mirrored.
    pub github: GithubMirror,
    /// Where alerts go.
    pub alerts: AlertSettings,
    public_url: Option<Origin>,
    shown: Vec<ShownValue>,
}

/// Origins that stand in for real hosts, by the upstream's name.
type Overrides = BTreeMap<String, Url>;

/// The mirror of credentials as GitHub secrets.
#[derive(Clone, Debug)]
pub struct GithubMirror {
    /// The token, `GITHUB_SECRETS_TOKEN` before `GITHUB_TOKEN`.
    pub token: Option<SecretString>,
    /// `owner/name`.
    pub repository: Option<Repository>,
    /// The API's address, without a trailing slash.
    pub api_url: String,
}

/// Where alerts go, and in which language.
#[derive(Clone, Debug, Default)]
pub struct AlertSettings {
    /// The webhook.
    pub webhook: Option<SecretUrl>,
    /// The key its messages are signed with.
    pub webhook_secret: Option<SecretString>,
    /// Who gets mail.
    pub email: Option<EmailAddress>,
    /// The mail server.
    pub smtp: Option<SmtpUrl>,
    /// The sender of mail; the recipient when unset.
    pub from: Option<EmailAddress>,
    /// The topic on an ntfy server.
    pub ntfy: Option<SecretUrl>,
    /// The token of a protected topic.
    pub ntfy_token: Option<SecretString>,
    /// The language.
    pub lang: Lang,
}

/// A value as it may be shown, with where it came from.
#[derive(Clone, Debug)]
pub struct ShownValue {
    /// The key in `mediakit.toml`; `upstream.<name>` for replaced origins.
    pub name: String,
    /// The value, masked where it is secret; nothing when it is unset.
    pub text: Option<String>,
    /// Whether TOML writes it without quotes.
    pub bare: bool,
    /// Where it came from.
    pub source: Source,
}

impl Config {
    /// Reads the configuration from its sources, or says everything that is wrong with it.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let mut problems = Vec::new();
        let given = Given::collect(sources, &mut problems);
        let upstreams = overrides(&given, &mut problems);
        match Values::read(&given, &mut problems) {
            Some(values) if problems.is_empty() => Ok(Self::from_values(values, upstreams, &given)),
            _ => Err(ConfigError { problems }),
        }
    }

    fn from_values(values: Values, upstreams: Overrides, given: &Given) -> Self {
        let database_url =
            values.database_url.unwrap_or_else(|| DatabaseUrl::sqlite(&values.data_dir.join(DATABASE_FILE)));
        let github_api = values.github_api_url.as_ref().map_or(GITHUB_API, Url::as_str);
        let mut config = Self {
            listen: values.listen,
            data_dir: values.data_dir,
            database_url,
            env_social: values.env_social,
            secret_key: values.secret_key,
            refresh_at: values.refresh_at,
            rotation_owner: values.rotation_owner,
            owner_password: values.owner_password,
            trusted_proxies: values.trusted_proxies,
            log: values.log,
            log_format: values.log_format,
            http_timeout: Duration::from_secs(values.http_timeout_secs.0),
            meta_api_version: values.meta_api_version,
            instagram_public: values.instagram_public,
            upstreams,
            github: GithubMirror {
                token: values.github_secrets_token.or(values.github_token),
                repository: values.github_repository,
                api_url: github_api.trim_end_matches('/').to_owned(),
            },
            alerts: AlertSettings {
                webhook: values.alert_webhook,
                webhook_secret: values.alert_webhook_secret,
                email: values.alert_email,
                smtp: values.smtp_url,
                from: values.alert_from,
                ntfy: values.alert_ntfy,
                ntfy_token: values.alert_ntfy_token,
                lang: values.alert_lang,
            },
            public_url: values.public_url,
            shown: Vec::new(),
        };
        config.shown = config.shown_values(given);
        config
    }

    /// The address others reach the server at, without a trailing slash. `bound` is the address it really listens on.
    pub fn public_url(&self, bound: SocketAddr) -> String {
        match &self.public_url {
            Some(Origin(url)) => url.as_str().trim_end_matches('/').to_owned(),
            None => local_url(bound),
        }
    }

    /// Every value with where it came from, secrets masked.
    pub fn shown(&self) -> &[ShownValue] {
        &self.shown
    }

    fn shown_values(&self, given: &Given) -> Vec<ShownValue> {
        let mut shown: Vec<ShownValue> = SETTINGS.iter().map(|setting| self.shown_setting(setting, given)).collect();
        shown.extend(given.upstreams.iter().map(|(name, entry)| ShownValue {
            name: format!("upstream.{}", name.to_lowercase()),
            text: Some(Origin::ABOUT.shown.mask(&entry.text)),
            bare: false,
            source: entry.source.clone(),
        }));
        shown
    }

    fn shown_setting(&self, setting: &Setting, given: &Given) -> ShownValue {
        let entry = given.settings.get(setting.name);
        let derived = || match (setting.name, setting.usual) {
            ("database_url", _) => Some(self.database_url.masked()),
            ("public_url", _) => Some(self.public_url(self.listen)),
            ("github_api_url", _) => Some(self.github.api_url.clone()),
            (_, Usual::Value(usual)) => Some(usual.to_owned()),
            (_, Usual::Words(_)) => None,
        };
        ShownValue {
            name: setting.name.to_owned(),
            text: entry.map(|entry| setting.kind.shown.mask(&entry.text)).or_else(derived),
            bare: setting.kind.bare,
            source: entry.map_or(Source::Default, |entry| entry.source.clone()),
        }
    }
}

fn overrides(given: &Given, problems: &mut Vec<Problem>) -> Overrides {
    let mut read =
        |entry: &Entry| Origin::parse(&entry.text).map_err(|why| problems.push(bad_value::<Origin>(entry, why)));
    given.upstreams.iter().filter_map(|(name, entry)| Some(((*name).to_owned(), read(entry).ok()?.0))).collect()
}

/// The address of this machine's own server; where it listens everywhere, the loopback stands for it.
fn local_url(bound: SocketAddr) -> String {
    let host = match bound.ip() {
        ip if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(host, bound.port())).trim_end_matches(":80").to_owned()
}
