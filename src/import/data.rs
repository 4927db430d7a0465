//! The data a page's scripts carry: Linktree's `__NEXT_DATA__`, Beacons' and others' documents. Names of fields change,
//! so this looks for what means the same everywhere: lists of things with a title and an address.

use serde_json::{Map, Value as Json};

use super::page::Page;
use super::{Entry, Found, MOST_LINKS};

const TITLES: [&str; 5] = ["title", "name", "label", "text", "heading"];
const ADDRESSES: [&str; 4] = ["url", "href", "link", "destination"];
const NAMES: [&str; 5] = ["pageTitle", "displayName", "display_name", "username", "name"];
const BIOS: [&str; 3] = ["description", "bio", "about"];
/// Documents nested deeper than this hold nothing for us.
const DEEPEST: usize = 40;

/// What a document says; `None` when it names no links.
pub(super) fn read(data: &Json, page: &Page) -> Option<Found> {
    let mut entries = Vec::new();
    gather(data, 0, page, &mut entries);
    entries.iter().any(|entry| entry.url.is_some()).then(|| {
        let owner = owner(data, 0);
        let of = |names: &[&str]| owner.and_then(|owner| first_text(owner, names));
        Found { name: of(&NAMES).or_else(|| page.name()), bio: of(&BIOS).or_else(|| page.bio()), entries }
    })
}

/// Gathers the lists of links, each whole and in its order.
fn gather(data: &Json, depth: usize, page: &Page, into: &mut Vec<Entry>) {
    if depth > DEEPEST || into.len() >= MOST_LINKS {
        return;
    }
    match data {
        Json::Array(list) => {
            let entries: Vec<Option<Entry>> = list.iter().map(|item| entry(item, page)).collect();
            if entries.iter().flatten().any(|entry| entry.url.is_some()) {
                into.extend(entries.into_iter().flatten());
            } else {
                for item in list {
                    gather(item, depth + 1, page, into);
                }
            }
        }
        Json::Object(fields) => {
            for value in fields.values() {
                gather(value, depth + 1, page, into);
            }
        }
        _ => {}
    }
}

/// A thing with a title and an address, or with a title that stands above others.
fn entry(item: &Json, page: &Page) -> Option<Entry> {
    let fields = item.as_object()?;
    let kind = fields.get("type").and_then(Json::as_str).unwrap_or_default();
    let url = first_text(fields, &ADDRESSES);
    let is_heading = url.is_none() && ["header", "heading"].iter().any(|word| kind.to_lowercase().contains(word));
    let title = first_text(fields, &TITLES).or_else(|| url.is_some().then(|| social(kind)).flatten())?;
    match url {
        Some(url) if url.contains(':') && !page.is_its_own(&url) => Some(Entry { title, url: Some(url) }),
        None if is_heading => Some(Entry { title, url: None }),
        _ => None,
    }
}

/// A name for an icon that has none but its kind: `INSTAGRAM` is Instagram.
fn social(kind: &str) -> Option<String> {
    let mut letters = kind.chars();
    let first = letters.next()?;
    let rest = letters.as_str().to_lowercase().replace('_', " ");
    Some(first.to_uppercase().chain(rest.chars()).collect())
}

/// The object that tells who the page is about: the first with a name and a bio, or with a page's title.
fn owner(data: &Json, depth: usize) -> Option<&Map<String, Json>> {
    if depth > DEEPEST {
        return None;
    }
    match data {
        Json::Object(fields) => {
            let is_owner = fields.contains_key("pageTitle")
                || fields.contains_key("username") && BIOS.iter().any(|bio| fields.contains_key(*bio));
            if is_owner { Some(fields) } else { fields.values().find_map(|value| owner(value, depth + 1)) }
        }
        Json::Array(list) => list.iter().find_map(|item| owner(item, depth + 1)),
        _ => None,
    }
}

