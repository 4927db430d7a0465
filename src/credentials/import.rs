//! What a look at the file means for what is kept: the owner's edit, an older copy, or nothing new. Pure.

use super::rewrite::Mark;
use crate::domain::credential::{Credentials, Kept, Phase};
use crate::domain::platform::About;

/// What to do with the values of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Import {
    /// They are the ones that are kept.
    Same,
    /// They are a copy from before: the file is to be written again.
    Older,
    /// The owner entered them, or the other side renewed: they are tried as this generation.
    New {
        /// The generation they become.
        generation: i64,
    },
    /// They were taken or refused before: a file that can't be written still holds them.
    Tried,
    /// There are none; what is kept goes on.
    Missing,
}

/// Decides over the values a file gives for a platform. A mark beside them tells what mediakit wrote: values that
/// still match it are a copy of that generation. Values that a renewal has replaced are old without a mark as well.
/// All others were entered by hand. Where nothing works any more, old ones are as good a try as any.
pub fn decide(about: &About, now: &Kept, given: &Credentials, mark: Option<&Mark>) -> Import {
    let (kept, generation) = (&now.active, now.generation);
    let secrets =
        |all: &Credentials| only(about, all, |name| about.credentials.iter().any(|k| k.secret && k.name == name));
    let (given_secrets, kept_secrets) = (secrets(given), secrets(kept));
    // A key that is missing from the file takes nothing away.
    if given_secrets.is_empty() {
        return Import::Missing;
    }
    if kept_secrets.with(&given_secrets) == kept_secrets {
        return Import::Same;
    }
    let fingerprint = renewed(about, given).fingerprint();
    let copied = mark.filter(|mark| mark.fingerprint == fingerprint);
    // The same renewed values: another secret, such as the app's, was edited.
    let is_current = renewed(about, given) == renewed(about, kept);
    let is_older = now.former.contains(&fingerprint) || copied.is_some_and(|mark| mark.generation <= generation);
    // Without anything of ours there is nothing newer to write in its place: the owner disconnected.
    let is_ours = !renewed(about, kept).is_empty();
    if is_older && is_ours && !is_current && now.phase != Phase::NeedsOwner {
        return Import::Older;
    }
    if now.tried == Some(given.fingerprint()) {
        return Import::Tried;
    }
    let theirs = copied.map_or(0, |mark| mark.generation);
    Import::New { generation: theirs.max(generation.saturating_add(1)) }
}

/// The values a renewal changes, of all of a platform's.
pub fn renewed(about: &About, all: &Credentials) -> Credentials {
    let keys = about.renewal.map_or(&[][..], |renewal| renewal.keys);
    only(about, all, |name| keys.contains(&name))
}

fn only(about: &About, all: &Credentials, wanted: impl Fn(&str) -> bool) -> Credentials {
    let own = about.credentials.iter().filter(|key| wanted(key.name));
    own.filter_map(|key| Some((key.name.to_owned(), all.get(key)?.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::credentials::machine;
    use crate::platforms::{self, Settings};

    fn tiktok() -> &'static About {
        let all = platforms::all(&Settings::default());
        all.iter().find(|platform| platform.about().id == "tiktok").unwrap().about()
    }

    fn pair(n: u8, secret: &str) -> Credentials {
        let entry = |key: &str, value: String| (format!("TIKTOK_{key}"), value.into());
        [
            entry("ACCESS_TOKEN", format!("act.{n}")),
            entry("REFRESH_TOKEN", format!("rft.{n}")),
            entry("CLIENT_SECRET", secret.to_owned()),
        ]
        .into_iter()
        .collect()
    }

    fn mark(of: u8, generation: i64) -> Mark {
        let fingerprint = renewed(tiktok(), &pair(of, "s")).fingerprint();
        Mark { platform: "tiktok".to_owned(), generation, fingerprint }
    }

    fn kept() -> Kept {
        let seeded = machine::seeded(1, "tiktok", 5, pair(5, "s"), Timestamp::UNIX_EPOCH);
        Kept { tried: None, former: vec![renewed(tiktok(), &pair(4, "s")).fingerprint()], ..seeded }
    }

    #[test]
    fn copies_and_edits_are_told_apart() {
        let decide = |given: &Credentials, mark: Option<&Mark>| super::decide(tiktok(), &kept(), given, mark);
        assert_eq!(decide(&pair(5, "s"), None), Import::Same);
        assert_eq!(decide(&pair(5, "s"), Some(&mark(5, 5))), Import::Same);
        assert_eq!(decide(&Credentials::default(), None), Import::Missing);
        assert_eq!(decide(&pair(3, "s"), Some(&mark(3, 3))), Import::Older, "a restored copy");
        assert_eq!(decide(&pair(3, "s"), Some(&mark(3, 5))), Import::Older, "another history of the same length");
        assert_eq!(decide(&pair(4, "s"), None), Import::Older, "from before anything was noted beside it");
        assert_eq!(decide(&pair(4, "s"), Some(&mark(5, 5))), Import::Older, "an old token entered by hand");
        let ended = Kept { phase: Phase::NeedsOwner, ..kept() };
        assert_eq!(super::decide(tiktok(), &ended, &pair(4, "s"), None), Import::New { generation: 6 }, "worth a try");
        assert_eq!(decide(&pair(9, "s"), Some(&mark(9, 9))), Import::New { generation: 9 }, "the other side renewed");
        assert_eq!(decide(&pair(7, "s"), Some(&mark(5, 5))), Import::New { generation: 6 }, "an edit below the mark");
        assert_eq!(decide(&pair(7, "s"), None), Import::New { generation: 6 });
        assert_eq!(decide(&pair(5, "new"), Some(&mark(5, 5))), Import::New { generation: 6 }, "the app's secret");
    }

    #[test]
    fn what_was_refused_is_not_tried_again_and_half_a_file_takes_nothing_away() {
        let given = pair(7, "s");
        let refused = Kept { tried: Some(given.fingerprint()), ..kept() };
        assert_eq!(decide(tiktok(), &refused, &given, None), Import::Tried);
        let half: Credentials = [("TIKTOK_ACCESS_TOKEN".to_owned(), "act.5".into())].into_iter().collect();
        assert_eq!(decide(tiktok(), &kept(), &half, Some(&mark(5, 5))), Import::Same);
    }
}
