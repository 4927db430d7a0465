//! The accounts: handles, the last refresh, and whether each platform takes the credentials.

use jiff::{SignedDuration, Timestamp};

use super::finding::{Finding, State};
use crate::app::App;
use crate::cli::stop::Stop;
use crate::cli::times;
use crate::config::RefreshAt;
use crate::credentials::keeper::in_use;
use crate::credentials::status::is_edited;
use crate::domain::alert::{self, Alert, CredentialHealth, Severity, Watched, Words};
use crate::domain::credential::{Credentials, Kept, Life, Phase, Standing};
use crate::domain::failure::FailureKind;
use crate::domain::platform::About;
use crate::domain::text::{Lang, Text};
use crate::outbound::FetchError;
use crate::platforms::Platform;
use crate::store::{Run, StoreError};

/// A daily refresh that is older has been missed.
const PATIENCE: SignedDuration = SignedDuration::from_hours(26);

/// Whether anything is fetched, and lately was.
pub(super) async fn handles_and_refreshes(app: &App) -> Result<Vec<Finding>, Stop> {
    let creator = app.store.creator().await?;
    let accounts = app.store.accounts(creator.id).await?;
    if accounts.is_empty() {
        return Ok(vec![Finding::warn("handles", NO_HANDLES, SET_HANDLE)]);
    }
    let platforms = accounts.iter().map(|account| account.platform.as_str()).collect::<Vec<_>>().join(", ");
    let said =
        Words::new(format!("Handles sind gesetzt für: {platforms}."), format!("Handles are set for: {platforms}."));
    let mut findings = vec![Finding::ok("handles", said)];
    if app.config.refresh_at != RefreshAt::Off {
        findings.push(of_last_run(app.store.last_runs(1).await?.first(), app.clock.now()));
    }
    Ok(findings)
}

const NO_HANDLES: Text = Text::new("Es ist noch kein Handle gesetzt.", "No handle is set yet.");
const SET_HANDLE: Text = Text::new(
    "`mediakit handle set PLATTFORM HANDLE` setzt eines; ohne Handle wird nichts geholt.",
    "`mediakit handle set PLATFORM HANDLE` sets one; without a handle nothing is fetched.",
);

fn of_last_run(last: Option<&Run>, now: Timestamp) -> Finding {
    let Some(last) = last else { return Finding::warn("refresh", NEVER, START) };
    let ago = |lang| times::relative(last.started_at, now, lang);
    if now.duration_since(last.started_at) <= PATIENCE {
        let said = Words::new(
            format!("Zuletzt aktualisiert {}.", ago(Lang::De)),
            format!("The last refresh was {}.", ago(Lang::En)),
        );
        return Finding::ok("refresh", said);
    }
    let said = Words::new(
        format!("Die letzte Aktualisierung war {}; täglich eine ist eingestellt.", ago(Lang::De)),
        format!("The last refresh was {}, and one a day is configured.", ago(Lang::En)),
    );
    Finding::warn("refresh", said, START)
}

const NEVER: Text = Text::new("Es wurde noch nie aktualisiert.", "There has been no refresh yet.");
const START: Text = Text::new(
    "Lass `mediakit serve` laufen (prüfe, ob der Dienst läuft), oder hole jetzt: `mediakit fetch`.",
    "Keep `mediakit serve` running (check that the service runs), or fetch now: `mediakit fetch`.",
);

/// What an alert would be sent for: ends that come near, renewals and copies that fail, versions that run out.
pub(super) async fn warnings(app: &App) -> Result<Vec<Finding>, Stop> {
    let due = alert::due(&app.watched().await?, app.clock.now());
    Ok(due.iter().filter(|alert| alert.severity != Severity::Notice).map(of_alert).collect())
}

fn of_alert(alert: &Alert) -> Finding {
    let topic = alert.key.rsplit_once(':').map_or(alert.key.as_str(), |(topic, _)| topic);
    let (said, fix) = (alert.body.clone(), alert.next_step.clone());
    if alert.severity == Severity::Urgent { Finding::fail(topic, said, fix) } else { Finding::warn(topic, said, fix) }
}

