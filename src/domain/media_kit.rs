//! The media kit itself: a pure function from what is stored and the time to what may be shown.
//! Every face (page, JSON, PDF, card) is drawn from the same [`MediaKit`] value.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::account::{Account, Held};
use super::block::Block;
use super::demographics::{Demographics, Dimension};
use super::failure::Failure;
use super::history::Past;
use super::legal::Legal;
use super::link::Link;
use super::metric::{Figure, MetricAbout, Provenance};
use super::milestone::{self, Milestone};
use super::picture::Picture;
use super::platform::About;
use super::profile::Creator;
use super::share::Share;
use super::snapshot::Snapshot;
use super::study::Study;

/// Older than this, a number shows its age.
pub const AGED_AFTER: SignedDuration = SignedDuration::from_hours(26);
/// Older than this, a number is marked stale.
pub const STALE_AFTER: SignedDuration = SignedDuration::from_hours(72);
/// Older than this, a number leaves the totals.
pub const EXPIRED_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How old a number is, in the four steps the page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Freshness {
    /// At most 26 hours.
    Fresh,
    /// More than 26 hours: its age is shown.
    Aged,
    /// More than 72 hours: marked stale.
    Stale,
    /// More than 30 days: not in totals.
    Expired,
}

impl Freshness {
    /// The freshness at `now` of a number read at `fetched_at`.
    pub fn of(fetched_at: Timestamp, now: Timestamp) -> Self {
        let age = now.duration_since(fetched_at);
        if age > EXPIRED_AFTER {
            Self::Expired
        } else if age > STALE_AFTER {
            Self::Stale
        } else if age > AGED_AFTER {
            Self::Aged
        } else {
            Self::Fresh
        }
    }
}

/// Everything the kit is made of, as the store gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct KitInput {
    /// Whose kit it is.
    pub creator: Creator,
    /// Their picture, made ours.
    pub picture: Option<Picture>,
    /// Their accounts.
    pub accounts: Vec<Account>,
    /// The last good numbers; unreadable rows are left out by the store and reported there.
    pub snapshots: Vec<Snapshot>,
    /// Their audiences day by day, by the accounts' ids.
    pub pasts: BTreeMap<i64, Past>,
    /// The blocks in their order, the hidden ones too.
    pub blocks: Vec<Block>,
    /// The entries of their link page, in order.
    pub links: Vec<Link>,
    /// Who stands behind the pages, once they said so.
    pub legal: Option<Legal>,
    /// The links to the kit, those that ended too.
    pub shares: Vec<Share>,
    /// Whether visits are counted.
    pub counts_visits: bool,
}

/// What may be shown at an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct MediaKit {
    /// Whose kit it is.
    pub creator: Creator,
    /// Their picture.
    pub picture: Option<Picture>,
    /// The follower summary.
    pub summary: Summary,
    /// One panel a platform, in the order of the platform list.
    pub panels: Vec<Panel>,
    /// What visitors see, in its order.
    pub blocks: Vec<Block>,
    /// The entries of the link page that visitors see.
    pub links: Vec<Link>,
    /// Who stands behind the pages.
    pub legal: Option<Legal>,
    /// Whether there are links to the kit.
    pub has_links_of_its_own: bool,
    /// Whether visits are counted.
    pub counts_visits: bool,
    /// The round numbers that were reached, newest first.
    pub milestones: Vec<Milestone>,
    /// When a mark on the page changes by itself; render again then.
    pub valid_until: Timestamp,
}

/// The follower summary: our own sum with its parts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// The sum of the parts.
    pub total: i64,
    /// The platforms in the sum, largest first.
    pub parts: Vec<Part>,
    /// Accounts that are not in the sum, and why.
    pub left_out: Vec<LeftOut>,
}

impl Summary {
    /// Whether the sum lacks an account whose number is unknown or too old.
    pub fn incomplete(&self) -> bool {
        self.left_out.iter().any(|entry| !entry.reason.is_chosen())
    }
}

/// One platform of the sum.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The platform's id.
    pub platform: &'static str,
    /// The handle.
    pub username: String,
    /// The audience count.
    pub audience: i64,
    /// The audience as a figure, with its source and time.
    pub figure: Figure,
    /// The platform's own badge; `None` when unknown.
    pub badge: Option<bool>,
}

/// An account that is not in the sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The platform's id.
    pub platform: &'static str,
    /// Why.
    pub reason: LeftOutReason,
}

/// Why an account is not in the sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOutReason {
    /// Its audience is smaller than the owner's threshold.
    BelowThreshold,
    /// Its audience is a smaller part of all than the owner's least share.
    BelowShare,
    /// Its number is older than 30 days.
    TooOld,
    /// Nothing has been fetched yet.
    Unknown,
}

impl LeftOutReason {
    /// Whether the owner chose so: the sum then lacks nothing.
    pub const fn is_chosen(self) -> bool {
        matches!(self, Self::BelowThreshold | Self::BelowShare)
    }
}

