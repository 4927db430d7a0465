//! The blocks of the media kit: what the creator adds to the numbers and in which order all of it stands. Each kind has
//! a typed body and a [`Shape`] from which its form, its checks and its JSON are drawn.

pub mod body;
pub mod input;
pub mod shape;
mod shapes;

use jiff::civil::Date;
use serde_json::Value as Json;

use super::text::Text;
use body::{Audience, CallToAction, Hero, Partners, Platforms, Rates, Stats, Video, Words};
use shape::Shape;

/// At most this many blocks make a kit.
pub const MOST_BLOCKS: usize = 40;

/// A block of the kit.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The row's id; 0 before it has one.
    pub id: i64,
    /// Whether visitors do not see it.
    pub hidden: bool,
    /// Counts the changes of its body, so that a form that was opened before one is told.
    pub version: i64,
    /// What is in it.
    pub body: Body,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident($body:ty, $shape:ident, $many:literal) = $name:literal,
        $de:literal, $en:literal, $why_de:literal, $why_en:literal;)*) => {
        /// What a block is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        /// What is in a block.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Body {
            $($(#[$doc])* $kind($body),)*
        }

        impl Kind {
            /// Every kind, in the order in which they are offered.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The kind's name in the store and in addresses.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// What people call it.
            pub const fn title(self) -> Text {
                match self { $(Self::$kind => Text::new($de, $en),)* }
            }

            /// What it is for.
            pub const fn purpose(self) -> Text {
                match self { $(Self::$kind => Text::new($why_de, $why_en),)* }
            }

            /// Whether a kit may have several of it.
            pub const fn many(self) -> bool {
                match self { $(Self::$kind => $many,)* }
            }

            /// The fields of its form.
            pub const fn shape(self) -> &'static Shape {
                match self { $(Self::$kind => &shapes::$shape,)* }
            }

            /// A body of this kind from its JSON.
            pub fn body(self, json: Json) -> Result<Body, serde_json::Error> {
                match self { $(Self::$kind => serde_json::from_value(json).map(Body::$kind),)* }
            }
        }

        impl Body {
            /// What the block is.
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$kind(_) => Kind::$kind,)* }
            }

            /// The JSON that [`Kind::body`] reads.
            pub fn to_json(&self) -> Json {
                match self { $(Self::$kind(body) => serde_json::to_value(body),)* }.unwrap_or_default()
            }
        }
    };
}

kinds! {
    /// Who it is: picture, name, a line, the contact.
    Hero(Hero, HERO, false) = "hero", "Kopf", "Hero",
        "Bild, Name, ein Satz und der Kontakt.", "Picture, name, a sentence and the contact.";
    /// The follower summary, and facts the creator adds.
    Stats(Stats, STATS, false) = "stats", "Zahlen im Überblick", "Stats",
        "Die Summe aller Follower mit ihren Teilen, dazu eigene Angaben.",
        "The sum of all followers with its parts, and facts of your own.";
    /// The numbers of each platform.
    Platforms(Platforms, PLATFORMS, false) = "platforms", "Plattformen", "Platforms",
        "Die Zahlen jeder Plattform, jede mit ihrer Quelle.", "The numbers of each platform, each with its source.";
    /// Who follows.
    Audience(Audience, AUDIENCE, true) = "audience", "Publikum", "Audience",
        "Länder, Alter und mehr, als Anteile.", "Countries, ages and more, as shares.";
    /// Past work with brands.
    Partners(Partners, PARTNERS, true) = "partners", "Zusammenarbeit", "Past work",
        "Was du mit Marken gemacht hast und was es gebracht hat.", "What you did with brands, and what came of it.";
    /// Packages and prices.
    Rates(Rates, RATES, true) = "rates", "Pakete und Preise", "Rates",
        "Was man bei dir buchen kann und was es kostet.", "What can be booked, and what it costs.";
    /// A text.
    Text(Words, TEXT, true) = "text", "Text", "Text",
        "Eine Überschrift und ein paar Absätze.", "A heading and a few paragraphs.";
    /// A request with a button.
    CallToAction(CallToAction, CALL_TO_ACTION, true) = "call-to-action", "Aufforderung", "Call to action",
        "Ein Satz und ein Knopf, der zu dir führt.", "A sentence and a button that leads to you.";
    /// A link to a video.
    Video(Video, VIDEO, true) = "video", "Video", "Video",
        "Eine Karte, die zum Video führt. Nichts wird von dort geladen, bevor jemand klickt.",
        "A card that leads to the video. Nothing is loaded from there before somebody clicks.";
    /// A text in Markdown.
    Markdown(Words, MARKDOWN, true) = "markdown", "Freier Text (Markdown)", "Custom text (Markdown)",
        "Text mit Listen, Links und Betonung.", "Text with lists, links and emphasis.";
}

impl Kind {
    /// The kind with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

impl Body {
    /// Whether visitors would see nothing of it: it waits to be filled in.
    pub const fn is_empty(&self) -> bool {
        match self {
            Self::Audience(body) => body.items.is_empty(),
            Self::Partners(body) => body.items.is_empty(),
            Self::Rates(body) => body.items.is_empty(),
            Self::Text(body) | Self::Markdown(body) => body.text.is_empty(),
            Self::Video(body) => body.link.is_empty(),
            Self::Hero(_) | Self::Stats(_) | Self::Platforms(_) | Self::CallToAction(_) => false,
        }
    }

    /// What tells this block from others of its kind: its heading, or what stands in its place.
    pub fn caption(&self) -> Option<&str> {
        match self {
            Self::Hero(body) => body.line.as_deref(),
            Self::Stats(body) => body.heading.as_deref(),
            Self::Platforms(body) => body.heading.as_deref(),
            Self::Audience(body) => body.heading.as_deref(),
            Self::Partners(body) => body.heading.as_deref(),
            Self::Rates(body) => body.heading.as_deref(),
            Self::Text(body) | Self::Markdown(body) => body.heading.as_deref(),
            Self::CallToAction(body) => Some(&body.heading).filter(|text| !text.is_empty()).map(String::as_str),
            Self::Video(body) => Some(&body.title).filter(|text| !text.is_empty()).map(String::as_str),
        }
    }

    /// The same with the day beside each claim the creator typed: the day it had in `before` while it says the same,
    /// else `today`.
    pub fn dated(self, before: Option<&Self>, today: Date) -> Self {
        let kind = self.kind();
        let before = before.filter(|before| before.kind() == kind).map(Self::to_json);
        let json = kind.shape().dated(self.to_json(), before.as_ref(), today);
        kind.body(json).unwrap_or(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_object_is_a_body_of_every_kind_and_reads_back() {
        for kind in Kind::ALL {
            let body = kind.body(serde_json::json!({})).unwrap();
            assert_eq!((body.kind(), Kind::named(kind.name())), (*kind, Some(*kind)));
            assert_eq!(kind.body(body.to_json()).unwrap(), body);
        }
    }

    #[test]
    fn every_field_of_a_form_is_a_field_of_its_body() {
        for kind in Kind::ALL {
            let Json::Object(body) = kind.body(serde_json::json!({})).unwrap().to_json() else { panic!("{kind:?}") };
            let rows = kind.shape().rows.map(|_| "items");
            let mut fields: Vec<&str> = kind.shape().fields.iter().map(|field| field.name).chain(rows).collect();
            let mut known: Vec<&str> = body.keys().map(String::as_str).collect();
            fields.sort_unstable();
            known.sort_unstable();
            assert_eq!(fields, known, "{kind:?}");
        }
    }
}
