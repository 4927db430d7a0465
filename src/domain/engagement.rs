//! Figures of our own making from a platform's newest posts. Each names its formula and its sample.

use jiff::{SignedDuration, Timestamp};

use super::metric::{Basis, Precision};
use super::reading::{Post, Reported};

/// Below this many posts a rate says nothing.
pub const FEWEST_POSTS: usize = 5;

/// The formula of [`by_followers`].
pub const BY_FOLLOWERS: &str = "(likes + comments) / followers";
/// The formula of [`by_views`].
pub const BY_VIEWS: &str = "(likes + comments + shares) / views";
/// The formula of [`likes_by_views`].
pub const LIKES_BY_VIEWS: &str = "likes / views";
/// The formula of [`by_reach`].
pub const BY_REACH: &str = "(likes + comments of 28 days) / reach of 28 days";
/// The formula of [`average_views`].
pub const MEAN_VIEWS: &str = "mean(views)";
/// The formula of [`median_views`].
pub const MEDIAN_VIEWS: &str = "median(views)";
/// The formula of [`posts_per_week`].
pub const POSTS_PER_WEEK: &str = "posts / weeks since the oldest";

/// The days of the reach that platforms give.
const REACH_DAYS: i64 = 28;

/// Engagement rate by followers: the mean of (likes + comments) / followers.
///
/// `None` when fewer than five posts show both counts (hidden likes are not zero likes) or there are no followers.
pub fn by_followers(posts: &[Post], followers: i64, now: Timestamp) -> Option<Reported> {
    let sample: Vec<&Post> = posts.iter().filter(|post| post.likes.is_some() && post.comments.is_some()).collect();
    if followers <= 0 {
        return None;
    }
    let sum = sample.iter().filter_map(|post| Some(to_f64(post.likes?) + to_f64(post.comments?))).sum::<f64>();
    computed(BY_FOLLOWERS, sum / to_f64(followers), &sample, now)
}

/// Engagement rate by views: the mean of (likes + comments + shares) / views.
///
/// `None` when fewer than five posts show all four counts.
pub fn by_views(posts: &[Post], now: Timestamp) -> Option<Reported> {
    per_view(BY_VIEWS, posts, now, |post| Some(to_f64(post.likes?) + to_f64(post.comments?) + to_f64(post.shares?)))
}

/// Engagement rate by views where a source shows likes alone: the mean of likes / views.
pub fn likes_by_views(posts: &[Post], now: Timestamp) -> Option<Reported> {
    per_view(LIKES_BY_VIEWS, posts, now, |post| post.likes.map(to_f64))
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
    computed(MEAN_VIEWS, sum, &sample, now)
}

/// The views that half of the newest posts exceed. `None` below five posts with views.
pub fn median_views(posts: &[Post], now: Timestamp) -> Option<Reported> {
    let mut sample: Vec<&Post> = posts.iter().filter(|post| post.views.is_some()).collect();
    sample.sort_by_key(|post| post.views);
    let views = |at: usize| sample.get(at).and_then(|post| post.views).map(to_f64);
    let (below, above) = (views(sample.len().saturating_sub(1) / 2)?, views(sample.len() / 2)?);
    made(MEDIAN_VIEWS, f64::midpoint(below, above), &sample, now)
}

/// How many posts there are a week, counted from the oldest of the newest until now, so that silence counts too.
/// `None` below five posts with a date.
pub fn posts_per_week(posts: &[Post], now: Timestamp) -> Option<Reported> {
    let sample: Vec<&Post> = posts.iter().filter(|post| post.published_at.is_some_and(|at| at < now)).collect();
    let oldest = sample.iter().filter_map(|post| post.published_at).min()?;
    let weeks = now.duration_since(oldest).as_secs_f64() / (7.0 * 24.0 * 3600.0);
    let posts = f64::from(u32::try_from(sample.len()).ok()?);
    made(POSTS_PER_WEEK, posts / weeks.max(f64::MIN_POSITIVE), &sample, now)
}

