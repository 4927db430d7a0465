//! Settings: every source, who wins, what is refused and how it is said, what is never shown.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mediakit::app::known_upstreams;
use mediakit::config::{
    Config, ConfigError, LogFormat, Networks, RefreshAt, RotationOwner, SETTINGS, Source, Sources, Usual, default_toml,
    markdown,
};
use mediakit::domain::text::Lang;
use secrecy::ExposeSecret;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A folder with a configuration file in it.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }
}

fn env(variables: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect()
}

fn from_env(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::load(&Sources { environment: env(variables), upstreams: known_upstreams(), ..Sources::default() })
}

fn from_file(content: &str) -> Result<Config, ConfigError> {
    let place = Place::new();
    let file = place.file("mediakit.toml", content);
    Config::load(&Sources { file: Some(file), upstreams: known_upstreams(), ..Sources::default() })
}

/// Both languages' sentences of what is wrong.
fn refusal(loaded: Result<Config, ConfigError>) -> String {
    let error = loaded.unwrap_err();
    assert!(!error.problems.is_empty());
    format!("{}\n{}", error.text(Lang::De), error.text(Lang::En))
}

#[test]
fn the_program_runs_with_none_of_it_set() {
    let config = from_env(&[]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.data_dir, Path::new("./data"));
    assert_eq!(config.database_url.expose(), "sqlite://./data/mediakit.db");
    assert_eq!(config.env_social, Path::new("./.env.social"));
    assert_eq!(config.refresh_at, RefreshAt::Daily(jiff::civil::time(3, 0, 0, 0)));
    assert_eq!(config.rotation_owner, RotationOwner::Server);
    assert_eq!(config.log_format, LogFormat::Text);
    assert_eq!(config.log.0, "info");
    assert_eq!(config.http_timeout, Duration::from_secs(20));
    assert_eq!(config.meta_api_version.0, "v25.0");
    assert!(!config.instagram_public);
    assert_eq!(config.trusted_proxies, Networks::default());
    assert_eq!(config.public_url(config.listen), "http://127.0.0.1:8080");
    assert!(config.upstreams.is_empty() && config.secret_key.is_none() && config.owner_password.is_none());
    assert!(config.github.token.is_none() && config.github.repository.is_none());
    assert_eq!(config.github.api_url, "https://api.github.com");
}

