//! What every page of the panel has around it, and how it is answered.

use askama::Template;
use axum::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, HeaderName, LOCATION};
use axum::http::{StatusCode, Uri};
use axum::response::{Html, IntoResponse as _, Response};

use super::form::TOKEN;
use super::session::SignedIn;
use crate::domain::text::{Lang, Text};
use crate::web::error::Error;
use crate::web::request_lang::query_value;
use crate::web::security;
use crate::web::state::State;

/// A tab of the panel: its address, its name, its glyph among the panel's icons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tab {
    /// Where it lives.
    pub path: &'static str,
    /// What it is called.
    pub name: Text,
    /// Its icon in `templates/admin/icons.html`.
    pub icon: &'static str,
}

/// Every tab, in order.
pub const TABS: [Tab; 6] = [
    Tab { path: "/admin/profile", name: Text::new("Profil", "Profile"), icon: "profile" },
    Tab { path: "/admin/links", name: Text::new("Links", "Links"), icon: "links" },
    Tab { path: "/admin/mediakit", name: Text::new("Media-Kit", "Media kit"), icon: "kit" },
    Tab { path: "/admin/connections", name: Text::new("Zugänge", "Connections"), icon: "connections" },
    Tab { path: "/admin/design", name: Text::new("Design", "Design"), icon: "design" },
    Tab { path: "/admin/settings", name: Text::new("Einstellungen", "Settings"), icon: "settings" },
];

/// What stands around a page of the panel.
pub struct Shell {
    /// The reader's language.
    pub l: Lang,
    /// The path of the open tab; empty on pages without tabs.
    pub tab: &'static str,
    /// The style's address.
    pub css: String,
    /// The scripts' addresses: the panel's own first, then the page's.
    pub scripts: Vec<String>,
    /// What every form carries; empty before anybody is signed in.
    pub form_token: String,
    /// Who is signed in.
    pub name: String,
    /// What was just done, said in place.
    pub done: Option<&'static str>,
}

impl Shell {
    /// Around a page of somebody who is signed in; `script` is the page's own module in `assets/admin/`.
    pub fn new(by: &SignedIn, state: &State, tab: &'static str, script: Option<&str>) -> Self {
        let mut shell = Self::bare(by.lang, state, script);
        shell.tab = tab;
        shell.form_token.clone_from(&by.form_token);
        shell.name.clone_from(&by.session.owner.name);
        shell
    }

    /// Around one of the first steps: without tabs, so that there is one way on.
    pub fn step(by: &SignedIn, state: &State, script: &str) -> Self {
        let form_token = by.form_token.clone();
        Self { form_token, ..Self::bare(by.lang, state, Some(script)) }
    }

    /// Around a page before anybody is signed in.
    pub fn bare(l: Lang, state: &State, script: Option<&str>) -> Self {
        let scripts = std::iter::once("panel").chain(script).filter_map(|name| state.scripts.get(name).cloned());
        let (scripts, css) = (scripts.collect(), state.admin_css.clone());
        Self { l, tab: "", css, scripts, form_token: String::new(), name: String::new(), done: None }
    }

    /// Says what was just done, when the address names it: `?done=saved`.
    pub fn done(mut self, uri: &Uri, said: &[(&str, Text)]) -> Self {
        let done = query_value(uri.query().unwrap_or_default(), "done");
        self.done = said.iter().find(|(name, _)| done == Some(name)).map(|(_, words)| words.get(self.l));
        self
    }

    /// Every tab.
    pub fn tabs(&self) -> &'static [Tab] {
        &TABS
    }

    /// The public page that the open tab is about.
    pub fn public_page(&self) -> &'static str {
        if self.tab == "/admin/links" { "/" } else { "/mediakit" }
    }

    /// The name of the form token's field.
    pub fn token_name(&self) -> &'static str {
        TOKEN
    }
}

/// A finished page.
pub fn page(template: &impl Template, lang: Lang) -> Result<Response, Error> {
    with_status(StatusCode::OK, template, lang)
}

/// The same page with what is wrong beside the fields.
pub fn refused(template: &impl Template, lang: Lang) -> Result<Response, Error> {
    with_status(StatusCode::UNPROCESSABLE_ENTITY, template, lang)
}

/// A page with a status of its own.
pub fn with_status(status: StatusCode, template: &impl Template, lang: Lang) -> Result<Response, Error> {
    let html = template.render().map_err(|error| {
        tracing::error!(%error, "a page of the panel could not be rendered");
        Error::Internal
    })?;
    let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_LANGUAGE, lang.tag())];
    Ok((status, headers, html).into_response())
}

/// A draft of the public page, for a frame of the panel.
pub fn framed(html: String) -> Result<Response, Error> {
    if html.is_empty() {
        return Err(Error::Internal);
    }
    let mut response = Html(html).into_response();
    security::open_to_our_frames(response.headers_mut());
    Ok(response)
}

/// On to another page after a change: the browser asks for it with GET.
pub fn see(path: impl Into<String>) -> (StatusCode, [(HeaderName, String); 1]) {
    (StatusCode::SEE_OTHER, [(LOCATION, path.into())])
}
