//! `doctor [--json] [--offline]`: looks at everything that mediakit needs and says of each how it is and what to do.
//! It changes nothing, costs nothing and never shows a value.

mod access;
mod data;
mod file;
mod finding;
mod machine;
mod network;

use serde_json::json;

use super::args::Doctor;
use super::stop::{Exit, Stop};
use super::{Session, log, print};
use crate::config::Config;
use crate::domain::alert::Words;
use finding::{Finding, State};

pub(super) async fn run(session: &Session, args: &Doctor) -> Result<Exit, Stop> {
    let findings = match Config::load(&session.sources) {
        Err(error) => error.problems.iter().map(machine::of_problem).collect(),
        Ok(config) => {
            log::start(&config, "off");
            examine(session, config, args.offline).await?
        }
    };
    let lang = session.lang;
    if args.json {
        let [ok, warn, fail] = [State::Ok, State::Warn, State::Fail].map(|state| finding::count(&findings, state));
        let listed: Vec<_> = findings.iter().map(|finding| finding.json(lang)).collect();
        print(&format!("{:#}\n", json!({"findings": listed, "ok": ok, "warn": warn, "fail": fail})))?;
    } else {
        print(&findings.iter().map(|finding| finding.line(lang)).collect::<String>())?;
    }
    Ok(finding::exit(&findings))
}

/// Everything in the order in which one thing needs the other.
async fn examine(session: &Session, config: Config, offline: bool) -> Result<Vec<Finding>, Stop> {
    let mut findings =
        vec![Finding::ok("config", Words::new("Die Einstellungen sind in Ordnung.", "The settings are fine."))];
    findings.extend(machine::data_folder(&config.data_dir));
    let (env_social, from_settings) = (config.env_social.clone(), config.secret_key.is_some());
    let app = match session.app(config).await {
        Ok(app) => app,
        Err(stop) => {
            findings.extend(file::alone(&env_social));
            findings.push(data::of_stop(&stop));
            return Ok(findings);
        }
    };
    findings.extend(data::of_store(&app, from_settings).await?);
    findings.extend(file::of(&app));
    findings.extend(access::handles_and_refreshes(&app).await?);
    findings.extend(access::warnings(&app).await?);
    if !offline {
        // The platforms are asked all at once; each answer is one of few.
        let (credentials, reached, github) =
            tokio::join!(access::credentials(&app), network::reached(&app), network::github(&app));
        findings.extend(credentials?);
        findings.extend(reached?);
        findings.push(github);
    }
    app.store.close().await;
    Ok(findings)
}
