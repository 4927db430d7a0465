//! TikTok: the profile, the videos, the embed page. Tokens are in `tokens`.

use serde_json::{Value, json};
use simulator::Scope;

use crate::client::{Ask, env, start};

#[tokio::test]
async fn the_profile_has_the_fields_that_were_asked_for() {
    let simulator = start().await;
    let token = &env(&simulator, "mara")["TIKTOK_ACCESS_TOKEN"];
    let origin = &simulator.origins()["TIKTOK_API"];
    let reply = Ask::get(origin, "/v2/user/info/?fields=username,follower_count").bearer(token).send().await.json();
    let truth = simulator.truth("mara", "tiktok");
    assert_eq!(reply["data"]["user"], json!({"username": "mara.bikes", "follower_count": truth.followers}));
    assert_eq!(reply["error"]["code"], "ok");
    let without = Ask::get(origin, "/v2/user/info/").bearer(token).send().await;
    assert_eq!((without.status, &without.json()["error"]["code"]), (400, &json!("invalid_params")));
    let unknown = Ask::get(origin, "/v2/user/info/?fields=username").bearer("act.no").send().await;
    assert_eq!((unknown.status, &unknown.json()["error"]["code"]), (401, &json!("access_token_invalid")));
}

#[tokio::test]
async fn a_dead_access_token_is_refused_after_two_hours() {
    let simulator = start().await;
    let token = &env(&simulator, "mara")["TIKTOK_ACCESS_TOKEN"];
    let origin = &simulator.origins()["TIKTOK_API"];
    simulator.advance(jiff::SignedDuration::from_secs(7_200));
    let reply = Ask::get(origin, "/v2/user/info/?fields=username").bearer(token).send().await;
    assert_eq!(reply.status, 401);
}

#[tokio::test]
async fn videos_are_paged_by_time() {
    let simulator = start().await;
    let token = &env(&simulator, "mara")["TIKTOK_ACCESS_TOKEN"];
    let origin = &simulator.origins()["TIKTOK_API"];
    let list = async |body: Value| {
        let target = "/v2/video/list/?fields=id,create_time,view_count";
        Ask::post(origin, target, body.to_string()).bearer(token).send().await.json()["data"].take()
    };
    let first = list(json!({"max_count": 20})).await;
    assert_eq!((first["videos"].as_array().unwrap().len(), &first["has_more"]), (20, &json!(true)));
    let second = list(json!({"max_count": 20, "cursor": first["cursor"]})).await;
    assert!(second["videos"][0]["create_time"].as_i64() < first["videos"][19]["create_time"].as_i64());
    let id: u64 = first["videos"][0]["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(json!(id >> 32), first["videos"][0]["create_time"]);
}

#[tokio::test]
async fn the_embed_page_rounds_and_hides_who_is_missing() {
    let simulator = start().await;
    let origin = &simulator.origins()["TIKTOK_WEB"];
    let page = Ask::get(origin, "/embed/@mara.bikes").send().await.text();
    let (_, json) = page.split_once("type=\"application/json\">").unwrap();
    let state: Value = serde_json::from_str(json.split_once("</script>").unwrap().0).unwrap();
    let info = &state["source"]["data"]["/embed/@mara.bikes"]["userInfo"];
    assert_eq!(info["followerCount"], json!(simulator.truth("mara", "tiktok").followers / 100 * 100));
    assert_eq!(Ask::get(origin, "/embed/@nobody").send().await.status, 400);
    simulator.set_fault("TIKTOK_WEB", "tiktok/negative-heart", Scope::default()).unwrap();
    assert!(Ask::get(origin, "/embed/@mara.bikes").send().await.text().contains("\"heartCount\":-"));
}
