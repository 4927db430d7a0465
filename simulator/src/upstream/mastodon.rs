//! Mastodon's account look-up; one origin stands for every instance.
//! <https://docs.joinmastodon.org/methods/accounts/#lookup>

use jiff::SignedDuration;
use serde_json::json;

use super::route;
use crate::answer::{Answer, Shape};
use crate::call::Call;
use crate::state::Shared;
use crate::world::Account;

const ACCOUNT: Shape = Shape { count: "/followers_count", id: "/id", name: "/display_name", list: "" };

/// `{instance}`
pub fn answer(shared: &Shared, call: &Call) -> Answer {
    let path = call.segments();
    let ("GET", ["api", "v1", "accounts", "lookup"]) = route!(call, path) else {
        return Answer::json(404, json!({"error": "The page you were looking for doesn't exist"}));
    };
    if call.shows("mastodon/rate-limit") {
        return limits(Answer::json(429, json!({"error": "Too many requests"})), call, 0);
    }
    let found = find(shared, call.arg("acct").unwrap_or_default());
    let Some(account) = found.filter(|_| !call.shows("mastodon/not-found")) else {
        return limits(Answer::json(404, json!({"error": "Record not found"})), call, 299);
    };
    limits(profile(shared, call, &account), call, 299)
}

/// With the instance or without it.
fn find(shared: &Shared, acct: &str) -> Option<Account> {
    let acct = acct.trim_start_matches('@');
    shared.accounts("mastodon").into_iter().find(|account| {
        let (user, _) = parts(&account.handle);
        acct.eq_ignore_ascii_case(&account.handle) || acct.eq_ignore_ascii_case(user)
    })
}

fn parts(handle: &str) -> (&str, &str) {
    handle.split_once('@').unwrap_or((handle, "mastodon.example"))
}

fn profile(shared: &Shared, call: &Call, account: &Account) -> Answer {
    let truth = account.truth(call.now);
    let (user, instance) = parts(&truth.handle);
    let picture = shared.avatar(account, call.now);
    Answer::json(
        200,
        json!({
            "id": truth.account_id, "username": user, "acct": user, "display_name": truth.name, "locked": false,
            "bot": false, "group": false, "discoverable": true, "created_at": "2022-11-06T00:00:00.000Z",
            "note": format!("<p>{}</p>", account.creator.bio), "url": format!("https://{instance}/@{user}"),
            "avatar": picture, "avatar_static": picture, "header": picture, "header_static": picture,
            "followers_count": truth.followers, "following_count": truth.following, "statuses_count": truth.posts,
            "last_status_at": call.now.strftime("%Y-%m-%d").to_string(), "emojis": [], "fields": [],
        }),
    )
    .shaped(&ACCOUNT)
}

fn limits(answer: Answer, call: &Call, left: i64) -> Answer {
    let reset = call.now + SignedDuration::from_mins(5);
    answer
        .with("x-ratelimit-limit", "300")
        .with("x-ratelimit-remaining", left.to_string())
        .with("x-ratelimit-reset", reset.strftime("%Y-%m-%dT%H:%M:%S.000000Z").to_string())
}
