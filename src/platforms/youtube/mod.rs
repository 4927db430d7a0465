//! YouTube: the Data API with the owner's token or with a key; without either the channel page. Views and likes of the
//! newest videos come from the channel's feed, who watches from the Analytics API with the owner's token.

mod analytics;
mod api;
mod channel_page;
mod connect;
mod feed;
mod renewal;

use async_trait::async_trait;
use jiff::Timestamp;

use analytics::Audience;
use api::Caller;
pub use api::{ApiChannel, parse_channels, refusal};
pub use channel_page::{PageChannel, parse_browse, parse_channel_page};
pub use feed::parse_feed;

use super::connect::Code;
use super::page::{Pasted, pasted};
use super::{About, Connected, CredentialKey, Credentials, FetchError, Grant, Platform, Renewal, Standing, Upstream};
use crate::domain::demographics::Dimension;
use crate::domain::engagement;
use crate::domain::failure::FailureKind;
use crate::domain::metric::{MetricAbout, Origin, Provenance, Unit};
use crate::domain::reading::Reading;
use crate::domain::reading::{Note, Post, Reported};
use crate::domain::text::Text;
use crate::outbound::{Call, Outbound};

/// The Data API.
pub const YOUTUBE_API: Upstream = Upstream { name: "YOUTUBE_API", origin: "https://www.googleapis.com" };
/// The Analytics API.
pub const YOUTUBE_ANALYTICS: Upstream =
    Upstream { name: "YOUTUBE_ANALYTICS", origin: "https://youtubeanalytics.googleapis.com" };
/// The site: channel pages and feeds.
pub const YOUTUBE_WEB: Upstream = Upstream { name: "YOUTUBE_WEB", origin: "https://www.youtube.com" };
/// Google's token service.
pub const GOOGLE_OAUTH: Upstream = Upstream { name: "GOOGLE_OAUTH", origin: "https://oauth2.googleapis.com" };

/// The key of the Data API.
pub const API_KEY: CredentialKey = CredentialKey {
    name: "YOUTUBE_API_KEY",
    aliases: &[],
    secret: true,
    required: false,
    help: Text::new(
        "Ein API-Schlüssel aus der Google Cloud Console, beschränkt auf die YouTube Data API v3.",
        "An API key from the Google Cloud console, restricted to the YouTube Data API v3.",
    ),
};
/// The owner's token; it lives for an hour.
pub const ACCESS_TOKEN: CredentialKey = CredentialKey {
    name: "YOUTUBE_ACCESS_TOKEN",
    aliases: &[],
    secret: true,
    required: false,
    help: Text::new(
        "Das Access Token (ya29.…) deines eigenen Kanals. Es gilt eine Stunde und wird von selbst erneuert.",
        "The access token (ya29.…) of your own channel. It lasts an hour and is renewed by itself.",
    ),
};
/// The token that renews the other.
pub const REFRESH_TOKEN: CredentialKey = CredentialKey {
    name: "YOUTUBE_REFRESH_TOKEN",
    aliases: &[],
    secret: true,
    required: false,
    help: Text::new(
        "Das Refresh Token (1//…), mit dem das Access Token erneuert wird.",
        "The refresh token (1//…) that renews the access token.",
    ),
};
/// The OAuth client's id.
pub const CLIENT_ID: CredentialKey = CredentialKey {
    name: "YOUTUBE_CLIENT_ID",
    aliases: &[],
    secret: false,
    required: false,
    help: Text::new(
        "Die Client-ID deines OAuth-Clients aus der Google Cloud Console.",
        "The client ID of your OAuth client from the Google Cloud console.",
    ),
};
/// The OAuth client's secret.
pub const CLIENT_SECRET: CredentialKey = CredentialKey {
    name: "YOUTUBE_CLIENT_SECRET",
    aliases: &[],
    secret: true,
    required: false,
    help: Text::new("Der Clientschlüssel desselben OAuth-Clients.", "The client secret of the same OAuth client."),
};

static ABOUT: About = About {
    id: "youtube",
    name: "YouTube",
    audience: "subscribers",
    metrics: &[
        MetricAbout::count("subscribers", Text::new("Abonnenten", "Subscribers")),
        MetricAbout::count("videos", Text::new("Videos", "Videos")),
        MetricAbout::count("views", Text::new("Aufrufe", "Views")),
        MetricAbout::count("engagement_rate", Text::new("Engagement-Rate", "Engagement rate")).unit(Unit::Percent),
        MetricAbout::count("average_views", Text::new("Aufrufe pro Video", "Views per video")),
    ],
    demographics: &Dimension::ALL,
    handle_example: "@name",
    normalise,
    profile_url,
    credentials: &[API_KEY, ACCESS_TOKEN, REFRESH_TOKEN, CLIENT_ID, CLIENT_SECRET],
    upstreams: &[YOUTUBE_API, YOUTUBE_ANALYTICS, YOUTUBE_WEB, GOOGLE_OAUTH],
    min_interval_secs: 60 * 60,
    price: None,
    renewal: Some(Renewal {
        keys: &["YOUTUBE_ACCESS_TOKEN", "YOUTUBE_REFRESH_TOKEN"],
        youngest_secs: 0,
        needs: &["YOUTUBE_REFRESH_TOKEN", "YOUTUBE_CLIENT_ID", "YOUTUBE_CLIENT_SECRET"],
        rotates: false,
    }),
    connects: &connect::WAYS,
};

