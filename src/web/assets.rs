//! Style and script, built into the program. Their address carries a hash of their content, so they never go stale.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::face::{Face, Source, hex};
use super::faces::Pair;
use super::security::{Https, Reach};

const CSS: &str = concat!(include_str!("../../assets/tokens.css"), include_str!("../../assets/kit.css"));
const ADMIN_CSS: &str = concat!(include_str!("../../assets/tokens.css"), include_str!("../../assets/admin.css"));
const LINK_CSS: &str = concat!(include_str!("../../assets/tokens.css"), include_str!("../../assets/links.css"));
const EMBED_CSS: &str = concat!(include_str!("../../assets/tokens.css"), include_str!("../../assets/embed.css"));
const JS: &[u8] = include_bytes!("../../assets/kit.js");
/// The panel's scripts: `panel` is on every page, the others on the page of their name.
const SCRIPTS: &[(&str, &str)] = &[
    ("panel", include_str!("../../assets/admin/panel.js")),
    ("connections", include_str!("../../assets/admin/connections.js")),
    ("security", include_str!("../../assets/admin/security.js")),
    ("design", include_str!("../../assets/admin/design.js")),
    ("links", include_str!("../../assets/admin/links.js")),
    ("profile", include_str!("../../assets/admin/profile.js")),
    ("settings", include_str!("../../assets/admin/settings.js")),
    ("mediakit", include_str!("../../assets/admin/mediakit.js")),
];
/// The program's own icon.
pub const ICON: &str = include_str!("../../assets/icon.svg");
/// The cache rule of an answer whose address changes with its content.
pub const FOREVER: &str = "public, max-age=31536000, immutable";

/// The glyphs of the platforms, by id: inner markup of a 24 by 24 view box.
const GLYPHS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/glyphs.rs"));

/// What never changes while the program runs.
#[derive(Debug, Default)]
pub struct Assets {
    /// Finished answers by address.
    pub faces: HashMap<String, Pair>,
    /// The style's address.
    pub css: String,
    /// The address of the link page's style.
    pub link_css: String,
    /// The address of the style of what other sites show in a frame.
    pub embed_css: String,
    /// The script's address.
    pub js: String,
    /// The address of the panel's style.
    pub admin_css: String,
    /// The addresses of the panel's scripts, by name.
    pub scripts: BTreeMap<&'static str, String>,
}

impl Assets {
    /// The built-in files under their hashed addresses.
    pub fn new(https: Https) -> Self {
        let mut assets = Self::default();
        let (css, js) = ("text/css; charset=utf-8", "text/javascript; charset=utf-8");
        assets.css = assets.file("kit", "css", css, CSS.as_bytes(), https);
        assets.link_css = assets.file("links", "css", css, LINK_CSS.as_bytes(), https);
        assets.embed_css = assets.file("embed", "css", css, EMBED_CSS.as_bytes(), https);
        assets.js = assets.file("kit", "js", js, JS, https);
        assets.admin_css = assets.file("admin", "css", css, ADMIN_CSS.as_bytes(), https);
        for (name, script) in SCRIPTS {
            let address = assets.file(name, "js", js, script.as_bytes(), https);
            assets.scripts.insert(name, address);
        }
        assets
    }

    fn file(&mut self, name: &str, ext: &str, kind: &'static str, body: &'static [u8], https: Https) -> String {
        let address = format!("/assets/{name}.{}.{ext}", hex(&Sha256::digest(body), 12));
        self.faces.insert(address.clone(), unchanging(Bytes::from_static(body), kind, https));
        address
    }

    /// Adds an answer that never changes.
    pub fn add(&mut self, address: &str, source: Source, https: Https) {
        self.faces.insert(address.to_owned(), pair(source, https));
    }
}

/// An answer whose address changes with its content: browsers keep it for ever.
pub fn unchanging(body: Bytes, content_type: &'static str, https: Https) -> Pair {
    pair(Source { cache_control: FOREVER, ..plain(body, content_type) }, https)
}

fn pair(source: Source, https: Https) -> Pair {
    let face = Arc::new(Face::new(source, https));
    [face.clone(), face]
}

/// A fixed document that clients ask about again before they use their copy.
pub const fn plain(body: Bytes, content_type: &'static str) -> Source {
    Source { body, content_type, cache_control: "no-cache", lang: None, reach: Reach::Own, name: None }
}

/// A platform's glyph; one without its own gets the general one.
pub fn glyph(platform: &str) -> &'static str {
    let of = |id: &str| GLYPHS.iter().find(|(name, _)| *name == id).map(|(_, markup)| markup.trim_end());
    of(platform).or_else(|| of("generic")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_platform_has_the_general_glyph() {
        assert!(!glyph("x").is_empty());
        assert_eq!(glyph("myspace"), glyph("generic"));
    }

    #[test]
    fn what_the_build_writes_names_no_folder_of_this_machine() {
        let written = include_str!(concat!(env!("OUT_DIR"), "/glyphs.rs"));
        assert!(!written.contains(env!("CARGO_MANIFEST_DIR")));
    }

    #[test]
    fn addresses_carry_the_content_hash() {
        let assets = Assets::new(Https(false));
        assert!(assets.css.starts_with("/assets/kit."));
        assert!(assets.faces.contains_key(&assets.css));
        assert!(assets.faces.contains_key(&assets.js));
    }
}