#[test]
fn every_setting_can_come_from_file_and_environment() {
    let values = [
        ("listen", "[::1]:9"),
        ("public_url", "https://kit.example"),
        ("data_dir", "/srv/kit"),
        ("database_url", "postgres://me@db/kit"),
        ("env_social", "/run/env"),
        ("secret_key", KEY),
        ("refresh_at", "off"),
        ("rotation_owner", "actions"),
        ("owner_password", "ein langes Passwort"),
        ("trusted_proxies", "127.0.0.1,10.0.0.0/8"),
        ("log", "warn,mediakit=debug"),
        ("log_format", "json"),
        ("meta_api_version", "v26.0"),
        ("instagram_public", "true"),
        ("http_timeout_secs", "7"),
        ("github_secrets_token", "ghs_1"),
        ("github_token", "ghp_2"),
        ("github_repository", "me/kit"),
        ("github_api_url", "https://ghe.example/api/v3"),
        ("alert_webhook", "http://10.0.0.9:8000/hook/1?x=2"),
        ("alert_webhook_secret", "geheim"),
        ("alert_email", "me@kit.example"),
        ("smtp_url", "smtps://me%40kit.example:p%2Fw@mail.example"),
        ("alert_from", "kit@kit.example"),
        ("alert_ntfy", "https://ntfy.example/topic"),
        ("alert_ntfy_token", "tk_1"),
        ("alert_lang", "en"),
    ];
    let named: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
    assert_eq!(named, SETTINGS.iter().map(|setting| setting.name).collect::<Vec<_>>(), "a setting without a test");
    let variables: Vec<(&str, &str)> = SETTINGS.iter().zip(values).map(|(s, (_, value))| (s.env, value)).collect();
    let file: Vec<String> = values.iter().map(|(name, value)| format!("{name} = {value:?}\n")).collect();
    let file = file.concat();
    for config in [from_env(&variables).unwrap(), from_file(&file).unwrap()] {
        assert_eq!(config.listen.to_string(), "[::1]:9");
        assert_eq!(config.public_url(config.listen), "https://kit.example");
        assert_eq!(config.data_dir, Path::new("/srv/kit"));
        assert_eq!(config.database_url.expose(), "postgres://me@db/kit");
        assert_eq!(config.env_social, Path::new("/run/env"));
        assert_eq!(config.secret_key.as_ref().unwrap().expose()[31], 31);
        assert_eq!(config.refresh_at, RefreshAt::Off);
        assert_eq!(config.rotation_owner, RotationOwner::Actions);
        assert_eq!(config.owner_password.as_ref().unwrap().expose_secret(), "ein langes Passwort");
        assert!(config.trusted_proxies.contain("::ffff:10.1.2.3".parse().unwrap()));
        assert!(!config.trusted_proxies.contain("11.1.2.3".parse().unwrap()));
        assert_eq!(config.log_format, LogFormat::Json);
        assert_eq!(config.meta_api_version.0, "v26.0");
        assert!(config.instagram_public);
        assert_eq!(config.http_timeout, Duration::from_secs(7));
        assert_eq!(config.github.token.as_ref().unwrap().expose_secret(), "ghs_1");
        assert_eq!(config.github.repository.as_ref().unwrap().0, "me/kit");
        assert_eq!(config.github.api_url, "https://ghe.example/api/v3");
        let alerts = &config.alerts;
        assert_eq!(alerts.webhook.as_ref().unwrap().expose().as_str(), "http://10.0.0.9:8000/hook/1?x=2");
        assert_eq!(alerts.webhook_secret.as_ref().unwrap().expose_secret(), "geheim");
        assert_eq!(alerts.email.as_ref().unwrap().0, "me@kit.example");
        assert_eq!(alerts.smtp.as_ref().unwrap().expose().password(), Some("p%2Fw"));
        assert_eq!(alerts.from.as_ref().unwrap().0, "kit@kit.example");
        assert_eq!(alerts.ntfy.as_ref().unwrap().expose().path(), "/topic");
        assert_eq!(alerts.ntfy_token.as_ref().unwrap().expose_secret(), "tk_1");
        assert_eq!(alerts.lang, Lang::En);
    }
}

#[test]
fn toml_writes_values_as_it_likes() {
    let file = "http_timeout_secs = 7\ninstagram_public = true\nrefresh_at = 04:30:00\n\
                trusted_proxies = [\"127.0.0.1\", \"::1\"]\n[upstream]\ntwitch_api = \"http://127.0.0.1:9000\"\n";
    let config = from_file(file).unwrap();
    assert_eq!(config.http_timeout, Duration::from_secs(7));
    assert!(config.instagram_public);
    assert_eq!(config.refresh_at, RefreshAt::Daily(jiff::civil::time(4, 30, 0, 0)));
    assert!(config.trusted_proxies.contain("::1".parse().unwrap()));
    assert_eq!(config.upstreams["TWITCH_API"].as_str(), "http://127.0.0.1:9000/");
}

#[test]
fn the_later_source_wins() {
    let place = Place::new();
    let file = place.file("kit.toml", "listen = \"127.0.0.1:1\"\nlog = \"warn\"\nrefresh_at = \"01:00\"\n");
    let sources = Sources {
        file: Some(file.clone()),
        environment: env(&[("MEDIAKIT_LISTEN", "127.0.0.1:2"), ("MEDIAKIT_LOG", "error"), ("MEDIAKIT_LOG_FORMAT", "")]),
        flags: vec![("listen", "127.0.0.1:3".to_owned())],
        upstreams: Vec::new(),
    };
    let config = Config::load(&sources).unwrap();
    assert_eq!(config.listen.port(), 3);
    let source = |name: &str| config.shown().iter().find(|value| value.name == name).unwrap().source.clone();
    assert_eq!(source("listen"), Source::Flag("--listen".to_owned()));
    assert_eq!(source("log"), Source::Environment("MEDIAKIT_LOG".to_owned()));
    assert_eq!(source("refresh_at"), Source::File(file.display().to_string()));
    assert_eq!(source("log_format"), Source::Default, "an empty variable counts as unset");
}

