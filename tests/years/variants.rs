//! Ways in which the program could be wrong, each a wrapper around a part of the real one, and the rule that each
//! breaks. What a variant can't say through the program's own seams, it does in the program's place.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use mediakit::domain::alert::Alert;
use mediakit::domain::credential::{Credentials, Grant, Kept, Life, Phase, Standing};
use mediakit::domain::failure::FailureKind;
use mediakit::domain::platform::{About, Renewal};
use mediakit::domain::reading::Reading;
use mediakit::outbound::{FetchError, Outbound};
use mediakit::platforms::{Connected, Platform};
use mediakit::refresh::Trigger;

use crate::judge::Rule;
use crate::server::Server;
use crate::time::{DAY, HOUR, Secs, instant};
use crate::world::World;

/// What differs from the real program.
pub struct Variant {
    pub name: &'static str,
    /// What it must be caught by.
    pub breaks: Option<Rule>,
    /// Stands between the program and a platform.
    pub platform: fn(Arc<dyn Platform>) -> Arc<dyn Platform>,
    /// By how much the program's clock differs from UTC.
    pub zone: fn(Secs) -> Secs,
    /// Runs when a server starts after so many days.
    pub at_start: fn(&Server, i64, &World),
    /// Runs when a server awakes whose lease is over.
    pub after_sleep: fn(&Server, &'static str, &World),
    /// Whether somebody is told.
    pub tells: fn(&Alert) -> bool,
    /// Whether all servers call themselves the same, which is as good as no lease.
    pub one_holder: bool,
    /// Whether an older copy of the file carries no generation.
    pub unmarked: bool,
}

/// The program as it is.
pub static SOUND: Variant = Variant {
    name: "sound",
    breaks: None,
    platform: |platform| platform,
    zone: |_| 0,
    at_start: |_, _, _| {},
    after_sleep: |_, _, _| {},
    tells: |_| true,
    one_holder: false,
    unmarked: false,
};

/// Every broken one.
pub static BROKEN: &[Variant] = &[
    Variant {
        name: "a life known by heart",
        breaks: Some(Rule::Lapsed),
        platform: |inner| Arc::new(Bent { inner, bend: Bend::KnowsLives }),
        ..SOUND
    },
    Variant {
        name: "renewed in the last days only",
        breaks: Some(Rule::Lapsed),
        platform: |inner| Arc::new(Bent { inner, bend: Bend::WaitsForTheLastDays }),
        ..SOUND
    },
    Variant {
        name: "an exchange sent again after an unclear answer",
        breaks: Some(Rule::ExchangedTwice),
        platform: |inner| Arc::new(Bent { inner, bend: Bend::AsksAgain }),
        ..SOUND
    },
    Variant { name: "no lease", breaks: Some(Rule::ExchangedTwice), one_holder: true, ..SOUND },
    Variant {
        name: "a doubt forgotten over a restart",
        breaks: Some(Rule::ExchangedTwice),
        at_start: |server, _, world| forget_doubts(server, world),
        ..SOUND
    },
    Variant {
        name: "used before it is stored",
        breaks: Some(Rule::UsedBeforeStored),
        platform: |inner| Arc::new(Bent { inner, bend: Bend::UsesFirst }),
        ..SOUND
    },
    Variant {
        name: "an omitted refresh token taken as an empty one",
        breaks: Some(Rule::GaveUp),
        platform: |inner| Arc::new(Bent { inner, bend: Bend::EmptiesRefreshToken }),
        ..SOUND
    },
    Variant {
        name: "any failure taken for the end",
        breaks: Some(Rule::GaveUp),
        platform: |inner| Arc::new(Bent { inner, bend: Bend::TakesFailureForRefusal }),
        ..SOUND
    },
    Variant {
        name: "new values dropped when the look at them fails",
        breaks: Some(Rule::ThrownAway),
        platform: |inner| Arc::new(Bent { inner, bend: Bend::TakesFailedLookForRefusal }),
        ..SOUND
    },
    Variant {
        name: "a stale server writes without a fence",
        breaks: Some(Rule::Superseded),
        after_sleep: write_stale,
        ..SOUND
    },
    Variant { name: "a file without generations", breaks: Some(Rule::Superseded), unmarked: true, ..SOUND },
    Variant {
        name: "a wish to wait ignored",
        breaks: Some(Rule::TooEarly),
        platform: |inner| Arc::new(Bent { inner, bend: Bend::IgnoresWait }),
        ..SOUND
    },
    Variant {
        name: "a token renewed before it may be",
        breaks: Some(Rule::TooEarly),
        platform: |inner| Arc::new(Bent { inner, bend: Bend::IgnoresAge }),
        ..SOUND
    },
    Variant {
        name: "local time in place of UTC",
        breaks: Some(Rule::WrongDay),
        // Auckland, more or less: summer time from October to March.
        zone: |at| if (at.rem_euclid(365 * DAY) / DAY - 90).rem_euclid(365) < 180 { 12 * HOUR } else { 13 * HOUR },
        ..SOUND
    },
    Variant { name: "missed days made up for in a burst", breaks: Some(Rule::ReadTwice), at_start: burst, ..SOUND },
    Variant {
        name: "somebody is told when it is over",
        breaks: Some(Rule::NotTold),
        tells: |alert| alert.stage >= 5 || alert.key.ends_with(":renewal") && alert.stage == 4,
        ..SOUND
    },
];

/// How a platform's client differs from the real one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bend {
    KnowsLives,
    WaitsForTheLastDays,
    AsksAgain,
    UsesFirst,
    EmptiesRefreshToken,
    TakesFailureForRefusal,
    TakesFailedLookForRefusal,
    IgnoresWait,
    IgnoresAge,
}

