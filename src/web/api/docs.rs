//! `/api/openapi.json` and `/api/docs`: the same document for programs and for people, without a script.

use askama::Template;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use serde_json::Value as Json;

use super::finished;
use crate::domain::text::Lang;
use crate::web::error::Error;
use crate::web::public::look::Look;
use crate::web::state::State;

/// The OpenAPI document.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    tag = "operation",
    responses(
        (status = 200, description = "OpenAPI 3.1", body = Object),
        (status = 304, description = "Unchanged since the ETag in If-None-Match"),
    )
)]
pub async fn document(state: State, method: Method, uri: Uri, headers: HeaderMap) -> Result<Response, Error> {
    finished(&state, &method, &uri, &headers).await.ok_or(Error::Internal)
}

/// The same document to read.
#[utoipa::path(
    get,
    path = "/api/docs",
    tag = "operation",
    responses(
        (status = 200, description = "A page", body = String, content_type = "text/html"),
        (status = 304, description = "Unchanged since the ETag in If-None-Match"),
    )
)]
pub async fn page(state: State, method: Method, uri: Uri, headers: HeaderMap) -> Result<Response, Error> {
    finished(&state, &method, &uri, &headers).await.ok_or(Error::Internal)
}

#[derive(Template)]
#[template(path = "public/api_docs.html", whitespace = "minimize")]
struct ApiDocsPage<'a> {
    lang: &'a str,
    look: Look,
    css_href: &'a str,
    title: &'a str,
    description: &'a str,
    operations: Vec<Operation<'a>>,
    schemas: Vec<Schema<'a>>,
    problems: Vec<Problem>,
}

struct Operation<'a> {
    method: String,
    path: &'a str,
    summary: &'a str,
    description: &'a str,
    guarded: bool,
    parameters: Vec<Field<'a>>,
    answers: Vec<Answer<'a>>,
    takes: Option<&'a str>,
}

struct Field<'a> {
    name: &'a str,
    kind: String,
    required: bool,
    words: &'a str,
}

struct Answer<'a> {
    status: &'a str,
    words: &'a str,
    shape: Option<&'a str>,
}

struct Schema<'a> {
    name: &'a str,
    words: &'a str,
    fields: Vec<Field<'a>>,
    values: Vec<&'a str>,
}

struct Problem {
    name: &'static str,
    status: u16,
    detail: String,
}

/// The page for a document.
pub fn html(document: &Json, css: &str) -> String {
    let page = ApiDocsPage {
        lang: Lang::En.tag(),
        look: Look::plain(),
        css_href: css,
        title: text(&document["info"], "title"),
        description: text(&document["info"], "description"),
        operations: operations(document),
        schemas: entries(&document["components"]["schemas"]).map(|(name, schema)| shape(name, schema)).collect(),
        problems: problems(),
    };
    page.render().unwrap_or_default()
}

fn operations(document: &Json) -> Vec<Operation<'_>> {
    let paths = entries(&document["paths"]);
    paths.flat_map(|(path, item)| entries(item).map(move |(method, found)| operation(path, method, found))).collect()
}

fn operation<'a>(path: &'a str, method: &str, found: &'a Json) -> Operation<'a> {
    let parameters = found["parameters"].as_array().into_iter().flatten();
    Operation {
        method: method.to_ascii_uppercase(),
        path,
        summary: text(found, "summary"),
        description: text(found, "description"),
        guarded: found.get("security").is_some(),
        parameters: parameters.map(|p| field(text(p, "name"), p, &p["schema"], p["required"] == true)).collect(),
        answers: entries(&found["responses"]).map(|(status, found)| answer(status, found)).collect(),
        takes: reference(&found["requestBody"]["content"]["application/json"]["schema"]),
    }
}

fn answer<'a>(status: &'a str, found: &'a Json) -> Answer<'a> {
    let shape = entries(&found["content"]).find_map(|(_, content)| reference(&content["schema"]));
    Answer { status, words: text(found, "description"), shape }
}

fn shape<'a>(name: &'a str, schema: &'a Json) -> Schema<'a> {
    let required = |key: &str| schema["required"].as_array().is_some_and(|list| list.iter().any(|k| k == key));
    let fields = entries(&schema["properties"]).map(|(key, found)| field(key, found, found, required(key))).collect();
    let values = schema["enum"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    Schema { name, words: text(schema, "description"), fields, values }
}

fn field<'a>(name: &'a str, about: &'a Json, schema: &'a Json, required: bool) -> Field<'a> {
    Field { name, kind: kind(schema), required, words: text(about, "description") }
}

/// A schema in a few words: `integer`, `string or null`, `list of SummaryEntry`.
fn kind(schema: &Json) -> String {
    if let Some(name) = reference(schema) {
        return name.to_owned();
    }
    let any = ["oneOf", "anyOf"].iter().find_map(|key| schema[key].as_array());
    if let Some(choices) = any {
        return choices.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    match &schema["type"] {
        Json::String(one) if one == "array" => format!("list of {}", kind(&schema["items"])),
        Json::String(one) => one.clone(),
        Json::Array(several) => several.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(" or "),
        _ => "any".to_owned(),
    }
}

fn reference(schema: &Json) -> Option<&str> {
    schema["$ref"].as_str().and_then(|path| path.rsplit('/').next())
}

fn text<'a>(json: &'a Json, key: &str) -> &'a str {
    json[key].as_str().unwrap_or_default()
}

fn entries(json: &Json) -> impl Iterator<Item = (&str, &Json)> {
    json.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

fn problems() -> Vec<Problem> {
    let told = |error: &Error| {
        let (status, name, _) = error.row();
        Problem { name, status: status.as_u16(), detail: error.detail(Lang::En) }
    };
    Error::examples().iter().map(told).collect()
}
