//! Between a body and its form: what was typed becomes a body, and a body fills a form.

use serde_json::Value as Json;

use super::rows;
use crate::domain::block::{Body, Kind};
use crate::domain::text::Lang;
use crate::web::admin::form::Form;

/// What became of a form.
pub enum Typed {
    /// It can be saved.
    Body(Body),
    /// A button asked for another arrangement of its entries.
    Arranged,
    /// Something is wrong, said beside its field.
    Wrong,
}

/// Reads a form of a kind.
pub fn read(form: &mut Form, kind: Kind) -> Typed {
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
pub fn filled(body: &Body, lang: Lang) -> Form {
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