/// What is shown of one platform.
#[derive(Clone, Debug)]
pub struct Panel {
    /// The platform.
    pub about: &'static About,
    /// The handle.
    pub handle: String,
    /// The last good numbers, if there are any.
    pub snapshot: Option<Snapshot>,
    /// Its metrics in order, private ones only when published; `None` is unknown.
    pub figures: Vec<(&'static MetricAbout, Option<Figure>)>,
    /// Who its audience is made of, as far as that is published; `None` is unknown.
    pub demographics: Vec<(Dimension, Option<Demographics>)>,
    /// What its newest posts say.
    pub study: Study,
    /// The audience day by day.
    pub past: Past,
    /// How old the snapshot is.
    pub freshness: Option<Freshness>,
    /// What went wrong last, if it did.
    pub failure: Option<Failure>,
    /// A jump that waits for a second fetch to agree.
    pub held: Option<Held>,
    /// Whether visitors see nothing of it: it is too small, and the owner hides such platforms.
    pub hidden: bool,
}

impl PartialEq for Panel {
    fn eq(&self, other: &Self) -> bool {
        self.about.id == other.about.id
            && self.handle == other.handle
            && self.snapshot == other.snapshot
            && self.demographics == other.demographics
            && self.study == other.study
            && self.past == other.past
            && self.freshness == other.freshness
            && self.failure == other.failure
            && self.held == other.held
            && self.hidden == other.hidden
    }
}

impl Panel {
    /// Whether the page may call the numbers verified: read with a token of that very account.
    pub fn verified(&self) -> bool {
        self.snapshot.as_ref().is_some_and(|s| s.origin.provenance == Provenance::OwnerAuthorised)
    }

    /// The audience as a figure: followers, subscribers or members.
    pub fn audience(&self) -> Option<&Figure> {
        let figures = &self.snapshot.as_ref()?.figures;
        figures.get(self.about.audience).or_else(|| figures.get("followers"))
    }

