//! The list of blocks: their order, which of them visitors see, and taking one away.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::{TAB, id};
use crate::domain::block::Block;
use crate::store::Saved;
use crate::web::admin::page::{self, Shell, see};
use crate::web::admin::session::{Posted, SignedIn};
use crate::web::error::Error;
use crate::web::state::State;

/// Moves a block to a place, counted from 0.
pub async fn move_to(state: State, Path(block): Path<String>, Posted { by, form }: Posted) -> Result<Response, Error> {
    let (block, creator) = (id(&block)?, by.session.owner.creator_id);
    let to = form.value("to").parse().map_err(|_| Error::BadRequest)?;
    if !state.store.move_block(creator, block, to).await? {
        return Ok(see(format!("{TAB}?done=gone")).into_response());
    }
    by.note(&state, "block moved", &block.to_string()).await;
    state.show_changes().await;
    Ok(see(format!("{TAB}?done=moved#row-{block}")).into_response())
}

/// Hides a block from visitors, or shows it again.
pub async fn hide(state: State, Path(block): Path<String>, Posted { by, form }: Posted) -> Result<Response, Error> {
    let (block, creator) = (id(&block)?, by.session.owner.creator_id);
    let hidden = form.has("hidden", "yes");
    if !state.store.hide_block(creator, block, hidden).await? {
        return Ok(see(format!("{TAB}?done=gone")).into_response());
    }
    by.note(&state, if hidden { "block hidden" } else { "block shown" }, &block.to_string()).await;
    state.show_changes().await;
    Ok(see(format!("{TAB}?done=saved#row-{block}")).into_response())
}

#[derive(Template)]
#[template(path = "admin/kit/delete.html", whitespace = "minimize")]
struct DeletePage {
    shell: Shell,
    block: Block,
    /// Whether somebody changed it since the question was asked.
    changed: bool,
}

/// Asks before a block is deleted.
pub async fn ask(by: SignedIn, state: State, Path(block): Path<String>) -> Result<Response, Error> {
    let (block, creator) = (id(&block)?, by.session.owner.creator_id);
    let found = state.store.blocks(creator).await?.into_iter().find(|known| known.id == block);
    let Some(block) = found else { return Ok(see(format!("{TAB}?done=gone")).into_response()) };
    let shell = Shell::new(&by, &state, TAB, None);
    page::page(&DeletePage { shell, block, changed: false }, by.lang)
}

/// Deletes a block that is still as it was when the question was asked.
pub async fn delete(state: State, Path(block): Path<String>, Posted { by, form }: Posted) -> Result<Response, Error> {
    let (block, creator) = (id(&block)?, by.session.owner.creator_id);
    let version = form.value("version").parse().map_err(|_| Error::BadRequest)?;
    match state.store.delete_block(creator, block, version).await? {
        Saved::Done => {}
        Saved::Gone => return Ok(see(format!("{TAB}?done=gone")).into_response()),
        Saved::Changed(block) => {
            let shell = Shell::new(&by, &state, TAB, None);
            let page = DeletePage { shell, block, changed: true };
            return page::with_status(StatusCode::CONFLICT, &page, by.lang);
        }
    }
    by.note(&state, "block deleted", &block.to_string()).await;
    state.show_changes().await;
    Ok(see(format!("{TAB}?done=deleted")).into_response())
}
