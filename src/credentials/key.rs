//! The key that opens the vault: from the settings, or a file in the data folder that is made on the first start. It
//! is never overwritten, only replaced by [`rotate`], which may be killed at any point. The key is never printed.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::config::SecretKey;
use crate::domain::text::{Lang, Text};
use crate::store::{Store, StoreError, Vault, VaultError, VaultKey};

const FILE: &str = "secret.key";
/// The next key, from before the database is sealed with it until it has the file's name.
const NEXT: &str = "secret.key.new";
/// A key is 44 characters; what is longer is none. In bytes.
const LONGEST_FILE_BYTES: usize = 128;
const OTHERS: u32 = 0o077;

/// Why there is no key, or why it opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The key file can't be used.
    #[error("{}", self.sentence(Lang::En))]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: KeyFault,
    },
    /// The key comes from the settings, so it is replaced there.
    #[error("{}", CONFIGURED.en)]
    Configured,
    /// The vault stays shut, or the database refused.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

const CONFIGURED: Text = Text::new(
    "Der Schlüssel kommt aus MEDIAKIT_SECRET_KEY und kann nicht durch eine Datei ersetzt werden. Speichere ihn als \
     secret.key im Datenordner (Modus 0600), entferne die Einstellung und versuche es erneut.",
    "The key comes from MEDIAKIT_SECRET_KEY and can't be replaced by a file. Save it as secret.key in the data folder \
     (mode 0600), remove the setting and try again.",
);

/// What is wrong with a key file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFault {
    /// It is gone, and the database is sealed.
    Missing,
    /// It is a folder, a pipe or a device.
    NotAFile,
    /// We may not read it, or reading failed.
    Unreadable,
    /// It does not hold 32 bytes in Base64.
    NotAKey,
    /// Others than its owner may read or write it.
    Exposed,
    /// It could not be written.
    Unwritable,
}

impl KeyFault {
    /// What happened and what to do; `{path}` stands for the file.
    pub const fn text(self) -> Text {
        match self {
            Self::Missing => Text::new(
                "{path} fehlt, aber die Datenbank enthält versiegelte Zugangsdaten. Lege die Schlüsseldatei aus deiner \
                 Sicherung zurück oder setze MEDIAKIT_SECRET_KEY; ein neuer Schlüssel könnte sie nicht öffnen.",
                "{path} is missing, but the database holds sealed credentials. Put the key file back from your backup or \
                 set MEDIAKIT_SECRET_KEY; a new key could not open them.",
            ),
            Self::NotAFile => Text::new(
                "{path} ist keine gewöhnliche Datei. Lege dort die Schlüsseldatei ab oder setze MEDIAKIT_SECRET_KEY.",
                "{path} is no regular file. Put the key file there or set MEDIAKIT_SECRET_KEY.",
            ),
            Self::Unreadable => Text::new(
                "{path} ließ sich nicht lesen. Mache den Nutzer des Servers zum Besitzer der Datei (Modus 0600).",
                "{path} could not be read. Make the server's user the owner of the file (mode 0600).",
            ),
            Self::NotAKey => Text::new(
                "{path} enthält keinen Schlüssel: erwartet werden 32 Bytes in Base64. Lege die richtige Datei aus deiner \
                 Sicherung zurück; sie wird nie überschrieben.",
                "{path} holds no key: 32 bytes in Base64 are expected. Put the right file back from your backup; it is \
                 never overwritten.",
            ),
            Self::Exposed => Text::new(
                "{path} ist für andere Nutzer dieses Rechners lesbar oder beschreibbar. Führe `chmod 600` auf die Datei \
                 aus; hatten andere Zugriff, ersetze die Tokens.",
                "{path} can be read or written by other users of this machine. Run `chmod 600` on the file; if others had \
                 access, replace the tokens.",
            ),
            Self::Unwritable => Text::new(
                "{path} ließ sich nicht schreiben. Prüfe, ob der Datenordner beschreibbar ist und Platz hat.",
                "{path} could not be written. Check that the data folder may be written to and has room.",
            ),
        }
    }
}

impl KeyError {
    /// What happened and what to do. What a database refused is said in English only; who has words of their own for a
    /// [`StoreError`] looks for it first.
    pub fn sentence(&self, lang: Lang) -> String {
        match self {
            Self::File { path, fault } => fault.text().get(lang).replace("{path}", &path.display().to_string()),
            Self::Configured => CONFIGURED.get(lang).to_owned(),
            Self::Vault(VaultError::WrongKey) => VaultError::WRONG_KEY.get(lang).to_owned(),
            Self::Vault(VaultError::Store(error)) => error.to_string(),
        }
    }
}

impl From<StoreError> for KeyError {
    fn from(error: StoreError) -> Self {
        Self::Vault(error.into())
    }
}

