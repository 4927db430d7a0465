//! A look at a handle before it is kept: the platform is asked once, and nothing is stored.

use super::account::{ask, told_to_wait};
use super::{Parts, Refresher};
use crate::domain::failure::Failure;
use crate::domain::reading::Reported;
use crate::platforms::Platform;
use crate::store::StoreError;

/// What is at a handle.
#[derive(Clone, Debug, PartialEq)]
pub enum Looked {
    /// An account: its display name and its audience.
    Found(Option<String>, Option<Reported>),
    /// Nothing that could be had now.
    Failed(Failure),
    /// The platform was not asked, for each answer costs money.
    Costs,
}

impl Refresher {
    /// Looks at a normalised handle; `None` when there is no such platform. A wait the platform asked for is kept.
    pub async fn look(&self, creator_id: i64, platform: &str, handle: &str) -> Result<Option<Looked>, StoreError> {
        match self.parts.platforms.iter().find(|known| known.about().id == platform) {
            Some(platform) => look(&self.parts, platform.as_ref(), creator_id, handle).await.map(Some),
            None => Ok(None),
        }
    }
}

async fn look(parts: &Parts, platform: &dyn Platform, creator_id: i64, handle: &str) -> Result<Looked, StoreError> {
    let about = platform.about();
    if about.price.is_some() {
        return Ok(Looked::Costs);
    }
    let now = parts.clock.now();
    let accounts = parts.store.accounts(creator_id).await?;
    let here = accounts.iter().find(|account| account.platform == about.id);
    if let Some(failure) = here.and_then(|account| told_to_wait(account, now)) {
        return Ok(Looked::Failed(failure));
    }
    let credentials = parts.credentials.ready(about).await.values;
    Ok(match ask(parts, platform, (handle, None), credentials).await? {
        Ok(mut reading) => {
            let audience = reading.numbers.remove(about.audience).or_else(|| reading.numbers.remove("followers"));
            Looked::Found(reading.profile.name, audience)
        }
        Err(error) => Looked::Failed(Failure { kind: error.kind, detail: None, at: now, next_attempt_at: None }),
    })
}
