//! What is worth an alert at a moment: a pure function of everything that is watched.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::words::{self, plain};
use super::{Alert, ApiVersion, CredentialHealth, MirrorHealth, Severity, Watched};
use crate::domain::credential::{Life, Phase};
use crate::domain::failure::FailureKind;
use crate::domain::share::Request;
use crate::domain::time::is_off;

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// How many days before an end it is told.
const BEFORE_END: [i64; 4] = [14, 7, 3, 1];
/// The same for a version of an interface, whose end needs an update of mediakit.
const BEFORE_VERSION_END: [i64; 3] = [120, 30, 7];
/// The last days of a stretch are urgent.
const URGENT_DAYS: i64 = 3;
/// So many failed renewals in a row are no accident.
const MANY_FAILURES: u32 = 3;
/// Shorter lives are renewed before use, so that nothing is late by the clock.
const SHORT_LIFE: SignedDuration = SignedDuration::from_hours(24);
/// A mirror may lack the newest values this long before it is told.
const MIRROR_PATIENCE: SignedDuration = SignedDuration::from_hours(24);
/// After this it is no longer tried.
const MIRROR_GIVEN_UP: SignedDuration = SignedDuration::from_hours(30 * 24);
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The cause that people ask for the kit.
pub const REQUESTS: &str = "requests:kit:waiting";
/// Requests are told at most so often: four times an hour.
const REQUESTS_APART: SignedDuration = SignedDuration::from_mins(15);
const MONTH: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Every cause that holds at `now`.
pub fn due(watched: &Watched, now: Timestamp) -> Vec<Alert> {
    let mut alerts: Vec<Alert> = watched.credentials.iter().flat_map(|health| of_credentials(health, now)).collect();
    alerts.extend(watched.unreadable.iter().map(|(platform, name)| of_unreadable(platform, name, now)));
    alerts.extend(watched.mirrors.iter().filter_map(|mirror| of_mirror(mirror, now)));
    alerts.extend(watched.api_versions.iter().filter_map(|version| of_version(version, now)));
    alerts.extend(watched.clock_ahead.filter(|ahead| is_off(*ahead)).map(|ahead| {
        let alert = Alert { severity: Severity::Urgent, ..blank("clock:machine:off".to_owned(), "mediakit", now) };
        alert.saying(words::clock(ahead))
    }));
    alerts.extend(watched.disk_fails_since.map(|since| {
        let severity = Severity::Urgent;
        Alert { severity, ..blank("disk:data:write".to_owned(), "mediakit", now) }.saying(words::disk(since))
    }));
    alerts.extend(of_requests(&watched.requests, now));
    alerts
}

/// One cause for all who ask; it grows with each new request.
fn of_requests(requests: &[Request], now: Timestamp) -> Option<Alert> {
    let newest = requests.iter().map(|request| request.asked_at).max()?;
    let stage = u32::try_from(newest.as_second()).unwrap_or(u32::MAX);
    let (severity, apart) = (Severity::Notice, REQUESTS_APART);
    let alert = Alert { stage, apart, severity, ..blank(REQUESTS.to_owned(), "mediakit", now) };
    Some(alert.saying(words::requests(requests)))
}

fn of_credentials(health: &CredentialHealth, now: Timestamp) -> Vec<Alert> {
    let about = |cause: &str| Alert {
        platform: Some(plain(&health.platform)),
        ..blank(format!("credential:{}:{cause}", plain(&health.platform)), &health.name, now)
    };
    let name = plain(&health.name);
    let mut alerts = Vec::new();
    if let Some((stage, severity)) = renewal_trouble(health, now) {
        let said = words::renewal(&name, stage, end(health), health.failure);
        alerts.push(Alert { stage, severity, ..about("renewal") }.saying(said));
    }
    // Whoever has to connect anew anyway is not told of ends besides.
    if health.phase != Phase::NeedsOwner {
        let data_access = health.life.data_access_until;
        for (cause, until, say) in
            [("expires", end(health), words::expires as Say), ("data_access", data_access, words::data_access as Say)]
        {
            let Some((until, stage, days)) = until.and_then(|until| ending(until, &BEFORE_END, now)) else { continue };
            alerts.push(Alert { stage, severity: hurry(days), ..about(cause) }.saying(say(&name, until, days)));
        }
    }
    if let Some(fingerprint) = &health.refused {
        // Each refused edit is a cause of its own.
        let another = health.failure == Some(FailureKind::AccountMismatch);
        alerts.push(about(&format!("refused:{fingerprint}")).saying(words::refused(&name, another)));
    }
    alerts
}

fn of_unreadable(platform: &str, name: &str, now: Timestamp) -> Alert {
    let platform = plain(platform);
    let key = format!("credential:{platform}:unreadable");
    let alert = Alert { severity: Severity::Urgent, platform: Some(platform), ..blank(key, name, now) };
    alert.saying(words::unreadable(&plain(name)))
}

