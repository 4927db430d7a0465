//! A face: one finished answer in every encoding, with its headers and ETag. Made when data changes; an encoding is
//! made when it is first asked for, never twice.

use std::io::Write as _;
use std::sync::OnceLock;

use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::security::{self, Https, Reach};
use crate::domain::text::Lang;

/// Brotli's quality when an answer is needed at once: 1 ms for a page.
const BROTLI_AT_ONCE: u32 = 5;
/// Brotli's quality when nobody waits: 42 ms for a page, a tenth smaller.
const BROTLI_AT_LEISURE: u32 = 11;
/// Below this many bytes compression gains nothing.
const WORTH_COMPRESSING: usize = 256;

/// What an answer is, before it is compressed.
#[derive(Clone, Debug)]
pub struct Source {
    /// The bytes.
    pub body: Bytes,
    /// The media type.
    pub content_type: &'static str,
    /// How long others may keep it.
    pub cache_control: &'static str,
    /// Its language; `None` when the answer is the same in both.
    pub lang: Option<Lang>,
    /// Who may use it beside our own pages.
    pub reach: Reach,
    /// The name of the file for those who save it.
    pub name: Option<String>,
}

/// A finished answer in every encoding.
#[derive(Clone, Debug)]
pub struct Face {
    source: Source,
    https: Https,
    hash: String,
    identity: Prepared,
    /// `None` inside: not worth it.
    gzip: OnceLock<Option<Prepared>>,
    brotli: OnceLock<Option<Prepared>>,
    /// Whether it is compressed as small as it gets.
    small: bool,
}

#[derive(Clone, Debug)]
struct Prepared {
    headers: HeaderMap,
    etag: HeaderValue,
    /// The status line and the headers as they are sent, but for the date.
    head: Bytes,
    body: Bytes,
}

/// A found answer: status, headers and, unless the client has it already, the body.
#[derive(Debug)]
pub struct Found {
    /// 200 or 304.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body; empty for 304 and HEAD.
    pub body: Bytes,
}

impl Face {
    /// Finishes `source`; it is compressed when that is first asked for.
    pub fn new(source: Source, https: Https) -> Self {
        let hash = hex(&Sha256::digest(&source.body), 16);
        let identity = prepare(&source, https, &hash, None, source.body.clone());
        Self { source, https, hash, identity, gzip: OnceLock::new(), brotli: OnceLock::new(), small: false }
    }

    /// Whether somebody got it compressed in a hurry: that is worth doing well, and what nobody asked for is not.
    pub fn could_be_smaller(&self) -> bool {
        !self.small && self.brotli.get().is_some_and(Option::is_some)
    }

    /// The same face, compressed as small as it gets. Slow: for a background thread.
    pub fn smaller(&self) -> Self {
        let small = Self { brotli: OnceLock::new(), small: true, ..self.clone() };
        small.brotli(BROTLI_AT_LEISURE);
        small
    }

    fn brotli(&self, quality: u32) -> Option<&Prepared> {
        self.brotli.get_or_init(|| self.compressed("br", |body| brotli(body, quality))).as_ref()
    }

    fn gzip(&self) -> Option<&Prepared> {
        self.gzip.get_or_init(|| self.compressed("gzip", gzip)).as_ref()
    }

    fn compressed(&self, encoding: &'static str, how: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Option<Prepared> {
        let body = Some(&self.source.body).filter(|body| body.len() >= WORTH_COMPRESSING).and_then(|body| how(body))?;
        let smaller = body.len() < self.source.body.len();
        smaller.then(|| prepare(&self.source, self.https, &self.hash, Some(encoding), Bytes::from(body)))
    }

    /// The media type.
    pub const fn content_type(&self) -> &'static str {
        self.source.content_type
    }

    /// Its language; `None` when it is the same in both.
    pub const fn lang(&self) -> Option<Lang> {
        self.source.lang
    }

    /// The bytes before compression.
    pub const fn body(&self) -> &Bytes {
        &self.source.body
    }

    /// The answer to a GET or HEAD with these headers.
    pub fn answer(&self, method: &Method, request: &HeaderMap) -> Found {
        let prepared = self.choose(request.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()));
        let headers = prepared.headers.clone();
        if request.get(IF_NONE_MATCH).is_some_and(|known| knows(known, &prepared.etag)) {
            let mut headers = headers;
            for name in [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LANGUAGE, axum::http::header::CONTENT_LENGTH] {
                headers.remove(name);
            }
            return Found { status: StatusCode::NOT_MODIFIED, headers, body: Bytes::new() };
        }
        let body = if *method == Method::HEAD { Bytes::new() } else { prepared.body.clone() };
        Found { status: StatusCode::OK, headers, body }
    }

    /// The answer to a plain GET as it is sent: the head but for the date, and the body.
    pub fn sent(&self, accepted: Option<&str>) -> (Bytes, Bytes) {
        let prepared = self.choose(accepted);
        (prepared.head.clone(), prepared.body.clone())
    }

    fn choose(&self, accepted: Option<&str>) -> &Prepared {
        let Some(accepted) = accepted else { return &self.identity };
        let (mut brotli, mut gzip) = (false, false);
        for entry in accepted.split(',') {
            let (name, quality) = entry.split_once(';').unwrap_or((entry, ""));
            let refused = quality.trim().strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0));
            match name.trim() {
                "br" => brotli = !refused,
                "gzip" => gzip = !refused,
                _ => {}
            }
        }
        let best = brotli.then(|| self.brotli(BROTLI_AT_ONCE)).flatten();
        best.or_else(|| gzip.then(|| self.gzip()).flatten()).unwrap_or(&self.identity)
    }
}

