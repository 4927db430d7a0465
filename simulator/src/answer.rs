//! What an upstream says: status, headers and a body that stays structured until the last
//! moment, so that schema faults can reach into it, also when it is embedded in a page.

use bytes::Bytes;
use serde_json::Value;

/// An answer before faults are applied.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Body,
    pub shape: &'static Shape,
}

/// The bytes to be, by kind.
#[derive(Clone, Debug)]
pub enum Body {
    Json(Value),
    /// JSON inside a page: before, value, after.
    Page(String, Value, String),
    Raw(Bytes),
}

/// JSON pointers to what schema faults work on; empty where there is no such thing.
#[derive(Debug)]
pub struct Shape {
    /// The main count.
    pub count: &'static str,
    /// The account's id.
    pub id: &'static str,
    /// The display name.
    pub name: &'static str,
    /// The main list.
    pub list: &'static str,
}

impl Shape {
    /// Nothing to work on.
    pub const NONE: Self = Self { count: "", id: "", name: "", list: "" };
}

impl Answer {
    pub fn json(status: u16, value: Value) -> Self {
        Self::new(status, "application/json; charset=utf-8", Body::Json(value))
    }

    pub fn page(before: impl Into<String>, value: Value, after: impl Into<String>) -> Self {
        let body = Body::Page(before.into(), value, after.into());
        Self::new(200, "text/html; charset=utf-8", body)
    }

    pub fn html(status: u16, text: impl Into<String>) -> Self {
        Self::raw(status, "text/html; charset=utf-8", text.into())
    }

    pub fn raw(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self::new(status, content_type, Body::Raw(body.into()))
    }

    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Body::Raw(Bytes::new()), shape: &Shape::NONE }
    }

    pub fn redirect(to: impl Into<String>) -> Self {
        Self::empty(302).with("location", to)
    }

    fn new(status: u16, content_type: &str, body: Body) -> Self {
        Self { status, headers: vec![("content-type".to_owned(), content_type.to_owned())], body, shape: &Shape::NONE }
    }

    /// Sets a header in place of one with the same name.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn shaped(mut self, shape: &'static Shape) -> Self {
        self.shape = shape;
        self
    }

    /// The structured part of the body.
    pub fn value_mut(&mut self) -> Option<&mut Value> {
        match &mut self.body {
            Body::Json(value) | Body::Page(_, value, _) => Some(value),
            Body::Raw(_) => None,
        }
    }

    pub fn bytes(&self) -> Bytes {
        match &self.body {
            Body::Json(value) => value.to_string().into(),
            Body::Page(before, value, after) => format!("{before}{value}{after}").into(),
            Body::Raw(bytes) => bytes.clone(),
        }
    }
}

/// Percent-encodes a query value.
pub fn encoded(value: &str) -> String {
    form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

/// Adds parameters to an address that may have some already.
pub fn with_query(address: &str, pairs: &[(&str, &str)]) -> String {
    let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let joint = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joint}{}", query.join("&"))
}
