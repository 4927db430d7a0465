//! `GET /mediakit.json`: the whole media kit as data, every number with what may be said about it.

use axum::Json;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::analytics::{self, Analytics};
use super::finished;
use super::schema::{self, ByKey};
use super::summary::{self, FollowerSummary};
use crate::domain::media_kit::{Freshness, LeftOutReason, MediaKit, Panel};
use crate::domain::metric::{Figure, Precision, Provenance};
use crate::domain::milestone::Milestone;
use crate::web::auth::{Admin, Read};
use crate::web::error::Error;
use crate::web::public::media_kit::picture_address;
use crate::web::public::share::may_see;
use crate::web::render::{PAGE, Site};
use crate::web::state::State;

/// The media kit.
#[derive(Debug, Serialize, ToSchema)]
pub struct Kit {
    /// The page that shows the same.
    pub url: String,
    /// When this was written.
    #[schema(value_type = String, format = DateTime)]
    pub generated_at: Timestamp,
    /// Whose kit it is.
    pub creator: KitCreator,
    /// The sum of all audiences with its parts; our own sum, confirmed by no platform.
    pub summary: FollowerSummary,
    /// The accounts that are not in the sum.
    pub left_out: Vec<KitLeftOut>,
    /// Every platform that has numbers.
    pub platforms: Vec<KitPlatform>,
    /// The round numbers that were reached, newest first.
    pub milestones: Vec<KitMilestone>,
}

/// A round number, on the day it was first measured.
#[derive(Debug, Serialize, ToSchema)]
pub struct KitMilestone {
    /// The platform's id; null for our own sum.
    pub platform: Option<&'static str>,
    /// The round number.
    #[schema(minimum = 1000, example = 100_000)]
    pub reached: i64,
    /// What was measured.
    #[schema(minimum = 1000, example = 104_700)]
    pub value: i64,
    /// The UTC day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// Whether it was there already when the account was measured for the first time.
    pub at_first: bool,
    /// How exact what was measured is.
    #[schema(value_type = schema::Precision)]
    pub precision: Precision,
    /// Where it was read; null for our own sum.
    pub source: Option<String>,
    /// Who vouches for it; null for our own sum.
    #[schema(value_type = Option<schema::Provenance>)]
    pub provenance: Option<Provenance>,
    /// When it was read.
    #[schema(value_type = String, format = DateTime)]
    pub fetched_at: Timestamp,
}

/// Whose kit it is, in their own words.
#[derive(Debug, Serialize, ToSchema)]
pub struct KitCreator {
    /// The name; null before there is one.
    pub name: Option<String>,
    /// What they say about themselves.
    pub bio: Option<String>,
    /// Where they work from.
    pub location: Option<String>,
    /// Where brands write to: an e-mail address or a web address.
    pub contact: Option<String>,
    /// Their picture on this server.
    pub picture_url: Option<String>,
}

/// An account that is not in the sum.
#[derive(Debug, Serialize, ToSchema)]
pub struct KitLeftOut {
    /// The platform's id.
    pub platform: &'static str,
    /// Why.
    pub reason: Reason,
}

/// Why an account is not in the sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Its audience is smaller than the owner's threshold.
    BelowThreshold,
    /// Its audience is a smaller part of all than the owner's least share.
    BelowShare,
    /// Its number is older than 30 days.
    TooOld,
    /// Nothing is known yet.
    Unknown,
}

/// A platform's numbers, each with its source, precision and time.
#[derive(Debug, Serialize, ToSchema)]
pub struct KitPlatform {
    /// The same as in the platform's analytics.
    #[serde(flatten)]
    pub analytics: Analytics,
    /// The platform's name as people know it.
    pub name: &'static str,
    /// The public profile.
    pub profile_url: String,
    /// How old the numbers are: `fresh` up to 26 hours, `aged`, `stale` from 72 hours on, `expired` after 30 days.
    pub freshness: Age,
    /// The metrics again, each with what may be said about it, and what the newest posts say besides: `median_views`,
    /// `posts_per_week`, `engagement_by_followers`, `engagement_by_reach`, `engagement_by_views`; null when it is unknown.
    #[schema(value_type = std::collections::BTreeMap<String, schema::MaybeFact>)]
    pub figures: ByKey<Figure>,
}

