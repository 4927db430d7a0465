//! The milestones as a feed: RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1, from one list of entries.

use askama::Template;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

use super::text::line;
use crate::domain::media_kit::MediaKit;
use crate::domain::milestone::Milestone;
use crate::domain::number::exact_in;
use crate::domain::text::{Lang, Text};
use crate::web::public::media_kit::name;
use crate::web::public::when;
use crate::web::render::{PAGE, Site};
use crate::web::words;

/// How many entries a feed has at most.
const MOST: usize = 50;
const TITLE: Text = Text::new("{}: Meilensteine", "{}: milestones");
const ABOUT: Text = Text::new(
    "Runde Zahlen, jede an dem Tag, an dem sie zuerst gemessen wurde.",
    "Round numbers, each on the day it was first measured.",
);
const REACHED: Text = Text::new("{what}: {n} {label} erreicht", "{what}: {n} {label} reached");
const AT_FIRST: Text =
    Text::new("{what}: mehr als {n} {label} beim ersten Abruf", "{what}: more than {n} {label} at the first fetch");
const IN_ALL: Text = Text::new("Insgesamt", "In total");
const FOLLOWERS: Text = Text::new("Follower", "followers");
const MEASURED: Text = Text::new(
    "Gemessen am {day} (UTC): {value}. {source}, {precision}.",
    "Measured on {day} (UTC): {value}. {source}, {precision}.",
);

/// A feed as its templates take it.
pub struct Feed {
    lang: &'static str,
    title: String,
    about: &'static str,
    author: String,
    home: String,
    /// Where the feed itself is.
    own: String,
    updated: Timestamp,
    entries: Vec<Entry>,
}

struct Entry {
    /// Its name for ever: the page's address with a place on it.
    id: String,
    title: String,
    text: String,
    at: Timestamp,
}

impl Entry {
    /// As RSS writes instants (RFC 822).
    fn rfc822(&self) -> String {
        self.at.to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }
}

#[derive(Template)]
#[template(path = "data/rss.xml")]
pub struct Rss(pub Feed);

#[derive(Template)]
#[template(path = "data/atom.xml")]
pub struct Atom(pub Feed);

/// The feed of `kit` that lives at `path`.
pub fn feed(kit: &MediaKit, site: &Site, (path, lang): (&str, Lang), now: Timestamp) -> Feed {
    let author = line(&name(kit, lang));
    let entries: Vec<Entry> = kit.milestones.iter().take(MOST).map(|m| entry(kit, m, site, lang)).collect();
    let newest = entries.iter().map(|entry| entry.at).max();
    let read = kit.panels.iter().filter_map(|panel| panel.snapshot.as_ref()).map(|s| s.fetched_at).max();
    Feed {
        lang: lang.tag(),
        title: TITLE.get(lang).replace("{}", &author),
        about: ABOUT.get(lang),
        author,
        home: site.address(PAGE, lang),
        own: site.address(path, lang),
        updated: newest.or(read).unwrap_or(now),
        entries,
    }
}

fn entry(kit: &MediaKit, milestone: &Milestone, site: &Site, lang: Lang) -> Entry {
    let about = milestone.platform.and_then(|id| kit.panel(id)).map(|panel| panel.about);
    let label = about.and_then(|about| about.metric(about.audience)).map_or(FOLLOWERS, |metric| metric.label);
    let words = if milestone.at_first { AT_FIRST } else { REACHED };
    let source = milestone.origin.as_ref().map_or_else(
        || words::SUM.get(lang).to_owned(),
        |(source, provenance)| format!("{}, {}", line(source), words::provenance(*provenance).1.get(lang)),
    );
    let title = words.get(lang).replace("{what}", about.map_or(IN_ALL.get(lang), |about| about.name));
    let text = MEASURED.get(lang).replace("{day}", &when::day(milestone.day, lang));
    Entry {
        id: format!("{}{PAGE}#{}-{}", site.public_url, milestone.platform.unwrap_or("total"), milestone.reached),
        title: title.replace("{n}", &exact_in(milestone.reached, lang)).replace("{label}", label.get(lang)),
        text: text
            .replace("{value}", &exact_in(milestone.value, lang))
            .replace("{precision}", words::precision(milestone.precision).get(lang))
            .replace("{source}", &source),
        at: milestone.fetched_at,
    }
}

/// The same as JSON Feed (<https://www.jsonfeed.org/version/1.1/>).
pub fn json_feed(feed: &Feed) -> Json {
    let item = |entry: &Entry| {
        json!({
            "id": entry.id,
            "url": feed.home,
            "title": entry.title,
            "content_text": entry.text,
            "date_published": entry.at,
        })
    };
    json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.about,
        "home_page_url": feed.home,
        "feed_url": feed.own,
        "language": feed.lang,
        "authors": [{ "name": feed.author }],
        "items": feed.entries.iter().map(item).collect::<Vec<_>>(),
    })
}
