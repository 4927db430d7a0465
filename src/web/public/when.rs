//! Instants in the reader's words, UTC on every public page: today 04:00, 20 Nov 2026, 04:00. They change at midnight only.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::media_kit::Freshness;
use crate::domain::text::Lang;
use crate::web::words::{DAYS_OLD, MONTHS, ONE_DAY_OLD, TODAY, TOMORROW, YESTERDAY};

/// `heute 04:00`, `gestern 04:00`, `morgen 04:00` or the whole date.
pub fn near(at: Timestamp, now: Timestamp, lang: Lang) -> String {
    let time = at.to_zoned(TimeZone::UTC).strftime("%H:%M").to_string();
    match days_between(at, now) {
        0 => format!("{} {time}", TODAY.get(lang)),
        1 => format!("{} {time}", YESTERDAY.get(lang)),
        -1 => format!("{} {time}", TOMORROW.get(lang)),
        _ => full(at, lang),
    }
}

/// `22. Nov. 2026, 13:05` or `22 Nov 2026, 13:05`.
pub fn full(at: Timestamp, lang: Lang) -> String {
    full_in(at, &TimeZone::UTC, lang)
}

/// The same by the clocks of a zone.
pub fn full_in(at: Timestamp, zone: &TimeZone, lang: Lang) -> String {
    let at = at.to_zoned(zone.clone());
    format!("{}, {}", day(at.date(), lang), at.strftime("%H:%M"))
}

/// `22. Nov. 2026` or `22 Nov 2026`.
pub fn day(on: Date, lang: Lang) -> String {
    let dot = if lang == Lang::De { "." } else { "" };
    format!("{}{dot} {}", on.day(), month(on, lang))
}

/// `Nov. 2026` or `Nov 2026`.
pub fn month(of: Date, lang: Lang) -> String {
    let month = usize::try_from(of.month()).ok().and_then(|month| MONTHS.get(month.checked_sub(1)?));
    format!("{} {}", month.map_or("", |month| month.get(lang)), of.year())
}

/// How many days old a number is, from 26 hours on.
pub fn age(at: Timestamp, now: Timestamp, lang: Lang) -> Option<String> {
    if Freshness::of(at, now) == Freshness::Fresh {
        return None;
    }
    Some(match days_between(at, now) {
        ..=1 => ONE_DAY_OLD.get(lang).to_owned(),
        days => DAYS_OLD.get(lang).replace("{}", &days.to_string()),
    })
}

fn days_between(at: Timestamp, now: Timestamp) -> i64 {
    let day = |at: Timestamp| at.as_second().div_euclid(86_400);
    day(now) - day(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn near_instants_have_words_and_far_ones_dates() {
        let now = at("2026-11-22T18:00:00Z");
        assert_eq!(near(at("2026-11-22T04:00:00Z"), now, Lang::De), "heute 04:00");
        assert_eq!(near(at("2026-11-21T23:59:00Z"), now, Lang::En), "yesterday 23:59");
        assert_eq!(near(at("2026-11-23T03:00:00Z"), now, Lang::De), "morgen 03:00");
        assert_eq!(near(at("2026-03-02T04:00:00Z"), now, Lang::De), "2. März 2026, 04:00");
        assert_eq!(near(at("2026-03-02T04:00:00Z"), now, Lang::En), "2 Mar 2026, 04:00");
    }

    #[test]
    fn ages_begin_at_26_hours() {
        let now = at("2026-11-22T18:00:00Z");
        assert_eq!(age(at("2026-11-21T16:00:00Z"), now, Lang::De), None);
        assert_eq!(age(at("2026-11-21T15:59:59Z"), now, Lang::De).unwrap(), "1 Tag alt");
        assert_eq!(age(at("2026-11-20T04:00:00Z"), now, Lang::En).unwrap(), "2 days old");
    }
}
