//! Dates and times as the creator types them: by the clocks of their zone. The store keeps instants.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::domain::text::Text;
use crate::store::StoreError;
use crate::web::state::State;

/// Where the creator's zone is kept.
const SETTING: &str = "time_zone";
/// Until they choose another.
const DEFAULT: &str = "Europe/Berlin";

/// A zone and whether the creator chose it.
pub struct Zone {
    /// Its name in the time zone database.
    pub name: String,
    /// Its clocks.
    pub clocks: TimeZone,
    /// Whether it was chosen, or is only our guess.
    pub chosen: bool,
}

/// The creator's zone.
pub async fn zone_of(state: &State, creator_id: i64) -> Result<Zone, StoreError> {
    let chosen = state.store.setting(creator_id, SETTING).await?.and_then(|name| named(&name, true).ok());
    Ok(chosen.or_else(|| named(DEFAULT, false).ok()).unwrap_or_else(utc))
}

/// Keeps the creator's zone.
pub async fn keep_zone(state: &State, creator_id: i64, zone: &Zone) -> Result<(), StoreError> {
    state.store.set_setting(creator_id, SETTING, Some(&zone.name)).await
}

fn utc() -> Zone {
    Zone { name: "UTC".to_owned(), clocks: TimeZone::UTC, chosen: false }
}

/// The zone of a name.
pub fn named(name: &str, chosen: bool) -> Result<Zone, Text> {
    let clocks = TimeZone::get(name.trim()).map_err(|_| {
        Text::new(
            "Diese Zeitzone gibt es nicht. Schreib sie so: Europe/Berlin",
            "There is no such time zone. Write it like this: Europe/London",
        )
    })?;
    let name = clocks.iana_name().unwrap_or(name).to_owned();
    Ok(Zone { name, clocks, chosen })
}

/// The instant of a date and time that was typed; nothing typed is none.
pub fn instant(typed: &str, zone: &Zone) -> Result<Option<Timestamp>, Text> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let read = typed.parse::<DateTime>().and_then(|at| at.to_zoned(zone.clocks.clone()));
    read.map(|at| Some(at.timestamp())).map_err(|_| {
        Text::new(
            "Dieser Zeitpunkt ist nicht lesbar. Schreib ihn so: 2026-12-24T08:00",
            "This date and time can't be read. Write it like this: 2026-12-24T08:00",
        )
    })
}

/// An instant as the field holds it.
pub fn typed(at: Option<Timestamp>, zone: &Zone) -> String {
    at.map_or_else(String::new, |at| at.to_zoned(zone.clocks.clone()).strftime("%Y-%m-%dT%H:%M").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_creator_s_clocks() {
        let berlin = named("europe/berlin", true).unwrap();
        assert_eq!(berlin.name, "Europe/Berlin");
        for (typed_in, utc) in [
            ("2026-12-24T08:00", "2026-12-24T07:00:00Z"),
            ("2026-07-01T08:00", "2026-07-01T06:00:00Z"),
            // On the night the clocks go forward this minute is missing: an hour later.
            ("2026-03-29T02:30", "2026-03-29T01:30:00Z"),
        ] {
            assert_eq!(instant(typed_in, &berlin), Ok(Some(utc.parse().unwrap())), "{typed_in}");
        }
        assert_eq!(typed(Some("2026-12-24T07:00:00Z".parse().unwrap()), &berlin), "2026-12-24T08:00");
        assert_eq!((instant(" ", &berlin), typed(None, &berlin)), (Ok(None), String::new()));
        assert!(instant("morgen", &berlin).is_err() && instant("2026-13-01T00:00", &berlin).is_err());
        assert!(named("Mars/Olympus", true).is_err());
    }
}
