//! The machine: settings, the data folder, the disk.

use std::path::Path;

use super::finding::{Finding, State};
use crate::cli::stop::Exit;
use crate::config::Problem;
use crate::domain::alert::Words;
use crate::domain::text::Lang;

/// Less free space than this is too little for a backup and a year of history, in bytes.
const LEAST_FREE_BYTES: u64 = 100 * 1024 * 1024;

/// A setting that can't be used.
pub(super) fn of_problem(problem: &Problem) -> Finding {
    let said = Words::new(problem.sentence(Lang::De), problem.sentence(Lang::En));
    Finding::told("config", State::Fail, &said).ending(Exit::Usage)
}

/// The data folder: there, ours alone, writable, with room. One that is missing is made by what comes after.
pub(super) fn data_folder(folder: &Path) -> Vec<Finding> {
    let path = folder.display();
    let Ok(found) = std::fs::metadata(folder) else {
        return vec![Finding::warn(
            "data_folder",
            Words::new(
                format!("Den Datenordner {path} gab es noch nicht."),
                format!("The data folder {path} did not exist yet."),
            ),
            Words::new(
                "Beim ersten Start ist das so. Sonst zeigt MEDIAKIT_DATA_DIR auf den falschen Ordner, oder er wurde nicht \
                 eingebunden.",
                "On a first start that is right. Otherwise MEDIAKIT_DATA_DIR names the wrong folder, or it was not mounted.",
            ),
        )];
    };
    let mut findings = vec![writable(folder)];
    findings.extend(exposed(&found, folder));
    findings.push(free(folder));
    findings
}

fn writable(folder: &Path) -> Finding {
    let path = folder.display();
    match tempfile::Builder::new().prefix(".mediakit-").suffix(".tmp").tempfile_in(folder) {
        Ok(_) => Finding::ok(
            "data_folder",
            Words::new(
                format!("Der Datenordner {path} ist da und beschreibbar."),
                format!("The data folder {path} is there and may be written to."),
            ),
        ),
        Err(error) => Finding::fail(
            "data_folder",
            Words::new(
                format!("In den Datenordner {path} lässt sich nicht schreiben ({}).", error.kind()),
                format!("The data folder {path} can't be written to ({}).", error.kind()),
            ),
            Words::new(
                format!("Mache den Nutzer des Servers zum Besitzer (`chown -R NUTZER {path}`) und schaffe Platz."),
                format!("Make the server's user its owner (`chown -R USER {path}`) and make room."),
            ),
        )
        .ending(Exit::Nothing),
    }
}

#[cfg(unix)]
fn exposed(found: &std::fs::Metadata, folder: &Path) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.display();
    (found.permissions().mode() & 0o077 != 0).then(|| {
        Finding::warn(
            "data_folder",
            Words::new(
                format!("Andere Nutzer dieses Rechners dürfen in den Datenordner {path}."),
                format!("Other users of this machine may enter the data folder {path}."),
            ),
            Words::new(format!("Führe aus: `chmod 700 {path}`."), format!("Run `chmod 700 {path}`.")),
        )
    })
}

#[cfg(not(unix))]
fn exposed(_: &std::fs::Metadata, _: &Path) -> Option<Finding> {
    None
}

fn free(folder: &Path) -> Finding {
    of_free(rustix::fs::statvfs(folder).ok().map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize)))
}

/// What a number of free bytes means; `None` when the system does not say.
fn of_free(bytes: Option<u64>) -> Finding {
    let mib = bytes.map(|bytes| bytes / 1024 / 1024);
    match (bytes, mib) {
        (Some(bytes), Some(mib)) if bytes < LEAST_FREE_BYTES => Finding::fail(
            "disk",
            Words::new(
                format!("Für Daten sind nur noch {mib} MiB frei."),
                format!("Only {mib} MiB are free for data."),
            ),
            Words::new(
                "Schaffe mindestens 100 MiB Platz, sonst gehen neue Zahlen und erneuerte Zugangsdaten verloren.",
                "Make room for at least 100 MiB, or new numbers and renewed credentials are lost.",
            ),
        ),
        (_, Some(mib)) => Finding::ok(
            "disk",
            Words::new(format!("Für Daten sind {mib} MiB frei."), format!("{mib} MiB are free for data.")),
        ),
        _ => Finding::ok(
            "disk",
            Words::new(
                "Wie viel Platz frei ist, war nicht zu erfahren.",
                "How much space is free could not be learnt.",
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_room_is_a_failure_with_how_much_there_is() {
        let state = |bytes| of_free(bytes).json(Lang::En)["state"].clone();
        assert_eq!(state(Some(LEAST_FREE_BYTES)), "ok");
        assert_eq!(state(Some(LEAST_FREE_BYTES - 1)), "fail");
        assert_eq!(state(None), "ok");
        assert!(of_free(Some(42 << 20)).json(Lang::De)["detail"].to_string().contains("42 MiB"));
    }
}
