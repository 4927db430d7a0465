//! Who follows, by country, age and gender. Each is a question of its own, so that one that Meta withholds takes nothing
//! else with it. Meta names the largest 45 parts and leaves out who it can't place: shares are of all followers.
//! <https://developers.facebook.com/docs/instagram-platform/api-reference/instagram-user/insights>

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::insights::parse_insights;
use crate::domain::demographics::{Breakdown, Dimension, Part, Whole};
use crate::domain::metric::{Origin, Precision};

const METRIC: &str = "follower_demographics";

/// Meta's word for a dimension.
const fn word(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Country => "country",
        Dimension::Age => "age",
        Dimension::Gender => "gender",
    }
}

/// The parameters of the call. Meta wants a time frame and counts the followers there are all the same.
pub(super) fn query(dimension: Dimension) -> [(&'static str, String); 5] {
    let fixed =
        [("metric", METRIC), ("period", "lifetime"), ("metric_type", "total_value"), ("timeframe", "this_month")];
    let [metric, period, kind, frame] = fixed.map(|(name, value)| (name, value.to_owned()));
    [metric, period, kind, frame, ("breakdown", word(dimension).to_owned())]
}

/// The parts of an answer. Below 100 followers there are none, which is unknown.
pub fn parse_audience(dimension: Dimension, json: &Json) -> Vec<Part> {
    let insight = parse_insights(json).into_iter().find(|insight| insight.name == METRIC);
    let rows = insight.and_then(|mut insight| insight.breakdowns.remove(word(dimension))).unwrap_or_default();
    let by_key: BTreeMap<String, i64> =
        rows.into_iter().filter_map(|(name, count)| Some((key(dimension, &name)?, count))).collect();
    by_key.into_iter().map(|(key, count)| Part { key, count }).collect()
}

/// A part's key in our words; `None` for those who said nothing and for what is no such part.
fn key(dimension: Dimension, name: &str) -> Option<String> {
    match (dimension, name) {
        (Dimension::Gender, "F") => Some("female".to_owned()),
        (Dimension::Gender, "M") => Some("male".to_owned()),
        (Dimension::Country | Dimension::Age, _) => dimension.takes(name).then(|| name.to_owned()),
        (Dimension::Gender, _) => None,
    }
}

/// The breakdown that parts make. Meta counts followers anew every day or two: where it placed more than there are now,
/// shares are of those it placed.
pub(super) fn breakdown(dimension: Dimension, parts: Vec<Part>, followers: i64, origin: &Origin) -> Option<Breakdown> {
    let placed = parts.iter().fold(0_i64, |sum, part| sum.saturating_add(part.count));
    let (whole, total) =
        if placed > followers { (Whole::PlacedFollowers, placed) } else { (Whole::Followers, followers) };
    let (window_days, precision, origin) = (None, Precision::Exact, origin.clone());
    Breakdown { dimension, parts, whole, total, window_days, precision, origin }.known()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metric::Provenance;
    use serde_json::json;

    fn answer(dimension: &str, rows: &[(&str, i64)]) -> Json {
        let results: Vec<Json> =
            rows.iter().map(|(name, value)| json!({ "dimension_values": [name], "value": value })).collect();
        json!({ "data": [{ "name": METRIC, "period": "lifetime", "total_value": {
            "breakdowns": [{ "dimension_keys": [dimension], "results": results }] } }] })
    }

    fn parts(dimension: Dimension, json: &Json) -> Vec<(String, i64)> {
        parse_audience(dimension, json).into_iter().map(|part| (part.key, part.count)).collect()
    }

    #[test]
    fn parts_are_read_under_our_names_and_those_who_said_nothing_are_none() {
        let genders = parts(Dimension::Gender, &answer("gender", &[("F", 430), ("M", 520), ("U", 40)]));
        assert_eq!(genders, [("female".to_owned(), 430), ("male".to_owned(), 520)]);
        let countries = parts(Dimension::Country, &answer("country", &[("DE", 7), ("<b>", 1), ("Other", 2)]));
        assert_eq!(countries, [("DE".to_owned(), 7)]);
        let ages = parts(Dimension::Age, &answer("age", &[("65+", 1), ("18-24", 5), ("old", 1)]));
        assert_eq!(ages, [("18-24".to_owned(), 5), ("65+".to_owned(), 1)]);
    }

    #[test]
    fn an_empty_answer_is_unknown() {
        for body in [json!({ "data": [] }), answer("age", &[]), answer("gender", &[("F", 3)])] {
            assert!(parts(Dimension::Age, &body).is_empty(), "{body}");
        }
    }

    #[test]
    fn shares_are_of_all_followers_unless_more_were_placed() {
        let origin = Origin {
            source: "Meta Graph API".to_owned(),
            provenance: Provenance::OwnerAuthorised,
            api_version: None,
            api_version_answered: None,
        };
        let part = |count| vec![Part { key: "DE".to_owned(), count }];
        let of = |count, followers| {
            let made = breakdown(Dimension::Country, part(count), followers, &origin)?;
            Some((made.whole, made.total, made.shares().rest))
        };
        assert_eq!(of(600, 1000), Some((Whole::Followers, 1000, 400)));
        assert_eq!(of(1010, 1000), Some((Whole::PlacedFollowers, 1010, 0)));
        assert_eq!(of(0, 1000), None);
    }
}
