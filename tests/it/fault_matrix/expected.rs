//! What each fault must end in. A fault is judged by its name; a way may know better.

use mediakit::domain::failure::FailureKind as K;
use mediakit::domain::failure::FailureKind;

use crate::harness::Owner;

/// A way to a platform's numbers.
#[derive(Debug)]
pub struct Way {
    pub name: &'static str,
    pub platform: &'static str,
    /// The host that misbehaves.
    pub upstream: &'static str,
    pub owner: Owner,
    /// The group of faults only this platform knows.
    pub group: &'static str,
    /// Paths whose failure costs a part and not the audience.
    pub optional: &'static [&'static str],
}

const fn way(
    name: &'static str,
    platform: &'static str,
    upstream: &'static str,
    owner: Owner,
    group: &'static str,
    optional: &'static [&'static str],
) -> Way {
    Way { name, platform, upstream, owner, group, optional }
}

pub static WAYS: &[Way] = &[
    way(
        "instagram by Facebook Login",
        "instagram",
        "FACEBOOK_GRAPH",
        Owner::Everything,
        "meta",
        &["/insights", "/media"],
    ),
    way(
        "instagram by Instagram Login",
        "instagram",
        "INSTAGRAM_GRAPH",
        Owner::Little,
        "meta",
        &["/insights", "/media"],
    ),
    way("tiktok by API", "tiktok", "TIKTOK_API", Owner::Everything, "tiktok", &["/video/list"]),
    way("tiktok by embed page", "tiktok", "TIKTOK_WEB", Owner::Little, "tiktok", &[]),
    way("youtube by API", "youtube", "YOUTUBE_API", Owner::Everything, "youtube", &[]),
    way("youtube by page", "youtube", "YOUTUBE_WEB", Owner::Little, "youtube", &["/feeds/"]),
    way("twitch", "twitch", "TWITCH_API", Owner::Everything, "twitch", &[]),
    way("twitch sign-in", "twitch", "TWITCH_AUTH", Owner::Everything, "", &[]),
    way("x", "x", "X_API", Owner::Everything, "x", &[]),
    way("discord", "discord", "DISCORD_API", Owner::Everything, "discord", &[]),
    way("bluesky", "bluesky", "BLUESKY_API", Owner::Everything, "bluesky", &[]),
    way("mastodon", "mastodon", "MASTODON", Owner::Everything, "mastodon", &[]),
];

/// How a cell must end.
#[derive(Clone, Copy, Debug)]
pub enum Ends {
    /// New numbers: the fault harms nothing that is needed.
    Saved,
    /// The jump guard holds the new number back.
    Held,
    /// The old numbers stay, for one of these reasons.
    Kept(&'static [FailureKind]),
}

/// What must become of `fault` on `way`; `None` where it means nothing there.
pub fn expected(way: &Way, fault: &str, path: Option<&str>) -> Option<Ends> {
    let (group, name) = fault.split_once('/')?;
    let general = ["transport", "body", "schema", "status"].contains(&group);
    if path.is_some() {
        return (general && group != "schema").then_some(Ends::Saved);
    }
    let kinds: &[K] = match (group, name) {
        ("transport", "no-headers" | "slow-headers" | "body-stalls" | "slow-body") => &[K::Timeout],
        ("transport", "endless-chunks" | "headers-64k") => &[K::TooLarge, K::Protocol],
        ("transport", _) => &[K::Protocol, K::Connect],
        ("status", "400") => &[K::Schema],
        ("status", "success-after-two-503") => return Some(Ends::Saved),
        _ if general => &[],
        _ if group == way.group => &[],
        _ => return None,
    };
    Some(Ends::Kept(kinds))
}
