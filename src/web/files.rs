//! The public pages as files, for a host that serves files only. They are the finished answers with one thing changed:
//! an address of this server becomes the name of a file beside it, so that they work in any folder of any host.

use std::collections::HashMap;
use std::collections::btree_map::{BTreeMap, Entry};

use bytes::Bytes;
use jiff::Timestamp;

use super::face::Face;
use super::faces::Pair;
use super::paper;
use super::public::data::{oembed, vcard};
use super::render::{self, PAGE, Site};
use super::request_lang::query_value;
use super::security::Reach;
use crate::domain::media_kit::MediaKit;
use crate::domain::share::Access;
use crate::domain::text::Lang;

/// Where the answer to editors that embed a page is; there is one for every page.
const OEMBED: &str = "/oembed";
/// Answers for programs that ask a server; what is in them is in the other forms too.
const ASKED: [&str; 2] = ["/api/", "/favicon.ico"];
/// Files that a page or another file names.
const NAMED: &str = "/assets/";

/// What is where.
struct Book<'a> {
    faces: HashMap<String, Pair>,
    kit: &'a MediaKit,
    /// The address of the folder, without a slash at its end.
    base: &'a str,
    /// The language of the files whose names carry none.
    usual: Lang,
}

/// A page's or a file's place in the book.
type Place = (String, Lang);

/// The files of a kit, by name, as they are to stand at `site`'s address.
pub fn of(kit: &MediaKit, site: &Site, now: Timestamp) -> BTreeMap<String, Bytes> {
    // Files answer no requests: without a kit that is public only the link page is left.
    let mut kit = kit.clone();
    if kit.creator.access != Access::Public {
        kit.creator.access = Access::Private;
    }
    let kit = &kit;
    let map = render::all(kit, site, now);
    let mut book = Book { faces: map.faces, kit, base: &site.public_url, usual: map.lang };
    let live = |lang| format!("{}/{}", book.base, book.name(&(PAGE.to_owned(), lang)));
    let papers = paper::files(kit, site, live, now);
    book.faces.extend(papers);
    if kit.creator.access == Access::Public {
        let answer = |lang| serde_json::to_string(&oembed::answer(kit, &site.public_url, lang, [None; 2]));
        let embed = |lang| answer(lang).unwrap_or_default();
        book.faces.insert(OEMBED.to_owned(), render::spoken(site, "application/json", Reach::Own, embed));
    }

    let begins = |key: &&String| !key.starts_with(NAMED) && !ASKED.iter().any(|prefix| key.starts_with(prefix));
    let mut waiting: Vec<Place> =
        book.faces.keys().filter(begins).flat_map(|key| Lang::ALL.map(|lang| (key.clone(), lang))).collect();
    let mut files = BTreeMap::new();
    while let Some(mut place) = waiting.pop() {
        let Some(face) = book.face(&place) else { continue };
        place.1 = face.lang().unwrap_or(book.usual);
        let name = book.name(&place);
        if let Entry::Vacant(vacant) = files.entry(name) {
            vacant.insert(book.file(face, &place, &mut waiting));
        }
    }
    files
}

