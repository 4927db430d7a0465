//! One block's form: begun, edited, looked at before it is saved. Two tabs never overwrite each other unasked.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::Value as Json;

use super::{TAB, id, rows, today};
use crate::domain::block::input::Input;
use crate::domain::block::shape::{Field, Rows};
use crate::domain::block::{Block, Body, Kind};
use crate::domain::text::{Lang, Text};
use crate::store::{Saved, StoreError};
use crate::web::admin::form::Form;
use crate::web::admin::page::{self, Shell, see};
use crate::web::admin::session::{Posted, SignedIn};
use crate::web::error::Error;
use crate::web::state::State;

const NO_MORE: Text = Text::new(
    "Diesen Baustein gibt es schon, oder das Kit ist voll. Bearbeite den vorhandenen oder lösche zuerst einen.",
    "This block exists already, or the kit is full. Edit the one there is, or delete one first.",
);
const DELETED: Text = Text::new(
    "Dieser Baustein wurde inzwischen gelöscht. Was du getippt hast, steht unten; Speichern legt ihn neu an.",
    "This block was deleted meanwhile. What you typed is below; saving adds it anew.",
);

#[derive(Template)]
#[template(path = "admin/kit/block.html", whitespace = "minimize")]
struct BlockPage {
    shell: Shell,
    form: Form,
    kind: Kind,
    /// `/admin/mediakit/block/5` or `/admin/mediakit/new/text`.
    action: String,
    /// Whether what stands here differs from what is saved.
    unsaved: bool,
    theirs: Option<Vec<(&'static str, String)>>,
    /// What is wrong with the whole.
    alert: Option<&'static str>,
    anchor: String,
}

impl BlockPage {
    fn new(by: &SignedIn, state: &State, kind: Kind, known: Option<i64>, form: Form) -> Self {
        let action = match known {
            Some(id) => format!("{TAB}/block/{id}"),
            None => format!("{TAB}/new/{}", kind.name()),
        };
        let anchor = match kind {
            Kind::Hero => "main".to_owned(),
            Kind::Stats => "followers".to_owned(),
            Kind::Platforms => "analytics".to_owned(),
            _ => format!("block-{}", known.unwrap_or_default()),
        };
        let shell = Shell::new(by, state, TAB, Some("mediakit"));
        Self { shell, form, kind, action, unsaved: false, theirs: None, alert: None, anchor }
    }

    fn unsaved(mut self) -> Self {
        self.unsaved = true;
        self
    }

