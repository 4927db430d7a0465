//! The keeper: brings one platform's credentials up to date, one arrow of `machine.rs` at a time, each stored before
//! the next thing happens. One renewal at a time: a turn in this process, a lease in the database between processes.
//! It never sends an exchange twice without a durable state in between, and never throws away a granted value.

mod entry;
mod steps;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::desk::{Attempted, Desk, Ready, Renewed};
use super::github::GitHub;
use super::import::{self, Import};
use super::mirrors::Mirrors;
use super::source::{CredentialSource, Given};
use super::{machine, policy};
use crate::clock::Clock;
use crate::domain::credential::{Credentials, Kept, Phase};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::lease;
use crate::domain::platform::About;
use crate::domain::time::was_set_back;
use crate::outbound::Outbound;
use crate::platforms::Platform;
use crate::store::{CredentialClaim, Listed, Store, StoreError, Vault};

/// Working credentials are looked at this often, so that a withdrawn one is known before it is needed.
const LOOK_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// How often the schedule comes by.
const TICK: Duration = Duration::from_secs(30);
/// More arrows than the longest way through the machine has.
const MOST_ARROWS: usize = 8;

/// What the keeper works with.
pub struct Parts {
    /// The sealed credentials.
    pub vault: Vault,
    /// The database, for the pinned account and the audit log.
    pub store: Store,
    /// Every platform.
    pub platforms: Vec<Arc<dyn Platform>>,
    /// The HTTP client.
    pub http: Outbound,
    /// The time.
    pub clock: Clock,
    /// The file and the environment.
    pub source: Arc<CredentialSource>,
    /// The copies in other places.
    pub mirrors: Mirrors,
    /// Whether this side renews, see `MEDIAKIT_ROTATION_OWNER`; the other one only reads.
    pub may_renew: bool,
    /// This process, as leases name it.
    pub holder: String,
}

/// Keeps every credential alive. Cheap to clone.
#[derive(Clone)]
pub struct Keeper {
    parts: Arc<Parts>,
    /// One turn a platform.
    turns: Arc<BTreeMap<&'static str, Mutex<()>>>,
    /// Since when the database takes nothing.
    refused_since: Arc<std::sync::Mutex<Option<Timestamp>>>,
    /// What was granted and nothing took yet, by platform.
    held: Arc<std::sync::Mutex<BTreeMap<String, Kept>>>,
}

/// Why credentials are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// A fetch needs them.
    Use,
    /// The schedule came by: looks at what was not looked at for a day.
    Schedule,
    /// Somebody wants a renewal now, or a fetch was refused.
    Now,
}

/// What there is for a platform.
struct Seen {
    kept: Option<Kept>,
    given: Given,
}

/// What can be done with credentials as they stand, see `machine.rs`.
enum Arrow {
    Doubt,
    Confirm,
    Resolve,
    Exchange,
    Look,
}

/// What an arrow led to, and whether there may be another one.
enum Step {
    On(Box<Kept>),
    Rest(Box<Kept>),
}

impl Keeper {
    /// A keeper over these parts.
    pub fn new(parts: Parts) -> Self {
        let turns = parts.platforms.iter().map(|platform| (platform.about().id, Mutex::default())).collect();
        Self { parts: Arc::new(parts), turns: Arc::new(turns), refused_since: Arc::default(), held: Arc::default() }
    }

    /// The sealed credentials, for those who show how they are.
    pub fn vault(&self) -> &Vault {
        &self.parts.vault
    }

    /// Mirrors to this repository from now on; one that is new gets what was renewed before.
    pub async fn mirror_to(&self, github: Option<GitHub>) -> Result<(), StoreError> {
        self.parts.mirrors.replace_github(github).await
    }

    /// Whether this side renews; the other one only reads.
    pub fn may_renew(&self) -> bool {
        self.parts.may_renew
    }