impl Book<'_> {
    fn face(&self, (key, lang): &Place) -> Option<&Face> {
        let [german, english] = self.faces.get(key)?;
        Some(if *lang == Lang::De { german } else { english })
    }

    /// `/mediakit?platform=x` in the other language is `mediakit.x.en.html`.
    fn name(&self, (key, lang): &Place) -> String {
        let (path, platform) = key.split_once("?platform=").map_or((key.as_str(), None), |(path, id)| (path, Some(id)));
        let path = path.trim_start_matches('/');
        let face = self.face(&(key.clone(), *lang));
        let kind = face.map_or("", Face::content_type);
        let (stem, end) = match path.rsplit_once('.') {
            Some((stem, end)) => (stem, end),
            None if kind.starts_with("text/html") => (if path.is_empty() { "index" } else { path }, "html"),
            None => (path, "json"),
        };
        let spoken = face.is_some_and(|face| face.lang().is_some());
        let lang = Some(lang.tag()).filter(|_| spoken && *lang != self.usual);
        [Some(stem), platform, lang, Some(end)].into_iter().flatten().collect::<Vec<_>>().join(".")
    }

    /// The place an address of ours leads to, seen from another, and what is behind its `#`.
    fn find(&self, address: &str, (here, lang): &Place) -> Option<(Place, String)> {
        let (address, fragment) = address.split_once('#').unwrap_or((address, ""));
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let path = match path {
            "" if !query.is_empty() => here.split('?').next().unwrap_or_default(),
            path => path,
        };
        let selected = query_value(query, "platform").map(|id| format!("{path}?platform={id}"));
        let key = selected.filter(|key| self.faces.contains_key(key));
        let key = key.or_else(|| Some(path.to_owned()).filter(|path| self.faces.contains_key(path)))?;
        let lang = query_value(query, "lang").and_then(Lang::from_tag).unwrap_or(*lang);
        let fragment = if fragment.is_empty() { String::new() } else { format!("#{fragment}") };
        Some(((key, lang), fragment))
    }

    /// A file's content.
    fn file(&self, face: &Face, place: &Place, named: &mut Vec<Place>) -> Bytes {
        let kind = face.content_type();
        let text = ["html", "xml", "json", "csv", "plain", "vcard"].iter().any(|part| kind.contains(part));
        let Some(text) = std::str::from_utf8(face.body()).ok().filter(|_| text) else { return face.body().clone() };
        if kind.contains("vcard") {
            let whole = self.absolute(&text.replace("\r\n ", ""), place, named);
            return whole.split_terminator("\r\n").map(vcard::folded).collect::<String>().into();
        }
        let text = self.absolute(text, place, named);
        if kind.contains("html") { self.relative(&text, place, named) } else { text }.into()
    }

    /// Whole addresses of ours, wherever they stand, become whole addresses of files.
    fn absolute(&self, text: &str, place: &Place, named: &mut Vec<Place>) -> String {
        let mut parts = text.split(self.base);
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(|c: char| c.is_whitespace() || "\"'<>)\\,".contains(c)).unwrap_or(part.len());
            let (address, rest) = part.split_at(end);
            out += self.base;
            if let Some((found, fragment)) =
                self.find(&address.replace("&#38;", "&"), place).filter(|_| address.starts_with('/'))
            {
                let name = self.name(&found);
                out.push('/');
                // A folder's own page needs no name.
                out += if name == "index.html" { "" } else { &name };
                out += &fragment;
                named.push(found);
            } else {
                out += address;
            }
            out += rest;
        }
        out
    }

    /// The addresses in a page's attributes become names of files beside it; the way through the counter, which no such
    /// host has, becomes where it leads.
    fn relative(&self, html: &str, place: &Place, named: &mut Vec<Place>) -> String {
        let mut out = String::with_capacity(html.len());
        let mut rest = html;
        while let Some(at) = [" href=\"", " src=\""].iter().filter_map(|a| Some(rest.find(a)? + a.len())).min() {
            let (before, from) = rest.split_at(at);
            let end = from.find('"').unwrap_or(from.len());
            let (address, after) = from.split_at(end);
            let written = address.replace("&#38;", "&");
            let ours = address.starts_with(['/', '?']);
            out += before;
            if let Some((found, fragment)) = self.find(&written, place).filter(|_| ours) {
                out += &self.name(&found);
                out += &fragment;
                named.push(found);
            } else if let Some(url) = self.led_to(address) {
                out += &escaped(url);
            } else {
                out += address;
            }
            rest = after;
        }
        out + rest
    }

    /// Where a counted link goes.
    fn led_to(&self, address: &str) -> Option<&str> {
        let id: i64 = address.strip_prefix(super::public::follow::GO)?.parse().ok()?;
        self.kit.links.iter().find(|link| link.id == id)?.content.url.as_deref()
    }
}

/// An address as an attribute holds it.
fn escaped(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for c in url.chars() {
        match c {
            '&' => out.push_str("&#38;"),
            '"' => out.push_str("&#34;"),
            '<' => out.push_str("&#60;"),
            '>' => out.push_str("&#62;"),
            c => out.push(c),
        }
    }
    out
}
