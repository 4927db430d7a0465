//! Who an audience is made of, as a platform counts it: by country, by age, by gender. Parts are whole numbers beside the
//! whole they are parts of; what a platform does not place anywhere is never spread over what it does.

use std::cmp::Reverse;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::metric::{Origin, Precision};
use super::text::Text;

/// More parts than these are not shown one by one.
const MOST_PARTS: usize = 10;
/// A part that is smaller than one in so many of the whole is not shown by itself.
const SMALLEST: i64 = 100;
/// What platforms write where they know no country.
const UNKNOWN_COUNTRY: &str = "ZZ";

/// What an audience is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// Where they live: two capital letters (ISO 3166).
    Country,
    /// How old they are: `13-17` to `65+`.
    Age,
    /// Their gender: `female`, `male`, or `self_described` where a platform knows more.
    Gender,
}

impl Dimension {
    /// Every dimension, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Country, Self::Age, Self::Gender];

    /// The name in the store, in the API, and behind the platform where an owner publishes it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Country => "audience_country",
            Self::Age => "audience_age",
            Self::Gender => "audience_gender",
        }
    }

    /// What people call it.
    pub const fn label(self) -> Text {
        match self {
            Self::Country => Text::new("Länder", "Countries"),
            Self::Age => Text::new("Alter", "Age"),
            Self::Gender => Text::new("Geschlecht", "Gender"),
        }
    }

    /// What it tells, for the owner who decides whether to publish it.
    pub const fn meaning(self) -> Text {
        match self {
            Self::Country => Text::new(
                "Aus welchen Ländern dein Publikum kommt. Was unter 1 % ist, wird zusammengefasst.",
                "Which countries your audience is in. What is under 1% is put together.",
            ),
            Self::Age => Text::new("Wie alt dein Publikum ist.", "How old your audience is."),
            Self::Gender => {
                Text::new("Das Geschlecht, das dein Publikum angegeben hat.", "The gender your audience has stated.")
            }
        }
    }

    /// Whether a text from outside has the form of this dimension's parts.
    pub fn takes(self, key: &str) -> bool {
        let digits = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        match self {
            Self::Country => key.len() == 2 && key.bytes().all(|b| b.is_ascii_uppercase()) && key != UNKNOWN_COUNTRY,
            Self::Age => match key.split_once('-') {
                Some((from, to)) => digits(from) && digits(to),
                None => key.strip_suffix('+').is_some_and(digits),
            },
            Self::Gender => matches!(key, "female" | "male" | "self_described"),
        }
    }
}

/// What the parts are parts of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whole {
    /// Every follower.
    Followers,
    /// The followers that the platform placed, where it placed more than it counts.
    PlacedFollowers,
    /// The views of a window.
    Views,
    /// The signed-in viewers of a window; the platform gives hundredths of a per cent and not their number.
    Viewers,
}

impl Whole {
    /// Whether it is known how many that is.
    pub const fn is_counted(self) -> bool {
        !matches!(self, Self::Viewers)
    }
}

/// A part of an audience.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Who, in the dimension's own form.
    pub key: String,
    /// How many of the whole.
    pub count: i64,
}

/// An audience by one dimension, as one fetch brought it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breakdown {
    /// What it is divided by.
    pub dimension: Dimension,
    /// The parts the platform named.
    pub parts: Vec<Part>,
    /// What they are parts of.
    pub whole: Whole,
    /// How many that is.
    pub total: i64,
    /// The days it is about; `None` for the audience as it is.
    pub window_days: Option<u32>,
    /// How exact the platform's own numbers are.
    pub precision: Precision,
    /// Where it was read.
    pub origin: Origin,
}

impl Breakdown {
    /// The same without what can't be shown: parts of nobody, and a breakdown of nothing at all, which is unknown.
    pub fn known(mut self) -> Option<Self> {
        self.parts.retain(|part| part.count > 0);
        (!self.parts.is_empty() && self.total > 0).then_some(self)
    }
}

/// The last good breakdown of an account's audience.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demographics {
    /// What the platform said.
    pub breakdown: Breakdown,
    /// When it was read.
    pub fetched_at: Timestamp,
}

/// A breakdown as everybody may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shares {
    /// Who, and how many of a thousand: ages from young to old, all else the largest first.
    pub parts: Vec<(String, i64)>,
    /// How many of a thousand are somebody else or unknown.
    pub rest: i64,
}

/// So many of a thousand as a fraction.
pub fn fraction(permille: i64) -> f64 {
    f64::from(i16::try_from(permille).unwrap_or(i16::MAX)) / 1000.0
}

