//! The one table of settings. Reading, showing, the printed defaults, the flags and the documentation are all drawn
//! from it: a new setting is a new entry here and a field in [`super::Config`].

use std::net::SocketAddr;
use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

use super::given::Given;
use super::kind::{
    DatabaseUrl, EmailAddress, GraphVersion, Kind, KindAbout, LogFilter, LogFormat, Networks, Origin, RefreshAt,
    Repository, RotationOwner, SecretKey, SecretUrl, Shown, SmtpUrl, TimeoutSecs,
};
use super::problem::Problem;
use crate::domain::text::{Lang, Text};

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The key in `mediakit.toml`.
    pub name: &'static str,
    /// The environment variable.
    pub env: &'static str,
    /// What kind of value it takes.
    pub kind: KindAbout,
    /// What holds when nothing is given.
    pub usual: Usual,
    /// Whether the value may stand in a file of its own, named by `<env>_FILE` or `<name>_file`.
    pub own_file: bool,
    /// Whether there is a flag for it.
    pub has_flag: bool,
    /// What it is for.
    pub help: Text,
}

/// What holds when nothing is given.
#[derive(Clone, Copy, Debug)]
pub enum Usual {
    /// This value.
    Value(&'static str),
    /// No fixed value, in words.
    Words(Text),
}

impl Setting {
    const fn new(env: &'static str, usual: Usual, help: Text) -> Self {
        let kind = UNKNOWN;
        Self { name: "", env, kind, usual, own_file: false, has_flag: true, help }
    }

    const fn own_file(mut self) -> Self {
        self.own_file = true;
        self.has_flag = false;
        self
    }

    const fn no_flag(mut self) -> Self {
        self.has_flag = false;
        self
    }

    const fn complete(mut self, name: &'static str, kind: KindAbout) -> Self {
        self.name = name;
        self.kind = kind;
        self
    }

    /// Whether its value must never be shown.
    pub fn is_secret(&self) -> bool {
        self.kind.shown == Shown::Never
    }

