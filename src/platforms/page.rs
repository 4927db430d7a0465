//! Reading public pages and what people paste: embedded data, meta tags, counts written for people, addresses of
//! profiles, and ids that only pages use. It knows no platform and calls nobody.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::Value as Json;

use super::{Connected, FetchError};
use crate::domain::failure::FailureKind;
use crate::outbound::{Access, Answer};

/// Marks a pinned id that was read from a page, where the official interface knows the account by another one.
const WEB_ID: &str = "web-";
/// No pasted address and no attribute of a page is longer, in bytes.
const MAX_PASTED: usize = 2048;
/// A mark that is found more often than this in a page is a trap.
const MAX_MATCHES: usize = 16;
const MAX_METAS: usize = 500;

/// The data inside the `<script>` with this id. `None` when there is no such script.
///
/// # Errors
/// What [`data`] says when there is one, and it is broken or breaks off.
pub fn script(html: &str, id: &str) -> Result<Option<Json>, FetchError> {
    let mark = format!("id=\"{id}\"");
    let body = html.match_indices(&mark).take(MAX_MATCHES).find_map(|(at, _)| {
        let tag = html[..at].rfind('<')?;
        Some(html[tag..].strip_prefix("<script")?.split_once('>')?.1)
    });
    body.map(data).transpose()
}

/// The page an answer holds.
///
/// # Errors
/// What its status means; `schema` for data in place of a page, `not_json` for neither.
pub fn html(answer: &Answer) -> Result<Cow<'_, str>, FetchError> {
    if !(200..300).contains(&answer.status) {
        return Err(answer.status_error(Access::Public));
    }
    let text = answer.text();
    if text.trim_start().starts_with('<') {
        return Ok(text);
    }
    answer.json().and(Err(FetchError::new(FailureKind::Schema).because("data in place of a page")))
}

/// Whether a page is a form to sign in.
pub fn asks_to_sign_in(html: &str) -> bool {
    html.contains("type=\"password\"")
}

/// The value a script assigns to `name`: `var name = {…};` or `window["name"] = {…};`. `None` when it assigns none.
///
/// # Errors
/// What [`data`] says when it does, and the value is broken.
pub fn assigned(html: &str, name: &str) -> Result<Option<Json>, FetchError> {
    let values = html.match_indices(name).take(MAX_MATCHES).filter_map(|(at, _)| {
        let rest = html[at + name.len()..].trim_start_matches(['"', '\'', ']', ' ']);
        Some(rest.strip_prefix('=')?.trim_start()).filter(|value| value.starts_with(['{', '[']))
    });
    let mut broken = None;
    for value in values {
        match data(value) {
            Ok(json) => return Ok(Some(json)),
            Err(error) => broken = broken.or(Some(error)),
        }
    }
    broken.map_or(Ok(None), Err)
}

/// The JSON value at the start of a text; what follows is left alone.
///
/// # Errors
/// `too_large` when it nests too deep, else `not_json`.
pub fn data(text: &str) -> Result<Json, FetchError> {
    match serde_json::Deserializer::from_str(text).into_iter::<Json>().next() {
        Some(Ok(json)) => Ok(json),
        Some(Err(error)) if error.to_string().starts_with("recursion limit") => {
            Err(FetchError::new(FailureKind::TooLarge).because("nested too deep"))
        }
        _ => Err(FailureKind::NotJson.into()),
    }
}

/// The content of the `<meta>` whose `property` or `name` is `key`, with its character references resolved.
pub fn meta(html: &str, key: &str) -> Option<String> {
    html.match_indices("<meta").take(MAX_METAS).find_map(|(at, _)| {
        let attributes = attributes(&html[at + "<meta".len()..]);
        let value = |name: &str| attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        let named = value("property").or_else(|| value("name")) == Some(key);
        named.then(|| value("content").map(unescaped)).flatten()
    })
}

/// The attributes up to the end of a tag.
fn attributes(mut rest: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    while found.len() < 16 {
        rest = rest.trim_start();
        let Some((name, after)) = rest.split_once('=').filter(|(name, _)| !name.contains(['>', '<'])) else { break };
        let Some(quote) = after.chars().next().filter(|c| matches!(c, '"' | '\'')) else { break };
        let Some((value, after)) = after[1..].split_once(quote) else { break };
        found.push((name.trim(), value));
        rest = after;
    }
    found
}

/// A text with the character references of HTML resolved; unknown ones stay.
pub fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let reference = after.split_once(';').filter(|(name, _)| name.len() <= 8);
        if let Some((c, tail)) = reference.and_then(|(name, tail)| Some((character(name)?, tail))) {
            out.push(c);
            rest = tail;
        } else {
            out.push('&');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

fn character(name: &str) -> Option<char> {
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => match name.strip_prefix('#')?.strip_prefix(['x', 'X']) {
            Some(hex) => number(hex, 16),
            None => number(&name[1..], 10),
        },
    }
}

/// A count as a page writes it for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The count.
    pub value: i64,
    /// Whether it was shortened (`46.3m`), so that digits are missing.
    pub shortened: bool,
}