/// Asks each platform that has credentials whether they work: one request each, none where reads are billed.
pub(super) async fn credentials(app: &App) -> Result<Vec<Finding>, Stop> {
    let asked = app.platforms.iter().map(|platform| credentials_of(app, platform.as_ref()));
    let mut findings = Vec::new();
    for found in futures_util::future::join_all(asked).await {
        findings.extend(found?);
    }
    Ok(findings)
}

async fn credentials_of(app: &App, platform: &dyn Platform) -> Result<Vec<Finding>, Stop> {
    let about = platform.about();
    let creator = app.store.creator().await?;
    let (kept, given) = match app.keeper.vault().find(creator.id, about.id).await {
        // That is a warning already.
        Err(StoreError::Sealed { .. } | StoreError::Corrupt(_)) => return Ok(Vec::new()),
        kept => (kept?, app.credentials.given(about)),
    };
    let edited = kept.as_ref().is_some_and(|kept| is_edited(about, kept, &given));
    if kept.as_ref().is_some_and(|kept| kept.phase == Phase::NeedsOwner) && !edited {
        // That is a warning already, and asking again would tell nothing new.
        return Ok(Vec::new());
    }
    let values = match &kept {
        Some(kept) if !edited => in_use(kept, &given),
        _ => given.values.clone(),
    };
    let missing = missing_keys(about, &values);
    if !about.credentials.iter().any(|key| key.secret && values.get(key).is_some()) {
        return Ok(Vec::new());
    }
    if !missing.is_empty() {
        return Ok(vec![incomplete(about, &missing)]);
    }
    if about.price.is_some() {
        return Ok(vec![Finding::ok(topic(about), not_asked(about))]);
    }
    Ok(match app.keeper.check_now(about.id, &values).await? {
        Ok(standing) => well(about, kept.as_ref(), &values, &standing, app.clock.now()),
        Err(error) => vec![refused(about, kept.as_ref(), &values, &error, app.clock.now())],
    })
}

fn topic(about: &About) -> String {
    format!("credential:{}", about.id)
}

fn missing_keys(about: &About, values: &Credentials) -> Vec<&'static str> {
    let required = about.credentials.iter().filter(|key| key.required);
    required.filter(|key| values.get(key).is_none()).map(|key| key.name).collect()
}

fn incomplete(about: &About, missing: &[&str]) -> Finding {
    let (name, keys) = (about.name, missing.join(", "));
    Finding::fail(
        topic(about),
        Words::new(
            format!("Die Zugangsdaten von {name} sind unvollständig: {keys} fehlt."),
            format!("The credentials of {name} are incomplete: {keys} is missing."),
        ),
        Words::new(
            format!("Trage {keys} in .env.social ein; docs/platforms/{}.md sagt, woher du es bekommst.", about.id),
            format!("Add {keys} to .env.social; docs/platforms/{}.md says where to get it.", about.id),
        ),
    )
}

fn not_asked(about: &About) -> Words {
    Words::new(
        format!("{}: Zugangsdaten sind hinterlegt. Gefragt wird nicht, weil jeder Abruf Geld kostet.", about.name),
        format!("{}: credentials are set. It is not asked, because every read costs money.", about.name),
    )
}

/// The platform takes them: for how long, and with every permission?
fn well(about: &About, kept: Option<&Kept>, values: &Credentials, standing: &Standing, now: Timestamp) -> Vec<Finding> {
    let known = kept.map(|kept| kept.life).unwrap_or_default();
    let life = Life {
        expires_at: standing.life.expires_at.or(known.expires_at),
        data_access_until: standing.life.data_access_until.or(known.data_access_until),
        ..known
    };
    let mut findings = Vec::new();
    if !standing.missing_scopes.is_empty() {
        findings.push(lacks_scopes(about, &standing.missing_scopes));
    }
    if kept.is_none() {
        // What is kept has been looked at with the warnings.
        findings.extend(ends_soon(about, values, life, now));
    }
    if findings.is_empty() {
        let until = |lang: Lang| match (life.expires_at, lang) {
            (Some(at), Lang::De) => format!(", bis {}", times::utc(at)),
            (Some(at), Lang::En) => format!(", until {}", times::utc(at)),
            (None, _) => String::new(),
        };
        findings.push(Finding::ok(
            topic(about),
            Words::new(
                format!("{} nimmt die Zugangsdaten an{}.", about.name, until(Lang::De)),
                format!("{} accepts the credentials{}.", about.name, until(Lang::En)),
            ),
        ));
    }
    findings
}