    /// The platform's own badge; `None` when unknown.
    pub fn badge(&self) -> Option<bool> {
        match self.snapshot.as_ref()?.figures.get("verified")?.value {
            super::metric::Value::Flag(yes) => Some(yes),
            _ => None,
        }
    }
}

impl MediaKit {
    /// Builds the kit of `input` as of `now`. `platforms` gives the order of the panels.
    pub fn build(input: &KitInput, platforms: &[&'static About], now: Timestamp) -> Self {
        let mut panels: Vec<Panel> = platforms.iter().filter_map(|about| panel(input, about, now)).collect();
        let summary = summary(&panels, &input.creator, now);
        if input.creator.hides_small {
            let small =
                |panel: &Panel| summary.left_out.iter().any(|o| o.platform == panel.about.id && o.reason.is_chosen());
            for panel in &mut panels {
                panel.hidden = small(panel);
            }
        }
        Self {
            creator: input.creator.clone(),
            picture: input.picture.clone(),
            summary,
            legal: input.legal.clone(),
            has_links_of_its_own: !input.shares.is_empty(),
            counts_visits: input.counts_visits,
            milestones: milestone::all(&panels, &input.creator),
            valid_until: valid_until(&panels, &input.links, now),
            panels,
            blocks: input.blocks.iter().filter(|block| !block.hidden).cloned().collect(),
            links: input.links.iter().filter(|link| link.is_shown(now)).cloned().collect(),
        }
    }

    /// The same kit for those who may not see a number of it.
    pub fn without_numbers(&self) -> Self {
        let panels = self.panels.iter().map(|panel| Panel {
            snapshot: None,
            figures: Vec::new(),
            demographics: Vec::new(),
            freshness: None,
            failure: None,
            held: None,
            study: Study::default(),
            past: Past::default(),
            ..panel.clone()
        });
        Self { panels: panels.collect(), summary: Summary::default(), blocks: Vec::new(), ..self.clone() }
    }

    /// The panel of a platform.
    pub fn panel(&self, platform: &str) -> Option<&Panel> {
        self.panels.iter().find(|panel| panel.about.id == platform)
    }

    /// The panels visitors see: as the owner ordered them, else the summary's first, largest first.
    pub fn shown_panels(&self) -> Vec<&Panel> {
        let mut shown: Vec<&Panel> = self.panels.iter().filter(|panel| !panel.hidden).collect();
        let of_sum = |id: &str| self.summary.parts.iter().position(|part| part.platform == id);
        let chosen = |id: &str| self.creator.platform_order.iter().position(|other| other == id);
        let last = |place: Option<usize>| place.unwrap_or(usize::MAX);
        shown.sort_by_key(|panel| (last(chosen(panel.about.id)), last(of_sum(panel.about.id))));
        shown
    }
}

fn panel(input: &KitInput, about: &'static About, now: Timestamp) -> Option<Panel> {
    let account = input.accounts.iter().find(|account| account.platform == about.id);
    let snapshot = input
        .snapshots
        .iter()
        .filter(|s| s.platform == about.id && account.is_none_or(|account| s.username == account.handle))
        .max_by_key(|s| s.fetched_at)
        .cloned();
    let handle = match (account, &snapshot) {
        (Some(account), _) => account.handle.clone(),
        (None, Some(snapshot)) => snapshot.username.clone(),
        (None, None) => return None,
    };
    let figures = about
        .metrics
        .iter()
        .filter(|metric| !metric.private || input.creator.publishes(about.id, metric.key))
        .map(|metric| (metric, snapshot.as_ref().and_then(|s| s.figures.get(metric.key)).cloned()))
        .collect();
    let published = about.demographics.iter().filter(|dimension| input.creator.publishes(about.id, dimension.key()));
    let known = |dimension| snapshot.as_ref().and_then(|s| s.demographics.get(dimension)).cloned();
    let demographics = published.map(|dimension| (*dimension, known(dimension))).collect();
    let freshness = snapshot.as_ref().map(|s| Freshness::of(s.fetched_at, now));
    let failure = account.and_then(|account| account.memory.failure.clone());
    let held = account.and_then(|account| account.memory.held);
    let past = account.and_then(|account| input.pasts.get(&account.id)).cloned().unwrap_or_default();
    let reach_is_public = input.creator.publishes(about.id, "reach_28d");
    let study = snapshot.as_ref().map(|snapshot| Study::of(about, snapshot, reach_is_public)).unwrap_or_default();
    Some(Panel { about, handle, snapshot, figures, demographics, study, past, freshness, failure, held, hidden: false })
}

fn summary(panels: &[Panel], creator: &Creator, now: Timestamp) -> Summary {
    let parts: Vec<_> = panels.iter().map(|panel| (panel.about.id, part(panel, now))).collect();
    let all = parts.iter().filter_map(|(_, part)| Some(i128::from(part.as_ref().ok()?.audience))).sum();
    let mut summary = Summary::default();
    for (platform, part) in parts {
        match part.and_then(|part| large_enough(part, creator, all)) {
            Ok(part) => {
                summary.total = summary.total.saturating_add(part.audience);
                summary.parts.push(part);
            }
            Err(reason) => summary.left_out.push(LeftOut { platform, reason }),
        }
    }
    summary.parts.sort_by(|a, b| b.audience.cmp(&a.audience).then_with(|| a.platform.cmp(b.platform)));
    summary
}

/// Whether a part is in the sum by the owner's rules; `all` is what every known audience makes together.
fn large_enough(part: Part, creator: &Creator, all: i128) -> Result<Part, LeftOutReason> {
    in_sum(part.audience, creator, all).map(|()| part)
}

/// The same for an audience alone.
pub fn in_sum(audience: i64, creator: &Creator, all: i128) -> Result<(), LeftOutReason> {
    if audience < creator.threshold {
        return Err(LeftOutReason::BelowThreshold);
    }
    let too_small = i128::from(audience) * 100 < all * i128::from(creator.least_share);
    if too_small { Err(LeftOutReason::BelowShare) } else { Ok(()) }
}

fn part(panel: &Panel, now: Timestamp) -> Result<Part, LeftOutReason> {
    let figure = panel.audience().ok_or(LeftOutReason::Unknown)?;
    let audience = figure.value.count().ok_or(LeftOutReason::Unknown)?;
    if Freshness::of(figure.fetched_at, now) == Freshness::Expired {
        return Err(LeftOutReason::TooOld);
    }
    Ok(Part {
        platform: panel.about.id,
        username: panel.handle.clone(),
        audience,
        figure: figure.clone(),
        badge: panel.badge(),
    })
}

/// The next instant at which a freshness mark, the word "today", the tense of "next attempt" or the list of links changes.
fn valid_until(panels: &[Panel], links: &[Link], now: Timestamp) -> Timestamp {
    let day = 86_400;
    let midnight = Timestamp::from_second((now.as_second().div_euclid(day) + 1) * day).unwrap_or(Timestamp::MAX);
    let attempts = panels.iter().filter_map(|panel| panel.failure.as_ref()?.next_attempt_at);
    panels
        .iter()
        .filter_map(|panel| panel.snapshot.as_ref())
        .flat_map(|snapshot| {
            let figures = snapshot.figures.values().map(|figure| figure.fetched_at);
            figures.chain(snapshot.demographics.values().map(|known| known.fetched_at)).chain([snapshot.fetched_at])
        })
        .flat_map(|at| [AGED_AFTER, STALE_AFTER, EXPIRED_AFTER].map(|after| at.saturating_add(after).ok()))
        .flatten()
        .chain(attempts)
        .map(|mark| mark.saturating_add(SignedDuration::from_secs(1)).unwrap_or(mark))
        .chain(links.iter().filter_map(|link| link.content.schedule.next_change(now)))
        .filter(|mark| *mark > now)
        .fold(midnight, Timestamp::min)
}
