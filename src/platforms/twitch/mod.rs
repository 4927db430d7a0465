//! Twitch: followers and the live state of any channel with an app token; with the owner's token the subscribers too.

mod app;
mod connect;
mod helix;

use async_trait::async_trait;
use jiff::Timestamp;

use app::{AppTokens, Client};
pub use app::{parse_token, token_refusal};
pub use connect::{Holder, parse_holder};
use helix::Helix;
pub use helix::{Channel, Stream, parse_channel, parse_stream, parse_total};

use super::connect::Code;
use super::handle::Typed;
use super::{About, Connected, CredentialKey, Credentials, FetchError, Grant, Platform, Renewal, Standing, Upstream};
use crate::domain::failure::FailureKind;
use crate::domain::metric::{MetricAbout, Unit};
use crate::domain::reading::Reading;
use crate::domain::text::Text;
use crate::outbound::Outbound;

const API: Upstream = Upstream { name: "TWITCH_API", origin: "https://api.twitch.tv" };
const AUTH: Upstream = Upstream { name: "TWITCH_AUTH", origin: "https://id.twitch.tv" };

const CLIENT_ID: CredentialKey = CredentialKey {
    name: "TWITCH_CLIENT_ID",
    aliases: &[],
    secret: false,
    required: true,
    help: Text::new(
        "Client-ID deiner Anwendung, aus https://dev.twitch.tv/console/apps",
        "Client ID of your application, from https://dev.twitch.tv/console/apps",
    ),
};
const CLIENT_SECRET: CredentialKey = CredentialKey {
    name: "TWITCH_CLIENT_SECRET",
    aliases: &[],
    secret: true,
    required: true,
    help: Text::new(
        "Client-Geheimnis derselben Anwendung (dort „Neues Geheimnis“)",
        "Client secret of the same application (\"New Secret\" there)",
    ),
};

/// The owner's token; it lives for hours.
const ACCESS_TOKEN: CredentialKey = CredentialKey {
    name: "TWITCH_ACCESS_TOKEN",
    aliases: &[],
    secret: true,
    required: false,
    help: Text::new(
        "Access Token deines eigenen Kanals, für die Abonnenten. Es gilt Stunden und wird von selbst erneuert.",
        "Access token of your own channel, for its subscribers. It lasts hours and is renewed by itself.",
    ),
};
/// The token that renews the other.
const REFRESH_TOKEN: CredentialKey = CredentialKey {
    name: "TWITCH_REFRESH_TOKEN",
    aliases: &[],
    secret: true,
    required: false,
    help: Text::new(
        "Refresh Token, mit dem das Access Token erneuert wird.",
        "Refresh token that renews the access token.",
    ),
};

static ABOUT: About = About {
    id: "twitch",
    name: "Twitch",
    audience: "followers",
    metrics: &[
        MetricAbout::count("followers", Text::new("Follower", "Followers")),
        MetricAbout::count("live", Text::new("Jetzt live", "Live now")).unit(Unit::YesNo),
        MetricAbout::count("viewers", Text::new("Zuschauer gerade", "Viewers right now")),
        MetricAbout::count("subscribers", Text::new("Abonnenten", "Subscribers")),
    ],
    demographics: &[],
    handle_example: "@name",
    normalise,
    profile_url,
    credentials: &[CLIENT_ID, CLIENT_SECRET, ACCESS_TOKEN, REFRESH_TOKEN],
    upstreams: &[API, AUTH],
    min_interval_secs: 3_600,
    price: None,
    renewal: Some(Renewal {
        keys: &["TWITCH_ACCESS_TOKEN", "TWITCH_REFRESH_TOKEN"],
        youngest_secs: 0,
        needs: &["TWITCH_REFRESH_TOKEN", "TWITCH_CLIENT_ID", "TWITCH_CLIENT_SECRET"],
        rotates: false,
    }),
    connects: &connect::WAYS,
};

/// The client. It keeps one app token for as long as it lasts.
#[derive(Default)]
pub struct Twitch {
    app: AppTokens,
}

