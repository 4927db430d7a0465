//! GitHub's API for Actions secrets. Sealed values are kept as they came, and opened with the private
//! key of their time for whoever wants to see what a workflow would read; a client never gets them back.
//! <https://docs.github.com/rest/actions/secrets>

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_box::SecretKey;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::route;
use crate::answer::Answer;
use crate::call::Call;
use crate::ledger::{TokenKind, TokenState};
use crate::state::Shared;

/// What a sealed box adds to its content.
const SEAL_BYTES: usize = 48;
const MOST_BYTES: usize = 48 << 10;

/// The stored secrets and the age of the key.
#[derive(Debug, Default)]
pub struct Vault {
    /// Place and name to the sealed value, base64.
    secrets: BTreeMap<String, String>,
    /// Place and name to what was in it; `None` when it was sealed for another key.
    contents: BTreeMap<String, Option<String>>,
    rotations: u32,
}

impl Vault {
    /// The sealed values by place and name, for example `mara/kit/INSTAGRAM_SECRET`.
    pub fn secrets(&self) -> &BTreeMap<String, String> {
        &self.secrets
    }

    /// What a workflow reads, by place and name; `None` for a box that the repository's key does not open.
    pub fn contents(&self) -> &BTreeMap<String, Option<String>> {
        &self.contents
    }
}

/// `api.github.com`
pub fn answer(shared: &Shared, call: &Call) -> Answer {
    if let Some(refusal) = canned(call).or_else(|| unauthorised(shared, call)) {
        return limits(refusal, call);
    }
    let path = call.segments();
    let answer = match route!(call, path) {
        (method, ["repos", owner, name, "actions", "secrets", what]) => {
            secret(shared, call, method, &format!("{owner}/{name}"), what)
        }
        (method, ["repos", owner, name, "environments", environment, "secrets", what]) => {
            secret(shared, call, method, &format!("{owner}/{name}/{environment}"), what)
        }
        (method, ["orgs", org, "actions", "secrets", what]) => secret(shared, call, method, org, what),
        ("GET", ["users", login]) => user(shared, call, login),
        _ => refused(404, "Not Found"),
    };
    limits(answer, call)
}

fn canned(call: &Call) -> Option<Answer> {
    Some(match call.fault().name.strip_prefix("github/")? {
        "403-integration" => refused(403, "Resource not accessible by integration"),
        "403-pat" => refused(403, "Resource not accessible by personal access token"),
        "401" => refused(401, "Bad credentials"),
        "404" => refused(404, "Not Found"),
        "422" => refused(422, "Validation Failed"),
        "secondary-limit" => {
            refused(403, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")
                .with("retry-after", "60")
        }
        _ => return None,
    })
}

fn unauthorised(shared: &Shared, call: &Call) -> Option<Answer> {
    if call.header("user-agent").is_none() {
        return Some(Answer::html(
            403,
            "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.",
        ));
    }
    if call.header("x-github-api-version").is_some_and(|version| !["2022-11-28", "2026-03-10"].contains(&version)) {
        return Some(refused(400, "Version is not supported"));
    }
    if call.path.starts_with("/users/") {
        return None;
    }
    let value = call.bearer().or_else(|| call.authorization("token")).unwrap_or_default();
    let token = shared.books().find(value, call.now);
    let alive = token.is_some_and(|token| {
        token.platform == "github" && token.state == TokenState::Valid && token.kind == TokenKind::ApiKey
    });
    (!alive).then(|| refused(401, "Bad credentials"))
}

fn secret(shared: &Shared, call: &Call, method: &str, place: &str, what: &str) -> Answer {
    match (method, what) {
        ("GET", "public-key") => {
            let (id, key) = key(shared);
            let answer = Answer::json(200, json!({"key_id": id, "key": key}));
            if call.shows("github/key-rotation") && call.fault().before == 0 {
                shared.vault().rotations += 1;
            }
            answer
        }
        ("GET", name) => describe(shared, place, name),
        ("PUT", name) => put(shared, call, place, name),
        _ => refused(404, "Not Found"),
    }
}

/// A secret's dates; never its value.
fn describe(shared: &Shared, place: &str, name: &str) -> Answer {
    if !shared.vault().secrets.contains_key(&format!("{place}/{name}")) {
        return refused(404, "Not Found");
    }
    let at = "2026-11-22T03:00:00Z";
    Answer::json(200, json!({"name": name, "created_at": at, "updated_at": at}))
}

/// Key id and public key; both change with each rotation.
fn key(shared: &Shared) -> (String, String) {
    let (id, key) = key_pair(shared);
    (id, STANDARD.encode(key.public_key().as_bytes()))
}

fn key_pair(shared: &Shared) -> (String, SecretKey) {
    let rotations = shared.vault().rotations;
    let dice = shared.dice().text("github-key").number(i64::from(rotations));
    let secret: [u8; 32] = Sha256::digest(dice.bits().to_le_bytes()).into();
    (dice.digits(18), SecretKey::from(secret))
}

fn put(shared: &Shared, call: &Call, place: &str, name: &str) -> Answer {
    if !well_named(name) {
        return refused(
            422,
            "Secret names can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_). Spaces are not allowed. Must start with a letter ([a-z], [A-Z]) or underscores (_).",
        );
    }
    let body = call.json();
    let sealed = body["encrypted_value"].as_str().unwrap_or_default();
    let key_id = match &body["key_id"] {
        Value::Number(number) => number.to_string(),
        other => other.as_str().unwrap_or_default().to_owned(),
    };
    let Ok(bytes) = STANDARD.decode(sealed) else {
        return refused(422, "encrypted_value is not valid base64");
    };
    if bytes.len() < SEAL_BYTES || bytes.len() > MOST_BYTES + SEAL_BYTES {
        return refused(422, "encrypted_value has an invalid length");
    }
    let (current, key) = key_pair(shared);
    if key_id != current {
        return refused(422, "The key_id does not match the current public key");
    }
    let name = format!("{place}/{}", name.to_uppercase());
    let opened = key.unseal(&bytes).ok().and_then(|content| String::from_utf8(content).ok());
    let mut vault = shared.vault();
    vault.contents.insert(name.clone(), opened);
    let old = vault.secrets.insert(name, sealed.to_owned());
    drop(vault);
    match old {
        Some(_) => Answer::empty(204),
        None => Answer::json(201, json!({})),
    }
}

fn well_named(name: &str) -> bool {
    let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let start = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    letters && start && !name.to_uppercase().starts_with("GITHUB_")
}

fn user(shared: &Shared, call: &Call, login: &str) -> Answer {
    match shared.by_handle("x", login) {
        Some(account) => {
            let count = account.followers(call.now) / 40;
            Answer::json(
                200,
                json!({"login": login, "id": 583_231, "followers": count, "following": 12, "public_repos": 8}),
            )
        }
        None => refused(404, "Not Found"),
    }
}

fn refused(status: u16, message: &str) -> Answer {
    let page = "https://docs.github.com/rest/actions/secrets#create-or-update-a-repository-secret";
    Answer::json(status, json!({"message": message, "documentation_url": page, "status": status.to_string()}))
}

fn limits(answer: Answer, call: &Call) -> Answer {
    answer
        .with("x-ratelimit-limit", "5000")
        .with("x-ratelimit-remaining", "4990")
        .with("x-ratelimit-used", "10")
        .with("x-ratelimit-reset", (call.now.as_second() + 3_000).to_string())
        .with("x-ratelimit-resource", "core")
}
