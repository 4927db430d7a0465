//! TikTok without credentials: the embed of a creator (rounded, with the newest videos), then the profile page.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value as Json;

use super::TIKTOK_WEB;
use crate::domain::engagement;
use crate::domain::failure::FailureKind;
use crate::domain::metric::{Origin, Precision, Provenance};
use crate::domain::reading::{Post, PublicProfile, Reading, Reported};
use crate::outbound::{Answer, Call, Outbound};
use crate::platforms::fields::{at, count, flag, id, optional_count, required_text, text, web_address};
use crate::platforms::page::{asks_to_sign_in, data, html, script, settled, web_id};
use crate::platforms::{Connected, FetchError};

/// A 32-bit number that ran over is this far off.
const OVERRUN: i64 = 1 << 32;
/// So many videos can be pinned to the top of a profile.
const MAX_PINNED: usize = 3;

/// What TikTok shows to anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicAccount {
    /// The account's number.
    pub id: String,
    /// Whether the counts are exact or rounded.
    pub precision: Precision,
    /// Followers.
    pub followers: i64,
    /// Accounts it follows.
    pub following: Option<i64>,
    /// Likes of all videos.
    pub likes: Option<i64>,
    /// Videos; the embed doesn't tell.
    pub videos: Option<i64>,
    /// The badge.
    pub verified: Option<bool>,
    /// Name, picture and text.
    pub profile: PublicProfile,
    /// The newest videos.
    pub recent: Vec<Post>,
}

pub(super) async fn fetch(http: &Outbound, account: &Connected) -> Result<Reading, FetchError> {
    let handle = Call::segment(&account.handle);
    // <https://developers.tiktok.com/doc/embed-creator-profiles>
    let answer = http.send(&Call::get(TIKTOK_WEB, format!("/embed/@{handle}"))).await?;
    match opened(&answer).and_then(|html| parse_embed(&html, &account.handle)) {
        Err(error) if error.kind == FailureKind::Blocked => {
            // <https://www.tiktok.com/@tiktok>: a page for people, without a document of its own.
            let call = Call::get(TIKTOK_WEB, format!("/@{handle}")).header("accept-language", "en");
            let answer = http.send(&call).await?;
            reading(account, "TikTok profile page", opened(&answer).and_then(|html| parse_profile_page(&html))?)
        }
        found => reading(account, "TikTok embed", found?),
    }
}

fn opened(answer: &Answer) -> Result<Cow<'_, str>, FetchError> {
    if matches!(answer.status, 400 | 404) {
        return Err(FetchError::new(FailureKind::NotFound)
            .because("the account is missing or private; TikTok does not tell which"));
    }
    let challenged = answer.status == 200 && answer.json().is_ok_and(|json| is_challenge(&json));
    if challenged { Err(challenge()) } else { html(answer) }
}

/// Reads the page of an embed for `handle`.
///
/// # Errors
/// `rate_limited` when TikTok protects itself, `blocked` for a shell or a challenge, `private`, or `schema`.
pub fn parse_embed(html: &str, handle: &str) -> Result<PublicAccount, FetchError> {
    let state = script(html, "__FRONTITY_CONNECT_STATE__")?.ok_or_else(|| shut(html))?;
    let pages = at(&state, "/source/data").and_then(Json::as_object);
    let own = |address: &str| address.trim_end_matches('/').eq_ignore_ascii_case(&format!("/embed/@{handle}"));
    let page = pages.and_then(|pages| pages.iter().find(|(address, _)| own(address)).map(|(_, page)| page));
    let user = page.and_then(|page| at(page, "/userInfo"));
    let (Some(page), Some(user)) = (page, user) else {
        return Err(FetchError::new(FailureKind::Schema).because("userInfo is missing"));
    };
    if flag(user, "/privateAccount") == Some(true) && at(user, "/followerCount").is_none() {
        return Err(FailureKind::Private.into());
    }
    let videos = at(page, "/videoList").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    Ok(PublicAccount {
        id: web_id(&id(user, "/id")?),
        precision: Precision::Rounded,
        followers: count(user, "/followerCount")?,
        following: optional_count(user, "/followingCount"),
        likes: hearts(user),
        videos: None,
        verified: flag(user, "/verified"),
        profile: profile(user, "/avatarThumbUrl")?,
        recent: without_pinned(videos.iter().take(50).filter_map(video).collect()),
    })
}