    /// Since when nothing can be stored; `None` when it can, or nothing had to be.
    pub fn disk_fails_since(&self) -> Option<Timestamp> {
        *self.refused_since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers whether the database took a write.
    fn noted<T>(&self, written: Result<T, StoreError>) -> Result<T, StoreError> {
        let mut since = self.refused_since.lock().unwrap_or_else(PoisonError::into_inner);
        match &written {
            // While something is held, a write that fitted does not mean that all is well.
            Ok(_) if self.held().is_empty() => *since = None,
            Err(StoreError::Unavailable(_) | StoreError::Unexpected(_)) => {
                since.get_or_insert(self.now());
            }
            _ => {}
        }
        written
    }

    /// Everything that is due: imports, recoveries, renewals, looks, mirrors. One platform's failure is its own.
    pub async fn tick(&self) {
        let mut seen = self.seen().await;
        for platform in &self.parts.platforms {
            let seen = seen.remove(platform.about().id);
            if let Err(error) = self.bring_up(platform, Why::Schedule, seen).await {
                tracing::error!(platform = platform.about().id, %error, "the credentials could not be looked after");
            }
        }
        self.parts.mirrors.tick().await;
    }

    /// What there is for every platform, read at once. It may be old by the time a platform's turn comes: whoever changes
    /// something claims it first, and sees it as it is then. Whatever can't be read is left out; the look for it alone
    /// says why.
    async fn seen(&self) -> BTreeMap<&'static str, Seen> {
        let abouts = || self.parts.platforms.iter().map(|platform| platform.about());
        let given = self.parts.source.given_each(abouts());
        let Ok(Listed { mut kept, unreadable }) = self.parts.vault.list_first().await else {
            return BTreeMap::new();
        };
        let is_readable = |about: &About| unreadable.iter().all(|(_, platform)| platform != about.id);
        let all = abouts().zip(given).filter(|(about, _)| is_readable(about));
        let mut kept_of = |about: &About| kept.extract_if(.., |kept| kept.platform == about.id).next();
        all.map(|(about, given)| (about.id, Seen { kept: kept_of(about), given })).collect()
    }

