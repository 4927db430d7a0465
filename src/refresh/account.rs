//! One account's refresh: lease, wait, budget, fetch, verdict, one transaction.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::policy::{Verdict, decide};
use super::{Outcome, Parts, State};
use crate::credentials::Attempted;
use crate::domain::account::Account;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::lease;
use crate::domain::platform::{About, Price};
use crate::domain::reading::Reading;
use crate::outbound::{FetchError, MAX_WAIT};
use crate::platforms::{Connected, Credentials, Platform};
use crate::store::{Claim, StoreError};

/// Refreshes one account and says how it ended. Everything that can fail ends here as a value.
pub(super) async fn refresh(
    parts: Arc<Parts>,
    platform: Arc<dyn Platform>,
    account: Account,
) -> (Outcome, Option<Attempted>) {
    let id = platform.about().id;
    parts.progress.platform(id, State::Waiting);
    let mut renewal = None;
    let outcome = match attempt(&parts, platform.as_ref(), account, &mut renewal).await {
        Ok(outcome) => outcome,
        Err(StoreError::LeftBehind { until }) => {
            tracing::warn!(platform = id, %until, "another process left it behind; the old numbers stay");
            Outcome::LeftBehind { until }
        }
        Err(error) => {
            tracing::error!(platform = id, %error, "the result could not be stored; the old numbers stay");
            Outcome::NotStored
        }
    };
    match &outcome {
        Outcome::Saved(snapshot) => parts.progress.saved(id, snapshot.audience(platform.about())),
        Outcome::Held => parts.progress.platform(id, State::Held),
        Outcome::Failed(failure) => parts.progress.failed(id, Some(failure.clone())),
        Outcome::NotStored | Outcome::LeftBehind { .. } => parts.progress.failed(id, None),
    }
    (outcome, renewal)
}

async fn attempt(
    parts: &Parts,
    platform: &dyn Platform,
    account: Account,
    renewal: &mut Option<Attempted>,
) -> Result<Outcome, StoreError> {
    let about = platform.about();
    let claim = match claim(parts, &account).await? {
        Claimed::Ours(claim) => claim,
        Claimed::Theirs(outcome) => return Ok(outcome),
    };
    if let Some(failure) = told_to_wait(&claim.account, parts.clock.now()) {
        parts.store.release(&claim).await?;
        return Ok(Outcome::Failed(failure));
    }
    parts.progress.platform(about.id, State::Asking);
    let fetched = fetch(parts, platform, &claim.account, renewal).await?;
    let before = parts.store.snapshot(about.id, &claim.account.handle).await?;
    let plan = *parts.plan.borrow();
    let verdict = decide(about, &claim.account, before.as_ref(), fetched, plan, parts.clock.now());
    settle(parts, about, &claim, verdict).await
}

/// Writes the verdict down in one transaction.
async fn settle(parts: &Parts, about: &About, claim: &Claim, verdict: Verdict) -> Result<Outcome, StoreError> {
    match verdict {
        Verdict::Save(snapshot, memory) => {
            parts.store.save_reading(claim, about, &snapshot, &memory).await?;
            tracing::info!(platform = about.id, notes = snapshot.notes.len(), "stored new numbers");
            Ok(Outcome::Saved(snapshot))
        }
        Verdict::Hold(memory) => {
            parts.store.save_failure(claim, &memory).await?;
            tracing::warn!(platform = about.id, "the audience jumped; waiting for a second fetch to agree");
            Ok(Outcome::Held)
        }
        Verdict::Keep(failure, memory) => {
            parts.store.save_failure(claim, &memory).await?;
            tracing::warn!(
                platform = about.id,
                kind = failure.kind.name(),
                detail = failure.detail,
                "kept the old numbers"
            );
            Ok(Outcome::Failed(failure))
        }
    }
}

enum Claimed {
    Ours(Box<Claim>),
    Theirs(Outcome),
}

/// Takes the lease. When another process holds it, waits for that one's result in place of asking again.
async fn claim(parts: &Parts, account: &Account) -> Result<Claimed, StoreError> {
    let asked_before = account.memory.asked_at;
    for _ in 0..lease::LOOKS {
        let now = parts.clock.now();
        if let Some(claim) = parts.store.claim(account.id, &parts.holder, now, lease::until(now)).await? {
            if claim.account.memory.asked_at == asked_before {
                return Ok(Claimed::Ours(Box::new(claim)));
            }
            parts.store.release(&claim).await?;
            return Ok(Claimed::Theirs(result_of_other(parts, &claim.account).await?));
        }
        let until = parts.store.held_until(account.id).await?;
        if let Some(until) = until.filter(|until| lease::seems_left(*until, now)) {
            return Err(StoreError::LeftBehind { until });
        }
        tokio::time::sleep(lease::LOOK_AGAIN).await;
    }
    // The account is gone, or whoever holds it takes longer than anybody waits.
    let until = parts.store.held_until(account.id).await?;
    Err(until.map_or(StoreError::Conflict, |until| StoreError::LeftBehind { until }))
}

