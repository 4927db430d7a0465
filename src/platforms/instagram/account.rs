//! The Instagram account as the Graph API describes it: the user node, its media, and the Page it hangs on.

use jiff::Timestamp;
use jiff::fmt::strtime;
use serde_json::Value as Json;

use crate::domain::reading::{Post, PublicProfile};
use crate::platforms::FetchError;
use crate::platforms::fields::{at, count, id, optional_count, text, web_address};

/// At most this many posts of one answer are looked at.
const MAX_POSTS: usize = 50;

/// The fields of a user node we use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphUser {
    /// The professional account's id.
    pub id: String,
    /// The account's name; an old or thin answer may lack it.
    pub username: Option<String>,
    /// Followers.
    pub followers: i64,
    /// Accounts it follows.
    pub following: Option<i64>,
    /// Posts.
    pub posts: Option<i64>,
    /// Name, picture and text.
    pub profile: PublicProfile,
}

/// Reads a user node; `id_field` is `/id` with Facebook Login and `/user_id` with Instagram Login.
///
/// # Errors
/// `schema` without id or follower count.
pub fn parse_user(json: &Json, id_field: &str) -> Result<GraphUser, FetchError> {
    let username = text(json, "/username");
    Ok(GraphUser {
        id: id(json, id_field)?,
        followers: count(json, "/followers_count")?,
        following: optional_count(json, "/follows_count"),
        posts: optional_count(json, "/media_count"),
        profile: PublicProfile {
            username: username.clone().unwrap_or_default(),
            name: text(json, "/name"),
            avatar: web_address(json, "/profile_picture_url"),
            bio: text(json, "/biography"),
            url: username.as_deref().map(super::profile_url),
        },
        username,
    })
}

/// Reads a media edge, newest first, each post once. Hidden likes stay absent.
pub fn parse_media(json: &Json) -> Vec<Post> {
    let list = at(json, "/data").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut posts: Vec<Post> = Vec::new();
    for item in list.iter().take(MAX_POSTS) {
        let Ok(id) = id(item, "/id") else { continue };
        if posts.iter().any(|known| known.id == id) {
            continue;
        }
        posts.push(Post {
            id,
            url: web_address(item, "/permalink"),
            published_at: at(item, "/timestamp").and_then(Json::as_str).and_then(graph_time),
            likes: optional_count(item, "/like_count"),
            comments: optional_count(item, "/comments_count"),
            ..Post::default()
        });
    }
    posts.sort_by_key(|post| std::cmp::Reverse(post.published_at));
    posts
}

/// The Instagram account a Page is linked to: its id, and its name where the Page tells it.
pub fn page_account(page: &Json) -> Option<(String, Option<String>)> {
    let linked = at(page, "/instagram_business_account")?;
    Some((id(linked, "/id").ok()?, text(linked, "/username")))
}

/// Reads Meta's `2026-11-20T18:04:11+0000`.
pub fn graph_time(text: &str) -> Option<Timestamp> {
    strtime::parse("%Y-%m-%dT%H:%M:%S%z", text).ok()?.to_timestamp().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::failure::FailureKind;
    use serde_json::json;

    #[test]
    fn a_user_node_keeps_what_is_there_and_invents_nothing() {
        let user =
            parse_user(&json!({ "id": "1784", "username": "mara.bikes", "followers_count": 104_712 }), "/id").unwrap();
        assert_eq!((user.followers, user.following, user.posts), (104_712, None, None));
        assert_eq!(user.profile.url.as_deref(), Some("https://www.instagram.com/mara.bikes/"));
        for broken in [
            json!({ "id": "1784" }),
            json!({ "followers_count": 5 }),
            json!([]),
            json!({ "id": "1", "followers_count": -1 }),
        ] {
            assert_eq!(parse_user(&broken, "/id").unwrap_err().kind, FailureKind::Schema, "{broken}");
        }
    }

    #[test]
    fn media_is_sorted_and_duplicates_and_hidden_likes_are_left_out() {
        let media = json!({ "data": [
            { "id": "1", "timestamp": "2026-11-19T18:04:11+0000", "comments_count": 3 },
            { "id": "2", "timestamp": "2026-11-20T18:04:11+0000", "like_count": 9, "comments_count": 3 },
            { "id": "1", "timestamp": "2026-11-19T18:04:11+0000", "like_count": 7 },
            { "caption": "no id" }, 7, null,
        ]});
        let posts = parse_media(&media);
        assert_eq!(posts.iter().map(|p| (p.id.as_str(), p.likes)).collect::<Vec<_>>(), [("2", Some(9)), ("1", None)]);
        assert_eq!(posts[0].published_at.unwrap().to_string(), "2026-11-20T18:04:11Z");
        assert!(parse_media(&json!({ "data": "x" })).is_empty());
    }
}
