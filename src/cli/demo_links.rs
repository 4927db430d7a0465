//! The demo's link page: what a creator like her would link to, with visits of the last weeks.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::domain::link::{Content, Kind, Schedule};
use crate::domain::visit::Counted;
use crate::store::StoreError;

/// Whose page it is.
const WHOSE: &str = "mara";
/// How many days of visits there are.
const DAYS: i64 = 45;

/// An entry: kind, title, address, icon, and how often it is followed on a usual day.
type Entry = (Kind, &'static str, Option<&'static str>, Option<&'static str>, i64);

const ENTRIES: [Entry; 11] = [
    (Kind::Heading, "Gerade neu", None, None, 0),
    (
        Kind::Link,
        "Freiburg–Colmar auf Schotter: die ganze Tour",
        Some("https://mara-bikes.example/touren/freiburg-colmar"),
        Some("youtube"),
        41,
    ),
    (
        Kind::Link,
        "Werkstattabend im Dezember: Plätze sichern",
        Some("https://werkstatt.example/mara/dezember"),
        Some("calendar"),
        18,
    ),
    (Kind::Heading, "Zum Nachbauen", None, None, 0),
    (Kind::Link, "Mein Werkzeug, Stück für Stück *", Some("https://laden.example/mara/werkzeug"), Some("shop"), 27),
    (
        Kind::Link,
        "Checkliste Wintercheck (PDF)",
        Some("https://mara-bikes.example/wintercheck.pdf"),
        Some("document"),
        12,
    ),
    (Kind::Text, "Links mit * sind Werbung: Kaufst du darüber, bekomme ich einen Anteil.", None, None, 0),
    (Kind::Heading, "Noch mehr von mir", None, None, 0),
    (Kind::Link, "Kette rechts, der Podcast", Some("https://kette-rechts.example"), Some("podcast"), 9),
    (Kind::Link, "Schreib mir", Some("mailto:hallo@mara-bikes.example?subject=Zusammenarbeit"), Some("mail"), 0),
    (Kind::Link, "Adventskalender 2025", Some("https://mara-bikes.example/advent-2025"), Some("heart"), 3),
];
/// The last one is of last year and hidden.
const HIDDEN: &str = "Adventskalender 2025";
/// This one is taken off the page by itself.
const ENDING: &str = "Werkstattabend im Dezember: Plätze sichern";

/// Fills the link page.
pub(super) async fn enter(app: &App, creator: &str) -> Result<(), StoreError> {
    if creator != WHOSE {
        return Ok(());
    }
    let (creator, now) = (app.store.creator().await?.id, app.clock.now());
    for (kind, title, url, icon, daily) in ENTRIES {
        let until = (title == ENDING).then(|| now.saturating_add(SignedDuration::from_hours(14 * 24)).ok()).flatten();
        let content = Content {
            kind,
            title: title.to_owned(),
            url: url.map(str::to_owned),
            icon: icon.map(str::to_owned),
            schedule: Schedule { from: None, until },
        };
        let Some(id) = app.store.insert_link(creator, &content).await? else { continue };
        app.store.hide_link(creator, id, title == HIDDEN).await?;
        app.store.add_visits(&visits(id, daily, now)).await?;
    }
    Ok(())
}

/// Visits that go up and down over the days, the same in every demo.
fn visits(id: i64, daily: i64, now: Timestamp) -> Vec<(Counted, jiff::civil::Date, i64)> {
    let visits = |ago: i64| {
        let at = now.saturating_sub(SignedDuration::from_hours(24 * ago)).unwrap_or(now);
        let clicks = daily * (60 + (id * 37 + ago * 53) % 80) / 100;
        (clicks > 0).then(|| (Counted::Link(id), at.to_zoned(TimeZone::UTC).date(), clicks))
    };
    (0..DAYS).filter_map(visits).collect()
}
