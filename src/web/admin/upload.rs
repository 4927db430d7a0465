//! A large file from a form: its fields come first and are small, the file follows and goes to the disk piece by piece,
//! never into memory as a whole. It is read only after the form's token was found right.

use std::path::Path;
use std::time::Duration;

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use multer::{Field, Multipart};
use tokio::io::AsyncWriteExt as _;

use super::form::Form;
use super::session::{SignedIn, is_from_us, is_of_session};
use crate::web::api::body;
use crate::web::error::Error;
use crate::web::state::State;

/// How long the next piece may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The fields before the file, together, in bytes.
const FIELDS: usize = 16 * 1024;

/// A form with a file that is still to be read.
pub struct Upload {
    /// Who sent it.
    pub by: SignedIn,
    /// The fields before the file.
    pub form: Form,
    file: Option<Field<'static>>,
    _parts: Option<Multipart<'static>>,
}

/// What became of a file.
pub enum Saved {
    /// It is on the disk.
    Whole,
    /// None was chosen.
    Nothing,
    /// It is larger than allowed.
    TooLarge,
}

impl FromRequest<State> for Upload {
    type Rejection = Response;

    async fn from_request(request: Request, state: &State) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let by = SignedIn::from_request_parts(&mut parts, state).await?;
        let sent = async {
            is_from_us(&parts.headers, state)?;
            let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            let Ok(boundary) = multer::parse_boundary(kind) else {
                return Ok((Form::read(&body::read(body, FIELDS).await?), None, None));
            };
            let mut multipart = Multipart::new(body.into_data_stream(), boundary);
            let (form, file) = fields(&mut multipart).await?;
            Ok((form, file, Some(multipart)))
        };
        let (form, file, multipart) = sent.await.map_err(Error::into_response)?;
        is_of_session(&form, &parts.headers, state).map_err(Error::into_response)?;
        Ok(Self { by, form, file, _parts: multipart })
    }
}

/// Reads up to the file.
async fn fields(parts: &mut Multipart<'static>) -> Result<(Form, Option<Field<'static>>), Error> {
    let (mut form, mut size) = (Form::default(), 0);
    loop {
        let Some(mut field) = in_time(parts.next_field()).await? else { return Ok((form, None)) };
        if field.file_name().is_some() {
            return Ok((form, Some(field)));
        }
        let mut value = Vec::new();
        while let Some(piece) = in_time(field.chunk()).await? {
            size += piece.len();
            if size > FIELDS {
                return Err(Error::BodyTooLarge);
            }
            value.extend_from_slice(&piece);
        }
        let name = field.name().unwrap_or_default().to_owned();
        form.set(&name, String::from_utf8_lossy(&value));
    }
}

impl Upload {
    /// Writes the file to a new place on the disk, at most so many bytes of it.
    pub async fn save(&mut self, to: &Path, most: u64) -> Result<Saved, Error> {
        let Some(field) = &mut self.file else { return Ok(Saved::Nothing) };
        let mut file = tokio::fs::File::create_new(to).await.map_err(unwritable)?;
        let mut size = 0_u64;
        while let Some(piece) = in_time(field.chunk()).await? {
            size = size.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            if size > most {
                return Ok(Saved::TooLarge);
            }
            file.write_all(&piece).await.map_err(unwritable)?;
        }
        file.flush().await.map_err(unwritable)?;
        Ok(if size == 0 { Saved::Nothing } else { Saved::Whole })
    }
}

async fn in_time<T>(piece: impl Future<Output = Result<T, multer::Error>>) -> Result<T, Error> {
    let piece = tokio::time::timeout(PATIENCE, piece).await.map_err(|_| Error::BodyTooSlow)?;
    piece.map_err(|_| Error::Malformed)
}

#[expect(clippy::needless_pass_by_value, reason = "taken as `map_err` gives it")]
fn unwritable(error: std::io::Error) -> Error {
    tracing::error!(%error, "an upload could not be written to the data folder");
    Error::Internal
}
