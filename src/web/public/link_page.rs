//! From a [`MediaKit`] to the link page. Pure: the same kit, reader and time give the same page.

use askama::Template;
use jiff::Timestamp;

use super::figures::Reader;
use super::follow::GO;
use super::legal;
use super::look::Look;
use super::view::{DataLink, FigureView, Glyph, Hero};
use super::{data, media_kit, panels, sums, when};
use crate::domain::block::body;
use crate::domain::link::{Kind, Link, spoken};
use crate::domain::media_kit::{MediaKit, Panel};
use crate::domain::share::Access;
use crate::domain::text::{Lang, Text};
use crate::web::assets::glyph;
use crate::web::paper;
use crate::web::render::{HOME, PAGE, Site};
use crate::web::words::{self, Words, words};

const NAMELESS: Text = Text::new("Meine Links", "My links");

/// The link page as its template takes it.
#[derive(Template)]
#[template(path = "public/link_page.html", whitespace = "minimize")]
pub struct LinkPage<'a> {
    lang: &'a str,
    l: Lang,
    w: &'static Words,
    look: Look,
    css_href: &'a str,
    canonical: String,
    /// The page in each language.
    alternates: [(&'static str, String); 2],
    /// The numbers in other forms.
    discovery: Vec<DataLink>,
    other_lang_href: String,
    /// The media kit, when visitors get anything there.
    kit_href: Option<String>,
    description: String,
    /// The picture for previews, which tells numbers.
    card: Option<String>,
    hero: Hero,
    glyphs: Vec<Glyph>,
    profiles: Vec<Profile>,
    /// "Zuletzt aktualisiert heute 04:00 UTC."
    updated: Option<String>,
    sections: Vec<Section>,
    /// Nobody has set the page up yet: neither a name nor an account nor an entry.
    first_start: bool,
    /// Legal notice and privacy, once they are there.
    legal: Vec<(&'static str, String)>,
}

/// An account with its audience; without a number when none is known.
struct Profile {
    platform: &'static str,
    name: &'static str,
    username: String,
    href: String,
    audience: Option<FigureView>,
}

/// What stands under one heading; the first may have none.
#[derive(Default)]
struct Section {
    heading: Option<String>,
    entries: Vec<Entry>,
}

/// A link, or a text when it leads nowhere.
struct Entry {
    title: String,
    /// Through the counter, or straight to mail and telephone.
    href: Option<String>,
    /// Where it leads, as people read it.
    address: String,
    icon: Option<String>,
}

/// The page of `kit` for a reader at `now`.
pub fn page<'a>(kit: &'a MediaKit, site: &'a Site, lang: Lang, now: Timestamp) -> LinkPage<'a> {
    let reader = Reader { lang, now, keeps: false };
    let is_public = kit.creator.access == Access::Public;
    let mut hero = media_kit::hero(kit, &body::Hero::default(), lang);
    if kit.creator.name.is_empty() {
        NAMELESS.get(lang).clone_into(&mut hero.name);
    }
    let shown = kit.panels.iter().filter(|panel| !panel.hidden);
    let profiles: Vec<Profile> = shown.map(|panel| profile(panel, reader)).collect();
    let newest = kit.panels.iter().filter_map(|panel| panel.snapshot.as_ref()).map(|s| s.fetched_at).max();
    let updated = newest.map(|at| words::UPDATED.get(lang).replace("{}", &when::near(at, now, lang)));
    LinkPage {
        lang: lang.tag(),
        l: lang,
        w: words(lang),
        look: Look::of(&kit.creator),
        css_href: &site.assets.link_css,
        canonical: site.address(HOME, lang),
        alternates: Lang::ALL.map(|lang| (lang.tag(), site.address(HOME, lang))),
        discovery: if is_public { data::links(site, HOME, lang) } else { Vec::new() },
        other_lang_href: format!("?lang={}", lang.other().tag()),
        legal: legal::links(kit, lang),
        kit_href: (kit.creator.access != Access::Private).then(|| format!("{PAGE}?lang={}", lang.tag())),
        description: media_kit::description(kit, &hero.name, lang),
        card: is_public.then(|| paper::card_of(site, lang)),
        glyphs: glyphs(kit),
        updated: updated.filter(|_| profiles.iter().any(|profile| profile.audience.is_some())),
        profiles,
        sections: sections(&kit.links),
        first_start: kit.creator.name.is_empty() && kit.panels.is_empty() && kit.links.is_empty(),
        hero,
    }
}

/// The glyphs of all that appears: accounts and icons, each once.
fn glyphs(kit: &MediaKit) -> Vec<Glyph> {
    let accounts = kit.panels.iter().map(|panel| panel.about.id);
    let mut names: Vec<&str> =
        accounts.chain(kit.links.iter().filter_map(|link| link.content.icon.as_deref())).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| Glyph { platform: name.to_owned(), markup: glyph(name) }).collect()
}

fn profile(panel: &Panel, reader: Reader) -> Profile {
    Profile {
        platform: panel.about.id,
        name: panel.about.name,
        username: panels::handle(panel),
        href: (panel.about.profile_url)(&panel.handle),
        audience: sums::audience_of(panel, reader),
    }
}

/// Every heading begins a section.
fn sections(links: &[Link]) -> Vec<Section> {
    let mut sections = vec![Section::default()];
    for link in links {
        if link.content.kind == Kind::Heading {
            sections.push(Section { heading: Some(link.content.title.clone()), entries: Vec::new() });
        } else if let Some(section) = sections.last_mut() {
            section.entries.push(entry(link));
        }
    }
    // A heading over nothing, as when all below it are hidden, would be an empty promise.
    sections.retain(|section| !section.entries.is_empty());
    sections
}

fn entry(link: &Link) -> Entry {
    let content = &link.content;
    let href = match (&content.url, link.counted_url()) {
        (Some(_), Some(_)) => Some(format!("{GO}{}", link.id)),
        (url, _) => url.clone(),
    };
    Entry {
        title: content.title.clone(),
        href,
        address: content.url.as_deref().map(spoken).unwrap_or_default().to_owned(),
        icon: content.icon.clone(),
    }
}
