//! `api-token create|list|revoke`: bearer tokens for scripts. A token is shown once; the database holds its hash.

use secrecy::{ExposeSecret, SecretString};

use super::args::ApiToken;
use super::stop::{Exit, Stop};
use super::{Session, print, say, table};
use crate::clock::Clock;
use crate::domain::api_token;
pub(super) use crate::domain::api_token::SCOPES;
use crate::domain::text::Lang;
use crate::sign_in::{SignInError, new_api_token};
use crate::store::StoreError;

pub(super) async fn run(session: &Session, what: &ApiToken) -> Result<Exit, Stop> {
    match what {
        ApiToken::Create { name, scope } => create(session, name, scope).await,
        ApiToken::List => list(session).await,
        ApiToken::Revoke { name } => revoke(session, name).await,
    }
}

async fn create(session: &Session, name: &str, scopes: &[String]) -> Result<Exit, Stop> {
    let name = api_token::name(name).map_err(|why| Stop::usage(why.get(session.lang)))?;
    let mut scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    scopes.sort_unstable();
    scopes.dedup();
    let (token, hash) = new_token()?;
    let store = session.store().await?;
    match store.insert_api_token(&name, &hash, &scopes, Clock::System.now()).await {
        Err(StoreError::Conflict) => {
            return Err(Stop::Said(
                Exit::Nothing,
                match session.lang {
                    Lang::De => {
                        "Ein Token mit diesem Namen gibt es schon. Widerrufe es oder wähle einen anderen Namen."
                    }
                    Lang::En => "There is a token of this name already. Revoke it or choose another name.",
                }
                .to_owned(),
            ));
        }
        result => result?,
    }
    say(match session.lang {
        Lang::De => "Das Token wird nur jetzt gezeigt. Bewahre es sicher auf.",
        Lang::En => "The token is shown only now. Keep it safe.",
    });
    print(&format!("{}\n", token.expose_secret()))?;
    Ok(Exit::All)
}

/// A new token of 32 random bytes, and its hash.
pub(super) fn new_token() -> Result<(SecretString, [u8; 32]), Stop> {
    new_api_token().ok_or_else(|| Stop::Said(Exit::Nothing, SignInError::Machine.to_string()))
}

async fn list(session: &Session) -> Result<Exit, Stop> {
    let tokens = session.store().await?.list_api_tokens().await?;
    let (heads, never) = match session.lang {
        Lang::De => (["Name", "darf", "angelegt", "zuletzt benutzt"], "nie"),
        Lang::En => (["name", "may", "created", "last used"], "never"),
    };
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    rows.extend(tokens.into_iter().map(|token| {
        let used = token.last_used_at.map_or(never.to_owned(), |at| at.to_string());
        vec![token.name, token.scopes.join(","), token.created_at.to_string(), used]
    }));
    print(&table::columns(&rows))?;
    Ok(Exit::All)
}

async fn revoke(session: &Session, name: &str) -> Result<Exit, Stop> {
    let revoked = session.store().await?.revoke_api_token(name).await?;
    let text = match (session.lang, revoked) {
        (Lang::De, true) => "Das Token gilt nicht mehr.",
        (Lang::En, true) => "The token is no longer valid.",
        (Lang::De, false) => "Ein Token mit diesem Namen gibt es nicht. `mediakit api-token list` zeigt alle.",
        (Lang::En, false) => "There is no token of this name. `mediakit api-token list` shows all.",
    };
    if revoked {
        say(text);
        return Ok(Exit::All);
    }
    Err(Stop::Said(Exit::Nothing, text.to_owned()))
}