/// Reads a profile page: its data of today, else the layout of 2021.
///
/// # Errors
/// What its status code says; `blocked` for a shell or a challenge.
pub fn parse_profile_page(html: &str) -> Result<PublicAccount, FetchError> {
    let today = script(html, "__UNIVERSAL_DATA_FOR_REHYDRATION__")?;
    if let Some(detail) = today.as_ref().and_then(|data| data.get("__DEFAULT_SCOPE__")?.get("webapp.user-detail")) {
        return parse_user_detail(detail);
    }
    let oldest = script(html, "__NEXT_DATA__")?;
    match oldest.as_ref().and_then(|data| at(data, "/props/pageProps")) {
        Some(detail) => parse_user_detail(detail),
        None => Err(shut(html)),
    }
}

/// Reads `statusCode` and `userInfo`, in which exact counts are texts and stand beside rounded ones.
///
/// # Errors
/// `not_found`, `private` or `blocked` by its status code; `schema` without the counts.
pub fn parse_user_detail(detail: &Json) -> Result<PublicAccount, FetchError> {
    if is_challenge(detail) {
        return Err(challenge());
    }
    match at(detail, "/statusCode").and_then(Json::as_i64) {
        Some(0) | None => {}
        Some(10_221 | 10_202) => return Err(FailureKind::NotFound.into()),
        Some(10_222) => return Err(FailureKind::Private.into()),
        Some(code) => return Err(FetchError::new(FailureKind::Schema).because(format!("status code {code}"))),
    }
    let missing = || FetchError::new(FailureKind::Schema).because("userInfo is missing");
    let user = at(detail, "/userInfo/user").ok_or_else(missing)?;
    let exact = at(detail, "/userInfo/statsV2");
    let stats = exact.or_else(|| at(detail, "/userInfo/stats")).ok_or_else(missing)?;
    Ok(PublicAccount {
        id: web_id(&id(user, "/id")?),
        precision: if exact.is_some() { Precision::Exact } else { Precision::Rounded },
        followers: count(stats, "/followerCount")?,
        following: optional_count(stats, "/followingCount"),
        likes: hearts(stats),
        videos: optional_count(stats, "/videoCount"),
        verified: flag(user, "/verified"),
        profile: profile(user, "/avatarLarger")?,
        recent: Vec::new(),
    })
}

/// What a page without data means.
fn shut(html: &str) -> FetchError {
    if html.contains("overload-protect") {
        return FetchError::new(FailureKind::RateLimited).because("TikTok protects itself from overload");
    }
    if asks_to_sign_in(html) {
        return FailureKind::LoginWall.into();
    }
    let challenged = data(html).is_ok_and(|json| is_challenge(&json));
    if challenged { challenge() } else { FetchError::new(FailureKind::Blocked).because("the page holds no data") }
}

fn is_challenge(json: &Json) -> bool {
    at(json, "/type").and_then(Json::as_str) == Some("verify")
}

fn challenge() -> FetchError {
    FetchError::new(FailureKind::Blocked).because("TikTok asks for a captcha")
}

/// All likes. Above 2³¹ the number arrives as a negative one; above 2³² nobody could tell.
fn hearts(stats: &Json) -> Option<i64> {
    let overrun = at(stats, "/heartCount").and_then(Json::as_i64).filter(|n| (-(1 << 31)..0).contains(n));
    overrun.map(|n| n + OVERRUN).or_else(|| optional_count(stats, "/heartCount"))
}

fn profile(user: &Json, picture: &str) -> Result<PublicProfile, FetchError> {
    let username = required_text(user, "/uniqueId")?;
    Ok(PublicProfile {
        url: Some(super::profile_url(&username)),
        username,
        name: text(user, "/nickname"),
        avatar: web_address(user, picture),
        bio: text(user, "/signature"),
    })
}

fn video(json: &Json) -> Option<Post> {
    let id = id(json, "/id").ok()?;
    Some(Post { published_at: video_time(&id), views: optional_count(json, "/playCount"), id, ..Post::default() })
}

/// When a video was made: the upper half of its id, in seconds.
pub(super) fn video_time(id: &str) -> Option<Timestamp> {
    let seconds = id.parse::<u64>().ok()? >> 32;
    Timestamp::from_second(i64::try_from(seconds).ok()?).ok()
}

/// Newest first, without the pinned ones: those stand at the top and are older than something below them.
fn without_pinned(videos: Vec<Post>) -> Vec<Post> {
    let newest_from = |from: usize| videos.iter().skip(from).filter_map(|video| video.published_at).max();
    let pinned = |(place, video): (usize, &Post)| place < MAX_PINNED && video.published_at < newest_from(place + 1);
    let keep: Vec<bool> = videos.iter().enumerate().map(|entry| !pinned(entry)).collect();
    let mut kept: Vec<Post> = videos.into_iter().zip(keep).filter_map(|(video, keep)| keep.then_some(video)).collect();
    kept.sort_by_key(|video| std::cmp::Reverse(video.published_at));
    kept.dedup_by(|a, b| a.id == b.id);
    kept
}

