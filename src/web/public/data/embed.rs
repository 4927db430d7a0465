//! `/embed`: the summary, small, for a frame on other sites' pages. No script, nothing to sign in to; its links open in a
//! tab of their own.

use askama::Template;
use jiff::Timestamp;

use crate::domain::media_kit::MediaKit;
use crate::domain::text::Lang;
use crate::web::assets::glyph;
use crate::web::public::figures::Reader;
use crate::web::public::look::Look;
use crate::web::public::view::{Glyph, Summary};
use crate::web::public::{media_kit, sums};
use crate::web::render::{PAGE, Site};
use crate::web::words::{Words, words};

/// What a frame is wide and high at best, in CSS pixels: without accounts, and what each adds.
pub const WIDTH: u32 = 420;
const HEIGHT: u32 = 248;
const HEIGHT_OF_ONE: u32 = 58;

/// The page as its template takes it.
#[derive(Template)]
#[template(path = "public/embed.html", whitespace = "minimize")]
pub struct EmbedPage<'a> {
    lang: &'a str,
    w: &'static Words,
    look: Look,
    css_href: &'a str,
    kit_href: String,
    name: String,
    glyphs: Vec<Glyph>,
    summary: Option<Summary>,
}

/// How high a frame shows all of it.
pub fn height(kit: &MediaKit) -> u32 {
    HEIGHT + HEIGHT_OF_ONE * u32::try_from(kit.summary.parts.len()).unwrap_or(0)
}

/// The page of `kit` for a reader at `now`.
pub fn page<'a>(kit: &MediaKit, site: &'a Site, lang: Lang, now: Timestamp) -> EmbedPage<'a> {
    let shown = kit.summary.parts.iter().map(|part| part.platform);
    EmbedPage {
        lang: lang.tag(),
        w: words(lang),
        look: Look::of(&kit.creator),
        css_href: &site.assets.embed_css,
        kit_href: site.address(PAGE, lang),
        name: media_kit::name(kit, lang),
        glyphs: shown.map(|id| Glyph { platform: id.to_owned(), markup: glyph(id) }).collect(),
        summary: sums::summary(kit, Reader { lang, now, keeps: false }),
    }
}
