//! The short way: a plain GET for a finished answer is answered from the bytes it came in, which takes a third of what the
//! HTTP layer takes. Plain means one whole head in one piece, in a form that reads only one way, with headers of a short
//! list. Anything else, and anything in doubt, goes to the HTTP layer with every byte that was read, and its connection
//! stays there. No answer is made here: errors, conditions and bodies are the HTTP layer's.

use std::io;
use std::pin::pin;

use axum::http::StatusCode;
use bytes::{Buf as _, Bytes};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::serve::HEADER_TIMEOUT;
use super::state::State;
use super::visits::{Asked, View};

/// A longer head takes the long way.
const LONGEST_HEAD: usize = 4096;
/// Headers that change nothing about a finished answer. One that is not here takes the long way.
const MEANINGLESS: [&str; 19] = [
    "accept",
    "cache-control",
    "dnt",
    "forwarded",
    "origin",
    "pragma",
    "priority",
    "sec-ch-ua",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
    "sec-fetch-site",
    "sec-fetch-user",
    "sec-gpc",
    "upgrade-insecure-requests",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
];

/// What a plain request asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plain<'a> {
    /// The path.
    pub path: &'a str,
    /// The query, empty when there is none.
    pub query: &'a str,
    /// What `Accept-Encoding` says.
    pub accept_encoding: Option<&'a str>,
    /// What `Accept-Language` says.
    pub accept_language: Option<&'a str>,
    /// What tells a visit.
    pub asked: Asked<'a>,
}

impl<'a> Plain<'a> {
    /// Reads a whole head and nothing behind it; `None` when it is not plain.
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut lines = std::str::from_utf8(bytes).ok()?.strip_suffix("\r\n\r\n")?.split("\r\n");
        let target = lines.next()?.strip_prefix("GET ")?.strip_suffix(" HTTP/1.1")?;
        if !target.starts_with('/') || !target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
            return None;
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut plain = Self { path, query, ..Self::default() };
        let mut host = None;
        for line in lines {
            let (name, value) = line.split_once(':')?;
            let value = value.trim_matches(' ');
            if !value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
                return None;
            }
            let is = |other: &str| name.eq_ignore_ascii_case(other);
            if is("host") {
                once(&mut host, value)?;
            } else if is("accept-encoding") {
                once(&mut plain.accept_encoding, value)?;
            } else if is("accept-language") {
                once(&mut plain.accept_language, value)?;
            } else if is("connection") {
                value.eq_ignore_ascii_case("keep-alive").then_some(())?;
            } else if let Some(told) = plain.asked.place(name) {
                *told = Some(value);
            } else if !MEANINGLESS.iter().any(|name| is(name)) {
                return None;
            }
        }
        plain.asked.host = host;
        host.map(|_| plain)
    }
}

/// A header that may come once only.
fn once<'a>(place: &mut Option<&'a str>, value: &'a str) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

/// The end of a head: the date, written anew each second.
#[derive(Default)]
struct Dated {
    second: Option<i64>,
    text: Bytes,
}

impl Dated {
    /// <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>
    fn at(&mut self, now: Timestamp) -> Bytes {
        if self.second != Some(now.as_second()) {
            self.second = Some(now.as_second());
            let date = now.to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
            self.text = format!("date: {date}\r\n\r\n").into();
        }
        self.text.clone()
    }
}

