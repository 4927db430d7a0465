//! The headers every answer carries, the error ones included.

use axum::http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, header};

/// What a page of ours may load: its own style, script and pictures, and nothing else.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    connect-src 'self'; frame-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The same, with forms that lead to these origins as well.
pub fn policy_with_forms_to(origins: &[String]) -> String {
    POLICY.replace("form-action 'self'", &format!("form-action 'self' {}", origins.join(" ")))
}

const FIXED: [(HeaderName, HeaderValue); 7] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"),
    ),
];

/// Lets pages of ours, and nobody else's, show this answer in a frame: the previews.
pub fn open_to_our_frames(headers: &mut HeaderMap) {
    let policy = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'");
    headers.extend(HeaderValue::try_from(policy).map(|policy| (CONTENT_SECURITY_POLICY, policy)));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
}

/// Who may use an answer beside the pages of this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nobody.
    Own,
    /// Scripts of other sites may read it.
    Scripts,
    /// Pages of other sites may show it in a frame.
    Frames,
}

/// Whether visitors reach this server over https only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Https(pub bool);

/// Adds the security headers; what is there already stays.
pub fn add(headers: &mut HeaderMap, https: Https) {
    for (name, value) in &FIXED {
        headers.entry(name).or_insert_with(|| value.clone());
    }
    if https.0 {
        headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(HeaderValue::from_static("max-age=31536000"));
    }
}

/// Lets scripts of other sites read this answer: only for what is public anyway, and never with credentials.
pub fn open_to_all(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
}

/// Lets pages of other sites show this answer in a frame: only for what is public, looks the same to everybody and has
/// nothing on it that a click could be stolen for.
pub fn open_to_frames(headers: &mut HeaderMap) {
    let policy = POLICY.replace("frame-ancestors 'none'", "frame-ancestors *");
    headers.extend(HeaderValue::try_from(policy).map(|policy| (CONTENT_SECURITY_POLICY, policy)));
    headers.remove(X_FRAME_OPTIONS);
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
}

/// Headers as they are sent, for answers that are not the HTTP layer's.
pub fn as_text(headers: &HeaderMap) -> String {
    let mut text = String::new();
    for (name, value) in headers {
        text.extend([name.as_str(), ": ", value.to_str().unwrap_or_default(), "\r\n"]);
    }
    text
}
