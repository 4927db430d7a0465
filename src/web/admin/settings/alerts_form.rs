//! The form of the alerts: from settings to fields and back. A mail server is one setting and several fields.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use secrecy::SecretString;
use url::Url;

use crate::config::{Config, EmailAddress, Kind, SecretUrl, SmtpUrl, is_sealed};
use crate::domain::text::{Lang, Text};
use crate::store::Choice;
use crate::web::admin::form::Form;

pub(super) const TOPIC: &str = "alerts";
/// Fields that are never shown again.
pub(super) const SECRETS: [&str; 5] = ["webhook", "webhook-key", "ntfy", "ntfy-token", "password"];

const NO_ADDRESS: Text = Text::new("Gib auch die Adresse ein.", "Enter the address too.");
const NO_SERVER: Text = Text::new(
    "Gib den Mailserver an, oder lass die Adresse der Empfängerin oder des Empfängers leer.",
    "Enter the mail server, or leave the recipient's address empty.",
);
const NO_RECIPIENT: Text = Text::new(
    "Gib an, an wen Warnungen gehen, oder lass den Mailserver leer.",
    "Enter who gets alerts, or leave the mail server empty.",
);
const BAD_HOST: Text = Text::new(
    "Gib nur den Namen des Servers an, zum Beispiel mail.example.",
    "Enter the server's name only, for example mail.example.",
);
const BAD_PORT: Text = Text::new("Ein Port ist eine Zahl von 1 bis 65535.", "A port is a number from 1 to 65535.");
const PASSWORD_AGAIN: Text = Text::new(
    "Gib das Passwort noch einmal ein: Es geht sonst an einen anderen Server oder für einen anderen Nutzer.",
    "Enter the password again: otherwise it would go to another server or for another user.",
);
const NO_USER: Text = Text::new("Gib auch den Nutzer an.", "Enter the user too.");

/// The fields as the settings are; nothing secret is among them.
pub(super) fn filled(config: &Config) -> Form {
    let mut form = Form::default();
    form.set("lang", config.alerts.lang.tag());
    let mail = |address: &Option<EmailAddress>| address.as_ref().map_or_else(String::new, |address| address.0.clone());
    form.set("email", mail(&config.alerts.email));
    form.set("from", mail(&config.alerts.from));
    form.set("security", "smtps");
    if let Some(smtp) = &config.alerts.smtp {
        let url = smtp.expose();
        form.set("security", url.scheme());
        form.set("host", url.host_str().unwrap_or_default());
        form.set("port", url.port().map_or_else(String::new, |port| port.to_string()));
        form.set("user", decoded(url.username()));
    }
    form
}

/// What becomes of the settings, with what is wrong beside its field. What the operator decided is left out.
pub(super) fn read(form: &mut Form, config: &Config) -> Vec<Choice> {
    let mut choices = vec![choice("alert_lang", Lang::from_tag(form.value("lang")).map(|lang| lang.tag().to_owned()))];
    let webhook = config.alerts.webhook.is_some();
    choices.extend(secret_address(
        form,
        ["webhook", "webhook-key"],
        ["alert_webhook", "alert_webhook_secret"],
        webhook,
    ));
    let ntfy = config.alerts.ntfy.is_some();
    choices.extend(secret_address(form, ["ntfy", "ntfy-token"], ["alert_ntfy", "alert_ntfy_token"], ntfy));
    let email = address(form, "email");
    let from = address(form, "from");
    let server = if config.is_operators("smtp_url") { None } else { server(form, config) };
    let (has_server, has_recipient) = (
        config.is_operators("smtp_url") || form.text("host").is_some(),
        config.is_operators("alert_email") || form.text("email").is_some(),
    );
    if has_recipient && !has_server {
        form.refuse("host", NO_SERVER);
    }
    if !has_recipient && form.text("host").is_some() {
        form.refuse("email", NO_RECIPIENT);
    }
    choices.extend([choice("alert_email", email), choice("alert_from", from), choice("smtp_url", server)]);
    choices.retain(|choice| !config.is_operators(choice.name));
    choices
}

fn choice(name: &'static str, value: Option<String>) -> Choice {
    Choice { name, value: value.map(SecretString::from), sealed: is_sealed(name) }
}

