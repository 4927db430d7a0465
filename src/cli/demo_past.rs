//! The demo's past: its last days on the simulator's clock, through the real engine. Each day is fetched, renewed and
//! stored as a real one is; only the pages are left out, since nobody looks at them.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use simulator::{Scope, Simulator};

use super::say;
use super::stop::Stop;
use crate::app::App;
use crate::clock::Clock;
use crate::domain::text::{Lang, Text};
use crate::refresh::Trigger;

/// How many days the demo lives through.
pub(super) const DAYS: u32 = 400;
/// Without a terminal, a line says every so many days how far it is.
const LINE_EVERY: u64 = 100;

/// An outage: the platform's servers, and the days ago on which they answer with 503.
const OUTAGES: [(&str, [u32; 2]); 3] =
    [("TIKTOK_API", [47, 44]), ("BLUESKY_API", [18, 18]), ("YOUTUBE_API", [231, 228])];
/// The days ago on which the server was off.
const OFF: [u32; 2] = [163, 161];

/// What is said before and after.
const BEGINS: Text = Text::new(
    "Die Demo lebt zuerst {} Tage: jeden Tag ein Abruf aller Plattformen.",
    "The demo lives through {} days first: every day all platforms are fetched.",
);
const AT: Text = Text::new("Tag {}", "day {}");

/// The instant so many days ago at which that day's refresh was.
pub(super) fn refreshed_at(now: Timestamp, days_ago: u32) -> Timestamp {
    let today = now.to_zoned(TimeZone::UTC).date();
    let day = today.saturating_sub(i64::from(days_ago).days());
    day.to_datetime(time(3, 0, 0, 0)).to_zoned(TimeZone::UTC).map_or(now, |at| at.timestamp())
}

/// Sets the simulator's clock; it goes on running from there.
pub(super) fn travel(simulator: &Simulator, to: Timestamp) {
    simulator.advance(to.duration_since(simulator.now()));
}

/// Lives through the days before today; `app` is wired to `clock`.
pub(super) async fn live(app: &App, clock: &Clock, simulator: &Simulator, days: u32, lang: Lang) -> Result<(), Stop> {
    let creator = app.store.creator().await?.id;
    let today = Clock::System.now();
    let screen = Screen::new(days.into(), lang);
    for ago in (1..=days).rev() {
        clock.set(refreshed_at(today, ago));
        travel(simulator, clock.now());
        weather(simulator, ago);
        if !within(OFF, ago) {
            app.keeper.tick().await;
            // What fails is part of the story.
            let _ = app.refresher.start(creator, &[], Trigger::Schedule).await;
            app.refresher.progress().settled().await;
        }
        screen.lived(u64::from(days - ago) + 1);
    }
    simulator.clear();
    // Renewals are told to the mirrors a little later; nothing of it may be left to the present.
    clock.advance(SignedDuration::from_hours(1));
    app.keeper.tick().await;
    app.keeper.close().await;
    app.store.clone().close().await;
    screen.done();
    Ok(())
}

/// The faults of a day.
fn weather(simulator: &Simulator, ago: u32) {
    simulator.clear();
    for (upstream, days) in OUTAGES {
        if within(days, ago) {
            // Every name is one of the simulator's, see the tests.
            let _ = simulator.set_fault(upstream, "status/503", Scope::default());
        }
    }
}

fn within([first, last]: [u32; 2], ago: u32) -> bool {
    (last..=first).contains(&ago)
}

/// A bar on a terminal, a line now and then elsewhere.
struct Screen {
    bar: Option<ProgressBar>,
    lang: Lang,
}

impl Screen {
    fn new(days: u64, lang: Lang) -> Self {
        say(&BEGINS.get(lang).replace("{}", &days.to_string()));
        let bar = std::io::stderr().is_terminal().then(|| ProgressBar::new(days));
        // A bad template would only cost the style.
        if let (Some(bar), Ok(style)) = (&bar, ProgressStyle::with_template("{bar:40} {pos}/{len}  {elapsed}")) {
            bar.set_style(style);
        }
        Self { bar, lang }
    }

    fn lived(&self, day: u64) {
        match &self.bar {
            Some(bar) => bar.set_position(day),
            None if day.is_multiple_of(LINE_EVERY) => say(&AT.get(self.lang).replace("{}", &day.to_string())),
            None => {}
        }
    }

    fn done(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use simulator::Options;

    #[tokio::test]
    async fn every_outage_is_one_of_the_simulator_s_and_within_the_demo_s_days() {
        let simulator = Simulator::start(Options::default()).await.unwrap();
        for (upstream, [first, last]) in OUTAGES {
            assert!(simulator.origins().contains_key(upstream), "{upstream}");
            assert!(simulator.set_fault(upstream, "status/503", Scope::default()).is_ok());
            assert!(last <= first && first < DAYS, "{upstream}");
        }
        assert!(within(OFF, OFF[0]) && within(OFF, OFF[1]) && !within(OFF, OFF[0] + 1));
    }

    #[test]
    fn a_day_s_refresh_is_at_three_and_today_has_none_yet() {
        let now: Timestamp = "2026-11-22T18:30:00Z".parse().unwrap();
        assert_eq!(refreshed_at(now, 1).to_string(), "2026-11-21T03:00:00Z");
        assert_eq!(refreshed_at(now, 400).to_string(), "2025-10-18T03:00:00Z");
    }
}
