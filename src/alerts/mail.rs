//! Alerts by mail over SMTP, plain text. The password never travels in the clear, except to this very machine.

use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::time::SystemTime;

use lettre::message::Mailbox;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message as Letter, Tokio1Executor};
use url::Url;

use super::{AlertError, Message, TIMEOUT};
use crate::config::{EmailAddress, SmtpUrl};

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// Implicit TLS, RFC 8314.
const SMTPS_PORT: u16 = 465;
/// Submission, RFC 6409.
const SUBMISSION_PORT: u16 = 587;
/// Relay without a sign-in, RFC 5321.
const RELAY_PORT: u16 = 25;

/// Mail to one person.
#[derive(Clone)]
pub(super) struct Mail {
    pub(super) server: Option<SmtpUrl>,
    pub(super) from: EmailAddress,
    pub(super) to: EmailAddress,
}

impl Mail {
    /// Sends a message, once.
    pub(super) async fn send(&self, message: &Message) -> Result<(), AlertError> {
        let server = self.server.as_ref().ok_or(AlertError::Incomplete("MEDIAKIT_SMTP_URL"))?;
        let letter = self.letter(message)?;
        transport(server.expose())?.send(letter).await.map(drop).map_err(|error| classify(&error))
    }

    fn letter(&self, message: &Message) -> Result<Letter, AlertError> {
        let from = address(&self.from, "MEDIAKIT_ALERT_FROM")?;
        let id = message_id(from.domain());
        let text = format!("{}\n\n{}\n\n{}\n\n-- \nmediakit", message.body, message.next_step, message.url);
        let letter = Letter::builder()
            .from(Mailbox::new(Some("mediakit".to_owned()), from))
            .to(Mailbox::new(None, address(&self.to, "MEDIAKIT_ALERT_EMAIL")?))
            .subject(&message.title)
            .date(SystemTime::from(message.at))
            .message_id(Some(id))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(text);
        letter.map_err(|_| AlertError::Garbled)
    }
}

fn address(address: &EmailAddress, setting: &'static str) -> Result<Address, AlertError> {
    address.0.parse().map_err(|_| AlertError::Incomplete(setting))
}

/// An id no other message has.
fn message_id(domain: &str) -> String {
    let mut random = [0_u8; 16];
    // Without randomness servers give the message an id of their own.
    let _ = getrandom::fill(&mut random);
    format!("<{:032x}@{domain}>", u128::from_be_bytes(random))
}

fn transport(url: &Url) -> Result<Transport, AlertError> {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let credentials = url.password().map(|password| Credentials::new(decoded(url.username()), decoded(password)));
    let parameters = || TlsParameters::new(host.to_owned()).map_err(|_| AlertError::Tls);
    let (usual, tls) = match (url.scheme(), &credentials) {
        ("smtps", _) => (SMTPS_PORT, Tls::Wrapper(parameters()?)),
        _ if is_this_machine(host) => (RELAY_PORT, Tls::None),
        (_, Some(_)) => (SUBMISSION_PORT, Tls::Required(parameters()?)),
        (_, None) => (RELAY_PORT, Tls::Opportunistic(parameters()?)),
    };
    let builder = Transport::builder_dangerous(host).port(url.port().unwrap_or(usual)).tls(tls).timeout(Some(TIMEOUT));
    Ok(match credentials {
        Some(credentials) => builder.credentials(credentials).build(),
        None => builder.build(),
    })
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// What an error means. The error itself is dropped: it holds the server's words.
fn classify(error: &lettre::transport::smtp::Error) -> AlertError {
    let status = error.status().map(|code| code.to_string()).and_then(|code| code.parse().ok());
    match status {
        // RFC 4954, section 6.
        Some(status @ (432 | 454 | 530 | 534 | 535 | 538)) => AlertError::Credentials(status),
        Some(status) => AlertError::Refused(status),
        None if error.is_timeout() => AlertError::Timeout,
        None if error.is_tls() || is_handshake(error) => AlertError::Tls,
        None if error.is_client() => AlertError::NotOffered,
        None if error.is_response() => AlertError::Garbled,
        None => AlertError::Unreachable,
    }
}

/// Whether the encryption failed on the wire, such as for a certificate that is not trusted.
fn is_handshake(error: &(dyn Error + 'static)) -> bool {
    let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    let wrapped = inside.is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>);
    wrapped || error.is::<rustls::Error>() || error.source().is_some_and(is_handshake)
}

/// Tells machines not to answer (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
