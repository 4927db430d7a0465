//! Recorded answers of Discord through the client's own parsers.

use std::time::Duration;

use mediakit::domain::failure::FailureKind;
use mediakit::domain::reading::Reported;
use mediakit::platforms::discord;
use serde_json::Value as Json;

/// Checks one recorded file; `None` when it is not one this module knows.
pub fn check(file: &str, bytes: &[u8], values: &Json) -> Option<Result<(), String>> {
    let name = file.strip_prefix("discord/")?;
    Some(read(name, bytes, values)?.map_err(|error| format!("{file}: {error}")))
}

fn read(name: &str, bytes: &[u8], values: &Json) -> Option<Result<(), String>> {
    let json: Json = match serde_json::from_slice(bytes) {
        Ok(json) => json,
        Err(error) => return Some(Err(error.to_string())),
    };
    Some(match name {
        "invite_forsen_2024.json" => invite(json, values),
        "invite_unknown_10006.json" => refused(&json, FailureKind::NotFound, None),
        "rate_limit_429_global.json" | "rate_limit_429_user.json" => {
            refused(&json, FailureKind::RateLimited, values["retry_after"].as_f64().map(Duration::from_secs_f64))
        }
        // The widget is not an invite; its online count is not taken for members.
        "widget_docs_example.json" => no_reading(&json),
        _ => return None,
    })
}

fn invite(mut json: Json, values: &Json) -> Result<(), String> {
    let reading = discord::parse(&json).map_err(|e| e.to_string())?;
    for key in ["members", "online"] {
        let expected = values[key].as_i64().map(Reported::approximate);
        let got = reading.numbers.get(key).cloned();
        if got.is_none() || got != expected {
            return Err(format!("{key} is {got:?}, not {expected:?}"));
        }
    }
    let got = (Some(reading.account_id.as_str()), reading.profile.name.as_deref(), reading.profile.username.as_str());
    let expected = (values["guild.id"].as_str(), values["guild.name"].as_str(), values["code"].as_str());
    if (got.0, got.1, Some(got.2)) != expected {
        return Err(format!("{got:?} is not {expected:?}"));
    }
    // The same answer asked for without `with_counts`.
    if let Some(fields) = json.as_object_mut() {
        fields.retain(|key, _| !key.starts_with("approximate_"));
    }
    no_reading(&json)
}

fn refused(json: &Json, kind: FailureKind, wait: Option<Duration>) -> Result<(), String> {
    match discord::refusal(json) {
        Some(error) if error.kind == kind && error.wait == wait => Ok(()),
        other => Err(format!("expected {kind:?} and {wait:?}, got {other:?}")),
    }
}

fn no_reading(json: &Json) -> Result<(), String> {
    match discord::parse(json) {
        Err(error) if error.kind == FailureKind::Schema => Ok(()),
        other => Err(format!("expected a schema error, got {other:?}")),
    }
}
