//! The two languages the product speaks. A text is always both, so that a missing translation does not compile.

use serde::{Deserialize, Serialize};

/// A name as an address or a file's name can hold it: lower case, ASCII letters and digits, at most `most` of them; empty
/// when nothing of it is left.
pub fn plain(name: &str, most: usize) -> String {
    let spelled = name.to_lowercase().replace('ä', "ae").replace('ö', "oe").replace('ü', "ue").replace('ß', "ss");
    let words = spelled.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join("-");
    name.get(..most).unwrap_or(&name).trim_end_matches('-').to_owned()
}

/// A language of the reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// German, the product's first language.
    #[default]
    De,
    /// English.
    En,
}

impl Lang {
    /// Both languages, German first.
    pub const ALL: [Self; 2] = [Self::De, Self::En];

    /// The language's BCP 47 tag: `de` or `en`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::En => "en",
        }
    }

    /// The text of this language, for templates: both stand side by side there.
    pub const fn pick<'t>(&self, de: &'t str, en: &'t str) -> &'t str {
        match self {
            Self::De => de,
            Self::En => en,
        }
    }

    /// The other of the two languages.
    pub const fn other(self) -> Self {
        match self {
            Self::De => Self::En,
            Self::En => Self::De,
        }
    }

    /// Reads a tag such as `en`, `en-GB` or `DE`; anything else is `None`.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|lang| lang.tag().eq_ignore_ascii_case(primary))
    }

    /// The language an `Accept-Language` header asks for; `None` when it names neither.
    ///
    /// Quality values are obeyed (RFC 9110, section 12.5.4); entries that cannot be read are skipped.
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let mut best: Option<(Self, f32)> = None;
        for entry in header.split(',').take(32) {
            let mut parts = entry.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let quality = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok());
            if let (Some(lang), Some(quality)) = (Self::from_tag(tag), quality)
                && quality > 0.0
                && best.is_none_or(|(_, q)| quality > q)
            {
                best = Some((lang, quality));
            }
        }
        best.map(|(lang, _)| lang)
    }
}

/// A sentence or word in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// German, with "du".
    pub de: &'static str,
    /// Plain English.
    pub en: &'static str,
}

impl Text {
    /// A text from its two languages.
    pub const fn new(de: &'static str, en: &'static str) -> Self {
        Self { de, en }
    }

    /// The text in `lang`.
    pub const fn get(self, lang: Lang) -> &'static str {
        match lang {
            Lang::De => self.de,
            Lang::En => self.en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_with_the_highest_quality_wins() {
        assert_eq!(Lang::from_accept_language("en-GB,en;q=0.9,de;q=0.8"), Some(Lang::En));
        assert_eq!(Lang::from_accept_language("fr, de;q=0.3, en;q=0.7"), Some(Lang::En));
        assert_eq!(Lang::from_accept_language("en;q=0, de"), Some(Lang::De));
    }

    #[test]
    fn what_cannot_be_read_asks_for_nothing() {
        for header in ["", "*", "fr", "en;q=x", ";;;,,,"] {
            assert_eq!(Lang::from_accept_language(header), None, "{header:?}");
        }
    }
}
