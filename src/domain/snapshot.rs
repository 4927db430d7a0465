//! An account's numbers at a time, and their JSON form in `social_stats_cache.stats_data`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::demographics::{Demographics, Dimension};
use super::metric::{Figure, Origin, Precision, Provenance, Value};
use super::platform::About;
use super::reading::{Note, Post, PublicProfile, Reading};

/// The last good numbers of an account.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The platform's id.
    pub platform: String,
    /// The handle it was asked for.
    pub username: String,
    /// What the platform shows of the account.
    pub profile: PublicProfile,
    /// The numbers by key; unknown ones are absent.
    pub figures: BTreeMap<String, Figure>,
    /// Who the audience is made of. It is kept beside the JSON, whose form is not ours alone: the kit has the last good
    /// ones, a new snapshot those it was made with, one that is read by itself none.
    pub demographics: BTreeMap<Dimension, Demographics>,
    /// The newest posts.
    pub posts: Vec<Post>,
    /// Parts the last fetch could not read.
    pub notes: Vec<Note>,
    /// Where the audience count was read.
    pub origin: Origin,
    /// When the last good fetch was.
    pub fetched_at: Timestamp,
}

/// Why a stored row could not be read back.
#[derive(Debug, thiserror::Error)]
#[error("row of {platform} ({username}) is unreadable: {reason}")]
pub struct BadRow {
    /// The row's platform.
    pub platform: String,
    /// The row's username.
    pub username: String,
    /// What was wrong.
    pub reason: String,
}

impl Snapshot {
    /// The snapshot a reading makes at `now`; numbers it lacks are kept from `before` with their own age, unless the
    /// platform says that there are none of them now.
    pub fn from_reading(about: &About, handle: &str, reading: Reading, before: Option<&Self>, now: Timestamp) -> Self {
        let mut figures: BTreeMap<String, Figure> = before.map(|b| b.figures.clone()).unwrap_or_default();
        for key in reading.gone {
            figures.remove(key);
        }
        for (key, reported) in reading.numbers {
            let origin = reported.origin.unwrap_or_else(|| reading.origin.clone());
            let figure = Figure {
                value: reported.value,
                precision: reported.precision,
                origin,
                fetched_at: now,
                basis: reported.basis,
            };
            figures.insert(key.to_owned(), figure);
        }
        let told = reading.breakdowns.into_iter();
        let demographics = told.map(|breakdown| (breakdown.dimension, Demographics { breakdown, fetched_at: now }));
        let posts =
            if reading.posts.is_empty() { before.map(|b| b.posts.clone()).unwrap_or_default() } else { reading.posts };
        Self {
            platform: about.id.to_owned(),
            username: handle.to_owned(),
            profile: reading.profile,
            figures,
            demographics: demographics.collect(),
            posts,
            notes: reading.notes,
            origin: reading.origin,
            fetched_at: now,
        }
    }

    /// The audience count: followers, subscribers or members.
    pub fn audience(&self, about: &About) -> Option<i64> {
        self.count(about.audience).or_else(|| self.count("followers"))
    }

    fn count(&self, key: &str) -> Option<i64> {
        self.figures.get(key).and_then(|figure| figure.value.count())
    }

    /// The specification's JSON, with `null` for every declared metric that is unknown.
    pub fn to_json(&self, about: &About) -> Json {
        let mut stats = Map::new();
        for metric in about.metrics {
            stats.insert(metric.key.to_owned(), self.figures.get(metric.key).map_or(Json::Null, |f| json!(f.value)));
        }
        let audience = self.audience(about);
        stats.insert("followers".to_owned(), json!(audience));
        let posts = self.count("posts").or_else(|| self.count("videos"));
        json!({
            "meta": {
                "updated_at": self.fetched_at,
                "source": self.origin.source,
                "api_version": self.origin.api_version,
                "api_version_answered": self.origin.api_version_answered,
                "provenance": self.origin.provenance,
                "notes": self.notes,
            },
            "profile": self.profile,
            "stats": stats,
            "figures": self.figures,
            "recent_posts": self.posts,
            "platform": self.platform,
            "followers": audience,
            "posts": posts,
            "fetched_at": self.fetched_at,
        })
    }