/// What another process stored while we waited for its lease.
async fn result_of_other(parts: &Parts, account: &Account) -> Result<Outcome, StoreError> {
    if let Some(failure) = &account.memory.failure {
        return Ok(Outcome::Failed(failure.clone()));
    }
    let snapshot = parts.store.snapshot(&account.platform, &account.handle).await?;
    Ok(match snapshot {
        Some(snapshot) if account.memory.held.is_none() => Outcome::Saved(Box::new(snapshot)),
        _ => Outcome::Held,
    })
}

/// The wait a platform asked for, while it lasts.
pub(super) fn told_to_wait(account: &Account, now: Timestamp) -> Option<Failure> {
    let wait = account.memory.wait.filter(|wait| wait.until > now && !account.memory.is_of_the_future(now))?;
    let detail = account.memory.failure.as_ref().and_then(|failure| failure.detail.clone());
    Some(Failure { kind: wait.kind, detail, at: now, next_attempt_at: Some(wait.until) })
}

/// Asks the platform; when it refuses credentials for which there are newer ones, once more with those.
async fn fetch(
    parts: &Parts,
    platform: &dyn Platform,
    account: &Account,
    renewal: &mut Option<Attempted>,
) -> Result<Result<Reading, FetchError>, StoreError> {
    let about = platform.about();
    let ready = parts.credentials.ready(about).await;
    *renewal = ready.renewal;
    let asked = (account.handle.as_str(), account.memory.pinned_id.as_deref());
    let read = ask(parts, platform, asked, ready.values.clone()).await?;
    let refused = |error: &FetchError| matches!(error.kind, FailureKind::AuthExpired | FailureKind::AuthRevoked);
    if !read.as_ref().is_err_and(refused) {
        return Ok(read);
    }
    let Some(newer) = parts.credentials.instead(about, &ready.values).await else { return Ok(read) };
    *renewal = newer.renewal.or(renewal.take());
    if newer.values == ready.values { Ok(read) } else { ask(parts, platform, asked, newer.values).await }
}

/// Asks the platform once about a handle, and about the account of this id when one is pinned.
pub(super) async fn ask(
    parts: &Parts,
    platform: &dyn Platform,
    (handle, pinned_id): (&str, Option<&str>),
    credentials: Credentials,
) -> Result<Result<Reading, FetchError>, StoreError> {
    let now = parts.clock.now();
    if let Some(price) = platform.about().price
        && platform.about().is_connected_by(&credentials)
        && !spend(parts, platform.about().id, price, &credentials, now).await?
    {
        let used_up = FetchError::new(FailureKind::Quota).because(price.budget.name).wait(Some(MAX_WAIT));
        return Ok(Err(used_up));
    }
    let (handle, pinned_id) = (handle.to_owned(), pinned_id.map(str::to_owned));
    let connected = Connected { handle, pinned_id, credentials, now };
    Ok(platform.fetch(&parts.http.for_one_fetch(), &connected).await)
}

/// Reserves the price of a fetch in this month's budget before the platform is asked; false when it is used up.
async fn spend(
    parts: &Parts,
    platform: &str,
    price: Price,
    credentials: &Credentials,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let budget = credentials.plain(price.budget).and_then(micro_usd).unwrap_or(price.default_micro_usd);
    let month = now.to_zoned(TimeZone::UTC).strftime("%Y-%m").to_string();
    parts.store.spend(platform, &month, (price.micro_usd_per_fetch)(credentials), budget).await
}

/// Reads an amount such as `1.00` or `0,5` as millionths of a dollar.
fn micro_usd(text: &str) -> Option<i64> {
    let (whole, fraction) = text.trim().trim_start_matches('$').split_once(['.', ',']).unwrap_or((text.trim(), ""));
    let digits = |s: &str| s.len() <= 6 && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    format!("{whole:0>1}{fraction:0<6}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::micro_usd;

    #[test]
    fn budgets_are_read_as_people_write_them() {
        for (text, expected) in [("1.00", 1_000_000), ("0,5", 500_000), ("3", 3_000_000), (".25", 250_000)] {
            assert_eq!(micro_usd(text), Some(expected), "{text}");
        }
        for text in ["", ".", "-1", "1e9", "NaN", "1.2.3", "9999999"] {
            assert_eq!(micro_usd(text), None, "{text}");
        }
    }
}
