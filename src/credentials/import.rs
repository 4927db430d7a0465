//! What a look at the file means for what is kept: the owner's edit, an older copy, or nothing new. Pure.

use super::rewrite::Mark;
use crate::domain::credential::Credentials;
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
/// still match it are a copy of that generation, others were entered by hand.
pub fn decide(
    about: &About,
    kept: &Credentials,
    generation: i64,
    given: &Credentials,
    mark: Option<&Mark>,
    tried: Option<&str>,
) -> Import {
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
    let copied = mark.filter(|mark| mark.fingerprint == renewed(about, given).fingerprint());
    match copied {
        // The same renewed values: another secret, such as the app's, was edited.
        Some(_) if renewed(about, given) == renewed(about, kept) => {}
        // Without anything of ours there is nothing newer to write in its place: the owner disconnected.
        Some(mark) if mark.generation <= generation && !renewed(about, kept).is_empty() => return Import::Older,
        _ => {}
    }
    if tried == Some(given.fingerprint().as_str()) {
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
    use super::*;
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

    #[test]
    fn copies_and_edits_are_told_apart() {
        let kept = pair(5, "s");
        let decide = |given: &Credentials, mark: Option<&Mark>| super::decide(tiktok(), &kept, 5, given, mark, None);
        assert_eq!(decide(&pair(5, "s"), None), Import::Same);
        assert_eq!(decide(&pair(5, "s"), Some(&mark(5, 5))), Import::Same);
        assert_eq!(decide(&Credentials::default(), None), Import::Missing);
        assert_eq!(decide(&pair(3, "s"), Some(&mark(3, 3))), Import::Older, "a restored copy");
        assert_eq!(decide(&pair(3, "s"), Some(&mark(3, 5))), Import::Older, "another history of the same length");
        assert_eq!(decide(&pair(9, "s"), Some(&mark(9, 9))), Import::New { generation: 9 }, "the other side renewed");
        assert_eq!(decide(&pair(7, "s"), Some(&mark(5, 5))), Import::New { generation: 6 }, "an edit below the mark");
        assert_eq!(decide(&pair(7, "s"), None), Import::New { generation: 6 });
        assert_eq!(decide(&pair(5, "new"), Some(&mark(5, 5))), Import::New { generation: 6 }, "the app's secret");
    }

    #[test]
    fn what_was_refused_is_not_tried_again_and_half_a_file_takes_nothing_away() {
        let (kept, given) = (pair(5, "s"), pair(7, "s"));
        let tried = given.fingerprint();
        assert_eq!(decide(tiktok(), &kept, 5, &given, None, Some(&tried)), Import::Tried);
        let half: Credentials = [("TIKTOK_ACCESS_TOKEN".to_owned(), "act.5".into())].into_iter().collect();
        assert_eq!(decide(tiktok(), &kept, 5, &half, Some(&mark(5, 5)), None), Import::Same);
    }
}
