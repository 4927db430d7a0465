//! A whole answer within its caps, and what its status means before a platform looks at it.

use std::io::Read;
use std::time::Duration;

use jiff::civil::DateTime;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use reqwest::header::{CONTENT_ENCODING, HeaderMap, LOCATION, RETRY_AFTER};
use serde_json::Value as Json;

use super::transport::classify;
use super::{FetchError, MAX_BODY_BYTES, MAX_JSON_DEPTH, MAX_WIRE_BYTES};
use crate::clock::Clock;
use crate::domain::failure::FailureKind;

/// No honest answer has more header bytes than this.
const MAX_HEADER_BYTES: usize = 32 * 1024;

/// Whether a call carried credentials: the same status means different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// With a token or key of ours.
    Credentials,
    /// As anybody.
    Public,
}

/// An answer, read to its end and decompressed.
#[derive(Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    pub(super) async fn read(mut response: reqwest::Response) -> Result<Self, FetchError> {
        let headers = response.headers().clone();
        let header_bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if header_bytes > MAX_HEADER_BYTES {
            return Err(FailureKind::TooLarge.into());
        }
        let mut wire = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(classify)? {
            if wire.len() + chunk.len() > MAX_WIRE_BYTES {
                return Err(FailureKind::TooLarge.into());
            }
            wire.extend_from_slice(&chunk);
        }
        let status = response.status().as_u16();
        let body = decoded(wire, headers.get(CONTENT_ENCODING).and_then(|v| v.to_str().ok()))?;
        Ok(Self { status, headers, body })
    }

    /// A header's value, when it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as text; bytes that are not UTF-8 are replaced.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.bytes())
    }

    /// The body without a byte order mark.
    pub fn bytes(&self) -> &[u8] {
        self.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.body)
    }

    /// The body as JSON, whatever the status. A page in its place is a login wall or not JSON.
    pub fn json(&self) -> Result<Json, FetchError> {
        let bytes = self.bytes();
        if bytes.trim_ascii_start().starts_with(b"<") {
            return Err(if self.looks_like_login() { FailureKind::LoginWall } else { FailureKind::NotJson }.into());
        }
        if depth(bytes) > MAX_JSON_DEPTH {
            return Err(FetchError::new(FailureKind::TooLarge).because("nested too deep"));
        }
        serde_json::from_slice(bytes).map_err(|_| FailureKind::NotJson.into())
    }

    /// Whether the body is a page that asks to sign in.
    pub fn looks_like_login(&self) -> bool {
        let text = self.text().to_ascii_lowercase();
        ["type=\"password\"", "log in", "login", "sign in", "signin"].iter().any(|mark| text.contains(mark))
    }

    /// How long the answer tells us to wait: `Retry-After` in seconds or as a date.
    pub fn retry_after(&self) -> Option<Duration> {
        let value = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = value.parse::<f64>() {
            return Duration::try_from_secs_f64(seconds.max(0.0)).ok().or(Some(super::MAX_WAIT));
        }
        let wait = http_date(value)?.duration_since(self.date());
        Some(Duration::try_from(wait).unwrap_or_default())
    }

    /// The other side's own clock, else ours: a wait given as a date is relative to it.
    pub fn date(&self) -> DateTime {
        self.stated_date().unwrap_or_else(|| TimeZone::UTC.to_datetime(Clock::System.now()))
    }

    /// The other side's own clock, in UTC; `None` when the answer does not tell.
    pub fn stated_date(&self) -> Option<DateTime> {
        self.header("date").and_then(http_date)
    }

    /// The answer when its status is 2xx, else what the status means by itself.
    pub fn success(self, access: Access) -> Result<Self, FetchError> {
        if (200..300).contains(&self.status) { Ok(self) } else { Err(self.status_error(access)) }
    }

    /// What the status means when the body says nothing better.
    pub fn status_error(&self, access: Access) -> FetchError {
        use FailureKind as K;
        let public = access == Access::Public;
        let kind = match self.status {
            300..=399 if self.leads_to_login() => K::LoginWall,
            300..=399 => K::RedirectRefused,
            401 | 403 if public => K::Blocked,
            451 => K::Blocked,
            401 => K::AuthRevoked,
            402 => K::Quota,
            403 => K::Permission,
            404 | 410 => K::NotFound,
            408 | 500.. => K::Upstream,
            429 => K::RateLimited,
            _ => K::Schema,
        };
        FetchError::new(kind).because(format!("status {}", self.status)).wait(self.retry_after())
    }

    fn leads_to_login(&self) -> bool {
        let target = self.headers.get(LOCATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
        ["login", "signin", "consent", "challenge", "checkpoint"].iter().any(|mark| target.contains(mark))
    }

    /// A passing fault of the other side that named no time to come back.
    pub(super) fn worth_another_try(&self) -> bool {
        matches!(self.status, 408 | 500 | 502 | 503 | 504 | 520) && self.retry_after().is_none()
    }
}

