//! Who an audience is made of, as the API tells it.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::schema::{self, ByKey};
use crate::domain::demographics::{Demographics, Whole, fraction};
use crate::domain::media_kit::Panel;
use crate::domain::metric::{Precision, Provenance};

/// An audience by one dimension: the platform's counts as shares of the whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct Audience {
    /// The parts of at least one per cent, at most ten: ages from young to old, all else the largest first.
    pub parts: Vec<AudiencePart>,
    /// The fraction that is under one per cent each, or that the platform does not place.
    #[schema(minimum = 0, maximum = 1, example = 0.054)]
    pub other: f64,
    /// What the fractions are of.
    #[schema(value_type = schema::ShareOf)]
    pub share_of: Whole,
    /// How many that is; null where the platform does not say.
    #[schema(minimum = 1, example = 104_712)]
    pub total: Option<i64>,
    /// The days it is about; null for the audience as it is.
    #[schema(minimum = 1, example = 28)]
    pub window_days: Option<u32>,
    /// How exact the platform's own numbers are.
    #[schema(value_type = schema::Precision)]
    pub precision: Precision,
    /// Where it was read.
    pub source: String,
    /// Who vouches for it.
    #[schema(value_type = schema::Provenance)]
    pub provenance: Provenance,
    /// The version of the interface that was asked; null where it has none.
    pub api_version: Option<String>,
    /// The version that answered, where the platform says so.
    pub api_version_answered: Option<String>,
    /// When it was read.
    #[schema(value_type = String, format = DateTime)]
    pub fetched_at: Timestamp,
}

/// A part of an audience.
#[derive(Debug, Serialize, ToSchema)]
pub struct AudiencePart {
    /// A country's two letters, an age such as `18-24` or `65+`, or `female`, `male`, `self_described`.
    #[schema(example = "DE")]
    pub key: String,
    /// Its fraction of the whole.
    #[schema(minimum = 0, maximum = 1, example = 0.631)]
    pub share: f64,
}

/// The published ones of a panel, by what they are divided by.
pub fn of(panel: &Panel) -> ByKey<Audience> {
    let published = panel.demographics.iter();
    ByKey(published.map(|(dimension, known)| (dimension.key(), known.as_ref().map(audience))).collect())
}

fn audience(known: &Demographics) -> Audience {
    let (breakdown, shares) = (&known.breakdown, known.breakdown.shares());
    let origin = breakdown.origin.clone();
    let part = |(key, permille): (String, i64)| AudiencePart { key, share: fraction(permille) };
    Audience {
        parts: shares.parts.into_iter().map(part).collect(),
        other: fraction(shares.rest),
        share_of: breakdown.whole,
        total: breakdown.whole.is_counted().then_some(breakdown.total),
        window_days: breakdown.window_days,
        precision: breakdown.precision,
        source: origin.source,
        provenance: origin.provenance,
        api_version: origin.api_version,
        api_version_answered: origin.api_version_answered,
        fetched_at: known.fetched_at,
    }
}
