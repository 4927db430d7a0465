//! Twitch: followers and the live state of any channel, read with an app token that this file fetches and keeps in
//! memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value as Json;
use tokio::sync::Mutex;

use super::handle::Typed;
use super::{About, Connected, CredentialKey, Credentials, FetchError, Platform, Standing, Upstream, fields};
use crate::domain::failure::FailureKind;
use crate::domain::metric::{MetricAbout, Origin, Provenance, Unit};
use crate::domain::reading::{Note, PublicProfile, Reading, Reported};
use crate::domain::text::Text;
use crate::outbound::{Access, Call, Outbound};

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

static ABOUT: About = About {
    id: "twitch",
    name: "Twitch",
    audience: "followers",
    metrics: &[
        MetricAbout::count("followers", Text::new("Follower", "Followers")),
        MetricAbout::count("live", Text::new("Jetzt live", "Live now")).unit(Unit::YesNo),
        MetricAbout::count("viewers", Text::new("Zuschauer gerade", "Viewers right now")),
    ],
    handle_example: "@name",
    normalise,
    profile_url,
    credentials: &[CLIENT_ID, CLIENT_SECRET],
    upstreams: &[API, AUTH],
    min_interval_secs: 3_600,
    price: None,
    renewal: None,
};

/// A token is no longer used this long before it runs out.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// The client. It keeps one app token for as long as it lasts.
#[derive(Default)]
pub struct Twitch {
    /// The lock is held while a new token is fetched, so that one fetch serves all who wait.
    token: Mutex<Option<Arc<AppToken>>>,
}

/// An app token and whose it is.
struct AppToken {
    client_id: String,
    secret: SecretString,
    /// Without it the token is used until it is refused.
    expires_at: Option<Timestamp>,
}

#[async_trait]
impl Platform for Twitch {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    async fn fetch(&self, http: &Outbound, account: &Connected) -> Result<Reading, FetchError> {
        let client = Client::of(&account.credentials)?;
        let token = self.token(http, &client, account.now, None).await?;
        match (Helix { http, token: &token, now: account.now }).read(account).await {
            Err(error) if error.kind == FailureKind::AuthRevoked => {
                let token = self.token(http, &client, account.now, Some(&token)).await?;
                (Helix { http, token: &token, now: account.now }).read(account).await
            }
            outcome => outcome,
        }
    }

    /// The app token that a fetch would use: refused credentials show when it is asked for.
    async fn check(&self, http: &Outbound, credentials: &Credentials, now: Timestamp) -> Result<Standing, FetchError> {
        self.token(http, &Client::of(credentials)?, now, None).await.map(|_| Standing::default())
    }
}

impl Twitch {
    /// The kept token while it is good for this client, else a new one. `refused` is one that no longer works.
    async fn token(
        &self,
        http: &Outbound,
        client: &Client<'_>,
        now: Timestamp,
        refused: Option<&Arc<AppToken>>,
    ) -> Result<Arc<AppToken>, FetchError> {
        let mut kept = self.token.lock().await;
        let good = |token: &&Arc<AppToken>| {
            token.client_id == client.id
                && token.expires_at.is_none_or(|at| at > now)
                && !refused.is_some_and(|refused| Arc::ptr_eq(refused, token))
        };
        if let Some(token) = kept.as_ref().filter(good) {
            return Ok(Arc::clone(token));
        }
        let (secret, lasts) = client.exchange(http).await?;
        let expires_at = lasts.map(|lasts| now.checked_add(lasts - MARGIN).unwrap_or(Timestamp::MAX));
        let token = Arc::new(AppToken { client_id: client.id.to_owned(), secret, expires_at });
        *kept = Some(Arc::clone(&token));
        Ok(token)
    }
}

/// The application's own credentials.
struct Client<'a> {
    id: &'a str,
    secret: &'a SecretString,
}

impl<'a> Client<'a> {
    fn of(credentials: &'a Credentials) -> Result<Self, FetchError> {
        let unset = |key: &CredentialKey| {
            FetchError::new(FailureKind::NotConfigured).because(format!("{} is not set", key.name))
        };
        Ok(Self {
            id: credentials.plain(&CLIENT_ID).ok_or_else(|| unset(&CLIENT_ID))?,
            secret: credentials.get(&CLIENT_SECRET).ok_or_else(|| unset(&CLIENT_SECRET))?,
        })
    }

    /// <https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/#client-credentials-grant-flow>
    async fn exchange(&self, http: &Outbound) -> Result<(SecretString, Option<SignedDuration>), FetchError> {
        let form = [
            ("client_id", self.id),
            ("client_secret", self.secret.expose_secret()),
            ("grant_type", "client_credentials"),
        ];
        let answer = http.send(&Call::post(AUTH, "/oauth2/token").form(&form).once()).await?;
        if (200..300).contains(&answer.status) {
            return parse_token(&answer.json()?);
        }
        let refused = answer.json().ok().and_then(|body| token_refusal(&body));
        Err(refused.unwrap_or_else(|| answer.status_error(Access::Credentials)))
    }
}

