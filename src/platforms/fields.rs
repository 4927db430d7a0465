//! Reading fields out of platforms' answers: counts that are honest, text that is bounded.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value as Json;
use url::Url;

use super::FetchError;
use crate::domain::failure::FailureKind;
use crate::outbound::{Access, Answer};

/// The longest text kept from a platform, in characters.
const MAX_TEXT: usize = 500;
/// No honest token lives longer; a life beyond it is as good as unknown.
const LONGEST_LIFE: Duration = Duration::from_hours(10 * 366 * 24);
/// The longest address kept from a platform, in bytes; signed picture addresses are long.
const MAX_ADDRESS: usize = 2048;

/// The JSON of an answer, once the platform's own error envelope and then the status have had their say.
///
/// # Errors
/// What `refusal` reads out of the body, whatever the status; else what the status means; else `not_json` and its kin.
pub fn accepted(
    answer: &Answer,
    access: Access,
    refusal: impl FnOnce(&Json) -> Option<FetchError>,
) -> Result<Json, FetchError> {
    let good = (200..300).contains(&answer.status);
    match answer.json() {
        Ok(json) => match refusal(&json) {
            Some(error) if error.wait.is_none() => Err(error.wait(answer.retry_after())),
            Some(error) => Err(error),
            None if good => Ok(json),
            None => Err(answer.status_error(access)),
        },
        Err(error) if good => Err(error),
        Err(_) => Err(answer.status_error(access)),
    }
}

/// What an OAuth error body means (RFC 6749, section 5.2): `{"error":"invalid_grant",…}`.
pub fn oauth_refusal(json: &Json) -> Option<FetchError> {
    let (kind, detail) = match at(json, "/error")?.as_str()? {
        "invalid_grant" => (FailureKind::AuthRevoked, "the grant is invalid or has expired"),
        "invalid_client" | "unauthorized_client" | "deleted_client" => {
            (FailureKind::AuthRevoked, "the app's key or secret is refused")
        }
        "invalid_scope" => (FailureKind::Permission, "a scope is refused"),
        "access_denied" => (FailureKind::Permission, "the permission was declined"),
        "server_error" | "temporarily_unavailable" => (FailureKind::Upstream, "the sign-in service is unavailable"),
        "invalid_request" | "unsupported_grant_type" => (FailureKind::Schema, "the request was refused as malformed"),
        _ => (FailureKind::Upstream, "an error without a known code"),
    };
    Some(FetchError::new(kind).because(detail))
}

/// Words given as a list or as one text with commas or spaces between them: scopes, permissions.
pub fn words(json: &Json, pointer: &str) -> Vec<String> {
    let split = |text: &str| -> Vec<String> { text.split([',', ' ']).filter_map(clean).collect() };
    match at(json, pointer) {
        Some(Json::String(text)) => split(text),
        Some(Json::Array(items)) => items.iter().filter_map(Json::as_str).flat_map(split).collect(),
        _ => Vec::new(),
    }
}

/// The field at `pointer` (RFC 6901), absent when missing or `null`.
pub fn at<'a>(json: &'a Json, pointer: &str) -> Option<&'a Json> {
    json.pointer(pointer).filter(|value| !value.is_null())
}

/// A count that must be there: a whole number, 0 or more, as number or as text of digits.
///
/// # Errors
/// `schema` when it is missing, negative, a fraction, above 2⁶³ or of another type.
pub fn count(json: &Json, pointer: &str) -> Result<i64, FetchError> {
    let value = at(json, pointer).ok_or_else(|| missing(pointer))?;
    whole(value).ok_or_else(|| FetchError::new(FailureKind::Schema).because(format!("{pointer} is not a count")))
}

/// A count that may be missing; one that is there but dishonest counts as missing.
pub fn optional_count(json: &Json, pointer: &str) -> Option<i64> {
    at(json, pointer).and_then(whole)
}

/// How long something lives, in seconds; absent when it is not told, or not to be believed: zero, negative, or more
/// than ten years.
pub fn lifetime(json: &Json, pointer: &str) -> Option<Duration> {
    let seconds = optional_count(json, pointer).and_then(|seconds| u64::try_from(seconds).ok());
    seconds.map(Duration::from_secs).filter(|life| !life.is_zero() && *life <= LONGEST_LIFE)
}

/// A text that must be there, cleaned as [`text`] does.
pub fn required_text(json: &Json, pointer: &str) -> Result<String, FetchError> {
    text(json, pointer).ok_or_else(|| missing(pointer))
}

/// A text without control and direction-changing characters, at most 500 characters; empty is absent.
pub fn text(json: &Json, pointer: &str) -> Option<String> {
    at(json, pointer).and_then(Json::as_str).and_then(clean)
}

/// An id, given as text or as a number.
pub fn id(json: &Json, pointer: &str) -> Result<String, FetchError> {
    match at(json, pointer) {
        Some(Json::Number(n)) if n.is_u64() => Ok(n.to_string()),
        Some(Json::String(s)) if !s.is_empty() && s.len() <= 128 && s.chars().all(|c| c.is_ascii_graphic()) => {
            Ok(s.clone())
        }
        _ => Err(missing(pointer)),
    }
}

/// Yes or no, absent when it is neither.
pub fn flag(json: &Json, pointer: &str) -> Option<bool> {
    at(json, pointer).and_then(Json::as_bool)
}

