//! The command line, run as people run it: usage, exit codes, words, and what its commands leave behind.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use simulator::Scope;

use crate::desk::{Desk, Running, host, simulated};

#[test]
fn wrong_usage_ends_with_2_and_says_what_to_do() {
    let desk = Desk::new();
    for arguments in [
        &["ftch"][..],
        &["handle"],
        &["handle", "set"],
        &["handle", "set", "twitch"],
        &["api-token", "create"],
        &["backup"],
        &["config"],
        &["--nothing"],
        &["fetch", "--jsn"],
        &["--lang", "fr", "verify"],
    ] {
        let said = desk.run(arguments).ends(2);
        assert!(!said.err.is_empty() && said.out.is_empty(), "{arguments:?}");
    }
    desk.run(&["ftch", "--lang", "de"]).ends(2).complains("Meintest du fetch?");
    desk.run(&["ftch", "--lang=en"]).ends(2).complains("fetch");
    assert!(!desk.path().join("data").exists(), "wrong usage leaves no trace");
}

#[test]
fn help_speaks_the_readers_language() {
    let german = Desk::new().set("LANG", "de_DE.UTF-8");
    german.run(&["--help"]).ends(0).prints("Befehle").prints("--listen");
    german.run(&["fetch", "-h"]).ends(0).prints("Nur diese Plattformen");
    german.run(&["--help", "--lang", "en"]).ends(0).prints("Commands").prints("--data-dir");
    Desk::new().run(&["-h"]).ends(0).prints("Commands");
    Desk::new().run(&["--version"]).ends(0).prints(env!("CARGO_PKG_VERSION"));
}

#[test]
fn the_configuration_is_printed_shown_and_checked() {
    let desk = Desk::new();
    let defaults = desk.run(&["config", "default"]).ends(0).prints("#listen = \"127.0.0.1:8080\"").out;
    std::fs::write(desk.path().join("mediakit.toml"), defaults).unwrap();
    desk.run(&["config", "check"]).ends(0);
    let desk = desk.set("MEDIAKIT_OWNER_PASSWORD", "canary-5521").set("MEDIAKIT_REFRESH_AT", "05:00");
    let shown = desk.run(&["config", "show", "--listen", "127.0.0.1:1"]).ends(0);
    let shown = shown.prints("environment MEDIAKIT_REFRESH_AT").prints("flag --listen").prints("********");
    assert!(!shown.out.contains("canary") && !shown.err.contains("canary"));

    let desk = Desk::new().set("MEDIAKIT_LISTN", "x").set("MEDIAKIT_LOG_FORMAT", "xml");
    let said = desk.run(&["config", "check"]).ends(2);
    said.complains("Did you mean MEDIAKIT_LISTEN?").complains("MEDIAKIT_LOG_FORMAT").complains("Allowed: text or json");
    for command in [&["config", "show"][..], &["fetch"], &["handle", "list"], &["verify"], &["serve"], &[]] {
        desk.run(command).ends(2);
    }
    Desk::new().run(&["config", "check", "--config", "no.toml", "--lang", "de"]).ends(2).complains("--config");
    Desk::new().run(&["config", "check", "--log-format", "xml"]).ends(2).complains("--log-format");
}

#[test]
fn handles_are_set_listed_and_removed() {
    let desk = Desk::new();
    desk.run(&["handle", "list"]).ends(0).complains("No handle is set yet");
    desk.run(&["handle", "set", "twitch", "https://www.twitch.tv/MaraBikes"]).ends(0).complains("marabikes");
    desk.run(&["handle", "set", "Mastodon", "@mara@bikes.example"]).ends(0);
    desk.run(&["handle", "list"]).ends(0).prints("twitch").prints("marabikes").prints("mara@bikes.example");
    desk.run(&["handle", "set", "twitch", "other"]).ends(0);
    let listed = desk.run(&["handle", "list"]).ends(0);
    assert!(!listed.out.contains("marabikes"), "{}", listed.out);
    desk.run(&["handle", "remove", "twitch"]).ends(0).complains("history is kept");
    desk.run(&["handle", "remove", "twitch"]).ends(1).complains("No handle is set for Twitch");
    desk.run(&["handle", "set", "twich", "x"]).ends(2).complains("Did you mean twitch?");
    desk.run(&["handle", "set", "myspace", "x", "--lang", "de"]).ends(2).complains("gibt es nicht");
}

