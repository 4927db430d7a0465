//! A running refresh as lines on standard error: one line per platform that changes in place on a terminal, one line
//! per step otherwise.

use std::collections::HashMap;
use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::say;
use crate::domain::text::{Lang, Text};
use crate::refresh::{Event, State};

const TICK: Duration = Duration::from_millis(120);

/// The state in words.
pub(super) const fn words(state: State) -> Text {
    match state {
        State::Waiting => Text::new("wartet", "waiting"),
        State::Asking => Text::new("fragt an", "asking"),
        State::Saved => Text::new("gespeichert", "saved"),
        State::Held => Text::new("wartet auf Bestätigung", "awaiting confirmation"),
        State::Failed => Text::new("fehlgeschlagen", "failed"),
    }
}

/// Shows the steps until the refresh has finished.
pub(super) async fn show(mut steps: Receiver<Event>, lang: Lang) {
    let mut lines = Lines::new(lang);
    loop {
        match steps.recv().await {
            Ok(Event::Platform { platform, state, .. }) => lines.step(platform, state),
            Ok(Event::Started { .. }) | Err(RecvError::Lagged(_)) => {}
            Ok(Event::Finished { .. }) | Err(RecvError::Closed) => return,
        }
    }
}

struct Lines {
    lang: Lang,
    /// On a terminal only.
    screen: Option<MultiProgress>,
    bars: HashMap<&'static str, ProgressBar>,
}

impl Lines {
    fn new(lang: Lang) -> Self {
        let screen = std::io::stderr().is_terminal().then(MultiProgress::new);
        Self { lang, screen, bars: HashMap::new() }
    }

    fn step(&mut self, platform: &'static str, state: State) {
        let words = words(state).get(self.lang);
        let Some(screen) = &self.screen else {
            return say(&format!("{platform}: {words}"));
        };
        let bar = self.bars.entry(platform).or_insert_with(|| {
            let bar = screen.add(ProgressBar::new_spinner());
            // A bad template would only cost the style.
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix:<10} {msg}") {
                bar.set_style(style);
            }
            bar.set_prefix(platform);
            bar.enable_steady_tick(TICK);
            bar
        });
        if matches!(state, State::Waiting | State::Asking) {
            bar.set_message(words);
        } else {
            bar.finish_with_message(words);
        }
    }
}
