//! The key file: made once, refused when it is not private or not right, and replaced without a moment at which
//! neither key opens the vault.

use std::fs::{self, Permissions};
use std::future::Future;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::task::Poll;

use jiff::Timestamp;
use mediakit::config::{Kind as _, SecretKey};
use mediakit::credentials::key::{self, KeyError, KeyFault};
use mediakit::domain::credential::{Credentials, Kept, Life, Phase};
use mediakit::domain::text::Lang;
use mediakit::store::{Store, Vault, VaultError, VaultKey};
use secrecy::{ExposeSecret as _, SecretString};
use tempfile::TempDir;

use crate::databases;

const TOKEN: &str = "EAACANARYig2/hN8cTq+5rJfUe3oGwMa";

fn kept(platform: &str) -> Kept {
    let active = [("TOKEN".to_owned(), SecretString::from(TOKEN))].into_iter().collect::<Credentials>();
    Kept {
        creator_id: 1,
        platform: platform.to_owned(),
        generation: 1,
        phase: Phase::Active,
        active,
        fallback: None,
        pending: None,
        life: Life::default(),
        scopes: Vec::new(),
        due_at: None,
        failures: 0,
        failure: None,
        checked_at: None,
        tried: None,
        former: Vec::new(),
    }
}

/// A data folder with a database, its vault open and filled.
async fn begun() -> (TempDir, Store, Vault) {
    let folder = tempfile::tempdir().unwrap();
    let store = opened(folder.path()).await;
    let vault = key::unlock(&store, folder.path(), None).await.unwrap();
    for platform in ["instagram", "tiktok", "twitch", "x", "youtube"] {
        vault.insert(&kept(platform)).await.unwrap();
    }
    (folder, store, vault)
}

async fn opened(folder: &Path) -> Store {
    Store::open(&Store::url_of(&folder.join("mediakit.db"))).await.unwrap()
}

/// Whether the vault of a folder opens after a start, with everything in it.
async fn is_whole(folder: &Path) {
    let store = opened(folder).await;
    opens(&store, folder).await;
    store.close().await;
}

/// Whether the vault opens with everything in it, and the key file is what opens it.
async fn opens(store: &Store, folder: &Path) {
    let vault = key::unlock(store, folder, None).await.unwrap();
    let all = vault.list().await.unwrap().kept;
    assert!(all.len() == 5 && all.iter().all(|one| one.active == kept("x").active));
    store.unlock(key::load(folder, None).unwrap()).await.unwrap();
}

fn fault(result: Result<VaultKey, KeyError>) -> KeyFault {
    let error = result.err().unwrap();
    for lang in Lang::ALL {
        let sentence = error.sentence(lang);
        assert!(
            sentence.contains("secret.key") && sentence.ends_with('.') && !sentence.contains("CANARY"),
            "{sentence}"
        );
    }
    let KeyError::File { fault, .. } = error else { panic!("{error:?}") };
    fault
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_key_file_is_made_once_and_private() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret.key");
    let first = key::load(folder.path(), None).unwrap();
    let bytes = fs::read(&file).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(bytes, format!("{}\n", first.to_base64().expose_secret()).into_bytes());
    let again = key::load(folder.path(), None).unwrap();
    assert_eq!(again.to_base64().expose_secret(), first.to_base64().expose_secret());
    assert_eq!(fs::read(&file).unwrap(), bytes);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn many_first_starts_at_once_agree_on_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let load = || key::load(folder.path(), None).unwrap().to_base64().expose_secret().to_owned();
    let keys: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(load)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(keys.iter().all(|key| *key == keys[0]));
}

