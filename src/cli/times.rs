//! Instants as people at a terminal read them.

use jiff::{SignedDuration, Timestamp};

use crate::domain::text::Lang;

/// `2026-11-22 03:00 UTC`.
pub(super) fn utc(at: Timestamp) -> String {
    format!("{} UTC", at.strftime("%Y-%m-%d %H:%M"))
}

/// `in 34 d`, `vor 5 h`, `5 h ago`, seen from `now`.
pub(super) fn relative(at: Timestamp, now: Timestamp, lang: Lang) -> String {
    let way = at.duration_since(now);
    match (way.is_negative(), lang) {
        (false, _) => format!("in {}", span(way)),
        (true, Lang::De) => format!("vor {}", span(way)),
        (true, Lang::En) => format!("{} ago", span(way)),
    }
}

/// A length of time in the largest unit of which there are two, whatever its direction: `34 d`.
pub(super) fn span(of: SignedDuration) -> String {
    let minutes = of.abs().as_secs() / 60;
    match minutes {
        0..120 => format!("{minutes} min"),
        120..2880 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / (24 * 60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_said_in_the_largest_unit_of_which_there_are_two() {
        let now = Timestamp::UNIX_EPOCH;
        let in_secs = |secs| relative(now + SignedDuration::from_secs(secs), now, Lang::De);
        assert_eq!(in_secs(59), "in 0 min");
        assert_eq!(in_secs(-5 * 3600), "vor 5 h");
        assert_eq!(in_secs(34 * 86_400 + 7), "in 34 d");
        assert_eq!(relative(Timestamp::MIN, Timestamp::MAX, Lang::En).split(' ').nth(1), Some("d"));
    }
}
