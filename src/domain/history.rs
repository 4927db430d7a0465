//! A metric over days.

use jiff::Timestamp;
use jiff::civil::Date;

use super::metric::{Precision, Provenance, Value};

/// A metric's value on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The UTC day.
    pub day: Date,
    /// The value; rates to a millionth.
    pub value: Value,
    /// How exact it is.
    pub precision: Precision,
    /// Where it was read.
    pub source: String,
    /// Who vouches for it.
    pub provenance: Provenance,
    /// The version of the interface that was asked, where it has versions.
    pub api_version: Option<String>,
    /// When it was read.
    pub fetched_at: Timestamp,
}
