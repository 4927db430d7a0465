//! `doctor`: what it finds where all is well, and when something is wrong.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use serde_json::Value as Json;
use simulator::{Scope, Simulator};

use super::{file, holds_no_secret, json, set_up, value};
use crate::desk::{Desk, Said};

/// What was found.
struct Found(Vec<Json>);

impl Found {
    fn of(said: &Said) -> Self {
        let all = json(said)["findings"].as_array().unwrap().clone();
        for finding in &all {
            assert!(finding["detail"].as_str().is_some_and(|text| text.ends_with('.')), "{finding:#}");
            assert!(finding["state"] == "ok" || finding["fix"].is_string(), "{finding:#}");
        }
        Self(all)
    }

    /// There is such a finding, and its sentence or its fix has these words.
    #[track_caller]
    fn is(&self, topic: &str, state: &str, words: &str) -> &Self {
        let fits = |finding: &Json| {
            let (detail, fix) = (finding["detail"].as_str().unwrap(), finding["fix"].as_str().unwrap_or_default());
            finding["topic"] == topic && finding["state"] == state && format!("{detail} {fix}").contains(words)
        };
        assert!(self.0.iter().any(fits), "{topic} {state} {words}: {:#?}", self.0);
        self
    }

    /// Everything that is not well is about this.
    #[track_caller]
    fn and_nothing_else(&self, topic: &str) {
        let well = |finding: &Json| finding["state"] == "ok" || finding["topic"] == topic;
        assert!(self.0.iter().all(well), "{:#?}", self.0);
    }
}

