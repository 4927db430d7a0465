//! Other machines: whether the platforms can be reached, what their clocks say, and whether GitHub takes secrets.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::finding::{Finding, State};
use crate::app::App;
use crate::cli::stop::Stop;
use crate::cli::times;
use crate::credentials::github::{GitHub, GitHubError};
use crate::domain::alert::{SET_CLOCK, Words};
use crate::domain::failure::FailureKind;
use crate::domain::platform::About;
use crate::domain::text::{Lang, Text};
use crate::domain::time::{is_off, median};
use crate::outbound::{Call, FetchError};

/// Asks each platform that is in use for its root, which costs nothing, and compares the clocks.
pub(super) async fn reached(app: &App) -> Result<Vec<Finding>, Stop> {
    let creator = app.store.creator().await?;
    let accounts = app.store.accounts(creator.id).await?;
    let abouts = app.platforms.iter().map(|platform| platform.about());
    let asked = abouts.filter_map(|about| {
        let handle = accounts.iter().find(|account| account.platform == about.id).map(|account| account.handle.clone());
        let used = handle.is_some() || app.credentials.given(about).has_secret(about);
        used.then(|| ask(app, about, handle))
    });
    let answers = futures_util::future::join_all(asked).await;
    let mut findings: Vec<Finding> = answers.iter().map(|(about, answer)| of_answer(about, answer)).collect();
    let offsets = answers.into_iter().filter_map(|(_, answer)| answer.ok().flatten()).collect();
    findings.push(of_clock(median(offsets)));
    Ok(findings)
}

/// How far a platform's clock is ahead of ours; `None` when it does not tell.
type Ahead = Result<Option<SignedDuration>, FetchError>;

async fn ask(app: &App, about: &'static About, handle: Option<String>) -> (&'static About, Ahead) {
    let Some(upstream) = about.upstreams.first() else { return (about, Ok(None)) };
    let mut call = Call::get(*upstream, "/").once();
    // Where the handle names the host, that one is asked.
    let page = handle.and_then(|handle| Url::parse(&(about.profile_url)(&handle)).ok());
    match page.as_ref().and_then(Url::host_str) {
        _ if !upstream.origin.is_empty() => {}
        Some(host) => call = call.host(host),
        None => return (about, Ok(None)),
    }
    let answer = app.http.for_one_fetch().send(&call).await;
    let now = app.clock.now();
    let ahead = answer.map(|answer| answer.stated_date().and_then(|date| ahead_of(date, now)));
    (about, ahead)
}

fn ahead_of(date: DateTime, now: Timestamp) -> Option<SignedDuration> {
    TimeZone::UTC.to_timestamp(date).ok().map(|theirs| theirs.duration_since(now))
}

/// Any answer is one, whatever it says.
fn of_answer(about: &About, answer: &Ahead) -> Finding {
    let topic = format!("upstream:{}", about.id);
    let unreached = |error: &&FetchError| {
        use FailureKind as K;
        matches!(error.kind, K::Dns | K::Connect | K::Tls | K::Timeout | K::Protocol)
    };
    match answer.as_ref().err().filter(unreached) {
        None => {
            let name = about.name;
            Finding::ok(topic, Words::new(format!("{name} ist erreichbar."), format!("{name} can be reached.")))
        }
        Some(error) => {
            let said = |lang| error.kind.sentence(about.name, lang);
            Finding::told(topic, State::Fail, &Words::new(said(Lang::De), said(Lang::En)))
        }
    }
}

/// What it means that the others' clocks are ahead of ours by so much.
fn of_clock(ahead: Option<SignedDuration>) -> Finding {
    let Some(ahead) = ahead else { return Finding::ok("clock", NOT_COMPARED) };
    if !is_off(ahead) {
        return Finding::ok("clock", Text::new("Die Uhr geht richtig.", "The clock is right."));
    }
    let (by, behind) = (times::span(ahead), ahead.is_positive());
    let (de, en) = if behind { ("nach", "slow") } else { ("vor", "fast") };
    Finding::fail(
        "clock",
        Words::new(format!("Die Uhr dieses Rechners geht {by} {de}."), format!("This machine's clock is {by} {en}.")),
        SET_CLOCK,
    )
}

const NOT_COMPARED: Text =
    Text::new("Die Uhr ließ sich mit keiner anderen vergleichen.", "The clock could not be compared with another one.");

/// Whether the repository takes secrets, where it is to have them.
pub(super) async fn github(app: &App) -> Finding {
    let set = &app.config.github;
    let Some(github) = GitHub::new(app.http.for_one_fetch(), set) else {
        return match (&set.token, &set.repository) {
            (None, Some(_)) => Finding::warn("mirror:github", NO_TOKEN, SET_TOKEN),
            _ => Finding::ok("mirror:github", NO_MIRROR),
        };
    };
    match github.check().await {
        Ok(()) => Finding::ok("mirror:github", GITHUB_OK),
        Err(error) => {
            let passing = matches!(error, GitHubError::Limited(_) | GitHubError::Call(_));
            Finding::told("mirror:github", if passing { State::Warn } else { State::Fail }, &words(&error))
        }
    }
}

fn words(error: &GitHubError) -> Words {
    match error {
        // Its own text sends people here.
        GitHubError::Call(error) => {
            Words::new(error.kind.sentence("GitHub", Lang::De), error.kind.sentence("GitHub", Lang::En))
        }
        error => error.text().into(),
    }
}

const NO_MIRROR: Text = Text::new(
    "Kein GitHub-Spiegel eingerichtet; das ist nur für GitHub Actions nötig.",
    "No GitHub mirror is set up; only GitHub Actions needs one.",
);
const NO_TOKEN: Text = Text::new(
    "GITHUB_REPOSITORY ist gesetzt, aber kein Token: erneuerte Zugangsdaten kommen nicht in das Secret.",
    "GITHUB_REPOSITORY is set, but no token: renewed credentials do not get into the secret.",
);
const SET_TOKEN: Text = Text::new(
    "Lege einen fein abgestuften Token (fine-grained) mit der Berechtigung „Secrets: Read and write“ an und setze \
     GITHUB_SECRETS_TOKEN.",
    "Make a fine-grained token with the permission \"Secrets: Read and write\" and set GITHUB_SECRETS_TOKEN.",
);
const GITHUB_OK: Text = Text::new(
    "GitHub gibt den Schlüssel des Repositorys heraus; Secrets lassen sich versiegeln.",
    "GitHub hands out the repository's key; secrets can be sealed.",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_wrong_when_most_others_say_so() {
        let mins = SignedDuration::from_mins;
        let state = |offsets| of_clock(median(offsets)).json(Lang::En)["state"].clone();
        assert_eq!(state(vec![]), "ok");
        assert_eq!(state(vec![mins(5)]), "ok");
        assert_eq!(state(vec![mins(0), mins(600), mins(1)]), "ok", "one of them is wrong itself");
        assert_eq!(state(vec![mins(-6), mins(-6), mins(0)]), "fail");
        let said = of_clock(Some(SignedDuration::from_hours(-72))).json(Lang::De);
        assert_eq!(said["detail"], "Die Uhr dieses Rechners geht 3 d vor.");
        assert!(said["fix"].as_str().unwrap().contains("timedatectl"));
    }
}