/// An address that is a secret itself, with the secret that goes there. A new address takes the secret beside it and
/// none from before; both empty keep what is there.
fn secret_address(
    form: &mut Form,
    [address, secret]: [&str; 2],
    [address_setting, secret_setting]: [&'static str; 2],
    is_set: bool,
) -> Vec<Choice> {
    let (typed, key) = (form.text(address).map(str::to_owned), form.text(secret).map(str::to_owned));
    if form.has(&format!("{address}-remove"), "yes") {
        return vec![choice(address_setting, None), choice(secret_setting, None)];
    }
    match (typed, key) {
        (Some(typed), key) => {
            let good = SecretUrl::parse(&typed).map_err(sentence);
            form.take(address, good);
            vec![choice(address_setting, Some(typed)), choice(secret_setting, key)]
        }
        (None, Some(_)) if !is_set => {
            form.refuse(address, NO_ADDRESS);
            Vec::new()
        }
        (None, Some(key)) => vec![choice(secret_setting, Some(key))],
        (None, None) => Vec::new(),
    }
}

/// What `SecretUrl` finds wrong, as a sentence with the next step.
fn sentence(_: Text) -> Text {
    Text::new(
        "Das ist keine Adresse. Sie beginnt mit https:// oder http:// und enthält keine Zugangsdaten.",
        "This is no address. It begins with https:// or http:// and holds no credentials.",
    )
}

fn address(form: &mut Form, name: &str) -> Option<String> {
    let typed = form.text(name)?.to_owned();
    let wrong = Text::new(
        "Das ist keine E-Mail-Adresse. Schreib sie wie ich@kit.example.",
        "This is no e-mail address. Write it like me@kit.example.",
    );
    form.take(name, EmailAddress::parse(&typed).map_err(|_| wrong)).map(|address| address.0)
}

/// The mail server's address from its fields.
fn server(form: &mut Form, config: &Config) -> Option<String> {
    let host = form.text("host")?.to_owned();
    let scheme = if form.value("security") == "smtp" { "smtp" } else { "smtps" };
    let port = match form.text("port").map(str::parse::<u16>) {
        None => String::new(),
        Some(Ok(port @ 1..)) => format!(":{port}"),
        Some(_) => {
            form.refuse("port", BAD_PORT);
            return None;
        }
    };
    let bare = form.take("host", SmtpUrl::parse(&format!("{scheme}://{host}{port}")).map_err(|_| BAD_HOST))?;
    if !bare.expose().username().is_empty() {
        form.refuse("host", BAD_HOST);
        return None;
    }
    let (user, password) = (form.text("user").map(str::to_owned), form.value("password").to_owned());
    let Some(user) = user else {
        if !password.is_empty() {
            form.refuse("user", NO_USER);
        }
        return Some(bare.expose().to_string());
    };
    let password = if password.is_empty() { kept_password(config, bare.expose(), &user) } else { Some(password) };
    let Some(password) = password else {
        form.refuse("password", PASSWORD_AGAIN);
        return None;
    };
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let rest = bare.expose().as_str().strip_prefix(&format!("{scheme}://"))?.to_owned();
    Some(format!("{scheme}://{}:{}@{rest}", encoded(&user), encoded(&password)))
}

/// The password from before, when it would go to the same server for the same user.
fn kept_password(config: &Config, server: &Url, user: &str) -> Option<String> {
    let before = config.alerts.smtp.as_ref()?.expose();
    let same = before.scheme() == server.scheme() && before.host() == server.host() && before.port() == server.port();
    (same && decoded(before.username()) == user).then(|| decoded(before.password().unwrap_or_default()))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;

    fn config(smtp: &str) -> Config {
        let mut config = Config::load(&Sources::default()).unwrap();
        config.choose("smtp_url", smtp).unwrap();
        config
    }

    fn form(fields: &[(&str, &str)]) -> Form {
        let mut form = Form::default();
        for (name, value) in fields {
            form.set(name, *value);
        }
        form
    }

    #[test]
    fn a_password_stays_with_its_server_and_user() {
        let before = config("smtps://mara%40kit:p%25w%40@mail.example:4650");
        let shown = filled(&before);
        assert_eq!((shown.value("user"), shown.value("port"), shown.value("password")), ("mara@kit", "4650", ""));
        let same = [("host", "mail.example"), ("port", "4650"), ("security", "smtps"), ("user", "mara@kit")];
        let url = server(&mut form(&same), &before).unwrap();
        assert_eq!(url, "smtps://mara%40kit:p%25w%40@mail.example:4650");
        for (name, value) in [("host", "evil.example"), ("port", "1"), ("security", "smtp"), ("user", "eve")] {
            let mut changed = form(&same);
            changed.set(name, value);
            assert_eq!(server(&mut changed, &before), None, "{name}");
            assert!(changed.error("password", &Lang::En).is_some(), "{name}");
        }
    }

    #[test]
    fn a_host_is_a_name_and_nothing_else() {
        let none = Config::load(&Sources::default()).unwrap();
        for host in ["mail.example/x", "a@b", "smtps://mail.example", "ma il", "u:p@host"] {
            let mut typed = form(&[("host", host), ("security", "smtps")]);
            assert_eq!(server(&mut typed, &none), None, "{host}");
        }
        let url = server(&mut form(&[("host", "[::1]"), ("security", "smtp"), ("port", "25")]), &none);
        assert_eq!(url.as_deref(), Some("smtp://[::1]:25"));
    }
}
