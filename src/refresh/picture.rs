//! The creator's picture: the one they uploaded or named, else the first a platform shows. Fetched by the server, made ours, kept
//! when a later fetch fails.

use jiff::SignedDuration;
use url::Url;

use super::{Outcome, Parts};
use crate::domain::picture::Picture;
use crate::store::{PictureOrigin, StoreError, UPLOADED};

/// How old a picture from an unchanged address may get.
const LOOK_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Brings the picture up to date after a refresh. Whatever goes wrong, the picture before stays.
pub(super) async fn renew(parts: &Parts, creator_id: i64, outcomes: &[&Outcome]) {
    if let Err(error) = attempt(parts, creator_id, outcomes).await {
        tracing::warn!(%error, "the picture stays as it was");
    }
}

async fn attempt(parts: &Parts, creator_id: i64, outcomes: &[&Outcome]) -> Result<(), StoreError> {
    let chosen = parts.store.creator().await?.avatar_url;
    let is_chosen = chosen.is_some();
    let Some(url) = chosen.or_else(|| shown(outcomes)).and_then(|address| Url::parse(&address).ok()) else {
        return Ok(());
    };
    let now = parts.clock.now();
    let source = format!("{}{}", url.origin().ascii_serialization(), url.path());
    let before = parts.store.picture_origin(creator_id).await?;
    if !is_chosen && before.as_ref().is_some_and(|before| before.source == UPLOADED) {
        return Ok(());
    }
    if before.is_some_and(|b| b.source == source && now.duration_since(b.fetched_at) < LOOK_AGAIN_AFTER) {
        return Ok(());
    }
    let Ok(answer) = parts.http.read(&url).await else {
        tracing::info!(source, "the picture could not be fetched");
        return Ok(());
    };
    let file = answer.bytes().to_vec();
    // Decoding takes a while: not on the thread that answers requests.
    let made = tokio::task::spawn_blocking(move || Picture::from_file(&file)).await;
    match made {
        Ok(Ok(picture)) if answer.status == 200 => {
            parts.store.save_picture(creator_id, &PictureOrigin { source, fetched_at: now }, &picture).await
        }
        _ => {
            tracing::info!(source, status = answer.status, "no picture came from its address");
            Ok(())
        }
    }
}

/// The picture of the first platform that shows one.
fn shown(outcomes: &[&Outcome]) -> Option<String> {
    outcomes.iter().find_map(|outcome| match outcome {
        Outcome::Saved(snapshot) => snapshot.profile.avatar.clone(),
        _ => None,
    })
}