    /// The numbers of the entries the form shows.
    fn rows(&self, of: &Rows) -> std::ops::Range<usize> {
        0..rows::count(&self.form, of)
    }
}

/// The form of a block that does not exist yet.
pub async fn begin(by: SignedIn, state: State, Path(kind): Path<String>) -> Result<Response, Error> {
    let kind = Kind::named(&kind).ok_or(Error::NotFound)?;
    let mut form =
        kind.body(Json::Object(serde_json::Map::new())).map(|body| filled(&body, by.lang)).unwrap_or_default();
    form.set("version", "0");
    page::page(&BlockPage::new(&by, &state, kind, None, form), by.lang)
}

/// Adds a block at the end of the kit.
pub async fn add(state: State, Path(kind): Path<String>, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    let kind = Kind::named(&kind).ok_or(Error::NotFound)?;
    let body = match read(&mut form, kind) {
        Typed::Body(body) => body.dated(None, today(&state)),
        Typed::Arranged => return page::page(&BlockPage::new(&by, &state, kind, None, form).unsaved(), by.lang),
        Typed::Wrong => return page::refused(&BlockPage::new(&by, &state, kind, None, form).unsaved(), by.lang),
    };
    match state.store.insert_block(by.session.owner.creator_id, &body).await {
        Ok(block) => by.note(&state, "block added", &told(block, kind)).await,
        Err(StoreError::Conflict) => {
            let mut page = BlockPage::new(&by, &state, kind, None, form).unsaved();
            page.alert = Some(NO_MORE.get(by.lang));
            return page::with_status(StatusCode::CONFLICT, &page, by.lang);
        }
        Err(error) => return Err(error.into()),
    }
    state.show_changes().await;
    Ok(see(format!("{TAB}?done=added")).into_response())
}

/// The form of a block as it is saved.
pub async fn edit(by: SignedIn, state: State, Path(block): Path<String>) -> Result<Response, Error> {
    let Some(block) = find(&by, &state, id(&block)?).await? else {
        return Ok(see(format!("{TAB}?done=gone")).into_response());
    };
    let mut form = filled(&block.body, by.lang);
    form.set("version", block.version.to_string());
    page::page(&BlockPage::new(&by, &state, block.body.kind(), Some(block.id), form), by.lang)
}

/// Saves a block, unless somebody changed it since the form was opened.
pub async fn save(state: State, Path(block): Path<String>, Posted { by, mut form }: Posted) -> Result<Response, Error> {
    let block = id(&block)?;
    let known = find(&by, &state, block).await?;
    let kind = known.as_ref().map(|known| known.body.kind()).or_else(|| Kind::named(form.value("kind")));
    let kind = kind.ok_or(Error::NotFound)?;
    let body = match read(&mut form, kind) {
        Typed::Body(body) => body.dated(known.as_ref().map(|known| &known.body), today(&state)),
        Typed::Arranged => return page::page(&BlockPage::new(&by, &state, kind, Some(block), form).unsaved(), by.lang),
        Typed::Wrong => return page::refused(&BlockPage::new(&by, &state, kind, Some(block), form).unsaved(), by.lang),
    };
    let version = form.value("version").parse().map_err(|_| Error::BadRequest)?;
    match state.store.update_block(by.session.owner.creator_id, block, version, &body).await? {
        Saved::Done => {}
        Saved::Changed(now) => return changed(&by, &state, form, &now),
        Saved::Gone => {
            let mut page = BlockPage::new(&by, &state, kind, None, form).unsaved();
            page.alert = Some(DELETED.get(by.lang));
            return page::with_status(StatusCode::CONFLICT, &page, by.lang);
        }
    }
    by.note(&state, "block changed", &told(block, kind)).await;
    state.show_changes().await;
    Ok(see(format!("{TAB}?done=saved#row-{block}")).into_response())
}

/// Somebody else saved it: what was typed stays in the form, what is saved stands beside it, and saving again is a choice.
fn changed(by: &SignedIn, state: &State, mut form: Form, now: &Block) -> Result<Response, Error> {
    form.set("version", now.version.to_string());
    let mut page = BlockPage::new(by, state, now.body.kind(), Some(now.id), form).unsaved();
    page.theirs = Some(shown(&now.body, by.lang));
    page::with_status(StatusCode::CONFLICT, &page, by.lang)
}

/// The page as it would be with the block that is being typed.
pub async fn preview_known(
    state: State,
    Path(block): Path<String>,
    Posted { by, form }: Posted,
) -> Result<Response, Error> {
    let block = find(&by, &state, id(&block)?).await?.ok_or(Error::NotFound)?;
    preview(&state, &by, form, block.body.kind(), block.id).await
}

/// The page as it would be with a new block.
pub async fn preview_new(
    state: State,
    Path(kind): Path<String>,
    Posted { by, form }: Posted,
) -> Result<Response, Error> {
    preview(&state, &by, form, Kind::named(&kind).ok_or(Error::NotFound)?, 0).await
}

/// What cannot be saved cannot be previewed either: 422, with the page as it is saved.
async fn preview(state: &State, by: &SignedIn, mut form: Form, kind: Kind, block: i64) -> Result<Response, Error> {
    let body = match read(&mut form, kind) {
        Typed::Body(body) => Some(body.dated(None, today(state))),
        Typed::Arranged | Typed::Wrong => None,
    };
    let wrong = body.is_none();
    let page =
        state.faces.draft(by.lang, |input| match (body, input.blocks.iter_mut().find(|known| known.id == block)) {
            (Some(body), Some(known)) => *known = Block { body, hidden: false, ..known.clone() },
            (Some(body), None) => input.blocks.push(Block { id: block, hidden: false, version: 0, body }),
            (None, _) => {}
        });
    let mut response = page::framed(page.await)?;
    if wrong {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

async fn find(by: &SignedIn, state: &State, block: i64) -> Result<Option<Block>, Error> {
    Ok(state.store.blocks(by.session.owner.creator_id).await?.into_iter().find(|known| known.id == block))
}

/// What became of a form.
enum Typed {
    /// It can be saved.
    Body(Body),
    /// A button asked for another arrangement of its entries.
    Arranged,
    /// Something is wrong, said beside its field.
    Wrong,
}

fn read(form: &mut Form, kind: Kind) -> Typed {
    let shape = kind.shape();
    if shape.rows.is_some_and(|rows| rows::arranged(form, rows)) {
        return Typed::Arranged;
    }
    let body = shape.read(|name| form.value(name)).map(|json| kind.body(json));
    match body {
        Ok(Ok(body)) => Typed::Body(body),
        Ok(Err(error)) => {
            tracing::error!(%error, "a form and its body differ");
            Typed::Wrong
        }
        Err(wrong) => {
            for (field, why) in wrong {
                form.refuse(&field, why);
            }
            Typed::Wrong
        }
    }
}

/// A body as a form, with one empty entry where there is none.
fn filled(body: &Body, lang: Lang) -> Form {
    let (mut form, json, shape) = (Form::default(), body.to_json(), body.kind().shape());
    for field in shape.fields {
        form.set(field.name, field.typed(&json[field.name], lang));
    }
    if let Some(rows) = shape.rows {
        let entry = |entry: &Json| rows.fields.iter().map(|field| field.typed(&entry[field.name], lang)).collect();
        let mut entries: Vec<Vec<String>> = json["items"].as_array().into_iter().flatten().map(entry).collect();
        if entries.is_empty() {
            entries.push(rows::blank(rows));
        }
        rows::write(&mut form, rows, &entries);
    }
    form
}

/// A body as people read it: each field's label and value.
fn shown(body: &Body, lang: Lang) -> Vec<(&'static str, String)> {
    let (json, shape) = (body.to_json(), body.kind().shape());
    let value = |field: &Field, json: &Json| match (&field.input, field.typed(&json[field.name], lang)) {
        (Input::Tick, typed) => lang
            .pick(if typed.is_empty() { "nein" } else { "ja" }, if typed.is_empty() { "no" } else { "yes" })
            .to_owned(),
        (Input::Choice(values), typed) => {
            values.iter().find(|(value, _)| *value == typed).map_or(typed, |(_, words)| words.get(lang).to_owned())
        }
        (_, typed) => typed,
    };
    let mut lines: Vec<_> = shape.fields.iter().map(|field| (field.label.get(lang), value(field, &json))).collect();
    for entry in json["items"].as_array().into_iter().flatten() {
        let fields = shape.rows.map(|rows| rows.fields).unwrap_or_default();
        let values: Vec<String> =
            fields.iter().map(|field| value(field, entry)).filter(|text| !text.is_empty()).collect();
        lines.push((shape.rows.map_or("", |rows| rows.one.get(lang)), values.join(" · ")));
    }
    lines
}

/// A block as the audit log names it.
fn told(block: i64, kind: Kind) -> String {
    format!("{block} ({})", kind.name())
}
