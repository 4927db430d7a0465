//! The keeper: brings one platform's credentials up to date, one arrow of `machine.rs` at a time, each stored before
//! the next thing happens. One renewal at a time: a turn in this process, a lease in the database between processes.
//! It never sends an exchange twice without a durable state in between, and never throws away a granted value.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::desk::{Attempted, Desk, Ready, Renewed};
use super::import::{self, Import};
use super::mirrors::Mirrors;
use super::source::{CredentialSource, Given};
use super::{machine, policy};
use crate::clock::Clock;
use crate::domain::credential::{Credentials, Grant, Kept, Phase, Standing};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::platform::About;
use crate::outbound::{FetchError, Outbound};
use crate::platforms::Platform;
use crate::platforms::page::is_web_pin;
use crate::store::{CredentialClaim, Store, StoreError, Vault};

/// How long a lease outlives the longest renewal with its check.
const LEASE: SignedDuration = SignedDuration::from_mins(3);
/// How often another process's renewal is looked at, and how many times.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
const LOOKS: usize = 150;
/// Working credentials are looked at this often, so that a withdrawn one is known before it is needed.
const LOOK_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// How often the schedule comes by.
const TICK: Duration = Duration::from_secs(30);
/// More arrows than the longest way through the machine has.
const MOST_ARROWS: usize = 8;
/// Pauses before a granted value is tried to be stored again, in milliseconds.
const SAVE_AGAIN_MS: [u64; 6] = [50, 200, 500, 1_000, 2_000, 4_000];

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

/// What an arrow led to, and whether there may be another one.
enum Step {
    On(Box<Kept>),
    Rest(Box<Kept>),
}

impl Keeper {
    /// A keeper over these parts.
    pub fn new(parts: Parts) -> Self {
        let turns = parts.platforms.iter().map(|platform| (platform.about().id, Mutex::default())).collect();
        Self { parts: Arc::new(parts), turns: Arc::new(turns) }
    }

    /// The sealed credentials, for those who show how they are.
    pub fn vault(&self) -> &Vault {
        &self.parts.vault
    }

    /// Whether this side renews; the other one only reads.
    pub fn may_renew(&self) -> bool {
        self.parts.may_renew
    }

    /// Asks a platform whether values work, and whether they belong to the account that is pinned. Changes nothing.
    pub async fn check_now(
        &self,
        platform_id: &str,
        values: &Credentials,
    ) -> Result<Result<Standing, FetchError>, StoreError> {
        match self.parts.platforms.iter().find(|platform| platform.about().id == platform_id) {
            Some(platform) => self.check(platform, values).await,
            None => Ok(Err(FailureKind::NotConfigured.into())),
        }
    }

    /// Everything that is due: imports, recoveries, renewals, looks, mirrors. One platform's failure is its own.
    pub async fn tick(&self) {
        for platform in &self.parts.platforms {
            if let Err(error) = self.bring_up(platform, Why::Schedule).await {
                tracing::error!(platform = platform.about().id, %error, "the credentials could not be looked after");
            }
        }
        self.parts.mirrors.tick().await;
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
        Ok(self.bring_up(platform, Why::Now).await?.renewal)
    }

    /// Waits until nothing is under way and lets nothing begin: a stop must not cut a renewal short.
    pub async fn close(&self) {
        for turn in self.turns.values() {
            std::mem::forget(turn.lock().await);
        }
    }

    /// Brings a platform's credentials up to date and hands them out, on a task of its own: what was begun goes on
    /// when the caller leaves.
    async fn bring_up(&self, platform: &Arc<dyn Platform>, why: Why) -> Result<Ready, StoreError> {
        let (keeper, platform) = (self.clone(), platform.clone());
        let task = tokio::spawn(async move { keeper.in_turn(&platform, why).await });
        task.await.unwrap_or_else(|_| {
            tracing::error!("the renewal ended in a panic; it is in doubt until it is looked at again");
            Err(StoreError::Conflict)
        })
    }

