//! The settings in force: what the operator gave, over what the owner chose in the panel. Who works by them subscribes
//! and is told of each change. It knows neither pages nor who may change what.

mod trial;

use std::sync::{Arc, Mutex, PoisonError};

use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

pub use trial::Tried;

use crate::clock::Clock;
use crate::config::Config;
use crate::credentials::github::GitHub;
use crate::outbound::Outbound;
use crate::store::{Choice, Store, StoreError, Vault};

/// What the settings are made of.
pub struct Parts {
    /// What the operator gave.
    pub operator: Config,
    /// The database.
    pub store: Store,
    /// Where secrets among the choices are sealed.
    pub vault: Vault,
    /// The time.
    pub clock: Clock,
    /// The HTTP client.
    pub http: Outbound,
}

/// The settings in force. Cheap to clone; clones share them.
#[derive(Clone)]
pub struct Settings(Arc<Shared>);

struct Shared {
    parts: Parts,
    /// The choices as they were last read, by their hash.
    seen: Mutex<[u8; 32]>,
    config: watch::Sender<Arc<Config>>,
}

impl Settings {
    /// Reads what was chosen.
    pub async fn start(parts: Parts) -> Result<Self, StoreError> {
        let config = watch::Sender::new(Arc::new(parts.operator.clone()));
        let settings = Self(Arc::new(Shared { parts, seen: Mutex::default(), config }));
        settings.reload().await?;
        Ok(settings)
    }

    /// What holds now.
    pub fn config(&self) -> Arc<Config> {
        self.0.config.borrow().clone()
    }

    /// Tells of each change from now on.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Config>> {
        self.0.config.subscribe()
    }

    /// The HTTP client.
    pub fn http(&self) -> &Outbound {
        &self.0.parts.http
    }

    /// The sealed credentials and settings.
    pub fn vault(&self) -> &Vault {
        &self.0.parts.vault
    }

    /// The repository that mirrors credentials, where there is one.
    pub fn github(&self) -> Option<GitHub> {
        GitHub::new(self.0.parts.http.clone(), &self.config().github)
    }

    /// How often a topic's settings were changed, so that a form that was opened before a change is told.
    pub async fn version(&self, topic: &str) -> Result<i64, StoreError> {
        self.0.parts.vault.settings_version(self.0.parts.store.creator().await?.id, topic).await
    }

    /// Keeps choices on a topic and puts them into force. `Conflict`, with nothing changed, when somebody else changed
    /// the topic since `version`.
    pub async fn save(&self, topic: &str, version: i64, choices: &[Choice], who: &str) -> Result<(), StoreError> {
        let parts = &self.0.parts;
        let creator = parts.store.creator().await?;
        parts.vault.choose(creator.id, (topic, version), choices, who, parts.clock.now()).await?;
        self.reload().await
    }

    /// Reads the choices again and tells when they have changed: another process may have done it.
    pub async fn reload(&self) -> Result<(), StoreError> {
        let parts = &self.0.parts;
        let chosen = parts.vault.chosen(parts.store.creator().await?.id).await?;
        let hash = hash(&chosen);
        if std::mem::replace(&mut *self.0.seen.lock().unwrap_or_else(PoisonError::into_inner), hash) == hash {
            return Ok(());
        }
        let mut config = parts.operator.clone();
        for (name, value) in &chosen {
            if let Err(why) = config.choose(name, value.expose_secret()) {
                tracing::warn!(name, why = why.en, "a choice of the panel can't be used");
            }
        }
        self.0.config.send_replace(Arc::new(config));
        Ok(())
    }
}

fn hash(chosen: &[(String, SecretString)]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"chosen");
    for (name, value) in chosen {
        for text in [name.as_str(), value.expose_secret()] {
            hash.update(text.len().to_be_bytes());
            hash.update(text);
        }
    }
    hash.finalize().into()
}
