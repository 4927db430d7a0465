//! One request as the upstreams see it: read whole, decoded once, together with the
//! simulator's time and the fault that is to be shown.

use bytes::Bytes;
use hyper::HeaderMap;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::fault::Hit;

/// A request to an upstream or to the control API.
#[derive(Debug)]
pub struct Call {
    pub upstream: &'static str,
    pub method: String,
    /// As sent, without the query.
    pub path: String,
    pub query: Pairs,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub now: Timestamp,
    pub fault: Option<Hit>,
}

/// Names and values in the order sent; the first of a name counts.
#[derive(Clone, Debug, Default)]
pub struct Pairs(pub Vec<(String, String)>);

impl Pairs {
    pub fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The value of a name; an empty one counts as not given.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

impl Call {
    /// The decoded parts of the path; a slash at the end adds none.
    pub fn segments(&self) -> Vec<String> {
        self.path
            .split('/')
            .filter(|part| !part.is_empty())
            .map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned())
            .collect()
    }

    pub fn arg(&self, name: &str) -> Option<&str> {
        self.query.get(name)
    }

    pub fn form(&self) -> Pairs {
        Pairs::parse(&self.body)
    }

    /// The body as JSON, `null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The token of `Authorization: Bearer …`.
    pub fn bearer(&self) -> Option<&str> {
        self.authorization("Bearer")
    }

    pub fn authorization(&self, scheme: &str) -> Option<&str> {
        let (name, value) = self.header("authorization")?.split_once(' ')?;
        name.eq_ignore_ascii_case(scheme).then_some(value.trim())
    }

    /// Whether the named fault is to be shown in this answer.
    pub fn shows(&self, fault: &str) -> bool {
        self.fault().name == fault
    }

    /// The fault to be shown; one without a name when there is none.
    pub fn fault(&self) -> Hit {
        self.fault.unwrap_or_default()
    }
}
