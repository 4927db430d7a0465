//! Writers on a running server: each changes its own fields of the profile again and again, counts, and knows what
//! was acknowledged. What a writer has counted to can be read back from the profile.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Value as Json, json};

/// How many writers there are.
pub const WRITERS: usize = 4;

/// How far each writer has counted.
pub type Counts = [u64; WRITERS];

/// What a writer sends to say `n`.
fn body(writer: usize, n: u64) -> Json {
    match writer {
        0 => json!({ "bio": n.to_string() }),
        1 => json!({ "name": n.to_string() }),
        2 => json!({ "contact": format!("{n}@mara.example") }),
        _ => json!({
            "location": n.to_string(),
            "handles": { "twitch": format!("writer_{n}"), "bluesky": format!("writer-{n}.bsky.social") },
        }),
    }
}

/// What the profile says each writer has counted to. Fields that are written together must agree.
#[track_caller]
pub fn counted(profile: &Json) -> Counts {
    let number = |pointer: &str| -> u64 {
        let text = profile.pointer(pointer).and_then(Json::as_str).unwrap_or_default();
        text.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
    };
    let together = [number("/location"), number("/handles/twitch"), number("/handles/bluesky")];
    assert!(together.iter().all(|n| *n == together[0]), "half of a change: {profile}");
    [number("/bio"), number("/name"), number("/contact"), together[0]]
}

/// Fails unless each writer's last acknowledged count is there, or the one that was under way.
#[track_caller]
pub fn nothing_lost(acknowledged: &Counts, found: &Counts) {
    let ahead = |(acknowledged, found): (&u64, &u64)| found.checked_sub(*acknowledged);
    let kept = acknowledged.iter().zip(found).map(ahead).all(|ahead| ahead.is_some_and(|n| n <= 1));
    assert!(kept, "acknowledged {acknowledged:?}, found {found:?}");
}

/// All writers at work.
pub struct Load {
    writers: Vec<JoinHandle<u64>>,
    acknowledged: Receiver<()>,
    enough: Arc<AtomicBool>,
}

impl Load {
    /// Lets all writers go on from where they were.
    pub fn start(address: &str, token: &str, from: Counts) -> Self {
        let (tell, acknowledged) = channel();
        let enough = Arc::new(AtomicBool::new(false));
        let start = |(writer, from)| {
            let client = Client::new(address, token);
            let (tell, enough) = (tell.clone(), enough.clone());
            thread::spawn(move || write(client, writer, from, &tell, &enough))
        };
        Self { writers: from.into_iter().enumerate().map(start).collect(), acknowledged, enough }
    }

    /// Waits until so many more writes are acknowledged.
    pub fn wait_for(&self, more: usize) {
        for _ in 0..more {
            self.acknowledged.recv().expect("the server goes on answering");
        }
    }

    /// Lets every writer finish what is under way.
    pub fn stop(self) -> Counts {
        self.enough.store(true, Ordering::Relaxed);
        self.ended()
    }

    /// What was acknowledged to each writer, once the server is gone.
    pub fn ended(self) -> Counts {
        let mut counts = self.writers.into_iter().map(|writer| writer.join().unwrap());
        std::array::from_fn(|_| counts.next().unwrap())
    }
}

/// Counts on until told to stop or until the server is gone; gives the last number that was acknowledged.
fn write(mut client: Client, writer: usize, from: u64, tell: &Sender<()>, enough: &AtomicBool) -> u64 {
    let mut last = from;
    while !enough.load(Ordering::Relaxed) {
        let Ok((status, answer)) = client.send("PUT", "/api/profile", &body(writer, last + 1)) else { break };
        assert_eq!(status, 200, "{answer}");
        last += 1;
        // Nobody may be listening any more.
        let _ = tell.send(());
    }
    last
}

/// A connection that is kept.
pub struct Client {
    stream: Option<BufReader<TcpStream>>,
    address: String,
    token: String,
}

impl Client {
    /// Nothing is sent yet; a server that is gone already is an error of the first request.
    pub fn new(address: &str, token: &str) -> Self {
        Self { stream: None, address: address.to_owned(), token: token.to_owned() }
    }

    /// Sends a request as the owner and reads the whole answer.
    pub fn send(&mut self, method: &str, path: &str, body: &Json) -> io::Result<(u16, Json)> {
        let (address, token) = (&self.address, &self.token);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
             accept-language: en\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => none.insert(connect(address)?),
        };
        stream.get_mut().write_all(request.as_bytes())?;
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(rest) = line.strip_prefix("http/1.1 ") {
                status = rest[..3].parse().unwrap();
            } else if let Some(rest) = line.strip_prefix("content-length: ") {
                length = rest.parse().unwrap();
            } else if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        Ok((status, serde_json::from_slice(&body).unwrap_or(Json::Null)))
    }

    /// The profile.
    pub fn profile(&mut self) -> Json {
        let (status, profile) = self.send("GET", "/api/profile", &Json::Null).unwrap();
        assert_eq!(status, 200, "{profile}");
        profile
    }
}

fn connect(address: &str) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    // Only a server that hangs takes this long.
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    Ok(BufReader::new(stream))
}