/// An http(s) address of at most 2048 bytes; anything else is absent.
pub fn web_address(json: &Json, pointer: &str) -> Option<String> {
    let raw = at(json, pointer)?.as_str().filter(|raw| raw.len() <= MAX_ADDRESS)?;
    Url::parse(raw).ok().filter(|url| matches!(url.scheme(), "https" | "http")).map(String::from)
}

/// Holds an answer to the account that was pinned.
///
/// # Errors
/// `account_mismatch` when another id answered.
pub fn confirm_id(pinned: Option<&str>, answered: &str) -> Result<(), FetchError> {
    match pinned {
        Some(pinned) if pinned != answered => Err(FailureKind::AccountMismatch.into()),
        _ => Ok(()),
    }
}

/// The pause until an instant given in Unix seconds, as rate-limit headers give it. What has passed is no pause.
pub fn wait_until_unix(seconds: Option<&str>, now: Timestamp) -> Option<Duration> {
    let seconds: i64 = seconds?.trim().parse().ok()?;
    u64::try_from(seconds.saturating_sub(now.as_second())).ok().filter(|wait| *wait > 0).map(Duration::from_secs)
}

/// A text as it may be kept: see [`text`].
pub fn clean(raw: &str) -> Option<String> {
    let kept: String = raw.chars().filter(|c| !is_hostile(*c)).take(MAX_TEXT).collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

fn is_hostile(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{200e}' | '\u{200f}')
}

fn missing(pointer: &str) -> FetchError {
    FetchError::new(FailureKind::Schema).because(format!("{pointer} is missing"))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "bounded to 2^53 before the cast")]
fn whole(value: &Json) -> Option<i64> {
    const LARGEST_EXACT: f64 = (1_i64 << 53) as f64;
    match value {
        Json::Number(n) => n.as_i64().filter(|n| *n >= 0).or_else(|| {
            let float = n.as_f64().filter(|_| !n.is_u64() && !n.is_i64())?;
            (float.fract() == 0.0 && (0.0..=LARGEST_EXACT).contains(&float)).then_some(float as i64)
        }),
        Json::String(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn counts_are_read_from_numbers_and_digits_and_nothing_else() {
        let good = [(json!(0), 0), (json!("104712"), 104_712), (json!(i64::MAX), i64::MAX), (json!(1.05e5), 105_000)];
        for (value, expected) in good {
            assert_eq!(count(&json!({ "n": value }), "/n").unwrap(), expected);
        }
        let bad = [
            json!(-1),
            json!(1.5),
            json!(u64::MAX),
            json!(1e300),
            json!(true),
            json!({}),
            json!([]),
            json!(""),
            json!("1k"),
        ];
        for value in bad.into_iter().chain([json!("-5"), Json::Null, json!("9223372036854775808")]) {
            assert_eq!(count(&json!({ "n": value }), "/n").unwrap_err().kind, FailureKind::Schema, "{value}");
        }
    }

    #[test]
    fn a_life_that_can_not_be_is_no_life() {
        let of = |value: Json| lifetime(&json!({ "expires_in": value }), "/expires_in");
        assert_eq!(of(json!(3_599)), Some(Duration::from_secs(3_599)));
        assert_eq!(of(json!("3599")), Some(Duration::from_secs(3_599)));
        for value in [json!(0), json!(-1), json!(u64::MAX), json!(94_672_800_000_i64), json!("soon"), Json::Null] {
            assert_eq!(of(value.clone()), None, "{value}");
        }
    }

    #[test]
    fn words_come_as_a_list_or_as_one_text() {
        for value in [json!(["a.b", "c"]), json!("a.b,c"), json!("a.b c"), json!(["a.b c"])] {
            assert_eq!(words(&json!({ "scope": value }), "/scope"), ["a.b", "c"]);
        }
        assert!(words(&json!({ "scope": null }), "/scope").is_empty());
    }

    #[test]
    fn hostile_text_is_cleaned_and_bounded() {
        let value = json!({ "name": format!("\u{202e}Ma\0ra 🚲{}", "x".repeat(1_000_000)) });
        let name = text(&value, "/name").unwrap();
        assert!(name.starts_with("Mara 🚲xxx"));
        assert_eq!(name.chars().count(), MAX_TEXT);
        assert_eq!(text(&json!({ "name": " \u{202e} " }), "/name"), None);
    }

    #[test]
    fn only_whole_web_addresses_are_links() {
        let of = |raw: &str| web_address(&json!({ "a": raw }), "/a");
        assert_eq!(of("https://cdn.example/a.png?sig=1").as_deref(), Some("https://cdn.example/a.png?sig=1"));
        for raw in ["javascript:alert(1)", "ftp://cdn.example/a.png", "a.png", "", "data:image/png;base64,AA=="] {
            assert_eq!(of(raw), None, "{raw}");
        }
        assert_eq!(of(&format!("https://cdn.example/{}", "a".repeat(3000))), None);
    }

    #[test]
    fn a_pause_is_counted_from_now() {
        let now = Timestamp::from_second(1_795_000_000).unwrap();
        assert_eq!(wait_until_unix(Some("1795000090"), now), Some(Duration::from_secs(90)));
        for header in
            [None, Some(""), Some("soon"), Some("1794999999"), Some("1795000000"), Some("-9223372036854775808")]
        {
            assert_eq!(wait_until_unix(header, now), None, "{header:?}");
        }
    }
}