/// The platform.
#[derive(Clone, Copy, Debug, Default)]
pub struct YouTube;

#[async_trait]
impl Platform for YouTube {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    async fn fetch(&self, http: &Outbound, account: &Connected) -> Result<Reading, FetchError> {
        let channel = known_channel(account);
        let main = numbers(http, account, channel);
        let audience = async { Ok(audience(http, account).await) };
        let (mut reading, videos, audience) = if let Some(channel) = channel {
            tokio::try_join!(main, async { Ok(feed::fetch(http, channel).await) }, audience)?
        } else {
            // The feed wants the channel's id, which the first fetch of a handle has yet to learn: once, one call more
            // in turn.
            let (reading, audience) = tokio::try_join!(main, audience)?;
            let videos = feed::fetch(http, &reading.account_id).await;
            (reading, videos, audience)
        };
        // The token's channel is the one that was asked for only when the token answered for it.
        if reading.origin.provenance == Provenance::OwnerAuthorised {
            reading.breakdowns = audience.breakdowns;
            reading.notes.extend(audience.notes);
        }
        match videos {
            Ok(posts) => with_videos(&mut reading, posts, account),
            Err(error) => reading.notes.extend(["engagement_rate", "average_views"].map(|part| Note {
                part: part.to_owned(),
                kind: error.kind,
                detail: error.detail.clone(),
            })),
        }
        Ok(reading)
    }

    async fn redeem(&self, http: &Outbound, code: &Code, now: Timestamp) -> Result<Grant, FetchError> {
        connect::redeem(http, code, now).await
    }

    async fn renew(&self, http: &Outbound, credentials: &Credentials, now: Timestamp) -> Result<Grant, FetchError> {
        renewal::renew(http, credentials, now).await
    }

    async fn check(&self, http: &Outbound, credentials: &Credentials, now: Timestamp) -> Result<Standing, FetchError> {
        if let Some(token) = credentials.get(&ACCESS_TOKEN) {
            let own = api::own_channel(http, token, now).await?;
            let (account_id, handle) = own.map(|channel| (channel.id, channel.handle)).unzip();
            return Ok(Standing { account_id, handle: handle.flatten(), ..Standing::default() });
        }
        match credentials.get(&API_KEY) {
            _ if credentials.get(&REFRESH_TOKEN).is_some() => Err(no_token_yet()),
            Some(key) => api::check(http, key, now).await.map(|()| Standing::default()),
            None => Ok(Standing::default()),
        }
    }
}

/// The channel's numbers: with the owner's token, with the key, from the page. A token that no longer works leaves
/// the key.
async fn numbers(http: &Outbound, account: &Connected, channel: Option<&str>) -> Result<Reading, FetchError> {
    let of = |key: &CredentialKey| account.credentials.get(key);
    if let Some(token) = of(&ACCESS_TOKEN) {
        let read = api::fetch(http, account, channel, Caller::Owner(token)).await;
        let is_over = |error: &FetchError| matches!(error.kind, FailureKind::AuthExpired | FailureKind::AuthRevoked);
        if of(&API_KEY).is_none() || !read.as_ref().is_err_and(is_over) {
            return read;
        }
    }
    match of(&API_KEY) {
        Some(key) => api::fetch(http, account, channel, Caller::Key(key)).await,
        None if of(&REFRESH_TOKEN).is_some() => Err(no_token_yet()),
        None => channel_page::fetch(http, account, channel).await,
    }
}

/// Who watches the token's channel; nothing without a token.
async fn audience(http: &Outbound, account: &Connected) -> Audience {
    match account.credentials.get(&ACCESS_TOKEN) {
        Some(token) => analytics::fetch(http, token, account.now).await,
        None => Audience::default(),
    }
}

/// A refresh token alone: the other one has yet to be had with it.
fn no_token_yet() -> FetchError {
    FetchError::new(FailureKind::AuthExpired).because("there is no access token yet")
}

/// The channel's id, when it is pinned or is the handle itself.
fn known_channel(account: &Connected) -> Option<&str> {
    account.pinned_id.as_deref().or_else(|| Some(account.handle.as_str()).filter(|handle| is_channel_id(handle)))
}