#[test]
fn the_file_can_be_named_by_a_variable_and_must_then_be_there() {
    let place = Place::new();
    let file = place.file("other.toml", "listen = \"127.0.0.1:5\"");
    assert_eq!(from_env(&[("MEDIAKIT_CONFIG", file.to_str().unwrap())]).unwrap().listen.port(), 5);
    let text = refusal(from_env(&[("MEDIAKIT_CONFIG", "/nowhere/kit.toml")]));
    assert!(text.contains("MEDIAKIT_CONFIG") && text.contains("/nowhere/kit.toml"), "{text}");
    let folder = place.0.path().to_str().unwrap();
    assert!(refusal(from_env(&[("MEDIAKIT_CONFIG", folder)])).contains("folder"));
}

#[test]
fn unknown_names_are_refused_with_the_nearest_known_one() {
    let variables = [
        ("MEDIAKIT_LISTN", "MEDIAKIT_LISTEN"),
        ("MEDIAKIT_DATADIR", "MEDIAKIT_DATA_DIR"),
        ("MEDIAKIT_PUBLICURL", "MEDIAKIT_PUBLIC_URL"),
        ("MEDIAKIT_SECRET_KEYFILE", "MEDIAKIT_SECRET_KEY_FILE"),
        ("MEDIAKIT_LOGFORMAT", "MEDIAKIT_LOG_FORMAT"),
        ("MEDIAKIT_UPSTREAM_TWICH_API", "MEDIAKIT_UPSTREAM_TWITCH_API"),
        ("MEDIAKIT_PORT", "MEDIAKIT_"),
    ];
    for (unknown, nearest) in variables {
        let text = refusal(from_env(&[(unknown, "127.0.0.1:1")]));
        assert!(text.contains(&format!("`{unknown}`")) && text.contains(&format!("Did you mean {nearest}")), "{text}");
    }
    for (content, unknown, nearest) in [
        ("listn = \"x\"", "`listn`", "Did you mean listen?"),
        ("[upstream]\ntwich_api = \"http://a\"", "`upstream.twich_api`", "Did you mean upstream.twitch_api?"),
        ("[upstreams]\ntwitch_api = \"http://a\"", "upstreams", ""),
    ] {
        let text = refusal(from_file(content));
        assert!(text.contains(unknown) && text.contains(nearest), "{text}");
    }
}

#[test]
fn variables_of_containers_and_of_the_test_suite_are_no_settings() {
    let foreign = [
        ("MEDIAKIT_SERVICE_HOST", "10.0.0.1"),
        ("MEDIAKIT_SERVICE_PORT", "80"),
        ("MEDIAKIT_SERVICE_PORT_HTTP", "80"),
        ("MEDIAKIT_PORT", "tcp://10.0.0.1:80"),
        ("MEDIAKIT_PORT_80_TCP_ADDR", "10.0.0.1"),
        ("MEDIAKIT_RECORDED", "../fixtures"),
        ("MEDIAKIT_TEST_POSTGRES", "postgres://"),
        ("UNRELATED", "x"),
    ];
    from_env(&foreign).unwrap();
}

