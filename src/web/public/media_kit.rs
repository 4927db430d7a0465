//! From a [`MediaKit`] to its page. Pure: the same kit, reader and time give the same page.

use jiff::Timestamp;

use super::check::CHECK;
use super::figures::Reader;
use super::legal::Kind;
use super::look::Look;
use super::share::SHARES;
use super::view::{Glyph, Hero, MediaKitPage};
use super::{bands, data, notices, panels, sums, when};
use crate::domain::block::body;
use crate::domain::media_kit::MediaKit;
use crate::domain::number::short_in;
use crate::domain::picture::Picture;
use crate::domain::text::Lang;
use crate::web::assets::glyph;
use crate::web::paper;
use crate::web::render::{PAGE, Site};
use crate::web::words::{self, words};

/// What the reader chose.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// The language.
    pub lang: Lang,
    /// The platform whose panel is open.
    pub selected: Option<&'a str>,
    /// For whom it is.
    pub shown: Shown<'a>,
    /// Whether it is kept, on paper.
    pub keeps: bool,
}

/// For whom a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown<'a> {
    /// For everybody.
    Public,
    /// For those who have the link with this address: search engines do not list it, and it names no public address.
    Shared(&'a str),
    /// For the owner, before it is saved.
    Preview,
}

/// The page of `kit` for a reader at `now`.
pub fn page<'a>(kit: &'a MediaKit, site: &'a Site, choice: Choice<'_>, now: Timestamp) -> MediaKitPage<'a> {
    let (lang, reader) = (choice.lang, Reader { lang: choice.lang, now, keeps: choice.keeps });
    let name = name(kit, lang);
    let bands = bands::bands(kit, reader);
    let first_start = kit.creator.name.is_empty() && kit.panels.is_empty();
    let other = lang.other().tag();
    let other_lang_href = match choice.selected {
        Some(platform) => format!("?platform={platform}&lang={other}"),
        None => format!("?lang={other}"),
    };
    MediaKitPage {
        lang: lang.tag(),
        w: words(lang),
        look: Look::of(&kit.creator),
        css_href: &site.assets.css,
        js_href: &site.assets.js,
        canonical: match choice.shown {
            Shown::Shared(address) => site.address(&format!("{SHARES}{address}"), lang),
            Shown::Public | Shown::Preview => site.address(PAGE, lang),
        },
        alternates: Lang::ALL.map(|lang| (lang.tag(), site.address(PAGE, lang))),
        discovery: data::links(site, PAGE, lang),
        json_ld: data::json_ld::text(kit, site, lang),
        other_lang_href,
        // There is nothing to print before the first entry.
        pdf_href: (!first_start).then(|| match choice.shown {
            Shown::Shared(address) => format!("{SHARES}{address}{}?lang={}", paper::PDF, lang.tag()),
            Shown::Public | Shown::Preview => format!("{}?lang={}", paper::PDF, lang.tag()),
        }),
        card: paper::card_of(site, lang),
        description: description(kit, &name, lang),
        name,
        public: choice.shown == Shown::Public,
        preview: choice.shown == Shown::Preview,
        check_href: (site.live && choice.shown == Shown::Public && !kit.panels.is_empty())
            .then(|| format!("{CHECK}?lang={}", lang.tag())),
        bands,
        glyphs: kit
            .panels
            .iter()
            .map(|panel| Glyph { platform: panel.about.id.to_owned(), markup: glyph(panel.about.id) })
            .collect(),
        notice: notices::of_kit(kit, reader),
        summary: sums::summary(kit, reader),
        panels: panels::panels(kit, choice.selected, reader),
        first_start,
        generated: format!("{} UTC", when::full(now, lang)),
        imprint_href: Kind::Imprint.href(kit, lang),
        privacy_href: Kind::Privacy.href(kit, lang),
    }
}

/// For search engines and link previews: what the creator says, or name and total.
pub fn description(kit: &MediaKit, name: &str, lang: Lang) -> String {
    let told = kit.creator.bio.clone();
    told.unwrap_or_else(|| {
        if kit.summary.parts.is_empty() {
            return name.to_owned();
        }
        let total = short_in(kit.summary.total, lang);
        words::DESCRIPTION.get(lang).replace("{name}", name).replace("{total}", &total)
    })
}

/// The creator's name, or what the page is before there is one.
pub fn name(kit: &MediaKit, lang: Lang) -> String {
    let name = &kit.creator.name;
    if name.is_empty() { words(lang).doc_kind.to_owned() } else { name.clone() }
}

/// Who it is, as the block says.
pub fn hero(kit: &MediaKit, block: &body::Hero, lang: Lang) -> Hero {
    let creator = &kit.creator;
    let name = name(kit, lang);
    Hero {
        monogram: if creator.name.is_empty() { "M".to_owned() } else { monogram(&name) },
        name,
        bio: block.line.clone().or_else(|| creator.bio.clone()),
        location: creator.location.clone().filter(|_| block.location),
        has_picture: block.picture,
        picture: kit.picture.as_ref().map(picture_address),
        contact_href: contact_href(kit).filter(|_| block.contact),
    }
}

/// Where brands reach the creator.
pub fn contact_href(kit: &MediaKit) -> Option<String> {
    kit.creator.contact.as_deref().map(contact)
}

/// Where a picture is served: its name changes with its content.
pub fn picture_address(picture: &Picture) -> String {
    format!("/picture/{}.jpg", picture.name)
}

fn contact(contact: &str) -> String {
    let web = contact.starts_with("http://") || contact.starts_with("https://");
    if web { contact.to_owned() } else { format!("mailto:{contact}") }
}

/// The first letters of the first two words; of the first alone in a script without capitals, whose letters may join.
fn monogram(name: &str) -> String {
    let letters = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let capitals: Vec<char> = letters.flat_map(char::to_uppercase).collect();
    let most = if capitals.first().is_some_and(|first| first.is_uppercase()) { 2 } else { 1 };
    capitals.into_iter().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monograms_are_the_first_letters() {
        assert_eq!(monogram("mara festa builds"), "MF");
        assert_eq!(monogram("Ärger"), "Ä");
        assert_eq!(monogram("مريم الحسيني"), "م");
        assert_eq!(monogram("🚲"), "");
    }
}
