//! What an account published, when, and how each post did. A post keeps its time and its id
//! for ever; its likes and views rise steeply in the first days and then level off.

use jiff::Timestamp;

use super::{ANCHOR, Account};
use crate::random::{real, whole};

/// One post or video.
#[derive(Clone, Debug)]
pub struct Post {
    /// Counted from the account's first post.
    pub index: i64,
    pub at: Timestamp,
    pub text: String,
    pub views: i64,
    pub likes: i64,
    pub comments: i64,
    pub shares: i64,
    pub saves: i64,
    /// Seconds, for platforms that publish video.
    pub length_secs: i64,
}

/// The posts up to `now`, newest first, leaving out the first `skip`.
pub fn posts(account: &Account, now: Timestamp, skip: usize, limit: usize) -> Vec<Post> {
    let newest = count(account, now) - 1;
    (0..=newest).rev().skip(skip).take(limit).map(|index| post(account, index, now)).collect()
}

/// How many posts there are at `now`.
pub fn count(account: &Account, now: Timestamp) -> i64 {
    let since = real(now.as_second() - ANCHOR) / 3_600.0 / cadence(account);
    let guess = account.start.posts + whole(since);
    (guess - 2..=guess + 2).rev().find(|index| published(account, *index) <= now).map_or(0, |index| (index + 1).max(0))
}

fn cadence(account: &Account) -> f64 {
    account.start.post_every_hours.max(0.5)
}

fn published(account: &Account, index: i64) -> Timestamp {
    let jitter = account.dice.text("post").number(index).between(-0.9, 0.0);
    let hours = real(index - account.start.posts + 1) + jitter * 0.5;
    let seconds = ANCHOR + whole(hours * cadence(account) * 3_600.0);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn post(account: &Account, index: i64, now: Timestamp) -> Post {
    let at = published(account, index);
    let dice = account.dice.text("post").number(index);
    let luck = dice.text("luck").between(-1.1, 1.2).exp();
    let age_hours = real(now.as_second() - at.as_second()) / 3_600.0;
    let ripe = 1.0 - (-age_hours / 30.0).exp();
    let views = real(account.followers(at)) * 0.32 * luck * ripe;
    let part = |name: &str, low: f64, high: f64| whole(views * dice.text(name).between(low, high));
    Post {
        index,
        at,
        text: caption(account, index),
        views: whole(views),
        likes: part("likes", 0.05, 0.11),
        comments: part("comments", 0.002, 0.006),
        shares: part("shares", 0.003, 0.009),
        saves: part("saves", 0.004, 0.016),
        length_secs: 20 + whole(dice.text("length").between(0.0, 70.0)),
    }
}

const GERMAN: [&str; 8] = [
    "Tretlager knarzt? Fünf Ursachen, eine Stunde Arbeit.",
    "120 km, drei Pannen, null Ausreden.",
    "Der Rahmen ist zurück vom Lackierer.",
    "Schaltzug verlegen, ohne zu fluchen.",
    "Was in meine Satteltasche kommt und was nie wieder.",
    "Nachtfahrt über den Schauinsland.",
    "Gebraucht gekauft: lohnt sich das Rad für 400 Euro?",
    "Bremsbeläge im Vergleich nach 2000 Kilometern.",
];

const ENGLISH: [&str; 8] = [
    "Forty knots forecast, so we baked bread instead.",
    "Re-caulking the foredeck, day three.",
    "Everything I carry for a week on nineteen feet of boat.",
    "The harbour at five in the morning.",
    "Splicing three-strand, slowly, with mistakes left in.",
    "She floats. That is the video.",
    "Reading a tide table properly in eight minutes.",
    "What a season afloat really cost me.",
];

fn caption(account: &Account, index: i64) -> String {
    let texts = match account.creator.language.as_str() {
        "de" => &GERMAN,
        _ => &ENGLISH,
    };
    let at = usize::try_from(index.rem_euclid(8)).unwrap_or(0);
    texts[at].to_owned()
}

impl Post {
    /// An id that carries its second in the upper half, as TikTok's do.
    pub fn video_id(&self, account: &Account) -> String {
        let low = account.dice.text("video").number(self.index).bits() & 0xffff_ffff;
        let high = self.at.as_second().cast_unsigned() << 32;
        (high | low).to_string()
    }

    /// An id in the given prefix, of seventeen digits in all.
    pub fn numeric_id(&self, account: &Account) -> String {
        format!("18{}", account.dice.text("media").number(self.index).digits(15))
    }

    /// The eleven characters of a YouTube video or Instagram short code.
    pub fn code(&self, account: &Account) -> String {
        let dice = account.dice.text("code").number(self.index);
        dice.letters(crate::random::BASE62, 11)
    }
}
