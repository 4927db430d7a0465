//! `.env.social`: whether it is there, readable, whole, filled in, and for nobody else to read.

use std::path::Path;

use super::finding::{Finding, State};
use crate::app::App;
use crate::cli::env_file::Look;
use crate::credentials::{CredentialSource, EnvFileError};
use crate::domain::alert::Words;

const TOPIC: &str = "env_file";

/// The file of a program that is wired.
pub(super) fn of(app: &App) -> Vec<Finding> {
    let look = Look::at(&app.credentials, &app.platforms);
    let given =
        app.platforms.iter().any(|platform| app.credentials.given(platform.about()).has_secret(platform.about()));
    findings(&look, app.credentials.path(), given)
}

/// The file by itself, when nothing else works.
pub(super) fn alone(path: &Path) -> Vec<Finding> {
    findings(&Look::at(&CredentialSource::new(path, [], []), &[]), path, false)
}

fn findings(look: &Look, path: &Path, given: bool) -> Vec<Finding> {
    if look.is_bare() && given {
        return vec![Finding::ok(
            TOPIC,
            Words::new(
                format!("{} gibt es nicht oder ist leer; die Zugangsdaten kommen aus der Umgebung.", path.display()),
                format!("{} does not exist or is empty; the credentials come from the environment.", path.display()),
            ),
        )];
    }
    let failed = look.error().is_some_and(|error| error != EnvFileError::Missing);
    let state = if failed { State::Fail } else { State::Warn };
    let mut findings: Vec<Finding> =
        look.troubles().iter().map(|trouble| Finding::told(TOPIC, state, trouble)).collect();
    findings.extend(exposed(path));
    if findings.is_empty() {
        findings.push(Finding::ok(
            TOPIC,
            Words::new(
                format!("{} ist lesbar und in Ordnung.", path.display()),
                format!("{} is readable and fine.", path.display()),
            ),
        ));
    }
    findings
}

#[cfg(unix)]
fn exposed(path: &Path) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt as _;
    let found = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let path = path.display();
    (found.permissions().mode() & 0o006 != 0).then(|| {
        Finding::warn(
            TOPIC,
            Words::new(
                format!("Alle Nutzer dieses Rechners dürfen {path} lesen."),
                format!("Every user of this machine may read {path}."),
            ),
            Words::new(format!("Führe aus: `chmod 600 {path}`."), format!("Run `chmod 600 {path}`.")),
        )
    })
}

#[cfg(not(unix))]
fn exposed(_: &Path) -> Option<Finding> {
    None
}
