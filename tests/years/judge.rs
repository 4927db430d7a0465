//! The judge: what must hold whatever happens. It sees every request as it reaches a platform together with what the
//! database says at that moment, and everything after each look of the server.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::hash::{DefaultHasher, Hash as _};

use mediakit::credentials::machine;
use mediakit::domain::credential::{Kept, Phase};

use crate::provider::{Provider, Values};
use crate::time::{DAY, DAYS, HOUR, REFRESH_AT, Secs, beginning, date_of, day_of, instant};
use crate::weather::{Deed, Span, Weather};

/// What must not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// A token ended although there had been time to renew it.
    Lapsed,
    /// The owner is called although what the platform granted last still works.
    GaveUp,
    /// What was granted and arrived is gone.
    ThrownAway,
    /// A UTC day went without a finished run, and nothing on record says why.
    DayWithoutRun,
    /// An account was read twice on a UTC day by the schedule.
    ReadTwice,
    /// A run is booked on another day than the UTC day it ran on.
    WrongDay,
    /// Two exchanges for one generation, without a doubt on record.
    ExchangedTwice,
    /// An exchange that the database does not announce.
    NotOnRecord,
    /// Something older than what the database holds was sent.
    Superseded,
    /// Something was used that the database does not hold.
    UsedBeforeStored,
    /// A platform was asked before the time it had named.
    TooEarly,
    /// Something ended and nobody had been told before.
    NotTold,
}

/// Something that must not happen and did.
#[derive(Clone, Debug)]
pub struct Violation {
    pub rule: Rule,
    pub platform: &'static str,
    pub at: Secs,
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {} {}: {}", self.rule, self.platform, instant(self.at), self.detail)
    }
}

/// What became of an exchange that the platform made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is on its way.
    Coming,
    /// It arrived.
    Arrived,
    /// It is lost, or whom it was for is.
    Lost,
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub looks: u64,
    pub requests: u64,
    pub exchanges: u64,
    pub lost_answers: u64,
    pub readings: u64,
    pub runs: u64,
    pub kills: u64,
    pub stops: u64,
    pub clock_steps: u64,
    pub outages: u64,
    pub connected_anew: u64,
}

impl Counts {
    pub const NONE: Self = Self {
        looks: 0,
        requests: 0,
        exchanges: 0,
        lost_answers: 0,
        readings: 0,
        runs: 0,
        kills: 0,
        stops: 0,
        clock_steps: 0,
        outages: 0,
        connected_anew: 0,
    };

    fn each(self) -> [(&'static str, u64); 11] {
        [
            ("looks", self.looks),
            ("requests", self.requests),
            ("exchanges", self.exchanges),
            ("answers lost", self.lost_answers),
            ("readings", self.readings),
            ("runs", self.runs),
            ("kills", self.kills),
            ("times off", self.stops),
            ("clock steps", self.clock_steps),
            ("outages", self.outages),
            ("connected anew", self.connected_anew),
        ]
    }

    /// The sum of both.
    pub fn with(self, other: Self) -> Self {
        Self {
            looks: self.looks + other.looks,
            requests: self.requests + other.requests,
            exchanges: self.exchanges + other.exchanges,
            lost_answers: self.lost_answers + other.lost_answers,
            readings: self.readings + other.readings,
            runs: self.runs + other.runs,
            kills: self.kills + other.kills,
            stops: self.stops + other.stops,
            clock_steps: self.clock_steps + other.clock_steps,
            outages: self.outages + other.outages,
            connected_anew: self.connected_anew + other.connected_anew,
        }
    }

    /// Whether there is at least as much of everything.
    pub fn reaches(self, least: Self) -> bool {
        self.each().iter().zip(least.each()).all(|((_, counted), (_, least))| *counted >= least)
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.each().map(|(word, n)| format!("{n} {word}"));
        f.write_str(&words.join(", "))
    }
}

/// A request as it reaches a platform.
pub struct Sent<'a> {
    pub deed: Deed,
    pub values: &'a Values,
    /// What the database says.
    pub kept: Option<&'a Kept>,
    pub now: Secs,
    /// Whether the server can be held to what it was told: its clock is right, and nobody at the keyboard asks.
    pub honest: bool,
}

