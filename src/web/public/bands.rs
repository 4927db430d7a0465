//! The blocks in the reader's words: what each shows, or nothing when there is nothing in it yet.

use jiff::civil::Date;
use url::Url;

use super::figures::{Reader, typed};
use super::media_kit::{contact_href, hero};
use super::view::{Band, Button, FigureView, Film, Group, Package, Section, Work};
use super::{audience, markdown, when};
use crate::domain::block::body::{self, Currency, Disclosure};
use crate::domain::block::{Block, Body};
use crate::domain::media_kit::MediaKit;
use crate::domain::number::exact_in;
use crate::domain::text::{Lang, Text};
use crate::web::words::{self, block as word};

/// What the page shows, from top to bottom.
pub fn bands(kit: &MediaKit, reader: Reader) -> Vec<Band> {
    // What was fetched stands in the first block about the audience, before what was typed.
    let mut fetched = audience::of_kit(kit, reader);
    let mut bands = Vec::new();
    for block in &kit.blocks {
        let is_audience = matches!(block.body, Body::Audience(_));
        let fetched = if is_audience { std::mem::take(&mut fetched) } else { Vec::new() };
        if !block.body.is_empty() || !fetched.is_empty() {
            bands.push(band(kit, block, fetched, reader.lang));
        }
    }
    bands
}

fn band(kit: &MediaKit, block: &Block, fetched: Vec<Group>, lang: Lang) -> Band {
    let id = block.id;
    match &block.body {
        Body::Hero(body) => Band::Hero(hero(kit, body, lang)),
        Body::Stats(body) => Band::Stats(body.heading.clone(), facts(id, &body.items, lang)),
        Body::Platforms(body) => Band::Platforms(body.heading.clone()),
        Body::Audience(body) => Band::Audience(
            section(id, body.heading.as_deref(), Some(word::AUDIENCE), None, lang),
            fetched.into_iter().chain(groups(id, body, lang)).collect(),
        ),
        Body::Partners(body) => {
            let works = body.items.iter().enumerate().map(|(index, work)| self::work(id, index, work, lang));
            Band::Partners(section(id, body.heading.as_deref(), Some(word::PARTNERS), None, lang), works.collect())
        }
        Body::Rates(body) => {
            let section = section(id, body.heading.as_deref(), Some(word::RATES), body.note.as_deref(), lang);
            let packages = body.items.iter().map(|package| self::package(package, body.currency, lang));
            Band::Rates(section, packages.collect())
        }
        Body::Text(body) => Band::Text(section(id, body.heading.as_deref(), None, Some(&body.text), lang)),
        Body::Markdown(body) => {
            let html = markdown::html_of(&body.text);
            Band::Markdown(section(id, body.heading.as_deref(), None, None, lang), html, body.text.clone())
        }
        Body::CallToAction(body) => {
            let section = section(id, Some(&body.heading), None, body.text.as_deref(), lang);
            Band::Action(section, button(kit, body, lang))
        }
        Body::Video(body) => {
            let section = section(id, body.heading.as_deref(), Some(word::VIDEO), body.text.as_deref(), lang);
            let film = Film { title: body.title.clone(), href: body.link.clone(), host: host(&body.link) };
            Band::Video(section, film)
        }
    }
}

fn section(id: i64, heading: Option<&str>, usual: Option<Text>, text: Option<&str>, lang: Lang) -> Section {
    let heading = heading.or(usual.map(|usual| usual.get(lang))).map(str::to_owned);
    Section { id: format!("block-{id}"), heading, text: paragraphs(text.unwrap_or_default()) }
}

/// An empty line begins a new paragraph.
fn paragraphs(text: &str) -> Vec<Vec<String>> {
    let lines = text.split("\n\n").map(|paragraph| paragraph.lines().filter(|line| !line.trim().is_empty()));
    lines.map(|lines| lines.map(str::to_owned).collect::<Vec<_>>()).filter(|lines| !lines.is_empty()).collect()
}

fn facts(id: i64, facts: &[body::Fact], lang: Lang) -> Vec<FigureView> {
    let fact = |(index, fact): (usize, &body::Fact)| {
        typed(format!("self.fact_{id}_{index}"), &fact.label, &fact.value, (None, fact.typed_on), lang)
    };
    facts.iter().enumerate().map(fact).collect()
}

