//! The newest posts of the owner's account, with the counts that only its owner may read.

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::Value as Json;

use super::{API, user};
use crate::domain::engagement;
use crate::domain::failure::FailureKind;
use crate::domain::reading::{Note, Post, Reading};
use crate::outbound::{Call, Outbound};
use crate::platforms::FetchError;
use crate::platforms::fields::{at, id, optional_count, text};

/// So many posts are read; each is billed.
pub(super) const MOST: i64 = 10;
/// X keeps the owner's counts of a post for thirty days; older ones are not asked for.
const AGE: SignedDuration = SignedDuration::from_hours(29 * 24);

/// <https://docs.x.com/x-api/users/get-posts>, with <https://docs.x.com/x-api/fundamentals/metrics>.
pub(super) async fn fetch(
    http: &Outbound,
    token: &SecretString,
    account_id: &str,
    now: Timestamp,
) -> Result<Vec<Post>, FetchError> {
    let since = now.saturating_sub(AGE).unwrap_or(now).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let call = Call::get(API, format!("/2/users/{}/tweets", Call::segment(account_id)))
        .bearer(token)
        .query("max_results", MOST.to_string())
        .query("exclude", "replies,retweets")
        .query("start_time", since)
        .query("tweet.fields", "created_at,public_metrics,non_public_metrics");
    parse_posts(&user::accepted(&http.send(&call).await?, now)?)
}

/// Adds the rates of the posts. Without them the rest of the reading stands.
pub(super) fn add(reading: &mut Reading, read: Result<Vec<Post>, FetchError>, now: Timestamp) {
    let posts = match read {
        Ok(posts) => posts,
        Err(error) => {
            let note = |part: &str| Note { part: part.to_owned(), kind: error.kind, detail: error.detail.clone() };
            reading.notes.extend(["engagement_rate", "average_views"].map(note));
            return;
        }
    };
    let rate = engagement::by_views(&posts, now).map(|rate| ("engagement_rate", rate));
    let mean = engagement::average_views(&posts, now).map(|mean| ("average_views", mean));
    reading.numbers.extend(rate.into_iter().chain(mean));
    reading.posts = posts;
}

/// Reads the posts of a good answer, newest first; an account without any has no list.
///
/// # Errors
/// What the problem in its place means; `schema` when the list is none.
pub fn parse_posts(json: &Json) -> Result<Vec<Post>, FetchError> {
    let Some(list) = at(json, "/data") else {
        let is_empty = optional_count(json, "/meta/result_count") == Some(0);
        let stated = at(json, "/errors/0").and_then(user::problem);
        let missing = || FetchError::new(FailureKind::Schema).because("/data is missing");
        return if is_empty { Ok(Vec::new()) } else { Err(stated.unwrap_or_else(missing)) };
    };
    let list = list.as_array().ok_or_else(|| FetchError::new(FailureKind::Schema).because("/data is not a list"))?;
    let posts = list.iter().take(100).filter_map(|post| {
        let public = |name: &str| optional_count(post, &format!("/public_metrics/{name}"));
        let id = id(post, "/id").ok()?;
        Some(Post {
            url: Some(format!("https://x.com/i/web/status/{}", Call::segment(&id))),
            published_at: text(post, "/created_at").and_then(|at| at.parse().ok()),
            // Its owner's count; the public one may be missing.
            views: optional_count(post, "/non_public_metrics/impression_count").or_else(|| public("impression_count")),
            likes: public("like_count"),
            comments: public("reply_count"),
            shares: public("retweet_count").zip(public("quote_count")).map(|(one, other)| one.saturating_add(other)),
            id,
        })
    });
    let mut kept: Vec<Post> = Vec::new();
    for post in posts {
        if kept.iter().all(|known| known.id != post.id) {
            kept.push(post);
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_posts_views_are_its_owners_count_and_what_is_missing_is_unknown() {
        let post = |id: &str, private: Json| {
            json!({ "id": id, "created_at": "2026-11-20T08:00:00.000Z", "non_public_metrics": private,
                "public_metrics": { "like_count": 5, "reply_count": 2, "retweet_count": 3, "quote_count": 1,
                    "impression_count": 90 } })
        };
        let body = json!({ "data": [post("1", json!({ "impression_count": 100 })), post("2", Json::Null),
            post("1", Json::Null), { "id": "3" }, { "text": "no id" }] });
        let posts = parse_posts(&body).unwrap();
        assert_eq!(posts.iter().map(|post| post.id.as_str()).collect::<Vec<_>>(), ["1", "2", "3"]);
        assert_eq!((posts[0].views, posts[1].views, posts[2].views), (Some(100), Some(90), None));
        assert_eq!((posts[0].shares, posts[2].shares, posts[2].likes), (Some(4), None, None));
        assert!(posts[0].published_at.is_some());
    }

    #[test]
    fn no_posts_are_none_and_a_problem_is_a_problem() {
        assert_eq!(parse_posts(&json!({ "meta": { "result_count": 0 } })), Ok(Vec::new()));
        let gone = json!({ "errors": [{ "type": "https://api.x.com/2/problems/resource-not-found" }] });
        assert_eq!(parse_posts(&gone).unwrap_err().kind, FailureKind::NotFound);
        assert_eq!(parse_posts(&json!({})).unwrap_err().kind, FailureKind::Schema);
        assert_eq!(parse_posts(&json!({ "data": {} })).unwrap_err().kind, FailureKind::Schema);
    }
}