#[derive(Default)]
pub struct Judge {
    pub violations: Vec<Violation>,
    pub counts: Counts,
    /// Whether it says aloud what it sees.
    pub tells: bool,
    /// What each platform was sent, to tell two stories apart.
    pub traces: BTreeMap<&'static str, DefaultHasher>,
    /// Exchanges by what was presented.
    exchanges: HashMap<String, Vec<Answer>>,
    /// What was presented in generations that the database called doubtful.
    doubts: BTreeSet<String>,
    /// Tokens that arrived since the last look was over.
    arrived: Vec<(&'static str, String)>,
    /// Not before these instants, as the platform said.
    not_before: BTreeMap<(&'static str, Deed), Secs>,
    /// When somebody was told of a platform's credentials, newest last.
    told: BTreeMap<&'static str, Vec<Secs>>,
    /// When the server looked with a clock that was right.
    looked: Vec<Secs>,
    /// What ended and was judged, by platform and instant.
    judged: BTreeSet<(&'static str, Secs)>,
    needing: BTreeSet<&'static str>,
    /// The newest token for calls that the database was seen to hold, by its number.
    newest: BTreeMap<&'static str, u32>,
    /// What can be renewed with, as it last arrived, or was entered and seen to work.
    renewable: BTreeMap<&'static str, String>,
    /// By UTC day: finished runs; readings; looks after the hour; whether the record says why there was none.
    pub runs: BTreeMap<i64, u32>,
    readings: BTreeMap<(&'static str, i64), u32>,
    looked_after_hour: BTreeSet<i64>,
    reasons: BTreeSet<i64>,
    /// Readings since the last look was over.
    fresh: Vec<(&'static str, i64)>,
    off: Vec<Span>,
}

impl Judge {
    fn breaks(&mut self, rule: Rule, platform: &'static str, at: Secs, detail: impl Into<String>) {
        self.violations.push(Violation { rule, platform, at, detail: detail.into() });
    }

    /// A request reaches the platform.
    pub fn sent(&mut self, provider: &Provider, sent: &Sent<'_>) {
        let id = provider.id;
        self.counts.requests += 1;
        let number = sent.values.get(provider.call_key).and_then(|value| provider.number(value));
        (sent.now, sent.deed as u8, number).hash(self.traces.entry(id).or_default());
        if self.tells {
            let kept = sent.kept.map(|kept| (kept.generation, kept.phase, kept.failure.as_ref().map(|one| one.kind)));
            println!("{} {id} {:?} with {number:?}, kept {kept:?}", instant(sent.now), sent.deed);
        }
        let Some(kept) = sent.kept else { return self.breaks(Rule::UsedBeforeStored, id, sent.now, "nothing is kept") };
        let active = values_of(provider, kept.active.iter());
        let pending = kept.pending.as_ref().map(|grant| values_of(provider, grant.values.iter()));
        let holds = |key: &str| {
            let value = sent.values.get(key);
            value == active.get(key) || pending.as_ref().is_some_and(|pending| value == pending.get(key))
        };
        let number = |values: &Values| values.get(provider.call_key).and_then(|value| provider.number(value));
        let newest = self.newest.entry(id).or_default();
        // What the owner entered counts once it was seen to work.
        let granted = pending.as_ref().filter(|_| machine::was_granted(kept));
        *newest = (*newest).max(number(&active).max(granted.and_then(number)).unwrap_or_default());
        let newest = *newest;
        // Where nothing works any more, an older copy of the file is as good a try as any.
        if number(sent.values).is_some_and(|number| number < newest) && self.has_what_works(provider, sent.now) {
            let detail = format!("{:?} with {:?}, {newest} was stored", sent.deed, number(sent.values));
            self.breaks(Rule::Superseded, id, sent.now, detail);
        } else if !holds(provider.call_key) || (sent.deed == Deed::Renew && !holds(provider.renew_key)) {
            let detail = format!("{:?} with {:?}, {newest} is stored", sent.deed, number(sent.values));
            self.breaks(Rule::UsedBeforeStored, id, sent.now, detail);
        }
        if kept.phase == Phase::InDoubt {
            self.doubts.extend(pending.as_ref().unwrap_or(&active).get(provider.call_key).cloned());
        }
        if sent.deed == Deed::Renew && !matches!(kept.phase, Phase::Intent | Phase::InDoubt) {
            self.breaks(Rule::NotOnRecord, id, sent.now, format!("{:?}", kept.phase));
        }
        if sent.honest {
            if self.not_before.get(&(id, class(sent.deed))).is_some_and(|until| sent.now < *until) {
                self.breaks(Rule::TooEarly, id, sent.now, format!("{:?} before the time that was told", sent.deed));
            }
            let young = provider.kind == crate::provider::Kind::InstagramLogin
                && sent.deed == Deed::Renew
                // One that was refused may be asked about whatever its age.
                && provider.is_alive(sent.values, sent.now)
                && provider.age(sent.values, sent.now).is_some_and(|age| age < DAY);
            if young {
                self.breaks(Rule::TooEarly, id, sent.now, "the token is not a day old");
            }
        }
    }

    /// The platform asks to be left alone.
    pub fn told_to_wait(&mut self, id: &'static str, deed: Deed, until: Secs) {
        if self.tells {
            println!("  {id} wants no {deed:?} before {}", instant(until));
        }
        self.not_before.insert((id, class(deed)), until);
    }

    /// Somebody at the keyboard asks for it.
    pub fn may_be_asked(&mut self, id: &'static str) {
        self.not_before.remove(&(id, Deed::Look));
    }

    /// The clock was set: nobody can be held to a time told before.
    pub fn clock_was_set(&mut self) {
        self.not_before.clear();
    }

    /// The platform made an exchange.
    pub fn exchanged(&mut self, provider: &Provider, presented: &Values, now: Secs) {
        self.counts.exchanges += 1;
        let value = presented.get(provider.call_key).cloned().unwrap_or_default();
        let doubted = self.doubts.contains(&value);
        let before = self.exchanges.entry(value).or_default();
        let excused = before.iter().all(|answer| *answer == Answer::Lost) && (before.is_empty() || doubted);
        before.push(Answer::Coming);
        if !excused {
            let detail = format!("{before:?}, doubt on record: {doubted}");
            self.breaks(Rule::ExchangedTwice, provider.id, now, detail);
        }
    }

    /// What became of the answer to the exchange of what was presented.
    pub fn answered(&mut self, provider: &Provider, presented: &Values, granted: Option<&Values>) {
        let value = presented.get(provider.call_key).cloned().unwrap_or_default();
        let became = if granted.is_some() { Answer::Arrived } else { Answer::Lost };
        if let Some(last) = self.exchanges.get_mut(&value).and_then(|all| all.last_mut()) {
            *last = became;
        }
        if let Some(granted) = granted {
            self.take(provider, granted);
        }
        match granted.and_then(|values| values.get(provider.call_key)) {
            Some(token) => self.arrived.push((provider.id, token.clone())),
            None => self.counts.lost_answers += 1,
        }
    }

    /// Whom the answer is for sleeps through its lease: the others may take it for lost.
    pub fn asleep(&mut self, provider: &Provider, presented: &Values) {
        let value = presented.get(provider.call_key).cloned().unwrap_or_default();
        let last = self.exchanges.get_mut(&value).and_then(|all| all.last_mut());
        if let Some(last) = last.filter(|last| **last == Answer::Coming) {
            *last = Answer::Lost;
        }
    }

    /// Values arrived, or the owner enters them.
    pub fn take(&mut self, provider: &Provider, values: &Values) {
        if let Some(value) = values.get(provider.renew_key) {
            self.renewable.insert(provider.id, value.clone());
        }
    }

    /// A reading arrived that the schedule asked for.
    pub fn read(&mut self, id: &'static str, now: Secs) {
        self.counts.readings += 1;
        self.fresh.push((id, day_of(now)));
    }

    /// The process was killed: what arrived may not have been stored.
    pub fn killed(&mut self) {
        self.counts.kills += 1;
        self.arrived.clear();
        self.fresh.clear();
        // It may have been told to wait and had no time to write it down.
        self.not_before.clear();
    }

    /// The server is off.
    pub fn off(&mut self, span: Span) {
        self.off.push(span);
    }

    /// The server looked after everything and lives: what is kept, of whom somebody is told.
    pub fn looked(&mut self, now: Secs, kept: &[Kept], told: &[&'static str], honest: bool, providers: &[&Provider]) {
        self.counts.looks += 1;
        for id in told {
            self.told.entry(id).or_default().push(now);
        }
        if honest {
            self.looked.push(now);
            if now.rem_euclid(DAY) > REFRESH_AT {
                self.looked_after_hour.insert(day_of(now));
            }
            for (id, day) in std::mem::take(&mut self.fresh) {
                let count = self.readings.entry((id, day)).or_default();
                *count += 1;
                if *count == 2 {
                    self.breaks(Rule::ReadTwice, id, now, "the schedule read it twice on one UTC day");
                }
            }
        }
        self.fresh.clear();
        let arrived = std::mem::take(&mut self.arrived);
        for provider in providers {
            let id = provider.id;
            let Some(kept) = kept.iter().find(|kept| kept.platform == id) else { continue };
            let active = values_of(provider, kept.active.iter());
            let pending = kept.pending.as_ref().map(|grant| values_of(provider, grant.values.iter()));
            let newest = pending.as_ref().unwrap_or(&active).get(provider.call_key);
            if let Some((_, token)) = arrived.iter().rfind(|(platform, _)| *platform == id)
                && newest.and_then(|value| provider.number(value)) < provider.number(token)
                && provider.is_alive(&Values::from([(provider.renew_key, token.clone())]), now)
            {
                let newest = newest.and_then(|value| provider.number(value));
                self.breaks(Rule::ThrownAway, id, now, format!("kept is {newest:?} in {:?}", kept.phase));
            }
            if kept.phase == Phase::Active && provider.is_alive(&active, now) {
                self.take(provider, &active);
            }
            if kept.phase != Phase::NeedsOwner {
                self.needing.remove(id);
            } else if self.needing.insert(id) && self.has_what_works(provider, now) {
                self.breaks(Rule::GaveUp, id, now, format!("{:?}", kept.failure.as_ref().map(|failure| failure.kind)));
            } else if !told.contains(&id) {
                self.breaks(Rule::NotTold, id, now, "the owner is needed");
            }
        }
    }

    fn has_what_works(&self, provider: &Provider, now: Secs) -> bool {
        let last = self.renewable.get(provider.id).cloned();
        last.is_some_and(|value| provider.is_alive(&Values::from([(provider.renew_key, value)]), now))
    }

    /// The record says why today has no run.
    pub fn has_reason(&mut self, now: Secs, has: bool) {
        if has {
            self.reasons.insert(day_of(now))
        } else {
            self.reasons.remove(&day_of(now))
        };
    }

    /// A run of the schedule ended; the day it is booked on.
    pub fn ran(&mut self, now: Secs, booked: jiff::civil::Date, honest: bool) {
        self.counts.runs += 1;
        *self.runs.entry(day_of(now)).or_default() += 1;
        if honest && booked != date_of(now) {
            self.breaks(Rule::WrongDay, "", now, format!("booked on {booked}"));
        }
    }

    /// A credential came to its end: was there time, and was somebody told?
    pub fn ended(&mut self, provider: &Provider, kept: &Kept, weather: &Weather, now: Secs) {
        let active = values_of(provider, kept.active.iter());
        let Some(end) = provider.end_of(&active).filter(|end| end.until <= now && !end.ended) else { return };
        if !self.judged.insert((provider.id, end.until)) || kept.pending.is_some() {
            return;
        }
        let life = end.until - end.since;
        let due = end.since + life * 3 / 4;
        let calm = self.longest_calm(provider.id, weather, Span { from: due, to: end.until });
        if calm >= CALM {
            let detail = format!("{} h of calm in the last quarter of {} days", calm / HOUR, life / DAY);
            self.breaks(Rule::Lapsed, provider.id, end.until, detail);
        }
        self.was_told(provider.id, Span { from: end.until - (13 * DAY).min(life / 5), to: end.until });
    }

    /// The person's agreement came to its end.
    pub fn data_access_ended(&mut self, provider: &Provider, now: Secs) {
        if let Some(until) = provider.data_access_until().filter(|until| *until <= now)
            && self.judged.insert((provider.id, until))
        {
            self.was_told(provider.id, Span { from: until - 13 * DAY, to: until });
        }
    }

    fn was_told(&mut self, id: &'static str, before: Span) {
        let within = |all: &[Secs]| all.iter().any(|at| before.has(*at) && *at < before.to - HOUR);
        if within(&self.looked) && !self.told.get(id).is_some_and(|all| within(all)) {
            self.breaks(Rule::NotTold, id, before.to, "nobody was told before it ended");
        }
    }

    /// The longest time in which the server ran and the platform answered.
    fn longest_calm(&self, id: &str, weather: &Weather, within: Span) -> Secs {
        let outages = weather.outages[id].iter().map(|(span, _)| *span);
        let mut storms: Vec<Span> = outages.chain(self.off.iter().copied()).collect();
        storms.sort_by_key(|span| span.from);
        let (mut calm_since, mut longest) = (within.from, 0);
        for storm in storms.into_iter().filter(|storm| storm.to > within.from && storm.from < within.to) {
            longest = longest.max(storm.from - calm_since);
            calm_since = calm_since.max(storm.to);
        }
        longest.max(within.to - calm_since)
    }

    /// The ten years are over: every UTC day has its run.
    pub fn at_the_end(&mut self) {
        let first = day_of(beginning());
        for day in first..first + DAYS - 1 {
            let excused = self.reasons.contains(&day) || !self.looked_after_hour.contains(&day);
            if !excused && !self.runs.contains_key(&day) {
                self.breaks(Rule::DayWithoutRun, "", day * DAY, "no run of this day came to its end");
            }
        }
    }
}

/// So long a calm is enough for several attempts of a ladder whose longest pause is a day.
const CALM: Secs = 3 * DAY;

/// Renewing and looking are one kind of request to a platform, reading another.
fn class(deed: Deed) -> Deed {
    if deed == Deed::Read { Deed::Read } else { Deed::Look }
}

/// The values a platform issues, of all that are kept.
pub fn values_of<'a>(provider: &Provider, all: impl Iterator<Item = (&'a str, &'a secrecy::SecretString)>) -> Values {
    use secrecy::ExposeSecret as _;
    let own = [provider.call_key, provider.renew_key];
    all.filter_map(|(key, value)| {
        let key = own.into_iter().find(|own| *own == key)?;
        Some((key, value.expose_secret().to_owned()))
    })
    .collect()
}