fn first_text(fields: &Map<String, Json>, names: &[&str]) -> Option<String> {
    let texts = names.iter().filter_map(|name| fields.get(*name)?.as_str());
    texts.map(str::trim).find(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use crate::import::{Entry, read};

    fn link(title: &str, url: &str) -> Entry {
        Entry { title: title.to_owned(), url: Some(url.to_owned()) }
    }

    #[test]
    fn a_page_of_linktree_gives_its_owner_headings_and_links() {
        let html = r#"<html><head><title>x</title><link rel="canonical" href="https://linktr.ee/mara">
            <script id="__NEXT_DATA__" type="application/json">{"props":{"pageProps":{"account":{"username":"mara",
            "pageTitle":"Mara baut","description":"Räder & Werkzeug","links":[
            {"id":1,"type":"HEADER","title":"Neu"},
            {"id":2,"type":"CLASSIC","title":"Shop","url":"https://shop.example/?a=1&b=2"},
            {"id":3,"type":"CLASSIC","title":"Böse","url":"javascript:alert(1)"},
            {"id":4,"type":"CLASSIC","title":"Linktree","url":"https://linktr.ee/register"}],
            "socialLinks":[{"type":"INSTAGRAM","url":"https://instagram.com/mara"},
            {"type":"EMAIL_ADDRESS","url":"mailto:mara@kit.example"}]}}}}</script></head><body></body></html>"#;
        let found = read(html);
        assert_eq!((found.name.as_deref(), found.bio.as_deref()), (Some("Mara baut"), Some("Räder & Werkzeug")));
        let heading = Entry { title: "Neu".to_owned(), url: None };
        let expected = [
            heading,
            link("Shop", "https://shop.example/?a=1&b=2"),
            link("Instagram", "https://instagram.com/mara"),
            link("Email address", "mailto:mara@kit.example"),
        ];
        assert_eq!(found.entries, expected);
    }

    #[test]
    fn a_page_of_beacons_gives_its_blocks() {
        let html = r#"<meta property="og:url" content="https://beacons.ai/mara"><meta property="og:title" content="Mara | Beacons">
            <script>window.__DATA__ = {"profile":{"username":"mara","bio":"Baut Räder","blocks":[{"kind":"links","items":[
            {"title":"Video","url":"https://video.example/1"},{"title":"","url":"https://no-title.example"}]}]}};</script>"#;
        let found = read(html);
        assert_eq!((found.name.as_deref(), found.bio.as_deref()), (Some("mara"), Some("Baut Räder")));
        assert_eq!(found.entries, [link("Video", "https://video.example/1")]);
    }

    #[test]
    fn a_page_of_linkstack_gives_its_buttons_behind_the_counter() {
        let html = r#"<title>Mara</title><h1>Mara <b>Festa</b></h1><div class="description-parent"><p>Räder &amp; mehr</p></div>
            <a class="button" href="https://stack.example/going/12/https://shop.example/x"><img alt="icon"> Mein  Shop</a>
            <a class="button" href="/going/13?https%3A%2F%2Fblog.example%2F">Blog</a><a href="mailto:m@kit.example" title="Mail"><i></i></a>"#;
        let found = read(html);
        assert_eq!((found.name.as_deref(), found.bio.as_deref()), (Some("Mara Festa"), Some("Räder & mehr")));
        let expected = [
            link("Mein Shop", "https://shop.example/x"),
            link("Blog", "https://blog.example/"),
            link("Mail", "mailto:m@kit.example"),
        ];
        assert_eq!(found.entries, expected);
    }

    #[test]
    fn hostile_pages_give_nothing_and_end() {
        let deep = format!("<script>{}{}</script>", "[".repeat(50_000), "]".repeat(50_000));
        let many = "<a href=https://a.example/>".repeat(50_000);
        let open = "<div class=description><p>".repeat(20_000);
        for html in [deep.as_str(), &many, &open, "<a href='", "<script>", "<!--", "\0\u{202e}<a href=x>\u{0}", ""] {
            assert!(read(html).entries.iter().all(|entry| entry.url.as_deref().is_none_or(|url| url.contains(':'))));
        }
        let evil = "<h1>\u{202e}Mara\u{0007}<script>alert(1)</script></h1>\
            <a href='  javascript:alert(1)'>a</a><a href='data:text/html,x'>b</a><a href='vbscript:x'>c</a>\
            <a href='https://user:pw@evil.example'>d</a><a href='//evil.example'>e</a><a href='https://ok.example'>\
            <b onclick=x>gut</b></a>";
        let found = read(evil);
        assert_eq!(found.name.as_deref(), Some("Mara"));
        assert_eq!(found.entries, [link("gut", "https://ok.example")]);
    }
}
