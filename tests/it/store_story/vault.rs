//! The vault: what is sealed stays so, opens with its own key only, and is changed by one at a time.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use mediakit::domain::credential::{Credentials, Fingerprint, Grant, Kept, Life, Phase};
use mediakit::domain::failure::{Failure, FailureKind};
use mediakit::store::{CredentialClaim, Store, StoreError, Vault, VaultError, VaultKey};
use secrecy::SecretString;

use super::at;
use crate::databases;

const SECRETS: [&str; 4] = [
    "act.CANARYtiktok1/Hf6m+QwRz8KpNvXy",
    "rft.CANARYtiktok2/Jd3b+TgLs5VcMeUo",
    "EAACANARYig1/kq7Wd+2mXpR0sLtYvZb",
    "CANARYclient/app+secret6bVyKzTn3M",
];

fn key(byte: u8) -> VaultKey {
    VaultKey::from_bytes(&[byte; 32])
}

/// Opens the vault of a store that has something in every table.
pub(super) async fn open(store: &Store) -> Vault {
    store.unlock(key(7)).await.unwrap()
}

fn values(entries: &[(&str, &str)]) -> Credentials {
    entries.iter().map(|(name, value)| ((*name).to_owned(), SecretString::from(*value))).collect()
}

/// First credentials, with nothing that may be left out.
fn first(platform: &str) -> Kept {
    Kept {
        creator_id: 1,
        platform: platform.to_owned(),
        generation: 1,
        phase: Phase::Active,
        active: values(&[("TOKEN", SECRETS[0])]),
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

/// Credentials with everything there can be.
pub(super) fn everything(platform: &str) -> Kept {
    let now = at("2026-11-22T03:00:00.123Z");
    let in_hours = |hours| Some(now + SignedDuration::from_hours(hours));
    let life = Life {
        since: Some(now),
        expires_at: in_hours(24),
        endless: false,
        renewable_until: in_hours(8760),
        data_access_until: in_hours(2160),
    };
    let strange = "a\"b\\c\u{1}ä\u{0}🎮";
    Kept {
        generation: 3,
        phase: Phase::Pending,
        active: values(&[("TOKEN", SECRETS[0]), ("REFRESH", SECRETS[1]), ("STRANGE", strange)]),
        fallback: Some(values(&[("TOKEN", SECRETS[2])])),
        pending: Some(Grant {
            values: values(&[("TOKEN", SECRETS[3])]),
            life: Life { endless: true, ..life },
            scopes: vec!["user.info.basic".to_owned()],
        }),
        life,
        scopes: vec!["a".to_owned(), "b".to_owned()],
        due_at: in_hours(16),
        failures: 2,
        failure: Some(Failure {
            kind: FailureKind::Timeout,
            detail: Some("no answer".to_owned()),
            at: now,
            next_attempt_at: in_hours(1),
        }),
        checked_at: Some(now),
        tried: Fingerprint::parse("6c1e0b9a"),
        former: ["6c1e0b9a", "0a1b2c3d"].into_iter().filter_map(Fingerprint::parse).collect(),
        ..first(platform)
    }
}

fn same(one: &Kept, other: &Kept) -> bool {
    let pending = |kept: &Kept| kept.pending.as_ref().map(|grant| grant.values.clone());
    format!("{one:?}") == format!("{other:?}")
        && one.active == other.active
        && one.fallback == other.fallback
        && pending(one) == pending(other)
}

/// Everything a vault holds, for comparing two of them.
pub(super) async fn told(vault: &Vault) -> String {
    let print = |kept: &Kept| {
        let pending = kept.pending.as_ref().map(|grant| grant.values.fingerprint());
        let fallback = kept.fallback.as_ref().map(Credentials::fingerprint);
        format!("{kept:?} {} {fallback:?} {pending:?}", kept.active.fingerprint())
    };
    vault.list().await.unwrap().kept.iter().map(print).collect()
}

async fn claimed(vault: &Vault, platform: &str, holder: &str, now: Timestamp) -> Option<CredentialClaim> {
    vault.claim(1, platform, holder, now, now + SignedDuration::from_mins(2)).await.unwrap()
}

#[tokio::test]
async fn what_is_kept_comes_back_as_it_was() {
    for database in databases::each().await {
        let store = database.open().await;
        assert!(!store.has_sealed().await.unwrap());
        let vault = open(&store).await;
        assert!(!store.has_sealed().await.unwrap(), "a key alone is nothing");
        assert!(vault.find(1, "tiktok").await.unwrap().is_none() && vault.list().await.unwrap().kept.is_empty());
        for kept in [everything("tiktok"), first("x")] {
            assert!(vault.insert(&kept).await.unwrap());
            assert!(!vault.insert(&Kept { generation: 9, ..kept.clone() }).await.unwrap(), "there is one already");
            assert!(same(&vault.find(1, &kept.platform).await.unwrap().unwrap(), &kept));
        }
        let again = open(&database.open().await).await;
        let all = again.list().await.unwrap().kept;
        assert!(all.len() == 2 && same(&all[0], &everything("tiktok")) && same(&all[1], &first("x")));
    }
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_changes_nothing() {
    for database in databases::each().await {
        let store = database.open().await;
        open(&store).await.insert(&everything("tiktok")).await.unwrap();
        let before = told(&open(&store).await).await;
        store.close().await;
        let bytes = fs::read(database.file()).ok();
        let store = database.open().await;
        let refused = store.unlock(key(8)).await.err().unwrap();
        assert!(matches!(refused, VaultError::WrongKey) && refused.to_string().contains("secret.key"));
        store.close().await;
        assert!(fs::read(database.file()).ok() == bytes);
        assert_eq!(told(&open(&database.open().await).await).await, before);
    }
}

#[tokio::test]
async fn of_many_first_keys_one_becomes_the_key() {
    for database in databases::each().await {
        let store = database.open().await;
        let tasks = (0..20).map(|n| {
            let store = store.clone();
            tokio::spawn(async move { store.unlock(key(n)).await.is_ok() })
        });
        let mut won = 0;
        for task in tasks.collect::<Vec<_>>() {
            won += usize::from(task.await.unwrap());
        }
        assert_eq!(won, 1);
    }
}

#[tokio::test]
async fn of_many_claimers_in_two_processes_one_wins_until_its_lease_ends() {
    for database in databases::each().await {
        let vaults = [open(&database.open().await).await, open(&database.open().await).await];
        vaults[0].insert(&first("tiktok")).await.unwrap();
        let (now, until) = (at("2026-11-22T03:00:00Z"), at("2026-11-22T03:02:00Z"));
        let tasks = (0..40).map(|n| {
            let vault = vaults[n % 2].clone();
            tokio::spawn(async move { claimed(&vault, "tiktok", &format!("holder {n}"), now).await })
        });
        let mut won = Vec::new();
        for task in tasks.collect::<Vec<_>>() {
            won.extend(task.await.unwrap());
        }
        assert_eq!(won.len(), 1);
        let one = won.remove(0);
        let vault = &vaults[0];
        let second = Kept { generation: 2, ..first("tiktok") };
        vault.save(&one, &second).await.unwrap();
        vault.save(&one, &Kept { phase: Phase::Intent, ..second.clone() }).await.unwrap();

        let later = claimed(vault, "tiktok", "late", until).await.unwrap();
        assert!(later.fence > one.fence && same(&later.kept, &Kept { phase: Phase::Intent, ..second.clone() }));
        let third = Kept { generation: 3, ..second };
        assert!(matches!(vault.save(&one, &third).await, Err(StoreError::Conflict)), "its fence has passed");
        vault.release(&one).await.unwrap();
        assert!(claimed(vault, "tiktok", "other", until).await.is_none(), "a stale release ends nothing");

        vault.save(&later, &third).await.unwrap();
        let older = vault.save(&later, &Kept { generation: 2, ..third.clone() }).await;
        assert!(matches!(older, Err(StoreError::Conflict)), "a lower generation never replaces a higher one");
        let elsewhere = vault.save(&later, &Kept { platform: "x".to_owned(), ..third.clone() }).await;
        assert!(matches!(elsewhere, Err(StoreError::Conflict)));
        vault.release(&later).await.unwrap();
        assert!(matches!(vault.save(&later, &third).await, Err(StoreError::Conflict)), "it was given back");
        assert!(same(&vault.find(1, "tiktok").await.unwrap().unwrap(), &third));

        let last = claimed(vault, "tiktok", "other", now).await.unwrap();
        assert!(matches!(vault.save_last(&later, &third).await, Err(StoreError::Conflict)), "nor is a last one saved");
        assert!(claimed(vault, "tiktok", "next", now).await.is_none(), "and it gives nothing back");
        let fourth = Kept { generation: 4, ..third };
        vault.save_last(&last, &fourth).await.unwrap();
        assert!(matches!(vault.save(&last, &fourth).await, Err(StoreError::Conflict)), "the last one was the last");
        assert!(same(&claimed(vault, "tiktok", "next", now).await.unwrap().kept, &fourth));
        assert!(claimed(vault, "tiktok", "next", now).await.is_some(), "a holder may claim again");
        assert!(claimed(vault, "x", "other", now).await.is_none(), "there is nothing to claim");
    }
}

#[tokio::test]
async fn what_cannot_be_opened_is_an_error_that_names_the_platform() {
    for database in databases::each().await {
        let vault = open(&database.open().await).await;
        vault.insert(&first("tiktok")).await.unwrap();
        vault.insert(&first("x")).await.unwrap();
        let swap = "update credentials set sealed = (select sealed from credentials where platform = 'x') \
                    where platform = 'tiktok'";
        database.run(swap).await.unwrap();
        let now = at("2026-11-22T03:00:00Z");
        for refused in [
            vault.find(1, "tiktok").await.err(),
            vault.claim(1, "tiktok", "a", now, now).await.err(),
            vault.rekey(key(8), now).await.err(),
        ] {
            let refused = refused.unwrap();
            assert!(matches!(&refused, StoreError::Sealed { platform } if platform == "tiktok"), "{refused:?}");
            assert!(refused.to_string().contains("tiktok"));
        }
        assert!(same(&vault.find(1, "x").await.unwrap().unwrap(), &first("x")), "no row was sealed anew");
        let listed = vault.list().await.unwrap();
        assert!(listed.kept.len() == 1 && same(&listed.kept[0], &first("x")), "the others go on");
        assert_eq!(listed.unreadable, [(1, "tiktok".to_owned())]);
        database.run("delete from credentials where platform = 'tiktok'").await.unwrap();
        database.run("update credentials set phase = 'odd'").await.unwrap();
        assert!(matches!(vault.find(1, "x").await, Err(StoreError::Corrupt(_))));
    }
}

#[tokio::test]
async fn a_replaced_key_shuts_out_the_former_one() {
    for database in databases::each().await {
        let (store, other) = (database.open().await, database.open().await);
        let (former, elsewhere) = (open(&store).await, open(&other).await);
        former.insert(&everything("tiktok")).await.unwrap();
        former.insert(&first("x")).await.unwrap();
        let before = told(&former).await;
        let (now, until) = (at("2026-11-22T03:00:00Z"), at("2026-11-22T03:02:00Z"));
        let claim = claimed(&elsewhere, "x", "elsewhere", now).await.unwrap();
        assert!(matches!(former.rekey(key(8), now).await.err(), Some(StoreError::Conflict)), "one is at work");
        assert_eq!(told(&former).await, before);

        let vault = former.rekey(key(8), until).await.unwrap();
        assert_eq!(told(&vault).await, before);
        assert_eq!(told(&store.unlock(key(8)).await.unwrap()).await, before);
        assert!(matches!(store.unlock(key(7)).await.err(), Some(VaultError::WrongKey)));

        let sealed = |error: Option<StoreError>| matches!(error, Some(StoreError::Sealed { .. }));
        assert!(sealed(elsewhere.find(1, "x").await.err()));
        assert!(sealed(elsewhere.insert(&first("twitch")).await.err()));
        assert!(sealed(elsewhere.claim(1, "x", "elsewhere", until, until).await.err()));
        assert!(matches!(elsewhere.save(&claim, &first("x")).await, Err(StoreError::Conflict)));
        assert!(matches!(elsewhere.rekey(key(9), until).await.err(), Some(StoreError::Conflict)));
        assert_eq!(told(&vault).await, before);
    }
}

#[tokio::test]
async fn what_was_claimed_is_saved_with_the_key_that_replaced_ours() {
    for database in databases::each().await {
        let (store, other) = (database.open().await, database.open().await);
        let ours = open(&store).await.followed_by(Arc::new(|| vec![key(9), key(8)]));
        ours.insert(&first("tiktok")).await.unwrap();
        let (now, until) = (at("2026-11-22T03:00:00Z"), at("2026-11-22T03:02:00Z"));
        let claim = claimed(&ours, "tiktok", "a", now).await.unwrap();
        let theirs = open(&other).await.rekey(key(8), until).await.unwrap();
        let second = Kept { generation: 2, ..first("tiktok") };
        ours.save(&claim, &second).await.unwrap();
        assert!(same(&theirs.find(1, "tiktok").await.unwrap().unwrap(), &second));
        assert!(same(&ours.list().await.unwrap().kept[0], &second));

        theirs.rekey(key(5), until).await.unwrap();
        assert!(matches!(ours.find(1, "tiktok").await, Err(StoreError::Sealed { .. })), "nothing here opens it");
        let third = Kept { generation: 3, ..second.clone() };
        assert!(matches!(ours.save(&claim, &third).await, Err(StoreError::Conflict)));
        assert!(same(&theirs.find(1, "tiktok").await.unwrap().unwrap(), &second), "and nothing was changed");
    }
}

#[tokio::test]
async fn a_restored_backup_needs_the_key_it_was_sealed_with_and_ends_claims() {
    for database in databases::each().await {
        let store = database.open().await;
        let vault = open(&store).await;
        vault.insert(&everything("tiktok")).await.unwrap();
        let before = told(&vault).await;
        let file = database.folder.path().join("backup.db");
        store.backup(&file).await.unwrap();
        holds_no_secret(&file);

        let now = at("2026-11-22T03:00:00Z");
        let vault = vault.rekey(key(8), now).await.unwrap();
        let claim = claimed(&vault, "tiktok", "a", now).await.unwrap();
        store.restore(&file).await.unwrap();
        assert!(matches!(vault.save(&claim, &claim.kept).await, Err(StoreError::Conflict)));
        assert!(matches!(store.unlock(key(8)).await.err(), Some(VaultError::WrongKey)));
        let vault = open(&store).await;
        assert_eq!(told(&vault).await, before);
        assert!(matches!(vault.save(&claim, &claim.kept).await, Err(StoreError::Conflict)));
        assert!(claimed(&vault, "tiktok", "b", now).await.unwrap().fence > claim.fence);
    }
}

fn holds_no_secret(file: &Path) {
    let bytes = fs::read(file).unwrap();
    let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    for secret in SECRETS {
        let hex = |part: &str| part.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        for part in [&secret[..12], &secret[secret.len() - 8..]] {
            for form in [part.to_owned(), STANDARD.encode(part), hex(part)] {
                assert!(!has(form.as_bytes()), "{} holds a part of a secret", file.display());
            }
        }
    }
}

#[tokio::test]
async fn no_file_of_the_database_holds_a_secret() {
    let database = databases::sqlite();
    let store = database.open().await;
    let vault = open(&store).await;
    for platform in ["instagram", "tiktok", "x"] {
        vault.insert(&everything(platform)).await.unwrap();
        let claim = claimed(&vault, platform, "a", at("2026-11-22T03:00:00Z")).await.unwrap();
        vault.save(&claim, &Kept { generation: 4, ..everything(platform) }).await.unwrap();
    }
    let files = || fs::read_dir(database.folder.path()).unwrap().map(|file| file.unwrap().path());
    assert!(files().count() >= 3, "database, log and index of the log");
    files().for_each(|file| holds_no_secret(&file));
    store.close().await;
    files().for_each(|file| holds_no_secret(&file));
    let found = fs::read(database.file()).unwrap();
    assert!(found.windows(6).any(|window| window == b"tiktok"), "the rows are there");
}
