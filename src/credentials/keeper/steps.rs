//! The steps of the keeper that ask the platform or store what came: each goes along one arrow of `machine.rs`.

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::SignedDuration;

use super::{Keeper, Step, import_of};
use crate::credentials::import::Import;
use crate::credentials::{machine, policy};
use crate::domain::audit;
use crate::domain::credential::{Credentials, Grant, Kept, Phase, Standing};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::platform::About;
use crate::outbound::FetchError;
use crate::platforms::Platform;
use crate::platforms::page::is_web_pin;
use crate::store::{CredentialClaim, StoreError};

/// Pauses before a granted value is tried to be stored again, in milliseconds.
const SAVE_AGAIN_MS: [u64; 6] = [50, 200, 500, 1_000, 2_000, 4_000];

impl Keeper {
    /// ACTIVE → INTENT → one request → PENDING, or back.
    pub(super) async fn exchange(
        &self,
        platform: &Arc<dyn Platform>,
        claim: &mut CredentialClaim,
    ) -> Result<Step, StoreError> {
        let intent = machine::intend(&claim.kept);
        self.keep(claim, intent).await?;
        match self.ask(platform, &machine::presented(&claim.kept)).await {
            Ok(grant) => {
                self.keep_granted(platform.about(), claim, grant).await?;
                Ok(Step::On(Box::new(claim.kept.clone())))
            }
            Err(error) if leaves_doubt(error.kind) => {
                Ok(Step::Rest(Box::new(machine::doubtful(&claim.kept, Some(self.failure(&claim.kept, &error))))))
            }
            Err(error) if is_refusal(error.kind) && claim.kept.pending.is_some() => {
                Ok(self.rejected(platform.about(), &claim.kept, &error))
            }
            Err(error) if is_refusal(error.kind) => self.refused(platform, claim, &error).await,
            Err(error) => {
                let failure = self.failure(&claim.kept, &error);
                let failure = self.once_old_enough(platform.about(), &claim.kept, failure);
                Ok(Step::Rest(Box::new(machine::declined(&claim.kept, failure))))
            }
        }
    }

    /// The platform refused to renew: the values may work on until they end.
    async fn refused(
        &self,
        platform: &Arc<dyn Platform>,
        claim: &CredentialClaim,
        error: &FetchError,
    ) -> Result<Step, StoreError> {
        let (about, kept) = (platform.about(), &claim.kept);
        let failure = self.failure(kept, error);
        Ok(Step::Rest(Box::new(match self.check(platform, kept.creator_id, &kept.active).await? {
            Err(checked) if is_refusal(checked.kind) => machine::lost(kept, failure),
            // It asks to be left alone, for the next renewal as well.
            Err(checked) if checked.wait.is_some() => machine::declined(kept, self.failure(kept, &checked)),
            _ => machine::declined(kept, self.once_old_enough(about, kept, failure)),
        })))
    }

    /// The pending values do not work.
    fn rejected(&self, about: &About, kept: &Kept, error: &FetchError) -> Step {
        tracing::error!(platform = about.id, kind = error.kind.name(), "new credentials were refused");
        let failure = self.once_old_enough(about, kept, self.failure(kept, error));
        Step::Rest(Box::new(machine::rejected(kept, failure)))
    }

    /// The next attempt at a renewal of the active values is not before the platform renews them at all: they may be
    /// too young, if somebody asked by hand.
    fn once_old_enough(&self, about: &About, kept: &Kept, failure: Failure) -> Failure {
        let earliest = about.renewal.and_then(|renewal| policy::earliest(&kept.life, &renewal, self.now()));
        Failure { next_attempt_at: failure.next_attempt_at.max(earliest), ..failure }
    }

    /// PENDING → ACTIVE(n+1); ran out → renewed, unless one renewal was `asked` for already; refused → back to n;
    /// anything else keeps both.
    pub(super) async fn confirm(
        &self,
        platform: &Arc<dyn Platform>,
        claim: &mut CredentialClaim,
        asked: bool,
    ) -> Result<Step, StoreError> {
        let kept = &claim.kept;
        let Some(grant) = &kept.pending else {
            return Ok(Step::On(Box::new(machine::resolved(kept, self.now(), self.now()))));
        };
        let about = platform.about();
        let renewed = about.renewal.map_or(&[][..], |renewal| renewal.keys);
        let has = |wanted: &[&str]| grant.values.iter().any(|(key, _)| wanted.contains(&key));
        if machine::was_granted(kept) && has(renewed) && !has(renewed.get(..1).unwrap_or_default()) {
            // The answer had no token for calls that could be looked at; what it had may be all there is.
            let confirmed = machine::confirmed(kept, &Standing::default(), about.renewal.as_ref(), self.now());
            return Ok(Step::On(Box::new(confirmed)));
        }
        match self.check(platform, kept.creator_id, &kept.active.with(&grant.values)).await? {
            Ok(standing) => {
                let confirmed = machine::confirmed(kept, &standing, about.renewal.as_ref(), self.now());
                tracing::info!(platform = about.id, generation = confirmed.generation, "new credentials work");
                Ok(Step::On(Box::new(confirmed)))
            }
            Err(error) if !asked && self.may_have_run_out(about, kept, &error) => self.exchange(platform, claim).await,
            Err(error) if is_refusal(error.kind) && !self.may_have_run_out(about, kept, &error) => {
                Ok(self.rejected(about, kept, &error))
            }
            Err(error) => Ok(Step::Rest(Box::new(machine::postponed(kept, self.failure(kept, &error))))),
        }
    }

