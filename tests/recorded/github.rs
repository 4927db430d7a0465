//! GitHub's recorded answers and libsodium's sealed boxes through the mirror's own functions.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_box::SecretKey;
use mediakit::credentials::github::{GitHubError, parse_key, refusal, sealed};
use secrecy::SecretString;
use serde_json::{Value as Json, json};

use super::{Check, Recorded, among};

const CHECKS: [Check; 5] = [
    ("github/actions_public_key_octokit_2023.json", public_key),
    ("github/error_403_integration_2026.json", automatic_token),
    ("github/error_404_not_found.json", not_found),
    ("github/put_secret_request_body_2023.json", request),
    ("github/sealed_box_vectors_open.txt", boxes),
];

/// Checks one recorded file; `None` when it is not one this module knows.
pub fn check(file: &str, bytes: &[u8], values: &Json) -> Option<Result<(), String>> {
    among(&CHECKS, file, bytes, values)
}

fn public_key(recorded: &Recorded) {
    assert_eq!(recorded.json()["key"], *recorded.value("key"));
    assert_eq!(parse_key(&recorded.json()).unwrap().id, recorded.words("key_id"));
    assert!(parse_key(&json!({"key_id": "1", "key": "c2hvcnQ="})).is_err(), "a short key is none");
}

fn automatic_token(recorded: &Recorded) {
    assert_eq!(recorded.json()["message"], *recorded.value("message"));
    let status = recorded.words("status").parse().unwrap();
    assert_eq!(refusal(status, &recorded.json(), None), Some(GitHubError::AutomaticToken));
}

fn not_found(recorded: &Recorded) {
    let status = recorded.words("status").parse().unwrap();
    assert_eq!(refusal(status, &recorded.json(), None), Some(GitHubError::NoRepository));
}

/// What we send has the recorded form: the key's id as text, and a box 48 bytes longer than its content.
fn request(recorded: &Recorded) {
    let json = recorded.json();
    assert!(json["key_id"].is_string());
    let recorded_box = STANDARD.decode(json["encrypted_value"].as_str().unwrap()).unwrap();
    let length = recorded_box.len() - 48;
    let key = parse_key(&json!({"key_id": json["key_id"], "key": STANDARD.encode([9; 32])})).unwrap();
    let own = sealed(&key, &SecretString::from("x".repeat(length))).unwrap();
    assert_eq!(STANDARD.decode(own).unwrap().len(), recorded_box.len());
}

fn boxes(recorded: &Recorded) {
    let vectors: Vec<&str> = recorded.text().lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(i64::try_from(vectors.len()).unwrap(), recorded.count("vectors"));
    for vector in vectors {
        let fields: Vec<Vec<u8>> = vector.trim().split('\t').map(bytes).collect();
        let key = SecretKey::from(<[u8; 32]>::try_from(fields[0].as_slice()).unwrap());
        assert_eq!(key.public_key().as_bytes().as_slice(), fields[1]);
        assert_eq!(key.unseal(&fields[3]).unwrap(), fields[2]);
    }
}

/// A field: hex, after its length where it has one.
fn bytes(field: &str) -> Vec<u8> {
    let hex = field.split_once(':').map_or(field, |(_, hex)| hex);
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}
