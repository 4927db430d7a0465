//! The people behind the accounts and how their audiences grow. Knows numbers and names,
//! nothing of HTTP: how a platform words or rounds them is the upstream's matter.

mod audience;
mod cast;
mod growth;
mod posts;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use audience::{Share, ages, ages_by_gender, cities, countries, genders};
pub use cast::built_in;
pub use growth::{ANCHOR, Trend, daily, day_of, day_start};
pub use posts::{Post, posts};

use crate::random::{BASE62, Dice, real, whole};

/// The platforms, by the ids used all over this package.
pub const PLATFORMS: [&str; 8] = ["instagram", "tiktok", "youtube", "twitch", "x", "discord", "bluesky", "mastodon"];

/// An invented person with accounts on some platforms.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Creator {
    /// Short name used in the library and the control API, for example `mara`.
    pub key: String,
    /// The name people know them by.
    pub name: String,
    /// Language of the texts, `de` or `en`.
    pub language: String,
    /// The text under the name.
    #[serde(default)]
    pub bio: String,
    /// Town.
    #[serde(default)]
    pub location: String,
    /// Two-letter country, where a platform tells it.
    #[serde(default)]
    pub country: String,
    /// The link in the profile; empty when there is none.
    #[serde(default)]
    pub website: String,
    /// Platform id to handle; a platform that is missing here has no account.
    pub handles: BTreeMap<String, String>,
    /// Platform id to the size of the account and its growth.
    #[serde(default)]
    pub start: BTreeMap<String, Start>,
    /// Further Facebook Pages the person manages that have no Instagram account.
    #[serde(default)]
    pub other_pages: Vec<String>,
}

/// How big an account is at the anchor (2026-11-22T00:00:00Z) and how fast it moves.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Start {
    /// Followers, subscribers or members.
    pub followers: i64,
    /// New followers on a usual day.
    pub per_day: f64,
    /// Accounts followed.
    pub following: i64,
    /// Posts or videos published.
    pub posts: i64,
    /// Hours between two posts.
    pub post_every_hours: f64,
    /// Likes over all posts.
    pub likes: i64,
    /// Views over all posts.
    pub views: i64,
    /// Whether the platform shows its badge.
    pub verified: bool,
}

impl Default for Start {
    fn default() -> Self {
        Self {
            followers: 1_000,
            per_day: 2.0,
            following: 100,
            posts: 50,
            post_every_hours: 72.0,
            likes: 5_000,
            views: 50_000,
            verified: false,
        }
    }
}

/// The exact numbers of one account at one instant, before any platform rounds them.
/// What a platform has no word for is zero.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Truth {
    /// The platform's own id of the account.
    pub account_id: String,
    /// The handle, as in the creator's `handles`.
    pub handle: String,
    /// Display name.
    pub name: String,
    /// Followers, subscribers or members.
    pub followers: i64,
    /// Accounts followed.
    pub following: i64,
    /// Posts or videos published.
    pub posts: i64,
    /// Likes over all posts.
    pub likes: i64,
    /// Views over all posts.
    pub views: i64,
    /// Lists the account is on.
    pub listed: i64,
    /// Members online.
    pub online: i64,
    /// Whether a stream is on air.
    pub live: bool,
    /// People watching it; zero when there is none.
    pub viewers: i64,
    /// People who pay for the channel, which only its owner may see.
    pub subscribers: i64,
    /// Whether the platform shows its badge.
    pub verified: bool,
}

/// One account of one creator: what the upstreams ask for numbers.
#[derive(Clone, Debug)]
pub struct Account {
    pub creator: Creator,
    pub platform: &'static str,
    pub handle: String,
    pub start: Start,
    pub dice: Dice,
}

impl Account {
    /// The creator's account there, when they have one.
    pub fn of(seed: u64, creator: &Creator, platform: &str) -> Option<Self> {
        let platform = *PLATFORMS.iter().find(|known| **known == platform)?;
        let handle = creator.handles.get(platform)?.clone();
        Some(Self {
            creator: creator.clone(),
            platform,
            handle,
            start: creator.start.get(platform).cloned().unwrap_or_default(),
            dice: Dice::new(seed).text(&creator.key).text(platform),
        })
    }

    /// The id the platform gave the account, in the platform's own form.
    pub fn id(&self) -> String {
        let dice = self.dice.text("id");
        match self.platform {
            "instagram" => format!("1784140{}", dice.digits(10)),
            "tiktok" => format!("-000{}", dice.letters(BASE62, 32)),
            "youtube" => format!("UC{}", dice.letters(BASE62, 22)),
            "twitch" => dice.digits(9),
            "bluesky" => format!("did:plc:{}", dice.letters("abcdefghijklmnopqrstuvwxyz234567", 24)),
            _ => format!("1{}", dice.digits(17)),
        }
    }

    /// A second id some platforms keep for the same account.
    pub fn other_id(&self, purpose: &str) -> String {
        self.dice.text(purpose).digits(16)
    }

    pub fn followers(&self, now: Timestamp) -> i64 {
        self.trend("followers", self.start.followers).at(now)
    }

    pub fn trend(&self, metric: &str, start: i64) -> Trend {
        let share = real(start) / real(self.start.followers.max(1));
        Trend { dice: self.dice.text(metric), start, per_day: self.start.per_day * share }
    }

    pub fn truth(&self, now: Timestamp) -> Truth {
        let followers = self.followers(now);
        let (live, viewers) = self.stream(now, followers);
        Truth {
            account_id: self.id(),
            handle: self.handle.clone(),
            name: self.creator.name.clone(),
            followers,
            following: self.trend("following", self.start.following).at(now),
            posts: posts::count(self, now),
            likes: self.trend("likes", self.start.likes).at(now),
            views: self.trend("views", self.start.views).at(now),
            listed: followers / 270,
            online: self.online(now, followers),
            live,
            viewers,
            subscribers: followers / 48,
            verified: self.start.verified,
        }
    }

    /// Streams run on three evenings a week for three hours.
    fn stream(&self, now: Timestamp, followers: i64) -> (bool, i64) {
        let hour = now.as_second().rem_euclid(86_400) / 3_600;
        let on_air = matches!(day_of(now).rem_euclid(7), 1 | 3 | 6) && (18..21).contains(&hour);
        let share = self.flicker("viewers", now, 0.006, 0.009);
        if on_air { (true, whole(real(followers) * share).max(1)) } else { (false, 0) }
    }

    fn online(&self, now: Timestamp, followers: i64) -> i64 {
        let hour = real(now.as_second().rem_euclid(86_400)) / 86_400.0;
        let evening = 1.0 - 0.4 * crate::random::wave(hour);
        whole(real(followers) * evening * self.flicker("online", now, 0.07, 0.09))
    }

    /// A share that wanders between the two bounds from minute to minute.
    fn flicker(&self, purpose: &str, now: Timestamp, low: f64, high: f64) -> f64 {
        let minute = now.as_second().div_euclid(60);
        self.dice.text(purpose).number(minute).between(low, high)
    }
}