    /// Looks every half minute until the task is dropped.
    pub async fn run(self) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            self.tick().await;
        }
    }

    /// Renews a platform's credentials now, whether they are due or not.
    pub async fn renew(&self, platform_id: &str) -> Result<Option<Attempted>, StoreError> {
        let known = self.parts.platforms.iter().find(|platform| platform.about().id == platform_id);
        let Some(platform) = known.filter(|platform| platform.about().renewal.is_some()) else { return Ok(None) };
        Ok(self.bring_up(platform, Why::Now, None).await?.renewal)
    }

    /// Waits until nothing is under way and lets nothing begin: a stop must not cut a renewal short.
    pub async fn close(&self) {
        for turn in self.turns.values() {
            std::mem::forget(turn.lock().await);
        }
    }

    /// Brings a platform's credentials up to date and hands them out, on a task of its own: what was begun goes on
    /// when the caller leaves.
    async fn bring_up(&self, platform: &Arc<dyn Platform>, why: Why, seen: Option<Seen>) -> Result<Ready, StoreError> {
        let (keeper, platform) = (self.clone(), platform.clone());
        let task = tokio::spawn(async move { keeper.in_turn(&platform, why, seen).await });
        task.await.unwrap_or_else(|_| {
            tracing::error!("the renewal ended in a panic; it is in doubt until it is looked at again");
            Err(StoreError::Conflict)
        })
    }

    async fn in_turn(&self, platform: &Arc<dyn Platform>, why: Why, seen: Option<Seen>) -> Result<Ready, StoreError> {
        let about = platform.about();
        let Some(turn) = self.turns.get(about.id) else { return Ok(Ready::default()) };
        let _turn = turn.lock().await;
        let Seen { kept, given } = match seen {
            Some(seen) => seen,
            None => self.see(about).await?,
        };
        let Some(mut kept) = self.or_seeded(kept, about, &given).await? else {
            return Ok(Ready { values: given.values, renewal: None });
        };
        // What is no secret holds as it stands in the file, for a renewal as well: an app's id may be entered later.
        let settings = given.settings.of(about);
        kept.active = kept.active.with(&settings);
        if !self.has_work(about, &kept, &given, why) {
            return Ok(Ready { values: in_use(&kept, &given), renewal: None });
        }
        let claimed = match self.claim(&kept).await {
            // What is kept can be used meanwhile; only to change it nobody is there.
            Err(StoreError::LeftBehind { .. }) if why == Why::Use => None,
            claimed => claimed?,
        };
        let Some(mut claim) = claimed else {
            let kept = self.find(about).await?.unwrap_or(kept);
            return Ok(Ready { values: in_use(&kept, &given), renewal: None });
        };
        claim.kept.active = claim.kept.active.with(&settings);
        let before = claim.kept.clone();
        let worked = self.work(platform, &mut claim, &given, why).await;
        self.ended(&claim, worked).await?;
        let renewal = self.told(about, &before, &claim.kept).await;
        Ok(Ready { values: in_use(&claim.kept, &given), renewal })
    }

    async fn see(&self, about: &About) -> Result<Seen, StoreError> {
        let given = self.parts.source.given(about);
        Ok(Seen { kept: self.find(about).await?, given })
    }

    async fn find(&self, about: &About) -> Result<Option<Kept>, StoreError> {
        self.parts.vault.find_first(about.id).await
    }

    /// What is kept; the first values that are seen are kept as they are.
    async fn or_seeded(&self, found: Option<Kept>, about: &About, given: &Given) -> Result<Option<Kept>, StoreError> {
        if found.is_some() || !given.has_secret(about) {
            return Ok(found);
        }
        let creator = self.parts.store.creator().await?;
        let generation = given.mark.as_ref().map_or(1, |mark| mark.generation.max(1));
        let seeded = machine::seeded(creator.id, about.id, generation, given.values.clone(), self.now());
        self.noted(self.parts.vault.insert(&seeded).await)?;
        self.parts.vault.find(creator.id, about.id).await
    }

    fn has_work(&self, about: &About, kept: &Kept, given: &Given, why: Why) -> bool {
        self.held().contains_key(about.id)
            || matches!(import_of(about, kept, given), Import::New { .. } | Import::Older)
            || match kept.phase {
                Phase::Active => self.is_due(about, kept, why) || (why == Why::Schedule && self.wants_look(kept)),
                Phase::NeedsOwner | Phase::Off => false,
                Phase::Intent | Phase::Pending | Phase::InDoubt => why == Why::Now || !self.waits(kept),
            }
    }

    fn is_due(&self, about: &About, kept: &Kept, why: Why) -> bool {
        let now = self.now();
        let is_due_by_the_clock = kept.due_at.is_some_and(|at| at <= now);
        self.parts.may_renew
            && about.renewal.is_some_and(|renewal| renewal.is_possible(&kept.active))
            && match why {
                Why::Now => true,
                _ if self.waits(kept) => false,
                // What lives for hours is renewed for its use, and for the daily look.
                Why::Schedule if policy::is_short_lived(&kept.life) && !self.wants_look(kept) => is_due_by_the_clock,
                _ => policy::is_stale(&kept.life, now) || is_due_by_the_clock,
            }
    }

    fn wants_look(&self, kept: &Kept) -> bool {
        let now = self.now();
        let looked = kept.checked_at.is_some_and(|at| at <= now && now.duration_since(at) < LOOK_EVERY);
        !looked && !self.waits(kept)
    }

    /// Whether a failure's pause is not over.
    fn waits(&self, kept: &Kept) -> bool {
        let now = self.now();
        let failed = kept.failure.as_ref().is_some_and(|failure| !was_set_back(failure.at, now));
        failed && kept.due_at.is_some_and(|at| at > now)
    }

    /// Takes the lease; when another process has it, waits for that one's end. `None`: it has just been brought up.
    async fn claim(&self, kept: &Kept) -> Result<Option<CredentialClaim>, StoreError> {
        let (creator_id, platform, holder) = (kept.creator_id, &kept.platform, &self.parts.holder);
        for _ in 0..lease::LOOKS {
            let now = self.now();
            let claimed = self.parts.vault.claim(creator_id, platform, holder, now, lease::until(now)).await;
            if let Some(claim) = self.noted(claimed)? {
                if claim.kept.generation > kept.generation {
                    self.parts.vault.release(&claim).await?;
                    return Ok(None);
                }
                return Ok(Some(claim));
            }
            let until = self.parts.vault.held_until(creator_id, platform).await?;
            if let Some(until) = until.filter(|until| lease::seems_left(*until, now)) {
                return Err(StoreError::LeftBehind { until });
            }
            tokio::time::sleep(lease::LOOK_AGAIN).await;
        }
        let until = self.parts.vault.held_until(creator_id, platform).await?;
        Err(until.map_or(StoreError::Conflict, |until| StoreError::LeftBehind { until }))
    }

    /// What was done under a claim; a change that was made gave it back with itself, one that failed does so here.
    async fn ended(&self, claim: &CredentialClaim, done: Result<(), StoreError>) -> Result<(), StoreError> {
        if done.is_err()
            && let Err(error) = self.parts.vault.release(claim).await
        {
            tracing::warn!(platform = claim.kept.platform, %error, "the lease is left to its end");
        }
        done
    }

    /// Goes along the arrows until there is nothing more to do, and gives the claim back; but not when it fails.
    async fn work(
        &self,
        platform: &Arc<dyn Platform>,
        claim: &mut CredentialClaim,
        given: &Given,
        why: Why,
    ) -> Result<(), StoreError> {
        let about = platform.about();
        self.keep_held(claim).await?;
        self.import(about, claim, given).await?;
        let mut asked = false;
        for _ in 0..MOST_ARROWS {
            let Some(arrow) = self.arrow(about, &claim.kept, why, asked) else { break };
            let step = match arrow {
                // Nobody else holds the lease, so whoever wrote the intent is gone.
                Arrow::Doubt => Step::On(Box::new(machine::doubtful(&claim.kept, None))),
                Arrow::Confirm => self.confirm(platform, claim, asked).await?,
                Arrow::Resolve => self.resolve(platform, claim).await?,
                Arrow::Exchange => self.exchange(platform, claim).await?,
                Arrow::Look => self.look(platform, &claim.kept).await,
            };
            // Once a turn: an answer that says the new token has ended already must not lead to the next one.
            asked |= matches!(&step, Step::On(next) if next.phase == Phase::Pending);
            match step {
                Step::On(next) if self.arrow(about, &next, why, asked).is_some() => self.keep(claim, *next).await?,
                Step::On(last) | Step::Rest(last) => return self.keep_last(claim, *last).await,
            }
        }
        self.parts.vault.release(claim).await
    }

    /// The arrow that leads on from here, for who has the lease; renewals were `asked` for already, or not.
    fn arrow(&self, about: &About, kept: &Kept, why: Why, asked: bool) -> Option<Arrow> {
        match kept.phase {
            Phase::Intent => Some(Arrow::Doubt),
            Phase::Pending => (why == Why::Now || !self.waits(kept)).then_some(Arrow::Confirm),
            Phase::InDoubt => Some(Arrow::Resolve),
            Phase::Active if !asked && self.is_due(about, kept, why) => Some(Arrow::Exchange),
            Phase::Active => (why == Why::Schedule && self.wants_look(kept)).then_some(Arrow::Look),
            Phase::NeedsOwner | Phase::Off => None,
        }
    }

    /// Takes an owner's edit, the other side's newer values, or a grant that only the file took, to be tried. A pending
    /// grant comes first.
    async fn import(
        &self,
        about: &'static About,
        claim: &mut CredentialClaim,
        given: &Given,
    ) -> Result<(), StoreError> {
        if claim.kept.phase == Phase::Pending {
            return Ok(());
        }
        match import_of(about, &claim.kept, given) {
            Import::New { generation } => {
                tracing::info!(platform = about.id, "other credentials were entered; trying them");
                let offered = machine::offered(&claim.kept, generation, given.values.clone(), self.now());
                self.keep(claim, offered).await
            }
            Import::Older => {
                if self.parts.mirrors.want_again(about, &claim.kept).await? {
                    tracing::warn!(platform = about.id, "the file holds older credentials; it gets the newer ones");
                }
                Ok(())
            }
            Import::Same | Import::Tried | Import::Missing => Ok(()),
        }
    }

    /// What was done, for who asked for it.
    async fn told(&self, about: &'static About, before: &Kept, after: &Kept) -> Option<Attempted> {
        if after.generation > before.generation && after.phase == Phase::Active {
            let storage = self.parts.mirrors.settle(after.creator_id, about).await;
            return Some(Attempted::Renewed(Renewed {
                platform: about.id,
                generation: after.generation,
                fingerprint: import::renewed(about, &after.active).fingerprint(),
                expires_at: after.life.expires_at,
                storage,
            }));
        }
        let failure = after.failure.clone().filter(|_| after.failures > before.failures);
        failure.map(Attempted::Failed)
    }

    fn about(&self, id: &str) -> Option<&'static About> {
        self.parts.platforms.iter().map(|platform| platform.about()).find(|about| about.id == id)
    }

    fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }
}

