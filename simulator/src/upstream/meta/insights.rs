//! Insights: what may be asked together with what, and the numbers.
//! <https://developers.facebook.com/docs/instagram-platform/reference/ig-user/insights>

use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::{bad_parameter, no_permission};
use super::node::graph_time;
use crate::answer::{Answer, Shape};
use crate::call::Call;
use crate::ledger::Token;
use crate::random::{real, whole};
use crate::world::{Account, Share, ages, ages_by_gender, cities, countries, daily, day_of, day_start, genders};

/// One metric and its rules.
struct Metric {
    name: &'static str,
    title: &'static str,
    period: &'static str,
    form: Form,
    breakdowns: &'static [&'static str],
    /// Of the followers, on a usual day.
    level: f64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    SeriesOrTotal,
    Series,
    Total,
    Hours,
    Audience,
}

const FOLLOW: &[&str] = &["follow_type", "media_product_type"];
const PRODUCT: &[&str] = &["media_product_type"];
const AUDIENCE: &[&str] = &["age", "gender", "country", "city"];

const fn day(name: &'static str, title: &'static str, breakdowns: &'static [&'static str], level: f64) -> Metric {
    Metric { name, title, period: "day", form: Form::Total, breakdowns, level }
}

const METRICS: [Metric; 18] = [
    Metric { form: Form::SeriesOrTotal, ..day("reach", "Reach", FOLLOW, 0.142) },
    day("views", "Views", FOLLOW, 0.41),
    day("accounts_engaged", "Accounts engaged", &[], 0.021),
    day("total_interactions", "Content interactions", PRODUCT, 0.034),
    day("likes", "Likes", PRODUCT, 0.026),
    day("comments", "Comments", PRODUCT, 0.0013),
    day("saves", "Saves", PRODUCT, 0.0041),
    day("shares", "Shares", PRODUCT, 0.0022),
    day("replies", "Replies", &[], 0.0006),
    day("reposts", "Reposts", &[], 0.0004),
    day("follows_and_unfollows", "Follows and unfollows", &["follow_type"], 0.004),
    day("profile_links_taps", "Profile links taps", &["contact_button_type"], 0.0012),
    day("profile_views", "Profile views", &[], 0.033),
    day("website_clicks", "Website clicks", &[], 0.0018),
    Metric { form: Form::Series, ..day("follower_count", "Follower Count", &[], 0.0023) },
    Metric { period: "lifetime", form: Form::Hours, ..day("online_followers", "Online Followers", &[], 0.3) },
    Metric {
        period: "lifetime",
        form: Form::Audience,
        ..day("follower_demographics", "Follower demographics", AUDIENCE, 1.0)
    },
    Metric {
        period: "lifetime",
        form: Form::Audience,
        ..day("engaged_audience_demographics", "Engaged audience demographics", AUDIENCE, 0.2)
    },
];

const TIMEFRAMES: [&str; 6] = ["last_14_days", "last_30_days", "last_90_days", "prev_month", "this_month", "this_week"];
const FEWEST_FOLLOWERS: i64 = 100;
const DAY: i64 = 86_400;

const TOTAL: Shape = Shape { count: "/data/0/total_value/value", id: "", name: "/data/0/title", list: "/data" };
const SERIES: Shape = Shape { count: "/data/0/values/0/value", ..TOTAL };
const PARTS: Shape = Shape { count: "/data/0/total_value/breakdowns/0/results/0/value", ..TOTAL };

/// What was asked, after all rules.
struct Question<'a> {
    metrics: Vec<&'static Metric>,
    total: bool,
    breakdown: Option<&'a str>,
    since: i64,
    until: i64,
}

/// `GET /{ig-id}/insights`
pub fn answer(call: &Call, token: &Token, account: &Account) -> Answer {
    let allowed = token.scopes.iter().any(|scope| scope.ends_with("manage_insights"));
    if !allowed || call.shows("meta/insights-scope-missing") {
        return no_permission();
    }
    let question = match understood(call) {
        Ok(question) => question,
        Err(why) => return bad_parameter(&why),
    };
    let data: Vec<Value> =
        question.metrics.iter().filter_map(|metric| entry(call, account, metric, &question)).collect();
    let shape = match question.metrics.first().map(|metric| metric.form) {
        Some(Form::Audience) => &PARTS,
        Some(Form::Series | Form::Hours) => &SERIES,
        _ if !question.total => &SERIES,
        _ => &TOTAL,
    };
    Answer::json(200, json!({ "data": data, "paging": neighbours(call, &question) })).shaped(shape)
}

