//! Who may sign in to the panel, and where they are signed in.

use jiff::{SignedDuration, Timestamp};

use super::text::{Lang, Text};

/// A session that was not used for this long has ended.
pub const IDLE: SignedDuration = SignedDuration::from_hours(12);
/// A session ends this long after its beginning.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long the second factor may take.
pub const SECOND_FACTOR: SignedDuration = SignedDuration::from_mins(5);
/// The shortest password, in characters.
pub const SHORTEST_PASSWORD: usize = 12;
/// The longest password, in bytes.
pub const LONGEST_PASSWORD: usize = 1024;
/// The longest name, in characters.
pub const LONGEST_NAME: usize = 64;

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The row's id.
    pub id: i64,
    /// Whose pages they look after.
    pub creator_id: i64,
    /// The name they sign in with.
    pub name: String,
    /// The language they chose for the panel.
    pub lang: Option<Lang>,
    /// Whether a code from an app is asked for after the password.
    pub has_totp: bool,
}

/// How far a session has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The password was right, the second factor is missing.
    Password,
    /// Signed in.
    Full,
}

impl Stage {
    /// The name in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Full => "full",
        }
    }

    /// The stage of a name; what is unknown is the lesser one.
    pub fn named(name: &str) -> Self {
        if name == Self::Full.name() { Self::Full } else { Self::Password }
    }
}

/// A browser that is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The hash of its id, by which it is known here.
    pub hash: [u8; 32],
    /// Whose it is.
    pub owner: Owner,
    /// How far it has come.
    pub stage: Stage,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to five minutes.
    pub seen_at: Timestamp,
    /// The address it began from.
    pub address: String,
    /// The browser, as it named itself.
    pub agent: String,
}

impl Session {
    /// Whether it still holds at `now`.
    pub fn holds(&self, now: Timestamp) -> bool {
        let longest = if self.stage == Stage::Full { LONGEST } else { SECOND_FACTOR };
        now.duration_since(self.seen_at) < IDLE && now.duration_since(self.created_at) < longest
    }
}

/// A name to sign in with, trimmed.
///
/// # Errors
/// The reason why it can't be one.
pub fn name(typed: &str) -> Result<String, Text> {
    let name = typed.trim();
    if name.is_empty() {
        return Err(Text::new("Gib einen Namen ein.", "Enter a name."));
    }
    if name.chars().count() > LONGEST_NAME || name.contains(char::is_control) {
        return Err(Text::new("Der Name darf höchstens 64 Zeichen haben.", "The name may have at most 64 characters."));
    }
    Ok(name.to_owned())
}

/// Whether a password is long enough to be one.
///
/// # Errors
/// The reason why it can't be one.
pub fn password(typed: &str) -> Result<(), Text> {
    if typed.chars().count() < SHORTEST_PASSWORD {
        return Err(Text::new(
            "Nimm mindestens 12 Zeichen. Drei oder vier zufällige Wörter sind gut.",
            "Take at least 12 characters. Three or four random words are good.",
        ));
    }
    if typed.len() > LONGEST_PASSWORD {
        return Err(Text::new("Das Passwort ist länger als 1024 Bytes.", "The password is longer than 1024 bytes."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(stage: Stage, created: &str, seen: &str) -> Session {
        let owner = Owner { id: 1, creator_id: 1, name: "mara".into(), lang: None, has_totp: false };
        let (created_at, seen_at) = (created.parse().unwrap(), seen.parse().unwrap());
        Session { hash: [0; 32], owner, stage, created_at, seen_at, address: String::new(), agent: String::new() }
    }

    #[test]
    fn a_session_ends_by_rest_and_by_age() {
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let cases = [
            (Stage::Full, "2026-11-22T11:00:00Z", "2026-11-22T11:00:00Z", true),
            (Stage::Full, "2026-11-21T11:00:00Z", "2026-11-22T00:00:00Z", false),
            (Stage::Full, "2026-11-15T12:00:01Z", "2026-11-22T11:59:00Z", true),
            (Stage::Full, "2026-11-15T12:00:00Z", "2026-11-22T11:59:00Z", false),
            (Stage::Password, "2026-11-22T11:56:00Z", "2026-11-22T11:56:00Z", true),
            (Stage::Password, "2026-11-22T11:55:00Z", "2026-11-22T11:59:00Z", false),
        ];
        for (stage, created, seen, holds) in cases {
            assert_eq!(session(stage, created, seen).holds(now), holds, "{stage:?} {created} {seen}");
        }
    }

    #[test]
    fn names_and_passwords_have_limits() {
        assert_eq!(name("  mara ").unwrap(), "mara");
        assert!(name(" ").is_err() && name(&"x".repeat(65)).is_err() && name("a\nb").is_err());
        assert!(password("zwölf zeichen").is_ok());
        assert!(password("elf zeichen").is_err() && password("").is_err() && password(&"x".repeat(1025)).is_err());
    }
}
