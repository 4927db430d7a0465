//! Instagram by both logins.

use serde_json::json;
use simulator::{InstagramLogin, Scope, Simulator};

use crate::client::{Ask, Reply, env, parse, start};

/// A Graph read with mara's token; `target` has its query already.
async fn graph(simulator: &Simulator, token: &str, target: &str) -> Reply {
    let origin = &simulator.origins()["FACEBOOK_GRAPH"];
    Ask::get(origin, format!("/v25.0/{target}&access_token={token}")).send().await
}

async fn mara() -> (Simulator, String, String) {
    let simulator = start().await;
    let token = env(&simulator, "mara")["INSTAGRAM_ACCESS_TOKEN"].clone();
    let id = simulator.truth("mara", "instagram").account_id;
    (simulator, token, id)
}

#[tokio::test]
async fn the_account_is_found_on_the_second_page_of_pages() {
    let (simulator, token, id) = mara().await;
    let first = graph(&simulator, &token, "me/accounts?fields=id,instagram_business_account{id,username}").await.json();
    assert_eq!(first["data"].as_array().unwrap().len(), 2);
    assert_eq!(first["data"][0].get("instagram_business_account"), None);
    let next = first["paging"]["next"].as_str().unwrap();
    let origin = &simulator.origins()["FACEBOOK_GRAPH"];
    let second = Ask::get(origin, next.strip_prefix(origin.as_str()).unwrap()).send().await.json();
    assert_eq!(second["data"][0]["instagram_business_account"], json!({"id": id, "username": "mara.bikes"}));
    assert_eq!(second["paging"].get("next"), None);
}

#[tokio::test]
async fn the_node_tells_the_exact_truth() {
    let (simulator, token, id) = mara().await;
    let node = graph(&simulator, &token, &format!("{id}?fields=id,username,followers_count,media_count")).await;
    let truth = simulator.truth("mara", "instagram");
    assert_eq!(node.json()["followers_count"], json!(truth.followers));
    assert_eq!(node.json()["media_count"], json!(truth.posts));
    assert_eq!(node.header("facebook-api-version"), Some("v25.0"));
}

#[tokio::test]
async fn an_expired_version_is_served_by_the_oldest_living_one() {
    let (simulator, token, _) = mara().await;
    let origin = &simulator.origins()["FACEBOOK_GRAPH"];
    let reply = Ask::get(origin, format!("/v18.0/me?access_token={token}")).send().await;
    assert_eq!((reply.status, reply.header("facebook-api-version")), (200, Some("v21.0")));
}

#[tokio::test]
async fn insights_follow_the_request_rules() {
    let (simulator, token, id) = mara().await;
    let refused = [
        ("metric=impressions,reach&period=day", "metric[0] must be one of the following values"),
        ("metric=views&period=day", "should be specified with parameter metric_type=total_value"),
        ("metric=views&period=day&metric_type=total_value&breakdown=follower_type", "incompatible"),
        ("metric=follower_count&period=day&since=1790000000&until=1795000000", "more than 30 days"),
        ("metric=follower_demographics&period=lifetime&metric_type=total_value&breakdown=age", "timeframe"),
        ("metric=reach&period=day&metric_type=total_value&since=1600000000", "last 2 years"),
        ("metric=reach&period=day&breakdown=follow_type", "metric_type=total_value"),
        ("metric=online_followers&period=week", "incompatible with the period"),
    ];
    for (query, why) in refused {
        let reply = graph(&simulator, &token, &format!("{id}/insights?{query}")).await;
        let error = &reply.json()["error"];
        assert_eq!((reply.status, &error["code"]), (400, &json!(100)), "{query}");
        assert!(error["message"].as_str().unwrap().contains(why), "{query}: {error}");
    }
}

#[tokio::test]
async fn insights_answer_series_totals_and_parts() {
    let (simulator, token, id) = mara().await;
    let ask = async |query: &str| graph(&simulator, &token, &format!("{id}/insights?{query}")).await.json();
    let window = "since=1792886400&until=1795305600";
    let series = ask(&format!("metric=reach&period=day&{window}")).await;
    assert_eq!(series["data"][0]["values"].as_array().unwrap().len(), 28);
    let total = ask(&format!("metric=views&period=day&metric_type=total_value&breakdown=follow_type&{window}")).await;
    let total = &total["data"][0]["total_value"];
    assert!(total["value"].as_i64().unwrap() > 0);
    assert_eq!(total["breakdowns"][0]["results"][0]["dimension_values"], json!(["FOLLOWER"]));
    let query = "metric=follower_demographics&period=lifetime&metric_type=total_value&timeframe=this_month&breakdown=";
    for (breakdown, first) in
        [("age", json!(["13-17"])), ("age,gender", json!(["13-17", "F"])), ("country", json!(["DE"]))]
    {
        let parts = ask(&format!("{query}{breakdown}")).await;
        let results = &parts["data"][0]["total_value"]["breakdowns"][0]["results"];
        assert_eq!(results[0]["dimension_values"], first);
    }
}

