//! Recorded answers of X through the client's own parsers.

use mediakit::domain::failure::FailureKind;
use mediakit::platforms::x;
use serde_json::{Value as Json, json};

/// Checks one recorded file; `None` when it is not one this module knows.
pub fn check(file: &str, bytes: &[u8], values: &Json) -> Option<Result<(), String>> {
    let name = file.strip_prefix("x/")?;
    Some(read(name, bytes, values)?.map_err(|error| format!("{file}: {error}")))
}

fn read(name: &str, bytes: &[u8], values: &Json) -> Option<Result<(), String>> {
    if name == "v2_error_429_plain.txt" {
        let plain = serde_json::from_slice::<Json>(bytes).is_err();
        return Some(if plain { Ok(()) } else { Err("expected a body that is not JSON".to_owned()) });
    }
    let json: Json = match serde_json::from_slice(bytes) {
        Ok(json) => json,
        Err(error) => return Some(Err(error.to_string())),
    };
    Some(match name {
        "v2_user_xdevelopers_docs_2026.json" => user(&json, values),
        "v2_users_two_2020.json" => users(&json, values),
        "v2_user_not_found.json" => fails(&json, FailureKind::NotFound),
        // Without `public_metrics`, or another answer altogether: an error and no number.
        "v2_user_twitterdev_full.json" | "v2_users_partial_errors.json" | "oauth2_bearer_token.json" => {
            fails(&json, FailureKind::Schema)
        }
        "problem_401_unauthorized.json" | "v2_error_400_invalid_request.json" => refused(&json, None),
        "problem_403_client_not_enrolled_2023.json" => refused(&json, Some(FailureKind::Permission)),
        _ => return None,
    })
}

fn users(json: &Json, values: &Json) -> Result<(), String> {
    let (rows, expected) = (json["data"].as_array(), values["users"].as_array());
    let (rows, expected) = (rows.ok_or("no rows")?, expected.ok_or("no expected rows")?);
    if rows.len() != expected.len() {
        return Err(format!("{} rows, not {}", rows.len(), expected.len()));
    }
    rows.iter().zip(expected).try_for_each(|(row, values)| user(&json!({ "data": row }), values))
}

fn user(json: &Json, values: &Json) -> Result<(), String> {
    let reading = x::parse(json).map_err(|e| e.to_string())?;
    for (key, field) in [
        ("followers", "followers_count"),
        ("following", "following_count"),
        ("posts", "tweet_count"),
        ("listed", "listed_count"),
    ] {
        let got = reading.numbers.get(key).and_then(|reported| reported.value.count());
        if got.is_none() || got != values[field].as_i64() {
            return Err(format!("{key} is {got:?}, not {}", values[field]));
        }
    }
    let names = (Some(reading.profile.username.as_str()), reading.profile.name.as_deref());
    let expected = (values["username"].as_str(), values["name"].as_str());
    if names == expected { Ok(()) } else { Err(format!("names are {names:?}, not {expected:?}")) }
}

fn fails(json: &Json, expected: FailureKind) -> Result<(), String> {
    match x::parse(json) {
        Err(error) if error.kind == expected => Ok(()),
        other => Err(format!("expected {expected:?}, got {other:?}")),
    }
}

/// What the body says by itself; `None` leaves it to the status.
fn refused(json: &Json, expected: Option<FailureKind>) -> Result<(), String> {
    let got = x::problem(json).map(|error| error.kind);
    if got == expected { Ok(()) } else { Err(format!("expected {expected:?}, got {got:?}")) }
}
