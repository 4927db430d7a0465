//! Where every request comes in and every answer goes out: first the finished answers, then the router; errors get
//! their words here, and nothing leaves without the security headers.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, VARY};
use axum::http::{HeaderValue, Method, Request, Response, StatusCode};
use axum::response::IntoResponse as _;
use bytes::Bytes;
use futures_util::FutureExt as _;
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use tower::ServiceExt as _;
use tracing::Instrument as _;

use super::error::Error;
use super::face::Found;
use super::peer::Peer;
use super::public::error_page;
use super::state::State;
use super::visits::View;
use super::{request_lang, security};
use crate::domain::text::Lang;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A body that is finished, or one the router streams.
pub type Answer = Response<Either<Full<Bytes>, Body>>;

/// The way in.
#[derive(Clone)]
pub struct Edge {
    state: State,
    router: Router,
    next_id: Arc<AtomicU64>,
}

/// What is remembered of a request while the router has it.
struct Asked {
    lang: Lang,
    problem: bool,
    id: String,
}

impl Edge {
    /// The edge in front of `router`.
    pub fn new(state: State, router: Router) -> Self {
        // Numbers go on from where the last start's cannot be, so that one is found in the log only once.
        let first = u64::try_from(state.clock.now().as_millisecond()).unwrap_or(0) << 12;
        Self { state, router, next_id: Arc::new(AtomicU64::new(first)) }
    }

    /// Answers a request; it never fails.
    pub async fn answer(&self, request: Request<Incoming>, peer: Peer) -> Answer {
        let trusted = &self.state.trusted_proxies;
        let view = View::long(request.method(), request.uri().path(), request.headers(), (peer, trusted));
        if matches!(*request.method(), Method::GET | Method::HEAD)
            && let Some(found) = self.state.faces.hit(request.method(), request.uri(), request.headers())
        {
            self.state.metrics.answered(found.status);
            self.seen(view);
            return found.into_answer();
        }
        // Boxed, so that a finished answer does not carry the router's large future around.
        let answer = Box::pin(self.routed(request.map(Body::new), peer)).await;
        self.seen(view.filter(|_| answer.status().is_success()));
        answer
    }

    /// Counts a view, unless the owner wants none counted.
    fn seen(&self, view: Option<View>) {
        if let Some(view) = view.filter(|_| self.state.faces.kit().counts_visits) {
            self.state.visits.view(view, self.state.clock.now());
        }
    }

    async fn routed(&self, mut request: Request<Body>, peer: Peer) -> Answer {
        let asked = Asked::new(&request, self.next_id.fetch_add(1, Ordering::Relaxed));
        let span =
            tracing::info_span!("request", id = %asked.id, method = %request.method(), path = request.uri().path());
        request.extensions_mut().insert(peer);
        let answering = AssertUnwindSafe(self.router.clone().oneshot(request)).catch_unwind().instrument(span.clone());
        let response = match answering.await {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            Err(_) => Error::Internal.into_response(),
        };
        let response = span.in_scope(|| self.finish(response, &asked));
        self.state.metrics.answered(response.status());
        response.map(Either::Right)
    }

    /// Gives errors their words and every answer its headers.
    fn finish(&self, mut response: Response<Body>, asked: &Asked) -> Response<Body> {
        if let Some(error) = error_of(&mut response) {
            response = self.worded(response, &error, asked);
        }
        if response.status().is_server_error() {
            tracing::warn!(status = response.status().as_u16(), "answered with a failure of ours");
        } else {
            tracing::debug!(status = response.status().as_u16(), "answered");
        }
        let headers = response.headers_mut();
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        if let Ok(id) = HeaderValue::from_str(&asked.id) {
            headers.insert(REQUEST_ID, id);
        }
        security::add(headers, self.state.https);
        response
    }

    fn worded(&self, mut response: Response<Body>, error: &Error, asked: &Asked) -> Response<Body> {
        let (body, kind) = if asked.problem {
            (error.problem(asked.lang).to_string(), "application/problem+json")
        } else {
            (error_page::html(error, asked.lang, &self.state.css, &asked.id), "text/html; charset=utf-8")
        };
        let headers = response.headers_mut();
        headers.remove(CONTENT_LENGTH);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(asked.lang.tag()));
        headers.insert(VARY, HeaderValue::from_static("Accept-Language"));
        *response.body_mut() = Body::from(body);
        response
    }
}

impl Asked {
    fn new(request: &Request<Body>, id: u64) -> Self {
        const FOR_PROGRAMS: [&str; 5] = ["/api", "/oembed", "/healthz", "/readyz", "/metrics"];
        let path = request.uri().path();
        Self {
            lang: request_lang::of(request.uri().query().unwrap_or_default(), request.headers()),
            problem: FOR_PROGRAMS.iter().any(|prefix| path.starts_with(prefix)),
            id: format!("{id:x}"),
        }
    }
}

/// The error a response carries; the router's own bare answers become ours.
fn error_of(response: &mut Response<Body>) -> Option<Error> {
    let carried = response.extensions_mut().remove::<Error>();
    carried.or_else(|| match response.status() {
        StatusCode::NOT_FOUND => Some(Error::NotFound),
        StatusCode::METHOD_NOT_ALLOWED => Some(Error::MethodNotAllowed),
        _ => None,
    })
}

impl Found {
    fn into_answer(self) -> Answer {
        let mut response = Response::new(Either::Left(Full::new(self.body)));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }

    /// The same as a handler's response.
    pub fn into_routed(self) -> axum::response::Response {
        self.into_answer().map(Body::new)
    }
}
