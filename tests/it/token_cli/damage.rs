//! What the database no longer gives, with the real program: one platform's credentials, or a lease that nobody frees.

use std::fs;

use jiff::{SignedDuration, Timestamp};
use mediakit::domain::lease;
use serde_json::json;
use sqlx::Connection as _;

use super::{holds_no_secret, json, platform, set_up};
use crate::desk::{Running, host};
use crate::load::Client;

#[tokio::test(flavor = "multi_thread")]
async fn one_row_that_can_not_be_opened_is_told_and_takes_nothing_from_the_others() {
    let (desk, simulator) = set_up().await;
    let mut database = sqlx::SqliteConnection::connect(&format!("sqlite:{}", desk.file().display())).await.unwrap();
    let spoil = "update credentials set sealed = zeroblob(90) where platform = 'tiktok'";
    sqlx::raw_sql(spoil).execute(&mut database).await.unwrap();
    database.close().await.unwrap();

    let said = desk.run(&["token", "status", "--json"]).ends(3);
    holds_no_secret(&said, &simulator);
    let status = json(&said);
    assert_eq!(
        (&platform(&status, "tiktok")["readable"], &platform(&status, "tiktok")["phase"]),
        (&json!(false), &json!(null))
    );
    assert_eq!(
        (&platform(&status, "instagram")["readable"], &platform(&status, "instagram")["phase"]),
        (&json!(true), &json!("active"))
    );
    desk.run(&["token", "status", "--lang", "de"]).ends(3).prints("unlesbar").complains("lassen sich nicht öffnen");
    desk.run(&["token", "status"]).ends(3).prints("unreadable").complains("TikTok in the database can't be opened");
    desk.run(&["doctor", "--json"]).ends(3).prints("all others go on").prints("Instagram accepts the credentials");
    let desk = desk.set("PATH", std::env::var("PATH").unwrap());
    let mut server = desk.start_in(&["sh", "-c", "exec \"$@\" 2>server.log", "sh"]);
    let address = host(&server.line("Media kit"));
    let logged = || fs::read_to_string(desk.path().join("server.log")).unwrap();
    let told = |log: &str| log.contains("credential:tiktok:unreadable") && log.contains("all others go on");
    // The first look comes with the start; each request gives it time.
    assert!((0..2_000).any(|_| Running::get(&address, "/healthz").is_empty() || told(&logged())), "{}", logged());
    assert_eq!(server.stop(), Some(0));
    desk.run(&["fetch", "instagram"]).ends(0);
    let renewed = desk.run(&["token", "renew"]).ends(3).prints("Instagram: renewed");
    renewed.complains("TikTok: The credentials of tiktok can't be opened");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_left_by_a_killed_fetch_has_a_sentence_of_its_own_everywhere() {
    let (desk, simulator) = set_up().await;
    let until = lease::until(Timestamp::now() - SignedDuration::from_secs(70));
    let store = desk.store().await;
    let creator = store.creator().await.unwrap();
    let account = store.account(creator.id, "tiktok").await.unwrap().unwrap();
    store.claim(account.id, "killed", Timestamp::now(), until).await.unwrap().unwrap();
    store.close().await;
    let at = until.strftime("%H:%M");
    let asked = simulator.requests().len();
    let said = desk.run(&["fetch", "tiktok"]).ends(1).complains("TikTok: Another process was working on it");
    said.complains(&format!("It frees itself at {at} UTC; try again after that."));
    desk.run(&["fetch", "tiktok", "--lang", "de"]).ends(1).complains(&format!("Um {at} UTC wird es von selbst frei"));
    let token = desk.token();
    let (_server, address) = desk.serve();
    let mut client = Client::new(&address, &token);
    let (status, answer) = client.send("POST", "/api/mediakit/refresh-tiktok-api", &json!({})).unwrap();
    assert_eq!((status, &answer["title"]), (503, &json!("Still held")), "{answer}");
    assert!(answer["detail"].as_str().unwrap().contains(&format!("at {at} UTC")), "{answer}");
    assert_eq!(simulator.requests().len(), asked, "nobody was asked");
}
