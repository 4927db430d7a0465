//! Ten years of one seed: time goes from one moment at which something is due to the next, and the server looks at each
//! of them as it does every half minute.

use std::fs;
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::{SignedDuration, Timestamp};
use mediakit::credentials::EnvFile;
use mediakit::domain::account::Account;
use mediakit::domain::credential::{Kept, Phase};
use mediakit::outbound::Outbound;
use mediakit::refresh::{Event as Step, State as Reached, Trigger};
use tokio::sync::oneshot;

use crate::dice::Dice;
use crate::judge::{Counts, Violation};
use crate::provider::{Kind, Provider, Values};
use crate::server::{House, PLAYED, Server};
use crate::time::{DAY, DAYS, HOUR, MINUTE, REFRESH_AT, Secs, beginning};
use crate::variants::Variant;
use crate::weather::{Event, Span, Weather};
use crate::world::{Planned, Second, State, World};

/// The schedule's own rhythm.
const TICK: Secs = 30;
/// What falls due within so long is looked after together, as by a server that has much to do: while something is
/// amiss, and on calm days.
const TOGETHER: Secs = 10 * MINUTE;
const TOGETHER_IN_CALM: Secs = 12 * HOUR;
/// Longer than the lease that a killed process leaves behind.
const RESTART: Secs = 4 * MINUTE;
/// Nothing goes without a look for longer.
const LONGEST: Secs = DAY;
/// Looks in a row after which something that stays due is left for an hour.
const PATIENCE: u32 = 4;

/// What came of a seed.
pub struct Outcome {
    pub violations: Vec<Violation>,
    pub counts: Counts,
    /// What each platform was sent, as a number.
    pub trace: Vec<u64>,
}

/// Lives through ten years, or until something goes wrong.
pub fn live(seed: u64, variant: &'static Variant, http: &Outbound) -> Outcome {
    let mut story = Story::new(seed, variant, http);
    story.go_on(beginning() + DAYS * DAY);
    let mut state = story.world.lock();
    state.judge.at_the_end();
    let trace = state.judge.traces.values().map(DefaultHasher::finish).collect();
    Outcome { violations: std::mem::take(&mut state.judge.violations), counts: state.judge.counts, trace }
}

struct Story {
    house: Arc<House>,
    world: Arc<World>,
    server: Option<Server>,
    variant: &'static Variant,
    events: Vec<(Secs, Event)>,
    next_event: usize,
    dice: Dice,
    /// When the owner comes and connects a platform anew.
    visits: Vec<(Secs, &'static str)>,
    /// An older copy of the file.
    copy: Option<String>,
    starts: u64,
    stuck: u32,
    /// What the accounts remembered at the end of the last look, and what was kept; nothing after a start.
    accounts: Vec<Account>,
    kept: Vec<Kept>,
    /// Somebody wrote into the file since.
    is_edited: bool,
    /// The last run that was booked.
    last_run: i64,
}

/// The platforms of a seed: those that renew, and one of those with keys that do not end.
fn played(seed: u64) -> [&'static str; 4] {
    let [instagram, tiktok, youtube, twitch, x] = PLAYED;
    [instagram, tiktok, youtube, if seed % 4 < 2 { twitch } else { x }]
}

fn kind(id: &str, seed: u64) -> Kind {
    match id {
        "instagram" if seed.is_multiple_of(2) => Kind::InstagramLogin,
        "instagram" => Kind::FacebookLogin,
        "tiktok" => Kind::TikTok,
        "youtube" if matches!(seed % 4, 1 | 2) => Kind::Google,
        _ => Kind::Keys,
    }
}

impl Story {
    fn new(seed: u64, variant: &'static Variant, http: &Outbound) -> Self {
        let mut providers: Vec<Provider> =
            played(seed).into_iter().map(|id| Provider::new(id, kind(id, seed), seed)).collect();
        let renew: Vec<&'static str> = providers.iter().filter(|one| one.renews()).map(|one| one.id).collect();
        let weather = Weather::new(seed, &played(seed), &renew);
        let house = Arc::new(House::new(http, variant, played(seed)));
        let entered = providers.iter_mut().flat_map(|provider| provider.authorise(beginning()));
        let text = entered.fold("# mine\n".to_owned(), |text, (key, value)| text + key + "=" + &value + "\n");
        fs::write(house.file(), text).unwrap();
        let events = weather.events.clone();
        let outages = weather.outages.values().map(|all| all.len() as u64).sum();
        let world = Arc::new(World::new(State::new(seed, weather, providers, variant.zone)));
        world.lock().judge.counts.outages = outages;
        world.lock().judge.tells = crate::asked().is_some_and(|seeds| seeds.len() == 1);
        world.lock().second = Some(second(house.clone(), &world, variant));
        let server = Server::start(&house, &world, "server", false);
        server.enter_handles(&renew);
        let dice = Dice::new(seed, "story");
        let accounts = server.runtime.block_on(server.store.all_accounts()).unwrap();
        let (server, visits) = (Some(server), Vec::new());
        Self {
            house,
            world,
            server,
            variant,
            events,
            next_event: 0,
            dice,
            visits,
            copy: None,
            starts: 0,
            stuck: 0,
            accounts,
            kept: Vec::new(),
            is_edited: false,
            last_run: 0,
        }
    }

