//! The kit on paper and in pictures: PDF, card, badges, QR code and icons. Each is a pure function of the kit, made when it
//! is first asked for (`web::lazy`) and never ahead. Draws on the same finished texts as the page; formats no number.

mod badge;
mod blocks;
mod card;
mod drawings;
mod figures;
mod icon;
mod kit;
mod letters;
mod palette;
mod pen;
mod press;
mod prose;
mod sheet;
mod svg;

use std::sync::Arc;

use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use bytes::Bytes;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::assets;
use super::error::Error;
use super::face::{Face, Source};
use super::faces::Pair;
use super::public::media_kit::{self, Choice, Shown};
use super::public::share::is_public;
use super::public::when;
use super::render::Site;
use super::security::Reach;
use super::state::State;
use crate::domain::media_kit::MediaKit;
use crate::domain::share::Access;
use crate::domain::text::{Lang, plain};
use badge::Badge;
use letters::Letters;
use palette::Palette;
use svg::Svg;

/// Where the kit lies as a PDF.
pub const PDF: &str = "/mediakit.pdf";
/// Where the picture for previews of links lies.
pub const CARD: &str = "/card.png";
/// Where the code that leads to the page lies.
const QR: &str = "/qr.svg";

/// The address of the picture for previews of links.
pub fn card_of(site: &Site, lang: Lang) -> String {
    format!("{}{CARD}?lang={}", site.public_url, lang.tag())
}

/// Every address, as the router takes it.
pub const ADDRESSES: [&str; 9] = [
    PDF,
    CARD,
    "/badge/{badge}",
    QR,
    "/favicon.svg",
    "/favicon.ico",
    "/apple-touch-icon.png",
    "/icon-192.png",
    "/icon-512.png",
];

/// How the addresses begin that tell numbers.
const TELLING: [&str; 3] = [PDF, CARD, "/badge/"];

fn tells(path: &str) -> bool {
    TELLING.iter().any(|begin| path.starts_with(begin))
}

/// What there is at an address; `None` when there is nothing. `live` is where the page itself is, in `lang`.
pub fn make(path: &str, kit: &MediaKit, site: &Site, (live, lang): (&str, Lang), now: Timestamp) -> Option<Source> {
    let (svg, png) = ("image/svg+xml", "image/png");
    match path {
        PDF => pdf(kit, site, Shown::Public, (live, lang), now),
        CARD => Some(open(card(kit, site, lang, now)?, png, Some(lang))),
        QR => Some(open(drawings::qr(live)?.as_bytes().to_vec(), svg, Some(lang))),
        "/favicon.svg" => Some(open(icon::svg(kit)?.into_bytes(), svg, None)),
        "/favicon.ico" => Some(open(icon::ico(kit)?, "image/x-icon", None)),
        "/apple-touch-icon.png" => Some(open(icon::png(kit, 180)?, png, None)),
        "/icon-192.png" => Some(open(icon::png(kit, 192)?, png, None)),
        "/icon-512.png" => Some(open(icon::png(kit, 512)?, png, None)),
        _ => {
            let (id, form) = path.strip_prefix("/badge/")?.rsplit_once('.')?;
            let badge = Badge::of(id, kit, lang, now)?;
            match form {
                "svg" => Some(open(badge.svg()?.into_bytes(), svg, Some(lang))),
                "json" => Some(open(badge.json(), "application/json", Some(lang))),
                _ => None,
            }
        }
    }
}

/// Everything there is, by its address: what is else made when somebody asks for it. `live` says where the page is.
pub fn files(kit: &MediaKit, site: &Site, live: impl Fn(Lang) -> String, now: Timestamp) -> Vec<(String, Pair)> {
    let badges = kit.summary.parts.iter().map(|part| part.platform).chain(["total"]);
    let badges = badges.flat_map(|id| ["svg", "json"].map(|form| format!("/badge/{id}.{form}")));
    let fixed = ADDRESSES.iter().filter(|path| !path.contains('{')).map(|path| (*path).to_owned());
    let kept_back = |path: &String| kit.creator.access != Access::Public && (tells(path) || path == QR);
    let pair = |path: String| {
        let face = |lang| Some(Arc::new(Face::new(make(&path, kit, site, (&live(lang), lang), now)?, site.https)));
        let [Some(german), Some(english)] = Lang::ALL.map(face) else { return None };
        Some((path, [german, english]))
    };
    fixed.chain(badges).filter(|path| !kept_back(path)).filter_map(pair).collect()
}

