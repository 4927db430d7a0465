//! Recorded answers of the real platforms, read by the parsers of production. The recordings stay outside of the
//! repository; `MEDIAKIT_RECORDED` names their folder.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc, reason = "a check fails by a panic")]

#[path = "recorded/bluesky.rs"]
mod bluesky;
#[path = "recorded/discord.rs"]
mod discord;
#[path = "recorded/github.rs"]
mod github;
#[path = "recorded/instagram.rs"]
mod instagram;
#[path = "recorded/mastodon.rs"]
mod mastodon;
#[path = "recorded/tiktok.rs"]
mod tiktok;
#[path = "recorded/twitch.rs"]
mod twitch;
#[path = "recorded/x.rs"]
mod x;
#[path = "recorded/youtube.rs"]
mod youtube;

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

/// A recording and what its index says about it.
pub struct Recorded {
    values: Json,
    text: String,
}

impl Recorded {
    /// The body as JSON.
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.text).expect("the recording is JSON")
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A true value, by its key in the index.
    pub fn value(&self, key: &str) -> &Json {
        self.values.get(key).unwrap_or_else(|| panic!("the index has no value {key:?}"))
    }

    /// A true count, given as a number or as digits.
    pub fn count(&self, key: &str) -> i64 {
        let value = self.value(key);
        value.as_i64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_else(|| panic!("{key:?} is no count"))
    }

    /// A true text.
    pub fn words(&self, key: &str) -> &str {
        self.value(key).as_str().unwrap_or_else(|| panic!("{key:?} is no text"))
    }

    /// A true yes or no.
    pub fn flag(&self, key: &str) -> bool {
        self.value(key).as_bool().unwrap_or_else(|| panic!("{key:?} is no flag"))
    }
}

/// A recording by its name in the index, and what must come out of it.
pub type Check = (&'static str, fn(&Recorded));

/// Checks a recording when it is one of `checks`.
pub fn among(checks: &[Check], file: &str, bytes: &[u8], values: &Json) -> Option<Result<(), String>> {
    let (_, check) = checks.iter().find(|(name, _)| *name == file)?;
    check(&Recorded { values: values.clone(), text: String::from_utf8_lossy(bytes).into_owned() });
    Some(Ok(()))
}

/// Checks a recording of its platform; `None` when it knows no such file.
type Piece = fn(&str, &[u8], &Json) -> Option<Result<(), String>>;

const PIECES: [Piece; 9] = [
    bluesky::check,
    discord::check,
    github::check,
    instagram::check,
    mastodon::check,
    tiktok::check,
    twitch::check,
    x::check,
    youtube::check,
];

/// Recordings no parser of ours is for, with the reason; at most seven.
const DOES_NOT_APPLY: &[(&str, &str)] = &[
    ("threads/profile_sportsillustrated_2025.json", "Threads is not a platform of ours"),
    ("kick/channel_v2_ac7ionman_2023.json", "Kick is not a platform of ours"),
];

#[test]
fn every_recorded_answer_is_read_as_its_index_says() {
    let folder = folder();
    let Ok(index) = std::fs::read_to_string(folder.join("index.json")) else {
        eprintln!("NOTHING WAS CHECKED: no recordings in {}; set MEDIAKIT_RECORDED", folder.display());
        return;
    };
    let index: Vec<Json> = serde_json::from_str(&index).expect("the index is a list");
    let (mut checked, mut wrong) = (0, Vec::new());
    for entry in &index {
        let file = entry["file"].as_str().expect("an entry has a file");
        println!("{file}");
        let bytes = std::fs::read(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let excused = DOES_NOT_APPLY.iter().any(|(name, _)| *name == file);
        match PIECES.iter().find_map(|check| check(file, &bytes, &entry["values"])) {
            Some(_) if excused => wrong.push(format!("{file} is read and excused")),
            Some(Ok(())) => checked += 1,
            Some(Err(error)) => wrong.push(error),
            None if excused => {}
            None => wrong.push(format!("{file} has neither a check nor a reason")),
        }
    }
    println!("{checked} of {} recordings checked", index.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_list_of_exceptions_stays_short() {
    assert!(DOES_NOT_APPLY.len() <= 7, "{DOES_NOT_APPLY:?}");
}

fn folder() -> PathBuf {
    std::env::var_os("MEDIAKIT_RECORDED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures"), PathBuf::from)
}
