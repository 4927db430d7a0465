//! Bluesky's public profile read. <https://docs.bsky.app/docs/api/app-bsky-actor-get-profile>

use serde_json::json;

use super::route;
use crate::answer::{Answer, Shape};
use crate::call::Call;
use crate::state::Shared;

const PROFILE: Shape = Shape { count: "/followersCount", id: "/did", name: "/displayName", list: "" };

/// `public.api.bsky.app`
pub fn answer(shared: &Shared, call: &Call) -> Answer {
    let path = call.segments();
    let ("GET", ["xrpc", "app.bsky.actor.getProfile"]) = route!(call, path) else {
        return refused(404, "XRPCNotSupported", "XRPCNotSupported");
    };
    if call.shows("bluesky/rate-limit") {
        let reset = (call.now.as_second() + 120).to_string();
        return refused(429, "RateLimitExceeded", "Rate Limit Exceeded")
            .with("ratelimit-remaining", "0")
            .with("ratelimit-reset", reset);
    }
    let Some(actor) = call.arg("actor") else {
        return refused(400, "InvalidRequest", "Error: Params must have the property \"actor\"");
    };
    let found = shared.by_handle("bluesky", actor).or_else(|| shared.by_id("bluesky", actor));
    match call.fault().name {
        "bluesky/not-found" => return refused(400, "InvalidRequest", "Profile not found"),
        "bluesky/taken-down" => {
            return refused(400, "AccountTakedown", "Account has been suspended");
        }
        _ => {}
    }
    let Some(account) = found else {
        return refused(400, "InvalidRequest", "Profile not found");
    };
    let truth = account.truth(call.now);
    let mut profile = json!({
        "did": truth.account_id, "handle": truth.handle, "displayName": truth.name,
        "avatar": shared.avatar(&account, call.now), "description": account.creator.bio,
        "associated": {"lists": 0, "feedgens": 0, "starterPacks": 0, "labeler": false}, "labels": [],
        "createdAt": "2024-11-25T21:49:49.345Z", "indexedAt": "2024-12-19T20:49:48.843Z",
        "followersCount": truth.followers, "followsCount": truth.following, "postsCount": truth.posts,
    });
    if truth.verified {
        profile["verification"] =
            json!({"verifications": [], "verifiedStatus": "valid", "trustedVerifierStatus": "none"});
    }
    Answer::json(200, profile).shaped(&PROFILE)
}

fn refused(status: u16, error: &str, message: &str) -> Answer {
    Answer::json(status, json!({"error": error, "message": message}))
}
