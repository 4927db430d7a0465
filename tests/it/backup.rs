//! A backup of a server that is being written to, restored elsewhere.

use serde_json::Value as Json;

use crate::desk::Desk;
use crate::load::{Client, Counts, Load, counted, nothing_lost};

#[test]
fn a_backup_under_write_load_is_of_one_moment_and_restores_elsewhere() {
    let desk = Desk::new().set("MEDIAKIT_REFRESH_AT", "off");
    let token = desk.token();
    let (_server, address) = desk.serve();
    let load = Load::start(&address, &token, Counts::default());
    load.wait_for(20);
    for backup in ["first", "second", "third"] {
        let before = counted(&Client::new(&address, &token).profile());
        desk.run(&["backup", backup]).ends(0);
        let after = counted(&Client::new(&address, &token).profile());
        // `counted` fails on half of a change.
        let copied = counted(&restored(&desk, backup, &token));
        let between = (0..copied.len()).all(|n| (before[n]..=after[n]).contains(&copied[n]));
        assert!(between, "{before:?} {copied:?} {after:?}");
        load.wait_for(4);
    }
    let acknowledged = load.stop();
    desk.run(&["backup", "last"]).ends(0);
    let profile = Client::new(&address, &token).profile();
    nothing_lost(&acknowledged, &counted(&profile));
    assert_eq!(restored(&desk, "last", &token), profile);
}

/// The profile a backup brings to a folder of its own.
fn restored(desk: &Desk, backup: &str, token: &str) -> Json {
    let elsewhere = Desk::new().set("MEDIAKIT_REFRESH_AT", "off");
    elsewhere.run(&["handle", "set", "twitch", "to_be_replaced"]).ends(0);
    elsewhere.run(&["restore", desk.path().join(backup).to_str().unwrap()]).ends(0);
    elsewhere.run(&["verify"]).ends(0);
    let (_server, address) = elsewhere.serve();
    Client::new(&address, token).profile()
}
