//! JSON bodies: labelled as JSON, at most 64 KB, an object.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde_json::{Map, Value as Json};

use crate::domain::text::Text;
use crate::web::error::Error;
use crate::web::state::State;

/// The largest JSON body that is read, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;

/// How long a body may take to arrive, and what each further 64 KB of an allowed size adds.
const PATIENCE: Duration = Duration::from_secs(10);
const PATIENCE_PER_MORE: Duration = Duration::from_secs(1);

/// A JSON object as a client sent it; the names it carries are the ones that change.
#[derive(Debug)]
pub struct JsonObject(pub Map<String, Json>);

impl FromRequest<State> for JsonObject {
    type Rejection = Error;

    async fn from_request(request: Request, _: &State) -> Result<Self, Error> {
        check(request.headers())?;
        let bytes = read(request.into_body(), MAX_BYTES).await?;
        match serde_json::from_slice(&bytes).map_err(|_| Error::Malformed)? {
            Json::Object(map) => Ok(Self(map)),
            _ => Err(Error::Invalid("body".to_owned(), Text::new("muss ein Objekt sein", "must be an object"))),
        }
    }
}

fn check(headers: &HeaderMap) -> Result<(), Error> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if !header(CONTENT_TYPE).is_some_and(is_json) {
        return Err(Error::NotLabelledJson);
    }
    if header(CONTENT_LENGTH).and_then(|n| n.parse().ok()).is_some_and(|n: usize| n > MAX_BYTES) {
        return Err(Error::BodyTooLarge);
    }
    Ok(())
}

/// Reads a body of at most `most` bytes that arrives in time.
pub async fn read(body: Body, most: usize) -> Result<bytes::Bytes, Error> {
    let more = u32::try_from(most.saturating_sub(MAX_BYTES) / MAX_BYTES).unwrap_or(u32::MAX);
    let patience = PATIENCE.saturating_add(PATIENCE_PER_MORE.saturating_mul(more));
    let collected = tokio::time::timeout(patience, Limited::new(body, most).collect()).await;
    let collected = collected.map_err(|_| Error::BodyTooSlow)?;
    let collected = collected.map_err(|error| {
        if error.downcast_ref::<LengthLimitError>().is_some() { Error::BodyTooLarge } else { Error::Malformed }
    })?;
    Ok(collected.to_bytes())
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}
