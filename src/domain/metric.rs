//! A number and what may be said about it: value, precision, provenance, source and time, always together.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::text::Text;

/// How close a number is to the platform's own count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// The platform's own count, digit for digit.
    Exact,
    /// The platform rounded it (YouTube: three significant figures).
    Rounded,
    /// The platform itself calls it an estimate (Discord's member count).
    Approximate,
}

/// Who vouches for a number, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provenance {
    /// Fetched with a token of that very account.
    OwnerAuthorised,
    /// An official interface that anybody may ask.
    PublicApi,
    /// Read from the platform's public page.
    PublicPage,
    /// Typed in by the creator.
    SelfReported,
}

/// A metric's value. Counts are whole and never negative; rates are fractions (0.034 is 3.4 %).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no (the platform's badge, live now).
    Flag(bool),
    /// A count, 0 or more.
    Count(i64),
    /// A fraction or an average.
    Rate(f64),
}

impl Value {
    /// The count, when it is one.
    pub const fn count(self) -> Option<i64> {
        match self {
            Self::Count(n) => Some(n),
            _ => None,
        }
    }
}

/// Where a number was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The source's name as people know it, for example `Meta Graph API`.
    pub source: String,
    /// Who vouches for it.
    pub provenance: Provenance,
    /// The version of the interface we asked, where it has versions.
    #[serde(default)]
    pub api_version: Option<String>,
    /// The version that answered, where the platform says so.
    #[serde(default)]
    pub api_version_answered: Option<String>,
}

/// How a number of our own making was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// The formula's name, see [`MetricAbout`]; for example `(likes + comments) / followers`.
    pub formula: String,
    /// How many posts went into it.
    pub sample_size: u32,
    /// The age of the oldest of them, in days, when known.
    #[serde(default)]
    pub window_days: Option<u32>,
}

/// One number with everything that may be said about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The value as the platform gave it.
    pub value: Value,
    /// How exact it is.
    pub precision: Precision,
    /// Where it was read.
    #[serde(flatten)]
    pub origin: Origin,
    /// When it was read.
    pub fetched_at: Timestamp,
    /// How we computed it, when we did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}

/// How a value is written for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A whole number.
    Count,
    /// A fraction, shown as per cent.
    Percent,
    /// A number with one decimal.
    Decimal,
    /// Yes or no.
    YesNo,
}

/// What a platform declares about one of its metrics.
#[derive(Clone, Copy, Debug)]
pub struct MetricAbout {
    /// The name in the API and in `stats_data`, for example `followers`.
    pub key: &'static str,
    /// What people call it.
    pub label: Text,
    /// How it is written.
    pub unit: Unit,
    /// What it tells, for the owner who decides whether to publish it; empty where the label says it all.
    pub meaning: Text,
    /// Only the owner sees it unless they publish it (reach, views of a profile).
    pub private: bool,
}

impl MetricAbout {
    /// A public count.
    pub const fn count(key: &'static str, label: Text) -> Self {
        Self { key, label, unit: Unit::Count, meaning: Text::new("", ""), private: false }
    }

    /// The same metric, shown to others only when the owner publishes it.
    pub const fn private(mut self) -> Self {
        self.private = true;
        self
    }

    /// The same metric with what it tells.
    pub const fn means(mut self, meaning: Text) -> Self {
        self.meaning = meaning;
        self
    }

    /// The same metric in another unit.
    pub const fn unit(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }
}
