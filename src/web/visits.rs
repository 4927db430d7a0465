//! Counting visits: how often pages are seen, from which sites and countries, and how often links are followed. A number
//! a day and nothing about who. Counts wait in memory and are written out every few seconds and when the server stops; a
//! visitor never waits for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, Method, header};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::peer::Peer;
use super::public::data::EMBED;
use super::render::{HOME, PAGE};
use super::state::State;
use crate::config::Networks;
use crate::domain::visit::{Counted, Page};
use crate::store::Store;

/// How long a count waits in memory at most.
const WRITE_EVERY: Duration = Duration::from_secs(5);
/// How many counts wait in memory at most before sites are no longer told apart.
const MOST_WAITING: usize = 1000;
/// The longest host that is kept.
const LONGEST_HOST: usize = 100;
/// The headers in which proxies name a visitor's country.
const COUNTRY: [&str; 3] = ["cf-ipcountry", "cloudfront-viewer-country", "x-country-code"];
/// What programs call themselves that ask for an address without anybody looking at it.
const PROGRAMS: [&str; 14] = [
    "bot",
    "crawl",
    "spider",
    "slurp",
    "preview",
    "facebookexternalhit",
    "whatsapp",
    "curl/",
    "wget/",
    "python-",
    "go-http-client",
    "okhttp",
    "monitor",
    "lighthouse",
];
/// Which bytes such a name begins with: one pass over what a client calls itself finds it.
const BEGINS: [bool; 256] = {
    let (mut begins, mut at) = ([false; 256], 0);
    while at < PROGRAMS.len() {
        begins[PROGRAMS[at].as_bytes()[0] as usize] = true;
        at += 1;
    }
    begins
};

/// What a request says about how it came to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked<'a> {
    /// What the client calls itself.
    pub agent: Option<&'a str>,
    /// The page that led here.
    pub referer: Option<&'a str>,
    /// `Sec-Fetch-Mode`: browsers say `navigate` for a page.
    pub mode: Option<&'a str>,
    /// `Sec-Fetch-Dest`: browsers say `document` or `iframe` for a page.
    pub dest: Option<&'a str>,
    /// The cookies: only those who sign in have one.
    pub cookie: Option<&'a str>,
    /// The host it asked.
    pub host: Option<&'a str>,
}

impl<'a> Asked<'a> {
    /// What these headers say; `None` when the page is only loaded ahead.
    fn of(headers: &'a HeaderMap) -> Option<Self> {
        let value = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let named = |name: &'static str| value(HeaderName::from_static(name));
        let mut ahead = ["sec-purpose", "purpose", "x-purpose", "x-moz"].into_iter().filter_map(named);
        let ahead = ahead.any(|purpose| purpose.contains("prefetch") || purpose.contains("preview"));
        (!ahead).then(|| Self {
            agent: value(header::USER_AGENT),
            referer: value(header::REFERER),
            mode: named("sec-fetch-mode"),
            dest: named("sec-fetch-dest"),
            cookie: value(header::COOKIE),
            host: value(header::HOST),
        })
    }

    /// Where the value of a header belongs; `None` when it tells nothing.
    pub fn place(&mut self, name: &str) -> Option<&mut Option<&'a str>> {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        Some(match name.len() {
            6 if is("cookie") => &mut self.cookie,
            7 if is("referer") => &mut self.referer,
            10 if is("user-agent") => &mut self.agent,
            14 if is("sec-fetch-mode") => &mut self.mode,
            14 if is("sec-fetch-dest") => &mut self.dest,
            _ => return None,
        })
    }

    /// Whether somebody looks: no picture of another page, no known program.
    fn is_a_visit(&self) -> bool {
        self.mode.is_none_or(|mode| mode == "navigate") && self.agent.is_some_and(|agent| !is_program(agent))
    }
}

fn is_program(agent: &str) -> bool {
    let agent = agent.as_bytes();
    let named = |at: usize| {
        PROGRAMS
            .iter()
            .any(|name| agent.get(at..at + name.len()).is_some_and(|part| part.eq_ignore_ascii_case(name.as_bytes())))
    };
    agent.is_empty()
        || agent.iter().enumerate().any(|(at, byte)| BEGINS[usize::from(byte.to_ascii_lowercase())] && named(at))
}