    async fn in_turn(&self, platform: &Arc<dyn Platform>, why: Why) -> Result<Ready, StoreError> {
        let about = platform.about();
        let Some(turn) = self.turns.get(about.id) else { return Ok(Ready::default()) };
        let _turn = turn.lock().await;
        let given = self.parts.source.given(about);
        let Some(kept) = self.find_or_seed(about, &given).await? else {
            return Ok(Ready { values: given.values, renewal: None });
        };
        if !self.has_work(about, &kept, &given, why) {
            return Ok(Ready { values: in_use(&kept, &given), renewal: None });
        }
        let Some(mut claim) = self.claim(&kept).await? else {
            let kept = self.find(about).await?.unwrap_or(kept);
            return Ok(Ready { values: in_use(&kept, &given), renewal: None });
        };
        let before = claim.kept.clone();
        let worked = self.work(platform, &mut claim, &given, why).await;
        let released = self.parts.vault.release(&claim).await;
        worked?;
        released?;
        let renewal = self.told(about, &before, &claim.kept).await;
        Ok(Ready { values: in_use(&claim.kept, &given), renewal })
    }

    async fn find(&self, about: &About) -> Result<Option<Kept>, StoreError> {
        let creator = self.parts.store.creator().await?;
        self.parts.vault.find(creator.id, about.id).await
    }

    /// What is kept; the first values that are seen are kept as they are.
    async fn find_or_seed(&self, about: &About, given: &Given) -> Result<Option<Kept>, StoreError> {
        let creator = self.parts.store.creator().await?;
        let found = self.parts.vault.find(creator.id, about.id).await?;
        if found.is_some() || !given.has_secret(about) {
            return Ok(found);
        }
        let generation = given.mark.as_ref().map_or(1, |mark| mark.generation.max(1));
        let seeded = machine::seeded(creator.id, about.id, generation, given.values.clone(), self.now());
        self.parts.vault.insert(&seeded).await?;
        self.parts.vault.find(creator.id, about.id).await
    }

    fn has_work(&self, about: &About, kept: &Kept, given: &Given, why: Why) -> bool {
        matches!(self.import_of(about, kept, given), Import::New { .. } | Import::Older)
            || match kept.phase {
                Phase::Active => self.is_due(about, kept, why) || (why == Why::Schedule && self.wants_look(kept)),
                Phase::NeedsOwner => false,
                Phase::Intent | Phase::Pending | Phase::InDoubt => {
                    why == Why::Now || kept.failure.is_none() || kept.due_at.is_none_or(|at| at <= self.now())
                }
            }
    }

    fn is_due(&self, about: &About, kept: &Kept, why: Why) -> bool {
        let now = self.now();
        let waits = kept.failure.is_some() && kept.due_at.is_some_and(|at| at > now);
        self.parts.may_renew
            && about.renewal.is_some_and(|renewal| renewal.is_possible(&kept.active))
            && match why {
                Why::Now => true,
                _ if waits => false,
                _ => policy::is_stale(&kept.life, now) || kept.due_at.is_some_and(|at| at <= now),
            }
    }

    fn wants_look(&self, kept: &Kept) -> bool {
        let now = self.now();
        let looked = kept.checked_at.is_some_and(|at| at <= now && now.duration_since(at) < LOOK_EVERY);
        !looked && (kept.failure.is_none() || kept.due_at.is_none_or(|at| at <= now))
    }

