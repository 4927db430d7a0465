//! What a PUT of the profile may say. Everything is checked before anything is written.

use serde_json::{Map, Value as Json};
use url::Url;

use crate::domain::design::{self, Choice, Colour, FONTS, LAYOUTS, THEMES};
use crate::domain::platform::About;
use crate::domain::profile::{Creator, DEFAULT_THRESHOLD};
use crate::domain::text::{Lang, Text};
use crate::store::HandleChanges;
use crate::web::error::Error;

const MOST_THRESHOLD: i64 = 1_000_000_000_000;

/// Applies the keys of `object` to `creator` and gives the handles that change.
///
/// # Errors
/// 422 with the field and the reason at the first key that cannot be.
pub fn read(
    object: Map<String, Json>,
    creator: &mut Creator,
    platforms: &[&'static About],
) -> Result<HandleChanges, Error> {
    let mut changes = HandleChanges::new();
    for (key, value) in object {
        match key.as_str() {
            "name" => creator.name = text("name", value, 100)?.unwrap_or_default(),
            "bio" => creator.bio = text("bio", value, 500)?,
            "location" => creator.location = text("location", value, 100)?,
            "avatar_url" => creator.avatar_url = address("avatar_url", value)?,
            "contact" => creator.contact = contact(value)?,
            "lang" => creator.lang = lang(&value)?,
            "theme" => creator.theme = chosen("theme", &value, THEMES)?,
            "accent" => creator.accent = accent(value)?,
            "font" => creator.font = chosen("font", &value, FONTS)?,
            "layout" => creator.layout = chosen("layout", &value, LAYOUTS)?,
            "threshold" => creator.threshold = threshold(&value)?,
            "published" => creator.published = published(value, platforms)?,
            "handles" => changes = handles(value, platforms)?,
            _ => return Err(invalid(&key, "ist unbekannt", "is unknown")),
        }
    }
    Ok(changes)
}

fn invalid(field: &str, de: &'static str, en: &'static str) -> Error {
    Error::Invalid(field.to_owned(), Text::new(de, en))
}

fn not_a_text(field: &str) -> Error {
    invalid(field, "muss ein Text oder null sein", "must be a text or null")
}

/// A text of at most `most` characters; null and blank are none.
fn text(field: &str, value: Json, most: usize) -> Result<Option<String>, Error> {
    let text = match value {
        Json::Null => return Ok(None),
        Json::String(text) => text,
        _ => return Err(not_a_text(field)),
    };
    if text.chars().count() > most {
        return Err(invalid(field, "ist zu lang", "is too long"));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(invalid(field, "enthält Steuerzeichen", "contains control characters"));
    }
    Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
}

fn address(field: &str, value: Json) -> Result<Option<String>, Error> {
    let Some(text) = text(field, value, 500)? else { return Ok(None) };
    if is_web_address(&text) {
        return Ok(Some(text));
    }
    Err(invalid(field, "muss mit http:// oder https:// beginnen", "must begin with http:// or https://"))
}

fn is_web_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
}

fn contact(value: Json) -> Result<Option<String>, Error> {
    let Some(text) = text("contact", value, 200)? else { return Ok(None) };
    let mail = |text: &str| {
        let plain = !text.contains(|c: char| c.is_whitespace() || "<>\"?&,;".contains(c));
        plain && text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
    };
    if is_web_address(&text) || mail(&text) {
        return Ok(Some(text));
    }
    Err(invalid("contact", "muss eine E-Mail- oder Web-Adresse sein", "must be an e-mail or web address"))
}

/// One of the names that can be chosen.
fn chosen(field: &str, value: &Json, choices: &[Choice]) -> Result<String, Error> {
    let known = value.as_str().filter(|name| design::has(choices, name));
    known.map(str::to_owned).ok_or_else(|| invalid(field, "steht nicht zur Wahl", "is not one of the choices"))
}

/// A colour as `#rrggbb`; null restores the theme's own.
fn accent(value: Json) -> Result<Option<String>, Error> {
    let Some(text) = text("accent", value, 7)? else { return Ok(None) };
    let colour = Colour::read(&text)
        .ok_or_else(|| invalid("accent", "muss eine Farbe wie #1d3f9e sein", "must be a colour such as #1d3f9e"))?;
    Ok(Some(colour.hex()))
}

/// The language of the pages for readers who ask for neither; null leaves it open.
fn lang(value: &Json) -> Result<Option<Lang>, Error> {
    let known = value.as_str().and_then(Lang::from_tag);
    if known.is_some() || value.is_null() {
        Ok(known)
    } else {
        Err(invalid("lang", "muss de oder en sein", "must be de or en"))
    }
}

