//! Recorded answers of Bluesky through the client's own parsers.

use mediakit::domain::reading::Reported;
use mediakit::platforms::bluesky;
use serde_json::Value as Json;

/// Checks one recorded file; `None` when it is not one this module knows.
pub fn check(file: &str, bytes: &[u8], values: &Json) -> Option<Result<(), String>> {
    let result = match file {
        "bluesky/getprofile_espn_2025.json" => profile(bytes, values),
        _ => return None,
    };
    Some(result.map_err(|error| format!("{file}: {error}")))
}

fn profile(bytes: &[u8], values: &Json) -> Result<(), String> {
    let json: Json = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    let reading = bluesky::parse(&json).map_err(|e| e.to_string())?;
    for (key, field) in [("followers", "followersCount"), ("following", "followsCount"), ("posts", "postsCount")] {
        let expected = values[field].as_i64().map(Reported::exact);
        let got = reading.numbers.get(key).cloned();
        if got.is_none() || got != expected {
            return Err(format!("{key} is {got:?}, not {expected:?}"));
        }
    }
    if reading.numbers.get("verified") != Some(&Reported::flag(true)) {
        return Err("the badge is missing".to_owned());
    }
    let got = (Some(reading.profile.username.as_str()), reading.profile.name.as_deref());
    let expected = (values["handle"].as_str(), values["displayName"].as_str());
    if got == expected { Ok(()) } else { Err(format!("{got:?} is not {expected:?}")) }
}