/// Reads the first count in a text: `2,362`, `46.3m Followers`, `4,69 M de suscriptores`, `1,2 Mio. Abonnenten`.
///
/// `None` when there is none, or when its marks could be read in two ways.
pub fn shown_count(text: &str) -> Option<Shown> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    if text[..start].ends_with(['-', '−']) {
        return None;
    }
    let is_mark = |c: char| matches!(c, '.' | ',' | '\'' | '’') || (c.is_whitespace() && c != '\n');
    let run = text[start..].find(|c: char| !c.is_ascii_digit() && !is_mark(c)).unwrap_or(text.len() - start);
    let number = text[start..start + run].trim_end_matches(is_mark);
    let after = text[start + number.len()..].trim_start();
    let word = after.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    let groups: Vec<&str> = number.split(is_mark).collect();
    match (multiplier(word), groups.as_slice()) {
        (Some(times), [whole]) => scaled(whole, "", times),
        (Some(times), [whole, fraction]) if fraction.len() < 3 => scaled(whole, fraction, times),
        (None, [first, rest @ ..])
            if rest.iter().all(|group| group.len() == 3) && (rest.is_empty() || first.len() <= 3) =>
        {
            let value = groups.concat().parse().ok()?;
            Some(Shown { value, shortened: false })
        }
        _ => None,
    }
}

fn multiplier(word: &str) -> Option<i64> {
    match word.to_lowercase().as_str() {
        "k" | "tsd" | "mil" | "mila" => Some(1_000),
        "m" | "mio" | "mi" | "mn" | "mln" | "mill" | "million" | "millions" | "millionen" | "millones" => {
            Some(1_000_000)
        }
        "b" | "bn" | "mrd" | "md" | "billion" | "milliarden" => Some(1_000_000_000),
        _ => None,
    }
}

fn scaled(whole: &str, fraction: &str, times: i64) -> Option<Shown> {
    let digits: i64 = format!("{whole}{fraction}").parse().ok()?;
    let value = digits.checked_mul(times)? / 10_i64.pow(u32::try_from(fraction.len()).ok()?);
    Some(Shown { value, shortened: true })
}

/// What people type into the field for a handle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pasted {
    /// A bare name, without its `@`.
    Name(String),
    /// The path of an address on the platform, in its segments.
    Path(Vec<String>),
    /// An address somewhere else, or a text far too long.
    Elsewhere,
}

/// Tells a name from an address on one of `hosts` (or a host below them).
pub fn pasted(text: &str, hosts: &[&str]) -> Pasted {
    let text = text.trim();
    if text.len() > MAX_PASTED {
        return Pasted::Elsewhere;
    }
    let lower = text.to_ascii_lowercase();
    let bare = ["https://", "http://", "//"].iter().find(|scheme| lower.starts_with(**scheme));
    let rest = &text[bare.map_or(0, |scheme| scheme.len())..];
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let ours = |host: &str| {
        let host = host.to_ascii_lowercase();
        hosts.iter().any(|known| host == *known || host.strip_suffix(known).is_some_and(|sub| sub.ends_with('.')))
    };
    if ours(host) {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let segments = path.split('/').filter(|part| !part.is_empty());
        return Pasted::Path(segments.map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned()).collect());
    }
    if bare.is_some() || rest.contains('/') {
        return Pasted::Elsewhere;
    }
    Pasted::Name(text.strip_prefix('@').unwrap_or(text).to_owned())
}

/// An id read from a page, as it is pinned.
pub fn web_id(id: &str) -> String {
    format!("{WEB_ID}{id}")
}

/// The pinned id, when it is one the official interface knows.
pub fn official_pin(account: &Connected) -> Option<&str> {
    account.pinned_id.as_deref().filter(|id| !id.starts_with(WEB_ID))
}

/// Whether an id was pinned by a public page, whose ids differ from those of the platform's API.
pub fn is_web_pin(id: &str) -> bool {
    id.starts_with(WEB_ID)
}

