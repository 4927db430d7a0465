//! What the owner chose in the panel: it stands between the defaults and what the operator set. Reading what was chosen
//! is not our part; here is only which settings can be chosen and what a choice does.

use super::settings::named;
use super::{Config, Kind, Shown, ShownValue, Source};
use crate::domain::text::Text;

/// Every setting that can be chosen in the panel.
pub const CHOSEN: [&str; 11] = [
    "refresh_at",
    "github_secrets_token",
    "github_repository",
    "alert_webhook",
    "alert_webhook_secret",
    "alert_email",
    "smtp_url",
    "alert_from",
    "alert_ntfy",
    "alert_ntfy_token",
    "alert_lang",
];

impl Config {
    /// Takes a value that was chosen in the panel. What the operator set stays, and so does all when the value is bad.
    pub fn choose(&mut self, name: &str, text: &str) -> Result<(), Text> {
        if self.is_operators(name) {
            return Ok(());
        }
        match name {
            "refresh_at" => self.refresh_at = Kind::parse(text)?,
            "github_secrets_token" => self.github.token = Kind::parse(text)?,
            "github_repository" => self.github.repository = Kind::parse(text)?,
            "alert_webhook" => self.alerts.webhook = Kind::parse(text)?,
            "alert_webhook_secret" => self.alerts.webhook_secret = Kind::parse(text)?,
            "alert_email" => self.alerts.email = Kind::parse(text)?,
            "smtp_url" => self.alerts.smtp = Kind::parse(text)?,
            "alert_from" => self.alerts.from = Kind::parse(text)?,
            "alert_ntfy" => self.alerts.ntfy = Kind::parse(text)?,
            "alert_ntfy_token" => self.alerts.ntfy_token = Kind::parse(text)?,
            "alert_lang" => self.alerts.lang = Kind::parse(text)?,
            _ => return Ok(()),
        }
        let (shown, kind) = (self.shown.iter_mut().find(|shown| shown.name == name), named(name).map(|set| set.kind));
        if let (Some(shown), Some(kind)) = (shown, kind) {
            shown.text = Some(kind.shown.mask(text));
            shown.source = Source::Panel;
        }
        Ok(())
    }

    /// Whether the operator set this in the file, the environment or by a flag.
    pub fn is_operators(&self, name: &str) -> bool {
        self.shown_value(name).is_some_and(|value| !matches!(value.source, Source::Default | Source::Panel))
    }

    /// A setting's value as it may be shown, with where it came from.
    pub fn shown_value(&self, name: &str) -> Option<&ShownValue> {
        self.shown.iter().find(|value| value.name == name)
    }
}

/// Whether a setting's value has to be sealed where it is kept.
pub fn is_sealed(name: &str) -> bool {
    named(name).is_none_or(|setting| setting.kind.shown != Shown::Plain)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::config::{RefreshAt, Sources};

    fn given(flags: Vec<(&'static str, String)>) -> Config {
        Config::load(&Sources { flags, ..Sources::default() }).unwrap()
    }

    #[test]
    fn a_choice_stands_above_the_default_and_below_the_operator() {
        let mut config = given(Vec::new());
        config.choose("refresh_at", "off").unwrap();
        assert_eq!((config.refresh_at, config.is_operators("refresh_at")), (RefreshAt::Off, false));
        assert_eq!(config.shown_value("refresh_at").unwrap().source, Source::Panel);
        assert!(config.choose("refresh_at", "25:00").is_err());
        assert_eq!(config.refresh_at, RefreshAt::Off, "a bad one changes nothing");

        let mut config = given(vec![("refresh_at", "05:00".to_owned())]);
        let before = config.refresh_at;
        config.choose("refresh_at", "off").unwrap();
        assert_eq!((config.refresh_at, config.is_operators("refresh_at")), (before, true));
    }

    #[test]
    fn every_setting_of_the_panel_can_be_chosen_and_its_secrets_are_masked() {
        let mut config = given(Vec::new());
        for name in CHOSEN {
            let text = match name {
                "refresh_at" => "04:30",
                "github_repository" => "mara/kit",
                "alert_webhook" | "alert_ntfy" => "https://hooks.example/CANARY",
                "alert_email" | "alert_from" => "me@kit.example",
                "smtp_url" => "smtps://me:CANARY@mail.example",
                "alert_lang" => "en",
                _ => "CANARY",
            };
            config.choose(name, text).unwrap();
            let shown = config.shown_value(name).unwrap();
            assert_eq!(shown.source, Source::Panel, "{name}");
            assert_eq!(is_sealed(name), text.contains("CANARY"), "{name}");
            assert!(!shown.text.as_ref().unwrap().contains("CANARY"), "{name}");
        }
        assert_eq!(config.github.token.unwrap().expose_secret(), "CANARY");
        assert!(!format!("{:?}", config.alerts).contains("CANARY"));
    }
}
