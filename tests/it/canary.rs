//! Nothing secret is ever written down: every fault on all platforms at once, every log line captured at the finest
//! level, every credential the simulator issued looked for in all of it.

use std::io::Write;
use std::process::Command;
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

/// What `./test canary` does, once for each form in which a secret may lie about.
#[test]
fn the_search_of_a_whole_run_finds_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let (issued, kept) = (folder.path().join("issued"), folder.path().join("kept"));
    let token = "a7Kx0QpLm3ZrT9vBn2WcYd8H";
    std::fs::write(&issued, format!("{token}\n{token}\n")).unwrap();
    std::fs::create_dir(&kept).unwrap();
    let search = |content: &str| {
        std::fs::write(kept.join("log"), [b"before\0\n", content.as_bytes(), b"\nafter"].concat()).unwrap();
        let mut search = Command::new("python3");
        search.args(["tests/checks/canary.py", "--issued"]).arg(&issued).arg("tests/canaries.txt").arg(&kept);
        search.output().map(|done| (done.status.code(), String::from_utf8(done.stdout).unwrap()))
    };
    let Ok((code, said)) = search("nothing to see") else {
        println!("SKIPPED: no python3 here; ./test canary needs it");
        return;
    };
    assert_eq!(code, Some(0), "{said}");
    let planted = "EAACANARYig1/kq7Wd+2mXpR0sLtYvZb";
    let hex = |text: &str| text.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    for secret in [token, planted] {
        let forms = [
            secret.to_owned(),
            STANDARD.encode(format!("Bearer {secret}")),
            STANDARD.encode(secret),
            hex(secret),
            url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
            secret[..12].to_owned(),
            secret[secret.len() - 8..].to_owned(),
        ];
        for form in forms {
            let (code, said) = search(&form).unwrap();
            assert_eq!(code, Some(1), "a form is not found: {said}");
            assert!(said.contains("log:2: shows") && !said.contains(&secret[..8]), "{said}");
        }
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