#[test]
fn a_bad_value_is_answered_with_its_name_the_reason_and_what_is_allowed() {
    let cases: &[(&str, &[&str])] = &[
        ("MEDIAKIT_LISTEN", &["8080", "0.0.0.0", "host:80", "127.0.0.1:70000", "127.0.0.1:-1"]),
        (
            "MEDIAKIT_PUBLIC_URL",
            &["kit.example", "ftp://kit", "https://kit/path", "https://u:p@kit", "https://kit?x=1"],
        ),
        (
            "MEDIAKIT_DATABASE_URL",
            &["mysql://h/d", "sqlite:", "sqlite://", "sqlite::memory:", "kit.db", "postgres://["],
        ),
        ("MEDIAKIT_SECRET_KEY", &["short", "%%%", "AAAA"]),
        ("MEDIAKIT_REFRESH_AT", &["25:00", "3", "03:60", "03:0", "+3:00", "03:00:01", "daily"]),
        ("MEDIAKIT_ROTATION_OWNER", &["me", "Server"]),
        ("MEDIAKIT_OWNER_PASSWORD", &["   "]),
        ("MEDIAKIT_TRUSTED_PROXIES", &["proxy.local", "10.0.0.0/33", "1.2.3.4,", "*"]),
        ("MEDIAKIT_LOG", &["loud", "mediakit=[", "a=b=c"]),
        ("MEDIAKIT_LOG_FORMAT", &["xml"]),
        ("MEDIAKIT_META_API_VERSION", &["25.0", "v25", "vlatest.0", "v25.0/../x", "v25.0\n"]),
        ("MEDIAKIT_INSTAGRAM_PUBLIC", &["maybe", "2"]),
        ("MEDIAKIT_HTTP_TIMEOUT_SECS", &["0", "-1", "301", "20s", "1.5", "99999999999999999999"]),
        ("MEDIAKIT_UPSTREAM_TWITCH_API", &["http://h/helix", "http://h/?q", "h:9000", "http://u@h", "file:///etc"]),
        ("GITHUB_REPOSITORY", &["kit", "a/b/c", "a/ b", "../x", "/x"]),
        ("GITHUB_API_URL", &["api.github.com"]),
        ("MEDIAKIT_ALERT_WEBHOOK", &["kit.example/hook", "ftp://h/x", "https://u:p@h/x"]),
        (
            "MEDIAKIT_ALERT_EMAIL",
            &["me", "me@", "@kit", "a b@kit", "Me <me@kit>", "me@kit,you@kit", "me@kit\r\nBcc:x@y"],
        ),
        ("MEDIAKIT_SMTP_URL", &["mail.example", "http://h", "smtp://", "smtp://u@h", "smtp://:p@h", "smtp://u:12/3@h"]),
        ("MEDIAKIT_ALERT_NTFY", &["topic"]),
        ("MEDIAKIT_ALERT_LANG", &["fr", "de-DE"]),
    ];
    for (name, values) in cases {
        for value in *values {
            let loaded = from_env(&[(name, value)]);
            if *value == "v25.0\n" {
                assert!(loaded.is_ok(), "blanks around a value do not count");
                continue;
            }
            let text = refusal(loaded);
            assert!(
                text.contains(name) && text.contains("Erlaubt: ") && text.contains("Allowed: "),
                "{name}={value}: {text}"
            );
        }
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let error =
        from_env(&[("MEDIAKIT_LISTEN", "x"), ("MEDIAKIT_LOG_FORMAT", "y"), ("MEDIAKIT_WHAT", "z")]).unwrap_err();
    assert_eq!(error.problems.len(), 3);
}

#[test]
fn broken_toml_is_told_by_its_line_and_not_repeated() {
    let text = refusal(from_file("listen = \"127.0.0.1:1\"\nowner_password = canary-7731\n"));
    assert!(text.contains("line 2") && !text.contains("canary"), "{text}");
    let text = refusal(from_file("listen = { a = 1 }"));
    assert!(text.contains("listen"), "{text}");
}

#[test]
fn secrets_can_stand_in_files_of_their_own() {
    let place = Place::new();
    let key = place.file("key", &format!("{KEY}\n"));
    let password = place.file("password", " mit Leerzeichen \r\n");
    let variables = [
        ("MEDIAKIT_SECRET_KEY_FILE", key.to_str().unwrap()),
        ("MEDIAKIT_OWNER_PASSWORD_FILE", password.to_str().unwrap()),
    ];
    let config = from_env(&variables).unwrap();
    assert_eq!(config.secret_key.unwrap().expose()[0], 0);
    assert_eq!(config.owner_password.unwrap().expose_secret(), " mit Leerzeichen ");

    let both = [("MEDIAKIT_SECRET_KEY", KEY), ("MEDIAKIT_SECRET_KEY_FILE", key.to_str().unwrap())];
    let text = refusal(from_env(&both));
    assert!(text.contains("MEDIAKIT_SECRET_KEY and MEDIAKIT_SECRET_KEY_FILE"), "{text}");

    let text = refusal(from_env(&[("MEDIAKIT_OWNER_PASSWORD_FILE", "/nowhere/pw")]));
    assert!(text.contains("MEDIAKIT_OWNER_PASSWORD_FILE") && text.contains("/nowhere/pw"), "{text}");
    let empty = place.file("empty", "\n");
    let text = refusal(from_env(&[("MEDIAKIT_OWNER_PASSWORD_FILE", empty.to_str().unwrap())]));
    assert!(text.contains("MEDIAKIT_OWNER_PASSWORD_FILE"), "{text}");
}

#[test]
fn secrets_are_neither_shown_nor_repeated_nor_in_debug_output() {
    let canary = "canary-4417";
    let secret = [
        ("MEDIAKIT_OWNER_PASSWORD", canary.to_owned()),
        ("GITHUB_SECRETS_TOKEN", canary.to_owned()),
        ("GITHUB_TOKEN", canary.to_owned()),
        ("MEDIAKIT_SECRET_KEY", KEY.to_owned()),
        ("MEDIAKIT_ALERT_WEBHOOK", format!("https://hooks.example/{canary}?{canary}")),
        ("MEDIAKIT_ALERT_WEBHOOK_SECRET", canary.to_owned()),
        ("MEDIAKIT_ALERT_NTFY", format!("http://ntfy.lan:8080/{canary}")),
        ("MEDIAKIT_ALERT_NTFY_TOKEN", canary.to_owned()),
        ("MEDIAKIT_SMTP_URL", format!("smtp://{canary}:{canary}@mail.example:587")),
        ("MEDIAKIT_DATABASE_URL", format!("postgres://me:{canary}@db/kit?password={canary}")),
    ];
    let secret: Vec<(&str, &str)> = secret.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let config = from_env(&secret).unwrap();
    for text in [config.show(Lang::De), config.show(Lang::En), format!("{config:?}")] {
        assert!(!text.contains(canary) && !text.contains(&KEY[..12]), "{text}");
    }
    assert!(config.show(Lang::De).contains("owner_password = \"********\""));
    assert!(config.show(Lang::En).contains("environment MEDIAKIT_OWNER_PASSWORD"));
    assert!(config.show(Lang::En).contains("alert_ntfy = \"http://ntfy.lan:8080/********\""));
    assert!(config.show(Lang::En).contains("smtp_url = \"smtp://mail.example:587/********\""));
    for (name, value) in [
        ("MEDIAKIT_SECRET_KEY", canary),
        ("MEDIAKIT_DATABASE_URL", "mysql://me:canary-4417@db"),
        ("MEDIAKIT_PUBLIC_URL", "https://me:canary-4417@kit"),
        ("MEDIAKIT_ALERT_WEBHOOK", "https://me:canary-4417@hooks.example/canary-4417"),
        ("MEDIAKIT_SMTP_URL", "smtp://me:12/canary-4417@mail.example"),
        ("MEDIAKIT_UPSTREAM_X_API", "http://h/?token=canary-4417"),
    ] {
        let text = refusal(from_env(&[(name, value)]));
        assert!(!text.contains(canary), "{text}");
    }
}

#[test]
fn what_is_shown_and_the_printed_defaults_can_be_read_again() {
    let config =
        from_env(&[("MEDIAKIT_LOG_FORMAT", "json"), ("MEDIAKIT_UPSTREAM_X_API", "http://127.0.0.1:9")]).unwrap();
    let again = from_file(&config.show(Lang::En)).unwrap();
    assert_eq!(again.log_format, LogFormat::Json);
    assert_eq!(again.upstreams, config.upstreams);
    for lang in Lang::ALL {
        let text = default_toml(lang, &known_upstreams());
        from_file(&text).unwrap();
        let live: String = text.lines().map(|line| live(line) + "\n").collect();
        let config = from_file(&live).unwrap_or_else(|error| panic!("{error}\n{live}"));
        assert_eq!(config.upstreams.len(), known_upstreams().len());
    }
}

/// A line of the printed defaults with its setting switched on, unless it is one without a fixed value.
fn live(line: &str) -> String {
    match line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')) {
        Some(setting) if !setting.contains("= \"\"") => setting.to_owned(),
        _ => String::new(),
    }
}

#[test]
fn every_default_is_a_good_value() {
    for setting in SETTINGS {
        if let Usual::Value(value) = setting.usual {
            from_env(&[(setting.env, value)]).unwrap();
        }
    }
}

#[test]
fn the_public_address_follows_what_is_listened_on() {
    let config = from_env(&[("MEDIAKIT_LISTEN", "0.0.0.0:0")]).unwrap();
    for (bound, url) in [
        ("0.0.0.0:4000", "http://127.0.0.1:4000"),
        ("[::]:4000", "http://127.0.0.1:4000"),
        ("[::1]:4000", "http://[::1]:4000"),
        ("10.0.0.7:80", "http://10.0.0.7"),
    ] {
        assert_eq!(config.public_url(bound.parse().unwrap()), url);
    }
}

#[test]
fn the_documentation_is_what_the_program_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/config.md");
    let text = markdown(&known_upstreams());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == text, "docs/config.md is out of date: UPDATE=1 cargo nextest run the_documentation_is");
}
