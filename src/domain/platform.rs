//! What a platform declares about itself; every page, form and check is drawn from it.

use super::credential::Credentials;
use super::demographics::Dimension;
use super::metric::MetricAbout;
use super::text::Text;

/// A platform's description. It is data: adding a platform changes no other code.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The name in addresses, tables and the API: lower case, for example `instagram`.
    pub id: &'static str,
    /// The name people know.
    pub name: &'static str,
    /// What the audience count is called in `metrics`: `followers`, `subscribers` or `members`.
    pub audience: &'static str,
    /// The metrics of the platform, in the order they are shown.
    pub metrics: &'static [MetricAbout],
    /// What it tells about who the audience is made of, to the account itself; private like a private metric.
    pub demographics: &'static [Dimension],
    /// How a handle looks, for forms: `@name`.
    pub handle_example: &'static str,
    /// Turns what people type (`@name`, a full address) into the handle, or says why it can't be one.
    pub normalise: fn(&str) -> Result<String, Text>,
    /// The public address of a handle.
    pub profile_url: fn(&str) -> String,
    /// The keys of `.env.social` the official way needs; empty when none are needed.
    pub credentials: &'static [CredentialKey],
    /// The hosts it talks to.
    pub upstreams: &'static [Upstream],
    /// The shortest time between two scheduled fetches, in seconds.
    pub min_interval_secs: u32,
    /// What a fetch costs, where the platform bills reads.
    pub price: Option<Price>,
    /// What a renewal changes; `None` when nothing runs out, or the platform looks after it by itself.
    pub renewal: Option<Renewal>,
    /// The ways to connect on the platform's own page; empty where credentials can only be entered.
    pub connects: &'static [Connect],
}

/// A way to connect an account on the platform's own page: OAuth 2.0 with a code.
#[derive(Clone, Copy, Debug)]
pub struct Connect {
    /// The name in forms and in the log.
    pub id: &'static str,
    /// The name people know.
    pub name: &'static str,
    /// Where the page is.
    pub page: Upstream,
    /// Its path; `{version}` stands for the version of the interface.
    pub path: &'static str,
    /// The keys of the operator's app: its id and its secret.
    pub app: [&'static CredentialKey; 2],
    /// What the app's id is called in requests.
    pub client_param: &'static str,
    /// Whether the token service wants the app's id and secret in a header and not among the fields.
    pub app_in_header: bool,
    /// What stands between scopes.
    pub separator: &'static str,
    /// The permissions that are asked for.
    pub scopes: &'static [Scope],
    /// Further parameters of the page.
    pub extra: &'static [(&'static str, &'static str)],
    /// Whether the platform takes a proof that the same program asks and redeems (PKCE, RFC 7636).
    pub pkce: bool,
    /// Where the operator registers the address to come back to.
    pub register: Text,
}

impl Connect {
    /// The permissions that were not granted.
    pub fn missing(&self, granted: &[String]) -> Vec<&'static Scope> {
        self.scopes.iter().filter(|scope| !granted.iter().any(|name| name == scope.name)).collect()
    }
}

/// A permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The platform's name for it.
    pub name: &'static str,
    /// What it brings.
    pub brings: Text,
}

/// What a renewal of credentials changes and needs.
#[derive(Clone, Copy, Debug)]
pub struct Renewal {
    /// The keys whose values change; the first is the token for calls.
    pub keys: &'static [&'static str],
    /// How old a token must be before it can be renewed, in seconds.
    pub youngest_secs: u32,
    /// The keys without which there can be none.
    pub needs: &'static [&'static str],
    /// Whether the values before end the moment new ones are granted.
    pub rotates: bool,
}

impl Renewal {
    /// Whether there is all that a renewal needs.
    pub fn is_possible(&self, credentials: &Credentials) -> bool {
        self.needs.iter().all(|needed| credentials.iter().any(|(key, _)| key == *needed))
    }

    /// The values that a renewal changes.
    pub fn changed(&self, all: &Credentials) -> Credentials {
        let own = all.iter().filter(|(key, _)| self.keys.contains(key));
        own.map(|(key, value)| (key.to_owned(), value.clone())).collect()
    }
}

/// The price of a fetch and the budget that stops it.
#[derive(Clone, Copy, Debug)]
pub struct Price {
    /// The cost of one fetch with these credentials, in millionths of a US dollar.
    pub micro_usd_per_fetch: fn(&Credentials) -> i64,
    /// The key of `.env.social` that holds the monthly budget in US dollars.
    pub budget: &'static CredentialKey,
    /// The budget when the key is unset, in millionths of a US dollar.
    pub default_micro_usd: i64,
}

impl About {
    /// Whether a key belongs to the operator's app and not to the account.
    pub fn is_of_app(&self, key: &str) -> bool {
        self.connects.iter().flat_map(|way| way.app).any(|own| own.name == key)
    }

    /// Whether any of these belongs to the account and not to the app alone.
    pub fn has_account_in(&self, values: &Credentials) -> bool {
        let of_account = |key: &&CredentialKey| key.secret && !self.is_of_app(key.name);
        self.credentials.iter().filter(of_account).any(|key| values.get(key).is_some())
    }

    /// Whether there is something to ask the platform with: an account, or an app where that is all that it takes.
    pub fn is_connected_by(&self, values: &Credentials) -> bool {
        let asks_for_any = self.credentials.iter().any(|key| key.required);
        self.has_account_in(values) || (asks_for_any && values.has_all_required(self))
    }

    /// The way that permissions were granted by; the only one when there is one.
    pub fn way_of(&self, granted: &[String]) -> Option<&'static Connect> {
        let knows = |way: &&Connect| way.scopes.iter().any(|scope| granted.iter().any(|name| name == scope.name));
        self.connects.iter().find(knows)
    }

    /// The declared metric with this key.
    pub fn metric(&self, key: &str) -> Option<&'static MetricAbout> {
        self.metrics.iter().find(|metric| metric.key == key)
    }

    /// What an owner may choose to show to everybody: private metrics, and who the audience is made of.
    pub fn private_keys(&self) -> impl Iterator<Item = &'static str> {
        let metrics = self.metrics.iter().filter(|metric| metric.private).map(|metric| metric.key);
        metrics.chain(self.demographics.iter().map(|dimension| dimension.key()))
    }
}

/// One key of `.env.social`.
#[derive(Clone, Copy, Debug)]
pub struct CredentialKey {
    /// The key, for example `TIKTOK_CLIENT_KEY`.
    pub name: &'static str,
    /// Older names that are read as well.
    pub aliases: &'static [&'static str],
    /// Whether the value is a secret (a user name or a budget is not).
    pub secret: bool,
    /// Whether the official way needs it.
    pub required: bool,
    /// One line of help.
    pub help: Text,
}

/// A host a platform talks to, replaceable by `MEDIAKIT_UPSTREAM_<NAME>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Upstream {
    /// The name in the configuration, for example `TWITCH_API`.
    pub name: &'static str,
    /// The real origin, for example `https://api.twitch.tv`. Empty when the handle names the host (Mastodon).
    pub origin: &'static str,
}
