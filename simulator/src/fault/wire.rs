//! Transport faults: what happens to the bytes. The connection has been taken from the HTTP
//! library, so everything here is written by hand. Each fault ends when the peer goes away.

use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::answer::Answer;

/// A whole answer in bytes, and the fault that decides how much of it arrives and when.
#[derive(Debug)]
pub struct Wire {
    fault: &'static str,
    head: String,
    body: Bytes,
}

impl Wire {
    pub fn new(fault: &'static str, answer: &Answer) -> Self {
        let body = answer.bytes();
        let mut head = format!("HTTP/1.1 {} -\r\n", answer.status);
        for (name, value) in &answer.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        Self { fault, head, body }
    }

    /// Plays the fault on the connection. A peer that hangs up ends it early, which is fine.
    pub async fn play(self, mut peer: TcpStream) {
        let what = self.fault.strip_prefix("transport/").unwrap_or(self.fault);
        let _ = match what {
            "reset-mid-body" => self.reset_mid_body(&mut peer).await,
            "no-headers" => gone(&mut peer).await,
            "slow-headers" => self.slow_headers(&mut peer).await,
            "body-stalls" => self.stall(&mut peer).await,
            "slow-body" => self.slow_body(&mut peer).await,
            "short-content-length" => self.with_length(&mut peer, self.body.len() / 2).await,
            "long-content-length" => self.with_length(&mut peer, self.body.len() + 512).await,
            "endless-chunks" => self.endless(&mut peer).await,
            "headers-64k" => self.big_headers(&mut peer).await,
            _ => reset(&mut peer),
        };
    }

    async fn reset_mid_body(&self, peer: &mut TcpStream) -> io::Result<()> {
        self.first_half(peer).await?;
        reset(peer)
    }

    async fn stall(&self, peer: &mut TcpStream) -> io::Result<()> {
        self.first_half(peer).await?;
        gone(peer).await
    }

    async fn first_half(&self, peer: &mut TcpStream) -> io::Result<()> {
        let head = self.head_with_length(self.body.len());
        peer.write_all(head.as_bytes()).await?;
        peer.write_all(&self.body[..self.body.len() / 2]).await?;
        peer.flush().await
    }

    async fn slow_headers(&self, peer: &mut TcpStream) -> io::Result<()> {
        let head = self.head_with_length(self.body.len());
        drip(peer, head.as_bytes(), 1, Duration::from_secs(1)).await?;
        peer.write_all(&self.body).await
    }

    /// Four bytes a second: slow enough to run into any deadline.
    async fn slow_body(&self, peer: &mut TcpStream) -> io::Result<()> {
        let head = self.head_with_length(self.body.len());
        peer.write_all(head.as_bytes()).await?;
        drip(peer, &self.body, 1, Duration::from_millis(250)).await
    }

    async fn with_length(&self, peer: &mut TcpStream, length: usize) -> io::Result<()> {
        let head = self.head_with_length(length);
        peer.write_all(head.as_bytes()).await?;
        peer.write_all(&self.body).await?;
        peer.shutdown().await
    }

    async fn endless(&self, peer: &mut TcpStream) -> io::Result<()> {
        let head = format!("{}transfer-encoding: chunked\r\n\r\n", self.head);
        peer.write_all(head.as_bytes()).await?;
        let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
        loop {
            peer.write_all(chunk.as_bytes()).await?;
        }
    }

    async fn big_headers(&self, peer: &mut TcpStream) -> io::Result<()> {
        let mut head = self.head.clone();
        for number in 0..64 {
            let _ = write!(head, "x-debug-{number}: {}\r\n", "y".repeat(1_010));
        }
        let _ = write!(head, "content-length: {}\r\n\r\n", self.body.len());
        peer.write_all(head.as_bytes()).await?;
        peer.write_all(&self.body).await?;
        peer.shutdown().await
    }

    fn head_with_length(&self, length: usize) -> String {
        format!("{}content-length: {length}\r\n\r\n", self.head)
    }
}

/// Closes the connection with a reset instead of an end.
fn reset(peer: &mut TcpStream) -> io::Result<()> {
    peer.set_zero_linger()
}

/// Writes small pieces with a pause after each, until done or the peer is gone.
async fn drip(peer: &mut TcpStream, bytes: &[u8], piece: usize, pause: Duration) -> io::Result<()> {
    let (mut read, mut write) = peer.split();
    let mut scrap = [0; 64];
    for piece in bytes.chunks(piece) {
        write.write_all(piece).await?;
        tokio::select! {
            () = sleep(pause) => {}
            got = read.read(&mut scrap) => if got? == 0 { return Err(io::ErrorKind::BrokenPipe.into()) }
        }
    }
    Ok(())
}

/// Waits, saying nothing, until the peer hangs up.
async fn gone(peer: &mut TcpStream) -> io::Result<()> {
    let mut scrap = [0; 64];
    while peer.read(&mut scrap).await? > 0 {}
    Ok(())
}
