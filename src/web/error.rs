//! Everything a request can end in but success: one enum, one table to status, name and words.
//! `web::edge` turns it into problem+json or a page; no text of the database or of a platform gets out.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::error_words::shown;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::platform::About;
use crate::domain::text::{Lang, Text};
use crate::refresh::RefreshError;
use crate::sign_in::SignInError;
use crate::store::StoreError;

/// Why a request was not answered as asked.
#[derive(Clone, Debug)]
pub enum Error {
    /// 404: no such address.
    NotFound,
    /// 404: a platform without numbers here; the name as it was asked for.
    NoData(String),
    /// 404: a metric the platform does not have or the owner does not publish; its key as it was asked for.
    NoMetric(String),
    /// 404: the platform does not know the account; which kind of account, which handle.
    AccountNotFound(String, String),
    /// 404: a link of the link page that is not there, or not right now.
    NoLink,
    /// 404: a link to the kit that there is not, or that does not hold any more.
    NoShare,
    /// 403: the owner shows the kit to those only who have a link.
    NotPublic,
    /// 404: no page of ours that others may embed.
    NoEmbed,
    /// 501: a format of oEmbed that is not spoken here.
    OnlyJson,
    /// 405: the address is right, the method is not.
    MethodNotAllowed,
    /// 401: no token, or one we do not know.
    Unauthenticated,
    /// 403: the token may not do this; the scope it lacks.
    MissingScope(&'static str),
    /// 429: too many wrong tokens from this address; seconds to wait.
    TooManyAttempts(u64),
    /// 400: the body is not JSON.
    Malformed,
    /// 400: the request itself is broken.
    BadRequest,
    /// 400: a part of the query cannot be read; which.
    BadQuery(&'static str),
    /// 413: the body is larger than 64 KB.
    BodyTooLarge,
    /// 408: the body did not arrive in time.
    BodyTooSlow,
    /// 415: the body is not labelled JSON.
    NotLabelledJson,
    /// 415: the body is no form.
    NotAForm,
    /// 403: the form is too old, or no page of ours sent it.
    ForgedForm,
    /// 409: somebody changed the same thing since the page was opened.
    ChangedMeanwhile,
    /// 431: the headers are larger than 16 KB.
    HeadersTooLarge,
    /// 422: a field cannot be that; its name and why.
    Invalid(String, Text),
    /// 400: a refresh without handles.
    NoHandles,
    /// 400: a platform without its credentials.
    NoToken,
    /// 429, 502 or 503: the platform's numbers could not be had.
    Platform(&'static About, Failure),
    /// 503: another process holds the account and seems to have ended; until when.
    LeftBehind(&'static About, Timestamp),
    /// 502: no platform's numbers could be had; the list of failures.
    AllFailed(Vec<Json>),
    /// 503: the database did not answer.
    StoreAway,
    /// 503: too many streams are open.
    TooManyStreams,
    /// 503: too many connections are open.
    TooManyConnections,
    /// 500: our mistake.
    Internal,
}

/// A row of the table: status, name in the `type` address, title.
type Row = (StatusCode, &'static str, Text);

impl Error {
    /// The status, the name and the title.
    pub const fn row(&self) -> Row {
        use StatusCode as S;
        match self {
            Self::NotFound => (S::NOT_FOUND, "not-found", Text::new("Nicht gefunden", "Not found")),
            Self::NoLink => (S::NOT_FOUND, "no-link", Text::new("Kein solcher Link", "No such link")),
            Self::NoShare => (S::NOT_FOUND, "no-share", Text::new("Dieser Link gilt nicht", "This link does not hold")),
            Self::NotPublic => (S::FORBIDDEN, "not-public", Text::new("Nicht öffentlich", "Not public")),
            Self::NoEmbed => (S::NOT_FOUND, "no-embed", Text::new("Nicht einzubetten", "Nothing to embed")),
            Self::OnlyJson => (S::NOT_IMPLEMENTED, "only-json", Text::new("Nur JSON", "JSON only")),
            Self::NoData(_) => (S::NOT_FOUND, "no-data", Text::new("Keine Daten", "No data")),
            Self::NoMetric(_) => (S::NOT_FOUND, "no-metric", Text::new("Kein solcher Wert", "No such metric")),
            Self::AccountNotFound(..) => {
                (S::NOT_FOUND, "account-not-found", Text::new("Konto nicht gefunden", "Account not found"))
            }
            Self::MethodNotAllowed => {
                (S::METHOD_NOT_ALLOWED, "method", Text::new("Methode nicht erlaubt", "Method not allowed"))
            }
            Self::Unauthenticated => {
                (S::UNAUTHORIZED, "unauthenticated", Text::new("Nicht authentifiziert", "Not authenticated"))
            }
            Self::MissingScope(_) => (S::FORBIDDEN, "scope", Text::new("Nicht erlaubt", "Not allowed")),
            Self::TooManyAttempts(_) => {
                (S::TOO_MANY_REQUESTS, "attempts", Text::new("Zu viele Versuche", "Too many attempts"))
            }
            Self::Malformed => (S::BAD_REQUEST, "malformed", Text::new("Unlesbar", "Malformed")),
            Self::BadRequest => (S::BAD_REQUEST, "request", Text::new("Unlesbare Anfrage", "Bad request")),
            Self::BadQuery(_) => (S::BAD_REQUEST, "query", Text::new("Unlesbare Abfrage", "Unreadable query")),
            Self::BodyTooLarge => (S::PAYLOAD_TOO_LARGE, "too-large", Text::new("Zu groß", "Too large")),
            Self::BodyTooSlow => (S::REQUEST_TIMEOUT, "too-slow", Text::new("Zu langsam", "Too slow")),
            Self::NotLabelledJson => {
                (S::UNSUPPORTED_MEDIA_TYPE, "media-type", Text::new("Falsches Format", "Wrong format"))
            }
            Self::NotAForm => (S::UNSUPPORTED_MEDIA_TYPE, "no-form", Text::new("Kein Formular", "No form")),
            Self::ForgedForm => (S::FORBIDDEN, "form", Text::new("Formular abgelaufen", "Form expired")),
            Self::ChangedMeanwhile => (S::CONFLICT, "changed", Text::new("Inzwischen geändert", "Changed meanwhile")),
            Self::HeadersTooLarge => (
                S::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "headers-too-large",
                Text::new("Kopfzeilen zu groß", "Headers too large"),
            ),
            Self::Invalid(..) => (S::UNPROCESSABLE_ENTITY, "invalid", Text::new("Ungültige Angabe", "Invalid value")),
            Self::NoHandles => (S::BAD_REQUEST, "no-handles", Text::new("Keine Handles", "No handles")),
            Self::NoToken => (S::BAD_REQUEST, "no-token", Text::new("Kein Access Token", "No access token")),
            Self::Platform(_, failure) => {
                (status_of(failure.kind), failure.kind.name(), Text::new("Abruf fehlgeschlagen", "Fetch failed"))
            }
            Self::LeftBehind(..) => (S::SERVICE_UNAVAILABLE, "left-behind", Text::new("Noch belegt", "Still held")),
            Self::AllFailed(_) => {
                (S::BAD_GATEWAY, "all-failed", Text::new("Kein Abruf gelungen", "Every fetch failed"))
            }
            Self::StoreAway => (S::SERVICE_UNAVAILABLE, "database", Text::new("Datenbank", "Database")),
            Self::TooManyStreams => (S::SERVICE_UNAVAILABLE, "streams", Text::new("Ausgelastet", "Busy")),
            Self::TooManyConnections => (S::SERVICE_UNAVAILABLE, "connections", Text::new("Ausgelastet", "Busy")),
            Self::Internal => (S::INTERNAL_SERVER_ERROR, "internal", Text::new("Fehler", "Error")),
        }
    }

    /// One of each that a client can meet by name, for the documentation.
    pub fn examples() -> Vec<Self> {
        let example = |text: &str| text.to_owned();
        vec![
            Self::NotFound,
            Self::NoData(example("myspace")),
            Self::NoMetric(example("karma")),
            Self::AccountNotFound(example("Instagram Business Account"), example("festas_builds")),
            Self::NoEmbed,
            Self::OnlyJson,
            Self::MethodNotAllowed,
            Self::Unauthenticated,
            Self::MissingScope("refresh"),
            Self::TooManyAttempts(1),
            Self::Malformed,
            Self::BadRequest,
            Self::BadQuery("from"),
            Self::BodyTooLarge,
            Self::BodyTooSlow,
            Self::NotLabelledJson,
            Self::NotAForm,
            Self::ForgedForm,
            Self::ChangedMeanwhile,
            Self::HeadersTooLarge,
            Self::Invalid(example("threshold"), Text::new("ist keine Zahl", "is not a number")),
            Self::NoHandles,
            Self::NoToken,
            Self::AllFailed(Vec::new()),
            Self::StoreAway,
            Self::TooManyStreams,
            Self::TooManyConnections,
            Self::Internal,
        ]
    }

    /// The problem document (RFC 9457).
    pub fn problem(&self, lang: Lang) -> Json {
        let (status, name, title) = self.row();
        let mut problem = Map::new();
        problem.insert("type".into(), json!(format!("/api/docs#error-{name}")));
        problem.insert("title".into(), json!(title.get(lang)));
        problem.insert("status".into(), json!(status.as_u16()));
        problem.insert("detail".into(), json!(self.detail(lang)));
        match self {
            Self::Invalid(field, reason) => {
                problem.insert("field".into(), json!(shown(field)));
                problem.insert("reason".into(), json!(reason.get(lang)));
            }
            Self::AllFailed(errors) => {
                problem.insert("errors".into(), json!(errors));
                problem.insert("data".into(), json!({ "platforms": {}, "errors": errors }));
            }
            Self::LeftBehind(_, until) => {
                problem.insert("next_attempt_at".into(), json!(until));
            }
            Self::Platform(_, failure) => {
                problem.insert("kind".into(), json!(failure.kind));
                problem.insert("next_attempt_at".into(), json!(failure.next_attempt_at));
            }
            _ => {}
        }
        Json::Object(problem)
    }
}

/// The status a single platform's failure is answered with.
pub const fn status_of(kind: FailureKind) -> StatusCode {
    use FailureKind as K;
    match kind {
        K::RateLimited | K::Quota => StatusCode::TOO_MANY_REQUESTS,
        K::Dns | K::Connect | K::Tls | K::Timeout | K::Upstream => StatusCode::SERVICE_UNAVAILABLE,
        K::NotConfigured => StatusCode::BAD_REQUEST,
        K::NotFound => StatusCode::NOT_FOUND,
        _ => StatusCode::BAD_GATEWAY,
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        let cause = std::error::Error::source(&error).map(tracing::field::display);
        tracing::error!(%error, cause, "the database did not do as asked");
        Self::StoreAway
    }
}

impl From<RefreshError> for Error {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::NoHandles => Self::NoHandles,
            RefreshError::Store(error) => error.into(),
        }
    }
}

impl From<SignInError> for Error {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Store(error) => error.into(),
            SignInError::Machine => Self::Internal,
        }
    }
}

impl IntoResponse for Error {
    /// An empty answer that carries the error; `web::edge` gives it words, format and language.
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.row().0;
        match &self {
            Self::Unauthenticated => {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::Platform(_, Failure { at, next_attempt_at: Some(next), kind, .. }) if kind.tells_to_wait() => {
                let secs = next.duration_since(*at).as_secs().max(1);
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
            }
            Self::TooManyAttempts(secs) => {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*secs));
            }
            _ => {}
        }
        response.extensions_mut().insert(self);
        response
    }
}
