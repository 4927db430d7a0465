//! The profile as JSON-LD in the page's head, for search engines (<https://schema.org/ProfilePage>).

use serde_json::{Value as Json, json};

use crate::domain::media_kit::{MediaKit, Part};
use crate::domain::metric::Figure;
use crate::domain::text::Lang;
use crate::web::public::media_kit::{name, picture_address};
use crate::web::render::{PAGE, Site};
use crate::web::words;

/// The data of `kit`, as it may stand inside a script element: nothing in it begins a tag or ends a line.
pub fn text(kit: &MediaKit, site: &Site, lang: Lang) -> String {
    let text = profile(kit, site, lang).to_string();
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => safe.push_str("\\u003c"),
            '>' => safe.push_str("\\u003e"),
            '&' => safe.push_str("\\u0026"),
            '\u{2028}' => safe.push_str("\\u2028"),
            '\u{2029}' => safe.push_str("\\u2029"),
            c => safe.push(c),
        }
    }
    safe
}

fn profile(kit: &MediaKit, site: &Site, lang: Lang) -> Json {
    let profiles = kit.panels.iter().filter(|panel| !panel.hidden).map(|p| (p.about.profile_url)(&p.handle));
    let mut person = json!({
        "@type": "Person",
        "@id": format!("{}{PAGE}", site.public_url),
        "name": name(kit, lang),
        "url": format!("{}{PAGE}", site.public_url),
        "sameAs": profiles.collect::<Vec<_>>(),
        "interactionStatistic": kit.summary.parts.iter().map(|part| followers(kit, part, lang)).collect::<Vec<_>>(),
    });
    for (key, value) in [
        ("description", kit.creator.bio.clone()),
        ("image", kit.picture.as_ref().map(|picture| format!("{}{}", site.public_url, picture_address(picture)))),
    ] {
        if let Some(value) = value {
            person[key] = json!(value);
        }
    }
    if let Some(location) = &kit.creator.location {
        person["homeLocation"] = json!({ "@type": "Place", "name": location });
    }
    let newest = kit.panels.iter().filter_map(|panel| panel.snapshot.as_ref()).map(|s| s.fetched_at).max();
    let mut page = json!({
        "@context": "https://schema.org",
        "@type": "ProfilePage",
        "url": site.address(PAGE, lang),
        "inLanguage": lang.tag(),
        "mainEntity": person,
    });
    if let Some(newest) = newest {
        page["dateModified"] = json!(newest);
    }
    page
}

/// An audience, with the instant it holds for and what may be said about it.
fn followers(kit: &MediaKit, part: &Part, lang: Lang) -> Json {
    let service = kit.panel(part.platform).map(|panel| panel.about);
    json!({
        "@type": "InteractionCounter",
        "interactionType": "https://schema.org/FollowAction",
        "userInteractionCount": part.audience,
        "endTime": part.figure.fetched_at,
        "description": said(&part.figure, lang),
        "interactionService": {
            "@type": "WebSite",
            "name": service.map(|about| about.name),
            "url": service.map(|about| (about.profile_url)(&part.username)),
        },
    })
}

/// Source and precision of a figure, in the words of the page.
fn said(figure: &Figure, lang: Lang) -> String {
    let (_, provenance) = words::provenance(figure.origin.provenance);
    let precision = words::precision(figure.precision);
    format!("{}, {}, {}", figure.origin.source, provenance.get(lang), precision.get(lang))
}