#[async_trait]
impl Platform for Twitch {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    /// With the owner's token their own channel. A token that no longer works, or is another channel's, leaves the app's.
    async fn fetch(&self, http: &Outbound, account: &Connected) -> Result<Reading, FetchError> {
        let client = Client::of(&account.credentials)?;
        if let Some(token) = account.credentials.get(&ACCESS_TOKEN) {
            match connect::holder(http, token).await {
                Ok(own) if own.is(account) => {
                    return (Helix { http, client_id: client.id, token, now: account.now }).read_own(&own).await;
                }
                Ok(_) => {}
                Err(error) if error.kind == FailureKind::AuthRevoked => {}
                Err(error) => return Err(error),
            }
        }
        let token = self.app.token(http, &client, account.now, None).await?;
        let helix = |token| Helix { http, client_id: client.id, token, now: account.now };
        match helix(&token.secret).read(account).await {
            Err(error) if error.kind == FailureKind::AuthRevoked => {
                let token = self.app.token(http, &client, account.now, Some(&token)).await?;
                helix(&token.secret).read(account).await
            }
            outcome => outcome,
        }
    }

    async fn redeem(&self, http: &Outbound, code: &Code, now: Timestamp) -> Result<Grant, FetchError> {
        connect::redeem(http, code, now).await
    }

    async fn renew(&self, http: &Outbound, credentials: &Credentials, now: Timestamp) -> Result<Grant, FetchError> {
        connect::renew(http, credentials, now).await
    }

    /// Whose the owner's token is. Without one, the app token that a fetch would use: refused credentials show when it
    /// is asked for.
    async fn check(&self, http: &Outbound, credentials: &Credentials, now: Timestamp) -> Result<Standing, FetchError> {
        if let Some(token) = credentials.get(&ACCESS_TOKEN) {
            return Ok(connect::holder(http, token).await?.standing(now));
        }
        if credentials.get(&REFRESH_TOKEN).is_some() {
            return Err(FetchError::new(FailureKind::AuthExpired).because("there is no access token yet"));
        }
        self.app.token(http, &Client::of(credentials)?, now, None).await.map(|_| Standing::default())
    }
}

fn normalise(raw: &str) -> Result<String, Text> {
    const REFUSED: Text = Text::new(
        "Gib deinen Twitch-Namen ein, zum Beispiel @name oder https://www.twitch.tv/name: Buchstaben, Ziffern und _, höchstens 25 Zeichen.",
        "Enter your Twitch name, for example @name or https://www.twitch.tv/name: letters, digits and _, at most 25 characters.",
    );
    /// Addresses on the site that are no channels.
    const PAGES: [&str; 6] = ["directory", "downloads", "search", "settings", "turbo", "videos"];
    let typed = Typed::read(raw).ok_or(REFUSED)?;
    let name = typed.name_on(&["twitch.tv"]).ok_or(REFUSED)?.to_ascii_lowercase();
    let fit = (1..=25).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if fit && !PAGES.contains(&name.as_str()) { Ok(name) } else { Err(REFUSED) }
}

