//! One panel a platform, in the reader's words.

use super::figures::{Reader, definition, known, of_metric};
use super::view::{FigureView, Item, Switch};
use super::{audience, charts, notices, view};
use crate::domain::media_kit::{MediaKit, Panel};
use crate::domain::metric::{Figure, MetricAbout};
use crate::domain::platform::About;
use crate::domain::study::{MEAN, MEDIAN_VIEWS, RATE, RHYTHM, RateBy};
use crate::web::words;

/// The platform's own badge: beside the name when it is there, never a figure.
const BADGE: &str = "verified";

/// The panels of accounts with numbers, in their order. The selected one is open, or else the first.
pub fn panels(kit: &MediaKit, selected: Option<&str>, reader: Reader) -> Vec<view::Panel> {
    let mut with_numbers = kit.shown_panels();
    with_numbers.retain(|panel| panel.snapshot.is_some());
    let open = selected.or_else(|| with_numbers.first().map(|panel| panel.about.id)).unwrap_or_default();
    with_numbers.into_iter().filter_map(|panel| shown(panel, open, reader)).collect()
}

fn shown(panel: &Panel, open: &str, reader: Reader) -> Option<view::Panel> {
    let snapshot = panel.snapshot.as_ref()?;
    let updated = reader.near(snapshot.fetched_at);
    let mut shown = panel.figures.iter().filter(|(metric, _)| metric.key != BADGE);
    let lead = shown.next().map(|(metric, figure)| of_metric(panel, metric, figure.as_ref(), reader));
    let mut figures: Vec<Item> =
        shown.flat_map(|(metric, figure)| items(panel, metric, figure.as_ref(), reader)).collect();
    let rhythm = panel.study.rhythm.as_ref();
    figures.extend(rhythm.map(|rhythm| Item::One(Box::new(known(panel, &RHYTHM, rhythm, reader)))));
    Some(view::Panel {
        platform: panel.about.id,
        name: panel.about.name,
        username: handle(panel),
        profile_url: (panel.about.profile_url)(&panel.handle),
        href: format!("?platform={}&lang={}#analytics", panel.about.id, reader.lang.tag()),
        selected: panel.about.id == open,
        verified_account: panel.verified(),
        platform_badge: panel.badge() == Some(true),
        notice: notices::of_panel(panel, reader),
        updated: words::UPDATED_SHORT.get(reader.lang).replace("{}", &updated),
        lead,
        growth: charts::of_panel(panel, reader),
        figures,
        audience: audience::of_panel(panel, reader),
    })
}

/// A metric as the page shows it: the median stands before the mean, and a rate has its other definitions with it.
fn items(panel: &Panel, metric: &MetricAbout, figure: Option<&Figure>, reader: Reader) -> Vec<Item> {
    let one = |figure: FigureView| Item::One(Box::new(figure));
    let own = one(of_metric(panel, metric, figure, reader));
    let median = panel.study.median_views.as_ref().filter(|_| metric.key == MEAN);
    match median {
        Some(median) => vec![one(known(panel, &MEDIAN_VIEWS, median, reader)), own],
        None if metric.key == RATE && panel.study.rates.len() > 1 => vec![Item::Switch(rates(panel, metric, reader))],
        None => vec![own],
    }
}

fn rates(panel: &Panel, metric: &MetricAbout, reader: Reader) -> Switch {
    let choice = |(by, figure): &(RateBy, Figure)| {
        let mut shown = known(panel, metric, figure, reader);
        if panel.study.rates.first().is_some_and(|(first, _)| first != by) {
            shown.id = format!("{}.{}", panel.about.id, by.key());
        }
        (definition(figure, reader.lang).unwrap_or_default(), shown)
    };
    Switch {
        id: format!("rate-{}", panel.about.id),
        label: metric.label.get(reader.lang),
        choices: panel.study.rates.iter().map(choice).collect(),
    }
}

/// The handle as people write it on this platform: `@name`, or its address where a name alone leads nowhere.
pub fn handle(panel: &Panel) -> String {
    written(panel.about, &panel.handle)
}

fn written(about: &About, handle: &str) -> String {
    let address = (about.profile_url)(handle);
    let example = (about.normalise)(about.handle_example).map(|handle| (about.profile_url)(&handle));
    let usual = example.is_ok_and(|example| folder(&example) == folder(&address));
    if about.handle_example.starts_with('@') && usual {
        return format!("@{handle}");
    }
    let bare = address.strip_prefix("https://").unwrap_or(&address);
    bare.strip_prefix("www.").unwrap_or(bare).trim_end_matches('/').to_owned()
}

/// An address's path without its last part: where accounts of this kind live.
fn folder(address: &str) -> &str {
    let path = address.trim_end_matches('/').split_once("://").and_then(|(_, rest)| rest.split_once('/'));
    path.and_then(|(_, path)| path.rsplit_once('/')).map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platforms;

    #[test]
    fn handles_are_written_as_people_write_them() {
        let all = platforms::all(&platforms::Settings::default());
        for (id, handle, expected) in [
            ("instagram", "mara.bikes", "@mara.bikes"),
            ("tiktok", "mara.bikes", "@mara.bikes"),
            ("youtube", "marabikes", "@marabikes"),
            ("youtube", "mära", "@mära"),
            ("youtube", "UCsXVk37bltHxD1rDPwtNM8Q", "youtube.com/channel/UCsXVk37bltHxD1rDPwtNM8Q"),
            ("twitch", "marabikes", "@marabikes"),
            ("x", "marabikes", "@marabikes"),
            ("bluesky", "mara.bsky.social", "@mara.bsky.social"),
            ("mastodon", "mara@rad.social", "@mara@rad.social"),
            ("discord", "marabikes", "discord.gg/marabikes"),
        ] {
            let about = all.iter().map(|platform| platform.about()).find(|about| about.id == id).unwrap();
            assert_eq!(written(about, handle), expected);
        }
    }
}
