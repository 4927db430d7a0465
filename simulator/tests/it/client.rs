//! A small HTTP client that reports exactly what arrived, also when that is not HTTP.

use std::collections::BTreeMap;
use std::io;

use serde_json::Value;
use simulator::{Options, Simulator};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub const NOON: &str = "2026-11-22T12:00:00Z";

/// A simulator whose clock stands at noon of the anchor day.
pub async fn start() -> Simulator {
    let now = Some(NOON.parse().unwrap());
    Simulator::start(Options { now, ..Options::default() }).await.unwrap()
}

/// Keys and values of a creator's `.env.social`.
pub fn env(simulator: &Simulator, creator: &str) -> BTreeMap<String, String> {
    parse(&simulator.env_social(creator))
}

pub fn parse(env: &str) -> BTreeMap<String, String> {
    env.lines().filter_map(|line| line.split_once('=')).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// What arrived before the connection ended.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|why| panic!("{why}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// One request on a connection of its own.
pub struct Ask<'a> {
    origin: &'a str,
    method: &'static str,
    target: String,
    head: String,
    body: String,
}

impl<'a> Ask<'a> {
    pub fn get(origin: &'a str, target: impl Into<String>) -> Self {
        Self { origin, method: "GET", target: target.into(), head: String::new(), body: String::new() }
    }

    pub fn post(origin: &'a str, target: impl Into<String>, body: impl Into<String>) -> Self {
        Self { method: "POST", body: body.into(), ..Self::get(origin, target) }
    }

    pub fn put(origin: &'a str, target: impl Into<String>, body: impl Into<String>) -> Self {
        Self { method: "PUT", body: body.into(), ..Self::get(origin, target) }
    }

    pub fn form(origin: &'a str, target: impl Into<String>, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Self::post(origin, target, body).header("content-type", "application/x-www-form-urlencoded")
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.head = format!("{}{name}: {value}\r\n", self.head);
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Connects and sends; the answer is left on the connection.
    pub async fn open(&self) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(self.origin.strip_prefix("http://").unwrap()).await?;
        let request = format!(
            "{} {} HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-length: {}\r\n{}\r\n{}",
            self.method,
            self.target,
            self.body.len(),
            self.head,
            self.body
        );
        stream.write_all(request.as_bytes()).await?;
        Ok(stream)
    }

    /// Everything until the other side ends the connection.
    pub async fn raw(&self) -> io::Result<Vec<u8>> {
        let mut stream = self.open().await?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await?;
        Ok(bytes)
    }

    pub async fn try_send(&self) -> io::Result<Reply> {
        let bytes = self.raw().await?;
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.ok_or(io::ErrorKind::UnexpectedEof)?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Ok(Reply { status: status.unwrap(), headers, body: bytes[end + 4..].to_vec() })
    }

    pub async fn send(&self) -> Reply {
        self.try_send().await.unwrap()
    }
}
