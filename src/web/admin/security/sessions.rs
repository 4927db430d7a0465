//! Where the owner is signed in, and ending it.

use axum::response::{IntoResponse as _, Response};

use super::{TAB, agent, done};
use crate::domain::audit;
use crate::domain::owner::{Session, Stage};
use crate::web::admin::page::see;
use crate::web::admin::session::{Posted, SignedIn};
use crate::web::error::Error;
use crate::web::face::hex;
use crate::web::public::when;
use crate::web::state::State;

/// A session as the page shows it.
pub struct SessionRow {
    /// What the button sends: the beginning of its hash.
    pub mark: String,
    /// The browser and its system; `None` when it does not say.
    pub browser: Option<String>,
    /// The address it began from.
    pub address: String,
    /// When it began.
    pub since: String,
    /// When it was last used.
    pub used: String,
    /// Whether it is the one the page is shown in.
    pub is_this: bool,
}

fn mark(session: &Session) -> String {
    hex(&session.hash, 16)
}

/// The sessions that hold.
async fn holding(by: &SignedIn, state: &State) -> Result<Vec<Session>, Error> {
    let mut sessions = state.store.sessions(by.session.owner.id).await?;
    let now = state.clock.now();
    sessions.retain(|session| session.stage == Stage::Full && session.holds(now));
    Ok(sessions)
}

/// The owner's sessions, this one first.
pub async fn rows(by: &SignedIn, state: &State) -> Result<Vec<SessionRow>, Error> {
    let now = state.clock.now();
    let row = |session: &Session| SessionRow {
        mark: mark(session),
        browser: agent::named(&session.agent),
        address: session.address.clone(),
        since: when::near(session.created_at, now, by.lang),
        used: when::near(session.seen_at, now, by.lang),
        is_this: session.hash == by.session.hash,
    };
    let mut rows: Vec<SessionRow> = holding(by, state).await?.iter().map(row).collect();
    rows.sort_by_key(|row| !row.is_this);
    Ok(rows)
}

/// Ends one session.
pub async fn end(state: State, Posted { by, form }: Posted) -> Result<Response, Error> {
    let sessions = holding(&by, &state).await?;
    let Some(session) = sessions.iter().find(|session| mark(session) == form.value("session")) else {
        return Ok(see(TAB).into_response());
    };
    state.store.delete_session(by.session.owner.id, &session.hash).await?;
    by.note(&state, audit::SESSION_ENDED.name, &session.address).await;
    Ok(done("session-ended"))
}

/// Ends every session but this one.
pub async fn end_others(state: State, Posted { by, .. }: Posted) -> Result<Response, Error> {
    state.store.delete_other_sessions(by.session.owner.id, &by.session.hash).await?;
    by.note(&state, audit::OTHERS_ENDED.name, "").await;
    Ok(done("others-ended"))
}
