//! Everything that needs more than one part: one binary, so that it is built and linked once.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what it expects by failing

mod alerts;
mod api;
mod api_doors;
mod api_server;
mod audience;
mod authenticator;
mod backup;
mod bad_input;
mod browser;
mod canary;
mod check;
mod cli;
mod config;
mod data;
mod databases;
mod desk;
mod disk;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))] // the tracer knows these
mod disk_faults;
mod doors;
mod edge;
mod env_social;
mod export;
mod fault_matrix;
mod github_mirror;
mod google;
mod growth;
mod harness;
mod kept;
mod key_file;
mod kill;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))] // the tracer knows these
mod kill_renewal;
mod link_page;
mod load;
mod memory;
mod older_file;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))] // the tracer knows these
mod one_renewal;
mod outage;
mod panel;
mod paper;
mod passkeys;
mod public;
mod quick;
mod real_file;
mod recorded_answers;
mod refresh;
mod renewal;
mod rounds;
mod runner;
mod shared_vault;
mod store_story;
mod together;
mod token_cli;
mod token_desk;
mod token_faults;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))] // the tracer knows these
mod tracer;
mod twitch_and_x;
mod visits;
mod workflows;
