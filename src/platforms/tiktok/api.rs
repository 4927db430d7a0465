//! The Display API: user and videos at once. Its error object comes with every answer, good ones included.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value as Json, json};

use super::TIKTOK_API;
use crate::domain::engagement;
use crate::domain::failure::FailureKind;
use crate::domain::metric::{Origin, Provenance};
use crate::domain::reading::{Note, Post, PublicProfile, Reading, Reported};
use crate::outbound::{Access, Call, Outbound};
use crate::platforms::fields::{accepted, at, count, flag, id, optional_count, text, web_address};
use crate::platforms::page::settled;
use crate::platforms::{Connected, FetchError};

const BASIC: &str = "open_id,avatar_url,display_name";
const PROFILE: &str = "bio_description,profile_deep_link,is_verified,username";
const STATS: &str = "follower_count,following_count,likes_count,video_count";
const VIDEO: &str = "id,create_time,title,view_count,like_count,comment_count,share_count,share_url";
/// Limits slide over a minute.
const SLIDING_MINUTE: Duration = Duration::from_mins(1);

/// The fields of a user we use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiUser {
    /// The id of this account for this app.
    pub open_id: String,
    /// The account's name; absent without the scope `user.info.profile`.
    pub username: Option<String>,
    /// Followers.
    pub followers: i64,
    /// Accounts it follows.
    pub following: Option<i64>,
    /// Likes of all videos.
    pub likes: Option<i64>,
    /// Videos.
    pub videos: Option<i64>,
    /// The badge.
    pub verified: Option<bool>,
    /// Name, picture and text.
    pub profile: PublicProfile,
}

pub(super) async fn fetch(http: &Outbound, account: &Connected, token: &SecretString) -> Result<Reading, FetchError> {
    let videos = async { Ok(videos(http, token).await) };
    let ((user, mut notes), videos) = tokio::try_join!(user(http, token), videos)?;
    let account_id = settled(account, &user.open_id, user.username.as_deref())?;
    let posts = videos.unwrap_or_else(|error| {
        for part in ["engagement_rate", "average_views"] {
            notes.push(Note { part: part.to_owned(), kind: error.kind, detail: error.detail.clone() });
        }
        Vec::new()
    });
    let mut numbers = BTreeMap::from([("followers", Reported::exact(user.followers))]);
    numbers.extend(user.following.map(|n| ("following", Reported::exact(n))));
    numbers.extend(user.likes.map(|n| ("likes", Reported::exact(n))));
    numbers.extend(user.videos.map(|n| ("videos", Reported::exact(n))));
    numbers.extend(user.verified.map(|yes| ("verified", Reported::flag(yes))));
    numbers.extend(engagement::by_views(&posts, account.now).map(|rate| ("engagement_rate", rate)));
    numbers.extend(engagement::average_views(&posts, account.now).map(|mean| ("average_views", mean)));
    let mut profile = user.profile;
    if profile.username.is_empty() {
        profile.username.clone_from(&account.handle);
    }
    profile.url = Some(super::profile_url(&profile.username));
    let origin = Origin {
        source: "TikTok Display API".to_owned(),
        provenance: Provenance::OwnerAuthorised,
        api_version: Some("v2".to_owned()),
        api_version_answered: None,
    };
    Ok(Reading { posts, notes, ..Reading::of(account_id, profile, origin, numbers) })
}

/// The user; without the profile's fields when their scope is missing.
/// <https://developers.tiktok.com/doc/tiktok-api-v2-get-user-info>
async fn user(http: &Outbound, token: &SecretString) -> Result<(ApiUser, Vec<Note>), FetchError> {
    let ask = async |fields: String| {
        let call = Call::get(TIKTOK_API, "/v2/user/info/").query("fields", fields).bearer(token);
        let answer = http.send(&call).await?;
        let mut missing = false;
        let json = accepted(&answer, Access::Credentials, |json| {
            missing = code(json) == Some("scope_permission_missed");
            refusal(json)
        });
        Ok::<_, FetchError>((json, missing))
    };
    let (json, missing) = ask(format!("{BASIC},{PROFILE},{STATS}")).await?;
    if !missing {
        return Ok((parse_api_user(&json?)?, Vec::new()));
    }
    let (json, still_missing) = ask(format!("{BASIC},{STATS}")).await?;
    if still_missing {
        return Err(FetchError::new(FailureKind::Permission).because("user.info.stats"));
    }
    let note = Note {
        part: "verified".to_owned(),
        kind: FailureKind::Permission,
        detail: Some("user.info.profile".to_owned()),
    };
    Ok((parse_api_user(&json?)?, vec![note]))
}

/// <https://developers.tiktok.com/doc/tiktok-api-v2-video-list>
async fn videos(http: &Outbound, token: &SecretString) -> Result<Vec<Post>, FetchError> {
    let call = Call::post(TIKTOK_API, "/v2/video/list/").query("fields", VIDEO).bearer(token);
    let answer = http.send(&call.json(&json!({ "max_count": 20 }))).await?;
    let json = accepted(&answer, Access::Credentials, |json| {
        let missing = matches!(code(json), Some("scope_permission_missed" | "scope_not_authorized"));
        refusal(json).map(|error| if missing { error.because("video.list") } else { error })
    })?;
    parse_api_videos(&json)
}

