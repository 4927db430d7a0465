//! Discord: invites with counts, and the server widget.
//! <https://docs.discord.com/developers/resources/invite>

use serde_json::{Value, json};

use super::route;
use crate::answer::{Answer, Shape};
use crate::call::Call;
use crate::state::Shared;
use crate::world::Account;

const INVITE: Shape = Shape { count: "/approximate_member_count", id: "/guild/id", name: "/guild/name", list: "" };
const WIDGET: Shape = Shape { count: "/presence_count", id: "/id", name: "/name", list: "/members" };

/// `discord.com`
pub fn answer(shared: &Shared, call: &Call) -> Answer {
    if let Some(refusal) = canned(call) {
        return refusal;
    }
    let path = call.segments();
    let answer = match route!(call, path) {
        ("GET", ["api", version, "invites", code]) if version.starts_with('v') => invite(shared, call, code),
        ("GET", ["api", version, "guilds", id, "widget.json"]) if version.starts_with('v') => widget(shared, call, id),
        _ => Answer::json(404, json!({"message": "404: Not Found", "code": 0})),
    };
    limits(answer, call, 9)
}

fn limits(answer: Answer, call: &Call, left: i64) -> Answer {
    answer
        .with("x-ratelimit-limit", "10")
        .with("x-ratelimit-remaining", left.to_string())
        .with("x-ratelimit-reset", format!("{}.337", call.now.as_second() + 1))
        .with("x-ratelimit-reset-after", "1.337")
        .with("x-ratelimit-bucket", "abcd1234")
}

fn canned(call: &Call) -> Option<Answer> {
    Some(match call.fault().name.strip_prefix("discord/")? {
        "10006" => unknown_invite(),
        "40333" => Answer::json(403, json!({"message": "internal network error", "code": 40_333})),
        "50004" => Answer::json(403, json!({"message": "Widget Disabled", "code": 50_004})),
        "429" => {
            let body = json!({"message": "You are being rate limited.", "retry_after": 1.337, "global": false});
            limits(Answer::json(429, body), call, 0).with("retry-after", "2").with("x-ratelimit-scope", "shared")
        }
        "429-global" => {
            let body = json!({"message": "You are being rate limited.", "retry_after": 64.57, "global": true});
            Answer::json(429, body)
                .with("retry-after", "65")
                .with("x-ratelimit-global", "true")
                .with("x-ratelimit-scope", "global")
        }
        _ => return None,
    })
}

fn unknown_invite() -> Answer {
    Answer::json(404, json!({"message": "Unknown Invite", "code": 10_006}))
}

/// The counts come only when asked for.
fn invite(shared: &Shared, call: &Call, code: &str) -> Answer {
    let Some(account) = shared.by_handle("discord", code) else {
        return unknown_invite();
    };
    if call.shows("discord/group-dm") {
        let channel = json!({"id": account.other_id("group"), "name": null, "type": 3});
        return Answer::json(200, json!({"type": 1, "code": code, "expires_at": null, "channel": channel}));
    }
    let truth = account.truth(call.now);
    let id = account.id();
    let mut invite = json!({
        "type": 0, "code": truth.handle, "expires_at": null, "flags": 2, "guild": guild(&account), "guild_id": id,
        "channel": {"id": account.other_id("channel"), "name": "welcome", "type": 0},
    });
    if call.arg("with_counts") == Some("true") && !call.shows("discord/no-counts") {
        invite["approximate_member_count"] = json!(truth.followers);
        invite["approximate_presence_count"] = json!(truth.online);
    }
    Answer::json(200, invite).shaped(&INVITE)
}

fn guild(account: &Account) -> Value {
    json!({
        "id": account.id(), "name": format!("{} Community", account.creator.name), "splash": null, "banner": null,
        "description": account.creator.bio, "icon": account.dice.text("icon").hex(32),
        "features": ["COMMUNITY", "VANITY_URL"], "verification_level": 2, "vanity_url_code": account.handle,
        "nsfw_level": 0, "nsfw": false, "premium_subscription_count": 5,
    })
}

fn widget(shared: &Shared, call: &Call, id: &str) -> Answer {
    let Some(account) = shared.by_id("discord", id) else {
        return Answer::json(404, json!({"message": "Unknown Guild", "code": 10_004}));
    };
    let online = account.truth(call.now).online;
    let invite = format!("https://discord.com/invite/{}", account.handle);
    Answer::json(
        200,
        json!({"id": id, "name": account.creator.name, "instant_invite": invite, "channels": [], "members": [],
               "presence_count": online}),
    )
    .shaped(&WIDGET)
}
