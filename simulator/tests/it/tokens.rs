//! The ledger: what an exchange issues, what it ends, and what is refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulator::{InstagramLogin, Scope, Simulator, TokenState};

use crate::client::{Ask, Reply, env, parse, start};

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

async fn tiktok(simulator: &Simulator, refresh: &str) -> Reply {
    let keys = env(simulator, "mara");
    let fields = [
        ("client_key", keys["TIKTOK_CLIENT_KEY"].as_str()),
        ("client_secret", keys["TIKTOK_CLIENT_SECRET"].as_str()),
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh),
    ];
    Ask::form(&simulator.origins()["TIKTOK_API"], "/v2/oauth/token/", &fields).send().await
}

#[tokio::test]
async fn a_tiktok_refresh_ends_the_token_it_was_made_with() {
    let simulator = start().await;
    let first = env(&simulator, "mara").remove("TIKTOK_REFRESH_TOKEN").unwrap();
    let reply = tiktok(&simulator, &first).await.json();
    let second = reply["refresh_token"].as_str().unwrap();
    assert_eq!((&reply["expires_in"], &reply["refresh_expires_in"]), (&json!(7_200), &json!(15_552_000)));
    let ledger = simulator.ledger();
    assert_eq!(ledger.token(&first).unwrap().state, TokenState::Superseded);
    assert!(ledger.is_valid(second) && ledger.is_valid(reply["access_token"].as_str().unwrap()));
    let again = tiktok(&simulator, &first).await;
    assert_eq!((again.status, &again.json()["error"]), (400, &json!("invalid_grant")));
    let ledger = simulator.ledger();
    assert_eq!((ledger.exchange_count("tiktok", "mara"), ledger.exchanges.len()), (1, 2));
}

#[tokio::test]
async fn a_tiktok_refresh_token_lives_180_days() {
    let simulator = start().await;
    let token = env(&simulator, "mara").remove("TIKTOK_REFRESH_TOKEN").unwrap();
    simulator.advance(hours(180 * 24) - SignedDuration::from_secs(1));
    assert!(simulator.ledger().is_valid(&token));
    simulator.advance(SignedDuration::from_secs(1));
    assert_eq!(simulator.ledger().token(&token).unwrap().state, TokenState::Expired);
    assert_eq!(tiktok(&simulator, &token).await.status, 400);
}

#[tokio::test]
async fn an_answer_lost_on_the_way_is_an_exchange_all_the_same() {
    for (fault, exchanged) in [
        ("transport/reset-after-accept", false),
        ("transport/reset-before-answer", true),
        ("transport/reset-mid-body", true),
        ("status/503", false),
    ] {
        let simulator = start().await;
        let keys = env(&simulator, "mara");
        simulator.set_fault("TIKTOK_API", fault, Scope::default()).unwrap();
        let fields = [
            ("client_key", keys["TIKTOK_CLIENT_KEY"].as_str()),
            ("client_secret", keys["TIKTOK_CLIENT_SECRET"].as_str()),
            ("grant_type", "refresh_token"),
            ("refresh_token", keys["TIKTOK_REFRESH_TOKEN"].as_str()),
        ];
        let _ = Ask::form(&simulator.origins()["TIKTOK_API"], "/v2/oauth/token/", &fields).try_send().await;
        assert_eq!(simulator.ledger().exchange_count("tiktok", "mara"), usize::from(exchanged), "{fault}");
        assert_eq!(simulator.ledger().is_valid(&keys["TIKTOK_REFRESH_TOKEN"]), !exchanged, "{fault}");
    }
}

#[tokio::test]
async fn a_refresh_without_a_new_refresh_token_keeps_the_old_one() {
    for (fault, sent) in [("tiktok/refresh-token-missing", None), ("tiktok/refresh-token-empty", Some(json!("")))] {
        let simulator = start().await;
        let token = env(&simulator, "mara").remove("TIKTOK_REFRESH_TOKEN").unwrap();
        simulator.set_fault("TIKTOK_API", fault, Scope::default()).unwrap();
        let reply = tiktok(&simulator, &token).await.json();
        assert_eq!(reply.get("refresh_token").cloned(), sent);
        assert!(simulator.ledger().is_valid(&token));
    }
}

async fn instagram_refresh(simulator: &Simulator, token: &str) -> Reply {
    let target = format!("/refresh_access_token?grant_type=ig_refresh_token&access_token={token}");
    Ask::get(&simulator.origins()["INSTAGRAM_GRAPH"], target).send().await
}

