//! The client of GitHub's secrets against the simulator, and what it seals opened by PyNaCl.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use mediakit::config::{GithubMirror, Repository};
use mediakit::credentials::github::{GitHub, GitHubError, Put, parse_key, sealed};
use mediakit::domain::text::Lang;
use mediakit::outbound::{Outbound, Overrides};
use secrecy::SecretString;
use serde_json::json;
use simulator::{Options, Recorded, Scope, Simulator};
use url::Url;

use crate::harness::{CREATOR, start};

const NAME: &str = "INSTAGRAM_SECRET";
/// A planted token and a planted value: neither may stand in an error.
const TOKEN: &str = "CANARYgithub/pat+Lw8rDq5HxJs2ZcVe";
const VALUE: &str = "CANARYclient/app+secret6bVyKzTn3M";

async fn simulator() -> Simulator {
    Simulator::start(Options { now: Some(start()), ..Options::default() }).await.unwrap()
}

fn client(sim: &Simulator, token: String) -> GitHub {
    let origin: Url = sim.origins()["GITHUB_API"].parse().unwrap();
    let http = Outbound::new(Duration::from_secs(5), Overrides::from([("GITHUB_API".to_owned(), origin)]));
    let mirror = GithubMirror {
        token: Some(SecretString::from(token)),
        repository: Some(Repository("mara/kit".to_owned())),
        api_url: "https://api.github.com".to_owned(),
    };
    GitHub::new(http, &mirror).unwrap()
}

fn value() -> SecretString {
    SecretString::from(VALUE)
}

fn break_(sim: &Simulator, fault: &str) {
    sim.set_fault("GITHUB_API", fault, Scope::default()).unwrap();
}

/// How often a method was asked for.
fn asked(sim: &Simulator, method: &str) -> usize {
    sim.requests().iter().filter(|request| request.upstream == "GITHUB_API" && request.method == method).count()
}

fn says_nothing_secret(error: &GitHubError) {
    let text = error.text();
    let said = format!("{error} {error:?} {} {}", text.get(Lang::De), text.get(Lang::En));
    assert!(!said.contains("CANARY") && !said.contains("github_pat_"), "{error:?}");
    assert!(!text.get(Lang::De).is_empty() && !text.get(Lang::En).is_empty());
}

#[tokio::test]
async fn a_secret_is_created_and_then_updated() {
    let sim = simulator().await;
    let github = client(&sim, sim.github_token(CREATOR));
    assert_eq!(github.check().await, Ok(()));
    assert_eq!(asked(&sim, "PUT"), 0, "a check writes nothing");
    assert_eq!(github.put_secret(NAME, &value()).await, Ok(Put::Created));
    let first = sim.secrets();
    assert_eq!(github.put_secret(NAME, &value()).await, Ok(Put::Updated));
    assert_eq!(first.keys().collect::<Vec<_>>(), ["mara/kit/INSTAGRAM_SECRET"]);
    assert_ne!(first, sim.secrets(), "every box has a key of its own");
}

#[tokio::test]
async fn a_key_that_changed_meanwhile_is_read_again_once() {
    let sim = simulator().await;
    let github = client(&sim, sim.github_token(CREATOR));
    break_(&sim, "github/key-rotation");
    assert_eq!(github.put_secret(NAME, &value()).await, Ok(Put::Created));
    assert_eq!((asked(&sim, "GET"), asked(&sim, "PUT")), (2, 2));
}

#[tokio::test]
async fn every_refusal_is_told_by_its_kind_without_a_secret() {
    let cases = [
        ("github/403-integration", GitHubError::AutomaticToken),
        ("github/403-pat", GitHubError::NotAllowed),
        ("github/401", GitHubError::BadToken),
        ("github/404", GitHubError::NoRepository),
        ("github/422", GitHubError::Refused),
        ("github/secondary-limit", GitHubError::Limited(Some(Duration::from_mins(1)))),
    ];
    for (fault, expected) in cases {
        let sim = simulator().await;
        let github = client(&sim, sim.github_token(CREATOR));
        break_(&sim, fault);
        let error = github.put_secret(NAME, &value()).await.unwrap_err();
        assert_eq!(error, expected, "{fault}");
        assert_eq!(github.check().await, Err(expected), "{fault}");
        says_nothing_secret(&error);
        assert!(sim.secrets().is_empty(), "{fault}");
    }
}