/// Opens the vault with the key that was configured, or with the key file. A rotation that was killed is brought to
/// its end when the database has the new key. A first key is made only for a database that holds nothing. A key file
/// that is replaced while the vault is open is followed.
pub async fn unlock(store: &Store, data_dir: &Path, configured: Option<&SecretKey>) -> Result<Vault, KeyError> {
    if let Some(key) = configured {
        return Ok(store.unlock(VaultKey::from_bytes(key.expose())).await?);
    }
    let vault = unlock_by_file(store, data_dir).await?;
    let folder = data_dir.to_owned();
    // A file that can't be used opens nothing; which one that is, the next start says.
    let keys = move || [FILE, NEXT].iter().filter_map(|name| read(&folder.join(name)).ok().flatten()).collect();
    Ok(vault.followed_by(Arc::new(keys)))
}

async fn unlock_by_file(store: &Store, data_dir: &Path) -> Result<Vault, KeyError> {
    let mut refused = None;
    // The first name once more: another process may end a rotation between the looks.
    for name in [FILE, NEXT, FILE] {
        let Some(key) = read(&data_dir.join(name))? else { continue };
        match store.unlock(key).await {
            Ok(vault) if name == NEXT => return settle(data_dir).map(|()| vault),
            Err(VaultError::WrongKey) => refused = Some(VaultError::WrongKey),
            done => return Ok(done?),
        }
    }
    if let Some(refused) = refused {
        return Err(refused.into());
    }
    if store.has_sealed().await? {
        return Err(fault(&data_dir.join(FILE), KeyFault::Missing));
    }
    Ok(store.unlock_empty(load(data_dir, None)?).await?)
}

/// The key that was configured, else that of the key file, else a new one in a new file. Knows nothing of a database:
/// to open one, call [`unlock`].
pub fn load(data_dir: &Path, configured: Option<&SecretKey>) -> Result<VaultKey, KeyError> {
    if let Some(key) = configured {
        return Ok(VaultKey::from_bytes(key.expose()));
    }
    read_or_make(&data_dir.join(FILE))
}

/// Replaces the key of the vault and its file by a new one. Killed at any point, [`unlock`] finds the key that opens the
/// database and the next rotation goes on. Refused while credentials are being renewed. After an error the vault may
/// have either key: [`unlock`] it anew.
pub async fn rotate(
    vault: &Vault,
    data_dir: &Path,
    configured: Option<&SecretKey>,
    now: Timestamp,
) -> Result<Vault, KeyError> {
    if configured.is_some() {
        return Err(KeyError::Configured);
    }
    // One that was left by a killed rotation is taken: another process may be about to seal with it.
    let path = data_dir.join(NEXT);
    let next = read_or_make(&path)?;
    sync(data_dir).map_err(|_| fault(&path, KeyFault::Unwritable))?;
    let vault = vault.rekey(next, now).await?;
    settle(data_dir)?;
    Ok(vault)
}

/// Gives the next key the file's name, durably, once the database is sealed with it.
fn settle(data_dir: &Path) -> Result<(), KeyError> {
    let path = data_dir.join(FILE);
    let renamed = match fs::rename(data_dir.join(NEXT), &path) {
        // Another process was faster.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        renamed => renamed,
    };
    renamed.and_then(|()| sync(data_dir)).map_err(|_| fault(&path, KeyFault::Unwritable))
}

fn read_or_make(path: &Path) -> Result<VaultKey, KeyError> {
    if let Some(key) = read(path)? {
        return Ok(key);
    }
    let key = VaultKey::generate()?;
    match write(path, &key) {
        Ok(()) => Ok(key),
        // Another process was faster: its key is the one.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            read(path)?.ok_or_else(|| fault(path, KeyFault::Unreadable))
        }
        Err(_) => Err(fault(path, KeyFault::Unwritable)),
    }
}

/// Reads a key file; `None` when there is none.
fn read(path: &Path) -> Result<Option<VaultKey>, KeyError> {
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(_) => return Err(fault(path, KeyFault::Unreadable)),
    };
    if !found.is_file() {
        return Err(fault(path, KeyFault::NotAFile));
    }
    if found.permissions().mode() & OTHERS != 0 {
        return Err(fault(path, KeyFault::Exposed));
    }
    let text = match content(path) {
        Ok(text) => text,
        // Another process gave it its name a moment ago.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == ErrorKind::InvalidData => return Err(fault(path, KeyFault::NotAKey)),
        Err(_) => return Err(fault(path, KeyFault::Unreadable)),
    };
    VaultKey::from_base64(&text).map(Some).ok_or_else(|| fault(path, KeyFault::NotAKey))
}

fn content(path: &Path) -> io::Result<SecretString> {
    let mut text = Zeroizing::new(String::with_capacity(LONGEST_FILE_BYTES + 1));
    File::open(path)?.take(LONGEST_FILE_BYTES as u64 + 1).read_to_string(&mut text)?;
    Ok(text.as_str().into())
}

/// Writes a key file (0600) that is whole or not there, unless there is one.
fn write(path: &Path, key: &VaultKey) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".mediakit-").suffix(".tmp").tempfile_in(folder)?;
    file.write_all(key.to_base64().expose_secret().as_bytes())?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    sync(folder)
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn fault(path: &Path, fault: KeyFault) -> KeyError {
    KeyError::File { path: path.to_owned(), fault }
}
