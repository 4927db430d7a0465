//! Recordings of Meta's Graph APIs and of Instagram's site, and a token of Threads in the same envelope.

use jiff::Timestamp;
use mediakit::domain::failure::FailureKind;
use mediakit::platforms::instagram::{
    GraphUser, PublicAccount, Refusal, page_account, parse_insights, parse_media, parse_page, parse_user,
    parse_web_profile, tokens,
};
use mediakit::platforms::page::Shown;
use serde_json::Value as Json;

use crate::{Check, Recorded, among};

/// Checks one recorded file; `None` when it is not one of these.
pub fn check(file: &str, bytes: &[u8], values: &Json) -> Option<Result<(), String>> {
    among(CHECKS, file, bytes, values)
}

const CHECKS: &[Check] = &[
    ("instagram/checkpoint_required.json", |r| {
        assert_eq!(parse_web_profile(&r.json()).unwrap_err().kind, FailureKind::Blocked);
    }),
    ("instagram/graph_business_discovery_bluebottle_2022.json", |r| {
        let body = r.json();
        is_user(r, &parse_user(&body["business_discovery"], "/id").unwrap());
        let posts = parse_media(&body["business_discovery"]["media"]);
        assert_eq!(posts.len(), 30);
        assert!(posts.iter().any(|post| (post.likes, post.comments) == (Some(369), Some(2))));
        assert!(posts.iter().all(|post| post.published_at.is_some() && post.url.is_some()));
    }),
    ("instagram/graph_debug_token_2019.json", |r| {
        let info = token(r);
        assert_eq!(info.expires_at, instant(r, "expires_at"));
        assert_eq!(info.data_access_expires_at, instant(r, "data_access_expires_at"));
        assert_eq!(info.user_id.as_deref(), Some("userId"));
        assert_eq!(info.scopes.len(), 5);
    }),
    ("instagram/graph_debug_token_cannot_parse.json", |r| {
        let info = token(r);
        assert_eq!(r.count("error.code"), 190);
        assert_eq!(info.error.unwrap().kind, FailureKind::AuthRevoked);
    }),
    ("instagram/graph_debug_token_error_100.json", |r| {
        assert_eq!(Refusal::parse(&r.json()).unwrap().code, r.count("error.code"));
        assert_eq!(tokens::token_info(&r.json()).unwrap_err().kind, FailureKind::Schema);
    }),
    ("instagram/graph_debug_token_never_expires_2021.json", |r| {
        let info = token(r);
        assert_eq!((r.count("expires_at"), info.expires_at), (0, None));
        assert!(info.data_access_expires_at.is_some());
        assert_eq!(info.user_id.as_deref(), Some("780170842500000"));
    }),
    ("instagram/graph_debug_token_page_2022.json", |r| assert!(token(r).expires_at.is_some())),
    ("instagram/graph_debug_token_user_expired_463_2022.json", |r| {
        let info = token(r);
        assert_eq!(info.subcode, Some(r.count("error.subcode")));
        assert_eq!(info.expires_at, instant(r, "expires_at"));
        assert_eq!(info.error.unwrap().kind, FailureKind::AuthExpired);
    }),
    ("instagram/graph_debug_token_user_valid_2022.json", |r| {
        assert_eq!(token(r).expires_at, instant(r, "expires_at"));
    }),
    ("instagram/graph_error_100_permission.json", |r| {
        let error = refused(r, FailureKind::Permission);
        assert_eq!(error.as_deref(), Some("pages_read_engagement"));
    }),
    ("instagram/graph_error_110_not_found.json", |r| {
        assert_eq!(Refusal::parse(&r.json()).unwrap().subcode, Some(r.count("error_subcode")));
        refused(r, FailureKind::NotFound);
    }),
    ("instagram/graph_error_190_460.json", |r| {
        assert_eq!(Refusal::parse(&r.json()).unwrap().subcode, Some(r.count("error_subcode")));
        refused(r, FailureKind::AuthRevoked);
    }),
    ("instagram/graph_error_190_client_token.json", |r| drop(refused(r, FailureKind::AuthRevoked))),
    ("instagram/graph_error_190_malformed.json", |r| {
        assert_eq!(Refusal::parse(&r.json()).unwrap().subcode, None);
        refused(r, FailureKind::AuthRevoked);
    }),
    ("instagram/graph_error_190_session_expired_2022.json", |r| {
        assert_eq!(Refusal::parse(&r.json()).unwrap().subcode, None);
        refused(r, FailureKind::AuthExpired);
    }),
    ("instagram/graph_ig_media_p1.json", |r| {
        let posts = parse_media(&r.json());
        let counts: Vec<_> = posts.iter().map(|post| (post.likes, post.comments)).collect();
        assert!(counts.contains(&(Some(0), Some(0))) && counts.contains(&(Some(2), Some(6))), "{counts:?}");
        assert!(posts.windows(2).all(|pair| pair[0].published_at >= pair[1].published_at));
    }),
    ("instagram/graph_ig_user_facebookfordevelopers_2021.json", |r| {
        let user = parse_user(&r.json(), "/id").unwrap();
        is_user(r, &user);
        assert_eq!((r.words("follows_count"), user.following), ("absent", None));
    }),
    ("instagram/graph_insight_story_navigation_breakdown_2023.json", |r| {
        let insight = parse_insights(&serde_json::json!({ "data": [r.json()] })).remove(0);
        assert_eq!(insight.total, Some(r.count("total")));
        let forward = &insight.breakdowns["story_navigation_action_type"][0];
        assert_eq!((forward.0.as_str(), forward.1), ("tap_forward", r.count("tap_forward")));
    }),
    ("instagram/graph_insights_day_values.json", |r| {
        let insights = parse_insights(&r.json());
        assert_eq!(insights.len(), 3);
        for insight in insights {
            assert_eq!(insight.latest(Timestamp::MAX), Some(r.count(&format!("{} last", insight.name))));
            assert_eq!(i64::try_from(insight.days.len()).unwrap(), r.count("rows per metric"));
        }
    }),
    ("instagram/graph_insights_engaged_demographics_city.json", |r| {
        let insight = parse_insights(&r.json()).remove(0);
        assert_eq!(insight.name, r.words("name"));
        assert_eq!(insight.total, None);
        let cities = &insight.breakdowns["city"];
        assert_eq!(i64::try_from(cities.len()).unwrap(), r.count("rows"));
        assert_eq!(cities.iter().map(|(_, count)| count).sum::<i64>(), r.count("sum"));
        let top = cities.iter().max_by_key(|(_, count)| *count).unwrap();
        assert_eq!(&serde_json::json!([top.0, top.1]), r.value("top"));
    }),
    ("instagram/graph_long_lived_token.json", granted),
    ("instagram/graph_me_accounts_one_page.json", |r| {
        let body = r.json();
        let pages = body["data"].as_array().unwrap();
        assert_eq!(i64::try_from(pages.len()).unwrap(), r.count("pages"));
        assert_eq!(page_account(&pages[0]), None);
    }),
    ("instagram/graph_page_instagram_business_account.json", |r| {
        let (id, username) = page_account(&r.json()).unwrap();
        assert_eq!((id.as_str(), username), (r.words("instagram_business_account.id"), None));
    }),
    ("instagram/ig_basic_display_short_token.json", |r| {
        let granted = tokens::granted(&r.json()).unwrap();
        assert_eq!(granted.user_id.as_deref(), Some(r.words("user_id")));
        assert_eq!(granted.expires_in, None);
    }),
    ("instagram/ig_error_10_permission.json", |r| drop(refused(r, FailureKind::Permission))),
    ("instagram/ig_error_igapiexception_2500_2025.json", |r| drop(refused(r, FailureKind::Schema))),
    ("instagram/ig_exchange_long_lived_ok.json", granted),
    ("instagram/ig_me_err_190.json", |r| drop(refused(r, FailureKind::AuthExpired))),
    ("instagram/ig_me_id_only.json", |r| {
        assert_eq!(parse_user(&r.json(), "/user_id").unwrap_err().kind, FailureKind::Schema);
        assert_eq!(parse_user(&r.json(), "/id").unwrap_err().kind, FailureKind::Schema);
    }),
    ("instagram/ig_oauth_error_400.json", |r| drop(refused(r, FailureKind::AuthRevoked))),
    ("instagram/login_wall_home_2022.html", |r| {
        assert_eq!(parse_page(r.text()).unwrap_err().kind, FailureKind::LoginWall);
    }),
    ("instagram/profile_page_pluto__travel_2025.html", |r| {
        let found = parse_page(r.text()).unwrap();
        is_public(r, &found, ["followers", "following", "posts"]);
        assert_eq!(found.profile.name.as_deref(), Some(r.words("full_name")));
        assert_eq!(found.id.as_deref(), Some("web-3640900328"));
        assert!(!found.followers.shortened);
    }),
    ("instagram/profile_page_robertdowneyjr_2020_nodata.html", |r| {
        let found = parse_page(r.text()).unwrap();
        is_public(r, &found, ["followers (og)", "following", "posts"]);
        assert!(found.followers.shortened);
    }),
    ("instagram/users_info_robertdowneyjr_2021.json", |r| {
        let found = parse_web_profile(&r.json()).unwrap();
        is_public(r, &found, ["follower_count", "following_count", "media_count"]);
        assert_eq!(found.profile.name.as_deref(), Some(r.words("full_name")));
        assert_eq!(found.verified, Some(r.flag("is_verified")));
    }),
    ("instagram/web_401_require_login_2026.json", |r| {
        assert_eq!(parse_web_profile(&r.json()).unwrap_err().kind, FailureKind::LoginWall);
    }),
    ("instagram/web_profile_info_adrianhorning_2025.json", |r| {
        let found = parse_web_profile(&r.json()).unwrap();
        is_public(r, &found, ["followers", "following", "posts"]);
        assert_eq!(found.verified, Some(r.flag("is_verified")));
        assert!(!found.recent.is_empty());
    }),
    ("instagram/web_profile_info_instagram_2024.json", |r| {
        let found = parse_web_profile(&r.json()).unwrap();
        is_public(r, &found, ["followers", "following", "posts"]);
        assert_eq!(found.verified, Some(r.flag("is_verified")));
        assert_eq!(found.id.as_deref(), Some("17841400039600391"));
    }),
    ("threads/threads_long_lived_token.json", granted),
];

