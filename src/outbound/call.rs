//! One request to come: where to, with what, and how it may be logged (never with its query).

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use reqwest::Method;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::FetchError;
use crate::domain::failure::FailureKind;
use crate::domain::platform::Upstream;

/// What is written differently in a path. A dot too, although it need not be: two of them alone climb up.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');

/// A request under construction.
#[derive(Clone)]
pub struct Call {
    upstream: Upstream,
    host: Option<String>,
    method: Method,
    path: String,
    query: Vec<(String, SecretString)>,
    headers: HeaderMap,
    body: Option<SecretString>,
    once: bool,
}

impl fmt::Debug for Call {
    /// Method, upstream and path; query, headers and body may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.method, self.upstream.name, self.path)
    }
}

impl Call {
    /// A read. `path` starts with `/` and is used as it stands: encode what comes from outside with [`Call::segment`].
    pub fn get(upstream: Upstream, path: impl Into<String>) -> Self {
        Self::new(upstream, Method::GET, path)
    }

    /// A request with a body.
    pub fn post(upstream: Upstream, path: impl Into<String>) -> Self {
        Self::new(upstream, Method::POST, path)
    }

    /// A request that sets what the path names.
    pub fn put(upstream: Upstream, path: impl Into<String>) -> Self {
        Self::new(upstream, Method::PUT, path)
    }

    fn new(upstream: Upstream, method: Method, path: impl Into<String>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, br"));
        Self { upstream, host: None, method, path: path.into(), query: Vec::new(), headers, body: None, once: false }
    }

    /// A text from outside, safe as one segment of a path.
    pub fn segment(text: &str) -> String {
        percent_encoding::utf8_percent_encode(text, SEGMENT).to_string()
    }

    /// Adds a query parameter; it is encoded here and never logged.
    #[must_use]
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), SecretString::from(value.into())));
        self
    }

    /// Adds a query parameter that is a secret.
    #[must_use]
    pub fn secret_query(self, name: &str, value: &SecretString) -> Self {
        self.query(name, value.expose_secret())
    }

    /// Adds a header; one that cannot be sent is left out.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// Adds `Authorization: Bearer`.
    #[must_use]
    pub fn bearer(self, token: &SecretString) -> Self {
        self.authorization("Bearer", token)
    }

    /// Adds `Authorization` with another scheme (Twitch's `OAuth`).
    #[must_use]
    pub fn authorization(mut self, scheme: &str, token: &SecretString) -> Self {
        if let Ok(mut value) = HeaderValue::from_str(&format!("{scheme} {}", token.expose_secret())) {
            value.set_sensitive(true);
            self.headers.insert(AUTHORIZATION, value);
        }
        self
    }

    /// Sends a form.
    #[must_use]
    pub fn form(mut self, fields: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        self.body = Some(body.into());
        self
    }

    /// Sends JSON.
    #[must_use]
    pub fn json(self, body: &serde_json::Value) -> Self {
        self.text("application/json", body.to_string())
    }

    /// Sends a text of some type as it is.
    #[must_use]
    pub fn text(mut self, content_type: &'static str, body: impl Into<String>) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.body = Some(SecretString::from(body.into()));
        self
    }

    /// Sends it exactly once, whatever happens: for exchanges that spend what they send.
    #[must_use]
    pub const fn once(mut self) -> Self {
        self.once = true;
        self
    }

    /// Names the host, for platforms of many hosts (Mastodon). Ignored where an override stands in.
    #[must_use]
    pub fn host(mut self, host: &str) -> Self {
        self.host = Some(host.to_owned());
        self
    }

    pub(super) const fn is_once(&self) -> bool {
        self.once
    }

    pub(super) const fn upstream(&self) -> Upstream {
        self.upstream
    }

    pub(super) fn real_origin(&self) -> String {
        self.host.as_ref().map_or_else(|| self.upstream.origin.to_owned(), |host| format!("https://{host}"))
    }

    pub(super) fn url(&self, origin: &str) -> Option<Url> {
        let mut url = Url::parse(&format!("{}{}", origin.trim_end_matches('/'), self.path)).ok()?;
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(self.query.iter().map(|(name, value)| (name, value.expose_secret())));
        }
        Some(url)
    }

    pub(super) fn request(&self, url: Url) -> Result<reqwest::Request, FetchError> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FailureKind::Connect.into());
        }
        let mut request = reqwest::Request::new(self.method.clone(), url);
        request.headers_mut().clone_from(&self.headers);
        *request.body_mut() = self.body.as_ref().map(|body| body.expose_secret().to_owned().into());
        Ok(request)
    }
}
