//! What the owner does in the panel: values come in and go out by the same arrows, lease and store as renewals do.

use std::sync::Arc;

use super::{Keeper, Seen, in_use};
use crate::clock::Clock;
use crate::credentials::machine;
use crate::credentials::source::{CredentialSource, Given};
use crate::domain::credential::{Credentials, Grant, Kept, Phase, Standing};
use crate::domain::platform::About;
use crate::outbound::{FetchError, Outbound};
use crate::platforms::Platform;
use crate::store::{CredentialClaim, Store, StoreError};

impl Keeper {
    /// Takes values that the owner granted on the platform's page or typed in: PENDING, durable, then confirmed by what
    /// a look at them told. Where that failed they are in use and stay pending until the schedule gets an answer.
    pub async fn take(
        &self,
        about: &'static About,
        grant: Grant,
        looked: Result<Standing, FetchError>,
    ) -> Result<(), StoreError> {
        let keeper = self.clone();
        finished(tokio::spawn(async move { keeper.take_in_turn(about, grant, looked).await })).await
    }

    async fn take_in_turn(
        &self,
        about: &'static About,
        grant: Grant,
        looked: Result<Standing, FetchError>,
    ) -> Result<(), StoreError> {
        let Some(turn) = self.turns.get(about.id) else { return Ok(()) };
        let _turn = turn.lock().await;
        let mut claim = self.claim_or_begin(about).await?;
        let works = looked.is_ok();
        let taken = self.take_claimed(about, &mut claim, grant, looked).await;
        self.ended(&claim, taken).await?;
        if works {
            self.parts.mirrors.settle(claim.kept.creator_id, about).await;
        }
        Ok(())
    }

    async fn take_claimed(
        &self,
        about: &'static About,
        claim: &mut CredentialClaim,
        grant: Grant,
        looked: Result<Standing, FetchError>,
    ) -> Result<(), StoreError> {
        let pending = machine::entered(&claim.kept, grant);
        let last = match looked {
            Ok(standing) => {
                self.keep(claim, pending).await?;
                machine::confirmed(&claim.kept, &standing, about.renewal.as_ref(), self.now())
            }
            Err(error) => machine::postponed(&pending, self.failure(&pending, &error)),
        };
        self.keep_last(claim, last).await
    }

    /// Keeps the app's own keys, for connecting; the account's values stay as they are.
    pub async fn keep_app(&self, about: &'static About, app: &Credentials) -> Result<(), StoreError> {
        let Some(turn) = self.turns.get(about.id) else { return Ok(()) };
        let _turn = turn.lock().await;
        let mut claim = self.claim_or_begin(about).await?;
        let with_app = Kept { active: claim.kept.active.with(app), ..claim.kept.clone() };
        let kept = self.keep_last(&mut claim, with_app).await;
        self.ended(&claim, kept).await
    }

    /// Forgets an account's values. What `.env.social` holds stays there and is not taken again until it changes.
    pub async fn disconnect(&self, about: &'static About) -> Result<(), StoreError> {
        let keeper = self.clone();
        finished(tokio::spawn(async move { keeper.disconnect_in_turn(about).await })).await
    }

    async fn disconnect_in_turn(&self, about: &'static About) -> Result<(), StoreError> {
        let Some(turn) = self.turns.get(about.id) else { return Ok(()) };
        let _turn = turn.lock().await;
        let mut claim = self.claim_or_begin(about).await?;
        let in_file = self.parts.source.given(about).values;
        let off = machine::disconnected(&claim.kept, about, &in_file);
        let kept = self.keep_last(&mut claim, off).await;
        self.held().remove(about.id);
        self.ended(&claim, kept).await
    }

    /// The lease over what is kept; where nothing is, over a beginning without values.
    async fn claim_or_begin(&self, about: &'static About) -> Result<CredentialClaim, StoreError> {
        let Seen { kept, given } = self.see(about).await?;
        let mut kept = if let Some(kept) = self.or_seeded(kept, about, &given).await? {
            kept
        } else {
            let creator = self.parts.store.creator().await?;
            let none = machine::seeded(creator.id, about.id, 0, Credentials::default(), self.now());
            let begun = Kept { phase: Phase::Off, ..none };
            self.noted(self.parts.vault.insert(&begun).await)?;
            begun
        };
        loop {
            if let Some(claim) = self.claim(&kept).await? {
                return Ok(claim);
            }
            kept = self.find(about).await?.ok_or(StoreError::Conflict)?;
        }
    }

    /// What is kept of a platform and what the operator set, with the values in use.
    pub(in crate::credentials) async fn look_up(
        &self,
        about: &'static About,
    ) -> Result<(Option<Kept>, Given, Credentials), StoreError> {
        let Seen { kept, given } = self.see(about).await?;
        let values = kept.as_ref().map_or_else(|| given.values.clone(), |kept| in_use(kept, &given));
        Ok((kept, given, values))
    }

    pub(in crate::credentials) fn platform(&self, about: &About) -> Option<&Arc<dyn Platform>> {
        self.parts.platforms.iter().find(|platform| platform.about().id == about.id)
    }

    pub(in crate::credentials) fn platforms(&self) -> &[Arc<dyn Platform>] {
        &self.parts.platforms
    }

    pub(in crate::credentials) fn store(&self) -> &Store {
        &self.parts.store
    }

    pub(in crate::credentials) fn source(&self) -> &CredentialSource {
        &self.parts.source
    }

    pub(in crate::credentials) fn http(&self) -> &Outbound {
        &self.parts.http
    }

    pub(in crate::credentials) fn clock(&self) -> &Clock {
        &self.parts.clock
    }
}

/// What was begun goes on when the caller leaves.
async fn finished<T>(task: tokio::task::JoinHandle<Result<T, StoreError>>) -> Result<T, StoreError> {
    task.await.unwrap_or(Err(StoreError::Conflict))
}
