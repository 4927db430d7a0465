//! Owners, their sessions, what they give beside a password: on both databases.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use mediakit::domain::owner::{Owner, Stage};
use mediakit::domain::passkey::Passkey;
use mediakit::domain::text::Lang;
use mediakit::store::{Store, StoreError, VaultKey};
use secrecy::{ExposeSecret as _, SecretString};

use super::{at, vault};
use crate::databases;

const HASH: &str = "$argon2id$of-a-password";

fn now() -> Timestamp {
    at("2026-11-22T12:00:00Z")
}

pub(super) async fn owner(store: &Store, name: &str) -> Owner {
    store.insert_owner(1, name, &SecretString::from(HASH), false, now()).await.unwrap()
}

fn passkey(owner_id: i64, id: &[u8], uses: u32) -> Passkey {
    let (name, public_key) = ("Laptop".to_owned(), vec![0xa5, 0, 0xff]);
    Passkey { id: id.to_vec(), owner_id, name, public_key, uses, created_at: now(), used_at: None }
}

/// An owner with one of everything.
pub(super) async fn fill(store: &Store) {
    let owner = owner(store, "mara").await;
    store.update_owner_lang(owner.id, Lang::En).await.unwrap();
    vault::open(store).await.enable_totp(owner.id, &[9; 20], 58_000_000, &[[1; 32], [2; 32]]).await.unwrap();
    store.use_recovery_code(owner.id, &[1; 32], now()).await.unwrap();
    store.insert_passkey(&passkey(owner.id, b"one", 3)).await.unwrap();
}

/// Everything the store tells of owners.
pub(super) async fn told(store: &Store) -> String {
    let mut told = String::new();
    for owner in store.owners().await.unwrap() {
        let (_, hash) = store.find_owner(&owner.name).await.unwrap().unwrap();
        let totp = vault::open(store).await.totp(owner.id).await.unwrap();
        let left = store.recovery_codes_left(owner.id).await.unwrap();
        let passkeys = store.passkeys(owner.id).await.unwrap();
        write!(told, "{owner:#?} {} {totp:?} {left} {passkeys:#?}", hash.expose_secret()).unwrap();
    }
    told
}

#[tokio::test]
async fn an_owner_is_found_by_name_and_the_first_is_made_once() {
    for database in databases::each().await {
        let store = database.open().await;
        let (hash, now) = (SecretString::from(HASH), now());
        assert!(!store.has_owner().await.unwrap());
        let mara = store.insert_owner(1, "mara", &hash, true, now).await.unwrap();
        assert!(store.has_owner().await.unwrap());
        for (name, first) in [("eve", true), ("mara", false)] {
            let taken = store.insert_owner(1, name, &hash, first, now).await;
            assert!(matches!(taken, Err(StoreError::Conflict)), "{name}");
        }
        let ben = owner(&store, "ben").await;
        assert_eq!(store.owners().await.unwrap(), [mara.clone(), ben]);
        assert_eq!(store.find_owner("mara").await.unwrap().unwrap().0, mara);
        assert!(store.find_owner("Mara").await.unwrap().is_none());
        store.update_owner_lang(mara.id, Lang::En).await.unwrap();
        assert_eq!(store.find_owner("mara").await.unwrap().unwrap().0.lang, Some(Lang::En));
        let nobody = store.update_password(99, &hash, None).await;
        assert!(matches!(nobody, Err(StoreError::Conflict)));
    }
}

#[tokio::test]
async fn sessions_are_kept_touched_and_ended() {
    for database in databases::each().await {
        let store = database.open().await;
        let (mara, ben) = (owner(&store, "mara").await, owner(&store, "ben").await);
        let from = ("127.0.0.1", "Firefox");
        let begin = async |n: u8, owner: &Owner, at| {
            store.insert_session(&[n; 32], owner.id, Stage::Full, from, at).await.unwrap();
        };
        store.insert_session(&[1; 32], mara.id, Stage::Password, from, now()).await.unwrap();
        let later = now() + SignedDuration::from_mins(4);
        begin(2, &mara, later).await;
        begin(3, &ben, now()).await;
        let found = store.find_session(&[1; 32]).await.unwrap().unwrap();
        assert_eq!((&found.owner, found.stage, found.created_at), (&mara, Stage::Password, now()));
        assert_eq!((found.address.as_str(), found.agent.as_str()), from);
        let hashes = async |owner: &Owner| {
            store.sessions(owner.id).await.unwrap().iter().map(|session| session.hash[0]).collect::<Vec<_>>()
        };
        assert_eq!(hashes(&mara).await, [2, 1], "the last used first");
        for (minutes, seen) in [(4, 0), (5, 5), (9, 5)] {
            let found = store.find_session(&[1; 32]).await.unwrap().unwrap();
            store.touch_session(&found, now() + SignedDuration::from_mins(minutes)).await.unwrap();
            let seen_at = store.find_session(&[1; 32]).await.unwrap().unwrap().seen_at;
            assert_eq!(seen_at, now() + SignedDuration::from_mins(seen));
        }
        assert!(!store.delete_session(ben.id, &[1; 32]).await.unwrap(), "somebody else's");
        assert!(store.delete_session(mara.id, &[1; 32]).await.unwrap());
        begin(4, &mara, now()).await;
        assert_eq!(store.delete_other_sessions(mara.id, &[4; 32]).await.unwrap(), 1);
        begin(5, &mara, now()).await;
        store.update_password(mara.id, &SecretString::from("new"), Some(&[5; 32])).await.unwrap();
        assert_eq!((hashes(&mara).await, hashes(&ben).await), (vec![5], vec![3]));
        begin(6, &mara, now() + SignedDuration::from_hours(13)).await;
        assert_eq!((hashes(&mara).await, hashes(&ben).await), (vec![6], vec![]), "what has ended is forgotten");
    }
}

