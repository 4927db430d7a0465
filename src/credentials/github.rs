//! The mirror in a GitHub repository: `.env.social` sealed for the repository's public key and put as a secret, from
//! where the scheduled workflow reads it. It only writes; a secret can never be read back.
//! <https://docs.github.com/rest/actions/secrets>

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_box::PublicKey;
use crypto_box::aead::OsRng;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value as Json, json};

use super::env_file::EnvFile;
use crate::config::GithubMirror;
use crate::domain::failure::FailureKind;
use crate::domain::platform::Upstream;
use crate::domain::text::Text;
use crate::outbound::{Answer, Call, FetchError, Outbound};

/// GitHub's API; `GITHUB_API_URL` stands in for it.
pub const GITHUB_API: Upstream = Upstream { name: "GITHUB_API", origin: "https://api.github.com" };
/// The whole file.
const WHOLE: &str = "INSTAGRAM_SECRET";
/// TikTok's lines alone.
const TIKTOK: &str = "TIKTOK_SECRET";
/// The longest value of a secret, in bytes.
/// <https://docs.github.com/actions/reference/secrets-reference>
const LONGEST: usize = 48 * 1024;
/// The key may change between reading it and using it; more than once it is something else.
const ATTEMPTS: usize = 2;

/// Why a secret was not put.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GitHubError {
    /// The workflow's automatic token, which can't write secrets.
    #[error("the automatic GITHUB_TOKEN may not write secrets")]
    AutomaticToken,
    /// A token without the permission.
    #[error("the token lacks the permission Secrets: read and write")]
    NotAllowed,
    /// A token GitHub does not know.
    #[error("GitHub does not accept the token")]
    BadToken,
    /// No such repository, or none the token may see.
    #[error("no such repository, or the token may not see it")]
    NoRepository,
    /// The value is longer than GitHub takes.
    #[error("the value is longer than 48 KB")]
    TooLong,
    /// The value was refused.
    #[error("GitHub refused the sealed value")]
    Refused,
    /// Too many requests.
    #[error("GitHub asks to wait")]
    Limited(Option<Duration>),
    /// Anything else that may pass.
    #[error("{0}")]
    Call(FetchError),
}

impl GitHubError {
    /// What happened and what to do.
    pub const fn text(&self) -> Text {
        match self {
            Self::AutomaticToken | Self::NotAllowed => Text::new(
                "GitHub lässt diesen Token keine Secrets schreiben; der automatische GITHUB_TOKEN kann das nie. Lege unter \
                 github.com/settings/personal-access-tokens einen fein abgestuften Token (fine-grained) für dieses \
                 Repository an, mit der Berechtigung „Secrets: Read and write“, und speichere ihn im Panel oder als \
                 GITHUB_SECRETS_TOKEN.",
                "GitHub does not let this token write secrets; the automatic GITHUB_TOKEN never can. At \
                 github.com/settings/personal-access-tokens make a fine-grained token for this repository with the \
                 permission \"Secrets: Read and write\" and store it in the panel or as GITHUB_SECRETS_TOKEN.",
            ),
            Self::BadToken => Text::new(
                "GitHub nimmt den Token nicht an: er ist falsch, abgelaufen oder gelöscht. Lege einen neuen an und speichere \
                 ihn im Panel oder als GITHUB_SECRETS_TOKEN.",
                "GitHub does not accept the token: it is wrong, expired or deleted. Make a new one and store it \
                 in the panel or as GITHUB_SECRETS_TOKEN.",
            ),
            Self::NoRepository => Text::new(
                "GitHub kennt das Repository nicht, oder der Token darf es nicht sehen. Prüfe das Repository \
                 (Besitzer/Name, GITHUB_REPOSITORY) und ob der Token für dieses Repository gilt.",
                "GitHub does not know the repository, or the token may not see it. Check the \
                 repository (owner/name, GITHUB_REPOSITORY) and that the token is for this repository.",
            ),
            Self::TooLong => Text::new(
                "GitHub nimmt höchstens 48 KB je Secret. Entferne aus .env.social, was nicht hineingehört.",
                "GitHub takes at most 48 KB a secret. Remove from .env.social what does not belong there.",
            ),
            Self::Limited(_) => Text::new(
                "GitHub bittet um eine Pause. Du musst nichts tun; der nächste Versuch kommt von selbst.",
                "GitHub asks for a pause. Nothing to do; the next attempt comes by itself.",
            ),
            Self::Refused | Self::Call(_) => Text::new(
                "Das Secret ließ sich nicht schreiben. Der nächste Versuch kommt von selbst; bleibt das so, hilft \
                 `mediakit doctor` weiter.",
                "The secret could not be written. The next attempt comes by itself; if it stays that way, `mediakit doctor` \
                 helps.",
            ),
        }
    }

