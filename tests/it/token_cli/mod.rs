//! `token` and `doctor` with the real program against the simulator: how credentials are told, renewed and shown.

mod damage;
mod doctor;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use simulator::{Scope, Simulator};
use sqlx::Connection as _;

use crate::desk::{Desk, Said, simulated};

/// A desk on which everything is set up and was fetched once.
async fn set_up() -> (Desk, Simulator) {
    let (desk, simulator) = simulated().await;
    fs::set_permissions(file(&desk), Permissions::from_mode(0o600)).unwrap();
    let mara = simulator.creators().into_iter().find(|creator| creator.key == "mara").unwrap();
    for platform in ["instagram", "tiktok", "twitch", "bluesky"] {
        desk.run(&["handle", "set", platform, &mara.handles[platform]]).ends(0);
    }
    desk.run(&["fetch"]).ends(0);
    (desk, simulator)
}

fn file(desk: &Desk) -> PathBuf {
    desk.path().join(".env.social")
}

fn value(desk: &Desk, key: &str) -> String {
    let text = fs::read_to_string(file(desk)).unwrap();
    text.lines().find_map(|line| line.strip_prefix(&format!("{key}="))).unwrap().trim_matches('"').to_owned()
}

/// Looks for every credential that was ever issued, in every form it could hide in.
#[track_caller]
fn holds_no_secret(said: &Said, simulator: &Simulator) {
    let all = format!("{}{}", said.out, said.err);
    let tokens = simulator.ledger().tokens;
    assert!(tokens.len() > 3);
    for token in tokens {
        let start = &token.value[..9];
        let hex = start.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        for form in [start.to_owned(), STANDARD.encode(start), hex] {
            assert!(!all.contains(&form), "a {:?} of {} is shown", token.kind, token.platform);
        }
    }
}

fn json(said: &Said) -> Json {
    serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}{}", said.out, said.err))
}

