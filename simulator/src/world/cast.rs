//! The two built-in creators. Both are invented, and so is every number.

use std::collections::BTreeMap;

use super::{Creator, Start};

/// The people every simulator starts with.
pub fn built_in() -> Vec<Creator> {
    vec![mara(), wren()]
}

fn mara() -> Creator {
    Creator {
        key: "mara".into(),
        name: "Mara Feldkamp".into(),
        language: "de".into(),
        bio: "Gravelräder, Werkstatt und lange Wege. Ich repariere, was andere aufgeben, \
              und fahre dann damit los. Freiburg."
            .into(),
        location: "Freiburg im Breisgau".into(),
        country: "DE".into(),
        website: "https://mara-bikes.example/".into(),
        handles: handles(&[
            ("instagram", "mara.bikes"),
            ("tiktok", "mara.bikes"),
            ("youtube", "marabikes"),
            ("twitch", "marabikes"),
            ("x", "marabikes"),
            ("discord", "marabikes"),
            ("bluesky", "marabikes.bsky.social"),
            ("mastodon", "mara@rad.social"),
        ]),
        start: BTreeMap::from([
            start("instagram", 104_712, 240.0, [523, 456, 2_310_000, 41_000_000], 52.0),
            start("tiktok", 65_800, 310.0, [210, 318, 1_204_000, 19_800_000], 38.0),
            start("youtube", 48_263, 62.0, [0, 212, 402_000, 8_123_456], 168.0),
            start("twitch", 41_230, 35.0, [80, 0, 0, 0], 72.0),
            start("x", 12_004, 6.5, [801, 5_120, 9_000, 0], 9.0),
            start("discord", 2_310, 3.1, [0, 0, 0, 0], 72.0),
            start("bluesky", 3_104, 4.4, [388, 902, 0, 0], 14.0),
            start("mastodon", 903, 1.2, [241, 640, 0, 0], 26.0),
        ]),
        other_pages: vec!["Werkstatt am Güterbahnhof".into(), "Gravel Runde Freiburg".into()],
    }
}

fn wren() -> Creator {
    Creator {
        key: "wren".into(),
        name: "Wren Trevanion".into(),
        language: "en".into(),
        bio: "Small boats, slow mornings. Restoring a 1968 gaff cutter in Falmouth and \
              filming the parts that go wrong."
            .into(),
        location: "Falmouth, Cornwall".into(),
        country: "GB".into(),
        website: "https://wren-afloat.example/".into(),
        handles: handles(&[
            ("instagram", "wren.afloat"),
            ("tiktok", "wrenafloat"),
            ("youtube", "wrenafloat"),
            ("twitch", "wrenafloat"),
            ("x", "wrenafloat"),
            ("discord", "slowmornings"),
            ("bluesky", "wrenafloat.example"),
            ("mastodon", "wren@tidewater.social"),
        ]),
        start: BTreeMap::from([
            start("instagram", 88_120, 130.0, [310, 902, 1_880_000, 27_500_000], 44.0),
            start("tiktok", 19_340, 85.0, [97, 141, 244_000, 5_100_000], 60.0),
            verified(start("youtube", 312_480, 410.0, [0, 388, 2_950_000, 61_204_118], 168.0)),
            start("twitch", 1_870, 1.6, [40, 0, 0, 0], 72.0),
            start("x", 6_415, 2.2, [512, 3_204, 4_100, 0], 20.0),
            start("discord", 5_122, 5.0, [0, 0, 0, 0], 72.0),
            verified(start("bluesky", 8_733, 11.0, [420, 1_755, 0, 0], 10.0)),
            start("mastodon", 2_214, 2.4, [198, 1_120, 0, 0], 18.0),
        ]),
        other_pages: Vec::new(),
    }
}

fn handles(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(platform, handle)| ((*platform).to_owned(), (*handle).to_owned())).collect()
}

/// `rest` is following, posts, likes and views.
fn start(platform: &str, followers: i64, per_day: f64, rest: [i64; 4], post_every_hours: f64) -> (String, Start) {
    let [following, posts, likes, views] = rest;
    let start = Start { followers, per_day, following, posts, post_every_hours, likes, views, verified: false };
    (platform.to_owned(), start)
}

fn verified((platform, start): (String, Start)) -> (String, Start) {
    (platform, Start { verified: true, ..start })
}
