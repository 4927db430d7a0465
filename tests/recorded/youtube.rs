//! Recordings of YouTube's Data API, channel pages and Google's token service.

use jiff::Timestamp;
use mediakit::domain::failure::FailureKind;
use mediakit::platforms::page::shown_count;
use mediakit::platforms::tokens;
use mediakit::platforms::youtube::{PageChannel, parse_browse, parse_channel_page, parse_channels, refusal};
use serde_json::Value as Json;

use crate::{Check, Recorded, among};

/// Checks one recorded file; `None` when it is not one of these.
pub fn check(file: &str, bytes: &[u8], values: &Json) -> Option<Result<(), String>> {
    among(CHECKS, file, bytes, values)
}

const CHECKS: &[Check] = &[
    ("youtube/channel_page_onemedia_es_2024.html", |r| {
        let found = parse_channel_page(r.text()).unwrap();
        assert_eq!(found.id, r.words("channelId"));
        assert_eq!(found.profile.name.as_deref(), Some(r.words("title")));
        assert_eq!(found.subscribers.unwrap().value, r.count("subscribers"));
        assert!(found.subscribers.unwrap().shortened);
        assert_eq!(found.videos, shown_count(r.words("videosCountText")));
        assert_eq!(found.videos.unwrap().value, 6_800);
    }),
    ("youtube/channels_list_empty_2020.json", |r| {
        assert_eq!((r.count("items"), r.count("totalResults")), (0, 0));
        assert_eq!(parse_channels(&r.json()).unwrap_err().kind, FailureKind::NotFound);
    }),
    ("youtube/channels_list_multi_b.json", channels_without_counts),
    ("youtube/channels_list_single.json", channels_without_counts),
    ("youtube/channels_list_youtube_stats_2020.json", |r| {
        let found = parse_channels(&r.json()).unwrap().remove(0);
        assert_eq!(found.id, r.words("id"));
        assert_eq!(found.subscribers, Some(r.count("subscriberCount")));
        assert_eq!(found.videos, Some(r.count("videoCount")));
        assert_eq!(found.views, Some(r.count("viewCount")));
        assert_eq!(found.hidden, r.flag("hiddenSubscriberCount"));
    }),
    ("youtube/consent_page.html", |r| {
        assert_eq!(parse_channel_page(r.text()).unwrap_err().kind, FailureKind::LoginWall);
    }),
    ("youtube/error_401_authError_2020.json", |r| refused(r, FailureKind::AuthRevoked)),
    ("youtube/error_403_quotaExceeded_2021.json", |r| refused(r, FailureKind::Quota)),
    ("youtube/error_permission.json", |r| refused(r, FailureKind::Permission)),
    ("youtube/error_simple_string.json", |r| refused(r, FailureKind::Upstream)),
    ("youtube/innertube_browse_kurzgesagt_2026.json", |r| {
        let found = is_page(r);
        assert_eq!(found.videos, shown_count(r.words("videos_text")));
        assert_eq!(found.videos.unwrap().value, 337);
        assert_eq!(found.handle.as_deref(), Some("kurzgesagt"));
    }),
    ("youtube/innertube_browse_news_2026.json", |r| {
        assert_eq!(is_page(r).videos.unwrap().value, 217_000);
    }),
    ("youtube/innertube_browse_notavailable_2026.json", |r| {
        assert!(r.flag("alerts") && r.value("subscribers").is_null());
        assert_eq!(parse_browse(&r.json()).unwrap_err().kind, FailureKind::NotFound);
    }),
    ("youtube/innertube_browse_small_2026.json", |r| {
        assert!(!is_page(r).subscribers.unwrap().shortened);
    }),
    ("youtube/oauth_access_token.json", |r| {
        let granted = tokens::granted(&r.json()).unwrap();
        assert_eq!(granted.expires_in.unwrap().as_secs(), 3599);
        assert!(granted.refresh_token.is_some());
        assert_eq!(granted.scopes.len(), 2);
    }),
];

/// Recorded without the part `statistics`: counts are unknown and not 0.
fn channels_without_counts(r: &Recorded) {
    let found = parse_channels(&r.json()).unwrap();
    let expected = r.value("channels").as_array().unwrap();
    assert_eq!(found.len(), expected.len());
    for (channel, expected) in found.iter().zip(expected) {
        assert_eq!(Some(channel.id.as_str()), expected["id"].as_str());
        assert_eq!(channel.profile.name.as_deref(), expected["title"].as_str());
        let counts =
            [("subscriberCount", channel.subscribers), ("videoCount", channel.videos), ("viewCount", channel.views)];
        for (key, count) in counts {
            assert_eq!(count.map_or(Json::Null, Into::into), expected[key], "{key}");
        }
    }
}

fn is_page(r: &Recorded) -> PageChannel {
    let found = parse_browse(&r.json()).unwrap();
    assert_eq!(found.id, r.words("channelId"));
    assert_eq!(found.profile.name.as_deref(), Some(r.words("title")));
    assert_eq!(found.subscribers.unwrap().value, r.count("subscribers"));
    assert_eq!(found.subscribers, shown_count(r.words("subscribers_text")));
    found
}

fn refused(r: &Recorded, kind: FailureKind) {
    assert_eq!(refusal(&r.json(), Timestamp::UNIX_EPOCH).unwrap().kind, kind);
}