fn understood(call: &Call) -> Result<Question<'_>, String> {
    let metrics = metrics(call)?;
    let total = call.arg("metric_type") == Some("total_value");
    let breakdown = call.arg("breakdown");
    let (since, until) = span(call)?;
    for metric in &metrics {
        check_form(call, metric, total)?;
        check_breakdown(metric, breakdown, total)?;
        let series = matches!(metric.form, Form::Series) || (metric.form == Form::SeriesOrTotal && !total);
        if series && until - since > 30 * DAY {
            return Err("there cannot be more than 30 days (2592000 s) between since and until".to_owned());
        }
    }
    Ok(Question { metrics, total, breakdown, since, until })
}

fn metrics(call: &Call) -> Result<Vec<&'static Metric>, String> {
    let retired = match call.fault().name {
        "meta/insights-impressions-removed" => "impressions",
        "meta/insights-reach-removed" => "reach",
        "meta/insights-views-removed" => "views",
        _ => "",
    };
    let asked = call.arg("metric").ok_or("The parameter metric is required")?;
    asked
        .split(',')
        .enumerate()
        .map(|(at, name)| {
            METRICS
                .iter()
                .find(|metric| metric.name == name.trim() && metric.name != retired)
                .ok_or_else(|| one_of(at, retired))
        })
        .collect()
}

fn one_of(at: usize, retired: &str) -> String {
    let names: Vec<&str> = METRICS.iter().map(|metric| metric.name).filter(|name| *name != retired).collect();
    format!("metric[{at}] must be one of the following values: {}", names.join(", "))
}

fn check_form(call: &Call, metric: &Metric, total: bool) -> Result<(), String> {
    let name = metric.name;
    if call.arg("period").is_some_and(|period| period != metric.period) {
        return Err(format!("The following metrics ({name}) are incompatible with the period"));
    }
    match metric.form {
        Form::Total | Form::Audience if !total => {
            Err(format!("The following metrics ({name}) should be specified with parameter metric_type=total_value"))
        }
        Form::Series | Form::Hours if total => {
            Err(format!("The following metrics ({name}) are incompatible with the metric type (total_value)"))
        }
        Form::Audience => check_timeframe(call, name),
        _ => Ok(()),
    }
}

fn check_timeframe(call: &Call, name: &str) -> Result<(), String> {
    let engaged = name == "engaged_audience_demographics";
    match call.arg("timeframe") {
        Some(frame) if !TIMEFRAMES.contains(&frame) => {
            Err(format!("timeframe must be one of the following values: {}", TIMEFRAMES.join(", ")))
        }
        Some("this_week" | "this_month") => Ok(()),
        Some(_) if engaged => Err(format!("The following metrics ({name}) are incompatible with the timeframe")),
        Some(_) => Ok(()),
        None => Err(format!("The following metrics ({name}) should be specified with parameter timeframe")),
    }
}

fn check_breakdown(metric: &Metric, breakdown: Option<&str>, total: bool) -> Result<(), String> {
    let Some(breakdown) = breakdown else {
        return match metric.form {
            Form::Audience => {
                Err(format!("The following metrics ({}) should be specified with parameter breakdown", metric.name))
            }
            _ => Ok(()),
        };
    };
    if !total {
        return Err("Breakdowns are only supported with metric_type=total_value".to_owned());
    }
    let known = |name: &str| metric.breakdowns.contains(&name);
    if breakdown.split(',').all(known) {
        Ok(())
    } else {
        Err(format!("The breakdown ({breakdown}) is incompatible with the metric ({})", metric.name))
    }
}

/// Seconds of the window; the last day when none is given.
fn span(call: &Call) -> Result<(i64, i64), String> {
    let now = call.now.as_second();
    let read = |name: &str, other: i64| match call.arg(name) {
        Some(text) => text.parse().map_err(|_| format!("param {name} must be a valid Unix timestamp")),
        None => Ok(other),
    };
    let until = read("until", now)?;
    let since = read("since", until - DAY)?;
    if since > until {
        return Err("since param must be before until param".to_owned());
    }
    if since < now - 2 * 365 * DAY {
        return Err("since param is not valid. Metrics data is available for the last 2 years".to_owned());
    }
    Ok((since, until))
}

