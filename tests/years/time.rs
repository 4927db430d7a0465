//! The true time of the simulation, in seconds since the Unix epoch; what the server's clock shows may differ.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Seconds since the Unix epoch, or a number of seconds.
pub type Secs = i64;

pub const MINUTE: Secs = 60;
pub const HOUR: Secs = 60 * MINUTE;
pub const DAY: Secs = 24 * HOUR;
/// Ten years with three leap days.
pub const DAYS: i64 = 3_653;
/// The hour of the daily refresh.
pub const REFRESH_AT: Secs = 3 * HOUR;

/// The midnight at which the ten years begin.
pub fn beginning() -> Secs {
    "2026-11-22T00:00:00Z".parse::<Timestamp>().unwrap().as_second()
}

/// The instant.
pub fn instant(at: Secs) -> Timestamp {
    Timestamp::from_second(at).unwrap()
}

/// The life that ends so many seconds later.
pub fn later(from: Timestamp, by: Secs) -> Timestamp {
    from.checked_add(SignedDuration::from_secs(by)).unwrap()
}

/// The number of the UTC day.
pub fn day_of(at: Secs) -> i64 {
    at.div_euclid(DAY)
}

/// The UTC date.
pub fn date_of(at: Secs) -> Date {
    instant(at).to_zoned(TimeZone::UTC).date()
}
