//! X: followers and posts of any account with the app's token; with the owner's token the rates of their newest posts
//! too. Every read is billed, so it is opt-in: without a token nothing is asked, and the refresh holds it to the budget
//! declared here.

mod connect;
mod posts;
mod user;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;

pub use posts::parse_posts;
pub use user::{parse, problem};

use super::connect::Code;
use super::handle::Typed;
use super::{About, Connected, CredentialKey, Credentials, FetchError, Grant, Platform, Renewal, Standing, Upstream};
use super::{fields, page};
use crate::domain::failure::FailureKind;
use crate::domain::metric::{MetricAbout, Unit};
use crate::domain::platform::Price;
use crate::domain::reading::Reading;
use crate::domain::text::Text;
use crate::outbound::{Call, Outbound};

const API: Upstream = Upstream { name: "X_API", origin: "https://api.x.com" };

const BEARER_TOKEN: CredentialKey = CredentialKey {
    name: "X_BEARER_TOKEN",
    aliases: &[],
    secret: true,
    required: false,
    help: Text::new(
        "Bearer-Token deiner App, aus https://console.x.com; jeder Abruf kostet Geld",
        "Bearer token of your app, from https://console.x.com; every read costs money",
    ),
};
/// The owner's token; it lives for two hours.
const ACCESS_TOKEN: CredentialKey = CredentialKey {
    name: "X_ACCESS_TOKEN",
    aliases: &[],
    secret: true,
    required: false,
    help: Text::new(
        "Access Token deines eigenen Kontos, für Engagement-Rate und Aufrufe. Es gilt zwei Stunden und wird von selbst erneuert.",
        "Access token of your own account, for engagement rate and views. It lasts two hours and is renewed by itself.",
    ),
};
/// The token that renews the other; each works once.
const REFRESH_TOKEN: CredentialKey = CredentialKey {
    name: "X_REFRESH_TOKEN",
    aliases: &[],
    secret: true,
    required: false,
    help: Text::new(
        "Refresh Token dazu. Jedes gilt nur einmal; benutze es an keiner zweiten Stelle.",
        "Its refresh token. Each works once; use it nowhere else.",
    ),
};
const CLIENT_ID: CredentialKey = CredentialKey {
    name: "X_CLIENT_ID",
    aliases: &[],
    secret: false,
    required: false,
    help: Text::new(
        "Client-ID (OAuth 2.0) deiner App, aus https://console.x.com",
        "Client ID (OAuth 2.0) of your app, from https://console.x.com",
    ),
};
const CLIENT_SECRET: CredentialKey = CredentialKey {
    name: "X_CLIENT_SECRET",
    aliases: &[],
    secret: true,
    required: false,
    help: Text::new("Client Secret (OAuth 2.0) derselben App", "Client secret (OAuth 2.0) of the same app"),
};
static BUDGET: CredentialKey = CredentialKey {
    name: "X_MONTHLY_BUDGET_USD",
    aliases: &[],
    secret: false,
    required: false,
    help: Text::new(
        "Höchstens so viele US-Dollar im Monat für X (ohne Angabe 1.00)",
        "At most this many US dollars a month for X (1.00 when unset)",
    ),
};

static ABOUT: About = About {
    id: "x",
    name: "X",
    audience: "followers",
    metrics: &[
        MetricAbout::count("followers", Text::new("Follower", "Followers")),
        MetricAbout::count("following", Text::new("Folgt", "Following")),
        MetricAbout::count("posts", Text::new("Posts", "Posts")),
        MetricAbout::count("listed", Text::new("In Listen", "Listed")),
        MetricAbout::count("verified", Text::new("Verifiziert", "Verified")).unit(Unit::YesNo),
        MetricAbout::count("engagement_rate", Text::new("Engagement-Rate", "Engagement rate")).unit(Unit::Percent),
        MetricAbout::count("average_views", Text::new("Aufrufe pro Post", "Views per post")),
    ],
    demographics: &[],
    handle_example: "@name",
    normalise,
    profile_url,
    credentials: &[BEARER_TOKEN, ACCESS_TOKEN, REFRESH_TOKEN, CLIENT_ID, CLIENT_SECRET, BUDGET],
    upstreams: &[API],
    min_interval_secs: 72_000,
    price: Some(Price { micro_usd_per_fetch: price, budget: &BUDGET, default_micro_usd: 1_000_000 }),
    renewal: Some(Renewal {
        keys: &["X_ACCESS_TOKEN", "X_REFRESH_TOKEN"],
        youngest_secs: 0,
        needs: &["X_REFRESH_TOKEN", "X_CLIENT_ID", "X_CLIENT_SECRET"],
        rotates: true,
    }),
    connects: &connect::WAYS,
};

/// 0.010 USD per user; with the owner's token 0.001 for each of their own posts besides, see
/// <https://docs.x.com/x-api/getting-started/pricing>. In millionths.
fn price(credentials: &Credentials) -> i64 {
    if credentials.get(&ACCESS_TOKEN).is_some() { 10_000 + posts::MOST * 1_000 } else { 10_000 }
}

const USER_FIELDS: &str = "created_at,description,profile_image_url,protected,public_metrics,verified,verified_type";

/// The client.
pub struct X;

