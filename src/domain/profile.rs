//! The creator: who the media kit is about and what they chose to show.

use serde::{Deserialize, Serialize};

use super::share::Access;
use super::text::Lang;

/// The audience a platform needs to be listed in the summary, unless the owner chose another.
pub const DEFAULT_THRESHOLD: i64 = 1000;

/// The largest least share, in per cent: above it nobody with three platforms would have a summary.
pub const MOST_LEAST_SHARE: i64 = 30;

/// A creator with the settings of their page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creator {
    /// The row's id.
    pub id: i64,
    /// The name on the page; empty before the first set-up.
    pub name: String,
    /// One line or a short paragraph about them.
    pub bio: Option<String>,
    /// Where they work from.
    pub location: Option<String>,
    /// Their picture: http(s) address or a path of this server.
    pub avatar_url: Option<String>,
    /// Where brands write to: an e-mail address or an http(s) address.
    pub contact: Option<String>,
    /// The page's theme, see `assets/kit.css`.
    pub theme: String,
    /// The smallest audience that is listed in the summary.
    pub threshold: i64,
    /// The smallest part of all followers that is listed in the summary, in per cent.
    pub least_share: i64,
    /// Whether visitors see nothing at all of a platform that is too small for the summary.
    pub hides_small: bool,
    /// The platforms in the owner's order; those that are missing follow, largest first.
    pub platform_order: Vec<String>,
    /// Private metrics the owner shows to everybody, as `platform.metric`.
    pub published: Vec<String>,
    /// The language of the pages for readers who ask for neither; German when unset.
    pub lang: Option<Lang>,
    /// The accent the owner picked, as `#rrggbb`; the theme's own when unset.
    pub accent: Option<String>,
    /// Which of the reader's fonts the pages are set in.
    pub font: String,
    /// How the pages are laid out.
    pub layout: String,
    /// Who may see the kit without a link of their own.
    pub access: Access,
    /// Counts changes, so that a form that was opened before one is told.
    pub version: i64,
}

impl Creator {
    /// Whether the owner shows this private metric to everybody.
    pub fn publishes(&self, platform: &str, metric: &str) -> bool {
        self.published.iter().any(|entry| entry.split_once('.') == Some((platform, metric)))
    }
}
