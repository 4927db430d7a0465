//! Recorded answers of Twitch through the client's own parsers.

use mediakit::platforms::twitch;
use serde_json::Value as Json;

/// Checks one recorded file; `None` when it is not one this module knows.
pub fn check(file: &str, bytes: &[u8], values: &Json) -> Option<Result<(), String>> {
    let name = file.strip_prefix("twitch/")?;
    Some(read(name, bytes, values)?.map_err(|error| format!("{file}: {error}")))
}

fn read(name: &str, bytes: &[u8], values: &Json) -> Option<Result<(), String>> {
    let json: Json = match serde_json::from_slice(bytes) {
        Ok(json) => json,
        Err(error) => return Some(Err(error.to_string())),
    };
    Some(match name {
        "token_client_credentials_2023.json" | "token_authorization_code_2021.json" => token(&json, values),
        "helix_users_day9tv_2023.json" => channel(&json, values),
        "helix_channels_followers_docs.json" => followers(&json, values),
        // No token, no channel and no number is read out of what holds none.
        "helix_401_client_id_missing_2023.json" | "validate_ok_2023.json" => nothing(&json),
        _ => return None,
    })
}

fn token(json: &Json, values: &Json) -> Result<(), String> {
    let (_, lasts) = twitch::parse_token(json).map_err(|e| e.to_string())?;
    same("expires_in", lasts.map(|lasts| lasts.as_secs()), values["expires_in"].as_i64())
}

fn channel(json: &Json, values: &Json) -> Result<(), String> {
    let channel = twitch::parse_channel(json).map_err(|e| e.to_string())?;
    same("id", Some(channel.id.as_str()), values["id"].as_str())?;
    same("login", Some(channel.profile.username.as_str()), values["login"].as_str())?;
    same("display_name", channel.profile.name.as_deref(), values["display_name"].as_str())
}

fn followers(json: &Json, values: &Json) -> Result<(), String> {
    let total = twitch::parse_total(json).map_err(|e| e.to_string())?;
    same("total", Some(total), values["total"].as_i64())
}

fn nothing(json: &Json) -> Result<(), String> {
    let silent = twitch::parse_token(json).is_err()
        && twitch::parse_channel(json).is_err()
        && twitch::parse_total(json).is_err()
        && twitch::parse_stream(json, "1").is_err();
    if silent { Ok(()) } else { Err("a value was read where there is none".to_owned()) }
}

fn same<T: PartialEq + Copy + std::fmt::Debug>(what: &str, got: Option<T>, expected: Option<T>) -> Result<(), String> {
    if expected.is_some() && got == expected { Ok(()) } else { Err(format!("{what} is {got:?}, not {expected:?}")) }
}
