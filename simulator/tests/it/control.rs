//! The control API.

use serde_json::{Value, json};
use simulator::Simulator;

use crate::client::{Ask, Reply, start};

async fn get(simulator: &Simulator, target: &str) -> Reply {
    Ask::get(simulator.control_origin(), target).send().await
}

async fn post(simulator: &Simulator, target: &str, body: Value) -> Reply {
    Ask::post(simulator.control_origin(), target, body.to_string()).send().await
}

#[tokio::test]
async fn it_tells_what_there_is() {
    let simulator = start().await;
    assert_eq!(get(&simulator, "/origins").await.json()["MASTODON"], json!(simulator.origins()["MASTODON"]));
    let faults = get(&simulator, "/faults").await.json();
    assert_eq!(faults.as_array().unwrap().len(), simulator::faults().len());
    assert_eq!(get(&simulator, "/creators").await.json()[0]["key"], "mara");
    let truth = get(&simulator, "/truth/mara/youtube").await.json();
    assert_eq!(truth, json!(simulator.truth("mara", "youtube")));
    let env = get(&simulator, "/env-social/mara?login=instagram").await.text();
    assert!(env.contains("INSTAGRAM_ACCESS_TOKEN=IG") && env.contains("TIKTOK_REFRESH_TOKEN=rft."));
    assert!(!get(&simulator, "/ledger").await.json()["tokens"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn it_moves_the_clock() {
    let simulator = start().await;
    let now = post(&simulator, "/now", json!({"now": "2027-01-01T00:00:00Z"})).await.json();
    assert_eq!(now["now"], "2027-01-01T00:00:00Z");
    post(&simulator, "/now", json!({"advance_secs": 60})).await;
    assert_eq!(get(&simulator, "/now").await.json()["now"], "2027-01-01T00:01:00Z");
}

#[tokio::test]
async fn it_switches_faults_and_logs_requests_without_secrets() {
    let simulator = start().await;
    let order = json!({"upstream": "X_API", "fault": "x/402-credits", "times": 1});
    assert_eq!(post(&simulator, "/fault", order).await.status, 200);
    let x = &simulator.origins()["X_API"];
    assert_eq!(Ask::get(x, "/2/users/by/username/a?access_token=hush&b=c").send().await.status, 402);
    let log = get(&simulator, "/requests").await.json();
    assert_eq!((&log[0]["upstream"], &log[0]["query"]), (&json!("X_API"), &json!("access_token=…&b=c")));
    post(&simulator, "/clear", json!({})).await;
    assert_eq!(get(&simulator, "/requests").await.json(), json!([]));
}

#[tokio::test]
async fn it_adds_creators_replays_and_latency() {
    let simulator = start().await;
    let creator = json!({"key": "ada", "name": "Ada Quill", "language": "en", "handles": {"x": "adaquill"}});
    assert_eq!(post(&simulator, "/creators", creator).await.status, 200);
    assert_eq!(get(&simulator, "/truth/ada/x").await.json()["handle"], "adaquill");
    let tape = json!({"upstream": "MASTODON", "content_type": "text/plain", "body": "tape"});
    assert_eq!(post(&simulator, "/replay", tape).await.status, 200);
    assert_eq!(Ask::get(&simulator.origins()["MASTODON"], "/").send().await.text(), "tape");
    assert_eq!(post(&simulator, "/latency", json!({"upstream": "MASTODON", "millis": 1})).await.status, 200);
    assert_eq!(Ask::get(&simulator.origins()["MASTODON"], "/").send().await.text(), "tape");
}

#[tokio::test]
async fn it_says_what_is_wrong_with_a_request() {
    let simulator = start().await;
    for (target, body, status, why) in [
        ("/fault", json!({"fault": "no/such"}), 422, "there is no fault named \"no/such\""),
        ("/fault", json!({"fault": "status/500", "upstream": "MYSPACE"}), 422, "there is no upstream"),
        ("/fault", json!({"fualt": "status/500"}), 400, "unknown field"),
        ("/now", json!({}), 422, "either now"),
        ("/now", json!({"now": "tomorrow"}), 400, "not what is expected"),
        ("/creators", json!({"key": "a", "name": "A", "language": "de", "handles": {"myspace": "a"}}), 422, "myspace"),
        ("/revoke", json!({"token": "x"}), 404, "never issued"),
        ("/nothing", json!({}), 404, "there is no POST /nothing"),
    ] {
        let reply = post(&simulator, target, body).await;
        assert_eq!(reply.status, status, "{target}: {}", reply.text());
        assert!(reply.json()["error"].as_str().unwrap().contains(why), "{target}: {}", reply.text());
    }
    for target in ["/truth/nobody/x", "/truth/mara/myspace", "/env-social/nobody", "/env-social/mara?login=both"] {
        let reply = get(&simulator, target).await;
        assert!((400..500).contains(&reply.status), "{target}");
    }
}
