//! A browser as far as the server can tell: it keeps its session and sends forms as pages of ours do. Real ones are in
//! `tests/browser/`.

use mediakit::sign_in::SignIn;
use secrecy::SecretString;

use crate::api_server::{Answer, Server};

/// The password of every owner in tests.
pub const PASSWORD: &str = "vier zufällige kurze Wörter";

/// A browser with its session.
pub struct Browser<'s> {
    server: &'s Server,
    /// The cookie it sends.
    pub cookie: String,
}

impl<'s> Browser<'s> {
    /// A browser in which the owner `mara` has signed in.
    pub async fn signed_in(server: &'s Server) -> Self {
        let sign_in = SignIn::new(server.store.clone(), server.clock.clone());
        sign_in.create_first("mara", SecretString::from(PASSWORD)).await.unwrap();
        Self::signs_in(server, "mara", PASSWORD).await
    }

    /// A browser that has never been here.
    pub fn new(server: &'s Server) -> Self {
        Self { server, cookie: String::new() }
    }

    /// A browser in which somebody signs in.
    pub async fn signs_in(server: &'s Server, name: &str, password: &str) -> Self {
        let mut browser = Self::new(server);
        let answer = browser.send("/admin/login", &[("name", name), ("password", password)]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer.header("set-cookie").split(';').next().unwrap().clone_into(&mut browser.cookie);
        browser
    }

    /// Opens a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.server.send("GET", path, &[("cookie", &self.cookie)], b"").await
    }

    /// The form token that its pages carry.
    pub async fn form_token(&self) -> String {
        let page = self.get("/admin/profile").await.text();
        let rest = page.split("name=\"form-token\" content=\"").nth(1).expect("a page with a form token");
        rest.split('"').next().unwrap().to_owned()
    }

    /// Sends a form with its token.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.form_token().await;
        let fields: Vec<_> = fields.iter().copied().chain([("form_token", token.as_str())]).collect();
        self.send(path, &fields).await
    }

    /// Sends a form with a file, and its token.
    pub async fn post_file(&self, path: &str, fields: &[(&str, &str)], (name, file): (&str, &[u8])) -> Answer {
        let token = self.form_token().await;
        let mut body = Vec::new();
        for (field, value) in fields.iter().copied().chain([("form_token", token.as_str())]) {
            let part = format!("--edge\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
            body.extend(part.into_bytes());
        }
        let head = format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"a\"\r\n\r\n");
        body.extend([head.as_bytes(), file, b"\r\n--edge--\r\n"].concat());
        let origin = format!("http://{}", self.server.address);
        let headers = [
            ("cookie", self.cookie.as_str()),
            ("origin", origin.as_str()),
            ("sec-fetch-site", "same-origin"),
            ("content-type", "multipart/form-data; boundary=edge"),
        ];
        self.server.send("POST", path, &headers, &body).await
    }

    /// Sends a form without a token.
    pub async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let origin = format!("http://{}", self.server.address);
        let headers = [
            ("cookie", self.cookie.as_str()),
            ("origin", origin.as_str()),
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.server.send("POST", path, &headers, body.as_bytes()).await
    }
}
