//! The short way to an answer and the long one are the same to a client.

use std::collections::BTreeMap;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::api_server::{Answer, Server};

/// A connection that is kept.
struct Connection(TcpStream);

impl Connection {
    async fn new(server: &Server) -> Self {
        Self(TcpStream::connect(server.address).await.unwrap())
    }

    async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Reads one answer, as long as its head says.
    async fn answer(&mut self) -> Answer {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n\r\n") {
            bytes.push(self.0.read_u8().await.unwrap());
        }
        let mut answer = Answer::read(&bytes);
        answer.body = vec![0; answer.header("content-length").parse().unwrap()];
        self.0.read_exact(&mut answer.body).await.unwrap();
        answer
    }

    async fn ask(&mut self, path: &str, headers: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n{headers}\r\n")).await;
        self.answer().await
    }
}

/// The test's clock stands, the HTTP layer's goes: the date says which way an answer took.
fn is_short(answer: &Answer) -> bool {
    answer.header("date") == "Sun, 22 Nov 2026 18:00:00 GMT"
}

fn without_date(answer: &Answer) -> BTreeMap<String, String> {
    answer.headers.iter().filter(|(name, _)| *name != "date").map(|(n, v)| (n.clone(), v.clone())).collect()
}

#[tokio::test]
async fn both_ways_give_the_same_answer() {
    let server = Server::with_examples().await;
    let page = server.get("/mediakit").await.text();
    let style =
        page.split('"').find(|part| part.starts_with("/assets/kit.") && part.ends_with("css")).unwrap().to_owned();
    let paths = [
        "/mediakit",
        "/mediakit?lang=en",
        "/mediakit?platform=tiktok&lang=de",
        "/api/mediakit/follower-summary",
        "/api/mediakit/analytics/instagram",
        "/api/openapi.json",
        "/api/docs",
        &style,
    ];
    let (mut short, mut long) = (Connection::new(&server).await, Connection::new(&server).await);
    for path in paths {
        for headers in
            ["", "accept-encoding: gzip, br\r\n", "Accept-Encoding: gzip\r\nAccept-Language: en\r\ncookie: a=b\r\n"]
        {
            let quick = short.ask(path, headers).await;
            let slow = long.ask(path, &format!("{headers}x-other: y\r\n")).await;
            assert!(is_short(&quick) && !is_short(&slow), "{path} {headers}");
            assert_eq!((quick.status, without_date(&quick)), (slow.status, without_date(&slow)), "{path} {headers}");
            assert!(quick.body == slow.body, "{path} {headers}");
        }
    }
}

#[tokio::test]
async fn whatever_is_not_plain_is_answered_by_the_long_way_on_the_same_connection() {
    let server = Server::with_examples().await;
    let mut connection = Connection::new(&server).await;
    assert!(is_short(&connection.ask("/mediakit", "").await));
    assert_eq!(connection.ask("/nothing", "").await.status, 404);
    assert!(!is_short(&connection.ask("/mediakit", "").await), "it stays there");

    // A head in two pieces, and two requests in one.
    let mut connection = Connection::new(&server).await;
    assert!(is_short(&connection.ask("/mediakit", "").await));
    connection.send("GET /mediakit HTTP/1.1\r\nho").await;
    connection.send("st: x\r\n\r\n").await;
    assert_eq!(connection.answer().await.status, 200);
    let mut connection = Connection::new(&server).await;
    let one = "GET /mediakit HTTP/1.1\r\nhost: x\r\n\r\n";
    connection.send(&format!("{one}{}", one.replace("mediakit", "nothing"))).await;
    assert_eq!((connection.answer().await.status, connection.answer().await.status), (200, 404));

    // What a client has already is not sent again.
    let mut connection = Connection::new(&server).await;
    let known = connection.ask("/mediakit", "").await.header("etag").to_owned();
    connection
        .send(&format!("GET /mediakit HTTP/1.1\r\nhost: x\r\nif-none-match: {known}\r\nconnection: close\r\n\r\n"))
        .await;
    let mut rest = String::new();
    connection.0.read_to_string(&mut rest).await.unwrap();
    assert!(rest.starts_with("HTTP/1.1 304"), "{rest}");
}

#[tokio::test]
async fn a_kept_connection_is_not_kept_for_ever() {
    let server = Server::with_examples().await;
    let mut connection = Connection::new(&server).await;
    assert!(is_short(&connection.ask("/mediakit", "").await));
    let began = std::time::Instant::now();
    assert_eq!(connection.0.read(&mut [0; 16]).await.unwrap(), 0);
    assert!((4..8).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());

    let mut connection = Connection::new(&server).await;
    assert!(is_short(&connection.ask("/mediakit", "").await));
    tokio::time::timeout(std::time::Duration::from_secs(3), server.stop()).await.expect("an idle one holds nothing up");
    assert_eq!(connection.0.read(&mut [0; 16]).await.unwrap(), 0);
}
