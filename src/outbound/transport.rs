//! The two underlying clients, and what their errors mean to us.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::FetchError;
use super::address::{ResolveError, Resolver};
use crate::domain::failure::FailureKind;

const USER_AGENT: &str = concat!("mediakit/", env!("CARGO_PKG_VERSION"), " (self-hosted media kit)");

/// Builds a client that follows no redirect, keeps no cookie, uses no proxy and decodes nothing by itself.
pub(super) fn client(connect_timeout: Duration, guarded: bool) -> Result<reqwest::Client, FetchError> {
    // A second call finds the provider installed; that is what we want.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(connect_timeout)
        .pool_idle_timeout(Duration::from_secs(30))
        .no_proxy()
        .dns_resolver(Arc::new(Resolver { guarded }))
        .build()
        .map_err(|_| FetchError::new(FailureKind::Tls).because("the system's certificates could not be loaded"))
}

/// What a client error means. The error itself is dropped: it may hold the address with its query.
#[expect(clippy::needless_pass_by_value, reason = "taken whole so that nobody logs it afterwards")]
pub(super) fn classify(error: reqwest::Error) -> FetchError {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(kind) = kind_of(inner) {
            return kind.into();
        }
        cause = inner.source();
    }
    let kind = if error.is_connect() {
        FailureKind::Connect
    } else if error.is_timeout() {
        FailureKind::Timeout
    } else {
        FailureKind::Protocol
    };
    kind.into()
}

fn kind_of(cause: &(dyn Error + 'static)) -> Option<FailureKind> {
    match cause.downcast_ref::<ResolveError>() {
        Some(ResolveError::Unknown) => return Some(FailureKind::Dns),
        Some(ResolveError::NotPublic) => return Some(FailureKind::Connect),
        None => {}
    }
    let tls = cause.is::<rustls::Error>() || cause.downcast_ref().is_some_and(holds_tls);
    tls.then_some(FailureKind::Tls)
}

/// Whether an error of the wire holds one of TLS: `source` steps over what it wraps, and they wrap one another.
fn holds_tls(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>() || inner.downcast_ref().is_some_and(holds_tls))
}
