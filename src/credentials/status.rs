//! How each platform's credentials are, for those who show it. It only reads, and no value of a secret is in it.

use std::sync::Arc;

use jiff::Timestamp;

use super::desk::MirrorState;
use super::import::{self, Import};
use super::keeper::import_of;
use super::source::{CredentialSource, Given};
use super::{mirrors, policy};
use crate::domain::credential::{Fingerprint, Kept, Life, Phase};
use crate::domain::failure::Failure;
use crate::domain::platform::About;
use crate::platforms::Platform;
use crate::store::{Mirror, Store, StoreError, Vault};

/// One platform's credentials.
#[derive(Clone, Debug)]
pub struct Status {
    /// The platform.
    pub about: &'static About,
    /// Where they stand in the database; `None` until they are used for the first time.
    pub stored: Option<Stored>,
    /// What tells the values from others, see [`crate::domain::credential::Credentials::fingerprint`].
    pub fingerprint: Fingerprint,
    /// When they are renewed.
    pub renewal: NextRenewal,
    /// Whether the file holds other values, which have not been tried yet.
    pub edited: bool,
    /// Whether the file holds values that were replaced since; it gets the newer ones.
    pub outdated: bool,
    /// Whether what the database holds can be opened.
    pub readable: bool,
    /// Where copies of renewed values are.
    pub copies: Vec<Copied>,
}

/// What the database says of credentials.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Grows by one with every new set of values.
    pub generation: i64,
    /// Where they stand.
    pub phase: Phase,
    /// How long they hold.
    pub life: Life,
    /// The permissions; empty when the platform does not say.
    pub scopes: Vec<String>,
    /// When they were last seen to work.
    pub checked_at: Option<Timestamp>,
    /// Attempts that failed since the last good one.
    pub failures: u32,
    /// The last failure, until a good attempt.
    pub failure: Option<Failure>,
}

/// When credentials are renewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextRenewal {
    /// Never: they do not end, or the platform's client looks after it by itself.
    Never,
    /// As soon as they are used for the first time.
    AtFirstUse,
    /// Whenever they are used; they hold for hours only.
    BeforeUse,
    /// Then.
    At(Timestamp),
    /// Not before the owner acts.
    NeedsOwner,
    /// Not without these keys.
    Lacks(Vec<&'static str>),
}

/// A copy of renewed values.
#[derive(Clone, Debug)]
pub struct Copied {
    /// The repository's secret; `None` for `.env.social`.
    pub secret: Option<String>,
    /// How far it is.
    pub state: MirrorState,
    /// Since when it lacks the newest values.
    pub since: Option<Timestamp>,
    /// When it is tried again.
    pub next_at: Option<Timestamp>,
    /// Why the last attempt failed, in English.
    pub failure: Option<String>,
}

/// The status of every platform that has credentials, in the order of `platforms`.
pub async fn all(
    vault: &Vault,
    store: &Store,
    source: &CredentialSource,
    platforms: &[Arc<dyn Platform>],
    now: Timestamp,
) -> Result<Vec<Status>, StoreError> {
    let creator = store.creator().await?;
    let mirrors = store.mirrors(creator.id).await?;
    let listed = vault.list().await?;
    let mut all = Vec::new();
    for about in platforms.iter().map(|platform| platform.about()) {
        let given = source.given(about);
        let kept = listed.kept.iter().find(|kept| (kept.creator_id, kept.platform.as_str()) == (creator.id, about.id));
        let readable = !listed.unreadable.contains(&(creator.id, about.id.to_owned()));
        if kept.is_some() || !readable || given.has_secret(about) {
            all.push(Status { readable, ..Status::of(about, kept, &given, &mirrors, now) });
        }
    }
    Ok(all)
}

impl Status {
    fn of(about: &'static About, kept: Option<&Kept>, given: &Given, mirrors: &[Mirror], now: Timestamp) -> Self {
        let values = kept.map_or(&given.values, |kept| &kept.active);
        let renewed = import::renewed(about, values);
        let fingerprint = if renewed.is_empty() { values.fingerprint() } else { renewed.fingerprint() };
        Self {
            about,
            stored: kept.map(|kept| Stored {
                generation: kept.generation,
                phase: kept.phase,
                life: kept.life,
                scopes: kept.scopes.clone(),
                // Where reads are billed nobody looked.
                checked_at: kept.checked_at.filter(|_| about.price.is_none()),
                failures: kept.failures,
                failure: kept.failure.clone(),
            }),
            fingerprint,
            renewal: next_renewal(about, kept, given),
            edited: kept.is_some_and(|kept| is_edited(about, kept, given)),
            outdated: kept.is_some_and(|kept| import_of(about, kept, given) == Import::Older),
            readable: true,
            copies: mirrors
                .iter()
                .filter(|mirror| mirrors::holds(mirror, about))
                .map(|mirror| Copied::of(mirror, now))
                .collect(),
        }
    }
}

impl Copied {
    fn of(mirror: &Mirror, now: Timestamp) -> Self {
        let state = mirrors::state_of(mirror, now);
        let behind = state != MirrorState::Updated;
        Self {
            secret: mirrors::secret_name(mirror).map(str::to_owned),
            state,
            since: mirror.since.filter(|_| behind),
            next_at: mirror.next_at.filter(|_| state == MirrorState::Pending),
            failure: mirror.failure.clone().filter(|_| behind),
        }
    }
}

/// Whether the file holds values that the next look will try.
pub fn is_edited(about: &About, kept: &Kept, given: &Given) -> bool {
    matches!(import_of(about, kept, given), Import::New { .. })
}

fn next_renewal(about: &About, kept: Option<&Kept>, given: &Given) -> NextRenewal {
    let Some(renewal) = &about.renewal else { return NextRenewal::Never };
    let values = &kept.map_or_else(|| given.values.clone(), |kept| kept.active.with(&given.settings));
    let lacks: Vec<&str> =
        renewal.needs.iter().copied().filter(|needed| values.iter().all(|(key, _)| key != *needed)).collect();
    match kept {
        // A key that never ends, without anything that does.
        _ if import::renewed(about, values).is_empty() => NextRenewal::Never,
        Some(kept) if kept.phase == Phase::Off => NextRenewal::Never,
        _ if !lacks.is_empty() => NextRenewal::Lacks(lacks),
        None => NextRenewal::AtFirstUse,
        Some(kept) if kept.phase == Phase::NeedsOwner => NextRenewal::NeedsOwner,
        Some(kept) if policy::is_short_lived(&kept.life) => NextRenewal::BeforeUse,
        Some(kept) => kept.due_at.map_or(NextRenewal::Never, NextRenewal::At),
    }
}
