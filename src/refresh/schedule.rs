//! The schedule: looks every half minute for accounts that are due and refreshes them like everybody else does.
//! An account that fell due while the server was down is asked once, not once a missed day.

use std::time::Duration;

use super::{Refresher, Trigger};
use crate::domain::account::Account;

const TICK: Duration = Duration::from_secs(30);

pub(super) async fn run(refresher: Refresher) {
    let mut plan = refresher.parts.plan.subscribe();
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        // Only a sender that is gone ends the wait, and we hold one.
        let _ = plan.wait_for(|plan| plan.daily_at.is_some()).await;
        tick.tick().await;
        once(&refresher).await;
    }
}

/// Refreshes what is due now.
pub(super) async fn once(refresher: &Refresher) {
    let accounts = match refresher.parts.store.all_accounts().await {
        Ok(accounts) => accounts,
        Err(error) => return tracing::error!(%error, "the schedule could not read the accounts"),
    };
    let now = refresher.parts.clock.now();
    let due = |account: &Account| {
        let told = account.memory.wait.map(|wait| wait.until);
        account.memory.due_at.max(told).is_none_or(|at| at <= now) || account.memory.is_of_the_future(now)
    };
    let due: Vec<Account> = accounts.into_iter().filter(due).collect();
    // Nothing due, or only platforms this version does not know.
    if let Ok(report) = refresher.begin_accounts(&due, Trigger::Schedule) {
        report.await;
    }
}
