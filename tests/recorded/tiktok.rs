//! Recordings of TikTok's Display API, token service and pages.

use mediakit::domain::failure::FailureKind;
use mediakit::domain::metric::Precision;
use mediakit::platforms::tiktok::{
    PublicAccount, parse_api_user, parse_embed, parse_profile_page, parse_user_detail, refusal, tokens,
};
use serde_json::Value as Json;

use crate::{Check, Recorded, among};

/// Checks one recorded file; `None` when it is not one of these.
pub fn check(file: &str, bytes: &[u8], values: &Json) -> Option<Result<(), String>> {
    among(CHECKS, file, bytes, values)
}

const CHECKS: &[Check] = &[
    ("tiktok/api_user_detail_taylorswift_2025-03.json", |r| {
        let found = parse_user_detail(&r.json()).unwrap();
        is_public(r, &found, ["followerCount", "followingCount", "heartCount", "videoCount"]);
        assert_eq!(found.precision, Precision::Rounded);
    }),
    ("tiktok/display_err_access_token_invalid_2023.json", |r| {
        assert_eq!(r.words("error.code"), "access_token_invalid");
        assert_eq!(refusal(&r.json()).unwrap().kind, FailureKind::AuthRevoked);
    }),
    ("tiktok/display_err_scope_not_authorized_2025.json", |r| {
        assert_eq!(r.words("error.code"), "scope_not_authorized");
        assert_eq!(refusal(&r.json()).unwrap().kind, FailureKind::Permission);
    }),
    ("tiktok/display_user_info_full_2023.json", |r| {
        assert_eq!(refusal(&r.json()), None);
        let user = parse_api_user(&r.json()).unwrap();
        assert_eq!(user.profile.name.as_deref(), Some(r.words("display_name")));
        assert_eq!(user.followers, r.count("follower_count"));
        assert_eq!(user.following, Some(r.count("following_count")));
        assert_eq!(user.likes, Some(r.count("likes_count")));
        assert_eq!(user.verified, Some(r.flag("is_verified")));
        assert_eq!((user.videos, user.username), (None, None));
    }),
    ("tiktok/oauth_v1_parameter_error_2023.json", |r| {
        let error = tokens::granted(&r.json()).unwrap_err();
        assert_eq!(error.kind, FailureKind::AuthRevoked);
        assert!(error.detail.unwrap().contains(&r.count("error_code").to_string()));
    }),
    ("tiktok/oauth_v1_refresh_ok_2023.json", |r| {
        let pair = tokens::granted(&r.json()).unwrap();
        assert_eq!(i64::try_from(pair.expires_in.unwrap().as_secs()).unwrap(), r.count("expires_in"));
        let refresh = pair.refresh_expires_in.unwrap().as_secs();
        assert_eq!(i64::try_from(refresh).unwrap(), r.count("refresh_expires_in"));
    }),
    ("tiktok/oauth_v1_token_ok_2022.json", |r| {
        let pair = tokens::granted(&r.json()).unwrap();
        assert_eq!(i64::try_from(pair.expires_in.unwrap().as_secs()).unwrap(), r.count("expires_in"));
        assert_eq!(pair.scopes.join(","), r.words("scope"));
    }),
    ("tiktok/profile_page_illojuan_2025.html", |r| {
        let found = parse_profile_page(r.text()).unwrap();
        is_public(r, &found, ["statsV2.followerCount", "followingCount", "statsV2.heartCount", "videoCount"]);
        assert_eq!(found.precision, Precision::Exact);
        assert_eq!(found.verified, Some(r.flag("verified")));
        assert_eq!(found.profile.name.as_deref(), Some(r.words("nickname")));
    }),
    ("tiktok/profile_page_tiktok_nextdata_2021.html", |r| {
        let found = parse_profile_page(r.text()).unwrap();
        is_public(r, &found, ["followerCount", "followingCount", "heartCount", "videoCount"]);
        assert_eq!(found.precision, Precision::Rounded);
        assert_eq!(found.verified, Some(r.flag("verified")));
    }),
    ("tiktok/verify_challenge_2020.json", |r| {
        assert_eq!(parse_user_detail(&r.json()).unwrap_err().kind, FailureKind::Blocked);
        assert_eq!(parse_profile_page(r.text()).unwrap_err().kind, FailureKind::Blocked);
        assert_eq!(parse_embed(r.text(), "mara").unwrap_err().kind, FailureKind::Blocked);
    }),
];

fn is_public(r: &Recorded, found: &PublicAccount, keys: [&str; 4]) {
    assert_eq!(found.profile.username, r.words("uniqueId"));
    let counts = [Some(found.followers), found.following, found.likes, found.videos];
    assert_eq!(counts, keys.map(|key| Some(r.count(key))));
}
