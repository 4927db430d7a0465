//! The second factor: a code from the owner's app, or one of ten recovery codes for when the app is out of reach.

use secrecy::{ExposeSecret as _, SecretString};

use super::{SignInError, code};
use crate::clock::Clock;
use crate::domain::audit::{self, Deed};
use crate::domain::owner::Owner;
use crate::sign_in::totp::TotpSecret;
use crate::store::{Store, StoreError, Vault};

/// How many recovery codes an owner gets.
const RECOVERY_CODES: usize = 10;

/// The second factor of every owner. Cheap to clone.
#[derive(Clone)]
pub struct SecondFactor {
    vault: Vault,
    clock: Clock,
}

/// What an owner gave beside the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// A code from their app.
    Code,
    /// A recovery code.
    RecoveryCode,
}

impl SecondFactor {
    /// The second factors whose secrets `vault` opens.
    pub fn new(vault: Vault, clock: Clock) -> Self {
        Self { vault, clock }
    }

    /// Asks the owner for codes from now on, when `typed` shows that their app makes the right ones. Gives the recovery
    /// codes; `None` when the code is wrong.
    pub async fn enable(
        &self,
        owner: &Owner,
        secret: &TotpSecret,
        typed: &str,
    ) -> Result<Option<Vec<SecretString>>, SignInError> {
        let Some(step) = secret.step_of(typed, self.clock.now()) else { return Ok(None) };
        let (codes, hashes) = recovery_codes()?;
        self.vault.enable_totp(owner.id, secret.as_bytes(), step, &hashes).await?;
        self.note(owner, audit::TOTP_ON).await?;
        Ok(Some(codes))
    }

    /// Whether a code is good for an owner; it is used up by it.
    pub async fn accepts(&self, owner: &Owner, typed: &SecretString) -> Result<Option<Given>, SignInError> {
        let now = self.clock.now();
        if is_number(typed) {
            let secret = self.vault.totp(owner.id).await?;
            let secret = secret.and_then(|bytes| TotpSecret::from_bytes(&bytes));
            let step = secret.and_then(|secret| secret.step_of(typed.expose_secret(), now));
            let Some(step) = step else { return Ok(None) };
            return Ok(self.store().use_totp_step(owner.id, step).await?.then_some(Given::Code));
        }
        let used = self.store().use_recovery_code(owner.id, &code::hash(typed), now).await?;
        Ok(used.then_some(Given::RecoveryCode))
    }

    /// Replaces the recovery codes; `Conflict` for an owner who is asked for no codes.
    pub async fn renew_recovery_codes(&self, owner: &Owner) -> Result<Vec<SecretString>, SignInError> {
        if !owner.has_totp {
            return Err(StoreError::Conflict.into());
        }
        let (codes, hashes) = recovery_codes()?;
        self.store().replace_recovery_codes(owner.id, &hashes).await?;
        self.note(owner, audit::RECOVERY_RENEWED).await?;
        Ok(codes)
    }

    /// Asks the owner for no codes any more.
    pub async fn disable(&self, owner: &Owner) -> Result<(), SignInError> {
        self.store().disable_totp(owner.id).await?;
        self.note(owner, audit::TOTP_OFF).await
    }

    fn store(&self) -> &Store {
        self.vault.store()
    }

    async fn note(&self, owner: &Owner, deed: Deed) -> Result<(), SignInError> {
        Ok(self.store().add_audit(self.clock.now(), &owner.name, deed.name, "").await?)
    }
}

/// Codes from an app are digits; recovery codes have letters, or at least more of them.
fn is_number(typed: &SecretString) -> bool {
    let mut typed = typed.expose_secret().chars().filter(|c| !c.is_whitespace());
    typed.clone().count() <= 8 && typed.all(|c| c.is_ascii_digit())
}

/// New recovery codes with their hashes.
fn recovery_codes() -> Result<(Vec<SecretString>, Vec<[u8; 32]>), SignInError> {
    let codes: Option<Vec<SecretString>> = (0..RECOVERY_CODES).map(|_| code::random()).collect();
    let codes = codes.ok_or(SignInError::Machine)?;
    let hashes = codes.iter().map(code::hash).collect();
    Ok((codes, hashes))
}
