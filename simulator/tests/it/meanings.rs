//! Faults in meaning: the answer is whole and well-formed, and says something else.

use simulator::{Scope, Simulator};

use crate::client::{Ask, env, start};

/// Fault, upstream, path and query with `{…}` for credentials, a text that comes with the
/// fault and not without it, a text that goes; either may be empty.
const MEANINGS: [(&str, &str, &str, &str, &str); 28] = [
    ("meta/missing-optional-fields", "FACEBOOK_GRAPH", "/v25.0/{ig}?fields=id,name,biography&{meta}", "", "biography"),
    ("meta/likes-hidden", "FACEBOOK_GRAPH", "/v25.0/{ig}/media?fields=id,like_count&{meta}", "", "\"like_count\":"),
    ("meta/accounts-none", "FACEBOOK_GRAPH", "/v25.0/me/accounts?fields=id&{meta}", "\"data\":[]", ""),
    (
        "meta/page-without-instagram",
        "FACEBOOK_GRAPH",
        "/v25.0/me/accounts?fields=instagram_business_account&after=QVFIUm0002ZD&{meta}",
        "",
        "instagram_business_account\":{",
    ),
    ("meta/data-access-expired", "FACEBOOK_GRAPH", "/v25.0/{ig}?fields=id&{meta}", "\"code\":10", ""),
    (
        "meta/insights-scope-missing",
        "FACEBOOK_GRAPH",
        "/v25.0/{ig}/insights?metric=reach&period=day&{meta}",
        "\"code\":10",
        "",
    ),
    ("meta/insights-empty", "FACEBOOK_GRAPH", "/v25.0/{ig}/insights?metric=reach&period=day&{meta}", "\"data\":[]", ""),
    (
        "meta/insights-reach-removed",
        "FACEBOOK_GRAPH",
        "/v25.0/{ig}/insights?metric=reach&period=day&{meta}",
        "metric[0] must be",
        "",
    ),
    (
        "meta/demographics-below-threshold",
        "FACEBOOK_GRAPH",
        "/v25.0/{ig}/insights?metric=follower_demographics&period=lifetime&metric_type=total_value&timeframe=this_month&breakdown=age&{meta}",
        "\"data\":[]",
        "",
    ),
    ("meta/debug-token-dead", "FACEBOOK_GRAPH", "/v25.0/debug_token?input_{meta}&{meta}", "\"is_valid\":false", ""),
    (
        "meta/debug-token-never-expires",
        "FACEBOOK_GRAPH",
        "/v25.0/debug_token?input_{meta}&{meta}",
        "\"expires_at\":0",
        "",
    ),
    ("tiktok/embed-400", "TIKTOK_WEB", "/embed/@mara.bikes", "", "followerCount"),
    ("tiktok/profile-data", "TIKTOK_WEB", "/@mara.bikes", "\"statsV2\"", ""),
    ("tiktok/profile-private", "TIKTOK_WEB", "/@mara.bikes", "10222", ""),
    ("youtube/hidden-subscribers", "YOUTUBE_API", "{channel}", "\"hiddenSubscriberCount\":true", "\"subscriberCount\""),
    ("youtube/hidden-subscribers-zero", "YOUTUBE_API", "{channel}", "\"subscriberCount\":\"0\"", ""),
    ("youtube/no-items", "YOUTUBE_API", "{channel}", "\"totalResults\":0", "\"items\""),
    ("youtube/hidden-subscribers", "YOUTUBE_WEB", "/@marabikes?ucbcb=1", "", "subscribers"),
    ("youtube/terminated-channel", "YOUTUBE_WEB", "/@marabikes?ucbcb=1", "alertRenderer", "\"header\""),
    ("x/post-count-name", "X_API", "{x}", "\"post_count\"", "\"tweet_count\""),
    (
        "meta/demographics-country-refused",
        "FACEBOOK_GRAPH",
        "/v25.0/{ig}/insights?metric=follower_demographics&period=lifetime&metric_type=total_value&timeframe=this_month&breakdown=country&{meta}",
        "incompatible with the metric",
        "dimension_values",
    ),
    ("x/null-counts", "X_API", "{x}", "\"like_count\":null", ""),
    ("x/no-metrics", "X_API", "{x}", "", "public_metrics"),
    ("x/200-data-and-errors", "X_API", "{x}", "\"errors\"", ""),
    ("x/suspended", "X_API", "{x}", "resource-unavailable", "\"data\""),
    ("discord/no-counts", "DISCORD_API", "/api/v10/invites/marabikes?with_counts=true", "", "approximate_member_count"),
    ("discord/50004", "DISCORD_API", "/api/v10/guilds/{guild}/widget.json", "50004", "presence_count"),
    (
        "instagram/web-user-null",
        "INSTAGRAM_WEB",
        "/api/v1/users/web_profile_info/?username=mara.bikes",
        "\"user\":null",
        "",
    ),
];

/// Puts ids and credentials into a target.
fn filled(simulator: &Simulator, target: &str) -> String {
    let keys = env(simulator, "mara");
    let id = |platform: &str| simulator.truth("mara", platform).account_id;
    let channel = "/youtube/v3/channels?part=statistics&forHandle=marabikes&key=";
    target
        .replace("{meta}", &format!("access_token={}", keys["INSTAGRAM_ACCESS_TOKEN"]))
        .replace("input_access_token", "input_token")
        .replace("{ig}", &id("instagram"))
        .replace("{guild}", &id("discord"))
        .replace("{channel}", &format!("{channel}{}", keys["YOUTUBE_API_KEY"]))
        .replace("{x}", "/2/users/by/username/marabikes?user.fields=public_metrics")
}

#[tokio::test]
async fn each_meaning_shows_and_goes_again() {
    let simulator = start().await;
    let bearer = env(&simulator, "mara").remove("X_BEARER_TOKEN").unwrap();
    for (fault, upstream, target, comes, goes) in MEANINGS {
        let target = filled(&simulator, target);
        let ask = Ask::get(&simulator.origins()[upstream], target).header("x-ig-app-id", "1");
        let ask = if upstream == "X_API" { ask.bearer(&bearer) } else { ask };
        simulator.clear();
        let without = ask.send().await.text();
        simulator.set_fault(upstream, fault, Scope::default()).unwrap();
        let with = ask.send().await.text();
        assert!(comes.is_empty() || (with.contains(comes) && !without.contains(comes)), "{fault}: {with}\n{without}");
        assert!(goes.is_empty() || (!with.contains(goes) && without.contains(goes)), "{fault}: {with}\n{without}");
    }
}

#[tokio::test]
async fn the_version_changes_in_silence() {
    let simulator = start().await;
    let target = filled(&simulator, "/v25.0/me?{meta}");
    simulator.set_fault("FACEBOOK_GRAPH", "meta/version-changed", Scope::default()).unwrap();
    let reply = Ask::get(&simulator.origins()["FACEBOOK_GRAPH"], target).send().await;
    assert_eq!((reply.status, reply.header("facebook-api-version")), (200, Some("v26.0")));
}
