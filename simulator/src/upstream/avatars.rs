//! The pictures behind the avatar addresses: flat little scenes, drawn from the seed, the
//! same for ever. Stands for the platforms' picture hosts: the signature must be there, and
//! an address stops working three days after it was handed out.

use std::io::Write as _;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

use super::route;
use crate::answer::Answer;
use crate::call::Call;
use crate::random::{Dice, real, whole};
use crate::state::Shared;

const SIDE: u32 = 320;

/// `GET /{creator}.png?oe=…&sig=…`
pub fn answer(shared: &Shared, call: &Call) -> Answer {
    let path = call.segments();
    let key = match route!(call, path) {
        ("GET", [file]) => file.strip_suffix(".png"),
        _ => None,
    };
    let Some(creator) = key.and_then(|key| shared.creator(key)) else {
        return Answer::raw(404, "text/plain", "Not found");
    };
    let end = call.arg("oe").and_then(|end| i64::from_str_radix(end, 16).ok());
    match (end, call.arg("sig")) {
        (None, _) | (_, None) => Answer::raw(403, "text/plain", "Bad URL hash"),
        (Some(end), _) if end < call.now.as_second() => Answer::raw(403, "text/plain", "URL signature expired"),
        _ => {
            let draw = || picture(shared.dice().text("picture").text(&creator.key));
            Answer::raw(200, "image/png", shared.picture(&creator.key, draw))
        }
    }
}

type Colour = [f64; 3];

/// Evening colours: sky above, sky below, far hill, near hill, skin, hair, clothes.
const PALETTES: [[Colour; 7]; 4] = [
    [
        [0.98, 0.80, 0.62],
        [0.96, 0.58, 0.45],
        [0.62, 0.38, 0.45],
        [0.30, 0.25, 0.38],
        [0.88, 0.65, 0.52],
        [0.28, 0.16, 0.14],
        [0.12, 0.46, 0.48],
    ],
    [
        [0.70, 0.85, 0.88],
        [0.93, 0.90, 0.80],
        [0.38, 0.60, 0.65],
        [0.16, 0.36, 0.45],
        [0.93, 0.74, 0.62],
        [0.72, 0.42, 0.20],
        [0.92, 0.72, 0.26],
    ],
    [
        [0.85, 0.82, 0.92],
        [0.97, 0.84, 0.78],
        [0.55, 0.52, 0.68],
        [0.28, 0.28, 0.44],
        [0.55, 0.36, 0.26],
        [0.12, 0.09, 0.10],
        [0.86, 0.36, 0.30],
    ],
    [
        [0.80, 0.88, 0.74],
        [0.97, 0.94, 0.78],
        [0.48, 0.62, 0.42],
        [0.22, 0.38, 0.30],
        [0.80, 0.58, 0.44],
        [0.40, 0.26, 0.18],
        [0.95, 0.92, 0.86],
    ],
];
const SUN: Colour = [1.0, 0.95, 0.82];

/// One scene; distances are in parts of the side.
struct Scene {
    colours: [Colour; 7],
    sun: (f64, f64),
    hills: [f64; 2],
    /// Where the hair ends, and how far the parting is off the middle.
    hair_ends: f64,
    parting: f64,
}

impl Scene {
    fn new(dice: Dice) -> Self {
        let at = usize::try_from(dice.bits() % 4).unwrap_or(0);
        Self {
            colours: PALETTES[at],
            sun: (dice.text("sun-x").between(0.14, 0.32), dice.text("sun-y").between(0.2, 0.34)),
            hills: [dice.text("far").unit(), dice.text("near").unit()],
            hair_ends: dice.text("hair").between(0.52, 0.70),
            parting: dice.text("parting").between(-0.03, 0.03),
        }
    }

