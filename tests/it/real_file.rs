//! `.env.social` rewritten on real files: behind links, mounted, with another owner, in folders that may not be
//! written to. What the owner wrote stays byte for byte.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::Command;

use mediakit::credentials::rewrite::{Mark, Written, write_back};
use mediakit::credentials::{EnvFile, Quote};
use mediakit::domain::credential::{Credentials, Fingerprint};
use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use simulator::Simulator;

use crate::desk::{Desk, simulated};

const KEY: &str = "TIKTOK_REFRESH_TOKEN";
const NOBODY: u32 = 65_534;

fn mark() -> Mark {
    Mark { platform: "tiktok".to_owned(), generation: 7, fingerprint: Fingerprint::parse("6c1e0b9a").unwrap() }
}

fn change(value: &str) -> Credentials {
    [(KEY.to_owned(), value.to_owned().into())].into_iter().collect()
}

/// Writes a new value into the file and says how it is read again.
#[track_caller]
fn rewrite(path: &Path, spare: &Path, value: &str) {
    assert_eq!(write_back(path, spare, &change(value), &mark()).unwrap(), Written::Changed);
    let read = EnvFile::read(path).unwrap();
    assert_eq!(read.get(KEY).unwrap().value.expose_secret(), value);
    assert_eq!(write_back(path, spare, &change(value), &mark()).unwrap(), Written::Unchanged, "a second time");
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

#[test]
fn a_link_stays_a_link_and_what_it_leads_to_changes() {
    let (folder, elsewhere, spare) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let target = elsewhere.path().join("secrets.env");
    fs::write(&target, format!("# mine\n{KEY}=old\n")).unwrap();
    symlink(&target, elsewhere.path().join("middle")).unwrap();
    symlink(elsewhere.path().join("middle"), folder.path().join(".env.social")).unwrap();
    rewrite(&folder.path().join(".env.social"), spare.path(), "new");
    assert_eq!(fs::read_link(folder.path().join(".env.social")).unwrap(), elsewhere.path().join("middle"));
    assert_eq!(fs::read_link(elsewhere.path().join("middle")).unwrap(), target);
    assert!(fs::symlink_metadata(&target).unwrap().is_file());
    assert!(fs::read_to_string(&target).unwrap().starts_with("# mine\n"));
    assert_eq!((names(folder.path()), names(elsewhere.path()).len()), (vec![".env.social".to_owned()], 2));
}

#[test]
fn mode_and_owner_stay_as_they_were() {
    let (folder, spare) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join(".env.social");
    for (mode, owner) in [(0o600, None), (0o640, Some((NOBODY, NOBODY - 1))), (0o400, None), (0o664, Some((1, 0)))] {
        fs::write(&path, format!("{KEY}=old\n")).unwrap();
        if is_root() {
            chown(&path, owner.map(|owner| owner.0), owner.map(|owner| owner.1)).unwrap();
        } else if owner.is_some() {
            println!("SKIPPED: only root can give a file away; the mode alone was tried");
        }
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let before = fs::metadata(&path).unwrap();
        rewrite(&path, spare.path(), "new");
        let after = fs::metadata(&path).unwrap();
        let of = |file: &fs::Metadata| (file.mode(), file.uid(), file.gid());
        assert_eq!(of(&after), of(&before));
        fs::remove_file(&path).unwrap();
    }
}

/// A desk on which TikTok's credentials are to be renewed, in a file at `place`.
async fn desk_with(place: &str) -> (Desk, Simulator, String) {
    let (desk, simulator) = simulated().await;
    let path = std::env::var("PATH").unwrap();
    let desk = desk.set("MEDIAKIT_ENV_SOCIAL", place).set("PATH", path);
    let mara = simulator.creators().into_iter().find(|creator| creator.key == "mara").unwrap();
    desk.run(&["handle", "set", "tiktok", &mara.handles["tiktok"]]).ends(0);
    let entered = format!("# mine, keep it\r\n{}", simulator.env_social("mara").replace('\n', "\r\n"));
    fs::remove_file(desk.path().join(".env.social")).unwrap();
    fs::create_dir_all(desk.path().join(place).parent().unwrap()).unwrap();
    fs::write(desk.path().join(place), &entered).unwrap();
    (desk, simulator, entered)
}

/// The file has new values that work, and every other byte of it stayed.
#[track_caller]
fn is_renewed(path: &Path, entered: &str, simulator: &Simulator) {
    let text = fs::read_to_string(path).unwrap();
    let value = EnvFile::read(path).unwrap().get(KEY).unwrap().value.expose_secret().to_owned();
    assert!(simulator.ledger().is_valid(&value), "the file has another value");
    let own = |line: &&str| !line.starts_with("TIKTOK_") && !line.starts_with("# mediakit: ");
    let others = |text: &str| text.split_inclusive('\n').filter(own).collect::<String>();
    assert!(text != entered && others(&text) == others(entered), "more than the values changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mounted_file_is_written_in_place() {
    let alone = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"];
    let possible = Command::new("unshare").args(&alone[1..]).arg("mount --bind /etc/hostname /etc/hosts").output();
    if !possible.is_ok_and(|tried| tried.status.success()) {
        println!("SKIPPED: no file can be mounted here (unshare --user --mount); `kill_renewal` fakes one by EBUSY");
        return;
    }
    let (desk, simulator, entered) = desk_with("mounted/.env.social").await;
    let (point, real) = (desk.path().join("mounted/.env.social"), desk.path().join("real.env"));
    fs::rename(&point, &real).unwrap();
    fs::write(&point, "# below the mount\n").unwrap();
    fs::set_permissions(&real, Permissions::from_mode(0o640)).unwrap();
    let before = fs::metadata(&real).unwrap();
    let mount = "mount --bind real.env mounted/.env.social && exec \"$@\"";
    let said = desk.run_in(&[&alone[..], &[mount, "sh"]].concat(), &["token", "renew", "tiktok"]);
    said.ends(0).prints(".env.social: ok");
    is_renewed(&real, &entered, &simulator);
    let after = fs::metadata(&real).unwrap();
    assert_eq!((after.ino(), after.mode()), (before.ino(), before.mode()), "it is the same file");
    assert_eq!(fs::read_to_string(&point).unwrap(), "# below the mount\n");
    assert_eq!(names(&desk.path().join("mounted")), [".env.social"], "no copy is left over");
    assert!(names(&desk.path().join("data")).iter().all(|name| !name.contains("mediakit-new")));
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_folder_that_may_not_be_written_to_the_file_is_written_in_place() {
    let (desk, simulator, entered) = desk_with("fixed/.env.social").await;
    let file = desk.path().join("fixed/.env.social");
    let mode = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    desk.give_to_nobody();
    mode(&file, 0o600);
    mode(&desk.path().join("fixed"), 0o555);
    let before = fs::metadata(&file).unwrap();
    desk.run_as_nobody(&["token", "renew", "tiktok"]).ends(0).prints(".env.social: ok");
    is_renewed(&file, &entered, &simulator);
    let after = fs::metadata(&file).unwrap();
    let of = |file: &fs::Metadata| (file.ino(), file.mode(), file.uid(), file.gid());
    assert_eq!(of(&after), of(&before));
    assert_eq!(names(&desk.path().join("fixed")), [".env.social"]);
    assert!(names(&desk.path().join("data")).iter().all(|name| !name.contains("mediakit-new")));

    // The file may not be written either: the database has the values, and it is said where they are missing.
    mode(&file, 0o400);
    let kept = fs::read(&file).unwrap();
    let said = desk.run_as_nobody(&["token", "renew", "tiktok"]).ends(0);
    said.prints("generation 3").prints(".env.social: follows by itself");
    assert!(fs::read(&file).unwrap() == kept);
    let status = desk.run_as_nobody(&["token", "status"]).ends(3);
    status.complains(".env.social lacks the new values of TikTok").complains("permission denied");
    mode(&file, 0o600);
    mode(&desk.path().join("fixed"), 0o755);
}

/// A line that a rewrite has no business with.
fn other_line() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        "# [ -~äß]{0,20}".prop_map(String::into_bytes),
        "[A-Z]{2,6}_KEY[ ]{0,2}=[ ]{0,2}[a-zA-Z0-9._-]{0,12}( # [a-z]{0,6})?".prop_map(String::into_bytes),
        "(export )?[A-Z]{2,6}='[ -&(-~]{0,12}'".prop_map(String::into_bytes),
        "[A-Z]{2,6}=\"([a-z ]|\\\\n|\\\\\"|\n){0,8}\"".prop_map(String::into_bytes),
        Just(b"half a line".to_vec()),
        Just(b"OPEN='quote".to_vec()),
        Just(b"# Schl\xFCssel".to_vec()),
        Just(Vec::new()),
        Just(format!("{KEY}=an_earlier_one").into_bytes()),
        Just(format!("#{KEY}=commented_out").into_bytes()),
        Just(b"# mediakit: youtube generation 3 fp-00112233".to_vec()),
    ]
}

/// What stands before the value, the value as it is written, and what stands behind it.
fn target_line() -> impl Strategy<Value = (String, String, String)> {
    let before = prop_oneof![Just(""), Just("export "), Just("  "), Just("\texport  ")];
    let gap = "[ ]{0,2}";
    let value = prop_oneof![Just(""), Just("old.value-1"), Just("'old value'"), Just("\"old\\\"value\""), Just("\"\"")];
    let behind = prop_oneof![Just(""), Just(" # why"), Just("\t # it's \"old\"")];
    (before, gap, gap, value, behind).prop_map(|(before, left, right, value, behind)| {
        // Where nothing is written a value goes right behind the `=`.
        let (right, after) =
            if value.is_empty() { (String::new(), right + behind) } else { (right, behind.to_owned()) };
        (format!("{before}{KEY}{left}={right}"), value.to_owned(), after)
    })
}

proptest! {
    #[test]
    fn on_a_real_file_only_the_value_and_our_note_change(
        bom in any::<bool>(),
        above in prop::collection::vec((other_line(), any::<bool>()), 0..6),
        target in target_line(),
        below in prop::collection::vec((other_line(), any::<bool>()), 0..5),
        windows in any::<bool>(),
        ended in any::<bool>(),
        value in "[ -~äß€\\n]{1,40}",
    ) {
        let (folder, spare) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = folder.path().join(".env.social");
        let end = |windows: bool| if windows { b"\r\n".as_slice() } else { b"\n" };
        let lines = |lines: &[(Vec<u8>, bool)]| -> Vec<u8> {
            lines.iter().flat_map(|(line, windows)| [line, end(*windows)].concat()).collect()
        };
        let repeats = |line: &(Vec<u8>, bool)| line.0.starts_with(KEY.as_bytes());
        let below: Vec<_> = below.into_iter().filter(|line| !repeats(line)).collect();
        let (before, old, behind) = target;
        let start = if bom { "\u{feff}".as_bytes() } else { b"" };
        let head = [start, &lines(&above), before.as_bytes()].concat();
        let last: &[u8] = if below.is_empty() && !ended { b"" } else { end(windows) };
        let tail = [behind.as_bytes(), last, &lines(&below)].concat();
        fs::write(&path, [&head, old.as_bytes(), &tail].concat()).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        // A quote that somebody left open above may reach down to the line; then it is not the line we mean.
        prop_assume!(EnvFile::read(&path).unwrap().get(KEY).is_some_and(|at| at.statement.contains(&(head.len() - 1))));

        rewrite(&path, spare.path(), &value);

        let after = fs::read(&path).unwrap();
        let note = b"# mediakit: tiktok generation 7 fp-6c1e0b9a";
        let at = after.windows(note.len()).position(|window| window == note).unwrap();
        let rest = &after[at + note.len()..];
        let note_end = if rest.starts_with(b"\r\n") { 2 } else { 1 };
        let without = [&after[..at], &rest[note_end..]].concat();
        prop_assert!(without.starts_with(&head), "above the value");
        prop_assert!(without.ends_with(&tail) && without.len() >= head.len() + tail.len(), "behind the value");
        let read = EnvFile::read(&path).unwrap();
        let known = read.get(KEY).unwrap();
        if let (Quote::Single | Quote::Double, false) = (known.quote, value.contains('\u{0}')) {
            let written = &after[known.statement.start..=known.written.end];
            let theirs = dotenvy::from_read_iter(written).next().unwrap().unwrap();
            prop_assert_eq!(theirs, (KEY.to_owned(), value));
        }
        prop_assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o640);
        prop_assert_eq!(names(folder.path()), [".env.social"]);
    }
}
