//! What one fetch brought: numbers without a time yet, and what could not be read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::demographics::Breakdown;
use super::failure::FailureKind;
use super::metric::{Basis, Origin, Precision, Value};

/// A successful fetch. It always carries the audience count; everything else may be missing.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The platform's own id of the account, pinned at the first fetch.
    pub account_id: String,
    /// Name, picture and text as the platform shows them. Hostile until escaped.
    pub profile: PublicProfile,
    /// Where the numbers were read, unless a number says otherwise.
    pub origin: Origin,
    /// The numbers, by the keys the platform declares. What is unknown is absent.
    pub numbers: BTreeMap<&'static str, Reported>,
    /// Who the audience is made of, as far as the platform told.
    pub breakdowns: Vec<Breakdown>,
    /// The newest posts, newest first.
    pub posts: Vec<Post>,
    /// Parts that failed although the reading stands: a retired metric, insights without permission.
    pub notes: Vec<Note>,
    /// Numbers there are none of now, as viewers of a stream that ended: their old values go.
    pub gone: Vec<&'static str>,
    /// How full the platform says our allowance is, in per cent, where it says so.
    pub usage_percent: Option<u8>,
}

impl Reading {
    /// What every fetch brings; all else is as good as not told.
    pub fn of(
        account_id: String,
        profile: PublicProfile,
        origin: Origin,
        numbers: BTreeMap<&'static str, Reported>,
    ) -> Self {
        Self {
            account_id,
            profile,
            origin,
            numbers,
            breakdowns: Vec::new(),
            posts: Vec::new(),
            notes: Vec::new(),
            gone: Vec::new(),
            usage_percent: None,
        }
    }
}

/// One number of a reading.
#[derive(Clone, Debug, PartialEq)]
pub struct Reported {
    /// The value.
    pub value: Value,
    /// How exact it is.
    pub precision: Precision,
    /// How we computed it, when we did.
    pub basis: Option<Basis>,
    /// Its own origin, when it differs from the reading's.
    pub origin: Option<Origin>,
}

impl Reported {
    /// A count in the platform's own digits.
    pub const fn exact(n: i64) -> Self {
        Self { value: Value::Count(n), precision: Precision::Exact, basis: None, origin: None }
    }

    /// A count the platform rounded.
    pub const fn rounded(n: i64) -> Self {
        Self { value: Value::Count(n), precision: Precision::Rounded, basis: None, origin: None }
    }

    /// A count the platform estimates.
    pub const fn approximate(n: i64) -> Self {
        Self { value: Value::Count(n), precision: Precision::Approximate, basis: None, origin: None }
    }

    /// Yes or no.
    pub const fn flag(yes: bool) -> Self {
        Self { value: Value::Flag(yes), precision: Precision::Exact, basis: None, origin: None }
    }

    /// A rate or average of our own making.
    pub const fn computed(value: f64, precision: Precision, basis: Basis) -> Self {
        Self { value: Value::Rate(value), precision, basis: Some(basis), origin: None }
    }
}

/// What the platform shows of the account. Text from outside: escape it everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicProfile {
    /// The name in the account's address.
    pub username: String,
    /// The display name.
    pub name: Option<String>,
    /// The picture's address; often signed and short-lived.
    pub avatar: Option<String>,
    /// The text about the account.
    pub bio: Option<String>,
    /// The public address.
    pub url: Option<String>,
}

/// A post with the counts the platform shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// The platform's id.
    pub id: String,
    /// The public address.
    pub url: Option<String>,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// Views or plays.
    pub views: Option<i64>,
    /// Likes; `None` when the owner hides them.
    pub likes: Option<i64>,
    /// Comments.
    pub comments: Option<i64>,
    /// Shares.
    pub shares: Option<i64>,
}

/// A part of a reading that could not be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The metric or part, for example `profile_views`.
    pub part: String,
    /// Why.
    pub kind: FailureKind,
    /// More in our own words.
    pub detail: Option<String>,
}
