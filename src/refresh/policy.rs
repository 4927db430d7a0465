//! What a fetch's outcome means for what is kept and when the platform is asked again. Pure: no clock, no store.

use std::time::Duration;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::account::{Account, Held, Memory, Wait};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::platform::About;
use crate::domain::reading::Reading;
use crate::domain::snapshot::Snapshot;
use crate::outbound::FetchError;

/// A count this many times the last one waits for a second fetch to agree.
const JUMP_UP: i64 = 10;
/// A count of at most one in this many of the last one does too.
const JUMP_DOWN: i64 = 2;
/// Two counts agree when they differ by at most one in this many.
const AGREEMENT: i64 = 10;
/// Above this share of an allowance we pause by ourselves, in per cent.
const USAGE_LIMIT: u8 = 95;
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Pauses after the first, second, … failure in a row that heals by itself, in minutes.
const LADDER_MINS: [i32; 5] = [5, 15, 60, 240, 720];

/// When the schedule asks: once a day at this UTC time, or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The UTC time of the daily refresh; `None` switches the schedule off.
    pub daily_at: Option<Time>,
}

/// What to do with an outcome.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Show the new numbers.
    Save(Box<Snapshot>, Memory),
    /// The audience jumped: keep the old numbers until a second fetch agrees.
    Hold(Memory),
    /// Keep the old numbers and say why.
    Keep(Failure, Memory),
}

/// Judges what a fetch of `account` brought at `now`. `before` are its last good numbers.
pub fn decide(
    about: &About,
    account: &Account,
    before: Option<&Snapshot>,
    outcome: Result<Reading, FetchError>,
    plan: Plan,
    now: Timestamp,
) -> Verdict {
    match outcome.and_then(|reading| checked(about, account, reading)) {
        Ok((reading, audience)) => accept(about, account, before, reading, audience, plan, now),
        Err(error) => keep(account, error, plan, now),
    }
}

/// A reading must be of the pinned account and carry its audience.
fn checked(about: &About, account: &Account, reading: Reading) -> Result<(Reading, i64), FetchError> {
    if account.memory.pinned_id.as_ref().is_some_and(|pinned| *pinned != reading.account_id) {
        return Err(FailureKind::AccountMismatch.into());
    }
    let audience = reading.numbers.get(about.audience).and_then(|number| number.value.count());
    let audience = audience.ok_or_else(|| FetchError::new(FailureKind::Schema).because(about.audience))?;
    Ok((reading, audience))
}

fn accept(
    about: &About,
    account: &Account,
    before: Option<&Snapshot>,
    reading: Reading,
    audience: i64,
    plan: Plan,
    now: Timestamp,
) -> Verdict {
    let mut memory = Memory {
        pinned_id: Some(reading.account_id.clone()),
        wait: reading.usage_percent.filter(|percent| *percent >= USAGE_LIMIT).map(|_| usage_pause(now)),
        due_at: next_daily(plan, about, now),
        asked_at: Some(now),
        ..Memory::default()
    };
    let last = before.and_then(|before| before.audience(about));
    let agreed = account.memory.held.is_some_and(|held| agree(held.audience, audience));
    if last.is_some_and(|last| jumps(last, audience)) && !agreed {
        memory.held = Some(Held { audience, at: now });
        memory.due_at = plan.daily_at.and_then(|_| now.checked_add(MINUTE * LADDER_MINS[1]).ok());
        return Verdict::Hold(memory);
    }
    let snapshot = Snapshot::from_reading(about, &account.handle, reading, before, now);
    Verdict::Save(Box::new(snapshot), memory)
}

fn keep(account: &Account, error: FetchError, plan: Plan, now: Timestamp) -> Verdict {
    let failures = account.memory.failures.saturating_add(1);
    let pause = error.wait.map_or_else(|| own_pause(error.kind, failures), to_signed);
    let next = now.saturating_add(pause).unwrap_or(Timestamp::MAX);
    let told = error.wait.is_some() || error.kind.tells_to_wait();
    let failure = Failure {
        kind: error.kind,
        detail: error.detail,
        at: now,
        next_attempt_at: (told || plan.daily_at.is_some()).then_some(next),
    };
    let memory = Memory {
        wait: told.then_some(Wait { until: next, kind: error.kind }),
        due_at: plan.daily_at.map(|_| next),
        failures,
        failure: Some(failure.clone()),
        asked_at: Some(now),
        ..account.memory.clone()
    };
    Verdict::Keep(failure, memory)
}

