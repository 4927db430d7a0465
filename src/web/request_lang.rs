//! The reader's language: `?lang=` first, then `Accept-Language`, else the page's own.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;

use crate::domain::text::Lang;

/// The language of a request, as a handler takes it.
#[derive(Clone, Copy, Debug)]
pub struct ReaderLang(pub Lang);

impl<S: Sync> FromRequestParts<S> for ReaderLang {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(of(parts.uri.query().unwrap_or_default(), &parts.headers)))
    }
}

/// The language a query and headers ask for; German when they name neither.
pub fn of(query: &str, headers: &HeaderMap) -> Lang {
    asked(query, headers).unwrap_or(Lang::De)
}

/// The language a query and headers ask for, if it is one of ours.
pub fn asked(query: &str, headers: &HeaderMap) -> Option<Lang> {
    named(query, headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()))
}

/// The same with what `Accept-Language` says.
pub fn named(query: &str, accepted: Option<&str>) -> Option<Lang> {
    query_value(query, "lang").and_then(Lang::from_tag).or_else(|| Lang::from_accept_language(accepted?))
}

/// The first value of a key in a query, as it stands there; our own values need no decoding.
pub fn query_value<'q>(query: &'q str, key: &str) -> Option<&'q str> {
    query.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn the_address_outranks_the_header() {
        let english = HeaderMap::from_iter([(ACCEPT_LANGUAGE, HeaderValue::from_static("en"))]);
        assert_eq!(of("lang=de", &english), Lang::De);
        assert_eq!(of("platform=x&lang=xx", &english), Lang::En);
        assert_eq!(of("", &HeaderMap::new()), Lang::De);
    }
}