fn is_user(r: &Recorded, user: &GraphUser) {
    assert_eq!(user.username.as_deref(), Some(r.words("username")));
    assert_eq!(user.followers, r.count("followers_count"));
    assert_eq!(user.posts, Some(r.count("media_count")));
    if let Some(following) = user.following {
        assert_eq!(following, r.count("follows_count"));
    }
}

fn is_public(r: &Recorded, found: &PublicAccount, keys: [&str; 3]) {
    let value = |shown: Option<Shown>| shown.map(|shown| shown.value);
    assert_eq!(found.profile.username, r.words("username"));
    let counts = [Some(found.followers.value), value(found.following), value(found.posts)];
    assert_eq!(counts, keys.map(|key| Some(r.count(key))));
}

fn token(r: &Recorded) -> tokens::TokenInfo {
    let info = tokens::token_info(&r.json()).unwrap();
    assert_eq!(info.is_valid, r.flag("is_valid"));
    assert_eq!(info.is_valid, info.error.is_none());
    info
}

fn granted(r: &Recorded) {
    let granted = tokens::granted(&r.json()).unwrap();
    assert_eq!(i64::try_from(granted.expires_in.unwrap().as_secs()).unwrap(), r.count("expires_in"));
}

/// The detail of the failure an error body means, which must be of this kind.
fn refused(r: &Recorded, kind: FailureKind) -> Option<String> {
    let refusal = Refusal::parse(&r.json()).unwrap();
    assert_eq!(refusal.code, r.count("code"));
    let error = refusal.into_error("instagram_basic");
    assert_eq!(error.kind, kind);
    error.detail
}

fn instant(r: &Recorded, key: &str) -> Option<Timestamp> {
    Timestamp::from_second(r.count(key)).ok()
}
