//! Alerts to a topic on an ntfy server, the public one or the operator's own. <https://docs.ntfy.sh/publish/>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;

use super::Message;
use super::channel::post;
use crate::config::SecretUrl;
use crate::domain::alert::Severity;
use crate::domain::platform::Upstream;
use crate::outbound::Call;

pub(super) const UPSTREAM: Upstream = Upstream { name: "ALERT_NTFY", origin: "" };

/// The topic.
#[derive(Clone)]
pub(super) struct Ntfy {
    pub(super) url: SecretUrl,
    pub(super) token: Option<SecretString>,
}

impl Ntfy {
    /// The request that tells a message.
    pub(super) fn call(&self, message: &Message) -> Call {
        let (priority, tag) = match message.severity {
            Severity::Urgent => ("urgent", "rotating_light"),
            Severity::Warning => ("high", "warning"),
            Severity::Notice => ("default", "incoming_envelope"),
            Severity::Resolved => ("default", "white_check_mark"),
        };
        let call = post(UPSTREAM, self.url.expose())
            .header("title", &ascii(&message.title))
            .header("priority", priority)
            .header("tags", tag)
            .header("click", &ascii(&message.url))
            .text("text/plain; charset=utf-8", format!("{}\n\n{}", message.body, message.next_step));
        match &self.token {
            Some(token) => call.bearer(token),
            None => call,
        }
    }
}

/// A text as a header's value: as it is, or as an encoded word (RFC 2047), which ntfy reads.
fn ascii(text: &str) -> String {
    let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && !text.contains("=?");
    if plain { text.to_owned() } else { format!("=?UTF-8?B?{}?=", STANDARD.encode(text)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_safe_in_a_header() {
        assert_eq!(ascii("TikTok: test"), "TikTok: test");
        for hostile in ["für dich", "a\r\nX-Evil: 1", "=?UTF-8?B?eA==?=", "\u{0}"] {
            let safe = ascii(hostile);
            let inside = safe.strip_prefix("=?UTF-8?B?").and_then(|rest| rest.strip_suffix("?=")).unwrap();
            assert_eq!(STANDARD.decode(inside).unwrap(), hostile.as_bytes());
        }
    }
}
