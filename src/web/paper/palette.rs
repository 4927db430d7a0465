//! The colours of what is printed and painted. A theme's own stand in `assets/tokens.css`, in a form that browsers alone
//! understand; these are the same in sRGB.

use crate::domain::design::{Accent, Colour};
use crate::domain::profile::Creator;

/// The colours of one sheet or picture.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// What everything stands on.
    pub ground: Colour,
    /// Figures, names and headings.
    pub text: Colour,
    /// Running text.
    pub soft: Colour,
    /// Sources, labels, dates.
    pub quiet: Colour,
    /// Hairlines.
    pub line: Colour,
    /// Marks, links, the largest part of a sum.
    pub accent: Colour,
}

const fn rgb(hex: u32) -> Colour {
    let [_, r, g, b] = hex.to_be_bytes();
    Colour([r, g, b])
}

const fn palette([ground, text, soft, quiet, line, accent]: [u32; 6]) -> Palette {
    Palette {
        ground: rgb(ground),
        text: rgb(text),
        soft: rgb(soft),
        quiet: rgb(quiet),
        line: rgb(line),
        accent: rgb(accent),
    }
}

const PAPER: Palette = palette([0xfc_f9f5, 0x1c_1712, 0x49_443e, 0x66_5f58, 0xd4_d0c8, 0x23_48a1]);
const INK: Palette = palette([0x0a_0e16, 0xee_f0f4, 0xc0_c4cc, 0x9b_a2ad, 0x2d_333e, 0xea_c578]);
const NEON: Palette = palette([0x0a_0a0f, 0xf5_f5f8, 0xc6_c6cf, 0xa0_a0ae, 0x2c_2c3c, 0x00_d9ff]);
const SAND: Palette = palette([0xf7_efe3, 0x2d_1d14, 0x53_4137, 0x69_564c, 0xcf_c2af, 0x97_3818]);
const FOREST: Palette = palette([0xf4_f8f3, 0x10_1e17, 0x37_473e, 0x51_6259, 0xc6_d1c8, 0x0d_5933]);
const MONO: Palette = palette([0xff_ffff, 0x0a_0a0a, 0x3d_3d3d, 0x60_6060, 0xd6_d6d6, 0x0a_0a0a]);

impl Palette {
    /// As the pages look on a screen.
    pub fn screen(creator: &Creator) -> Self {
        let (theme, dark) = match creator.theme.as_str() {
            "ink" => (INK, true),
            "neon" => (NEON, true),
            "sand" => (SAND, false),
            "forest" => (FOREST, false),
            "mono" => (MONO, false),
            _ => (PAPER, false),
        };
        let picked = creator.accent.as_deref().and_then(Colour::read).map(Accent::of);
        let accent = picked.map_or(theme.accent, |accent| if dark { accent.dark } else { accent.light });
        Self { accent, ..theme }
    }

    /// As they are printed: dark on white, in the accent of the pages.
    pub fn print(creator: &Creator) -> Self {
        let accent = Accent::of(Self::screen(creator).accent).light;
        Self { ground: rgb(0xff_ffff), accent, ..PAPER }
    }

    /// The colour of the part of a sum at this place, largest first, as on the page.
    pub fn part(&self, place: usize) -> Colour {
        const TINTS: [u16; 5] = [100, 68, 48, 36, 28];
        self.ground.with(self.accent, TINTS[place.min(TINTS.len() - 1)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::design::AA;

    #[test]
    fn everything_that_is_read_can_be_read() {
        for palette in [PAPER, INK, NEON, SAND, FOREST, MONO] {
            for text in [palette.text, palette.soft, palette.quiet, palette.accent] {
                assert!(text.contrast(palette.ground) >= AA, "{palette:?} {text:?}");
            }
        }
    }
}
