//! Twitch, X, Discord, Bluesky, Mastodon, GitHub and the pictures.

use std::process::Command;

use serde_json::{Value, json};
use simulator::{Scope, Simulator};

use crate::client::{Ask, Reply, env, start};

struct Twitch {
    simulator: Simulator,
    client: String,
    secret: String,
}

impl Twitch {
    async fn start() -> Self {
        let simulator = start().await;
        let mut keys = env(&simulator, "mara");
        let (client, secret) = (keys.remove("TWITCH_CLIENT_ID").unwrap(), keys.remove("TWITCH_CLIENT_SECRET").unwrap());
        Self { simulator, client, secret }
    }

    async fn token(&self) -> String {
        let fields = [
            ("client_id", self.client.as_str()),
            ("client_secret", self.secret.as_str()),
            ("grant_type", "client_credentials"),
        ];
        let reply = Ask::form(&self.simulator.origins()["TWITCH_AUTH"], "/oauth2/token", &fields).send().await;
        reply.json()["access_token"].as_str().unwrap().to_owned()
    }

    async fn helix(&self, token: &str, target: &str) -> Reply {
        let ask = Ask::get(&self.simulator.origins()["TWITCH_API"], format!("/helix/{target}"));
        ask.header("client-id", &self.client).bearer(token).send().await
    }
}

#[tokio::test]
async fn twitch_tells_the_total_without_names() {
    let twitch = Twitch::start().await;
    let token = twitch.token().await;
    let user = twitch.helix(&token, "users?login=marabikes").await.json();
    let id = user["data"][0]["id"].as_str().unwrap();
    let reply = twitch.helix(&token, &format!("channels/followers?broadcaster_id={id}&first=1")).await;
    assert_eq!(reply.json()["total"], json!(twitch.simulator.truth("mara", "twitch").followers));
    assert_eq!(reply.header("ratelimit-limit"), Some("800"));
    assert_eq!(twitch.helix(&token, "users?login=nobody").await.json(), json!({"data": []}));
    assert_eq!(twitch.helix(&token, "users/follows?to_id=1").await.status, 410);
}

#[tokio::test]
async fn twitch_revokes_a_token_and_accepts_the_next() {
    let twitch = Twitch::start().await;
    twitch.simulator.set_fault("TWITCH_API", "twitch/401-then-new-token", Scope::default()).unwrap();
    let old = twitch.token().await;
    assert_eq!(twitch.helix(&old, "users?login=marabikes").await.status, 401);
    assert!(!twitch.simulator.ledger().is_valid(&old));
    let new = twitch.token().await;
    assert_eq!(twitch.helix(&new, "users?login=marabikes").await.status, 200);
}

#[tokio::test]
async fn twitch_is_live_on_some_evenings() {
    let twitch = Twitch::start().await;
    let token = twitch.token().await;
    let target = "streams?user_login=marabikes";
    assert_eq!(twitch.helix(&token, target).await.json()["data"], json!([]));
    twitch.simulator.set_now("2026-11-22T19:30:00Z".parse().unwrap());
    let live = twitch.helix(&token, target).await.json();
    assert_eq!(live["data"][0]["viewer_count"], json!(twitch.simulator.truth("mara", "twitch").viewers));
}

#[tokio::test]
async fn x_bills_each_user_once_a_day() {
    let simulator = start().await;
    let token = env(&simulator, "mara").remove("X_BEARER_TOKEN").unwrap();
    let origin = &simulator.origins()["X_API"];
    let ask = Ask::get(origin, "/2/users/by/username/marabikes?user.fields=public_metrics,verified").bearer(&token);
    let user = ask.send().await.json();
    assert_eq!(user["data"]["public_metrics"]["followers_count"], json!(simulator.truth("mara", "x").followers));
    ask.send().await;
    assert_eq!(simulator.billed_reads(), 1);
    simulator.advance(jiff::SignedDuration::from_hours(24));
    ask.send().await;
    assert_eq!(simulator.billed_reads(), 2);
    let unknown = Ask::get(origin, "/2/users/by/username/nobody").bearer(&token).send().await;
    assert_eq!((unknown.status, unknown.json().get("data")), (200, None));
    assert_eq!(Ask::get(origin, "/2/users/by/username/nobody").send().await.status, 401);
}

#[tokio::test]
async fn discord_counts_only_when_asked() {
    let simulator = start().await;
    let origin = &simulator.origins()["DISCORD_API"];
    let plain = Ask::get(origin, "/api/v10/invites/marabikes").send().await.json();
    assert_eq!(plain.get("approximate_member_count"), None);
    let counted = Ask::get(origin, "/api/v10/invites/marabikes?with_counts=true").send().await.json();
    let truth = simulator.truth("mara", "discord");
    assert_eq!(counted["approximate_member_count"], json!(truth.followers));
    assert_eq!(counted["approximate_presence_count"], json!(truth.online));
    let unknown = Ask::get(origin, "/api/v10/invites/nothing").send().await;
    assert_eq!((unknown.status, unknown.json()), (404, json!({"message": "Unknown Invite", "code": 10_006})));
}