/// The shares by what they are parts of. The largest come first, ages in the creator's order.
fn groups(id: i64, audience: &body::Audience, lang: Lang) -> Vec<Group> {
    let mut kinds: Vec<body::Group> = audience.items.iter().map(|share| share.group).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let group = |kind: body::Group| {
        let mut shares: Vec<_> = audience.items.iter().filter(|share| share.group == kind).collect();
        if kind != body::Group::Age {
            shares.sort_by_key(|share| -share.permille);
        }
        let (name, title) = word::group(kind);
        let oldest = shares.iter().filter_map(|share| share.typed_on).min();
        let origin = (audience.source.as_deref(), oldest);
        let row = |share: &&body::Share| audience::row(share.label.clone(), share.permille, lang);
        Group {
            title: title.get(lang).to_owned(),
            rows: shares.iter().map(row).collect(),
            figure: typed(format!("self.audience_{id}_{name}"), title.get(lang), "", origin, lang),
        }
    };
    kinds.into_iter().map(group).collect()
}

fn work(id: i64, index: usize, work: &body::Partner, lang: Lang) -> Work {
    let result = |result: &String| {
        let name = format!("self.result_{id}_{index}");
        typed(name, word::RESULT.get(lang), result, (None, work.typed_on), lang)
    };
    Work {
        brand: work.brand.clone(),
        month: work.month.as_deref().and_then(first_of).map(|month| when::month(month, lang)),
        text: paragraphs(work.what.as_deref().unwrap_or_default()),
        result: work.result.as_ref().map(result),
        href: work.link.clone(),
        disclosure: disclosure(work.disclosure).map(|text| text.get(lang)),
    }
}

/// The first day of a month such as `2026-09`.
fn first_of(month: &str) -> Option<Date> {
    format!("{month}-01").parse().ok()
}

/// How a work is labelled: everything that something was given for is advertising.
const fn disclosure(disclosure: Disclosure) -> Option<Text> {
    match disclosure {
        Disclosure::Paid => Some(Text::new("Werbung, bezahlt", "Ad, paid")),
        Disclosure::Gifted => Some(Text::new("Werbung, Produkt kostenlos erhalten", "Ad, product received for free")),
        Disclosure::Affiliate => Some(Text::new("Werbung, Anteil am Umsatz", "Ad, share of the sales")),
        Disclosure::Own => None,
    }
}

fn package(package: &body::Package, currency: Currency, lang: Lang) -> Package {
    let price = package.price.map(|cents| amount(cents, currency, lang));
    let least = |price: String| if package.least { word::FROM.get(lang).replace("{}", &price) } else { price };
    Package {
        name: package.name.clone(),
        price: price.map_or_else(|| word::ON_REQUEST.get(lang).to_owned(), least),
        includes: paragraphs(package.includes.as_deref().unwrap_or_default()).concat(),
    }
}

/// `1.200 €` or `€1,200`; cents only when there are some.
fn amount(cents: i64, currency: Currency, lang: Lang) -> String {
    let sign = match currency {
        Currency::Euro => "€",
        Currency::Franc => "CHF",
        Currency::Pound => "£",
        Currency::Dollar => "$",
    };
    let rest = Some(cents % 100).filter(|rest| *rest > 0).map(|rest| format!("{}{rest:02}", lang.pick(",", ".")));
    let number = format!("{}{}", exact_in(cents / 100, lang), rest.unwrap_or_default());
    match (lang, currency) {
        (Lang::De, _) => format!("{number}\u{a0}{sign}"),
        (Lang::En, Currency::Franc) => format!("{sign}\u{a0}{number}"),
        (Lang::En, _) => format!("{sign}{number}"),
    }
}

fn button(kit: &MediaKit, action: &body::CallToAction, lang: Lang) -> Option<Button> {
    let href = action.link.clone().or_else(|| contact_href(kit))?;
    let label = action.label.clone().unwrap_or_else(|| words::words(lang).contact.to_owned());
    Some(Button { label, href })
}

/// The host of an address as people name it: `youtube.com`.
fn host(address: &str) -> String {
    let url = Url::parse(address).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_written_as_their_readers_write_them() {
        for (cents, currency, de, en) in [
            (120_000, Currency::Euro, "1.200\u{a0}€", "€1,200"),
            (8_950, Currency::Pound, "89,50\u{a0}£", "£89.50"),
            (5, Currency::Franc, "0,05\u{a0}CHF", "CHF\u{a0}0.05"),
        ] {
            assert_eq!((amount(cents, currency, Lang::De), amount(cents, currency, Lang::En)), (de.into(), en.into()));
        }
    }

    #[test]
    fn texts_become_paragraphs_of_lines() {
        assert_eq!(paragraphs("a\nb\n\n\n c\n"), [vec!["a", "b"], vec![" c"]]);
        assert!(paragraphs(" \n\n ").is_empty());
    }

    #[test]
    fn whatever_was_received_for_a_work_is_called_advertising() {
        for given in [Disclosure::Paid, Disclosure::Gifted, Disclosure::Affiliate] {
            let text = disclosure(given).unwrap();
            assert!(text.de.starts_with("Werbung") && text.en.starts_with("Ad"));
        }
        assert!(disclosure(Disclosure::Own).is_none());
    }
}