    /// Reads a row back: ours, or one written in the specification's first format.
    pub fn from_row(platform: &str, username: &str, stats_data: &str, fetched_at: &str) -> Result<Self, BadRow> {
        let bad = |reason: String| BadRow { platform: platform.to_owned(), username: username.to_owned(), reason };
        let stored: Stored = serde_json::from_str(stats_data).map_err(|e| bad(e.to_string()))?;
        let at = stored.fetched_at.as_deref().unwrap_or(fetched_at);
        let fetched_at = parse_instant(at).ok_or_else(|| bad("no readable fetched_at".to_owned()))?;
        let origin = Origin {
            source: stored.meta.source.unwrap_or_else(|| "Import".to_owned()),
            provenance: stored.meta.provenance.unwrap_or(Provenance::PublicPage),
            api_version: stored.meta.api_version,
            api_version_answered: stored.meta.api_version_answered,
        };
        let mut figures = stored.figures;
        if figures.is_empty() {
            for (key, value) in stored.stats {
                if let Some(value) = honest(&value) {
                    let origin = origin.clone();
                    figures.insert(key, Figure { value, precision: Precision::Exact, origin, fetched_at, basis: None });
                }
            }
        }
        if figures.is_empty() {
            return Err(bad("no numbers in it".to_owned()));
        }
        let mut profile = stored.profile;
        if profile.username.is_empty() {
            username.clone_into(&mut profile.username);
        }
        Ok(Self {
            platform: platform.to_owned(),
            username: username.to_owned(),
            profile,
            figures,
            demographics: BTreeMap::new(),
            posts: stored.recent_posts,
            notes: stored.meta.notes,
            origin,
            fetched_at,
        })
    }
}

/// A stored value that can be a number of a platform: counts are never negative.
fn honest(value: &Json) -> Option<Value> {
    match value {
        Json::Bool(yes) => Some(Value::Flag(*yes)),
        Json::Number(n) => n.as_i64().filter(|n| *n >= 0).map(Value::Count).or_else(|| n.as_f64().map(Value::Rate)),
        _ => None,
    }
}

/// Reads RFC 3339, or SQLite's `2025-11-23 18:00:00` taken as UTC.
fn parse_instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse().ok().or_else(|| format!("{}Z", text.replacen(' ', "T", 1)).parse().ok())
}

#[derive(Deserialize)]
struct Stored {
    #[serde(default)]
    meta: StoredMeta,
    #[serde(default, deserialize_with = "lenient_profile")]
    profile: PublicProfile,
    #[serde(default)]
    stats: Map<String, Json>,
    #[serde(default)]
    figures: BTreeMap<String, Figure>,
    #[serde(default)]
    recent_posts: Vec<Post>,
    #[serde(default)]
    fetched_at: Option<String>,
}

#[derive(Default, Deserialize)]
struct StoredMeta {
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    api_version: Option<String>,
    #[serde(default)]
    api_version_answered: Option<String>,
    #[serde(default)]
    provenance: Option<Provenance>,
    #[serde(default)]
    notes: Vec<Note>,
}

/// Rows of the first format may lack any part of the profile.
fn lenient_profile<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<PublicProfile, D::Error> {
    let map: Map<String, Json> = Option::deserialize(deserializer)?.unwrap_or_default();
    let text = |key: &str| map.get(key).and_then(Json::as_str).map(str::to_owned);
    Ok(PublicProfile {
        username: text("username").unwrap_or_default(),
        name: text("name"),
        avatar: text("avatar"),
        bio: text("bio"),
        url: text("url"),
    })
}
