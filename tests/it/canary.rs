//! Nothing secret is ever written down: every fault on all platforms at once, every log line captured at the finest
//! level, every credential the simulator issued looked for in all of it.

use std::io::Write;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use simulator::{Scope, faults};
use tracing_subscriber::fmt::MakeWriter;

use crate::api_server::Server;
use crate::harness::{Owner, World};

/// Everything that was logged.
#[derive(Clone, Default)]
pub struct Log(pub Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_written_down_whatever_goes_wrong() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone());
    tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
    for owner in [Owner::Everything, Owner::Little] {
        let world = World::new(owner).await;
        let server = Server::start(world.store.clone(), world.clock.clone(), world.refresher.clone()).await;
        let quick = faults().iter().filter(|fault| !slow(fault.name));
        for fault in quick {
            world.sim.clear();
            world.sim.set_fault("", fault.name, Scope::default()).unwrap();
            let report = world.refresh().await;
            let mut written = std::mem::take(&mut *log.0.lock().unwrap());
            write!(written, "{report:?}").unwrap();
            written.extend(server.get("/mediakit").await.body);
            written.extend(server.owner("POST", "/api/mediakit/refresh-social-stats", None).await.body);
            search(&world, &written, fault.name);
        }
        server.stop().await;
    }
}

/// Faults that only wait say nothing that others don't.
fn slow(fault: &str) -> bool {
    ["no-headers", "slow", "stalls"].iter().any(|part| fault.contains(part))
}

fn search(world: &World, written: &[u8], fault: &str) {
    let text = String::from_utf8_lossy(written);
    assert!(!text.is_empty(), "{fault}: nothing was captured");
    for token in world.sim.ledger().tokens {
        // The first characters betray the whole; nine bytes are whole groups of Base64.
        let start = &token.value[..9];
        let hex = start.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        for form in [start.to_owned(), STANDARD.encode(start), hex] {
            assert!(!text.contains(&form), "{fault}: a {:?} of {} was written down", token.kind, token.platform);
        }
    }
}
