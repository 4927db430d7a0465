//! Ways in which the program could be wrong, each a wrapper around a part of the real one.

use std::sync::Arc;

use mediakit::domain::alert::Alert;
use mediakit::platforms::Platform;

use crate::server::Server;
use crate::time::Secs;
use crate::world::World;

/// What differs from the real program.
pub struct Variant {
    pub name: &'static str,
    /// Stands between the program and a platform.
    pub platform: fn(Arc<dyn Platform>) -> Arc<dyn Platform>,
    /// By how much the program's clock differs from UTC.
    pub zone: fn(Secs) -> Secs,
    /// Runs when a server starts after so many days.
    pub at_start: fn(&Server, i64, &World),
    /// Runs when a server awakes whose lease is over.
    pub after_sleep: fn(&Server, &'static str),
    /// Whether somebody is told.
    pub tells: fn(&Alert) -> bool,
    /// Whether both servers call themselves the same, which is as good as no lease.
    pub one_holder: bool,
    /// Whether the file carries no generation.
    pub unmarked: bool,
}

/// The program as it is.
pub static SOUND: Variant = Variant {
    name: "sound",
    platform: |platform| platform,
    zone: |_| 0,
    at_start: |_, _, _| {},
    after_sleep: |_, _| {},
    tells: |_| true,
    one_holder: false,
    unmarked: false,
};

impl Variant {
    pub fn is_broken(&self) -> bool {
        self.name != SOUND.name
    }
}
