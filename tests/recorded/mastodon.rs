//! Recorded answers of Mastodon instances through the client's own parsers.

use mediakit::domain::failure::FailureKind;
use mediakit::domain::reading::Reported;
use mediakit::platforms::mastodon;
use serde_json::Value as Json;

/// Checks one recorded file; `None` when it is not one this module knows.
pub fn check(file: &str, bytes: &[u8], values: &Json) -> Option<Result<(), String>> {
    let result = match file {
        "mastodon/account_docs_example.json" | "mastodon/verify_credentials_mastodon_social_2021.json" => {
            account(bytes, values)
        }
        "mastodon/accounts_lookup_404.json" => no_reading(bytes),
        _ => return None,
    };
    Some(result.map_err(|error| format!("{file}: {error}")))
}

fn account(bytes: &[u8], values: &Json) -> Result<(), String> {
    let json: Json = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    let reading = mastodon::parse(&json, "mastodon.social").map_err(|e| e.to_string())?;
    for (key, field) in
        [("followers", "followers_count"), ("following", "following_count"), ("posts", "statuses_count")]
    {
        let expected = values[field].as_i64().map(Reported::exact);
        let got = reading.numbers.get(key).cloned();
        if got.is_none() || got != expected {
            return Err(format!("{key} is {got:?}, not {expected:?}"));
        }
    }
    Ok(())
}

fn no_reading(bytes: &[u8]) -> Result<(), String> {
    let json: Json = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    match mastodon::parse(&json, "mastodon.social") {
        Err(error) if error.kind == FailureKind::Schema => Ok(()),
        other => Err(format!("expected a schema error, got {other:?}")),
    }
}
