//! The calendar of Graph API versions. An expired version does not fail: Meta answers with the oldest that is left.
//! <https://developers.facebook.com/docs/graph-api/changelog/versions/>

use jiff::civil::{Date, date};

/// Each version and the day until which it is usable.
const CALENDAR: [(&str, Date); 8] = [
    ("v18.0", date(2026, 1, 26)),
    ("v19.0", date(2026, 5, 21)),
    ("v20.0", date(2026, 9, 24)),
    ("v21.0", date(2027, 1, 21)),
    ("v22.0", date(2027, 5, 20)),
    ("v23.0", date(2027, 10, 8)),
    ("v24.0", date(2028, 2, 18)),
    ("v25.0", date(2028, 7, 29)),
];

/// The day a Graph API version (`v25.0`) stops being served; `None` when Meta has not said, or for an unknown one.
pub fn meta_version_expiry(version: &str) -> Option<Date> {
    CALENDAR.iter().find(|(known, _)| *known == version).map(|(_, day)| *day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_expire_one_after_the_other() {
        assert_eq!(meta_version_expiry("v21.0"), Some(date(2027, 1, 21)));
        assert_eq!(meta_version_expiry("v26.0"), None);
        assert!(CALENDAR.windows(2).all(|pair| pair[0].1 < pair[1].1));
    }
}
