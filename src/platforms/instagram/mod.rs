//! Instagram: the Graph API with the owner's token (Facebook Login or Instagram Login), and a public page that is
//! mostly closed and therefore off unless the operator asks for it.

mod account;
mod audience;
mod connect;
mod error;
mod graph;
mod insights;
mod public;
mod renewal;
pub mod tokens;
mod version;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

pub use account::{GraphUser, page_account, parse_media, parse_user};
pub use error::{Refusal, regain_wait, usage_percent};
pub use insights::{Insight, parse_insights};
pub use public::{PublicAccount, parse_page, parse_web_profile};
pub use version::meta_version_expiry;

use super::connect::Code;
use super::page::{Pasted, pasted};
use super::{
    About, Connect, Connected, CredentialKey, Credentials, FetchError, Grant, Platform, Settings, Standing, Upstream,
};
use crate::domain::demographics::Dimension;
use crate::domain::failure::FailureKind;
use crate::domain::metric::{MetricAbout, Unit};
use crate::domain::platform::Renewal;
use crate::domain::reading::Reading;
use crate::domain::text::Text;
use crate::outbound::{Call, Outbound};

/// Graph API of Facebook Login.
pub const FACEBOOK_GRAPH: Upstream = Upstream { name: "FACEBOOK_GRAPH", origin: "https://graph.facebook.com" };
/// Facebook's consent dialog.
pub const FACEBOOK_WEB: Upstream = Upstream { name: "FACEBOOK_WEB", origin: "https://www.facebook.com" };
/// Graph API of Instagram Login.
pub const INSTAGRAM_GRAPH: Upstream = Upstream { name: "INSTAGRAM_GRAPH", origin: "https://graph.instagram.com" };
/// Where Instagram Login trades a code for a token.
pub const INSTAGRAM_API: Upstream = Upstream { name: "INSTAGRAM_API", origin: "https://api.instagram.com" };
/// Instagram's site: consent dialog and public profiles.
pub const INSTAGRAM_WEB: Upstream = Upstream { name: "INSTAGRAM_WEB", origin: "https://www.instagram.com" };

/// The token of either login.
pub const ACCESS_TOKEN: CredentialKey = CredentialKey {
    name: "INSTAGRAM_ACCESS_TOKEN",
    aliases: &[],
    secret: true,
    required: true,
    help: Text::new(
        "Das Access Token: EAA… von Facebook Login oder IG… von Instagram Login.",
        "The access token: EAA… from Facebook Login or IG… from Instagram Login.",
    ),
};
/// The account's name.
pub const USERNAME: CredentialKey = CredentialKey {
    name: "INSTAGRAM_USERNAME",
    aliases: &[],
    secret: false,
    required: false,
    help: Text::new("Der Name des Kontos, ohne @.", "The account's name, without @."),
};
/// The Meta app's id.
pub const APP_ID: CredentialKey = CredentialKey {
    name: "INSTAGRAM_APP_ID",
    aliases: &[],
    secret: false,
    required: false,
    help: Text::new(
        "Die App-ID aus dem Dashboard von Meta; nur zum Verbinden und Erneuern nötig.",
        "The app id from Meta's dashboard; needed for connecting and renewing only.",
    ),
};
/// The Meta app's secret.
pub const APP_SECRET: CredentialKey = CredentialKey {
    name: "INSTAGRAM_APP_SECRET",
    aliases: &[],
    secret: true,
    required: false,
    help: Text::new(
        "Der App-Geheimcode aus dem Dashboard von Meta; nur zum Verbinden und Erneuern nötig.",
        "The app secret from Meta's dashboard; needed for connecting and renewing only.",
    ),
};
/// Which login the token came from, when its beginning doesn't say.
pub const LOGIN: CredentialKey = CredentialKey {
    name: "INSTAGRAM_LOGIN",
    aliases: &[],
    secret: false,
    required: false,
    help: Text::new(
        "facebook oder instagram; leer lassen, dann entscheidet der Anfang des Tokens.",
        "facebook or instagram; leave empty and the token's beginning decides.",
    ),
};

const REACH: Text = Text::new(
    "Wie viele verschiedene Konten deine Inhalte gesehen haben.",
    "How many different accounts saw your content.",
);
const VIEWS: Text = Text::new(
    "Wie oft deine Inhalte gesehen wurden, mehrfach vom selben Konto mitgezählt.",
    "How often your content was seen, several times by the same account included.",
);