/// A picture that other sites may show.
fn open(body: Vec<u8>, content_type: &'static str, lang: Option<Lang>) -> Source {
    Source { lang, reach: Reach::Scripts, ..assets::plain(Bytes::from(body), content_type) }
}

fn card(kit: &MediaKit, site: &Site, lang: Lang, now: Timestamp) -> Option<Vec<u8>> {
    let page = media_kit::page(kit, site, Choice { lang, selected: None, shown: Shown::Public, keeps: true }, now);
    let at = read_at(kit).unwrap_or_else(|| midnight(now));
    card::paint(kit, &page, &when::full(at, lang), lang)
}

/// The answer to whoever asks for one of these.
pub async fn show(state: State, method: Method, uri: Uri, headers: HeaderMap) -> Result<Response, Error> {
    if tells(uri.path()) {
        is_public(&state)?;
    }
    let face = state.lazy.face(&uri, &headers).await.ok_or(Error::NotFound)?;
    Ok(face.answer(&method, &headers).into_routed())
}

/// The kit as a PDF, for everybody or for whoever has a link, with the address of the page it is made of.
pub fn pdf(
    kit: &MediaKit,
    site: &Site,
    shown: Shown<'_>,
    (live, lang): (&str, Lang),
    now: Timestamp,
) -> Option<Source> {
    let letters = Letters::load()?;
    let page = media_kit::page(kit, site, Choice { lang, selected: None, shown, keeps: true }, now);
    let at = read_at(kit).unwrap_or_else(|| midnight(now));
    let print = kit::Print {
        lang,
        portrait: kit.picture.as_ref().map(|picture| Arc::new(picture.jpeg.clone())),
        palette: Palette::print(&kit.creator),
        as_of: when::full(at, lang),
        live,
        page: &page,
    };
    let sheet = kit::set(&print, &letters);
    let about = press::About {
        title: format!("{} · {}", page.name, page.w.doc_kind),
        description: page.description.clone(),
        author: page.name.clone(),
        lang: lang.tag(),
        at,
    };
    let body = press::print(&sheet, about, &letters, &Svg::new())?;
    Some(Source {
        body: Bytes::from(body),
        content_type: "application/pdf",
        cache_control: "no-cache",
        lang: Some(lang),
        reach: Reach::Own,
        name: Some(format!("mediakit-{}-{}.pdf", file_name(&page.name), at.to_zoned(TimeZone::UTC).date())),
    })
}

/// When the newest number was read.
fn read_at(kit: &MediaKit) -> Option<Timestamp> {
    let shown = kit.panels.iter().filter(|panel| !panel.hidden);
    shown.filter_map(|panel| panel.snapshot.as_ref()).map(|snapshot| snapshot.fetched_at).max()
}

fn midnight(now: Timestamp) -> Timestamp {
    let start = now.to_zoned(TimeZone::UTC).start_of_day();
    start.map_or(now, |start| start.timestamp())
}

/// A name as part of a file's.
fn file_name(name: &str) -> String {
    let name = plain(name, 60);
    if name.is_empty() { "kit".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_plain() {
        for (name, file) in [
            ("Mara Feldkamp", "mara-feldkamp"),
            ("Jürgen Groß", "juergen-gross"),
            ("../../etc\"; x=\"1\r\n", "etc-x-1"),
            ("مريم", "kit"),
            ("", "kit"),
        ] {
            assert_eq!(file_name(name), file);
        }
        assert_eq!(file_name(&"a ".repeat(99)).len(), 59);
    }
}