/// Whether somebody followed a link: no HEAD, no loading ahead, no picture of another page, no known program.
pub fn is_a_visit(method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::GET && Asked::of(headers).is_some_and(|asked| asked.is_a_visit())
}

/// Somebody looks at a page.
#[derive(Debug, PartialEq, Eq)]
pub struct View {
    page: Page,
    /// The host that led here.
    from: Option<String>,
    country: Option<String>,
}

impl View {
    /// The view that a GET for `path` is, if it is one: of a counted page, by somebody who isn't signed in.
    pub fn of(path: &str, asked: &Asked) -> Option<Self> {
        let page = match path {
            HOME => Page::Links,
            PAGE => Page::Kit,
            EMBED => Page::Embed,
            _ => return None,
        };
        // The owner's own previews are frames, and nobody else's pages can frame anything but the embed.
        let framed = page != Page::Embed && asked.dest == Some("iframe");
        let owner = asked.cookie.is_some_and(|cookie| cookie.contains("mediakit="));
        let from = || asked.referer.and_then(|referer| host(referer, asked.host));
        (!framed && !owner && asked.is_a_visit()).then(|| Self { page, from: from(), country: None })
    }

    /// The same from a request that the HTTP layer read, with the country that a trusted proxy names.
    pub fn long(method: &Method, path: &str, headers: &HeaderMap, (peer, trusted): (Peer, &Networks)) -> Option<Self> {
        let asked = Asked::of(headers).filter(|_| *method == Method::GET)?;
        let mut view = Self::of(path, &asked)?;
        let named = COUNTRY.iter().find_map(|name| headers.get(*name)?.to_str().ok());
        view.country = named.filter(|_| trusted.contain(peer.0)).and_then(country);
        Some(view)
    }
}