#[tokio::test]
async fn an_instagram_token_is_renewed_between_24_hours_and_its_end() {
    let simulator = start().await;
    let keys = parse(&simulator.env_social_with("mara", InstagramLogin::Instagram));
    let token = &keys["INSTAGRAM_ACCESS_TOKEN"];
    simulator.advance(hours(23));
    assert_eq!(instagram_refresh(&simulator, token).await.status, 400);
    simulator.advance(hours(1));
    let renewed = instagram_refresh(&simulator, token).await.json();
    let ledger = simulator.ledger();
    let entry = ledger.token(renewed["access_token"].as_str().unwrap()).unwrap();
    assert_eq!(entry.expires_at.unwrap(), simulator.now() + SignedDuration::from_secs(5_183_944));
    simulator.advance(hours(61 * 24));
    let late = instagram_refresh(&simulator, token).await.json();
    assert_eq!(late["error"]["error_subcode"], 463);
}

#[tokio::test]
async fn a_facebook_token_is_exchanged_only_while_it_lives() {
    let simulator = start().await;
    let keys = env(&simulator, "mara");
    let exchange = async || {
        let target = format!(
            "/v25.0/oauth/access_token?grant_type=fb_exchange_token&client_id={}&client_secret={}&fb_exchange_token={}",
            keys["INSTAGRAM_APP_ID"], keys["INSTAGRAM_APP_SECRET"], keys["INSTAGRAM_ACCESS_TOKEN"]
        );
        Ask::get(&simulator.origins()["FACEBOOK_GRAPH"], target).send().await
    };
    let reply = exchange().await.json();
    assert!(simulator.ledger().is_valid(reply["access_token"].as_str().unwrap()));
    simulator.advance(hours(61 * 24));
    assert_eq!(exchange().await.json()["error"]["error_subcode"], 463);
    assert_eq!(simulator.ledger().exchange_count("instagram", "mara"), 1);
}

#[tokio::test]
async fn debug_token_knows_the_living_the_endless_and_the_dead() {
    let simulator = start().await;
    let keys = env(&simulator, "mara");
    let origin = &simulator.origins()["FACEBOOK_GRAPH"];
    let debug = async |token: &str| -> Value {
        let app = format!("{}|{}", keys["INSTAGRAM_APP_ID"], keys["INSTAGRAM_APP_SECRET"]);
        let target = format!("/v25.0/debug_token?input_token={token}&access_token={app}");
        Ask::get(origin, target).send().await.json()["data"].take()
    };
    let user = &keys["INSTAGRAM_ACCESS_TOKEN"];
    let target = format!("/v25.0/me/accounts?fields=access_token&access_token={user}");
    let page = Ask::get(origin, target).send().await.json()["data"][0]["access_token"].take();
    assert_eq!(debug(user).await["is_valid"], true);
    let endless = debug(page.as_str().unwrap()).await;
    assert_eq!((&endless["type"], &endless["expires_at"]), (&json!("PAGE"), &json!(0)));
    simulator.revoke(user);
    let dead = debug(user).await;
    assert_eq!((&dead["is_valid"], &dead["error"]["subcode"]), (&json!(false), &json!(460)));
    assert_eq!(debug("EAAnonsense").await["is_valid"], false);
}

#[tokio::test]
async fn reads_end_ninety_days_after_consent_although_the_page_token_lives() {
    let simulator = start().await;
    let user = env(&simulator, "mara").remove("INSTAGRAM_ACCESS_TOKEN").unwrap();
    let origin = &simulator.origins()["FACEBOOK_GRAPH"];
    let target = format!("/v25.0/me/accounts?fields=access_token&access_token={user}");
    let page = Ask::get(origin, target).send().await.json()["data"][0]["access_token"].as_str().unwrap().to_owned();
    simulator.advance(hours(91 * 24));
    assert!(simulator.ledger().is_valid(&page));
    let id = simulator.truth("mara", "instagram").account_id;
    let reply = Ask::get(origin, format!("/v25.0/{id}?fields=id&access_token={page}")).send().await;
    assert_eq!(reply.json()["error"]["code"], 10);
}

