//! The refresh: asks all platforms at once, joins overlapping calls, and keeps what came. A failure is a value;
//! one platform's failure never touches another. The schedule, the API, the command line and the admin panel all
//! come through [`Refresher::start`].

mod account;
mod look;
mod picture;
pub mod policy;
mod progress;
mod schedule;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, join_all};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::watch;

pub use look::Looked;
pub use progress::{Event, Progress, Standing, State};

use crate::clock::Clock;
use crate::credentials::{Attempted, Desk};
use crate::domain::account::Account;
use crate::domain::failure::Failure;
use crate::domain::snapshot::Snapshot;
use crate::outbound::Outbound;
use crate::platforms::Platform;
pub use crate::store::Trigger;
use crate::store::{Store, StoreError};

/// What became of one account in a refresh.
#[derive(Clone, Debug)]
pub struct AccountOutcome {
    /// The platform's id.
    pub platform: &'static str,
    /// The handle that was asked for.
    pub handle: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The renewal of its credentials on the way, or why that did not come about.
    pub renewal: Option<Attempted>,
}

/// How the refresh of one account ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// New numbers are stored.
    Saved(Box<Snapshot>),
    /// The audience jumped; the old numbers stay until a second fetch agrees.
    Held,
    /// The old numbers stay.
    Failed(Failure),
    /// The database did not take the result; the old numbers stay.
    NotStored,
    /// Nobody was asked: another process holds the account and seems to have ended.
    LeftBehind {
        /// When it is free again.
        until: Timestamp,
    },
}

/// What a refresh brought, one entry an account, in the order of the platform list.
#[derive(Clone, Debug, Default)]
pub struct RunReport {
    /// What became of each account.
    pub accounts: Vec<AccountOutcome>,
}

impl RunReport {
    /// How many accounts have new numbers.
    pub fn saved(&self) -> usize {
        self.accounts.iter().filter(|account| matches!(account.outcome, Outcome::Saved(_))).count()
    }
}

/// Why a refresh did not start.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// No handle is set, or none on the platforms that were named.
    #[error("no handle is set")]
    NoHandles,
    /// The database could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

type Joined = Shared<BoxFuture<'static, Arc<AccountOutcome>>>;

/// A fetch under way, or one that ended while others of its run have not.
#[derive(Clone)]
struct Running {
    outcome: Joined,
    /// How many accounts of the run have not ended.
    left: Arc<AtomicUsize>,
}

/// The fetches that can be joined, by account.
#[derive(Default)]
pub struct Board(Mutex<HashMap<i64, Running>>);

impl Board {
    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Running>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The refresh engine. Cheap to clone.
#[derive(Clone)]
pub struct Refresher {
    parts: Arc<Parts>,
}

/// What the engine works with.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// Every platform.
    pub platforms: Vec<Arc<dyn Platform>>,
    /// The HTTP client.
    pub http: Outbound,
    /// The time.
    pub clock: Clock,
    /// Who hands out the credentials.
    pub credentials: Arc<dyn Desk>,
    /// When the schedule asks; it may change while it runs.
    pub plan: watch::Sender<policy::Plan>,
    /// This process, as leases name it.
    pub holder: String,
    /// Fetches that can be joined: each until every fetch it was started with has ended.
    pub running: Board,
    /// What is happening now.
    pub progress: Progress,
}

