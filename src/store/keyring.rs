//! The key a vault goes by, and where the next one is found when somebody replaced it while we run: a server must not
//! need a new start for that. Knows no credentials.

use std::sync::{Arc, PoisonError, RwLock};

use super::StoreError;
use super::pool::{Pool, Target};
use super::seal::VaultKey;
use super::sql::read;

/// The place of the probe; shorter than any place of credentials.
pub(super) const PROBE: &[u8] = b"probe";

/// Gives the keys that may have replaced ours, as they lie there now.
pub type Successors = dyn Fn() -> Vec<VaultKey> + Send + Sync;

/// A key, and the probe in the database that it opens.
#[derive(Clone)]
pub(super) struct Tried {
    pub(super) key: Arc<VaultKey>,
    /// As it was when the key was tried: another one in its place says that the key was replaced since.
    pub(super) probe: Arc<[u8]>,
}

impl Tried {
    pub(super) fn new(key: VaultKey, probe: &[u8]) -> Option<Self> {
        key.open(PROBE, probe)?;
        Some(Self { key: Arc::new(key), probe: probe.into() })
    }
}

/// The key of a vault, the same for all its clones.
#[derive(Clone)]
pub(super) struct Keyring {
    current: Arc<RwLock<Tried>>,
    successors: Option<Arc<Successors>>,
}

impl Keyring {
    pub(super) fn new(tried: Tried) -> Self {
        Self { current: Arc::new(RwLock::new(tried)), successors: None }
    }

    pub(super) fn with(self, successors: Arc<Successors>) -> Self {
        Self { successors: Some(successors), ..self }
    }

    /// The key we go by.
    pub(super) fn current(&self) -> Tried {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Goes by this key from now on.
    pub(super) fn replace(&self, tried: Tried) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = tried;
    }

    /// The key to go by: ours, or its successor once ours was replaced. Ours as well when nothing opens what took its
    /// place; what is asked with it is then refused.
    pub(super) async fn newest(&self, pool: &Pool) -> Result<Tried, StoreError> {
        let ours = self.current();
        let Some(probe) = probe(pool).await?.filter(|probe| **probe != *ours.probe) else { return Ok(ours) };
        let successor = self.successors.iter().flat_map(|keys| keys()).find_map(|key| Tried::new(key, &probe));
        let Some(successor) = successor else { return Ok(ours) };
        self.replace(successor.clone());
        tracing::info!("the key of the credentials was replaced; going on with the new one");
        Ok(successor)
    }
}

/// The probe in the database; `None` until the vault was opened for the first time.
pub(super) async fn probe(on: impl Into<Target<'_>>) -> Result<Option<Vec<u8>>, StoreError> {
    read("select probe from vault").first(on).await?.map(|row| row.get("probe")).transpose()
}