fn ends_soon(about: &About, values: &Credentials, life: Life, now: Timestamp) -> Vec<Finding> {
    let health = CredentialHealth {
        platform: about.id.to_owned(),
        name: about.name.to_owned(),
        phase: Phase::Active,
        life,
        renewable: about.renewal.is_some_and(|renewal| renewal.is_possible(values)),
        failures: 0,
        failure: None,
        refused: None,
    };
    let watched = Watched { credentials: vec![health], ..Watched::default() };
    alert::due(&watched, now).iter().map(of_alert).collect()
}

fn lacks_scopes(about: &About, scopes: &[String]) -> Finding {
    let (name, scopes) = (about.name, scopes.join(", "));
    Finding::fail(
        topic(about),
        Words::new(
            format!("Dem Zugang zu {name} fehlen Berechtigungen: {scopes}."),
            format!("The access to {name} lacks permissions: {scopes}."),
        ),
        Words::new(
            format!(
                "Verbinde das Konto neu und stimme {scopes} zu; docs/platforms/{}.md zeigt die Schritte.",
                about.id
            ),
            format!("Connect the account again and grant {scopes}; docs/platforms/{}.md shows the steps.", about.id),
        ),
    )
}

/// The platform did not take them, or did not answer.
fn refused(about: &About, kept: Option<&Kept>, values: &Credentials, error: &FetchError, now: Timestamp) -> Finding {
    use FailureKind as K;
    let ended = kept.and_then(|kept| kept.life.expires_at).is_some_and(|end| end <= now);
    let renewable = about.renewal.is_some_and(|renewal| renewal.rotates && renewal.is_possible(values));
    let is_refusal = matches!(error.kind, K::AuthExpired | K::AuthRevoked);
    if is_refusal && renewable && ended {
        return Finding::ok(
            topic(about),
            Words::new(
                format!("Der Zugang zu {} ist abgelaufen und wird vor dem nächsten Gebrauch erneuert.", about.name),
                format!("The access to {} has run out and is renewed before its next use.", about.name),
            ),
        );
    }
    let detail = error.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
    let said = |lang| error.kind.sentence(about.name, lang);
    if is_refusal && renewable {
        return Finding::warn(
            topic(about),
            Words::new(
                format!("{} nimmt die Zugangsdaten nicht mehr an{detail}.", about.name),
                format!("{} no longer accepts the credentials{detail}.", about.name),
            ),
            Words::new(
                format!(
                    "Vielleicht lassen sie sich erneuern: `mediakit token renew {}`. Sonst verbinde das Konto neu.",
                    about.id
                ),
                format!(
                    "Perhaps they can be renewed: `mediakit token renew {}`. If not, connect the account again.",
                    about.id
                ),
            ),
        );
    }
    let passing = matches!(error.kind, K::Timeout | K::Protocol | K::RateLimited | K::Quota | K::Upstream);
    let state = if passing { State::Warn } else { State::Fail };
    Finding::told(topic(about), state, &Words::new(said(Lang::De), said(Lang::En)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Trigger;

    #[test]
    fn a_daily_refresh_that_did_not_come_is_told() {
        let now: Timestamp = "2026-11-22T06:00:00Z".parse().unwrap();
        let run = |hours| Run {
            id: 1,
            trigger: Trigger::Schedule,
            day: jiff::civil::date(2026, 11, 21),
            started_at: now - SignedDuration::from_hours(hours),
            finished_at: None,
            saved: 0,
            failed: 0,
        };
        let state = |last: Option<&Run>| of_last_run(last, now).json(Lang::En)["state"].clone();
        assert_eq!(state(None), "warn");
        assert_eq!(state(Some(&run(26))), "ok");
        assert_eq!(state(Some(&run(27))), "warn");
    }
}
