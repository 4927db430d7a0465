//! Meta's error envelopes, and the headers in which it says how full the allowance is.
//! <https://developers.facebook.com/docs/graph-api/guides/error-handling/>
//! <https://developers.facebook.com/docs/graph-api/overview/rate-limiting/>

use std::time::Duration;

use serde_json::Value as Json;

use crate::domain::failure::FailureKind;
use crate::outbound::Answer;
use crate::platforms::FetchError;
use crate::platforms::fields::at;

/// Limits roll over an hour; asking on while throttled lengthens the pause.
const ROLLING_HOUR: Duration = Duration::from_hours(1);
/// After a block for abuse.
const LONG_PAUSE: Duration = Duration::from_hours(6);

/// Permissions whose names we repeat; never Meta's own text.
const SCOPES: [&str; 10] = [
    "instagram_business_manage_insights",
    "instagram_business_basic",
    "instagram_manage_insights",
    "instagram_basic",
    "pages_read_engagement",
    "pages_show_list",
    "business_management",
    "ads_management",
    "ads_read",
    "read_insights",
];

/// What Meta answered in place of data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Meta's code.
    pub code: i64,
    /// Its subcode, under either of its names.
    pub subcode: Option<i64>,
    scope: Option<&'static str>,
    expired: bool,
}

impl Refusal {
    /// Reads `{"error":{…}}`, or the sign-in service's `{"error_type":…,"code":…}`; `None` when the body is no error.
    pub fn parse(json: &Json) -> Option<Self> {
        if let Some(error) = at(json, "/error").filter(|error| error.is_object()) {
            return Some(Self::from_error(error));
        }
        at(json, "/error_type")?;
        Some(Self { code: number(json, "/code").unwrap_or(0), subcode: None, scope: None, expired: false })
    }

    /// Reads the error object itself.
    pub fn from_error(error: &Json) -> Self {
        let message = at(error, "/message").and_then(Json::as_str).unwrap_or_default();
        let lacks = message.contains("permission") || message.contains("scope");
        let named = SCOPES.into_iter().find(|scope| message.contains(scope));
        Self {
            code: number(error, "/code").unwrap_or(0),
            subcode: number(error, "/error_subcode").or_else(|| number(error, "/subcode")),
            scope: named.filter(|_| lacks),
            expired: message.contains("has expired"),
        }
    }

    /// Whether a metric or parameter was refused, and not the token.
    pub const fn is_bad_parameter(&self) -> bool {
        self.code == 100 && self.scope.is_none()
    }

    /// The failure it means; `needed` is the permission the call needs.
    pub fn into_error(self, needed: &str) -> FetchError {
        use FailureKind as K;
        let fail = |kind: K, detail: &str| FetchError::new(kind).because(detail);
        match (self.code, self.subcode) {
            (1 | 2, _) => fail(K::Upstream, "temporary error at Meta"),
            (4, _) => fail(K::RateLimited, "limit of the app").wait(Some(ROLLING_HOUR)),
            (17 | 32, _) => fail(K::RateLimited, "limit of the token").wait(Some(ROLLING_HOUR)),
            (613, _) => fail(K::RateLimited, "irregular volume of calls").wait(Some(ROLLING_HOUR)),
            (80_000..=80_014, _) => fail(K::RateLimited, "limit of the account").wait(Some(ROLLING_HOUR)),
            (10 | 200..=299, _) => fail(K::Permission, self.scope.unwrap_or(needed)),
            (100, Some(33)) => fail(K::NotFound, "the account is not visible to this token"),
            (100, _) if self.scope.is_some() => fail(K::Permission, self.scope.unwrap_or(needed)),
            (100, _) => fail(K::Schema, "a field, metric or parameter was refused"),
            (110, _) => fail(K::NotFound, "not a professional account, or no account"),
            (190, subcode) => self.dead_token(subcode),
            (102, _) => fail(K::AuthRevoked, "the session is not valid"),
            (368, _) => fail(K::Blocked, "blocked for unusual activity").wait(Some(LONG_PAUSE)),
            (2635, _) => fail(K::ApiVersion, "the API version is retired"),
            (400, None) => fail(K::AuthRevoked, "the sign-in code or token was refused"),
            (code, _) => fail(K::Schema, &format!("error {code}")),
        }
    }

    fn dead_token(&self, subcode: Option<i64>) -> FetchError {
        let revoked = |detail: &str| FetchError::new(FailureKind::AuthRevoked).because(detail);
        match subcode {
            Some(463) => FetchError::new(FailureKind::AuthExpired).because("the token has expired"),
            Some(458) => revoked("the app was removed from the account"),
            Some(459) => revoked("Meta wants the owner to log in at facebook.com and pass a check"),
            Some(460) => revoked("the password was changed"),
            Some(464) => revoked("the owner has to confirm their account at facebook.com"),
            Some(467) => revoked("the session was ended"),
            Some(492) => revoked("the owner no longer has a role on the Facebook Page"),
            _ if self.expired => FetchError::new(FailureKind::AuthExpired).because("the token has expired"),
            _ => revoked("the token is not valid"),
        }
    }
}

