//! Spans of time in words: 41 days, 2 hours, 1 minute.

use jiff::SignedDuration;

use crate::domain::text::{Lang, Text};

const UNITS: [(i64, Text, Text); 3] = [
    (86_400, Text::new("Tag", "day"), Text::new("Tage", "days")),
    (3_600, Text::new("Stunde", "hour"), Text::new("Stunden", "hours")),
    (60, Text::new("Minute", "minute"), Text::new("Minuten", "minutes")),
];

/// A span in its largest unit, rounded down; nothing shorter than a minute is told apart.
pub fn words(span: SignedDuration, lang: Lang) -> String {
    let secs = span.as_secs().max(0);
    for (unit, one, many) in UNITS {
        match secs / unit {
            0 => {}
            1 => return format!("1 {}", one.get(lang)),
            count => return format!("{count} {}", many.get(lang)),
        }
    }
    Text::new("unter 1 Minute", "under 1 minute").get(lang).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_its_largest_unit() {
        let said = |secs, lang| words(SignedDuration::from_secs(secs), lang);
        for (secs, de, en) in [
            (-5, "unter 1 Minute", "under 1 minute"),
            (59, "unter 1 Minute", "under 1 minute"),
            (60, "1 Minute", "1 minute"),
            (7_199, "1 Stunde", "1 hour"),
            (86_400, "1 Tag", "1 day"),
            (5_183_944, "59 Tage", "59 days"),
        ] {
            assert_eq!((said(secs, Lang::De).as_str(), said(secs, Lang::En).as_str()), (de, en));
        }
    }
}
