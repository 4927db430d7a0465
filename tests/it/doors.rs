//! Every door of the server, drawn from its own list of routes: who gets in, who is turned away, and what a form needs
//! to change anything. Nothing here names a route by hand, so that a new one can't be forgotten.

use mediakit::platforms::{self, Settings};
use mediakit::web::{self, Door};

use crate::api_server::Server;
use crate::browser::Browser;

/// Every method of every address, with something in place of its variable parts.
fn doors() -> Vec<(String, String, Door)> {
    let abouts: Vec<_> = platforms::all(&Settings::default()).iter().map(|platform| platform.about()).collect();
    let filled = |path: String| {
        let part = |part: &str| match part {
            "{platform}" => "instagram".to_owned(),
            "{file}" => "kit.css".to_owned(),
            part if part.starts_with('{') => "1".to_owned(),
            part => part.to_owned(),
        };
        path.split('/').map(part).collect::<Vec<_>>().join("/")
    };
    web::doors(&abouts).into_iter().map(|(method, path, door)| (method.to_string(), filled(path), door)).collect()
}

fn changes(method: &str) -> bool {
    !matches!(method, "GET" | "HEAD")
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_turned_away_at_every_door_of_the_owner() {
    let server = Server::with_examples().await;
    for (method, path, door) in doors() {
        let headers = [("origin", "http://127.0.0.1"), ("content-type", "application/x-www-form-urlencoded")];
        let answer = server.send(&method, &path, &headers, if changes(&method) { b"a=b" } else { b"" }).await;
        match door {
            Door::Owner => {
                assert_eq!(answer.status, 303, "{method} {path}");
                assert!(answer.header("location").starts_with("/admin/login"), "{method} {path}");
            }
            // The numbers of the operation are for this machine as well.
            Door::Api if path != "/metrics" => assert_eq!(answer.status, 401, "{method} {path}"),
            Door::Api | Door::Public | Door::Form => {
                assert!(!matches!(answer.status, 401 | 403), "{method} {path}: {}", answer.status);
            }
        }
        assert!(answer.header("set-cookie").is_empty(), "{method} {path}");
    }
}

#[tokio::test]
async fn a_wrong_cookie_opens_nothing() {
    let server = Server::with_examples().await;
    let other = format!("mediakit={}", "A".repeat(43));
    for cookie in ["mediakit=", "mediakit=nonsense", &other] {
        let answer = server.send("GET", "/admin/profile", &[("cookie", cookie)], b"").await;
        assert_eq!(answer.status, 303, "{cookie}");
    }
}

#[tokio::test]
async fn a_change_needs_the_right_page_and_the_right_token() {
    let server = Server::with_examples().await;
    let browser = Browser::signed_in(&server).await;
    let token = browser.form_token().await;
    let own = format!("http://{}", server.address);
    let good = format!("form_token={token}");
    for (method, path, door) in doors().into_iter().filter(|(method, ..)| changes(method)) {
        let kind = if door == Door::Api { "application/json" } else { "application/x-www-form-urlencoded" };
        let cases = [
            ("nothing said", vec![], good.as_str()),
            ("another origin", vec![("origin", "https://evil.example"), ("x-form-token", &token)], &good),
            ("no origin at all", vec![("origin", "null"), ("x-form-token", &token)], &good),
            ("cross-site", vec![("sec-fetch-site", "cross-site"), ("x-form-token", &token)], &good),
            ("a sister site", vec![("sec-fetch-site", "same-site"), ("origin", &own), ("x-form-token", &token)], &good),
            ("no token", vec![("sec-fetch-site", "same-origin"), ("origin", &own)], "a=b"),
            ("another token", vec![("origin", &own), ("x-form-token", "AAAA")], "form_token=AAAA"),
        ];
        for (what, mut headers, body) in cases {
            // A form that needs nobody signed in has no token to ask for.
            if door == Door::Form && body != good {
                continue;
            }
            headers.extend([("content-type", kind), ("cookie", browser.cookie.as_str())]);
            let answer = server.send(&method, &path, &headers, body.as_bytes()).await;
            assert_eq!(answer.status, 403, "{method} {path}: {what}");
        }
    }
    assert_eq!(browser.get("/admin/profile").await.status, 200, "the session was not harmed");
}