fn platform<'a>(status: &'a Json, id: &str) -> &'a Json {
    status["platforms"].as_array().unwrap().iter().find(|one| one["platform"] == id).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_tells_how_each_credential_is_and_shows_none() {
    let (desk, simulator) = simulated().await;
    let said = desk.run(&["token", "status"]).ends(0).prints("not used yet").prints("fp-");
    holds_no_secret(&said, &simulator);
    assert!(simulator.requests().is_empty(), "it asks nobody");

    let (desk, simulator) = set_up().await;
    let desk = desk.set("MEDIAKIT_LOG", "trace");
    let status = json(&desk.run(&["token", "status", "--json"]).ends(0));
    assert_eq!((&status["renewed_by"], &status["env_file"]["state"]), (&"server".into(), &"read".into()));
    let instagram = platform(&status, "instagram");
    assert_eq!((&instagram["phase"], &instagram["renewal"]), (&"active".into(), &"scheduled".into()));
    for known in ["since", "expires_at", "data_access_until", "next_renewal_at", "checked_at"] {
        assert!(instagram[known].is_string(), "{known}: {instagram:#}");
    }
    let tiktok = platform(&status, "tiktok");
    assert_eq!((&tiktok["generation"], &tiktok["renewal"]), (&2.into(), &"before_use".into()));
    assert!(tiktok["renewable_until"].is_string());
    assert_eq!((&tiktok["mirrors"][0]["place"], &tiktok["mirrors"][0]["state"]), (&"env_file".into(), &"ok".into()));
    assert!(platform(&status, "x")["checked_at"].is_null(), "nobody asked X, which costs money");
    for arguments in [&["token", "status"][..], &["token", "status", "--lang", "de"], &["token", "status", "--json"]] {
        holds_no_secret(&desk.run(arguments).ends(0), &simulator);
    }
    desk.run(&["token", "status", "--lang", "de"]).prints("Datenzugriff").prints("vor Gebrauch").complains("von hier");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_attention_is_a_sentence_and_an_exit_code() {
    let (desk, simulator) = set_up().await;
    simulator.set_fault("GITHUB_API", "github/403-integration", Scope::default()).unwrap();
    let desk = desk.set("GITHUB_TOKEN", simulator.github_token("mara")).set("GITHUB_REPOSITORY", "mara/kit");
    desk.run(&["token", "renew", "tiktok"]).ends(0).prints("GitHub: follows by itself");
    let said = desk.run(&["token", "status"]).ends(3).prints("INSTAGRAM_SECRET: follows by itself");
    let said = said.complains("GitHub (INSTAGRAM_SECRET) lacks the new values of TikTok").complains("Next attempt");
    holds_no_secret(&said, &simulator);
    let status = json(&desk.run(&["token", "status", "--json"]).ends(3));
    assert_eq!(platform(&status, "tiktok")["mirrors"][1]["state"], "pending");

    // Somebody edits the file badly.
    let text = fs::read_to_string(file(&desk)).unwrap();
    let edited = text.replace(&value(&desk, "TIKTOK_REFRESH_TOKEN"), "dein_refresh_token");
    fs::write(file(&desk), edited + "\nhalf a line\n").unwrap();
    let said = desk.run(&["token", "status"]).ends(3).complains("placeholders: TIKTOK_REFRESH_TOKEN");
    said.complains(", line ");
    fs::remove_file(file(&desk)).unwrap();
    fs::create_dir(file(&desk)).unwrap();
    desk.run(&["token", "status"]).ends(3).complains("is a folder").prints("tiktok");
}

#[test]
fn without_credentials_the_status_says_how_to_get_some() {
    let desk = Desk::new();
    desk.run(&["token", "status"]).ends(0).complains("No credentials are set");
    fs::create_dir(file(&desk)).unwrap();
    desk.run(&["token", "status"]).ends(1).complains("is a folder");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_by_hand_is_one_exchange_and_is_told() {
    let (desk, simulator) = set_up().await;
    let exchanges = |platform: &str| simulator.ledger().exchange_count(platform, "mara");
    let (tiktok, instagram) = (exchanges("tiktok"), exchanges("instagram"));
    let old = value(&desk, "TIKTOK_REFRESH_TOKEN");
    let said = desk.run(&["token", "renew", "tiktok"]).ends(0);
    let said = said.prints("TikTok: renewed, generation 3, holds until").prints("stored:tiktok:gen3:fp-");
    let said = said.prints(".env.social: ok").prints("GitHub: not set up");
    holds_no_secret(&said, &simulator);
    assert_eq!((exchanges("tiktok"), exchanges("instagram")), (tiktok + 1, instagram));
    let new = value(&desk, "TIKTOK_REFRESH_TOKEN");
    assert!(new != old && simulator.ledger().is_valid(&new) && !simulator.ledger().is_valid(&old));

    desk.run(&["token", "renew"]).ends(0).prints("Instagram: renewed").prints("TikTok: renewed, generation 4");
    assert_eq!((exchanges("tiktok"), exchanges("instagram")), (tiktok + 2, instagram + 1));
    assert!(simulator.ledger().is_valid(&value(&desk, "INSTAGRAM_ACCESS_TOKEN")));

    desk.run(&["token", "renew", "twitch", "--lang", "de"]).ends(0).complains("nichts zu erneuern");
    desk.run(&["token", "renew", "discord"]).ends(1).complains("No credentials are set for Discord");
    desk.run(&["token", "renew", "tiktk"]).ends(2).complains("Did you mean tiktok?");
    simulator.set_fault("TIKTOK_API", "status/503", Scope::default()).unwrap();
    let said = desk.run(&["token", "renew", "tiktok"]).ends(1).complains("not renewed").complains("Next attempt");
    holds_no_secret(&said, &simulator);
    desk.set("MEDIAKIT_ROTATION_OWNER", "actions")
        .run(&["token", "renew"])
        .ends(2)
        .complains("MEDIAKIT_ROTATION_OWNER");
}

/// How often the audit log says that values were shown.
async fn revealed(desk: &Desk) -> usize {
    let store = desk.store().await;
    let entries = store.audit(50).await.unwrap();
    store.close().await;
    entries.iter().filter(|entry| entry.what == "credentials revealed").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_shown_only_to_a_person_who_confirms_it_and_that_is_written_down() {
    let (desk, simulator) = set_up().await;
    let said = desk.run(&["token", "reveal", "tiktok"]).ends(2).complains("terminal only");
    holds_no_secret(&said, &simulator);
    for wrong in ["\n", "Tiktok\n", "tiktok \n", "yes\n", "instagram\n"] {
        let said = desk.run_at_a_terminal(&["token", "reveal", "tiktok"], wrong).ends(1).prints("nothing is shown");
        holds_no_secret(&said, &simulator);
    }
    assert_eq!(revealed(&desk).await, 0);
    let said = desk.run_at_a_terminal(&["token", "reveal", "tiktok"], "tiktok\n").ends(0);
    for key in ["TIKTOK_ACCESS_TOKEN", "TIKTOK_REFRESH_TOKEN", "TIKTOK_CLIENT_SECRET"] {
        assert!(said.out.contains(&format!("{key}={}", value(&desk, key))), "{key}");
    }
    assert!(!said.out.contains("INSTAGRAM"));
    assert_eq!(revealed(&desk).await, 1);
    desk.run_at_a_terminal(&["token", "reveal", "discord"], "discord\n").ends(1).prints("No credentials are set");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_value_is_shown_in_an_automatic_run_whatever_its_terminal() {
    for automatic in ["GITHUB_ACTIONS", "CI"] {
        let (desk, simulator) = simulated().await;
        let desk = desk.set(automatic, "true");
        let said = desk.run_at_a_terminal(&["token", "reveal", "tiktok"], "tiktok\n").ends(2).prints("automatic run");
        holds_no_secret(&said, &simulator);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_not_shown_when_that_can_not_be_written_down() {
    let (desk, simulator) = set_up().await;
    let address = format!("sqlite://{}", desk.file().display());
    let mut connection = sqlx::SqliteConnection::connect(&address).await.unwrap();
    let refuse = "create trigger full before insert on audit begin select raise(abort, 'disk full'); end";
    sqlx::query(refuse).execute(&mut connection).await.unwrap();
    let said = desk.run_at_a_terminal(&["token", "reveal", "tiktok"], "tiktok\n").ends(1);
    holds_no_secret(&said.prints("Type tiktok").prints("disk full"), &simulator);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_replaced_and_everything_still_opens() {
    let (desk, simulator) = set_up().await;
    let path = desk.path().join("data/secret.key");
    let before = fs::read_to_string(&path).unwrap();
    let said = desk.run(&["token", "rekey"]).ends(0).complains("A running server takes it by itself");
    let after = fs::read_to_string(&path).unwrap();
    assert!(after != before && !said.err.contains(after.trim()));
    holds_no_secret(&said, &simulator);
    let status = json(&desk.run(&["token", "status", "--json"]).ends(0));
    assert_eq!(platform(&status, "tiktok")["generation"], 2);
    fs::remove_file(path).unwrap();
    let desk = desk.set("MEDIAKIT_SECRET_KEY", after.trim());
    desk.run(&["token", "rekey"]).ends(2).complains("MEDIAKIT_SECRET_KEY");
    desk.run(&["token", "status"]).ends(0);
}
