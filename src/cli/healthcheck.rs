//! `healthcheck`: asks `/healthz` of the configured listen address, for containers. Speaks to this machine only.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::stop::{Exit, Stop};
use super::{Session, say};
use crate::domain::text::Lang;

const PATIENCE: Duration = Duration::from_secs(3);
/// A status line and no more, in bytes.
const ENOUGH: u64 = 64;

pub(super) async fn run(session: &Session) -> Result<Exit, Stop> {
    let listen = session.config()?.listen;
    if listen.port() == 0 {
        return Err(Stop::usage(match session.lang {
            Lang::De => {
                "Mit Port 0 ist nicht bekannt, wo der Server lauscht. Setze MEDIAKIT_LISTEN auf einen festen Port."
            }
            Lang::En => "With port 0 it is unknown where the server listens. Set MEDIAKIT_LISTEN to a fixed port.",
        }));
    }
    let answer = tokio::time::timeout(PATIENCE, status(near(listen))).await;
    let text = match (answer, session.lang) {
        (Ok(Ok(200)), _) => return Ok(Exit::All),
        (Ok(Ok(status)), Lang::De) => format!("Der Server an {listen} ist nicht gesund (Status {status})."),
        (Ok(Ok(status)), Lang::En) => format!("The server at {listen} is not well (status {status})."),
        (Ok(Err(_)), Lang::De) => format!("An {listen} antwortet kein Server. Läuft `mediakit serve`?"),
        (Ok(Err(_)), Lang::En) => format!("No server answers at {listen}. Is `mediakit serve` running?"),
        (Err(_), Lang::De) => format!("Der Server an {listen} hat nicht in drei Sekunden geantwortet."),
        (Err(_), Lang::En) => format!("The server at {listen} did not answer within three seconds."),
    };
    say(&text);
    Ok(Exit::Nothing)
}

/// Where a server that listens on `listen` is reached from this machine.
fn near(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

async fn status(address: SocketAddr) -> io::Result<u16> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    stream.take(ENOUGH).read_to_end(&mut head).await?;
    let head = String::from_utf8_lossy(&head);
    let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|code| code.parse().ok());
    status.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
}
