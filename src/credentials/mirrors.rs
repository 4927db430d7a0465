//! The copies of renewed credentials: `.env.social`, and the repository's secret made from it. The database is the
//! truth; a copy that fails is tried again on a ladder for 30 days, and how far each is stands in the database.

use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use jiff::Timestamp;
use secrecy::SecretString;

use super::desk::{MirrorState, Storage};
use super::env_file::EnvFile;
use super::github::{self, GitHub};
use super::import;
use super::ladder;
use super::rewrite::{self, Mark, WriteBackError, Written};
use crate::clock::Clock;
use crate::domain::credential::Kept;
use crate::domain::platform::About;
use crate::platforms::Platform;
use crate::store::{Mirror, Store, StoreError, Vault};

const FILE: &str = "env_file:";
const SECRET: &str = "github:";

/// Keeps the copies.
pub struct Mirrors {
    /// The sealed credentials, which are copied.
    pub vault: Vault,
    /// Where the copies' state is kept.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Every platform.
    pub platforms: Vec<Arc<dyn Platform>>,
    /// `.env.social`.
    pub file: PathBuf,
    /// A folder of ours, for the copy of a file that can only be written in place.
    pub spare: PathBuf,
    /// The repository, where there is one; it may change while we run.
    pub github: ArcSwapOption<GitHub>,
}

impl Mirrors {
    /// Notes that new values of a platform are to be copied.
    pub async fn want(&self, about: &About, kept: &Kept) -> Result<(), StoreError> {
        if about.renewal.is_none() || !self.file.exists() {
            return Ok(());
        }
        let (wanted, now) = (wanted(about, kept), self.clock.now());
        if self.github.load().is_some() {
            for name in github::secrets_with(about.id) {
                self.store.want_mirror(kept.creator_id, &format!("{SECRET}{name}"), &wanted, now).await?;
            }
        }
        // The file is noted last, so that its note says that the others are noted too; see `wanted`.
        self.store.want_mirror(kept.creator_id, &format!("{FILE}{}", about.id), &wanted, now).await
    }

    /// Notes that the file was put back to older values and is to get the newest again; `false` when that is known.
    pub async fn want_again(&self, about: &About, kept: &Kept) -> Result<bool, StoreError> {
        self.want(about, kept).await?;
        self.store.reopen_mirror(kept.creator_id, &format!("{FILE}{}", about.id), self.clock.now()).await
    }

    /// Puts another repository in place of the one before. What is known of the former's secrets says nothing of the
    /// new one's, which gets everything.
    pub async fn replace_github(&self, github: Option<GitHub>) -> Result<(), StoreError> {
        let path = |github: &Option<Arc<GitHub>>| github.as_ref().map(|github| github.repository().to_owned());
        let github = github.map(Arc::new);
        let after = path(&github);
        if path(&self.github.swap(github)) == after {
            return Ok(());
        }
        self.store.forget_mirrors(self.store.creator().await?.id, SECRET).await?;
        for kept in self.vault.list().await?.kept {
            let about = self.platforms.iter().map(|platform| platform.about()).find(|about| about.id == kept.platform);
            if let Some(about) = about {
                self.want(about, &kept).await?;
            }
        }
        Ok(())
    }

    /// What is to be copied, with what a crash kept from being noted between a renewal and its note.
    async fn wanted(&self) -> Result<Vec<Mirror>, StoreError> {
        let known = self.store.first_mirrors().await?;
        let noted = |name: &str, wanted: &str| known.iter().any(|known| known.name == name && known.wanted == wanted);
        let mut is_whole = true;
        for kept in self.vault.list_first().await?.kept {
            let about = self.platforms.iter().map(|platform| platform.about()).find(|about| about.id == kept.platform);
            let Some(about) = about.filter(|_| kept.fallback.is_some()) else { continue };
            if !noted(&format!("{FILE}{}", about.id), &wanted(about, &kept)) {
                self.want(about, &kept).await?;
                is_whole = false;
            }
        }
        if is_whole { Ok(known) } else { self.store.first_mirrors().await }
    }

    /// Makes a platform's copies that are due, and says how far they are.
    pub async fn settle(&self, creator_id: i64, about: &About) -> Storage {
        self.tick().await;
        let states = self.states(creator_id, about).await.unwrap_or_default();
        let state = |prefix: &str| {
            let of_prefix = states.iter().filter(|(name, _)| name.starts_with(prefix)).map(|(_, state)| *state);
            of_prefix.max_by_key(|state| *state as u8).unwrap_or(MirrorState::NotConfigured)
        };
        Storage { env_file: state(FILE), github_secret: state(SECRET) }
    }

    /// Makes every copy that is due. The file comes first, for the secrets are made from it.
    pub async fn tick(&self) {
        if let Err(error) = self.all_due().await {
            tracing::error!(%error, "the copies of the credentials could not be looked after");
        }
    }