    /// How long GitHub asked us to wait.
    pub const fn wait(&self) -> Option<Duration> {
        match self {
            Self::Limited(wait) => *wait,
            _ => None,
        }
    }
}

/// What became of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is new.
    Created,
    /// It replaced an older value.
    Updated,
}

/// A public key of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealingKey {
    /// Its id, which goes with what it sealed.
    pub id: String,
    key: [u8; 32],
}

/// The repository that has the secrets.
#[derive(Clone)]
pub struct GitHub {
    http: Outbound,
    token: SecretString,
    /// `owner/name`, each safe in a path.
    path: String,
}

impl GitHub {
    /// The configured repository; `None` when token or repository is unset.
    pub fn new(http: Outbound, mirror: &GithubMirror) -> Option<Self> {
        let (token, repository) = (mirror.token.clone()?, mirror.repository.as_ref()?);
        let path = repository.0.split('/').map(Call::segment).collect::<Vec<_>>().join("/");
        Some(Self { http, token, path })
    }

    /// Which repository it is, as it stands in an address.
    pub fn repository(&self) -> &str {
        &self.path
    }

    /// Whether the token may write secrets, as far as reading the public key tells.
    pub async fn check(&self) -> Result<(), GitHubError> {
        self.sealing_key().await.map(drop)
    }

    /// Seals a value for the repository and puts it. When the key changed meanwhile, once more with the new one.
    pub async fn put_secret(&self, name: &str, value: &SecretString) -> Result<Put, GitHubError> {
        if value.expose_secret().len() > LONGEST {
            return Err(GitHubError::TooLong);
        }
        let mut outcome = Err(GitHubError::Refused);
        for _ in 0..ATTEMPTS {
            let key = self.sealing_key().await?;
            outcome = self.put(name, &key, value).await;
            if outcome != Err(GitHubError::Refused) {
                break;
            }
        }
        outcome
    }

    /// <https://docs.github.com/rest/actions/secrets#get-a-repository-public-key>
    async fn sealing_key(&self) -> Result<SealingKey, GitHubError> {
        let answer = self.send(Call::get(GITHUB_API, self.address("public-key"))).await?;
        accepted(&answer)?;
        parse_key(&answer.json().map_err(GitHubError::Call)?).map_err(GitHubError::Call)
    }

    /// <https://docs.github.com/rest/actions/secrets#create-or-update-a-repository-secret>
    async fn put(&self, name: &str, key: &SealingKey, value: &SecretString) -> Result<Put, GitHubError> {
        let body = json!({ "encrypted_value": sealed(key, value)?, "key_id": key.id });
        let answer = self.send(Call::put(GITHUB_API, self.address(name)).json(&body)).await?;
        accepted(&answer)?;
        Ok(if answer.status == 201 { Put::Created } else { Put::Updated })
    }

    fn address(&self, what: &str) -> String {
        format!("/repos/{}/actions/secrets/{}", self.path, Call::segment(what))
    }

    async fn send(&self, call: Call) -> Result<Answer, GitHubError> {
        let call = call.bearer(&self.token).header("accept", "application/vnd.github+json");
        self.http.send(&call.header("x-github-api-version", "2022-11-28")).await.map_err(GitHubError::Call)
    }
}

/// The secrets that hold a platform's values.
pub fn secrets_with(platform: &str) -> &'static [&'static str] {
    if platform == "tiktok" { &[WHOLE, TIKTOK] } else { &[WHOLE] }
}

/// What a secret holds: the file as it is, or TikTok's lines alone, without the comment lines between them. Bytes
/// that are no text stand in comments and lines that were left out only; they become `\u{FFFD}`.
pub fn content_for(name: &str, file: &EnvFile) -> SecretString {
    let bytes = if name == TIKTOK {
        let own = file.assignments().iter().filter(|known| known.key.starts_with("TIKTOK_"));
        own.flat_map(|known| file.source()[known.statement.clone()].iter().copied()).collect()
    } else {
        file.source().to_vec()
    };
    SecretString::from(String::from_utf8_lossy(&bytes).into_owned())
}