#[test]
fn a_handle_that_can_not_be_one_is_refused_and_changes_nothing() {
    let desk = Desk::new();
    let long = "a".repeat(5000);
    for hostile in [
        "",
        " ",
        "a b",
        "<script>alert(1)</script>",
        "' or 1=1 --",
        "../../etc/passwd",
        "mara\u{202e}bikes",
        "mara\nbikes",
        "mara%00",
        "https://evil.example/mara",
        "http://127.0.0.1/mara",
        long.as_str(),
    ] {
        let said = desk.run(&["handle", "set", "twitch", hostile]).ends(2);
        assert!(
            said.err.lines().count() <= 2 && !said.err.contains(['\u{202e}', '\u{1b}']),
            "{hostile:?}: {}",
            said.err
        );
    }
    desk.run(&["handle", "set", "\u{1b}[31mx", "mara"]).ends(2);
    assert!(desk.run(&["handle", "list"]).ends(0).out.is_empty());
}

#[tokio::test]
async fn a_token_is_shown_once_and_only_its_hash_is_kept() {
    let desk = Desk::new();
    let token = desk.run(&["api-token", "create", "ci", "--scope", "refresh"]).ends(0).complains("only now").out;
    let token = token.trim();
    let secret = token.strip_prefix("mk_").unwrap();
    assert_eq!((secret.len(), URL_SAFE_NO_PAD.decode(secret).unwrap().len()), (43, 32));

    let store = desk.store().await;
    let known = store.find_api_token(&Sha256::digest(token.as_bytes()).into()).await.unwrap().unwrap();
    assert_eq!((known.name.as_str(), known.scopes.as_slice()), ("ci", &["refresh".to_owned()][..]));
    store.close().await;
    for file in std::fs::read_dir(desk.path().join("data")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()));
    }

    desk.run(&["api-token", "create", "ci"]).ends(1).complains("of this name already");
    let other = desk.run(&["api-token", "create", "second"]).ends(0).out;
    assert_ne!(other.trim(), token);
    let listed = desk.run(&["api-token", "list"]).ends(0).prints("ci").prints("never").prints("read,refresh");
    assert!(!listed.out.contains("mk_"));
    desk.run(&["api-token", "revoke", "ci"]).ends(0);
    desk.run(&["api-token", "revoke", "ci"]).ends(1).complains("no token of this name");
    for (name, scope) in [("", "read"), ("a\nb", "read"), ("x", "everything"), ("x", "")] {
        desk.run(&["api-token", "create", name, "--scope", scope]).ends(2);
    }
}

#[test]
fn a_backup_brings_back_what_was() {
    let desk = Desk::new();
    desk.run(&["handle", "set", "twitch", "marabikes"]).ends(0);
    desk.run(&["backup", "kit.backup"]).ends(0);
    desk.run(&["handle", "remove", "twitch"]).ends(0);
    desk.run(&["restore", "kit.backup"]).ends(0);
    desk.run(&["handle", "list"]).ends(0).prints("marabikes");
    desk.run(&["verify"]).ends(0).complains("fine");
    desk.run(&["restore", "nowhere"]).ends(2).complains("nowhere");
    desk.run(&["backup", "data/mediakit.db"]).ends(1);
    std::fs::write(desk.path().join("data/mediakit.db"), "no database at all, but long enough to be one").unwrap();
    desk.run(&["verify", "--lang", "de"]).ends(1).complains("unangetastet");
}

