//! From one [`MediaKit`] to every public answer: the page in two languages and the JSON beside it. Pure but for the
//! templates; no store, no request.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;

use super::api::{analytics, kit as whole, summary};
use super::assets::{self, Assets};
use super::face::{Face, Source};
use super::faces::{FaceMap, Pair};
use super::public::data;
use super::public::door;
use super::public::legal::{self, Kind};
use super::public::link_page;
use super::public::look::{self, Look};
use super::public::media_kit::{self, Choice, Shown};
use super::security::{Https, Reach};
use crate::domain::media_kit::MediaKit;
use crate::domain::platform::About;
use crate::domain::share::Access;
use crate::domain::text::Lang;

/// Where the link page lives.
pub const HOME: &str = "/";
/// Where the media kit lives.
pub const PAGE: &str = "/mediakit";
/// Where the media kit lives as data.
pub const KIT: &str = "/mediakit.json";
/// Where the follower summary lives.
pub const SUMMARY: &str = "/api/mediakit/follower-summary";
/// Where a platform's numbers live, before its id.
pub const ANALYTICS: &str = "/api/mediakit/analytics/";

/// The cache rule of an answer behind a link: nobody in between keeps it.
pub const FOR_ONE: &str = "private, no-cache";

/// What the answers need besides the kit.
pub struct Site {
    /// Every platform, in the order people see them.
    pub platforms: Vec<&'static About>,
    /// The address visitors use, without a slash at the end.
    pub public_url: String,
    /// Whether that address is https.
    pub https: Https,
    /// Style, script and the fixed documents.
    pub assets: Assets,
    /// Whether a server answers there: files have no forms and no checks.
    pub live: bool,
}

impl Site {
    /// A page's whole address in a language.
    pub fn address(&self, path: &str, lang: Lang) -> String {
        format!("{}{path}?lang={}", self.public_url, lang.tag())
    }
}

/// Renders every public answer of `kit`.
pub fn all(kit: &MediaKit, site: &Site, now: Timestamp) -> FaceMap {
    let mut faces: HashMap<String, Pair> = site.assets.faces.clone();
    let access = kit.creator.access;
    match access {
        Access::Public => faces.extend(of_kit(kit, site, now)),
        Access::Gated => drop(faces.insert(PAGE.to_owned(), in_both(site, |lang| door::ask(kit, site, lang)))),
        Access::Private => {}
    }
    let numberless = (access != Access::Public).then(|| kit.without_numbers());
    let home = numberless.as_ref().unwrap_or(kit);
    faces.insert(HOME.to_owned(), in_both(site, |lang| link_page::page(home, site, lang, now)));
    faces.extend([data::robots(kit, site)]);
    faces.extend(Kind::ALL.into_iter().flat_map(|kind| legal(kit, site, kind)));
    if let Some(href) = Look::of(&kit.creator).accent_href
        && let Some(style) = look::accent(&href)
    {
        faces.insert(href, assets::unchanging(style.body, style.content_type, site.https));
    }
    if let Some(picture) = &kit.picture {
        let jpeg = Bytes::from(picture.jpeg.clone());
        faces.insert(media_kit::picture_address(picture), assets::unchanging(jpeg, "image/jpeg", site.https));
    }
    FaceMap { faces, lang: kit.creator.lang.unwrap_or_default(), valid_until: kit.valid_until }
}

/// Every answer that tells the kit's numbers. Whatever tells one belongs here, so that a kit that is not public is kept
/// back on all of them; what is made when it is asked for is kept back in `paper`.
fn of_kit(kit: &MediaKit, site: &Site, now: Timestamp) -> HashMap<String, Pair> {
    let page = |selected| {
        let choice = move |lang| Choice { lang, selected, shown: Shown::Public, keeps: false };
        in_both(site, |lang| media_kit::page(kit, site, choice(lang), now))
    };
    let mut faces = HashMap::from([(PAGE.to_owned(), page(None))]);
    for panel in kit.panels.iter().filter(|panel| panel.snapshot.is_some() && !panel.hidden) {
        let id = panel.about.id;
        faces.insert(format!("{PAGE}?platform={id}"), page(Some(id)));
        if let Some(answer) = analytics::answer(panel) {
            faces.insert(format!("{ANALYTICS}{id}"), json(&answer, site));
        }
    }
    faces.insert(SUMMARY.to_owned(), json(&summary::answer(&kit.summary), site));
    faces.insert(KIT.to_owned(), json(&whole::answer(kit, site, now), site));
    faces.extend(data::faces(kit, site, now));
    faces
}

