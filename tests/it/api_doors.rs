//! Who may do what, and how everything that is refused is answered.

use mediakit::web;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::api_server::{ALL, Answer, ONLY, Server};

/// The headers without which no answer leaves.
fn assert_guarded(answer: &Answer, what: &str) {
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{what}: {answer:?}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
    assert!(policy.contains("frame-ancestors 'none'"), "{what}");
    for name in ["referrer-policy", "cross-origin-opener-policy", "cross-origin-resource-policy", "permissions-policy"]
    {
        assert!(!answer.header(name).is_empty(), "{what}: {name}");
    }
}

/// Every operation of the document: method, path with a platform filled in, whether it needs a token.
fn operations() -> Vec<(String, String, bool)> {
    let document = web::api_document();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            // `/metrics` is open to this machine; its own test covers it.
            let guarded = operation["security"].as_array().is_some_and(|ways| !ways.contains(&json!({})));
            operations.push((method.to_uppercase(), path.replace("{platform}", "instagram"), guarded));
        }
    }
    operations
}

#[tokio::test]
async fn no_admin_route_opens_without_its_token() {
    let server = Server::with_examples().await;
    let guarded: Vec<_> = operations().into_iter().filter(|(_, _, guarded)| *guarded).collect();
    assert!(guarded.len() >= 5, "{guarded:?}");
    for (method, path, _) in guarded {
        let ways: [&[(&str, &str)]; 5] = [
            &[],
            &[("authorization", "Bearer mk_unknown")],
            &[("authorization", "Bearer ")],
            &[("authorization", "Basic YWRtaW46")],
            &[("authorization", "Bearer \u{fffd}mk_everything")],
        ];
        for headers in ways {
            let answer = server.send(&method, &path, headers, b"").await;
            assert_eq!(answer.status, 401, "{method} {path} {headers:?}");
            assert_eq!(answer.json()["detail"], "Nicht authentifiziert");
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
            assert_guarded(&answer, &path);
        }
        let needed = needed_scope(&method, &path);
        for (token, scope) in ONLY.iter().filter(|(_, scope)| *scope != needed) {
            let header = format!("Bearer {token}");
            let answer = server.send(&method, &path, &[("authorization", &header)], b"").await;
            assert_eq!(answer.status, 403, "{method} {path} with {scope}");
            assert!(answer.json()["detail"].as_str().unwrap().contains(needed));
        }
    }
}

fn needed_scope(method: &str, path: &str) -> &'static str {
    match (method, path) {
        ("GET", "/api/profile") => "read",
        ("PUT", "/api/profile") => "write",
        _ => "refresh",
    }
}

#[tokio::test]
async fn guessing_tokens_is_slowed_down() {
    let server = Server::with_examples().await;
    let mut statuses = Vec::new();
    for n in 0..65 {
        let header = format!("Bearer mk_guess{n}");
        statuses.push(server.send("GET", "/api/profile", &[("authorization", &header)], b"").await.status);
    }
    assert_eq!((statuses[0], statuses[64]), (401, 429));
    assert_eq!(server.get("/api/mediakit/follower-summary").await.status, 200, "visitors are not slowed down");
    assert_eq!(server.get("/api/profile").await.status, 401);
}

#[tokio::test]
async fn what_cannot_be_answered_is_a_problem_or_a_page() {
    let server = Server::with_examples().await;
    let cases = [
        ("GET", "/api/nothing", 404, "application/problem+json"),
        ("GET", "/nothing", 404, "text/html; charset=utf-8"),
        ("DELETE", "/api/profile", 405, "application/problem+json"),
        ("PUT", "/mediakit", 405, "text/html; charset=utf-8"),
        ("TRACE", "/api/mediakit/follower-summary", 405, "application/problem+json"),
        ("GET", "/assets/kit.000000000000.css", 404, "text/html; charset=utf-8"),
        ("GET", "/assets/..%2f..%2fetc%2fpasswd", 404, "text/html; charset=utf-8"),
    ];
    for (method, path, status, kind) in cases {
        let answer = server.send(method, path, &[], b"").await;
        assert_eq!((answer.status, answer.header("content-type")), (status, kind), "{method} {path}");
        assert_guarded(&answer, path);
        assert_eq!(status == 405, !answer.header("allow").is_empty(), "{method} {path}");
        assert!(answer.header("cache-control").contains("no-store"));
    }
    let english = server.send("GET", "/nothing", &[("accept-language", "en-GB")], b"").await;
    assert!(english.text().contains("There is nothing at this address."));
    assert_eq!(english.header("content-language"), "en");
}

