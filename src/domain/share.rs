//! Whom the kit is shown to: everybody, those who ask, or only those with a link of their own. A link may show other
//! blocks and other prices than the public page.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::block::body::Rates;
use super::block::{Block, Body};
use super::media_kit::KitInput;
use super::text::{Text, plain};

/// The most links a kit has.
pub const MOST_SHARES: usize = 200;
/// The most requests that wait at a time.
pub const MOST_REQUESTS: usize = 100;
/// How long a request waits before it is deleted.
pub const REQUEST_WAITS: SignedDuration = SignedDuration::from_hours(24 * 60);
/// How long a link holds that answers a request, unless the owner chooses another end.
pub const ANSWER_HOLDS: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Who may see the kit without a link of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Everybody.
    #[default]
    Public,
    /// Nobody, but everybody may ask for a link.
    Gated,
    /// Nobody.
    Private,
}

impl Access {
    /// Every way, the most open first.
    pub const ALL: [Self; 3] = [Self::Public, Self::Gated, Self::Private];

    /// Its name in forms and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Gated => "gated",
            Self::Private => "private",
        }
    }

    /// The way of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|access| access.name() == name)
    }

    /// What people call it.
    pub const fn title(self) -> Text {
        match self {
            Self::Public => Text::new("Alle", "Everybody"),
            Self::Gated => {
                Text::new("Wer fragt und von dir einen Link bekommt", "Whoever asks and gets a link from you")
            }
            Self::Private => Text::new("Nur wer einen Link von dir hat", "Only those with a link from you"),
        }
    }

    /// What it means.
    pub const fn meaning(self) -> Text {
        match self {
            Self::Public => {
                Text::new("Seite, PDF, Bilder und Daten sind öffentlich.", "Page, PDF, pictures and data are public.")
            }
            Self::Gated => Text::new(
                "Statt der Zahlen steht auf der Seite ein kurzes Formular. Du entscheidest hier über jede Anfrage.",
                "In place of the numbers the page has a short form. You decide here on each request.",
            ),
            Self::Private => Text::new(
                "Seite, PDF, Bilder und Daten gibt es nur über die Links unten.",
                "Page, PDF, pictures and data exist through the links below only.",
            ),
        }
    }
}

/// What a link shows, to whom and until when: all that its form holds but the password.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// Whom it is for, as the owner calls them.
    pub brand: String,
    /// Where they are reached by e-mail.
    pub contact: Option<String>,
    /// When it ends; never when unset.
    pub expires_at: Option<Timestamp>,
    /// The ids of the blocks it shows; an own list of packages is shown besides.
    pub blocks: Vec<i64>,
    /// Packages and prices in place of the kit's.
    pub rates: Option<Rates>,
}

/// Proof that somebody knew a link's password: drawn from the password's hash, from which nobody without the database can
/// draw it. It changes with the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Lock([u8; 32]);

impl Lock {
    /// The lock of a password's hash.
    pub fn of(hash: &str) -> Self {
        Self(Sha256::digest(format!("share {hash}")).into())
    }

    /// What a browser keeps that gave the password.
    pub const fn proof(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `sent` is that. Compared by hash, so that the time it takes tells nothing.
    pub fn opens_with(&self, sent: &[u8]) -> bool {
        Sha256::digest(self.0) == Sha256::digest(sent)
    }
}

impl std::fmt::Debug for Lock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lock")
    }
}

/// A link to the kit, as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// The row's id.
    pub id: i64,
    /// What stands in its address behind `/s/`.
    pub address: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it does not hold any more.
    pub revoked_at: Option<Timestamp>,
    /// What guards it, when it has a password.
    pub lock: Option<Lock>,
    /// Counts changes, so that a form that was opened before one is told.
    pub version: i64,
    /// What it shows, to whom and until when.
    pub terms: Terms,
}

