//! A disk that takes no more: a write is refused in words, the page goes on, nothing is half-written, and with room
//! again everything works again.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value as Json, json};

use crate::desk::{Desk, Running, host};
use crate::load::Client;

/// Writes until one is refused, and gives the last that was acknowledged and the refusal.
fn write_until_refused(client: &mut Client) -> (u64, Json) {
    for n in 1..10_000 {
        let handle = format!("writer_{n}");
        let body = json!({ "bio": n.to_string().repeat(100), "handles": { "twitch": handle } });
        let (status, answer) = client.send("PUT", "/api/profile", &body).unwrap();
        if status != 200 {
            assert_eq!(status, 503, "{answer}");
            return (n - 1, answer);
        }
    }
    panic!("the disk never filled");
}

/// Everything that has to hold while a write is refused.
fn goes_on(client: &mut Client, address: &str, acknowledged: u64, refusal: &Json) {
    let detail = refusal["detail"].as_str().unwrap();
    assert!(refusal["title"] == "Database" && detail.contains("can't write"), "{refusal}");
    assert!(Running::get(address, "/mediakit").starts_with("HTTP/1.1 200"));
    assert!(Running::get(address, "/api/mediakit/follower-summary").starts_with("HTTP/1.1 200"));
    has(&client.profile(), acknowledged);
}

#[track_caller]
fn has(profile: &Json, n: u64) {
    assert_eq!(profile["handles"]["twitch"], format!("writer_{n}"));
    assert_eq!(profile["bio"].as_str().unwrap(), n.to_string().repeat(100), "half of a change: {profile}");
}

#[test]
fn a_file_that_may_not_grow_refuses_writes_and_keeps_what_it_has() {
    let desk = Desk::new().set("MEDIAKIT_REFRESH_AT", "off").set("PATH", std::env::var("PATH").unwrap());
    let token = desk.token();
    // A size limit makes every larger write fail, as a full disk does.
    let mut server = desk.start_in(&["sh", "-c", "trap '' XFSZ; ulimit -f 600; exec \"$@\"", "sh"]);
    let address = host(&server.line("Media kit"));
    let mut client = Client::new(&address, &token);
    let (acknowledged, refusal) = write_until_refused(&mut client);
    assert!(acknowledged > 0);
    goes_on(&mut client, &address, acknowledged, &refusal);
    assert_eq!(server.stop(), Some(0));

    let (_server, address) = desk.serve();
    let mut client = Client::new(&address, &token);
    has(&client.profile(), acknowledged);
    assert_eq!(client.send("PUT", "/api/profile", &json!({ "name": "Mara" })).unwrap().0, 200);
    desk.run(&["verify"]).ends(0);
}

#[test]
fn a_full_disk_refuses_writes_and_with_room_again_takes_them() {
    let desk = Desk::new().set("MEDIAKIT_REFRESH_AT", "off").set("PATH", std::env::var("PATH").unwrap());
    let token = desk.token();
    fs::rename(desk.path().join("data"), desk.path().join("prepared")).unwrap();
    fs::create_dir(desk.path().join("data")).unwrap();
    // A disk of 2 MB in a world of its own, gone with the server.
    let alone = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"];
    let mount = "mount -t tmpfs -o size=2m tmpfs data && cp -p prepared/* data/ && exec \"$@\"";
    let possible = Command::new("unshare").args(&alone[1..]).arg("mount -t tmpfs tmpfs /tmp").status();
    if !possible.is_ok_and(|status| status.success()) {
        println!("SKIPPED: no disk can be mounted here (unshare --user --mount); only the size limit was tried");
        return;
    }
    let mut server = desk.start_in(&[&alone[..], &[mount, "sh"]].concat());
    let address = host(&server.line("Media kit"));
    let mounted = PathBuf::from(format!("/proc/{}/root{}", server.id(), desk.path().join("data").display()));
    let filler = mounted.join("filler");
    fill(&filler);
    let mut client = Client::new(&address, &token);
    let (acknowledged, refusal) = write_until_refused(&mut client);
    assert!(acknowledged > 0, "the little room was used");
    goes_on(&mut client, &address, acknowledged, &refusal);

    fs::remove_file(&filler).unwrap();
    let body = json!({ "bio": "7".repeat(100), "handles": { "twitch": "writer_7" } });
    assert_eq!(client.send("PUT", "/api/profile", &body).unwrap().0, 200, "there is room again");
    has(&client.profile(), 7);
    for name in ["mediakit.db", "mediakit.db-wal"] {
        fs::copy(mounted.join(name), desk.path().join("data").join(name)).unwrap();
    }
    desk.run(&["verify"]).ends(0);
    desk.run(&["handle", "list"]).ends(0).prints("writer_7");
}

/// Takes all the room there is but a little.
fn fill(file: &Path) {
    use std::io::Write as _;
    let mut file = fs::File::create(file).unwrap();
    let mut written = 0_u64;
    while let Ok(n) = file.write(&[7; 4096]) {
        written += n as u64;
    }
    file.set_len(written.saturating_sub(200 * 1024)).unwrap();
}

#[test]
fn a_folder_that_may_not_be_written_to_is_left_as_it_is() {
    let desk = Desk::new();
    desk.run(&["handle", "set", "twitch", "marabikes"]).ends(0);
    let data = desk.path().join("data");
    let data_files = || {
        let mut files: Vec<_> = fs::read_dir(&data).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        files.into_iter().map(|file| (fs::read(&file).unwrap(), file)).collect::<Vec<_>>()
    };
    let before = data_files();
    let mode = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    mode(desk.path(), 0o755);
    mode(&desk.file(), 0o444);
    mode(&data, 0o555);
    for arguments in [&["handle", "set", "twitch", "other"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        let said = desk.run_as_nobody(arguments).ends(1);
        said.complains("may be written to");
    }
    assert!(data_files() == before);
    mode(&data, 0o755);
    mode(&desk.file(), 0o644);
    desk.run(&["handle", "list"]).ends(0).prints("marabikes");
}