fn threshold(value: &Json) -> Result<i64, Error> {
    if value.is_null() {
        return Ok(DEFAULT_THRESHOLD);
    }
    value.as_i64().filter(|n| (0..=MOST_THRESHOLD).contains(n)).ok_or_else(|| {
        invalid("threshold", "muss eine ganze Zahl von 0 bis 10¹² sein", "must be a whole number from 0 to 10¹²")
    })
}

/// The private metrics to publish; each must be one a platform declares as private.
fn published(value: Json, platforms: &[&'static About]) -> Result<Vec<String>, Error> {
    let Json::Array(entries) = value else {
        return Err(invalid("published", "muss eine Liste sein", "must be a list"));
    };
    let declared = |entry: &str| {
        let (platform, metric) = entry.split_once('.')?;
        let about = platforms.iter().find(|about| about.id == platform)?;
        about.private_keys().any(|key| key == metric).then(|| entry.to_owned())
    };
    let mut published = Vec::new();
    for entry in entries {
        let entry = entry.as_str().and_then(declared).ok_or_else(|| {
            invalid("published", "nennt einen unbekannten privaten Wert", "names an unknown private metric")
        })?;
        if !published.contains(&entry) {
            published.push(entry);
        }
    }
    Ok(published)
}

fn handles(value: Json, platforms: &[&'static About]) -> Result<HandleChanges, Error> {
    let Json::Object(entries) = value else {
        return Err(invalid("handles", "muss ein Objekt sein", "must be an object"));
    };
    let mut handles = HandleChanges::new();
    for (platform, value) in entries {
        let field = format!("handles.{platform}");
        let about = platforms.iter().copied().find(|about| about.id == platform);
        let about = about.ok_or_else(|| invalid(&field, "ist keine bekannte Plattform", "is not a known platform"))?;
        handles.push((about.id, handle(&field, value, about)?));
    }
    Ok(handles)
}

/// What people type becomes the handle the platform knows; blank removes it like null.
fn handle(field: &str, value: Json, about: &About) -> Result<Option<String>, Error> {
    let Some(typed) = text(field, value, 500)? else { return Ok(None) };
    (about.normalise)(&typed).map(Some).map_err(|reason| Error::Invalid(field.to_owned(), reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn creator() -> Creator {
        Creator {
            id: 1,
            name: "Mara".into(),
            bio: Some("Räder".into()),
            location: None,
            avatar_url: None,
            contact: None,
            theme: "paper".into(),
            threshold: 1000,
            least_share: 0,
            hides_small: false,
            platform_order: Vec::new(),
            access: crate::domain::share::Access::Public,
            published: Vec::new(),
            lang: None,
            accent: None,
            font: "system".into(),
            layout: "wide".into(),
            version: 0,
        }
    }

    fn apply(body: Json) -> Result<Creator, Error> {
        let Json::Object(object) = body else { panic!("not an object") };
        let mut creator = creator();
        read(object, &mut creator, &[]).map(|_| creator)
    }

    #[test]
    fn only_named_keys_change_and_null_removes() {
        let changed = apply(json!({ "location": "Kiel", "bio": null })).unwrap();
        assert_eq!((changed.name.as_str(), changed.bio, changed.location.as_deref()), ("Mara", None, Some("Kiel")));
        assert_eq!(apply(json!({ "threshold": null })).unwrap().threshold, 1000);
    }

    #[test]
    fn what_cannot_be_names_its_field() {
        let cases = [
            (json!({ "name": 5 }), "name"),
            (json!({ "name": "x".repeat(101) }), "name"),
            (json!({ "bio": "a\u{0}b" }), "bio"),
            (json!({ "avatar_url": "javascript:alert(1)" }), "avatar_url"),
            (json!({ "contact": "nobody" }), "contact"),
            (json!({ "theme": "glitter" }), "theme"),
            (json!({ "font": null }), "font"),
            (json!({ "layout": 5 }), "layout"),
            (json!({ "accent": "red" }), "accent"),
            (json!({ "lang": "fr" }), "lang"),
            (json!({ "threshold": -1 }), "threshold"),
            (json!({ "threshold": 1.5 }), "threshold"),
            (json!({ "threshold": 1_000_000_000_001_i64 }), "threshold"),
            (json!({ "published": ["instagram.reach"] }), "published"),
            (json!({ "handles": { "myspace": "tom" } }), "handles.myspace"),
            (json!({ "handles": [] }), "handles"),
            (json!({ "nickname": "M" }), "nickname"),
        ];
        for (body, field) in cases {
            let Err(Error::Invalid(named, _)) = apply(body.clone()) else { panic!("{body} was taken") };
            assert_eq!(named, field);
        }
    }
}