fn prepare(source: &Source, https: Https, hash: &str, encoding: Option<&'static str>, body: Bytes) -> Prepared {
    // Weak: the same text compressed better later on is the same answer.
    let suffix = encoding.map(|name| format!("-{name}")).unwrap_or_default();
    let etag = HeaderValue::from_str(&format!("W/\"{hash}{suffix}\""));
    let etag = etag.unwrap_or_else(|_| HeaderValue::from_static("W/\"0\""));
    let mut headers = HeaderMap::with_capacity(18);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(source.content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(source.cache_control));
    headers.insert(axum::http::header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    headers.insert(ETAG, etag.clone());
    if let Some(encoding) = encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    let vary = if source.lang.is_some() { "Accept-Encoding, Accept-Language" } else { "Accept-Encoding" };
    headers.insert(VARY, HeaderValue::from_static(vary));
    if let Some(lang) = source.lang {
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(lang.tag()));
    }
    if let Some(name) = source.name.as_ref().and_then(|name| HeaderValue::try_from(shown_as(name)).ok()) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    if source.reach == Reach::Scripts {
        security::open_to_all(&mut headers);
    }
    security::add(&mut headers, https);
    if source.reach == Reach::Frames {
        security::open_to_frames(&mut headers);
    }
    let head = format!("HTTP/1.1 200 OK\r\n{}", security::as_text(&headers)).into();
    Prepared { headers, etag, head, body }
}

/// Shown in the browser; `name` is plain ASCII without quotes.
fn shown_as(name: &str) -> String {
    format!("inline; filename=\"{name}\"")
}

/// Whether `If-None-Match` names this answer (weak comparison, RFC 9110 section 13.1.2).
fn knows(known: &HeaderValue, etag: &HeaderValue) -> bool {
    let (Ok(known), Ok(etag)) = (known.to_str(), etag.to_str()) else { return false };
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    known.split(',').map(bare).any(|tag| tag == "*" || tag == bare(etag))
}

fn gzip(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 3), Compression::new(6));
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}

fn brotli(body: &[u8], quality: u32) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len() / 4);
    // A window of the body's size: a larger one costs megabytes and gains nothing.
    let window = body.len().max(1024).ilog2() + 1;
    let mut encoder = brotli::CompressorWriter::new(&mut out, 16 * 1024, quality, window.min(22));
    encoder.write_all(body).ok()?;
    encoder.flush().ok()?;
    drop(encoder);
    Some(out)
}

/// The first `len` hexadecimal digits of a hash.
pub fn hex(hash: &[u8], len: usize) -> String {
    let digits = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.take(len).filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face() -> Face {
        let source = Source {
            body: Bytes::from("mediakit ".repeat(200)),
            content_type: "text/plain",
            cache_control: "no-cache",
            lang: Some(Lang::En),
            reach: Reach::Own,
            name: None,
        };
        Face::new(source, Https(true))
    }

    fn request(name: axum::http::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_best_accepted_encoding_is_chosen() {
        for (accepted, encoding) in [
            ("gzip, deflate, br", Some("br")),
            ("gzip;q=0.5, br;q=0", Some("gzip")),
            ("identity", None),
            ("zstd", None),
        ] {
            let found = face().answer(&Method::GET, &request(ACCEPT_ENCODING, accepted));
            let got = found.headers.get(CONTENT_ENCODING).map(|v| v.to_str().unwrap());
            assert_eq!(got, encoding, "{accepted}");
        }
    }

    #[test]
    fn a_client_that_has_the_answer_gets_no_body() {
        let first = face().answer(&Method::GET, &HeaderMap::new());
        let known = HeaderMap::from_iter([(IF_NONE_MATCH, first.headers[ETAG].clone())]);
        let second = face().answer(&Method::GET, &known);
        assert_eq!((second.status, second.body.len()), (StatusCode::NOT_MODIFIED, 0));
        assert_eq!(face().answer(&Method::GET, &request(IF_NONE_MATCH, "\"x\", W/\"y\"")).status, StatusCode::OK);
    }

    #[test]
    fn head_names_the_length_it_does_not_send() {
        let found = face().answer(&Method::HEAD, &HeaderMap::new());
        assert_eq!(found.headers[axum::http::header::CONTENT_LENGTH], "1800");
        assert!(found.body.is_empty());
    }

    #[test]
    fn smaller_is_the_same_answer() {
        let accepted = request(ACCEPT_ENCODING, "br");
        let style = Bytes::from_static(include_bytes!("../../assets/kit.css"));
        let fast = Face::new(crate::web::assets::plain(style, "text/css"), Https(false));
        let small = fast.smaller();
        let (fast, small) = (fast.answer(&Method::GET, &accepted), small.answer(&Method::GET, &accepted));
        assert!(small.body.len() < fast.body.len());
        assert_eq!(fast.headers[ETAG], small.headers[ETAG]);
    }
}