#[cfg(unix)]
#[test]
fn the_data_folder_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    desk.run(&["handle", "list"]).ends(0);
    let mode = std::fs::metadata(desk.path().join("data")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn health_is_asked_of_the_configured_address() {
    let desk = Desk::new().set("MEDIAKIT_LISTEN", "127.0.0.1:0");
    desk.run(&["healthcheck"]).ends(2).complains("MEDIAKIT_LISTEN");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    Desk::new().run(&["healthcheck", "--listen", &closed.to_string()]).ends(1).complains("serve");
    for (answer, code) in [("HTTP/1.1 200 OK\r\n\r\n", 0), ("HTTP/1.1 503 Service Unavailable\r\n\r\n", 1), ("what", 1)]
    {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 512];
            let length = stream.read(&mut request).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        Desk::new().run(&["healthcheck", "--listen", &address]).ends(code);
        assert!(server.join().unwrap().starts_with("GET /healthz HTTP/1.1\r\n"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fetch_tells_what_came_and_what_failed_by_its_exit_code() {
    let (desk, simulator) = simulated().await;
    let mara = simulator.creators().into_iter().find(|creator| creator.key == "mara").unwrap();
    desk.run(&["fetch"]).ends(2).complains("handle set");
    for platform in ["twitch", "bluesky"] {
        desk.run(&["handle", "set", platform, &mara.handles[platform]]).ends(0);
    }

    let said = desk.run(&["fetch", "--json"]).ends(0).complains("twitch: saved");
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["saved"], 2);
    let twitch = &report["platforms"][0];
    assert_eq!((&twitch["platform"], &twitch["state"]), (&"twitch".into(), &"saved".into()));
    assert!(twitch["followers"].as_i64().unwrap() > 0 && twitch["fetched_at"].is_string() && twitch["error"].is_null());

    let said = desk.run(&["fetch", "twitch", "--lang", "de"]).ends(0).prints("Plattform").prints("gespeichert");
    assert!(!said.out.contains("bluesky"), "{}", said.out);

    simulator.set_fault("BLUESKY_API", "status/503", Scope::default()).unwrap();
    let said = desk.run(&["fetch", "--json"]).ends(3);
    let report: Value = serde_json::from_str(&said.out).unwrap();
    let bluesky = report["platforms"].as_array().unwrap().iter().find(|one| one["platform"] == "bluesky").unwrap();
    assert_eq!((&bluesky["state"], &bluesky["error"]["kind"]), (&"failed".into(), &"upstream".into()));
    assert!(bluesky["followers"].as_i64().unwrap() > 0, "the old number stays");
    desk.run(&["fetch", "bluesky"]).ends(1).complains("Bluesky");
    desk.run(&["fetch", "twitch", "discord"]).ends(3).complains("No handle is set for discord");
    desk.run(&["fetch", "discord"]).ends(2).complains("handle set discord");
    desk.run(&["fetch", "twich"]).ends(2).complains("Did you mean twitch?");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_command_repeats_a_secret() {
    let (desk, simulator) = simulated().await;
    let mara = simulator.creators().into_iter().find(|creator| creator.key == "mara").unwrap();
    desk.run(&["handle", "set", "twitch", &mara.handles["twitch"]]).ends(0);
    let file = simulator.env_social("mara");
    std::fs::write(desk.path().join(".env.social"), format!("{file}\nTOKEN canary-8813 on a bad line\n")).unwrap();
    let values: Vec<&str> = file
        .lines()
        .filter(|line| !line.starts_with('#') && !line.contains("USERNAME"))
        .filter_map(|line| Some(line.split_once('=')?.1))
        .collect();
    assert!(values.len() > 5);
    let desk = desk.set("MEDIAKIT_LOG", "trace");
    for command in [&["fetch"][..], &["fetch", "--json"], &["config", "show"], &["verify"]] {
        let said = desk.run(command);
        let all = format!("{}{}", said.out, said.err);
        let leaked = values.iter().chain(&["canary-8813"]).find(|value| all.contains(&value[..value.len().min(12)]));
        assert!(leaked.is_none(), "{command:?}");
    }
    desk.run(&["fetch"]).complains(".env.social, line");
}

#[test]
fn the_server_prints_its_address_and_ends_well_when_told() {
    let desk = Desk::new();
    let mut server = desk.start(&["--listen", "127.0.0.1:0"]);
    let address = host(&server.line("Media kit"));
    assert!(Running::get(&address, "/healthz").starts_with("HTTP/1.1 200"));
    desk.run(&["healthcheck", "--listen", &address]).ends(0);
    desk.run(&["serve", "--listen", &address]).ends(1).complains("--listen");
    assert_eq!(server.stop(), Some(0));
    desk.run(&["healthcheck", "--listen", &address]).ends(1);
    desk.run(&["verify"]).ends(0);
}

/// The JSON of an answer.
fn json_of(answer: &str) -> Value {
    serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap()
}

#[test]
fn the_demo_s_past_was_really_lived() {
    let desk = Desk::new();
    let temporary = desk.path().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let desk = desk.set("TMPDIR", temporary.to_str().unwrap());
    let mut demo = desk.start(&["demo", "--creator", "wren", "--days", "50", "--listen", "127.0.0.1:0"]);
    let address = host(&demo.line("Media kit"));
    let simulator = host(&demo.line("Simulator"));
    let history = |platform: &str| json_of(&Running::get(&address, &format!("/api/mediakit/history/{platform}")));
    // Fifty mornings and this moment; TikTok's servers were down on four of them, Bluesky's on one.
    for (platform, days) in [("instagram", 51), ("tiktok", 47), ("bluesky", 50)] {
        assert_eq!(history(platform)["points"].as_array().unwrap().len(), days, "{platform}");
    }
    let page = Running::get(&address, "/mediakit?lang=en");
    assert!(page.contains("no value. TikTok is having trouble itself.") && page.contains("Wren Trevanion"));
    let ledger = json_of(&Running::get(&simulator, "/ledger"));
    let exchanges = ledger["exchanges"].as_array().unwrap();
    let renewed = exchanges.iter().any(|one| one["platform"] == "instagram" && one["refused"].is_null());
    assert!(renewed, "Instagram's token of 60 days was not renewed");
    assert!(json_of(&Running::get(&simulator, "/now"))["now"].as_str().is_some());
    assert_eq!(demo.stop(), Some(0));
}

#[test]
fn a_demo_that_is_stopped_as_it_answers_stops() {
    for _ in 0..5 {
        let desk = Desk::new();
        let mut demo = desk.start(&["demo", "--days", "0", "--listen", "127.0.0.1:0"]);
        demo.line("Media kit");
        assert_eq!(demo.stop(), Some(0));
    }
}

#[test]
fn the_demo_shows_real_refreshes_and_leaves_no_trace() {
    let desk = Desk::new();
    let temporary = desk.path().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    std::fs::write(desk.path().join("mediakit.toml"), "this = 'is the operator\'s own'").unwrap();
    let desk = desk.set("TMPDIR", temporary.to_str().unwrap()).set("MEDIAKIT_DATA_DIR", "/nowhere");
    let mut demo = desk.start(&["demo", "--days", "2", "--listen", "127.0.0.1:0"]);
    let address = host(&demo.line("Media kit"));
    assert!(demo.line("API token").starts_with("mk_"));
    let summary = Running::get(&address, "/api/mediakit/follower-summary");
    assert!(summary.starts_with("HTTP/1.1 200") && summary.contains("\"platform\":\"tiktok\""), "{summary}");
    assert_eq!(demo.stop(), Some(0));
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0);
    assert!(!desk.path().join("data").exists());
}
