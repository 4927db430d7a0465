//! Credentials as the product keeps them: the values of one platform's keys, how long they hold, and where in its
//! renewal they stand. No input or output; no value of a secret can be printed.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::failure::Failure;
use super::platform::{About, CredentialKey};

/// Credentials by their key in `.env.social`. Their values can't be printed.
#[derive(Clone, Debug, Default)]
pub struct Credentials(BTreeMap<String, SecretString>);

impl Credentials {
    /// The value of a key, looked up under its declared name first and its older names after.
    pub fn get(&self, key: &CredentialKey) -> Option<&SecretString> {
        std::iter::once(&key.name).chain(key.aliases).find_map(|name| self.0.get(*name))
    }

    /// Whether every required key of a platform is set.
    pub fn has_all_required(&self, about: &About) -> bool {
        about.credentials.iter().filter(|key| key.required).all(|key| self.get(key).is_some())
    }

    /// The value of a key that is no secret, such as a user name or a budget.
    pub fn plain(&self, key: &CredentialKey) -> Option<&str> {
        if key.secret { None } else { self.get(key).map(ExposeSecret::expose_secret) }
    }

    /// Keys and values, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &SecretString)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What of these belongs to a platform, under the declared names.
    pub fn of(&self, about: &About) -> Self {
        let own = about.credentials.iter().filter_map(|key| Some((key.name.to_owned(), self.get(key)?.clone())));
        own.collect()
    }

    /// These, with the values of `newer` in place of or beside them.
    #[must_use]
    pub fn with(&self, newer: &Self) -> Self {
        let mut all = self.0.clone();
        all.extend(newer.0.iter().map(|(key, value)| (key.clone(), value.clone())));
        Self(all)
    }

    /// What tells these values from others and says nothing about them.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hash = Sha256::new();
        for (key, value) in &self.0 {
            for part in [key.as_str(), value.expose_secret()] {
                hash.update(part.len().to_be_bytes());
                hash.update(part);
            }
        }
        let [a, b, c, d, ..] = <[u8; 32]>::from(hash.finalize());
        Fingerprint(u32::from_be_bytes([a, b, c, d]))
    }
}

impl PartialEq for Credentials {
    fn eq(&self, other: &Self) -> bool {
        let same = |(a, b): ((&str, &SecretString), (&str, &SecretString))| {
            a.0 == b.0 && a.1.expose_secret() == b.1.expose_secret()
        };
        self.0.len() == other.0.len() && self.iter().zip(other.iter()).all(same)
    }
}

impl FromIterator<(String, SecretString)> for Credentials {
    fn from_iter<I: IntoIterator<Item = (String, SecretString)>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

/// The beginning of a hash over credentials; as text eight hexadecimal digits, as in `fp-6c1e0b9a`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(u32);

impl Fingerprint {
    /// Reads what is written; nothing where a text is anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let is_one = text.len() == 8 && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        u32::from_str_radix(text, 16).ok().filter(|_| is_one).map(Self)
    }

    /// Where it lies among all there could be, from 0 to 1: chance that is the same for the same values.
    pub fn share(self) -> f64 {
        f64::from(self.0) / f64::from(u32::MAX)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fp-{self}")
    }
}

/// Until when credentials hold, as the platform said; nothing is ever assumed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// When they were granted, or first seen by us.
    pub since: Option<Timestamp>,
    /// When the token for calls ends; `None` when never, or unknown.
    pub expires_at: Option<Timestamp>,
    /// Whether the platform said that it never ends.
    pub endless: bool,
    /// Until when it can be renewed, where that differs: the end of a refresh token.
    pub renewable_until: Option<Timestamp>,
    /// Until when the data may be read without asking the person again (Meta).
    pub data_access_until: Option<Timestamp>,
}

/// What a renewal granted.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The values that changed, by their key; whatever is not here stays as it was. Never an empty value.
    pub values: Credentials,
    /// How long they hold.
    pub life: Life,
    /// The permissions; empty when the platform does not say.
    pub scopes: Vec<String>,
}

