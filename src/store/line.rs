//! Connections to the SQLite file. sqlx's own pool asks a connection for a sign of life after every use, which takes as
//! long as most statements do; a file does not hang up.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::StoreError;

/// A few connections to one file, opened when they are first needed. Cheap to clone.
#[derive(Clone)]
pub(super) struct Line(Arc<Shared>);

struct Shared {
    options: SqliteConnectOptions,
    size: u32,
    /// How long it is waited for a free one.
    patience: Duration,
    places: Arc<Semaphore>,
    idle: Mutex<Vec<SqliteConnection>>,
}

impl Shared {
    fn idle(&self) -> MutexGuard<'_, Vec<SqliteConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    /// At most `size` connections at a time.
    pub(super) fn new(options: SqliteConnectOptions, size: u32, patience: Duration) -> Self {
        let places = Arc::new(Semaphore::new(size as usize));
        Self(Arc::new(Shared { options, size, patience, places, idle: Mutex::default() }))
    }

    /// A connection, as soon as one is free.
    pub(super) async fn take(&self) -> Result<Taken, StoreError> {
        let free = self.0.places.clone().acquire_owned();
        let place = tokio::time::timeout(self.0.patience, free).await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        let place = place.map_err(|_| sqlx::Error::PoolClosed)?;
        let idle = self.0.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => SqliteConnection::connect_with(&self.0.options).await?,
        };
        Ok(Taken { connection: Some(connection), line: self.0.clone(), place: Some(place) })
    }

    /// A transaction that `statement` begins.
    pub(super) async fn begin(&self, statement: &'static str) -> Result<Begun, StoreError> {
        let mut begun = Begun(self.take().await?);
        sqlx::query(statement).execute(begun.get()?).await?;
        Ok(begun)
    }

    /// Waits for what runs and disconnects. Whoever asks from now on is refused.
    pub(super) async fn close(&self) {
        let Ok(_all) = self.0.places.acquire_many(self.0.size).await else { return };
        let idle = mem::take(&mut *self.0.idle());
        for connection in idle {
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "a connection to the database could not be closed in order");
            }
        }
        self.0.places.close();
    }
}

/// A connection that goes back when it is dropped.
pub(super) struct Taken {
    connection: Option<SqliteConnection>,
    line: Arc<Shared>,
    place: Option<OwnedSemaphorePermit>,
}

impl Taken {
    pub(super) fn get(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        Ok(self.connection.as_mut().ok_or(sqlx::Error::PoolClosed)?)
    }

    fn give_back(&mut self) {
        self.line.idle().extend(self.connection.take());
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        // Its place is free after this.
        self.give_back();
    }
}

/// A transaction. Dropped without [`Begun::commit`] it is undone by closing its connection, before its place is free for a
/// new one: where the disk was full SQLite may have ended the transaction by itself, and whoever was cancelled does not
/// know how far it came.
pub(super) struct Begun(Taken);

impl Begun {
    pub(super) fn get(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        self.0.get()
    }

    /// Makes everything since the beginning durable.
    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        sqlx::query("commit").execute(self.get()?).await?;
        self.0.give_back();
        Ok(())
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        let (connection, place) = (self.0.connection.take(), self.0.place.take());
        if let (Some(connection), Ok(runtime)) = (connection, Handle::try_current()) {
            runtime.spawn(async move {
                let _ = connection.close().await;
                drop(place);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use sqlx::Executor as _;

    use super::*;

    async fn line(folder: &tempfile::TempDir) -> Line {
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join("mediakit.db"))
            .create_if_missing(true)
            .busy_timeout(Duration::ZERO);
        let line = Line::new(options, 1, Duration::from_secs(5));
        line.take().await.unwrap().get().unwrap().execute("create table told (n)").await.unwrap();
        line
    }

    async fn told(line: &Line) -> usize {
        line.take().await.unwrap().get().unwrap().fetch_all("select n from told").await.unwrap().len()
    }

    #[tokio::test]
    async fn a_transaction_that_is_left_is_undone_before_anybody_else_comes() {
        let folder = tempfile::tempdir().unwrap();
        let line = line(&folder).await;
        for commits in [false, true] {
            let mut begun = line.begin("begin immediate").await.unwrap();
            begun.get().unwrap().execute("insert into told values (1)").await.unwrap();
            if commits {
                begun.commit().await.unwrap();
            } else {
                drop(begun);
            }
            assert_eq!(told(&line).await, usize::from(commits));
        }
    }

    #[tokio::test]
    async fn a_transaction_that_the_disk_ended_does_not_spoil_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        let line = line(&folder).await;
        let mut begun = line.begin("begin").await.unwrap();
        begun.get().unwrap().execute("rollback").await.unwrap();
        assert!(begun.commit().await.is_err());
        let mut next = line.begin("begin immediate").await.unwrap();
        next.get().unwrap().execute("insert into told values (1)").await.unwrap();
        next.commit().await.unwrap();
        assert_eq!(told(&line).await, 1);
    }

    #[tokio::test]
    async fn closing_waits_for_what_runs_and_refuses_what_comes() {
        let folder = tempfile::tempdir().unwrap();
        let line = line(&folder).await;
        let begun = line.begin("begin").await.unwrap();
        let closing = line.close();
        tokio::pin!(closing);
        assert!(futures_util::poll!(&mut closing).is_pending(), "a transaction is open");
        begun.commit().await.unwrap();
        closing.await;
        assert!(matches!(line.take().await, Err(StoreError::Unavailable(_))));
    }
}