/// The id to keep for an account that answered with `id` and `username`.
///
/// A pinned id must come back. Where none is pinned, or one that this source doesn't know, the name must be the one
/// that was asked for; a pinned id stays.
///
/// # Errors
/// `account_mismatch` when somebody else answered.
pub fn settled(account: &Connected, id: &str, username: Option<&str>) -> Result<String, FetchError> {
    let mismatch = |detail: &str| Err(FetchError::new(FailureKind::AccountMismatch).because(detail));
    let is_web = |id: &str| id.starts_with(WEB_ID);
    match account.pinned_id.as_deref() {
        Some(pinned) if pinned == id => Ok(id.to_owned()),
        Some(pinned) if is_web(pinned) == is_web(id) => mismatch("another account id answered than the pinned one"),
        pinned => match username {
            Some(name) if name.to_lowercase() != account.handle.to_lowercase() => {
                mismatch("another handle answered than the one asked for")
            }
            _ => Ok(pinned.unwrap_or(id).to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platforms::Credentials;

    #[test]
    fn counts_for_people_are_read_in_several_languages() {
        let cases = [
            ("2,362 Followers", 2_362, false),
            ("46.3m Followers", 46_300_000, true),
            ("4,69\u{a0}M de suscriptores", 4_690_000, true),
            ("6,8\u{a0}K vídeos", 6_800, true),
            ("25m subscribers", 25_000_000, true),
            ("84 subscribers", 84, false),
            ("1 video", 1, false),
            ("1,2 Mio. Abonnenten", 1_200_000, true),
            ("12 Tsd. Abonnenten", 12_000, true),
            ("386.000 Abonnenten", 386_000, false),
            ("12 345 abonnés", 12_345, false),
            ("0 subscribers", 0, false),
            ("8,123,456 views", 8_123_456, false),
            ("1.5B views", 1_500_000_000, true),
        ];
        for (text, value, shortened) in cases {
            assert_eq!(shown_count(text), Some(Shown { value, shortened }), "{text}");
        }
    }

    #[test]
    fn a_count_with_two_meanings_or_none_is_no_count() {
        for text in [
            "",
            "-5 subscribers",
            "subscribers",
            "4.69 subscribers",
            "1,234K",
            "1,2,3",
            "12,3456",
            "99999999999999999999",
            "9e9B x",
        ] {
            assert!(shown_count(text).is_none_or(|shown| shown.value == 9), "{text}");
        }
        assert_eq!(shown_count("9223372036854775807B"), None);
        assert_eq!(shown_count("-48.2K subscribers"), None, "no count is negative");
    }

    #[test]
    fn meta_tags_are_found_whatever_their_order_and_quotes() {
        let html = "<meta charset=\"utf-8\"><meta\n content='A &#064;b &#x2022; \"c\" &amp; &nope; &'\n property=\"og:x\"\n/>\
                    <meta name=\"description\" content=\"two\">";
        assert_eq!(meta(html, "og:x").unwrap(), "A @b • \"c\" & &nope; &");
        assert_eq!(meta(html, "description").unwrap(), "two");
        assert_eq!(meta(html, "og:y"), None);
        assert_eq!(meta("<meta property=\"og:x", "og:x"), None);
    }

    #[test]
    fn embedded_data_is_found_and_broken_data_is_not() {
        let html = "<p id=\"S\">no</p><script id=\"S\" type=\"application/json\">{\"a\":1}</script>";
        let kind = |found: Result<Option<Json>, FetchError>| found.unwrap_err().kind;
        assert_eq!(script(html, "S").unwrap().unwrap()["a"], 1);
        assert_eq!(script(html, "T").unwrap(), None);
        assert_eq!(kind(script("<script id=\"S\">{", "S")), FailureKind::NotJson);
        assert_eq!(assigned("f(D); var D = {\"a\":1};</script>", "D").unwrap().unwrap()["a"], 1);
        assert_eq!(assigned("window[\"D\"] = {\"a\":2};", "D").unwrap().unwrap()["a"], 2);
        assert_eq!(assigned("D = D;", "D").unwrap(), None);
        assert_eq!(kind(assigned("var D = {\"a\":", "D")), FailureKind::NotJson);
        assert_eq!(kind(assigned(&format!("D = {}", "[".repeat(100_000)), "D")), FailureKind::TooLarge);
    }

    #[test]
    fn an_address_elsewhere_is_told_from_one_on_the_platform() {
        let on = |text: &str| pasted(text, &["tiktok.com"]);
        assert_eq!(on(" @Mara.bikes "), Pasted::Name("Mara.bikes".into()));
        for text in ["https://www.tiktok.com/@x?lang=de", "tiktok.com/@x/", "HTTP://M.TIKTOK.COM/@x#a"] {
            assert_eq!(on(text), Pasted::Path(vec!["@x".into()]), "{text}");
        }
        assert_eq!(on("tiktok.com"), Pasted::Path(vec![]));
        for text in
            ["https://tiktok.com.evil.example/@x", "https://eviltiktok.com/@x", "https://a@tiktok.com/@x", "a/b", "//"]
        {
            assert_eq!(on(text), Pasted::Elsewhere, "{text}");
        }
    }

    #[test]
    fn a_pinned_id_must_come_back_and_a_foreign_one_is_checked_by_name() {
        let account = |pinned: Option<&str>| Connected {
            handle: "mara".into(),
            pinned_id: pinned.map(str::to_owned),
            credentials: Credentials::default(),
            now: jiff::Timestamp::UNIX_EPOCH,
        };
        assert_eq!(settled(&account(Some("7")), "7", Some("renamed")).unwrap(), "7");
        assert_eq!(settled(&account(None), "7", Some("Mara")).unwrap(), "7");
        assert_eq!(settled(&account(None), "7", None).unwrap(), "7");
        assert_eq!(settled(&account(Some("web-5")), "7", Some("mara")).unwrap(), "web-5");
        assert!(settled(&account(Some("8")), "7", Some("mara")).is_err());
        assert!(settled(&account(None), "7", Some("other")).is_err());
        assert!(settled(&account(Some("web-5")), "web-6", Some("mara")).is_err());
    }
}
