//! Signing in: owners, their passwords and their sessions. The one door for the panel and the command line; knows
//! neither pages nor cookies.

mod api_token;
mod code;
pub mod passkey;
mod password;
mod second_factor;
mod setup;
mod token;
mod totp;

use std::sync::Arc;

use secrecy::SecretString;
use tokio::sync::Semaphore;

use crate::clock::Clock;
use crate::domain::audit::{self, Deed};
use crate::domain::owner::{Owner, Session, Stage};
use crate::store::{Store, StoreError};

pub use api_token::new_api_token;
pub use second_factor::{Given, SecondFactor};
pub use setup::SetupCode;
pub use token::SessionToken;
pub use totp::TotpSecret;

/// A hash takes 19 MiB, so two are made at a time and the rest wait.
const HASHES_AT_ONCE: usize = 2;

/// Why nobody could be signed in or added. A wrong name or password is no error.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The machine gave no randomness, or no memory for a hash.
    #[error("the machine can't make a safe password or session right now")]
    Machine,
}

/// What somebody signs in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// Name and password.
    Password,
    /// Name and password, and what stands beside them.
    PasswordAnd(Given),
    /// A passkey, with or without a password before it.
    Passkey,
}

impl Means {
    const fn deed(self) -> Deed {
        match self {
            Self::Password => audit::SIGNED_IN,
            Self::PasswordAnd(Given::Code) => audit::SIGNED_IN_BY_CODE,
            Self::PasswordAnd(Given::RecoveryCode) => audit::SIGNED_IN_BY_RECOVERY,
            Self::Passkey => audit::SIGNED_IN_BY_PASSKEY,
        }
    }
}

/// Who may sign in. Cheap to clone.
#[derive(Clone)]
pub struct SignIn {
    store: Store,
    clock: Clock,
    hashing: Arc<Semaphore>,
    setup: Arc<SetupCode>,
}

impl SignIn {
    /// The door to the owners in `store`.
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, hashing: Arc::new(Semaphore::new(HASHES_AT_ONCE)), setup: Arc::default() }
    }

    /// The one-time code of the first start.
    pub fn setup(&self) -> &SetupCode {
        &self.setup
    }

    /// Adds the first owner, and nobody when there is one already (`Conflict`).
    pub async fn create_first(&self, name: &str, password: SecretString) -> Result<Owner, SignInError> {
        let owner = self.create(name, password, true).await?;
        self.setup.close();
        Ok(owner)
    }

    /// Adds an owner beside those there are; `Conflict` when the name is taken.
    pub async fn create_another(&self, name: &str, password: SecretString) -> Result<Owner, SignInError> {
        self.create(name, password, false).await
    }

    async fn create(&self, name: &str, password: SecretString, first: bool) -> Result<Owner, SignInError> {
        let hash = self.hash(password).await?;
        let (creator, now) = (self.store.creator().await?, self.clock.now());
        let owner = self.store.insert_owner(creator.id, name, &hash, first, now).await?;
        self.store.add_audit(now, &owner.name, audit::OWNER_CREATED.name, "").await?;
        Ok(owner)
    }

    /// Gives an owner another password and ends their sessions but `keep`.
    pub async fn change_password(
        &self,
        owner: &Owner,
        password: SecretString,
        keep: Option<&[u8; 32]>,
    ) -> Result<(), SignInError> {
        let hash = self.hash(password).await?;
        self.store.update_password(owner.id, &hash, keep).await?;
        self.store.add_audit(self.clock.now(), &owner.name, audit::PASSWORD_CHANGED.name, "").await?;
        Ok(())
    }

    /// Takes codes and passkeys from an owner, so that the password is enough: a lost phone must lock nobody out. Needs
    /// no key, which may be lost too.
    pub async fn password_only(&self, owner: &Owner) -> Result<(), SignInError> {
        self.store.password_only(owner.id).await?;
        self.store.add_audit(self.clock.now(), &owner.name, audit::TOTP_OFF.name, "").await?;
        Ok(())
    }

    /// The owner of a name and password. An unknown name costs as much time as a wrong password.
    pub async fn check(&self, name: &str, password: SecretString) -> Result<Option<Owner>, SignInError> {
        let found = self.store.find_owner(name).await?;
        let (owner, hash) = found.map_or((None, None), |(owner, hash)| (Some(owner), Some(hash)));
        let matches = self.at_a_time(move || password::verify(&password, hash.as_ref())).await?;
        Ok(owner.filter(|_| matches))
    }

    /// The hash of a password that is no owner's: of a link to the kit.
    pub async fn hash_of(&self, password: SecretString) -> Result<SecretString, SignInError> {
        self.hash(password).await
    }

    /// Whether a password belongs to a hash; without one the same work is done in vain.
    pub async fn opens(&self, password: SecretString, hash: Option<SecretString>) -> Result<bool, SignInError> {
        self.at_a_time(move || password::verify(&password, hash.as_ref())).await
    }

    /// Begins a session; its token goes to the browser and is kept nowhere here. A right password alone leads only as
    /// far as [`Stage::Password`] for an owner who is asked for codes.
    pub async fn begin(
        &self,
        owner: &Owner,
        by: Means,
        address: &str,
        agent: &str,
    ) -> Result<SessionToken, SignInError> {
        let (token, now) = (SessionToken::new().ok_or(SignInError::Machine)?, self.clock.now());
        let stage = if by == Means::Password && owner.has_totp { Stage::Password } else { Stage::Full };
        self.store.insert_session(&token.hash(), owner.id, stage, (address, agent), now).await?;
        if stage == Stage::Full {
            self.store.add_audit(now, &owner.name, by.deed().name, address).await?;
        }
        Ok(token)
    }

    /// Ends a half session whose place a full one takes: a session's id never outlives its stage.
    pub async fn forget(&self, session: &Session) -> Result<(), SignInError> {
        self.store.delete_session(session.owner.id, &session.hash).await?;
        Ok(())
    }

    /// The session of a token, when it still holds; its use is noted.
    pub async fn find(&self, token: &SessionToken) -> Result<Option<Session>, SignInError> {
        let Some(session) = self.store.find_session(&token.hash()).await? else { return Ok(None) };
        let now = self.clock.now();
        if !session.holds(now) {
            return Ok(None);
        }
        if let Err(error) = self.store.touch_session(&session, now).await {
            tracing::warn!(%error, "the session's last use could not be written down");
        }
        Ok(Some(session))
    }

    /// Ends a session.
    pub async fn end(&self, session: &Session) -> Result<(), SignInError> {
        self.store.delete_session(session.owner.id, &session.hash).await?;
        let now = self.clock.now();
        self.store.add_audit(now, &session.owner.name, audit::SIGNED_OUT.name, &session.address).await?;
        Ok(())
    }

    async fn hash(&self, password: SecretString) -> Result<SecretString, SignInError> {
        self.at_a_time(move || password::hash(&password)).await?.ok_or(SignInError::Machine)
    }

    /// Runs what takes much memory on a thread of its own, two at a time.
    async fn at_a_time<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, SignInError> {
        let _permit = self.hashing.acquire().await.map_err(|_| SignInError::Machine)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| SignInError::Machine)
    }
}