/// Adds what the feed tells, with its own origin.
fn with_videos(reading: &mut Reading, posts: Vec<Post>, account: &Connected) {
    let origin = Origin {
        source: "YouTube feed".to_owned(),
        provenance: Provenance::PublicPage,
        api_version: None,
        api_version_answered: None,
    };
    let own = |reported: Reported| Reported { origin: Some(origin.clone()), ..reported };
    let rate = engagement::likes_by_views(&posts, account.now).map(|rate| ("engagement_rate", own(rate)));
    let mean = engagement::average_views(&posts, account.now).map(|mean| ("average_views", own(mean)));
    reading.numbers.extend(rate.into_iter().chain(mean));
    reading.posts = posts;
}

/// Subscribers as YouTube gives them: three significant figures from 1000 on, every digit below.
fn subscribers(n: i64) -> Reported {
    if n < 1000 { Reported::exact(n) } else { Reported::rounded(n) }
}

const HANDLE_HELP: Text = Text::new(
    "Das ist kein YouTube-Handle. Es hat 3 bis 30 Buchstaben, Ziffern, Punkte, Binde- und Unterstriche, zum Beispiel @marabikes. Du kannst auch die Adresse des Kanals einfügen.",
    "This is not a YouTube handle. It has 3 to 30 letters, digits, dots, hyphens and underscores, for example @marabikes. You can paste the channel's address as well.",
);

fn normalise(text: &str) -> Result<String, Text> {
    let name = match pasted(text, &["youtube.com"]) {
        Pasted::Name(name) => name,
        Pasted::Path(path) => {
            let mut parts = path.iter().map(String::as_str);
            match (parts.next(), parts.next()) {
                (Some("channel"), Some(id)) if is_channel_id(id) => id.to_owned(),
                (Some("c"), Some(name)) => name.to_owned(),
                (Some(name), _) if name.starts_with('@') => name.trim_start_matches('@').to_owned(),
                _ => return Err(HANDLE_HELP),
            }
        }
        Pasted::Elsewhere => return Err(HANDLE_HELP),
    };
    if is_channel_id(&name) {
        return Ok(name);
    }
    let name = name.to_lowercase();
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '·');
    let good = (3..=30).contains(&name.chars().count()) && name.chars().all(allowed);
    if good && name.contains(char::is_alphanumeric) { Ok(name) } else { Err(HANDLE_HELP) }
}

/// Whether a text is a channel's id: `UC` and 22 more, in which upper and lower case differ.
fn is_channel_id(text: &str) -> bool {
    let tail = text.strip_prefix("UC").unwrap_or_default();
    tail.len() == 22 && tail.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

fn profile_url(handle: &str) -> String {
    format!("https://www.youtube.com{}", path_of(handle))
}

/// The path of a channel's page.
fn path_of(handle: &str) -> String {
    if is_channel_id(handle) { format!("/channel/{handle}") } else { format!("/@{}", Call::segment(handle)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_read_from_whatever_people_paste() {
        let id = "UCsXVk37bltHxD1rDPwtNM8Q";
        let good = [
            ("@MaraBikes", "marabikes"),
            ("https://www.youtube.com/@MaraBikes/videos?view=0", "marabikes"),
            ("youtube.com/c/MaraBikes", "marabikes"),
            ("https://m.youtube.com/channel/UCsXVk37bltHxD1rDPwtNM8Q", id),
            (id, id),
            ("https://www.youtube.com/@m%C3%A4ra", "mära"),
            ("mara-bikes.1", "mara-bikes.1"),
        ];
        for (text, handle) in good {
            assert_eq!(normalise(text), Ok(handle.to_owned()), "{text}");
        }
        let long = "x".repeat(31);
        let bad = [
            "",
            "@",
            "ab",
            "...",
            "mara bikes",
            "a/b/c",
            &long,
            "https://www.youtube.com/watch?v=x",
            "https://www.youtube.com/channel/UCshort",
            "https://www.youtube.com/user/mara",
            "https://evil.example/@mara",
            "https://youtube.com.evil.example/@mara",
            "mara\u{202e}",
            "mara\0",
            "<script>",
            "https://www.youtube.com/@a%2Fb%2Fc",
        ];
        for text in bad {
            assert!(normalise(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_channel_is_addressed_by_handle_or_id() {
        assert_eq!(profile_url("marabikes"), "https://www.youtube.com/@marabikes");
        assert_eq!(profile_url("UCsXVk37bltHxD1rDPwtNM8Q"), "https://www.youtube.com/channel/UCsXVk37bltHxD1rDPwtNM8Q");
        assert_eq!(profile_url("mära"), "https://www.youtube.com/@m%C3%A4ra");
    }
}
