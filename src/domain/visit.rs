//! Visits as they are counted: a number a day, a page, a link, a site or a country, and nothing about who.

/// What a visit is counted for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    /// A link of the link page that was followed.
    Link(i64),
    /// A page that was seen.
    Page(Page),
    /// The site whose link led here: its host; empty for those beyond the ones that are told apart.
    From(String),
    /// The country a proxy named, two letters.
    Country(String),
}

/// A page whose views are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Page {
    /// The link page.
    Links,
    /// The media kit.
    Kit,
    /// The frame on other sites.
    Embed,
}

impl Page {
    /// Every page.
    pub const ALL: [Self; 3] = [Self::Links, Self::Kit, Self::Embed];

    /// The page's name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Links => "links",
            Self::Kit => "mediakit",
            Self::Embed => "embed",
        }
    }
}

/// How often something was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// On this UTC day.
    pub today: i64,
    /// On the last thirty days, this one among them.
    pub month: i64,
}

/// What was counted on the last thirty days; each list with the most frequent first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visits {
    /// By page, under its name.
    pub pages: Vec<(String, Times)>,
    /// By the site that led here.
    pub from: Vec<(String, Times)>,
    /// By country.
    pub countries: Vec<(String, Times)>,
}