/// Engagement rate by reach: the likes and comments of the posts of 28 days / the accounts reached in 28 days.
///
/// `None` below five such posts, when one of them hides a count, or when there may be more of them than we were given.
pub fn by_reach(posts: &[Post], reach: i64, now: Timestamp) -> Option<Reported> {
    let begin = now.checked_sub(SignedDuration::from_hours(24 * REACH_DAYS)).ok()?;
    let all_known = posts.iter().any(|post| post.published_at.is_some_and(|at| at < begin));
    let sample: Vec<&Post> =
        posts.iter().filter(|post| post.published_at.is_some_and(|at| begin <= at && at <= now)).collect();
    if reach <= 0 || !all_known {
        return None;
    }
    let interactions = sample.iter().map(|post| Some(to_f64(post.likes?) + to_f64(post.comments?)));
    made(BY_REACH, interactions.sum::<Option<f64>>()? / to_f64(reach), &sample, now)
}

/// The mean of what a sample adds up to.
fn computed(formula: &str, sum: f64, sample: &[&Post], now: Timestamp) -> Option<Reported> {
    let sample_size = u32::try_from(sample.len()).ok()?;
    made(formula, sum / f64::from(sample_size), sample, now)
}

/// A value made of a sample; `None` when that is too small.
fn made(formula: &str, value: f64, sample: &[&Post], now: Timestamp) -> Option<Reported> {
    if sample.len() < FEWEST_POSTS {
        return None;
    }
    let oldest = sample.iter().filter_map(|post| post.published_at).min();
    let window_days = oldest.and_then(|at| u32::try_from(now.duration_since(at).as_hours().max(0) / 24).ok());
    let sample_size = u32::try_from(sample.len()).ok()?;
    let basis = Basis { formula: formula.to_owned(), sample_size, window_days };
    Some(Reported::computed(value, Precision::Exact, basis))
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

    fn at(days: i64) -> Timestamp {
        Timestamp::from_second(days * 86_400).unwrap()
    }

    fn rate(reported: &Reported) -> f64 {
        match reported.value {
            Value::Rate(rate) => rate,
            _ => panic!("not a rate"),
        }
    }

    #[test]
    fn one_post_that_everybody_saw_moves_the_mean_and_not_the_median() {
        let views = |all: &[i64]| all.iter().map(|views| post(None, Some(*views))).collect::<Vec<_>>();
        let posts = views(&[90, 100, 1_000_000, 110, 120]);
        assert_eq!(median_views(&posts, at(1)).unwrap().value, Value::Rate(110.0));
        let even = median_views(&views(&[100, 400, 200, 300, 100, 400]), at(1)).unwrap();
        assert_eq!((even.value, even.basis.unwrap().sample_size), (Value::Rate(250.0), 6));
        assert!(median_views(&posts[1..], at(1)).is_none());
        assert!(median_views(&[], at(1)).is_none());
    }

    #[test]
    fn the_rhythm_counts_the_silence_since_the_last_post() {
        let posts: Vec<Post> = (1..=6).map(|day| Post { published_at: Some(at(day)), ..Post::default() }).collect();
        let weekly = posts_per_week(&posts, at(8)).unwrap();
        assert!((rate(&weekly) - 6.0).abs() < 1e-9);
        assert_eq!(weekly.basis.unwrap().window_days, Some(7));
        assert!((rate(&posts_per_week(&posts, at(22)).unwrap()) - 2.0).abs() < 1e-9);
        assert!(posts_per_week(&posts[2..], at(8)).is_none());
    }

    #[test]
    fn the_rate_by_reach_wants_every_post_of_its_28_days() {
        let posted = |day| Post { published_at: Some(at(day)), ..post(Some(90), None) };
        let mut posts: Vec<Post> = [100, 99, 98, 97, 96, 70].map(posted).to_vec();
        let by_all = by_reach(&posts, 5000, at(100)).unwrap();
        assert_eq!((by_all.value, by_all.basis.unwrap().sample_size), (Value::Rate(0.1), 5));
        assert!(by_reach(&posts, 0, at(100)).is_none());
        assert!(by_reach(&posts[..5], 5000, at(100)).is_none(), "there may be more");
        posts[0].likes = None;
        assert!(by_reach(&posts, 5000, at(100)).is_none(), "hidden likes are not zero likes");
    }

    #[test]
    fn too_few_posts_or_hidden_likes_give_no_rate() {
        assert!(by_followers(&vec![post(Some(90), None); 4], 1000, Timestamp::UNIX_EPOCH).is_none());
        assert!(by_followers(&vec![post(None, None); 9], 1000, Timestamp::UNIX_EPOCH).is_none());
        assert!(by_followers(&vec![post(Some(1), None); 9], 0, Timestamp::UNIX_EPOCH).is_none());
        assert!(average_views(&vec![post(None, Some(5)); 4], Timestamp::UNIX_EPOCH).is_none());
    }
}
