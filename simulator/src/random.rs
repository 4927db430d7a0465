//! Numbers that look random and never change: everything is a hash of the seed and of
//! what the number is for. There is no generator with a position, so the order in which
//! questions are asked has no influence on the answers.

use std::f64::consts::TAU;

/// A hash under construction; each added part gives an independent number.
#[derive(Clone, Copy, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(mix(seed))
    }

    pub fn text(self, part: &str) -> Self {
        let hash = part.bytes().fold(self.0, |hash, byte| mix(hash ^ u64::from(byte)));
        Self(mix(hash ^ 0xff00))
    }

    pub fn number(self, part: i64) -> Self {
        Self(mix(self.0 ^ part.cast_unsigned()))
    }

    pub fn bits(self) -> u64 {
        self.0
    }

    /// In `0.0..1.0`.
    pub fn unit(self) -> f64 {
        let top = u32::try_from(self.0 >> 32).unwrap_or(u32::MAX);
        f64::from(top) / (f64::from(u32::MAX) + 1.0)
    }

    pub fn between(self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A text of `length` characters of `alphabet`, which is ASCII.
    pub fn letters(self, alphabet: &str, length: usize) -> String {
        let alphabet = alphabet.as_bytes();
        let mut state = self.0;
        (0..length)
            .map(|_| {
                state = mix(state);
                let at = usize::try_from(state >> 33).unwrap_or(0) % alphabet.len();
                char::from(alphabet[at])
            })
            .collect()
    }

    /// A number of `length` digits without a leading zero, as text.
    pub fn digits(self, length: usize) -> String {
        let first = self.text("first").letters("123456789", 1);
        first + &self.letters("0123456789", length.saturating_sub(1))
    }

    pub fn hex(self, length: usize) -> String {
        self.letters("0123456789abcdef", length)
    }
}

pub const BASE62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The finaliser of SplitMix64.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The whole part; counts here stay far below 2^53.
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
pub fn whole(value: f64) -> i64 {
    value.floor() as i64
}

/// The count as a float; counts here stay far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
pub fn real(value: i64) -> f64 {
    value as f64
}

/// A wave of one period over `0.0..1.0`, starting at zero and rising.
pub fn wave(turn: f64) -> f64 {
    (turn * TAU).sin()
}
