//! What a hostile answer may cost: the server's memory, measured from outside while one platform at a time sends
//! bombs. The server is a process of its own, so that the simulator's bytes do not count.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use mediakit::domain::platform::Upstream;
use mediakit::platforms::{self, Settings};
use simulator::Scope;

use crate::desk::simulated;

/// What one fault may cost, in kilobytes.
const MOST_KB: u64 = 32 * 1024;
/// Faults whose bytes could pile up.
const HEAVY: [&str; 6] = [
    "body/gzip-bomb",
    "body/brotli-bomb",
    "body/json-10mb",
    "transport/endless-chunks",
    "transport/headers-64k",
    "schema/name-1mb",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_platform_costs_at_most_32_megabytes() {
    if !Path::new("/proc/self/clear_refs").exists() {
        println!("SKIPPED: this system does not tell a process's peak memory");
        return;
    }
    let (desk, sim) = simulated().await;
    let mara = sim.creators().into_iter().find(|creator| creator.key == "mara").unwrap();
    for (platform, handle) in &mara.handles {
        desk.run(&["handle", "set", platform, handle]).ends(0);
    }
    let (server, address) = desk.serve();
    let token = desk.token();
    refresh(&address, &token);
    for upstream in upstreams() {
        for fault in HEAVY {
            sim.clear();
            sim.set_fault(upstream.name, fault, Scope::default()).unwrap();
            let before = rest(server.id());
            refresh(&address, &token);
            let grown = peak(server.id()).saturating_sub(before);
            assert!(grown <= MOST_KB, "{} {fault}: grew by {grown} kB", upstream.name);
        }
    }
    server.kill();
}

/// Every host a refresh asks.
fn upstreams() -> Vec<Upstream> {
    let platforms = platforms::all(&Settings::default());
    platforms.iter().flat_map(|platform| platform.about().upstreams.iter().copied()).collect()
}

/// Presses the button and waits for the answer.
fn refresh(address: &str, token: &str) {
    let mut stream = TcpStream::connect(address).unwrap();
    let path = "/api/mediakit/refresh-social-stats";
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") || answer.starts_with("HTTP/1.1 502"), "{answer}");
}

/// Forgets the peak so far and gives the memory in use, in kilobytes.
fn rest(process: u32) -> u64 {
    std::fs::write(format!("/proc/{process}/clear_refs"), "5").unwrap();
    status(process, "VmRSS:")
}

/// The most memory in use since [`rest`], in kilobytes.
fn peak(process: u32) -> u64 {
    status(process, "VmHWM:")
}

fn status(process: u32, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}