/// Reads an HTTP date (RFC 9110, section 5.6.7), in UTC; as a civil time, because the year may be 9999.
fn http_date(text: &str) -> Option<DateTime> {
    strtime::parse("%a, %d %b %Y %H:%M:%S GMT", text.trim()).ok()?.to_datetime().ok()
}

fn decoded(wire: Vec<u8>, encoding: Option<&str>) -> Result<Vec<u8>, FetchError> {
    let reader: Box<dyn Read + '_> = match encoding.map(str::trim) {
        None | Some("" | "identity") => return Ok(wire),
        Some("gzip" | "x-gzip") => Box::new(flate2::read::MultiGzDecoder::new(wire.as_slice())),
        Some("br") => Box::new(brotli::Decompressor::new(wire.as_slice(), 4096)),
        Some(_) => {
            return Err(FetchError::new(FailureKind::Protocol).because("an encoding nobody asked for"));
        }
    };
    let mut body = Vec::new();
    reader
        .take(MAX_BODY_BYTES as u64 + 1)
        .read_to_end(&mut body)
        .map_err(|_| FetchError::new(FailureKind::Protocol).because("broken compression"))?;
    if body.len() > MAX_BODY_BYTES { Err(FailureKind::TooLarge.into()) } else { Ok(body) }
}

/// How deep brackets nest, strings apart.
fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0usize, 0usize, false, false);
    for byte in json {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'[' | b'{') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &[u8]) -> Answer {
        let headers = headers.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect();
        Answer { status, headers, body: body.to_vec() }
    }

    #[test]
    fn a_wait_is_read_from_seconds_and_from_dates() {
        let wait = |value: &str| {
            answer(429, &[("retry-after", value), ("date", "Sun, 22 Nov 2026 03:00:00 GMT")], b"").retry_after()
        };
        assert_eq!(wait("120"), Some(Duration::from_mins(2)));
        assert_eq!(wait("1.5"), Some(Duration::from_millis(1500)));
        assert_eq!(wait("Sun, 22 Nov 2026 03:10:00 GMT"), Some(Duration::from_mins(10)));
        assert_eq!(wait("Sun, 22 Nov 2020 03:10:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("soon"), None);
        let year_9999 = answer(429, &[("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT")], b"");
        assert_eq!(year_9999.status_error(Access::Public).wait, Some(super::super::MAX_WAIT));
    }

    #[test]
    fn a_page_in_place_of_json_is_told_from_broken_json() {
        let kind = |body: &[u8]| answer(200, &[], body).json().unwrap_err().kind;
        assert_eq!(kind(b"\xef\xbb\xbf <html><input type=\"password\">"), FailureKind::LoginWall);
        assert_eq!(kind(b"<!doctype html><p>Hello"), FailureKind::NotJson);
        assert_eq!(kind(b""), FailureKind::NotJson);
        assert_eq!(kind(b"{} trailing"), FailureKind::NotJson);
        assert_eq!(kind(&b"[".repeat(100_000)), FailureKind::TooLarge);
        assert!(answer(200, &[], b"\xef\xbb\xbf{\"a\":\"[[[\"}").json().is_ok());
    }

    #[test]
    fn a_bomb_is_stopped_at_the_cap() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut encoder, &vec![b' '; 64 * 1024 * 1024]).unwrap();
        let error = decoded(encoder.finish().unwrap(), Some("gzip")).unwrap_err();
        assert_eq!(error.kind, FailureKind::TooLarge);
    }

    #[test]
    fn the_same_status_means_different_things_with_and_without_credentials() {
        let kind = |status, access| answer(status, &[], b"").status_error(access).kind;
        assert_eq!(kind(401, Access::Credentials), FailureKind::AuthRevoked);
        assert_eq!(kind(401, Access::Public), FailureKind::Blocked);
        assert_eq!(kind(402, Access::Credentials), FailureKind::Quota);
        assert_eq!(kind(520, Access::Public), FailureKind::Upstream);
        let login = answer(302, &[("location", "https://www.instagram.com/accounts/login/")], b"");
        assert_eq!(login.status_error(Access::Public).kind, FailureKind::LoginWall);
        assert_eq!(kind(302, Access::Public), FailureKind::RedirectRefused);
    }
}
