//! Sockets. Each listener accepts, lets hyper speak HTTP, and takes the connection back from
//! it when a fault has to be written by hand.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Collected, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

use crate::call::{Call, Pairs};
use crate::fault::Wire;
use crate::serve::{Outcome, respond};
use crate::state::Shared;

/// The name of the control API's listener.
pub const CONTROL: &str = "CONTROL";

/// Listeners that end when this is dropped, and their connections with them.
#[derive(Debug, Default)]
pub struct Listeners(Vec<AbortHandle>);

impl Listeners {
    /// Starts serving one upstream.
    pub fn serve(&mut self, listener: TcpListener, upstream: &'static str, shared: Arc<Shared>) {
        let task = tokio::spawn(accept(listener, upstream, shared));
        self.0.push(task.abort_handle());
    }

    /// Starts a listener that answers a TLS handshake with plain text.
    pub fn serve_nonsense(&mut self, listener: TcpListener) {
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((peer, _)) = listener.accept().await {
                connections.spawn(nonsense(peer));
            }
        });
        self.0.push(task.abort_handle());
    }
}

impl Drop for Listeners {
    fn drop(&mut self) {
        self.0.iter().for_each(AbortHandle::abort);
    }
}

/// The handshake is read before it is answered: closing on unread bytes would take the answer back.
async fn nonsense(mut peer: TcpStream) -> io::Result<()> {
    let mut scrap = [0; 4096];
    if peer.read(&mut scrap).await? > 0 {
        peer.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await?;
        peer.shutdown().await?;
        while peer.read(&mut scrap).await? > 0 {}
    }
    Ok(())
}

/// A loopback listener on the port, any free one when it is 0, and its origin.
pub async fn bind(port: u16) -> io::Result<(TcpListener, String)> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let named = |why: io::Error| io::Error::new(why.kind(), format!("{address}: {why}"));
    let listener = TcpListener::bind(address).await.map_err(named)?;
    let origin = format!("http://{}", listener.local_addr()?);
    Ok((listener, origin))
}

/// A port that is taken and refuses every connection as long as the socket lives.
pub fn closed_port() -> io::Result<(TcpSocket, String)> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let origin = format!("http://{}", socket.local_addr()?);
    Ok((socket, origin))
}

async fn accept(listener: TcpListener, upstream: &'static str, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                let _ = stream.set_nodelay(true);
                connections.spawn(converse(stream, upstream, Arc::clone(&shared)));
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn converse(stream: TcpStream, upstream: &'static str, shared: Arc<Shared>) {
    let (hand_over, mut handed_over) = mpsc::channel::<Wire>(1);
    let service = service_fn(move |request| {
        let (shared, hand_over) = (Arc::clone(&shared), hand_over.clone());
        async move { answer(request, upstream, &shared, &hand_over).await }
    });
    let mut http = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let wire = tokio::select! {
        _ = &mut http => None,
        wire = handed_over.recv() => wire,
    };
    if let Some(wire) = wire {
        wire.play(http.into_parts().io.into_inner()).await;
    }
}

async fn answer(
    request: Request<Incoming>,
    upstream: &'static str,
    shared: &Shared,
    hand_over: &mpsc::Sender<Wire>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let call = read(request, upstream, shared).await;
    match respond(shared, call).await {
        Outcome::Say(response) => Ok(response),
        Outcome::Play(wire) => {
            let _ = hand_over.send(wire).await;
            std::future::pending().await
        }
    }
}

/// A body that breaks off counts as what arrived of it: nothing.
async fn read(request: Request<Incoming>, upstream: &'static str, shared: &Shared) -> Call {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map(Collected::to_bytes);
    Call {
        upstream,
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: Pairs::parse(parts.uri.query().unwrap_or_default().as_bytes()),
        headers: parts.headers,
        body: body.unwrap_or_default(),
        now: shared.now(),
        fault: None,
    }
}