/// The failure a body means, with the pause its headers name.
pub fn refusal(answer: &Answer, json: &Json, needed: &str) -> Option<FetchError> {
    let error = Refusal::parse(json)?.into_error(needed);
    let told = answer.header("x-business-use-case-usage").and_then(regain_wait).or_else(|| answer.retry_after());
    Some(if told.is_some() && error.kind == FailureKind::RateLimited { error.wait(told) } else { error })
}

/// The fullest allowance the headers of an answer speak of, in per cent.
pub fn usage_of(answer: &Answer) -> Option<u8> {
    let names = ["x-app-usage", "x-business-use-case-usage", "x-page-usage"];
    names.into_iter().filter_map(|name| usage_percent(answer.header(name)?)).max()
}

/// The fullest of the allowances in a usage header, in per cent.
pub fn usage_percent(header: &str) -> Option<u8> {
    let names = ["call_count", "total_time", "total_cputime"];
    let of = |entry: &Json| names.into_iter().filter_map(|name| entry.get(name)?.as_f64()).reduce(f64::max);
    let fullest = entries(header).iter().filter_map(of).reduce(f64::max)?;
    let whole = fullest.ceil().clamp(0.0, 255.0);
    (0..=u8::MAX).find(|percent| f64::from(*percent) >= whole)
}

/// The longest pause a usage header asks for; it is given in minutes.
pub fn regain_wait(header: &str) -> Option<Duration> {
    let minutes = |entry: &Json| entry.get("estimated_time_to_regain_access")?.as_u64();
    let longest = entries(header).iter().filter_map(minutes).max().filter(|minutes| *minutes > 0)?;
    Some(Duration::from_secs(longest.saturating_mul(60)))
}

/// The entries of either usage header: one object, or lists of them by business.
fn entries(header: &str) -> Vec<Json> {
    match serde_json::from_str(header) {
        Ok(Json::Object(map)) if map.values().any(Json::is_array) => {
            map.into_iter().filter_map(|(_, list)| list.as_array().cloned()).flatten().take(64).collect()
        }
        Ok(object @ Json::Object(_)) => vec![object],
        _ => Vec::new(),
    }
}

fn number(json: &Json, pointer: &str) -> Option<i64> {
    match at(json, pointer)? {
        Json::String(digits) => digits.parse().ok(),
        value => value.as_i64(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn error(code: i64, subcode: Option<i64>) -> FetchError {
        let body = json!({ "error": { "message": "secret text", "code": code, "error_subcode": subcode } });
        Refusal::parse(&body).unwrap().into_error("instagram_basic")
    }

    #[test]
    fn each_code_means_its_own_failure() {
        use FailureKind as K;
        let table = [
            (1, None, K::Upstream),
            (2, None, K::Upstream),
            (4, None, K::RateLimited),
            (17, None, K::RateLimited),
            (32, None, K::RateLimited),
            (613, Some(1996), K::RateLimited),
            (80_001, None, K::RateLimited),
            (80_002, None, K::RateLimited),
            (10, None, K::Permission),
            (200, None, K::Permission),
            (294, None, K::Permission),
            (100, None, K::Schema),
            (100, Some(33), K::NotFound),
            (102, None, K::AuthRevoked),
            (110, Some(2_207_013), K::NotFound),
            (190, None, K::AuthRevoked),
            (190, Some(458), K::AuthRevoked),
            (190, Some(463), K::AuthExpired),
            (368, None, K::Blocked),
            (36_104, None, K::Schema),
        ];
        for (code, subcode, kind) in table {
            let error = error(code, subcode);
            assert_eq!(error.kind, kind, "{code} {subcode:?}");
            assert!(!error.detail.unwrap().contains("secret"), "{code}");
        }
        assert_eq!(error(10, None).detail.unwrap(), "instagram_basic");
    }

    #[test]
    fn a_permission_the_message_names_is_named_in_our_words() {
        let body = json!({ "error": { "message": "This endpoint requires the 'pages_read_engagement' permission", "code": 100 } });
        let error = Refusal::parse(&body).unwrap().into_error("instagram_basic");
        assert_eq!((error.kind, error.detail.as_deref()), (FailureKind::Permission, Some("pages_read_engagement")));
    }

    #[test]
    fn a_body_without_an_error_is_no_refusal() {
        for body in [json!({ "data": [] }), json!([]), json!({ "error": null }), json!({ "error": "text" })] {
            assert_eq!(Refusal::parse(&body), None, "{body}");
        }
    }

    #[test]
    fn usage_is_the_fullest_of_all_and_the_wait_is_in_minutes() {
        assert_eq!(usage_percent(r#"{"call_count":28,"total_time":25,"total_cputime":25}"#), Some(28));
        let business = r#"{"1":[{"type":"instagram","call_count":12,"total_cputime":3,"total_time":4,"estimated_time_to_regain_access":0}],
            "2":[{"type":"pages","call_count":100.2,"total_cputime":3,"total_time":4,"estimated_time_to_regain_access":19}]}"#;
        assert_eq!(usage_percent(business), Some(101));
        assert_eq!(regain_wait(business), Some(Duration::from_mins(19)));
        assert_eq!(usage_percent(r#"{"call_count":99999}"#), Some(255));
        for header in ["", "null", "[]", "{}", r#"{"1":[]}"#, "{", r#"{"call_count":"many"}"#] {
            assert_eq!((usage_percent(header), regain_wait(header)), (None, None), "{header}");
        }
    }
}
