//! Figures of our own making from a platform's newest posts. Each names its formula and its sample.

use jiff::Timestamp;

use super::metric::{Basis, Precision};
use super::reading::{Post, Reported};

/// Below this many posts a rate says nothing.
pub const FEWEST_POSTS: usize = 5;

/// Engagement rate by followers: the mean of (likes + comments) / followers.
///
/// `None` when fewer than five posts show both counts (hidden likes are not zero likes) or there are no followers.
pub fn by_followers(posts: &[Post], followers: i64, now: Timestamp) -> Option<Reported> {
    let sample: Vec<&Post> = posts.iter().filter(|post| post.likes.is_some() && post.comments.is_some()).collect();
    if followers <= 0 {
        return None;
    }
    let sum = sample.iter().filter_map(|post| Some(to_f64(post.likes?) + to_f64(post.comments?))).sum::<f64>();
    computed("(likes + comments) / followers", sum / to_f64(followers), &sample, now)
}

/// Engagement rate by views: the mean of (likes + comments + shares) / views.
///
/// `None` when fewer than five posts show all four counts.
pub fn by_views(posts: &[Post], now: Timestamp) -> Option<Reported> {
    per_view("(likes + comments + shares) / views", posts, now, |post| {
        Some(to_f64(post.likes?) + to_f64(post.comments?) + to_f64(post.shares?))
    })
}

/// Engagement rate by views where a source shows likes alone: the mean of likes / views.
pub fn likes_by_views(posts: &[Post], now: Timestamp) -> Option<Reported> {
    per_view("likes / views", posts, now, |post| post.likes.map(to_f64))
}

fn per_view(
    formula: &str,
    posts: &[Post],
    now: Timestamp,
    interactions: impl Fn(&Post) -> Option<f64>,
) -> Option<Reported> {
    let rate = |post: &Post| Some(interactions(post)? / to_f64(post.views.filter(|views| *views > 0)?));
    let sample: Vec<&Post> = posts.iter().filter(|post| rate(post).is_some()).collect();
    let sum = sample.iter().filter_map(|post| rate(post)).sum::<f64>();
    computed(formula, sum, &sample, now)
}

/// Mean views of the newest posts. `None` below five posts with views.
pub fn average_views(posts: &[Post], now: Timestamp) -> Option<Reported> {
    let sample: Vec<&Post> = posts.iter().filter(|post| post.views.is_some()).collect();
    let sum = sample.iter().filter_map(|post| post.views).map(to_f64).sum::<f64>();
    computed("mean(views)", sum, &sample, now)
}

fn computed(formula: &str, sum: f64, sample: &[&Post], now: Timestamp) -> Option<Reported> {
    if sample.len() < FEWEST_POSTS {
        return None;
    }
    let oldest = sample.iter().filter_map(|post| post.published_at).min();
    let window_days = oldest.and_then(|at| u32::try_from(now.duration_since(at).as_hours().max(0) / 24).ok());
    let sample_size = u32::try_from(sample.len()).ok()?;
    let basis = Basis { formula: formula.to_owned(), sample_size, window_days };
    Some(Reported::computed(sum / f64::from(sample_size), Precision::Exact, basis))
}

#[expect(clippy::cast_precision_loss, reason = "counts of posts are far below 2^53")]
const fn to_f64(n: i64) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metric::Value;

    fn post(likes: Option<i64>, views: Option<i64>) -> Post {
        Post { likes, comments: Some(10), views, ..Post::default() }
    }

    #[test]
    fn the_rate_is_the_mean_over_posts_that_show_their_counts() {
        let mut posts = vec![post(Some(90), None); 5];
        posts.push(post(None, None));
        let rate = by_followers(&posts, 1000, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(rate.value, Value::Rate(0.1));
        assert_eq!(rate.basis.unwrap().sample_size, 5);
    }

    #[test]
    fn the_rate_by_views_skips_posts_nobody_saw_and_posts_with_hidden_counts() {
        let seen = Post { shares: Some(5), ..post(Some(85), Some(1000)) };
        let mut posts = vec![seen.clone(); 5];
        posts.push(Post { views: Some(0), ..seen.clone() });
        posts.push(Post { shares: None, ..seen });
        assert_eq!(by_views(&posts, Timestamp::UNIX_EPOCH).unwrap().value, Value::Rate(0.1));
        assert!(by_views(&posts[1..], Timestamp::UNIX_EPOCH).is_none());
        let likes = likes_by_views(&posts, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(likes.value, Value::Rate(0.085));
        assert_eq!(likes.basis.unwrap().sample_size, 6);
    }

    #[test]
    fn too_few_posts_or_hidden_likes_give_no_rate() {
        assert!(by_followers(&vec![post(Some(90), None); 4], 1000, Timestamp::UNIX_EPOCH).is_none());
        assert!(by_followers(&vec![post(None, None); 9], 1000, Timestamp::UNIX_EPOCH).is_none());
        assert!(by_followers(&vec![post(Some(1), None); 9], 0, Timestamp::UNIX_EPOCH).is_none());
        assert!(average_views(&vec![post(None, Some(5)); 4], Timestamp::UNIX_EPOCH).is_none());
    }
}