/// The kit's page for whoever has a link, with the panel of a platform open.
pub fn shared(
    kit: &MediaKit,
    site: &Site,
    (address, selected): (&str, Option<&str>),
    lang: Lang,
    now: Timestamp,
) -> Source {
    let choice = Choice { lang, selected, shown: Shown::Shared(address), keeps: false };
    let page = html(&media_kit::page(kit, site, choice, now));
    let source = assets::plain(Bytes::from(page), "text/html; charset=utf-8");
    Source { lang: Some(lang), cache_control: FOR_ONE, ..source }
}

/// The same answers with those that somebody got compressed in a hurry compressed as small as they get.
pub fn smaller(map: &FaceMap) -> FaceMap {
    let mut faces = map.faces.clone();
    for [german, english] in faces.values_mut() {
        let same = Arc::ptr_eq(german, english);
        for face in [&mut *german, &mut *english].into_iter().filter(|face| face.could_be_smaller()) {
            *face = Arc::new(face.smaller());
        }
        if same {
            english.clone_from(german);
        }
    }
    FaceMap { faces, lang: map.lang, valid_until: map.valid_until }
}

/// The page of a kit that is not saved, in one language.
pub fn draft(kit: &MediaKit, site: &Site, lang: Lang, now: Timestamp) -> String {
    html(&media_kit::page(kit, site, Choice { lang, selected: None, shown: Shown::Preview, keeps: false }, now))
}

/// A rendered template.
pub fn html(page: &impl Template) -> String {
    page.render().unwrap_or_else(|error| {
        tracing::error!(%error, "a public page could not be rendered");
        String::new()
    })
}

/// The legal notice or the privacy page under both its names; nothing while the facts are missing.
fn legal(kit: &MediaKit, site: &Site, kind: Kind) -> Vec<(String, Pair)> {
    let Some(facts) = &kit.legal else { return Vec::new() };
    let pair = in_both(site, |lang| legal::page(kit, facts, site, kind, lang));
    kind.paths().map(|path| (path.to_owned(), pair.clone())).to_vec()
}

/// A page in both languages.
fn in_both<P: Template>(site: &Site, page: impl Fn(Lang) -> P) -> Pair {
    pages(site, Reach::Own, page)
}

/// A page in both languages that others may use as well.
pub fn pages<P: Template>(site: &Site, reach: Reach, page: impl Fn(Lang) -> P) -> Pair {
    spoken(site, "text/html; charset=utf-8", reach, |lang| html(&page(lang)))
}

/// A text in both languages.
pub fn spoken(site: &Site, content_type: &'static str, reach: Reach, text: impl Fn(Lang) -> String) -> Pair {
    Lang::ALL.map(|lang| {
        let body = Bytes::from(text(lang));
        let page = assets::plain(body, content_type);
        let source = Source { lang: Some(lang), reach, ..page };
        Arc::new(Face::new(source, site.https))
    })
}

/// A text that is the same in both languages and open to other sites' scripts.
pub fn same(site: &Site, content_type: &'static str, text: impl Into<Bytes>) -> Pair {
    let source = Source { reach: Reach::Scripts, ..assets::plain(text.into(), content_type) };
    let face = Arc::new(Face::new(source, site.https));
    [face.clone(), face]
}

/// A JSON answer, the same in both languages and open to other sites' scripts.
pub fn json(value: &impl Serialize, site: &Site) -> Pair {
    same(site, "application/json", serde_json::to_vec(value).unwrap_or_default())
}