/// How long we stay away by ourselves after this kind of failure.
fn own_pause(kind: FailureKind, failures: u32) -> SignedDuration {
    use FailureKind as K;
    match kind {
        K::Dns | K::Connect | K::Tls | K::Timeout | K::Protocol | K::NotJson | K::TooLarge | K::Upstream => {
            let step = usize::try_from(failures).unwrap_or(usize::MAX).saturating_sub(1).min(LADDER_MINS.len() - 1);
            MINUTE * LADDER_MINS[step]
        }
        K::RateLimited => MINUTE * (15 << failures.saturating_sub(1).min(6)),
        _ => DAY,
    }
}

fn to_signed(wait: Duration) -> SignedDuration {
    SignedDuration::try_from(wait).unwrap_or(DAY).min(DAY)
}

/// Near the end of an allowance: stay away for an hour, as Meta advises.
fn usage_pause(now: Timestamp) -> Wait {
    Wait { until: now.saturating_add(MINUTE * 60).unwrap_or(Timestamp::MAX), kind: FailureKind::RateLimited }
}

/// The next daily refresh, or as soon after it as the platform's shortest interval allows. Today's, while it is half a
/// day off; so a day has one, and none goes without.
fn next_daily(plan: Plan, about: &About, now: Timestamp) -> Option<Timestamp> {
    let at = plan.daily_at?;
    let instant = |day: Date| Some(day.to_datetime(at).to_zoned(TimeZone::UTC).ok()?.timestamp());
    let today = now.to_zoned(TimeZone::UTC).date();
    let far = |at: &Timestamp| at.duration_since(now) >= DAY / 2;
    let next = instant(today).filter(far).or_else(|| instant(today.tomorrow().ok()?))?;
    Some(next.max(now.checked_add(SignedDuration::from_secs(i64::from(about.min_interval_secs))).ok()?))
}

/// When an account is asked under another plan; `None` when that does not change: it is due already, or waits to be
/// tried again, to be confirmed, or because it was told to.
pub fn replanned(plan: Plan, about: &About, memory: &Memory, now: Timestamp) -> Option<Timestamp> {
    let waits = memory.failures > 0 || memory.held.is_some() || memory.wait.is_some();
    match memory.due_at {
        Some(due_at) if due_at <= now || waits => None,
        _ => next_daily(plan, about, now),
    }
}

fn jumps(last: i64, now: i64) -> bool {
    last > 0 && (now >= last.saturating_mul(JUMP_UP) || now <= last / JUMP_DOWN)
}

