//! Status faults: answers with nothing of the platform in them, as a proxy, a firewall or a
//! data centre on fire gives them. The request is not processed.

use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::Hit;
use crate::answer::Answer;
use crate::call::Call;

/// The answer in place of the platform's own; `None` lets the request through.
pub fn refuse(hit: Hit, call: &Call) -> Option<Answer> {
    let what = hit.name.strip_prefix("status/")?;
    if what == "success-after-two-503" {
        return (hit.before < 2).then(|| plain(503));
    }
    if let Some(to) = what.strip_prefix("redirect-") {
        return Some(redirect(to, call));
    }
    if let Some(kind) = what.strip_prefix("429-") {
        return Some(slow_down(kind, call.now));
    }
    what.parse().ok().map(plain)
}

fn redirect(to: &str, call: &Call) -> Answer {
    match to {
        "internal" => Answer::redirect("http://169.254.169.254/latest/meta-data/"),
        "other-host" => Answer::redirect("https://elsewhere.example/continue"),
        "login" => Answer::redirect(format!("/accounts/login/?next={}", call.path)),
        _ => Answer::redirect(call.path.clone()),
    }
}

fn slow_down(kind: &str, now: Timestamp) -> Answer {
    let answer = plain(429);
    match kind {
        "seconds" => answer.with("retry-after", "90"),
        "http-date" => answer.with("retry-after", http_date(now + SignedDuration::from_secs(90))),
        "garbage" => answer.with("retry-after", "soon"),
        "year-9999" => answer.with("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT"),
        _ => answer,
    }
}

fn plain(status: u16) -> Answer {
    let reason = hyper::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Unknown Error");
    match status {
        500.. => Answer::html(
            status,
            format!("<html><head><title>{status} {reason}</title></head><body><h1>{reason}</h1></body></html>"),
        ),
        _ => Answer::json(status, json!({ "message": reason })),
    }
}

/// The form of a time that HTTP headers use.
pub fn http_date(at: Timestamp) -> String {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&at).unwrap_or_default()
}
