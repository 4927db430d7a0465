//! The only "now". Everything that needs the time is handed a [`Clock`]; tests and simulations set it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Where the time comes from: the system, or a value a test moves.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's own clock.
    System,
    /// A clock that stands still until it is set (milliseconds since the Unix epoch).
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `start` until [`Clock::set`] moves it.
    pub fn fixed(start: Timestamp) -> Self {
        Self::Set(Arc::new(AtomicI64::new(start.as_millisecond())))
    }

    /// The current instant, to the millisecond.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Set(millis) => Timestamp::from_millisecond(millis.load(Ordering::SeqCst)).unwrap_or(Timestamp::MIN),
        }
    }

    /// Waits before another attempt at something. On a clock that stands nothing passes that could be waited for.
    pub fn pause(&self, duration: Duration) -> impl Future<Output = ()> + Send + use<> {
        let pause = matches!(self, Self::System).then(|| tokio::time::sleep(duration));
        async {
            if let Some(pause) = pause {
                pause.await;
            }
        }
    }

    /// Moves a fixed clock to `to`; the system's clock is left alone.
    pub fn set(&self, to: Timestamp) {
        if let Self::Set(millis) = self {
            millis.store(to.as_millisecond(), Ordering::SeqCst);
        }
    }

    /// Moves a fixed clock by `by`; the system's clock is left alone.
    pub fn advance(&self, by: SignedDuration) {
        if let Self::Set(millis) = self {
            millis.fetch_add(i64::try_from(by.as_millis()).unwrap_or(0), Ordering::SeqCst);
        }
    }
}