#[tokio::test]
async fn bodies_are_json_of_a_sensible_size() {
    let server = Server::with_examples().await;
    let bearer = format!("Bearer {ALL}");
    let put = |kind: &'static str, body: Vec<u8>| {
        let (server, bearer) = (&server, bearer.as_str());
        async move {
            let headers = [("authorization", bearer), ("content-type", kind)];
            server.send("PUT", "/api/profile", &headers, &body).await
        }
    };
    let large = json!({ "bio": "x".repeat(70_000) }).to_string().into_bytes();
    let cases: [(&str, Vec<u8>, u16); 9] = [
        ("application/json", large, 413),
        ("text/plain", b"{}".to_vec(), 415),
        ("application/x-www-form-urlencoded", b"name=x".to_vec(), 415),
        ("application/json", b"{\"name\":".to_vec(), 400),
        ("application/json", vec![0xff, 0xfe], 400),
        ("application/json", b"[]".to_vec(), 422),
        ("application/json", b"{\"threshold\":\"many\"}".to_vec(), 422),
        ("application/json", b"{\"unknown\":1}".to_vec(), 422),
        ("application/json; charset=utf-8", b"{\"name\":\"Mara\"}".to_vec(), 200),
    ];
    for (kind, body, status) in cases {
        let shown = String::from_utf8_lossy(&body[..body.len().min(30)]).into_owned();
        let answer = put(kind, body).await;
        assert_eq!(answer.status, status, "{kind} {shown}");
        assert_guarded(&answer, &shown);
    }
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    assert_eq!(put("application/json", deep.into_bytes()).await.status, 400);
    let chunked = format!(
        "PUT /api/profile HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: {bearer}\r\ncontent-type: \
         application/json\r\ntransfer-encoding: chunked\r\n\r\n11170\r\n{}\r\n0\r\n\r\n",
        " ".repeat(70_000)
    );
    assert_eq!(server.raw(chunked.as_bytes()).await.status, 413);
}

#[tokio::test]
async fn heads_that_are_too_large_or_broken_are_refused_like_everything_else() {
    let server = Server::with_examples().await;
    let large = format!("GET /mediakit HTTP/1.1\r\nhost: x\r\nx-large: {}\r\n\r\n", "x".repeat(20_000));
    let many = format!("GET /mediakit HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(200));
    let endless = format!("GET /mediakit HTTP/1.1\r\nhost: x\r\nx-large: {}", "x".repeat(200_000));
    for (what, request, status) in [
        ("large", large, 431),
        ("many", many, 431),
        ("endless", endless, 431),
        ("broken", "NOT HTTP AT ALL\r\n\r\n".to_owned(), 400),
    ] {
        let answer = server.raw(request.as_bytes()).await;
        assert_eq!(answer.status, status, "{what}");
        assert_guarded(&answer, what);
        assert_eq!(answer.json()["status"], status, "{what}");
    }
    let fits = format!("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx: {}\r\n\r\n", "x".repeat(12_000));
    assert_eq!(server.raw(fits.as_bytes()).await.status, 200);
}

#[tokio::test]
async fn a_head_that_never_ends_is_not_waited_for() {
    let server = Server::with_examples().await;
    let began = std::time::Instant::now();
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    slow.write_all(b"GET /mediakit HTTP/1.1\r\nhost: ").await.unwrap();
    let mut rest = Vec::new();
    slow.read_to_end(&mut rest).await.unwrap();
    let secs = began.elapsed().as_secs();
    assert!((4..8).contains(&secs) && rest.is_empty(), "closed after {secs} s");
}

#[tokio::test]
async fn an_answer_is_not_lost_behind_an_unread_body() {
    let server = Server::with_examples().await;
    for size in [100, 15_000, 60_000] {
        let body = vec![b' '; size];
        let headers = [("authorization", "Bearer mk_unknown"), ("content-type", "application/json")];
        assert_eq!(server.send("PUT", "/api/profile", &headers, &body).await.status, 401, "{size}");
        assert_eq!(server.send("PUT", "/mediakit", &[], &body).await.status, 405, "{size}");
    }
}

#[tokio::test]
async fn a_stop_lets_nobody_wait_for_ever() {
    let server = Server::with_examples().await;
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut stream = server.open("/api/mediakit/refresh-events").await;
    stream.until("\r\n\r\n").await;
    tokio::time::timeout(std::time::Duration::from_secs(5), server.stop()).await.expect("it stops at once");
}

#[tokio::test]
async fn the_document_names_every_status_an_answer_has() {
    let server = Server::with_examples().await;
    let document = server.get("/api/openapi.json").await.json();
    assert_eq!(document, web::api_document());
    for (method, path, _) in operations().into_iter().filter(|(_, path, _)| !path.ends_with("-events")) {
        let answer = server.owner(&method, &path, None).await;
        let template = path.replace("instagram", "{platform}");
        let answers = &document["paths"][template][method.to_lowercase()]["responses"];
        let described = &answers[answer.status.to_string()];
        assert!(described.is_object(), "{method} {path} answered {}", answer.status);
        let kind = answer.header("content-type").split(';').next().unwrap();
        assert!(described["content"].get(kind).is_some(), "{method} {path}: {kind} {described}");
        assert_guarded(&answer, &path);
    }
    let page = server.get("/api/docs").await.text();
    for path in document["paths"].as_object().unwrap().keys() {
        assert!(page.contains(path.as_str()), "{path}");
    }
}