    fn colour(&self, x: f64, y: f64) -> Colour {
        let [above, below, far, near, skin, hair, clothes] = self.colours;
        let mut colour = blend(above, below, y * 1.2);
        let mut paint = |inside: f64, with: Colour| colour = blend(colour, with, inside);
        paint(disc(x, y, self.sun, 0.105), SUN);
        paint(edge(y - ridge(x, self.hills[0], 0.60, 0.05)), far);
        paint(edge(y - ridge(x, self.hills[1], 0.72, 0.04)), near);
        paint(self.long_hair(x, y), hair);
        let shade = blend(skin, hair, 0.2);
        let shoulders = oval(x, y, (0.5, 1.08), (0.33, 0.35));
        paint(shoulders, clothes);
        paint(shoulders.min(oval(x, y, (0.5, 0.735), (0.088, 0.072))), shade);
        paint(oval(x, y, (0.5, 0.66), (0.058, 0.13)), shade);
        paint(oval(x, y, (0.5, 0.475), (0.122, 0.158)), skin);
        paint(self.fringe(x, y), hair);
        colour
    }

    /// What falls behind the neck, down to the length of the hair.
    fn long_hair(&self, x: f64, y: f64) -> f64 {
        let fall = oval(x, y, (0.5, 0.53), (0.178, 0.24));
        fall.min(edge(self.hair_ends - y))
    }

    /// The crown of the head outside an open face, with the parting to one side.
    fn fringe(&self, x: f64, y: f64) -> f64 {
        let crown = oval(x, y, (0.5, 0.445), (0.146, 0.16));
        let face = oval(x, y, (0.5 + self.parting, 0.545), (0.128, 0.165));
        crown.min(1.0 - face)
    }
}

fn blend(from: Colour, to: Colour, share: f64) -> Colour {
    let share = share.clamp(0.0, 1.0);
    std::array::from_fn(|channel| from[channel] + (to[channel] - from[channel]) * share)
}

/// From outside to inside within a pixel and a half.
fn edge(depth: f64) -> f64 {
    (depth * f64::from(SIDE) / 1.5 + 0.5).clamp(0.0, 1.0)
}

fn disc(x: f64, y: f64, (cx, cy): (f64, f64), radius: f64) -> f64 {
    edge(radius - (x - cx).hypot(y - cy))
}

fn oval(x: f64, y: f64, (cx, cy): (f64, f64), (rx, ry): (f64, f64)) -> f64 {
    let reach = ((x - cx) / rx).hypot((y - cy) / ry);
    edge((1.0 - reach) * rx.min(ry))
}

fn ridge(x: f64, shift: f64, height: f64, swell: f64) -> f64 {
    let wave = crate::random::wave;
    height + swell * wave(x * 0.9 + shift) + swell * 0.4 * wave(x * 2.3 + shift * 3.0)
}

fn picture(dice: Dice) -> Vec<u8> {
    let scene = Scene::new(dice);
    let mut rows = Vec::new();
    for y in 0..SIDE {
        rows.push(0);
        for x in 0..SIDE {
            let part = |at: u32| (f64::from(at) + 0.5) / f64::from(SIDE);
            let colour = scene.colour(part(x), part(y));
            rows.extend(colour.map(|channel| u8::try_from(whole(channel * real(255) + 0.5)).unwrap_or(255)));
        }
    }
    png(&rows)
}

/// <https://www.w3.org/TR/png-3/>: eight bits, RGB, no filter.
fn png(rows: &[u8]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::new();
    header.extend(SIDE.to_be_bytes());
    header.extend(SIDE.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    let data = packed.write_all(rows).and_then(|()| packed.finish()).unwrap_or_default();
    chunk(&mut file, *b"IHDR", &header);
    chunk(&mut file, *b"IDAT", &data);
    chunk(&mut file, *b"IEND", &[]);
    file
}

fn chunk(file: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    let length = u32::try_from(data.len()).unwrap_or(0);
    let mut sum = Crc::new();
    sum.update(&kind);
    sum.update(data);
    file.extend(length.to_be_bytes());
    file.extend(kind);
    file.extend(data);
    file.extend(sum.sum().to_be_bytes());
}