static ABOUT: About = About {
    id: "instagram",
    name: "Instagram",
    audience: "followers",
    metrics: &[
        MetricAbout::count("followers", Text::new("Follower", "Followers")),
        MetricAbout::count("following", Text::new("Gefolgt", "Following")),
        MetricAbout::count("posts", Text::new("Beiträge", "Posts")),
        MetricAbout::count("verified", Text::new("Verifiziert", "Verified")).unit(Unit::YesNo),
        MetricAbout::count("engagement_rate", Text::new("Engagement-Rate", "Engagement rate")).unit(Unit::Percent),
        MetricAbout::count("reach_daily", Text::new("Reichweite am letzten Tag", "Reach on the last day"))
            .means(REACH)
            .private(),
        MetricAbout::count("impressions_daily", Text::new("Aufrufe in 24 Stunden", "Views in 24 hours"))
            .means(VIEWS)
            .private(),
        MetricAbout::count("profile_views", Text::new("Profilaufrufe in 24 Stunden", "Profile views in 24 hours"))
            .means(Text::new("Wie oft dein Profil geöffnet wurde.", "How often your profile was opened."))
            .private(),
        MetricAbout::count("reach_28d", Text::new("Reichweite in 28 Tagen", "Reach in 28 days")).means(REACH).private(),
        MetricAbout::count("views_28d", Text::new("Aufrufe in 28 Tagen", "Views in 28 days")).means(VIEWS).private(),
    ],
    demographics: &Dimension::ALL,
    handle_example: "@name",
    normalise,
    profile_url,
    credentials: &[ACCESS_TOKEN, USERNAME, APP_ID, APP_SECRET, LOGIN],
    upstreams: &[FACEBOOK_GRAPH, FACEBOOK_WEB, INSTAGRAM_GRAPH, INSTAGRAM_API, INSTAGRAM_WEB],
    min_interval_secs: 60 * 60,
    price: None,
    renewal: Some(Renewal {
        keys: &["INSTAGRAM_ACCESS_TOKEN"],
        youngest_secs: 24 * 60 * 60,
        needs: &["INSTAGRAM_ACCESS_TOKEN"],
        rotates: false,
    }),
    connects: connect::WAYS,
};

/// The platform.
#[derive(Clone, Debug)]
pub struct Instagram {
    version: String,
    public: bool,
}

impl Instagram {
    /// Instagram as the operator set it up.
    pub fn new(settings: &Settings) -> Self {
        Self { version: settings.meta_api_version.clone(), public: settings.instagram_public }
    }
}

#[async_trait]
impl Platform for Instagram {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    async fn fetch(&self, http: &Outbound, account: &Connected) -> Result<Reading, FetchError> {
        match account.credentials.get(&ACCESS_TOKEN) {
            Some(token) => {
                let login = Login::of(token, &account.credentials)?;
                graph::Graph { http, login, version: &self.version, token }.read(account).await
            }
            None if self.public => public::fetch(http, account).await,
            None => Err(FetchError::new(FailureKind::NotConfigured).because("INSTAGRAM_ACCESS_TOKEN is not set")),
        }
    }

    async fn renew(&self, http: &Outbound, credentials: &Credentials, now: Timestamp) -> Result<Grant, FetchError> {
        renewal::renew(http, &self.version, credentials, now).await
    }

    async fn check(&self, http: &Outbound, credentials: &Credentials, _: Timestamp) -> Result<Standing, FetchError> {
        renewal::check(http, &self.version, credentials).await
    }

    fn page_path(&self, way: &Connect) -> String {
        way.path.replace("{version}", &self.version)
    }

    async fn redeem(&self, http: &Outbound, code: &Code, now: Timestamp) -> Result<Grant, FetchError> {
        connect::redeem(http, &self.version, code, now).await
    }

    async fn whose(
        &self,
        http: &Outbound,
        credentials: &Credentials,
        wanted: Option<&str>,
        _: Timestamp,
    ) -> Result<Standing, FetchError> {
        connect::whose(http, &self.version, credentials, wanted).await
    }
}

/// Which of Meta's two logins a token belongs to; each has its own host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// Facebook Login: the account hangs on a Facebook Page.
    Facebook,
    /// Instagram Login: the account by itself.
    Instagram,
}

