//! The feed of a channel: views and likes of its 15 newest videos.

use jiff::Timestamp;

use super::YOUTUBE_WEB;
use crate::domain::failure::FailureKind;
use crate::domain::reading::Post;
use crate::outbound::{Access, Call, Outbound};
use crate::platforms::FetchError;

/// More entries than this are not read.
const MAX_ENTRIES: usize = 50;

/// <https://developers.google.com/youtube/v3/guides/push_notifications>
pub(super) async fn fetch(http: &Outbound, channel: &str) -> Result<Vec<Post>, FetchError> {
    let answer = http.send(&Call::get(YOUTUBE_WEB, "/feeds/videos.xml").query("channel_id", channel)).await?;
    parse_feed(&answer.success(Access::Public)?.text(), channel)
}

/// Reads the feed of `channel`, newest first; entries of other channels are left out.
///
/// # Errors
/// `schema` when the text is no feed.
pub fn parse_feed(xml: &str, channel: &str) -> Result<Vec<Post>, FetchError> {
    if !xml.contains("<feed") {
        return Err(FetchError::new(FailureKind::Schema).because("not a feed"));
    }
    let mut posts: Vec<Post> = Vec::new();
    for entry in xml.split("<entry>").skip(1).take(MAX_ENTRIES) {
        let Some(post) = post(entry, channel) else { continue };
        if !posts.iter().any(|known| known.id == post.id) {
            posts.push(post);
        }
    }
    posts.sort_by_key(|post| std::cmp::Reverse(post.published_at));
    Ok(posts)
}

fn post(entry: &str, channel: &str) -> Option<Post> {
    let entry = entry.split_once("</entry>")?.0;
    let id = element(entry, "yt:videoId").filter(|id| id.len() <= 32 && id.bytes().all(is_id_byte))?;
    if element(entry, "yt:channelId").is_some_and(|owner| owner != channel) {
        return None;
    }
    Some(Post {
        url: Some(format!("https://www.youtube.com/watch?v={id}")),
        id: id.to_owned(),
        published_at: element(entry, "published").and_then(|text| text.parse::<Timestamp>().ok()),
        views: attribute(entry, "<media:statistics", "views"),
        likes: attribute(entry, "<media:starRating", "count"),
        ..Post::default()
    })
}

const fn is_id_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')
}

fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text.trim())
}

fn attribute(xml: &str, tag: &str, name: &str) -> Option<i64> {
    let (attributes, _) = xml.split_once(tag)?.1.split_once('>')?;
    let (digits, _) = attributes.split_once(&format!(" {name}=\""))?.1.split_once('"')?;
    digits.parse().ok().filter(|n| *n >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEED: &str = r#"<?xml version="1.0"?><feed xmlns:yt="y"><yt:channelId>sX</yt:channelId>
      <entry><yt:videoId>aaa</yt:videoId><yt:channelId>UC1</yt:channelId><title>&lt;entry&gt;</title>
        <published>2026-11-20T10:00:00+00:00</published><media:group><media:community>
        <media:starRating count="900" average="5.00" min="1" max="5"/><media:statistics views="12000"/></media:community></media:group></entry>
      <entry><yt:videoId>bbb</yt:videoId><yt:channelId>UC1</yt:channelId><published>2026-11-21T10:00:00+00:00</published></entry>
      <entry><yt:videoId>ccc</yt:videoId><yt:channelId>UC2</yt:channelId></entry>
      <entry><yt:videoId>../x</yt:videoId></entry><entry><yt:videoId>aaa</yt:videoId></entry><entry>"#;

    #[test]
    fn views_and_likes_are_read_and_missing_ones_stay_unknown() {
        let posts = parse_feed(FEED, "UC1").unwrap();
        assert_eq!(posts.iter().map(|post| post.id.as_str()).collect::<Vec<_>>(), ["bbb", "aaa"]);
        assert_eq!((posts[1].views, posts[1].likes), (Some(12_000), Some(900)));
        assert_eq!((posts[0].views, posts[0].likes), (None, None));
        assert_eq!(parse_feed("<html>", "UC1").unwrap_err().kind, FailureKind::Schema);
    }
}
