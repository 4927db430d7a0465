//! The page for an address that leads nowhere or a request that failed: one sentence and a next step.

use askama::Template;

use super::look::Look;
use crate::domain::text::{Lang, Text};
use crate::web::error::Error;
use crate::web::words::words;

const TO_KIT: (&str, Text) = ("/mediakit", Text::new("Zum Media-Kit", "To the media kit"));
const TO_LINKS: (&str, Text) = ("/", Text::new("Zur Linkseite", "To the link page"));
const REQUEST: Text = Text::new("Nummer der Anfrage", "Request number");

/// The page as the template takes it.
#[derive(Template)]
#[template(path = "public/error.html", whitespace = "minimize")]
struct ErrorPage<'a> {
    lang: &'a str,
    look: Look,
    kind: &'a str,
    css_href: &'a str,
    status: u16,
    title: &'a str,
    sentence: &'a str,
    next_href: &'a str,
    next_label: &'a str,
    request_id: Option<&'a str>,
    request_label: &'a str,
}

/// The page for an error. The request's number is shown when the fault is ours.
pub fn html(error: &Error, lang: Lang, css: &str, request_id: &str) -> String {
    let (status, _, title) = error.row();
    let sentence = error.detail(lang);
    let (next_href, next) =
        if matches!(error, Error::NoLink | Error::NoShare | Error::NotPublic) { TO_LINKS } else { TO_KIT };
    let page = ErrorPage {
        lang: lang.tag(),
        look: Look::plain(),
        kind: words(lang).doc_kind,
        css_href: css,
        status: status.as_u16(),
        title: title.get(lang),
        sentence: &sentence,
        next_href,
        next_label: next.get(lang),
        request_id: status.is_server_error().then_some(request_id),
        request_label: REQUEST.get(lang),
    };
    page.render().unwrap_or(sentence)
}