/// Answers plain requests until another one comes: gives what was read of that, or `None` when the connection is over.
pub async fn converse(stream: &mut TcpStream, state: &State) -> io::Result<Option<Bytes>> {
    let mut stopping = state.stopping.subscribe();
    let mut stop = pin!(stopping.wait_for(|stop| *stop));
    let mut idle = pin!(sleep(HEADER_TIMEOUT));
    let mut date = Dated::default();
    let mut buffer = vec![0; LONGEST_HEAD];
    loop {
        let deadline = Instant::now() + HEADER_TIMEOUT;
        let read = loop {
            tokio::select! {
                biased;
                read = stream.read(&mut buffer) => break read?,
                // Put off when it comes and not with every request, which takes as long as reading one.
                () = &mut idle => {
                    if idle.deadline() >= deadline {
                        return Ok(None);
                    }
                    idle.as_mut().reset(deadline);
                }
                _ = &mut stop => return Ok(None),
            }
        };
        if read == 0 {
            return Ok(None);
        }
        let now = state.clock.now();
        let answer = Plain::read(&buffer[..read]).and_then(|plain| {
            let sent = state.faces.sent(&plain, now)?;
            Some((sent, View::of(plain.path, &plain.asked)))
        });
        let Some(((head, body), view)) = answer else {
            buffer.truncate(read);
            return Ok(Some(buffer.into()));
        };
        state.metrics.answered(StatusCode::OK);
        if let Some(view) = view.filter(|_| state.faces.kit().counts_visits) {
            state.visits.view(view, now);
        }
        stream.write_all_buf(&mut head.chain(date.at(now)).chain(body)).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_request_is_read() {
        let head = b"GET /mediakit?lang=en HTTP/1.1\r\nHost: x\r\nAccept-Encoding:  br, gzip \r\nuser-agent: y\r\n\r\n";
        let plain = Plain::read(head).unwrap();
        assert_eq!((plain.path, plain.query), ("/mediakit", "lang=en"));
        assert_eq!((plain.accept_encoding, plain.accept_language), (Some("br, gzip"), None));
    }

    #[test]
    fn what_could_mean_something_else_takes_the_long_way() {
        let line = |line: &str| format!("{line}\r\nhost: x\r\n\r\n");
        let header = |header: &str| format!("GET /mediakit HTTP/1.1\r\nhost: x\r\n{header}\r\n\r\n");
        assert!(Plain::read(line("GET /mediakit HTTP/1.1").as_bytes()).is_some());
        assert!(Plain::read(header("cookie: a=b").as_bytes()).is_some());
        for request in [
            "",
            "\r\n\r\n",
            "GET /mediakit HTTP/1.1\r\n\r\n",
            "GET /mediakit HTTP/1.1\r\nhost: x\r\n",
            "GET /mediakit HTTP/1.1\nhost: x\n\n",
            "GET /mediakit HTTP/1.1\r\nhost: x\r\n\r\nGET /",
            "GET /mediakit HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\n\r\n",
        ] {
            assert_eq!(Plain::read(request.as_bytes()), None, "{request:?}");
        }
        for first in [
            "HEAD /mediakit HTTP/1.1",
            "get /mediakit HTTP/1.1",
            "GET  /mediakit HTTP/1.1",
            "GET mediakit HTTP/1.1",
            "GET http://x/mediakit HTTP/1.1",
            "GET /mediakit HTTP/1.0",
            "GET /mediakit HTTP/1.1 ",
            "GET /media\u{e4}kit HTTP/1.1",
            "GET /mediakit#x HTTP/1.1",
            "GET /media\0kit HTTP/1.1",
            " GET /mediakit HTTP/1.1",
        ] {
            assert_eq!(Plain::read(line(first).as_bytes()), None, "{first:?}");
        }
        for more in [
            "host: y",
            "content-length: 0",
            "transfer-encoding: chunked",
            "connection: close",
            "connection: upgrade",
            "expect: 100-continue",
            "if-none-match: *",
            "range: bytes=0-1",
            "upgrade: h2c",
            "authorization: Bearer x",
            "x-other: y",
            "cookie : a=b",
            " cookie: a=b",
            "cookie: a\tb",
            "cookie: a\rb",
            "cookie: a\nb",
            "cookie",
            "accept-encoding: br\r\naccept-encoding: gzip",
        ] {
            assert_eq!(Plain::read(header(more).as_bytes()), None, "{more:?}");
        }
    }

    #[test]
    fn the_date_follows_the_clock() {
        let mut date = Dated::default();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(date.at(at("2026-11-22T18:00:00.9Z")), "date: Sun, 22 Nov 2026 18:00:00 GMT\r\n\r\n");
        assert_eq!(date.at(at("2026-11-22T18:00:01Z")), "date: Sun, 22 Nov 2026 18:00:01 GMT\r\n\r\n");
    }
}
