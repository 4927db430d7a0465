//! What is in a block of each kind. Every field may be missing in what is stored: a new one has a meaning when it is.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Who it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hero {
    /// In place of the profile's text.
    pub line: Option<String>,
    /// Whether the picture is shown.
    pub picture: bool,
    /// Whether the place is shown.
    pub location: bool,
    /// Whether the contact is shown.
    pub contact: bool,
}

impl Default for Hero {
    fn default() -> Self {
        Self { line: None, picture: true, location: true, contact: true }
    }
}

/// The follower summary.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stats {
    /// In place of the usual heading.
    pub heading: Option<String>,
    /// What no platform says.
    pub items: Vec<Fact>,
}

/// A number the creator typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What it counts.
    pub label: String,
    /// The number, as it was typed.
    pub value: String,
    /// The day it was typed.
    #[serde(default)]
    pub typed_on: Option<Date>,
}

/// The numbers of each platform.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Platforms {
    /// In place of the usual heading.
    pub heading: Option<String>,
}

/// Who follows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Audience {
    /// In place of the usual heading.
    pub heading: Option<String>,
    /// Where the creator read the shares.
    pub source: Option<String>,
    /// The shares.
    pub items: Vec<Share>,
}

/// A part of the audience.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// What it is a part by.
    pub group: Group,
    /// Who.
    pub label: String,
    /// How many of a thousand.
    pub permille: i64,
    /// The day it was typed.
    #[serde(default)]
    pub typed_on: Option<Date>,
}

/// What an audience is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Where they live.
    Country,
    /// How old they are.
    Age,
    /// Their gender.
    Gender,
    /// What they speak.
    Language,
    /// What they care about.
    Interest,
}

/// Past work with brands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Partners {
    /// In place of the usual heading.
    pub heading: Option<String>,
    /// The works, in the creator's order.
    pub items: Vec<Partner>,
}

/// A work with a brand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partner {
    /// The brand.
    pub brand: String,
    /// What was made.
    pub what: Option<String>,
    /// What came of it.
    pub result: Option<String>,
    /// The month, as `2026-09`.
    pub month: Option<String>,
    /// Where it can be seen.
    pub link: Option<String>,
    /// What the brand gave for it.
    pub disclosure: Disclosure,
    /// The day the result was typed.
    #[serde(default)]
    pub typed_on: Option<Date>,
}

/// What a brand gave for a work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disclosure {
    /// Money.
    Paid,
    /// The product.
    Gifted,
    /// A part of the sales.
    Affiliate,
    /// Nothing: it was the creator's own idea.
    Own,
}

/// Packages and prices.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rates {
    /// In place of the usual heading.
    pub heading: Option<String>,
    /// The currency of every price.
    pub currency: Currency,
    /// What holds for all of them: taxes, travel, how long they hold.
    pub note: Option<String>,
    /// The packages, in the creator's order.
    pub items: Vec<Package>,
}

/// A currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Currency {
    /// The euro.
    #[default]
    #[serde(rename = "EUR")]
    Euro,
    /// The Swiss franc.
    #[serde(rename = "CHF")]
    Franc,
    /// The pound.
    #[serde(rename = "GBP")]
    Pound,
    /// The dollar of the United States.
    #[serde(rename = "USD")]
    Dollar,
}

/// Something to book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// What it is called.
    pub name: String,
    /// Its price in cents; on request when there is none.
    pub price: Option<i64>,
    /// Whether that is the least it costs.
    #[serde(default)]
    pub least: bool,
    /// What is in it, a line each.
    pub includes: Option<String>,
}

/// A text, plain or in Markdown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Words {
    /// Above it.
    pub heading: Option<String>,
    /// The text.
    pub text: String,
}

/// A request with a button.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CallToAction {
    /// The request.
    pub heading: String,
    /// More about it.
    pub text: Option<String>,
    /// What stands on the button.
    pub label: Option<String>,
    /// Where it leads; to the profile's contact when there is none.
    pub link: Option<String>,
}

/// A link to a video.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Video {
    /// In place of the usual heading.
    pub heading: Option<String>,
    /// What the video is called.
    pub title: String,
    /// Where it is.
    pub link: String,
    /// What there is to see.
    pub text: Option<String>,
}