/// One entry of `data`; nothing where the platform has no data to show.
fn entry(call: &Call, account: &Account, metric: &Metric, question: &Question<'_>) -> Option<Value> {
    let small = account.followers(call.now) < FEWEST_FOLLOWERS || call.shows("meta/demographics-below-threshold");
    let needs_many = matches!(metric.form, Form::Audience | Form::Series);
    if call.shows("meta/insights-empty") || (small && needs_many) {
        return None;
    }
    let mut entry = json!({
        "name": metric.name, "period": metric.period, "title": metric.title,
        "description": format!("{} of this account in the chosen time.", metric.title),
        "id": format!("{}/insights/{}/{}", account.id(), metric.name, metric.period),
    });
    match metric.form {
        Form::Audience => {
            entry["total_value"] = audience(account, metric, question.breakdown?, call.now);
        }
        Form::Hours => entry["values"] = hours(account, call.now),
        _ if question.total => entry["total_value"] = total(account, metric, question),
        _ => entry["values"] = series(account, metric, question),
    }
    Some(entry)
}

fn on_day(account: &Account, metric: &Metric, day: i64) -> i64 {
    let level = real(account.followers(day_start(day))) * metric.level;
    daily(account.dice.text(metric.name), day, level)
}

fn days(question: &Question<'_>) -> std::ops::Range<i64> {
    question.since.div_euclid(DAY)..question.until.div_euclid(DAY)
}

fn series(account: &Account, metric: &Metric, question: &Question<'_>) -> Value {
    days(question)
        .map(|day| json!({"value": on_day(account, metric, day), "end_time": graph_time(day_start(day + 1))}))
        .collect()
}

/// Reach counts each account once, so it grows slower than the sum of its days.
fn total(account: &Account, metric: &Metric, question: &Question<'_>) -> Value {
    let sum: i64 = days(question).map(|day| on_day(account, metric, day)).sum();
    let count = real(days(question).end - days(question).start).max(1.0);
    let value = match metric.name {
        "reach" => whole(real(sum) / count.powf(0.45)),
        _ => sum,
    };
    match question.breakdown {
        Some(breakdown) => json!({"value": value, "breakdowns": [parts(breakdown, value)]}),
        None => json!({ "value": value }),
    }
}

/// The parts of a breakdown may exceed the total by one, as the platform's do.
fn parts(breakdown: &str, value: i64) -> Value {
    let shares: &[(&str, f64)] = match breakdown {
        "follow_type" => &[("FOLLOWER", 0.61), ("NON_FOLLOWER", 0.39)],
        "media_product_type" => &[("REEL", 0.58), ("POST", 0.23), ("STORY", 0.14), ("CAROUSEL_CONTAINER", 0.05)],
        _ => &[("EMAIL", 0.7), ("CALL", 0.3)],
    };
    let results: Vec<Value> = shares
        .iter()
        .map(|(name, share)| json!({"dimension_values": [name], "value": whole(real(value) * share + 0.5)}))
        .collect();
    json!({"dimension_keys": [breakdown], "results": results})
}

fn audience(account: &Account, metric: &Metric, breakdown: &str, now: Timestamp) -> Value {
    let all = real(account.followers(now)) * metric.level;
    let shares: Vec<Share> = match breakdown {
        "age" => ages(account),
        "gender" => genders(account),
        "country" => countries(account),
        "city" => cities(account),
        _ => ages_by_gender(account),
    };
    let results: Vec<Value> = shares
        .iter()
        .map(|share| json!({"dimension_values": share.names, "value": whole(all * share.share)}))
        .collect();
    let keys: Vec<&str> = breakdown.split(',').collect();
    json!({"breakdowns": [{"dimension_keys": keys, "results": results}]})
}

fn hours(account: &Account, now: Timestamp) -> Value {
    let level = real(account.followers(now)) * 0.3;
    let hours: serde_json::Map<String, Value> = (0..24_i64)
        .map(|hour| (hour.to_string(), json!(daily(account.dice.text("online").number(hour), day_of(now), level))))
        .collect();
    json!([{"value": hours, "end_time": graph_time(day_start(day_of(now)))}])
}

fn neighbours(call: &Call, question: &Question<'_>) -> Value {
    let length = question.until - question.since;
    let at = |since: i64| format!("https://graph.facebook.com{}?since={since}&until={}", call.path, since + length);
    json!({"previous": at(question.since - length), "next": at(question.until)})
}