/// A platform with a bent client.
struct Bent {
    inner: Arc<dyn Platform>,
    bend: Bend,
}

impl Bent {
    fn renewal(&self) -> Option<Renewal> {
        self.inner.about().renewal
    }

    /// The life as the bent client understands it.
    fn life(&self, life: Life) -> Life {
        let lived = life.expires_at.zip(life.since).map(|(end, since)| end.duration_since(since));
        let is_long = lived.is_some_and(|lived| lived > SignedDuration::from_hours(48));
        match self.bend {
            Bend::KnowsLives if is_long => {
                let by_heart = life.since.map(|since| since + SignedDuration::from_hours(60 * 24));
                Life { expires_at: by_heart, ..life }
            }
            Bend::WaitsForTheLastDays if is_long => {
                // Two thirds of this are nearly all of it.
                let longer = lived.map(|lived| lived / 100 * 143);
                Life { expires_at: life.since.zip(longer).map(|(since, longer)| since + longer), ..life }
            }
            _ => life,
        }
    }

    fn error(&self, error: FetchError) -> FetchError {
        use FailureKind as K;
        let may_pass = matches!(error.kind, K::Connect | K::Timeout | K::Upstream | K::Protocol | K::RateLimited);
        match self.bend {
            Bend::TakesFailureForRefusal if may_pass => K::AuthRevoked.into(),
            Bend::IgnoresWait => FetchError { wait: None, ..error },
            _ => error,
        }
    }

    fn granted(&self, grant: Grant) -> Grant {
        let mut values = grant.values;
        if self.bend == Bend::EmptiesRefreshToken {
            let missing = |key: &&&str| values.iter().all(|(known, _)| known != **key);
            let keys = self.renewal().map_or(&[][..], |renewal| renewal.keys);
            let empty: Credentials =
                keys.iter().filter(missing).map(|key| ((*key).to_owned(), String::new().into())).collect();
            values = values.with(&empty);
        }
        Grant { values, life: self.life(grant.life), scopes: Vec::new() }
    }
}

#[async_trait]
impl Platform for Bent {
    fn about(&self) -> &'static About {
        let about = self.inner.about();
        match about.renewal {
            Some(renewal) if self.bend == Bend::IgnoresAge => {
                let renewal = Some(Renewal { youngest_secs: 0, ..renewal });
                Box::leak(Box::new(About { renewal, ..*about }))
            }
            _ => about,
        }
    }

    async fn fetch(&self, http: &Outbound, account: &Connected) -> Result<Reading, FetchError> {
        self.inner.fetch(http, account).await.map_err(|error| self.error(error))
    }

    async fn renew(&self, http: &Outbound, credentials: &Credentials, now: Timestamp) -> Result<Grant, FetchError> {
        let mut granted = self.inner.renew(http, credentials, now).await;
        if self.bend == Bend::AsksAgain && granted.as_ref().is_err_and(|error| error.kind == FailureKind::Protocol) {
            granted = self.inner.renew(http, credentials, now).await;
        }
        if let (Bend::UsesFirst, Ok(grant)) = (self.bend, &granted) {
            let _ = self.inner.check(http, &credentials.with(&grant.values), now).await;
        }
        granted.map(|grant| self.granted(grant)).map_err(|error| self.error(error))
    }

    async fn check(&self, http: &Outbound, credentials: &Credentials, now: Timestamp) -> Result<Standing, FetchError> {
        let checked = self.inner.check(http, credentials, now).await;
        if self.bend == Bend::TakesFailedLookForRefusal && checked.is_err() {
            return Err(FailureKind::AuthRevoked.into());
        }
        let silent = matches!(self.bend, Bend::KnowsLives | Bend::WaitsForTheLastDays);
        let life = |life: Life| if silent { Life { expires_at: None, ..life } } else { life };
        let standing = checked.map(|standing| Standing { life: life(standing.life), ..standing });
        standing.map_err(|error| self.error(error))
    }
}

/// What a server does that keeps no record of what it is about to ask for.
fn forget_doubts(server: &Server, world: &World) {
    change(server, world, |kept| {
        let doubtful = matches!(kept.phase, Phase::Intent | Phase::InDoubt);
        doubtful.then(|| Kept { phase: Phase::Active, ..kept.clone() })
    });
}

/// What a server writes that awakes and knows no fence: what it held before it fell asleep.
fn write_stale(server: &Server, id: &'static str, world: &World) {
    change(server, world, |kept| {
        let active = kept.fallback.clone().filter(|_| kept.platform == id && kept.phase == Phase::Active)?;
        Some(Kept { active, fallback: None, ..kept.clone() })
    });
}

fn change(server: &Server, world: &World, changed: impl Fn(&Kept) -> Option<Kept>) {
    let now = world.lock().now;
    server.runtime.block_on(async {
        for kept in server.vault.list().await.unwrap().kept {
            let Some(changed) = changed(&kept) else { continue };
            let until = instant(now + HOUR / 60);
            let claim =
                server.vault.claim(kept.creator_id, &kept.platform, "variant", instant(now), until).await.unwrap();
            if let Some(claim) = claim {
                server.vault.save(&claim, &changed).await.unwrap();
                server.vault.release(&claim).await.unwrap();
            }
        }
    });
}

fn burst(server: &Server, missed_days: i64, world: &World) {
    world.lock().by_schedule = true;
    server.runtime.block_on(async {
        for _ in 0..missed_days {
            server.refresher.start(server.creator_id, &[], Trigger::Schedule).await.unwrap();
            server.refresher.progress().settled().await;
        }
    });
    world.lock().by_schedule = false;
}