impl Share {
    /// Whether it holds at `now`.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.terms.expires_at.is_none_or(|end| now < end)
    }

    /// What the kit is made of for whoever has this link.
    pub fn input(&self, kit: &KitInput) -> KitInput {
        let mut input = kit.clone();
        input.creator.access = Access::Public;
        input.shares.clear();
        for block in &mut input.blocks {
            block.hidden = !self.terms.blocks.contains(&block.id);
        }
        if let Some(rates) = &self.terms.rates {
            replace_rates(&mut input.blocks, rates);
        }
        input
    }
}

/// Puts the link's own packages where the first of the kit's stood, else at the end; the kit's own are gone.
fn replace_rates(blocks: &mut Vec<Block>, rates: &Rates) {
    let own = Body::Rates(rates.clone());
    let is_rates = |block: &Block| matches!(block.body, Body::Rates(_));
    let place = blocks.iter().position(is_rates);
    let id = place.map_or(0, |place| blocks[place].id);
    let before = blocks[..place.unwrap_or(blocks.len())].len();
    blocks.retain(|block| !is_rates(block));
    blocks.insert(before, Block { id, hidden: false, version: 0, body: own });
}

/// How often a link was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// How often.
    pub times: i64,
    /// The last UTC day.
    pub last: Option<Date>,
}

/// Somebody asks to see the kit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The row's id; 0 before it has one.
    pub id: i64,
    /// Their name.
    pub name: String,
    /// The brand they ask for.
    pub brand: String,
    /// Where the answer goes.
    pub email: String,
    /// What they are about.
    pub message: Option<String>,
    /// When they asked.
    pub asked_at: Timestamp,
}

/// What stands behind `/s/` for a brand: its name as far as an address can hold it, and 80 bits that nobody guesses.
pub fn address(brand: &str, random: [u8; 10]) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let name = plain(brand, 24);
    let bits = random.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let code = (0..16).map(|place| char::from(DIGITS[(bits >> (place * 5) & 31) as usize]));
    let code: String = code.collect();
    if name.is_empty() { code } else { format!("{name}-{code}") }
}

#[cfg(test)]
mod tests {
    use super::super::block::body::Words;
    use super::*;

    #[test]
    fn an_address_says_whose_it_is_and_can_t_be_guessed() {
        assert_eq!(address("Müller & Söhne GmbH", [0; 10]), "mueller-soehne-gmbh-aaaaaaaaaaaaaaaa");
        assert_eq!(address("日本", [0xff; 10]), "9999999999999999");
        let (one, other) = (address("a", *b"0123456789"), address("a", *b"0123456788"));
        assert_ne!(one, other);
        let long = address(&"ä".repeat(500), [7; 10]);
        assert!(long.len() <= 42 && long.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
    }

    #[test]
    fn a_lock_opens_with_its_own_proof_only() {
        let lock = Lock::of("$argon2id$one");
        assert!(lock.opens_with(lock.proof()));
        assert!(!lock.opens_with(Lock::of("$argon2id$two").proof()) && !lock.opens_with(b""));
        assert_eq!(format!("{lock:?}"), "Lock");
    }

    fn block(id: i64, hidden: bool, body: Body) -> Block {
        Block { id, hidden, version: 0, body }
    }

    #[test]
    fn own_packages_stand_where_the_kit_s_stood() {
        let rates = |note: &str| Rates { note: Some(note.to_owned()), ..Rates::default() };
        let mut blocks = vec![
            block(1, false, Body::Text(Words::default())),
            block(2, true, Body::Rates(rates("public"))),
            block(3, false, Body::Text(Words::default())),
            block(4, false, Body::Rates(rates("second"))),
        ];
        replace_rates(&mut blocks, &rates("own"));
        let ids: Vec<_> = blocks.iter().map(|block| (block.id, block.hidden)).collect();
        assert_eq!(ids, [(1, false), (2, false), (3, false)]);
        assert_eq!(blocks[1].body, Body::Rates(rates("own")));
        let mut none = vec![block(1, false, Body::Text(Words::default()))];
        replace_rates(&mut none, &rates("own"));
        assert_eq!(none.len(), 2);
    }
}
