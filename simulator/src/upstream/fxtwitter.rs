//! FxEmbed, the volunteers' mirror of public X profiles. <https://github.com/FxEmbed/FxEmbed>

use serde_json::json;

use super::route;
use crate::answer::{Answer, Shape};
use crate::call::Call;
use crate::state::Shared;

const USER: Shape = Shape { count: "/user/followers", id: "/user/id", name: "/user/name", list: "" };

/// `api.fxtwitter.com`
pub fn answer(shared: &Shared, call: &Call) -> Answer {
    let path = call.segments();
    let found = match route!(call, path) {
        ("GET", ["2", "profile", handle]) => shared.by_handle("x", handle),
        _ => None,
    };
    let Some(account) = found else {
        return Answer::json(404, json!({"code": 404, "message": "User not found"}));
    };
    let truth = account.truth(call.now);
    let user = json!({
        "type": "profile", "id": truth.account_id, "name": truth.name, "screen_name": truth.handle,
        "followers": truth.followers, "following": truth.following, "statuses": truth.posts, "likes": truth.likes,
        "media_count": truth.posts / 7, "protected": false, "joined": "Sat Dec 14 04:35:55 +0000 2013",
        "description": account.creator.bio, "avatar_url": shared.avatar(&account, call.now),
        "verification": {"verified": truth.verified, "type": truth.verified.then_some("individual")},
        "website": {"url": account.creator.website, "display_url": account.creator.website},
    });
    Answer::json(200, json!({"code": 200, "message": "OK", "user": user})).shaped(&USER)
}
