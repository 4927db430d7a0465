//! Who watches the token's own channel, over 28 days: signed-in viewers by age and gender, views by country. Each is a
//! question of its own, and neither can fail the reading.
//! <https://developers.google.com/youtube/analytics/channel_reports>

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use secrecy::SecretString;
use serde_json::Value as Json;

use super::YOUTUBE_ANALYTICS;
use super::api::{self, NO_SCOPE, NOT_ENABLED};
use crate::domain::demographics::{Breakdown, Dimension, Part, Whole};
use crate::domain::metric::{Origin, Precision, Provenance};
use crate::domain::reading::Note;
use crate::outbound::{Access, Call, Outbound};
use crate::platforms::FetchError;
use crate::platforms::fields::{accepted, at};

/// How long a window is that both questions are about; it ends with yesterday.
const DAYS: u32 = 28;
/// A whole of viewers, in hundredths of a per cent.
const ALL_VIEWERS: i64 = 10_000;
/// More rows of an answer than these are not looked at.
const MOST_ROWS: usize = 500;

/// What could be had, and why the rest could not.
#[derive(Debug, Default)]
pub(super) struct Audience {
    pub breakdowns: Vec<Breakdown>,
    pub notes: Vec<Note>,
}

/// Asks about the token's own channel.
pub(super) async fn fetch(http: &Outbound, token: &SecretString, now: Timestamp) -> Audience {
    let viewers = [("metrics", "viewerPercentage"), ("dimensions", "ageGroup,gender")];
    let views = [("metrics", "views"), ("dimensions", "country"), ("sort", "-views")];
    let (viewers, views) = tokio::join!(ask(http, token, &viewers, now), ask(http, token, &views, now));
    let mut all = Audience::default();
    all.take(viewers, &[Dimension::Age, Dimension::Gender], parse_viewers);
    all.take(views, &[Dimension::Country], |table| parse_countries(table).into_iter().collect());
    all
}

impl Audience {
    fn take(
        &mut self,
        answer: Result<Json, FetchError>,
        about: &[Dimension],
        read: impl FnOnce(&Json) -> Vec<Breakdown>,
    ) {
        match answer {
            Ok(table) => self.breakdowns.extend(read(&table)),
            Err(error) => self.notes.extend(about.iter().map(|dimension| Note {
                part: dimension.key().to_owned(),
                kind: error.kind,
                detail: error.detail.clone(),
            })),
        }
    }
}

/// <https://developers.google.com/youtube/analytics/reference/reports/query>
async fn ask(
    http: &Outbound,
    token: &SecretString,
    about: &[(&str, &str)],
    now: Timestamp,
) -> Result<Json, FetchError> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let day = |ago: u32| today.saturating_sub(i64::from(ago).days()).to_string();
    let call = Call::get(YOUTUBE_ANALYTICS, "/v2/reports")
        .query("ids", "channel==MINE")
        .query("startDate", day(DAYS))
        .query("endDate", day(1));
    let call = about.iter().fold(call, |call, (name, value)| call.query(name, *value));
    let answer = http.send(&call.bearer(token)).await?;
    accepted(&answer, Access::Credentials, |json| refusal(json, now))
}

/// The Data API's words, with what this interface wants.
fn refusal(json: &Json, now: Timestamp) -> Option<FetchError> {
    let error = api::refusal(json, now)?;
    Some(match error.detail.as_deref() {
        Some(NO_SCOPE) => error.because("the scope yt-analytics.readonly was not granted"),
        Some(NOT_ENABLED) => error.because("the YouTube Analytics API is not enabled for the app's project"),
        _ => error,
    })
}

/// Ages and genders of an answer about both. Too few viewers: no rows, which is unknown.
pub fn parse_viewers(table: &Json) -> Vec<Breakdown> {
    let (mut ages, mut genders) = (BTreeMap::new(), BTreeMap::new());
    for row in rows(table, ["ageGroup", "gender", "viewerPercentage"]) {
        let [age, gender, percent] = row;
        let Some(part) = percent.as_f64().and_then(hundredths) else { continue };
        for (parts, key) in
            [(&mut ages, age.as_str().and_then(of_age)), (&mut genders, gender.as_str().and_then(of_gender))]
        {
            if let Some(key) = key {
                *parts.entry(key).or_insert(0) += part;
            }
        }
    }
    let made = |dimension, parts| breakdown(dimension, parts, (Whole::Viewers, ALL_VIEWERS), Precision::Rounded);
    [made(Dimension::Age, ages), made(Dimension::Gender, genders)].into_iter().flatten().collect()
}

/// Countries by the views from them; the whole is every view that YouTube places in some country, known or not.
pub fn parse_countries(table: &Json) -> Option<Breakdown> {
    let rows = rows(table, ["country", "views"]).into_iter();
    let named = rows.filter_map(|[country, views]| Some((country.as_str()?, views.as_i64().filter(|n| *n >= 0)?)));
    let named: BTreeMap<&str, i64> = named.collect();
    let all = named.values().fold(0_i64, |sum, views| sum.saturating_add(*views));
    let known = named.into_iter().filter(|(country, _)| Dimension::Country.takes(country));
    let parts = known.map(|(country, views)| (country.to_owned(), views)).collect();
    breakdown(Dimension::Country, parts, (Whole::Views, all), Precision::Exact)
}

