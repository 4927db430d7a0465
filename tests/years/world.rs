//! The world outside the process: the true time, the platforms' books, the machine's clock, and what is to happen at
//! which call. The processes' platforms reach it through [`Played`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use mediakit::clock::Clock;
use mediakit::domain::credential::{Credentials, Grant, Kept, Life, Standing};
use mediakit::domain::failure::FailureKind;
use mediakit::domain::metric::{Origin, Provenance};
use mediakit::domain::platform::About;
use mediakit::domain::reading::{PublicProfile, Reading, Reported};
use mediakit::outbound::{FetchError, Outbound};
use mediakit::platforms::{Connected, Platform};
use mediakit::store::Vault;
use tokio::sync::{Notify, oneshot};

use crate::dice::Dice;
use crate::judge::{Judge, Sent, values_of};
use crate::provider::{Provider, Values};
use crate::time::{DAY, MINUTE, Secs, beginning, instant, later};
use crate::weather::{Deed, Moment, Trouble, Weather};

/// How long a second server may take beside an exchange: it waits for the lease all that time, as it should.
const BESIDE: Duration = Duration::from_millis(120);
/// Longer than a lease.
const SLEEP: Secs = 10 * MINUTE;

/// What is to happen at a call that may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planned {
    Kill(&'static str, Deed, Moment),
    Beside(&'static str),
    Asleep(&'static str, Deed),
}

/// Starts a second server that renews a platform's credentials; tells when it runs, and when it is done.
pub type Second = Box<dyn Fn(&'static str) -> (oneshot::Receiver<()>, oneshot::Receiver<()>) + Send>;

pub struct State {
    pub now: Secs,
    /// By how much the server's clock is wrong.
    pub wrong_by: Secs,
    /// Since when the clock is right again; before that nobody is held to anything.
    pub honest_from: Secs,
    /// The server's own clock, and how a variant bends it.
    pub clock: Clock,
    pub zone: fn(Secs) -> Secs,
    pub providers: BTreeMap<&'static str, Provider>,
    pub weather: Weather,
    pub judge: Judge,
    pub planned: Vec<Planned>,
    /// Whether the schedule is what asks now.
    pub by_schedule: bool,
    /// Whether one thing follows the other, so that the machine can sleep.
    pub in_order: bool,
    pub second: Option<Second>,
    /// The process is being killed: a second kill would find nobody.
    pub is_dying: bool,
    /// The platforms at which a second server is at work, or was when this one last looked, with the end of its work when
    /// that comes later.
    pub beside: BTreeMap<&'static str, Option<oneshot::Receiver<()>>>,
    /// A sleep that is over, and whose stale copy of the credentials a variant may write back.
    pub slept: Option<&'static str>,
    dice: BTreeMap<&'static str, Dice>,
}

impl State {
    pub fn new(seed: u64, weather: Weather, providers: Vec<Provider>, zone: fn(Secs) -> Secs) -> Self {
        let dice = providers.iter().map(|provider| (provider.id, Dice::new(seed, &format!("{} luck", provider.id))));
        let now = beginning();
        Self {
            now,
            wrong_by: 0,
            honest_from: now,
            clock: Clock::fixed(instant(now + zone(now))),
            zone,
            dice: dice.collect(),
            providers: providers.into_iter().map(|provider| (provider.id, provider)).collect(),
            weather,
            judge: Judge::default(),
            planned: Vec::new(),
            by_schedule: false,
            in_order: false,
            second: None,
            is_dying: false,
            beside: BTreeMap::new(),
            slept: None,
        }
    }

    /// Time passes.
    pub fn pass_to(&mut self, now: Secs) {
        self.now = now;
        self.clock.set(instant(now + self.wrong_by + (self.zone)(now)));
    }

    /// Sets the clock wrong, or right.
    pub fn set_wrong(&mut self, by: Secs) {
        self.wrong_by = by;
        self.judge.clock_was_set();
        self.honest_from = if by == 0 { self.now + 2 * DAY } else { Secs::MAX };
        self.judge.counts.clock_steps += 1;
        self.pass_to(self.now);
    }

    pub fn is_honest(&self) -> bool {
        self.now >= self.honest_from
    }

    /// Whether a kill at this platform's calls finds the first process, and finds it alive.
    fn can_die(&self, id: &str) -> bool {
        !self.beside.contains_key(id) && !self.is_dying
    }

    fn takes(&mut self, planned: impl Fn(&Planned) -> bool) -> bool {
        let at = self.planned.iter().position(planned);
        at.map(|at| self.planned.remove(at)).is_some()
    }
}

/// The world, shared by everything that lives in it.
pub struct World {
    state: Mutex<State>,
    /// The process is to die.
    pub killed: Notify,
}

impl World {
    pub fn new(state: State) -> Self {
        Self { state: Mutex::new(state), killed: Notify::new() }
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Waits for the end of the second servers' work, where any is at work.
    pub async fn beside_ends(&self) {
        let beside: Vec<_> = self.lock().beside.values_mut().filter_map(Option::take).collect();
        for end in beside {
            let _ = end.await;
        }
    }

    /// The process dies here: nothing after this happens.
    async fn die(&self) {
        self.killed.notify_one();
        std::future::pending::<()>().await;
    }
}

/// A platform as a process sees it, with the real description.
pub struct Played {
    pub about: &'static About,
    pub world: Arc<World>,
    /// To see what the database says at the moment of a request.
    pub vault: Vault,
    pub creator_id: i64,
    /// Whether somebody at the keyboard asks, who is answered by the platform itself.
    pub by_hand: bool,
}

impl Played {
    fn values(&self, credentials: &Credentials) -> Values {
        let state = self.world.lock();
        values_of(&state.providers[self.about.id], credentials.iter())
    }

    async fn kept(&self) -> Option<Kept> {
        self.vault.find(self.creator_id, self.about.id).await.unwrap()
    }

    /// Kills the process if that is planned for here.
    async fn may_die(&self, deed: Deed, moment: Moment) {
        let id = self.about.id;
        let dies = {
            let mut state = self.world.lock();
            let dies = state.can_die(id) && state.takes(|planned| *planned == Planned::Kill(id, deed, moment));
            state.is_dying |= dies;
            dies
        };
        if dies {
            self.world.die().await;
        }
    }

    /// The request reaches the platform, or trouble does in its place.
    fn arrives(&self, deed: Deed, values: &Values, kept: Option<&Kept>) -> Result<(), FetchError> {
        let mut state = self.world.lock();
        let state = &mut *state;
        let provider = &state.providers[self.about.id];
        let honest = state.is_honest() && !self.by_hand;
        let sent = Sent { deed, values, kept, now: state.now, honest };
        let trouble = state.weather.trouble(provider.id, state.now);
        if trouble != Some(Trouble::Down) {
            state.judge.sent(provider, &sent);
        }
        let luck = state.dice.get_mut(self.about.id).unwrap();
        let chance = luck.between(0, 1_000);
        let trouble = trouble.or(match chance {
            0..3 => Some(Trouble::Down),
            3..6 => Some(Trouble::Silent),
            6..10 => Some(Trouble::Broken),
            10..12 => Some(Trouble::Busy(luck.between(MINUTE, DAY))),
            _ => None,
        });
        Err(match trouble {
            None => return Ok(()),
            Some(Trouble::Down) => FailureKind::Connect.into(),
            Some(Trouble::Silent) => FailureKind::Timeout.into(),
            Some(Trouble::Broken) => FailureKind::Upstream.into(),
            Some(Trouble::Busy(pause)) => {
                state.judge.told_to_wait(self.about.id, deed, state.now + pause);
                let wait = Duration::from_secs(pause.unsigned_abs());
                FetchError::new(FailureKind::RateLimited).wait(Some(wait))
            }
        })
    }

    /// A second server works while this request is under way, or while this machine sleeps through its lease.
    async fn meanwhile(&self, deed: Deed, values: &Values) {
        let id = self.about.id;
        let (asleep, (started, mut done)) = {
            let mut state = self.world.lock();
            let state = &mut *state;
            let asleep = state.in_order && state.takes(|planned| *planned == Planned::Asleep(id, deed));
            let beside = !asleep && deed == Deed::Renew && state.takes(|planned| *planned == Planned::Beside(id));
            let at_work = state.beside.contains_key(id);
            let Some(second) = state.second.as_ref().filter(|_| (asleep || beside) && !at_work) else { return };
            let second = second(id);
            state.beside.insert(id, None);
            if asleep {
                state.pass_to(state.now + SLEEP);
                state.slept = Some(id);
                state.judge.asleep(&state.providers[id], values);
            }
            (asleep, second)
        };
        let _ = started.await;
        if asleep {
            let _ = done.await;
        } else if tokio::time::timeout(BESIDE, &mut done).await.is_err() {
            self.world.lock().beside.insert(id, Some(done));
        }
    }
}

#[async_trait]
impl Platform for Played {
    fn about(&self) -> &'static About {
        self.about
    }

    async fn fetch(&self, _: &Outbound, account: &Connected) -> Result<Reading, FetchError> {
        self.may_die(Deed::Read, Moment::Before).await;
        let (values, kept) = (self.values(&account.credentials), self.kept().await);
        self.arrives(Deed::Read, &values, kept.as_ref())?;
        let read = {
            let mut state = self.world.lock();
            let (now, by_schedule) = (state.now, state.by_schedule && !state.beside.contains_key(self.about.id));
            let answer = state.providers[self.about.id].answer(Deed::Read, &values, now);
            if answer.is_ok() && by_schedule {
                state.judge.read(self.about.id, now);
            }
            answer.map(|_| 10_000 + (now - beginning()) / DAY)
        };
        self.may_die(Deed::Read, Moment::After).await;
        let audience = read?;
        Ok(Reading::of(
            format!("id-{}", self.about.id),
            PublicProfile::default(),
            Origin {
                source: "played".to_owned(),
                provenance: Provenance::OwnerAuthorised,
                api_version: None,
                api_version_answered: None,
            },
            BTreeMap::from([(self.about.audience, Reported::exact(audience))]),
        ))
    }

    async fn renew(&self, _: &Outbound, credentials: &Credentials, now: Timestamp) -> Result<Grant, FetchError> {
        self.may_die(Deed::Renew, Moment::Before).await;
        let (values, kept) = (self.values(credentials), self.kept().await);
        self.arrives(Deed::Renew, &values, kept.as_ref())?;
        let granted = {
            let mut state = self.world.lock();
            let state = &mut *state;
            let provider = state.providers.get_mut(self.about.id).unwrap();
            let granted = provider.renew(&values, state.now)?;
            state.judge.exchanged(provider, &values, state.now);
            granted
        };
        self.meanwhile(Deed::Renew, &values).await;
        let lost = {
            let mut state = self.world.lock();
            let state = &mut *state;
            let id = self.about.id;
            let lost = state.dice.get_mut(id).unwrap().in_ten_thousand(10);
            let killed = state.can_die(id) && state.planned.contains(&Planned::Kill(id, Deed::Renew, Moment::After));
            let arrives = Some(&granted.values).filter(|_| !lost && !killed);
            state.judge.answered(&state.providers[id], &values, arrives);
            lost
        };
        self.may_die(Deed::Renew, Moment::After).await;
        if lost {
            return Err(FailureKind::Protocol.into());
        }
        let expires_at = Some(later(now, granted.expires_in));
        let renewable_until = granted.refresh_expires_in.map(|life| later(now, life));
        let values = granted.values.into_iter().map(|(key, value)| (key.to_owned(), value.into()));
        let life = Life { since: Some(now), expires_at, renewable_until, ..Life::default() };
        Ok(Grant { values: values.collect(), life, scopes: Vec::new() })
    }

    async fn check(&self, _: &Outbound, credentials: &Credentials, _: Timestamp) -> Result<Standing, FetchError> {
        // Reads that are billed are not spent on a look.
        if self.about.price.is_some() {
            return Ok(Standing::default());
        }
        self.may_die(Deed::Look, Moment::Before).await;
        let (values, kept) = (self.values(credentials), self.kept().await);
        self.arrives(Deed::Look, &values, kept.as_ref())?;
        let told = {
            let state = self.world.lock();
            state.providers[self.about.id].answer(Deed::Look, &values, state.now)
        };
        self.meanwhile(Deed::Look, &values).await;
        self.may_die(Deed::Look, Moment::After).await;
        let told = told?;
        let life = Life {
            expires_at: told.expires_at.map(instant),
            data_access_until: told.data_access_until.map(instant),
            ..Life::default()
        };
        // Facebook names a person and no account.
        let account_id = told.data_access_until.is_none().then(|| format!("id-{}", self.about.id));
        Ok(Standing { account_id, life, ..Standing::default() })
    }
}
