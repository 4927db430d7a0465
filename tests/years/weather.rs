//! What happens to the platforms and to the machine, drawn from the seed before the ten years begin.

use std::collections::BTreeMap;

use crate::dice::Dice;
use crate::time::{DAY, DAYS, HOUR, MINUTE, Secs, beginning};

/// What a platform does while it is not itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No connection is made: nothing arrives.
    Down,
    /// It takes the connection and says nothing; nothing was done.
    Silent,
    /// It answers that it is broken; nothing was done.
    Broken,
    /// It asks to be left alone for so long.
    Busy(Secs),
}

/// From when until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: Secs,
    pub to: Secs,
}

impl Span {
    pub fn has(self, at: Secs) -> bool {
        self.from <= at && at < self.to
    }
}

/// The point of a call at which the process is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before the platform got the request.
    Before,
    /// After it acted, before the answer came.
    After,
}

/// What a call asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// New credentials.
    Renew,
    /// Whether credentials work.
    Look,
    /// The numbers.
    Read,
}

/// Something that happens at its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The server is off for so long.
    Off(Secs),
    /// The process is killed at the next such call.
    Kill(&'static str, Deed, Moment),
    /// The server's clock is wrong by so much from now on; 0 sets it right.
    Clock(Secs),
    /// The next exchange is answered while a second server looks after the same credentials.
    Beside(&'static str),
    /// The machine sleeps through the lease at the next such call, and a second server takes over.
    Asleep(&'static str, Deed),
    /// The owner makes a copy of the file.
    Copy,
    /// The owner puts the copy back.
    Restore,
    /// The person withdraws the app's access at a platform.
    Withdraw(&'static str),
}

/// All of it for one seed.
pub struct Weather {
    pub outages: BTreeMap<&'static str, Vec<(Span, Trouble)>>,
    pub events: Vec<(Secs, Event)>,
}

impl Weather {
    /// The weather of a seed over these platforms; those that `renew` are what happens to.
    pub fn new(seed: u64, platforms: &[&'static str], renew: &[&'static str]) -> Self {
        let outages = platforms.iter().map(|id| (*id, outages(&mut Dice::new(seed, id)))).collect();
        let mut dice = Dice::new(seed, "events");
        let mut events = Vec::new();
        let mut at_times = |per_decade: i64, dice: &mut Dice, event: &mut dyn FnMut(&mut Dice) -> Event| {
            for _ in 0..dice.between(per_decade / 2, per_decade * 3 / 2 + 1) {
                let at = beginning() + dice.between(2 * DAY, DAYS * DAY);
                events.push((at, event(dice)));
            }
        };
        at_times(120, &mut dice, &mut |dice| Event::Off(dice.between(4 * MINUTE, 4 * HOUR)));
        at_times(20, &mut dice, &mut |dice| Event::Off(dice.between(4 * HOUR, 3 * DAY)));
        at_times(3, &mut dice, &mut |dice| Event::Off(dice.between(3 * DAY, 28 * DAY)));
        at_times(60, &mut dice, &mut |dice| {
            let moment = dice.one_of(&[Moment::Before, Moment::After]);
            Event::Kill(dice.one_of(renew), dice.one_of(&[Deed::Renew, Deed::Renew, Deed::Look, Deed::Read]), moment)
        });
        at_times(8, &mut dice, &mut |dice| Event::Beside(dice.one_of(renew)));
        at_times(8, &mut dice, &mut |dice| Event::Asleep(dice.one_of(renew), dice.one_of(&[Deed::Renew, Deed::Look])));
        at_times(2, &mut dice, &mut |dice| Event::Withdraw(dice.one_of(renew)));
        for _ in 0..6 {
            let at = beginning() + dice.between(30 * DAY, DAYS * DAY - 30 * DAY);
            let steps = [40, -40, 90 * MINUTE, -90 * MINUTE, 12 * DAY, -12 * DAY, 70 * DAY, -400 * DAY, 400 * DAY];
            events.push((at, Event::Clock(dice.one_of(&steps))));
            events.push((at + dice.between(10 * MINUTE, 2 * DAY), Event::Clock(0)));
        }
        for _ in 0..8 {
            let at = beginning() + dice.between(70 * DAY, DAYS * DAY - 70 * DAY);
            events.push((at, Event::Copy));
            events.push((at + dice.between(DAY, 50 * DAY), Event::Restore));
        }
        events.sort_by_key(|(at, _)| *at);
        Self { outages, events }
    }

    /// The trouble a platform has.
    pub fn trouble(&self, platform: &str, at: Secs) -> Option<Trouble> {
        let all = &self.outages[platform];
        let next = all.partition_point(|(span, _)| span.to <= at);
        all.get(next).filter(|(span, _)| span.has(at)).map(|(_, trouble)| *trouble)
    }
}

/// About six a year: mostly hours, some days, now and then weeks.
fn outages(dice: &mut Dice) -> Vec<(Span, Trouble)> {
    let mut all = Vec::new();
    let mut at = beginning() + dice.between(DAY, 40 * DAY);
    while at < beginning() + DAYS * DAY {
        let length = match dice.between(0, 20) {
            0 => dice.between(7 * DAY, 22 * DAY),
            1..=4 => dice.between(DAY, 6 * DAY),
            _ => dice.between(HOUR, 12 * HOUR),
        };
        let busy = Trouble::Busy(dice.between(10 * MINUTE, 20 * HOUR));
        all.push((
            Span { from: at, to: at + length },
            dice.one_of(&[Trouble::Down, Trouble::Silent, Trouble::Broken, busy]),
        ));
        at += length + dice.between(10 * DAY, 110 * DAY);
    }
    all
}
