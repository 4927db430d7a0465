//! What search engines look for first: which addresses are theirs, and the map of the pages.

use askama::Template;

use crate::domain::media_kit::MediaKit;
use crate::domain::share::Access;
use crate::domain::text::Lang;
use crate::web::public::legal::Kind;
use crate::web::render::{HOME, PAGE, Site};

/// The panel, the API and the counter of links are for nobody's index (RFC 9309). It holds for the link page too, so it
/// stays when the kit is kept back; the map is kept back with it.
pub fn text(kit: &MediaKit, site: &Site) -> String {
    let is_public = kit.creator.access == Access::Public;
    let map = if is_public { format!("\nSitemap: {}{}\n", site.public_url, super::SITEMAP) } else { String::new() };
    format!("User-agent: *\nDisallow: /admin\nDisallow: /api/\nDisallow: /go/\nDisallow: /oembed\n{map}")
}

/// The map of the pages (<https://www.sitemaps.org/protocol.html>), each in both languages.
#[derive(Template)]
#[template(path = "data/sitemap.xml")]
pub struct Sitemap {
    pages: Vec<Page>,
}

struct Page {
    /// The address in each language.
    languages: [(&'static str, String); 2],
    /// The day of its newest number.
    changed: Option<String>,
}

/// The map of what `kit` shows.
pub fn sitemap(kit: &MediaKit, site: &Site) -> Sitemap {
    let newest = kit.panels.iter().filter_map(|panel| panel.snapshot.as_ref()).map(|s| s.fetched_at).max();
    let changed = newest.map(|at| at.to_string());
    let of = |paths: [&str; 2], changed: Option<String>| Page {
        languages: [(Lang::De, paths[0]), (Lang::En, paths[1])].map(|(l, path)| (l.tag(), site.address(path, l))),
        changed,
    };
    let mut pages = vec![of([HOME, HOME], changed.clone()), of([PAGE, PAGE], changed)];
    pages.extend(kit.legal.iter().flat_map(|_| Kind::ALL).map(|kind| of(kind.paths(), None)));
    Sitemap { pages }
}
