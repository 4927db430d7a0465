//! What the way in does when something is wrong with the server itself or with how many come, and the header that only
//! an https address has.

use std::sync::Arc;

use async_trait::async_trait;
use mediakit::clock::Clock;
use mediakit::domain::platform::About;
use mediakit::domain::reading::Reading;
use mediakit::outbound::Outbound;
use mediakit::platforms::{self, Connected, FetchError, Platform, Settings};

use crate::api_server::{Answer, Server, engine, evening};
use crate::databases;

/// A platform that cannot even say who it is: whichever handler asks, panics.
struct Broken;

#[async_trait]
impl Platform for Broken {
    fn about(&self) -> &'static About {
        panic!("a defect")
    }

    async fn fetch(&self, _: &Outbound, _: &Connected) -> Result<Reading, FetchError> {
        unreachable!()
    }
}

/// A server under an address of its own, with these platforms to refresh.
async fn server_at(public_url: &str, platforms: Vec<Arc<dyn Platform>>) -> Server {
    let database = databases::sqlite();
    let (store, clock) = (database.open().await, Clock::fixed(evening()));
    let refresher = engine(&store, &clock, platforms);
    let mut server = Server::start_at(public_url, store, clock, refresher).await;
    server.database = Some(database);
    server
}

#[tokio::test]
async fn a_panic_in_a_handler_is_a_500_and_the_server_lives_on() {
    let server = server_at("http://127.0.0.1", vec![Arc::new(Broken)]).await;
    server.store.set_handle(1, "instagram", "mara.bikes").await.unwrap();
    for _ in 0..2 {
        let answer = server.owner("POST", "/api/mediakit/refresh-social-stats", None).await;
        assert_eq!((answer.status, answer.header("content-type")), (500, "application/problem+json"));
        let problem = answer.json();
        assert_eq!((problem["status"].as_u64(), problem["title"].as_str()), (Some(500), Some("Fehler")));
        assert!(!answer.text().contains("a defect"), "{answer:?}");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
        assert!(!answer.header("x-request-id").is_empty());
    }
    assert_eq!(server.get("/mediakit").await.status, 200);
    assert_eq!(server.owner("GET", "/api/profile", None).await.status, 200);
}

/// Whether an answer turns a client away with a sentence.
fn is_busy(answer: &Answer, sentence: &str) -> bool {
    answer.status == 503 && answer.json()["detail"].as_str().is_some_and(|detail| detail.contains(sentence))
}

#[tokio::test]
async fn a_connection_too_many_is_told_to_come_back() {
    let server = Server::with_examples().await;
    // As if all others were open already.
    let places = u32::try_from(server.state.connections.available_permits()).unwrap();
    assert!(places >= 1000, "{places}");
    let open = server.state.connections.acquire_many(places).await.unwrap();
    for path in ["/mediakit", "/api/profile", "/nothing"] {
        let answer = server.get(path).await;
        assert!(is_busy(&answer, "zu viele Verbindungen"), "{path}: {answer:?}");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert_eq!((answer.header("connection"), answer.header("cache-control")), ("close", "no-store"));
    }
    drop(open);
    assert_eq!(server.get("/mediakit").await.status, 200);
    // None of the refused took a place.
    drop(server.state.connections.acquire_many(places).await.unwrap());
}

#[tokio::test]
async fn a_stream_too_many_is_told_to_come_back() {
    let server = Server::with_examples().await;
    let path = "/api/mediakit/refresh-events";
    let mut open = Vec::new();
    for _ in 0..64 {
        let mut stream = server.open(path).await;
        assert!(stream.until("\r\n\r\n").await.starts_with("HTTP/1.1 200"));
        open.push(stream);
    }
    let answer = server.owner("GET", path, None).await;
    assert!(is_busy(&answer, "Zu viele Zuschauer"), "{answer:?}");
    assert_eq!(server.get("/mediakit").await.status, 200, "visitors are not turned away");
    drop(open.pop());
    // The server notices when it next writes or reads; until then the place is taken.
    let permit = server.state.streams.acquire().await.unwrap();
    drop(permit);
    assert!(server.open(path).await.until("\r\n\r\n").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn browsers_are_held_to_https_exactly_when_the_address_is_https() {
    for (public_url, told) in [("https://mara.example", "max-age=31536000"), ("http://mara.example", "")] {
        let server = server_at(public_url, platforms::all(&Settings::default())).await;
        for path in ["/mediakit", "/", "/nothing", "/api/nothing", "/api/mediakit/follower-summary", "/admin/login"] {
            let answer = server.get(path).await;
            assert_eq!(answer.header("strict-transport-security"), told, "{public_url}{path}");
        }
        let bare = server.raw(b"NOT HTTP AT ALL\r\n\r\n").await;
        assert_eq!((bare.status, bare.header("strict-transport-security")), (400, told), "{public_url}");
    }
}
