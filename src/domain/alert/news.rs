//! What of the alerts is news to a channel, given what it was told before.

use jiff::{SignedDuration, Timestamp};

use super::{Alert, REQUESTS};

/// Pauses after a channel failed; the last one repeats.
const LADDER: [SignedDuration; 5] = [
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(15),
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(6),
];

/// What one channel was told of one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The cause.
    pub key: String,
    /// The channel's name.
    pub channel: String,
    /// What it is about, as people know it.
    pub name: String,
    /// The platform's id, where it is about one.
    pub platform: Option<String>,
    /// The stage that was told; 0 before the first delivery.
    pub stage: u32,
    /// When it was told; `None` before the first delivery.
    pub sent_at: Option<Timestamp>,
    /// Deliveries that failed since the last good one.
    pub failures: u32,
    /// No delivery is tried before this. Whoever sends moves it first, so that two never send the same.
    pub next_at: Timestamp,
}

/// What a channel has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Tell of a cause; with what was told before.
    Tell(&'a Alert, Option<&'a Sent>),
    /// Tell that all is well again.
    AllClear(&'a Sent),
    /// Forget a cause without a word.
    Forget(&'a Sent),
}

/// What a channel that was told `sent` has to do about what is `due`. A cause is told once a stage, again when it has
/// grown or after a while; when nothing is left of what it is about, that is told once.
pub fn steps<'a>(due: &'a [Alert], sent: &'a [Sent], now: Timestamp) -> Vec<Step<'a>> {
    let mut steps = Vec::new();
    for alert in due {
        let before = sent.iter().find(|sent| sent.key == alert.key);
        if before.is_none_or(|before| before.next_at <= now && is_news(alert, before, now)) {
            steps.push(Step::Tell(alert, before));
        }
    }
    let over = |sent: &&Sent| due.iter().all(|alert| alert.key != sent.key);
    let mut cleared: Vec<&str> = due.iter().map(|alert| subject(&alert.key)).collect();
    for gone in sent.iter().filter(over) {
        let subject = subject(&gone.key);
        // Whoever answered a request knows that it is answered.
        if gone.sent_at.is_none() || gone.key == REQUESTS || cleared.contains(&subject) {
            steps.push(Step::Forget(gone));
        } else if gone.next_at <= now {
            cleared.push(subject);
            steps.push(Step::AllClear(gone));
        }
    }
    steps
}

/// When a failed channel is tried again.
pub fn retry_at(failures: u32, now: Timestamp) -> Timestamp {
    let step = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX).min(LADDER.len() - 1);
    now.saturating_add(LADDER[step]).unwrap_or(Timestamp::MAX)
}

fn is_news(alert: &Alert, before: &Sent, now: Timestamp) -> bool {
    let Some(at) = before.sent_at else { return true };
    let since = now.duration_since(at);
    before.stage < alert.stage && since.abs() >= alert.apart || since >= alert.again_after
}

/// What a cause is about: the first two parts of its key.
fn subject(key: &str) -> &str {
    key.match_indices(':').nth(1).map_or(key, |(at, _)| &key[..at])
}

#[cfg(test)]
mod tests {
    use super::super::rules::blank;
    use super::*;

    const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

    fn alert(key: &str, stage: u32) -> Alert {
        Alert { stage, ..blank(key.to_owned(), "TikTok", Timestamp::UNIX_EPOCH) }
    }

    fn sent(key: &str, stage: u32) -> Sent {
        let at = Timestamp::UNIX_EPOCH;
        let (channel, name) = ("ntfy".to_owned(), "TikTok".to_owned());
        Sent { key: key.to_owned(), channel, name, platform: None, stage, sent_at: Some(at), failures: 0, next_at: at }
    }

    fn after(by: SignedDuration) -> Timestamp {
        Timestamp::UNIX_EPOCH + by
    }

    #[test]
    fn a_cause_is_told_once_a_stage_and_again_after_a_week() {
        let told = |stage, before, later| steps(&[alert("a:b:c", stage)], &[sent("a:b:c", before)], after(later)).len();
        assert_eq!(steps(&[alert("a:b:c", 1)], &[], after(WEEK)).len(), 1, "it is new");
        assert_eq!(told(1, 1, WEEK - SignedDuration::from_secs(1)), 0);
        assert_eq!(told(1, 1, WEEK), 1);
        assert_eq!(told(2, 1, SignedDuration::ZERO), 1, "it got worse");
        assert_eq!(told(1, 2, SignedDuration::ZERO), 0, "it got better");
        let waiting = Sent { next_at: after(WEEK), stage: 0, sent_at: None, failures: 4, ..sent("a:b:c", 0) };
        assert!(steps(&[alert("a:b:c", 1)], &[waiting], after(WEEK - SignedDuration::from_secs(1))).is_empty());
    }

    #[test]
    fn requests_do_not_flood_and_end_without_a_word() {
        let asked = Alert { apart: SignedDuration::from_mins(15), ..alert(REQUESTS, 2) };
        let told = |later| steps(std::slice::from_ref(&asked), &[sent(REQUESTS, 1)], after(later)).len();
        assert_eq!([told(SignedDuration::from_secs(899)), told(SignedDuration::from_mins(15))], [0, 1]);
        let rows = [sent(REQUESTS, 1)];
        assert_eq!(steps(&[], &rows, after(WEEK)), [Step::Forget(&rows[0])]);
    }

    #[test]
    fn all_is_well_is_said_once_and_only_when_all_is_well() {
        let rows = [sent("credential:x:renewal", 1), sent("credential:x:expires", 1), sent("credential:y:renewal", 1)];
        let now = after(WEEK / 2);
        let still = [alert("credential:x:expires", 1), alert("credential:y:renewal", 1)];
        assert_eq!(steps(&still, &rows, now), [Step::Forget(&rows[0])]);
        let clear = [Step::AllClear(&rows[0]), Step::Forget(&rows[1]), Step::AllClear(&rows[2])];
        assert_eq!(steps(&[], &rows, now), clear);
        let never = Sent { sent_at: None, ..sent("credential:z:renewal", 0) };
        assert_eq!(
            steps(&[], std::slice::from_ref(&never), now),
            [Step::Forget(&never)],
            "nobody was told, so nobody is relieved"
        );
    }

    #[test]
    fn a_failed_channel_is_left_alone_longer_and_longer() {
        let pause = |failures| retry_at(failures, Timestamp::UNIX_EPOCH).as_second() / 60;
        assert_eq!([1, 2, 3, 4, 5, 99].map(pause), [1, 5, 15, 60, 360, 360]);
    }
}