/// Reads the user of a good answer.
///
/// # Errors
/// `schema` without open id or follower count.
pub fn parse_api_user(json: &Json) -> Result<ApiUser, FetchError> {
    let user =
        at(json, "/data/user").ok_or_else(|| FetchError::new(FailureKind::Schema).because("/data/user is missing"))?;
    let username = text(user, "/username");
    Ok(ApiUser {
        open_id: id(user, "/open_id")?,
        followers: count(user, "/follower_count")?,
        following: optional_count(user, "/following_count"),
        likes: optional_count(user, "/likes_count"),
        videos: optional_count(user, "/video_count"),
        verified: flag(user, "/is_verified"),
        profile: PublicProfile {
            username: username.clone().unwrap_or_default(),
            name: text(user, "/display_name"),
            avatar: web_address(user, "/avatar_url"),
            bio: text(user, "/bio_description"),
            url: None,
        },
        username,
    })
}

/// Reads the videos of a good answer, newest first, each once.
///
/// # Errors
/// `schema` without a list.
pub fn parse_api_videos(json: &Json) -> Result<Vec<Post>, FetchError> {
    let list = at(json, "/data/videos").and_then(Json::as_array);
    let list = list.ok_or_else(|| FetchError::new(FailureKind::Schema).because("/data/videos is missing"))?;
    let mut posts: Vec<Post> = Vec::new();
    for video in list.iter().take(50) {
        let Ok(id) = id(video, "/id") else { continue };
        if posts.iter().any(|known| known.id == id) {
            continue;
        }
        let created = optional_count(video, "/create_time").and_then(|seconds| Timestamp::from_second(seconds).ok());
        posts.push(Post {
            published_at: created.or_else(|| super::embed::video_time(&id)),
            id,
            url: web_address(video, "/share_url"),
            views: optional_count(video, "/view_count"),
            likes: optional_count(video, "/like_count"),
            comments: optional_count(video, "/comment_count"),
            shares: optional_count(video, "/share_count"),
        });
    }
    posts.sort_by_key(|post| std::cmp::Reverse(post.published_at));
    Ok(posts)
}

fn code(json: &Json) -> Option<&str> {
    at(json, "/error/code")?.as_str()
}

/// The failure an answer of the API means; `None` when its code is `ok` or there is none.
/// <https://developers.tiktok.com/doc/tiktok-api-v2-error-handling>
pub fn refusal(json: &Json) -> Option<FetchError> {
    use FailureKind as K;
    let fail = |kind: K, detail: &str| FetchError::new(kind).because(detail);
    Some(match code(json)? {
        "ok" => return None,
        "access_token_invalid" => fail(K::AuthRevoked, "the access token is invalid or has run out"),
        "scope_not_authorized" => fail(K::Permission, "the owner did not grant a scope"),
        "scope_permission_missed" => fail(K::Permission, "a field needs a scope that is missing"),
        "rate_limit_exceeded" => fail(K::RateLimited, "limit per minute").wait(Some(SLIDING_MINUTE)),
        "reached_active_user_cap" => fail(K::Quota, "the app's cap of users per day"),
        "invalid_params" | "invalid_param" => fail(K::Schema, "a parameter was refused"),
        "internal_error" => fail(K::Upstream, "internal error at TikTok"),
        code if code.starts_with("spam_risk") => fail(K::Blocked, "taken for spam"),
        _ => fail(K::Upstream, "an error without a known code"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_means_its_own_failure_and_ok_means_none() {
        let kind = |code: &str| refusal(&json!({ "error": { "code": code, "message": "x" } })).map(|error| error.kind);
        let table = [
            ("ok", None),
            ("access_token_invalid", Some(FailureKind::AuthRevoked)),
            ("scope_not_authorized", Some(FailureKind::Permission)),
            ("rate_limit_exceeded", Some(FailureKind::RateLimited)),
            ("reached_active_user_cap", Some(FailureKind::Quota)),
            ("invalid_params", Some(FailureKind::Schema)),
            ("internal_error", Some(FailureKind::Upstream)),
            ("something_new", Some(FailureKind::Upstream)),
        ];
        for (code, expected) in table {
            assert_eq!(kind(code), expected, "{code}");
        }
        assert_eq!(refusal(&json!([])), None);
    }

    #[test]
    fn a_user_without_a_follower_count_is_no_reading() {
        let user = |count: Json| json!({ "data": { "user": { "open_id": "-000a", "follower_count": count } } });
        assert_eq!(parse_api_user(&user(json!("65800"))).unwrap().followers, 65_800);
        for broken in [Json::Null, json!(-1), json!("many"), json!(1.5)] {
            assert_eq!(parse_api_user(&user(broken)).unwrap_err().kind, FailureKind::Schema);
        }
        assert_eq!(parse_api_user(&json!({ "data": {} })).unwrap_err().kind, FailureKind::Schema);
    }

    #[test]
    fn videos_are_sorted_and_counted_once() {
        let list = json!({ "data": { "videos": [
            { "id": "7440000000000000001", "create_time": 1_795_300_000, "view_count": 12_000, "like_count": 900 },
            { "id": "7440000000000000002", "create_time": 1_795_400_000, "view_count": -1 },
            { "id": "7440000000000000001" }, {},
        ] } });
        let posts = parse_api_videos(&list).unwrap();
        assert_eq!(posts.iter().map(|post| post.views).collect::<Vec<_>>(), [None, Some(12_000)]);
        assert!(parse_api_videos(&json!({ "data": {} })).is_err());
    }
}