#[test]
fn a_key_file_that_is_not_right_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret.key");
    for text in ["", "short", &"A".repeat(44), &format!("CANARY{}", "A".repeat(200)), "not base64 at all %%%"] {
        fs::write(&file, text).unwrap();
        set_mode(&file, 0o600);
        assert_eq!(fault(key::load(folder.path(), None)), KeyFault::NotAKey, "{text}");
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
    fs::write(&file, [0xff; 44]).unwrap();
    assert_eq!(fault(key::load(folder.path(), None)), KeyFault::NotAKey);
    fs::write(&file, VaultKey::generate().unwrap().to_base64().expose_secret()).unwrap();
    for mode in [0o640, 0o604, 0o620] {
        set_mode(&file, mode);
        assert_eq!(fault(key::load(folder.path(), None)), KeyFault::Exposed, "{mode:o}");
    }
    set_mode(&file, 0o600);
    key::load(folder.path(), None).unwrap();
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert_eq!(fault(key::load(folder.path(), None)), KeyFault::NotAFile);
    fs::remove_dir(&file).unwrap();
    std::os::unix::fs::symlink(&file, &file).unwrap();
    assert_eq!(fault(key::load(folder.path(), None)), KeyFault::Unreadable);
    assert_eq!(fault(key::load(&folder.path().join("gone"), None)), KeyFault::Unwritable);
}

#[tokio::test]
async fn a_lost_key_file_is_not_made_anew_for_a_sealed_database() {
    let (folder, store, _) = begun().await;
    let file = folder.path().join("secret.key");
    let away = folder.path().join("away");
    fs::rename(&file, &away).unwrap();
    let missing = key::unlock(&store, folder.path(), None).await.map(|_| VaultKey::generate().unwrap());
    assert_eq!(fault(missing), KeyFault::Missing);
    assert!(!file.exists());
    fs::write(&file, VaultKey::generate().unwrap().to_base64().expose_secret()).unwrap();
    set_mode(&file, 0o600);
    let wrong = key::unlock(&store, folder.path(), None).await.err().unwrap();
    assert!(matches!(wrong, KeyError::Vault(VaultError::WrongKey)));
    assert!(Lang::ALL.iter().all(|lang| wrong.sentence(*lang).contains("secret.key")));
    fs::rename(&away, &file).unwrap();
    is_whole(folder.path()).await;
}

#[tokio::test]
async fn a_configured_key_needs_no_file_and_is_not_replaced_by_one() {
    for database in databases::each().await {
        let folder = database.folder.path();
        let configured = SecretKey::parse(&format!("{}=", "A".repeat(43))).unwrap();
        let store = database.open().await;
        let vault = key::unlock(&store, folder, Some(&configured)).await.unwrap();
        vault.insert(&kept("x")).await.unwrap();
        let refused = key::rotate(&vault, folder, Some(&configured), Timestamp::UNIX_EPOCH).await.err();
        assert!(matches!(refused, Some(KeyError::Configured)));
        assert!(!folder.join("secret.key").exists() && !folder.join("secret.key.new").exists());
        let file = key::load(folder, Some(&configured)).unwrap().to_base64();
        fs::write(folder.join("secret.key"), file.expose_secret()).unwrap();
        set_mode(&folder.join("secret.key"), 0o600);
        let vault = key::unlock(&store, folder, None).await.unwrap();
        let vault = key::rotate(&vault, folder, None, Timestamp::UNIX_EPOCH).await.unwrap();
        assert!(vault.find(1, "x").await.unwrap().unwrap().active == kept("x").active);
        let former = key::unlock(&store, folder, Some(&configured)).await.err();
        assert!(matches!(former, Some(KeyError::Vault(VaultError::WrongKey))));
    }
}

#[tokio::test]
async fn a_rotation_that_stopped_between_its_steps_is_brought_to_its_end() {
    let (folder, store, vault) = begun().await;
    let (file, next) = (folder.path().join("secret.key"), folder.path().join("secret.key.new"));
    let former = fs::read(&file).unwrap();
    let put = |path: &Path, bytes: &[u8]| {
        fs::write(path, bytes).unwrap();
        set_mode(path, 0o600);
    };
    // The next key is there, the database not yet sealed with it: the next rotation takes that key.
    let left = VaultKey::generate().unwrap().to_base64();
    put(&next, left.expose_secret().as_bytes());
    is_whole(folder.path()).await;
    assert!(fs::read(&file).unwrap() == former && next.exists());
    let vault = key::rotate(&vault, folder.path(), None, Timestamp::UNIX_EPOCH).await.unwrap();
    assert!(fs::read(&file).unwrap() == left.expose_secret().as_bytes() && !next.exists());
    // The database is sealed with the next key, which does not have its name yet.
    put(&file, &former);
    put(&next, left.expose_secret().as_bytes());
    is_whole(folder.path()).await;
    assert!(fs::read(&file).unwrap() == left.expose_secret().as_bytes() && !next.exists());
    // All is done, and done again.
    key::rotate(&vault, folder.path(), None, Timestamp::UNIX_EPOCH).await.unwrap();
    is_whole(folder.path()).await;
    store.close().await;
    is_whole(folder.path()).await;
}