fn agree(a: i64, b: i64) -> bool {
    a.abs_diff(b) <= a.max(b).unsigned_abs() / AGREEMENT.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::metric::{MetricAbout, Origin, Provenance};
    use crate::domain::reading::{PublicProfile, Reported};
    use crate::domain::text::Text;

    static ABOUT: About = About {
        id: "tiktok",
        name: "TikTok",
        audience: "followers",
        metrics: &[MetricAbout::count("followers", Text::new("Follower", "Followers"))],
        demographics: &[],
        handle_example: "@name",
        normalise: |text| Ok(text.to_owned()),
        profile_url: |handle| handle.to_owned(),
        credentials: &[],
        upstreams: &[],
        min_interval_secs: 3600,
        price: None,
        renewal: None,
        connects: &[],
    };
    const PLAN: Plan = Plan { daily_at: Some(Time::constant(3, 0, 0, 0)) };

    fn now() -> Timestamp {
        "2026-11-22T18:00:00Z".parse().unwrap()
    }

    fn account(memory: Memory) -> Account {
        Account { id: 1, creator_id: 1, platform: "tiktok".into(), handle: "mara".into(), memory }
    }

    fn reading(followers: i64) -> Reading {
        Reading::of(
            "42".into(),
            PublicProfile::default(),
            Origin {
                source: "TikTok API".into(),
                provenance: Provenance::OwnerAuthorised,
                api_version: None,
                api_version_answered: None,
            },
            BTreeMap::from([("followers", Reported::exact(followers))]),
        )
    }

    fn judge(memory: Memory, last: Option<i64>, outcome: Result<Reading, FetchError>) -> Verdict {
        let before = last.map(|n| Snapshot::from_reading(&ABOUT, "mara", reading(n), None, now()));
        decide(&ABOUT, &account(memory), before.as_ref(), outcome, PLAN, now())
    }

    #[test]
    fn a_good_reading_pins_the_account_and_comes_back_the_next_morning() {
        let Verdict::Save(snapshot, memory) = judge(Memory::default(), Some(1000), Ok(reading(1010))) else {
            panic!("not saved")
        };
        assert_eq!(snapshot.audience(&ABOUT), Some(1010));
        assert_eq!(memory.pinned_id.as_deref(), Some("42"));
        assert_eq!(memory.due_at, Some("2026-11-23T03:00:00Z".parse().unwrap()));
    }

    #[test]
    fn another_account_is_refused() {
        let memory = Memory { pinned_id: Some("7".into()), ..Memory::default() };
        let Verdict::Keep(failure, kept) = judge(memory, Some(1000), Ok(reading(1000))) else { panic!("not kept") };
        assert_eq!(failure.kind, FailureKind::AccountMismatch);
        assert_eq!(kept.pinned_id.as_deref(), Some("7"));
    }

    #[test]
    fn a_jump_is_shown_only_when_a_second_fetch_agrees() {
        for (last, new) in [(1000, 10_000), (1000, 500), (1000, 0)] {
            let Verdict::Hold(memory) = judge(Memory::default(), Some(last), Ok(reading(new))) else {
                panic!("{last} → {new} was not held")
            };
            assert_eq!(memory.held.map(|held| held.audience), Some(new));
            assert!(matches!(judge(memory.clone(), Some(last), Ok(reading(new))), Verdict::Save(..)));
            assert!(matches!(judge(memory, Some(last), Ok(reading(last))), Verdict::Save(..)));
        }
        for new in [9_999, 501] {
            assert!(matches!(judge(Memory::default(), Some(1000), Ok(reading(new))), Verdict::Save(..)));
        }
    }

    #[test]
    fn a_wait_is_obeyed_and_capped_at_a_day() {
        for (wait, hours) in [(Duration::from_hours(2), 2), (Duration::from_hours(99), 24)] {
            let error = FetchError::new(FailureKind::RateLimited).wait(Some(wait));
            let Verdict::Keep(_, memory) = judge(Memory::default(), None, Err(error)) else { panic!("not kept") };
            assert_eq!(memory.wait.unwrap().until, now() + SignedDuration::from_hours(hours));
        }
    }

    #[test]
    fn failures_in_a_row_are_retried_ever_more_slowly() {
        let mut memory = Memory::default();
        let mut pauses = Vec::new();
        for _ in 0..6 {
            let Verdict::Keep(failure, next) = judge(memory, None, Err(FailureKind::Timeout.into())) else { panic!() };
            pauses.push(failure.next_attempt_at.unwrap().duration_since(now()).as_mins());
            memory = next;
        }
        assert_eq!(pauses, [5, 15, 60, 240, 720, 720]);
        assert!(memory.wait.is_none(), "our own pacing never stops a refresh by hand");
    }

    #[test]
    fn a_nearly_used_up_allowance_makes_us_pause() {
        let full = Reading { usage_percent: Some(97), ..reading(1000) };
        let Verdict::Save(_, memory) = judge(Memory::default(), None, Ok(full)) else { panic!("not saved") };
        assert_eq!(memory.wait.unwrap().until, now() + SignedDuration::from_hours(1));
    }
}