impl Login {
    /// What `INSTAGRAM_LOGIN` says, else what the token's beginning says; Facebook Login when neither does.
    ///
    /// # Errors
    /// `not_configured` when `INSTAGRAM_LOGIN` is neither `facebook` nor `instagram`.
    pub fn of(token: &SecretString, credentials: &Credentials) -> Result<Self, FetchError> {
        let told = token.expose_secret().get(..2);
        match credentials.plain(&LOGIN).unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "instagram" => Ok(Self::Instagram),
            "" if told == Some("IG") => Ok(Self::Instagram),
            "facebook" | "" => Ok(Self::Facebook),
            _ => Err(FetchError::new(FailureKind::NotConfigured)
                .because("INSTAGRAM_LOGIN must be facebook, instagram or empty")),
        }
    }

    /// The host of its Graph API.
    pub const fn upstream(self) -> Upstream {
        match self {
            Self::Facebook => FACEBOOK_GRAPH,
            Self::Instagram => INSTAGRAM_GRAPH,
        }
    }

    /// The permission that insights need.
    const fn insights_scope(self) -> &'static str {
        match self {
            Self::Facebook => "instagram_manage_insights",
            Self::Instagram => "instagram_business_manage_insights",
        }
    }
}

const HANDLE_HELP: Text = Text::new(
    "Das ist kein Instagram-Name. Er hat höchstens 30 Zeichen aus Buchstaben, Ziffern, Punkt und Unterstrich, zum Beispiel @mara.bikes. Du kannst auch die Adresse des Profils einfügen.",
    "This is not an Instagram name. It has at most 30 letters, digits, dots and underscores, for example @mara.bikes. You can paste the profile's address as well.",
);

/// Words that stand where a name stands in an address of the site.
const NOT_NAMES: [&str; 8] = ["p", "reel", "reels", "explore", "stories", "accounts", "tv", "direct"];

fn normalise(text: &str) -> Result<String, Text> {
    let name = match pasted(text, &["instagram.com", "instagr.am"]) {
        Pasted::Name(name) => name,
        Pasted::Path(path) => {
            path.into_iter().next().filter(|n| !NOT_NAMES.contains(&n.as_str())).ok_or(HANDLE_HELP)?
        }
        Pasted::Elsewhere => return Err(HANDLE_HELP),
    };
    let name = name.strip_prefix('@').unwrap_or(&name).to_ascii_lowercase();
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
    let dots = name.starts_with('.') || name.ends_with('.') || name.contains("..");
    if (1..=30).contains(&name.len()) && name.chars().all(allowed) && !dots { Ok(name) } else { Err(HANDLE_HELP) }
}

fn profile_url(handle: &str) -> String {
    format!("https://www.instagram.com/{}/", Call::segment(handle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_read_from_whatever_people_paste() {
        let good = [
            ("mara.bikes", "mara.bikes"),
            (" @Mara.Bikes ", "mara.bikes"),
            ("https://www.instagram.com/Mara.Bikes/?hl=de", "mara.bikes"),
            ("instagram.com/mara_bikes", "mara_bikes"),
            ("https://instagram.com/mara.bikes/reels/", "mara.bikes"),
            ("HTTPS://WWW.INSTAGRAM.COM/MARA", "mara"),
        ];
        for (text, handle) in good {
            assert_eq!(normalise(text), Ok(handle.to_owned()), "{text}");
        }
        let long = "x".repeat(31);
        let bad = [
            "",
            "@",
            "mara bikes",
            ".mara",
            "mara.",
            "ma..ra",
            "mära",
            "../../etc",
            "a/b",
            "mara\0",
            &long,
            "https://evil.example/mara",
            "https://instagram.com.evil.example/mara",
            "https://www.instagram.com/",
            "https://www.instagram.com/p/C1/",
            "javascript:alert(1)",
            "mara\u{202e}",
            "<script>",
            "a?b=c",
        ];
        for text in bad {
            assert!(normalise(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_login_is_told_from_the_setting_and_then_from_the_token() {
        let login = |token: &str, setting: Option<&str>| {
            let entries = setting.map(|value| ("INSTAGRAM_LOGIN".to_owned(), SecretString::from(value)));
            Login::of(&SecretString::from(token), &entries.into_iter().collect())
        };
        assert_eq!(login("EAAx", None).unwrap(), Login::Facebook);
        assert_eq!(login("IGQVx", None).unwrap(), Login::Instagram);
        assert_eq!(login("IGQVx", Some("Facebook")).unwrap(), Login::Facebook);
        assert_eq!(login("other", Some("")).unwrap(), Login::Facebook);
        assert_eq!(login("EAAx", Some("google")).unwrap_err().kind, FailureKind::NotConfigured);
    }
}