    async fn all_due(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut open = self.wanted().await?;
        open.retain(|mirror| state_of(mirror, now) == MirrorState::Pending);
        open.retain(|mirror| mirror.next_at.is_none_or(|at| at <= now));
        open.sort_by_key(|mirror| !mirror.name.starts_with(FILE));
        for mirror in open {
            self.copy(&mirror).await?;
        }
        Ok(())
    }

    async fn copy(&self, mirror: &Mirror) -> Result<(), StoreError> {
        let copied = if let Some(platform) = mirror.name.strip_prefix(FILE) {
            self.copy_to_file(mirror.creator_id, platform).await?
        } else if let Some(name) = mirror.name.strip_prefix(SECRET) {
            self.copy_to_secret(name).await
        } else {
            return Ok(());
        };
        let now = self.clock.now();
        match copied {
            Ok(()) => self.store.mirror_done(mirror.creator_id, &mirror.name, &mirror.wanted, now).await,
            Err(failure) => {
                tracing::error!(mirror = mirror.name, failure = failure.said, "a copy of the credentials failed");
                let since = mirror.since.unwrap_or(now);
                let next = ladder::next_try(since, mirror.attempts.saturating_add(1), failure.wait, now);
                self.store
                    .mirror_failed(mirror.creator_id, &mirror.name, &mirror.wanted, &failure.said, next, now)
                    .await
            }
        }
    }

    async fn copy_to_file(&self, creator_id: i64, platform: &str) -> Result<Result<(), Failure>, StoreError> {
        let about = self.platforms.iter().map(|known| known.about()).find(|about| about.id == platform);
        let (Some(about), Some(kept)) = (about, self.vault.find(creator_id, platform).await?) else {
            return Ok(Ok(()));
        };
        // Of what was disconnected there is nothing to copy; what the owner wrote into the file is theirs.
        if import::renewed(about, &kept.active).is_empty() {
            return Ok(Ok(()));
        }
        Ok(self.write_file(about, &kept).map(drop).map_err(|error| Failure { said: error.to_string(), wait: None }))
    }

    /// Writes a platform's renewed values into the file, and nothing else.
    pub fn write_file(&self, about: &About, kept: &Kept) -> Result<Written, WriteBackError> {
        let values = import::renewed(about, &kept.active);
        let mark =
            Mark { platform: about.id.to_owned(), generation: kept.generation, fingerprint: values.fingerprint() };
        rewrite::write_back(&self.file, &self.spare, &values, &mark)
    }

    async fn copy_to_secret(&self, name: &str) -> Result<(), Failure> {
        let Some(github) = self.github.load_full() else { return Ok(()) };
        let read = EnvFile::read(&self.file).map_err(|error| Failure { said: error.to_string(), wait: None })?;
        let content: SecretString = github::content_for(name, &read);
        let put = github.put_secret(name, &content).await;
        put.map(drop).map_err(|error| Failure { said: error.to_string(), wait: error.wait() })
    }

    /// The state of each of a platform's copies, by name.
    async fn states(&self, creator_id: i64, about: &About) -> Result<Vec<(String, MirrorState)>, StoreError> {
        let now = self.clock.now();
        let mut mirrors = self.store.mirrors(creator_id).await?;
        mirrors.retain(|mirror| holds(mirror, about));
        Ok(mirrors.into_iter().map(|mirror| (mirror.name.clone(), state_of(&mirror, now))).collect())
    }

    /// Finishes a write of the file that a crash cut short.
    pub fn recover(&self) -> std::io::Result<()> {
        rewrite::recover(&self.file, &self.spare)
    }
}

/// Whether a copy holds values of a platform.
pub fn holds(mirror: &Mirror, about: &About) -> bool {
    match secret_name(mirror) {
        Some(name) => github::secrets_with(about.id).contains(&name),
        None => mirror.name.strip_prefix(FILE) == Some(about.id),
    }
}

/// The name of the repository's secret, where the copy is one.
pub fn secret_name(mirror: &Mirror) -> Option<&str> {
    mirror.name.strip_prefix(SECRET)
}

/// How far a copy is.
pub fn state_of(mirror: &Mirror, now: Timestamp) -> MirrorState {
    if mirror.done.as_ref() == Some(&mirror.wanted) {
        return MirrorState::Updated;
    }
    let since = mirror.since.unwrap_or(now);
    let given_up = mirror.attempts > 0 && ladder::next_try(since, mirror.attempts, None, now).is_none();
    if given_up { MirrorState::Failed } else { MirrorState::Pending }
}

fn wanted(about: &About, kept: &Kept) -> String {
    let fingerprint = import::renewed(about, &kept.active).fingerprint();
    format!("{}:gen{}:fp-{fingerprint}", about.id, kept.generation)
}

struct Failure {
    said: String,
    wait: Option<std::time::Duration>,
}