    fn go_on(&mut self, end: Secs) {
        loop {
            let now = self.world.lock().now;
            let is_caught = |violation: &Violation| self.variant.breaks == Some(violation.rule);
            if now >= end || self.world.lock().judge.violations.iter().any(is_caught) {
                return;
            }
            while let Some((at, event)) = self.events.get(self.next_event).copied().filter(|(at, _)| *at <= now) {
                debug_assert!(at <= now);
                self.next_event += 1;
                self.happens(event);
            }
            self.owner_comes();
            self.look();
        }
    }

    fn happens(&mut self, event: Event) {
        let mut state = self.world.lock();
        if state.judge.tells {
            println!("  {event:?}");
        }
        match event {
            Event::Off(length) => {
                let (from, to) = (state.now, state.now + length);
                state.judge.off(Span { from, to });
                state.judge.counts.stops += 1;
                drop(state);
                // Half the time somebody pulls the plug.
                let server = self.server.take().unwrap();
                if self.dice.in_ten_thousand(5_000) {
                    server.kill();
                } else {
                    server.stop();
                }
                self.start_at(to);
            }
            Event::Kill(id, deed, moment) => state.planned.push(Planned::Kill(id, deed, moment)),
            Event::Beside(id) => state.planned.push(Planned::Beside(id)),
            Event::Asleep(id, deed) => state.planned.push(Planned::Asleep(id, deed)),
            Event::Clock(by) => state.set_wrong(by),
            Event::Copy => self.copy = fs::read_to_string(self.house.file()).ok(),
            Event::Restore => {
                drop(state);
                self.restore();
            }
            Event::Withdraw(id) => state.providers.get_mut(id).unwrap().withdraw(),
        }
    }

    fn start_at(&mut self, at: Secs) {
        let missed = (at - self.world.lock().now) / DAY;
        self.world.lock().pass_to(at);
        self.starts += 1;
        let server = Server::start(&self.house, &self.world, &self.holder(&format!("server-{}", self.starts)), false);
        (self.variant.at_start)(&server, missed, &self.world);
        self.accounts = server.runtime.block_on(server.store.all_accounts()).unwrap();
        self.kept = Vec::new();
        self.server = Some(server);
    }

    fn holder(&self, name: &str) -> String {
        if self.variant.one_holder { "server".to_owned() } else { name.to_owned() }
    }

    /// The owner puts an older copy of the file back.
    fn restore(&mut self) {
        if let Some(copy) = self.copy.take() {
            let copy = if self.variant.unmarked { without_marks(&copy) } else { copy };
            fs::write(self.house.file(), copy).unwrap();
            self.is_edited = true;
        }
    }

    /// Who was told connects the platform anew some days later.
    fn owner_comes(&mut self) {
        let now = self.world.lock().now;
        let (come, later) = std::mem::take(&mut self.visits).into_iter().partition(|(at, _)| *at <= now);
        self.visits = later;
        for (_, id) in Vec::from_iter::<Vec<(Secs, &'static str)>>(come) {
            let values = {
                let mut state = self.world.lock();
                let state = &mut *state;
                state.judge.counts.connected_anew += 1;
                let provider = state.providers.get_mut(id).unwrap();
                let values = provider.authorise(now);
                // What the owner does by hand is tried at once, and counts.
                state.judge.may_be_asked(id);
                state.judge.take(provider, &values);
                values
            };
            let text = fs::read_to_string(self.house.file()).unwrap();
            fs::write(self.house.file(), edited(&text, &values)).unwrap();
            self.is_edited = true;
        }
    }