#[test]
fn the_advice_on_a_missing_permission_names_it_and_the_setting() {
    for error in [GitHubError::AutomaticToken, GitHubError::NotAllowed] {
        for lang in [Lang::De, Lang::En] {
            let said = error.text().get(lang).to_owned();
            for part in ["fine-grained", "Secrets: Read and write", "GITHUB_SECRETS_TOKEN"] {
                assert!(said.contains(part), "{said}");
            }
        }
    }
}

#[tokio::test]
async fn a_token_github_does_not_know_is_told_without_repeating_it() {
    let sim = simulator().await;
    let error = client(&sim, TOKEN.to_owned()).put_secret(NAME, &value()).await.unwrap_err();
    assert_eq!(error, GitHubError::BadToken);
    says_nothing_secret(&error);
}

#[tokio::test]
async fn a_used_up_allowance_waits_until_it_is_filled_again() {
    let sim = simulator().await;
    let reset = sim.now().as_second() + 1_800;
    let headers = [("x-ratelimit-remaining", "0".to_owned()), ("x-ratelimit-reset", reset.to_string())];
    let answer = Recorded {
        status: 403,
        content_type: "application/json".to_owned(),
        body: br#"{"message":"API rate limit exceeded"}"#.to_vec(),
        headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
    };
    sim.replay("GITHUB_API", "public-key", answer);
    let error = client(&sim, sim.github_token(CREATOR)).check().await.unwrap_err();
    assert_eq!(error.wait(), Some(Duration::from_mins(30)));
}

#[tokio::test]
async fn a_broken_network_is_told_as_such() {
    for fault in ["transport/reset-after-accept", "transport/reset-before-answer", "transport/reset-mid-body"] {
        let sim = simulator().await;
        let github = client(&sim, sim.github_token(CREATOR));
        break_(&sim, fault);
        let error = github.put_secret(NAME, &value()).await.unwrap_err();
        assert!(matches!(error, GitHubError::Call(_)), "{fault}: {error:?}");
        says_nothing_secret(&error);
        sim.clear();
        assert_eq!(github.put_secret(NAME, &value()).await, Ok(Put::Created), "{fault}");
    }
}

#[tokio::test]
async fn a_value_over_48_kilobytes_is_refused_before_any_call() {
    let sim = simulator().await;
    let github = client(&sim, sim.github_token(CREATOR));
    let long = |bytes: usize| SecretString::from("x".repeat(bytes));
    assert_eq!(github.put_secret(NAME, &long(48 * 1024 + 1)).await, Err(GitHubError::TooLong));
    assert!(sim.requests().is_empty());
    assert_eq!(github.put_secret(NAME, &long(48 * 1024)).await, Ok(Put::Created));
}

const PYNACL: &str = "
import base64, sys
from nacl.public import PrivateKey, SealedBox
key = PrivateKey(bytes(range(32)))
box = sys.stdin.read()
if box:
    sys.stdout.write(SealedBox(key).decrypt(base64.b64decode(box)).decode())
else:
    sys.stdout.write(base64.b64encode(bytes(key.public_key)).decode())
";

/// Runs PyNaCl with a key of its own: gives its public half for no box, and what is in a box for one.
fn pynacl(python: &str, sealed: &str) -> String {
    let mut child =
        Command::new(python).args(["-c", PYNACL]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(sealed.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "PyNaCl refused");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn pynacl_opens_what_we_seal() {
    let Ok(python) = std::env::var("MEDIAKIT_TEST_PYTHON") else {
        println!("SKIPPED: MEDIAKIT_TEST_PYTHON names no Python with PyNaCl; ./test sets it");
        return;
    };
    let key = parse_key(&json!({"key_id": "1", "key": pynacl(&python, "")})).unwrap();
    let long = "long ".repeat(9_000);
    for plain in ["x", "grüße\r\nKEY='ö'\n", long.as_str()] {
        let opened = pynacl(&python, &sealed(&key, &SecretString::from(plain)).unwrap());
        assert_eq!(opened, plain);
    }
}