impl Breakdown {
    /// The shares of the whole. Small parts and those the platform does not place are the rest.
    pub fn shares(&self) -> Shares {
        let large = |part: &&Part| part.count.saturating_mul(SMALLEST) >= self.total;
        let mut parts: Vec<&Part> = self.parts.iter().filter(large).collect();
        parts.sort_by_key(|part| (Reverse(part.count), &part.key));
        parts.truncate(MOST_PARTS);
        if self.dimension == Dimension::Age {
            parts.sort_by(|a, b| a.key.cmp(&b.key));
        }
        let shown: i64 = parts.iter().map(|part| part.count).sum();
        Shares {
            parts: parts.iter().map(|part| (part.key.clone(), self.permille(part.count))).collect(),
            rest: self.permille(self.total.saturating_sub(shown).max(0)),
        }
    }

    /// Rounded to the nearest thousandth.
    fn permille(&self, count: i64) -> i64 {
        let (count, total) = (i128::from(count), i128::from(self.total.max(1)));
        i64::try_from((count * 2000 + total) / (2 * total)).unwrap_or(1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metric::Provenance;

    fn breakdown(dimension: Dimension, total: i64, parts: &[(&str, i64)]) -> Breakdown {
        let part = |(key, count): &(&str, i64)| Part { key: (*key).to_owned(), count: *count };
        Breakdown {
            dimension,
            parts: parts.iter().map(part).collect(),
            whole: Whole::Followers,
            total,
            window_days: None,
            precision: Precision::Exact,
            origin: Origin {
                source: "Meta Graph API".to_owned(),
                provenance: Provenance::OwnerAuthorised,
                api_version: None,
                api_version_answered: None,
            },
        }
    }

    fn shares(dimension: Dimension, total: i64, parts: &[(&str, i64)]) -> (Vec<(String, i64)>, i64) {
        let Shares { parts, rest } = breakdown(dimension, total, parts).shares();
        (parts, rest)
    }

    #[test]
    fn shares_are_of_the_whole_and_never_of_what_was_placed() {
        let (parts, rest) = shares(Dimension::Country, 1000, &[("AT", 110), ("DE", 630)]);
        assert_eq!((parts, rest), (vec![("DE".to_owned(), 630), ("AT".to_owned(), 110)], 260));
        assert_eq!(shares(Dimension::Gender, 3, &[("male", 1), ("female", 2)]).0[0], ("female".to_owned(), 667));
        assert_eq!(shares(Dimension::Gender, i64::MAX, &[("male", i64::MAX)]), (vec![("male".to_owned(), 1000)], 0));
    }

    #[test]
    fn what_is_under_one_per_cent_is_not_shown_by_itself() {
        let (parts, rest) = shares(Dimension::Country, 1000, &[("DE", 900), ("AT", 10), ("CH", 9)]);
        assert_eq!(parts.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["DE", "AT"]);
        assert_eq!(rest, 90);
    }

    #[test]
    fn ages_go_from_young_to_old_and_only_the_largest_countries_are_shown() {
        let (ages, _) = shares(Dimension::Age, 100, &[("65+", 2), ("18-24", 20), ("25-34", 40)]);
        assert_eq!(ages.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["18-24", "25-34", "65+"]);
        let names: Vec<String> = ('A'..='P').map(|letter| format!("X{letter}")).collect();
        let many: Vec<(&str, i64)> = names.iter().zip(5..).map(|(name, count)| (name.as_str(), count)).collect();
        let (parts, rest) = shares(Dimension::Country, 200, &many);
        assert_eq!((parts.len(), parts[0].clone()), (10, ("XP".to_owned(), 100)));
        assert_eq!(rest, 225);
    }

    #[test]
    fn a_part_has_its_dimension_s_form() {
        for (dimension, good, bad) in [
            (Dimension::Country, ["DE", "GB"], ["ZZ", "de"]),
            (Dimension::Age, ["18-24", "65+"], ["18–24", "+"]),
            (Dimension::Gender, ["female", "self_described"], ["F", ""]),
        ] {
            assert!(good.into_iter().all(|key| dimension.takes(key)), "{dimension:?}");
            assert!(!bad.into_iter().any(|key| dimension.takes(key)), "{dimension:?}");
        }
    }

    #[test]
    fn nobody_anywhere_is_unknown() {
        assert_eq!(breakdown(Dimension::Age, 100, &[]).known(), None);
        assert_eq!(breakdown(Dimension::Age, 100, &[("18-24", 0)]).known(), None);
        assert_eq!(breakdown(Dimension::Age, 0, &[("18-24", 5)]).known(), None);
        assert!(breakdown(Dimension::Age, 100, &[("18-24", 5), ("65+", 0)]).known().is_some());
    }
}
