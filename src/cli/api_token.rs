//! `api-token create|list|revoke`: bearer tokens for scripts. A token is shown once; the database holds its hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::args::ApiToken;
use super::stop::{Exit, Stop};
use super::{Session, print, say, table};
use crate::clock::Clock;
use crate::domain::text::Lang;
use crate::store::StoreError;

/// What a token can be allowed.
pub(super) const SCOPES: [&str; 3] = ["refresh", "read", "write"];
const PREFIX: &str = "mk_";
const LONGEST_NAME: usize = 64;

pub(super) async fn run(session: &Session, what: &ApiToken) -> Result<Exit, Stop> {
    match what {
        ApiToken::Create { name, scope } => create(session, name, scope).await,
        ApiToken::List => list(session).await,
        ApiToken::Revoke { name } => revoke(session, name).await,
    }
}

async fn create(session: &Session, name: &str, scopes: &[String]) -> Result<Exit, Stop> {
    if name.trim().is_empty() || name.chars().count() > LONGEST_NAME || name.contains(char::is_control) {
        return Err(Stop::usage(match session.lang {
            Lang::De => "Der Name braucht 1 bis 64 sichtbare Zeichen.",
            Lang::En => "The name needs 1 to 64 visible characters.",
        }));
    }
    let mut scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    scopes.sort_unstable();
    scopes.dedup();
    let (token, hash) = new_token()?;
    let store = session.store().await?;
    match store.insert_api_token(name, &hash, &scopes, Clock::System.now()).await {
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
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| Stop::Said(Exit::Nothing, error.to_string()))?;
    let token = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
    let hash = Sha256::digest(token.as_bytes()).into();
    Ok((SecretString::from(token), hash))
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