    /// Whether pending values may be refused only because their token for calls ran out before it could be looked at.
    /// What renews them came with them, and may be all there is: the former values can have ended with the grant. How
    /// long values live that the owner entered nobody knows.
    fn may_have_run_out(&self, about: &About, kept: &Kept, error: &FetchError) -> bool {
        let is_over = kept.pending.as_ref().is_some_and(|grant| policy::is_stale(&grant.life, self.now()));
        let said_so = matches!(error.kind, FailureKind::AuthExpired | FailureKind::AuthRevoked);
        let renewable = about.renewal.is_some_and(|renewal| machine::is_renewable(kept, &renewal));
        said_so && self.parts.may_renew && renewable && (is_over || !machine::was_granted(kept))
    }

    /// IN_DOUBT: what was presented is tried once; then the file is read again; then pending values are given up, and
    /// without any only the owner can help.
    pub(super) async fn resolve(
        &self,
        platform: &Arc<dyn Platform>,
        claim: &mut CredentialClaim,
    ) -> Result<Step, StoreError> {
        let about = platform.about();
        let presented = machine::presented(&claim.kept);
        let error = match self.check(platform, claim.kept.creator_id, &presented).await? {
            Ok(_) => {
                let (now, life) = (self.now(), &claim.kept.life);
                let earliest = about.renewal.and_then(|renewal| policy::earliest(life, &renewal, now));
                let resolved = machine::resolved(&claim.kept, earliest.map_or(now, |at| at.max(now)), now);
                return Ok(Step::On(Box::new(resolved)));
            }
            Err(error) if is_refusal(error.kind) => error,
            Err(error) => {
                return Ok(Step::Rest(Box::new(machine::postponed(&claim.kept, self.failure(&claim.kept, &error)))));
            }
        };
        let renewable = about.renewal.is_some_and(|renewal| renewal.is_possible(&presented));
        let error = if self.parts.may_renew && renewable {
            // Only under a lease that is still ours: this machine may have slept through it since.
            let again = machine::intend(&claim.kept);
            self.keep(claim, again).await?;
            match self.ask(platform, &presented).await {
                Ok(grant) => {
                    self.keep_granted(about, claim, grant).await?;
                    return Ok(Step::On(Box::new(claim.kept.clone())));
                }
                Err(error) if is_refusal(error.kind) => error,
                Err(error) => {
                    let failure = self.failure(&claim.kept, &error);
                    return Ok(Step::Rest(Box::new(machine::doubtful(&claim.kept, Some(failure)))));
                }
            }
        } else {
            error
        };
        let given = self.parts.source.given(about);
        if let Import::New { generation } = import_of(about, &claim.kept, &given) {
            let offered = machine::offered(&claim.kept, generation, given.values, self.now());
            return Ok(Step::On(Box::new(offered)));
        }
        if claim.kept.pending.is_some() {
            return Ok(self.rejected(about, &claim.kept, &error));
        }
        tracing::error!(platform = about.id, kind = error.kind.name(), "the credentials ended; the owner is needed");
        Ok(Step::Rest(Box::new(machine::lost(&claim.kept, self.failure(&claim.kept, &error)))))
    }