/// The host of a referring page, unless it is our own.
fn host(referer: &str, own: Option<&str>) -> Option<String> {
    let rest = ["https://", "http://", "android-app://"].iter().find_map(|scheme| referer.strip_prefix(scheme))?;
    let bare = |host: &str| host.split([':', '/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let host = bare(rest);
    let good = host.len() <= LONGEST_HOST
        && host.contains('.')
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    (good && own.is_none_or(|own| bare(own) != host)).then(|| host.trim_start_matches("www.").to_owned())
}

/// A country's two letters; proxies write `XX` and `T1` where they know none.
fn country(code: &str) -> Option<String> {
    let code = code.trim().to_ascii_uppercase();
    (code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()) && code != "XX").then_some(code)
}

/// The counts that are not written yet. Cheap to clone; all clones share them.
#[derive(Clone)]
pub struct Visits {
    waiting: Arc<Mutex<BTreeMap<(Counted, Date), i64>>>,
    /// One writes at a time, so that whoever asks next finds everything written.
    writing: Arc<tokio::sync::Mutex<()>>,
    store: Store,
}

impl Visits {
    /// Nothing counted yet.
    pub fn new(store: Store) -> Self {
        Self { waiting: Arc::default(), writing: Arc::default(), store }
    }

    /// Counts one visit of a link.
    pub fn follow(&self, link_id: i64, now: Timestamp) {
        self.add([(Counted::Link(link_id), day(now), 1)]);
    }

    /// Counts a look at a page.
    pub fn view(&self, view: View, now: Timestamp) {
        let day = day(now);
        let parts = [Some(Counted::Page(view.page)), view.from.map(Counted::From), view.country.map(Counted::Country)];
        self.add(parts.into_iter().flatten().map(|counted| (counted, day, 1)));
    }

    /// Writes out what waits. It is finished even when whoever asked goes away; what can't be written waits on.
    pub async fn write(&self) {
        let visits = self.clone();
        let written = tokio::spawn(async move { visits.write_all().await }).await;
        if let Err(error) = written {
            tracing::error!(%error, "the counts of visits could not be written");
        }
    }

    async fn write_all(&self) {
        let _turn = self.writing.lock().await;
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let counted: Vec<_> = waiting.into_iter().map(|((what, day), times)| (what, day, times)).collect();
        if counted.is_empty() {
            return;
        }
        if let Err(error) = self.store.add_visits(&counted).await {
            tracing::warn!(%error, "the counts of visits wait until the database is back");
            self.add(counted);
        }
    }

    fn add(&self, counted: impl IntoIterator<Item = (Counted, Date, i64)>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for (what, day, times) in counted {
            let what = match what {
                // Hosts come from outside, and there is no end of them.
                Counted::From(_) if waiting.len() >= MOST_WAITING => Counted::From(String::new()),
                what => what,
            };
            *waiting.entry((what, day)).or_default() += times;
        }
    }
}

fn day(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

/// Writes every few seconds until the server stops.
pub async fn keep(state: State) {
    let mut stopping = state.stopping.subscribe();
    let mut tick = tokio::time::interval(WRITE_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        state.visits.write().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: (&str, &str) = ("user-agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Safari/604.1");

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), header::HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    fn counts(method: &Method, pairs: &[(&'static str, &'static str)]) -> bool {
        is_a_visit(method, &headers(pairs))
    }

    #[test]
    fn only_people_who_follow_a_link_count() {
        assert!(counts(&Method::GET, &[PHONE]));
        assert!(counts(&Method::GET, &[PHONE, ("sec-fetch-mode", "navigate")]));
        assert!(!counts(&Method::HEAD, &[PHONE]));
        assert!(!counts(&Method::GET, &[]));
        for aside in [
            ("sec-purpose", "prefetch;prerender"),
            ("purpose", "prefetch"),
            ("x-moz", "prefetch"),
            ("x-purpose", "preview"),
            ("sec-fetch-mode", "no-cors"),
        ] {
            assert!(!counts(&Method::GET, &[PHONE, aside]), "{aside:?}");
        }
        for agent in [
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "facebookexternalhit/1.1",
            "WhatsApp/2.23",
            "Mozilla/5.0 (compatible; Yahoo! Slurp)",
            "curl/8.5.0",
        ] {
            assert!(!counts(&Method::GET, &[("user-agent", agent)]), "{agent}");
        }
    }

    #[test]
    fn of_the_page_that_led_here_only_its_site_is_kept() {
        let own = Some("mara.example:8080");
        for (referer, kept) in [
            ("https://www.Instagram.com/p/secret?x=1#y", Some("instagram.com")),
            ("https://blog.example:444/post", Some("blog.example")),
            ("android-app://com.instagram.android/", Some("com.instagram.android")),
            ("https://mara.example/mediakit", None),
            ("https://user@evil.example/", None),
            ("https://localhost/", None),
            ("javascript:alert(1)", None),
            ("https://<b>.example", None),
            ("", None),
        ] {
            assert_eq!(host(referer, own).as_deref(), kept, "{referer}");
        }
        assert_eq!(host(&format!("https://{}.example", "x".repeat(100)), own), None);
    }

    #[test]
    fn previews_and_the_owner_are_no_visitors() {
        let asked = Asked { agent: Some(PHONE.1), ..Asked::default() };
        assert!(View::of("/mediakit", &asked).is_some() && View::of("/admin", &asked).is_none());
        let framed = Asked { dest: Some("iframe"), ..asked };
        assert!(View::of("/", &framed).is_none() && View::of("/embed", &framed).is_some());
        assert!(View::of("/", &Asked { cookie: Some("a=b; __Host-mediakit=x"), ..asked }).is_none());
    }

    #[test]
    fn a_country_counts_only_from_a_proxy_we_trust() {
        let proxy = "10.0.0.1".parse().map(Peer).unwrap();
        let trusted: Networks = crate::config::Kind::parse("10.0.0.0/8").unwrap();
        let of = |code, trusted: &Networks| {
            View::long(&Method::GET, "/", &headers(&[PHONE, ("cf-ipcountry", code)]), (proxy, trusted)).unwrap().country
        };
        assert_eq!(of("de", &trusted).as_deref(), Some("DE"));
        for unknown in ["XX", "T1", "DEU", "<b"] {
            assert_eq!(of(unknown, &trusted), None, "{unknown}");
        }
        assert_eq!(of("DE", &Networks::default()), None);
    }
}