fn profile_url(handle: &str) -> String {
    format!("https://www.twitch.tv/{handle}")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use jiff::SignedDuration;
    use secrecy::SecretString;
    use serde_json::json;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use url::Url;

    use super::*;

    #[test]
    fn a_handle_is_read_from_what_people_type() {
        for raw in ["marabikes", "@MaraBikes", " https://www.twitch.tv/marabikes?sr=a ", "m.twitch.tv/marabikes/about"]
        {
            assert_eq!(normalise(raw), Ok("marabikes".to_owned()), "{raw}");
        }
        let long = "a".repeat(10_240);
        let hostile = ["", "@", "a b", "mara.bikes", "mära", "../users", "ma\0ra", "https://youtube.com/@mara", &long];
        for raw in
            hostile.into_iter().chain(["twitch.tv/directory/all", "https://twitch.tv", "abcdefghijklmnopqrstuvwxyz"])
        {
            assert!(normalise(raw).is_err(), "{raw:?}");
        }
    }

    /// A Twitch that hands out `token-1`, `token-2`, … and takes only those from `good_from` on.
    struct Fake {
        http: Outbound,
        tokens: Arc<AtomicUsize>,
    }

    impl Fake {
        async fn start(good_from: usize) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let origin = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
            let tokens = Arc::new(AtomicUsize::new(0));
            let issued = Arc::clone(&tokens);
            tokio::spawn(async move {
                while let Ok((mut stream, _)) = listener.accept().await {
                    let issued = Arc::clone(&issued);
                    tokio::spawn(async move {
                        let mut buffer = [0; 4096];
                        let read = stream.read(&mut buffer).await.unwrap();
                        let (status, body) = answer(&String::from_utf8_lossy(&buffer[..read]), good_from, &issued);
                        let head =
                            format!("HTTP/1.1 {status} .\r\ncontent-length: {}\r\nconnection: close", body.len());
                        stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).await.unwrap();
                    });
                }
            });
            let overrides = [API, AUTH].map(|upstream| (upstream.name.to_owned(), origin.clone())).into();
            Self { http: Outbound::new(Duration::from_secs(5), overrides), tokens }
        }

        fn issued(&self) -> usize {
            self.tokens.load(Ordering::SeqCst)
        }
    }

    fn answer(request: &str, good_from: usize, issued: &AtomicUsize) -> (u16, String) {
        let path = request.split([' ', '?']).nth(1).unwrap();
        let token = request.split("token-").nth(1).and_then(|rest| rest.split('\r').next()?.parse::<usize>().ok());
        let body = match path {
            "/oauth2/token" => {
                json!({ "access_token": format!("token-{}", issued.fetch_add(1, Ordering::SeqCst) + 1), "expires_in": 3600 })
            }
            _ if token.is_none_or(|token| token < good_from) => return (401, "{}".to_owned()),
            "/helix/users" => json!({ "data": [{ "id": "33", "login": "mara" }] }),
            "/helix/channels/followers" => json!({ "total": 41_230, "data": [] }),
            _ => json!({ "data": [] }),
        };
        (200, body.to_string())
    }

    fn account(client_id: &str, pinned_id: Option<&str>) -> Connected {
        let credentials = [("TWITCH_CLIENT_ID", client_id), ("TWITCH_CLIENT_SECRET", "synthetic")];
        Connected {
            handle: "mara".to_owned(),
            pinned_id: pinned_id.map(str::to_owned),
            credentials: credentials
                .map(|(key, value)| (key.to_owned(), SecretString::from(value)))
                .into_iter()
                .collect(),
            now: "2026-11-22T03:00:00Z".parse().unwrap(),
        }
    }

    #[tokio::test]
    async fn one_token_serves_everybody_until_the_client_changes_or_it_runs_out() {
        let (fake, twitch) = (Fake::start(1).await, Twitch::default());
        let (first, second) = (account("one", None), account("one", Some("33")));
        let (a, b) = tokio::join!(twitch.fetch(&fake.http, &first), twitch.fetch(&fake.http, &second));
        assert_eq!(a.unwrap().numbers, b.unwrap().numbers);
        assert_eq!(fake.issued(), 1);
        let mut later = account("two", Some("33"));
        twitch.fetch(&fake.http, &later).await.unwrap();
        assert_eq!(fake.issued(), 2);
        later.now += SignedDuration::from_mins(56);
        twitch.fetch(&fake.http, &later).await.unwrap();
        assert_eq!(fake.issued(), 3);
    }

    #[tokio::test]
    async fn a_refused_token_is_replaced_once() {
        let (fake, twitch) = (Fake::start(2).await, Twitch::default());
        let reading = twitch.fetch(&fake.http, &account("one", None)).await.unwrap();
        assert_eq!((reading.numbers["followers"].value.count(), fake.issued()), (Some(41_230), 2));
        let (fake, twitch) = (Fake::start(9).await, Twitch::default());
        let error = twitch.fetch(&fake.http, &account("one", Some("33"))).await.unwrap_err();
        assert_eq!((error.kind, fake.issued()), (FailureKind::AuthRevoked, 2));
    }

    #[tokio::test]
    async fn another_account_and_missing_keys_are_refused() {
        let (fake, twitch) = (Fake::start(1).await, Twitch::default());
        let error = twitch.fetch(&fake.http, &account("one", Some("34"))).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::AccountMismatch);
        let unset = Connected { credentials: Credentials::default(), ..account("one", None) };
        assert_eq!(twitch.fetch(&fake.http, &unset).await.unwrap_err().kind, FailureKind::NotConfigured);
    }
}
