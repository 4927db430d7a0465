//! How the pages look: what the owner can choose, and the guard that keeps a chosen colour readable.

use super::text::Text;

/// Something to choose: its name in the store, and what people call it.
pub type Choice = (&'static str, Text);

/// The themes, see `assets/tokens.css`.
pub const THEMES: &[Choice] = &[
    ("paper", Text::new("Papier", "Paper")),
    ("ink", Text::new("Tinte", "Ink")),
    ("neon", Text::new("Neon", "Neon")),
    ("sand", Text::new("Sand", "Sand")),
    ("forest", Text::new("Wald", "Forest")),
    ("mono", Text::new("Mono", "Mono")),
];

/// The typefaces: all of them are on the reader's device.
pub const FONTS: &[Choice] = &[
    ("system", Text::new("Wie das Thema", "As the theme has it")),
    ("serif", Text::new("Mit Serifen", "With serifs")),
    ("humanist", Text::new("Weich und offen", "Soft and open")),
    ("geometric", Text::new("Geometrisch", "Geometric")),
    ("slab", Text::new("Kräftig", "Sturdy")),
    ("typewriter", Text::new("Schreibmaschine", "Typewriter")),
];

/// The layouts.
pub const LAYOUTS: &[Choice] = &[
    ("wide", Text::new("Überschriften links, Zahlen rechts", "Headings on the left, numbers on the right")),
    ("column", Text::new("Eine Spalte", "One column")),
    ("centred", Text::new("Eine Spalte, Kopf in der Mitte", "One column, centred head")),
];

/// Whether a list of choices has this name.
pub fn has(choices: &[Choice], name: &str) -> bool {
    choices.iter().any(|(known, _)| *known == name)
}

/// The least contrast of text against its ground, by WCAG 2.2 AA.
pub const AA: f64 = 4.5;

/// The darkest ground of a light page, and the lightest of a dark one, that an accent stands on in any theme.
const LIGHT_GROUND: Colour = Colour([0xee, 0xe5, 0xd6]);
const DARK_GROUND: Colour = Colour([0x29, 0x21, 0x1c]);
const BLACK: Colour = Colour([0, 0, 0]);
const WHITE: Colour = Colour([255, 255, 255]);

/// A colour of sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub [u8; 3]);

impl Colour {
    /// Reads `#rrggbb`.
    pub fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        Some(Self([byte(0)?, byte(2)?, byte(4)?]))
    }

    /// `#rrggbb`.
    pub fn hex(self) -> String {
        let [r, g, b] = self.0;
        format!("#{r:02x}{g:02x}{b:02x}")
    }

    /// The contrast of two colours, 1 to 21: <https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio>.
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance() + 0.05, other.luminance() + 0.05);
        if a > b { a / b } else { b / a }
    }

    /// <https://www.w3.org/TR/WCAG22/#dfn-relative-luminance>
    fn luminance(self) -> f64 {
        let linear = |byte: u8| {
            let part = f64::from(byte) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let [r, g, b] = self.0.map(linear);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// This colour with `percent` of another in it.
    pub fn with(self, other: Self, percent: u16) -> Self {
        let [mut r, mut g, mut b] = self.0;
        for (part, other) in [&mut r, &mut g, &mut b].into_iter().zip(other.0) {
            let mixed = u16::from(*part) * (100 - percent) + u16::from(other) * percent;
            *part = u8::try_from((mixed + 50) / 100).unwrap_or(u8::MAX);
        }
        Self([r, g, b])
    }

    /// The nearest to this colour towards `end` that can be read on `ground`.
    fn readable(self, ground: Self, end: Self) -> Self {
        (0..=100).map(|percent| self.with(end, percent)).find(|tried| tried.contrast(ground) >= AA).unwrap_or(end)
    }
}

/// The two readable forms of an accent the owner picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent {
    /// On light pages: the picked colour, darkened as far as needed.
    pub light: Colour,
    /// On dark pages: the picked colour, lightened as far as needed.
    pub dark: Colour,
}

impl Accent {
    /// The readable pair of a colour, in every theme.
    pub fn of(picked: Colour) -> Self {
        Self { light: picked.readable(LIGHT_GROUND, BLACK), dark: picked.readable(DARK_GROUND, WHITE) }
    }

    /// The rule that puts it in place of a theme's own accent.
    pub fn css(self) -> String {
        let (light, dark) = (self.light.hex(), self.dark.hex());
        format!(
            ":root[data-theme]{{--accent:light-dark({light},{dark});--accent-2:var(--accent);\
             --accent-ink:light-dark(#fff,#14110e)}}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_as_they_are_written() {
        assert_eq!(Colour::read("#00d9FF").unwrap().hex(), "#00d9ff");
        for wrong in ["", "#fff", "00d9ff", "#00d9fg", "#00d9ff0", "#ääa", "red"] {
            assert_eq!(Colour::read(wrong), None, "{wrong}");
        }
        assert!((BLACK.contrast(WHITE) - 21.0).abs() < 0.001);
        assert!((Colour([0x77, 0x77, 0x77]).contrast(WHITE) - 4.478).abs() < 0.001);
    }

    #[test]
    fn every_colour_there_is_becomes_a_readable_pair() {
        let ink = Colour([0x14, 0x11, 0x0e]);
        let steps = || (0..=255).step_by(15);
        for (r, g, b) in steps().flat_map(|r| steps().flat_map(move |g| steps().map(move |b| (r, g, b)))) {
            let Accent { light, dark } = Accent::of(Colour([r, g, b]));
            let ratios =
                [light.contrast(LIGHT_GROUND), dark.contrast(DARK_GROUND), light.contrast(WHITE), dark.contrast(ink)];
            assert!(ratios.iter().all(|ratio| *ratio >= AA), "{r} {g} {b}: {ratios:?}");
        }
    }

    #[test]
    fn a_colour_that_can_be_read_stays_as_it_is() {
        let blue = Colour::read("#1d3f9e").unwrap();
        assert_eq!(Accent::of(blue).light, blue);
        let yellow = Colour::read("#ffe100").unwrap();
        assert_eq!(Accent::of(yellow).dark, yellow);
        assert_ne!(Accent::of(yellow).light, yellow);
    }
}
