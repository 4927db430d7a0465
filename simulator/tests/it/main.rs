//! The simulator seen from outside: everything here goes over real sockets.

#![allow(clippy::unwrap_used, reason = "a test that can't go on stops")]

mod client;
mod control;
mod faults;
mod meanings;
mod meta;
mod numbers;
mod others;
mod tiktok;
mod tokens;
mod youtube;