    /// The server looks after everything that is due, and time goes on to the next that will be.
    fn look(&mut self) {
        let server = self.server.as_ref().unwrap();
        let keeper_first = self.dice.in_ten_thousand(5_000);
        let (due, has_work) = (self.due_accounts(), self.keeper_has_work());
        let alive = server.runtime.block_on(async {
            let looking = async {
                for keeping in [keeper_first, !keeper_first] {
                    self.world.lock().in_order = keeping;
                    if keeping && has_work {
                        server.keeper.tick().await;
                    } else if !keeping && due > 0 {
                        self.world.lock().by_schedule = true;
                        server.refresher.tick().await;
                        server.refresher.progress().settled().await;
                        self.world.lock().by_schedule = false;
                    }
                    // What comes next depends on what a second server has done.
                    self.world.beside_ends().await;
                }
            };
            let killed = async {
                self.world.killed.notified().await;
                self.others_end(server, due).await;
            };
            tokio::select! {
                biased;
                () = looking => true,
                () = killed => false,
            }
        });
        self.after_second(server);
        self.is_edited = false;
        if !alive {
            let mut state = self.world.lock();
            (state.by_schedule, state.in_order, state.is_dying) = (false, false, false);
            state.judge.killed();
            let again = state.now + RESTART + self.dice.between(0, HOUR);
            let (from, to) = (state.now, again);
            state.judge.off(Span { from, to });
            drop(state);
            self.server.take().unwrap().kill();
            self.start_at(again);
            return self.note_runs();
        }
        let server = self.server.as_ref().unwrap();
        let (kept, accounts, told) = server.runtime.block_on(async {
            let (kept, accounts, alerts) = server.seen(&self.world).await;
            let ids = alerts
                .iter()
                .filter(|alert| (self.variant.tells)(alert))
                .filter_map(|alert| PLAYED.into_iter().find(|id| alert.platform.as_deref() == Some(*id)));
            (kept, accounts, ids.collect::<Vec<&'static str>>())
        });
        if due > 0 {
            self.note_runs();
        }
        self.judge(&kept, &accounts, &told);
        (self.accounts, self.kept) = (accounts, kept);
        let next = self.next_moment();
        self.world.lock().pass_to(next);
    }

    /// Whether the keeper may find something to do. On a calm day it is asked when something is due.
    fn keeper_has_work(&self) -> bool {
        let now = self.world.lock().clock.now();
        let due = |kept: &Kept| kept.checked_at.is_none() || moments(kept).into_iter().flatten().any(|at| at <= now);
        self.is_edited || self.kept.is_empty() || !self.is_calm() || self.kept.iter().any(due)
    }

    /// Whether nothing is amiss, as far as the last look saw, and nothing is planned.
    fn is_calm(&self) -> bool {
        let state = self.world.lock();
        state.planned.is_empty()
            && state.is_honest()
            && self.kept.iter().all(|kept| kept.phase == Phase::Active && kept.failure.is_none())
            && self.accounts.iter().all(|account| account.memory.failure.is_none())
    }

    /// How many accounts the schedule will ask now.
    fn due_accounts(&self) -> usize {
        let now = self.world.lock().clock.now();
        let due = |account: &&Account| {
            let told = account.memory.wait.map(|wait| wait.until);
            account.memory.due_at.max(told).is_none_or(|at| at <= now) || account.memory.is_of_the_future(now)
        };
        self.accounts.iter().filter(due).count()
    }

    /// A process that dies while it asks several platforms at once: the others come to their end first, so that the
    /// same seed tells the same story.
    async fn others_end(&self, server: &Server, due: usize) {
        if self.world.lock().in_order {
            return;
        }
        let (steps, mut events) = server.refresher.progress().watch();
        let ended = |step: &Step| {
            matches!(step, Step::Platform { state: Reached::Saved | Reached::Held | Reached::Failed, .. })
        };
        let begun = steps.iter().rposition(|step| matches!(step, Step::Started { .. })).unwrap_or(0);
        let mut left = due.saturating_sub(1 + steps.range(begun..).filter(|step| ended(step)).count());
        while left > 0 {
            match events.recv().await {
                Ok(step) => left -= usize::from(ended(&step)),
                Err(_) => return,
            }
        }
    }

    /// The end of the second servers' work, and what a stale one writes that knows no fence.
    fn after_second(&self, server: &Server) {
        server.runtime.block_on(self.world.beside_ends());
        let slept = {
            let mut state = self.world.lock();
            state.beside.clear();
            state.slept.take()
        };
        if let Some(id) = slept {
            (self.variant.after_sleep)(server, id, &self.world);
        }
    }

    /// Books the runs that came to their end since the last look.
    fn note_runs(&mut self) {
        let server = self.server.as_ref().unwrap();
        let runs = server.runtime.block_on(server.store.last_runs(5)).unwrap();
        let mut state = self.world.lock();
        let honest = state.is_honest();
        let before = self.last_run;
        for run in runs.iter().filter(|run| run.id > before && run.finished_at.is_some()) {
            self.last_run = self.last_run.max(run.id);
            if run.trigger == Trigger::Schedule {
                let wrong_by = state.wrong_by + (state.zone)(state.now);
                state.judge.ran(run.started_at.as_second() - wrong_by, run.day, honest);
            }
        }
    }

    fn judge(&mut self, kept: &[Kept], accounts: &[Account], told: &[&'static str]) {
        let mut state = self.world.lock();
        let state = &mut *state;
        let (now, honest) = (state.now, state.is_honest());
        let providers: Vec<&Provider> = state.providers.values().collect();
        state.judge.looked(now, kept, told, honest, &providers);
        let midnight = (now.div_euclid(DAY) + 1) * DAY + state.wrong_by;
        let later = |at: Option<Timestamp>| at.is_some_and(|at| at.as_second() >= midnight);
        let said = |one: &Account| {
            one.memory.failure.is_some() && later(one.memory.due_at.max(one.memory.wait.map(|w| w.until)))
        };
        state.judge.has_reason(now, accounts.iter().all(said));
        for provider in providers {
            let Some(kept) = kept.iter().find(|kept| kept.platform == provider.id) else { continue };
            if provider.renews() {
                state.judge.ended(provider, kept, &state.weather, now);
                state.judge.data_access_ended(provider, now);
            }
            let access_ends = provider.data_access_until().is_some_and(|until| until - now < 10 * DAY);
            let calls = kept.phase == Phase::NeedsOwner || (access_ends && told.contains(&provider.id));
            if calls && self.visits.iter().all(|(_, id)| *id != provider.id) {
                let within = self.dice.one_of(&[DAY, 5 * DAY, 25 * DAY]);
                self.visits.push((now + self.dice.between(HOUR, within), provider.id));
            }
        }
    }

    /// When the next thing is due, by the server's clock or by fate; half a minute from now at the earliest.
    fn next_moment(&mut self) -> Secs {
        let state = self.world.lock();
        let (now, wrong) = (state.now, state.wrong_by + (state.zone)(state.now));
        drop(state);
        let of_kept = self.kept.iter().filter(|kept| kept.phase != Phase::NeedsOwner).flat_map(moments);
        let of_accounts = self.accounts.iter().map(|one| one.memory.due_at.max(one.memory.wait.map(|wait| wait.until)));
        // The server looks twice a minute: the first look at or after the instant.
        let step = if self.is_calm() { TOGETHER_IN_CALM } else { TOGETHER };
        let seconds = |at: Timestamp| {
            let whole = at.as_second() + i64::from(at.subsec_nanosecond() > 0) - wrong - REFRESH_AT;
            (whole + step - 1).div_euclid(step) * step + REFRESH_AT
        };
        let due: Vec<Secs> = of_kept.chain(of_accounts).flatten().map(seconds).collect();
        let fates = self.visits.iter().map(|(at, _)| *at).chain(self.events.get(self.next_event).map(|(at, _)| *at));
        let next = due.iter().copied().chain(fates).filter(|at| *at > now).min().unwrap_or(Secs::MAX);
        // What is still due was put off to the next look; for ever only when there is something wrong with it.
        let is_open = due.iter().any(|at| *at <= now);
        self.stuck = if is_open { self.stuck + 1 } else { 0 };
        let soon = if is_open && self.stuck <= PATIENCE { TICK } else { LONGEST };
        next.min(now + soon).max(now + TICK)
    }
}

/// When the keeper wants to renew credentials, and to look at them.
fn moments(kept: &Kept) -> [Option<Timestamp>; 2] {
    [kept.due_at, kept.checked_at.map(|at| at + SignedDuration::from_hours(24))]
}

/// A second server on the same machine, on a thread of its own for as long as it works.
fn second(house: Arc<House>, world: &Arc<World>, variant: &'static Variant) -> Second {
    let world = Arc::downgrade(world);
    let started_before = AtomicU32::new(0);
    Box::new(move |id| {
        let (tell_started, started) = oneshot::channel();
        let (tell_done, done) = oneshot::channel();
        let n = started_before.fetch_add(1, Ordering::Relaxed);
        let holder = if variant.one_holder { "server".to_owned() } else { format!("second-{n}") };
        if let (Some(world), house) = (world.upgrade(), house.clone()) {
            std::thread::spawn(move || {
                let server = Server::start(&house, &world, &holder, true);
                let _ = tell_started.send(());
                // What happens to the first one in the end is its own affair.
                let _ = server.runtime.block_on(server.keeper.renew(id));
                server.stop();
                let _ = tell_done.send(());
            });
        }
        (started, done)
    })
}

fn without_marks(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with("# mediakit:")).fold(String::new(), |text, line| text + line + "\n")
}

/// The file as somebody edits it: new values in the lines of their keys.
fn edited(text: &str, values: &Values) -> String {
    let line = |line: &str| {
        let new = values.iter().find(|(key, _)| line.split('=').next() == Some(**key));
        new.map_or_else(|| line.to_owned(), |(key, value)| format!("{key}={value}")) + "\n"
    };
    let written = text.lines().map(line).collect::<String>();
    debug_assert!(EnvFile::parse(written.clone().into_bytes()).is_ok());
    written
}
