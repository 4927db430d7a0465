//! Which insights there are and what may be asked together with what.
//! <https://developers.facebook.com/docs/instagram-platform/reference/ig-user/insights>

use crate::call::Call;

pub const DAY: i64 = 86_400;

/// One metric and its rules.
pub struct Metric {
    pub name: &'static str,
    pub title: &'static str,
    pub period: &'static str,
    pub form: Form,
    pub breakdowns: &'static [&'static str],
    /// Of the followers, on a usual day.
    pub level: f64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
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

/// What was asked, after all rules.
pub struct Question<'a> {
    pub metrics: Vec<&'static Metric>,
    pub total: bool,
    pub breakdown: Option<&'a str>,
    pub since: i64,
    pub until: i64,
}

/// The question, or why it is refused; one wrong metric refuses all.
pub fn understood(call: &Call) -> Result<Question<'_>, String> {
    let metrics = metrics(call)?;
    let total = call.arg("metric_type") == Some("total_value");
    let breakdown = call.arg("breakdown");
    let (since, until) = span(call)?;
    for metric in &metrics {
        check_form(call, metric, total)?;
        check_breakdown(call, metric, breakdown, total)?;
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

fn check_breakdown(call: &Call, metric: &Metric, breakdown: Option<&str>, total: bool) -> Result<(), String> {
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
    let retired = |name: &str| name == "country" && call.shows("meta/demographics-country-refused");
    let known = |name: &str| metric.breakdowns.contains(&name) && !retired(name);
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