/// What a look at credentials told, without changing them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The platform's id of the account they belong to, where the platform says.
    pub account_id: Option<String>,
    /// The account's handle, where the platform says.
    pub handle: Option<String>,
    /// How long they hold, as far as the platform says.
    pub life: Life,
    /// The permissions that were granted, where the platform says.
    pub scopes: Vec<String>,
    /// Permissions that are needed and were not granted.
    pub missing_scopes: Vec<String>,
}

/// Where credentials stand in their renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing is under way.
    Active,
    /// A renewal is about to be asked for, or was: whether the platform got the question is not known.
    Intent,
    /// New values are stored and not yet confirmed by a call.
    Pending,
    /// A renewal broke off: the old values may have ended.
    InDoubt,
    /// Only the owner can go on: neither old nor new values work.
    NeedsOwner,
    /// The owner disconnected: no account is here any more, at most the app's own keys.
    Off,
}

impl Phase {
    /// Every phase, with its name in the store and in the API.
    pub const ALL: [(Self, &str); 6] = [
        (Self::Active, "active"),
        (Self::Intent, "intent"),
        (Self::Pending, "pending"),
        (Self::InDoubt, "in_doubt"),
        (Self::NeedsOwner, "needs_owner"),
        (Self::Off, "off"),
    ];

    /// The name in the store and in the API.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(phase, _)| *phase == self).map_or("", |(_, name)| name)
    }

    /// The phase of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(phase, _)| *phase)
    }
}

/// One platform's credentials as the database keeps them.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Whose they are.
    pub creator_id: i64,
    /// The platform's id.
    pub platform: String,
    /// Grows by one with every new set of values.
    pub generation: i64,
    /// Where they stand.
    pub phase: Phase,
    /// The values of this generation.
    pub active: Credentials,
    /// The values of the generation before, until the next one is confirmed.
    pub fallback: Option<Credentials>,
    /// The values of the next generation, while they are not confirmed.
    pub pending: Option<Grant>,
    /// How long the active values hold.
    pub life: Life,
    /// The permissions of the active values; empty when the platform does not say.
    pub scopes: Vec<String>,
    /// When a renewal or the next attempt is due; `None` when nothing ever is.
    pub due_at: Option<Timestamp>,
    /// Attempts that failed since the last good one.
    pub failures: u32,
    /// The last failure, until a good attempt.
    pub failure: Option<Failure>,
    /// When the active values were last seen to work.
    pub checked_at: Option<Timestamp>,
    /// The fingerprint of the values that last came from the file or the environment, so that they are tried once.
    pub tried: Option<Fingerprint>,
    /// The fingerprints of values that renewals have replaced, the last ones of them: who finds such values again knows
    /// that they are old.
    pub former: Vec<Fingerprint>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(entries: &[(&str, &str)]) -> Credentials {
        entries.iter().map(|(key, value)| ((*key).to_owned(), SecretString::from(*value))).collect()
    }

    #[test]
    fn a_fingerprint_tells_values_apart_and_shows_none() {
        let (one, other) = (values(&[("A", "bc")]), values(&[("AB", "c")]));
        assert_ne!(one.fingerprint(), other.fingerprint());
        let told = one.fingerprint().to_string();
        assert_eq!(told.len(), 8);
        assert_eq!(Fingerprint::parse(&told), Some(one.fingerprint()));
        assert_eq!(Fingerprint::parse("00000a0b").unwrap().to_string(), "00000a0b");
        for other in ["", "a0b", "00000A0B", "+0000a0b", "000000a0b", "0000 a0b"] {
            assert_eq!(Fingerprint::parse(other), None, "{other}");
        }
        assert_eq!(format!("{:?}", one.get(&key("A"))).matches("bc").count(), 0);
    }

    #[test]
    fn newer_values_replace_only_their_own_keys() {
        let merged = values(&[("A", "1"), ("B", "2")]).with(&values(&[("B", "3")]));
        assert!(merged == values(&[("A", "1"), ("B", "3")]));
    }

    fn key(name: &'static str) -> CredentialKey {
        let help = crate::domain::text::Text::new("", "");
        CredentialKey { name, aliases: &[], secret: true, required: true, help }
    }
}