fn reading(account: &Connected, source: &str, found: PublicAccount) -> Result<Reading, FetchError> {
    let account_id = settled(account, &found.id, Some(&found.profile.username))?;
    let reported = |n| Reported { precision: found.precision, ..Reported::exact(n) };
    let mut numbers = BTreeMap::from([("followers", reported(found.followers))]);
    numbers.extend(found.following.map(|n| ("following", reported(n))));
    numbers.extend(found.likes.map(|n| ("likes", reported(n))));
    numbers.extend(found.videos.map(|n| ("videos", reported(n))));
    numbers.extend(found.verified.map(|yes| ("verified", Reported::flag(yes))));
    let mean = engagement::average_views(&found.recent, account.now);
    numbers.extend(mean.map(|mean| ("average_views", Reported { precision: Precision::Rounded, ..mean })));
    let origin = Origin {
        source: source.to_owned(),
        provenance: Provenance::PublicPage,
        api_version: None,
        api_version_answered: None,
    };
    let (profile, posts) = (found.profile, found.recent);
    Ok(Reading { posts, ..Reading::of(account_id, profile, origin, numbers) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn page(user: &Json, videos: &Json) -> String {
        let state =
            json!({ "source": { "data": { "/embed/@mara.bikes": { "userInfo": user, "videoList": videos } } } });
        format!("<script id=\"__FRONTITY_CONNECT_STATE__\" type=\"application/json\">{state}</script>")
    }

    fn user() -> Json {
        json!({ "id": "6900", "uniqueId": "mara.bikes", "followerCount": 65_800, "heartCount": 1_200_000, "verified": false })
    }

    #[test]
    fn an_embed_is_rounded_and_knows_no_video_count() {
        let found =
            parse_embed(&page(&user(), &json!([{ "id": "7440000000000000001", "playCount": 12_000 }])), "Mara.Bikes")
                .unwrap();
        assert_eq!((found.followers, found.likes, found.videos), (65_800, Some(1_200_000), None));
        assert_eq!((found.precision, found.id.as_str()), (Precision::Rounded, "web-6900"));
        assert_eq!(found.recent[0].published_at, Timestamp::from_second(7_440_000_000_000_000_001 >> 32).ok());
    }

    #[test]
    fn likes_that_ran_over_are_put_right() {
        for (sent, expected) in [(-1_794_967_296_i64, Some(2_500_000_000)), (0, Some(0)), (i64::MIN, None)] {
            let mut user = user();
            user["heartCount"] = json!(sent);
            assert_eq!(parse_embed(&page(&user, &json!([])), "mara.bikes").unwrap().likes, expected);
        }
    }

    #[test]
    fn pages_without_data_say_why() {
        let kind = |html: &str| parse_embed(html, "mara.bikes").unwrap_err().kind;
        assert_eq!(kind("<html>overload-protect</html>"), FailureKind::RateLimited);
        assert_eq!(kind("<html><body></body></html>"), FailureKind::Blocked);
        assert_eq!(kind(r#"{"code":"10000","type":"verify"}"#), FailureKind::Blocked);
        assert_eq!(kind(&page(&Json::Null, &json!([]))), FailureKind::Schema);
        assert_eq!(kind(&page(&json!({ "id": "1", "privateAccount": true }), &json!([]))), FailureKind::Private);
        assert_eq!(parse_embed(&page(&user(), &json!([])), "somebody").unwrap_err().kind, FailureKind::Schema);
    }

    #[test]
    fn status_codes_of_the_profile_page_are_told_apart() {
        let kind = |code: i64| parse_user_detail(&json!({ "statusCode": code })).unwrap_err().kind;
        assert_eq!(kind(10_221), FailureKind::NotFound);
        assert_eq!(kind(10_222), FailureKind::Private);
        assert_eq!(kind(0), FailureKind::Schema);
        assert_eq!(kind(77), FailureKind::Schema);
    }

    #[test]
    fn pinned_videos_are_left_out_of_the_newest() {
        let at = |seconds: u64| json!({ "id": (seconds << 32).to_string(), "playCount": 1 });
        let list = json!([at(500), at(900), at(200), at(1000), at(950), at(940)]);
        let found = parse_embed(&page(&user(), &list), "mara.bikes").unwrap();
        let times: Vec<i64> = found.recent.iter().map(|post| post.published_at.unwrap().as_second()).collect();
        assert_eq!(times, [1000, 950, 940]);
    }
}
