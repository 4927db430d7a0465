//! TikTok: the Display API with the owner's token; without credentials the public embed and, when that is shut, the
//! profile page.

mod api;
mod connect;
mod embed;
mod renewal;
pub mod tokens;

use async_trait::async_trait;
use jiff::Timestamp;

pub use api::{ApiUser, parse_api_user, parse_api_videos, refusal};
pub use embed::{PublicAccount, parse_embed, parse_profile_page, parse_user_detail};

use super::connect::Code;
use super::page::{Pasted, pasted};
use super::{About, Connected, CredentialKey, Credentials, FetchError, Grant, Platform, Standing, Upstream};
use crate::domain::metric::{MetricAbout, Unit};
use crate::domain::platform::Renewal;
use crate::domain::reading::Reading;
use crate::domain::text::Text;
use crate::outbound::{Call, Outbound};

/// The Display API and its token service.
pub const TIKTOK_API: Upstream = Upstream { name: "TIKTOK_API", origin: "https://open.tiktokapis.com" };
/// The site: consent page, embeds, profiles.
pub const TIKTOK_WEB: Upstream = Upstream { name: "TIKTOK_WEB", origin: "https://www.tiktok.com" };

/// The token; it lives for hours.
pub const ACCESS_TOKEN: CredentialKey = CredentialKey {
    name: "TIKTOK_ACCESS_TOKEN",
    aliases: &[],
    secret: true,
    required: true,
    help: Text::new(
        "Das Access Token (act.…). Es läuft nach Stunden ab und wird mit dem Refresh Token erneuert.",
        "The access token (act.…). It runs out within hours and is renewed with the refresh token.",
    ),
};
/// The token that renews the other; each works once.
pub const REFRESH_TOKEN: CredentialKey = CredentialKey {
    name: "TIKTOK_REFRESH_TOKEN",
    aliases: &[],
    secret: true,
    required: false,
    help: Text::new(
        "Das Refresh Token (rft.…). Jedes gilt nur einmal; benutze es an keiner zweiten Stelle.",
        "The refresh token (rft.…). Each works once; use it nowhere else.",
    ),
};
/// The app's key.
pub const CLIENT_KEY: CredentialKey = CredentialKey {
    name: "TIKTOK_CLIENT_KEY",
    aliases: &["TIKTOK_APP_ID"],
    secret: false,
    required: false,
    help: Text::new(
        "Der Client Key deiner App bei developers.tiktok.com.",
        "Your app's client key at developers.tiktok.com.",
    ),
};
/// The app's secret.
pub const CLIENT_SECRET: CredentialKey = CredentialKey {
    name: "TIKTOK_CLIENT_SECRET",
    aliases: &["TIKTOK_APP_SECRET"],
    secret: true,
    required: false,
    help: Text::new(
        "Das Client Secret deiner App bei developers.tiktok.com.",
        "Your app's client secret at developers.tiktok.com.",
    ),
};
/// The account's name.
pub const USERNAME: CredentialKey = CredentialKey {
    name: "TIKTOK_USERNAME",
    aliases: &[],
    secret: false,
    required: false,
    help: Text::new("Der Name des Kontos, ohne @.", "The account's name, without @."),
};

static ABOUT: About = About {
    id: "tiktok",
    name: "TikTok",
    audience: "followers",
    metrics: &[
        MetricAbout::count("followers", Text::new("Follower", "Followers")),
        MetricAbout::count("following", Text::new("Gefolgt", "Following")),
        MetricAbout::count("likes", Text::new("Likes", "Likes")),
        MetricAbout::count("videos", Text::new("Videos", "Videos")),
        MetricAbout::count("verified", Text::new("Verifiziert", "Verified")).unit(Unit::YesNo),
        MetricAbout::count("engagement_rate", Text::new("Engagement-Rate", "Engagement rate")).unit(Unit::Percent),
        MetricAbout::count("average_views", Text::new("Aufrufe pro Video", "Views per video")),
    ],
    demographics: &[],
    handle_example: "@name",
    normalise,
    profile_url,
    credentials: &[ACCESS_TOKEN, REFRESH_TOKEN, CLIENT_KEY, CLIENT_SECRET, USERNAME],
    upstreams: &[TIKTOK_API, TIKTOK_WEB],
    min_interval_secs: 60 * 60,
    price: None,
    renewal: Some(Renewal {
        keys: &["TIKTOK_ACCESS_TOKEN", "TIKTOK_REFRESH_TOKEN"],
        youngest_secs: 0,
        needs: &["TIKTOK_REFRESH_TOKEN", "TIKTOK_CLIENT_KEY", "TIKTOK_CLIENT_SECRET"],
        rotates: true,
    }),
    connects: &connect::WAYS,
};

