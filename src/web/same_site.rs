//! Whether a request that changes something comes from a page of ours: what the browser itself says about where the
//! request was made (Fetch Metadata and Origin). The form token is asked for besides.

use axum::http::HeaderMap;
use axum::http::header::{HOST, HeaderName, ORIGIN};
use url::Url;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether the browser says that one of our pages sent this. A client that says nothing at all is no browser of today.
pub fn is_ours(headers: &HeaderMap, public_url: &str) -> bool {
    let header = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let site = header(FETCH_SITE);
    let origin = header(ORIGIN);
    (site.is_some() || origin.is_some())
        && site.is_none_or(|site| site == "same-origin")
        && origin.is_none_or(|origin| is_origin(origin, public_url, header(HOST)))
}

/// The configured address, or the host this very request was sent to.
fn is_origin(origin: &str, public_url: &str, host: Option<&str>) -> bool {
    let Ok(origin) = Url::parse(origin) else { return false };
    let same = |url: &Url| url.origin() == origin.origin();
    let asked = host.and_then(|host| Url::parse(&format!("{}://{host}", origin.scheme())).ok());
    Url::parse(public_url).is_ok_and(|url| same(&url)) || asked.is_some_and(|url| same(&url))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn ours(headers: &[(&'static str, &'static str)]) -> bool {
        let pairs =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        is_ours(&pairs.collect::<HeaderMap>(), "https://mara.example")
    }

    #[test]
    fn only_our_own_pages_count() {
        let host = ("host", "127.0.0.1:8080");
        assert!(ours(&[("origin", "https://mara.example")]));
        assert!(ours(&[("origin", "http://127.0.0.1:8080"), host]));
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
        assert!(ours(&[("sec-fetch-site", "same-origin"), ("origin", "https://mara.example")]));
        for wrong in [
            &[][..],
            &[host],
            &[("origin", "null"), host],
            &[("origin", "https://evil.example"), host],
            &[("origin", "http://127.0.0.1:9090"), host],
            &[("origin", "http://mara.example")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://mara.example")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
        ] {
            assert!(!ours(wrong), "{wrong:?}");
        }
    }
}
