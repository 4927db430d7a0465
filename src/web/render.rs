//! From one [`MediaKit`] to every public answer: the page in two languages and the JSON beside it. Pure but for the
//! templates; no store, no request.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;

use super::api::{analytics, summary};
use super::assets::{self, Assets};
use super::face::{Face, Source};
use super::faces::{FaceMap, Pair, Shared};
use super::public::door;
use super::public::legal::{self, Kind};
use super::public::link_page;
use super::public::media_kit::{self, Choice, Reach};
use super::security::Https;
use crate::domain::media_kit::{KitInput, MediaKit, Panel};
use crate::domain::platform::About;
use crate::domain::share::Access;
use crate::domain::text::Lang;

/// Where the link page lives.
pub const HOME: &str = "/";
/// Where the media kit lives.
pub const PAGE: &str = "/mediakit";
/// Where the follower summary lives.
pub const SUMMARY: &str = "/api/mediakit/follower-summary";
/// Where a platform's numbers live, before its id.
pub const ANALYTICS: &str = "/api/mediakit/analytics/";

/// How long a public page may be kept: until it is asked for again.
const ASKED_AGAIN: &str = "no-cache";
/// The same for a page behind a link: nobody in between keeps it.
const FOR_ONE: &str = "private, no-cache";

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
}

/// Renders every public answer of `kit`.
pub fn all(kit: &MediaKit, site: &Site, now: Timestamp) -> FaceMap {
    let mut faces: HashMap<String, Pair> = site.assets.faces.clone();
    let access = kit.creator.access;
    match access {
        Access::Public => faces.extend(of_kit(kit, site, now)),
        Access::Gated => {
            drop(faces.insert(PAGE.to_owned(), in_both(site, ASKED_AGAIN, |lang| door::ask(kit, site, lang))))
        }
        Access::Private => {}
    }
    let numberless = (access != Access::Public).then(|| kit.without_numbers());
    let home = numberless.as_ref().unwrap_or(kit);
    faces.insert(HOME.to_owned(), in_both(site, ASKED_AGAIN, |lang| link_page::page(home, site, lang, now)));
    faces.extend(Kind::ALL.into_iter().flat_map(|kind| legal(kit, site, kind)));
    if let Some(picture) = &kit.picture {
        let jpeg = Bytes::from(picture.jpeg.clone());
        faces.insert(media_kit::picture_address(picture), assets::unchanging(jpeg, "image/jpeg", site.https));
    }
    let shared = Shared::default();
    FaceMap { faces, lang: kit.creator.lang.unwrap_or_default(), valid_until: kit.valid_until, shared }
}

/// Every answer that tells the kit's numbers. Whatever tells one belongs here, so that a kit that is not public is kept
/// back on all of them.
fn of_kit(kit: &MediaKit, site: &Site, now: Timestamp) -> HashMap<String, Pair> {
    let mut faces = pages(kit, site, Reach::Public, now);
    for panel in shown(kit) {
        if let Some(answer) = analytics::answer(panel) {
            faces.insert(format!("{ANALYTICS}{}", panel.about.id), json(&answer, site));
        }
    }
    faces.insert(SUMMARY.to_owned(), json(&summary::answer(&kit.summary), site));
    faces
}

/// What those see who have a link to the kit: under the same addresses as the public answers have.
pub fn shared(input: &KitInput, site: &Site, now: Timestamp) -> FaceMap {
    let kit = MediaKit::build(input, &site.platforms, now);
    let faces = pages(&kit, site, Reach::Shared, now);
    let lang = kit.creator.lang.unwrap_or_default();
    FaceMap { faces, lang, valid_until: kit.valid_until, shared: Shared::default() }
}

/// The kit's page, and that page with the panel of each platform open.
fn pages(kit: &MediaKit, site: &Site, reach: Reach, now: Timestamp) -> HashMap<String, Pair> {
    let kept = if reach == Reach::Shared { FOR_ONE } else { ASKED_AGAIN };
    let page = |selected| in_both(site, kept, |lang| media_kit::page(kit, site, Choice { lang, selected, reach }, now));
    let of_platform = |panel: &Panel| (format!("{PAGE}?platform={}", panel.about.id), page(Some(panel.about.id)));
    shown(kit).map(of_platform).chain([(PAGE.to_owned(), page(None))]).collect()
}

fn shown(kit: &MediaKit) -> impl Iterator<Item = &Panel> {
    kit.panels.iter().filter(|panel| panel.snapshot.is_some() && !panel.hidden)
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
    FaceMap { faces, lang: map.lang, valid_until: map.valid_until, shared: map.shared.clone() }
}

/// The page of a kit that is not saved, in one language.
pub fn draft(kit: &MediaKit, site: &Site, lang: Lang, now: Timestamp) -> String {
    html(&media_kit::page(kit, site, Choice { lang, selected: None, reach: Reach::Preview }, now))
}

fn html(page: &impl Template) -> String {
    page.render().unwrap_or_else(|error| {
        tracing::error!(%error, "a public page could not be rendered");
        String::new()
    })
}

/// The legal notice or the privacy page under both its names; nothing while the facts are missing.
fn legal(kit: &MediaKit, site: &Site, kind: Kind) -> Vec<(String, Pair)> {
    let Some(facts) = &kit.legal else { return Vec::new() };
    let pair = in_both(site, ASKED_AGAIN, |lang| legal::page(kit, facts, site, kind, lang));
    kind.paths().map(|path| (path.to_owned(), pair.clone())).to_vec()
}

/// A page in both languages.
fn in_both<P: Template>(site: &Site, cache_control: &'static str, page: impl Fn(Lang) -> P) -> Pair {
    Lang::ALL.map(|lang| {
        let page = assets::plain(Bytes::from(html(&page(lang))), "text/html; charset=utf-8");
        let source = Source { lang: Some(lang), cache_control, ..page };
        Arc::new(Face::new(source, site.https))
    })
}

/// A JSON answer, the same in both languages and open to other sites' scripts.
pub fn json(value: &impl Serialize, site: &Site) -> Pair {
    let body = serde_json::to_vec(value).unwrap_or_default();
    let source = Source {
        body: Bytes::from(body),
        content_type: "application/json",
        cache_control: "no-cache",
        lang: None,
        open: true,
    };
    let face = Arc::new(Face::new(source, site.https));
    [face.clone(), face]
}
