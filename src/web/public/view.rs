//! The media kit page as its template takes it: texts finished for the reader's language, no rules.

use askama::Template;

use super::charts::ChartView;
use super::look::Look;
use crate::web::words::Words;

/// The public media kit, one struct per page. All texts are finished for the reader's language.
#[derive(Template)]
#[template(path = "public/media_kit.html", whitespace = "minimize")]
pub struct MediaKitPage<'a> {
    /// "de" or "en".
    pub lang: &'a str,
    pub w: &'static Words,
    pub look: Look,
    pub css_href: &'a str,
    pub js_href: &'a str,
    pub canonical: String,
    /// The page in each language.
    pub alternates: [(&'static str, String); 2],
    /// The same numbers in other forms.
    pub discovery: Vec<DataLink>,
    /// JSON-LD, with nothing in it that could end its element.
    pub json_ld: String,
    pub other_lang_href: String,
    /// Where the kit lies as a PDF.
    pub pdf_href: Option<String>,
    /// The picture that previews of links show.
    pub card: String,
    /// For search engines and link previews: bio, or name and total.
    pub description: String,
    pub name: String,
    /// What the page shows, from top to bottom.
    pub bands: Vec<Band>,
    /// Whether everybody may see it; else it names no public address.
    pub public: bool,
    /// Shown to its owner before it is saved: nothing on it leads anywhere and no script runs.
    pub preview: bool,
    /// Where visitors have the numbers checked.
    pub check_href: Option<String>,
    /// One glyph per platform that appears anywhere on the page.
    pub glyphs: Vec<Glyph>,
    /// About the page as a whole: nothing answered at the last refresh, the database is away.
    pub notice: Option<Notice>,
    /// `None` when the profile has no handles: the page then says that numbers will come.
    pub summary: Option<Summary>,
    /// Accounts with data, in the summary's order; exactly one is `selected`. May be empty.
    pub panels: Vec<Panel>,
    /// Nobody has set the kit up yet: neither a name nor an account.
    pub first_start: bool,
    /// "22. Nov. 2026, 13:05 UTC"
    pub generated: String,
    pub imprint_href: Option<String>,
    pub privacy_href: Option<String>,
}

impl MediaKitPage<'_> {
    /// Whether a hero is on it; else the page's heading is for assistive technology only.
    fn has_hero(&self) -> bool {
        self.bands.iter().any(|band| matches!(band, Band::Hero(_)))
    }

    /// Whether a number is on it: the page then explains its marks.
    pub fn has_numbers(&self) -> bool {
        self.summary.is_some() && self.bands.iter().any(Band::has_numbers)
    }
}

/// A form of the page for programs, named in its head.
pub struct DataLink {
    /// The media type.
    pub kind: &'static str,
    pub href: String,
    pub title: &'static str,
}

/// A block as the page shows it.
pub enum Band {
    Hero(Hero),
    /// The summary of the page, under this heading, with what the creator typed.
    Stats(Option<String>, Vec<FigureView>),
    /// The panels of the page, under this heading.
    Platforms(Option<String>),
    Audience(Section, Vec<Group>),
    Partners(Section, Vec<Work>),
    Rates(Section, Vec<Package>),
    Text(Section),
    /// The HTML of a Markdown text, made by `public::markdown` alone, and the text.
    Markdown(Section, String, String),
    Action(Section, Option<Button>),
    Video(Section, Film),
}

impl Band {
    /// Whether there are numbers in it that carry a mark.
    pub const fn has_numbers(&self) -> bool {
        matches!(self, Self::Stats(..) | Self::Platforms(_) | Self::Audience(..) | Self::Partners(..))
    }
}

/// What sections of text have in common.
pub struct Section {
    /// Its name on the page: "block-5".
    pub id: String,
    pub heading: Option<String>,
    /// Paragraphs of lines.
    pub text: Vec<Vec<String>>,
}

/// A part of the audience's description: the countries, the ages.
pub struct Group {
    /// "Länder", "Instagram: Länder"
    pub title: String,
    /// Empty where it is unknown: the figure then says why.
    pub rows: Vec<ShareRow>,
    /// Its id, its source line and what it opens to.
    pub figure: FigureView,
}

pub struct ShareRow {
    pub label: String,
    /// "62,5 %"
    pub share: String,
    pub permille: i64,
    /// Everybody else.
    pub is_rest: bool,
}

pub struct Work {
    pub brand: String,
    /// "Sept. 2026"
    pub month: Option<String>,
    pub text: Vec<Vec<String>>,
    /// What came of it, with its source line.
    pub result: Option<FigureView>,
    pub href: Option<String>,
    /// "Werbung, bezahlt"
    pub disclosure: Option<&'static str>,
}

pub struct Package {
    pub name: String,
    /// "ab 1.200 €", "auf Anfrage"
    pub price: String,
    pub includes: Vec<String>,
}