type Say = fn(&str, Timestamp, i64) -> words::Said;

/// How far a renewal has gone wrong, from failing (1) to needing the owner (4).
fn renewal_trouble(health: &CredentialHealth, now: Timestamp) -> Option<(u32, Severity)> {
    match health.phase {
        Phase::NeedsOwner => Some((4, Severity::Urgent)),
        Phase::InDoubt => Some((3, Severity::Urgent)),
        _ if health.renewable && is_late(&health.life, now) => Some((2, Severity::Urgent)),
        _ if health.renewable && health.failures >= MANY_FAILURES => Some((1, Severity::Warning)),
        _ => None,
    }
}

/// Renewal is due at two thirds of a life; it is late when a third of the rest has passed as well.
fn is_late(life: &Life, now: Timestamp) -> bool {
    let Some(since) = life.since else { return false };
    let scheduled = |end: &Timestamp| end.duration_since(since) > SHORT_LIFE;
    let end = life.expires_at.filter(scheduled).or_else(|| life.renewable_until.filter(scheduled));
    end.is_some_and(|end| now.duration_since(since) >= end.duration_since(since) / 9 * 7)
}

/// When access ends and no renewal helps.
fn end(health: &CredentialHealth) -> Option<Timestamp> {
    if health.renewable { health.life.renewable_until } else { health.life.expires_at }
}

/// The end, the stage and the days left, once the first of the marks is reached. The day itself is stage `marks + 1`.
fn ending(until: Timestamp, marks: &[i64], now: Timestamp) -> Option<(Timestamp, u32, i64)> {
    let left = until.duration_since(now);
    let passed = marks.iter().filter(|days| left <= SignedDuration::from_hours(**days * 24)).count();
    let over = usize::from(left <= SignedDuration::ZERO);
    let stage = u32::try_from(passed + over).ok().filter(|stage| *stage > 0)?;
    let days = (left.as_secs() + DAY.as_secs() - 1).div_euclid(DAY.as_secs());
    Some((until, stage, days.max(0)))
}

const fn hurry(days: i64) -> Severity {
    if days <= URGENT_DAYS { Severity::Urgent } else { Severity::Warning }
}

fn of_mirror(mirror: &MirrorHealth, now: Timestamp) -> Option<Alert> {
    let since = mirror.pending_since?;
    let waiting = now.duration_since(since);
    let name = plain(&mirror.name);
    let (stage, severity) = match waiting {
        _ if waiting >= MIRROR_GIVEN_UP => (2, Severity::Urgent),
        _ if waiting > MIRROR_PATIENCE => (1, Severity::Warning),
        _ => return None,
    };
    let alert = Alert { stage, severity, ..blank(format!("mirror:{name}:pending"), &mirror.name, now) };
    Some(alert.saying(words::mirror(&name, since, stage == 2, mirror.failure.as_ref())))
}

fn of_version(version: &ApiVersion, now: Timestamp) -> Option<Alert> {
    // Served until the last moment of that day.
    let until = version.ends_on.tomorrow().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp();
    let (_, stage, days) = ending(until, &BEFORE_VERSION_END, now)?;
    let name = plain(&version.name);
    let platform = plain(&version.platform);
    let alert = Alert {
        stage,
        severity: hurry(days),
        again_after: MONTH,
        platform: Some(platform.clone()),
        ..blank(format!("api:{platform}:version"), &version.name, now)
    };
    Some(alert.saying(words::version(&name, &plain(&version.version), version.ends_on, days)))
}

/// An alert of the first stage that says nothing yet.
pub(super) fn blank(key: String, name: &str, at: Timestamp) -> Alert {
    let (severity, name) = (Severity::Warning, plain(name));
    let (title, body, next_step) = (words::none(), words::none(), words::none());
    let (again_after, apart) = (WEEK, SignedDuration::ZERO);
    Alert { key, stage: 1, again_after, apart, severity, name, platform: None, title, body, next_step, at }
}

