//! The creator as a contact card: vCard 4.0 (RFC 6350), with their profiles (RFC 9554).

use jiff::tz::TimeZone;

use crate::domain::media_kit::MediaKit;
use crate::domain::text::Lang;
use crate::web::public::media_kit::{name, picture_address};
use crate::web::render::{PAGE, Site};

/// How many bytes a line has at most, without its end.
const WIDTH: usize = 75;

/// The card of `kit`.
pub fn text(kit: &MediaKit, site: &Site) -> String {
    let creator = &kit.creator;
    let page = format!("{}{PAGE}", site.public_url);
    let contact = creator.contact.as_deref();
    let is_web = |contact: &&str| contact.starts_with("http://") || contact.starts_with("https://");
    let mut lines = vec![
        "BEGIN:VCARD".to_owned(),
        "VERSION:4.0".to_owned(),
        "PRODID:-//mediakit//EN".to_owned(),
        "KIND:individual".to_owned(),
        format!("FN:{}", escaped(&name(kit, creator.lang.unwrap_or(Lang::De)))),
        format!("UID:{page}"),
        format!("URL:{page}"),
    ];
    lines.extend(creator.bio.as_deref().map(|bio| format!("NOTE:{}", escaped(bio))));
    lines.extend(creator.location.as_deref().map(|location| format!("ADR:;;;{};;;", escaped(location))));
    lines.extend(contact.filter(|c| !is_web(c)).map(|mail| format!("EMAIL:{}", escaped(mail))));
    lines.extend(contact.filter(is_web).map(|web| format!("CONTACT-URI:{}", value(web))));
    lines.extend(kit.picture.as_ref().map(|p| format!("PHOTO:{}{}", site.public_url, picture_address(p))));
    for panel in kit.panels.iter().filter(|panel| !panel.hidden) {
        let (service, url) = (panel.about.name, (panel.about.profile_url)(&panel.handle));
        lines.push(format!(
            "SOCIALPROFILE;SERVICE-TYPE={service};USERNAME=\"{}\":{}",
            parameter(&panel.handle),
            value(&url)
        ));
    }
    let newest = kit.panels.iter().filter_map(|panel| panel.snapshot.as_ref()).map(|s| s.fetched_at).max();
    lines.extend(newest.map(|at| format!("REV:{}", at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ"))));
    lines.push("END:VCARD".to_owned());
    lines.iter().map(|line| folded(line)).collect()
}

/// Text as a value: what separates values or lines is escaped, other control characters are gone.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ',' | ';' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// An address as a value: it can't hold what ends a line.
fn value(url: &str) -> String {
    url.chars().filter(|c| !c.is_control()).collect()
}

/// Text between quotes (RFC 6868).
fn parameter(text: &str) -> String {
    text.replace('^', "^^").replace('"', "^'").chars().filter(|c| !c.is_control()).collect()
}

/// The line in pieces of at most 75 bytes, never inside a character.
pub fn folded(line: &str) -> String {
    let (mut out, mut used) = (String::with_capacity(line.len() + 8), 0);
    for c in line.chars() {
        if used + c.len_utf8() > WIDTH {
            out.push_str("\r\n ");
            used = 1;
        }
        out.push(c);
        used += c.len_utf8();
    }
    out + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_is_escaped() {
        assert_eq!(escaped("a,b;c\\d\r\ne\nf\u{0}"), "a\\,b\\;c\\\\d\\ne\\nf");
        assert_eq!(parameter("a\"b^c\n"), "a^'b^^c");
    }

    #[test]
    fn long_lines_are_folded_between_characters() {
        let long = format!("NOTE:{}", "ü🚲".repeat(60));
        let text = folded(&long);
        assert!(text.split("\r\n").all(|line| line.len() <= WIDTH), "{text}");
        assert_eq!(text.replace("\r\n ", ""), format!("{long}\r\n"));
    }
}
