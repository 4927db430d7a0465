//! Wires the parts once; the only place they meet.

use crate::platforms;

/// Upstreams of platforms and mirrors that no platform here declares yet, so that their names are known.
const FURTHER_UPSTREAMS: &[&str] = &[
    "BLUESKY_API",
    "DISCORD_API",
    "FACEBOOK_GRAPH",
    "FACEBOOK_WEB",
    "GOOGLE_OAUTH",
    "INSTAGRAM_API",
    "INSTAGRAM_GRAPH",
    "INSTAGRAM_WEB",
    "MASTODON",
    "TIKTOK_API",
    "TIKTOK_WEB",
    "TWITCH_API",
    "TWITCH_AUTH",
    "X_API",
    "YOUTUBE_ANALYTICS",
    "YOUTUBE_API",
    "YOUTUBE_WEB",
];

/// Every upstream whose origin can be replaced, in alphabetical order.
pub fn known_upstreams() -> Vec<&'static str> {
    let platforms = platforms::all(&platforms::Settings::default());
    let declared = platforms.iter().flat_map(|platform| platform.about().upstreams).map(|upstream| upstream.name);
    let mut names: Vec<&str> = declared.chain(FURTHER_UPSTREAMS.iter().copied()).collect();
    names.sort_unstable();
    names.dedup();
    names
}