pub struct Button {
    pub label: String,
    pub href: String,
}

pub struct Film {
    pub title: String,
    pub href: String,
    /// "youtube.com"
    pub host: String,
}

pub struct Hero {
    pub name: String,
    pub bio: Option<String>,
    pub location: Option<String>,
    /// Whether there is a place for a picture.
    pub has_picture: bool,
    /// Address of the picture on this server, square.
    pub picture: Option<String>,
    /// One or two letters for the drawn plate shown without a picture.
    pub monogram: String,
    pub contact_href: Option<String>,
}

pub struct Glyph {
    /// A platform's id, or the name of one of our own icons.
    pub platform: String,
    /// Inner SVG for a 24 by 24 view box; written unescaped, so only ever the platform's own constant.
    pub markup: &'static str,
}

pub struct Notice {
    /// "info" or "warn".
    pub level: &'static str,
    pub text: String,
}

pub struct Summary {
    /// Label "Follower insgesamt"; provenance mark "sum"; source line "eigene Summe aus 4 Plattformen";
    /// details: formula, each part, threshold, oldest number. Unknown when nothing counts.
    pub total: FigureView,
    /// Every part is `owner_authorised`: the section is then headed as verified.
    pub all_verified: bool,
    /// "Davon 170,5k vom Konto selbst bestätigt." Left out when all or none are.
    pub verified_line: Option<String>,
    /// "Unvollständig: X fehlt in der Summe."
    pub incomplete: Option<String>,
    /// "Zuletzt aktualisiert heute 04:00 UTC."
    pub updated: Option<String>,
    /// Largest first.
    pub parts: Vec<Part>,
    /// Below the threshold, never fetched, hidden, older than 30 days, self-reported.
    pub left_out: Vec<LeftOut>,
}

pub struct Part {
    pub platform: &'static str,
    pub name: &'static str,
    /// As people write it: "@festas_builds".
    pub username: String,
    /// Sum of the shares before this one.
    pub offset_permille: u32,
    /// At least 1.
    pub share_permille: u32,
    /// "57,4 %"
    pub share: String,
    pub figure: FigureView,
}

pub struct LeftOut {
    pub platform: &'static str,
    pub name: &'static str,
    pub username: String,
    /// "unter 1.000", "älter als 30 Tage", "nur selbst angegeben"; `None` when the figure is unknown and says why itself.
    pub reason: Option<String>,
    pub figure: FigureView,
}

pub struct Panel {
    pub platform: &'static str,
    pub name: &'static str,
    pub username: String,
    pub profile_url: String,
    /// "?platform=tiktok#analytics", or a file of its own in the static export.
    pub href: String,
    pub selected: bool,
    /// Provenance of the account's numbers is `owner_authorised`.
    pub verified_account: bool,
    /// The platform's own badge.
    pub platform_badge: bool,
    /// Stale, failed, waiting, held.
    pub notice: Option<Notice>,
    /// "zuletzt aktualisiert heute 04:00 UTC"
    pub updated: String,
    /// The one that leads and is set large.
    pub lead: Option<FigureView>,
    /// The audience over days.
    pub growth: Option<ChartView>,
    /// The others.
    pub figures: Vec<Item>,
    /// Who the audience is made of.
    pub audience: Vec<Group>,
}

/// A place among the figures.
pub enum Item {
    One(Box<FigureView>),
    Switch(Switch),
}

/// One figure by several definitions, of which one is shown.
pub struct Switch {
    /// Its name on the page: "rate-tiktok".
    pub id: String,
    /// "Engagement-Rate"
    pub label: &'static str,
    /// "nach Followern" and the figure; the first is shown first.
    pub choices: Vec<(&'static str, FigureView)>,
}

pub struct FigureView {
    /// `<platform>.<key>`, for scripts and tests: "instagram.followers".
    pub id: String,
    /// "Follower"
    pub label: String,
    /// "104,7k", or "keine Angabe" when unknown.
    pub short: String,
    /// "104.731"; on paper it stands beside the short form. `None` when `short` is exact already.
    pub exact: Option<String>,
    /// Precision is `rounded` or `approximate`.
    pub approx: bool,
    pub provenance: Option<ProvenanceView>,
    /// "Meta Graph API · heute 04:00 · exakt"
    pub source_line: String,
    /// "fresh", "aged", "stale" or "unknown".
    pub freshness: &'static str,
    /// "2 Tage alt" from 26 hours on.
    pub age_text: Option<String>,
    /// Shown in place of the source line when unknown.
    pub unknown_reason: Option<String>,
    /// Label and value; empty with no `profile_url`: the figure does not open. Exact value, formula, window, sample, precision, API asked and answered, fetched at, first seen.
    pub details: Vec<(&'static str, String)>,
    pub profile_url: Option<String>,
}

pub struct ProvenanceView {
    /// "owner", "api", "page", "self" or "sum".
    pub mark: &'static str,
    pub text: &'static str,
}
