//! The media kit as data: the same numbers for programs, feeds, address books and other sites' pages. Each file is one
//! form of the same [`MediaKit`], pure like the page; none formats or sums a number by itself.

pub mod csv;
pub mod embed;
mod feeds;
pub mod json_ld;
pub mod oembed;
mod plain_words;
mod robots;
mod text;
pub mod vcard;

use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use jiff::Timestamp;

use crate::domain::media_kit::MediaKit;
use crate::domain::text::{Lang, Text};
use crate::web::api::finished;
use crate::web::error::Error;
use crate::web::faces::Pair;
use crate::web::public::share::is_public;
use crate::web::public::view::DataLink;
use crate::web::render::{self, KIT, Site, same, spoken};
use crate::web::security::Reach;
use crate::web::state::State;

/// Where what other sites show in a frame lives.
pub const EMBED: &str = "/embed";
const CSV: &str = "/mediakit.csv";
const VCARD: &str = "/mediakit.vcf";
const RSS: &str = "/feed.xml";
const ATOM: &str = "/atom.xml";
const JSON_FEED: &str = "/feed.json";
const SITEMAP: &str = "/sitemap.xml";
const ROBOTS: &str = "/robots.txt";
const LLMS: &str = "/llms.txt";
const TEXT: &str = "text/plain; charset=utf-8";

/// Every address of this folder whose answer is made ahead.
pub const PATHS: [&str; 9] = [EMBED, CSV, VCARD, RSS, ATOM, JSON_FEED, SITEMAP, ROBOTS, LLMS];

/// Every form of `kit`, by its address.
pub fn faces(kit: &MediaKit, site: &Site, now: Timestamp) -> Vec<(String, Pair)> {
    let feed = |path, lang| feeds::feed(kit, site, (path, lang), now);
    let (rss, atom, json) = ("application/rss+xml", "application/atom+xml", "application/feed+json");
    let faces = [
        (EMBED, render::pages(site, Reach::Frames, |lang| embed::page(kit, site, lang, now))),
        (CSV, same(site, "text/csv; charset=utf-8; header=present", csv::text(kit))),
        (VCARD, same(site, "text/vcard; charset=utf-8", vcard::text(kit, site))),
        (RSS, spoken(site, rss, Reach::Scripts, |lang| render::html(&feeds::Rss(feed(RSS, lang))))),
        (ATOM, spoken(site, atom, Reach::Scripts, |lang| render::html(&feeds::Atom(feed(ATOM, lang))))),
        (JSON_FEED, spoken(site, json, Reach::Scripts, |lang| feeds::json_feed(&feed(JSON_FEED, lang)).to_string())),
        (SITEMAP, same(site, "application/xml", render::html(&robots::sitemap(kit, site)))),
        (LLMS, spoken(site, TEXT, Reach::Scripts, |lang| plain_words::text(kit, site, lang, now))),
    ];
    faces.map(|(path, pair)| (path.to_owned(), pair)).into()
}

/// What programs that read pages are told, whoever may see the kit.
pub fn robots(kit: &MediaKit, site: &Site) -> (String, Pair) {
    (ROBOTS.to_owned(), same(site, TEXT, robots::text(kit, site)))
}

/// The forms that the page at `path` names in its head.
pub fn links(site: &Site, path: &str, lang: Lang) -> Vec<DataLink> {
    const NUMBERS: Text = Text::new("Zahlen als JSON", "Numbers as JSON");
    const TABLE: Text = Text::new("Zahlen als Tabelle", "Numbers as a table");
    const CARD: Text = Text::new("Visitenkarte", "Contact card");
    const FEED: Text = Text::new("Meilensteine", "Milestones");
    const FRAME: Text = Text::new("Zum Einbetten", "To embed");
    let link = |kind, href: &str, title: Text| DataLink { kind, href: href.to_owned(), title: title.get(lang) };
    vec![
        link("application/json", KIT, NUMBERS),
        link("text/csv", CSV, TABLE),
        link("text/vcard", VCARD, CARD),
        link("application/rss+xml", &format!("{RSS}?lang={}", lang.tag()), FEED),
        link("application/atom+xml", &format!("{ATOM}?lang={}", lang.tag()), FEED),
        link("application/feed+json", &format!("{JSON_FEED}?lang={}", lang.tag()), FEED),
        link("application/json+oembed", &oembed::address(site, path, lang), FRAME),
    ]
}

/// A finished form.
pub async fn show(state: State, method: Method, uri: Uri, headers: HeaderMap) -> Result<Response, Error> {
    if let Some(answer) = finished(&state, &method, &uri, &headers).await {
        return Ok(answer);
    }
    is_public(&state).and(Err(Error::NotFound))
}
