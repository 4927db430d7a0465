//! `alert test`: a test alert by every channel that is set up, and what became of it. Needs no database.

use super::args::Alert;
use super::stop::{Exit, Stop};
use super::{Session, print};
use crate::alerts::{AlertError, Channel, Channels};
use crate::clock::Clock;
use crate::domain::text::Lang;
use crate::outbound::Outbound;

pub(super) async fn run(session: &Session, what: Alert) -> Result<Exit, Stop> {
    match what {
        Alert::Test => test(session).await,
    }
}

async fn test(session: &Session) -> Result<Exit, Stop> {
    let config = session.logging_config("warn")?;
    let http = Outbound::new(config.http_timeout, config.upstreams.clone());
    let channels = Channels::new(&config.alerts, &config.public_url(config.listen), &http);
    let results = channels.send_test(Clock::System.now()).await;
    if results.is_empty() {
        return Err(Stop::usage(match session.lang {
            Lang::De => {
                "Es ist kein Weg für Warnungen eingerichtet. Setze MEDIAKIT_ALERT_WEBHOOK, MEDIAKIT_ALERT_NTFY oder \
                 MEDIAKIT_ALERT_EMAIL mit MEDIAKIT_SMTP_URL."
            }
            Lang::En => {
                "No channel for alerts is set up. Set MEDIAKIT_ALERT_WEBHOOK, MEDIAKIT_ALERT_NTFY, or \
                 MEDIAKIT_ALERT_EMAIL with MEDIAKIT_SMTP_URL."
            }
        }));
    }
    for (channel, result) in &results {
        print(&format!("{}: {}\n", channel.name(), words(*channel, result, session.lang)))?;
    }
    let delivered = results.iter().filter(|(_, result)| result.is_ok()).count();
    Ok(match delivered {
        0 => Exit::Nothing,
        all if all == results.len() => Exit::All,
        _ => Exit::Partly,
    })
}

fn words(channel: Channel, result: &Result<(), AlertError>, lang: Lang) -> String {
    match (result, lang) {
        (Ok(()), Lang::De) => "zugestellt".to_owned(),
        (Ok(()), Lang::En) => "delivered".to_owned(),
        (Err(error), lang) => error.sentence(channel, lang),
    }
}
