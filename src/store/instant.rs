//! How time is kept: instants as milliseconds and days as whole days, both since 1970-01-01T00:00:00Z.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::StoreError;

const DAY_MILLIS: i64 = 86_400_000;

/// The instant of a stored number.
pub(super) fn instant(millis: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millis).map_err(|error| StoreError::Corrupt(Box::new(error)))
}

/// The UTC day an instant is in, as it is stored.
pub(super) fn day_of(at: Timestamp) -> i64 {
    at.as_millisecond().div_euclid(DAY_MILLIS)
}

/// A date as it is stored.
pub(super) fn day_number(date: Date) -> i64 {
    // Every date jiff knows is an instant it knows, so the default is never used.
    date.to_zoned(TimeZone::UTC).map_or(i64::MAX, |midnight| day_of(midnight.timestamp()))
}

/// The date of a stored number.
pub(super) fn date(day: i64) -> Result<Date, StoreError> {
    Ok(instant(day.saturating_mul(DAY_MILLIS))?.to_zoned(TimeZone::UTC).date())
}