    /// Looks whether working credentials still work, and how long they hold.
    pub(super) async fn look(&self, platform: &Arc<dyn Platform>, kept: &Kept) -> Step {
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

    /// Asks a platform whether values work, and whether they belong to the account that is pinned. Changes nothing.
    pub async fn check_now(
        &self,
        platform_id: &str,
        values: &Credentials,
    ) -> Result<Result<Standing, FetchError>, StoreError> {
        match self.parts.platforms.iter().find(|platform| platform.about().id == platform_id) {
            Some(platform) => self.check(platform, self.parts.store.creator().await?.id, values).await,
            None => Ok(Err(FailureKind::NotConfigured.into())),
        }
    }

    /// Asks whether values work, and whether they belong to the account that is pinned.
    async fn check(
        &self,
        platform: &Arc<dyn Platform>,
        creator_id: i64,
        values: &Credentials,
    ) -> Result<Result<Standing, FetchError>, StoreError> {
        let checked = platform.check(&self.parts.http.for_one_fetch(), values, self.now()).await;
        let account = self.parts.store.account(creator_id, platform.about().id).await?;
        let pinned = account.and_then(|account| account.memory.pinned_id);
        Ok(checked.and_then(|standing| match (&standing.account_id, pinned) {
            (Some(answered), Some(pinned)) if *answered != pinned && !is_web_pin(&pinned) => {
                Err(FailureKind::AccountMismatch.into())
            }
            _ => Ok(standing),
        }))
    }

    /// Stores what is kept; durable when it returns.
    pub(super) async fn keep(&self, claim: &mut CredentialClaim, kept: Kept) -> Result<(), StoreError> {
        let saved = self.parts.vault.save(claim, &kept).await;
        self.after_save(claim, kept, saved).await
    }

    /// Stores what is kept and gives the claim back.
    pub(super) async fn keep_last(&self, claim: &mut CredentialClaim, kept: Kept) -> Result<(), StoreError> {
        let saved = self.parts.vault.save_last(claim, &kept).await;
        self.after_save(claim, kept, saved).await
    }

    async fn after_save(
        &self,
        claim: &mut CredentialClaim,
        kept: Kept,
        saved: Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.noted(saved)?;
        let confirmed = kept.generation > claim.kept.generation && kept.phase == Phase::Active;
        claim.kept = kept;
        if confirmed && let Some(about) = self.about(&claim.kept.platform) {
            let detail = format!("generation {}", claim.kept.generation);
            self.parts.store.add_audit(self.now(), "mediakit", audit::CREDENTIALS_RENEWED.name, &detail).await?;
            self.want_mirrors(about, &claim.kept).await?;
        }
        Ok(())
    }

    /// Stores granted values, whatever it takes: the platform may have ended the former ones already. When the
    /// database does not take them, the file gets them, from where they are read again, and this process holds them.
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
                Err(StoreError::Conflict) => {
                    let late = self.keep_late(claim, pending.clone()).await;
                    if late.is_err() {
                        self.held().insert(about.id.to_owned(), pending);
                    }
                    return late;
                }
                Err(error) => tracing::error!(platform = about.id, %error, "new credentials are not stored yet"),
            }
            if !written && let Some(grant) = &pending.pending {
                let active = pending.active.with(&grant.values);
                let ahead = Kept { generation: pending.generation + 1, active, ..pending.clone() };
                written = self.parts.mirrors.write_file(about, &ahead).is_ok();
            }
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        let kept = self.keep(claim, pending.clone()).await;
        if kept.is_err() {
            self.held().insert(about.id.to_owned(), pending);
        }
        kept
    }

    /// Stores what was granted while the database took nothing, unless something newer is there by now.
    pub(super) async fn keep_held(&self, claim: &mut CredentialClaim) -> Result<(), StoreError> {
        let held = self.held().get(&claim.kept.platform).cloned();
        let Some(held) = held else { return Ok(()) };
        let superseded = claim.kept.generation > held.generation || claim.kept.phase == Phase::Pending;
        if let Some(grant) = held.pending.filter(|_| !superseded) {
            let granted = machine::granted(&claim.kept, grant);
            self.keep(claim, granted).await?;
        }
        self.held().remove(&claim.kept.platform);
        Ok(())
    }

    pub(super) fn held(&self) -> MutexGuard<'_, BTreeMap<String, Kept>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores granted values after the lease ran out, as on a machine that slept. Whoever had it meanwhile knew the
    /// former values only, unless it brought newer ones itself.
    async fn keep_late(&self, claim: &mut CredentialClaim, pending: Kept) -> Result<(), StoreError> {
        let Some(again) = self.claim(&claim.kept).await? else { return Ok(()) };
        let superseded = again.kept.generation > pending.generation || again.kept.phase == Phase::Pending;
        *claim = again;
        let Some(grant) = pending.pending.filter(|_| !superseded) else { return Ok(()) };
        // Over what the other one left: it may have been asked to wait.
        let granted = machine::granted(&claim.kept, grant);
        self.keep(claim, granted).await
    }

    pub(super) async fn want_mirrors(&self, about: &'static About, kept: &Kept) -> Result<(), StoreError> {
        self.parts.mirrors.want(about, kept).await
    }

    pub(super) fn failure(&self, kept: &Kept, error: &FetchError) -> Failure {
        let now = self.now();
        let told = error.wait.and_then(|wait| SignedDuration::try_from(wait).ok());
        let next = policy::retry_at(kept.failures.saturating_add(1), told, now);
        Failure { kind: error.kind, detail: error.detail.clone(), at: now, next_attempt_at: Some(next) }
    }
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
