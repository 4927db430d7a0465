//! Reading what people type for an account, before a platform judges it by its own rule.

use url::{Host, Url};

/// The longest input that can be a handle or the address of a profile, in bytes.
const MAX_TYPED: usize = 300;

/// What people type for an account: a bare name, or an address.
#[derive(Debug, PartialEq, Eq)]
pub struct Typed {
    /// The address's host, in lower case; absent for a bare name.
    pub host: Option<String>,
    /// The parts of the address's path, or the name alone. Not judged yet, but without control characters.
    pub parts: Vec<String>,
}

impl Typed {
    /// Reads what was typed; an address loses its query and fragment. `None` when it can be neither name nor address.
    pub fn read(raw: &str) -> Option<Self> {
        let raw = raw.trim();
        let raw = raw.split(['?', '#']).next().filter(|address| address.contains('/')).unwrap_or(raw);
        let unfit = |c: char| c.is_whitespace() || c == '\\' || c == '%' || c.is_control() || is_invisible(c);
        if raw.is_empty() || raw.len() > MAX_TYPED || raw.contains("..") || raw.contains(unfit) {
            return None;
        }
        if !raw.contains('/') {
            return (!raw.contains(['?', '#'])).then(|| Self { host: None, parts: vec![raw.to_owned()] });
        }
        let url = if raw.contains("://") { Url::parse(raw) } else { Url::parse(&format!("https://{raw}")) }.ok()?;
        let plain = matches!(url.scheme(), "https" | "http")
            && url.username().is_empty()
            && url.password().is_none()
            && url.port().is_none();
        let parts = url.path_segments()?.filter(|part| !part.is_empty()).map(str::to_owned).collect();
        plain.then_some(Self { host: Some(url.domain()?.to_owned()), parts })
    }

    /// The host without the prefixes that lead to the same pages.
    pub fn site(&self) -> Option<&str> {
        let host = self.host.as_deref()?;
        Some(["www.", "m.", "mobile."].iter().find_map(|prefix| host.strip_prefix(prefix)).unwrap_or(host))
    }

    /// The name, when it was typed alone or as the first part of an address on one of `sites`; without its `@`.
    pub fn name_on(&self, sites: &[&str]) -> Option<&str> {
        if self.site().is_some_and(|site| !sites.contains(&site)) {
            return None;
        }
        self.parts.first().map(|name| name.strip_prefix('@').unwrap_or(name))
    }
}

/// Marks that change how a name reads without being seen.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A name that can be looked up in the public DNS, in its ASCII form: no address, port or name of a private network.
pub fn public_host(raw: &str) -> Option<String> {
    const PRIVATE: [&str; 8] = ["localhost", "local", "internal", "lan", "home", "arpa", "onion", "invalid"];
    let Host::Domain(name) = Host::parse(raw).ok()? else { return None };
    let label_is_fit = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let (_, top) = name.rsplit_once('.')?;
    let fit = name.len() <= 253
        && name.split('.').all(label_is_fit)
        && top.starts_with(|c: char| c.is_ascii_alphabetic())
        && !PRIVATE.contains(&top);
    fit.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_told_apart() {
        let name = |raw: &str| Typed::read(raw).and_then(|typed| typed.name_on(&["site.tv"]).map(str::to_owned));
        for raw in ["mara", " @mara ", "site.tv/mara", "https://www.site.tv/mara?x=1#y", "HTTP://M.SITE.TV/@mara/about"]
        {
            assert_eq!(name(raw).as_deref(), Some("mara"), "{raw}");
        }
        let long = "a".repeat(10_240);
        for raw in [
            "",
            "  ",
            "?x",
            "site.tv/",
            "https://site.tv",
            "https://other.tv/mara",
            "https://site.tv.evil.example/mara",
            "https://site.tv@evil.example/mara",
            "https://mara:pw@site.tv/mara",
            "https://site.tv:8443/mara",
            "ftp://site.tv/mara",
            "javascript://site.tv/%0aalert(1)",
            "../../etc/passwd",
            "site.tv/../admin",
            "site.tv\\mara",
            "ma ra",
            "ma\0ra",
            "ma\nra",
            "\u{202e}aram",
            "site.tv/%2e%2e/mara",
            "http://[::1]/mara",
            "http://127.0.0.1/mara",
            &long,
        ] {
            assert_eq!(name(raw), None, "{raw:?}");
        }
    }

    #[test]
    fn only_public_names_are_hosts() {
        assert_eq!(public_host("Mastodon.Social").as_deref(), Some("mastodon.social"));
        assert_eq!(public_host("bücher.example").as_deref(), Some("xn--bcher-kva.example"));
        for raw in [
            "localhost",
            "nas.local",
            "db.internal",
            "x.localhost",
            "1.0.0.127.in-addr.arpa",
            "social",
            "127.0.0.1",
            "0x7f.1",
            "2130706433",
            "[::1]",
            "a.b:443",
            "u@a.b",
            "a.b/",
            "a..b",
            ".a.b",
            "a.b.",
            "-a.b",
            "a_b.c",
            "a.1",
            "",
            "a b.c",
            "a.b\0",
        ] {
            assert_eq!(public_host(raw), None, "{raw:?}");
        }
        assert_eq!(public_host(&format!("{}.de", "a".repeat(64))), None);
    }
}