    /// The flag without its dashes.
    pub fn flag(&self) -> Option<String> {
        self.has_flag.then(|| self.name.replace('_', "-"))
    }
}

/// Stands in for the kind until the table completes an entry.
const UNKNOWN: KindAbout = KindAbout { metavar: "", allowed: Text::new("", ""), shown: Shown::Never, bare: false };

macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $setting:expr;)*) => {
        /// Every setting, in the order people see them.
        pub static SETTINGS: &[Setting] = &[$($setting.complete(stringify!($name), <$type as Kind>::ABOUT),)*];

        /// Every setting's value, read.
        pub(super) struct Values { $($(#[$doc])* pub(super) $name: $type,)* }

        impl Values {
            /// Reads all settings and reports all problems, not only the first.
            pub(super) fn read(given: &Given, problems: &mut Vec<Problem>) -> Option<Self> {
                let read = ($(given.read::<$type>(stringify!($name), problems),)*);
                let ($(Some($name),)*) = read else { return None };
                Some(Self { $($name,)* })
            }
        }
    };
}

const fn value(text: &'static str) -> Usual {
    Usual::Value(text)
}

const fn words(de: &'static str, en: &'static str) -> Usual {
    Usual::Words(Text::new(de, en))
}

const UNSET: Usual = words("nicht gesetzt", "unset");

settings! {
    listen: SocketAddr = Setting::new("MEDIAKIT_LISTEN", value("127.0.0.1:8080"), Text::new(
        "Adresse, an der der Server lauscht; Port 0 wählt einen freien und nennt ihn.",
        "The address the server listens on; port 0 picks a free one and prints it."));
    public_url: Option<Origin> = Setting::new("MEDIAKIT_PUBLIC_URL", words("aus listen", "from listen"), Text::new(
        "Adresse, unter der andere den Server erreichen; für vollständige Links, Cookies und OAuth.",
        "The address others reach the server at; for absolute links, cookies and OAuth redirects."));
    data_dir: PathBuf = Setting::new("MEDIAKIT_DATA_DIR", value("./data"), Text::new(
        "Ordner für Datenbank, Schlüsseldatei und hochgeladene Bilder; nur für dich lesbar (0700).",
        "The folder of database, key file and uploads; readable by you alone (0700)."));
    database_url: Option<DatabaseUrl> = Setting::new("MEDIAKIT_DATABASE_URL", words("sqlite://<data_dir>/mediakit.db", "sqlite://<data_dir>/mediakit.db"), Text::new(
        "Die Datenbank: SQLite oder PostgreSQL.",
        "The database: SQLite or PostgreSQL."));
    env_social: PathBuf = Setting::new("MEDIAKIT_ENV_SOCIAL", value("./.env.social"), Text::new(
        "Die Datei mit den Zugangsdaten der Plattformen; sie wird neu gelesen, wenn sie sich ändert.",
        "The file with the platforms' credentials; it is read again when it changes."));
    secret_key: Option<SecretKey> = Setting::new("MEDIAKIT_SECRET_KEY", words("Schlüsseldatei im Datenordner", "a key file made in the data folder"), Text::new(
        "Der Schlüssel, mit dem Zugangsdaten in der Datenbank versiegelt werden.",
        "The key that seals credentials in the database.")).own_file();
    refresh_at: RefreshAt = Setting::new("MEDIAKIT_REFRESH_AT", value("03:00"), Text::new(
        "Uhrzeit der täglichen Aktualisierung in UTC; off schaltet sie ab.",
        "The time of the daily refresh, UTC; off disables it."));
    rotation_owner: RotationOwner = Setting::new("MEDIAKIT_ROTATION_OWNER", value("server"), Text::new(
        "Wer Tokens erneuern darf, dieser Server oder GitHub Actions; die andere Seite liest nur.",
        "Who may renew tokens, this server or GitHub Actions; the other side only reads."));
    owner_password: Option<SecretString> = Setting::new("MEDIAKIT_OWNER_PASSWORD", UNSET, Text::new(
        "Legt beim ersten Start das Konto der Inhaberin oder des Inhabers an; sonst wird ein einmaliger Link gedruckt.",
        "Creates the owner on the first start; otherwise a one-time setup link is printed.")).own_file();
    trusted_proxies: Networks = Setting::new("MEDIAKIT_TRUSTED_PROXIES", value("none"), Text::new(
        "Wessen X-Forwarded-Angaben gelten: Adressen oder Netze vorgeschalteter Proxys.",
        "Whose X-Forwarded-* headers count: addresses or networks of proxies in front."));
    log: LogFilter = Setting::new("MEDIAKIT_LOG", value("info"), Text::new(
        "Welche Meldungen auf der Standardfehlerausgabe erscheinen.",
        "Which log lines appear on standard error."));
    log_format: LogFormat = Setting::new("MEDIAKIT_LOG_FORMAT", value("text"), Text::new(
        "Form der Meldungen: text für Menschen, json für Maschinen.",
        "The form of log lines: text for people, json for machines."));
    meta_api_version: GraphVersion = Setting::new("MEDIAKIT_META_API_VERSION", value("v25.0"), Text::new(
        "Version der Graph API von Meta.",
        "The version of Meta's Graph API."));
    instagram_public: bool = Setting::new("MEDIAKIT_INSTAGRAM_PUBLIC", value("false"), Text::new(
        "Ob ohne Zugangsdaten die öffentliche Seite von Instagram versucht wird; sie ist meist verschlossen.",
        "Whether Instagram's public page is tried without credentials; it is mostly closed."));
    http_timeout_secs: TimeoutSecs = Setting::new("MEDIAKIT_HTTP_TIMEOUT_SECS", value("20"), Text::new(
        "Höchstdauer eines Abrufs bei einer Plattform in Sekunden, Wiederholungen eingeschlossen.",
        "The longest a fetch from a platform may take, in seconds, retries included."));
    github_secrets_token: Option<SecretString> = Setting::new("GITHUB_SECRETS_TOKEN", UNSET, Text::new(
        "Token, mit dem erneuerte Zugangsdaten als GitHub Secret gespiegelt werden (Secrets: read and write).",
        "The token that mirrors renewed credentials to a GitHub secret (Secrets: read and write).")).no_flag();
    github_token: Option<SecretString> = Setting::new("GITHUB_TOKEN", UNSET, Text::new(
        "Wird versucht, wenn github_secrets_token nicht gesetzt ist.",
        "Tried when github_secrets_token is unset.")).no_flag();
    github_repository: Option<Repository> = Setting::new("GITHUB_REPOSITORY", UNSET, Text::new(
        "Repository, dessen Secrets gespiegelt werden.",
        "The repository whose secrets are the mirror.")).no_flag();
    github_api_url: Option<Url> = Setting::new("GITHUB_API_URL", words("https://api.github.com", "https://api.github.com"), Text::new(
        "Adresse der GitHub-API, für GitHub Enterprise.",
        "The address of GitHub's API, for GitHub Enterprise.")).no_flag();
    alert_webhook: Option<SecretUrl> = Setting::new("MEDIAKIT_ALERT_WEBHOOK", UNSET, Text::new(
        "Adresse, an die Warnungen als JSON gehen; sie darf im eigenen Netz liegen.",
        "The address that alerts are posted to as JSON; it may be in your own network.")).own_file();
    alert_webhook_secret: Option<SecretString> = Setting::new("MEDIAKIT_ALERT_WEBHOOK_SECRET", UNSET, Text::new(
        "Schlüssel, mit dem jede dieser Nachrichten unterschrieben wird (HMAC-SHA-256).",
        "The key each of these messages is signed with (HMAC-SHA-256).")).own_file();
    alert_email: Option<EmailAddress> = Setting::new("MEDIAKIT_ALERT_EMAIL", UNSET, Text::new(
        "Adresse, an die Warnungen als E-Mail gehen; braucht smtp_url.",
        "The address that alerts are mailed to; needs smtp_url.")).no_flag();
    smtp_url: Option<SmtpUrl> = Setting::new("MEDIAKIT_SMTP_URL", UNSET, Text::new(
        "Der Mailserver: smtps ist von Anfang an verschlüsselt, smtp durch STARTTLS.",
        "The mail server: smtps is encrypted from the start, smtp by STARTTLS.")).own_file();
    alert_from: Option<EmailAddress> = Setting::new("MEDIAKIT_ALERT_FROM", words("wie alert_email", "as alert_email"), Text::new(
        "Absenderadresse der Warnungen.",
        "The sender address of alerts.")).no_flag();
    alert_ntfy: Option<SecretUrl> = Setting::new("MEDIAKIT_ALERT_NTFY", UNSET, Text::new(
        "Adresse des ntfy-Themas, an das Warnungen gehen, zum Beispiel https://ntfy.sh/mein-thema.",
        "The address of the ntfy topic that alerts go to, for example https://ntfy.sh/my-topic.")).own_file();
    alert_ntfy_token: Option<SecretString> = Setting::new("MEDIAKIT_ALERT_NTFY_TOKEN", UNSET, Text::new(
        "Token für ein geschütztes Thema.",
        "The token of a protected topic.")).own_file();
    alert_lang: Lang = Setting::new("MEDIAKIT_ALERT_LANG", value("de"), Text::new(
        "Sprache der Warnungen.",
        "The language of alerts.")).no_flag();
}

/// The variable that names the configuration file.
pub const CONFIG_ENV: &str = "MEDIAKIT_CONFIG";
/// The configuration file that is read when none is named; it may be missing.
pub const CONFIG_FILE: &str = "mediakit.toml";
/// Variables of overridden origins start with this.
pub const UPSTREAM_ENV: &str = "MEDIAKIT_UPSTREAM_";
/// The table of overridden origins in the configuration file.
pub const UPSTREAM_TABLE: &str = "upstream";

/// The setting with this key.
pub fn named(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}
