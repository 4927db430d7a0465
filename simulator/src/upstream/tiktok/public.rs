//! What www.tiktok.com shows without a login: the embed page with rounded numbers, and the
//! consent page. <https://developers.tiktok.com/doc/embed-creator-profiles>

use serde_json::{Value, json};

use crate::answer::{Answer, Shape};
use crate::call::Call;
use crate::state::Shared;
use crate::upstream::oauth::{Dialog, consent};
use crate::upstream::{route, three_figures};
use crate::world::{Account, Post, posts};

const DIALOG: Dialog = Dialog { platform: "tiktok", app: "tiktok", client: "client_key", tail: "" };
const SHELL: &str = "<!DOCTYPE html><html><head><title>TikTok - Make Your Day</title></head>\
    <body><div id=\"app\"></div><script src=\"/static/main.js\"></script></body></html>";
const SCRIPT: &str = "<!DOCTYPE html><html lang=\"en\"><head><title>TikTok</title></head><body>\
    <script id=\"__FRONTITY_CONNECT_STATE__\" type=\"application/json\">";
const UNIVERSAL: &str = "<!DOCTYPE html><html><body>\
    <script id=\"__UNIVERSAL_DATA_FOR_REHYDRATION__\" type=\"application/json\">";
const END: &str = "</script></body></html>";

/// `www.tiktok.com`
pub fn answer(shared: &Shared, call: &Call) -> Answer {
    let path = call.segments();
    match route!(call, path) {
        ("GET", ["v2", "auth", "authorize"]) => consent(shared, call, &DIALOG),
        ("GET", ["embed", "v2", id]) => embedded_video(shared, call, id),
        ("GET", ["embed", handle]) => embedded(shared, call, handle),
        ("GET", ["oembed"]) => oembed(shared, call),
        ("GET", [handle]) if handle.starts_with('@') => profile(shared, call, handle),
        _ => Answer::html(404, SHELL),
    }
}

fn find(shared: &Shared, handle: &str) -> Option<Account> {
    shared.by_handle("tiktok", handle.strip_prefix('@')?)
}

/// `/embed/@handle`: 400 for a missing and for a private account alike.
fn embedded(shared: &Shared, call: &Call, handle: &str) -> Answer {
    match call.fault().name {
        "tiktok/embed-shell" => return Answer::html(200, SHELL),
        "tiktok/embed-overload" => {
            return Answer::html(200, "<html><body>overload-protect</body></html>");
        }
        _ => {}
    }
    let found = find(shared, handle).filter(|_| !call.shows("tiktok/embed-400"));
    let Some(account) = found else {
        return Answer::html(400, "<html><body>Something went wrong</body></html>");
    };
    let truth = account.truth(call.now);
    let hearts =
        if call.shows("tiktok/negative-heart") { 2_500_000_000_i64 - (1 << 32) } else { three_figures(truth.likes) };
    let info = json!({
        "id": account.other_id("user"), "uniqueId": truth.handle, "nickname": truth.name,
        "followerCount": three_figures(truth.followers), "followingCount": truth.following,
        "heartCount": hearts, "verified": truth.verified, "privateAccount": false,
        "avatarThumbUrl": shared.avatar(&account, call.now), "signature": account.creator.bio,
    });
    let videos: Vec<Value> = posts(&account, call.now, 0, 10)
        .iter()
        .map(|post| json!({"id": post.video_id(&account), "desc": post.text, "playCount": three_figures(post.views)}))
        .collect();
    let before = format!("{SCRIPT}{{\"source\":{{\"data\":{{{}:", json!(format!("/embed/{handle}")));
    let state = json!({"userInfo": info, "videoList": videos});
    Answer::page(before, state, format!("}}}}}}{END}")).shaped(&Shape {
        count: "/userInfo/followerCount",
        id: "/userInfo/id",
        name: "/userInfo/nickname",
        list: "/videoList",
    })
}

/// `/embed/v2/{id}`: one video with its numbers.
fn embedded_video(shared: &Shared, call: &Call, id: &str) -> Answer {
    let found = shared.accounts("tiktok").into_iter().find_map(|account| {
        let post = posts(&account, call.now, 0, usize::MAX).into_iter().find(|post| post.video_id(&account) == id)?;
        Some((account, post))
    });
    let Some((account, post)) = found else {
        return Answer::html(400, "<html><body>Video currently unavailable</body></html>");
    };
    let data = json!({"videoData": {"itemInfos": item(&post), "authorStats": {
        "followerCount": three_figures(account.followers(call.now)),
    }}});
    let state = json!({"source": {"data": {format!("/embed/v2/{id}"): data}}});
    Answer::page(SCRIPT, state, END)
}

fn item(post: &Post) -> Value {
    json!({
        "createTime": post.at.as_second().to_string(), "diggCount": post.likes,
        "commentCount": post.comments, "shareCount": post.shares, "playCount": post.views,
    })
}

/// The profile page: a shell for plain clients, the data only when a fault asks for it.
fn profile(shared: &Shared, call: &Call, handle: &str) -> Answer {
    if !call.fault().name.starts_with("tiktok/profile-") {
        return Answer::html(200, SHELL);
    }
    let private = call.shows("tiktok/profile-private");
    let detail = match find(shared, handle) {
        Some(_) if private => json!({ "statusCode": 10_222 }),
        Some(account) => detail(shared, call, &account),
        None => json!({ "statusCode": 10_221 }),
    };
    let scope = json!({"__DEFAULT_SCOPE__": {"webapp.user-detail": detail}});
    Answer::page(UNIVERSAL, scope, END).shaped(&Shape {
        count: "/__DEFAULT_SCOPE__/webapp.user-detail/userInfo/stats/followerCount",
        id: "/__DEFAULT_SCOPE__/webapp.user-detail/userInfo/user/id",
        name: "/__DEFAULT_SCOPE__/webapp.user-detail/userInfo/user/nickname",
        list: "",
    })
}

fn detail(shared: &Shared, call: &Call, account: &Account) -> Value {
    let truth = account.truth(call.now);
    json!({"statusCode": 0, "userInfo": {
        "user": {"id": account.other_id("user"), "uniqueId": truth.handle, "nickname": truth.name,
                 "verified": truth.verified, "privateAccount": false, "signature": account.creator.bio,
                 "avatarThumb": shared.avatar(account, call.now)},
        "stats": {"followerCount": three_figures(truth.followers), "followingCount": truth.following,
                  "heart": three_figures(truth.likes), "heartCount": three_figures(truth.likes), "videoCount": truth.posts},
        "statsV2": {"followerCount": truth.followers.to_string(), "followingCount": truth.following.to_string(),
                    "heartCount": truth.likes.to_string(), "videoCount": truth.posts.to_string()},
    }})
}

fn oembed(shared: &Shared, call: &Call) -> Answer {
    let url = call.arg("url").unwrap_or_default();
    let handle = url.rsplit('/').next().unwrap_or_default();
    match find(shared, handle) {
        Some(account) => Answer::json(
            200,
            json!({"version": "1.0", "type": "rich", "title": format!("{}'s Creator Profile", account.creator.name),
                   "author_url": url, "author_name": account.creator.name, "provider_name": "TikTok"}),
        ),
        None => Answer::json(400, json!({"message": "Something went wrong", "code": 400})),
    }
}
