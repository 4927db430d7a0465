//! The Analytics API: who watches, for the grant's own channel.
//! <https://developers.google.com/youtube/analytics/reference/reports/query>

use jiff::civil::Date;
use serde_json::{Value, json};

use super::{refused, route};
use crate::answer::{Answer, Shape};
use crate::call::Call;
use crate::random::{real, whole};
use crate::state::Shared;
use crate::world::{Account, Share, ages_by_gender, countries};

const ROWS: Shape = Shape { count: "/rows/0/1", id: "", name: "", list: "/rows" };

/// `youtubeanalytics.googleapis.com`
pub fn answer(shared: &Shared, call: &Call) -> Answer {
    let path = call.segments();
    let ("GET", ["v2", "reports"]) = route!(call, path) else {
        return refused(404, "Not Found", "global", "notFound");
    };
    let token = call.bearer().and_then(|token| shared.books().valid("youtube", token, call.now));
    let readable = |scopes: &[String]| scopes.iter().any(|scope| scope.contains("yt-analytics"));
    let Some(token) = token else {
        return refused(401, "Invalid Credentials", "global", "authError");
    };
    let account = shared.holder(&token).filter(|_| readable(&token.scopes));
    let Some(account) = account else {
        return refused(403, "Insufficient Permission", "global", "insufficientPermissions");
    };
    let arg = |name: &str| call.arg(name).unwrap_or_default();
    let days = days(arg("startDate"), arg("endDate")).filter(|_| arg("ids") == "channel==MINE");
    let Some(days) = days else {
        return refused(400, "The query is not supported.", "global", "badRequest");
    };
    report(call, &account, days, (arg("metrics"), arg("dimensions")))
}

/// How many days a window has, both its ends included.
fn days(from: &str, to: &str) -> Option<i64> {
    let (from, to): (Date, Date) = (from.parse().ok()?, to.parse().ok()?);
    (from <= to).then(|| from.duration_until(to).as_hours() / 24 + 1)
}

fn report(call: &Call, account: &Account, days: i64, (metrics, dimensions): (&str, &str)) -> Answer {
    let (columns, rows) = match (metrics, dimensions) {
        ("viewerPercentage", "ageGroup,gender") => (&["ageGroup", "gender"][..], viewers(account)),
        ("views", "country") => (&["country"][..], by_country(call, account, days)),
        _ => {
            return refused(
                400,
                "The query is not supported. Check the documentation for supported queries.",
                "global",
                "badRequest",
            );
        }
    };
    let mut headers: Vec<Value> =
        columns.iter().map(|name| json!({"name": name, "columnType": "DIMENSION", "dataType": "STRING"})).collect();
    let kind = if metrics == "views" { "INTEGER" } else { "FLOAT" };
    headers.push(json!({"name": metrics, "columnType": "METRIC", "dataType": kind}));
    let mut table = json!({"kind": "youtubeAnalytics#resultTable", "columnHeaders": headers});
    if !call.shows("youtube/analytics-no-rows") {
        table["rows"] = json!(rows);
    }
    Answer::json(200, table).shaped(&ROWS)
}

fn viewers(account: &Account) -> Vec<Value> {
    let shares = ages_by_gender(account);
    let known: Vec<&Share> = shares.iter().filter(|share| share.names[1] != "U").collect();
    let all: f64 = known.iter().map(|share| share.share).sum();
    known
        .iter()
        .map(|share| {
            let gender = if share.names[1] == "F" { "female" } else { "male" };
            let age = share.names[0].replace("65+", "65-");
            let percent = real(whole(share.share / all * 1_000.0)) / 10.0;
            json!([format!("age{age}"), gender, percent])
        })
        .collect()
}

/// On a usual day a thousandth of all views there are.
fn by_country(call: &Call, account: &Account, days: i64) -> Vec<Value> {
    let views = real(account.start.views) / 1000.0 * real(days);
    let most = call.arg("maxResults").and_then(|most| most.parse().ok()).unwrap_or(200);
    countries(account).iter().take(most).map(|share| json!([share.names[0], whole(views * share.share)])).collect()
}
