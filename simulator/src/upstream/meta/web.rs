//! The browser side of Meta: consent pages that agree at once, and what a visitor without a
//! login gets from www.instagram.com.

use serde_json::json;

use crate::answer::{Answer, Shape};
use crate::call::Call;
use crate::state::Shared;
use crate::upstream::oauth::{Dialog, consent};
use crate::upstream::route;

const FACEBOOK: Dialog = Dialog { platform: "instagram", app: "facebook", client: "client_id", tail: "#_=_" };
const INSTAGRAM: Dialog = Dialog { platform: "instagram", app: "instagram", client: "client_id", tail: "#_" };

/// `www.facebook.com` and `www.instagram.com`
pub fn answer(shared: &Shared, call: &Call) -> Answer {
    let path = call.segments();
    match (call.upstream, route!(call, path)) {
        ("FACEBOOK_WEB", ("GET", [_, "dialog", "oauth"] | ["dialog", "oauth"])) => consent(shared, call, &FACEBOOK),
        ("INSTAGRAM_WEB", ("GET", ["oauth", "authorize"])) => consent(shared, call, &INSTAGRAM),
        ("INSTAGRAM_WEB", ("GET", ["api", "v1", "users", "web_profile_info"])) => profile_info(shared, call),
        ("INSTAGRAM_WEB", ("GET", _)) => shell(call),
        _ => Answer::html(404, "<h1>Page not found</h1>"),
    }
}

/// Closed to plain clients most of the time: the first two faults are the usual answers.
fn profile_info(shared: &Shared, call: &Call) -> Answer {
    match call.fault().name {
        "instagram/web-429-empty" => return Answer::empty(429),
        "instagram/web-401" => return login_required(),
        "instagram/web-login-redirect" => return Answer::redirect("/accounts/login/?next=/"),
        "instagram/web-user-null" => {
            return Answer::json(200, json!({"data": {"user": null}, "status": "ok"}));
        }
        _ => {}
    }
    if call.header("x-ig-app-id").is_none() {
        return login_required();
    }
    let username = call.arg("username").unwrap_or_default();
    let Some(account) = shared.by_handle("instagram", username) else {
        return Answer::json(404, json!({"message": "User not found", "status": "fail"}));
    };
    let truth = account.truth(call.now);
    let picture = shared.avatar(&account, call.now);
    let user = json!({
        "id": account.other_id("web"), "username": truth.handle, "full_name": truth.name,
        "biography": account.creator.bio, "external_url": account.creator.website,
        "is_private": call.shows("instagram/web-private"), "is_verified": truth.verified,
        "is_business_account": true, "fbid": truth.account_id,
        "edge_followed_by": {"count": truth.followers}, "edge_follow": {"count": truth.following},
        "edge_owner_to_timeline_media": {"count": truth.posts, "edges": []},
        "profile_pic_url": picture, "profile_pic_url_hd": picture,
    });
    Answer::json(200, json!({"data": {"user": user}, "status": "ok"})).shaped(&Shape {
        count: "/data/user/edge_followed_by/count",
        id: "/data/user/id",
        name: "/data/user/full_name",
        list: "",
    })
}

fn login_required() -> Answer {
    Answer::json(
        401,
        json!({
            "message": "Please wait a few minutes before you try again.",
            "require_login": true, "status": "fail",
        }),
    )
}

/// The same page for every handle, without a single number.
fn shell(call: &Call) -> Answer {
    match call.fault().name {
        "instagram/web-login-redirect" => Answer::redirect("/accounts/login/?next=/"),
        "instagram/web-429-empty" => Answer::empty(429),
        _ => Answer::html(
            200,
            "<!DOCTYPE html><html><head><title>Instagram</title></head><body><div id=\"mount\"></div>\
             <script>window.__bootstrap={\"require\":[]};</script></body></html>",
        ),
    }
}