fn breakdown(
    dimension: Dimension,
    parts: BTreeMap<String, i64>,
    (whole, total): (Whole, i64),
    precision: Precision,
) -> Option<Breakdown> {
    Breakdown {
        dimension,
        parts: parts.into_iter().map(|(key, count)| Part { key, count }).collect(),
        whole,
        total,
        window_days: Some(DAYS),
        precision,
        origin: Origin {
            source: "YouTube Analytics API".to_owned(),
            provenance: Provenance::OwnerAuthorised,
            api_version: Some("v2".to_owned()),
            api_version_answered: None,
        },
    }
    .known()
}

/// The cells of these columns, row by row; columns are told by their names and not by their places.
fn rows<'a, const N: usize>(table: &'a Json, columns: [&str; N]) -> Vec<[&'a Json; N]> {
    let list = |pointer| at(table, pointer).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let place =
        |name: &str| list("/columnHeaders").iter().position(|column| at(column, "/name").is_some_and(|n| n == name));
    let places = columns.map(place);
    let cells = |row: &'a Json| {
        let cells = places.map(|place| row.get(place?));
        cells.iter().all(Option::is_some).then(|| cells.map(|cell| cell.unwrap_or(&Json::Null)))
    };
    list("/rows").iter().take(MOST_ROWS).filter_map(cells).collect()
}

/// `age18-24` is `18-24`, and the oldest are `age65-`.
fn of_age(name: &str) -> Option<String> {
    let age = name.strip_prefix("age")?;
    let age = age.strip_suffix('-').map_or_else(|| age.to_owned(), |from| format!("{from}+"));
    Dimension::Age.takes(&age).then_some(age)
}

fn of_gender(name: &str) -> Option<String> {
    let gender = if name == "user_specified" { "self_described" } else { name };
    Dimension::Gender.takes(gender).then(|| gender.to_owned())
}

/// A percentage in hundredths; nothing that can't be one.
fn hundredths(percent: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    (0.0..=100.0).contains(&percent).then(|| (percent * 100.0).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::failure::FailureKind;
    use serde_json::json;

    fn table(columns: &[&str], rows: &Json) -> Json {
        let headers: Vec<Json> = columns.iter().map(|name| json!({ "name": name })).collect();
        json!({ "columnHeaders": headers, "rows": rows })
    }

    fn parts(breakdown: &Breakdown) -> Vec<(&str, i64)> {
        breakdown.parts.iter().map(|part| (part.key.as_str(), part.count)).collect()
    }

    #[test]
    fn ages_and_genders_are_sums_of_their_cells() {
        let rows = json!([["male", 21.4, "age18-24"], ["female", 9.85, "age18-24"], ["user_specified", 0.5, "age65-"]]);
        let read = parse_viewers(&table(&["gender", "viewerPercentage", "ageGroup"], &rows));
        assert_eq!(parts(&read[0]), [("18-24", 3_125), ("65+", 50)]);
        assert_eq!(parts(&read[1]), [("female", 985), ("male", 2_140), ("self_described", 50)]);
        assert!(read.iter().all(|b| (b.whole, b.total, b.window_days) == (Whole::Viewers, 10_000, Some(28))));
    }

    #[test]
    fn countries_are_parts_of_all_views_and_an_unknown_one_is_none() {
        let read =
            parse_countries(&table(&["country", "views"], &json!([["DE", 600], ["ZZ", 300], ["AT", 100]]))).unwrap();
        assert_eq!((parts(&read), read.total), (vec![("AT", 100), ("DE", 600)], 1000));
    }

    #[test]
    fn what_is_missing_is_named() {
        let now = "2026-11-22T03:00:00Z".parse().unwrap();
        for (reason, names) in
            [("insufficientPermissions", "yt-analytics.readonly"), ("accessNotConfigured", "YouTube Analytics API")]
        {
            let body = json!({ "error": { "code": 403, "errors": [{ "reason": reason }] } });
            let error = refusal(&body, now).unwrap();
            assert_eq!(error.kind, FailureKind::Permission);
            assert!(error.detail.unwrap().contains(names), "{reason}");
        }
        let quota = json!({ "error": { "errors": [{ "reason": "quotaExceeded" }] } });
        assert_eq!(refusal(&quota, now).unwrap().kind, FailureKind::Quota);
    }

    #[test]
    fn too_few_viewers_and_strange_answers_are_unknown() {
        let both = ["ageGroup", "gender", "viewerPercentage"];
        for body in [
            json!({}),
            json!([]),
            table(&both, &Json::Null),
            table(&both, &json!([])),
            table(
                &both,
                &json!([["age18-24", "male"], [1, 2, 3], ["age18-24", "male", "x"], ["age18-24", "male", 101.0]]),
            ),
            table(&["ageGroup", "gender"], &json!([["age18-24", "male", 3.0]])),
        ] {
            assert!(parse_viewers(&body).is_empty() && parse_countries(&body).is_none(), "{body}");
        }
        let negative =
            table(&["country", "views"], &json!([["DE", -1], ["AT", 1.5], ["CH", i64::MAX], ["FR", i64::MAX]]));
        assert_eq!(parse_countries(&negative).unwrap().total, i64::MAX);
    }
}