#[tokio::test]
async fn a_code_and_a_recovery_code_are_good_once() {
    for database in databases::each().await {
        let store = database.open().await;
        let (mara, ben) = (owner(&store, "mara").await, owner(&store, "ben").await);
        let vault = vault::open(&store).await;
        assert!(!store.use_totp_step(mara.id, 1).await.unwrap(), "no codes are asked for");
        assert!(vault.totp(mara.id).await.unwrap().is_none());
        let codes = [[1; 32], [2; 32], [3; 32]];
        vault.enable_totp(mara.id, &[9; 20], 100, &codes).await.unwrap();
        let again = vault.enable_totp(mara.id, &[8; 20], 200, &[]).await;
        assert!(matches!(again, Err(StoreError::Conflict)));
        assert_eq!(vault.totp(mara.id).await.unwrap().unwrap().as_slice(), [9; 20]);
        for (step, good) in [(99, false), (100, false), (102, true), (102, false), (101, false), (103, true)] {
            assert_eq!(store.use_totp_step(mara.id, step).await.unwrap(), good, "{step}");
        }
        let tries = (0..8).map(|_| {
            let (store, id) = (store.clone(), mara.id);
            tokio::spawn(async move { store.use_totp_step(id, 110).await.unwrap() })
        });
        let mut good = 0;
        for one in tries.collect::<Vec<_>>() {
            good += i32::from(one.await.unwrap());
        }
        assert_eq!(good, 1, "of many at once one is let in");
        let used = async |owner: &Owner, code: u8| store.use_recovery_code(owner.id, &[code; 32], now()).await.unwrap();
        assert!(!used(&ben, 1).await && used(&mara, 1).await && !used(&mara, 1).await && !used(&mara, 4).await);
        assert_eq!(store.recovery_codes_left(mara.id).await.unwrap(), 2);
        store.replace_recovery_codes(mara.id, &[[4; 32]]).await.unwrap();
        assert!(!used(&mara, 2).await);
        assert_eq!(store.recovery_codes_left(mara.id).await.unwrap(), 1);
        store.disable_totp(mara.id).await.unwrap();
        assert!(!used(&mara, 4).await && !store.use_totp_step(mara.id, 999).await.unwrap());
        assert_eq!(store.recovery_codes_left(mara.id).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn the_secret_of_codes_is_sealed_for_its_owner_and_moves_to_a_new_key() {
    let key = |byte| VaultKey::from_bytes(&[byte; 32]);
    for database in databases::each().await {
        let store = database.open().await;
        let (mara, ben) = (owner(&store, "mara").await, owner(&store, "ben").await);
        let (vault, left_behind) = (vault::open(&store).await, vault::open(&store).await);
        vault.enable_totp(mara.id, &[9; 20], 1, &[]).await.unwrap();
        assert!(store.has_sealed().await.unwrap(), "the key must not be replaced by a new one");
        assert!(store.unlock_empty(key(8)).await.is_err());
        database.run("update owners set totp = (select totp from owners where name = 'mara')").await.unwrap();
        assert!(matches!(vault.totp(ben.id).await, Err(StoreError::Sealed { .. })), "it opens nobody else's door");
        store.disable_totp(ben.id).await.unwrap();
        let new = vault.rekey(key(8), now()).await.unwrap();
        assert_eq!(new.totp(mara.id).await.unwrap().unwrap().as_slice(), [9; 20]);
        assert!(matches!(left_behind.totp(mara.id).await, Err(StoreError::Sealed { .. })));
        let late = left_behind.enable_totp(ben.id, &[9; 20], 1, &[]).await;
        assert!(matches!(late, Err(StoreError::Conflict)), "the old key seals nothing any more");
        store.password_only(mara.id).await.unwrap();
        assert!(!store.has_sealed().await.unwrap());
    }
}

#[tokio::test]
async fn passkeys_are_found_by_id_and_count_their_uses() {
    for database in databases::each().await {
        let store = database.open().await;
        let (mara, ben) = (owner(&store, "mara").await, owner(&store, "ben").await);
        assert!(!store.has_passkey().await.unwrap());
        let one = passkey(mara.id, b"one", 3);
        store.insert_passkey(&one).await.unwrap();
        let taken = store.insert_passkey(&passkey(ben.id, b"one", 0)).await;
        assert!(matches!(taken, Err(StoreError::Conflict)));
        assert_eq!(store.find_passkey(b"one").await.unwrap().unwrap(), (one, mara.clone()));
        assert!(store.find_passkey(b"two").await.unwrap().is_none() && store.has_passkey().await.unwrap());
        for (uses, good) in [(3, false), (0, false), (4, true), (4, false), (u32::MAX, true)] {
            assert_eq!(store.use_passkey(b"one", uses, now()).await.unwrap(), good, "{uses}");
        }
        assert_eq!(store.passkeys(mara.id).await.unwrap()[0].used_at, Some(now()));
        store.insert_passkey(&passkey(mara.id, b"zero", 0)).await.unwrap();
        for (uses, good) in [(0, true), (0, true), (5, true), (0, false)] {
            assert_eq!(store.use_passkey(b"zero", uses, now()).await.unwrap(), good, "one that does not count: {uses}");
        }
        assert_eq!(store.delete_passkey(ben.id, b"one").await.unwrap(), None);
        assert_eq!(store.delete_passkey(mara.id, b"one").await.unwrap().as_deref(), Some("Laptop"));
        store.password_only(mara.id).await.unwrap();
        assert_eq!(store.passkeys(mara.id).await.unwrap(), []);
    }
}
