//! Insights: the numbers. What may be asked is in `metrics`.
//! <https://developers.facebook.com/docs/instagram-platform/reference/ig-user/insights>

use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::{bad_parameter, no_permission};
use super::metrics::{DAY, Form, Metric, Question, understood};
use super::node::graph_time;
use crate::answer::{Answer, Shape};
use crate::call::Call;
use crate::ledger::Token;
use crate::random::{real, whole};
use crate::world::{Account, Share, ages, ages_by_gender, cities, countries, daily, day_of, day_start, genders};

const FEWEST_FOLLOWERS: i64 = 100;

const TOTAL: Shape = Shape { count: "/data/0/total_value/value", id: "", name: "/data/0/title", list: "/data" };
const SERIES: Shape = Shape { count: "/data/0/values/0/value", ..TOTAL };
const PARTS: Shape = Shape { count: "/data/0/total_value/breakdowns/0/results/0/value", ..TOTAL };

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
