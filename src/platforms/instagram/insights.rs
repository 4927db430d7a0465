//! Insights: asked in small groups, so that a metric Meta retires takes nothing else with it.
//! <https://developers.facebook.com/docs/instagram-platform/api-reference/instagram-user/insights>

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value as Json;

use super::account::graph_time;
use crate::platforms::fields::{at, optional_count, text};

const DAY_SECS: i64 = 24 * 60 * 60;

/// Metrics that are asked for in one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    /// Meta's name and ours.
    pub metrics: &'static [(&'static str, &'static str)],
    metric_type: &'static str,
    days: Option<i64>,
}

/// What one fetch asks. `profile_views` is alone, because it is the likeliest to go.
pub(super) const GROUPS: [Group; 4] = [
    Group { metrics: &[("reach", "reach_daily")], metric_type: "time_series", days: None },
    Group { metrics: &[("views", "impressions_daily")], metric_type: "total_value", days: None },
    Group { metrics: &[("profile_views", "profile_views")], metric_type: "total_value", days: None },
    Group { metrics: &[("reach", "reach_28d"), ("views", "views_28d")], metric_type: "total_value", days: Some(28) },
];

impl Group {
    /// The parameters of the call for some of its metrics.
    pub(super) fn query(self, metrics: &[(&str, &str)], now: Timestamp) -> Vec<(&'static str, String)> {
        let names: Vec<&str> = metrics.iter().map(|(name, _)| *name).collect();
        let mut query = vec![
            ("metric", names.join(",")),
            ("period", "day".to_owned()),
            ("metric_type", self.metric_type.to_owned()),
        ];
        if let Some(days) = self.days {
            let until = now.as_second();
            query.extend([("since", (until - days * DAY_SECS).to_string()), ("until", until.to_string())]);
        }
        query
    }
}

/// One metric of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insight {
    /// Meta's name.
    pub name: String,
    /// The total of the window.
    pub total: Option<i64>,
    /// The days of a series with the end of each, as sent.
    pub days: Vec<(Option<Timestamp>, i64)>,
    /// The parts of the total by dimension, for example `city`: pairs of name and count.
    pub breakdowns: BTreeMap<String, Vec<(String, i64)>>,
}

impl Insight {
    /// The total, else the latest day that was over at `now`.
    pub fn latest(&self, now: Timestamp) -> Option<i64> {
        let over = self.days.iter().filter(|(end, _)| end.is_none_or(|end| end <= now));
        self.total.or_else(|| over.max_by_key(|(end, _)| *end).map(|(_, value)| *value))
    }
}

/// Reads the metrics of an insights answer. A metric without data is left out: absent is not 0.
pub fn parse_insights(json: &Json) -> Vec<Insight> {
    let list = at(json, "/data").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().take(32).filter_map(parse_insight).collect()
}

fn parse_insight(json: &Json) -> Option<Insight> {
    let items = |json, pointer| at(json, pointer).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let day = |value: &Json| {
        let end = at(value, "/end_time").and_then(Json::as_str).and_then(graph_time);
        Some((end, optional_count(value, "/value")?))
    };
    Some(Insight {
        name: text(json, "/name")?,
        total: optional_count(json, "/total_value/value"),
        days: items(json, "/values").iter().take(100).filter_map(day).collect(),
        breakdowns: items(json, "/total_value/breakdowns").iter().take(8).filter_map(parse_breakdown).collect(),
    })
}

/// Rows of one breakdown; `timeframe` may stand among the dimensions and is not one.
fn parse_breakdown(json: &Json) -> Option<(String, Vec<(String, i64)>)> {
    let keys = at(json, "/dimension_keys")?.as_array()?;
    let place = keys.iter().position(|key| key.as_str().is_some_and(|key| key != "timeframe"))?;
    let row = |row: &Json| Some((text(row, &format!("/dimension_values/{place}"))?, optional_count(row, "/value")?));
    let rows = at(json, "/results").and_then(Json::as_array)?;
    Some((keys[place].as_str()?.to_owned(), rows.iter().take(100).filter_map(row).collect()))
}

/// The numbers a group brought, by our names. Views of 0 beside a reach above 0 are an artefact, hence unknown.
pub(super) fn numbers(metrics: &[(&str, &'static str)], json: &Json, now: Timestamp) -> Vec<(&'static str, i64)> {
    let found = parse_insights(json);
    let value = |name: &str| found.iter().find(|insight| insight.name == name).and_then(|insight| insight.latest(now));
    metrics.iter().filter_map(|(name, ours)| Some((*ours, value(name)?))).collect()
}

/// Drops views that cannot be true beside the reach of the same window.
pub(super) fn without_artefacts(numbers: &mut BTreeMap<&'static str, i64>) {
    for (views, reach) in [("impressions_daily", "reach_daily"), ("views_28d", "reach_28d")] {
        if numbers.get(views) == Some(&0) && numbers.get(reach).is_some_and(|reach| *reach > 0) {
            numbers.remove(views);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn now() -> Timestamp {
        "2026-11-22T03:00:00Z".parse().unwrap()
    }

    #[test]
    fn the_latest_complete_day_counts() {
        let series = json!({ "data": [{ "name": "reach", "period": "day", "values": [
            { "value": 15_233, "end_time": "2026-11-21T08:00:00+0000" },
            { "value": 14_890, "end_time": "2026-11-20T08:00:00+0000" },
            { "value": 12, "end_time": "2026-11-22T08:00:00+0000" },
        ]}]});
        assert_eq!(numbers(GROUPS[0].metrics, &series, now()), [("reach_daily", 15_233)]);
    }

    #[test]
    fn absent_data_is_not_zero() {
        for body in [json!({ "data": [] }), json!({}), json!({ "data": [{ "name": "reach", "values": [] }] })] {
            assert!(numbers(GROUPS[0].metrics, &body, now()).is_empty(), "{body}");
        }
        let demographics = json!({ "data": [{ "name": "views", "total_value": { "breakdowns": [] } }] });
        assert!(numbers(GROUPS[1].metrics, &demographics, now()).is_empty());
    }

    #[test]
    fn no_views_beside_some_reach_is_unknown() {
        let mut found =
            BTreeMap::from([("views_28d", 0), ("reach_28d", 7), ("impressions_daily", 0), ("reach_daily", 0)]);
        without_artefacts(&mut found);
        assert_eq!(found, BTreeMap::from([("reach_28d", 7), ("impressions_daily", 0), ("reach_daily", 0)]));
    }

    #[test]
    fn a_window_is_28_days_in_unix_seconds() {
        let query = GROUPS[3].query(GROUPS[3].metrics, now());
        let value = |name: &str| query.iter().find(|(known, _)| *known == name).unwrap().1.clone();
        assert_eq!(value("metric"), "reach,views");
        assert_eq!(value("until").parse::<i64>().unwrap() - value("since").parse::<i64>().unwrap(), 28 * DAY_SECS);
        assert!(GROUPS[1].query(GROUPS[1].metrics, now()).iter().all(|(name, _)| *name != "since"));
    }

    #[test]
    fn a_breakdown_is_found_by_its_name_and_not_by_its_place() {
        let body = json!({ "data": [{ "name": "follower_demographics", "total_value": { "breakdowns": [{
            "dimension_keys": ["timeframe", "age"],
            "results": [{ "dimension_values": ["THIS_MONTH", "18-24"], "value": 31_200 }] }] } }] });
        assert_eq!(parse_insights(&body)[0].breakdowns["age"], [("18-24".to_owned(), 31_200)]);
    }
}
