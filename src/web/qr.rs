//! QR codes as SVG: one path of dark squares on a light ground, whatever the page's colours, because readers want it so.
//! A page shows one by including `parts/qr.html` with a [`Qr`] named `qr`.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

/// The light border that readers need, in squares (ISO/IEC 18004).
const BORDER: i32 = 4;

/// A QR code, ready to be drawn.
pub struct Qr {
    /// How wide and high it is, in squares.
    pub size: i32,
    /// The dark squares as an SVG path, a run of them at a time.
    pub path: String,
}

impl Qr {
    /// The code of a text; `None` when it is too long for one (about 2 KB).
    pub fn of(text: &str) -> Option<Self> {
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
        let mut path = String::new();
        for y in 0..code.size() {
            let mut x = 0;
            while x < code.size() {
                let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
                let length = i32::try_from(run).ok()?;
                if length > 0 {
                    let _ = write!(path, "M{} {}h{length}v1h-{length}z", x + BORDER, y + BORDER);
                }
                x += length.max(1);
            }
        }
        Some(Self { size: code.size() + 2 * BORDER, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_has_the_squares_of_the_code() {
        let text = "otpauth://totp/mediakit:mara?secret=GEZDGNBVGY3TQOJQ";
        let (drawn, code) = (Qr::of(text).unwrap(), QrCode::encode_text(text, QrCodeEcc::Medium).unwrap());
        let mut dark = std::collections::BTreeSet::new();
        for run in drawn.path.split('M').skip(1) {
            let numbers: Vec<i32> = run.split([' ', 'h', 'v', 'z', '-']).filter_map(|n| n.parse().ok()).collect();
            dark.extend((0..numbers[2]).map(|x| (numbers[0] + x - BORDER, numbers[1] - BORDER)));
        }
        let expected = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
        assert_eq!(dark, expected.filter(|(x, y)| code.get_module(*x, *y)).collect());
        assert_eq!(drawn.size, code.size() + 8);
        assert!(Qr::of(&"x".repeat(4000)).is_none());
    }
}
