//! What a platform declares about itself; every page, form and check is drawn from it.

use super::credential::Credentials;
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
    /// The cost of one fetch, in millionths of a US dollar.
    pub micro_usd_per_fetch: i64,
    /// The key of `.env.social` that holds the monthly budget in US dollars.
    pub budget: &'static CredentialKey,
    /// The budget when the key is unset, in millionths of a US dollar.
    pub default_micro_usd: i64,
}

impl About {
    /// The declared metric with this key.
    pub fn metric(&self, key: &str) -> Option<&'static MetricAbout> {
        self.metrics.iter().find(|metric| metric.key == key)
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
