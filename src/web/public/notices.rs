//! What a visitor should know beyond the numbers: what happened, that the numbers stay, when the next attempt is.
//! What the owner should do about it is for the owner alone.

use jiff::Timestamp;

use super::figures::Reader;
use super::view::Notice;
use crate::domain::failure::Failure;
use crate::domain::media_kit::{Freshness, MediaKit, Panel};
use crate::web::words;

/// About one platform.
pub fn of_panel(panel: &Panel, reader: Reader) -> Option<Notice> {
    let (lang, name) = (reader.lang, panel.about.name);
    let stale = panel.freshness.is_some_and(|freshness| freshness >= Freshness::Stale);
    let mut sentences = Vec::new();
    if let Some(failure) = &panel.failure {
        sentences.push(first_sentence(&failure.kind.sentence(name, lang)));
    } else if panel.held.is_some() {
        sentences.push(words::HELD.get(lang).replace("{}", name));
    } else if stale {
        sentences.push(words::NO_NEW_NUMBERS.get(lang).replace("{}", name));
    } else {
        return None;
    }
    sentences.extend(panel.snapshot.as_ref().map(|snapshot| stay(snapshot.fetched_at, stale, reader)));
    let next = panel.failure.as_ref().and_then(|failure| failure.next_attempt_at);
    sentences.extend(next.and_then(|at| next_attempt(at, reader)));
    Some(notice(stale, &sentences))
}

/// About the page as a whole, when every account failed.
pub fn of_kit(kit: &MediaKit, reader: Reader) -> Option<Notice> {
    let failures: Vec<&Failure> = kit.panels.iter().filter_map(|panel| panel.failure.as_ref()).collect();
    if kit.panels.len() < 2 || failures.len() < kit.panels.len() {
        return None;
    }
    let mut sentences = vec![words::NOBODY_ANSWERED.get(reader.lang).to_owned()];
    let newest = kit.panels.iter().filter_map(|panel| panel.snapshot.as_ref()).map(|s| s.fetched_at).max();
    let stale = newest.is_some_and(|at| Freshness::of(at, reader.now) >= Freshness::Stale);
    sentences.extend(newest.map(|at| stay(at, stale, reader)));
    let next = failures.iter().filter_map(|failure| failure.next_attempt_at).min();
    sentences.extend(next.and_then(|at| next_attempt(at, reader)));
    Some(notice(stale, &sentences))
}

/// Why a fetch brought nothing and when the next one is.
pub fn what_happened(failure: &Failure, platform: &str, reader: Reader) -> String {
    let mut sentences = vec![first_sentence(&failure.kind.sentence(platform, reader.lang))];
    sentences.extend(failure.next_attempt_at.and_then(|at| next_attempt(at, reader)));
    sentences.join(" ")
}

/// A failure's first sentence says what happened; the others say what its owner can do.
pub fn first_sentence(text: &str) -> String {
    text.split_once(". ").map_or_else(|| text.to_owned(), |(first, _)| format!("{first}."))
}

fn stay(at: Timestamp, stale: bool, reader: Reader) -> String {
    let words = if stale { words::OLD_NUMBERS_STAY } else { words::NUMBERS_STAY };
    words.get(reader.lang).replace("{}", &reader.near(at))
}

/// Nothing for those who keep what they read: it would be over by then.
fn next_attempt(at: Timestamp, reader: Reader) -> Option<String> {
    let due = at <= reader.now;
    let words = if due { words::ATTEMPT_DUE } else { words::NEXT_ATTEMPT };
    (!reader.keeps).then(|| words.get(reader.lang).replace("{}", &reader.near(at)))
}

fn notice(stale: bool, sentences: &[String]) -> Notice {
    Notice { level: if stale { "warn" } else { "info" }, text: sentences.join(" ") }
}