#[async_trait]
impl Desk for Keeper {
    async fn ready(&self, about: &'static About) -> Ready {
        self.handed_out(about, Why::Use).await
    }

    async fn instead(&self, about: &'static About, used: &Credentials) -> Option<Ready> {
        // Another process may have renewed meanwhile; then there is nothing left to do.
        let kept = self.find(about).await.ok().flatten()?;
        let current = in_use(&kept, &self.parts.source.given(about));
        if current != *used {
            return Some(Ready { values: current, renewal: None });
        }
        about.renewal.filter(|renewal| renewal.is_possible(used))?;
        if kept.failure.as_ref().is_some_and(|failure| asks_for_a_pause(failure, self.now())) {
            return None;
        }
        let ready = self.handed_out(about, Why::Now).await;
        (ready.values != *used || ready.renewal.is_some()).then_some(ready)
    }
}

impl Keeper {
    /// Values from the database, or from the file as long as the database is away.
    async fn handed_out(&self, about: &'static About, why: Why) -> Ready {
        let Some(platform) = self.parts.platforms.iter().find(|platform| platform.about().id == about.id) else {
            return Ready::default();
        };
        self.bring_up(platform, why, None).await.unwrap_or_else(|error| {
            tracing::error!(platform = about.id, %error, "the database's credentials are not at hand; using the file's");
            Ready { values: self.parts.source.given(about).values, renewal: None }
        })
    }
}

/// Whether the platform asked to be left alone and that time is not over.
fn asks_for_a_pause(failure: &Failure, now: Timestamp) -> bool {
    failure.kind == FailureKind::RateLimited && failure.next_attempt_at.is_some_and(|at| at > now)
}

/// The values for a fetch: new ones that wait for their confirmation come first, and the plain settings of the file
/// (a user name, a budget) as they stand there now.
pub fn in_use(kept: &Kept, given: &Given) -> Credentials {
    let values = kept.pending.as_ref().map_or_else(|| kept.active.clone(), |grant| kept.active.with(&grant.values));
    values.with(&given.settings)
}

/// What the file means for what is kept.
pub(super) fn import_of(about: &About, kept: &Kept, given: &Given) -> Import {
    import::decide(about, kept, &given.values, given.mark.as_ref())
}
