//! `GET` and `PUT /api/profile`: who the kit is about, their handles and what they show.

use std::collections::BTreeMap;

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::JsonObject;
use super::profile_changes::read;
use super::schema::Problem;
use crate::domain::account::Account;
use crate::domain::audit;
use crate::domain::profile::Creator;
use crate::web::auth::{Admin, Read, Write};
use crate::web::error::Error;
use crate::web::state::State;

/// The creator's profile.
#[derive(Debug, Serialize, ToSchema)]
pub struct Profile {
    /// The name on the page; empty before the first set-up.
    pub name: String,
    /// One line or a short paragraph.
    pub bio: Option<String>,
    /// Where they work from.
    pub location: Option<String>,
    /// Their picture.
    pub avatar_url: Option<String>,
    /// Where brands write to.
    pub contact: Option<String>,
    /// The language of the pages for readers who ask for neither German nor English; German when null.
    #[schema(example = "de")]
    pub lang: Option<String>,
    /// The page's theme.
    #[schema(example = "paper")]
    pub theme: String,
    /// The accent colour that was picked; null is the theme's own.
    #[schema(example = "#1d3f9e")]
    pub accent: Option<String>,
    /// The typeface.
    #[schema(example = "system")]
    pub font: String,
    /// The layout.
    #[schema(example = "wide")]
    pub layout: String,
    /// The handle on each platform.
    #[schema(example = json!({"instagram": "festas_builds", "discord": "https://discord.gg/x"}))]
    pub handles: BTreeMap<String, String>,
    /// The smallest audience that is listed in the summary.
    #[schema(minimum = 0, example = 1000)]
    pub threshold: i64,
    /// Private metrics that everybody may see, as `platform.metric`.
    #[schema(example = json!(["instagram.reach_daily"]))]
    pub published: Vec<String>,
}

/// What a PUT changes: only the keys it names.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileChange {
    /// At most 100 characters; null empties it.
    #[schema(max_length = 100)]
    pub name: Option<String>,
    /// At most 500 characters; null removes it.
    #[schema(max_length = 500)]
    pub bio: Option<String>,
    /// At most 100 characters; null removes it.
    #[schema(max_length = 100)]
    pub location: Option<String>,
    /// An http or https address; null removes it.
    #[schema(max_length = 500)]
    pub avatar_url: Option<String>,
    /// An e-mail address or an http(s) address; null removes it.
    #[schema(max_length = 200)]
    pub contact: Option<String>,
    /// de or en; null leaves it open.
    #[schema(example = "de")]
    pub lang: Option<String>,
    /// paper, ink, neon, sand, forest or mono.
    #[schema(nullable = false, example = "paper")]
    pub theme: Option<String>,
    /// A colour as `#rrggbb`, shown as near to it as can be read; null restores the theme's own.
    #[schema(example = "#1d3f9e")]
    pub accent: Option<String>,
    /// system, serif, humanist, geometric, slab or typewriter.
    #[schema(nullable = false, example = "system")]
    pub font: Option<String>,
    /// wide, column or centred.
    #[schema(nullable = false, example = "wide")]
    pub layout: Option<String>,
    /// Handles by platform; null removes one. Platforms that are not named stay as they are.
    #[schema(nullable = false, value_type = Option<BTreeMap<String, Option<String>>>)]
    pub handles: Option<BTreeMap<String, Option<String>>>,
    /// 0 to 1 000 000 000 000; null restores 1000.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub threshold: Option<i64>,
    /// Private metrics to publish, as `platform.metric`; replaces the list.
    #[schema(nullable = false)]
    pub published: Option<Vec<String>>,
}

/// The profile.
#[utoipa::path(
    get,
    path = "/api/profile",
    tag = "admin",
    security(("bearer" = [])),
    responses((status = 200, description = "The profile", body = Profile))
)]
pub async fn show(_: Admin<Read>, state: State) -> Result<Json<Profile>, Error> {
    current(&state).await.map(Json)
}

/// Change the profile.
///
/// Changes only the keys the body names. Everything is checked before anything is written.
#[utoipa::path(
    put,
    path = "/api/profile",
    tag = "admin",
    security(("bearer" = [])),
    request_body = ProfileChange,
    responses(
        (status = 200, description = "The profile after the change", body = Profile),
        (status = 400, description = "Not JSON", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Larger than 64 KB", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "Not labelled JSON", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A field cannot be that; field and reason say which and why", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn update(_: Admin<Write>, state: State, JsonObject(object): JsonObject) -> Result<Json<Profile>, Error> {
    let changed = state.store.change_profile(|creator| read(object, creator, &state.platforms)).await;
    let (creator, accounts) = changed?;
    let noted = state.store.add_audit(state.clock.now(), "api", audit::PROFILE_CHANGED.name, "").await;
    if let Err(error) = noted {
        tracing::error!(%error, "a change could not be written into the audit log");
    }
    state.show_changes().await;
    Ok(Json(told(creator, accounts)))
}

async fn current(state: &State) -> Result<Profile, Error> {
    let creator = state.store.creator().await?;
    let accounts = state.store.accounts(creator.id).await?;
    Ok(told(creator, accounts))
}

fn told(creator: Creator, accounts: Vec<Account>) -> Profile {
    Profile {
        name: creator.name,
        bio: creator.bio,
        location: creator.location,
        avatar_url: creator.avatar_url,
        contact: creator.contact,
        lang: creator.lang.map(|lang| lang.tag().to_owned()),
        theme: creator.theme,
        accent: creator.accent,
        font: creator.font,
        layout: creator.layout,
        handles: accounts.into_iter().map(|account| (account.platform, account.handle)).collect(),
        threshold: creator.threshold,
        published: creator.published,
    }
}
