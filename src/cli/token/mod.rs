//! `token status|renew|reveal|rekey`: how the credentials are, new ones now, their values, and the key that seals them.
//! Only `reveal` ever shows a value.

mod rekey;
mod renew;
mod reveal;
mod status;

use super::Session;
use super::args::Token;
use super::stop::{Exit, Stop};

pub(super) use renew::told as renewal_told;

pub(super) async fn run(session: &Session, what: &Token) -> Result<Exit, Stop> {
    match what {
        Token::Status { json } => status::run(session, *json).await,
        Token::Renew { platform } => renew::run(session, platform.as_deref()).await,
        Token::Reveal { platform } => reveal::run(session, platform).await,
        Token::Rekey => rekey::run(session).await,
    }
}
