//! Receivers of alerts: a web server and a mail server on loopback that keep what they are sent. They speak just
//! enough HTTP and SMTP. The certificate under `tls/` is for loopback and of an authority that nobody trusts.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub target: String,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

/// A web server.
pub struct WebServer {
    pub address: SocketAddr,
    got: Arc<Mutex<Vec<Request>>>,
    status: Arc<AtomicU16>,
}

impl WebServer {
    pub fn start() -> Self {
        Self::start_with(|| {})
    }

    /// Runs `before_answer` between a request and its answer.
    pub fn start_with(before_answer: impl Fn() + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server =
            Self { address: listener.local_addr().unwrap(), got: Arc::default(), status: Arc::new(200.into()) };
        let (got, status) = (server.got.clone(), server.status.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(request) = request(&stream) else { continue };
                got.lock().unwrap().push(request);
                before_answer();
                let status = status.load(Ordering::SeqCst);
                let elsewhere = "location: http://127.0.0.1:1/\r\n";
                let answer =
                    format!("HTTP/1.1 {status} Said\r\n{elsewhere}content-length: 0\r\nconnection: close\r\n\r\n");
                let _ = (&stream).write_all(answer.as_bytes());
            }
        });
        server
    }

    /// From now on answers with this.
    pub fn answer(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// What came since the last look.
    pub fn take(&self) -> Vec<Request> {
        std::mem::take(&mut self.got.lock().unwrap())
    }
}

fn request(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream);
    let target = line(&mut lines)?;
    let mut headers = BTreeMap::new();
    while let Some(header) = line(&mut lines).filter(|header| !header.is_empty()) {
        let (name, value) = header.split_once(':').unwrap();
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    lines.read_exact(&mut body).ok()?;
    Some(Request { target, headers, body })
}

/// A letter as it came.
#[derive(Clone, Debug, Default)]
pub struct Letter {
    /// User and password, in the clear.
    pub login: Option<(String, String)>,
    pub from: String,
    pub to: String,
    pub data: String,
}

impl Letter {
    /// A header's value, encoded words read.
    pub fn header(&self, name: &str) -> String {
        let head = self.data.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        let value = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned));
        let value = value.unwrap_or_default();
        let word = |word: &str| {
            let inside = word.strip_prefix("=?utf-8?b?").and_then(|rest| rest.strip_suffix("?="));
            inside.map(|inside| String::from_utf8(STANDARD.decode(inside).unwrap()).unwrap())
        };
        // Blanks between encoded words do not count.
        let (mut text, mut was_encoded) = (String::new(), true);
        for part in value.split(' ') {
            let read = word(part);
            if !(text.is_empty() || was_encoded && read.is_some()) {
                text.push(' ');
            }
            was_encoded = read.is_some();
            text.push_str(&read.unwrap_or_else(|| part.to_owned()));
        }
        text
    }

    /// The text, its transfer encoding read.
    pub fn text(&self) -> String {
        let body = self.data.split_once("\r\n\r\n").unwrap().1;
        let bytes = match self.header("Content-Transfer-Encoding").as_str() {
            "base64" => STANDARD.decode(body.replace("\r\n", "")).unwrap(),
            "quoted-printable" => quoted_printable(&body.replace("=\r\n", "")),
            _ => body.as_bytes().to_vec(),
        };
        String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
    }
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let mut parts = text.split('=');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(part[2..].bytes());
    }
    bytes
}

/// How a mail server is encrypted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    Never,
    FromTheStart,
    StartTls,
}

/// A mail server that wants a password.
pub struct MailServer {
    pub address: SocketAddr,
    got: Arc<Mutex<Vec<Letter>>>,
    said: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    /// A server that lets in whoever has this user and password.
    pub fn start(user: &str, password: &str) -> Self {
        Self::encrypted(user, password, Encryption::Never)
    }