/// Walks a consent page; gives the code in the address it leads back to.
async fn consent(origin: &str, target: &str) -> String {
    let back = Ask::get(origin, target).send().await;
    assert_eq!(back.status, 302, "{}", back.text());
    let location = back.header("location").unwrap().to_owned();
    assert!(location.starts_with("http://here/cb?code="), "{location}");
    location.split_once("code=").unwrap().1.split('&').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_code_is_good_once_and_for_its_address_only() {
    let simulator = start().await;
    let keys = env(&simulator, "mara");
    let (id, secret) = (&keys["INSTAGRAM_APP_ID"], &keys["INSTAGRAM_APP_SECRET"]);
    let dialog = format!(
        "/v25.0/dialog/oauth?client_id={id}&redirect_uri=http://here/cb&state=s&scope=instagram_basic&response_type=code"
    );
    let code = consent(&simulator.origins()["FACEBOOK_WEB"], &dialog).await;
    let exchange = async |back: &str| {
        let target =
            format!("/v25.0/oauth/access_token?client_id={id}&client_secret={secret}&redirect_uri={back}&code={code}");
        Ask::get(&simulator.origins()["FACEBOOK_GRAPH"], target).send().await
    };
    assert_eq!(exchange("http://elsewhere/cb").await.status, 400);
    assert_eq!(exchange("http://here/cb").await.status, 200);
    assert_eq!(exchange("http://here/cb").await.status, 400);
}

#[tokio::test]
async fn a_code_with_a_proof_is_redeemed_by_whoever_can_prove_it() {
    let simulator = start().await;
    let keys = parse(&simulator.grant("mara", "youtube"));
    let (id, secret) = (keys["YOUTUBE_CLIENT_ID"].as_str(), keys["YOUTUBE_CLIENT_SECRET"].as_str());
    let origin = &simulator.origins()["GOOGLE_OAUTH"];
    // The example of RFC 7636, appendix B.
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let page = format!(
        "/o/oauth2/v2/auth?client_id={id}&redirect_uri=http://here/cb&state=s&scope=a&response_type=code\
         &code_challenge={challenge}&code_challenge_method=S256"
    );
    let code = consent(origin, &page).await;
    let redeem = async |verifier: &str| {
        let fields = [
            ("client_id", id),
            ("client_secret", secret),
            ("grant_type", "authorization_code"),
            ("redirect_uri", "http://here/cb"),
            ("code", &code),
            ("code_verifier", verifier),
        ];
        Ask::form(origin, "/token", &fields).send().await.status
    };
    assert_eq!(redeem("").await, 400);
    assert_eq!(redeem("another").await, 400);
    assert_eq!(redeem("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").await, 200);
}

#[tokio::test]
async fn a_person_is_asked_and_may_say_no_or_leave_something_out() {
    let simulator = start().await;
    let id = env(&simulator, "mara").remove("TIKTOK_CLIENT_KEY").unwrap();
    let origin = &simulator.origins()["TIKTOK_WEB"];
    let page =
        format!("/v2/auth/authorize/?client_key={id}&redirect_uri=http://here/cb&state=s&scope=a,b&response_type=code");
    let asked = Ask::get(origin, &page).header("sec-fetch-mode", "navigate").send().await;
    assert_eq!(asked.status, 200);
    assert!(asked.text().contains("mara.bikes") && asked.text().contains("name=\"grant\" value=\"b\""));
    let no = Ask::get(origin, format!("{page}&decision=deny")).send().await;
    assert!(
        no.header("location").unwrap().contains("error=access_denied")
            && no.header("location").unwrap().contains("state=s")
    );
    Ask::get(origin, format!("{page}&grant=a&decision=allow")).send().await;
    assert_eq!(simulator.ledger().tokens.last().unwrap().scopes, ["a"]);
    for (fault, part) in [
        ("consent/denied", "error=access_denied"),
        ("consent/trouble", "error=server_error"),
        ("consent/wrong-state", "state=a-state-of-somebody-else"),
    ] {
        simulator.set_fault("TIKTOK_WEB", fault, Scope::default()).unwrap();
        let back = Ask::get(origin, &page).send().await;
        assert!(back.header("location").unwrap().contains(part), "{fault}");
    }
    simulator.set_fault("TIKTOK_WEB", "consent/other-account", Scope::default()).unwrap();
    Ask::get(origin, &page).send().await;
    assert_eq!(simulator.ledger().tokens.last().unwrap().account, "wren");
}

#[tokio::test]
async fn instagram_login_leads_from_code_to_a_token_for_sixty_days() {
    let simulator = start().await;
    let keys = parse(&simulator.env_social_with("mara", InstagramLogin::Instagram));
    let (id, secret) = (keys["INSTAGRAM_APP_ID"].as_str(), keys["INSTAGRAM_APP_SECRET"].as_str());
    let dialog = format!(
        "/oauth/authorize?client_id={id}&redirect_uri=http://here/cb&state=s&scope=instagram_business_basic&response_type=code"
    );
    let code = consent(&simulator.origins()["INSTAGRAM_WEB"], &dialog).await;
    let fields = [
        ("client_id", id),
        ("client_secret", secret),
        ("grant_type", "authorization_code"),
        ("redirect_uri", "http://here/cb"),
        ("code", &code),
    ];
    let short = Ask::form(&simulator.origins()["INSTAGRAM_API"], "/oauth/access_token", &fields).send().await.json();
    let short = short["data"][0]["access_token"].as_str().unwrap();
    let target = format!("/access_token?grant_type=ig_exchange_token&client_secret={secret}&access_token={short}");
    let long = Ask::get(&simulator.origins()["INSTAGRAM_GRAPH"], target).send().await.json();
    assert_eq!(long["expires_in"], 5_183_944);
}

#[tokio::test]
async fn a_token_can_come_with_odd_words_about_it() {
    for (fault, pointer, said) in [
        ("token/access-empty", "/access_token", Some(json!(""))),
        ("token/access-number", "/access_token", Some(json!(48_263))),
        ("token/life-missing", "/expires_in", None),
        ("token/life-zero", "/expires_in", Some(json!(0))),
        ("token/life-one-second", "/expires_in", Some(json!(1))),
        ("token/life-negative", "/expires_in", Some(json!(-3_600))),
        ("token/life-text", "/expires_in", Some(json!("soon"))),
        ("token/life-3000-years", "/expires_in", Some(json!(94_672_800_000_i64))),
        ("token/life-above-2-63", "/expires_in", Some(json!(u64::MAX))),
        ("token/content-type", "/expires_in", Some(json!(7_200))),
    ] {
        let simulator = start().await;
        let token = env(&simulator, "mara").remove("TIKTOK_REFRESH_TOKEN").unwrap();
        simulator.set_fault("TIKTOK_API", fault, Scope::default()).unwrap();
        let reply = tiktok(&simulator, &token).await;
        assert_eq!(reply.json().pointer(pointer), said.as_ref(), "{fault}");
        let html = reply.header("content-type").unwrap().starts_with("text/html");
        assert_eq!(html, fault == "token/content-type");
        assert_eq!(simulator.ledger().exchange_count("tiktok", "mara"), 1, "{fault}");
    }
}

#[tokio::test]
async fn twitch_keeps_the_refresh_token_and_counts_its_owners_subscribers_only() {
    let simulator = start().await;
    let keys = parse(&simulator.grant("mara", "twitch"));
    let (auth, api) = (&simulator.origins()["TWITCH_AUTH"], &simulator.origins()["TWITCH_API"]);
    let fields = [
        ("client_id", keys["TWITCH_CLIENT_ID"].as_str()),
        ("client_secret", &keys["TWITCH_CLIENT_SECRET"]),
        ("grant_type", "refresh_token"),
        ("refresh_token", &keys["TWITCH_REFRESH_TOKEN"]),
    ];
    let renewed = Ask::form(auth, "/oauth2/token", &fields).send().await.json();
    assert_eq!(renewed["refresh_token"], json!(keys["TWITCH_REFRESH_TOKEN"]));
    assert_eq!(renewed["scope"], json!(["moderator:read:followers", "channel:read:subscriptions"]));
    let token = renewed["access_token"].as_str().unwrap();
    let whose = Ask::get(auth, "/oauth2/validate").header("authorization", &format!("OAuth {token}")).send().await;
    assert_eq!(whose.json()["login"], "marabikes");
    let subscribers = async |creator: &str| {
        let id = simulator.truth(creator, "twitch").account_id;
        let ask = Ask::get(api, format!("/helix/subscriptions?broadcaster_id={id}"));
        ask.header("client-id", &keys["TWITCH_CLIENT_ID"]).bearer(token).send().await
    };
    assert_eq!(subscribers("mara").await.json()["total"], json!(simulator.truth("mara", "twitch").subscribers));
    assert_eq!(subscribers("wren").await.status, 401);
}

#[tokio::test]
async fn xs_refresh_token_works_once_and_its_page_wants_a_proof() {
    let simulator = start().await;
    let keys = parse(&simulator.grant("mara", "x"));
    let origin = &simulator.origins()["X_API"];
    let page =
        format!("/i/oauth2/authorize?client_id={}&redirect_uri=http://here/cb&response_type=code", keys["X_CLIENT_ID"]);
    assert_eq!(Ask::get(origin, page).send().await.status, 400);
    let basic = STANDARD.encode(format!("{}:{}", keys["X_CLIENT_ID"], keys["X_CLIENT_SECRET"]));
    let renew = async |token: &str| {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        let ask = Ask::form(origin, "/2/oauth2/token", &fields).header("authorization", &format!("Basic {basic}"));
        ask.send().await
    };
    assert_eq!(renew(&keys["X_REFRESH_TOKEN"]).await.status, 200);
    let again = renew(&keys["X_REFRESH_TOKEN"]).await;
    assert_eq!((again.status, &again.json()["error"]), (400, &json!("invalid_request")));
    assert!(!simulator.ledger().is_valid(&keys["X_REFRESH_TOKEN"]));
}