/// The platform.
#[derive(Clone, Copy, Debug, Default)]
pub struct TikTok;

#[async_trait]
impl Platform for TikTok {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    async fn fetch(&self, http: &Outbound, account: &Connected) -> Result<Reading, FetchError> {
        match account.credentials.get(&ACCESS_TOKEN) {
            Some(token) => api::fetch(http, account, token).await,
            None => embed::fetch(http, account).await,
        }
    }

    async fn redeem(&self, http: &Outbound, code: &Code, now: Timestamp) -> Result<Grant, FetchError> {
        connect::redeem(http, code, now).await
    }

    async fn whose(
        &self,
        http: &Outbound,
        credentials: &Credentials,
        _: Option<&str>,
        _: Timestamp,
    ) -> Result<Standing, FetchError> {
        connect::whose(http, credentials).await
    }

    async fn renew(&self, http: &Outbound, credentials: &Credentials, now: Timestamp) -> Result<Grant, FetchError> {
        renewal::renew(http, credentials, now).await
    }

    async fn check(&self, http: &Outbound, credentials: &Credentials, _: Timestamp) -> Result<Standing, FetchError> {
        renewal::check(http, credentials).await
    }
}

const HANDLE_HELP: Text = Text::new(
    "Das ist kein TikTok-Name. Er hat 2 bis 24 Zeichen aus Buchstaben, Ziffern, Punkt und Unterstrich, zum Beispiel @mara.bikes. Du kannst auch die Adresse des Profils einfügen.",
    "This is not a TikTok name. It has 2 to 24 letters, digits, dots and underscores, for example @mara.bikes. You can paste the profile's address as well.",
);

fn normalise(text: &str) -> Result<String, Text> {
    let name = match pasted(text, &["tiktok.com"]) {
        Pasted::Name(name) => name,
        Pasted::Path(path) => {
            let name = path.iter().find_map(|part| part.strip_prefix('@'));
            name.ok_or(HANDLE_HELP)?.to_owned()
        }
        Pasted::Elsewhere => return Err(HANDLE_HELP),
    };
    let name = name.to_ascii_lowercase();
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
    let good = (2..=24).contains(&name.len()) && name.chars().all(allowed) && !name.ends_with('.');
    if good && name.contains(|c| c != '.') { Ok(name) } else { Err(HANDLE_HELP) }
}

fn profile_url(handle: &str) -> String {
    format!("https://www.tiktok.com/@{}", Call::segment(handle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_read_from_whatever_people_paste() {
        let good = [
            ("mara.bikes", "mara.bikes"),
            ("@Mara_1", "mara_1"),
            ("https://www.tiktok.com/@mara.bikes?lang=de-DE", "mara.bikes"),
            ("tiktok.com/@mara.bikes/video/7440000000000000001", "mara.bikes"),
            ("https://www.tiktok.com/embed/@mara.bikes", "mara.bikes"),
        ];
        for (text, handle) in good {
            assert_eq!(normalise(text), Ok(handle.to_owned()), "{text}");
        }
        let long = "x".repeat(25);
        let bad = [
            "",
            "@",
            "a",
            "mara.",
            "..",
            "mara bikes",
            "mära",
            "a/b",
            "ma-ra",
            &long,
            "https://www.tiktok.com/foryou",
            "https://evil.example/@mara",
            "https://tiktok.com.evil.example/@mara",
            "\u{202e}mara",
            "mara\0",
            "<b>",
            "@a@b",
        ];
        for text in bad {
            assert!(normalise(text).is_err(), "{text:?}");
        }
        assert_eq!(profile_url("mara.bikes"), "https://www.tiktok.com/@mara.bikes");
    }
}
