//! Replacing a file so that a crash at any point leaves the old content or the new one, whole: a new file beside it,
//! synced, renamed over it, and the folder synced. Where the file can't be renamed over (a single file mounted into a
//! container), it is written in place after a durable copy of the new content was put beside it or into a spare
//! folder, from which [`recover`] finishes. It knows nothing of what is in the file.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

/// Ends the name of the copy that outlives a crash in the middle of a write in place, and is part of the name of a new
/// file that is not in its place yet.
const COPY: &str = ".mediakit-new";
/// The last bytes of a copy, without which it was cut short itself.
const WHOLE: &[u8] = b"\n# mediakit: whole\n";

/// Replaces the file's content if it still is `before`; `false`, with nothing changed, when somebody else wrote it
/// meanwhile. Symbolic links are followed; mode and owner stay.
pub fn replace(path: &Path, spare: &Path, before: &[u8], after: &[u8]) -> io::Result<bool> {
    let target = fs::canonicalize(path)?;
    match renamed(&target, before, after) {
        Err(error) if needs_place(&error) => in_place(&target, spare, before, after),
        outcome => outcome,
    }
}

/// Finishes a write in place that a crash cut short, and removes what was left over. Nobody may be writing meanwhile.
pub fn recover(path: &Path, spare: &Path) -> io::Result<()> {
    let Ok(target) = fs::canonicalize(path) else { return Ok(()) };
    for unfinished in unfinished(&target)? {
        remove(&unfinished)?;
    }
    for copy in [beside(&target), in_spare(&target, spare)] {
        let Ok(mut content) = fs::read(&copy) else { continue };
        if content.ends_with(WHOLE) {
            content.truncate(content.len() - WHOLE.len());
            overwrite(&target, &content)?;
        }
        remove(&copy)?;
    }
    Ok(())
}

fn renamed(target: &Path, before: &[u8], after: &[u8]) -> io::Result<bool> {
    let folder = target.parent().unwrap_or(Path::new("."));
    let known = fs::metadata(target)?;
    let mut new = tempfile::Builder::new().prefix(&new_name(target)).tempfile_in(folder)?;
    new.write_all(after)?;
    new.as_file().set_permissions(known.permissions())?;
    keep_owner(new.as_file(), &known)?;
    new.as_file().sync_all()?;
    if fs::read(target)? != before {
        return Ok(false);
    }
    new.persist(target).map_err(|failed| failed.error)?;
    File::open(folder)?.sync_all()?;
    Ok(true)
}

fn in_place(target: &Path, spare: &Path, before: &[u8], after: &[u8]) -> io::Result<bool> {
    let copy = keep_copy(&beside(target), after).or_else(|_| keep_copy(&in_spare(target, spare), after))?;
    if fs::read(target)? != before {
        remove(&copy)?;
        return Ok(false);
    }
    overwrite(target, after)?;
    remove(&copy)?;
    Ok(true)
}

/// The new content on the disk, for nobody else to read, with its end marked.
fn keep_copy(copy: &Path, content: &[u8]) -> io::Result<PathBuf> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(copy)?;
    file.write_all(content)?;
    file.write_all(WHOLE)?;
    file.sync_all()?;
    sync_folder(copy)?;
    Ok(copy.to_owned())
}

fn overwrite(target: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(target)?;
    let mut old = Vec::new();
    file.read_to_end(&mut old)?;
    if old == content {
        return Ok(());
    }
    file.rewind()?;
    file.write_all(content)?;
    file.set_len(content.len() as u64)?;
    file.sync_all()
}

fn remove(copy: &Path) -> io::Result<()> {
    fs::remove_file(copy)?;
    sync_folder(copy)
}

fn sync_folder(of: &Path) -> io::Result<()> {
    File::open(of.parent().unwrap_or(Path::new(".")))?.sync_all()
}

/// How the names of new files begin that are to take the target's place.
fn new_name(target: &Path) -> OsString {
    let mut name = beside(target).file_name().unwrap_or_default().to_owned();
    name.push("-");
    name
}

/// New files that a crash left beside the target.
fn unfinished(target: &Path) -> io::Result<Vec<PathBuf>> {
    let name = new_name(target);
    let begins = |path: &PathBuf| {
        path.file_name().is_some_and(|own| own.as_encoded_bytes().starts_with(name.as_encoded_bytes()))
    };
    let entries = fs::read_dir(target.parent().unwrap_or(Path::new(".")))?;
    Ok(entries.filter_map(|entry| Some(entry.ok()?.path())).filter(begins).collect())
}

fn beside(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(COPY);
    PathBuf::from(name)
}

fn in_spare(target: &Path, spare: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(COPY);
    spare.join(name)
}

/// Whether a file of its own can't take the target's place, but the target itself may be writable: a mount point, or
/// a folder that may not be written.
fn needs_place(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    let kind = error.kind();
    matches!(kind, Kind::ResourceBusy | Kind::CrossesDevices | Kind::PermissionDenied | Kind::ReadOnlyFilesystem)
}

/// Gives the new file the owner of the old one; a mismatch we can't mend is a case for writing in place.
#[cfg(unix)]
fn keep_owner(new: &File, known: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let own = new.metadata()?;
    if (own.uid(), own.gid()) == (known.uid(), known.gid()) {
        return Ok(());
    }
    std::os::unix::fs::fchown(new, Some(known.uid()), Some(known.gid()))
        .map_err(|_| io::Error::from(io::ErrorKind::PermissionDenied))
}

#[cfg(not(unix))]
fn keep_owner(_new: &File, _known: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_elses_edit_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, "edited").unwrap();
        for write in [renamed, |target: &Path, before: &[u8], after: &[u8]| {
            in_place(target, target.parent().unwrap(), before, after)
        }] {
            assert!(!write(&path, b"read before", b"new").unwrap());
            assert_eq!(fs::read(&path).unwrap(), b"edited");
            assert!(write(&path, b"edited", b"new").unwrap());
            assert_eq!(fs::read(&path).unwrap(), b"new");
            fs::write(&path, "edited").unwrap();
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left over");
        }
    }

    #[test]
    fn a_write_that_was_cut_short_is_finished_and_half_a_copy_thrown_away() {
        let (dir, spare) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = dir.path().join("file");
        for copy in [beside(&path), in_spare(&path, spare.path())] {
            fs::write(&path, "ne").unwrap();
            fs::write(&copy, [b"new content", WHOLE].concat()).unwrap();
            recover(&path, spare.path()).unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"new content");
            fs::write(&copy, "half").unwrap();
            fs::write(dir.path().join("file.mediakit-new-x1"), "a secret that was never in its place").unwrap();
            recover(&path, spare.path()).unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"new content");
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left over");
            assert!(!copy.exists());
        }
    }
}
