//! The connection's bytes. The HTTP layer answers a broken or oversized head by itself and bare; here such an answer
//! gets the words and the security headers that every other answer has.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;

use super::error::Error;
use super::security::{self, Https};
use crate::domain::text::Lang;

/// The HTTP layer's own answers are shorter than this; ours never are.
const LONGEST_BARE: usize = 200;
/// How long and how much is still read from a client whose head was refused, so that it sees the answer.
const LINGER: Duration = Duration::from_millis(500);
const LINGER_BYTES: u64 = 1024 * 1024;

/// A TCP stream that completes bare answers.
pub struct Wire {
    stream: TcpStream,
    /// What was read of it before, and is read again.
    read: Bytes,
    https: Https,
    instead: Option<Instead>,
    refused: bool,
}

/// What is written in place of a bare answer.
struct Instead {
    text: Vec<u8>,
    written: usize,
    /// How long the bare answer was.
    stands_for: usize,
}

impl Wire {
    /// Wraps an accepted connection of which `read` was read already.
    pub const fn new(stream: TcpStream, read: Bytes, https: Https) -> Self {
        Self { stream, read, https, instead: None, refused: false }
    }

    /// Turns a connection away without a look at what it asks.
    pub async fn refuse(mut self, error: &Error) {
        let said = self.stream.write_all(&in_words(error, self.https)).await;
        if said.is_ok() && self.stream.shutdown().await.is_ok() {
            self.refused = true;
            self.linger().await;
        }
    }

    /// Reads on for a moment when a head was refused: closing with unread bytes would take the answer back.
    pub async fn linger(mut self) {
        if self.refused {
            let mut rest = (&mut self.stream).take(LINGER_BYTES);
            let _ = tokio::time::timeout(LINGER, tokio::io::copy(&mut rest, &mut tokio::io::sink())).await;
        }
    }

    fn poll_instead(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Some(instead) = &mut self.instead else { return Poll::Ready(Ok(0)) };
        while instead.written < instead.text.len() {
            let rest = &instead.text[instead.written..];
            match ready!(Pin::new(&mut self.stream).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => instead.written += written,
            }
        }
        let stands_for = instead.stands_for;
        self.instead = None;
        Poll::Ready(Ok(stands_for))
    }

    fn notice(&mut self, head: &[u8]) {
        if self.instead.is_none()
            && let Some(text) = completed(head, self.https)
        {
            self.refused = true;
            self.instead = Some(Instead { text, written: 0, stands_for: head.len() });
        }
    }
}

/// The whole answer in place of a bare one of the HTTP layer; `None` when `head` is something else.
fn completed(head: &[u8], https: Https) -> Option<Vec<u8>> {
    let bare = head.len() < LONGEST_BARE && head.ends_with(b"\r\n\r\n");
    let rest = head.strip_prefix(b"HTTP/1.1 ").filter(|_| bare)?;
    let error = match rest.get(..3)? {
        b"431" => Error::HeadersTooLarge,
        b"400" => Error::BadRequest,
        _ => return None,
    };
    Some(in_words(&error, https))
}

/// A whole answer that ends the connection.
fn in_words(error: &Error, https: Https) -> Vec<u8> {
    let (status, body) = (error.row().0, error.problem(Lang::De).to_string());
    let reason = StatusCode::canonical_reason(&status).unwrap_or_default();
    let mut headers = HeaderMap::new();
    security::add(&mut headers, https);
    let text = format!(
        "HTTP/1.1 {} {reason}\r\ncontent-type: application/problem+json\r\ncontent-language: de\r\n\
         content-length: {}\r\ncache-control: no-store\r\nconnection: close\r\n{}\r\n{body}",
        status.as_u16(),
        body.len(),
        security::as_text(&headers),
    );
    text.into_bytes()
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.read.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buf);
        }
        let again = self.read.len().min(buf.remaining());
        buf.put_slice(&self.read.split_to(again));
        Poll::Ready(Ok(()))
    }
}

/// Not vectored: a head and its body leave in one write, copied together; for answers of our size that is fastest.
impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.notice(buf);
        if self.instead.is_some() { self.poll_instead(cx) } else { Pin::new(&mut self.stream).poll_write(cx, buf) }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_answers_are_completed_and_others_left_alone() {
        let bare = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        let whole = String::from_utf8(completed(bare, Https(false)).unwrap()).unwrap();
        assert!(whole.starts_with("HTTP/1.1 431 ") && whole.contains("content-security-policy: default-src 'none'"));
        assert!(completed(b"HTTP/1.1 200 OK\r\n\r\n", Https(false)).is_none());
        assert!(completed(b"part of a body", Https(false)).is_none());
    }
}
