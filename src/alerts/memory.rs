//! What was told, as far as this process knows: the database's rows, and beside them those it could not take, so that
//! a full disk does not make every minute repeat that the disk is full.

use std::collections::BTreeMap;

use super::Change;
use super::channel::Channel;
use crate::domain::alert::Sent;
use crate::store::Store;

type Key = (String, String);

/// What was told of each cause on each channel.
#[derive(Default)]
pub(super) struct Memory {
    rows: BTreeMap<Key, Sent>,
    /// What the database lacks: a row, or that it is gone.
    unsaved: BTreeMap<Key, Option<Sent>>,
}

impl Memory {
    /// Hands the database what it lacks and reads what it has. While it fails, what is known here holds.
    pub(super) async fn read(&mut self, store: &Store) {
        for (key, row) in std::mem::take(&mut self.unsaved) {
            let saved = match &row {
                Some(row) => store.keep_alert_sent(row).await,
                None => store.delete_alert_sent(&key.0, &key.1).await,
            };
            if saved.is_err() {
                self.unsaved.insert(key, row);
            }
        }
        match store.list_alerts_sent().await {
            Ok(rows) => self.rows = rows.into_iter().map(|row| (key(&row), row)).collect(),
            Err(error) => tracing::warn!(%error, "what was told before could not be read"),
        }
        for (key, row) in &self.unsaved {
            match row {
                Some(row) => drop(self.rows.insert(key.clone(), row.clone())),
                None => drop(self.rows.remove(key)),
            }
        }
    }

    /// What a channel was told.
    pub(super) fn of(&self, channel: Channel) -> Vec<Sent> {
        self.rows.values().filter(|row| row.channel == channel.name()).cloned().collect()
    }

    /// Takes over a change.
    pub(super) fn take(&mut self, change: Change) {
        let (key, row, saved) = match change {
            Change::Keep { row, saved } => (key(&row), Some(row), saved),
            Change::Forget { row, saved } => (key(&row), None, saved),
        };
        match &row {
            Some(row) => drop(self.rows.insert(key.clone(), row.clone())),
            None => drop(self.rows.remove(&key)),
        }
        if !saved {
            self.unsaved.insert(key, row);
        }
    }
}

fn key(row: &Sent) -> Key {
    (row.key.clone(), row.channel.clone())
}