    /// Takes the lease; when another process has it, waits for that one's end. `None`: it has just been brought up.
    async fn claim(&self, kept: &Kept) -> Result<Option<CredentialClaim>, StoreError> {
        for look in 0..LOOKS {
            let now = self.now();
            let until = now.saturating_add(LEASE).unwrap_or(Timestamp::MAX);
            let claimed =
                self.parts.vault.claim(kept.creator_id, &kept.platform, &self.parts.holder, now, until).await?;
            if let Some(claim) = claimed {
                if look > 0 && claim.kept.generation > kept.generation {
                    self.parts.vault.release(&claim).await?;
                    return Ok(None);
                }
                return Ok(Some(claim));
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Err(StoreError::Conflict)
    }

    /// Goes along the arrows until there is nothing more to do.
    async fn work(
        &self,
        platform: &Arc<dyn Platform>,
        claim: &mut CredentialClaim,
        given: &Given,
        why: Why,
    ) -> Result<(), StoreError> {
        let about = platform.about();
        self.import(about, claim, given).await?;
        let mut why = why;
        for _ in 0..MOST_ARROWS {
            let kept = claim.kept.clone();
            let step = match kept.phase {
                // Nobody else holds the lease, so whoever wrote the intent is gone.
                Phase::Intent => Step::On(Box::new(machine::doubtful(&kept, None))),
                Phase::Pending => self.confirm(platform, &kept).await?,
                Phase::InDoubt => self.resolve(platform, claim, given).await?,
                Phase::NeedsOwner => return Ok(()),
                Phase::Active if self.is_due(about, &kept, why) => {
                    if why == Why::Now {
                        why = Why::Use;
                    }
                    self.exchange(platform, claim).await?
                }
                Phase::Active if why == Why::Schedule && self.wants_look(&kept) => self.look(platform, &kept).await,
                Phase::Active => return Ok(()),
            };
            match step {
                Step::On(kept) => self.keep(claim, *kept).await?,
                Step::Rest(kept) => return self.keep(claim, *kept).await,
            }
        }
        Ok(())
    }

    fn import_of(&self, about: &About, kept: &Kept, given: &Given) -> Import {
        let (mark, tried) = (given.mark.as_ref(), kept.tried.as_deref());
        import::decide(about, &kept.active, kept.generation, &given.values, mark, tried)
    }

    /// Takes an owner's edit, or the other side's newer values, to be tried. A pending grant comes first.
    async fn import(
        &self,
        about: &'static About,
        claim: &mut CredentialClaim,
        given: &Given,
    ) -> Result<(), StoreError> {
        if !matches!(claim.kept.phase, Phase::Active | Phase::NeedsOwner | Phase::InDoubt) {
            return Ok(());
        }
        match self.import_of(about, &claim.kept, given) {
            Import::New { generation } => {
                tracing::info!(platform = about.id, "other credentials were entered; trying them");
                let offered = machine::offered(&claim.kept, generation, given.values.clone(), self.now());
                self.keep(claim, offered).await
            }
            Import::Older => {
                tracing::warn!(platform = about.id, "the file holds older credentials; the newer ones go on");
                self.want_mirrors(about, &claim.kept).await
            }
            Import::Same | Import::Tried | Import::Missing => Ok(()),
        }
    }

    /// ACTIVE → INTENT → one request → PENDING, or back.
    async fn exchange(&self, platform: &Arc<dyn Platform>, claim: &mut CredentialClaim) -> Result<Step, StoreError> {
        let intent = machine::intend(&claim.kept);
        self.keep(claim, intent).await?;
        match self.ask(platform, &claim.kept.active).await {
            Ok(grant) => {
                self.keep_granted(platform.about(), claim, grant).await?;
                Ok(Step::On(Box::new(claim.kept.clone())))
            }
            Err(error) if leaves_doubt(error.kind) => {
                Ok(Step::Rest(Box::new(machine::doubtful(&claim.kept, Some(self.failure(&claim.kept, &error))))))
            }
            Err(error) if is_refusal(error.kind) => self.refused(platform, claim, &error).await,
            Err(error) => Ok(Step::Rest(Box::new(machine::declined(&claim.kept, self.failure(&claim.kept, &error))))),
        }
    }

    /// The platform refused to renew: the values may work on until they end.
    async fn refused(
        &self,
        platform: &Arc<dyn Platform>,
        claim: &CredentialClaim,
        error: &FetchError,
    ) -> Result<Step, StoreError> {
        let failure = self.failure(&claim.kept, error);
        Ok(match self.check(platform, &claim.kept.active).await? {
            Err(checked) if is_refusal(checked.kind) => Step::Rest(Box::new(machine::lost(&claim.kept, failure))),
            _ => Step::Rest(Box::new(machine::declined(&claim.kept, failure))),
        })
    }

    /// PENDING → ACTIVE(n+1); refused → back to n; anything else keeps both.
    async fn confirm(&self, platform: &Arc<dyn Platform>, kept: &Kept) -> Result<Step, StoreError> {
        let Some(grant) = &kept.pending else { return Ok(Step::On(Box::new(machine::resolved(kept, self.now())))) };
        let about = platform.about();
        match self.check(platform, &kept.active.with(&grant.values)).await? {
            Ok(standing) => {
                let confirmed = machine::confirmed(kept, &standing, about.renewal.as_ref(), self.now());
                tracing::info!(platform = about.id, generation = confirmed.generation, "new credentials work");
                Ok(Step::On(Box::new(confirmed)))
            }
            Err(error) if is_refusal(error.kind) => {
                tracing::error!(platform = about.id, kind = error.kind.name(), "new credentials were refused");
                Ok(Step::Rest(Box::new(machine::rejected(kept, self.failure(kept, &error)))))
            }
            Err(error) => Ok(Step::Rest(Box::new(machine::postponed(kept, self.failure(kept, &error))))),
        }
    }

    /// IN_DOUBT: the former values are tried once; then the file is read again; then only the owner can help.
    async fn resolve(
        &self,
        platform: &Arc<dyn Platform>,
        claim: &mut CredentialClaim,
        given: &Given,
    ) -> Result<Step, StoreError> {
        let about = platform.about();
        let error = match self.check(platform, &claim.kept.active).await? {
            Ok(_) => {
                let resolved = machine::resolved(&claim.kept, self.now());
                return Ok(Step::On(Box::new(resolved)));
            }
            Err(error) if is_refusal(error.kind) => error,
            Err(error) => {
                return Ok(Step::Rest(Box::new(machine::postponed(&claim.kept, self.failure(&claim.kept, &error)))));
            }
        };
        let renewable = about.renewal.is_some_and(|renewal| renewal.is_possible(&claim.kept.active));
        let error = if self.parts.may_renew && renewable {
            match self.ask(platform, &claim.kept.active).await {
                Ok(grant) => {
                    self.keep_granted(about, claim, grant).await?;
                    return Ok(Step::On(Box::new(claim.kept.clone())));
                }
                Err(error) if is_refusal(error.kind) => error,
                Err(error) => {
                    let failure = self.failure(&claim.kept, &error);
                    return Ok(Step::Rest(Box::new(machine::postponed(&claim.kept, failure))));
                }
            }
        } else {
            error
        };
        if let Import::New { generation } = self.import_of(about, &claim.kept, &self.parts.source.given(about)) {
            let offered = machine::offered(&claim.kept, generation, given.values.clone(), self.now());
            return Ok(Step::On(Box::new(offered)));
        }
        tracing::error!(platform = about.id, kind = error.kind.name(), "the credentials ended; the owner is needed");
        Ok(Step::Rest(Box::new(machine::lost(&claim.kept, self.failure(&claim.kept, &error)))))
    }

    /// Looks whether working credentials still work, and how long they hold.
    async fn look(&self, platform: &Arc<dyn Platform>, kept: &Kept) -> Step {
        let about = platform.about();
        match platform.check(&self.parts.http.for_one_fetch(), &kept.active, self.now()).await {
            Ok(standing) => Step::On(Box::new(machine::learnt(kept, &standing, about.renewal.as_ref(), self.now()))),
            Err(error) if is_refusal(error.kind) => {
                // What has run out may still be renewable: due at once, and asked for in the next step.
                let failure = Failure { next_attempt_at: Some(self.now()), ..self.failure(kept, &error) };
                let looked = Kept { checked_at: Some(self.now()), ..machine::declined(kept, failure) };
                Step::On(Box::new(looked))
            }
            Err(error) => Step::Rest(Box::new(machine::postponed(kept, self.failure(kept, &error)))),
        }
    }

    async fn ask(&self, platform: &Arc<dyn Platform>, values: &Credentials) -> Result<Grant, FetchError> {
        let granted = platform.renew(&self.parts.http.for_one_fetch(), values, self.now()).await;
        granted.inspect_err(|error| {
            tracing::warn!(platform = platform.about().id, kind = error.kind.name(), "not renewed");
        })
    }

    /// Asks whether values work, and whether they belong to the account that is pinned.
    async fn check(
        &self,
        platform: &Arc<dyn Platform>,
        values: &Credentials,
    ) -> Result<Result<Standing, FetchError>, StoreError> {
        let checked = platform.check(&self.parts.http.for_one_fetch(), values, self.now()).await;
        let creator = self.parts.store.creator().await?;
        let account = self.parts.store.account(creator.id, platform.about().id).await?;
        let pinned = account.and_then(|account| account.memory.pinned_id);
        Ok(checked.and_then(|standing| match (&standing.account_id, pinned) {
            (Some(answered), Some(pinned)) if *answered != pinned && !is_web_pin(&pinned) => {
                Err(FailureKind::AccountMismatch.into())
            }
            _ => Ok(standing),
        }))
    }

    /// Stores what is kept; durable when it returns.
    async fn keep(&self, claim: &mut CredentialClaim, kept: Kept) -> Result<(), StoreError> {
        let confirmed = kept.generation > claim.kept.generation && kept.phase == Phase::Active;
        self.parts.vault.save(claim, &kept).await?;
        claim.kept = kept;
        if confirmed && let Some(about) = self.about(&claim.kept.platform) {
            let detail = format!("generation {}", claim.kept.generation);
            self.parts.store.add_audit(self.now(), "mediakit", "credentials renewed", &detail).await?;
            self.want_mirrors(about, &claim.kept).await?;
        }
        Ok(())
    }

    /// Stores granted values, whatever it takes: the platform may have ended the former ones already. When the
    /// database does not take them, the file gets them, from where they are read again.
    async fn keep_granted(
        &self,
        about: &'static About,
        claim: &mut CredentialClaim,
        grant: Grant,
    ) -> Result<(), StoreError> {
        let pending = machine::granted(&claim.kept, grant);
        let mut written = false;
        for pause in SAVE_AGAIN_MS {
            match self.keep(claim, pending.clone()).await {
                Ok(()) => return Ok(()),
                Err(StoreError::Conflict) => return self.keep_late(claim, pending).await,
                Err(error) => tracing::error!(platform = about.id, %error, "new credentials are not stored yet"),
            }
            if !written && let Some(grant) = &pending.pending {
                let active = pending.active.with(&grant.values);
                let ahead = Kept { generation: pending.generation + 1, active, ..pending.clone() };
                written = self.parts.mirrors.write_file(about, &ahead).is_ok();
            }
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        self.keep(claim, pending).await
    }

    /// Stores granted values after the lease ran out, as on a machine that slept. Whoever had it meanwhile knew the
    /// former values only, unless it brought newer ones itself.
    async fn keep_late(&self, claim: &mut CredentialClaim, pending: Kept) -> Result<(), StoreError> {
        let Some(again) = self.claim(&claim.kept).await? else { return Ok(()) };
        let superseded = again.kept.generation > pending.generation || again.kept.phase == Phase::Pending;
        *claim = again;
        if superseded { Ok(()) } else { self.keep(claim, pending).await }
    }

    async fn want_mirrors(&self, about: &'static About, kept: &Kept) -> Result<(), StoreError> {
        self.parts.mirrors.want(about, kept).await
    }

    /// What was done, for who asked for it.
    async fn told(&self, about: &'static About, before: &Kept, after: &Kept) -> Option<Attempted> {
        if after.generation > before.generation && after.phase == Phase::Active {
            let storage = self.parts.mirrors.settle(about).await;
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

    fn failure(&self, kept: &Kept, error: &FetchError) -> Failure {
        let now = self.now();
        let told = error.wait.and_then(|wait| SignedDuration::try_from(wait).ok());
        let next = policy::retry_at(kept.failures.saturating_add(1), told, now);
        Failure { kind: error.kind, detail: error.detail.clone(), at: now, next_attempt_at: Some(next) }
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
        self.bring_up(platform, why).await.unwrap_or_else(|error| {
            tracing::error!(platform = about.id, %error, "the database's credentials are not at hand; using the file's");
            Ready { values: self.parts.source.given(about).values, renewal: None }
        })
    }
}

/// The values for a fetch: new ones that wait for their confirmation come first, and the plain settings of the file
/// (a user name, a budget) as they stand there now.
pub fn in_use(kept: &Kept, given: &Given) -> Credentials {
    let values = kept.pending.as_ref().map_or_else(|| kept.active.clone(), |grant| kept.active.with(&grant.values));
    values.with(&given.settings)
}

/// Whether the platform said that these values no longer work, or are somebody else's.
const fn is_refusal(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::AuthExpired | FailureKind::AuthRevoked | FailureKind::AccountMismatch)
}

/// Whether the platform may have acted although no usable answer came.
const fn leaves_doubt(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Timeout
            | FailureKind::Protocol
            | FailureKind::TooLarge
            | FailureKind::NotJson
            | FailureKind::LoginWall
            | FailureKind::Schema
            | FailureKind::Upstream
    )
}
