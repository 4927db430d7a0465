//! How a count moves through time: never backwards, faster by day than by night, with a
//! weekly rhythm and days that are better than others.

use jiff::Timestamp;

use crate::random::{Dice, real, wave, whole};

/// 2026-11-22T00:00:00Z in Unix seconds: the instant at which every count has its start size.
pub const ANCHOR: i64 = 1_795_305_600;
const DAY: i64 = 86_400;

/// Thursday (the Unix epoch's weekday) to Wednesday: how far a weekday runs ahead, in days.
const WEEK: [f64; 7] = [0.00, 0.15, 0.05, -0.05, -0.10, -0.05, 0.05];

/// The UTC day, counted from the Unix epoch.
pub fn day_of(now: Timestamp) -> i64 {
    now.as_second().div_euclid(DAY)
}

/// The first instant of a UTC day.
pub fn day_start(day: i64) -> Timestamp {
    Timestamp::from_second(day * DAY).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// One count of one account.
#[derive(Clone, Copy, Debug)]
pub struct Trend {
    pub dice: Dice,
    pub start: i64,
    pub per_day: f64,
}

impl Trend {
    /// The count at `now`: linear after the anchor, and before it the exponential that meets
    /// it there, so that a young past is small and never negative.
    pub fn at(&self, now: Timestamp) -> i64 {
        let start = real(self.start);
        let gained = self.per_day * self.progress(now);
        if gained >= 0.0 {
            return whole(start + gained);
        }
        whole(start * (gained / start.max(1.0)).exp())
    }

    /// Days lived since the anchor, bent by the rhythms; strictly rising.
    fn progress(&self, now: Timestamp) -> f64 {
        let seconds = now.as_second() - ANCHOR;
        let day = seconds.div_euclid(DAY);
        let inside = real(seconds.rem_euclid(DAY)) / real(DAY);
        let (from, to) = (self.mark(day), self.mark(day + 1));
        let awake = inside - 0.7 * wave(inside) / std::f64::consts::TAU;
        from + (to - from) * awake - self.mark(0)
    }

    /// Where the count stands at the start of a day. Steps are at least 0.6 long.
    fn mark(&self, day: i64) -> f64 {
        let weekday = usize::try_from(day.rem_euclid(7)).unwrap_or(0);
        real(day) + WEEK[weekday] + self.dice.number(day).between(0.0, 0.3)
    }
}

/// A quantity that starts anew each day, such as reach: `level` on a usual day.
pub fn daily(dice: Dice, day: i64, level: f64) -> i64 {
    let weekday = 1.0 + 0.12 * wave(real(day.rem_euclid(7)) / 7.0);
    whole(level * weekday * dice.number(day).between(0.82, 1.18))
}