#[tokio::test]
async fn bluesky_and_mastodon_answer_everybody() {
    let simulator = start().await;
    let bluesky = &simulator.origins()["BLUESKY_API"];
    let actor = "/xrpc/app.bsky.actor.getProfile?actor=";
    let profile = Ask::get(bluesky, format!("{actor}marabikes.bsky.social")).send().await.json();
    assert_eq!(profile["followersCount"], json!(simulator.truth("mara", "bluesky").followers));
    assert_eq!(Ask::get(bluesky, format!("{actor}nobody.example")).send().await.status, 400);
    let mastodon = &simulator.origins()["MASTODON"];
    for acct in ["mara", "mara@rad.social"] {
        let account = Ask::get(mastodon, format!("/api/v1/accounts/lookup?acct={acct}")).send().await.json();
        assert_eq!(account["followers_count"], json!(simulator.truth("mara", "mastodon").followers));
    }
    let missing = Ask::get(mastodon, "/api/v1/accounts/lookup?acct=nobody").send().await;
    assert_eq!((missing.status, missing.json()), (404, json!({"error": "Record not found"})));
}

async fn github(simulator: &Simulator, token: &str, body: Option<Value>) -> Reply {
    let origin = &simulator.origins()["GITHUB_API"];
    let place = "/repos/mara/kit/actions/secrets";
    let ask = match body {
        Some(body) => Ask::put(origin, format!("{place}/INSTAGRAM_SECRET"), body.to_string()),
        None => Ask::get(origin, format!("{place}/public-key")),
    };
    ask.bearer(token).header("user-agent", "test").send().await
}

#[tokio::test]
async fn github_stores_sealed_values_for_the_current_key() {
    let simulator = start().await;
    let token = simulator.github_token("mara");
    let key = github(&simulator, &token, None).await.json();
    let sealed = "A".repeat(88);
    let put = |key_id: &Value| Some(json!({"encrypted_value": sealed, "key_id": key_id}));
    assert_eq!(github(&simulator, &token, put(&key["key_id"])).await.status, 201);
    assert_eq!(github(&simulator, &token, put(&key["key_id"])).await.status, 204);
    assert_eq!(simulator.secrets()["mara/kit/INSTAGRAM_SECRET"], sealed);
    assert_eq!(simulator.secret_contents()["mara/kit/INSTAGRAM_SECRET"], None, "no box for this key");
    assert_eq!(github(&simulator, "ghs_automatic", None).await.status, 401);
    simulator.set_fault("GITHUB_API", "github/key-rotation", Scope::default()).unwrap();
    let old = github(&simulator, &token, None).await.json();
    assert_eq!(github(&simulator, &token, put(&old["key_id"])).await.status, 422);
    let new = github(&simulator, &token, None).await.json();
    assert_ne!(new["key"], old["key"]);
    assert_eq!(github(&simulator, &token, put(&new["key_id"])).await.status, 204);
}

const PYNACL: &str = "
import base64, sys
from nacl.public import PublicKey, SealedBox
box = SealedBox(PublicKey(base64.b64decode(sys.argv[1]))).encrypt(sys.argv[2].encode())
sys.stdout.write(base64.b64encode(box).decode())
";

#[tokio::test]
async fn github_opens_what_pynacl_seals_and_shows_what_a_workflow_reads() {
    let Ok(python) = std::env::var("MEDIAKIT_TEST_PYTHON") else {
        println!("SKIPPED: MEDIAKIT_TEST_PYTHON names no Python with PyNaCl; ./test sets it");
        return;
    };
    let simulator = start().await;
    let token = simulator.github_token("mara");
    let key = github(&simulator, &token, None).await.json();
    let content = "TIKTOK_USERNAME='grüße'\r\n";
    let sealed = Command::new(python).args(["-c", PYNACL, key["key"].as_str().unwrap(), content]).output().unwrap();
    assert!(sealed.status.success(), "PyNaCl refused");
    let sealed = String::from_utf8(sealed.stdout).unwrap();
    let body = json!({"encrypted_value": sealed, "key_id": key["key_id"]});
    assert_eq!(github(&simulator, &token, Some(body)).await.status, 201);
    let shown = Ask::get(simulator.control_origin(), "/secret-contents").send().await.json();
    assert_eq!(shown["mara/kit/INSTAGRAM_SECRET"], content);
}

#[tokio::test]
async fn pictures_are_png_and_their_addresses_run_out() {
    let simulator = start().await;
    let ask = Ask::get(&simulator.origins()["MASTODON"], "/api/v1/accounts/lookup?acct=mara").send().await.json();
    let address = ask["avatar"].as_str().unwrap();
    let origin = &simulator.origins()["AVATARS"];
    let picture = Ask::get(origin, address.strip_prefix(origin.as_str()).unwrap());
    assert!(picture.send().await.body.starts_with(b"\x89PNG\r\n\x1a\n"));
    simulator.advance(jiff::SignedDuration::from_hours(24 * 4));
    assert_eq!(picture.send().await.status, 403);
}