/// Reads a public key.
///
/// # Errors
/// `schema` when there is none of 32 bytes.
pub fn parse_key(json: &Json) -> Result<SealingKey, FetchError> {
    let text = |name: &str| json.get(name).and_then(Json::as_str);
    let key = text("key").and_then(|key| STANDARD.decode(key).ok()).and_then(|key| key.try_into().ok());
    let schema = || FetchError::new(FailureKind::Schema).because("GitHub's public key is missing");
    Ok(SealingKey { id: text("key_id").ok_or_else(schema)?.to_owned(), key: key.ok_or_else(schema)? })
}

/// A libsodium sealed box over the value, base64.
pub fn sealed(key: &SealingKey, value: &SecretString) -> Result<String, GitHubError> {
    let sealed = PublicKey::from(key.key).seal(&mut OsRng, value.expose_secret().as_bytes());
    sealed.map(|sealed| STANDARD.encode(sealed)).map_err(|_| GitHubError::Refused)
}

/// What an answer's status and text mean.
pub fn accepted(answer: &Answer) -> Result<(), GitHubError> {
    if matches!(answer.status, 200..=299) {
        return Ok(());
    }
    let wait = answer.retry_after().or_else(|| until_reset(answer));
    let refusal = refusal(answer.status, &answer.json().unwrap_or_default(), wait);
    Err(refusal.unwrap_or_else(|| GitHubError::Call(answer.status_error(crate::outbound::Access::Credentials))))
}

/// What a refusal means; `wait` is the pause its headers ask for. `None` when it is no refusal GitHub describes.
/// <https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api>
pub fn refusal(status: u16, json: &Json, wait: Option<Duration>) -> Option<GitHubError> {
    let message = json.get("message").and_then(Json::as_str).unwrap_or_default();
    Some(match status {
        401 => GitHubError::BadToken,
        403 if message.contains("by integration") => GitHubError::AutomaticToken,
        403 if wait.is_some() => GitHubError::Limited(wait),
        429 => GitHubError::Limited(wait),
        403 => GitHubError::NotAllowed,
        404 => GitHubError::NoRepository,
        422 => GitHubError::Refused,
        _ => return None,
    })
}

/// Until the hour's allowance is filled up again, when it is used up.
fn until_reset(answer: &Answer) -> Option<Duration> {
    answer.header("x-ratelimit-remaining").filter(|left| *left == "0")?;
    let reset: i64 = answer.header("x-ratelimit-reset")?.parse().ok()?;
    let now = TimeZone::UTC.to_timestamp(answer.date()).ok()?;
    u64::try_from(reset - now.as_second()).ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(name: &str, file: &[u8]) -> EnvFile {
        let content = content_for(name, &EnvFile::parse(file.to_vec()).unwrap());
        EnvFile::parse(content.expose_secret().as_bytes().to_vec()).unwrap()
    }

    fn value(file: &EnvFile, key: &str) -> Option<String> {
        file.get(key).map(|known| known.value.expose_secret().to_owned())
    }

    #[test]
    fn tiktoks_part_has_its_values_and_no_others() {
        let file = b"\xEF\xBB\xBF# mine\r\nexport TIKTOK_ACCESS_TOKEN='a b'\r\nYOUTUBE_API_KEY=other\r\n\
            TIKTOK_REFRESH_TOKEN=\"two\nlines\"\r\n# note\r\nTIKTOK_USERNAME=mara";
        let part = content(TIKTOK, file);
        assert_eq!(part.assignments().len(), 3);
        assert_eq!(value(&part, "TIKTOK_ACCESS_TOKEN").as_deref(), Some("a b"));
        assert_eq!(value(&part, "TIKTOK_REFRESH_TOKEN").as_deref(), Some("two\nlines"));
        assert_eq!(value(&part, "TIKTOK_USERNAME").as_deref(), Some("mara"));
    }

    #[test]
    fn a_comment_that_is_no_text_does_not_empty_the_secret() {
        let whole = content(WHOLE, b"# Schl\xFCssel\nINSTAGRAM_ACCESS_TOKEN=good\n");
        assert_eq!(value(&whole, "INSTAGRAM_ACCESS_TOKEN").as_deref(), Some("good"));
    }
}