#[tokio::test]
async fn media_pages_do_not_overlap() {
    let (simulator, token, id) = mara().await;
    let ids = async |after: &str| {
        let page = graph(&simulator, &token, &format!("{id}/media?fields=id,like_count,timestamp&limit=5{after}"))
            .await
            .json();
        let ids: Vec<String> = page["data"].as_array().unwrap().iter().map(|post| post["id"].to_string()).collect();
        (ids, page["paging"]["cursors"]["after"].as_str().unwrap().to_owned())
    };
    let (first, after) = ids("").await;
    let (second, _) = ids(&format!("&after={after}")).await;
    assert_eq!((first.len(), second.len()), (5, 5));
    assert!(first.iter().all(|id| !second.contains(id)));
}

#[tokio::test]
async fn others_are_seen_by_business_discovery_or_not_at_all() {
    let (simulator, token, id) = mara().await;
    let ask = |name: &str| {
        format!("{id}?fields=business_discovery.username({name}){{followers_count,media.limit(2){{like_count}}}}")
    };
    let found = graph(&simulator, &token, &ask("wren.afloat")).await.json();
    assert_eq!(found["business_discovery"]["followers_count"], json!(simulator.truth("wren", "instagram").followers));
    assert_eq!(found["business_discovery"]["media"]["data"].as_array().unwrap().len(), 2);
    let missing = graph(&simulator, &token, &ask("nobody")).await.json();
    assert_eq!((&missing["error"]["code"], &missing["error"]["error_subcode"]), (&json!(110), &json!(2_207_013)));
}

#[tokio::test]
async fn a_foreign_object_and_a_foreign_token_are_refused() {
    let (simulator, token, id) = mara().await;
    let foreign = simulator.truth("wren", "instagram").account_id;
    assert_eq!(graph(&simulator, &token, &format!("{foreign}?fields=id")).await.json()["error"]["error_subcode"], 33);
    assert_eq!(graph(&simulator, "EAAnonsense", &format!("{id}?fields=id")).await.json()["error"]["code"], 190);
    let login = parse(&simulator.env_social_with("mara", InstagramLogin::Instagram));
    let reply = graph(&simulator, &login["INSTAGRAM_ACCESS_TOKEN"], &format!("{id}?fields=id")).await;
    assert_eq!(reply.json()["error"]["code"], 190);
}

#[tokio::test]
async fn usage_climbs_until_the_limit() {
    let (simulator, token, id) = mara().await;
    simulator.set_fault("FACEBOOK_GRAPH", "meta/usage-climbing-80002", Scope::default()).unwrap();
    for percent in (10..100).step_by(10) {
        let reply = graph(&simulator, &token, &format!("{id}?fields=id")).await;
        let usage: serde_json::Value = serde_json::from_str(reply.header("x-app-usage").unwrap()).unwrap();
        assert_eq!((reply.status, &usage["call_count"]), (200, &json!(percent)));
    }
    let reply = graph(&simulator, &token, &format!("{id}?fields=id")).await;
    assert_eq!(reply.json()["error"]["code"], 80_002);
    assert!(reply.header("x-business-use-case-usage").unwrap().contains("\"estimated_time_to_regain_access\":19"));
}

#[tokio::test]
async fn with_instagram_login_the_account_answers_as_me() {
    let simulator = start().await;
    let keys = parse(&simulator.env_social_with("mara", InstagramLogin::Instagram));
    let origin = &simulator.origins()["INSTAGRAM_GRAPH"];
    let fields = "user_id,username,account_type,followers_count";
    let target = format!("/v25.0/me?fields={fields}&access_token={}", keys["INSTAGRAM_ACCESS_TOKEN"]);
    let me = Ask::get(origin, target).send().await.json();
    let truth = simulator.truth("mara", "instagram");
    assert_eq!(me["user_id"], json!(truth.account_id));
    assert_eq!(me["followers_count"], json!(truth.followers));
}

#[tokio::test]
async fn the_public_route_is_closed_in_the_known_ways() {
    let simulator = start().await;
    let origin = &simulator.origins()["INSTAGRAM_WEB"];
    let target = "/api/v1/users/web_profile_info/?username=mara.bikes";
    let open = Ask::get(origin, target).header("x-ig-app-id", "936619743392459").send().await.json();
    assert_eq!(
        open["data"]["user"]["edge_followed_by"]["count"],
        json!(simulator.truth("mara", "instagram").followers)
    );
    assert_eq!(Ask::get(origin, target).send().await.status, 401);
    simulator.set_fault("INSTAGRAM_WEB", "instagram/web-429-empty", Scope::default()).unwrap();
    let closed = Ask::get(origin, target).send().await;
    assert_eq!((closed.status, closed.body.len()), (429, 0));
}