    /// The same, encrypted; its certificate is of `tls/authority.pem`.
    pub fn encrypted(user: &str, password: &str, encryption: Encryption) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { address: listener.local_addr().unwrap(), got: Arc::default(), said: Arc::default() };
        let talk = Talk {
            login: (user.to_owned(), password.to_owned()),
            encryption,
            got: server.got.clone(),
            said: server.said.clone(),
        };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let secure = encryption == Encryption::FromTheStart;
                let stream: Box<dyn Stream> = if secure { encrypt(stream) } else { Box::new(stream) };
                let _ = talk.converse(stream, secure);
            }
        });
        server
    }

    /// What came since the last look.
    pub fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut self.got.lock().unwrap())
    }

    /// Every command since the last look.
    pub fn commands(&self) -> Vec<String> {
        std::mem::take(&mut self.said.lock().unwrap())
    }
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

fn encrypt(stream: impl Stream + 'static) -> Box<dyn Stream> {
    let pem = include_bytes!("tls/loopback.pem");
    let certificate = CertificateDer::from_pem_slice(pem).unwrap();
    let key = PrivateKeyDer::from_pem_slice(pem).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    Box::new(StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream))
}

/// What a conversation needs to know.
struct Talk {
    login: (String, String),
    encryption: Encryption,
    got: Arc<Mutex<Vec<Letter>>>,
    said: Arc<Mutex<Vec<String>>>,
}

impl Talk {
    /// RFC 5321 with STARTTLS (RFC 3207) and the sign-in of RFC 4954, PLAIN only.
    fn converse(&self, stream: Box<dyn Stream>, mut secure: bool) -> Option<()> {
        let mut lines = BufReader::new(stream);
        say(&mut lines, "220 loopback ESMTP")?;
        let mut letter = Letter::default();
        while let Some(command) = line(&mut lines) {
            self.said.lock().unwrap().push(command.clone());
            let (verb, rest) = command.split_once([' ', ':']).unwrap_or((&command, ""));
            let signed_in = letter.login.as_ref() == Some(&self.login);
            let answer = match verb.to_ascii_uppercase().as_str() {
                "EHLO" if self.encryption == Encryption::StartTls && !secure => "250-loopback\r\n250 STARTTLS",
                "EHLO" => "250-loopback\r\n250-AUTH PLAIN\r\n250 8BITMIME",
                "STARTTLS" => {
                    say(&mut lines, "220 go on")?;
                    lines = BufReader::new(encrypt(lines.into_inner()));
                    secure = true;
                    continue;
                }
                "AUTH" => {
                    letter.login = login(rest);
                    if letter.login.as_ref() == Some(&self.login) {
                        "235 welcome"
                    } else {
                        "535 not with that password"
                    }
                }
                "MAIL" | "RCPT" if !signed_in => "530 5.7.0 sign in first",
                "MAIL" => {
                    rest.clone_into(&mut letter.from);
                    "250 ok"
                }
                "RCPT" => {
                    rest.clone_into(&mut letter.to);
                    "250 ok"
                }
                "DATA" => {
                    say(&mut lines, "354 go on")?;
                    while let Some(line) = line(&mut lines).filter(|line| line != ".") {
                        letter.data.push_str(line.strip_prefix('.').unwrap_or(&line));
                        letter.data.push_str("\r\n");
                    }
                    self.got.lock().unwrap().push(letter.clone());
                    "250 kept"
                }
                "QUIT" => return say(&mut lines, "221 bye"),
                _ => "502 what",
            };
            say(&mut lines, answer)?;
        }
        Some(())
    }
}

fn login(rest: &str) -> Option<(String, String)> {
    let plain = String::from_utf8(STANDARD.decode(rest.strip_prefix("PLAIN ")?).ok()?).ok()?;
    let mut parts = plain.split('\0').skip(1).map(str::to_owned);
    Some((parts.next()?, parts.next()?))
}

fn say(lines: &mut BufReader<Box<dyn Stream>>, text: &str) -> Option<()> {
    let stream = lines.get_mut();
    stream.write_all(format!("{text}\r\n").as_bytes()).and_then(|()| stream.flush()).ok()
}

fn line(lines: &mut impl std::io::BufRead) -> Option<String> {
    let mut line = String::new();
    let read = lines.read_line(&mut line).ok()?;
    (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}