/// A fresh token and how long it lasts, where the answer says so.
pub fn parse_token(json: &Json) -> Result<(SecretString, Option<SignedDuration>), FetchError> {
    let token = fields::id(json, "/access_token")?;
    let lasts = fields::optional_count(json, "/expires_in").map(SignedDuration::from_secs);
    Ok((token.into(), lasts))
}

/// What a refused token request says about the credentials.
pub fn token_refusal(json: &Json) -> Option<FetchError> {
    let message = fields::text(json, "/message")?;
    let detail = match message.as_str() {
        "invalid client" => "TWITCH_CLIENT_ID is not a known application",
        "invalid client secret" => "TWITCH_CLIENT_SECRET does not belong to TWITCH_CLIENT_ID",
        _ => return None,
    };
    Some(FetchError::new(FailureKind::AuthRevoked).because(detail))
}

/// Reads with one token.
struct Helix<'a> {
    http: &'a Outbound,
    token: &'a AppToken,
    now: Timestamp,
}

impl Helix<'_> {
    async fn read(&self, account: &Connected) -> Result<Reading, FetchError> {
        let (channel, followers, stream) = if let Some(id) = account.pinned_id.as_deref() {
            let (channel, followers, stream) =
                tokio::join!(self.channel("id", id), self.followers(id), self.stream(id));
            (channel?, followers?, stream)
        } else {
            let channel = self.channel("login", &account.handle).await?;
            let (followers, stream) = tokio::join!(self.followers(&channel.id), self.stream(&channel.id));
            (channel, followers?, stream)
        };
        fields::confirm_id(account.pinned_id.as_deref(), &channel.id)?;
        if account.pinned_id.is_none() && !channel.profile.username.eq_ignore_ascii_case(&account.handle) {
            return Err(FailureKind::AccountMismatch.into());
        }
        reading(channel, followers, stream)
    }

    /// <https://dev.twitch.tv/docs/api/reference/#get-users>
    async fn channel(&self, by: &str, value: &str) -> Result<Channel, FetchError> {
        parse_channel(&self.get("/helix/users", &[(by, value)]).await?)
    }

    /// <https://dev.twitch.tv/docs/api/reference/#get-channel-followers>; an app token gets the total only.
    async fn followers(&self, id: &str) -> Result<i64, FetchError> {
        parse_followers(&self.get("/helix/channels/followers", &[("broadcaster_id", id), ("first", "1")]).await?)
    }

    /// <https://dev.twitch.tv/docs/api/reference/#get-streams>
    async fn stream(&self, id: &str) -> Result<Stream, FetchError> {
        parse_stream(&self.get("/helix/streams", &[("user_id", id)]).await?, id)
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Json, FetchError> {
        let call = Call::get(API, path).header("client-id", &self.token.client_id).bearer(&self.token.secret);
        let call = query.iter().fold(call, |call, (name, value)| call.query(name, *value));
        let answer = self.http.send(&call).await?;
        if (200..300).contains(&answer.status) {
            return answer.json();
        }
        let error = answer.status_error(Access::Credentials).because(format!("status {} of {path}", answer.status));
        let wait = error.wait.or_else(|| fields::wait_until_unix(answer.header("ratelimit-reset"), self.now));
        Err(if error.kind == FailureKind::RateLimited { error.wait(wait) } else { error })
    }
}

/// A channel: its id and what it shows of itself.
pub struct Channel {
    /// Twitch's id, digits.
    pub id: String,
    /// Name, picture and text.
    pub profile: PublicProfile,
}

/// Whether a channel is live, and how many watch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    /// Live right now.
    pub live: bool,
    /// People watching; absent when nobody can be, or when Twitch does not say.
    pub viewers: Option<i64>,
}

/// The one channel that was asked for. `view_count` is dead and ignored.
pub fn parse_channel(json: &Json) -> Result<Channel, FetchError> {
    rows(json)?.first().ok_or(FailureKind::NotFound)?;
    let login = fields::id(json, "/data/0/login")?;
    let profile = PublicProfile {
        name: fields::text(json, "/data/0/display_name"),
        avatar: fields::web_address(json, "/data/0/profile_image_url"),
        bio: fields::text(json, "/data/0/description"),
        url: Some(profile_url(&login)),
        username: login,
    };
    Ok(Channel { id: fields::id(json, "/data/0/id")?, profile })
}

/// The follower total.
pub fn parse_followers(json: &Json) -> Result<i64, FetchError> {
    fields::count(json, "/total")
}

