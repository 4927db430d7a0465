//! Shapes that several answers share, as the document describes them.

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// Who vouches for a number, strongest first.
#[derive(Debug, Serialize, ToSchema)]
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

/// How close a number is to the platform's own count.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// The platform's own count, digit for digit.
    Exact,
    /// The platform rounded it.
    Rounded,
    /// The platform itself calls it an estimate.
    Approximate,
}

/// What fractions of an audience are of.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShareOf {
    /// Every follower.
    Followers,
    /// The followers that the platform placed, where it placed more than it counts.
    PlacedFollowers,
    /// The views of the window.
    Views,
    /// The signed-in viewers of the window.
    Viewers,
}

/// A count, a rate or yes and no.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum MetricValue {
    /// Yes or no.
    Flag(bool),
    /// A count or a rate.
    Number(f64),
}

/// A metric's value; null when it is unknown.
#[derive(Debug, Serialize, ToSchema)]
pub struct MaybeMetric(pub Option<MetricValue>);

/// One number with everything that may be said about it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Fact {
    /// The value as the platform gave it; a rate is a fraction.
    pub value: MetricValue,
    /// How exact it is.
    pub precision: Precision,
    /// Where it was read.
    pub source: String,
    /// Who vouches for it.
    pub provenance: Provenance,
    /// The version of the interface that was asked; null where it has none.
    pub api_version: Option<String>,
    /// The version that answered, where the platform says so.
    pub api_version_answered: Option<String>,
    /// When it was read.
    #[schema(format = DateTime)]
    pub fetched_at: String,
    /// How we computed it, when we did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub basis: Option<Basis>,
}

/// Who an audience is made of; null when it is unknown.
#[derive(Debug, Serialize, ToSchema)]
pub struct MaybeAudience(pub Option<super::audience::Audience>);

/// How a number of our own making was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct Basis {
    /// The formula.
    pub formula: String,
    /// How many posts went into it.
    pub sample_size: u32,
    /// The age of the oldest of them, in days, when known.
    pub window_days: Option<u32>,
}

/// A number; null when it is unknown.
#[derive(Debug, Serialize, ToSchema)]
pub struct MaybeFact(pub Option<Fact>);

/// An error (RFC 9457). `detail` is the text for people.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Names the kind of error; its fragment leads to the explanation in `/api/docs`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A short name for people.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do next; German unless `Accept-Language` prefers English.
    pub detail: String,
    /// The field that was refused (422).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub field: Option<String>,
    /// Why it was refused (422).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<String>,
    /// What each platform's fetch ended in, when all failed (502).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub errors: Option<Vec<super::refresh::PlatformError>>,
}

/// What a platform declares, by its key and in its order; null when it is unknown.
#[derive(Clone, Debug)]
pub struct ByKey<T>(pub Vec<(&'static str, Option<T>)>);

impl<T: Serialize> Serialize for ByKey<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}
