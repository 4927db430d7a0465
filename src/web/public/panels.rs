//! One panel a platform, in the reader's words.

use super::figures::{Reader, of_metric};
use super::view::{self, Notice};
use super::when;
use crate::domain::media_kit::{Freshness, MediaKit, Panel};
use crate::domain::text::Lang;
use crate::web::words;

/// The panels of accounts with numbers, in the summary's order. The selected one is open, or else the first.
pub fn panels(kit: &MediaKit, selected: Option<&str>, reader: Reader) -> Vec<view::Panel> {
    let mut with_numbers: Vec<&Panel> = kit.panels.iter().filter(|panel| panel.snapshot.is_some()).collect();
    let place = |panel: &&Panel| {
        let in_sum = kit.summary.parts.iter().position(|part| part.platform == panel.about.id);
        in_sum.unwrap_or(usize::MAX)
    };
    with_numbers.sort_by_key(place);
    let open = selected.or_else(|| with_numbers.first().map(|panel| panel.about.id)).unwrap_or_default();
    with_numbers.into_iter().filter_map(|panel| shown(panel, open, reader)).collect()
}

fn shown(panel: &Panel, open: &str, reader: Reader) -> Option<view::Panel> {
    let snapshot = panel.snapshot.as_ref()?;
    let updated = when::near(snapshot.fetched_at, reader.now, reader.lang);
    Some(view::Panel {
        platform: panel.about.id,
        name: panel.about.name,
        username: handle(panel),
        profile_url: (panel.about.profile_url)(&panel.handle),
        href: format!("?platform={}&lang={}#analytics", panel.about.id, reader.lang.tag()),
        selected: panel.about.id == open,
        verified_account: panel.verified(),
        platform_badge: panel.badge() == Some(true),
        notice: notice(panel, reader.lang),
        updated: words::UPDATED_SHORT.get(reader.lang).replace("{}", &updated),
        figures: panel
            .figures
            .iter()
            .map(|(metric, figure)| of_metric(panel, metric, figure.as_ref(), reader))
            .collect(),
    })
}

/// What a visitor should know of the panel as a whole. What the owner should do about it is for the owner.
fn notice(panel: &Panel, lang: Lang) -> Option<Notice> {
    let stale = panel.freshness.is_some_and(|freshness| freshness >= Freshness::Stale);
    let text = if stale {
        words::OLD_NUMBERS
    } else if panel.failure.is_some() {
        words::LAST_FETCH_FAILED
    } else {
        return None;
    };
    let level = if stale { "warn" } else { "info" };
    Some(Notice { level, text: text.get(lang).replace("{}", panel.about.name) })
}

/// The handle as people write it on this platform.
pub fn handle(panel: &Panel) -> String {
    let with_at = panel.about.handle_example.starts_with('@') && !panel.handle.contains(['@', '/']);
    if with_at { format!("@{}", panel.handle) } else { panel.handle.clone() }
}
