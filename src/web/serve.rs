//! Our own accept loop, because the framework's has no effective header timeout: a timer for headers, a cap on
//! connections, and a stop that lets running answers finish.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::edge::Edge;
use super::error::Error;
use super::metrics;
use super::peer::Peer;
use super::quick;
use super::state::State;
use super::visits;
use super::wire::Wire;

/// Headers that take longer than this end the connection.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// Headers larger than this are answered with 431.
pub const MAX_HEADER_BYTES: usize = 16 * 1024;
/// Connections open at a time; more are answered with 503.
pub const MAX_CONNECTIONS: u32 = 4096;
/// Connections turned away at a time; more wait in the listener's queue.
const MAX_REFUSALS: usize = 64;
/// How long running answers may take once the server stops.
const LAST_WORDS: Duration = Duration::from_secs(10);
/// After an error of `accept` such as too many open files.
const PAUSE: Duration = Duration::from_millis(50);
/// How often it is looked for answers that better compression is worth its time for.
const AT_LEISURE: Duration = Duration::from_secs(2);

/// Answers requests on `listener` until `shutdown` ends, then lets running answers finish for ten seconds.
pub async fn serve(listener: TcpListener, state: State, shutdown: impl Future<Output = ()> + Send) {
    let background = [
        tokio::spawn(state.faces.clone().watch()),
        tokio::spawn(metrics::watch(state.clone())),
        tokio::spawn(compress_at_leisure(state.clone())),
    ];
    let counting = tokio::spawn(visits::keep(state.clone()));
    let edge = Edge::new(state.clone(), super::router(&state));
    tokio::select! {
        () = accept(&listener, &edge, &state) => {}
        () = shutdown => {}
    }
    drop(listener);
    state.stopping.send_replace(true);
    if tokio::time::timeout(LAST_WORDS, state.connections.acquire_many(MAX_CONNECTIONS)).await.is_err() {
        tracing::warn!("some answers were not finished in time");
    }
    for task in background {
        task.abort();
    }
    // It ends by itself once the server stops; the last answers may have counted since.
    drop(counting.await);
    state.visits.write().await;
}

async fn accept(listener: &TcpListener, edge: &Edge, state: &State) {
    let refusals = Arc::new(Semaphore::new(MAX_REFUSALS));
    loop {
        let (stream, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        if let Ok(permit) = state.connections.clone().try_acquire_owned() {
            tokio::spawn(connection(stream, address, edge.clone(), state.clone(), permit));
        } else if let Ok(permit) = refusals.clone().acquire_owned().await {
            let wire = Wire::new(stream, Bytes::new(), state.https);
            tokio::spawn(async move {
                wire.refuse(&Error::TooManyConnections).await;
                drop(permit);
            });
        }
    }
}

async fn connection(stream: TcpStream, address: SocketAddr, edge: Edge, state: State, _permit: OwnedSemaphorePermit) {
    if let Err(error) = answer_all(stream, address, &edge, &state).await {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer_all(mut stream: TcpStream, address: SocketAddr, edge: &Edge, state: &State) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let Some(read) = quick::converse(&mut stream, state).await? else { return Ok(()) };
    let peer = Peer(address.ip());
    let service = service_fn(|request| async move { Ok::<_, Infallible>(edge.answer(request, peer).await) });
    // No `pipeline_flush`: it holds an answer back while unread bytes lie in the buffer, and loses it when the
    // connection ends there, as after a refused body.
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_HEADER_BYTES)
        .serve_connection(TokioIo::new(Wire::new(stream, read, state.https)), service);
    let mut stopping = state.stopping.subscribe();
    let ended = tokio::select! {
        ended = &mut connection => Some(ended),
        _ = stopping.wait_for(|stop| *stop) => None,
    };
    let ended = if let Some(ended) = ended {
        ended
    } else {
        Pin::new(&mut connection).graceful_shutdown();
        (&mut connection).await
    };
    connection.into_parts().io.into_inner().linger().await;
    ended.map_err(io::Error::other)
}

async fn compress_at_leisure(state: State) {
    loop {
        tokio::time::sleep(AT_LEISURE).await;
        state.faces.make_smaller().await;
    }
}
