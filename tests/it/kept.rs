//! What a run of the tests leaves behind for `./test canary`: where `MEDIAKIT_TEST_KEEP` names a folder, everything that
//! programs printed and logged and every file they wrote is put there, to be searched for secrets.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

/// Files that are there to hold secrets, by the beginning of their names: the owner's file with its copies, and the key.
const HOLDS_SECRETS: [&str; 5] = [".env.social", "env.social", "secret.key", "real.env", "secrets.env"];

/// A place of its own for what a test leaves behind; `None` when nothing is to be kept.
fn place(what: &str) -> Option<PathBuf> {
    static KEPT: AtomicU32 = AtomicU32::new(0);
    let folder = PathBuf::from(std::env::var_os("MEDIAKIT_TEST_KEEP")?).join(what);
    fs::create_dir_all(&folder).unwrap();
    Some(folder.join(format!("{}-{}", std::process::id(), KEPT.fetch_add(1, Ordering::Relaxed))))
}

/// Keeps what a program printed.
pub fn printed(command: &str, out: &str, err: &str) {
    // At a terminal this one shows values, as its user asked.
    let shows_values = command.starts_with("token reveal");
    if let Some(place) = place("printed").filter(|_| !shows_values) {
        fs::write(place, format!("mediakit {command}\n{out}\n{err}")).unwrap();
    }
}

/// Where a program that goes on is to write its log.
pub fn log() -> Stdio {
    place("log").map_or_else(Stdio::null, |place| File::create(place).unwrap().into())
}

/// A folder of a test; what is in it is kept when it goes.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(place) = place("files") {
            keep(self.0.path(), &place);
        }
    }
}

fn keep(folder: &Path, place: &Path) {
    // A test may have taken a folder's rights away, and its files may be going just now.
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            keep(&entry.path(), &place.join(&name));
        } else if kind.is_file() && !HOLDS_SECRETS.iter().any(|secret| name.starts_with(secret)) {
            fs::create_dir_all(place).unwrap();
            let _ = fs::copy(entry.path(), place.join(&name));
        }
    }
}
