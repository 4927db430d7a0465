//! How a page looks, as its template takes it: attributes of the root element and the stylesheet of the owner's accent.

use bytes::Bytes;

use crate::domain::design::{Accent, Colour};
use crate::domain::profile::Creator;
use crate::web::assets::{FOREVER, plain};
use crate::web::face::Source;

/// What the root element of a page carries.
pub struct Look {
    /// The theme.
    pub theme: String,
    /// The typeface.
    pub font: String,
    /// The layout.
    pub layout: String,
    /// The stylesheet of the owner's accent.
    pub accent_href: Option<String>,
}

impl Look {
    /// As the creator chose.
    pub fn of(creator: &Creator) -> Self {
        let accent = creator.accent.as_deref().and_then(Colour::read);
        Self {
            theme: creator.theme.clone(),
            font: creator.font.clone(),
            layout: creator.layout.clone(),
            accent_href: accent.map(|colour| format!("{ACCENT}{}.css", colour.hex().trim_start_matches('#'))),
        }
    }

    /// The look of pages that belong to nobody: errors and the description of the API.
    pub fn plain() -> Self {
        let of = str::to_owned;
        Self { theme: of("paper"), font: of("system"), layout: of("wide"), accent_href: None }
    }
}

/// Where stylesheets of accents live, before the colour.
const ACCENT: &str = "/assets/accent.";

/// The stylesheet at an address of [`Look::accent_href`].
pub fn accent(path: &str) -> Option<Source> {
    let digits = path.strip_prefix(ACCENT)?.strip_suffix(".css")?;
    let css = Accent::of(Colour::read(&format!("#{digits}"))?).css();
    Some(Source { cache_control: FOREVER, ..plain(Bytes::from(css), "text/css; charset=utf-8") })
}