const ROTATES_IN: &str = "MEDIAKIT_TEST_ROTATES_IN";
const KILLS: usize = 60;

/// What the next test kills: it replaces the key of a folder again and again.
#[tokio::test]
async fn a_process_that_is_told_to_rotates_until_it_is_killed() {
    let Some(folder) = std::env::var_os(ROTATES_IN).map(PathBuf::from) else { return };
    let store = opened(&folder).await;
    let mut vault = key::unlock(&store, &folder, None).await.unwrap();
    loop {
        vault = key::rotate(&vault, &folder, None, Timestamp::UNIX_EPOCH).await.unwrap();
    }
}

#[tokio::test]
async fn a_rotation_killed_anywhere_leaves_a_key_that_opens_everything() {
    let (folder, store, _) = begun().await;
    store.close().await;
    let (file, next) = (folder.path().join("secret.key"), folder.path().join("secret.key.new"));
    let bytes = |path: &Path| fs::read(path).ok();
    let log_bytes = || fs::metadata(folder.path().join("mediakit.db-wal")).map_or(0, |found| found.len());
    let mut midway = 0;
    for kill in 0..KILLS {
        let before = bytes(&file);
        let mut rotating = Command::new(std::env::current_exe().unwrap());
        rotating.args(["--exact", "key_file::a_process_that_is_told_to_rotates_until_it_is_killed"]);
        let mut rotating = rotating.env(ROTATES_IN, folder.path()).stdout(Stdio::null()).spawn().unwrap();
        let mut wait_until = |reached: &dyn Fn() -> bool| {
            while !reached() {
                assert!(rotating.try_wait().unwrap().is_none(), "it ended by itself");
            }
        };
        // In the midst of a later rotation: as the next key appears, or as the database is written to.
        wait_until(&|| bytes(&file) != before && next.exists());
        let written = log_bytes();
        wait_until(&|| kill % 2 == 0 || log_bytes() != written);
        rotating.kill().unwrap();
        rotating.wait().unwrap();
        let (former, left) = (bytes(&file), bytes(&next));
        is_whole(folder.path()).await;
        midway += usize::from(left.is_some());
        assert!(bytes(&file) == former || bytes(&file) == left, "one of the two keys is the key");
    }
    assert!(midway > KILLS / 4, "only {midway} kills came in time");
}

#[tokio::test]
async fn a_rotation_given_up_anywhere_can_be_done_again() {
    let (folder, store, _) = begun().await;
    let mut ended = false;
    for polls in 1.. {
        let vault = key::unlock(&store, folder.path(), None).await.unwrap();
        let mut left = polls;
        let mut rotation = Box::pin(key::rotate(&vault, folder.path(), None, Timestamp::UNIX_EPOCH));
        ended = std::future::poll_fn(|context| {
            left -= 1;
            match rotation.as_mut().poll(context) {
                Poll::Ready(done) => Poll::Ready(done.map(drop).is_ok()),
                Poll::Pending if left == 0 => Poll::Ready(false),
                Poll::Pending => Poll::Pending,
            }
        })
        .await;
        drop(rotation);
        // What was given up may still be under way: a later write waits for its end.
        store.add_audit(Timestamp::UNIX_EPOCH, "test", "given up", "").await.unwrap();
        opens(&store, folder.path()).await;
        if ended {
            break;
        }
    }
    assert!(ended);
    store.close().await;
    is_whole(folder.path()).await;
}
