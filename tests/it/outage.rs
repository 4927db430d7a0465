//! PostgreSQL goes away for a while: the public answers go on from memory and show their age, writes are refused in
//! words, nothing acknowledged is lost, and what is new shows once it is back.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use mediakit::store::Store;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::api_server::{Server, put_row, stats};
use crate::databases::{self, Database};

/// How the line to the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Up,
    /// Whatever is sent disappears.
    Silent,
    /// Every connection ends.
    Cut,
}

/// A line to PostgreSQL that can be cut.
struct Proxy {
    address: SocketAddr,
    line: watch::Sender<Line>,
    /// So many more pieces may pass to the server before the line is cut.
    pieces: Arc<AtomicUsize>,
}

impl Proxy {
    async fn before(database: &Database) -> Self {
        let url = url::Url::parse(&database.url).unwrap();
        let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let line = watch::Sender::new(Line::Up);
        let pieces = Arc::new(AtomicUsize::new(usize::MAX));
        let (to_all, left) = (line.clone(), pieces.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, server.clone(), to_all.clone(), left.clone()));
            }
        });
        Self { address, line, pieces }
    }

    /// The database's address by way of this line.
    fn url(&self, database: &Database) -> String {
        let mut url = url::Url::parse(&database.url).unwrap();
        url.set_ip_host(self.address.ip()).unwrap();
        url.set_port(Some(self.address.port())).unwrap();
        url.to_string()
    }

    fn is(&self, line: Line) {
        self.line.send_replace(line);
    }
}

/// Passes on one connection until the line is cut.
async fn pass(client: TcpStream, server: String, line: watch::Sender<Line>, pieces: Arc<AtomicUsize>) {
    let mut cut = line.subscribe();
    let Ok(server) = TcpStream::connect(server).await else { return };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        _ = cut.wait_for(|line| *line == Line::Cut) => {}
        () = carry(from_client, to_server, &line, Some(&pieces)) => {}
        () = carry(from_server, to_client, &line, None) => {}
    }
}

async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    line: &watch::Sender<Line>,
    pieces: Option<&AtomicUsize>,
) {
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(n @ 1..) = from.read(&mut bytes).await {
        if *line.borrow() == Line::Silent {
            continue;
        }
        let spend = |left: usize| left.checked_sub(1);
        if pieces.is_some_and(|left| left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, spend).is_err()) {
            line.send_replace(Line::Cut);
        }
        if *line.borrow() == Line::Cut || to.write_all(&bytes[..n]).await.is_err() {
            return;
        }
    }
}

async fn postgres() -> Option<Database> {
    let database = databases::postgres().await;
    if database.is_none() {
        println!("SKIPPED: MEDIAKIT_TEST_POSTGRES names no PostgreSQL server to lose");
    }
    database
}

/// Far longer than an answer from memory takes, far shorter than waiting for a database that is away.
const AT_ONCE: Duration = Duration::from_secs(2);

/// What visitors ask for, each answered from memory.
async fn visitors_are_served(server: &Server) -> Vec<String> {
    let mut all = Vec::new();
    for path in ["/mediakit?lang=en", "/api/mediakit/follower-summary", "/api/mediakit/analytics/instagram", "/healthz"]
    {
        let answer = tokio::time::timeout(AT_ONCE, server.get(path)).await.expect(path);
        assert_eq!(answer.status, 200, "{path}");
        all.push(answer.text());
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn while_postgresql_is_away_the_page_goes_on_and_nothing_acknowledged_is_lost() {
    let Some(database) = postgres().await else { return };
    let proxy = Proxy::before(&database).await;
    let store = Store::open(&proxy.url(&database)).await.unwrap();
    store.set_handle(1, "instagram", "festas_builds").await.unwrap();
    put_row(&database, "instagram", "festas_builds", &stats(104_700)).await;
    let server = Arc::new(Server::on(store, None).await);
    let before = visitors_are_served(&server).await;
    assert!(before[0].contains("104.7k") && !before[0].contains("1 day old"));

    let (told, mut acknowledged) = watch::channel(0);
    let writer = tokio::spawn(write_on(server.clone(), told));
    acknowledged.wait_for(|n| *n >= 5).await.unwrap();
    proxy.is(Line::Silent);
    visitors_are_served(&server).await;
    proxy.is(Line::Cut);
    let last = writer.await.unwrap();

    assert_eq!(visitors_are_served(&server).await[1], before[1]);
    server.clock.advance(SignedDuration::from_hours(27));
    assert!(visitors_are_served(&server).await[0].contains("1 day old"), "the age goes on");
    refuses_in_words(&server).await;

    proxy.is(Line::Up);
    put_row(&database, "instagram", "festas_builds", &stats(104_800)).await;
    let shows = async { while !server.get("/mediakit?lang=en").await.text().contains("104.8k") {} };
    tokio::time::timeout(Duration::from_secs(10), shows).await.expect("what is new shows at the next look");
    assert_eq!(server.get("/readyz").await.status, 200);
    let name = database.open().await.creator().await.unwrap().name;
    let found: u64 = name.parse().unwrap();
    assert!((last..=last + 1).contains(&found), "acknowledged {last}, found {found}");
    let written = server.owner("PUT", "/api/profile", Some(&json!({ "name": "Mara" }))).await;
    assert_eq!((written.status, written.json()["name"].as_str()), (200, Some("Mara")));
}

/// Counts up in the profile's name until a write is refused; gives the last number that was acknowledged.
async fn write_on(server: Arc<Server>, told: watch::Sender<u64>) -> u64 {
    for n in 1.. {
        let answer = server.owner("PUT", "/api/profile", Some(&json!({ "name": n.to_string() }))).await;
        if answer.status != 200 {
            assert_eq!(answer.status, 503, "{answer:?}");
            return n - 1;
        }
        told.send_replace(n);
    }
    unreachable!("it is refused at some time")
}

async fn refuses_in_words(server: &Server) {
    for (lang, words) in [("de", "Die Datenbank antwortet gerade nicht"), ("en", "The database is not answering")] {
        let token = format!("Bearer {}", crate::api_server::ALL);
        let headers =
            [("authorization", token.as_str()), ("accept-language", lang), ("content-type", "application/json")];
        let refused = server.send("PUT", "/api/profile", &headers, br#"{"name":"lost"}"#).await;
        assert_eq!((refused.status, refused.header("content-type")), (503, "application/problem+json"));
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.starts_with(words), "{detail}");
    }
    let refresh = server.owner("POST", "/api/mediakit/refresh-social-stats", None).await;
    assert_eq!(refresh.status, 503);
    assert_eq!(server.get("/readyz").await.status, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_whose_line_is_cut_anywhere_is_begun_again() {
    let Some(database) = postgres().await else { return };
    let mut cut = 0;
    for pieces in 0.. {
        let proxy = Proxy::before(&database).await;
        proxy.pieces.store(pieces, Ordering::SeqCst);
        match Store::open(&proxy.url(&database)).await {
            Ok(store) => {
                store.close().await;
                break;
            }
            Err(_) => cut += 1,
        }
        // All of the schema or none of it.
        let all = "do $$ begin if (select count(*) from pg_tables where schemaname = 'public' \
                   and tablename in ('schema_version', 'refresh_runs')) = 1 then raise 'half a schema'; end if; end $$";
        database.run(all).await.unwrap();
    }
    assert!(cut > 5, "only {cut} cuts");
    let store = database.open().await;
    assert_eq!(store.creator().await.unwrap().threshold, 1000);
    assert!(store.verify().await.unwrap().is_empty());
}