#[async_trait]
impl Platform for X {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    /// With the owner's token their own account. A token that no longer works, or is another account's, leaves the app's.
    async fn fetch(&self, http: &Outbound, account: &Connected) -> Result<Reading, FetchError> {
        let app = account.credentials.get(&BEARER_TOKEN);
        if let Some(token) = account.credentials.get(&ACCESS_TOKEN) {
            let read = own(http, account, token).await;
            let is_over = |error: &FetchError| {
                matches!(error.kind, FailureKind::AuthExpired | FailureKind::AuthRevoked | FailureKind::AccountMismatch)
            };
            if app.is_none() || !read.as_ref().is_err_and(is_over) {
                return read;
            }
        }
        match app {
            Some(token) => any(http, account, token).await,
            None if account.credentials.get(&REFRESH_TOKEN).is_some() => Err(no_token_yet()),
            None => Err(FetchError::new(FailureKind::NotConfigured)
                .because("X bills every read; it stays off until it is connected or X_BEARER_TOKEN is set")),
        }
    }

    async fn redeem(&self, http: &Outbound, code: &Code, now: Timestamp) -> Result<Grant, FetchError> {
        connect::redeem(http, code, now).await
    }

    async fn renew(&self, http: &Outbound, credentials: &Credentials, now: Timestamp) -> Result<Grant, FetchError> {
        connect::renew(http, credentials, now).await
    }

    async fn whose(
        &self,
        http: &Outbound,
        credentials: &Credentials,
        _: Option<&str>,
        now: Timestamp,
    ) -> Result<Standing, FetchError> {
        match credentials.get(&ACCESS_TOKEN) {
            Some(token) => connect::whose(http, token, now).await,
            None => self.check(http, credentials, now).await,
        }
    }

    /// Never billed; an app's token is not asked about.
    async fn check(&self, http: &Outbound, credentials: &Credentials, now: Timestamp) -> Result<Standing, FetchError> {
        if let Some(token) = credentials.get(&ACCESS_TOKEN) {
            return connect::check(http, token, now).await;
        }
        if credentials.get(&REFRESH_TOKEN).is_some() { Err(no_token_yet()) } else { Ok(Standing::default()) }
    }
}

/// The owner's account: who it is comes first, for posts are asked for by its id.
/// <https://docs.x.com/x-api/users/get-my-user>
async fn own(http: &Outbound, account: &Connected, token: &SecretString) -> Result<Reading, FetchError> {
    let mut reading = connect::me(http, token, account.now, USER_FIELDS).await?;
    page::settled(account, &reading.account_id, Some(&reading.profile.username))?;
    let read = posts::fetch(http, token, &reading.account_id, account.now).await;
    posts::add(&mut reading, read, account.now);
    Ok(reading)
}

/// <https://docs.x.com/x-api/users/get-user-by-username> the first time, and from then on
/// <https://docs.x.com/x-api/users/get-user-by-id>, which outlives a change of name.
async fn any(http: &Outbound, account: &Connected, token: &SecretString) -> Result<Reading, FetchError> {
    let path = match &account.pinned_id {
        Some(id) => format!("/2/users/{}", Call::segment(id)),
        None => format!("/2/users/by/username/{}", Call::segment(&account.handle)),
    };
    let call = Call::get(API, path).bearer(token).query("user.fields", USER_FIELDS);
    let reading = parse(&user::accepted(&http.send(&call).await?, account.now)?)?;
    fields::confirm_id(account.pinned_id.as_deref(), &reading.account_id)?;
    if account.pinned_id.is_none() && !reading.profile.username.eq_ignore_ascii_case(&account.handle) {
        return Err(FailureKind::AccountMismatch.into());
    }
    Ok(reading)
}

/// A refresh token alone: the other one has yet to be had with it.
fn no_token_yet() -> FetchError {
    FetchError::new(FailureKind::AuthExpired).because("there is no access token yet")
}

fn normalise(raw: &str) -> Result<String, Text> {
    const REFUSED: Text = Text::new(
        "Gib deinen Namen bei X ein, zum Beispiel @name oder https://x.com/name: Buchstaben, Ziffern und _, höchstens 15 Zeichen.",
        "Enter your name on X, for example @name or https://x.com/name: letters, digits and _, at most 15 characters.",
    );
    /// Addresses on the site that are no accounts.
    const PAGES: [&str; 9] = ["compose", "explore", "hashtag", "home", "i", "intent", "messages", "search", "settings"];
    let typed = Typed::read(raw).ok_or(REFUSED)?;
    let name = typed.name_on(&["x.com", "twitter.com"]).ok_or(REFUSED)?;
    let fit = (1..=15).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let page = PAGES.iter().any(|page| page.eq_ignore_ascii_case(name));
    if fit && !page { Ok(name.to_owned()) } else { Err(REFUSED) }
}

fn profile_url(handle: &str) -> String {
    format!("https://x.com/{handle}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_read_from_what_people_type() {
        for raw in ["MaraBikes", "@MaraBikes", "https://x.com/MaraBikes?s=21", "mobile.twitter.com/MaraBikes/status/1"]
        {
            assert_eq!(normalise(raw), Ok("MaraBikes".to_owned()), "{raw}");
        }
        let long = "a".repeat(10_240);
        let hostile =
            ["", "@", "a b", "mara.bikes", "a".repeat(16).leak(), "../2/users", "ma\0ra", "\u{202e}aram", &long];
        for raw in hostile.into_iter().chain(["https://instagram.com/mara", "x.com/i/flow/login", "x.com", "Home"]) {
            assert!(normalise(raw).is_err(), "{raw:?}");
        }
    }
}