#[track_caller]
fn doctor(desk: &Desk, simulator: &Simulator, code: i32) -> Found {
    let said = desk.run(&["doctor", "--json"]).ends(code);
    holds_no_secret(&said, simulator);
    Found::of(&said)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_wrong_where_all_is_well_and_the_look_costs_nothing() {
    let (desk, simulator) = set_up().await;
    let (before, exchanges) = (simulator.requests().len(), simulator.ledger().exchange_count("tiktok", "mara"));
    let text = fs::read(file(&desk)).unwrap();
    let found = doctor(&desk, &simulator, 0);
    for topic in ["config", "data_folder", "disk", "database", "key", "env_file", "handles", "refresh", "clock"] {
        found.is(topic, "ok", "");
    }
    found.is("credential:instagram", "ok", "until").is("credential:x", "ok", "costs money").is(
        "mirror:github",
        "ok",
        "",
    );
    assert_eq!(simulator.billed_reads(), 0);
    assert_eq!(simulator.ledger().exchange_count("tiktok", "mara"), exchanges);
    assert_eq!(fs::read(file(&desk)).unwrap(), text);
    let asked = simulator.requests().len() - before;
    assert!(asked <= 12, "{asked} requests");
    desk.run(&["doctor", "--lang", "de"]).ends(0).prints("Die Uhr geht richtig.");

    let before = simulator.requests().len();
    let offline = Found::of(&desk.run(&["doctor", "--json", "--offline"]).ends(0));
    assert!(offline.0.iter().all(|finding| finding["topic"] != "clock"));
    assert_eq!(simulator.requests().len(), before, "offline asks nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_credential_file_suffers_from_has_its_fix() {
    let (desk, simulator) = set_up().await;
    let good = fs::read_to_string(file(&desk)).unwrap();
    let placeholder = good.replace(&value(&desk, "INSTAGRAM_APP_SECRET"), "dein_app_secret_hier");
    let cases = [
        (format!("{good}\nTIKTOK_ACCESS_TOKEN act.half").into_bytes(), "warn", "line "),
        (vec![b'#'; 300 * 1024], "fail", "256 KiB"),
        ([vec![0xFF, 0xFE], vec![0; 10]].concat(), "fail", "Save it as UTF-8"),
        (placeholder.into_bytes(), "warn", "INSTAGRAM_APP_SECRET"),
        (fs::read(".env.social.example").unwrap(), "warn", "placeholders"),
    ];
    for (content, state, words) in cases {
        fs::write(file(&desk), content).unwrap();
        doctor(&desk, &simulator, 3).is("env_file", state, words);
    }
    fs::remove_file(file(&desk)).unwrap();
    doctor(&desk, &simulator, 3).is("env_file", "warn", "Copy .env.social.example");
    fs::create_dir(file(&desk)).unwrap();
    doctor(&desk, &simulator, 3).is("env_file", "fail", "Remove it");
    fs::remove_dir(file(&desk)).unwrap();
    fs::write(file(&desk), good).unwrap();
    fs::set_permissions(file(&desk), Permissions::from_mode(0o644)).unwrap();
    doctor(&desk, &simulator, 3).is("env_file", "warn", "chmod 600").and_nothing_else("env_file");
}

#[test]
fn a_file_that_may_not_be_read_is_told_from_one_that_is_not_needed() {
    let desk = Desk::new();
    fs::set_permissions(desk.path(), Permissions::from_mode(0o777)).unwrap();
    fs::write(file(&desk), "TWITCH_CLIENT_SECRET=canary-7731\n").unwrap();
    fs::set_permissions(file(&desk), Permissions::from_mode(0o000)).unwrap();
    let said = desk.run_as_nobody(&["doctor", "--json", "--offline"]).ends(3);
    Found::of(&said).is("env_file", "fail", "permission to read").is("data_folder", "warn", "MEDIAKIT_DATA_DIR");

    let desk = Desk::new().set("TWITCH_CLIENT_SECRET", "canary-8842");
    let said = desk.run(&["doctor", "--json", "--offline"]).ends(3);
    assert!(!said.out.contains("canary"));
    Found::of(&said).is("env_file", "ok", "from the environment").is("handles", "warn", "handle set");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_can_work_with_ends_with_1_and_a_wrong_setting_with_2() {
    let (desk, simulator) = set_up().await;
    let key = desk.path().join("data/secret.key");
    let right = fs::read(&key).unwrap();
    fs::write(&key, STANDARD.encode([7; 32])).unwrap();
    doctor(&desk, &simulator, 1).is("key", "fail", "another key").is("env_file", "ok", "");
    fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    doctor(&desk, &simulator, 1).is("key", "fail", "chmod 600");
    fs::remove_file(&key).unwrap();
    doctor(&desk, &simulator, 1).is("key", "fail", "Put the key file back");
    fs::write(&key, right).unwrap();
    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(desk.path().join("data"), Permissions::from_mode(0o755)).unwrap();
    doctor(&desk, &simulator, 3).is("data_folder", "warn", "chmod 700").and_nothing_else("data_folder");
    fs::write(desk.file(), "no database at all, but long enough to be taken for one").unwrap();
    doctor(&desk, &simulator, 1).is("database", "fail", "Check the path");
    let desk = desk.set("MEDIAKIT_LISTN", "x");
    doctor(&desk, &simulator, 2).is("config", "fail", "Did you mean MEDIAKIT_LISTEN?");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_token_is_found() {
    let (desk, simulator) = set_up().await;
    simulator.revoke(&value(&desk, "INSTAGRAM_ACCESS_TOKEN"));
    let found = doctor(&desk, &simulator, 3);
    found.is("credential:instagram", "fail", "onnect the account again").and_nothing_else("credential:instagram");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_token_is_found() {
    let (desk, simulator) = set_up().await;
    let other = simulator.creators().into_iter().find(|one| one.key != "mara" && one.handles.contains_key("tiktok"));
    let theirs = simulator.env_social(&other.unwrap().key);
    let mine = fs::read_to_string(file(&desk)).unwrap();
    let lines = |text: &str, tiktok: bool| {
        let own = |line: &&str| line.contains("TIKTOK_") == tiktok && !line.starts_with("# mediakit:");
        text.lines().filter(own).fold(String::new(), |text, line| text + line + "\n")
    };
    fs::write(file(&desk), lines(&mine, false) + &lines(&theirs, true)).unwrap();
    let found = doctor(&desk, &simulator, 3);
    found.is("credential:tiktok", "fail", "another account").and_nothing_else("credential:tiktok");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_in_trouble_is_no_fault_of_the_credentials() {
    let (desk, simulator) = set_up().await;
    simulator.set_fault("TWITCH_AUTH", "status/503", Scope::default()).unwrap();
    let found = doctor(&desk, &simulator, 3);
    found.is("credential:twitch", "warn", "Nothing to do").and_nothing_else("credential:twitch");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_is_found_by_what_the_platforms_say() {
    for (mins, words) in [(26 * 60 + 1, "26 h slow"), (-(24 * 60 + 1), "24 h fast")] {
        let (desk, simulator) = set_up().await;
        simulator.advance(SignedDuration::from_mins(mins));
        doctor(&desk, &simulator, 3).is("clock", "fail", words).is("clock", "fail", "timedatectl set-ntp true");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_takes_no_secret_has_the_exact_advice() {
    let (desk, simulator) = set_up().await;
    let desk = desk.set("GITHUB_REPOSITORY", "mara/kit");
    doctor(&desk, &simulator, 3).is("mirror:github", "warn", "GITHUB_SECRETS_TOKEN");
    let desk = desk.set("GITHUB_SECRETS_TOKEN", simulator.github_token("mara"));
    doctor(&desk, &simulator, 0).is("mirror:github", "ok", "sealed");
    for (fault, words) in [
        ("github/403-integration", "\"Secrets: Read and write\" and store it in the panel or as GITHUB_SECRETS_TOKEN."),
        ("github/401", "Make a new one"),
        ("github/404", "GITHUB_REPOSITORY"),
    ] {
        simulator.set_fault("GITHUB_API", fault, Scope::default()).unwrap();
        doctor(&desk, &simulator, 3).is("mirror:github", "fail", words).and_nothing_else("mirror:github");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_can_not_be_reached_is_named() {
    let (desk, simulator) = set_up().await;
    let desk = desk.set("MEDIAKIT_UPSTREAM_BLUESKY_API", simulator.origin_refused());
    let found = doctor(&desk, &simulator, 3);
    found.is("upstream:bluesky", "fail", "could not be reached").and_nothing_else("upstream:bluesky");
}