/// The stream of the channel `id`; no row means offline.
pub fn parse_stream(json: &Json, id: &str) -> Result<Stream, FetchError> {
    if rows(json)?.is_empty() {
        return Ok(Stream::default());
    }
    fields::confirm_id(Some(id), &fields::id(json, "/data/0/user_id")?)?;
    if fields::text(json, "/data/0/type").as_deref() != Some("live") {
        return Err(FetchError::new(FailureKind::Schema).because("/data/0/type is not live"));
    }
    Ok(Stream { live: true, viewers: fields::optional_count(json, "/data/0/viewer_count") })
}

fn rows(json: &Json) -> Result<&Vec<Json>, FetchError> {
    let rows = fields::at(json, "/data").and_then(Json::as_array);
    rows.ok_or_else(|| FetchError::new(FailureKind::Schema).because("/data is not a list"))
}

/// Followers make the reading; the live state may be missing, unless its failure concerns the token or a pause.
fn reading(channel: Channel, followers: i64, stream: Result<Stream, FetchError>) -> Result<Reading, FetchError> {
    let mut numbers = BTreeMap::from([("followers", Reported::exact(followers))]);
    let (mut notes, mut gone) = (Vec::new(), Vec::new());
    match stream {
        Ok(stream) => {
            numbers.insert("live", Reported::flag(stream.live));
            match stream.viewers {
                Some(viewers) => drop(numbers.insert("viewers", Reported::exact(viewers))),
                None => gone.push("viewers"),
            }
        }
        Err(error) if matches!(error.kind, FailureKind::AuthRevoked | FailureKind::RateLimited) => return Err(error),
        Err(error) => notes.push(Note { part: "live".to_owned(), kind: error.kind, detail: error.detail }),
    }
    Ok(Reading {
        account_id: channel.id,
        profile: channel.profile,
        origin: Origin {
            source: "Twitch Helix API".to_owned(),
            provenance: Provenance::PublicApi,
            api_version: None,
            api_version_answered: None,
        },
        numbers,
        posts: Vec::new(),
        notes,
        gone,
        usage_percent: None,
    })
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
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

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

    #[test]
    fn an_unknown_login_is_not_found_and_a_broken_answer_is_no_number() {
        let kind = |body| parse_channel(&body).err().map(|e| e.kind);
        assert_eq!(kind(json!({ "data": [] })), Some(FailureKind::NotFound));
        assert_eq!(kind(json!({ "data": null })), Some(FailureKind::Schema));
        assert_eq!(kind(json!([])), Some(FailureKind::Schema));
        assert_eq!(kind(json!({ "data": [{ "login": "mara" }] })), Some(FailureKind::Schema));
        for total in [json!(null), json!(-1), json!(true), json!({})] {
            assert!(parse_followers(&json!({ "total": total, "data": [] })).is_err(), "{total}");
        }
    }

    #[test]
    fn nobody_watches_an_offline_channel_and_that_is_not_zero() {
        assert_eq!(parse_stream(&json!({ "data": [] }), "33"), Ok(Stream { live: false, viewers: None }));
        let row = |kind, viewers: Json| json!({ "data": [{ "user_id": "33", "type": kind, "viewer_count": viewers }] });
        assert_eq!(parse_stream(&row("live", json!(312)), "33"), Ok(Stream { live: true, viewers: Some(312) }));
        assert_eq!(parse_stream(&row("live", Json::Null), "33"), Ok(Stream { live: true, viewers: None }));
        assert_eq!(parse_stream(&row("live", json!(1)), "34").unwrap_err().kind, FailureKind::AccountMismatch);
        assert_eq!(parse_stream(&row("", json!(1)), "33").unwrap_err().kind, FailureKind::Schema);
    }

    #[test]
    fn a_failed_live_state_leaves_the_followers() {
        let channel = || parse_channel(&json!({ "data": [{ "id": "33", "login": "mara" }] })).unwrap();
        let kept = reading(channel(), 41_230, Err(FailureKind::Upstream.into())).unwrap();
        assert_eq!(kept.numbers.keys().copied().collect::<Vec<_>>(), ["followers"]);
        assert_eq!(kept.notes[0].part, "live");
        assert!(reading(channel(), 41_230, Err(FailureKind::RateLimited.into())).is_err());
    }

    #[test]
    fn a_refused_token_request_names_the_wrong_key() {
        let detail = |message| token_refusal(&json!({ "status": 400, "message": message })).and_then(|e| e.detail);
        assert!(detail("invalid client").unwrap().contains("TWITCH_CLIENT_ID"));
        assert!(detail("invalid client secret").unwrap().starts_with("TWITCH_CLIENT_SECRET"));
        assert_eq!(detail("try later"), None);
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
