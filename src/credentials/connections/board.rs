//! How every connection is: one row a platform, for those who show it. It only reads, and no value is in it.

use super::Connections;
use crate::credentials::Place;
use crate::credentials::status::{self, Status};
use crate::domain::account::Account;
use crate::domain::platform::{About, CredentialKey};
use crate::store::StoreError;

/// One platform.
#[derive(Clone, Debug)]
pub struct Row {
    /// The platform.
    pub about: &'static About,
    /// The creator's account there.
    pub account: Option<Account>,
    /// How its credentials are; `None` when there were never any.
    pub status: Option<Status>,
    /// Whether there is something to ask the platform with.
    pub is_connected: bool,
    /// Every key, and where it is.
    pub keys: Vec<Key>,
}

/// One of a platform's keys.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// What it is.
    pub about: &'static CredentialKey,
    /// Where the operator set it: it is changed there and nowhere else.
    pub place: Option<Place>,
    /// Whether it is kept here.
    pub is_kept: bool,
}

impl Connections {
    /// Every platform, in the order people see them.
    pub async fn board(&self) -> Result<Vec<Row>, StoreError> {
        let (store, now) = (self.keeper.store(), self.now());
        let creator = store.creator().await?;
        let accounts = store.accounts(creator.id).await?;
        let (source, platforms) = (self.keeper.source(), self.keeper.platforms());
        let all = status::all(self.keeper.vault(), store, source, platforms, now).await?;
        let mut rows = Vec::new();
        for about in platforms.iter().map(|platform| platform.about()) {
            let (kept, _, values) = self.keeper.look_up(about).await?;
            let key = |key: &'static CredentialKey| Key {
                about: key,
                place: source.place(key),
                is_kept: kept.as_ref().is_some_and(|kept| kept.active.get(key).is_some()),
            };
            rows.push(Row {
                about,
                account: accounts.iter().find(|account| account.platform == about.id).cloned(),
                status: all.iter().find(|status| status.about.id == about.id).cloned(),
                is_connected: about.is_connected_by(&values),
                keys: about.credentials.iter().map(key).collect(),
            });
        }
        Ok(rows)
    }

    /// Whether this side renews; the other one only reads.
    pub fn may_renew(&self) -> bool {
        self.keeper.may_renew()
    }
}
