//! Recorded answers of the real platforms, read by the parsers of production. The recordings stay outside of the
//! repository; `MEDIAKIT_RECORDED` names their folder.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a check fails by a panic, inside and outside of test functions"
)]

#[path = "recorded/instagram.rs"]
mod instagram;
#[path = "recorded/tiktok.rs"]
mod tiktok;
#[path = "recorded/youtube.rs"]
mod youtube;

use std::collections::BTreeSet;
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

const PIECES: &[&[Check]] = &[instagram::CHECKS, tiktok::CHECKS, youtube::CHECKS];

/// Recordings no parser of ours is for, with the reason; at most seven.
const DOES_NOT_APPLY: &[(&str, &str)] = &[
    ("threads/profile_sportsillustrated_2025.json", "Threads is not a platform of ours"),
    ("kick/channel_v2_ac7ionman_2023.json", "Kick is not a platform of ours"),
];

/// Folders whose platforms have no pieces here yet.
const NOT_HERE_YET: &[&str] = &["bluesky", "discord", "github", "mastodon", "twitch", "x"];

#[test]
fn every_recorded_answer_is_read_as_its_index_says() {
    let folder = folder();
    let Ok(index) = std::fs::read_to_string(folder.join("index.json")) else {
        eprintln!("NOTHING WAS CHECKED: no recordings in {}; set MEDIAKIT_RECORDED", folder.display());
        return;
    };
    let index: Vec<Json> = serde_json::from_str(&index).expect("the index is a list");
    let (mut checked, mut unread) = (0, BTreeSet::new());
    for entry in &index {
        let file = entry["file"].as_str().expect("an entry has a file");
        let platform = file.split('/').next().unwrap_or_default();
        let check = PIECES.iter().copied().flatten().find(|(name, _)| *name == file);
        if let Some((_, check)) = check {
            println!("{file}");
            check(&Recorded { values: entry["values"].clone(), text: read(&folder.join(file)) });
            checked += 1;
        } else if !NOT_HERE_YET.contains(&platform) && DOES_NOT_APPLY.iter().all(|(name, _)| *name != file) {
            unread.insert(file);
        }
    }
    println!("{checked} of {} recordings checked", index.len());
    assert!(unread.is_empty(), "recordings without a check or a reason: {unread:?}");
}

#[test]
fn the_list_of_exceptions_stays_short_and_no_check_is_listed_twice() {
    assert!(DOES_NOT_APPLY.len() <= 7);
    let mut seen = BTreeSet::new();
    let checks = PIECES.iter().copied().flatten().map(|(name, _)| *name);
    for name in checks.chain(DOES_NOT_APPLY.iter().map(|(name, _)| *name)) {
        assert!(seen.insert(name), "{name} is listed twice");
    }
}

fn folder() -> PathBuf {
    std::env::var_os("MEDIAKIT_RECORDED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures"), PathBuf::from)
}

fn read(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    String::from_utf8_lossy(&bytes).into_owned()
}
