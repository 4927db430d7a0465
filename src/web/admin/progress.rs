//! Where a refresh stands, platform by platform: as a list on a page, kept up to date by `progress.js`.

use crate::domain::number::short_in;
use crate::domain::platform::About;
use crate::domain::text::{Lang, Text};
use crate::refresh::{Event, State as Stage};
use crate::web::error::Error;
use crate::web::state::State;

/// A platform in the list.
pub struct Step {
    /// Its description.
    pub about: &'static About,
    /// `waiting`, `asking`, `saved`, `held` or `failed`.
    pub state: &'static str,
    /// The state in words.
    pub words: String,
    /// What else there is to say: the audience, or why it failed and what to do.
    pub more: String,
}

/// The list, and whether a refresh is under way.
pub struct Standing {
    /// One entry a platform of the creator, in the order people see them.
    pub steps: Vec<Step>,
    /// Whether a refresh is under way.
    pub runs: bool,
    /// How many have ended.
    pub ended: usize,
    /// The states in words, for the script.
    pub words: &'static [(&'static str, Text)],
}

const WORDS: [(&str, Text); 5] = [
    ("waiting", Text::new("wartet", "waiting")),
    ("asking", Text::new("fragt an", "asking")),
    ("saved", Text::new("gespeichert", "saved")),
    ("held", Text::new("wird noch einmal geprüft", "being checked again")),
    ("failed", Text::new("fehlgeschlagen", "failed")),
];
const NOT_STORED: Text = Text::new(
    "Das Ergebnis ließ sich nicht speichern. Was vorher da war, bleibt. Versuche es noch einmal.",
    "The result could not be saved. What was there before stays. Try again.",
);

impl Standing {
    /// Where the refresh of the creator's accounts stands.
    pub async fn of(at: &State, lang: Lang) -> Result<Self, Error> {
        let creator = at.store.creator().await?;
        let accounts = at.store.accounts(creator.id).await?;
        let (events, _) = at.refresher.progress().watch();
        let runs = !matches!(events.last(), None | Some(Event::Finished { .. }));
        let mut steps = Vec::new();
        for about in &at.platforms {
            let Some(account) = accounts.iter().find(|account| account.platform == about.id) else { continue };
            let last = events.iter().rev().find_map(|event| match event {
                Event::Platform { platform, state, followers, failure } if *platform == about.id => {
                    Some((*state, *followers, failure.clone()))
                }
                _ => None,
            });
            let (stage, followers, failure) = match last {
                Some(last) => last,
                None => match (&account.memory.failure, at.store.snapshot(about.id, &account.handle).await?) {
                    (Some(failure), _) => (Stage::Failed, None, Some(failure.clone())),
                    (None, Some(snapshot)) => (Stage::Saved, snapshot.audience(about), None),
                    (None, None) => (Stage::Waiting, None, None),
                },
            };
            let more = match (stage, failure) {
                (Stage::Failed, Some(failure)) => failure.kind.sentence(about.name, lang),
                (Stage::Failed, None) => NOT_STORED.get(lang).to_owned(),
                _ => followers.map(|count| short_in(count, lang)).unwrap_or_default(),
            };
            let name = name(stage);
            steps.push(Step { about, state: name, words: words(name).get(lang).to_owned(), more });
        }
        let ended = steps.iter().filter(|step| !matches!(step.state, "waiting" | "asking")).count();
        Ok(Self { steps, runs, ended, words: &WORDS })
    }

    /// Whether asking again may show more.
    pub fn is_open(&self) -> bool {
        self.runs || self.ended < self.steps.len()
    }
}

const fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Waiting => "waiting",
        Stage::Asking => "asking",
        Stage::Saved => "saved",
        Stage::Held => "held",
        Stage::Failed => "failed",
    }
}

fn words(name: &str) -> Text {
    WORDS.iter().find(|(state, _)| *state == name).map_or(NOT_STORED, |(_, words)| *words)
}
