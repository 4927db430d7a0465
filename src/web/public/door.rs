//! What stands before a kit that is not for everybody: a short form to ask for a link, or the password of a link.

use askama::Template;

use super::look::Look;
use super::share::ASK;
use super::{legal, media_kit};
use crate::config::{EmailAddress, Kind as _};
use crate::domain::media_kit::MediaKit;
use crate::domain::text::{Lang, Text};
use crate::web::admin::form::Form;
use crate::web::render::Site;
use crate::web::words::{Words, words};

/// The longest name or brand, in characters.
const MOST_NAME: usize = 100;
/// The longest message, in characters.
const MOST_MESSAGE: usize = 1000;
/// A field that people do not see; programs that fill in everything betray themselves by it.
pub const TRAP: &str = "homepage";

/// What the page asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Who somebody is and what for.
    Who,
    /// A link's password.
    Password,
    /// Nothing more: the request is on its way.
    Nothing,
}

/// The page as its template takes it.
#[derive(Template)]
#[template(path = "public/door.html", whitespace = "minimize")]
pub struct DoorPage<'a> {
    lang: &'a str,
    l: Lang,
    w: &'static Words,
    look: Look,
    css_href: &'a str,
    other_lang_href: String,
    name: String,
    asks: Asks,
    /// Where the form goes.
    action: String,
    form: Form,
    legal: Vec<(&'static str, String)>,
}

/// The form that asks for a link, in place of the kit.
pub fn ask<'a>(kit: &'a MediaKit, site: &'a Site, lang: Lang) -> DoorPage<'a> {
    page(kit, &site.assets.css, lang, Asks::Who, ASK, Form::default())
}

/// The page with what was typed.
pub fn page<'a>(kit: &'a MediaKit, css: &'a str, l: Lang, asks: Asks, path: &str, form: Form) -> DoorPage<'a> {
    DoorPage {
        lang: l.tag(),
        l,
        w: words(l),
        look: Look::of(&kit.creator),
        css_href: css,
        other_lang_href: format!("?lang={}", l.other().tag()),
        name: media_kit::name(kit, l),
        asks,
        action: format!("{path}?lang={}", l.tag()),
        form,
        legal: legal::links(kit, l),
    }
}

/// A request from what was typed; what is wrong stands beside its field.
pub fn read(form: &mut Form) -> Option<(String, String, String, Option<String>)> {
    let name = required(form, "name", Text::new("Schreib deinen Namen hinein.", "Write your name."));
    let brand = required(
        form,
        "brand",
        Text::new("Schreib hinein, für welche Marke oder Firma.", "Write for which brand or company."),
    );
    let email = email(form.value("email"));
    let email = form.take("email", email);
    let message = form.value("message").trim().to_owned();
    let message = form.take("message", short(message, MOST_MESSAGE));
    Some((name?, brand?, email?, message.map(|text| (!text.is_empty()).then_some(text))?))
}

fn required(form: &mut Form, field: &str, missing: Text) -> Option<String> {
    let typed = form.value(field).trim().to_owned();
    let checked = if typed.is_empty() { Err(missing) } else { short(typed, MOST_NAME) };
    form.take(field, checked)
}

fn short(typed: String, most: usize) -> Result<String, Text> {
    const LONG: Text = Text::new("Das ist zu lang. Fass dich kürzer.", "This is too long. Make it shorter.");
    if typed.chars().count() > most { Err(LONG) } else { Ok(typed) }
}

/// An e-mail address as people type it.
pub fn email(typed: &str) -> Result<String, Text> {
    let typed = typed.trim();
    let read = EmailAddress::parse(typed).is_ok() && typed.len() <= 254;
    // No brand is reached at a host without a dot.
    let host = typed.rsplit_once('@').map_or("", |(_, host)| host);
    let whole = host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
    (read && whole).then(|| typed.to_owned()).ok_or(Text::new(
        "Das ist keine E-Mail-Adresse. Schreib sie so: name@marke.de",
        "This is no e-mail address. Write it like this: name@brand.com",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_people_are_told_from_others() {
        for good in ["a@b.de", " name+kit@marke.example "] {
            assert_eq!(email(good), Ok(good.trim().to_owned()));
        }
        for bad in ["", "a", "a@b", "@b.de", "a@b@c.de", "a b@c.de", "a@.de", "a@b.", "x\r\nBcc: y@z.de", "<a@b.de>"] {
            assert!(email(bad).is_err(), "{bad}");
        }
    }
}