impl Refresher {
    /// An engine over these parts.
    pub fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts) }
    }

    /// What is happening now, for those who watch.
    pub fn progress(&self) -> &Progress {
        &self.parts.progress
    }

    /// Refreshes the creator's accounts on the named platforms (all when none is named) and waits for the result.
    ///
    /// An account that is already being asked is joined, never asked twice. The work goes on when the caller leaves.
    pub async fn start(&self, creator_id: i64, only: &[String], trigger: Trigger) -> Result<RunReport, RefreshError> {
        Ok(self.begin(creator_id, only, trigger).await?.await)
    }

    /// Begins what [`Self::start`] waits for: it is under way when this returns, and the future is its result.
    pub async fn begin(
        &self,
        creator_id: i64,
        only: &[String],
        trigger: Trigger,
    ) -> Result<impl Future<Output = RunReport> + Send + use<>, RefreshError> {
        let mut accounts = self.parts.store.accounts(creator_id).await?;
        accounts.retain(|account| only.is_empty() || only.contains(&account.platform));
        self.begin_accounts(&accounts, trigger)
    }

    fn begin_accounts(
        &self,
        accounts: &[Account],
        trigger: Trigger,
    ) -> Result<impl Future<Output = RunReport> + Send + use<>, RefreshError> {
        let mut known: Vec<(Arc<dyn Platform>, Account)> = Vec::new();
        for platform in &self.parts.platforms {
            let of_platform = accounts.iter().filter(|account| account.platform == platform.about().id);
            known.extend(of_platform.map(|account| (platform.clone(), account.clone())));
        }
        if known.is_empty() {
            return Err(RefreshError::NoHandles);
        }
        let joined = self.join(known, trigger);
        Ok(async {
            let accounts = join_all(joined).await.iter().map(|outcome| AccountOutcome::clone(outcome)).collect();
            RunReport { accounts }
        })
    }

    /// Starts what is not under way and hands out the futures of all, in order.
    fn join(&self, accounts: Vec<(Arc<dyn Platform>, Account)>, trigger: Trigger) -> Vec<Joined> {
        let mut running = self.parts.running.lock();
        let joined = |(_, account): &(_, Account)| {
            let entry = running.get(&account.id).filter(|entry| entry.left.load(Ordering::SeqCst) > 0);
            entry.map(|entry| entry.outcome.clone())
        };
        let under_way: Vec<Option<Joined>> = accounts.iter().map(joined).collect();
        let left = Arc::new(AtomicUsize::new(under_way.iter().filter(|entry| entry.is_none()).count()));
        let creator_id = accounts.first().map_or(0, |(_, account)| account.creator_id);
        let asked = left.load(Ordering::SeqCst);
        if asked > 0 {
            // Said before any of them can say where it stands.
            self.parts.progress.started(asked);
        }
        let mut fresh = Vec::with_capacity(asked);
        let each = accounts.into_iter().zip(under_way).map(|((platform, account), under_way)| {
            under_way.unwrap_or_else(|| {
                let (id, outcome) = (account.id, self.spawn_account(platform, account, left.clone()));
                running.insert(id, Running { outcome: outcome.clone(), left: left.clone() });
                fresh.push((id, outcome.clone()));
                outcome
            })
        });
        let all = each.collect();
        drop(running);
        if asked > 0 {
            tokio::spawn(self.clone().finish(creator_id, fresh, trigger));
        }
        all
    }

    /// One account's fetch on a task of its own: it outlives its caller, and a panic in it stays in it.
    fn spawn_account(&self, platform: Arc<dyn Platform>, account: Account, left: Arc<AtomicUsize>) -> Joined {
        let (about, handle) = (platform.about(), account.handle.clone());
        let task = tokio::spawn(account::refresh(self.parts.clone(), platform, account));
        let outcome = async move {
            let (outcome, renewal) = task.await.unwrap_or_else(|_| {
                tracing::error!(platform = about.id, "the refresh ended in a panic; the old numbers stay");
                (Outcome::NotStored, None)
            });
            left.fetch_sub(1, Ordering::SeqCst);
            Arc::new(AccountOutcome { platform: about.id, handle, outcome, renewal })
        };
        outcome.boxed().shared()
    }

    /// Waits for all that was started together, looks after the creator's picture and writes the run down.
    async fn finish(self, creator_id: i64, fresh: Vec<(i64, Joined)>, trigger: Trigger) {
        let run = self.begin_run(trigger).await;
        let outcomes = join_all(fresh.iter().map(|(_, outcome)| outcome.clone())).await;
        let saved = outcomes.iter().filter(|outcome| matches!(outcome.outcome, Outcome::Saved(_))).count();
        let failed = outcomes.len() - saved;
        let own: Vec<&Outcome> = outcomes.iter().map(|outcome| &outcome.outcome).collect();
        picture::renew(&self.parts, creator_id, &own).await;
        self.parts.progress.finished(saved, failed);
        if let Some(run) = run
            && let Err(error) = self.parts.store.finish_run(run, self.parts.clock.now(), saved, failed).await
        {
            tracing::error!(%error, "the end of the refresh could not be written down");
        }
        self.parts.running.lock().retain(|_, entry| entry.left.load(Ordering::SeqCst) > 0);
        self.parts.progress.closed();
    }

    async fn begin_run(&self, trigger: Trigger) -> Option<i64> {
        let now = self.parts.clock.now();
        let run = self.parts.store.add_run(trigger, now.to_zoned(TimeZone::UTC).date(), now).await;
        run.inspect_err(|error| tracing::error!(%error, "the refresh could not be written down")).ok()
    }

    /// Follows another plan from now on. Accounts that wait for their next daily refresh get its time; what is due
    /// already, or waits for another reason, stays.
    pub async fn follow(&self, plan: policy::Plan) -> Result<(), StoreError> {
        if self.parts.plan.send_replace(plan) == plan {
            return Ok(());
        }
        let now = self.parts.clock.now();
        for account in self.parts.store.all_accounts().await? {
            let known = self.parts.platforms.iter().find(|platform| platform.about().id == account.platform);
            if let Some(due_at) = known.and_then(|known| policy::replanned(plan, known.about(), &account.memory, now)) {
                self.parts.store.set_due(account.id, due_at).await?;
            }
        }
        Ok(())
    }

    /// Asks what is due now.
    pub async fn tick(&self) {
        schedule::once(self).await;
    }

    /// Asks what is due, again and again, until the task is dropped. Does nothing while the plan has no time.
    pub async fn run_schedule(self) {
        schedule::run(self).await;
    }
}