impl Alert {
    pub(super) fn saying(self, said: words::Said) -> Self {
        let words::Said { title, body, next_step } = said;
        Self { title, body, next_step, ..self }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::Words;

    use super::*;
    use crate::domain::credential::Fingerprint;
    use crate::domain::text::Lang;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn in_days(n: i64) -> Timestamp {
        NOW + SignedDuration::from_hours(24 * n)
    }

    fn health(renewable: bool, life: Life) -> CredentialHealth {
        CredentialHealth {
            platform: "tiktok".to_owned(),
            name: "TikTok".to_owned(),
            phase: Phase::Active,
            life,
            renewable,
            failures: 0,
            failure: None,
            refused: None,
        }
    }

    fn found(health: CredentialHealth) -> Vec<(String, u32, Severity)> {
        let watched = Watched { credentials: vec![health], ..Watched::default() };
        due(&watched, NOW).into_iter().map(|alert| (alert.key, alert.stage, alert.severity)).collect()
    }

    #[test]
    fn a_clock_that_is_off_and_credentials_that_can_not_be_opened_are_told() {
        let keys = |watched: &Watched| due(watched, NOW).into_iter().map(|alert| alert.key).collect::<Vec<_>>();
        let clock = |ahead| Watched { clock_ahead: Some(ahead), ..Watched::default() };
        assert_eq!(keys(&clock(SignedDuration::from_mins(5))), [""; 0]);
        assert_eq!(keys(&clock(-DAY)), ["clock:machine:off"]);
        let fast = words::clock(-DAY).body;
        assert!(fast.de.contains("24 h vor") && fast.en.contains("24 h fast"), "{fast:?}");
        let unreadable = vec![("tiktok".to_owned(), "TikTok".to_owned())];
        assert_eq!(keys(&Watched { unreadable, ..Watched::default() }), ["credential:tiktok:unreadable"]);
    }

    fn cause(of: &str, stage: u32, severity: Severity) -> Vec<(String, u32, Severity)> {
        vec![(format!("credential:tiktok:{of}"), stage, severity)]
    }

    #[test]
    fn an_end_that_nothing_prevents_is_told_fourteen_seven_three_and_one_days_before() {
        use Severity::{Urgent, Warning};
        let table = [
            (15, None),
            (14, Some((1, Warning))),
            (8, Some((1, Warning))),
            (7, Some((2, Warning))),
            (4, Some((2, Warning))),
            (3, Some((3, Urgent))),
            (2, Some((3, Urgent))),
            (1, Some((4, Urgent))),
            (0, Some((5, Urgent))),
            (-9, Some((5, Urgent))),
        ];
        for (left, told) in table {
            let expect = |of| told.map(|(stage, severity)| cause(of, stage, severity)).unwrap_or_default();
            let fixed = Life { expires_at: Some(in_days(left)), ..Life::default() };
            assert_eq!(found(health(false, fixed)), expect("expires"), "{left} days");
            assert!(found(health(true, fixed)).is_empty(), "{left} days: a renewal comes before");
            let refresh_token =
                Life { expires_at: Some(in_days(1)), renewable_until: Some(in_days(left)), ..Life::default() };
            assert_eq!(found(health(true, refresh_token)), expect("expires"), "{left} days");
            let data = Life { endless: true, data_access_until: Some(in_days(left)), ..Life::default() };
            assert_eq!(found(health(true, data)), expect("data_access"), "{left} days");
        }
        assert!(found(health(false, Life::default())).is_empty(), "an unknown end is no end");
    }

    #[test]
    fn a_renewal_in_trouble_is_told_by_how_bad_it_is() {
        use Severity::{Urgent, Warning};
        let life =
            |since, until| Life { since: Some(in_days(since)), expires_at: Some(in_days(until)), ..Life::default() };
        let (fresh, at_two_thirds, late) = (life(-1, 59), life(-40, 20), life(-47, 13));
        let table = [
            (fresh, 2, Phase::Active, None),
            (fresh, 3, Phase::Active, Some((1, Warning))),
            (at_two_thirds, 0, Phase::Active, None),
            (at_two_thirds, 9, Phase::Intent, Some((1, Warning))),
            (late, 0, Phase::Active, Some((2, Urgent))),
            (late, 9, Phase::Pending, Some((2, Urgent))),
            (fresh, 0, Phase::InDoubt, Some((3, Urgent))),
            (fresh, 0, Phase::NeedsOwner, Some((4, Urgent))),
            (late, 9, Phase::NeedsOwner, Some((4, Urgent))),
        ];
        for (life, failures, phase, told) in table {
            let health = CredentialHealth { phase, failures, ..health(true, life) };
            let expect = told.map(|(stage, severity)| cause("renewal", stage, severity)).unwrap_or_default();
            assert_eq!(found(health), expect, "{life:?} {failures} {phase:?}");
        }
        let hours = |n| Some(NOW + SignedDuration::from_hours(n));
        let short = Life { since: hours(-20), expires_at: hours(4), ..Life::default() };
        assert!(found(health(true, short)).is_empty(), "a short life is renewed before use");
        let lapsed = Life { expires_at: Some(in_days(-1)), data_access_until: Some(in_days(-1)), ..Life::default() };
        let needs_owner = CredentialHealth { phase: Phase::NeedsOwner, ..health(false, lapsed) };
        assert_eq!(found(needs_owner), cause("renewal", 4, Urgent), "one thing to do, one alert");
        let refused = CredentialHealth { refused: Fingerprint::parse("6c1e0b9a"), ..health(true, fresh) };
        assert_eq!(found(refused), cause("refused:6c1e0b9a", 1, Warning));
    }

    #[test]
    fn mirrors_versions_and_the_disk_are_watched_too() {
        let told = |watched: &Watched| -> Vec<(String, u32, Severity)> {
            due(watched, NOW).into_iter().map(|alert| (alert.key, alert.stage, alert.severity)).collect()
        };
        let mirror = |hours: Option<i64>| Watched {
            mirrors: vec![MirrorHealth {
                name: "GitHub".to_owned(),
                pending_since: hours.map(|hours| NOW - SignedDuration::from_hours(hours)),
                failure: Some(Words::new("Das Token fehlt.", "The token is missing.")),
            }],
            ..Watched::default()
        };
        let key = || "mirror:GitHub:pending".to_owned();
        assert!(told(&mirror(None)).is_empty() && told(&mirror(Some(24))).is_empty());
        assert_eq!(told(&mirror(Some(25))), [(key(), 1, Severity::Warning)]);
        assert_eq!(told(&mirror(Some(30 * 24))), [(key(), 2, Severity::Urgent)]);

        let version = |ends_on| Watched {
            api_versions: vec![ApiVersion {
                platform: "instagram".to_owned(),
                name: "Instagram".to_owned(),
                version: "v25.0".to_owned(),
                ends_on,
            }],
            ..Watched::default()
        };
        let key = || "api:instagram:version".to_owned();
        assert!(told(&version(date(1970, 5, 1))).is_empty());
        assert_eq!(told(&version(date(1970, 4, 30))), [(key(), 1, Severity::Warning)]);
        assert_eq!(told(&version(date(1970, 1, 2))), [(key(), 3, Severity::Urgent)]);
        assert_eq!(told(&version(date(1969, 12, 31))), [(key(), 4, Severity::Urgent)]);

        let disk = Watched { disk_fails_since: Some(NOW), ..Watched::default() };
        assert_eq!(told(&disk), [("disk:data:write".to_owned(), 1, Severity::Urgent)]);
        assert!(told(&Watched::default()).is_empty());
    }

    fn asks(name: &str) -> Request {
        let (name, brand, email) = (name.to_owned(), name.to_owned(), String::new());
        Request { id: 0, name, brand, email, message: None, asked_at: NOW }
    }

    #[test]
    fn every_alert_says_what_and_what_next_in_both_languages_on_one_line_each() {
        let hostile = "Tik\r\nBcc: a@b\u{202e}Tok";
        let life = Life { expires_at: Some(in_days(2)), data_access_until: Some(in_days(0)), ..Life::default() };
        let mut credentials: Vec<CredentialHealth> = Phase::ALL
            .iter()
            .map(|(phase, _)| CredentialHealth {
                phase: *phase,
                name: hostile.to_owned(),
                platform: hostile.to_owned(),
                refused: Fingerprint::parse("6c1e0b9a"),
                failure: Some(FailureKind::AuthRevoked),
                failures: 9,
                ..health(false, life)
            })
            .collect();
        credentials.push(CredentialHealth { failures: 9, name: hostile.to_owned(), ..health(true, Life::default()) });
        let mirror = |days_ago: i64| MirrorHealth {
            name: hostile.to_owned(),
            pending_since: Some(in_days(-days_ago)),
            failure: Some(Words::new(format!("{hostile}."), format!("{hostile}."))),
        };
        let version = |ends_on| ApiVersion {
            platform: "instagram".to_owned(),
            name: hostile.to_owned(),
            version: hostile.to_owned(),
            ends_on,
        };
        let watched = Watched {
            credentials,
            mirrors: vec![mirror(2), mirror(40)],
            api_versions: vec![version(date(1970, 1, 5)), version(date(1969, 1, 5))],
            disk_fails_since: Some(NOW),
            unreadable: vec![(hostile.to_owned(), hostile.to_owned())],
            clock_ahead: Some(DAY),
            requests: (0..6).map(|_| asks(hostile)).collect(),
        };
        let alerts = due(&watched, NOW);
        assert!(alerts.len() > 15, "{}", alerts.len());
        for alert in alerts {
            for lang in Lang::ALL {
                for words in [&alert.title, &alert.body, &alert.next_step] {
                    let text = words.get(lang);
                    let broken = |c: char| c.is_control() || c == '\u{202e}';
                    assert!(!text.is_empty() && !text.contains(broken) && !text.contains("  "), "{text:?}");
                }
                assert!(alert.next_step.get(lang).ends_with('.') && alert.body.get(lang).ends_with('.'), "{alert:?}");
            }
            assert!(!alert.key.contains(char::is_control) && !alert.name.contains(char::is_control));
        }
    }
}
