//! A page's markup: its meta data, its first heading, its links in order, and the data its scripts carry. Scripts are
//! kept as text to be searched for JSON and never run.

use std::collections::BTreeMap;

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{HtmlString, StartTag, Token, Tokenizer};
use serde_json::Value as Json;
use url::Url;

use super::{Entry, Found, MOST_LINKS};

/// Text inside these is none of the page's.
const SILENT: [&str; 5] = ["script", "style", "noscript", "template", "svg"];
/// The longest text that is gathered for one element, in bytes.
const LONGEST: usize = 4096;
/// At most so many embedded documents are looked at.
const MOST_DATA: usize = 40;

/// What a page says.
#[derive(Debug, Default)]
pub(super) struct Page {
    title: String,
    heading: String,
    meta: BTreeMap<String, String>,
    links: Vec<Entry>,
    /// The address the page has by its own word.
    own: Option<Url>,
    /// The JSON in its scripts.
    pub(super) data: Vec<Json>,
}

/// What is being gathered while the page is read.
#[derive(Default)]
struct Reading {
    page: Page,
    /// The element without text of its own that is open.
    silent: Option<(String, String)>,
    link: Option<(String, String, Option<String>)>,
    heading: bool,
    titled: bool,
    /// The paragraph that says who it is about (LinkStack).
    about: bool,
}

impl Page {
    /// Reads a page; whatever it holds, the reading ends.
    pub(super) fn read(html: &str) -> Self {
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let mut reading = Reading::default();
        for token in Tokenizer::new_with_emitter(html, emitter) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => reading.start(&tag),
                Token::EndTag(tag) => reading.end(&text(&tag.name)),
                Token::String(words) => reading.text(&String::from_utf8_lossy(&words)),
                _ => {}
            }
        }
        reading.page
    }

    /// Name, bio and links as the markup has them.
    pub(super) fn found(&self) -> Found {
        let entries = self.links.iter().filter(|link| !self.is_its_own(link.url.as_deref().unwrap_or_default()));
        Found { name: self.name(), bio: self.bio(), entries: entries.cloned().collect() }
    }

    /// Who the page is about.
    pub(super) fn name(&self) -> Option<String> {
        let title = self.meta.get("og:title").unwrap_or(&self.title);
        let before = title.split(['|', '·', '–', '—']).next().unwrap_or(title).split(" - ").next().unwrap_or_default();
        let heading = Some(self.heading.as_str()).filter(|heading| !heading.trim().is_empty());
        Some(heading.unwrap_or(before).trim().trim_start_matches('@').to_owned()).filter(|name| !name.is_empty())
    }

    /// What the page says about them.
    pub(super) fn bio(&self) -> Option<String> {
        ["about", "og:description", "description"].into_iter().find_map(|name| self.meta.get(name)).cloned()
    }

    /// Whether an address leads to the service the page itself is on: its sign-up, its terms.
    pub(super) fn is_its_own(&self, url: &str) -> bool {
        let host = |url: &Url| url.host_str().map(|host| host.trim_start_matches("www.").to_owned());
        let own = self.own.as_ref().and_then(host);
        own.is_some() && Url::parse(url).ok().as_ref().and_then(host) == own
    }
}

impl Reading {
    fn start(&mut self, tag: &StartTag<()>) {
        let name = text(&tag.name);
        let get = |attribute: &str| tag.attributes.get(attribute.as_bytes()).map(|value| text(value));
        match name.as_str() {
            "meta" => {
                if let (Some(name), Some(content)) = (get("property").or_else(|| get("name")), get("content")) {
                    if name == "og:url" {
                        self.page.own = Url::parse(&content).ok();
                    }
                    self.page.meta.entry(name.to_ascii_lowercase()).or_insert(content);
                }
            }
            "link" if get("rel").as_deref() == Some("canonical") => {
                self.page.own = get("href").and_then(|href| Url::parse(&href).ok());
            }
            "a" => {
                self.close_link();
                let label = get("aria-label").or_else(|| get("title"));
                self.link = get("href").map(|href| (through(&href), String::new(), label));
            }
            "img" => {
                if let (Some((_, _, label @ None)), Some(alt)) = (&mut self.link, get("alt")) {
                    *label = Some(alt);
                }
            }
            "h1" => self.heading = self.page.heading.is_empty(),
            "title" => self.titled = self.page.title.is_empty(),
            "div" | "p" if get("class").is_some_and(|class| class.contains("description")) => {
                self.about = !self.page.meta.contains_key("about");
            }
            name if SILENT.contains(&name) && !tag.self_closing && self.silent.is_none() => {
                self.silent = Some((name.to_owned(), String::new()));
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if let Some((silent, script)) = self.silent.take_if(|(silent, _)| silent == name)
            && silent == "script"
            && self.page.data.len() < MOST_DATA
        {
            self.page.data.extend(json_in(&script));
        }
        match name {
            "a" => self.close_link(),
            "h1" => self.heading = false,
            "title" => self.titled = false,
            "div" | "p" => self.about = false,
            _ => {}
        }
    }

    fn text(&mut self, words: &str) {
        if let Some((name, script)) = &mut self.silent {
            if name == "script" {
                script.push_str(words);
            }
            return;
        }
        if let Some((_, text, _)) = &mut self.link {
            append(text, words);
        }
        if self.heading {
            append(&mut self.page.heading, words);
        }
        if self.titled {
            append(&mut self.page.title, words);
        }
        if self.about && self.link.is_none() {
            append(self.page.meta.entry("about".to_owned()).or_default(), words);
        }
    }

    fn close_link(&mut self) {
        let Some((url, text, label)) = self.link.take() else { return };
        let title = if text.trim().is_empty() { label.unwrap_or_default() } else { text };
        if self.page.links.len() < MOST_LINKS * 4 {
            self.page.links.push(Entry { title, url: Some(url) });
        }
    }
}

fn append(to: &mut String, words: &str) {
    if to.len() + words.len() <= LONGEST {
        to.push_str(words);
    }
}

fn text(bytes: &HtmlString) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Where a link leads that goes through a counter, as LinkStack's `/going/12/https://…` do.
fn through(href: &str) -> String {
    let inner = href.split_once("/going/").and_then(|(_, rest)| Some(&rest[rest.find("http")?..]));
    let decoded = inner.map(|inner| percent_encoding::percent_decode_str(inner).decode_utf8_lossy().into_owned());
    decoded.unwrap_or_else(|| href.to_owned())
}

/// The JSON in a script: all of it, or what a variable is set to.
fn json_in(script: &str) -> Option<Json> {
    let script = script.trim();
    if let Ok(json) = serde_json::from_str(script) {
        return Some(json);
    }
    let value = script.split_once('=')?.1.trim_start();
    let first = serde_json::Deserializer::from_str(value).into_iter::<Json>().next()?.ok()?;
    first.is_object().then_some(first)
}