/// How old numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Age {
    /// At most 26 hours.
    Fresh,
    /// More than 26 hours.
    Aged,
    /// More than 72 hours.
    Stale,
    /// More than 30 days: not in the sum.
    Expired,
}

/// The answer for a kit.
pub fn answer(kit: &MediaKit, site: &Site, now: Timestamp) -> Kit {
    let creator = &kit.creator;
    let left_out = kit.summary.left_out.iter().filter(|left| kit.panel(left.platform).is_some_and(|p| !p.hidden));
    Kit {
        url: format!("{}{PAGE}", site.public_url),
        generated_at: now,
        creator: KitCreator {
            name: Some(creator.name.clone()).filter(|name| !name.is_empty()),
            bio: creator.bio.clone(),
            location: creator.location.clone(),
            contact: creator.contact.clone(),
            picture_url: kit.picture.as_ref().map(|p| format!("{}{}", site.public_url, picture_address(p))),
        },
        summary: summary::answer(&kit.summary),
        left_out: left_out.map(|left| KitLeftOut { platform: left.platform, reason: reason(left.reason) }).collect(),
        platforms: kit.shown_panels().into_iter().filter_map(platform).collect(),
        milestones: kit.milestones.iter().map(milestone).collect(),
    }
}

fn milestone(milestone: &Milestone) -> KitMilestone {
    let Milestone { platform, reached, value, day, at_first, precision, fetched_at, .. } = *milestone;
    let (source, provenance) = milestone.origin.as_ref().map(|(source, who)| (source.to_string(), *who)).unzip();
    KitMilestone { platform, reached, value, day, at_first, precision, source, provenance, fetched_at }
}

fn platform(panel: &Panel) -> Option<KitPlatform> {
    let figures = analytics::all_figures(panel).into_iter().map(|(key, _, figure)| (key, figure.cloned()));
    Some(KitPlatform {
        analytics: analytics::answer(panel)?,
        name: panel.about.name,
        profile_url: (panel.about.profile_url)(&panel.handle),
        freshness: age(panel.freshness?),
        figures: ByKey(figures.collect()),
    })
}

const fn age(freshness: Freshness) -> Age {
    match freshness {
        Freshness::Fresh => Age::Fresh,
        Freshness::Aged => Age::Aged,
        Freshness::Stale => Age::Stale,
        Freshness::Expired => Age::Expired,
    }
}

const fn reason(reason: LeftOutReason) -> Reason {
    match reason {
        LeftOutReason::BelowThreshold => Reason::BelowThreshold,
        LeftOutReason::BelowShare => Reason::BelowShare,
        LeftOutReason::TooOld => Reason::TooOld,
        LeftOutReason::Unknown => Reason::Unknown,
    }
}

/// The media kit as data.
///
/// What the page shows, for programs: the sum and its parts, and every platform's metrics, each with its source, its
/// precision and its time.
#[utoipa::path(
    get,
    path = "/mediakit.json",
    operation_id = "showKit",
    tag = "public",
    responses(
        (status = 200, description = "The media kit", body = Kit),
        (status = 304, description = "Unchanged since the ETag in If-None-Match"),
        (status = 403, description = "The owner shows the kit to those only who have a link", body = String, content_type = "text/html"),
    )
)]
pub async fn show(
    state: State,
    admitted: Result<Admin<Read>, Error>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Error> {
    if let Some(answer) = finished(&state, &method, &uri, &headers).await {
        return Ok(answer);
    }
    may_see(&state, admitted)?;
    let kit = state.faces.kit_now().await;
    Ok(Json(answer(&kit, &state.faces.site(), state.clock.now())).into_response())
}
