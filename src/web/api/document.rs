//! The OpenAPI 3.1 document, made from the handlers themselves.

use serde_json::{Map, Value as Json, json};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{analytics, docs, events, history, kit, profile, refresh, refresh_one, schema, summary};
use crate::web::{health, public};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "mediakit",
        description = "Real audience numbers, each with its source. Errors are problem+json; their detail is German \
            unless Accept-Language prefers English."
    ),
    paths(
        summary::show,
        analytics::show,
        history::show,
        kit::show,
        refresh::all,
        refresh_one::one,
        events::watch_refresh,
        profile::show,
        profile::update,
        health::healthz,
        health::readyz,
        health::metrics,
        docs::document,
        docs::page,
        public::page,
    ),
    components(schemas(schema::Problem)),
    modifiers(&Bearer),
    tags(
        (name = "public", description = "For everybody, from other sites' scripts too"),
        (name = "admin", description = "With an API token of the owner"),
        (name = "operation", description = "For those who watch over the server"),
    )
)]
struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A token made with `mediakit api-token create NAME`"))
            .build();
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// The document, with the answers that every route or every admin route can give.
pub fn json() -> Json {
    let mut document = serde_json::to_value(Document::openapi()).unwrap_or_default();
    let paths = document.get_mut("paths").and_then(Json::as_object_mut);
    for operation in
        paths.into_iter().flat_map(Map::values_mut).filter_map(Json::as_object_mut).flat_map(Map::values_mut)
    {
        let guarded = operation.get("security").is_some();
        let Some(answers) = operation.get_mut("responses").and_then(Json::as_object_mut) else { continue };
        let for_all: &[(&str, &str)] = &[("default", "Any other error")];
        let for_admins: &[(&str, &str)] = &[
            ("401", "No token, or one we do not know"),
            ("403", "The token lacks the scope"),
            ("429", "Too many wrong tokens from this address, or the platform asks for a pause"),
            ("500", "Our mistake"),
            ("503", "The database or the platform is away"),
        ];
        for (status, words) in for_all.iter().chain(for_admins.iter().filter(|_| guarded)) {
            answers.entry(*status).or_insert_with(|| problem(words));
        }
    }
    document
}

fn problem(words: &str) -> Json {
    let schema = json!({ "$ref": "#/components/schemas/Problem" });
    json!({ "description": words, "content": { "application/problem+json": { "schema": schema } } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_somewhere() {
        let document = json();
        let text = document.to_string();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        for reference in text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(document.pointer(reference).is_some(), "{reference}");
        }
    }

    /// Programs are made from the document: two operations of one name would be one method.
    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let document = json();
        let items = document["paths"].as_object().unwrap().values();
        let operations = items.flat_map(|item| item.as_object().unwrap().values());
        let mut names: Vec<&str> = operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert!(all > 10 && names.len() == all, "{names:?}");
    }

    #[test]
    fn every_operation_says_what_it_does_and_how_it_fails() {
        for (path, item) in json()["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                assert!(operation["summary"].is_string(), "{method} {path}");
                assert!(operation["responses"]["default"].is_object(), "{method} {path}");
            }
        }
    }
}
